"""Where the sentences of a paragraph begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from syntok import segmenter
from syntok.tokenizer import Tokenizer

_STOPS = ".!?…。！？｡"
_CLOSERS = "\"'”’»)]}」』）"
_MARKS = "⁰¹²³⁴⁵⁶⁷⁸⁹*†‡"
_WIDEST_WORD = 60  # characters looked at before a stop
# A stop with what may stand between it and the next sentence; footnote marks are either [1] or raised.
_AFTER_STOP = re.compile(rf"[.!?…][{re.escape(_CLOSERS)}]{{0,3}}(?P<mark>(?:\[\d{{1,3}}\]|[{_MARKS}]){{0,4}})\s+(?=\S)")
_CJK_STOP = re.compile(rf"(?<![。！？｡])[。！？｡]+[{re.escape(_CLOSERS)}]*(?=[^\s{re.escape(_STOPS + _CLOSERS)}])")
_TRAILING = re.compile(rf"(?:\[\d{{1,3}}\]|[\s{re.escape(_CLOSERS + _MARKS)}])+$")

# Abbreviations that something always follows. Those that may end a sentence (Co., Inc., etc., p.m.) are syntok's.
_TITLES = [
    "adm",
    "brig",
    "capt",
    "cmdr",
    "col",
    "dr",
    "gen",
    "gov",
    "hon",
    "lt",
    "maj",
    "mr",
    "mrs",
    "ms",
    "prof",
    "rev",
    "sen",
    "sgt",
    "st",
]
_NEVER_LAST = frozenset([*_TITLES, "approx", "ca", "cf", "e.g", "fig", "figs", "i.e", "nos", "pp", "viz", "vs"])
_NEVER_FIRST = frozenset(["Co.", "Corp.", "Inc.", "Inc", "LLC", "Ltd.", "Ltd", "PLC"])  # "Yahoo! Inc."
_ROMAN = re.compile(r"[IVX]{2,5}")
_NUMBERED = frozenset(
    ["act", "annex", "appendix", "article", "book", "chapter", "figure", "part", "phase", "section", "table", "volume"]
)


def split_sentences(paragraph: str) -> list[tuple[int, int]]:
    """The sentences of a paragraph as offsets, in order and without overlap, white space at their ends left out.

    Every character that is not white space is in exactly one sentence. By syntok: of the splitters tried (pysbd,
    sentencex, blingfire, syntok) it alone kept "approx. 5 million", "ca. 1950", "et al. 2020" and web addresses
    whole. Only where its sentences begin is used, since its tokens do not always cover the text to the end; a few
    kinds of stop that it takes wrongly are put right after it.

    The time is linear in the length: about a second for a million characters.
    """
    # Line ends are spaces here: syntok would look for paragraphs of its own.
    text = re.sub(r"\s", " ", paragraph)
    tokens = Tokenizer(replace_not_contraction=False).tokenize(text)
    starts = {sentence[0].offset for sentence in segmenter.segment(tokens)}
    starts.update(_missed_starts(text, starts))
    kept = [0]
    for start in sorted(starts):
        if start > kept[-1] and _is_boundary(text, kept[-1], start):
            kept.append(start)
    spans: list[tuple[int, int]] = []
    for begin, end in pairwise([*kept, len(text)]):
        piece = text[begin:end]
        if stripped := piece.strip():
            start = begin + len(piece) - len(piece.lstrip())
            spans.append((start, start + len(stripped)))
    return spans


def _is_boundary(text: str, begin: int, start: int) -> bool:
    """Whether the sentence from ``begin`` may end before ``start``.

    syntok also ends one at a semicolon and, now and then, before a bracket.
    """
    before = _TRAILING.sub("", text[max(begin, start - _WIDEST_WORD) : start])
    if before[-1:] not in tuple(_STOPS) or not any(c.isalnum() for c in text[begin : min(start, begin + _WIDEST_WORD)]):
        return False
    follows = text[start : start + _WIDEST_WORD].split()
    if not follows or not any(c.isalnum() for c in text[start : start + _WIDEST_WORD]):
        return False
    word = before[:-1].split()[-1].lstrip("(“\"'«[") if before[:-1].split() else ""
    if before[-1] == "." and (word.lower() in _NEVER_LAST or (word in ("No", "no") and follows[0][:1].isdigit())):
        return False
    return follows[0] not in _NEVER_FIRST


def _missed_starts(text: str, starts: set[int]) -> Iterator[int]:
    """Where sentences begin that syntok runs into the one before."""
    for match in _AFTER_STOP.finditer(text):
        if match.end() not in starts and _ends_sentence(text, match):
            yield match.end()
    for match in _CJK_STOP.finditer(text):  # no space follows
        yield match.end()


def _ends_sentence(text: str, stop: re.Match[str]) -> bool:
    words = text[max(0, stop.start() - _WIDEST_WORD) : stop.start()].split()
    follows = text[stop.end() : stop.end() + 3].lstrip("“\"'«([")[:1]
    if not words or not (follows.isupper() or follows.isdigit()):
        return False
    word = words[-1]
    if stop["mark"] or word[-1] in _CLOSERS:
        return True
    if follows.isdigit():  # "… in 2023. 120 billion …"
        figure = word[-1] == "%" or (word.isdigit() and len(word) == 4)
        return figure or (word.isalpha() and word.islower() and len(word) > 4 and word not in _NEVER_LAST)
    if _ROMAN.fullmatch(word):  # "World War II. Russia …", but "Chapter IV. Results"
        return len(words) > 1 and words[-2][0].isupper() and words[-2].lower() not in _NUMBERED
    # "… at www.example.org. Or …" and "… to 3.5. Exports …", but "U.S. Congress" and "2.1. Scope"
    last_part = word.rpartition(".")[2] if "." in word else ""
    return len(words) > 1 and (last_part.isdigit() or (len(last_part) > 1 and last_part.islower()))
