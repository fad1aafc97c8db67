"""The words of a question with their classes: closed-class words by lists, the others by their neighbours.

No trained tagger is to be had offline in a few kilobytes. Questions are short and regular enough for lists of function
words and common verbs and a few rules of context, after Brill (1992), "A simple rule-based part of speech tagger".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from assistant.entities import find_entities
from assistant.followups.lexicon import (
    ADVERBS,
    AMBIGUOUS,
    AUXILIARIES,
    BE,
    CONJUNCTIONS,
    DETERMINERS,
    INTERROGATIVES,
    MODALS,
    PLURALS,
    PREPOSITIONS,
    PRONOUNS,
    SINGULARS,
    VERBS,
)

Tag = Literal[
    "determiner", "pronoun", "interrogative", "auxiliary", "preposition", "conjunction", "adverb", "verb", "noun",
    "name", "number", "sign",
]  # fmt: skip

# How much of a text is read, in characters: nobody leans on more.
READ = 600
_TOKEN = re.compile(r"\w+(?:[-–.’']\w+|(?<=\d),\d+)*+(?:[’'](?!\w))?|[^\w\s]")
_POSSESSED = re.compile(r"[’']s?$")
_NO_OWNERS = frozenset(["it", "what", "who", "that", "there", "how", "where", "when", "he", "she", "let"])
_COUNTING = frozenset(["which", "what", "whose", "many", "much", "more"])
_RELATIVE = frozenset(["that", "who", "which", "where"])
_BEGINS = frozenset(["determiner", "pronoun", "name"])
_DETERMINER_OR_PRONOUN = frozenset(
    ["that", "this", "these", "those", "her", "such", "all", "both", "some", "any", "each"]
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign with its offsets; ``low`` is it in small letters, without a possessive ending."""

    start: int
    end: int
    text: str
    low: str
    tag: Tag
    is_possessor: bool = False


def tokenise(text: str) -> tuple[Token, ...]:
    """The words and signs of a text, tagged; no more than its first few hundred characters are read."""
    return _tokenise(text[:READ])


@lru_cache(maxsize=256)
def _tokenise(text: str) -> tuple[Token, ...]:
    names = [(e.start, e.end) for e in find_entities(text) if e.kind in ("person", "place", "organisation")]
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        word = match.group()
        plain = _POSSESSED.sub("", word) if word[0].isalnum() else word
        owned = plain != word and plain.casefold() not in _NO_OWNERS
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
    is_inverted = has_verb = False
    for i, token in enumerate(tokens):
        tag = token.tag
        if token.low in _DETERMINER_OR_PRONOUN:
            tag = _tag_of_pointer(tokens, i)
        elif tag == "noun":
            tag = _tag_of_noun(tokens, i, has_verb=has_verb)
        elif tag == "verb" and _is_noun(tokens, i, is_inverted=is_inverted, has_verb=has_verb):
            tag = "noun"
        is_inverted = is_inverted or (tag == "auxiliary" and token.low in MODALS)
        has_verb = has_verb or tag == "verb"
        tokens[i] = replace(token, tag=tag) if tag != token.tag else token
    if is_inverted and not has_verb:
        return _with_verb(tokens)
    return _with_predicate(tokens) if tokens and tokens[0].low in BE else tokens


def _tag_of_pointer(tokens: Sequence[Token], i: int) -> Tag:
    """Whether "that", "this", "her", "all" … begins a phrase, stands for one, or (of "that") joins clauses."""
    if i + 1 == len(tokens):
        return "pronoun"
    before, after = tokens[i - 1] if i else None, tokens[i + 1]
    if tokens[i].low == "that" and before is not None:
        if before.tag in ("noun", "name") and after.tag not in ("sign", "preposition"):
            return "conjunction"  # "ships that were built"
        if before.low == "so" or (before.tag == "verb" and after.tag in ("pronoun", "name", "determiner")):
            return "conjunction"  # "says that it"
    if after.tag == "name" and tokens[i].low == "that":
        return "pronoun"
    if after.tag != "verb" or after.low not in AMBIGUOUS:
        return "determiner" if after.tag in ("noun", "number", "name") else "pronoun"
    is_subject = before is not None and before.low in MODALS  # "does that cost much"
    return "pronoun" if is_subject and all(t.tag != "verb" for t in tokens[i + 2 :]) else "determiner"


def _tag_of_noun(tokens: Sequence[Token], i: int, *, has_verb: bool) -> Tag:
    """Whether a word that no list has is a verb or an adjective after all."""
    before = tokens[i - 1] if i else None
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    if before is None:
        return "noun"
    if before.low == "how":
        return "adverb"  # "how large"
    if before.low == "who" or (before.low == "what" and after is not None and after.tag in _BEGINS):
        return "verb"
    if before.low == "to" and after is not None and after.tag == "determiner":
        return "verb"
    if i > 1 and before.tag == "auxiliary" and tokens[i - 2].low in ("i", "we", "you"):
        return "adverb"  # "I am curious how"
    return "verb" if _is_predicate(tokens, i, has_verb=has_verb) else "noun"


