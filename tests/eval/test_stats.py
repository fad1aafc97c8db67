"""The statistics of the gate."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from eval.stats import RESAMPLES, cluster_sums, holm, mean_interval, paired_permutation


def exact_p(drops: list[float]) -> float:
    """All sign patterns, counted."""
    sums = [sum(s * d for s, d in zip(signs, drops, strict=True)) for signs in product((1, -1), repeat=len(drops))]
    return float(np.mean(np.array(sums) <= sum(drops) + 1e-9))


@pytest.mark.parametrize("drops", [[-1.0, -1.0, -1.0], [-1.0, 1.0, -0.5, -0.5], [0.5, 1.0], [-1.0], [1.0]])
def test_the_p_value_is_the_share_of_sign_patterns_with_as_low_a_sum(drops: list[float]) -> None:
    names = [str(i) for i in range(len(drops))]
    assert paired_permutation([1.0] * len(drops), [1 + d for d in drops], names) == pytest.approx(exact_p(drops))


def test_cases_without_a_difference_change_nothing() -> None:
    old, new = [1.0] * 50, [0.0] * 4 + [1.0] * 46
    assert paired_permutation(old, new, [str(i) for i in range(50)]) == pytest.approx(1 / 2**4)
    assert paired_permutation(old, old, [str(i) for i in range(50)]) == 1


def test_the_turns_of_a_conversation_count_as_one() -> None:
    old, new = [1.0] * 8, [0.0] * 8
    assert paired_permutation(old, new, list("aaaabbbb")) == pytest.approx(1 / 2**2)
    assert paired_permutation(old, new, list("abcdefgh")) == pytest.approx(1 / 2**8)


def test_many_conversations_are_sampled_and_always_the_same() -> None:
    rng = np.random.default_rng(3)
    old = rng.random(80).tolist()
    new = rng.random(80).tolist()
    names = [str(i) for i in range(80)]
    first = paired_permutation(old, new, names)
    assert first == paired_permutation(old, new, names)
    assert 1 / (RESAMPLES + 1) <= first <= 1
    assert paired_permutation([1.0] * 80, [0.0] * 80, names) == pytest.approx(1 / (RESAMPLES + 1))


def test_noise_alone_is_called_worse_no_more_often_than_agreed() -> None:
    rng = np.random.default_rng(11)
    names = [str(i) for i in range(40)]
    p_values = [
        paired_permutation(rng.integers(0, 2, 40).tolist(), rng.integers(0, 2, 40).tolist(), names) for _ in range(100)
    ]
    # At a true rate of 0.05, 13 or more of 100 come about less than once in a thousand times.
    assert sum(p <= 0.05 for p in p_values) < 13


def test_holm_multiplies_the_smallest_by_all_and_never_falls() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([3 * 0.01, max(2 * 0.03, 1 * 0.04), 2 * 0.03])
    assert holm([0.5, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


def test_cluster_sums_keep_the_order_of_first_sight() -> None:
    assert cluster_sums([1, 2, 3, 4], ["b", "a", "b", "c"]).tolist() == [4, 2, 4]


def test_the_interval_holds_the_mean_and_is_wider_for_whole_conversations() -> None:
    values = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0] * 4
    single = mean_interval(values, [str(i) for i in range(32)])
    grouped = mean_interval(values, [str(i // 4) for i in range(32)])
    assert single is not None
    assert grouped is not None
    assert single[0] < 0.5 < single[1]
    assert grouped[0] < single[0]
    assert grouped[1] > single[1]
    assert mean_interval([1.0, 0.0], ["a", "a"]) is None
