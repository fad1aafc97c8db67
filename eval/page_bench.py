"""What the chat page costs in a real browser, beside a bare ``gr.ChatInterface`` that echoes.

Each run starts a server and a browser profile of its own. Counted are requests to the server alone and their bytes as
they travel: what is received with headers, and the bodies that are sent. The first text is that of the answer itself,
timed in the page from the Enter key to the change of the document.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from eval.served import Served, ServedError, served

QUESTIONS = (
    "How large is the fund?",
    "Who are the partners?",
    "What are the risks?",
    "When was the fund created?",
    "What does the report say about artillery?",
)
_TURNS = (*QUESTIONS, *reversed(QUESTIONS))  # the last question is the first again, so that what it costs compares
# Nothing of the browser's own may be among what is counted.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
# A program's text: gradio is imported by one module of the project alone.
_BARE = """
import os
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import gradio as gr
page = gr.ChatInterface(lambda message, history: message)
_, address, _ = page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True, share=False)
print(address, flush=True)
page.block_thread()
"""
# Where the next answer's text appears, and when; performance.now() is in milliseconds.
_WATCH = """(selector) => {
    const answers = () => [...document.querySelectorAll(selector)].filter((each) => each.innerText.trim());
    const before = answers().length;
    window.benchTime = new Promise((done) => {
        let asked = NaN;
        addEventListener("keydown", () => { asked = performance.now(); }, { capture: true, once: true });
        const observer = new MutationObserver(() => {
            if (answers().length > before) { observer.disconnect(); done(performance.now() - asked); }
        });
        observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    });
}"""
_SETTLE = 1.0  # seconds without a further request after which a turn or a page's load counts as done
_TIMEOUT = 120_000  # ms


@dataclass(frozen=True)
class Subject:
    """A page to measure: its name, its program, where the question goes and where answers appear."""

    name: str
    program: Sequence[str] | None
    box: str
    answers: str


SUBJECTS = (
    Subject("report-assistant", None, "#question textarea", "#chat .answer .answer-text"),
    Subject("bare gr.ChatInterface", (sys.executable, "-c", _BARE), "textarea", "[data-testid=bot]"),
)


@dataclass
class Traffic:
    """Requests to a host and their bytes, as the browser's network log has them."""

    host: str
    requests: int = 0
    sent: int = 0
    last: float = 0.0
    _received: dict[str, int] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """Received with headers, and sent in bodies."""
        return sum(self._received.values()) + self.sent

    def listen(self, page: Page) -> None:
        """Count from now on."""
        log = page.context.new_cdp_session(page)
        log.on("Network.requestWillBeSent", self._on_request)
        log.on("Network.dataReceived", self._on_data)
        log.on("Network.loadingFinished", self._on_end)
        log.on("Network.requestServedFromCache", lambda event: self._forget(event["requestId"]))
        log.on("Network.responseReceived", self._on_response)
        log.send("Network.enable")

    def _on_request(self, event: dict[str, Any]) -> None:
        if urlsplit(event["request"]["url"]).netloc == self.host:
            self.requests += 1
            self.sent += len(event["request"].get("postData", "").encode())
            self._received[event["requestId"]] = 0
            self.last = time.perf_counter()

    def _on_response(self, event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache"):
            self._forget(event["requestId"])

    def _forget(self, request: str) -> None:
        """What the browser had itself did not travel."""
        if self._received.pop(request, None) is not None:
            self.requests -= 1

    def _on_data(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self._received:  # a stream that stays open has no end to tell its size
            self._received[event["requestId"]] += event["encodedDataLength"] or event["dataLength"]
            self.last = time.perf_counter()

    def _on_end(self, event: dict[str, Any]) -> None:
        if event["requestId"] in self._received:
            self._received[event["requestId"]] = int(event["encodedDataLength"])
            self.last = time.perf_counter()

    def settle(self, page: Page) -> tuple[int, int]:
        """Requests and bytes so far, once there was no traffic for a while."""
        page.wait_for_timeout(200)
        while time.perf_counter() - self.last < _SETTLE:
            page.wait_for_timeout(100)
        return self.requests, self.bytes


Figures = dict[str, list[float]]


def measure(
    subject: Subject, runs: int, browser: Browser, note: Callable[[str], None], questions: Sequence[str] = _TURNS
) -> Figures:
    """The figures of a page, one value a run or a turn each."""
    found: Figures = {}
    for number in range(runs):
        note(f"{subject.name}: run {number + 1} of {runs}")
        began = time.perf_counter()
        with served(program=subject.program) as server:
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            try:
                _run(subject, server, context.new_page(), began, questions, found)
            finally:
                context.close()
    return found


def _run(subject: Subject, server: Served, page: Page, began: float, questions: Sequence[str], found: Figures) -> None:
    page.set_default_timeout(_TIMEOUT)
    traffic = Traffic(urlsplit(server.url).netloc)
    traffic.listen(page)
    page.goto(server.url)
    box = page.locator(subject.box).first
    box.wait_for()
    _add(found, "start to usable page, s", time.perf_counter() - began)
    _ask(subject, page, questions[0])
    _add(found, "start to first answer, s", time.perf_counter() - began)
    before = traffic.settle(page)
    _add(found, "page and first turn: requests", before[0])
    _add(found, "page and first turn: kB", before[1] / 1000)
    page.reload()
    box.wait_for()
    after = traffic.settle(page)
    _add(found, "page again: requests", after[0] - before[0])
    _add(found, "page again: kB", (after[1] - before[1]) / 1000)
    page.evaluate("localStorage.clear()")  # a new conversation, so that its first turn is among those measured
    page.reload()
    box.wait_for()
    for number, question in enumerate(questions, 1):
        before = traffic.settle(page)
        milliseconds = _ask(subject, page, question)
        after = traffic.settle(page)
        _add(found, "turn: requests", after[0] - before[0])
        _add(found, "turn: kB", (after[1] - before[1]) / 1000)
        if number in (1, len(questions)):
            _add(found, f"turn {number}: kB", (after[1] - before[1]) / 1000)
        _add(found, "turn: Enter to first text, ms", milliseconds)


def _ask(subject: Subject, page: Page, question: str) -> float:
    """Milliseconds from the Enter key to the first text of the answer."""
    box = page.locator(subject.box).first
    box.fill(question)
    page.evaluate(_WATCH, subject.answers)
    box.press("Enter")
    return float(page.evaluate("window.benchTime"))


def _add(found: Figures, name: str, value: float) -> None:
    found.setdefault(name, []).append(value)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium.

    Raises:
        ServedError: there is none.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise ServedError("there is no chromium to measure with: install it (apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def table(measured: dict[str, Figures]) -> str:
    """The medians as Markdown, a column for each page."""
    names = list(measured)
    rows = [f"| median | {' | '.join(names)} |", f"|---{'|---' * len(names)}|"]
    for figure in measured[names[0]]:
        values = " | ".join(f"{median(measured[name][figure]):.4g}" for name in names)
        rows.append(f"| {figure} | {values} |")
    return "\n".join(rows)
