"""The pages for people: safe whatever the answers hold, and complete."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from eval.gate import judge
from eval.pages import tables
from eval.pages.html import answer_markup, html_page
from eval.pages.junit import junit_page
from eval.pages.markdown import code, markdown_page
from eval.pages.plots import Series, bar_plot, line_plot
from eval.record import Row, Run
from tests.eval.conftest import MakeRow, MakeRun

HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(2)> \"'`|@all {{ 7*7 }} ]]> \x00 \x1b[31m"


@pytest.fixture
def old(make_row: MakeRow, make_run: MakeRun) -> Run:
    return make_run(*(make_row(f"bundled/a-{n}", scores=scores(1.0)) for n in range(12)))


@pytest.fixture
def new(old: Run, make_row: MakeRow, make_run: MakeRun) -> Run:
    bad = [
        make_row(f"bundled/a-{n}", text=f"Else {n}. [1]", wrong=("cites no right paragraph",), scores=scores(0.0))
        for n in range(10)
    ]
    return make_run(*bad, *old.rows[10:])


def scores(value: float) -> dict[str, float | None]:
    return {
        "status": 1.0, "answered": 1.0, "right source": value, "confidence": 0.6 + 0.3 * value, "exact": 1.0,
        "passage recall@1": value, "passage recall@3": 1.0, "words": 7.0,
    }  # fmt: skip


def test_the_page_shows_what_got_worse_first_with_both_answers(old: Run, new: Run) -> None:
    page = html_page(new, old, judge(old, new, {}))
    assert "Worse than the baseline" in page
    worse, better, rest = page.index("Got worse (10)"), page.index("Got better (0)"), page.index("Tests against")
    assert worse < better < rest
    part = page[worse:better]
    assert "The harbour opened in <strong>1911</strong>." in part
    assert "Else 0. <sup" in part
    assert part.count('<div class="pair">') == 10


def test_the_page_needs_nothing_else(old: Run, new: Run) -> None:
    page = html_page(new, old, judge(old, new, {}))
    assert not re.findall(r"<(?:script|link|img|iframe|object)\b|@import|url\(", page)
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!#)""", page)
    assert page.count("<svg") == 4


def test_hostile_text_stays_text_everywhere(make_row: MakeRow, make_run: MakeRun) -> None:
    cited = {"number": 1, "quote": HOSTILE, "section": HOSTILE, "start": 0, "end": 1, "right": False}
    before = make_row(text="Fine. [1]")
    after = make_row(
        text=f"{HOSTILE} **{HOSTILE}** [1]", question=HOSTILE, asked=HOSTILE, before=(HOSTILE,), kind=HOSTILE,
        topic=HOSTILE, citations=(cited,), wrong=(HOSTILE,), error=HOSTILE, timings={HOSTILE: 0.1},
    )  # fmt: skip
    run = make_run(after)
    run.provenance["settings"] = {HOSTILE: HOSTILE}
    page = html_page(run, make_run(before), judge(make_run(before), run, {HOSTILE: 1.0}), title=HOSTILE)
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("</style>") == 1
    assert "{{ 7*7 }}" in page


def test_a_template_cannot_leave_a_gap_unnoticed(make_row: MakeRow, make_run: MakeRun) -> None:
    page = html_page(
        make_run(make_row(text=None, status=None, asked=None, error="ValueError: x", citations=(), wrong=("x",)))
    )
    assert "Error: ValueError: x" in page
    assert "None" not in page


def test_marks_of_right_and_wrong_citations_look_different(make_row: MakeRow) -> None:
    cited = [{"number": n, "quote": "q", "section": "s", "start": 0, "end": 1, "right": r} for n, r in
             ((1, True), (2, False), (3, None))]  # fmt: skip
    markup = answer_markup(make_row(text="a [1] b [2] c [3]", citations=cited))
    assert re.findall(r'class="mark (\w+)">(\[\d\])', markup) == [("right", "[1]"), ("wrong", "[2]"), ("open", "[3]")]


def test_what_the_answer_escapes_is_shown_as_it_was(make_row: MakeRow) -> None:
    row = make_row(text=r"see \[1\] and \*this **a\_b** [1]")
    assert answer_markup(row).startswith('<p class="text">see [1] and *this <strong>a_b</strong> <sup')


