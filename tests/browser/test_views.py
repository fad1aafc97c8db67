"""Light, dark, small, and with a screen reader."""

from __future__ import annotations

import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from assistant import Assistant
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.steps import DENIED, OFF_TOPIC, QUESTION, ask, first_citation, is_inside
from tests.serving import serving

VIEWS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": PHONE,
    "dark phone": {**PHONE, "color_scheme": "dark"},
}


def test_on_a_phone_the_report_is_a_sheet(server: str, open_page: OpenPage) -> None:
    page = open_page(server, **PHONE)
    expect(page.locator("#report-pane")).to_be_hidden()
    ask(page)
    number, _ = first_citation(page)
    box = page.locator(".answer-text a.cite").first.bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] - 5)  # a finger need not hit it exactly
    expect(page.locator("#report-pane")).to_be_visible()
    assert is_inside(page, f"#s-{number}", "#report")
    page.locator("#close-report").tap()
    expect(page.locator("#report-pane")).to_be_hidden()
    page.locator("#open-report").tap()
    expect(page.locator("#report")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.touchscreen.tap(160, 40)  # beside it
    expect(page.locator("#report-pane")).to_be_hidden()


def test_on_a_phone_back_closes_the_report_and_not_the_page(server: str, open_page: OpenPage) -> None:
    page = open_page(f"{server}/#s-3", **PHONE)  # a link to a sentence
    expect(page.locator("#report .current")).to_be_visible()
    page.go_back()
    expect(page.locator("#report-pane")).to_be_hidden()
    expect(page.locator("#question textarea")).to_be_visible()
    ask(page)
    number, _ = first_citation(page)
    for _ in range(2):
        page.locator(".answer-text a.cite").first.tap()
        expect(page.locator(f"#s-{number}")).to_be_in_viewport()
        assert page.url.endswith(f"#s-{number}")
        page.locator("#close-report").tap()
        expect(page.locator("#report-pane")).to_be_hidden()
    page.locator(".answer-text a.cite").first.tap()
    expect(page.locator("#report .current")).to_be_visible()
    page.go_back()
    expect(page.locator("#report-pane")).to_be_hidden()
    expect(page.locator(".answer .actions")).to_have_count(1)
    assert page.url == f"{server}/"


@pytest.mark.parametrize("view", VIEWS)
def test_every_state_is_accessible(server: str, open_page: OpenPage, view: str) -> None:
    page = open_page(server, reduced_motion="reduce", **VIEWS[view])
    expect(page.locator("#intro h3").first).to_have_text("The whole report")
    check(page, "start")
    for question in (QUESTION, "And in dollars?", OFF_TOPIC, DENIED):
        ask(page, question)
        expect(page.locator("#chat .option").first).to_be_visible()
        check(page, question)
    page.locator(".how summary").last.click()
    check(page, "how it was answered")
    page.locator("#save summary").click()
    check(page, "save menu")
    with page.expect_download():
        page.get_by_role("button", name="Markdown").click()
    expect(page.locator("#saved")).to_be_visible()
    check(page, "saved")
    page.locator("a.wrong").first.click()
    check(page, "feedback")
    page.keyboard.press("Escape")
    page.locator("#clear").click()
    check(page, "new conversation?")
    page.keyboard.press("Escape")
    page.locator("#question textarea").fill("?!?")
    page.keyboard.press("Enter")
    expect(page.locator(".answer.problem")).to_be_visible()
    check(page, "error")
    page.locator(".answer-text a.cite").first.focus()
    check(page, "citation pointed at")
    page.locator(".answer-text a.cite").first.click()
    expect(page.locator("#report .current")).to_be_visible()
    check(page, "citation shown")
    page.locator("#contents summary").click()
    check(page, "contents")
    page.locator("#find-text").fill("the")
    expect(page.locator("#find-count")).to_contain_text("of")
    check(page, "searching")


@pytest.mark.parametrize("view", VIEWS)
def test_waiting_and_busy_are_accessible(open_page: OpenPage, bot: Assistant, view: str) -> None:
    gate = threading.Event()

    def open_late(note: object) -> Assistant:
        assert gate.wait(60)
        return bot

    with serving(bot.report, open_late, waiting=-1) as url:  # one question is one too many beside another
        page, other = open_page(url, **VIEWS[view]), open_page(url)
        expect(page.locator("#status")).to_contain_text("being loaded")
        check(page, "loading")
        page.locator("#question textarea").fill(QUESTION)
        page.keyboard.press("Enter")
        expect(page.locator(".answer.waiting")).to_be_visible()
        check(page, "waiting")
        other.locator("#question textarea").fill(QUESTION)
        other.keyboard.press("Enter")
        expect(other.locator(".answer.problem")).to_contain_text("Too many questions")
        expect(other.locator("#question textarea")).to_have_value(QUESTION)
        check(other, "busy")
        gate.set()
        expect(page.locator(".answer .actions")).to_have_count(1)
        expect(page.locator("#chat .option").first).to_be_visible()
        other.keyboard.press("Enter")
        expect(other.locator(".answer .actions")).to_have_count(1)


@pytest.mark.parametrize("view", VIEWS)
def test_a_server_that_is_gone_is_told_and_the_question_stays(
    open_page: OpenPage, bot: Assistant, expected_complaints: list[str], view: str
) -> None:
    expected_complaints += ["ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "Failed to load resource"]
    with serving(bot.report, lambda note: bot) as url:
        page = open_page(url, **VIEWS[view])
        expect(page.locator("#intro h3").first).to_have_text("The whole report")
    page.locator("#question textarea").fill(QUESTION)
    page.locator("#ask").click()
    told = page.get_by_text("Connection")
    expect(page.locator(".toast-body")).to_have_css("opacity", "1")  # it fades in
    check(page, "server gone")
    told.click(trial=True)  # nothing lies over it
    expect(page.locator("#question textarea")).to_have_value(QUESTION)


def check(page: Page, state: str) -> None:
    """A state has no violation that axe knows, names all that can be used, and does not run over the side."""
    assert violations(page) == [], state
    unnamed = page.locator("button:visible, a:visible, input:visible, textarea:visible, summary:visible").evaluate_all(
        "all => all.filter((each) => !(each.ariaLabel || each.innerText || each.labels?.[0]?.innerText"
        " || each.closest('label')?.innerText || each.title)).map((each) => each.outerHTML)"
    )
    assert unnamed == [], state
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), state


@pytest.mark.parametrize(
    "width, height", [(320, 568), (568, 320), (768, 1024), (1024, 640), (1920, 1080), (3840, 2160)]
)
def test_it_fits_from_a_phone_to_4k(server: str, open_page: OpenPage, width: int, height: int) -> None:
    page = open_page(server, viewport={"width": width, "height": height})
    visible = "[...document.querySelectorAll('#ask, #question, #intro h2, h1')].map((e) => e.getBoundingClientRect())"
    for _ in range(2):
        boxes = page.evaluate(f"{visible}.map((b) => [b.left, b.top, b.right, b.bottom])")
        assert all(
            left >= 0 and top >= 0 and right <= width and bottom <= height for left, top, right, bottom in boxes
        ), boxes
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        ask(page)
    assert page.locator(".answer-text").last.bounding_box() is not None
    box = page.locator("#chat").bounding_box()
    assert box is not None
    assert box["height"] > 0.3 * height
    longest = page.locator(".answer-text").last.bounding_box()
    assert longest is not None
    assert longest["width"] < 1200  # no line is too long to read


def test_all_can_be_done_with_the_keyboard_alone(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    expect(page.locator("#question textarea")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("#chat .option").first).to_be_visible()
    reached: list[str] = []
    page.locator("#top h1").evaluate("each => { each.tabIndex = -1; each.focus(); }")
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("[document.activeElement.id, document.activeElement.className].join(' ')"))
    for wanted in (
        "cite",
        "copy",
        "rate up",
        "rate down",
        "rate wrong",
        "option",
        "ask",
        "clear",
        "find-text",
        "report",
    ):
        assert any(wanted in each for each in reached), (wanted, reached)
    assert page.evaluate("document.activeElement !== document.body")
    page.locator("a.up").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("a.up")).to_be_focused()
    page.locator("#save summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Markdown")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#save summary")).to_be_focused()
    expect(page.get_by_role("button", name="Markdown")).to_be_hidden()


def test_with_reduced_motion_nothing_slides(server: str, open_page: OpenPage) -> None:
    page = open_page(server, reduced_motion="reduce", **PHONE)
    assert page.locator("#report-pane").evaluate("each => parseFloat(getComputedStyle(each).transitionDuration)") < 0.01


def test_printed_the_conversation_is_whole_and_the_rest_is_left_out(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    for question in (QUESTION, OFF_TOPIC, DENIED):
        ask(page, question)
    page.emulate_media(media="print")
    for answer in page.locator(".answer").all():
        expect(answer).to_be_visible()
    for hidden in ("#composer", "#below", ".actions", "#report-pane", "#chat .options"):
        expect(page.locator(hidden).first).to_be_hidden()
    assert page.locator("#chat").evaluate("each => each.scrollHeight <= each.clientHeight + 1")
    assert page.pdf().startswith(b"%PDF")


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]]


def test_a_right_to_left_question_is_shown_as_such(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    page.locator("#question textarea").fill("ما حجم الصندوق؟")
    expect(page.locator("#question textarea")).to_have_css("direction", "rtl")
    page.keyboard.press("Enter")
    expect(page.locator(".question")).to_have_css("direction", "rtl")
    expect(page.locator("#ask")).to_be_visible()
