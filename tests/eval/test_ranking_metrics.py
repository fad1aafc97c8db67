"""Ranking metrics; expected values are the formulas of the docstring."""

from __future__ import annotations

from math import log2

import pytest

from eval.metrics.ranking import NAMES, first_seen, ranking_scores


def test_each_measure_is_its_formula() -> None:
    ranking = [7, 3, 9, 4, 1, 0]
    right = frozenset({3, 1, 8})  # at ranks 2 and 5; 8 is not ranked at all
    scores = ranking_scores({"q": ranking}, {"q": right})["q"]
    assert scores["recall@1"] == 0 / 3
    assert scores["recall@3"] == pytest.approx(1 / 3)
    assert scores["recall@5"] == pytest.approx(2 / 3)
    assert (scores["success@1"], scores["success@3"]) == (0, 1)
    assert scores["mrr"] == pytest.approx(1 / 2)
    ideal = 1 / log2(2) + 1 / log2(3) + 1 / log2(4)
    assert scores["ndcg@10"] == pytest.approx((1 / log2(3) + 1 / log2(6)) / ideal)
    assert set(scores) == set(NAMES)


def test_nothing_right_in_the_ranking_is_zero_and_no_right_items_is_unscored() -> None:
    scores = ranking_scores({"miss": [1, 2], "open": [1, 2]}, {"miss": frozenset({5}), "open": frozenset()})
    assert set(scores) == {"miss"}
    assert set(scores["miss"].values()) == {0.0}
    assert ranking_scores({}, {}) == {}


def test_order_counts_and_not_the_names_of_the_items() -> None:
    scores = ranking_scores({"a": [10, 9], "b": [9, 10]}, {"a": frozenset({10}), "b": frozenset({10})})
    assert (scores["a"]["mrr"], scores["b"]["mrr"]) == (1, 1 / 2)


def test_a_paragraph_is_ranked_by_its_best_sentence() -> None:
    assert first_seen([2, 0, 2, 1, 0]) == [2, 0, 1]
