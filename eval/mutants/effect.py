"""What a damage really does, measured on more cases than the gate asks and whatever the gate says.

A damage *worsens* the answers where something happens that never may (a crash, an inexact citation, a forbidden fact,
another answer to the same question) and did not before, or where a metric's mean falls by at least a twentieth of what
it was and the confidence interval of that fall, by the bootstrap over conversations, leaves 0 out; 95% for all metrics
together, each one's level after Bonferroni. The cases are all there are, held-out ones included, over both editions of
the report; a conversation is one cluster in both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.gate import ALPHA, GATED
from eval.record import Row
from eval.stats import mean_interval

LEAST = 0.05
"""The least fall that counts, as a share of the undamaged mean."""
RESAMPLES = 9_999


@dataclass(frozen=True)
class Effect:
    """A fall of a metric, as a share of its undamaged mean, with its confidence interval; all positive is worse."""

    metric: str
    fall: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.metric} worse by {self.fall:.0%} [{self.low:.0%}, {self.high:.0%}]"


def effects(old: Sequence[Row], new: Mapping[str, Row]) -> list[Effect]:
    """The gated metrics that worsened, the one that fell furthest first."""
    found = [effect for metric, sign in GATED.items() if (effect := _effect(metric, sign, old, new)) is not None]
    return sorted(found, key=lambda effect: -effect.fall)


def _effect(metric: str, sign: int, old: Sequence[Row], new: Mapping[str, Row]) -> Effect | None:
    before: list[float] = []
    falls: list[float] = []
    clusters: list[str] = []
    for row in old:
        a, b = row.scores.get(metric), new[row.key].scores.get(metric)
        if a is not None and b is not None:
            before.append(a)
            falls.append(sign * (a - b))
            clusters.append(row.conversation.partition("/")[2])
    whole = sum(before)
    if not whole or sum(falls) < LEAST * whole:
        return None
    found = mean_interval(falls, clusters, confidence=1 - ALPHA / len(GATED), resamples=RESAMPLES)
    if found is None or found[0] <= 0:
        return None
    mean = whole / len(before)
    return Effect(metric, sum(falls) / whole, found[0] / mean, found[1] / mean)


def intolerable(old: Sequence[Row], new: Mapping[str, Row]) -> dict[str, int]:
    """What may never happen and did not happen before, and in how many cases it does now."""
    counts = {"crash": 0, "inexact citation": 0, "forbidden fact": 0}
    for row in old:
        after = new[row.key]
        counts["crash"] += after.error is not None and row.error is None
        for name, metric in (("inexact citation", "exact"), ("forbidden fact", "no forbidden")):
            counts[name] += after.scores.get(metric) == 0 and row.scores.get(metric) != 0
    return {name: count for name, count in counts.items() if count}
