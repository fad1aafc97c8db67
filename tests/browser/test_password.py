"""The password as a browser gives it; that nothing opens without it, tests/test_password.py shows on every route."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

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
