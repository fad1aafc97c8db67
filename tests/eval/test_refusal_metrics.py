"""Refusal metrics; expected values are the formulas."""

from __future__ import annotations

from itertools import product

import pytest

from eval.metrics.refusal import Bin, auc, calibration_error, reliability, risk_coverage


def test_auc_is_the_share_of_pairs_in_order_ties_half() -> None:
    yes, no = [0.9, 0.5, 0.5], [0.5, 0.1]
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a, b in product(yes, no)]
    assert auc([*yes, *no], [True] * 3 + [False] * 2) == pytest.approx(sum(pairs) / len(pairs))


def test_auc_without_a_pair_is_unscored() -> None:
    assert auc([0.5, 0.7], [True, True]) is None
    assert auc([], []) is None


def test_reliability_bins_are_of_equal_width() -> None:
    assert reliability([0.05, 0.1, 0.19, 1.0], [False, True, False, True]) == [
        Bin(1, 0.05, 0.0),
        Bin(2, (0.1 + 0.19) / 2, 1 / 2),
        Bin(1, 1.0, 1.0),
    ]


def test_calibration_error_weighs_bins_by_their_size() -> None:
    confidence, truth = [0.9, 0.9, 0.9, 0.2], [True, True, False, False]
    assert calibration_error(confidence, truth) == pytest.approx(3 / 4 * abs(2 / 3 - 0.9) + 1 / 4 * abs(0 - 0.2))
    assert calibration_error([], []) is None


def test_risk_coverage_has_a_point_for_each_threshold() -> None:
    curve = risk_coverage([0.9, 0.8, 0.8, 0.1], [True, False, True, False])
    assert curve == [(1 / 4, 0 / 1), (3 / 4, 1 / 3), (4 / 4, 2 / 4)]
