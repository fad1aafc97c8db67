from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence
from typing import cast

from playwright.sync_api import expect

from assistant import Answer, Assistant
from tests.browser.conftest import OpenPage
from tests.browser.measure import made_up, measure, never, work
from tests.browser.steps import DENIED, OFF_TOPIC, QUESTION, ask, first_citation, is_inside, reload
from tests.serving import Gated, serving


def test_the_main_job(server: str, open_page: OpenPage, bot: Assistant) -> None:
    page = open_page(server)
    expect(page.locator("h1")).to_have_text(bot.report.title)
    ask(page)
    expect(page.locator(".answer-text")).to_contain_text("120 billion tenge")
    number, sentence = first_citation(page)
    assert sentence == bot.report.quote(bot.report.sentences[number])
    quotes = page.locator(".sources mark").all_text_contents()
    assert sentence in quotes
    assert all(quote in bot.report.text for quote in quotes)
    passages = page.locator(".sources blockquote").all_text_contents()
    paragraphs = [bot.report.quote(paragraph) for paragraph in bot.report.paragraphs]
    assert all(passage in paragraphs for passage in passages)
    section = bot.report.section_of(bot.report.sentences[number]).title
    expect(page.locator(".sources .where").first).to_contain_text(section)


def test_the_page_is_up_while_the_model_loads(open_page: OpenPage, bot: Assistant) -> None:
    gate = threading.Event()

    def open_late(note: object) -> Assistant:
        assert gate.wait(60)
        return bot

    with serving(bot.report, open_late) as url:
        page = open_page(url)
        expect(page.locator("#status")).to_contain_text("being loaded")
        expect(page.locator("#report")).to_contain_text(bot.report.quote(bot.report.sentences[0]))
        page.locator("#question textarea").fill(QUESTION)
        page.keyboard.press("Enter")
        expect(page.locator(".answer.waiting")).to_be_visible()
        gate.set()
        expect(page.locator(".answer .actions")).to_have_count(1)
        expect(page.locator("#status p")).to_have_count(0)


