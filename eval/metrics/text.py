"""What an answer's text holds: facts, gold strings, words."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence

from eval.cases import Fact, Pattern
from index.words import content_forms, split_words

MARKER = re.compile(r"\[\d+\]")
_EMPHASIS = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
# Stars and backticks anywhere, underscores at the edges of words; none after a backslash.
_EMPHASIS_MARK = re.compile(r"(?<!\\)(?:\*{1,3}|`+|(?<!\w)__?(?=\S)|(?<=\S)__?(?!\w))")
_TYPOGRAPHY = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "\u00ad": None})


def plain(markdown: str) -> str:
    """An answer without citation marks, emphasis, list and heading marks; white space collapsed."""
    text = re.sub(r"\s*" + MARKER.pattern, "", markdown)
    text = re.sub(r"^\s*(?:[-*+>]|#{1,6}|\d+\.)\s+", "", text, flags=re.MULTILINE)
    text = _EMPHASIS_MARK.sub("", text)
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)
    return " ".join(text.split())


def normal(text: str) -> str:
    """Text for matching: compatibility forms (NFKC), straight quotes and hyphens, single spaces, lower case."""
    text = unicodedata.normalize("NFKC", text).translate(_TYPOGRAPHY)
    return " ".join(text.split()).casefold()


def has_fact(answer: str, fact: Fact) -> bool:
    """Whether an alias of the fact stands in the answer on word boundaries, or its pattern matches."""
    text = normal(plain(answer))
    aliases = (fact,) if isinstance(fact, Pattern) else fact
    return any(_holds(text, alias) for alias in aliases)


def _holds(text: str, alias: str | Pattern) -> bool:
    if isinstance(alias, Pattern):
        return re.search(alias.pattern.translate(_TYPOGRAPHY), text, re.IGNORECASE) is not None
    # "120" stands neither in "1,120" nor in "120.5", and "0.8%" not in "10.8%".
    return re.search(rf"(?<!\w)(?<!\d[.,]){re.escape(normal(alias))}(?!\w)(?![.,]\d)", text) is not None


def facts_found(answer: str, facts: Sequence[Fact]) -> float:
    """Share of the facts that the answer holds: ``|{f in facts: f in answer}| / |facts|``.

    Raises:
        ValueError: there are no facts, so there is nothing to score.
    """
    if not facts:
        raise ValueError("no facts to look for")
    return sum(has_fact(answer, fact) for fact in facts) / len(facts)


def word_count(answer: str) -> int:
    """Number of words of an answer, marks left out; a word is a stretch of non-space with a letter or digit in it."""
    return sum(any(c.isalnum() for c in word) for word in plain(answer).split())


def term_recall(question: str, expected: str) -> float:
    """Share of the expected question's content words, by their stems, that the other question has, too.

    ``|terms(question) & terms(expected)| / |terms(expected)|``: recall of ROUGE-1 (Lin 2004) over sets of stems, stop
    words left out; 1 where the expected question has none.
    """
    wanted = set(content_forms(split_words(expected)))
    return len(wanted & set(content_forms(split_words(question)))) / len(wanted) if wanted else 1.0


def emphasised(answer: str) -> str:
    """The stretches that an answer sets in bold, joined by spaces; empty where there are none."""
    return " ".join(_EMPHASIS.findall(answer))


def squad_normal(text: str) -> str:
    """Text as SQuAD's official script compares it: lower case, punctuation and articles out, single spaces."""
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def exact_match(prediction: str, golds: Sequence[str]) -> float:
    """SQuAD's exact match: 1 where the normalised prediction equals a normalised gold answer, else 0.

    No gold answer means that there is none: 1 for an empty prediction. Source: Rajpurkar et al. 2016, 2018, the
    official evaluation script.
    """
    return max(float(squad_normal(prediction) == squad_normal(gold)) for gold in golds or [""])


def token_f1(prediction: str, golds: Sequence[str]) -> float:
    """SQuAD's token F1, the best over the gold answers: ``2 P R / (P + R)``.

    ``P = common / |prediction|`` and ``R = common / |gold|`` over bags of normalised tokens; where either bag is
    empty, 1 if both are, else 0. Source: Rajpurkar et al. 2016, 2018, the official evaluation script.
    """
    return max(_f1(squad_normal(prediction).split(), squad_normal(gold).split()) for gold in golds or [""])


def _f1(prediction: list[str], gold: list[str]) -> float:
    if not prediction or not gold:
        return float(prediction == gold)
    common = sum((Counter(prediction) & Counter(gold)).values())
    if common == 0:
        return 0.0
    precision, recall = common / len(prediction), common / len(gold)
    return 2 * precision * recall / (precision + recall)
