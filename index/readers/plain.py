"""Plain text: one paragraph a line, or hard-wrapped paragraphs with blank lines between them."""

from __future__ import annotations

import re
from itertools import pairwise

from index.readers.pieces import Document, Piece, clean
from index.readers.structure import is_short, runs_on

_BULLET = re.compile(r"\s*(?:[-–—•●▪◦‣·*+]\s+|\(?(?P<number>\d{1,3}|[a-z])[.)]\s+)(?=\S)")
_NUMBERED_HEADING = re.compile(r"(?:\d{1,2}(?:\.\d{1,2}){1,4}\.?|\d{1,2}[.)]?)\s+(?=\S)")
_RULE = re.compile(r"\s*([=\-~_*#^])(?:\s?\1){2,}\s*")
_WIDEST_WRAP = 130  # characters; text is wrapped at 72 to 120, a paragraph on one line is longer
_STOPS = ".!?:;…。！？"


def read(text: str) -> Document:
    """Read plain text; short lines without a final stop are left open as pieces of kind ``line``."""
    lines = text.splitlines()
    width = _wrap_width(lines)
    groups = _groups(lines, width)
    return Document([_piece(groups, index) for index in range(len(groups))])


class _Group:
    """Lines that belong together, with the level of their underline if they have one."""

    __slots__ = ("apart", "lines", "underline")

    def __init__(self, line: str, apart: bool) -> None:
        self.lines = [line]
        self.apart = apart
        self.underline = 0

    @property
    def text(self) -> str:
        return clean(" ".join(self.lines))


def _wrap_width(lines: list[str]) -> int:
    """The width at which the lines are wrapped, in characters; 0 where every line is a paragraph of its own.

    Wrapped text breaks in mid-sentence: a line without a final stop and a next one that begins small.
    """
    pairs = [(a.strip(), b.strip()) for a, b in pairwise(lines) if a.strip() and b.strip() and not _BULLET.match(b)]
    lengths = sorted(len(line) for line in lines if line.strip())
    if not pairs or lengths[int(0.95 * (len(lengths) - 1))] > _WIDEST_WRAP:
        return 0
    broken = sum(a[-1] not in _STOPS and b[0].islower() for a, b in pairs)
    return lengths[int(0.95 * (len(lengths) - 1))] if broken >= max(1, len(pairs) // 10) else 0


def _groups(lines: list[str], width: int) -> list[_Group]:
    groups: list[_Group] = []
    apart = True
    for line in lines:
        if not clean(line):
            apart = True
        elif _RULE.fullmatch(line):
            # An underline makes the line above it a heading; a rule elsewhere only sets apart.
            if groups and not apart and len(groups[-1].lines) == 1 and is_short(groups[-1].text):
                groups[-1].underline = 1 if line.strip()[0] in "=#*" else 2
            apart = True
        elif groups and not apart and width and _continues(groups[-1], line, width):
            groups[-1].lines.append(line)
        else:
            groups.append(_Group(line, apart))
            apart = False
    return groups


def _continues(group: _Group, line: str, width: int) -> bool:
    """Whether a wrapped line goes on with the paragraph above it."""
    above, stripped = group.lines[-1].strip(), line.strip()
    would_have_fitted = len(above) + 1 + len(stripped.split()[0]) <= 0.8 * width
    if _BULLET.match(line):
        # A figure with a full stop may as well end a sentence here: "… grew by" and "5. Then …".
        number, before = _number(line), _number(group.lines[0])
        counted = number is None or (before is not None and number == before + 1)
        return not counted and not would_have_fitted and runs_on(above, stripped)
    return stripped[0].islower() or not would_have_fitted


def _number(line: str) -> int | None:
    """The number of a numbered item, a to z counted as 1 to 26."""
    match = _BULLET.match(line)
    number = match["number"] if match else None
    if number is None:
        return None
    return int(number) if number.isdigit() else ord(number) - ord("a") + 1


def _piece(groups: list[_Group], index: int) -> Piece:
    group = groups[index]
    text, bullet = group.text, _BULLET.match(group.lines[0])
    if group.underline:
        return Piece("heading", text, group.underline, group.apart)
    heading = _NUMBERED_HEADING.match(text)
    short = len(group.lines) == 1 and is_short(text) and not text[0].islower()
    if bullet and not (heading and short and not _in_list(groups, index)):
        return Piece("bullet", clean(" ".join(group.lines)[bullet.end() :]), apart=group.apart)
    if short:
        depth = len(re.findall(r"\d+", heading.group())) if heading else 1
        return Piece("line", text, depth, group.apart)
    return Piece("paragraph", text, apart=group.apart)


def _in_list(groups: list[_Group], index: int) -> bool:
    """Whether the group's number goes on from the group before it or is gone on with by the one after."""
    number = _number(groups[index].lines[0])
    if number is None:
        return True
    before = _number(groups[index - 1].lines[0]) if index else None
    after = _number(groups[index + 1].lines[0]) if index + 1 < len(groups) else None
    return before == number - 1 or after == number + 1
