"""A question asked of something else: "what does Norway export? And Sweden?".

What is named takes the place of the phrase that is parallel to it: a name that of a name of its kind, a phrase with a
preposition that of one with the same, another phrase that of one of its sort. After Dalrymple, Shieber and Pereira
(1991), "Ellipsis and higher-order unification". The rest of the question is kept.
"""

from __future__ import annotations

import re

from assistant.entities import COUNTRIES, find_entities
from assistant.followups.lexicon import ATTRIBUTES, DOCUMENTS, INTERROGATIVES
from assistant.followups.phrases import Phrase, core_question, find_phrases, is_definite
from assistant.followups.tagging import tokenise

_YEAR = re.compile(r"\b(?:1\d{3}|20\d{2})\b")
_UNIT = re.compile(
    r"\bin (?:us )?(?:dollars|usd|euros?|eur|pounds|roubles|yen|yuan|tenge|francs|per ?cent|percent|[a-z]*(?:metres"
    r"|meters|miles|feet|tonnes|tons|kilograms|hectares|acres|litres|gallons))\b",
    re.IGNORECASE,
)
_SAYS = re.compile(r"what (?:do|does|did) .{3,60} (?:say|tell|write|argue|mention)[?. ]*$", re.IGNORECASE)
_COUNTED = re.compile(r"(?:which|what|whose|how (?:many|much))\s+", re.IGNORECASE)
NAMED = ("place", "person", "organisation")


def instead(what: str, last: str) -> str:
    """The question before, asked of something else: in place of the phrase that is parallel to it."""
    last = core_question(last)
    what = what.strip(" ?.")
    tokens = tokenise(what)
    preposition = tokens[0].low if tokens and tokens[0].tag == "preposition" else None
    bare = what[tokens[0].end :].strip() if preposition and len(tokens) > 1 else what
    for pattern in (_YEAR, _UNIT):
        new, old = pattern.search(what), pattern.search(last)
        if new and old:
            return last[: old.start()] + new.group() + last[old.end() :]
        if new:
            led = what if preposition else f"in {what}"
            return f"{last.rstrip(' ?.')} {led}?"
    if _SAYS.match(last):
        return f"{last.rstrip(' ?.')} about {what.removeprefix('about ')}?"
    span = _parallel_name(bare, last, preposition)
    if span is None:
        span = _parallel_phrase(what, last) if preposition is None else _led_phrase(last, preposition)
    if span is not None:
        return _put(last, span, bare)
    if preposition is not None:
        return f"{last.rstrip(' ?.')} {what}?"
    return f"{what}: {topic(last)}?"


def topic(question: str) -> str:
    """What a question is about: itself without the interrogative and the auxiliary, and without an earlier lean."""
    inner = re.match(r"[^(]*+\((.+)\)\??$", question)
    question = inner.group(1) if inner else re.sub(r"^[^:]{1,60}: ", "", question)
    tokens = tokenise(question)
    i = 0
    while i < len(tokens) and (tokens[i].tag == "conjunction" or (tokens[i].tag == "preposition" and i == 0)):
        i += 1
    if i < len(tokens) and tokens[i].low in INTERROGATIVES:
        i += 2 if tokens[i].low == "how" and i + 1 < len(tokens) and tokens[i + 1].tag == "adverb" else 1
    elif i < len(tokens) and tokens[i].tag != "auxiliary":
        i = 0
    while i < len(tokens) and tokens[i].tag == "auxiliary":
        i += 1
    rest = question[tokens[i].start :] if i < len(tokens) else ""
    return rest.strip(" ?.") or question.strip(" ?.")


def _kinds(what: str) -> set[str]:
    kinds = {str(e.kind) for e in find_entities(f"is {what}") if e.kind in NAMED}
    return {"place"} if what.title() in COUNTRIES else kinds


