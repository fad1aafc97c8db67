"""The README's pictures of the page's main states: ``python -m tests.browser.screenshots``.

Real answers of the real server in Chromium, over the bundled report; reduced to a palette, which keeps them small.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from assistant import Assistant
from tests.browser.conftest import FLAGS
from tests.browser.steps import QUESTION, ask
from tests.serving import serving

FOLDER = Path(__file__).parent / "screenshots"
_COLOURS = 160
_DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
_PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 780}, "is_mobile": True, "has_touch": True}


def _start(page: Page) -> None:
    expect(page.locator("#intro h3").first).to_have_text("The whole report")


def _answer(page: Page) -> None:
    ask(page, QUESTION)
    expect(page.locator("#chat .option").first).to_be_visible()
    page.locator(".answer-text a.cite").first.click()


def _refusal(page: Page) -> None:
    ask(page, "Who is the CEO of the fund?")
    expect(page.locator(".answer.not_in_report .status-label")).to_be_visible()
    expect(page.locator("#chat .option").first).to_be_visible()


SHOTS: dict[str, tuple[dict[str, Any], Callable[[Page], None]]] = {
    "start": (_DESKTOP, _start),
    "answer": (_DESKTOP, _answer),
    "dark": ({**_DESKTOP, "color_scheme": "dark"}, _answer),
    "refusal": (_DESKTOP, _refusal),
    "phone": (_PHONE, _answer),
}


def _shoot(browser: Browser, url: str, name: str) -> int:
    """Take one picture; its bytes."""
    options, steps = SHOTS[name]
    page = browser.new_context(reduced_motion="reduce", **options).new_page()
    page.goto(url)
    page.wait_for_selector("#question textarea")
    steps(page)
    page.wait_for_timeout(500)  # the last frames
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(_COLOURS)
    path = FOLDER / f"{name}.png"
    picture.save(path, optimize=True)
    return path.stat().st_size


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(exist_ok=True)
    with (
        Assistant() as bot,
        serving(bot.report, lambda note: bot) as url,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS) as browser,
    ):
        for name in SHOTS:
            print(f"{FOLDER.name}/{name}.png: {_shoot(browser, url, name):,} bytes")


if __name__ == "__main__":
    main()
