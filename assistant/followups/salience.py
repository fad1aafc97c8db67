"""What a pronoun may stand for: the noun phrases of the exchanges before it, with their salience.

Each phrase that was said has a salience by its grammatical role and by how long ago it was said. After Lappin and Leass
(1994), "An algorithm for pronominal anaphora resolution", whose weights these are: 100 for the last exchange, 80 for a
subject, 50 for an object, 40 for an oblique phrase, 80 for a phrase that is no part of another, 35 for the same role as
the pronoun's; halved with each exchange that lies between. A phrase that was asked for ("which banks") is the topic of
the exchange, as in the centering of Grosz, Joshi and Weinstein (1995), and gets 50 more. The weights below that are our
own, chosen on made-up conversations and on the cases for fitting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.followups.lexicon import (
    AMOUNTS,
    ATTRIBUTES,
    DOCUMENTS,
    PERSON_PRONOUNS,
    PLURAL_PRONOUNS,
    POSSESSIVE_PRONOUNS,
    VAGUE,
)
from assistant.followups.phrases import Phrase, Role, core_question, find_phrases, is_definite
from assistant.followups.tagging import Token, tokenise
from index.words import split_words

_RECENT, _WHOLE, _PARALLEL, _ASKED = 100, 80, 35, 50
_ROLES: dict[Role, int] = {"subject": 80, "object": 50, "oblique": 40, "embedded": 40}
# What the answer mentions comes after what the question asked of.
_ANSWER = 90
# What is sold or given to somebody is not sold to a thing.
_RECIPIENT = 40
# "He" of somebody without a name, or who was asked for in vain; "it" of what is as likely a surname.
_UNLIKELY = -60
# More for what is introduced as known, "the harbour", than for a bare "fish" or "active duty".
_KNOWN = 30
# "They" of a single company or party.
_GROUP_AS_PLURAL = -30
# A row of names before each of them.
_ROW = 1
# How many exchanges are looked back upon.
_EXCHANGES = 3
# In words: what may be said again of something in a clause.
_CLAUSE_WORDS = 12

_RECIPIENTS = frozenset(["to", "from", "by", "with"])
_SUBJECTS = frozenset(["it", "they", "he", "she", "this", "that", "these", "those"])
_LOCATIVE = re.compile(r"\b(?:in|at|to|from|near|into|on) (?:the )?$")
_SPEAKS = r"(?:said|says|confirmed|told|announced|stated|declared|added|explained|argued|wrote)"


@dataclass(frozen=True)
class Exchange:
    """A standalone question, and its answer's text or an empty string where it was refused."""

    question: str
    answer: str


@dataclass(frozen=True)
class Candidate:
    """A phrase that a pronoun may stand for; the greater the salience, the likelier."""

    phrase: Phrase
    salience: float


def candidates(before: Sequence[Exchange], tokens: Sequence[Token], i: int) -> Iterator[Candidate]:
    """What agrees with the pronoun that is word ``i`` of a question, in the last exchanges."""
    pronoun, is_subject = tokens[i].low, _is_subject(tokens, i)
    led_by = tokens[i - 1].low if i else ""
    is_part = led_by == "of" and pronoun == "them"
    who_of_them = is_part and re.match(r"(?:by |with |to )?who", before[-1].question, re.IGNORECASE) is not None
    for distance, exchange in enumerate(reversed(before[-_EXCHANGES:])):
        asked = find_phrases(exchange.question) if who_of_them else ()
        for phrase, weight in _said(exchange, pronoun, is_last=not distance):
            if not agrees(phrase, pronoun) or (is_part and not phrase.is_plural) or phrase in asked:
                continue
            salience = weight + _fit(phrase, pronoun)
            if (phrase.role == "subject") == is_subject:
                salience += _PARALLEL
            if led_by in _RECIPIENTS and pronoun in PLURAL_PRONOUNS and phrase.sort != "thing":
                salience += _RECIPIENT
            yield Candidate(phrase, salience / 2**distance)


def _fit(phrase: Phrase, pronoun: str) -> int:
    """How well a phrase goes with a pronoun that it agrees with."""
    fit = _ROW if " and " in phrase.text else 0
    if phrase.determiner or phrase.is_name or re.search(r"[’']s? ", phrase.text):
        fit += _KNOWN
    if pronoun in PLURAL_PRONOUNS and not phrase.is_plural:
        fit += _GROUP_AS_PLURAL
    if pronoun in PERSON_PRONOUNS and not phrase.is_name:
        fit += _UNLIKELY
    is_surname = phrase.is_name and phrase.sort == "group" and phrase.text.istitle() and " " not in phrase.text
    return fit + (_UNLIKELY if pronoun not in PERSON_PRONOUNS and is_surname else 0)


def _is_subject(tokens: Sequence[Token], i: int) -> bool:
    if tokens[i].low in POSSESSIVE_PRONOUNS:
        return True
    if tokens[i].low not in _SUBJECTS or (i and tokens[i - 1].tag == "preposition"):
        return False
    is_before_verb = i + 1 < len(tokens) and tokens[i + 1].tag in ("verb", "auxiliary")
    return i == 0 or is_before_verb or tokens[i - 1].tag == "auxiliary"


