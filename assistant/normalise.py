"""A question in the report's own spelling: typing errors mended, names changed to the variant that the report uses.

Only what the report would not understand is touched: a word that the report has, or that the embedding model's
vocabulary holds whole, is no typing error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, partial

from index.words import STOPWORDS, split_words, word_form

# Names that mean the same. Short ones in capitals are only recognised in capitals: "us" is no country.
VARIANTS: tuple[tuple[str, ...], ...] = (
    ("USD", "US dollars", "U.S. dollars", "dollars", "dollar", "US$", "$", "bucks"),
    ("UAE", "U.A.E.", "United Arab Emirates", "the Emirates", "Emirates"),
    ("US", "U.S.", "USA", "U.S.A.", "United States of America", "United States", "America"),
    ("UK", "U.K.", "United Kingdom", "Great Britain", "Britain"),
    ("EU", "E.U.", "European Union"),
    ("UN", "U.N.", "United Nations"),
    ("Turkey", "Türkiye", "Turkiye"),
    ("Czech Republic", "Czechia"),
    ("South Korea", "Republic of Korea", "ROK"),
    ("North Korea", "DPRK"),
    ("China", "PRC", "People's Republic of China"),
    ("Russia", "Russian Federation"),
    ("Prime Minister", "PM", "premier"),
    ("Member of Parliament", "MP"),
    ("GDP", "gross domestic product"),
    ("NATO", "North Atlantic Treaty Organization", "North Atlantic Treaty Organisation", "North Atlantic Alliance"),
    ("CSTO", "Collective Security Treaty Organization", "Collective Security Treaty Organisation"),
    ("BRI", "Belt and Road Initiative", "Belt and Road", "New Silk Road"),
    ("EUR", "euros", "euro", "€"),
    ("GBP", "pounds sterling", "£"),
    ("%", "percent", "per cent", "pct"),
    ("approximately", "approx."),
)
_QUESTION_WORDS = (
    *sorted(word for word in STOPWORDS if len(word) > 2),
    "many", "much", "tell", "about", "summarise", "summary", "year", "countries", "country", "money", "report",
)  # fmt: skip
# Typed without the apostrophe, each of them no other word.
_CONTRACTIONS = {
    word.replace("'", ""): word
    for word in (
        "what's", "who's", "where's", "when's", "how's", "isn't", "aren't", "wasn't", "weren't", "doesn't", "didn't",
        "hasn't", "haven't", "couldn't", "shouldn't", "wouldn't",
    )
}  # fmt: skip


class Normaliser:
    """Mends questions for one report: ``words`` are the report's, ``is_known`` knows correct spellings of others."""

    def __init__(self, text: str, words: Iterable[str], is_known: Callable[[str], bool]) -> None:
        self._text = text
        self._is_known = is_known
        self._found: dict[re.Pattern[str], str | None] = {}
        spellings = {word.casefold() for word in words if len(word) > 3 and word.isalpha()}
        self._forms = {word_form(word) for word in spellings}
        self._by_initial: dict[str, list[str]] = {}
        for word in sorted({*spellings, *_QUESTION_WORDS, *_CONTRACTIONS}):
            self._by_initial.setdefault(word[0], []).append(word)

    def __call__(self, question: str) -> str:
        """The question in the report's spelling; unchanged where there is nothing to mend."""
        return self._mend(self._rename(question))

    def _rename(self, question: str) -> str:
        for group in VARIANTS:
            patterns = [_whole(name) for name in group]
            longest_first = sorted(patterns, key=lambda pattern: -len(pattern.pattern))
            used = next((pattern for pattern in longest_first if pattern.search(question)), None)
            if used is None or self._written(used):
                continue
            here = next((name for pattern in patterns if (name := self._written(pattern))), None)
            if here is not None:
                question = used.sub(partial(_put, here), question)
        return question

    def _written(self, pattern: re.Pattern[str]) -> str | None:
        """What the report has for a pattern; a long text is searched for each but once."""
        if pattern not in self._found:
            match = pattern.search(self._text)
            self._found[pattern] = match.group() if match else None
        return self._found[pattern]

    def _mend(self, question: str) -> str:
        pieces: list[str] = []
        end = 0
        for word in split_words(question):
            pieces.append(question[end : word.start])
            end = word.end
            pieces.append(self._spelling(word.text))
        return "".join([*pieces, question[end:]])

    def _spelling(self, word: str) -> str:
        low = word.casefold()
        if low in _CONTRACTIONS:
            return _cased(_CONTRACTIONS[low], word)
        if (
            len(low) < 4 or not low.isascii() or not low.isalpha() or word.isupper()
            or low in STOPWORDS or word_form(low) in self._forms or any(map(self._is_known, _inflections(low)))
        ):  # fmt: skip
            return word
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        # A first letter is seldom wrong (Pollock and Zamora 1984); two swapped letters count as one error.
        limit = 1 if len(low) < 6 else 2
        candidates = {*self._by_initial.get(low[0], ()), *self._by_initial.get(low[1], ())}
        near = process.extract(low, candidates, scorer=OSA.distance, score_cutoff=limit, limit=None)
        # Of errors as near, a letter left out is the likeliest (Pollock and Zamora 1984): "wats" is "whats", not "was".
        scored = sorted((int(distance), not _leaves_out(low, other), str(other)) for other, distance, _ in near)
        if not scored or (len(scored) > 1 and _tie(scored[0], scored[1])):
            return word
        best = scored[0][2]
        if best not in _CONTRACTIONS and word_form(best).startswith(word_form(low)):
            return word  # an inflection that the stemmer keeps apart
        return _cased(_CONTRACTIONS.get(best, best), word)


def _inflections(word: str) -> set[str]:
    """A word, its American spelling, and both without the commonest endings: if one is known, the word is."""
    american = re.sub(r"is(?=(?:e|es|ed|ing|ation)$)", "iz", re.sub(r"our(?=(?:s|ed|ing|al)?$)", "or", word))
    found = {word, american}
    for spelling in (word, american):
        for ending, instead in (
            ("s", ""),
            ("es", ""),
            ("ies", "y"),
            ("ed", ""),
            ("ed", "e"),
            ("ing", ""),
            ("ing", "e"),
            ("ly", ""),
        ):
            base = spelling.removesuffix(ending) + instead
            if spelling.endswith(ending) and len(base) > 3:
                found.add(base)
    return found


def _put(name: str, match: re.Match[str]) -> str:
    """The name in the place of another, no word grown together with it: "$5" becomes "USD 5"."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    left = " " if before.isalnum() and name[0].isalnum() else ""
    right = " " if after.isalnum() and name[-1].isalnum() else ""
    return left + name + right


def _tie(first: tuple[int, bool, str], second: tuple[int, bool, str]) -> bool:
    return first[:2] == second[:2] and word_form(first[2]) != word_form(second[2])


def _leaves_out(typed: str, meant: str) -> bool:
    """Whether what was typed is a word with letters left out."""
    letters = iter(meant)
    return all(letter in letters for letter in typed)


def _cased(word: str, like: str) -> str:
    return word[0].upper() + word[1:] if like[0].isupper() else word


@cache
def _whole(name: str) -> re.Pattern[str]:
    flags = 0 if name.isupper() and len(name.replace(".", "")) <= 2 else re.IGNORECASE
    before = r"(?<!\w)" if name[0].isalnum() else ""
    after = r"(?![\w$])" if name[-1].isalnum() or name[-1] == "." else ""
    repeated = "+" if len(name) == 1 and not name.isalnum() else ""  # "$$" is one sign of money
    return re.compile(before + re.escape(name) + repeated + after, flags)
