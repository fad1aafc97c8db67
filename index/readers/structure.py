"""From pieces to blocks: which lines are headings, which are notes, and what the title is. One rule for all formats."""

from __future__ import annotations

import re
from dataclasses import replace

from index.readers.pieces import Piece, PieceKind, clean
from index.report import Block
from index.sentences import split_sentences

_SHORT_WORDS, _SHORT_CHARACTERS = 14, 110  # a heading or byline; the longest headings of reports stay below both
_CONTACT_WORDS = 60
_MANY_LINES = 3  # title, section, subsection: more short lines in a row are a list or a table, not headings

_QUOTES = " \"'“”„‘’«»()[]*_¿"
_HEADING_ENDS = ":?？%&+#°²³⁰¹⁴⁵⁶⁷⁸⁹†‡$€£"
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
# A mark glued to a word, and not the opening half of *emphasis*.
_FOOTNOTE = re.compile(r"(?:\*{1,3}|[†‡¹²³⁴-⁹]+|\[\d{1,3}\]\s?)(?=[^\W_]|[\"“(])(?![^*]*\w[*])")
_CAPTION = re.compile(
    r"(?:(?:cover|front|header|title|lead|main|featured|above|below|left|right|top)\s)?"
    r"(?:images?|photos?|photographs?|pictures?|figures?|fig\.?|tables?|charts?|graphs?|maps?|illustrations?|sources?"
    r"|captions?|credits?)"
    r"(?:\s(?:credits?|by|courtesy|source))?(?:\s[\dA-Z][\d.\-]*)?\s?[:.–—|](?:\s|$)",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"(?:by|written by|prepared by|compiled by|edited by|reported by|published by|published(?: on)?|updated(?: on)?"
    r"|last updated(?: on)?|posted(?: on)?)\s+[A-ZÀ-ÞА-Я\d]|(?:authors?|editors?|contact|date|published|version)\s?:"
)
_RIGHTS = re.compile(r"©|\(c\)\s?\d|copyright\s(?:©|\(c\)|\d|by\s)", re.IGNORECASE)
_CONTENTS = re.compile(r".{1,150}?(?:\s?[.…·]){4,}\s*\d{1,4}")  # an entry of a table of contents


def is_short(text: str) -> bool:
    """Whether a line could be a heading or a byline: short, with a letter, without a final stop."""
    words = text.split()
    if len(text) > _SHORT_CHARACTERS or not 0 < len(words) <= _SHORT_WORDS or not any(c.isalpha() for c in text):
        return False
    bare = text.strip(_QUOTES)
    last = bare[-1:]
    if not bare[:1].isalnum() or not (last.isalnum() or last in _HEADING_ENDS):
        return False  # "$ make all", "struct {"
    if last == ":":
        return is_name_like(text)  # "Key Takeaways:" is a heading, "The partners are:" leads into a list
    return True


def is_name_like(text: str) -> bool:
    """Whether every word of four letters or more begins with a capital, a digit or a caseless letter."""
    return not any(word[:1].islower() for word in re.findall(r"[^\W_]{4,}", text))


def is_note(text: str) -> bool:
    """Whether a text is, by its own form, a footnote, caption, credit, byline, or line of a table of contents."""
    if any(form.match(text) for form in (_FOOTNOTE, _CAPTION, _RIGHTS)):
        return True
    if len(text) < 300 and _CONTENTS.fullmatch(text):
        return True
    lowered = text[:1].lower() + text[1:]
    return is_short(text) and _BYLINE.match(lowered) is not None


def _is_contact(text: str) -> bool:
    return len(text) < 1000 and len(text.split()) <= _CONTACT_WORDS and _EMAIL.search(text) is not None


def runs_on(above: str, below: str) -> bool:
    """Whether no sentence ends between two lines; "approx." over "5 million" is no end."""
    return not any(start == len(above) + 1 for start, _ in split_sentences(f"{above} {below}"))


