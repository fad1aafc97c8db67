"""``python -m eval fit``: fits the ranking and the answerability, and writes the files that ship.

On the report's cases of the split "fit" over every edition at hand and, where ``--data`` names a file in SQuAD's
format, on its questions too, which keep the weights from suiting one report alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.answerability import FEATURES, Logistic
from assistant.judgement import KIND_SIGNALS, Judge, Tuning, fitted_tuning
from assistant.settings import Settings
from eval.fit.examples import Example, examples_of, open_judge
from eval.fit.optimise import Doubles, fit_logistic, fit_ranking
from eval.suites import Scope, load_suite
from index.onnx import OnnxEncoder
from index.ranking import SIGNALS, Weights

RANKING = Path(__file__).parents[2] / "index" / "data" / "ranking.json"
ANSWERING = Path(__file__).parents[2] / "assistant" / "data" / "answering.json"
# What one question of another text weighs against one of the report's: there are ten times as many of them.
OTHER_RANKING, OTHER_ANSWERABLE = 0.33, 0.02
L2_RANKING, L2_ANSWERABLE = 2e-3, 2e-2
# Deviations are not let below this: a feature that is nearly always the same would get a huge slope.
LEAST_DEVIATION = 0.03


@dataclass(frozen=True)
class Fitted:
    """What was fitted, as it goes into the files."""

    ranking: Weights
    kinds: Doubles
    answerable: Logistic


def standardise(rows: Sequence[npt.NDArray[np.float32]]) -> tuple[Doubles, Doubles]:
    """The mean and the deviation of each column over all rows."""
    stacked = np.concatenate(rows).astype(np.float64)
    return stacked.mean(axis=0), np.maximum(stacked.std(axis=0), LEAST_DEVIATION)


def fit_weights(examples: Sequence[Example], report_names: frozenset[str]) -> tuple[Weights, Doubles]:
    """The ranking's weights and those of the kinds of answer."""
    mean, deviation = standardise([example.signals for example in examples])
    questions = [((e.signals - mean) / deviation, e.gold) for e in examples if e.answerable]
    weights = [1.0 if e.target in report_names else OTHER_RANKING for e in examples if e.answerable]
    beta = fit_ranking(questions, weights, L2_RANKING)
    s = len(SIGNALS)
    ranking = Weights(*(part[:s].astype(np.float32) for part in (mean, deviation, beta)))
    return ranking, beta[s:] / deviation[s:]


def fit_answerable(examples: Sequence[Example], rows: Doubles, report_names: frozenset[str]) -> Logistic:
    """The logistic regression over the features ``rows`` (n, f) of the examples."""
    ours = np.array([e.target in report_names for e in examples])
    mean = rows[ours].mean(axis=0)
    deviation = np.maximum(rows[ours].std(axis=0), LEAST_DEVIATION)
    standard = np.clip((rows - mean) / deviation, -5, 5)
    weights = np.where(ours, 1.0, OTHER_ANSWERABLE)
    beta, intercept = fit_logistic(standard, np.array([e.answerable for e in examples]), weights, L2_ANSWERABLE)
    mean32, deviation32, beta32 = (part.astype(np.float32) for part in (mean, deviation, beta))
    return Logistic(mean32, deviation32, beta32, intercept)


def rejudged(judge: Judge, examples: Sequence[Example], fitted: Weights, kinds: Doubles) -> Doubles:
    """The features (n, f) of the examples under other weights."""
    tuning = replace(judge.tuning, kind_weights=kinds.astype(np.float32))
    again = Judge(judge.retriever, tuning)
    rows = [
        again.weigh(e.question, replace(e.evidence, scores=fitted.score(e.evidence.signals)), e.kind_signals).features
        for e in examples
    ]
    return np.array(rows, dtype=np.float64)


def run(data: Path | None) -> str:
    """Fit and write; returns what to tell the user."""
    targets = load_suite(Scope(edition="both"))
    report_names = frozenset(target.name for target in targets)
    if data is not None:
        targets += load_suite(Scope(suite="squad", data=data))
    encoder = OnnxEncoder(Settings().model, Settings().cache_dir)
    examples: list[Example] = []
    judges: dict[str, Judge] = {}
    for target in targets:
        judge, normalise = open_judge(target, encoder, Settings().passage_tokens)
        judges[target.name] = judge
        tasks = [t for t in target.tasks if t.case.split == "fit" or target.name not in report_names]
        examples += examples_of(target, judge, normalise, tasks)
    ranking, kinds = fit_weights(examples, report_names)
    rows = np.concatenate(
        [rejudged(judges[name], [e for e in examples if e.target == name], ranking, kinds) for name in judges]
    )
    ordered = [e for name in judges for e in examples if e.target == name]
    answerable = fit_answerable(ordered, rows, report_names)
    write(ranking, kinds, answerable, fitted_tuning())
    return f"fitted on {len(examples)} questions over {len(targets)} texts; wrote {RANKING.name} and {ANSWERING.name}"


def write(ranking: Weights, kinds: Doubles, answerable: Logistic, tuning: Tuning) -> None:
    """Write the two files; what is chosen rather than fitted stays as it is."""
    table = {n: _row(ranking.mean[i], ranking.deviation[i], ranking.weight[i]) for i, n in enumerate(SIGNALS)}
    RANKING.write_text(json.dumps({"signals": table}, indent=1) + "\n", encoding="utf-8")
    features = {
        n: _row(answerable.mean[i], answerable.deviation[i], answerable.weight[i]) for i, n in enumerate(FEATURES)
    }
    choices = ("threshold", "off_topic", "more_gap", "more_gap_list", "redundant")
    data = {
        "kinds": {name: round(float(kinds[i]), 4) for i, name in enumerate(KIND_SIGNALS)},
        "answerable": features,
        "intercept": round(answerable.intercept, 4),
        "choices": {name: getattr(tuning, name) for name in choices},
    }
    ANSWERING.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def _row(*values: float) -> list[float]:
    return [round(float(value), 5) for value in values]
