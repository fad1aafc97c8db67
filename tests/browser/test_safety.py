"""Text that would like to be more than text: as question, report, file name and note, and in what is saved.

``open_page`` fails a test whose page asked another host for something, opened a dialog or complained; the content
security policy complains of what it had to block, so that not even an attempt goes unseen.
"""

from __future__ import annotations

import json
import mimetypes
import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response
from playwright.sync_api import Page, expect
from starlette.types import ASGIApp

from assistant import Assistant, Settings
from assistant.offers import Topic
from assistant.ui.feedback import MAX_NOTE
from assistant.ui.guard import Guard
from assistant.ui.intro import intro_html
from assistant.ui.shell import shell_html
from assistant.ui.turns import MAX_TURNS, Turn
from index.readers import read_report
from tests.browser.conftest import OpenPage
from tests.markup import HOSTILE
from tests.serving import serving, serving_app


def elements_of_theirs(page: Page) -> list[str]:
    """What stands on the page, where text of others is shown, that this project's own code never puts there."""
    script = """() => {
        const ours = "B BLOCKQUOTE BR BUTTON DETAILS DIV EM FIELDSET H2 H3 H4 H5 H6 INPUT LABEL LEGEND LI MARK OL P "
            + "SECTION SPAN STRONG SUMMARY UL";
        const allowed = new Set(ours.split(" "));
        const places = "#report *, .message-content *, #contents nav *, #top h1 *, #intro, #intro *, #chat .option *, "
            + "#feedback-question *, #feedback-which *, #saved *, #status p *";
        const own = { BUTTON: ".offer", INPUT: "#feedback-which [type=radio]", DIV: ":not([popover])" };
        const isOurs = (each) => !(each.tagName in own) || each.matches(own[each.tagName]);
        const address = /^#(s-\\d+|h-\\d+|sec-\\d+|act)$/;
        const isLink = (each) => each.tagName === "A" && address.test(each.getAttribute("href"));
        const acts = (each) => [...each.attributes].some(({ name }) => /^on|^style$|^src|^ping$|^form/.test(name));
        const theirs = [...document.querySelectorAll(places)].filter((each) =>
            !(isLink(each) || (allowed.has(each.tagName) && isOurs(each))) || acts(each));
        return theirs.map((each) => each.outerHTML);
    }"""
    found: list[str] = page.evaluate(script)
    return found


def seen(text: str) -> str:
    """Text as one sees it: white space collapsed, NUL (which HTML replaces) left out."""
    return " ".join(text.replace("\0", "").replace("\ufffd", "").split())


def keep(page: Page, turns: list[Turn]) -> None:
    """Put a conversation where the page keeps it."""
    script = "turns => localStorage.setItem(`report-assistant-${document.body.dataset.report.slice(0, 16)}`, turns)"
    page.evaluate(script, json.dumps([turn.model_dump() for turn in turns]))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, user_folders: Path) -> Iterator[Assistant]:
    """An assistant over a report whose name, headings and sentences are all hostile."""
    path = tmp_path_factory.mktemp("reports") / "<img src=x onerror=alert(1)>'\"&${alert(1)}.txt"
    words = [f"The marker called zebra{number} holds {text} in it." for number, text in enumerate(HOSTILE)]
    headings = [text for text in HOSTILE if len(text) < 60 and "\n" not in text]
    body = "\n\n".join(f"{heading}\n{word}" for heading, word in zip(headings, words, strict=False))
    text = f"{body}\n\n" + "\n\n".join(words[len(headings) :])
    path.write_text(text.replace("\0", ""), encoding="utf-8")  # with it the file would be binary, and refused
    with Assistant(report=path, settings=Settings(cache_dir=user_folders / "cache")) as opened:
        yield opened