def settle(pieces: list[Piece], title: str | None = None) -> list[Block]:
    """Decide what each piece is; see :class:`index.report.Block` for the kinds.

    A short line with text or bullets below is a heading. One with nothing below but notes, or nothing at all, is a
    note, and so are footnotes, captions, credits and bylines anywhere and contact lines at the end. ``title`` is the
    one that the file carries beside its text: a first heading that says something else is no title.
    """
    cleaned = [replace(piece, text=text) for piece in pieces if (text := clean(piece.text))]
    settled = _settle_backwards(_break_runs(cleaned))
    if not any(piece.kind in ("paragraph", "bullet") for piece in settled):
        # Nothing but short lines: then they are what the file has to say.
        settled = [
            replace(piece, kind="paragraph") if piece.kind == "note" and not is_note(piece.text) else piece
            for piece in settled
        ]
    return [Block(piece.kind, piece.text, piece.level) for piece in _mark_title(settled, title) if piece.kind != "line"]


def _break_runs(pieces: list[Piece]) -> list[Piece]:
    """Turn a run of many open lines into paragraphs, all but its last where that one stands apart."""
    result = list(pieces)
    begin = 0
    while begin < len(result):
        end = begin
        while end < len(result) and result[end].kind == "line" and not is_note(result[end].text):
            end += 1
        if end - begin > _MANY_LINES:
            stop = end - 1 if result[end - 1].apart and end < len(result) else end
            for index in range(begin, stop):
                result[index] = replace(result[index], kind="paragraph")
        begin = end + 1
    return result


def _settle_backwards(pieces: list[Piece]) -> list[Piece]:
    """Decide each open line and each note by what follows it."""
    result: list[Piece] = []
    below: PieceKind | None = None  # the kind of the next piece that is no note
    for index in range(len(pieces) - 1, -1, -1):
        piece = pieces[index]
        if piece.kind in ("line", "paragraph"):
            kind = _kind(pieces, index, below, at_note=not result or result[-1].kind == "note")
            # The only heading of a plain text is a section's; one that is marked as such is the title.
            piece = replace(piece, kind=kind, apart=piece.apart and piece.kind != "line")
        if piece.kind != "note":
            below = piece.kind
        result.append(piece)
    return result[::-1]


def _kind(pieces: list[Piece], index: int, below: PieceKind | None, *, at_note: bool) -> PieceKind:
    """What an open line or a paragraph is; ``at_note``: right below stands a note or nothing."""
    text, is_line = pieces[index].text, pieces[index].kind == "line"
    if is_note(text) or (below is None and _is_contact(text)):
        return "note"
    if not is_short(text) or not at_note:
        return "heading" if is_line else "paragraph"
    if is_line and (below in ("paragraph", "bullet") or (below and all(is_note(p.text) for p in pieces[:index]))):
        return "heading"  # its caption or byline comes before its text, or it is the title above a byline
    if below in ("paragraph", "bullet"):
        return "paragraph"
    # Under a heading it may be all that the section says.
    said_here = index > 0 and pieces[index - 1].kind in ("heading", "line") and not is_name_like(text)
    return "paragraph" if said_here else "note"


def _mark_title(pieces: list[Piece], title: str | None) -> list[Piece]:
    """Mark the document's own title: a heading at its top that outranks or directly precedes all others."""
    if any(piece.kind == "title" for piece in pieces):
        return pieces
    first = next((index for index, piece in enumerate(pieces) if piece.kind != "note"), None)
    if first is None or pieces[first].kind != "heading":
        return pieces
    text, level = pieces[first].text.casefold(), pieces[first].level
    if title and text not in title.casefold() and title.casefold() not in text:
        return pieces
    others = [piece.level for piece in pieces[first + 1 :] if piece.kind == "heading"]
    below = next((piece for piece in pieces[first + 1 :] if piece.kind != "note"), None)
    outranks = all(level < other for other in others) and (bool(others) or (level == 1 and pieces[first].apart))
    directly = below is not None and below.kind == "heading" and below.level == level
    if outranks or directly:
        return [*pieces[:first], replace(pieces[first], kind="title"), *pieces[first + 1 :]]
    return pieces
