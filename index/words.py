"""Words: where they stand in a text, and the form in which two of them count as the same.

The form is case-folded, without accents and possessives, in American spelling, stemmed (Snowball's English stemmer),
so that "Türkiye's defences" and "turkiye defense" meet.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import regex
import Stemmer

# Letters with inner points ("U.S."), a figure ("0.8", "30,000"), letters and digits with an inner apostrophe
# ("Astana’s"), or a sign that is said like a word.
_WORD = regex.compile(
    r"[\p{L}\p{M}]\.(?:[\p{L}\p{M}]\.)+|\p{N}+(?:[.,]\p{N}+)*|[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)?|[$€£¥%]"
)
_AMERICAN = (
    (regex.compile(r"(?<=\w{3})is(?=(?:e|ed|es|ing|ation|ations)$)"), "iz"),
    (regex.compile(r"(?<=\w{2})our(?=(?:s|ed|ing|able|ite|ites|hood)?$)"), "or"),
    (regex.compile(r"(?<=\w{2})ence(?=s?$)"), "ense"),
    (regex.compile(r"(?<=\w{2})tre(?=s?$)"), "ter"),
    (regex.compile(r"(?<=\w{2}[aeiou]l)l(?=(?:ed|ing|er|ers)$)"), ""),
    (regex.compile(r"(?<=\w{2})ogue(?=s?$)"), "og"),
    (regex.compile(r"(?<=^program)me(?=s?$)"), ""),
)
# Without a cache of its own, which threads would share: word_form has one.
_stemmer = Stemmer.Stemmer("english", 0)

_STOPWORDS = """
    a about above after again all also am an and any are as at be because been before being below between both but
    by can could d did do does doing don down during each either else ever every few for from further had has have
    having he her here hers herself him himself his how i if in into is isn it its itself just let ll m many may me
    might mine more most much must my myself neither no nor not now of off on once only or other our ours ourselves
    out over own per please re s same shall she should so some such t tell than that the their theirs them themselves
    then there these they this those though through to too under until up upon us ve very via was we were what when
    where whether which while who whom whose why will with within without would you your yours yourself
"""
STOPWORDS = frozenset(_STOPWORDS.split())


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: its offsets, the characters there, and its ``form``."""

    start: int
    end: int
    text: str
    form: str

    @property
    def is_content(self) -> bool:
        """Whether the word says what a text is about: no stop word, "isn't" and "what's" included, no lone sign."""
        return _is_content(self.text)


@lru_cache(maxsize=65536)
def _is_content(word: str) -> bool:
    plain = word.casefold().replace("’", "'")
    is_stop = plain.endswith("n't") or plain.partition("'")[0] in STOPWORDS
    return not is_stop and any(c.isalnum() for c in plain)


@lru_cache(maxsize=65536)
def word_form(word: str) -> str:
    """The form of one word (see the module's docstring)."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
    plain = plain.replace("’", "'").removesuffix("'s").rstrip("'").replace("'", "")
    if plain[:1].isdigit():
        return plain.replace(",", "")
    plain = plain.replace(".", "").replace("ı", "i")
    for pattern, replacement in _AMERICAN:
        plain = pattern.sub(replacement, plain)
    return str(_stemmer.stemWord(plain))


def split_words(text: str) -> list[Word]:
    """The words of a text in order, with their offsets."""
    return list(_remembered(text) if len(text) <= _REMEMBERED else _words(text))


def _words(text: str) -> tuple[Word, ...]:
    return tuple(Word(m.start(), m.end(), m.group(), word_form(m.group())) for m in _WORD.finditer(text))


# A question, and the sentences near to it, are split once for each thing that is asked of them: 20 times in an answer.
_remembered = lru_cache(maxsize=1024)(_words)
_REMEMBERED = 1000  # characters


def content_forms(words: Iterable[Word]) -> list[str]:
    """The forms of the content words, in order, repeats kept."""
    return [word.form for word in words if word.is_content]


def scripts(text: str) -> Counter[str]:
    """How many letters of a text are of each script, such as ``{"Latin": 120, "Cyrillic": 4}``.

    The script is the first word of the letter's Unicode name once compatibility forms are resolved: "fullwidth A" is
    Latin. Letters that belong to no script, such as modifiers, are not counted.
    """
    found: Counter[str] = Counter()
    for character, count in Counter(text).items():
        if script := _script(character):
            found[script] += count
    return found


def main_scripts(text: str) -> tuple[str, ...]:
    """The scripts that make up at least 1% of a text's letters, the most frequent first."""
    found = scripts(text)
    return tuple(script for script, count in found.most_common() if count * 100 >= found.total())


@lru_cache(maxsize=65536)
def _script(character: str) -> str:
    for plain in unicodedata.normalize("NFKC", character):
        if unicodedata.category(plain) in ("Lu", "Ll", "Lt", "Lo"):
            name = unicodedata.name(plain, "").partition(" ")[0]
            return "Chinese" if name == "CJK" else name.capitalize()
    return ""
