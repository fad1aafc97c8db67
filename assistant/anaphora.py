"""Pronouns and demonstratives of a follow-up, replaced by what they stand for in the exchanges before it.

Each noun phrase that was said has a salience by its grammatical role and by how long ago it was said; of those that
agree in number and sort, the most salient is taken. After Lappin and Leass (1994), "An algorithm for pronominal
anaphora resolution", whose weights these are: 100 for the last exchange, 80 for a subject, 50 for an object, 40 for an
oblique phrase, 80 for a phrase that is no part of another, 35 for the same role as the pronoun's; halved with each
exchange that lies between. A phrase that was asked for ("which banks") is the topic of the exchange, as in the
centering of Grosz, Joshi and Weinstein (1995), and gets 50 more; what is given or done to somebody ("sells to them")
is not done to a thing, which is worth 40.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.entities import find_entities
from assistant.lexicon import AMOUNTS, ATTRIBUTES, DEMONSTRATIVES, POSSESSIVES
from assistant.phrases import Phrase, Role, core_question, find_phrases, is_definite
from assistant.tagging import Token, tokenise
from index.words import split_words, word_form

_RECENT, _WHOLE, _PARALLEL, _ASKED, _ANSWER = 100, 80, 35, 50, 90
_ROLES: dict[Role, int] = {"subject": 80, "object": 50, "oblique": 40, "embedded": 40}
_RECIPIENTS = frozenset(["to", "from", "by", "with"])
_RECIPIENT = 40
_UNNAMED = 60
# More for what is introduced as known, "the harbour", than for a bare "fish" or "active duty".
_KNOWN = 30
_CLAUSE_WORDS = 12
# "They" of a single company or party.
_GROUP_AS_PLURAL = -30

_SINGULAR = frozenset(["it", "its", "this", "that"])
_PLURAL = frozenset(["they", "them", "their", "theirs", "these", "those"])
_PERSON = frozenset(["he", "him", "his", "she", "her", "hers"])
_SUBJECTS = frozenset(["it", "they", "he", "she", "this", "that", "these", "those"])
_OWNERS = frozenset(["its", "their", "theirs", "his", "hers"])
# "it" that stands for nothing: the patterns of Lappin and Leass (1994, section 2.1.2), and the weather.
_PLEONASTIC = re.compile(
    r"(?:(?:is|was) it(?: \w+){0,3}? (?:that|to|if|whether)|it (?:is|was|be)(?: \w+){0,2}? (?:that|to|if|whether)"
    r"|it (?:\w+ )?(?:take|takes|took|cost|costs) (?:\w+ ){0,2}?to|(?:do|does|did|not) it matter|in it for|it (?:\w+ )?(?:seem|seems|appear|appears|rain|rains|snow|depend|depends)"
    r"|(?:is|was) it (?:true|possible|likely|necessary|important|clear|worth))\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"[,.;:?!]| [-–—] |\b(?:that|if|whether|because|when|while|why|how|what|but|before|after|since|so|as|(?:and|or)(?= (?:(?:in|on|at|by|to|from) )?(?:it|they|he|she|do|does|did|is|are|was|were|has|have|had|can|could|will|would|should|what|which|who)\b))\b"
)
_LOCATIVE = re.compile(r"\b(?:in|at|to|from|near|into|on) (?:the )?$")
_SPEAKS = r"(?:said|says|confirmed|told|announced|stated|declared|added|explained|argued|wrote)"
_AMOUNT = frozenset(["amount", "sum", "figure", "number", "money", "price", "cost", "total", "share", "percentage"])
_TIMES = frozenset(["day", "days", "time", "moment", "point", "way", "case", "year", "month", "week", "respect"])
# No things that are spoken of again.
_VAGUE = _TIMES | {
    "date",
    "dates",
    "years",
    "lot",
    "bit",
    "kind",
    "kinds",
    "sort",
    "part",
    "fact",
    "example",
    "thing",
    "things",
}


@dataclass(frozen=True)
class Exchange:
    """A standalone question, and its answer's text or an empty string where it was refused."""

    question: str
    answer: str


