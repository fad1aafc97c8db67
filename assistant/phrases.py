"""Noun phrases of a question, with the roles they play in it: a small chunker over closed-class words.

Without a trained tagger, the words between function words and known verbs are taken as noun phrases, after Abney
(1991), "Parsing by chunks". English questions are regular enough for it: after an auxiliary stands the subject, after
the main verb the object, after a preposition an oblique phrase.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from assistant.entities import find_entities
from assistant.lexicon import (
    ADVERBS, AMBIGUOUS, AUXILIARIES, BE, CONJUNCTIONS, DETERMINERS, GROUPS, INDEFINITE, INTERROGATIVES, MODALS, PERSONS,
    PLACES, PLURALS, POSSESSIVES, PREPOSITIONS, PRONOUNS, SINGULARS, VERBS,
)  # fmt: skip

Tag = Literal[
    "determiner", "pronoun", "interrogative", "auxiliary", "preposition", "conjunction", "adverb", "verb", "noun",
    "name", "number", "sign",
]  # fmt: skip
Role = Literal["subject", "object", "oblique", "embedded"]
Sort = Literal["person", "place", "group", "thing"]

_TOKEN = re.compile(r"\w+(?:[-.’']\w+|(?<=\d),\d+)*+(?:[’'](?!\w))?|[^\w\s]")
_POSSESSED = re.compile(r"[’']s?$")
_COUNTING = frozenset(["which", "what", "whose", "many", "much", "more"])
_SPEAKER = frozenset(["i", "we", "you"])
_RELATIVE = frozenset(["that", "who", "which", "where"])
_BEGINS = frozenset(["determiner", "pronoun", "name"])
# How much of a text is read: nobody leans on more.
_READ = 600
# What may follow a noun phrase and belong to it, apart from "of".
_ATTACHED = frozenset(["about", "between", "on", "with", "against", "for"])


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign with its offsets; ``low`` is it in small letters, without a possessive ending."""

    start: int
    end: int
    text: str
    low: str
    tag: Tag
    is_possessor: bool = False


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


def tokenise(text: str) -> tuple[Token, ...]:
    """The words and signs of a text, tagged; no more than its first few hundred characters are read."""
    return _tokenise(text[:_READ])


def find_phrases(text: str) -> tuple[Phrase, ...]:
    """The noun phrases of a text in order; several joined by "and" come once more, as one, after their parts."""
    return _find_phrases(text[:_READ])


@lru_cache(maxsize=256)
def _tokenise(text: str) -> tuple[Token, ...]:
    names = [(e.start, e.end) for e in find_entities(text) if e.kind in ("person", "place", "organisation")]
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        word = match.group()
        plain = _POSSESSED.sub("", word) if word[0].isalnum() else word
        owned = plain != word and plain.casefold() not in ("it", "what", "who", "that", "there", "how", "where", "he")
        low = (plain if owned else word).casefold().replace("’", "'")
        is_name = any(start < match.end() and match.start() < end for start, end in names)
        found.append(Token(match.start(), match.end(), word, low, _tag(word, low, is_name), owned))
    return tuple(_in_context(found))


def _tag(word: str, low: str, is_name: bool) -> Tag:
    tables: tuple[tuple[Tag, frozenset[str]], ...] = (
        ("interrogative", INTERROGATIVES), ("auxiliary", AUXILIARIES), ("determiner", DETERMINERS),
        ("pronoun", PRONOUNS), ("preposition", PREPOSITIONS), ("conjunction", CONJUNCTIONS),
    )  # fmt: skip
    if not word[0].isalnum():
        return "sign"
    if is_name and not word.islower():
        return "name"
    tag = next((tag for tag, words in tables if low in words), None)
    if tag is not None:
        return tag
    if word[0].isdigit():
        return "number"
    if low in ADVERBS or (low.endswith("ly") and low not in AMBIGUOUS and len(low) > 5):
        return "adverb"
    if low in VERBS or low in AMBIGUOUS:
        return "verb"
    return "verb" if re.fullmatch(r"[a-z]{3,}ed|[a-z]{4,}ing", low) else "noun"


def _in_context(tokens: list[Token]) -> list[Token]:
    """Words of two classes told apart by their neighbours: "the cost" and "does it cost", "that" and "that plan"."""
    opens = ("noun", "number", "name")
    is_inverted = has_verb = False
    for i, token in enumerate(tokens):
        before = tokens[i - 1] if i else None
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        tag = token.tag
        if token.low in ("that", "this", "these", "those", "her", "such", "all", "both", "some", "any", "each"):
            tag = "determiner" if after is not None and _can_open(tokens, i, opens) else "pronoun"
            if token.low == "that" and before is not None and after is not None and _is_conjunction(before, after):
                tag = "conjunction"
        elif tag == "noun" and before is not None and before.tag == "interrogative":
            if before.low == "how":
                tag = "adverb"  # "how large"
            elif before.low == "who" or (before.low == "what" and after is not None and after.tag in _BEGINS):
                tag = "verb"
        elif (
            tag == "noun"
            and i > 1
            and tokens[i - 2].low in _SPEAKER
            and before is not None
            and before.tag == "auxiliary"
        ):
            tag = "adverb"  # "I am curious how"
        elif tag == "noun" and _is_predicate(tokens, i, has_verb):
            tag = "verb"
        elif tag == "verb":
            owned = before is not None and (before.tag in ("determiner", "number") or before.is_possessor)
            in_phrase = before is not None and before.tag in ("noun", "name") and token.low in AMBIGUOUS
            led = before is not None and before.tag == "preposition" and before.low != "to"
            counted = (
                before is not None and before.low in _COUNTING and (token.low in AMBIGUOUS or token.low not in VERBS)
            )
            further = any(t.tag == "verb" and t.low not in AMBIGUOUS for t in _clause(tokens, i + 1))
            is_main = not has_verb and after is not None and (
                after.low == "to" or after.tag == "determiner" or _is_predicate(tokens, i, has_verb)
            )  # fmt: skip
            runs_on = after is not None and after.tag == "verb"
            closes = in_phrase and not is_main and (not is_inverted or has_verb or further or runs_on)
            if owned or (counted and not is_main) or closes or (led and token.low in AMBIGUOUS):
                tag = "noun"
        is_inverted = is_inverted or (tag == "auxiliary" and token.low in MODALS)
        has_verb = has_verb or tag == "verb"
        tokens[i] = replace(token, tag=tag) if tag != token.tag else token
    if is_inverted and not has_verb:
        return _with_verb(tokens)
    return _with_predicate(tokens) if tokens and tokens[0].low in BE else tokens


