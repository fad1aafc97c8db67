"""Quotes, their numbers, and Markdown that shows exactly them."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant.compose import Quotes, answer_spans, emphasise, escape
from assistant.question import analyse
from index.report import Block, build_report
from tests.hostile import hostile, in_time

REPORT = build_report(
    [
        Block("paragraph", "Said before any heading."),
        Block("heading", "Results *in* [brief]"),
        Block("paragraph", "The drug helped 12 of 40 patients. Dr. Ada Obi led the trial [1]. It ended in 2021."),
        Block("heading", "Costs"),
        Block("bullet", "The trial cost €3 million (about $4 million)."),
    ],
    title="A trial",
)


class Shown(HTMLParser):
    """The text that HTML shows, and whether anything but one paragraph with bold in it is there."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: set[str] = set()
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)


def shown(markdown: str) -> Shown:
    return Shown(MarkdownIt("commonmark").render(markdown))


# As readers hand it on: white space collapsed, no control characters.
_MARKS = st.sampled_from(
    [*"[]()*_`<>\\&;#!~+-=|.:1aé \"'{}$^", "&amp;", "&#35;", "1. ", "- ", "# ", "> ", "http://a.b"]
)
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1),
    st.lists(_MARKS, min_size=1, max_size=30).map("".join),
).map(lambda text: " ".join(text.split()))


@given(texts.filter(bool))
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    found = shown(escape(text))
    assert found.text.strip("\n") == text
    assert found.tags == {"p"}


@pytest.mark.parametrize(
    "text",
    ["2020. A year", "3) Third", "- 5 degrees", "+ 2", "# of cases", "> 5%", "---", "~~~", "R&amp;D", "a*b*c", "x_y_z",
     "[1]", "![a](b)", "<b>", "`code`", "C:\\dir", "\\[1\\]", "# ", "1.", "-"],
)  # fmt: skip
def test_what_looks_like_markup(text: str) -> None:
    text = text.strip()
    found = shown(escape(text))
    assert (found.text.strip("\n"), found.tags) == (text, {"p"})


@pytest.mark.parametrize(
    "text",
    ["In 2020, 5% of R&D (USD 3.5 million) - or more.", "-5 °C", "3.5 million", "U.S. #1; a ~ b + c > d & e", "“é”"],
)
def test_plain_text_stays_plain(text: str) -> None:
    assert escape(text) == text


def test_no_citation_can_be_mistaken() -> None:
    assert escape("as shown [1] and [2]") == "as shown \\[1\\] and \\[2\\]"


_FIGURES = st.sampled_from(
    ["€3 million", "A$5", "5%", "12", "In", "(", ")", "about", ",", "May 2020", "Ada Obi", "*", "#", "-"]
)


@given(st.one_of(texts, st.lists(_FIGURES).map(" ".join), st.lists(_FIGURES).map("".join)).filter(bool))
def test_emphasis_changes_nothing_but_the_weight(text: str) -> None:
    for question in ("How much?", "What percentage?", "How many?", "When?", "Which minister?"):
        spans = answer_spans(analyse(question), text)
        found = shown(emphasise(text, spans))
        assert found.text.strip("\n") == text
        assert found.tags == ({"p", "strong"} if spans else {"p"})


def test_emphasis_is_shown() -> None:
    text = "The drug [A*] helped 12 of 40."
    found = shown(emphasise(text, [(21, 23), (27, 29)]))
    assert emphasise(text, [(21, 23), (27, 29)]) == "The drug \\[A\\*\\] helped **12** of **40**."
    assert (found.text.strip("\n"), found.tags) == (text, {"p", "strong"})


@pytest.mark.parametrize(
    "question, sentence, expected",
    [
        ("How many goals did Brazil score?", "Brazil scored 8 goals.", ["8"]),
        ("When did it end?", "The trial ended in May 2021 at last.", ["May 2021"]),
        ("How much did it cost?", "It cost €3 million (about $4 million).", ["€3 million (about $4 million)"]),
        ("What percentage relapsed?", "Of 40 patients, 12% relapsed.", ["12%"]),
        ("Which minister resigned?", "The minister was Ada Obi, a lawyer.", ["Ada Obi"]),
        # several: which of them it is, is open
        ("When did it take place?", "It was planned in 2019 and held in 2021.", []),
        ("How many patients relapsed?", "Of 40 patients, 12 relapsed.", []),
        # what the question itself names is no answer
        ("What happened to the 40 patients, and when?", "The 40 patients left in 2021.", ["2021"]),
        ("How many of the 40 relapsed?", "Of the 40, 12 relapsed.", ["12"]),
        # nothing of the kind, or no kind that can be pointed at
        ("When did it end?", "It has ended.", []),
        ("Why did it end?", "It ended in 2021.", []),
        ("What ended?", "It ended in 2021.", []),
        ("When?", "", []),
        # inside a word there is no emphasis in Markdown
        ("What percentage?", "It is 5%of them.", []),
        ("When did it end?", "It ended in pre-2021.", ["2021"]),
        # an open bracket is closed within two characters, or nothing is pointed at
        ("How much?", "It cost €3 million (about $4 million in today's money).", []),
    ],
)
def test_what_answers(question: str, sentence: str, expected: list[str]) -> None:
    assert [sentence[start:end] for start, end in answer_spans(analyse(question), sentence)] == expected


def test_citations_are_numbered_in_order_of_first_use() -> None:
    quotes = Quotes(REPORT)
    first, second, third = REPORT.sentences[3], REPORT.sentences[1], REPORT.sentences[4]
    assert [quotes.cite(s, 0.5) for s in (first, second, first, third, second)] == [1, 2, 1, 3, 2]
    assert [c.number for c in quotes.citations] == [1, 2, 3]
    assert [c.quote for c in quotes.citations] == [REPORT.quote(s) for s in (first, second, third)]
    assert [c.section for c in quotes.citations] == ["Results *in* [brief]", "Results *in* [brief]", "Costs"]
    assert first in quotes
    assert REPORT.sentences[0] not in quotes
    for citation in quotes.citations:
        assert REPORT.text[citation.start : citation.end] == citation.quote
        assert (citation.report, citation.sha256) == ("A trial", REPORT.sha256)


def test_nothing_is_cited_at_first() -> None:
    assert Quotes(REPORT).citations == ()


def test_a_heading_can_be_cited() -> None:
    quotes = Quotes(REPORT)
    assert quotes.cite_heading(REPORT.sections[1]) == 1
    assert quotes.cite_heading(REPORT.sections[2]) == 2
    assert [c.quote for c in quotes.citations] == ["Results *in* [brief]", "Costs"]


def test_a_sentence_is_said_with_its_answer_and_its_citation() -> None:
    quotes = Quotes(REPORT)
    assert quotes.say(REPORT.sentences[3], 1.0, analyse("When did it end?")) == "It ended in **2021**. [1]"
    assert quotes.say(REPORT.sentences[2], 1.0) == "Dr. Ada Obi led the trial \\[1\\]. [2]"
    assert quotes.say(REPORT.sentences[3], 1.0) == "It ended in 2021. [1]"


def test_hostile_text() -> None:
    question = analyse("How many, when and which minister?")
    in_time(escape, hostile(50_000))
    in_time(lambda text: emphasise(text, answer_spans(question, text)), hostile())
