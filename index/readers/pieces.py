"""What every reader hands over, and the cleaning of its text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

PieceKind = Literal["title", "heading", "line", "paragraph", "bullet", "note"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file before it is known what it is for the report.

    ``line`` is a short line that a format without marks leaves open: a heading where text follows, else a byline or
    the like; :func:`index.readers.structure.settle` decides. ``level`` counts for headings only, 1 the outermost.
    ``apart`` tells that a blank line or the like stands before it.
    """

    kind: PieceKind
    text: str
    level: int = 1
    apart: bool = True


@dataclass(frozen=True, slots=True)
class Document:
    """A file as its reader sees it: its pieces in reading order, and the title that it carries beside its text."""

    pieces: list[Piece]
    title: str | None = None


# Ligatures as PDF fonts name them; written out, or a question never matches them.
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_INVISIBLE = (0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_DROPPED = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), *_INVISIBLE))
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_TRANSLATION = {**_SURROGATES, **_LIGATURES, **_DROPPED}
# Joiners spell words in Persian or Hindi and build emoji; after a plain Latin letter they are debris.
_STRAY_JOINERS = re.compile(r"(?:^|(?<=[\x00-\x7f]))[\u200c\u200d]+")

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def clean(text: str) -> str:
    """Text in NFC on one line: white space of any kind as single spaces, invisible and control characters dropped."""
    text = " ".join(text.split()).translate(_TRANSLATION)
    return " ".join(unicodedata.normalize("NFC", _STRAY_JOINERS.sub("", text)).split())


def superscript(text: str) -> str:
    """Raised figures as such: as plain ones, a footnote's mark or a power runs into the number before it."""
    return text.translate(_SUPERSCRIPTS) if text.strip().isdigit() else text


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether an unmarked first row reads as the header: words over rows that each hold a figure."""
    if len(rows) < 3 or len(rows[0]) < 2 or not all(rows[0]) or any(c.isdigit() for cell in rows[0] for c in cell):
        return False
    return all(any(c.isdigit() for cell in row[1:] for c in cell) for row in rows[1:])


def table_pieces(rows: Sequence[Sequence[str]], *, header: bool) -> list[Piece]:
    """One bullet a row of a table: ``Header: cell; Header: cell`` under a header row, else the cells alone."""
    cleaned = [[clean(cell) for cell in row] for row in rows]
    names = cleaned[0] if header and len(cleaned) > 1 else []
    pieces: list[Piece] = []
    for row in cleaned[1:] if names else cleaned:
        cells = [
            f"{names[column]}: {cell}" if column < len(names) and names[column] else cell
            for column, cell in enumerate(row)
            if cell
        ]
        if cells:
            pieces.append(Piece("bullet", (": " if len(cells) == 2 and not names else "; ").join(cells)))
    return pieces
