"""What a written sentence may claim of the sentences that it cites.

Pure functions of texts: the same sentence over the same citations always gets the same verdict, and no model has a say.
Checked are, in this order, figures and dates (value, unit and bound), names and places, what stands beside them,
negation, hedging, opposites, and last how many of the content words are covered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.llm.facts import Fact, Text, read_text, same_name, same_number, variants
from assistant.llm.relation import binds, bound, hedging_fault, negation_fault, opposite_fault
from index.words import Word, split_words, word_form

COVERAGE = 0.8
"""The least mean of how well the source covers each content word of a claim (see :func:`worths`)."""
LEAST = 0.25
"""The least that the word covered worst may have. Both come from a table that ``python -m eval writers`` prints
of right and wrong claims which no rule on facts decides: 0.25 drops 33 of 1,286 right ones and shows 1,009 of 2,405 wrong
ones, 0.35 drops 63 and shows 572. The rules on facts drop right ones already, so the one that drops fewer is taken."""
FEWEST = 2
"""Content words, figures and names among them, of a sentence that says anything."""

# What one says of a report while one tells what is in it.
_GENERIC = frozenset(
    map(
        word_form,
        """report according state mention note describe say tell add document text author source article explain also
        include including such well key main note indicate overall specifically namely part""".split(),
    )
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a sentence may not stand: ``kind`` is one of number, date, name, relation, negation, hedging, opposite, coverage."""

    kind: str
    detail: str


@dataclass(frozen=True)
class Source:
    """What a sentence cites, joined and in ``parts``, and the forms of words ``lent`` by what stands above and before it."""

    text: Text
    parts: tuple[Text, ...]
    lent: frozenset[str] = frozenset()


def source_of(sentences: Sequence[str], lent: Sequence[str] = ()) -> Source:
    """The source that several sentences of a report make; ``lent`` are headings and names that they may speak of."""
    forms = frozenset(word.form for text in lent for word in split_words(text) if word.text[0].isupper())
    return Source(read_text(" ".join(sentences)), tuple(map(read_text, sentences)), forms)


def faults(claim: str, source: Source, near: Mapping[str, float] | None = None) -> tuple[Fault, ...]:
    """Everything that speaks against a claim over its source; empty where it may stand.

    ``near`` gives for a content word's form the cosine of the nearest word of the source; without it, only equal forms
    cover one another.
    """
    read = read_text(claim)
    found = [*_figures(read, source.text), *_names(read, source)]
    for kind, detail in (
        ("negation", negation_fault(read, source.text, source.parts)),
        ("hedging", hedging_fault(read, source.text, source.parts)),
        ("opposite", opposite_fault(read, source.text)),
    ):
        if detail is not None:
            found.append(Fault(kind, detail))
    found += _uncovered(read, source, near or {})
    return tuple(found)


def worths(claim: str, source: Source, near: Mapping[str, float]) -> list[tuple[str, float]]:
    """Each content word of a claim and how well the source covers it: 1 where it has the word's form, else ``near``.

    Figures and names are left out, being held to more.
    """
    forms = source.text.forms | source.lent
    return [(word.text, 1.0 if word.form in forms else near.get(word.form, 0.0)) for word in content_of(claim)]


def content_of(claim: str) -> list[Word]:
    """The words of a claim that coverage looks at."""
    read = read_text(claim)
    held = {i for fact in read.facts for i in range(fact.begin, fact.end)}
    return [
        word
        for i, word in enumerate(read.words)
        if i not in held and word.is_content and word.form not in _GENERIC and not word.text[0].isdigit()
    ]


def _uncovered(claim: Text, source: Source, near: Mapping[str, float]) -> Iterator[Fault]:
    covered = worths(claim.text, source, near)
    values = [value for _, value in covered]
    if values and (sum(values) < COVERAGE * len(values) or min(values) < LEAST):
        strange = [word for word, value in covered if value < COVERAGE]
        yield Fault("coverage", f"{sum(values) / len(values):.2f}: {', '.join(strange[:6])}")
    elif sum(word.is_content for word in claim.words) < FEWEST:
        yield Fault("coverage", "says nothing")


def _figures(claim: Text, source: Text) -> Iterator[Fault]:
    for fact in claim.facts:
        if fact.kind == "name":
            continue
        same = [other for other in source.of(fact.kind) if _equal(fact, other)]
        shown = " ".join(word.text for word in claim.words[fact.begin : fact.end])
        if not same:
            yield Fault(fact.kind, f"{shown} is not in what is cited")
        elif fact.kind == "number" and not _same_bound(claim, fact, source, same):
            yield Fault("number", f"{shown} is bounded otherwise in what is cited")
        elif not binds(claim, fact, source, same):
            yield Fault("relation", f"{shown} is said of something else")
        elif sum(_equal(fact, other) for other in claim.of(fact.kind)) > len(same):
            yield Fault(fact.kind, f"{shown} is there more often than in what is cited")
        elif not _in_order(claim, fact, source, same):
            yield Fault("relation", f"{shown} is at the other end of its range")