def test_a_citation_leads_to_its_sentence_and_escape_back(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    ask(page)
    link = page.locator(".answer-text a.cite").first
    number, _ = first_citation(page)
    expect(page.locator(f"#s-{number}")).to_have_class("cited")
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#report .current")).to_have_attribute("id", f"s-{number}")
    expect(page.locator(f"#s-{number}")).to_be_focused()
    assert is_inside(page, f"#s-{number}", "#report")
    assert page.url.endswith(f"#s-{number}")
    expect(page.locator("#overview i.current")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(link).to_be_focused()
    expect(page.locator("#report .current")).to_have_count(0)
    assert "#" not in page.url
    page.locator(".sources a.cite").first.click()
    expect(page.locator(f"#s-{number}")).to_be_focused()


def test_a_citation_shows_its_quote_when_pointed_at(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    ask(page)
    _, sentence = first_citation(page)
    page.locator(".answer-text a.cite").first.hover()
    expect(page.locator("#peek")).to_contain_text(sentence)
    page.locator("h1").hover()
    expect(page.locator("#peek")).to_be_hidden()


def test_a_deep_link_opens_at_its_sentence(server: str, open_page: OpenPage, bot: Assistant) -> None:
    number = bot.report.sentences[-1].number
    page = open_page(f"{server}/#s-{number}")
    expect(page.locator("#report .current")).to_have_attribute("id", f"s-{number}")
    expect(page.locator(f"#s-{number}")).to_be_focused()
    assert is_inside(page, f"#s-{number}", "#report")


def test_the_answer_that_one_is_at_is_marked_in_the_report(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    ask(page, "What are the risks?")
    ask(page)
    for answer in reversed(page.locator("#chat .answer").all()):
        wanted = answer.locator("a.cite").evaluate_all("all => [...new Set(all.map((link) => link.hash.slice(1)))]")
        answer.locator(".answer-text").click(position={"x": 2, "y": 2})
        marked = page.locator("#report .cited").evaluate_all("all => all.map((each) => each.id)")
        assert sorted(marked) == sorted(wanted)
        expect(page.locator("#overview i")).to_have_count(len(wanted))


def test_contents_follow_the_scroll(server: str, open_page: OpenPage, bot: Assistant) -> None:
    page = open_page(server)
    titles = [section.title for section in bot.report.sections if section.title]
    for bottom, title in ((True, titles[-1]), (False, titles[0])):
        page.locator("#report").evaluate("(each, bottom) => each.scrollTo(0, bottom ? each.scrollHeight : 0)", bottom)
        expect(page.locator("#here")).to_have_text(title)
        expect(page.locator("#contents [aria-current]")).to_have_text(title)


def test_contents_and_search(server: str, open_page: OpenPage, bot: Assistant) -> None:
    page = open_page(server)
    titles = [section.title for section in bot.report.sections if section.title]
    assert page.locator("#contents nav a").all_text_contents() == titles
    page.locator("#contents summary").click()
    page.locator("#contents nav a", has_text=titles[-1]).click()
    expect(page.locator("#here")).to_have_text(titles[-1])
    expect(page.locator("#contents nav")).to_be_hidden()
    word = "Bektenov"
    page.locator("#find-text").fill(word.lower())
    total = bot.report.text.count(word)
    assert total > 1
    expect(page.locator("#find-count")).to_have_text(f"1 of {total}")
    page.keyboard.press("Enter")
    expect(page.locator("#find-count")).to_have_text(f"2 of {total}")
    page.locator("#find-text").fill("no such words (at all")
    expect(page.locator("#find-count")).to_have_text("not found")


def test_a_refusal_looks_different_and_shows_what_is_nearby(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    ask(page)
    ask(page, DENIED)
    answer, refusal = page.locator("#chat .answer").all()
    expect(refusal.locator(".status-label")).to_be_visible()
    expect(refusal.locator(".sources blockquote")).to_be_visible()
    expect(answer.locator(".status-label")).to_have_count(0)
    look = "element => getComputedStyle(element).backgroundColor"
    assert answer.evaluate(look) != refusal.evaluate(look)
    ask(page, OFF_TOPIC)
    expect(page.locator("#chat .answer").last.locator(".status-label")).to_be_visible()


def test_a_follow_up_shows_how_it_was_understood(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    ask(page)
    ask(page, "And in dollars?")
    expect(page.locator(".understood")).to_have_count(1)
    expect(page.locator(".understood")).to_contain_text("fund")


def test_how_it_was_answered_is_one_click_away(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    ask(page)
    how = page.locator(".how p")
    expect(how).to_be_hidden()
    page.locator(".how summary").click()
    expect(how).to_be_visible()
    assert re.search(r"Engine: .*sentences.*\. .*: .*\w+ \(\d+%\)\. Time: \d+\.\d\d s\.", how.inner_text())


def test_a_heading_that_is_cited_is_marked(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    ask(page, "List the sections")
    page.locator(".answer-text a.cite").last.click()
    expect(page.locator("#report h3.current")).to_have_text("Conclusion")
    page.keyboard.press("Escape")
    expect(page.locator(".answer-text a.cite").last).to_be_focused()


def test_a_bad_question_gets_one_line_and_stays_in_the_box(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    page.locator("#question textarea").fill("?!?")
    page.keyboard.press("Enter")
    expect(page.locator(".answer.problem")).to_contain_text("no word")
    expect(page.locator("#question textarea")).to_have_value("?!?")
    expect(page.get_by_role("button", name="Retry")).to_be_hidden()
    ask(page)
    expect(page.locator(".answer.problem")).to_have_count(0)


def test_an_empty_question_is_not_asked(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    page.locator("#ask").click()
    expect(page.locator("#status")).to_contain_text("Type a question")
    expect(page.locator(".answer")).to_have_count(0)
    ask(page)
    expect(page.locator("#status p")).to_have_count(0)


def test_a_question_sent_during_an_answer_is_asked_next(open_page: OpenPage, bot: Assistant) -> None:
    gate = threading.Event()

    def open_late(note: object) -> Assistant:
        assert gate.wait(60)
        return bot

    with serving(bot.report, open_late) as url:
        page = open_page(url)
        for question in (QUESTION, "Who is the prime minister?"):
            page.locator("#question textarea").fill(question)
            page.keyboard.press("Enter")
            expect(page.locator(".answer.waiting")).to_be_visible()
        gate.set()
        expect(page.locator(".answer .actions")).to_have_count(2)
        expect(page.locator(".question")).to_have_text([QUESTION, "Who is the prime minister?"])
        page.close()


def test_an_answer_can_be_copied_with_its_citations(server: str, open_page: OpenPage) -> None:
    page = open_page(server, permissions=["clipboard-read", "clipboard-write"])
    ask(page)
    _, sentence = first_citation(page)
    page.locator("a.copy").press("Enter")
    expect(page.locator("a.copy")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert re.sub(r"\s+", " ", page.locator(".answer-text").inner_text()) in re.sub(r"\s+", " ", copied)
    assert f"[1] “{sentence}”" in copied


class Slow(Gated):
    """The assistant, which writes half an answer and waits for a gate before the other half."""

    def stream(self, question: str, history: Sequence[dict[str, str]]) -> Iterator[str | Answer]:
        answer = self._bot.ask(question, history)
        half = len(answer.text) // 2
        time.sleep(0.1)  # as if it were written: what comes at once is shown at once, with what follows
        yield answer.text[:half]
        assert self._gate.wait(60)
        yield answer.text[half:]
        yield answer


def test_an_answer_appears_as_it_is_written_and_stop_freezes_it(open_page: OpenPage, bot: Assistant) -> None:
    gate = threading.Event()
    try:
        with serving(bot.report, lambda note: cast(Assistant, Slow(bot, gate))) as url:
            page = open_page(url)
            expect(page.locator("#status p")).to_have_count(0)
            page.locator("#question textarea").fill(QUESTION)
            page.keyboard.press("Enter")
            answer = page.locator("#chat .answer")
            expect(answer).to_contain_text("Kazakhstan plans")
            page.locator("#stop").click()
            expect(answer).to_contain_text("Stopped.")
            frozen = answer.inner_text()
            gate.set()
            expect(page.locator("#ask")).to_be_visible()
            page.wait_for_timeout(500)
            assert answer.inner_text() == frozen
            page.get_by_role("button", name="Retry").click()
            expect(page.locator(".answer .actions")).to_have_count(1)
            expect(answer).not_to_contain_text("Stopped.")
            expect(page.locator("#chat .option").first).to_be_visible()  # all has come: the server may go
    finally:
        gate.set()


def test_stop_ends_waiting_and_the_question_can_be_retried(open_page: OpenPage, bot: Assistant) -> None:
    gate = threading.Event()

    def open_late(note: object) -> Assistant:
        assert gate.wait(60)
        return bot

    with serving(bot.report, open_late) as url:
        page = open_page(url)
        page.locator("#question textarea").fill(QUESTION)
        page.locator("#ask").click()
        with page.expect_response(lambda response: response.url.endswith("/cancel")):
            page.locator("#stop").click()
        expect(page.locator("#ask")).to_be_visible()
        expect(page.locator(".answer")).to_have_text("Stopped.")
        gate.set()
        expect(page.locator("#status p")).to_have_count(0)
        expect(page.locator(".answer .actions")).to_have_count(0)
        page.get_by_role("button", name="Retry").click()
        expect(page.locator(".answer .actions")).to_have_count(1)
        expect(page.locator(".question")).to_have_count(1)
        expect(page.locator("#chat .option").first).to_be_visible()  # all has come
        page.close()  # or it would complain of the server that goes


def test_the_conversation_survives_reload_and_a_new_server(open_page: OpenPage, bot: Assistant) -> None:
    with serving(bot.report, lambda note: bot) as url:
        page = open_page(url)
        ask(page)
        ask(page, "Who is the prime minister?")
        said = page.locator(".answer-text").all_text_contents()
        reload(page)
        expect(page.locator(".answer .actions")).to_have_count(2)
        assert page.locator(".answer-text").all_text_contents() == said
    with serving(bot.report, lambda note: bot, port=int(url.rpartition(":")[2])):
        page.goto(url)
        expect(page.locator(".answer .actions")).to_have_count(2)
        assert page.locator(".answer-text").all_text_contents() == said
        page.locator("#clear").click()
        expect(page.get_by_role("button", name="Keep it")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".answer .actions")).to_have_count(2)
        page.locator("#clear").click()
        expect(page.locator("#clear-count")).to_contain_text("2 questions")
        page.get_by_role("button", name="Remove it").click()
        expect(page.locator(".answer")).to_have_count(0)
        expect(page.locator("#question textarea")).to_be_focused()
        page.reload()
        page.wait_for_selector("#intro .offer")
        expect(page.locator(".answer")).to_have_count(0)


def test_two_tabs_go_on_with_one_conversation(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    other = page.context.new_page()
    other.goto(server)
    other.wait_for_selector("#intro .offer")
    ask(page)
    expect(page.locator("#chat .option").first).to_be_visible()
    other.bring_to_front()
    other.evaluate("dispatchEvent(new Event('focus'))")  # the browser has no window that could have it
    expect(other.locator(".question")).to_have_text([QUESTION])
    ask(other, "Who is the prime minister?")
    expect(other.locator("#chat .option").first).to_be_visible()
    page.bring_to_front()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator(".question")).to_have_text([QUESTION, "Who is the prime minister?"])
    reload(page)
    expect(page.locator(".answer .actions")).to_have_count(2)


def test_what_travels_does_not_grow_with_the_conversation(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or "") if "/queue/join" in request.url else None)
    first = QUESTION
    ask(page, first)
    said = page.locator(".answer-text").first.inner_text()[:20]
    for question in ("Who is the prime minister?", "What are the risks?", "Who are the suppliers?") * 3:
        ask(page, question)
    page.wait_for_timeout(300)
    *_, last = sent
    assert first in last  # so that it is not offered again
    assert said not in last
    assert any(said in body for body in sent[1:5])  # a follow-up leans on what was just said
    expect(page.locator(".answer .actions")).to_have_count(10)
    assert page.locator(".answer-text").first.inner_text()[:20] == said


def test_what_stands_in_the_storage_may_be_nonsense(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    ask(page)
    for nonsense in ("[5]", "{", '[{"question": 5}]', "null"):
        expect(page.locator("#chat .option").first).to_be_visible()
        page.wait_for_timeout(300)  # the server has sent all: what is cut off complains
        page.evaluate("(text) => localStorage.setItem(Object.keys(localStorage)[0], text)", nonsense)
        page.reload()
        page.wait_for_selector("#intro .offer")
        expect(page.locator(".question")).to_have_count(0)
        ask(page)
        expect(page.locator(".question")).to_have_text([QUESTION])


def test_in_print_a_question_can_be_read_whether_or_not_backgrounds_are_printed(
    server: str, open_page: OpenPage
) -> None:
    page = open_page(server, color_scheme="dark")
    ask(page)
    page.emulate_media(media="print")
    box, text = page.locator("#chat .user.message").first, page.locator(".question").first
    assert box.evaluate("element => getComputedStyle(element).backgroundColor") == "rgba(0, 0, 0, 0)"
    assert text.evaluate("element => getComputedStyle(element).color") == "rgb(28, 36, 48)"
    expect(page.locator("#composer")).to_be_hidden()
    expect(page.locator("#report-pane")).to_be_hidden()


def test_two_people_do_not_see_each_other_s_chats(server: str, open_page: OpenPage) -> None:
    mine, theirs = open_page(server), open_page(server)
    ask(mine)
    ask(theirs, "Who is the prime minister?")
    expect(mine.locator(".question")).to_have_text([QUESTION])
    expect(theirs.locator(".question")).to_have_text(["Who is the prime minister?"])
    reload(theirs)
    expect(theirs.locator(".question")).to_have_text(["Who is the prime minister?"])


def test_a_long_report_is_marked_at_once_and_without_the_server(open_page: OpenPage) -> None:
    long_report = made_up(8000)
    assert len(long_report.sentences) == 8000
    with serving(long_report, never) as url:
        page = open_page(url)
        last = long_report.sentences[-1].number
        page.wait_for_load_state("networkidle")
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.evaluate(f"location.hash = '#s-{last}'")
        expect(page.locator("#report .current")).to_have_attribute("id", f"s-{last}")
        assert is_inside(page, f"#s-{last}", "#report")
        assert work(page, lambda: measure(page, 8000, 20)) / 20 < 0.1  # of its own: others on the machine cost none
        assert [url for url in requests if not url.endswith("/icon.svg")] == []  # Chromium looks at it anew each time
