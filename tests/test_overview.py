"""Answers about a report as a whole, over reports with and without headings, authors and summaries."""

from __future__ import annotations

import re

import pytest

from assistant.compose import Quotes, escape
from assistant.overview import SUMMARY_SENTENCES, Overview
from assistant.question import analyse
from index.onnx import OnnxEncoder
from index.report import Block, Report, build_report
from tests.made_up import CLUB, GLACIER, TRIAL, index_of


class Say:
    """Asks an overview: the text, and the quotes in it."""

    def __init__(self, encoder: OnnxEncoder) -> None:
        self._encoder = encoder

    def __call__(self, report: Report, question: str) -> tuple[str | None, list[str]]:
        quotes = Quotes(report)
        text = Overview(index_of(report, self._encoder)).answer(analyse(question), quotes)
        cited = [int(number) for number in re.findall(r"(?<!\\)\[(\d+)\]", text or "")]
        assert cited == [citation.number for citation in quotes.citations]
        return text, [citation.quote for citation in quotes.citations]


@pytest.fixture
def say(encoder: OnnxEncoder) -> Say:
    return Say(encoder)


@pytest.mark.parametrize("report", [GLACIER, CLUB, TRIAL])
@pytest.mark.parametrize("question", ["Hello!", "help"])
def test_pleasantries_name_the_report_and_quote_nothing(say: Say, report: Report, question: str) -> None:
    text, quotes = say(report, question)
    assert text is not None
    assert escape(report.title) in text
    assert quotes == []


def test_thanks(say: Say) -> None:
    text, quotes = say(GLACIER, "Thanks a lot")
    assert text
    assert quotes == []


@pytest.mark.parametrize(
    "question",
    ["How thick is the glacier?", "Why was the lake closed?", "Who is the author of the novel?",
     "Is the glacier growing?", "What does the outlook say about villages?", "Tell me about the villages",
     "Write a poem"],
)  # fmt: skip
def test_other_questions_are_not_answered_here(say: Say, question: str) -> None:
    assert say(GLACIER, question) == (None, [])


def test_sections_are_listed_with_their_headings(say: Say) -> None:
    text, quotes = say(TRIAL, "What sections are there?")
    assert quotes == ["Abstract", "Key Findings", "Methods", "Conclusions"]
    assert text is not None
    assert [line for line in text.splitlines() if line.startswith("- ")] == [
        f"- {title} [{number}]" for number, title in enumerate(quotes, 1)
    ]


def test_a_report_without_headings_has_no_sections(say: Say) -> None:
    assert say(CLUB, "What sections are there?") == ("", [])


@pytest.mark.parametrize(
    "report, quotes",
    [
        (GLACIER, ["By Ingrid Solheim, Nordfjord Institute"]),
        (TRIAL, ["This study was prepared by the Fjord Migraine Clinic."]),
        (CLUB, []),  # a caption is no byline
    ],
)
@pytest.mark.parametrize("question", ["Who wrote this?", "Who is the author of the report?"])
def test_author(say: Say, report: Report, quotes: list[str], question: str) -> None:
    text, found = say(report, question)
    assert found == quotes
    assert (text == "") == (not quotes)


@pytest.mark.parametrize(
    "question, section",
    [
        ("Key takeaways?", "Key Findings"),
        ("What are the main findings?", "Key Findings"),
        ("What is this report about?", "Abstract"),
        ("Summarise the paper", "Abstract"),
        ("Give me an overview", "Abstract"),
        ("What does the study conclude?", "Conclusions"),
        # a section by its name
        ("What does the abstract say?", "Abstract"),
        ("What does the methods section say?", "Methods"),
        ("Summarise the conclusions", "Conclusions"),
        ("Tell me about the methods", "Methods"),
        ("Summarise the key findings", "Key Findings"),
    ],
)
def test_the_section_that_sums_up(say: Say, question: str, section: str) -> None:
    _, quotes = say(TRIAL, question)
    (named,) = [s for s in TRIAL.sections if s.title == section]
    told = [TRIAL.quote(s) for s in TRIAL.sentences if TRIAL.section_of(s) == named]
    assert quotes == [quote for quote in told if quote in quotes]
    assert len(quotes) == min(len(told), SUMMARY_SENTENCES)


def test_a_report_without_a_summary_is_summed_up_by_its_central_sentences(say: Say) -> None:
    _, quotes = say(CLUB, "What is this report about?")
    told = [CLUB.quote(s) for s in CLUB.sentences]
    assert len(quotes) == SUMMARY_SENTENCES
    assert quotes == [quote for quote in told if quote in quotes]
    assert not any("Photo" in quote for quote in quotes)


def test_a_short_report_is_its_own_summary(say: Say) -> None:
    blocks = [Block("note", "A note on yeast."), Block("paragraph", "Bread rises. Ovens are hot.")]
    report = build_report(blocks, title="Bread")
    assert say(report, "tl;dr") == ("Bread rises. [1] Ovens are hot. [2]", ["Bread rises.", "Ovens are hot."])


def test_an_empty_summary_section_is_passed_over(say: Say) -> None:
    blocks = [Block("heading", "Summary"), Block("heading", "Ovens"), Block("paragraph", "Ovens are hot.")]
    assert say(build_report(blocks, title="Bread"), "Summarise it")[1] == ["Ovens are hot."]


def test_a_report_of_notes_alone(say: Say) -> None:
    report = build_report([Block("note", "A note on bread.")], title="Bread")
    assert say(report, "Summarise it")[1] == ["A note on bread."]
