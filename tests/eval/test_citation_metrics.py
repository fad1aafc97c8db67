"""Citation metrics after ALCE, with gold spans."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.answer import Answer, Citation
from eval.metrics.citations import citation_precision, citation_recall, inexact, is_right, statements
from index.report import Report


def cite(report: Report, *sentences: int) -> tuple[Citation, ...]:
    return tuple(
        Citation(n, report.quote(s), "x", s.start, s.end, 1.0, report.title, report.sha256)
        for n, s in enumerate((report.sentences[i] for i in sentences), start=1)
    )


def answer(text: str, citations: tuple[Citation, ...]) -> Answer:
    return Answer(text, "answered", citations, "q", 0.5)


def test_a_citation_is_right_when_it_stays_inside_evidence_paragraphs(harbour: Report) -> None:
    first, third = cite(harbour, 0, 2)
    assert is_right(first, harbour, {0})
    assert not is_right(third, harbour, {0})
    across = replace(first, end=third.end)
    assert not is_right(across, harbour, {0})
    assert is_right(across, harbour, {0, 1})
    heading = replace(first, start=0, end=5)
    assert not is_right(heading, harbour, {0, 1, 2, 3})


def test_precision_is_right_over_all() -> None:
    assert citation_precision([True, False, False]) == 1 / 3
    with pytest.raises(ValueError, match="no citations"):
        citation_precision([])


def test_statements_carry_the_marks_that_follow_them() -> None:
    text = "It said so:\nOne here. Two here [1] [2]. Three [3]\n- four\n\n***"
    assert statements(text) == [("One here.", ()), ("Two here", (1, 2)), ("Three", (3,)), ("four", ())]


def test_a_mark_after_the_full_stop_belongs_to_the_sentence_before() -> None:
    assert statements("Grain is the cargo. [1] The town owns it. [2]") == [
        ("Grain is the cargo.", (1,)), ("The town owns it.", (2,)),
    ]  # fmt: skip


def test_recall_is_supported_statements_over_statements(harbour: Report) -> None:
    citations = cite(harbour, 0, 2)
    text = f"{harbour.quote(harbour.sentences[0])} [1] {harbour.quote(harbour.sentences[2])} [2] And more."
    assert citation_recall(answer(text, citations), [True, False]) == 1 / 3
    assert citation_recall(answer(text, citations), [True, True]) == 2 / 3
    assert citation_recall(answer("", ()), []) == 0


def test_one_mark_supports_all_the_sentences_that_its_quote_holds(harbour: Report) -> None:
    (first,) = cite(harbour, 0)
    whole = harbour.paragraphs[0]
    both = replace(first, quote=harbour.quote(whole), start=whole.start, end=whole.end)
    assert citation_recall(answer(f"{both.quote} [1]", (both,)), [True]) == 1
    assert citation_recall(answer(f"Made up. {first.quote} [1]", (first,)), [True]) == 1 / 2


def test_an_exact_answer_breaks_nothing(harbour: Report) -> None:
    assert inexact(answer("a [1] b [2] c [1]", cite(harbour, 0, 2)), harbour) == []
    assert inexact(answer("No marks.", ()), harbour) == []


@pytest.mark.parametrize("text, change, message", [
    ("a [1]", {"start": 1}, "does not quote"),
    ("a [1]", {"quote": "The harbour opened in 1912."}, "does not quote"),
    ("a [1]", {"end": 10**6}, "does not quote"),
    ("a [1]", {"sha256": "0"}, "of another report"),
    ("a [2]", {}, "uses the marks"),
    ("a", {}, "uses the marks"),
    ("a [1] [2]", {}, "uses the marks"),
])  # fmt: skip
def test_each_broken_promise_is_named(harbour: Report, text: str, change: dict[str, object], message: str) -> None:
    (first,) = cite(harbour, 0)
    changed = replace(first, **change)  # type: ignore[arg-type]
    assert message in "; ".join(inexact(answer(text, (changed,)), harbour))


def test_marks_out_of_order_are_inexact(harbour: Report) -> None:
    assert inexact(answer("a [2] b [1]", cite(harbour, 0, 2)), harbour)