def _is_noun(tokens: Sequence[Token], i: int, *, is_inverted: bool, has_verb: bool) -> bool:
    """Whether a word that may be a verb is a noun here, or an adjective before one."""
    token, before = tokens[i], tokens[i - 1] if i else None
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    if before is None:
        return False
    is_ambiguous = token.low in AMBIGUOUS
    if before.tag == "determiner" or before.is_possessor:
        return True
    if before.tag == "number" and (is_ambiguous or token.low not in VERBS):
        return True
    if is_ambiguous and before.tag == "preposition" and before.low != "to":
        return True
    is_main = not has_verb and after is not None and (
        after.low == "to" or after.tag == "determiner" or _is_predicate(tokens, i, has_verb=has_verb)
    )  # fmt: skip
    is_last = not has_verb and not is_inverted and (after is None or after.tag == "sign")
    if is_main or (is_last and before.tag == "name"):  # "Peru and Chile trade."
        return False
    if is_ambiguous and _ends_asked(tokens, i):
        return False  # "how many people work there"
    if before.low in _COUNTING:
        return is_ambiguous or token.low not in VERBS
    if not is_ambiguous or before.tag not in ("noun", "name"):
        return False
    further = any(t.tag == "verb" and t.low not in AMBIGUOUS for t in _clause(tokens, i + 1))
    return not is_inverted or has_verb or further or (after is not None and after.tag == "verb")


def _ends_asked(tokens: Sequence[Token], i: int) -> bool:
    """Whether a plural that is asked for ends before a word in the base form: its verb."""
    plural = tokens[i - 1].low in PLURALS or (tokens[i - 1].low.endswith("s") and tokens[i - 1].low not in SINGULARS)
    if tokens[i].low.endswith("s") or tokens[i - 1].tag != "noun" or not plural:
        return False
    begin = next((k for k in range(min(i, 2)) if tokens[k].low in ("which", "what", "how")), None)
    return begin is not None and all(t.tag in ("noun", "name", "number", "adverb") for t in tokens[begin + 1 : i])


def _clause(tokens: Sequence[Token], begin: int) -> Sequence[Token]:
    """The rest of a clause."""
    ends = (i for i, t in enumerate(tokens) if i >= begin and (t.tag in ("conjunction", "sign") or t.low in _RELATIVE))
    return tokens[begin : next(ends, len(tokens))]


def _is_predicate(tokens: Sequence[Token], i: int, *, has_verb: bool) -> bool:
    """Whether a word in -s after a name at the beginning is what the name does: "Norway exports oil"."""
    if has_verb or i == 0 or i + 1 >= len(tokens) or not tokens[i].low.endswith("s") or tokens[i - 1].is_possessor:
        return False
    is_named = all(t.tag in ("name", "determiner") for t in tokens[:i]) and tokens[i - 1].tag == "name"
    return is_named and tokens[i + 1].tag in ("determiner", "name", "pronoun", "number", "noun")


def _with_predicate(tokens: list[Token]) -> list[Token]:
    """After "is" or "are" at the beginning, the last word of a phrase is what is said of it: "is the vaccine safe?"."""
    end = next((i for i, t in enumerate(tokens[1:], start=1) if t.tag not in ("determiner", "noun", "name")), None)
    if end is None or end < 3 or (tokens[end].tag not in ("sign", "adverb") and tokens[end].low != "for"):
        return tokens
    if tokens[end - 1].tag == "noun" and tokens[end - 2].tag != "determiner" and not tokens[end - 2].is_possessor:
        tokens[end - 1] = replace(tokens[end - 1], tag="adverb")
    return tokens


def _with_verb(tokens: list[Token]) -> list[Token]:
    """After "does" or "can", the last word of the first phrase of several words is the verb: "does the drug treat?"."""
    begin = 1 + next(i for i, token in enumerate(tokens) if token.tag == "auxiliary")
    end = begin
    while end < len(tokens) and tokens[end].tag in ("noun", "name", "number", "determiner"):
        if end > begin and tokens[end].tag == "determiner":
            break
        end += 1
    nouns = [i for i in range(begin, end) if tokens[i].tag != "determiner"]
    if nouns and end + 1 < len(tokens) and tokens[end].tag == "adverb" and tokens[end + 1].tag == "noun":
        nouns.append(end + 1)  # "do the troops mostly wear"
    if len(nouns) > 1 and tokens[nouns[-1]].tag == "noun":
        tokens[nouns[-1]] = replace(tokens[nouns[-1]], tag="verb")
    return tokens
