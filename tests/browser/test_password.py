"""The password as a browser gives it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Error, expect

from assistant import Assistant
from assistant.ui.password import Gate, make_line, read_passwords
from tests.browser.conftest import OpenPage
from tests.browser.steps import ask
from tests.serving import serving


@pytest.fixture
def url(bot: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("auth") / "people.txt"
    path.write_text(make_line("anna", "a long password"), "utf-8")
    with serving(bot.report, lambda note: bot, gate=Gate(read_passwords(path))) as url:
        yield url


def test_the_page_works_behind_a_password(url: str, open_page: OpenPage) -> None:
    page = open_page(url, http_credentials={"username": "anna", "password": "a long password"})
    ask(page)
    expect(page.locator(".answer-text")).to_contain_text("120 billion tenge")
    page.reload()
    expect(page.locator(".answer .actions")).to_have_count(1)


@pytest.mark.parametrize("password", [None, "another password"])
def test_without_the_right_one_nothing_of_the_report_is_seen(
    url: str, chromium: Browser, bot: Assistant, password: str | None
) -> None:
    context = chromium.new_context(http_credentials={"username": "anna", "password": password} if password else None)
    page = context.new_page()
    seen: list[int] = []
    page.on("response", lambda response: seen.append(response.status))
    with suppress(Error):  # Chromium shows the refusal or, with nobody there to type, a page of its own
        page.goto(url)
    assert set(seen) <= {401}
    assert bot.report.sha256[:16] not in page.content()
    assert bot.report.quote(bot.report.sentences[0])[:20] not in page.content()
    context.close()
