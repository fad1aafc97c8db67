"""The figures, dates and names of a text as values that can be compared.

"120 billion tenge", "KZT 120bn" and "120,000,000,000 tenge" are one value; so are "0.8%" and "0.8 per cent". Rules over
words and tables of general knowledge, no tagger: what a rule does not know counts as a name or a number of its own, so
that a doubt never makes two facts the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from assistant.entities import COUNTRIES
from assistant.normalise import VARIANTS
from index.words import STOPWORDS, Word, split_words, word_form

Kind = Literal["number", "date", "name"]

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_NUMBER_WORDS = {word: float(value) for value, word in enumerate(_ONES) if word != "one"}
_TENS = {word: 10.0 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_UNITS = {word: float(value) for value, word in enumerate(_ONES) if 0 < value < 10}
_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "k": 1e3, "million": 1e6, "mn": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9,
    "trillion": 1e12, "tn": 1e12,
}  # fmt: skip
# "thousands of lamps", "dozens": how many is left open
_LOOSE = frozenset({"hundreds", "thousands", "millions", "billions", "trillions", "dozens", "dozen"})
_CURRENCIES = {
    "usd": "usd", "$": "usd", "us$": "usd", "dollar": "usd", "dollars": "usd", "eur": "eur", "€": "eur", "euro": "eur",
    "euros": "eur", "gbp": "gbp", "£": "gbp", "pound": "gbp", "pounds": "gbp", "kzt": "kzt", "tenge": "kzt",
    "cny": "cny", "yuan": "cny", "renminbi": "cny", "jpy": "jpy", "yen": "jpy", "¥": "jpy", "rub": "rub",
    "rouble": "rub", "roubles": "rub", "ruble": "rub", "rubles": "rub", "inr": "inr", "rupee": "inr", "rupees": "inr",
    "chf": "chf", "franc": "chf", "francs": "chf", "try": "try", "lira": "try", "liras": "try", "aed": "aed",
    "dirham": "aed", "dirhams": "aed", "qar": "qar", "riyal": "qar", "riyals": "qar", "sar": "sar", "sgd": "sgd",
    "krw": "krw", "won": "krw", "krone": "krone", "kroner": "krone", "kronor": "krone", "krona": "krone",
    "crown": "krone", "crowns": "krone", "real": "brl", "reais": "brl", "peso": "peso", "pesos": "peso",
}  # fmt: skip
# words of the table above that are also ordinary ones: a currency only right after a figure
_ORDINARY = frozenset({"pound", "pounds", "try", "won", "real", "crown", "crowns", "franc", "francs"})
_MEASURES = frozenset(
    map(
        word_form,
        """metre meter kilometre kilometer mile foot feet inch yard centimetre millimetre gram kilogram kg km cm mm tonne
        ton litre liter hectare acre degree second minute hour day week month year decade century percent mg ml gallon
        barrel watt kilowatt megawatt gigawatt volt knot""".split(),
    )
)
MONTHS = {
    name: number
    for number, names in enumerate(
        "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sep/sept october/oct "
        "november/nov december/dec".split(),
        start=1,
    )
    for name in names.split("/")
}
_DAYS = frozenset(float(day) for day in range(1, 32))
# a month only beside a figure: "may" and "march" are verbs
_NOT_MONTHS_ALONE = frozenset({"may", "march", "mar", "jan", "jun", "sep", "dec", "nov", "oct", "apr", "feb", "aug"})
_BEFORE_MONTH = frozenset("in by since until till during from between last next early late mid every each".split())
# Words that begin a sentence with a capital and are neither names nor what it is about.
_OPENERS = frozenset(
    """according additionally also although another because besides both consequently despite each earlier either
    finally first following further furthermore hence however instead lastly later likewise many meanwhile moreover most
    nevertheless notably once overall second secondly several similarly since so some specifically still such third
    therefore thus together two ultimately under unlike while yes yet no given much more less few other others against
    today currently recently alongside amid among within without whether nonetheless beyond even""".split()
)
# A word with such an ending, first in a sentence, is an ordinary one more likely than a name.
_ORDINARY_ENDING = re.compile(
    r"(?:ing|ed|tion|tions|ment|ments|ity|ities|ness|ies|ers|ors|ists|ance|ence|ances|ences|ly|ship|ships|ties|gy|cy|ures?"
    r"|isms?|ages?|ives?|als?|ials)$"
)
_DEMONYM = ("", "i", "n", "an", "ian", "ese", "ish", "ey", "ans", "ians", "is", "a", "e", "y", "stan", "stani")


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure, a date or a name: its ``value`` and the words ``begin .. end - 1`` of the text that hold it.

    A number's value is ``(amount, unit)``, a date's ``("year", 2023)``, ``("month", 4)``, ``("day", 7)`` or
    ``("month-year", (4, 2025))``, a name's its word form.
    """

    kind: Kind
    value: tuple[object, ...]
    begin: int
    end: int


