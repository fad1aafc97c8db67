"""A report as text and the pieces of it, each piece a pair of character offsets.

Every reader in :mod:`index.readers` turns a file into a list of :class:`Block`; :func:`build_report` joins the
blocks into one text and marks sections, paragraphs and sentences in it. For every piece,
``report.text[piece.start:piece.end]`` is exactly that piece: a citation is such a pair of offsets, never a label
that has to be found again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from index.errors import ReportError

BlockKind = Literal["title", "heading", "paragraph", "bullet", "note"]


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a file as its reader sees it, whitespace already collapsed to single spaces.

    ``note`` is text that belongs to the report but to no argument of it: a byline, a caption, a footnote, a
    contact line. ``level`` counts for headings only, 1 being the outermost.
    """

    kind: BlockKind
    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: ``number`` in the report from 0, the number of its paragraph, its offsets."""

    number: int
    paragraph: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, bullet or note: offsets, section, and its sentences ``first_sentence .. end_sentence - 1``."""

    number: int
    section: int
    kind: Literal["paragraph", "bullet", "note"]
    start: int
    end: int
    first_sentence: int
    end_sentence: int


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it.

    ``start`` and ``end`` cover heading and body; ``heading_start == heading_end`` where the text before the first
    heading makes a section without a title. Its paragraphs are ``first_paragraph .. end_paragraph - 1``.
    """

    number: int
    title: str
    level: int
    start: int
    end: int
    heading_start: int
    heading_end: int
    first_paragraph: int
    end_paragraph: int


@dataclass(frozen=True)
class Report:
    """A report: its title, its text, and its sections, paragraphs and sentences in reading order."""

    title: str
    text: str
    sections: tuple[Section, ...]
    paragraphs: tuple[Paragraph, ...]
    sentences: tuple[Sentence, ...]

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of ``text`` in UTF-8, in hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    def quote(self, piece: Sentence | Paragraph | Section) -> str:
        """The text of a piece."""
        return self.text[piece.start : piece.end]

    def section_of(self, sentence: Sentence) -> Section:
        """The section in which a sentence stands."""
        return self.sections[self.paragraphs[sentence.paragraph].section]

    def sentences_of(self, paragraph: Paragraph) -> tuple[Sentence, ...]:
        """The sentences of a paragraph."""
        return self.sentences[paragraph.first_sentence : paragraph.end_sentence]


def build_report(blocks: list[Block], *, title: str) -> Report:
    """Join blocks into a report.

    Blocks stand one blank line apart, consecutive bullets one line apart and marked ``- ``; the mark is no part of
    the bullet. A block of kind ``title`` overrides ``title`` (the file's name, say) and stands in the text.

    Raises:
        ReportError: there is no paragraph, bullet or note with a word in it.
    """
    from index.sentences import split_sentences  # its library: a report is built once and read often

    text: list[str] = []
    length = 0
    sections: list[Section] = []
    paragraphs: list[Paragraph] = []
    sentences: list[Sentence] = []
    heading: tuple[str, int, int, int] | None = None  # title, level, start, end of the section being filled
    first_paragraph = 0

    def put(piece: str) -> int:
        nonlocal length
        start = length
        text.append(piece)
        length += len(piece)
        return start

    def close_section() -> None:
        nonlocal heading, first_paragraph
        if heading is None:
            if len(paragraphs) == first_paragraph:
                return
            begin = paragraphs[first_paragraph].start
            heading = ("", 1, begin, begin)
        name, level, start, end = heading
        body_end = paragraphs[-1].end if len(paragraphs) > first_paragraph else end
        sections.append(
            Section(len(sections), name, level, start, body_end, start, end, first_paragraph, len(paragraphs))
        )
        heading, first_paragraph = None, len(paragraphs)

    previous: BlockKind | None = None
    for block in blocks:
        if not block.text:
            continue
        if previous is not None:
            put("\n" if block.kind == previous == "bullet" else "\n\n")
        previous = block.kind
        if block.kind == "title":
            put(block.text)
            title = block.text
        elif block.kind == "heading":
            close_section()
            start = put(block.text)
            heading = (block.text, block.level, start, length)
        else:
            if block.kind == "bullet":
                put("- ")
            start = put(block.text)
            first = len(sentences)
            for begin, end in split_sentences(block.text):
                sentences.append(Sentence(len(sentences), len(paragraphs), start + begin, start + end))
            paragraphs.append(
                Paragraph(len(paragraphs), len(sections), block.kind, start, length, first, len(sentences))
            )
    close_section()
    if not any(any(c.isalnum() for c in block.text) for block in blocks if block.kind not in ("title", "heading")):
        raise ReportError(f"{title}: there is no text to answer from, only headings or nothing at all")
    return Report(title, "".join(text), tuple(sections), tuple(paragraphs), tuple(sentences))
