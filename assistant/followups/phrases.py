"""Noun phrases of a question, with the roles they play in it: a small chunker over tagged words.

What stands between function words and verbs is a noun phrase, after Abney (1991), "Parsing by chunks". English
questions are regular enough for it: after an auxiliary stands the subject, after the main verb the object, after a
preposition an oblique phrase.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from assistant.entities import find_entities
from assistant.followups.lexicon import GROUPS, INDEFINITE, PERSONS, PLACES, PLURALS, POSSESSIVES, SINGULARS
from assistant.followups.tagging import READ, Token, tokenise

Role = Literal["subject", "object", "oblique", "embedded"]
Sort = Literal["person", "place", "group", "thing"]

_POSSESSED = re.compile(r"[’']s?$")
# What may follow a noun phrase and belong to it, apart from "of".
_ATTACHED = frozenset(["about", "between", "on", "with", "against", "for"])
_SORTS: tuple[tuple[Sort, frozenset[str]], ...] = (("person", PERSONS), ("place", PLACES), ("group", GROUPS))


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase: its offsets, how it is named when it is spoken of again, and its grammar.

    ``determiner`` is its first word if that is one, in small letters ("which", "the", ""); ``head`` its last noun.
    """

    start: int
    end: int
    text: str
    head: str
    determiner: str
    role: Role
    is_plural: bool
    sort: Sort
    is_name: bool

    @property
    def is_asked_for(self) -> bool:
        """Whether it is what the question asks for: "which banks", "how many goals"."""
        return self.determiner in ("which", "what", "how many", "how much")


def core_question(question: str) -> str:
    """The question that an earlier lean was filled up with: of "is that a lot: how long is it?" the second part."""
    head, mark, rest = question.partition(": ")
    first = tokenise(rest)[:1] if mark and len(head) <= 60 else ()
    return rest if first and first[0].tag in ("interrogative", "auxiliary", "preposition") else question


def find_phrases(text: str) -> tuple[Phrase, ...]:
    """The noun phrases of a text in order; several joined by "and" come once more, as one, after their parts."""
    return _find_phrases(text[:READ])


@lru_cache(maxsize=256)
def _find_phrases(text: str) -> tuple[Phrase, ...]:
    tokens = tokenise(text)
    runs = _runs(tokens)
    found: list[Phrase] = []
    has_subject = has_verb = False
    at = 0
    for begin, end in runs:
        has_verb = has_verb or any(t.tag == "verb" for t in tokens[at:begin])
        role: Role = "object" if has_subject or has_verb else "subject"
        before = tokens[begin - 1] if begin else None
        if before is not None and before.tag == "preposition":
            role = "oblique"
        elif before is not None and before.low in ("and", "or") and found and begin - 1 == at:
            role = next(p.role for p in reversed(found) if p.role != "embedded")
        phrase = _phrase(text, tokens, begin, end, role)
        if role == "subject" and not phrase.is_asked_for and phrase.determiner != "whose":
            has_subject = True
        found += [phrase, *_owners(text, tokens, begin, end)]
        at = end
    return tuple(_joined(text, _placed(found, has_subject)))


def _placed(found: list[Phrase], has_subject: bool) -> list[Phrase]:
    """The phrases, "which banks" no subject in "which banks did the state save"."""
    return [
        replace(p, role="object")
        if has_subject and p.role == "subject" and (p.is_asked_for or p.determiner == "whose")
        else p
        for p in found
    ]


