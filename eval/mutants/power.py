"""What the gate would notice: its power at the number of cases there are, by simulation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eval.gate import ALPHA, GATED
from eval.record import Row
from eval.stats import paired_permutation

METRICS = ("status", "all facts", "right source", "answered", "refused")
DROPS = (0.0, 0.02, 0.04, 0.06, 0.08, 0.10, 0.15)
CHURN = 0.02
RUNS = 100


def power(rows: Sequence[Row], metric: str, drop: float, runs: int = RUNS, seed: int = 0) -> float | None:
    """Share of simulated changes for the worse that the test of a metric notices; None where no case scores it.

    A change makes cases that scored more than 0 score 0, each with the probability ``drop``; beside that, 2%
    change either way, one half of them down and the other up where there are cases to go up, as an honest change does.
    Noticed means ``p <= 0.05 / m`` for the ``m`` gated metrics:
    what Holm asks of the smallest p-value, so the power given is a lower bound.
    """
    scored = [(value, row.conversation) for row in rows if (value := row.scores.get(metric)) is not None]
    if not scored:
        return None
    old = np.array([value for value, _ in scored])
    clusters = [name for _, name in scored]
    rng = np.random.default_rng(seed)
    noticed = 0
    for _ in range(runs):
        new = old.copy()
        high, low = rng.permutation(np.flatnonzero(old > 0)), rng.permutation(np.flatnonzero(old == 0))
        new[low[: rng.binomial(len(old), CHURN / 2)]] = 1.0
        new[high[: rng.binomial(len(old), CHURN / 2) + rng.binomial(len(old), drop)]] = 0.0
        noticed += paired_permutation(old.tolist(), new.tolist(), clusters) <= ALPHA / len(GATED)
    return noticed / runs


def power_table(rows: Sequence[Row], runs: int = RUNS) -> str:
    """The power in Markdown: a row a metric, a column for each share of cases made worse; 0% is false alarms."""
    lines = [
        "| metric | cases | " + " | ".join(f"{drop:.0%}" for drop in DROPS) + " |",
        "|---" * (2 + len(DROPS)) + "|",
    ]
    for metric in METRICS:
        count = sum(row.scores.get(metric) is not None for row in rows)
        found = [power(rows, metric, drop, runs) for drop in DROPS]
        cells = " | ".join("–" if value is None else f"{value:.2f}" for value in found)
        lines.append(f"| {metric} | {count} | {cells} |")
    return "\n".join(lines) + "\n"
