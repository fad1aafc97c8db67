"""A real Chromium, and the real server as a program of its own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, expect, sync_playwright

# Nothing of the browser's own may call out either, so that a request seen is the page's.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
PHONE: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "is_mobile": True, "has_touch": True}

# Gradio's client says so where a page is left while the server still sends to it: questions to go on with, say.
LEFT_EARLY = "AbortError: signal is aborted without reason"

# The first question loads the model, and the machine may be busy: a wait is not what is tested.
expect.set_options(timeout=30_000)

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def server(user_folders: Path) -> Iterator[str]:
    """The address of ``report-assistant chat``, over the bundled report."""
    command = [sys.executable, "-m", "assistant.cli", "chat", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert address, f"the server said {line!r}"
        yield address[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI runs the browser tests, but there is no chromium: install Debian's package of that name")
        pytest.skip("there is no chromium: install Debian's package of that name")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Watched:
    """What the pages of a test asked for and complained about."""

    def __init__(self) -> None:
        self.hosts: set[str] = set()
        self.complaints: list[str] = []
        self.dialogs: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("request", self._on_request)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", self._on_dialog)

    def _on_dialog(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:", "file:")):
            self.hosts.add(request.url.split("/")[2].split(":")[0])

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@pytest.fixture
def expected_complaints() -> list[str]:
    """What a page's console may say in this test: parts of messages, to be added by the test."""
    return [LEFT_EARLY]


@pytest.fixture
def open_page(chromium: Browser, expected_complaints: list[str]) -> Iterator[OpenPage]:
    """Opens an address in a browser profile of its own; afterwards no page may have complained or called out."""
    contexts = []
    watched = Watched()

    def open_page(address: str, wait_for: str = "#question textarea", **options: Any) -> Page:
        context = chromium.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        watched.watch(page)
        page.goto(address)
        page.wait_for_selector(wait_for)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert watched.hosts <= {"127.0.0.1"}
    assert [said for said in watched.complaints if not any(part in said for part in expected_complaints)] == []
    assert watched.dialogs == []