def test_points_are_placed_by_their_values_and_stay_inside() -> None:
    plot = line_plot(
        "T", [Series("a", [(0, 0), (1, 1), (5, -3)])], x_label="x", y_label="y", x_ticks=(0, 1), y_ticks=(0, 1)
    )
    (points,) = re.findall(r'points="([^"]*)"', plot)
    assert points == "52.0,256.0 406.0,14.0 406.0,256.0"


def test_bars_are_as_long_as_their_values() -> None:
    plot = bar_plot("T", [("ask", [("p50", 10.0), ("p95", 40.0)])], "ms")
    first, second = (float(w) for w in re.findall(r'<rect class="bar[^>]*width="([\d.]+)"', plot))
    assert second == pytest.approx(4 * first)


def test_the_curves_come_from_the_scores(new: Run) -> None:
    assert tables.recall_series(new.rows, "passage", "p").points == [(1.0, 2 / 12), (3.0, 1.0)]
    risks = tables.risk_series(new.rows, "r").points
    assert risks[0] == (2 / 12, 0.0)  # the two sure answers are right
    assert risks[-1] == (1.0, 10 / 12)


def test_latency_is_by_stage_in_milliseconds(make_row: MakeRow) -> None:
    rows: list[Row] = [make_row(f"b/{n}", seconds=0.01 * n, timings={"rank": 0.002}) for n in (1, 2, 3)]
    found = tables.latency(rows)
    assert [stage for stage, *_ in found] == ["ask", "rank"]
    assert [value for _, *pair in found for value in pair] == pytest.approx([20.0, 29.0, 2.0, 2.0])


def test_slices_are_by_kind_topic_turn_split_and_report(new: Run) -> None:
    found = tables.slices(new.rows)
    assert list(found) == ["kind", "topic", "turn", "split", "report"]
    ((name, count, passed, values),) = found["kind"]
    assert (name, count, passed) == ("direct", 12, 2 / 12)
    assert dict(zip(tables.SLICED, values, strict=True))["all facts"] is None


def test_unscored_metrics_have_no_row(new: Run) -> None:
    names = [metric.name for metric in tables.metrics(new.rows)]
    assert "right source" in names
    assert "em" not in names


def test_markdown_holds_verdict_tests_and_changes(old: Run, new: Run) -> None:
    page = markdown_page(new, old, judge(old, new, {}))
    assert "**Worse than the baseline.**" in page
    assert "| right source | 12 | 1.000 | 0.167 |" in page
    assert "### Got worse (10)" in page
    assert "  - now: `Else 0. [1]`" in page


@pytest.mark.parametrize("text", ["plain", "with `one`", "``two`` and `", "`", "a\n\n# b", "", HOSTILE])
def test_code_is_fenced_by_more_backticks_than_it_holds(text: str) -> None:
    fenced = code(text)
    fence = re.match(r"`+", fenced)
    assert fence is not None
    width = len(fence.group())
    inner = fenced[width:-width]
    assert fenced.endswith("`" * width)
    assert "\n" not in fenced
    assert all(len(run) != width for run in re.findall(r"`+", inner))


def test_junit_counts_new_failures_and_skips_old_ones(old: Run, new: Run, make_row: MakeRow, make_run: MakeRun) -> None:
    worse = make_row("bundled/a-11", error="ValueError: \x00 x", text=None, wrong=("raised an error",))
    failed_then = old.rows[0].model_copy(update={"wrong": ("x",)})
    before = make_run(failed_then, *old.rows[1:])
    after = make_run(*new.rows[:-1], worse)
    root = ET.fromstring(junit_page(after, before, judge(before, after, {})).encode())
    suites = {suite.get("name"): suite for suite in root}
    assert (suites["bundled"].get("tests"), suites["bundled"].get("failures")) == ("12", "9")
    assert (suites["bundled"].get("skipped"), suites["bundled"].get("errors")) == ("1", "1")
    assert len(suites["bundled"].findall("testcase/failure")) == 9
    assert {case.get("name") for case in suites["gate"].iter("testcase")} >= {"right source", "status"}
    assert len(suites["gate"].findall("testcase/failure")) == int(suites["gate"].get("failures", "0")) > 0


def test_junit_without_a_baseline_takes_expectations_as_they_are(new: Run) -> None:
    root = ET.fromstring(junit_page(new).encode())
    assert [suite.get("failures") for suite in root] == ["10"]