def test_hostile_text_is_only_text(hostile: Assistant, open_page: OpenPage, tmp_path: Path) -> None:
    report, step = hostile.report, 10
    with serving(report, lambda note: hostile, feedback=tmp_path / "feedback.jsonl") as url:
        page = open_page(url)
        assert elements_of_theirs(page) == []
        shown = page.locator("#report span[id^=s-]").all_text_contents()
        assert shown == [report.quote(sentence).replace("\r", "\n") for sentence in report.sentences]
        for first in range(0, len(HOSTILE), MAX_TURNS - 1):  # each alone, in a conversation kept
            turns = [
                Turn(question=text, answer=hostile.ask(text).as_dict()) for text in HOSTILE[first:][: MAX_TURNS - 1]
            ]
            keep(page, turns)
            page.reload()
            expect(page.locator(".answer .actions")).to_have_count(len(turns))
            shown = page.locator(".question").all_inner_texts()
            assert [*map(seen, shown)] == [seen(turn.question) for turn in turns]
            assert elements_of_theirs(page) == []
        keep(page, [])
        page.reload()
        page.wait_for_selector("#intro .offer")
        question = ""
        for number in range(0, len(HOSTILE), step):
            strings = HOSTILE[number : number + step]
            question = f"What does zebra{number} hold? " + " ".join(strings)
            page.locator("#question textarea").fill(question)
            page.keyboard.press("Enter")
            expect(page.locator(".question")).to_have_count(number // step + 1)
            expect(page.locator(".answer .actions")).to_have_count(number // step + 1)
            assert elements_of_theirs(page) == [], question
            page.locator("a.rate").last.click()  # "wrong citation" where there is one
            page.locator("#feedback-note").fill(" ".join(strings)[:MAX_NOTE])
            for choice in page.locator("#feedback-which input").all()[:1]:
                choice.check()
            assert elements_of_theirs(page) == [], question
            page.get_by_role("button", name="Send").click()
            expect(page.get_by_role("dialog")).to_have_count(0)
        assert seen(page.locator(".question").last.inner_text()) == seen(question)
        count = -(-len(HOSTILE) // step)
        assert len((tmp_path / "feedback.jsonl").read_text("utf-8").splitlines()) == count
        page.reload()
        expect(page.locator(".answer .actions")).to_have_count(count)
        assert elements_of_theirs(page) == []
        expect(page.locator("h1").first).to_be_visible()
        assert page.locator("h1").count() == 1
        page.locator("#save summary").click()
        with page.expect_download() as saved:
            page.get_by_role("button", name="Page to print").click()
        saved.value.save_as(tmp_path / "saved.html")
    printed = open_page((tmp_path / "saved.html").as_uri(), wait_for="article")
    expect(printed.locator("article")).to_have_count(count)
    ours = "header, main, article, footer, h1, h2, p, div, blockquote, cite, br, strong, em, ul, ol, li"
    assert printed.locator(f"body :not({ours})").count() == 0


NAMES = [name for text in HOSTILE if (name := text.replace("/", "\u2215").replace("\0", "").strip())]
# Each takes the real server four seconds: a tenth of them is tried here, all with TEST_EVERY=1.
EVERY = int(os.environ.get("TEST_EVERY", "10"))


@pytest.mark.parametrize("number", range(0, len(NAMES), EVERY))
def test_a_report_with_a_hostile_file_name_is_asked(
    open_page: OpenPage, tmp_path: Path, user_folders: Path, number: int
) -> None:
    path = tmp_path / f"{NAMES[number]}.txt"
    path.write_text("The pier is 40 metres long.\n\nThe town built it in 1921.", encoding="utf-8")
    bot = Assistant(report=path, settings=Settings(cache_dir=user_folders / "cache"))
    with bot, serving(bot.report, lambda note: bot, feedback=tmp_path / f"{NAMES[number]}.jsonl") as url:
        page = open_page(url)
        assert seen(page.locator("#top h1").inner_text()) == seen(bot.report.title)
        page.locator("#question textarea").fill("How long is the pier?")
        page.keyboard.press("Enter")
        expect(page.locator(".answer .actions")).to_have_count(1)
        page.locator("a.cite").first.click()
        expect(page.locator("#report .current")).to_have_text("The pier is 40 metres long.")
        assert elements_of_theirs(page) == []
        page.locator("#save summary").click()
        with page.expect_download() as saved:
            page.get_by_role("button", name="Page to print").click()
        saved.value.save_as(tmp_path / "saved.html")
    printed = open_page((tmp_path / "saved.html").as_uri(), wait_for="article")
    assert printed.locator("article script, article img, article svg, article iframe").count() == 0
    assert seen(bot.report.title) in seen(printed.locator("body").inner_text())


def test_a_hostile_file_name_is_only_text(open_page: OpenPage, tmp_path: Path) -> None:
    """The documents of a hundred reports, each named by one of the strings, behind the real guard."""
    pages: list[str] = []
    titles: list[str] = []
    for name in NAMES:
        path = tmp_path / f"{name}.txt"
        path.write_text("The pier is 40 metres long.", encoding="utf-8")
        report = read_report(path)
        titles.append(report.title)
        intro = intro_html(report, [Topic(report.title, (f"What does “{report.title}” say?",))])
        document = shell_html(
            report,
            assets="page",
            gradio_script="page/find.js",
            gradio_style="page/page.css",
            feedback_file=f"/home/{name}",
        )
        pages.append(
            document.replace("<gradio-app", f'<div id="question"><textarea></textarea></div>{intro}<gradio-app')
        )
        path.unlink()

    async def create() -> ASGIApp:
        app = FastAPI()
        static = files("assistant.ui").joinpath("static")
        app.get("/{number}/")(lambda number: HTMLResponse(pages[int(number)]))
        app.get("/{number}/page/{name}")(
            lambda number, name: Response(
                static.joinpath(name).read_bytes(), media_type=mimetypes.guess_type(name)[0] or ""
            )
        )
        return Guard(app, host="127.0.0.1")

    with serving_app(create) as url:
        page = open_page(f"{url}/0/")
        for number, name in enumerate(NAMES):
            page.goto(f"{url}/{number}/")
            assert seen(page.locator("#top h1").inner_text()) == seen(titles[number])
            assert seen(page.locator("#intro b").inner_text()) == seen(titles[number])
            assert seen(page.locator("dialog code").inner_text()) == seen(f"/home/{name}")
            assert elements_of_theirs(page) == [], name
            assert page.locator("h1").count() == 1
