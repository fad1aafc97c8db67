"""What a person does on the page, and where to look."""

from __future__ import annotations

from playwright.sync_api import Page, expect

QUESTION = "How large is the fund?"
DENIED = "When did Kazakhstan leave the CSTO?"
OFF_TOPIC = "Which football club won the Champions League in 2019?"


def ask(page: Page, question: str = QUESTION) -> None:
    """Ask with the keyboard and wait for the answer."""
    before = page.locator(".answer .actions").count()
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".answer .actions")).to_have_count(before + 1)
    expect(page.locator("#stop")).to_have_count(0)


def reload(page: Page) -> None:
    """Load the page anew, the server having sent all that belongs to the last answer: what is cut off complains."""
    for step in (page.reload, lambda: None):
        expect(page.locator("#chat .option").first).to_be_visible()
        page.wait_for_timeout(300)
        step()


def first_citation(page: Page) -> tuple[int, str]:
    """Number of the first cited sentence of the last answer, and its text in the report's pane."""
    link = page.locator(".answer-text").last.locator("a.cite").first
    number = int((link.get_attribute("href") or "").removeprefix("#s-"))
    return number, page.locator(f"#s-{number}").text_content() or ""


def is_inside(page: Page, inner: str, outer: str) -> bool:
    """Whether an element lies within the visible box of another, once scrolling has ended."""
    script = """async ([inner, outer]) => {
        const box = () => document.querySelector(inner).getBoundingClientRect();
        for (let last = NaN; last !== box().top;) {
            last = box().top;
            await new Promise((done) => setTimeout(done, 80));
        }
        const frame = document.querySelector(outer).getBoundingClientRect();
        return box().top >= frame.top - 1 && box().bottom <= frame.bottom + 1 && frame.bottom <= innerHeight + 1;
    }"""
    return bool(page.evaluate(script, [inner, outer]))
