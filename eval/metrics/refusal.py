"""Whether the assistant knows what the report tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import mannwhitneyu

BINS = 10


def auc(confidence: Sequence[float], answerable: Sequence[bool]) -> float | None:
    """Area under the ROC curve of the confidence: ``P(c+ > c-) + P(c+ = c-) / 2`` over all pairs of an answerable and
    an unanswerable question (the Mann-Whitney statistic; Fawcett 2006). None where there is no such pair.
    """
    yes = [value for value, truth in zip(confidence, answerable, strict=True) if truth]
    no = [value for value, truth in zip(confidence, answerable, strict=True) if not truth]
    if not yes or not no:
        return None
    return float(mannwhitneyu(yes, no, method="asymptotic").statistic) / (len(yes) * len(no))


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of like confidence: how many, their mean confidence, the share that is answerable."""

    count: int
    confidence: float
    answerable: float


def reliability(confidence: Sequence[float], answerable: Sequence[bool], bins: int = BINS) -> list[Bin]:
    """The filled bins of a reliability diagram: ``bins`` equal widths over 0 to 1, a value on an edge in the upper one
    (1 in the last). Source: Guo et al. 2017.
    """
    values, truth = np.asarray(confidence, dtype=float), np.asarray(answerable, dtype=float)
    number = np.minimum((values * bins).astype(int), bins - 1)
    return [
        Bin(int(here.sum()), float(values[here].mean()), float(truth[here].mean()))
        for here in (number == b for b in range(bins))
        if here.any()
    ]


def calibration_error(confidence: Sequence[float], answerable: Sequence[bool], bins: int = BINS) -> float | None:
    """Expected calibration error: ``sum over bins of n_b / n * |share answerable_b - mean confidence_b|`` (Guo et al.
    2017, over :func:`reliability`). None where there are no questions.
    """
    if not confidence:
        return None
    total = len(confidence)
    return sum(b.count / total * abs(b.answerable - b.confidence) for b in reliability(confidence, answerable, bins))


def risk_coverage(confidence: Sequence[float], right: Sequence[bool]) -> list[tuple[float, float]]:
    """The risk-coverage curve: for each confidence that occurs, taken as threshold, ``(coverage, risk)``.

    ``coverage`` is the share of questions at or above it, ``risk`` the share of these that was answered wrongly.
    Source: El-Yaniv and Wiener 2010.
    """
    order = sorted(zip(confidence, right, strict=True), key=lambda pair: -pair[0])
    points: list[tuple[float, float]] = []
    wrong = 0
    for number, (value, ok) in enumerate(order, start=1):
        wrong += not ok
        if number == len(order) or order[number][0] != value:
            points.append((number / len(order), wrong / number))
    return points