@dataclass(frozen=True)
class Text:
    """A text taken apart: its words and its facts, in order."""

    text: str
    words: tuple[Word, ...]
    facts: tuple[Fact, ...]
    low: tuple[str, ...]
    """The words in lower case."""

    @property
    def forms(self) -> frozenset[str]:
        """The forms of all its words."""
        return frozenset(word.form for word in self.words)

    def of(self, kind: Kind) -> list[Fact]:
        """Its facts of one kind."""
        return [fact for fact in self.facts if fact.kind == kind]


@lru_cache(maxsize=4096)
def read_text(text: str) -> Text:
    """Take a sentence apart."""
    words = tuple(split_words(text))
    low = tuple(word.text.casefold().replace("’", "'").removesuffix("'s").rstrip(".") for word in words)
    figures = _ranges(list(_numbers_and_dates(text, words, low)), low)
    taken = {i for fact in figures if fact.kind == "number" for i in range(fact.begin, fact.end)}
    names = (fact for fact in _names(text, words, low) if fact.begin not in taken)  # no name in "US dollars"
    found = sorted([*figures, *names], key=lambda fact: fact.begin)
    return Text(text, words, tuple(found), low)


def _numbers_and_dates(text: str, words: Sequence[Word], low: Sequence[str]) -> Iterator[Fact]:
    position = 0
    while position < len(words):
        if _is_month(text, words, low, position):
            yield Fact("date", ("month", MONTHS[low[position]]), position, position + 1)
            year = next((i for i in range(position + 1, min(position + 3, len(words))) if _is_year(low, i)), None)
            if year is not None:
                pair = (MONTHS[low[position]], int(words[year].form))
                yield Fact("date", ("month-year", pair), position, year + 1)
            position += 1
            continue
        fact = _number(text, words, low, position)
        if fact is None:
            position += 1
        else:
            yield fact
            position = fact.end


def _ranges(facts: Sequence[Fact], low: tuple[str, ...]) -> list[Fact]:
    """The facts with the unit of a range at both its ends: "from 23 days to 14", "between 410 and 560 million dollars"."""
    found = list(facts)
    for i, (one, two) in enumerate(pairwise(facts)):
        joins = low[one.begin - 1 : one.begin] + low[one.end : two.begin]
        if one.kind != "number" or two.kind != "number" or joins not in (("from", "to"), ("between", "and")):
            continue
        (first, unit), (second, other) = one.value, two.value
        if unit and not other:
            found[i + 1] = replace(two, value=(second, unit))
        elif other and not unit and one.end == one.begin + 1:
            scale = next((_SCALES[word] for word in low[two.begin + 1 : two.end] if word in _SCALES), 1.0)
            found[i] = replace(one, value=(first * scale if isinstance(first, float) else first, other))
    return found


def _number(text: str, words: Sequence[Word], low: Sequence[str], begin: int) -> Fact | None:
    amount, end, digits = _amount(words, low, begin)
    if amount is None:
        if low[begin] in _LOOSE:
            return Fact("number", (low[begin].rstrip("s"), ""), begin, begin + 1)
        return None
    unit, after = _unit(low, words, begin, end)
    if digits and end == begin + 1 and unit == "":
        if _is_year(low, begin):
            return Fact("date", ("year", int(words[begin].form)), begin, end)
        beside = [i for i in (begin - 1, end, end + (low[end : end + 1] == ["of"])) if i >= 0]
        if amount in _DAYS and any(_is_month(text, words, low, i) for i in beside):
            return Fact("date", ("day", amount), begin, end)
    return Fact("number", (amount, unit), begin, max(end, after))


def _amount(words: Sequence[Word], low: Sequence[str], begin: int) -> tuple[float | str | None, int, bool]:
    """The amount that begins at a word, where it ends, and whether it is written in digits."""
    word = low[begin]
    digits = word[:1].isdigit()
    if digits:
        try:
            amount = float(words[begin].form)
        except ValueError:  # "1.2.3": a version, a section
            return words[begin].form, begin + 1, True
        end = begin + 1
    elif word in _TENS:
        amount, end = _TENS[word], begin + 1
        if end < len(low) and low[end] in _UNITS:
            amount, end = amount + _UNITS[low[end]], end + 1
    elif word in _NUMBER_WORDS:
        amount, end = _NUMBER_WORDS[word], begin + 1
    elif word in ("one", "a") and begin + 1 < len(low) and low[begin + 1] in _SCALES and len(low[begin + 1]) > 2:
        amount, end = 1.0, begin + 1
    else:
        return None, begin, False
    while end < len(low) and low[end] in _SCALES:
        amount, end = amount * _SCALES[low[end]], end + 1
    return amount, end, digits


