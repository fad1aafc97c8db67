"""The HTML page in a real browser: opens from disk with no network, passes axe in both colour schemes, fits a phone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from eval.gate import judge
from eval.pages.html import html_page
from tests.eval.conftest import MakeRow, MakeRun
from tests.eval.test_pages import HOSTILE, scores


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI runs the browser tests, but there is no chromium: install Debian's package of that name")
        pytest.skip("there is no chromium: install Debian's package of that name")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory, make_row: MakeRow, make_run: MakeRun) -> Path:
    old = make_run(*(make_row(f"bundled/a-{n}", scores=scores(1.0)) for n in range(12)))
    cited = {"number": 1, "quote": HOSTILE, "section": HOSTILE, "start": 0, "end": 1, "right": False}
    bad = [
        make_row(f"bundled/a-{n}", text=f"{HOSTILE} {'long' * 40} **x** [1]", wrong=(HOSTILE,), scores=scores(0.0),
                 citations=(cited,), before=(HOSTILE,), asked=HOSTILE)
        for n in range(10)
    ]  # fmt: skip
    new = make_run(
        *bad, old.rows[10].model_copy(update={"wrong": ("x",)}), old.rows[11].model_copy(update={"text": "a"})
    )
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(html_page(new, old, judge(old, new, {})), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_it_opens_offline_passes_axe_and_never_scrolls_sideways(
    browser: Browser, page_file: Path, scheme: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)  # type: ignore[arg-type]
    page = context.new_page()
    troubles: list[str] = []
    page.on("dialog", lambda dialog: troubles.append(f"dialog {dialog.message}"))
    page.on("console", lambda message: troubles.append(message.text))
    page.on("request", lambda request: troubles.append(request.url) if not request.url.startswith("file:") else None)
    page.goto(page_file.as_uri())
    page.locator("summary").first.click()
    assert page.locator("article").count() > 10
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("[...document.querySelectorAll('svg')].every(s => s.getBoundingClientRect().height > 50)")
    # axe is put into the page by the test, past the page's own policy, which forbids every script.
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert troubles == []
    context.close()


def test_it_prints_every_case(browser: Browser, page_file: Path) -> None:
    page = browser.new_page()
    page.goto(page_file.as_uri())
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).maxWidth") == "none"
    assert page.pdf()[:5] == b"%PDF-"
    page.close()
