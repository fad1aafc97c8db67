"""Figures over many answers, each None where nothing could be scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Protocol

import numpy as np

from eval.metrics.refusal import auc, calibration_error


class Scored(Protocol):
    """Anything that has scores by name."""

    @property
    def scores(self) -> Mapping[str, float | None]:
        """The scores; None is unscored."""


Compute = Callable[[Sequence[Scored]], float | None]


def values(rows: Iterable[Scored], score: str) -> list[float]:
    """The values of a score over the rows that have it."""
    return [value for row in rows if (value := row.scores.get(score)) is not None]


def mean(rows: Iterable[Scored], score: str) -> float | None:
    """Mean of a score over the rows that have it, None where none has."""
    found = values(rows, score)
    return fmean(found) if found else None


def pooled_precision(rows: Sequence[Scored]) -> float | None:
    """``right citations / citations`` over all answers together, so that long answers weigh more."""
    cited = sum(values(rows, "citations"))
    return sum(values(rows, "right citations")) / cited if cited else None


def confidences(rows: Iterable[Scored]) -> tuple[list[float], list[bool]]:
    """The confidences of the rows for which answering or refusing is right, and whether answering is."""
    pairs = [
        (value, row.scores.get("answered") is not None)
        for row in rows
        if (value := row.scores.get("confidence")) is not None
    ]
    return [value for value, _ in pairs], [truth for _, truth in pairs]


def percentile(found: Sequence[float], share: float) -> float | None:
    """The value that ``share`` of the values do not exceed, interpolated linearly; None without values."""
    return float(np.quantile(np.asarray(found), share)) if len(found) else None


@dataclass(frozen=True)
class Figure:
    """A figure: its name, how it is computed from rows (None: unscored), its goal by suite."""

    name: str
    compute: Compute
    goals: Mapping[str, float]
    at_least: bool = True

    def reached(self, value: float | None, suite: str) -> bool | None:
        """Whether the goal is reached; None without a value or a goal."""
        goal = self.goals.get(suite)
        if value is None or goal is None:
            return None
        return value >= goal if self.at_least else value <= goal


def _mean_of(score: str) -> Compute:
    return lambda rows: mean(rows, score)


def _refused(rows: Sequence[Scored]) -> float | None:
    value = mean(rows, "answered")
    return None if value is None else 1 - value


def _dropped(rows: Sequence[Scored]) -> float | None:
    written = sum(values(rows, "written"))
    return sum(values(rows, "dropped")) / written if written else None


FIGURES: tuple[Figure, ...] = (
    Figure("answerable: every fact in the answer", _mean_of("all facts"), {"report": 0.95, "made-up": 0.95}),
    Figure("not answerable: refused", _mean_of("refused"), {"report": 0.90, "made-up": 0.90}),
    Figure("answerable: refused", _refused, {"report": 0.03, "made-up": 0.03}, at_least=False),
    Figure(
        "answers that cite a right paragraph",
        _mean_of("right source"),
        {"report": 0.97, "made-up": 0.97, "squad": 0.90},
    ),
    Figure("citations that are right", pooled_precision, {"report": 0.90, "made-up": 0.90}),
    Figure("words of an answer, summaries aside", _mean_of("words"), {"report": 45.0, "made-up": 45.0}, at_least=False),
    Figure(
        "answerability, area under the curve",
        lambda r: auc(*confidences(r)),
        {"report": 0.93, "made-up": 0.93, "squad": 0.75},
    ),
    Figure("confidence, calibration error", lambda r: calibration_error(*confidences(r)), {}),
    Figure("sentences, MRR", _mean_of("sentence mrr"), {}),
    Figure("passages, success@1", _mean_of("passage success@1"), {}),
    Figure("follow-ups, retrieval kept by rewriting", _mean_of("rewriting"), {}),
    Figure("follow-ups, expected words in the rewritten question", _mean_of("rewriting terms"), {}),
    Figure("sentences of an LLM that verification dropped", _dropped, {}),
    Figure("SQuAD F1 of the emphasised span", _mean_of("span f1"), {}),
)


def show(value: float | None) -> str:
    """A figure for people: three decimals up to 1, else one; a dash where it is unscored."""
    if value is None:
        return "–"
    return f"{value:.3f}" if abs(value) <= 1 else f"{value:.1f}"