@dataclass(frozen=True)
class _Candidate:
    phrase: Phrase
    salience: float


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
        if phrase.determiner in DEMONSTRATIVES and phrase.head not in _TIMES:
            full = _of_head(phrase, before) or _of_sort(phrase, before[-1])
            if full is not None and full.casefold() not in question.casefold():
                question = question[: phrase.start] + full + question[phrase.end :]
    return question


def leans(question: str) -> bool:
    """Whether a question still has a pronoun that nothing in it explains, or points to what was said as a whole."""
    tokens = tokenise(question)
    for i, token in enumerate(tokens):
        if token.tag != "pronoun" or token.low not in _SINGULAR | _PLURAL | _PERSON or token.low in _OWNERS:
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
    elif token.low not in _SINGULAR | _PLURAL | _PERSON or (token.tag == "determiner" and token.low not in POSSESSIVES):
        return None
    if not is_there and (_is_bound(question, tokens, i) or _is_empty(question, tokens, i)):
        return None
    best = max(
        (c for c in _candidates(before, tokens, i) if _is_other(c.phrase.text, question, used)),
        key=lambda candidate: (candidate.salience, candidate.phrase.start),
        default=None,
    )
    if best is None:
        return None
    name = best.phrase.text
    if token.low in _OWNERS or (token.low == "her" and token.tag == "determiner"):
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
    if token.low in _OWNERS and _repeats_pronoun(tokens, i):
        return True
    return any(
        _binds(question, tokens, i, phrase)
        for phrase in find_phrases(question)
        if _agrees(phrase, token.low) and not phrase.start <= token.start < phrase.end
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
    return any(t.tag == "pronoun" and t.low not in _OWNERS and _number(t.low) == same is not None for t in tokens[:i])


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
    return next(
        (words for words in (_SINGULAR - DEMONSTRATIVES, _PLURAL - DEMONSTRATIVES, _PERSON) if pronoun in words), None
    )


def _is_subject(tokens: Sequence[Token], i: int) -> bool:
    if tokens[i].low in _OWNERS:
        return True
    if tokens[i].low not in _SUBJECTS or (i and tokens[i - 1].tag == "preposition"):
        return False
    is_before_verb = i + 1 < len(tokens) and tokens[i + 1].tag in ("verb", "auxiliary")
    return i == 0 or is_before_verb or tokens[i - 1].tag == "auxiliary"


def _candidates(before: Sequence[Exchange], tokens: Sequence[Token], i: int) -> Iterator[_Candidate]:
    pronoun, is_subject = tokens[i].low, _is_subject(tokens, i)
    is_recipient = i > 0 and tokens[i - 1].low in _RECIPIENTS and pronoun in _PLURAL
    is_part = i > 0 and tokens[i - 1].low == "of" and pronoun == "them"
    who_of_them = is_part and re.match(r"(?:by |with |to )?who", before[-1].question, re.IGNORECASE) is not None
    for distance, exchange in enumerate(reversed(before[-3:])):
        for phrase, weight in _said(exchange, pronoun, is_last=not distance):
            if not _agrees(phrase, pronoun) or (is_part and not phrase.is_plural):
                continue
            if who_of_them and phrase in find_phrases(exchange.question):
                continue
            salience = weight + (_PARALLEL if (phrase.role == "subject") == is_subject else 0)
            if pronoun in _PLURAL and not phrase.is_plural:
                salience += _GROUP_AS_PLURAL
            if is_recipient and phrase.sort != "thing":
                salience += _RECIPIENT
            if pronoun in _PERSON and not phrase.is_name:
                salience -= _UNNAMED
            if phrase.determiner or phrase.is_name or re.search(r"[’']s? ", phrase.text):
                salience += _KNOWN
            if " and " in phrase.text:
                salience += 1  # a row of names before each of them
            if (
                pronoun in _SINGULAR
                and phrase.sort == "group"
                and phrase.is_name
                and phrase.text.istitle()
                and " " not in phrase.text
            ):
                salience -= _UNNAMED  # as likely somebody's surname
            yield _Candidate(phrase, salience / 2**distance)


def _said(exchange: Exchange, pronoun: str, *, is_last: bool) -> Iterator[tuple[Phrase, float]]:
    """The phrases of an exchange with their salience, without what depends on the pronoun's role."""
    question = core_question(exchange.question)
    for phrase in find_phrases(question):
        if not is_definite(phrase) or phrase.head in _VAGUE:
            continue
        is_attribute = phrase.head in ATTRIBUTES and " of " in phrase.text
        whole = 0 if phrase.role == "embedded" else -_WHOLE if is_attribute else _WHOLE
        if pronoun == "there" and phrase.is_name and _LOCATIVE.search(question, 0, phrase.start):
            phrase = replace(phrase, sort="place")
        asked_for = (_ASKED if exchange.answer or phrase.sort != "person" else -_UNNAMED) if phrase.is_asked_for else 0
        yield _specified(phrase, question), _RECENT + _ROLES[phrase.role] + whole + asked_for
    if pronoun in ("it", "that") and (amount := _amount(question)) is not None:
        yield amount, _RECENT + _WHOLE + _ROLES["subject"] + _ASKED
    asked: set[str] = set()
    if re.search(r"\b(?:who|whom)\b", exchange.question, re.IGNORECASE):
        asked = {"person", "group"} if pronoun != "it" else set()
    elif pronoun == "there" and re.search(r"\bwhere\b", exchange.question, re.IGNORECASE):
        asked = {"place"}
    for phrase in _answered(exchange.answer):
        if is_last or phrase.is_name:  # not what an earlier answer mentioned besides
            yield phrase, _ANSWER + _ROLES[phrase.role] + (_RECENT + _ASKED if phrase.sort in asked else 0)


def _specified(phrase: Phrase, question: str) -> Phrase:
    """ "The countries" that were asked for, with what was asked of them: the noun alone would name them to nobody."""
    if not phrase.is_asked_for or phrase.sort == "thing" or len(phrase.text.split()) > 2 or phrase.role != "subject":
        return phrase
    rest = question[phrase.end :].strip(" ?.")
    which = "who" if phrase.sort == "person" else "that"
    tells = sum(word.is_content for word in split_words(rest)) > 2 and len(rest.split()) <= _CLAUSE_WORDS
    return replace(phrase, text=f"{phrase.text} {which} {rest}") if tells else phrase


def _amount(question: str) -> Phrase | None:
    """What "how much" asks for, as a phrase: Norway's spending on its army, of "how much did Norway spend on its army"."""
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


def _answered(answer: str) -> list[Phrase]:
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


def _agrees(phrase: Phrase, pronoun: str) -> bool:
    if pronoun == "there":
        return phrase.sort == "place"
    if pronoun in _PERSON:
        is_asked = phrase.is_asked_for and phrase.sort == "thing" and phrase.role == "subject"  # "which economist"
        return (phrase.sort == "person" or is_asked) and not phrase.is_plural
    if pronoun in _PLURAL:
        return phrase.is_plural or phrase.sort == "group"
    return not phrase.is_plural and phrase.sort != "person"


def _of_head(phrase: Phrase, before: Sequence[Exchange]) -> str | None:
    """A fuller phrase of the same head: "the tax reforms of 1990" for "those reforms"."""
    head = word_form(phrase.head)
    size = len(phrase.text.split())
    for exchange in reversed(before[-2:]):
        for other in (*find_phrases(exchange.question), *_answered(exchange.answer)):
            same = word_form(other.head) == head and other.is_plural == phrase.is_plural
            if same and len(other.text.split()) > size and is_definite(other):
                return other.text
    return None


def _of_sort(phrase: Phrase, last: Exchange) -> str | None:
    """A figure or name of the answer, or a name of the question, of the sort that a demonstrative phrase names."""
    if len(phrase.text.split()) > 2:
        return None
    if phrase.head in _AMOUNT:
        kinds = {"money", "percent", "number"}
        return next((last.answer[e.start : e.end] for e in find_entities(last.answer) if e.kind in kinds), None)
    if phrase.sort == "thing":
        return None
    named = [
        other
        for other in (*_answered(last.answer), *find_phrases(last.question))
        if other.is_name and other.sort == phrase.sort and other.is_plural == phrase.is_plural
    ]
    return named[0].text if named else None
