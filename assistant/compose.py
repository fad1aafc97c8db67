"""An answer's text and citations out of sentences of the report."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.answer import Citation
from assistant.entities import EntityKind, find_entities
from assistant.question import Kind, Question
from index.report import Report, Section, Sentence
from index.words import split_words

# Which figures and names answer which question; a person's question is answered by a person first.
_SPANS: dict[Kind, tuple[EntityKind, ...]] = {
    "money": ("money",),
    "percent": ("percent",),
    "number": ("number", "money", "percent"),
    "date": ("date",),
    "person": ("person",),
}

_MARKUP = re.compile(r"[\[\]*_`<\\]")
_REFERENCE = re.compile(r"&(?=#?\w+;)")
# What stands before a mark that makes a block of a line: nothing, or the figure of "1." in a list.
_BLOCK = re.compile(r"^(\d{0,9})(?=(?<=\d)[.)](?:\s|$)|(?<!\d)(?:#{1,6}(?:\s|$)|>|[+-](?:\s|$)|-{2,}\s*$|~~~))")


class Quotes:
    """Collects sentences of a report, numbers them in order of first use, and cites them."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._citations: dict[int, Citation] = {}

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What was cited so far."""
        return tuple(self._citations.values())

    def __contains__(self, sentence: Sentence) -> bool:
        return sentence.start in self._citations

    def cite(self, sentence: Sentence, score: float) -> int:
        """The number of the citation of a sentence, a new one at its first use."""
        return self._cite(sentence.start, sentence.end, self._report.section_of(sentence).title, score)

    def cite_heading(self, section: Section) -> int:
        """The number of the citation of a section's heading."""
        return self._cite(section.heading_start, section.heading_end, section.title, 1.0)

    def _cite(self, start: int, end: int, section: str, score: float) -> int:
        if start not in self._citations:
            self._citations[start] = Citation(
                number=len(self._citations) + 1,
                quote=self._report.text[start:end],
                section=section,
                start=start,
                end=end,
                score=round(score, 2),
                report=self._report.title,
                sha256=self._report.sha256,
            )
        return self._citations[start].number

    def say(self, sentence: Sentence, score: float, question: Question | None = None) -> str:
        """A sentence made safe as Markdown, what answers the question emphasised, its citation after it."""
        quote = self._report.quote(sentence)
        spans = answer_spans(question, quote) if question else []
        return f"{emphasise(quote, spans)} [{self.cite(sentence, score)}]"


def answer_spans(question: Question, sentence: str) -> list[tuple[int, int]]:
    """The stretch of a sentence that answers a question for a figure, a date or a person; empty where that is open.

    Only one stretch is certain enough to point at: where a sentence holds several that the question does not name
    itself, none is, unless they stand side by side as one amount in two currencies does.
    """
    wanted = {kind for name in question.kinds for kind in _SPANS.get(name, ())}
    said = {word.form for word in question.words}
    found = [
        (entity.start, entity.end)
        for entity in find_entities(sentence)
        if entity.kind in wanted and not {w.form for w in split_words(sentence[entity.start : entity.end])} <= said
    ]
    if not found:
        return []
    start, end = found[0]
    for more_start, more_end in found[1:]:
        between = sentence[end:more_start]
        if "(" not in between or len(between) > 20:
            return []
        end = more_end
    if sentence[start:end].count("(") > sentence[start:end].count(")"):
        close = sentence.find(")", end)
        if not 0 <= close - end <= 2:
            return []
        end = close + 1
    # Markdown takes no stars inside a word for emphasis
    inside_word = sentence[start - 1 : start].isalnum() or sentence[end : end + 1].isalnum()
    return [] if inside_word else [(start, end)]


def emphasise(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """``text`` as Markdown that shows exactly it, the given stretches in bold."""
    pieces: list[str] = []
    end = 0
    for start, stop in spans:
        pieces += [escape(text[end:start]), "**", escape(text[start:stop]), "**"]
        end = stop
    return "".join([*pieces, escape(text[end:])])


def escape(text: str) -> str:
    """The report's text so that Markdown and the answer's own citations cannot be mistaken in it.

    Only what would be read as markup is escaped: brackets that would look like a citation or a link, marks of emphasis,
    code, images and HTML, character references ("&amp;") and, at the start, marks of headings, quotes and lists.
    """
    return _REFERENCE.sub(r"\\&", _BLOCK.sub(r"\1\\", _MARKUP.sub(r"\\\g<0>", text)))
