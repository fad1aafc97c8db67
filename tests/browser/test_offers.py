"""The first minute, and what may be asked next."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import cast

from playwright.sync_api import expect

from assistant import Answer, Assistant, Settings
from assistant.offers import Offers
from index.readers import read_report
from tests.browser.conftest import OpenPage
from tests.browser.steps import OFF_TOPIC, QUESTION, ask, reload
from tests.serving import Gated, serving


def test_the_page_says_what_the_report_is_and_what_can_be_asked(
    server: str, open_page: OpenPage, bot: Assistant
) -> None:
    page = open_page(server)
    expect(page.locator("#intro")).to_contain_text(bot.report.title)
    expect(page.locator("#intro")).to_contain_text(f"{len(bot.report.sentences)} sentences")
    expect(page.locator("#intro h3").first).to_have_text("The whole report")  # once the questions have been asked
    titles = page.locator("#intro h3").all_inner_texts()
    assert titles == [topic.title for topic in Offers(bot.report, bot.look_up).topics()]
    questions = page.locator("#intro .offer").all_inner_texts()
    assert len(questions) == len(set(questions)) > len(titles)
    assert {bot.ask(question).status for question in questions} == {"answered"}


def test_an_offered_question_can_be_asked_with_the_keyboard(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    expect(page.locator("#intro h3").first).to_have_text("The whole report")
    offer = page.locator("#intro .offer").nth(2)
    question = offer.inner_text()
    offer.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".question")).to_have_text(question)
    expect(page.locator(".answer .actions")).to_have_count(1)
    expect(page.locator("#intro")).to_be_hidden()
    expect(page.locator("#question textarea")).to_be_focused()
    expect(page.locator("#question textarea")).to_have_value("")


def test_an_offered_question_can_be_asked_while_the_model_loads(open_page: OpenPage, bot: Assistant) -> None:
    gate = threading.Event()

    def open_late(note: object) -> Assistant:
        assert gate.wait(60)
        return bot

    with serving(bot.report, open_late) as url:
        page = open_page(url)
        expect(page.locator("#status")).to_contain_text("You can ask already")
        titles = [section.title for section in bot.report.sections if section.title]
        assert page.locator("#intro h3").all_inner_texts() == titles
        page.locator("#intro .offer").first.click()
        expect(page.locator(".answer.waiting")).to_be_visible()
        gate.set()
        expect(page.locator(".answer.answered")).to_have_count(1)
        expect(page.locator("#status p")).to_have_count(0)


def test_a_short_report_without_headings_begins_well_too(open_page: OpenPage, lighthouse: Path, tmp_path: Path) -> None:
    report = read_report(lighthouse)
    with Assistant(report, settings=Settings(cache_dir=tmp_path)) as bot, serving(report, lambda note: bot) as url:
        page = open_page(url)
        expect(page.locator("#intro")).to_contain_text("3 sentences, 1 minute to read")
        offer = page.locator("#intro .offer").last
        offer.click()
        expect(page.locator(".answer.answered")).to_have_count(1)


def test_after_an_answer_more_is_offered_and_it_is_answered(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    ask(page)
    options = page.locator("#chat .option")
    expect(options.first).to_be_visible()
    assert 2 <= options.count() <= 3
    question = options.first.inner_text()
    options.first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".question")).to_have_text([QUESTION, question])
    expect(page.locator(".answer.answered")).to_have_count(2)
    expect(page.locator("#chat .option", has_text=question)).to_have_count(0)
    expect(options.first).to_be_visible()
    offered = options.all_inner_texts()
    reload(page)
    expect(options).to_have_text(offered)


def test_what_a_refusal_offers_is_answered(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    ask(page, OFF_TOPIC)
    page.locator("#chat .option").first.click()
    expect(page.locator(".answer.answered")).to_have_count(1)


class Unoffered(Gated):
    """The assistant, which keeps the questions that are to be offered waiting for a gate."""

    def look_up(self, question: str) -> Answer:
        assert self._gate.wait(60)
        return self._bot.look_up(question)


def test_an_answer_does_not_wait_for_what_is_offered_after_it(open_page: OpenPage, bot: Assistant) -> None:
    gate = threading.Event()
    try:
        with serving(bot.report, lambda note: cast(Assistant, Unoffered(bot, gate))) as url:
            page = open_page(url)
            ask(page)
            expect(page.locator("#chat .option")).to_have_count(0)
            gate.set()
            expect(page.locator("#chat .option").first).to_be_visible()
    finally:
        gate.set()
