"""What is fitted, on examples: the ranking's weights, those of the kinds of answer, and the answerability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
import numpy.typing as npt

from assistant.answerability import FEATURES, Logistic
from assistant.judgement import KIND_SIGNALS, Judge, Tuning, fitted_tuning
from assistant.settings import Settings
from eval.fit.examples import Example, examples_of, open_judge, strangers_of
from eval.fit.optimise import Doubles, fit_logistic, fit_ranking
from eval.fit.projection import learn_projection
from eval.suites import EDITIONS
from eval.targets import Target
from index.encoder import Encoder
from index.projection import Projection
from index.ranking import SIGNALS, Weights, compact
from index.retriever import Retriever

# What one question of another text weighs against one of the report's: there are ten times as many of them.
OTHER_RANKING, OTHER_ANSWERABLE = 0.33, 0.02
L2_RANKING, L2_ANSWERABLE = 2e-3, 2e-2
# Deviations are not let below this: a feature that is nearly always the same would get a huge slope.
LEAST_DEVIATION = 0.03
FOLDS = 4


def gather(
    targets: Sequence[Target], encoder: Encoder, reports: frozenset[str]
) -> tuple[dict[str, Judge], dict[str, list[Example]]]:
    """A judge and the examples of each target; of those named in ``reports`` only the cases of the split "fit".

    To these come, for each target, questions of the others that are not editions of the same report.
    """
    judges: dict[str, Judge] = {}
    examples: dict[str, list[Example]] = {}
    for target in targets:
        judge, normalise = open_judge(target, encoder, Settings().passage_tokens)
        tasks = [task for task in target.tasks if task.case.split == "fit" or target.name not in reports]
        judges[target.name] = judge
        others = [other for other in targets if not {target.name, other.name} <= EDITIONS and other is not target]
        strangers = strangers_of(target, judge, normalise, others)
        examples[target.name] = [*examples_of(target, judge, normalise, tasks), *strangers]
    return judges, examples


@dataclass(frozen=True)
class Fitted:
    """All that is fitted."""

    projection: Projection
    ranking: Weights
    tuning: Tuning


@dataclass(frozen=True)
class Stacked:
    """A projection learned from all examples, and each example judged through one that was learned without it.

    What a projection gives for the questions that it was learned from flatters; so all else is fitted on these (stacked
    generalisation, Wolpert 1992).
    """

    projection: Projection
    judged: Sequence[tuple[Judge, Sequence[Example]]]


def fit_on(examples: Mapping[str, Sequence[Example]], judges: Mapping[str, Judge], reports: frozenset[str]) -> Fitted:
    """What is fitted on examples by target, of judges over words that were not projected.

    ``reports`` names the targets that are no SQuAD article.
    """
    return fit_stacked(stack(examples, judges, reports), reports)


def stack(examples: Mapping[str, Sequence[Example]], judges: Mapping[str, Judge], reports: frozenset[str]) -> Stacked:
    """Learn a projection from all examples, and one from those of all folds but one for each fold."""
    judged: list[tuple[Judge, list[Example]]] = []
    for fold in range(FOLDS):
        kept = {name: [e for e in found if _fold_of(e) != fold] for name, found in examples.items()}
        without = _learn({name: found for name, found in kept.items() if found}, judges, reports)
        for name, found in examples.items():
            judge = with_projection(judges[name], without)
            judged.append((judge, [again(judge, e) for e in found if _fold_of(e) == fold]))
    return Stacked(_learn(examples, judges, reports), judged)


def fit_stacked(
    stacked: Stacked,
    reports: frozenset[str],
    signals: frozenset[str] = frozenset(),
    features: frozenset[str] = frozenset(),
) -> Fitted:
    """The ranking and the answerability over stacked examples, without these signals and these features."""
    ordered = [example for _, found in stacked.judged for example in found]
    ranking, kinds = _fit_weights(ordered, reports, signals)
    rows = np.concatenate([_rejudged(judge, found, ranking, kinds) for judge, found in stacked.judged if found])
    answerable = _fit_answerable(ordered, rows, reports, features)
    tuning = replace(fitted_tuning(), kind_weights=kinds.astype(np.float32), answerable=answerable)
    return Fitted(stacked.projection, ranking, tuning)


def _learn(
    examples: Mapping[str, Sequence[Example]], judges: Mapping[str, Judge], reports: frozenset[str]
) -> Projection:
    return learn_projection({name: judges[name].retriever.index for name in examples}, examples, reports)


def _fold_of(example: Example) -> int:
    """The same for all turns of a conversation, and over every edition."""
    return crc32(example.task.case.conversation.encode()) % FOLDS


def with_projection(judge: Judge, projection: Projection) -> Judge:
    """The judge of an index whose words were not projected, with them projected."""
    retriever = judge.retriever
    words = retriever.index.word_vectors.astype(np.float32) * retriever.index.word_scales[:, None]
    bits, scales = compact(projection.project(words))
    index = replace(retriever.index, word_vectors=bits, word_scales=scales)
    return Judge(Retriever(index, retriever.encoder, projection=projection), judge.tuning)


def again(judge: Judge, example: Example) -> Example:
    """The example as another judge of the same report sees it."""
    judged = judge.judge(example.question, example.evidence.encoding)
    if not np.array_equal(judged.evidence.sentences, example.evidence.sentences):
        raise AssertionError("the candidates of a question do not depend on the projection")
    return replace(example, evidence=judged.evidence, kind_signals=judged.kind_signals, features=judged.features)


def _standardise(rows: Sequence[npt.NDArray[np.float32]]) -> tuple[Doubles, Doubles]:
    stacked = np.concatenate(rows).astype(np.float64)
    return stacked.mean(axis=0), np.maximum(stacked.std(axis=0), LEAST_DEVIATION)


def _fit_weights(
    examples: Sequence[Example], reports: frozenset[str], left_out: frozenset[str]
) -> tuple[Weights, Doubles]:
    """The ranking's weights and those of the kinds of answer (k,)."""
    kept = np.array([name not in left_out for name in (*SIGNALS, *KIND_SIGNALS)])
    mean, deviation = _standardise([example.signals for example in examples])
    questions = [((e.signals - mean) / deviation * kept, e.gold) for e in examples if e.answerable]
    weights = [1.0 if e.target in reports else OTHER_RANKING for e in examples if e.answerable]
    beta = fit_ranking(questions, weights, L2_RANKING)
    s = len(SIGNALS)
    ranking = Weights(*(part[:s].astype(np.float32) for part in (mean, deviation, beta)))
    return ranking, beta[s:] / deviation[s:]