def _runs(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """The first token and the one after the last of each noun phrase, with the "of" phrases that belong to it."""
    runs: list[tuple[int, int]] = []
    i = 0
    while i < len(tokens):
        end = _run_end(tokens, i)
        if end is None:
            i += 1
            continue
        begin = i
        for _ in range(2):
            follows = end < len(tokens) and (
                tokens[end].low == "of"
                or (tokens[end].low in _ATTACHED and (tokens[begin].tag == "determiner" or tokens[begin].is_possessor))
            )
            further = _run_end(tokens, end + 1) if follows else None
            if follows and further is None and tokens[end + 1 : end + 2] and tokens[end + 1].tag == "number":
                further = end + 2  # "the reforms of 1990"
            if further is None:
                break
            end = further
        runs.append((begin, end))
        i = end
    return runs


def _run_end(tokens: Sequence[Token], begin: int) -> int | None:
    """Where the noun phrase that begins here ends; None where none does."""
    i = begin
    if i < len(tokens) and tokens[i].tag == "interrogative":
        i += 1
        if tokens[begin].low not in ("which", "what", "whose"):
            if tokens[begin].low != "how" or i >= len(tokens) or tokens[i].low not in ("many", "much"):
                return None
            i += 1
    else:
        while i < len(tokens) and tokens[i].tag == "determiner":
            i += 1
    first = i
    while i < len(tokens) and tokens[i].tag in ("noun", "name", "number"):
        i += 1
    return i if i > first and any(t.tag != "number" for t in tokens[first:i]) else None


def _phrase(text: str, tokens: Sequence[Token], begin: int, end: int, role: Role) -> Phrase:
    words = tokens[begin:end]
    cut = next((i for i, t in enumerate(words) if t.tag == "preposition"), len(words))
    core = [t for t in words[:cut] if t.tag not in ("determiner", "interrogative") and t.low not in ("many", "much")]
    lead = words[0]
    determiner = lead.low if lead.tag in ("determiner", "interrogative") else ""
    if determiner == "how":
        determiner = f"how {words[1].low}"
    head = core[-1]
    is_name = head.tag == "name"
    inner = text[core[0].start : words[-1].end]
    inner = _POSSESSED.sub("", inner) if words[-1].is_possessor else inner
    owner = ""
    if determiner in POSSESSIVES:
        owner = _owner(text, tokens[:begin])
    is_bare = not determiner and (is_name or core[0].is_possessor)
    is_plural = _is_plural(head)
    is_mass = not determiner and not is_plural and not is_name
    named = inner if is_bare or is_mass else f"{owner or 'the'} {inner}"
    return Phrase(
        lead.start, words[-1].end, named, head.low, determiner, role, is_plural, _sort(text, core, head), is_name
    )


def _owner(text: str, before: Sequence[Token]) -> str:
    """Whose it is where the text has said: "its army" is Norway's in "does Norway pay its army"."""
    names = [t for t in before if t.tag == "name"]
    if not names:
        return ""
    last = len(names) - 1
    first = last
    while first and text[names[first - 1].end : names[first].start] == " ":
        first -= 1
    return f"{_POSSESSED.sub('', text[names[first].start : names[last].end])}'s"


def _owners(text: str, tokens: Sequence[Token], begin: int, end: int) -> list[Phrase]:
    """The phrases inside a phrase: the owner in "the fund's list", what follows its preposition."""
    found: list[Phrase] = []
    start = begin
    for i in range(begin, end):
        if tokens[i].is_possessor and i + 1 < end:
            if any(t.tag in ("noun", "name") for t in tokens[start : i + 1]):
                found.append(_phrase(text, tokens, start, i + 1, "embedded"))
            start = i + 1
        elif tokens[i].tag == "preposition":
            start = i + 1
            further = _run_end(tokens, start)
            if further is not None:
                found.append(_phrase(text, tokens, start, further, "embedded"))
    return found


def _joined(text: str, phrases: Sequence[Phrase]) -> list[Phrase]:
    """The phrases, and each row of them that commas and "and" join."""
    found = list(phrases)
    row: list[Phrase] = []
    for phrase in [*(p for p in phrases if p.role != "embedded"), None]:
        if row and phrase is not None and re.fullmatch(r",? and |, |,? or ", text[row[-1].end : phrase.start]):
            row.append(phrase)
            continue
        if len(row) > 1 and re.search(r" (?:and|or) $", text[row[-2].end : row[-1].start]):  # else it is an apposition
            named = ", ".join(p.text for p in row[:-1]) + f" and {row[-1].text}"
            first = row[0]
            found.append(replace(first, end=row[-1].end, text=named, is_plural=True, head=row[-1].head))
        row = [] if phrase is None else [phrase]
    return found


def _is_plural(head: Token) -> bool:
    if head.low in PLURALS:
        return True
    if head.tag == "name" and (head.text.isupper() or not head.low.endswith("states")):
        return head.low.endswith("s") and head.low in ("forces", "states", "emirates", "troops", "islands")
    return head.low.endswith("s") and not re.search(r"(?:ss|us|is)$", head.low) and head.low not in SINGULARS


def _sort(text: str, core: Sequence[Token], head: Token) -> Sort:
    if head.tag == "name":
        kinds = {e.kind for e in find_entities(text) if e.start < head.end and head.start < e.end}
        if "person" in kinds:
            return "person"
        return "place" if "place" in kinds else "group"
    single = head.low.removesuffix("s")
    forms = {head.low, single, re.sub(r"ies$", "y", head.low)}
    return next((sort for sort, words in _SORTS if forms & words), "thing")


def is_definite(phrase: Phrase) -> bool:
    """Whether a phrase is of something known, not of "any", "some" or "no" thing."""
    return phrase.determiner not in INDEFINITE
