"""What is kept: files of the conversation, and feedback from the click to a case of the evaluation."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from assistant import Assistant
from eval.feedback import load_feedback
from eval.known import load_known
from tests.browser.conftest import OpenPage
from tests.browser.steps import QUESTION, ask, first_citation, reload
from tests.serving import serving

NAME = "questions-kazakhstan-s-defence-industry-development-fund"


def save(page: Page, form: str, folder: Path) -> Path:
    """Choose a form in the menu with the keyboard; the file that comes."""
    page.locator("#save summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=form, exact=True).focus()
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    expect(page.locator("#save summary")).to_be_focused()
    expect(page.locator("#saved")).to_contain_text(waiting.value.suggested_filename)
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_a_conversation_can_be_saved(server: str, open_page: OpenPage, tmp_path: Path, chromium: Browser) -> None:
    page = open_page(server)
    expect(page.locator("#save")).to_be_hidden()  # there is nothing to save yet
    ask(page)
    ask(page, "ما هو fund؟")
    _, sentence = first_citation(page)
    kept = json.loads(save(page, "JSON", tmp_path).read_text("utf-8"))
    assert [turn["question"] for turn in kept["turns"]] == [QUESTION, "ما هو fund؟"]
    assert kept["turns"][1]["answer"]["citations"][0]["quote"] == sentence
    markdown = save(page, "Markdown", tmp_path)
    assert markdown.name == f"{NAME}.md"
    assert f"## 1. {QUESTION}" in markdown.read_text("utf-8")
    printable = save(page, "Page to print", tmp_path)
    context = chromium.new_context(offline=True)
    try:
        opened = context.new_page()
        asked_for: list[str] = []
        opened.on("request", lambda request: asked_for.append(request.url))
        opened.goto(printable.as_uri())
        expect(opened.locator("h2").first).to_have_text(f"1. {QUESTION}")
        expect(opened.locator("blockquote p").last).to_have_text(sentence)
        expect(opened.locator("blockquote cite").first).not_to_be_empty()
        expect(opened.locator("h2").nth(1)).to_have_css("direction", "rtl")
        assert opened.pdf().startswith(b"%PDF")
        assert asked_for == [printable.as_uri()]
    finally:
        context.close()


def test_saving_without_the_server_says_so(open_page: OpenPage, bot: Assistant, expected_complaints: list[str]) -> None:
    expected_complaints += ["ERR_CONNECTION_REFUSED", "Failed to load resource"]
    with serving(bot.report, lambda note: bot) as url:
        page = open_page(url)
        ask(page)
    page.locator("#save summary").click()
    page.get_by_role("button", name="JSON").click()
    expect(page.locator("#saved")).to_contain_text("Not saved. The program that serves this page cannot be reached")


@pytest.fixture
def rated(tmp_path: Path, bot: Assistant, open_page: OpenPage) -> Iterator[tuple[Page, Path]]:
    """A page with two answers, and where its feedback goes."""
    path = tmp_path / "folder" / "feedback.jsonl"
    with serving(bot.report, lambda note: bot, feedback=path) as url:
        page = open_page(url)
        ask(page, "Who are the investors?")
        ask(page)
        yield page, path


def test_a_wrong_citation_becomes_a_case(rated: tuple[Page, Path], bot: Assistant, tmp_path: Path) -> None:
    page, path = rated
    _, sentence = first_citation(page)
    page.locator("a.wrong").last.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Wrong citation")
    expect(dialog).to_contain_text(QUESTION)
    expect(dialog).to_contain_text(sentence)
    expect(dialog).to_contain_text(str(path))
    dialog.get_by_role("radio").first.check()
    dialog.get_by_label("Note").fill("It should be the sentence of the summary.")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("a.wrong").last).to_be_focused()
    expect(page.locator("#announce")).to_contain_text("Saved")
    (entry,) = load_feedback(path)
    assert (entry.question, entry.before) == (QUESTION, ("Who are the investors?",))
    assert (entry.verdict, entry.citation) == ("wrong citation", 1)
    assert entry.answer.citations[0].quote == sentence
    known = tmp_path / "known.jsonl"
    typed = "s\n120 billion tenge\n\nDefence Industry Development Fund tenge\n1\n\nHow large is the fund?\n1\n"
    command = [sys.executable, "-m", "eval", "triage", str(path), "--known", str(known)]
    told = subprocess.run(command, input=typed, capture_output=True, text=True, check=True)
    assert "complaint: wrong citation [1] – It should be the sentence of the summary." in told.stdout
    (failure,) = load_known(known)
    assert failure.case.question == QUESTION
    assert failure.case.evidence[0] in bot.report.text


def test_thumbs_say_which_answer_they_are_for(rated: tuple[Page, Path]) -> None:
    page, path = rated
    page.locator("a.down").first.click()
    expect(page.locator("#feedback-which")).to_be_hidden()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("a.down").first).to_have_class("rate down given")
    page.locator("a.up").last.press(" ")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("dialog")).to_have_count(2)
    expect(page.get_by_role("dialog")).to_have_count(0)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    said = [(line["verdict"], line["question"], line["before"], line["note"]) for line in lines]
    assert said == [("down", "Who are the investors?", [], ""), ("up", QUESTION, ["Who are the investors?"], "")]
    reload(page)
    expect(page.locator("a.given")).to_have_text(["Not helpful", "Helpful"])


def test_what_cannot_be_saved_is_told_and_the_note_stays(
    rated: tuple[Page, Path], expected_complaints: list[str]
) -> None:
    page, path = rated
    expected_complaints.append("status of 503")
    path.parent.write_text("a file where the folder should be")
    page.locator("a.down").last.click()
    page.locator("#feedback-note").fill("An hour of work")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#feedback-problem")).to_contain_text(f"could not be saved in {path}")
    page.keyboard.press("Escape")
    page.locator("a.down").last.click()
    expect(page.locator("#feedback-note")).to_have_value("An hour of work")
    path.parent.unlink()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert json.loads(path.read_text("utf-8"))["note"] == "An hour of work"