def _in_order(claim: Text, fact: Fact, source: Text, same: Sequence[Fact]) -> bool:
    """Whether the fact that a range ends with ("from 9 to 40", "between 2016 and 2019") ends one in the source, too."""
    joint = claim.low[fact.begin - 1 : fact.begin]
    first = next((f for f in claim.facts if f.kind == fact.kind and f.end == fact.begin - 1), None)
    if first is None or joint not in (("to",), ("and",)):
        return True
    if joint == ("and",) and claim.low[first.begin - 1 : first.begin] != ("between",):
        return True
    begins = [other.begin for other in source.of(fact.kind) if _equal(first, other)]
    return any(begin < other.begin for begin in begins for other in same)


def _equal(fact: Fact, other: Fact) -> bool:
    return same_number(fact.value, other.value) if fact.kind == "number" else fact.value == other.value


def _same_bound(claim: Text, fact: Fact, source: Text, same: Sequence[Fact]) -> bool:
    """Whether "about", "more than" and the like are the source's; "about" may be added to an exact figure."""
    said, told = bound(claim, fact), {bound(source, other) for other in same}
    return said in told or (said == "about" and "" in told)


def _names(claim: Text, source: Source) -> Iterator[Fault]:
    names = claim.of("name")
    told = source.text.of("name")
    forms = source.text.forms
    position = 0
    while position < len(names):
        length = _variant_length(claim, names, position, source.text)
        if length:
            position += length
            continue
        fact = names[position]
        position += 1
        form = str(fact.value[0])
        same = [other for other in told if same_name(form, str(other.value[0]))]
        shown = claim.words[fact.begin].text
        if not same and fact.begin == 0 and _is_ordinary(shown, form, source.text):
            continue
        if not same and form not in forms and not any(same_name(form, heading) for heading in source.lent):
            yield Fault("name", f"{shown} is not in what is cited")
        elif not binds(claim, fact, source.text, same):
            yield Fault("relation", f"{shown} is said of something else")
        elif _joined_wrongly(claim, fact, names, source.text):
            yield Fault("name", f"{shown} belongs to another name")


def _is_ordinary(word: str, form: str, source: Text) -> bool:
    """Whether the first word of a claim, capital as it is, is one that the source writes small."""
    return word[1:].islower() and any(other.form == form and other.text.islower() for other in source.words)


def _variant_length(claim: Text, names: Sequence[Fact], position: int, source: Text) -> int:
    """How many words from here on are another spelling of a name of the source ("United Arab Emirates", "UAE"); 0 if none."""
    told = f" {' '.join(word.form for word in source.words if word.form not in ('the', 'of'))} "
    for length in (4, 3, 2, 1):
        run = names[position : position + length]
        if len(run) < length or run[-1].begin - run[0].begin > length:
            continue
        others = variants([str(fact.value[0]) for fact in run])
        whole = " ".join(str(fact.value[0]) for fact in run)
        if f" {whole} " not in told and any(f" {other} " in told for other in others):
            return length
    return 0


def _joined_wrongly(claim: Text, fact: Fact, names: Sequence[Fact], source: Text) -> bool:
    """Whether a name's word follows, with nothing between, one of which the source never makes one name.

    "Anna Berg" out of "Anna Smith" and "Peter Berg": "Anna" is followed by another name's word there, and "Berg"
    follows one.
    """
    before = next((other for other in names if other.end == fact.begin), None)
    if before is None or claim.text[claim.words[before.begin].end : claim.words[fact.begin].start] != " ":
        return False
    one, two = claim.words[before.begin].form, claim.words[fact.begin].form
    forms = [word.form for word in source.words]
    if any(pair == (one, two) for pair in pairwise(forms)):
        return False
    told = {other.begin for other in source.of("name")}
    ends = any(form == one and (i + 1 not in told or not _beside(source, i)) for i, form in enumerate(forms))
    begins = any(form == two and (i - 1 not in told or not _beside(source, i - 1)) for i, form in enumerate(forms))
    return not (ends and begins)


def _beside(text: Text, position: int) -> bool:
    """Whether nothing but a space stands between a word and the next."""
    here, after = text.words[position], text.words[position + 1] if position + 1 < len(text.words) else None
    return after is not None and text.text[here.end : after.start] == " " and position >= 0
