"""The figures of the pages: metrics with intervals, slices, latency, curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eval.figures import FIGURES, confidences, mean, percentile, values
from eval.metrics.ranking import DEPTHS
from eval.metrics.refusal import reliability, risk_coverage
from eval.pages.plots import Series
from eval.record import Row
from eval.stats import mean_interval

SHARES = (
    "status", "answered", "refused", "facts", "all facts", "no forbidden", "right source", "citation precision",
    "citation recall", "exact", "brier kept", "rewriting",
    "rewriting terms", "f1", "em", "span f1",
)  # fmt: skip
RANKS = tuple(
    f"{what} {measure}" for what in ("passage", "sentence") for measure in ("success@1", "recall@5", "mrr", "ndcg@10")
)
LENGTHS = ("words", "summary words", "refusal words")
SLICED = ("status", "all facts", "right source", "citation precision", "passage mrr", "words")


@dataclass(frozen=True)
class Metric:
    """A metric over a run: how many cases score it, its mean, and the mean's 95% confidence interval."""

    name: str
    cases: int
    value: float
    interval: tuple[float, float] | None


def metrics(rows: Sequence[Row]) -> list[Metric]:
    """Every metric that a case scores; what no case scores is left out, it is unscored and not zero."""
    found = []
    for name in (*SHARES, *RANKS, *LENGTHS):
        scored = [(value, row.conversation) for row in rows if (value := row.scores.get(name)) is not None]
        if scored:
            numbers, clusters = zip(*scored, strict=True)
            found.append(Metric(name, len(scored), sum(numbers) / len(scored), mean_interval(numbers, clusters)))
    return found


def goals(rows: Sequence[Row], suite: str) -> list[tuple[str, str, float | None, bool | None]]:
    """The goals' rows: name, goal, value, whether it is reached."""
    found: list[tuple[str, str, float | None, bool | None]] = []
    for figure in FIGURES:
        value = figure.compute(rows)
        goal = figure.goals.get(suite)
        wanted = "" if goal is None else f"{'≥' if figure.at_least else '≤'} {goal:g}"
        if value is not None:
            found.append((figure.name, wanted, value, figure.reached(value, suite)))
    return found


def slices(rows: Sequence[Row]) -> dict[str, list[tuple[str, int, float, list[float | None]]]]:
    """By kind, topic, turn, split and text: name, number of cases, share that passes, the sliced metrics."""
    groups: dict[str, list[str]] = {
        "kind": [row.kind for row in rows],
        "topic": [row.topic for row in rows],
        "turn": [f"turn {row.turn}" for row in rows],
        "split": [row.split for row in rows],
        "report": [row.target for row in rows],
    }
    tables = {}
    for title, names in groups.items():
        table = []
        for name in sorted(set(names)):
            group = [row for row, own in zip(rows, names, strict=True) if own == name]
            passed = sum(not row.wrong for row in group) / len(group)
            table.append((name, len(group), passed, [mean(group, metric) for metric in SLICED]))
        tables[title] = table
    return tables


def latency(rows: Sequence[Row]) -> list[tuple[str, float, float]]:
    """Milliseconds by stage: name, median, 95th percentile; "ask" is the whole call as the caller sees it."""
    stages: dict[str, list[float]] = {"ask": [row.seconds for row in rows if row.seconds > 0]}
    for row in rows:
        for stage, seconds in row.timings.items():
            stages.setdefault(stage, []).append(seconds)
    found = []
    for stage, taken in stages.items():
        middle, high = percentile(taken, 0.5), percentile(taken, 0.95)
        if middle is not None and high is not None:
            found.append((stage, middle * 1000, high * 1000))
    return found


def reliability_series(rows: Sequence[Row], name: str) -> Series:
    """Mean confidence against the share that the report answers, by bins of confidence."""
    return Series(name, [(b.confidence, b.answerable) for b in reliability(*confidences(rows))])


def risk_series(rows: Sequence[Row], name: str) -> Series:
    """Coverage against risk, answering above each confidence that occurs; right is an answer that passes its case."""
    scored = [row for row in rows if row.scores.get("confidence") is not None]
    right = [row.status == "answered" and not row.wrong for row in scored]
    return Series(name, risk_coverage(values(scored, "confidence"), right))


def recall_series(rows: Sequence[Row], what: str, name: str) -> Series:
    """Recall at each depth, of passages or of sentences."""
    found = [(float(k), mean(rows, f"{what} recall@{k}")) for k in DEPTHS]
    return Series(name, [(k, value) for k, value in found if value is not None])
