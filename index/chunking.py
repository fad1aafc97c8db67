"""A report cut into passages: what retrieval looks up first.

A passage is a span of the report made of whole sentences: a paragraph, or, where that is too long, a part of one. The
bullets of a list share passages like the sentences of a paragraph. Only a sentence that alone is over the budget makes
a passage over the budget, and only one that is over the encoder's limit is cut, so that nothing is silently left out
of the index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from index.report import Report, Sentence
from index.words import split_words

Fits = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage: ``report.text[start:end]``, its sentences ``first_sentence .. end_sentence - 1``.

    Where a sentence had to be cut, the passages of its parts all name that sentence.
    """

    number: int
    start: int
    end: int
    first_sentence: int
    end_sentence: int


def chunk_report(report: Report, is_in_budget: Fits, is_encodable: Fits) -> list[Passage]:
    """Cut a report into passages, in reading order.

    ``is_in_budget`` says whether a text may be one passage, ``is_encodable`` whether the encoder reads all of it.
    """
    passages: list[Passage] = []
    for run in _runs(report):
        for sentences in _fill(report, run, lambda text: is_in_budget(text) and is_encodable(text)):
            first, last = sentences[0], sentences[-1]
            for start, end in split_to_fit(report.text, first.start, last.end, is_encodable):
                passages.append(Passage(len(passages), start, end, first.number, last.number + 1))
    return passages


def split_to_fit(text: str, start: int, end: int, fits: Fits) -> Iterator[tuple[int, int]]:
    """``(start, end)`` itself where that stretch of ``text`` fits, else spans that do and together cover it.

    It is halved, and each half again, between words, or within a word that alone does not fit.
    """
    if end - start < 2 or fits(text[start:end]):
        yield start, end
        return
    words = split_words(text[start:end])
    middle = start + words[len(words) // 2].start if words else start
    if middle == start:
        middle = (start + end) // 2
    yield from split_to_fit(text, start, middle, fits)
    yield from split_to_fit(text, middle, end, fits)


def _runs(report: Report) -> Iterator[list[Sentence]]:
    """The sentences of each paragraph, those of a list's bullets together."""
    for section in report.sections:
        paragraphs = report.paragraphs[section.first_paragraph : section.end_paragraph]
        for is_list, group in groupby(paragraphs, key=lambda paragraph: paragraph.kind == "bullet"):
            runs = [list(report.sentences_of(paragraph)) for paragraph in group]
            yield from [[sentence for run in runs for sentence in run]] if is_list else runs


def _fill(report: Report, sentences: Sequence[Sentence], fits: Fits) -> Iterator[Sequence[Sentence]]:
    """Consecutive sentences in groups, each as long as fits, a sentence that alone does not fit by itself."""
    first = 0
    for position, sentence in enumerate(sentences):
        if position > first and not fits(report.text[sentences[first].start : sentence.end]):
            yield sentences[first:position]
            first = position
    if sentences:
        yield sentences[first:]
