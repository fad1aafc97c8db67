"""Is a difference between two runs more than the luck of the questions? Seeded throughout: the same runs give the
same verdict.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.stats import bootstrap, permutation_test

Floats = npt.NDArray[np.float64]

RESAMPLES = 9_999
SEED = 20_250_401
CONFIDENCE = 0.95


def cluster_sums(values: Sequence[float], clusters: Sequence[str]) -> Floats:
    """Sum of the values of each cluster (c,), clusters in order of first sight."""
    totals: dict[str, float] = {}
    for value, cluster in zip(values, clusters, strict=True):
        totals[cluster] = totals.get(cluster, 0.0) + value
    return np.array(list(totals.values()))


def paired_permutation(old: Sequence[float], new: Sequence[float], clusters: Sequence[str]) -> float:
    """p-value, one-sided, that the values of the same cases fell: a paired permutation test clustered by conversation.

    Under the null hypothesis the old and the new values of a conversation could as well have changed places, all of
    its turns together, since they share their beginnings. The statistic is the sum of ``new - old``; the p-value is
    the share of sign patterns over the conversations whose sum is as low, ``(b + 1) / (n + 1)`` where 9,999 patterns
    are drawn, exact where there are fewer (scipy's ``permutation_test``, permutation type "samples"; Good 2005).
    Conversations without a difference cannot change a sum and are left out. No difference at all gives 1.
    """
    drop = cluster_sums(np.subtract(new, old).tolist(), clusters)
    drop = drop[drop != 0]
    if len(drop) == 0:
        return 1.0

    def total(x: Floats, y: Floats, axis: int = -1) -> Floats:
        # Rounded: sums of the same numbers in another order must not differ in the last digit.
        return np.asarray(np.round(np.sum(x - y, axis=axis), 9))

    if len(drop) == 1:  # scipy wants two observations; the two patterns are easily counted
        return 0.5 if drop[0] < 0 else 1.0
    found = permutation_test(
        (drop, np.zeros_like(drop)),
        total,
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES,
        alternative="less",
        rng=np.random.default_rng(SEED),
    )
    return float(found.pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values corrected for how many there are (Holm 1979): for the i-th smallest of m, i from 0,
    ``max over j <= i of min(1, (m - j) p_j)``. A value at or below alpha keeps the family-wise error at alpha.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = highest
    return corrected


def mean_interval(
    values: Sequence[float], clusters: Sequence[str], *, confidence: float = CONFIDENCE, resamples: int = 2_000
) -> tuple[float, float] | None:
    """Confidence interval of the mean, by the percentile bootstrap over conversations (Efron and Tibshirani 1993).

    None for fewer than two conversations, which cannot be resampled.
    """
    sums, counts = cluster_sums(values, clusters), cluster_sums([1.0] * len(values), clusters)
    if len(sums) < 2:
        return None

    def ratio(s: Floats, n: Floats, axis: int = -1) -> Floats:
        return np.asarray(np.sum(s, axis=axis) / np.sum(n, axis=axis))

    found = bootstrap(
        (sums, counts),
        ratio,
        paired=True,
        vectorized=True,
        n_resamples=resamples,
        confidence_level=confidence,
        method="percentile",
        rng=np.random.default_rng(SEED),
    )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)
