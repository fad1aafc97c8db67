"""Light, dark, small, and with a screen reader."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, OpenPage
from tests.browser.steps import OFF_TOPIC, QUESTION, ask, first_citation, is_inside

VIEWS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": PHONE,
}


def test_on_a_phone_the_report_is_a_sheet(server: str, open_page: OpenPage) -> None:
    page = open_page(server, **PHONE)
    expect(page.locator("#report-pane")).to_be_hidden()
    ask(page)
    number, _ = first_citation(page)
    page.locator(".answer-text a.cite").first.tap()
    expect(page.locator("#report-pane")).to_be_visible()
    assert is_inside(page, f"#s-{number}", "#report")
    page.locator("#close-report").tap()
    expect(page.locator("#report-pane")).to_be_hidden()
    page.locator("#open-report").tap()
    expect(page.locator("#report")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("view", VIEWS)
def test_every_state_is_accessible(server: str, open_page: OpenPage, view: str) -> None:
    page = open_page(server, reduced_motion="reduce", **VIEWS[view])
    assert violations(page) == [], "empty"
    for question in (QUESTION, OFF_TOPIC):
        ask(page, question)
        assert violations(page) == [], question
    page.locator(".answer-text a.cite").first.click()
    expect(page.locator("#report .current")).to_be_visible()
    assert violations(page) == [], "citation shown"
    page.locator("#contents summary").click()
    page.locator("#find-text").fill("the")
    expect(page.locator("#find-count")).to_contain_text("of")
    assert violations(page) == [], "searching"


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]]


def test_a_right_to_left_question_is_shown_as_such(server: str, open_page: OpenPage) -> None:
    page = open_page(server)
    page.locator("#question textarea").fill("ما حجم الصندوق؟")
    page.keyboard.press("Enter")
    expect(page.locator(".question")).to_have_css("direction", "rtl")
    expect(page.locator("#ask")).to_be_visible()
