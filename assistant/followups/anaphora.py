"""Pronouns and demonstratives of a follow-up, replaced by what they stand for in the exchanges before it.

Of the phrases that agree in number and sort the most salient is taken (:mod:`assistant.followups.salience`). A pronoun
is left alone where the question itself names what it stands for, after the binding principles of Chomsky (1981): an
antecedent stands in another clause, or, for a possessive, anywhere before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.entities import find_entities
from assistant.followups.lexicon import (
    DEMONSTRATIVES,
    FIGURES,
    PERSON_PRONOUNS,
    PLURAL_PRONOUNS,
    POSSESSIVE_PRONOUNS,
    POSSESSIVES,
    SINGULAR_PRONOUNS,
    TIMES,
)
from assistant.followups.phrases import Phrase, find_phrases, is_definite
from assistant.followups.salience import Exchange, agrees, answered, candidates
from assistant.followups.tagging import Token, tokenise
from index.words import word_form

_PRONOUNS = SINGULAR_PRONOUNS | PLURAL_PRONOUNS | PERSON_PRONOUNS
# "it" that stands for nothing: the patterns of Lappin and Leass (1994, section 2.1.2), and the weather.
_PLEONASTIC = re.compile(
    r"(?:(?:is|was) it(?: \w+){0,3}? (?:that|to|if|whether)|it (?:is|was|be)(?: \w+){0,2}? (?:that|to|if|whether)"
    r"|it (?:\w+ )?(?:take|takes|took|cost|costs) (?:\w+ ){0,2}?to|(?:do|does|did|not) it matter|in it for"
    r"|it (?:\w+ )?(?:seem|seems|appear|appears|rain|rains|snow|depend|depends)"
    r"|(?:is|was) it (?:true|possible|likely|necessary|important|clear|worth))\b",
    re.IGNORECASE,
)
# Where another clause begins; "and" and "or" do where a verb's first word follows.
_CLAUSE = re.compile(
    r"[,.;:?!]| [-–—] |\b(?:that|if|whether|because|when|while|why|how|what|but|before|after|since|so|as"
    r"|(?:and|or)(?= (?:(?:in|on|at|by|to|from) )?(?:it|they|he|she|do|does|did|is|are|was|were|has|have|had|can|could"
    r"|will|would|should|what|which|who)\b))\b"
)


def resolve(question: str, before: Sequence[Exchange]) -> str:
    """The question with each pronoun replaced that leans on an exchange before; the rest as it was."""
    pieces: list[str] = []
    end = 0
    used: set[str] = set()
    tokens = tokenise(question)
    for i, token in enumerate(tokens):
        found = None
        if token.tag in ("pronoun", "determiner") or token.low == "there":
            found = _stands_for(question, tokens, i, before, used)
        if found is not None:
            pieces += [question[end : token.start], found]
            end = token.end
            used.add(found)
    return "".join([*pieces, question[end:]])


def demonstrated(question: str, before: Sequence[Exchange]) -> str:
    """The question with "those reforms" or "that amount" said in full, where a phrase of the same head, or a figure or
    name of the sort, was said before.
    """
    for phrase in reversed(find_phrases(question)):
        if phrase.determiner in DEMONSTRATIVES and phrase.head not in TIMES:
            full = _of_head(phrase, before) or _of_sort(phrase, before[-1])
            if full is not None and full.casefold() not in question.casefold():
                question = question[: phrase.start] + full + question[phrase.end :]
    return question


def leans(question: str) -> bool:
    """Whether a question still has a pronoun that nothing in it explains, or points to what was said as a whole."""
    tokens = tokenise(question)
    for i, token in enumerate(tokens):
        if token.tag != "pronoun" or token.low not in _PRONOUNS or token.low in POSSESSIVE_PRONOUNS:
            continue
        of_kind = i + 1 < len(tokens) and tokens[i + 1].low in ("of", "who", "which", "that", "with", "in")
        if token.low in DEMONSTRATIVES and of_kind:
            continue  # "that of Turkey", "those who came"
        if not _is_bound(question, tokens, i) and not _is_empty(question, tokens, i):
            return True
    return False


def _stands_for(
    question: str, tokens: Sequence[Token], i: int, before: Sequence[Exchange], used: set[str]
) -> str | None:
    token = tokens[i]
    is_there = token.low == "there"
    if is_there:
        if not _is_place(tokens, i):
            return None
    elif token.low in DEMONSTRATIVES and not _is_main_subject(tokens, i):
        return None  # what somebody did, more often than a thing: Webber (1991), "Structure and ostension"
    elif token.low not in _PRONOUNS or (token.tag == "determiner" and token.low not in POSSESSIVES):
        return None
    if not is_there and (_is_bound(question, tokens, i) or _is_empty(question, tokens, i)):
        return None
    best = max(
        (c for c in candidates(before, tokens, i) if _is_other(c.phrase.text, question, used)),
        key=lambda candidate: (candidate.salience, candidate.phrase.start),
        default=None,
    )
    if best is None:
        return None
    name = best.phrase.text
    if token.low in POSSESSIVE_PRONOUNS or (token.low == "her" and token.tag == "determiner"):
        return name + ("'" if name.endswith("s") else "'s")
    if is_there and (i == 0 or tokens[i - 1].tag != "preposition"):
        return f"in {name}"
    return name


def _is_other(name: str, question: str, used: set[str]) -> bool:
    """Whether a phrase is not named beside the pronoun already: two phrases of one clause are two things."""
    return name not in used and name.casefold().removeprefix("the ") not in question.casefold()


def _is_place(tokens: Sequence[Token], i: int) -> bool:
    """Whether "there" is a place: not "is there a port", nor "in there"."""
    if i == 0 or tokens[i - 1].low == "in" or tokens[i - 1].tag == "auxiliary":
        return False
    return all(t.tag != "determiner" for t in tokens[i + 1 : i + 2])


def _is_main_subject(tokens: Sequence[Token], i: int) -> bool:
    before = tokens[i - 1] if i else None
    return before is None or before.tag in ("auxiliary", "interrogative") or before.low in ("and", "but", "so")


def _is_empty(question: str, tokens: Sequence[Token], i: int) -> bool:
    begin = tokens[max(0, i - 1)].start
    return tokens[i].low == "it" and any(_PLEONASTIC.match(question, at) for at in (begin, tokens[i].start))


def _is_bound(question: str, tokens: Sequence[Token], i: int) -> bool:
    """Whether the question itself names what the pronoun stands for: in a clause before it, or, for a possessive,
    in its own clause.
    """
    token = tokens[i]
    if token.low in DEMONSTRATIVES:
        return False
    if token.low in POSSESSIVE_PRONOUNS and _repeats_pronoun(tokens, i):
        return True
    return any(
        _binds(question, tokens, i, phrase)
        for phrase in find_phrases(question)
        if agrees(phrase, token.low) and not phrase.start <= token.start < phrase.end
    )


def _binds(question: str, tokens: Sequence[Token], i: int, phrase: Phrase) -> bool:
    is_before = phrase.end <= tokens[i].start
    if i + 1 < len(tokens) and tokens[i + 1].low in ("part", "behalf", "side", "account"):
        return False  # "any measure on its part"
    if tokens[i].low in POSSESSIVES:
        return (is_before or phrase.role == "subject") and not phrase.is_asked_for
    if phrase.role == "embedded" and not (phrase.is_name and phrase.is_plural):
        return is_before and _is_owner_before(tokens, i, phrase)
    return is_before and (
        _CLAUSE.search(question, phrase.end, tokens[i].start) is not None or _follows_noun(tokens, i, phrase)
    )


def _repeats_pronoun(tokens: Sequence[Token], i: int) -> bool:
    """Whether a possessive is that of a pronoun before it: "might it sell its ships?"."""
    same = _number(tokens[i].low)
    return any(
        t.tag == "pronoun" and t.low not in POSSESSIVE_PRONOUNS and _number(t.low) == same is not None
        for t in tokens[:i]
    )


def _is_owner_before(tokens: Sequence[Token], i: int, phrase: Phrase) -> bool:
    """Whether a named owner stands in another phrase of the clause: "why do Norway's ports make it rich"."""
    owned = any(t.is_possessor and t.end >= phrase.end > t.start for t in tokens[:i])
    return phrase.role == "embedded" and phrase.is_name and owned and any(
        t.tag == "verb" for t in tokens[:i] if t.start >= phrase.end
    )  # fmt: skip


def _follows_noun(tokens: Sequence[Token], i: int, phrase: Phrase) -> bool:
    """Whether the pronoun begins a relative clause, as in "the legacy it leaves"; the noun itself is no antecedent."""
    is_relative = (
        i > 0 and tokens[i - 1].tag == "noun" and i + 1 < len(tokens) and tokens[i + 1].tag in ("verb", "auxiliary")
    )
    return is_relative and phrase.end < tokens[i - 1].end


def _number(pronoun: str) -> frozenset[str] | None:
    if pronoun in DEMONSTRATIVES:
        return None
    return next((words for words in (SINGULAR_PRONOUNS, PLURAL_PRONOUNS, PERSON_PRONOUNS) if pronoun in words), None)


def _of_head(phrase: Phrase, before: Sequence[Exchange]) -> str | None:
    """A fuller phrase of the same head: "the tax reforms of 1990" for "those reforms"."""
    head = word_form(phrase.head)
    size = len(phrase.text.split())
    for exchange in reversed(before[-2:]):
        for other in (*find_phrases(exchange.question), *answered(exchange.answer)):
            same = word_form(other.head) == head and other.is_plural == phrase.is_plural
            if same and len(other.text.split()) > size and is_definite(other):
                return other.text
    return None


def _of_sort(phrase: Phrase, last: Exchange) -> str | None:
    """A figure or name of the answer, or a name of the question, of the sort that a demonstrative phrase names."""
    if len(phrase.text.split()) > 2:
        return None
    if phrase.head in FIGURES:
        kinds = {"money", "percent", "number"}
        return next((last.answer[e.start : e.end] for e in find_entities(last.answer) if e.kind in kinds), None)
    if phrase.sort == "thing":
        return None
    named = [
        other
        for other in (*answered(last.answer), *find_phrases(last.question))
        if other.is_name and other.sort == phrase.sort and other.is_plural == phrase.is_plural
    ]
    return named[0].text if named else None
