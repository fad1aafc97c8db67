"""Figures and the tables of goals."""

from __future__ import annotations

from typing import Any

from eval.compare import changes, pick
from eval.figures import confidences, mean, percentile, pooled_precision, show
from eval.goals import failing, goal_table, kind_table
from eval.record import Row
from tests.eval.conftest import MakeRow, MakeRun


def test_a_mean_is_over_what_is_scored(make_row: MakeRow) -> None:
    rows = [make_row(scores={"facts": 1.0}), make_row(scores={"facts": 0.5}), make_row(scores={"facts": None})]
    assert mean(rows, "facts") == (1 + 0.5) / 2
    assert mean(rows, "words") is None


def test_pooled_precision_is_right_over_all_citations(make_row: MakeRow) -> None:
    rows = [make_row(scores={"citations": 3.0, "right citations": 1.0}),
            make_row(scores={"citations": 1.0, "right citations": 1.0}), make_row(scores={})]  # fmt: skip
    assert pooled_precision(rows) == (1 + 1) / (3 + 1)
    assert pooled_precision(rows[2:]) is None


def test_confidences_leave_open_questions_out(make_row: MakeRow) -> None:
    rows = [
        make_row(scores={"confidence": 0.9, "answered": 0.0}),
        make_row(scores={"confidence": 0.2, "refused": 1.0}),
        make_row(scores={"status": 1.0}),
    ]
    assert confidences(rows) == ([0.9, 0.2], [True, False])


def test_percentiles_are_interpolated() -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.5
    assert percentile([], 0.5) is None


def test_the_table_has_a_column_for_each_split_and_marks_what_is_reached(make_row: MakeRow) -> None:
    rows = [make_row("b/1", scores={"all facts": 1.0}), make_row("b/2", split="check", scores={"all facts": 0.0})]
    table = goal_table(rows, "report", "bundled")
    assert "| figure | goal | check (n=1) | fit (n=1) | all (n=2) |" in table
    assert "| answerable: every fact in the answer | ≥ 0.95 | 0.000 ✗ | 1.000 ✓ | 0.500 ✗ |" in table
    assert "refused" not in table  # nothing scores it: it is unscored and not zero


def test_the_table_of_kinds_says_which_share_passes(make_row: MakeRow) -> None:
    rows = [make_row("b/1"), make_row("b/2", wrong=("x",)), make_row("b/3", kind="why")]
    assert "| direct | 2 | 0.500 | 1.000 | – |" in kind_table(rows)


def test_failing_cases_are_listed_whole_and_without_times(make_row: MakeRow) -> None:
    row = make_row("b/2", wrong=("fact 1 of 1 missing",), before=("First?",), asked="When was it?", seconds=1.2345)
    text = failing([make_row("b/1"), row, make_row("b/3", text=None, error="ValueError: x", wrong=("raised",))])
    assert text.startswith("2 of 3 cases fail\nb/2 [direct, fit] fact 1 of 1 missing\n    before: First?\n")
    assert "    as: When was it?\n    A (answered, 0.90): The harbour opened in **1911**. [1]" in text
    assert "error: ValueError: x" in text
    assert "1.23" not in text


def test_changes_are_worse_better_or_different(make_row: MakeRow, make_run: MakeRun) -> None:
    def rows(*values: dict[str, Any]) -> list[Row]:
        return [make_row(f"b/{n}", **value) for n, value in enumerate(values)]

    old = make_run(*rows({}, {"scores": {"facts": 1.0}}, {}, {"wrong": ("x",)}, {}))
    new = make_run(*rows(
        {}, {"scores": {"facts": 0.5}, "text": "a"}, {"text": "b", "wrong": ("y",)}, {"text": "c"}, {"text": "d"},
    ))  # fmt: skip
    found = changes(old, new)
    names = {direction: [c.new.key for c in pick(found, direction)] for direction in ("worse", "better", "different")}
    assert names == {"worse": ["b/1", "b/2"], "better": ["b/3"], "different": ["b/4"]}


def test_figures_read_well() -> None:
    assert [show(value) for value in (None, 0.12345, 1.0, 44.44, -0.5)] == ["–", "0.123", "1.000", "44.4", "-0.500"]
