"""Questions made from a sentence by its own figures, dates and names; a question and the words that must answer it.

Without a parser only plain constructions are taken: "the length of the bridge is 300 metres", "the mill was built in
1850", "Anna Berg, the mayor, …", "the city plans to …", "tools such as …". What is made is a guess that reads as
English mostly; whoever offers it has to ask it first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from assistant.entities import Entity, find_entities
from index.words import STOPWORDS, Word, content_forms, split_words

Kind = Literal["figure", "date", "people", "aim", "example"]

_STOP = rf"(?!(?i:{'|'.join(map(re.escape, sorted(STOPWORDS)))})\b)"
_WORD = rf"{_STOP}\w[\w-]*(?!['’\w])"
_OWNER = r"[A-Z][\w-]+['’]s"
# "the new bridge", "Kazakhstan's military", with "of the …" after it; a name alone. "Its" and "this" lean on another
# sentence. The numbers of words bound the time that a pattern takes.
_LED = rf"(?:[Tt]he(?: {_STOP}\w[\w-]*['’]s)?|{_OWNER})(?: {_WORD}){{1,5}}"
_NAME = rf"{_STOP}[A-Z][\w-]+(?: {_STOP}[A-Z][\w-]+){{0,4}}"
_NOUN = rf"(?P<noun>{_LED}(?: of (?:{_LED}|{_NAME}|{_WORD}))?|{_NAME})"
_HEDGE = (
    r"(?: (?:currently|now|only|just|about|around|approximately|some|nearly|almost|roughly|over|at least|more than"
    r"|less than|up to|estimated at|set at))"
)
_MEASURED = re.compile(
    rf"{_NOUN}(?:(?P<link> is| was| are| were| reached| stood at| totals| totalled){_HEDGE}*|,{_HEDGE}+) $"
)
_COUNTED = re.compile(rf"{_NOUN} (?P<has>has|have|had){_HEDGE}* $")
_THINGS = re.compile(r" (?P<noun>(?:[a-z-]+ )?[a-z-]{3,}s|people|staff|personnel)\b")
_COST = re.compile(rf"{_NOUN} (?P<modal>would cost|will cost|costs?){_HEDGE}* $")
_BEGINS = re.compile(r"(?P<on>On|In) $")
_COMPARED = re.compile(r"(?: [\w-]+){0,2} (?:lower|higher|more|less|fewer|larger|smaller|above|below|later|earlier)\b")
# "Out of the budget, 5 million …" and "half of the mill is …" tell no size of these.
_PART = re.compile(r"\b(?:of|from|in|into|to|for|with|on|at|by|than|under|over|via|per) $", re.IGNORECASE)
_THROUGH = re.compile(
    r"\b(?:via|through) (?:its|the|an?|their) (?P<name>(?:[A-Z][\w-]+ ){1,5}(?:Fund|Programme|Program|Scheme|Plan))\b"
)
_PASSIVE = re.compile(
    rf"{_NOUN},?(?: which)? (?P<was>was|were) (?:\w+ly )?(?P<verb>[a-z]+(?:ed|en|wn|ilt|ght|und|un|ut))"
    r"(?: [^\s,.;]+){0,5}? (?:in|on) $"
)
_VERBS = "aim|seek|plan|intend|hope|want|need|promise|propose|pledge"
_AIM = re.compile(rf"{_NOUN} (?P<verb>(?:{_VERBS})s?|has) to (?!be\b)")
_LEAN = re.compile(rf"{_NOUN} (?:depends|relies) (?:\w+ly )?(?:up)?on ")
_EXAMPLES = re.compile(rf"(?P<noun>(?:{_STOP}[a-z-]{{4,}} )?{_STOP}[a-z-]{{4,}}),? (?:such as|including) ")
_FROM = re.compile(rf"(?P<noun>{_STOP}[a-z-]+s) from (?:the )?$")
_ROLE = re.compile(rf",? (?:is |was )?(?:an?|the|its|their|{_OWNER}) ")


_LEADS = frozenset(("the", "its", "their", "his", "her", "our"))
_LED_BY = re.compile(r"\b(?:[Tt]he|[Ii]ts|[Tt]heir|\w+['’]s) $")
# How many places of a name are looked at, and how many characters before each.
_LOOKED_AT, _LEADING = 50, 40
# A longer sentence is a list or a table mostly; and what is read grows with its length times its figures.
_LONGEST = 600


@dataclass(frozen=True)
class Made:
    """A question, what kind of thing it asks for, the forms of the words it is about, and the text that answers it.

    ``subjects`` are the forms of the nouns that it could stand under.
    """

    question: str
    kind: Kind
    about: frozenset[str]
    answer: str
    subjects: frozenset[str]


def questions_on(text: str) -> Iterator[Made]:
    """Questions that a sentence may answer, those on its figures first."""
    if len(text) > _LONGEST:
        return
    entities = find_entities(text)
    for each in entities:
        if each.kind in ("money", "percent", "number"):
            yield from _on_figure(text, each)
    for each in entities:
        if each.kind == "date":
            yield from _on_date(text, each)
        if each.kind == "person" and _ROLE.match(text, each.end) and not text[: each.start].endswith(("The ", "the ")):
            name = text[each.start : each.end]
            yield _made(f"Who is {name}?", "people", name, name)
    yield from _on_origin(text, entities)
    yield from _on_aims(text)


def _on_figure(text: str, figure: Entity) -> Iterator[Made]:
    value = text[figure.start : figure.end]
    found = _MEASURED.search(text, 0, figure.start)
    if found and not _PART.search(text, 0, found.start()) and not _COMPARED.match(text, figure.end):
        noun = _lowered(found["noun"])
        link = (found["link"] or "").strip()
        verb = link if link in ("was", "are", "were") else "is"
        counted = noun.removeprefix("the number of ")
        question = f"How many {counted} are there?" if counted != noun else f"How large {verb} {noun}?"
        yield _made(question, "figure", noun, value)
    if found := _COUNTED.search(text, 0, figure.start):
        noun = _lowered(found["noun"])
        if things := _THINGS.match(text, figure.end):
            do = {"has": "does", "have": "do", "had": "did"}[found["has"]]
            question = f"How many {things['noun']} {do} {noun} have?"
            yield _made(question, "figure", noun, value, things["noun"])
    if figure.kind == "money" and (found := _COST.search(text, 0, figure.start)):
        noun, modal = _lowered(found["noun"]), found["modal"].split()[0]
        # "the houses cost" may be told of any time, "the house cost" of the past alone
        do = {"cost": "do" if noun.endswith("s") else "did", "costs": "does"}.get(modal, modal)
        yield _made(f"How much {do} {noun} cost?", "figure", noun, value)
    if figure.kind == "money" and (found := _THROUGH.search(text, figure.end)):
        yield _made(f"How large is the {found['name']}?", "figure", found["name"], value)


def _on_date(text: str, date: Entity) -> Iterator[Made]:
    value = text[date.start : date.end]
    if found := _PASSIVE.search(text, 0, date.start):
        noun = _lowered(found["noun"])
        yield _made(f"When {found['was']} {noun} {found['verb']}?", "date", noun, value, found["verb"])
    elif (found := _BEGINS.match(text, 0, date.start)) and re.search(r"\d{4}$", value):
        yield _made(f"What happened {found['on'].lower()} {value}?", "date", value, value)


def _on_origin(text: str, entities: Sequence[Entity]) -> Iterator[Made]:
    places = [each for each in entities if each.kind == "place"]
    for first, second in pairwise(places):
        found = _FROM.search(text, 0, first.start)
        if found and re.fullmatch(r",?(?: and| or)? ?(?:the )?", text[first.end : second.start]):
            place = text[first.start : first.end]
            yield _made(f"Which countries do the {found['noun']} come from?", "people", found["noun"], place)


def _on_aims(text: str) -> Iterator[Made]:
    for found in _AIM.finditer(text):
        noun, verb = _lowered(found["noun"]), found["verb"]
        do, plain = ("does", "have" if verb == "has" else verb[:-1]) if verb.endswith("s") else ("do", verb)
        yield _made(f"What {do} {noun} {plain} to do?", "aim", noun, text)
    for found in _LEAN.finditer(text):
        noun = _lowered(found["noun"])
        yield _made(f"What does {noun} depend on?", "aim", noun, text)
    for found in _EXAMPLES.finditer(text):
        yield _made(f"Which {found['noun']} does the report name?", "example", found["noun"], text)


def _made(question: str, kind: Kind, noun: str, answer: str, verb: str = "") -> Made:
    words = [word for word in split_words(noun) if word.is_content]
    subjects = {word.form for word in words if word.text.islower() or word is words[-1]}
    return Made(question, kind, frozenset(content_forms(split_words(f"{noun} {verb}"))), answer, frozenset(subjects))


def _lowered(noun: str) -> str:
    return "the " + noun[4:] if noun.startswith("The ") else noun


def with_article(name: str, text: str) -> str:
    """A name with "the" before it, where the text mostly writes it so, or with an owner in that place.

    Its first :data:`_LOOKED_AT` places tell that, however long the text.
    """
    places: list[int] = []
    at = text.find(name)
    while at >= 0 and len(places) < _LOOKED_AT:
        places.append(at)
        at = text.find(name, at + len(name))
    led = sum(_LED_BY.search(text, max(at - _LEADING, 0), at) is not None for at in places)
    return f"the {name}" if 2 * led > len(places) else name


def phrases(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Two or three content words in small letters between words of other kinds: mostly a noun and what it is like."""
    first = 0  # of the words in a row
    for place, word in enumerate([*words, None]):
        fits = word is not None and word.is_content and word.text.islower() and len(word.text) > 3
        if word is not None and fits and (first == place or word.start == words[place - 1].end + 1):
            continue
        begins_with_verb = first > 0 and words[first - 1].text.lower() == "to"
        if 2 <= place - first <= 3 and not begins_with_verb:
            yield words[first:place]
        first = place if fits else place + 1


def heads(words: Sequence[Word]) -> Iterator[Word]:
    """The last word of each group of content words after "the", "its" or an owner: mostly a noun."""
    led = False
    for word, after in zip(words, [*words[1:], None], strict=True):
        owns = word.text.endswith(("’s", "'s"))
        adjoins = after is not None and after.is_content and after.start == word.end + 1
        if word.is_content and led and (owns or not adjoins) and len(word.text) > 3:
            yield word
        led = word.text.lower() in _LEADS or owns or (led and word.is_content and adjoins)