def _unit(low: Sequence[str], words: Sequence[Word], begin: int, end: int) -> tuple[str, int]:
    """The unit of a figure (a currency, a percentage, a measure, or "") and where it ends."""
    after = [low[i] if i < len(low) else "" for i in range(end, end + 3)]
    if after[0] in ("%", "percent", "pct") or after[:2] == ["per", "cent"]:
        return "%", end + (2 if after[0] == "per" else 1)
    if after[0] == "percentage":
        return "points", end + 2
    if after[0] in ("us", "u.s") and after[1] in _CURRENCIES:
        return _CURRENCIES[after[1]], end + 2
    if after[0] in _CURRENCIES and (after[0] != "try" or words[end].text == "TRY"):
        return _CURRENCIES[after[0]], end + 1
    if begin and low[begin - 1] in _CURRENCIES and low[begin - 1] not in _ORDINARY:
        return _CURRENCIES[low[begin - 1]], end
    if after[0] in ("square", "cubic") and end + 1 < len(words):
        return f"{after[0]} {words[end + 1].form}", end + 2
    if end < len(words) and words[end].form in _MEASURES:
        return words[end].form, end + 1
    return "", end


def _is_year(low: Sequence[str], position: int) -> bool:
    word = low[position] if position < len(low) else ""
    return len(word) == 4 and word.isdigit() and 1000 <= int(word) <= 2199


def _is_month(text: str, words: Sequence[Word], low: Sequence[str], position: int) -> bool:
    if position >= len(low) or low[position] not in MONTHS or not words[position].text[0].isupper():
        return False
    if low[position] not in _NOT_MONTHS_ALONE:
        return True
    near = [low[i] for i in (position - 1, position + 1) if 0 <= i < len(low)]
    return any(each[:1].isdigit() for each in near) or (position > 0 and near[0] in _BEFORE_MONTH)


def _names(text: str, words: Sequence[Word], low: Sequence[str]) -> Iterator[Fact]:
    for position, word in enumerate(words):
        if not _is_capital(word.text):
            if low[position] in _LOW_COUNTRIES:
                yield Fact("name", (word.form,), position, position + 1)
            continue
        if _is_month(text, words, low, position) or (low[position] in _CURRENCIES and low[position] not in _ORDINARY):
            continue
        if word.text == "I" or (low[position].partition("'")[0] in STOPWORDS and not _is_acronym(word.text)):
            continue
        if _is_first(text, word.start) and not _name_at_start(words, low, position):
            continue
        yield Fact("name", (word.form,), position, position + 1)


def _is_capital(word: str) -> bool:
    return word[0].isupper() or any(c.isupper() for c in word[1:])


def _is_acronym(word: str) -> bool:
    return len(word) > 1 and word.replace(".", "").isupper()


def _is_first(text: str, start: int) -> bool:
    before = text[:start].rstrip().rstrip("\"'“‘”’(*-– \t")
    return not before or before[-1] in ".!?:;"


def _name_at_start(words: Sequence[Word], low: Sequence[str], position: int) -> bool:
    """Whether the first word of a sentence, which has its capital anyhow, is a name."""
    word = words[position].text
    if _is_acronym(word) or any(c.isupper() for c in word[1:]):
        return True
    if low[position] in _OPENERS or low[position] in _NUMBER_WORDS or low[position] in _TENS:
        return False
    if low[position] in _COUNTRY_WORDS:
        return True
    if word.endswith(("'s", "’s")):
        return True
    if position + 1 < len(words) and words[position + 1].text[0].isupper() and low[position + 1] not in MONTHS:
        return words[position + 1].start - words[position].end <= 1
    return not _ORDINARY_ENDING.search(low[position])


_COUNTRY_WORDS = frozenset(name.casefold() for name in COUNTRIES if " " not in name)
# "turkey" and a few more are ordinary words in small letters; so are short ones
_LOW_COUNTRIES = _COUNTRY_WORDS - frozenset(
    "turkey jordan georgia chad china us uk mali guinea wales niger oman".split()
)

_SAME: dict[str, frozenset[str]] = {}
for _group in VARIANTS:
    for _name in _group:
        _key = " ".join(word.form for word in split_words(_name) if word.form not in ("the", "of"))
        _SAME[_key] = _SAME.get(_key, frozenset()) | frozenset(
            " ".join(word.form for word in split_words(other) if word.form not in ("the", "of")) for other in _group
        )


def same_name(one: str, other: str) -> bool:
    """Whether two word forms name the same: equal, or a place and its people ("Kazakhstan", "Kazakhstani")."""
    if one == other:
        return True
    common = 0
    while common < min(len(one), len(other)) and one[common] == other[common]:
        common += 1
    return common >= 4 and one[common:] in _DEMONYM and other[common:] in _DEMONYM


def variants(forms: Sequence[str]) -> frozenset[str]:
    """The other names of a name of one or more word forms, each as its forms joined by spaces."""
    return _SAME.get(" ".join(forms), frozenset())


def same_number(claimed: tuple[object, ...], told: tuple[object, ...]) -> bool:
    """Whether a claimed figure is the one told: the amount equal, the unit equal or left out."""
    return claimed[0] == told[0] and claimed[1] in ("", told[1])
