"""The scores of one answer, and what is left unscored."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from assistant.answer import Answer, Citation
from eval.scores import failures, is_answerable, right_citations, score_answer
from eval.targets import Task, find_evidence
from index.report import Report
from tests.eval.conftest import MakeCase


def answer(report: Report, *sentences: int, text: str | None = None, **values: Any) -> Answer:
    chosen = [report.sentences[i] for i in sentences]
    citations = tuple(
        Citation(n, report.quote(s), "x", s.start, s.end, 1.0, report.title, report.sha256)
        for n, s in enumerate(chosen, start=1)
    )
    words = " ".join(f"{report.quote(s)} [{n}]" for n, s in enumerate(chosen, start=1))
    return replace(
        Answer(words if text is None else text, "answered", citations, "q", 0.8, timings=MappingProxyType({})), **values
    )


@pytest.mark.parametrize("answerable, status, truth", [
    ("yes", ["answered"], True),
    ("partly", ["answered"], True),
    ("yes", ["answered", "off_topic"], None),
    ("no", ["not_in_report", "contradicted"], False),
    ("no", ["answered", "off_topic"], None),
])  # fmt: skip
def test_where_both_would_be_right_answerability_is_open(
    make_case: MakeCase, answerable: str, status: list[str], truth: bool | None
) -> None:
    assert is_answerable(make_case(answerable=answerable, status=status)) is truth


def test_a_right_answer_scores_all_it_can(harbour: Report, make_case: MakeCase) -> None:
    task = find_evidence(make_case(facts=[["1911"], ["nine berths", "9 berths"]], forbidden=[["ten"]]), harbour)
    scores = score_answer(task, harbour, answer(harbour, 0, 2))
    assert scores == {
        "status": 1,
        "answered": 1,
        "facts": 1 / 2,
        "all facts": 0,
        "no forbidden": 1,
        "exact": 1,
        "confidence": 0.8,
        "brier kept": pytest.approx(1 - (0.8 - 1) ** 2),
        "right source": 1,
        "citation precision": 1 / 2,
        "citation recall": 1 / 2,
        "citations": 2,
        "right citations": 1,
        "words": 10,
    }
    assert right_citations(task, harbour, answer(harbour, 0, 2)) == (True, False)


def test_a_refusal_of_what_can_be_answered_has_no_citations_to_score(harbour: Report, make_case: MakeCase) -> None:
    task = find_evidence(make_case(facts=[["1911"]]), harbour)
    refusal = answer(harbour, 0, status="not_in_report", confidence=0.2)
    scores = score_answer(task, harbour, refusal)
    assert (scores["status"], scores["answered"], scores["facts"], scores["all facts"]) == (0, 0, 0, 0)
    assert not scores.keys() & {"right source", "citation precision", "words", "refused"}
    assert scores["refusal words"] == 5
    assert right_citations(task, harbour, refusal) == (None,)


def test_an_unanswerable_question_is_scored_by_its_refusal_alone(harbour: Report, make_case: MakeCase) -> None:
    task = find_evidence(make_case(answerable="no", status=["not_in_report"], evidence=[]), harbour)
    refused = score_answer(task, harbour, answer(harbour, 0, status="contradicted", confidence=0.3))
    assert (refused["refused"], refused["status"]) == (1, 0)
    assert refused["brier kept"] == pytest.approx(1 - 0.3**2)
    answered = score_answer(task, harbour, answer(harbour, 0))
    assert answered["refused"] == 0
    assert not answered.keys() & {"facts", "answered", "right source", "no forbidden"}


def test_an_answer_without_a_citation_cites_no_right_source(harbour: Report, make_case: MakeCase) -> None:
    scores = score_answer(find_evidence(make_case(), harbour), harbour, answer(harbour, text="In 1911."))
    assert (scores["right source"], scores["citation precision"], scores["citation recall"]) == (0, None, 0)


def test_a_case_without_evidence_leaves_citations_unscored(harbour: Report, make_case: MakeCase) -> None:
    task = Task(make_case(kind="greeting", evidence=[], status=["answered", "off_topic"]), frozenset(), frozenset())
    scores = score_answer(task, harbour, answer(harbour, 0))
    assert not scores.keys() & {"right source", "answered", "refused", "confidence", "facts", "words"}
    assert scores["summary words"] == 5


def test_a_crash_scores_zero_where_an_answer_was_due(harbour: Report, make_case: MakeCase) -> None:
    task = find_evidence(make_case(facts=[["1911"]]), harbour)
    assert score_answer(task, harbour, None) == {"status": 0, "answered": 0, "facts": 0, "all facts": 0}
    assert failures(task, None, score_answer(task, harbour, None)) == ["raised an error"]


def test_squad_scores_take_the_text_and_the_emphasised_span(harbour: Report, make_case: MakeCase) -> None:
    task = find_evidence(make_case(answers=["1911"], source="SQuAD 2.0"), harbour)
    scores = score_answer(task, harbour, answer(harbour, 0, text="The harbour opened in **1911**. [1]"))
    precision, recall = 1 / 4, 1  # "the" does not count
    assert scores["f1"] == pytest.approx(2 * precision * recall / (precision + recall))
    assert (scores["em"], scores["span f1"]) == (0, 1)
    refused = score_answer(task, harbour, answer(harbour, status="not_in_report", text="It does not tell."))
    assert (refused["f1"], refused["em"]) == (0, 0)
    untold = find_evidence(
        make_case(answerable="no", status=["not_in_report"], evidence=[], source="SQuAD 2.0"), harbour
    )
    empty = score_answer(untold, harbour, answer(harbour, status="not_in_report", text="It does not tell."))
    assert (empty["f1"], empty["em"]) == (1, 1)


@pytest.mark.parametrize("values, message", [
    ({"status": "off_topic"}, "status off_topic, expected answered"),
    ({"text": "It opened. [1]"}, "fact 1 of 1 missing"),
    ({"text": "In 1911, with ten berths. [1]"}, "states what it must not"),
    ({"text": "In 1911."}, "a citation is not exact"),
])  # fmt: skip
def test_why_a_case_fails_is_said(harbour: Report, make_case: MakeCase, values: dict[str, Any], message: str) -> None:
    task = find_evidence(make_case(facts=[["1911"]], forbidden=[["ten berths"]]), harbour)
    given = answer(harbour, 0, **values)
    assert failures(task, given, score_answer(task, harbour, given)) == [message]


def test_a_wrong_source_fails_and_a_right_answer_passes(harbour: Report, make_case: MakeCase) -> None:
    task = find_evidence(make_case(), harbour)
    wrong, right = answer(harbour, 2), answer(harbour, 0)
    assert failures(task, wrong, score_answer(task, harbour, wrong)) == ["cites no right paragraph"]
    assert failures(task, right, score_answer(task, harbour, right)) == []
