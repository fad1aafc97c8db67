"""What each part of the ranking and of the judgement is worth: ``python -m eval fit --ablation``.

Everything is fitted again without one part at a time, and asked the questions that nothing is fitted on: those of the
split "check" over each edition of the report at hand, and those over a made-up report that fitting never saw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from assistant.answerability import FEATURES, GAPS
from assistant.judgement import KIND_SIGNALS, Judge
from assistant.settings import Settings
from eval.fit.examples import Example, examples_of, open_judge
from eval.fit.weights import Fitted, Stacked, again, fit_stacked, with_projection, without
from eval.metrics.refusal import auc
from eval.targets import Target, Task
from index.encoder import Encoder
from index.projection import no_projection
from index.ranking import SIGNALS


def _begin_with(names: Sequence[str], *beginnings: str) -> frozenset[str]:
    return frozenset(name for name in names if name.startswith(beginnings))


# What is left out at a time: of the signals that rank, and of the features that tell whether the report answers.
_SIGNALS: Mapping[str, frozenset[str]] = {
    "cosines of sentence, passage and heading": frozenset(n for n in SIGNALS if n.endswith("cosine")),
    "late interaction (MaxSim)": _begin_with(SIGNALS, "maxsim"),
    "exact words found": _begin_with(SIGNALS, "found"),
    "BM25": _begin_with(SIGNALS, "bm25"),
    "the kind of answer": frozenset(KIND_SIGNALS),
}
_FEATURES: Mapping[str, frozenset[str]] = {
    "what is not covered": frozenset(GAPS),
    "what is essential": _begin_with(FEATURES, "essential"),
    "whether the thing asked for is there": _begin_with(FEATURES, "no_", "figure_elsewhere", "focus", "has_focus"),
    "how the ranking looks": frozenset({"gap", "top_score", "entropy", "cosine_lead", "cosine_spread"}),
}


@dataclass(frozen=True)
class Asked:
    """Questions over one target that nothing is fitted on, with a judge of its words as they are."""

    name: str
    group: str
    judge: Judge
    examples: Sequence[Example]


def is_check(task: Task) -> bool:
    """Whether a task is one that nothing is fitted on."""
    return task.case.split == "check"


def ask(group: str, target: Target, encoder: Encoder) -> Asked:
    """The questions of the split "check" over a target of a group."""
    judge, normalise = open_judge(target, encoder, Settings().passage_tokens)
    tasks = [task for task in target.tasks if is_check(task)]
    return Asked(target.name, group, judge, examples_of(target, judge, normalise, tasks))


def ablation(
    examples: Mapping[str, Sequence[Example]],
    judges: Mapping[str, Judge],
    stacked: Stacked,
    fitted: Fitted,
    asked: Sequence[Asked],
) -> Iterator[str]:
    """The lines of a Markdown table, each as soon as it is measured.

    For each group of texts the share of answerable questions whose best sentence is of a right paragraph, and the area
    under the curve of answerability (the mean over its texts), with all that is ``fitted`` and without each part.
    """
    plain = Stacked(
        no_projection(next(iter(judges.values())).retriever.encoder.dimension),
        [(judges[name], found) for name, found in examples.items()],
    )
    flattered = Stacked(stacked.projection, _seen(examples, judges, stacked))
    rows: dict[str, Callable[[], Fitted]] = {
        "everything": lambda: fitted,
        **{f"without {name}": partial(without, fitted, out) for name, out in _FEATURES.items()},
        "without tuning the encoder's upper layers": lambda: fit_stacked(stacked, tune=False),
        "without comparing words (the interaction)": lambda: fit_stacked(stacked, compare=False),
        **{f"and without {name}": partial(fit_stacked, stacked, out, compare=False) for name, out in _SIGNALS.items()},
        "and without the learned projection": lambda: fit_stacked(plain, compare=False),
        "and without setting questions aside": lambda: fit_stacked(flattered, compare=False),
    }
    groups = list(dict.fromkeys(one.group for one in asked))
    yield "| | " + " | ".join(f"{group}: right paragraph | AUC" for group in groups) + " |"
    yield "|---" * (1 + 2 * len(groups)) + "|"
    for name, fit in rows.items():
        row = fit()
        found = {one.name: _figures(one, row) for one in asked}
        means = [np.mean([found[one.name] for one in asked if one.group == group], axis=0) for group in groups]
        yield f"| {name} | " + " | ".join(f"{figure:.3f}" for mean in means for figure in mean) + " |"


def _seen(
    examples: Mapping[str, Sequence[Example]], judges: Mapping[str, Judge], stacked: Stacked
) -> list[tuple[Judge, list[Example]]]:
    """The examples as the projection that was learned from them sees them."""
    projected = {name: with_projection(judges[name], stacked.projection) for name in examples}
    return [(projected[name], [again(projected[name], e) for e in found]) for name, found in examples.items()]


def _figures(asked: Asked, fitted: Fitted) -> tuple[float, float]:
    judge = fitted.judge(asked.judge)
    right: list[bool] = []
    sure: list[float] = []
    for example in asked.examples:
        judged = judge.judge(example.question)
        sure.append(judge.probability(judged))
        if example.gold.any():
            numbers = judged.evidence.sentences
            paragraphs = {judge.paragraph(int(number)) for number in numbers[example.gold]}
            right.append(judge.paragraph(int(numbers[judged.order[0]])) in paragraphs)
    return float(np.mean(right)), auc(sure, [example.answerable for example in asked.examples]) or float("nan")