def _parallel_name(what: str, last: str, preposition: str | None) -> tuple[int, int] | None:
    """Where the name of the same kind stands, after the same preposition where there is one; a row of names is one."""
    kinds = _kinds(what)
    if not kinds:
        return None
    spans = [(e.start, e.end) for e in find_entities(last) if e.kind in kinds]
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and re.fullmatch(r",? and (?:the )?|, (?:the )?", last[merged[-1][1] : start]):
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    if preposition is None:
        return merged[0] if merged else None
    if (led := _led_phrase(last, preposition)) is not None:
        is_pure = len(_named_spans(what)) == 1 and _named_spans(what)[0] == (0, len(what))
        inside = [s for s in merged if led[0] <= s[0] and s[1] <= led[1]]
        return (inside[-1] if is_pure else led) if inside else None
    is_only = len(merged) == 1 and preposition in ("in", "for", "with")
    return merged[0] if is_only and merged[0][0] > 0 and _is_subject(last, merged[0]) else None


def _named_spans(what: str) -> list[tuple[int, int]]:
    return [(e.start - 3, e.end - 3) for e in find_entities(f"is {what}") if e.kind in NAMED]


def _led_phrase(last: str, preposition: str) -> tuple[int, int] | None:
    """The last phrase of the question before that the same preposition leads."""
    led = [
        (p.start, p.end)
        for p in find_phrases(last)
        if p.role != "subject" and re.search(rf"\b{re.escape(preposition)} $", last[: p.start], re.IGNORECASE)
    ]
    return led[-1] if led else None


def _is_subject(last: str, span: tuple[int, int]) -> bool:
    return any(p.role == "subject" and p.start <= span[0] and span[1] <= p.end for p in find_phrases(last))


def _parallel_phrase(what: str, last: str) -> tuple[int, int] | None:
    phrases = [p for p in find_phrases(last) if is_definite(p)]
    own = find_phrases(f"see {what}")
    containing = [p for p in phrases if re.search(rf"\b{re.escape(p.text)}\b", what, re.IGNORECASE)]
    if containing:
        return containing[0].start, containing[0].end
    if own and not own[0].determiner and own[0].is_plural:
        counted = [p for p in phrases if p.is_asked_for and p.is_plural]
        if counted:
            return asked_noun(last, counted[0])
    new = own[0] if own else None
    order = {"subject": 0, "object": 1, "oblique": 2, "embedded": 3}
    rest = sorted(
        (p for p in phrases if not p.is_asked_for and p.text.removeprefix("the ") not in DOCUMENTS),
        key=lambda p: (new is not None and _sort(p) != _sort(new), order[p.role], p.start),
    )
    if not rest:
        return None
    old = rest[0]
    core, of, _ = last[old.start : old.end].partition(" of ")
    if new is None or not of or re.search(r" of |[’']s? ", what):
        return old.start, old.end
    if new.head in ATTRIBUTES or old.head not in ATTRIBUTES:
        return old.start, old.start + len(core)  # "the height of the tower", "and the width?"
    return old.start + len(core) + len(of), old.end  # "and the bridge?"


def _sort(phrase: Phrase) -> str:
    """The sort of a phrase; a mill is a thing as much as a place."""
    return phrase.sort if phrase.sort != "place" or phrase.is_name else "thing"


def _put(last: str, span: tuple[int, int], what: str) -> str:
    """What is asked of instead, in its place: one article, not two, and none before a name that has none."""
    begin, end = span
    article = re.search(r"\bthe $", last[:begin], re.IGNORECASE)
    if article:
        begin -= 4
    owned = "'s" if re.search(r"[’']s?$", last[begin:end]) and not re.search(r"[’']s?$", what) else ""
    return f"{last[:begin]}{what}{owned}{last[end:]}"


def asked_noun(last: str, phrase: Phrase) -> tuple[int, int]:
    """Where the noun of "which ships" or "how many ships" stands."""
    match = _COUNTED.match(last, phrase.start)
    return (match.end() if match else phrase.start), phrase.end
