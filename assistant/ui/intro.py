"""What the page shows before the first question: what the report is, and what can be asked, by topic."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from assistant.offers import MAX_TOPICS, Topic
from index.report import Report

# Words a minute at which people read prose that informs (Brysbaert 2019 finds 238 on average for English).
_PACE = 238


def size_in_words(report: Report) -> str:
    """Sections and sentences, counted."""
    titled = sum(1 for section in report.sections if section.title)
    sections = f"{titled} section{'s' * (titled != 1)}, " if titled else ""
    return f"{sections}{len(report.sentences):,} sentence{'s' * (len(report.sentences) != 1)}"


def intro_html(report: Report, topics: Sequence[Topic]) -> str:
    """The opening words, and the questions as buttons: with no topics, those on the sections, which need no model."""
    minutes = max(round(len(report.text.split()) / _PACE), 1)
    shown = topics or _by_section(report)
    begin = ", or begin with one of these" if shown else ""
    return (
        '<section id="intro" aria-labelledby="intro-title"><h2 id="intro-title">What would you like to know?</h2>'
        f'<p>This page answers from one report, <b dir="auto">{_line(report.title)}</b>: {size_in_words(report)}, '
        f"{minutes} minute{'s' * (minutes != 1)} to read. "
        f"Type a question{begin}.</p>"
        '<p class="more">Ask for facts and figures, names, dates, reasons or a summary, then ask on. What an answer '
        "rests on is a click away in the report; where the report does not say, you are told.</p>"
        f'<div class="topics">{"".join(map(_topic, shown))}</div></section>'
    )


def _topic(topic: Topic) -> str:
    buttons = "".join(
        f'<li><button type="button" class="offer" dir="auto">{_line(q)}</button></li>' for q in topic.questions
    )
    heading = f'<h3 dir="auto">{_line(topic.title)}</h3>' if topic.title else ""
    return f'<div class="topic">{heading}<ul role="list">{buttons}</ul></div>'


def _by_section(report: Report) -> list[Topic]:
    titled = [each.title for each in report.sections if each.title and each.end_paragraph > each.first_paragraph]
    return [Topic(title, (f"What does the section “{title}” say?",)) for title in titled[:MAX_TOPICS]]


def _line(text: str) -> str:
    return escape(" ".join(text.split()))