def _fit_answerable(
    examples: Sequence[Example], rows: Doubles, reports: frozenset[str], left_out: frozenset[str]
) -> Logistic:
    """The logistic regression over the features ``rows`` (n, f) of the examples."""
    ours = np.array([e.target in reports for e in examples])
    mean = rows[ours].mean(axis=0)
    deviation = np.maximum(rows[ours].std(axis=0), LEAST_DEVIATION)
    kept = np.array([name not in left_out for name in FEATURES])
    standard = np.clip((rows - mean) / deviation, -5, 5) * kept
    weights = np.where(ours, 1.0, OTHER_ANSWERABLE)
    beta, intercept = fit_logistic(standard, np.array([e.answerable for e in examples]), weights, L2_ANSWERABLE)
    mean32, deviation32, beta32 = (part.astype(np.float32) for part in (mean, deviation, beta))
    return Logistic(mean32, deviation32, beta32, intercept)


def _rejudged(judge: Judge, examples: Sequence[Example], fitted: Weights, kinds: Doubles) -> Doubles:
    """The features (n, f) of the examples under other weights."""
    tuning = replace(judge.tuning, kind_weights=kinds.astype(np.float32))
    again = Judge(judge.retriever, tuning)
    rows = [
        again.weigh(e.question, replace(e.evidence, scores=fitted.score(e.evidence.signals)), e.kind_signals).features
        for e in examples
    ]
    return np.array(rows, dtype=np.float64)