def _said(exchange: Exchange, pronoun: str, *, is_last: bool) -> Iterator[tuple[Phrase, float]]:
    """The phrases of an exchange with their salience, without what depends on the pronoun's role."""
    question = core_question(exchange.question)
    for phrase in find_phrases(question):
        if not is_definite(phrase) or phrase.head in VAGUE:
            continue
        is_attribute = phrase.head in ATTRIBUTES and " of " in phrase.text
        is_aside = (
            is_attribute or phrase.text.removeprefix("the ") in DOCUMENTS
        )  # "does the report mention solar power?"
        whole = 0 if phrase.role == "embedded" else -_WHOLE if is_aside else _WHOLE
        if pronoun == "there" and phrase.is_name and _LOCATIVE.search(question, 0, phrase.start):
            phrase = replace(phrase, sort="place")
            whole += _ASKED
        asked_for = 0
        if phrase.is_asked_for:
            asked_for = _ASKED if exchange.answer or phrase.sort != "person" else _UNLIKELY
        named = _specified(phrase, question) if phrase.sort != "thing" or pronoun in PERSON_PRONOUNS else phrase
        yield named, _RECENT + _ROLES[phrase.role] + whole + asked_for
    if pronoun in ("it", "that") and (amount := _amount(question)) is not None:
        yield amount, _RECENT + _WHOLE + _ROLES["subject"] + _ASKED
    asked: set[str] = set()
    if re.search(r"\b(?:who|whom)\b", exchange.question, re.IGNORECASE):
        asked = {"person", "group"} if pronoun != "it" else set()
    elif pronoun == "there" and re.search(r"\bwhere\b", exchange.question, re.IGNORECASE):
        asked = {"place"}
    for phrase in answered(exchange.answer):
        if is_last or phrase.is_name:  # not what an earlier answer mentioned besides
            yield phrase, _ANSWER + _ROLES[phrase.role] + (_RECENT + _ASKED if phrase.sort in asked else 0)


def _specified(phrase: Phrase, question: str) -> Phrase:
    """Of "the countries" that were asked for, what was asked of them, too: the noun alone would name them to nobody."""
    if not phrase.is_asked_for or len(phrase.text.split()) > 2 or phrase.role != "subject":
        return phrase
    rest = question[phrase.end :].strip(" ?.")
    which = "who" if phrase.sort in ("person", "thing") else "that"
    tells = sum(word.is_content for word in split_words(rest)) > 2 and len(rest.split()) <= _CLAUSE_WORDS
    return replace(phrase, text=f"{phrase.text} {which} {rest}") if tells else phrase


def _amount(question: str) -> Phrase | None:
    """What "how much" asks for: Norway's spending on its army, of "how much did Norway spend on its army"."""
    match = re.match(r"how much (?:money )?(?:do|does|did|will|has|have|could|can|would) ", question, re.IGNORECASE)
    subject = next((p for p in find_phrases(question) if p.role == "subject" and not p.is_asked_for), None)
    if match is None or subject is None:
        return None
    verb = next((t for t in tokenise(question) if t.start >= subject.end and t.tag == "verb"), None)
    if verb is None or verb.low not in AMOUNTS:
        return None
    rest = re.sub(r"\s+in (?:1\d{3}|20\d{2})$", "", question[verb.end :].rstrip(" ?."))
    owner = subject.text + ("'" if subject.text.endswith("s") else "'s")
    return replace(
        subject, text=f"{owner} {AMOUNTS[verb.low]}{rest}", head=AMOUNTS[verb.low], sort="thing", is_plural=False
    )


def answered(answer: str) -> list[Phrase]:
    """The phrases of an answer's first sentence; a name that speaks is a person's."""
    first = re.split(r"(?<=[.!?])\s", answer, maxsplit=1)[0]
    found = []
    for phrase in find_phrases(first):
        if phrase.is_name and phrase.sort == "group" and " " not in phrase.text and not phrase.text.isupper():
            is_speaker = re.match(rf"\s+{_SPEAKS}\b", first[phrase.end :])
            phrase = replace(phrase, sort="person") if is_speaker else phrase
        is_bare = " " not in phrase.text.removeprefix("the ") and not phrase.determiner and not phrase.is_name
        if is_definite(phrase) and not is_bare and (phrase.is_name or phrase.role != "embedded"):
            found.append(phrase)
    return found


def agrees(phrase: Phrase, pronoun: str) -> bool:
    """Whether a phrase is of the number and sort of a pronoun; "they" may be a single company or party."""
    if pronoun == "there":
        return phrase.sort == "place"
    if pronoun in PERSON_PRONOUNS:
        is_asked = phrase.is_asked_for and phrase.sort == "thing" and phrase.role == "subject"  # "which economist"
        return (phrase.sort == "person" or is_asked) and not phrase.is_plural
    if pronoun in PLURAL_PRONOUNS:
        return phrase.is_plural or phrase.sort == "group"
    return not phrase.is_plural and phrase.sort != "person"
