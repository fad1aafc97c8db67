"""The gate's verdicts."""

from __future__ import annotations

from typing import Any

import pytest

from eval.gate import PASSED, WORSE, BaselineMisfit, judge
from eval.record import Row, Run
from tests.eval.conftest import MakeRow, MakeRun


def rows(make_row: MakeRow, count: int, bad: int = 0, score: str = "all facts", **values: Any) -> list[Row]:
    """So many rows, the first ``bad`` of them with a zero for the score."""
    return [
        make_row(f"bundled/a-{n}", scores={"status": 1.0, "exact": 1.0, score: float(n >= bad)}, **values)
        for n in range(count)
    ]


@pytest.fixture
def good(make_row: MakeRow, make_run: MakeRun) -> Run:
    return make_run(*rows(make_row, 60))


def test_the_same_run_passes(good: Run) -> None:
    verdict = judge(good, good, {"all facts": 1.0}, again=good)
    assert verdict.code == PASSED
    assert verdict.blamed == ()
    assert [test.p for test in verdict.tests] == [1.0, 1.0]


def test_a_real_drop_fails_and_is_named(good: Run, make_row: MakeRow, make_run: MakeRun) -> None:
    verdict = judge(good, make_run(*rows(make_row, 60, bad=10)), {})
    assert verdict.code == WORSE
    assert verdict.blamed == ("all facts",)
    (test,) = (test for test in verdict.tests if test.metric == "all facts")
    assert (test.cases, test.old, test.new) == (60, 1.0, 50 / 60)
    assert test.p == pytest.approx(1 / 2**10)
    assert test.corrected == pytest.approx(2 / 2**10)  # two metrics were tested


def test_a_drop_in_one_conversation_is_no_evidence(make_row: MakeRow, make_run: MakeRun) -> None:
    old = make_run(*rows(make_row, 60, conversation="one"))
    assert judge(old, make_run(*rows(make_row, 60, bad=10, conversation="one")), {}).code == PASSED


def test_as_many_better_as_worse_passes(make_row: MakeRow, make_run: MakeRun) -> None:
    before = rows(make_row, 60, bad=10)
    after = [row.model_copy(update={"key": f"bundled/a-{59 - n}"}) for n, row in enumerate(before)]
    assert judge(make_run(*before), make_run(*after), {}).code == PASSED


def test_an_improvement_passes(good: Run, make_row: MakeRow, make_run: MakeRun) -> None:
    assert judge(make_run(*rows(make_row, 60, bad=30)), good, {}).code == PASSED


def test_longer_answers_are_worse(make_row: MakeRow, make_run: MakeRun) -> None:
    def of_length(words: float) -> Run:
        return make_run(*(make_row(f"bundled/a-{n}", scores={"words": words + n}) for n in range(20)))

    assert judge(of_length(20), of_length(40), {}).blamed == ("words",)
    assert judge(of_length(40), of_length(20), {}).code == PASSED


@pytest.mark.parametrize("values, message", [
    ({"error": "ValueError: x", "text": None, "status": None}, "crash: bundled/a-3: ValueError: x"),
    ({"scores": {"exact": 0.0}}, "inexact citation: bundled/a-3"),
    ({"scores": {"exact": 1.0, "no forbidden": 0.0}}, "forbidden fact: bundled/a-3"),
])  # fmt: skip
def test_one_intolerable_answer_is_enough(good: Run, make_run: MakeRun, values: dict[str, Any], message: str) -> None:
    changed = [row.model_copy(update=values) if n == 3 else row for n, row in enumerate(good.rows)]
    verdict = judge(good, make_run(*changed), {})
    assert verdict.code == WORSE
    assert message in verdict.blamed


def test_fewer_cases_are_intolerable_and_more_are_not(good: Run, make_run: MakeRun) -> None:
    less = make_run(*good.rows[1:])
    assert judge(good, less, {}).blamed == ("fewer cases: 1 of the baseline's were not asked, such as bundled/a-0",)
    assert judge(less, good, {}).code == PASSED


def test_two_runs_that_differ_are_intolerable_unless_in_their_times(good: Run, make_run: MakeRun) -> None:
    slower = make_run(*(row.model_copy(update={"seconds": 9.0, "timings": {"x": 1.0}}) for row in reversed(good.rows)))
    assert judge(good, good, {}, again=slower).code == PASSED
    other = make_run(*good.rows[:-1], good.rows[-1].model_copy(update={"text": "Else. [1]"}))
    assert judge(good, good, {}, again=other).blamed == (
        "not the same twice: 1 answers differ between two runs, such as bundled/a-59",
    )


def test_retrieval_scores_that_the_second_run_did_not_take_are_no_difference(
    make_row: MakeRow, make_run: MakeRun
) -> None:
    first = make_run(make_row(scores={"exact": 1.0, "passage mrr": 1.0, "sentence mrr": 0.5, "rewriting": 1.0}))
    assert judge(first, first, {}, again=make_run(make_row(scores={"exact": 1.0}))).code == PASSED


def test_a_figure_below_its_floor_fails(good: Run, make_row: MakeRow, make_run: MakeRun) -> None:
    new = make_run(*rows(make_row, 60, bad=1))
    assert judge(good, new, {"all facts": 0.99}).blamed == ("floor of all facts: 0.983 is below 0.990",)
    assert judge(good, new, {"all facts": 0.98}).code == PASSED
    assert judge(good, new, {"all facts@kind=direct": 0.99}).code == WORSE
    assert judge(good, new, {"all facts@kind=list": 0.5}).blamed == (
        "floor of all facts@kind=list: no case scores it any more",
    )


def test_edited_cases_another_report_or_nothing_in_common_do_not_fit(good: Run, make_run: MakeRun) -> None:
    edited = make_run(good.rows[0].model_copy(update={"case": "d" * 64}), *good.rows[1:])
    with pytest.raises(BaselineMisfit, match="cases were edited since the baseline was made: bundled/a-0"):
        judge(good, edited, {})
    provenance = {**good.provenance, "reports": {"bundled": {"title": "T", "sha256": "other"}}}
    with pytest.raises(BaselineMisfit, match="the report 'bundled' is not the one"):
        judge(good, good.model_copy(update={"provenance": provenance}), {})
    with pytest.raises(BaselineMisfit, match="share no case"):
        judge(good, make_run(good.rows[0].model_copy(update={"key": "x/y"})), {})
