"""Errors planted in sentences of a report, one at a time and known to be wrong, and rewordings known to be right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.llm.facts import MONTHS, read_text

KINDS = ("number", "date", "name", "negation", "hedging", "exchange", "citation")
_OTHERS = ("Norway", "Berlin", "Marlow", "Peru", "Okafor", "Iceland", "Dublin")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\w])")
_MONTH = re.compile(rf"\b(?:{'|'.join(m.capitalize() for m in MONTHS if len(m) > 3)})\b")
_BE = re.compile(r"\b(is|are|was|were|has|have|can|could|may|will|must)\b(?! not)")
_NOT = re.compile(r"\b(?:does not|do not|did not)\b|\b(?:not|never) ")
_HEDGES = (("could", "will"), ("may", "will"), ("might", "will"), ("must", "could"), ("can", "will"), ("plans to", "did"),
           ("aims to", "did"), ("seems", "is known to be"), ("would", "will"), ("aim to", "did"), ("about", "exactly"),
           ("around", "exactly"), ("approximately", "exactly"), ("risks", "avoids"))  # fmt: skip
# light rewordings that leave the meaning as it is
_REWORDINGS = (
    (r"\bhowever, ", ""), (r"\bis currently\b", "is"), (r", for example,", ""), (r"\bin order to\b", "to"),
    (r"\bfrom abroad\b", "from other countries"), (r"\bapproximately\b", "about"), (r"\bapprox\.", "about"),
    (r"\bUSD (\d+) million\b", r"\1 million US dollars"), (r"\bhas recently decided\b", "recently decided"),
    (r"\bvia\b", "through"), (r"\btop of\b", "first among"), (r"\bsome of them\b", "some"), (r"(\d)%", r"\1 per cent"),
    (r"\bcrucial\b", "important"), (r"\bUAE\b", "United Arab Emirates"), (r"^Meanwhile, ", ""), (r"\bupon\b", "on"),
)  # fmt: skip


@dataclass(frozen=True)
class Plant:
    """A sentence with one error in it; ``cite`` is the sentence that it is said to rest on."""

    kind: str
    text: str
    cite: str


def reworded(sentence: str) -> str:
    """The same in slightly other words."""
    for pattern, instead in _REWORDINGS:
        sentence = re.sub(pattern, instead, sentence)
    return sentence[:1].upper() + sentence[1:]


def plants(sentence: str, kinds: Sequence[str] = KINDS, others: Sequence[str] = ()) -> list[Plant]:
    """Every error of these kinds that can be planted; ``others`` are sentences that may be cited wrongly."""
    makers = {
        "number": _numbers, "date": _dates, "name": _names, "negation": _negations, "hedging": _hedgings,
        "exchange": _exchanges,
    }  # fmt: skip
    found = [Plant(kind, text, sentence) for kind in kinds if kind in makers for text in makers[kind](sentence)]
    if "citation" in kinds:
        found += [Plant("citation", sentence, other) for other in others]
    return [plant for plant in found if plant.text != sentence or plant.kind == "citation"]


def _put(sentence: str, match: re.Match[str], instead: str) -> str:
    return sentence[: match.start()] + instead + sentence[match.end() :]


def _numbers(sentence: str) -> Iterator[str]:
    for match in _NUMBER.finditer(sentence):
        if re.fullmatch(r"(?:19|20)\d\d", match[0]):
            continue
        value = float(match[0].replace(",", ""))
        for wrong in (value * 10, value + 1, value * 2, value / 2 + 3):
            yield _put(sentence, match, f"{wrong:,.1f}" if "." in match[0] else f"{wrong:,.0f}")
    for one, other in (
        ("million", "billion"),
        ("billion", "million"),
        ("tenge", "dollars"),
        ("USD", "EUR"),
        ("%", " billion"),
    ):
        for match in re.finditer(re.escape(one), sentence):
            yield _put(sentence, match, other)


def _dates(sentence: str) -> Iterator[str]:
    for match in re.finditer(r"\b(?:19|20)\d\d\b", sentence):
        for shift in (-1, 1, 10, -12):
            yield _put(sentence, match, str(int(match[0]) + shift))
    for match in _MONTH.finditer(sentence):
        for month in ("February", "September"):
            if month != match[0]:
                yield _put(sentence, match, month)


def _names(sentence: str) -> Iterator[str]:
    for number, fact in enumerate(read_text(sentence).of("name")):
        word = read_text(sentence).words[fact.begin]
        other = _OTHERS[number % len(_OTHERS)]
        tail = word.text[-2:] if word.text.endswith(("'s", "’s")) else ""
        yield sentence[: word.start] + other + tail + sentence[word.end :]


def _negations(sentence: str) -> Iterator[str]:
    for match in list(_BE.finditer(sentence))[:2]:
        yield sentence[: match.end()] + " not" + sentence[match.end() :]
    for match in _NOT.finditer(sentence):
        yield _put(sentence, match, "" if match[0].endswith(" ") else "did")


def _hedgings(sentence: str) -> Iterator[str]:
    for one, other in _HEDGES:
        for match in re.finditer(rf"\b{one}\b", sentence):
            yield _put(sentence, match, other)


def _exchanges(sentence: str) -> Iterator[str]:
    """Two figures, or two years, in each other's place."""
    found = [m for m in _NUMBER.finditer(sentence) if "," in m[0] or re.fullmatch(r"(?:19|20)\d\d", m[0])]
    for one, two in pairwise(found):
        if one[0] != two[0] and ("," in one[0]) == ("," in two[0]) and "–" not in sentence[one.end() : two.start()]:
            joint = sentence[one.end() : two.start()]
            if joint == " and " and not sentence[: one.start()].endswith("between "):  # no matter in which order
                continue
            yield sentence[: one.start()] + two[0] + sentence[one.end() : two.start()] + one[0] + sentence[two.end() :]
