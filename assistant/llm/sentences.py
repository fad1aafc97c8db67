"""A reply that comes bit by bit, as whole sentences with the numbers they cite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.sentences import split_sentences

LONGEST = 700
"""Characters of a sentence; what is longer is none."""
AHEAD = 12
"""Characters that must follow a sentence before it counts as ended: an abbreviation may turn out not to end one."""

_MAY_HAVE_ENDED = re.compile(rf"[.!?…。！？｡].{{{AHEAD}}}")
_MARKS = re.compile(r"\s*(?:\[\s*\^?\d{1,4}(?:\s*[,;–-]\s*\d{1,4})*\s*\]|【\s*\d{1,4}[^】]{0,20}】)")
_NUMBERS = re.compile(r"(\d{1,4})(?:\s*[–-]\s*(\d{1,4}))?")
_WIDEST_RANGE = 10
_LIST_MARK = re.compile(r"^\s*(?:[-*•–]\s+|\d{1,2}[.)]\s+|#{1,6}\s+|>\s*)+")
_EMPHASIS = re.compile(r"\*\*|__|`+|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ue000-\uf8ff]")
_YES = re.compile(r"^(?:yes|no|indeed|correct|certainly|sure|of course)\s*[,.:;!–—-]\s*", re.IGNORECASE)
_THINKING = re.compile(r"^\s*<think>.*?</think>\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence of a reply as plain text, and the numbers that it cites, in order."""

    text: str
    cites: tuple[int, ...]


class Splitter:
    """Takes the pieces of a reply and gives its sentences, each as soon as it is certain that it has ended."""

    def __init__(self) -> None:
        self._buffer = ""
        self._is_begun = False

    def feed(self, piece: str) -> Iterator[Written]:
        """The sentences that have ended with this piece."""
        self._buffer += piece
        if not self._is_begun:  # a model that thinks aloud first
            start = self._buffer.lstrip()
            if "<think>".startswith(start[:7]) and "</think>" not in start and start:
                return
            self._buffer = _THINKING.sub("", self._buffer)
            self._is_begun = True
        yield from self._take(final=False)

    def end(self) -> Iterator[Written]:
        """What is left, once the reply is whole."""
        if not self._is_begun and "<think>" in self._buffer:
            return
        yield from self._take(final=True)

    def _take(self, *, final: bool) -> Iterator[Written]:
        while "\n" in self._buffer:
            line, _, self._buffer = self._buffer.partition("\n")
            yield from _sentences(line, final=True)[0]
        if final or _MAY_HAVE_ENDED.search(self._buffer):  # to split a text takes a hundred times longer
            found, self._buffer = _sentences(self._buffer, final=final)
            yield from found


def _sentences(line: str, *, final: bool) -> tuple[list[Written], str]:
    """The sentences of a line that have ended, and what is left of it."""
    bare, marks = _without_marks(line)
    found: list[Written] = []
    taken = 0
    spans = split_sentences(bare) if bare.strip() else []
    for number, (_, end) in enumerate(spans):
        if not final and (number + 1 == len(spans) or len(bare) - spans[number + 1][0] < AHEAD):
            break
        until = spans[number + 1][0] if number + 1 < len(spans) else len(bare) + 1
        cites = [n for place, numbers in marks if taken <= place - bool(place) < until for n in numbers]
        found.append(Written(_clean(bare[taken:end]), tuple(dict.fromkeys(cites))))
        taken = until
    if not taken:
        return found, line
    return [each for each in found if any(c.isalnum() for c in each.text)], _rest(line, taken)


def _without_marks(line: str) -> tuple[str, list[tuple[int, list[int]]]]:
    """The line without its citations, and for each of them where it stood there and what it cites."""
    pieces: list[str] = []
    marks: list[tuple[int, list[int]]] = []
    length = end = 0
    for match in _MARKS.finditer(line):
        pieces.append(line[end : match.start()])
        length += len(pieces[-1])
        marks.append((length, _cited(match.group())))
        end = match.end()
    pieces.append(line[end:])
    return "".join(pieces), marks


def _cited(mark: str) -> list[int]:
    numbers: list[int] = []
    for match in _NUMBERS.finditer(mark):
        first, last = int(match[1]), int(match[2] or match[1])
        numbers += range(first, last + 1) if first <= last < first + _WIDEST_RANGE else [first, last]
    return numbers


def _rest(line: str, taken: int) -> str:
    """The line from its ``taken``-th character on, citations not counted."""
    counted = end = 0
    for match in _MARKS.finditer(line):
        plain = match.start() - end
        if counted + plain >= taken:
            break
        counted += plain
        end = match.end()
    return line[end + max(0, taken - counted) :]


def _clean(text: str) -> str:
    """A sentence without markup, list marks, characters that are not shown, and without a leading "Yes," or "No,"."""
    plain = _CONTROL.sub("", text.replace("\t", " "))
    plain = " ".join(_EMPHASIS.sub("", _LIST_MARK.sub("", plain)).split())
    plain = _YES.sub("", plain)
    if not plain:
        return ""
    plain = plain[0].upper() + plain[1:] if plain[:1].islower() and not re.match(r"\w[A-Z]", plain) else plain
    return plain if plain[-1] in '.!?…"”’)' else plain.rstrip(",;: ") + "."
