"""A conversation as a file: whole, exact, and harmless whatever stands in it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from lxml import html as parser
from markdown_it import MarkdownIt
from markdown_it.token import Token

from assistant import Answer, Assistant, Citation
from assistant.ui.export import as_json, as_markdown, as_page, file_name
from assistant.ui.render import STATUS_LABELS
from assistant.ui.turns import Turn
from index.readers import read_text
from index.report import Report
from tests.markup import HOSTILE


def turns_with(bot: Assistant, *questions: str) -> list[Turn]:
    talk = bot.conversation()
    return [Turn(question=question, answer=talk.ask(question).as_dict()) for question in questions]


def cited(report: Report, text: str, question: str) -> Turn:
    """A turn whose answer has this text and cites the report's first sentence."""
    sentence = report.sentences[0]
    place = report.section_of(sentence).title, sentence.start, sentence.end
    citation = Citation(1, report.quote(sentence), *place, 1.0, report.title, report.sha256)
    return Turn(question=question, answer=Answer(text, "answered", (citation,), question, 0.9).as_dict())


def tokens(markdown: str) -> list[Token]:
    """All tokens of a document as CommonMark with tables has them."""
    found = MarkdownIt("commonmark").enable("table").parse(markdown)
    return found + [child for token in found for child in token.children or ()]


def text_of(element: Any) -> str:
    return "".join(element.itertext())


def test_json_holds_the_answers_themselves(bot: Assistant) -> None:
    turns = turns_with(bot, "How large is the fund?", "And in dollars?")
    kept = json.loads(as_json([*turns, Turn(question="Stopped?")], bot.report))
    assert kept["report"] == {"title": bot.report.title, "sha256": bot.report.sha256}
    assert [turn["answer"] for turn in kept["turns"]] == [turns[0].answer, turns[1].answer, None]
    assert kept["turns"][1]["question"] == "And in dollars?"


def test_markdown_and_page_hold_questions_answers_quotes_and_sections(bot: Assistant) -> None:
    turns = turns_with(bot, "How large is the fund?", "Which football club won the Champions League in 2019?")
    answer, refusal = (turn.read_answer(bot.report) for turn in turns)
    assert answer is not None
    assert refusal is not None
    markdown, page = as_markdown(turns, bot.report), as_page(turns, bot.report)
    read = " ".join(text_of(parser.fromstring(MarkdownIt().render(markdown))).split())
    shown = " ".join(text_of(parser.fromstring(page)).split())
    for text in (read, shown):
        assert "1. How large is the fund?" in text
        assert "2. Which football club won the Champions League in 2019?" in text
        assert STATUS_LABELS[refusal.status] in text
        assert answer.text.replace("*", "") in text
        for citation in answer.citations:
            assert " ".join(citation.quote.split()) in text
            assert citation.section in text
    assert [token.markup for token in tokens(markdown) if token.type == "strong_open"]


def test_lists_and_line_breaks_survive_in_markdown() -> None:
    report = read_text("The pier is 40 metres long.")
    text = "Two:\n\n- **One** [1]\n- two\n\n3. three\n4. four"
    html = MarkdownIt().render(as_markdown([cited(report, text, "What?")], report))
    page = parser.fromstring(html)
    assert [each.text for each in page.iter("strong")] == ["One"]
    assert [each.get("start") for each in page.iter("ol")] == ["3"]
    assert [text_of(each).strip() for each in page.iter("li")] == ["One [1]", "two", "three", "four"]


def test_prose_can_be_read_without_a_program_that_shows_markdown() -> None:
    prose = "It's well-known (see p. 5): 2.5% of 'GDP', i.e. USD 265 million!"
    report = read_text(prose, title="Prose")
    assert prose in as_markdown([cited(report, f"{prose} [1]", "What?")], report)


def test_what_looks_like_a_list_stays_text() -> None:
    report = read_text("It holds.", title="2023. A year")
    for text in ("1984. A novel", "7) Seven", "- dash", "+ plus", "# hash", "== a =="):
        html = MarkdownIt().render(as_markdown([Turn(question=text)], report))
        assert set(re.findall(r"<([a-z]\w*)", html)) == {"h1", "h2", "p", "em", "hr"}, text


def test_a_rewritten_question_and_a_stopped_one_say_so() -> None:
    report = read_text("The pier is 40 metres long.")
    turn = cited(report, "It is. [1]", "And the pier?")
    assert turn.answer is not None
    turn.answer["question"] = "How long is the pier?"
    for text in (as_markdown([turn, Turn(question="Why?")], report), as_page([turn, Turn(question="Why?")], report)):
        assert "Understood as: How long is the pier" in text
        assert "Stopped before it was answered" in text


def test_an_answer_that_quotes_another_report_is_left_out() -> None:
    report = read_text("The pier is 40 metres long.")
    turn = cited(replace(report, text=report.text.upper()), "Forged. [1]", "What?")
    for write in (as_json, as_markdown, as_page):
        assert "Forged" not in write([turn], report)


@pytest.fixture(scope="module")
def hostile_report() -> Report:
    text = "\n\n".join(f"It holds {each} here." for each in HOSTILE)
    return read_text(text.replace("\0", ""), title=HOSTILE[0])


def test_hostile_text_is_only_text_in_markdown(hostile_report: Report) -> None:
    turns = [cited(hostile_report, f"{text}\n\nSo [1].", text) for text in HOSTILE]
    markdown = as_markdown(turns, hostile_report)
    acting = {"html_block", "html_inline", "image", "link_open", "fence", "code_block", "code_inline", "table_open"}
    assert [token for token in tokens(markdown) if token.type in acting] == []
    headings = [token for token in tokens(markdown) if token.type == "heading_open"]
    assert len(headings) == len(HOSTILE) + 1
    shown = parser.fromstring(f"<main>{MarkdownIt().render(markdown)}</main>")
    for heading, text in zip(shown.iter("h2"), HOSTILE, strict=True):
        assert text_of(heading).partition(". ")[2].replace("�", "") == " ".join(text.replace("\0", "").split())


def test_hostile_text_is_only_text_on_the_page(hostile_report: Report) -> None:
    page = parser.document_fromstring(as_page([cited(hostile_report, text, text) for text in HOSTILE], hostile_report))
    ours = (
        "html head meta title style body header h1 main article h2 p div blockquote footer cite em strong br ul ol li"
    )
    assert {element.tag for element in page.iter()} <= set(ours.split())
    articles = list(page.iter("article"))
    assert {str(name) for article in articles for each in article.iter() for name in each.attrib} <= {"class", "dir"}
    assert len(articles) == len(HOSTILE)
    assert "default-src 'none'" in str(
        next(each.get("content") for each in page.iter("meta") if each.get("http-equiv"))
    )


@pytest.mark.parametrize("title", ["../../etc/passwd", "a/b\\c:d*e", "<img>", "…", "ضصث" * 60, "CON"])
def test_the_file_s_name_is_one_that_any_system_takes(title: str) -> None:
    name = file_name(read_text("The pier is long.", title=title), "md")
    assert name.startswith("questions")
    assert name.endswith(".md")
    assert len(name) <= 90
    assert not set(name) & set('/\\:*?"<>|\0')