def _is_conjunction(before: Token, after: Token) -> bool:
    """Whether "that" between two words joins clauses: "says that it", "ships that were built", "possible that one day"."""
    if before.tag in ("noun", "name"):
        return after.tag not in ("sign", "preposition")
    return before.low == "so" or before.tag == "verb" and after.tag in ("pronoun", "name", "determiner")


def _clause(tokens: Sequence[Token], begin: int) -> Sequence[Token]:
    """The rest of a clause."""
    ends = (
        i for i in range(begin, len(tokens)) if tokens[i].tag in ("conjunction", "sign") or tokens[i].low in _RELATIVE
    )
    return tokens[begin : next(ends, len(tokens))]


def _is_predicate(tokens: Sequence[Token], i: int, has_verb: bool) -> bool:
    """Whether a word in -s after a name at the beginning is what the name does: "Norway exports oil"."""
    if has_verb or i == 0 or i + 1 >= len(tokens) or not tokens[i].low.endswith("s") or tokens[i - 1].is_possessor:
        return False
    is_named = all(t.tag in ("name", "determiner") for t in tokens[:i]) and tokens[i - 1].tag == "name"
    after = tokens[i + 1].tag
    return is_named and after in ("determiner", "name", "pronoun", "number", "noun")


def _can_open(tokens: Sequence[Token], i: int, opens: Sequence[Tag]) -> bool:
    """Whether "that" begins a phrase, as in "that plan"; in "does that cost much" it is one."""
    after = tokens[i + 1]
    if after.tag == "name" and tokens[i].low == "that":
        return False
    if after.tag != "verb" or after.low not in AMBIGUOUS:
        return after.tag in opens
    is_subject = i > 0 and tokens[i - 1].low in MODALS
    return not is_subject or any(t.tag == "verb" for t in tokens[i + 2 :])


def _with_predicate(tokens: list[Token]) -> list[Token]:
    """After "is" or "are" at the beginning, the last word of a phrase is what is said of it: "is the vaccine safe?"."""
    end = next((i for i, t in enumerate(tokens[1:], start=1) if t.tag not in ("determiner", "noun", "name")), None)
    if end is None or end < 3 or tokens[end].tag not in ("sign", "adverb") and tokens[end].low != "for":
        return tokens
    if tokens[end - 1].tag == "noun" and tokens[end - 2].tag != "determiner" and not tokens[end - 2].is_possessor:
        tokens[end - 1] = replace(tokens[end - 1], tag="adverb")
    return tokens


def _with_verb(tokens: list[Token]) -> list[Token]:
    """After "does" or "can", the last word of the first phrase of several words is the verb: "does the drug treat?"."""
    begin = next(i for i, token in enumerate(tokens) if token.tag == "auxiliary")
    run: list[int] = []
    for i in range(begin + 1, len(tokens)):
        if tokens[i].tag in ("noun", "name", "number", "determiner"):
            if run and tokens[i].tag == "determiner":
                break
            run.append(i)
        elif tokens[i].tag == "adverb" and not run:
            continue
        elif not (tokens[i].tag == "adverb" or tokens[i].tag == "pronoun") or run:
            after = i + 1 < len(tokens) and tokens[i].tag == "adverb" and tokens[i + 1].tag == "noun"
            if after:
                run = [i + 1, i + 1, i + 1]
            break
    nouns = [i for i in run if tokens[i].tag != "determiner"]
    if len(nouns) > 1 and tokens[nouns[-1]].tag == "noun":
        tokens[nouns[-1]] = replace(tokens[nouns[-1]], tag="verb")
    return tokens


@lru_cache(maxsize=256)
def _find_phrases(text: str) -> tuple[Phrase, ...]:
    tokens = _tokenise(text)
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
    """ "Which banks" is the subject, but in "which banks did the state save" it is the object."""
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
        # a name ends where another one begins: "is Norway a member"
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
    is_bare = determiner == "" and (is_name or core[0].is_possessor)
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
    for sort, words in (("person", PERSONS), ("place", PLACES), ("group", GROUPS)):
        if {head.low, single, re.sub(r"ies$", "y", head.low)} & words:
            return sort  # type: ignore[return-value]
    return "thing"


def is_definite(phrase: Phrase) -> bool:
    """Whether a phrase is of something known, not of "any", "some" or "no" thing."""
    return phrase.determiner not in INDEFINITE
