"""Which sentences of the report support a written one, and how near their words are to its words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np

from assistant.llm.facts import read_text
from assistant.llm.verification import Fault, Source, content_of, faults, source_of, worths
from index.build import encode_whole, word_vectors
from index.encoder import Encoding
from index.report import Sentence
from index.retriever import Retriever
from index.words import split_words

TRIED = 8
"""Sentences of the evidence that are tried as a better citation, those with most words in common first."""
PAIRED = 4
"""Of those, how many are tried two and two."""
_TURNS = frozenset({"negation", "hedging", "opposite"})


def subject(sentence: str) -> str:
    """The names that a sentence begins with, "The" aside."""
    read = read_text(sentence)
    position = int(read.low[:1] == ("the",))
    begin = end = position
    for fact in read.of("name"):
        if fact.begin != end:
            break
        end = fact.end
    return sentence[read.words[begin].start : read.words[end - 1].end] if end > begin else ""


def _dated(claim: str) -> set[str]:
    """The forms of its figures and dates: no sentence is there to lend a mere figure."""
    read = read_text(claim)
    facts = (fact for fact in read.facts if fact.kind != "name")
    return {read.words[i].form for fact in facts for i in range(fact.begin, fact.end)}


class Support:
    """Verifies claims against sentences of one report, by number."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever
        self._index = retriever.index
        self.report = retriever.index.report
        self._encoded: tuple[str, Encoding | None] = "", None

    def faults(self, claim: str, cited: Sequence[int]) -> tuple[Fault, ...]:
        """What speaks against a claim over the sentences that it cites."""
        source = self._source(cited)
        found = faults(claim, source)
        if found and all(fault.kind == "coverage" for fault in found):  # only now is the encoder worth its time
            found = faults(claim, source, self._near(claim, cited))
        return found

    def worths(self, claim: str, cited: Sequence[int]) -> list[float]:
        """How well the sentences that a claim cites cover each of its content words, 0 to 1."""
        return [value for _, value in worths(claim, self._source(cited), self._near(claim, cited))]

    def _source(self, cited: Sequence[int]) -> Source:
        report = self.report
        sentences = [report.sentences[number] for number in cited]
        headings = [report.title, *(report.section_of(sentence).title for sentence in sentences)]
        before = [subject(report.quote(sentence)) for sentence in map(self._before, sentences) if sentence is not None]
        return source_of([report.quote(sentence) for sentence in sentences], [*headings, *before])

    def _before(self, sentence: Sentence) -> Sentence | None:
        """The sentence before one in its paragraph, which may name what this one calls "it"."""
        before = self.report.sentences[sentence.number - 1] if sentence.number else None
        return before if before is not None and before.paragraph == sentence.paragraph else None

    def first_word(self, sentence: Sentence) -> str:
        """The first word of a sentence of the report, in lower case."""
        return self.report.quote(sentence).split()[0].casefold()

    def least(self, claim: str, cited: Sequence[int]) -> tuple[int, ...]:
        """Of citations that support a claim, those that it needs."""
        kept = list(dict.fromkeys(cited))
        for number in reversed(kept[:]):
            rest = [other for other in kept if other != number]
            if rest and not self.faults(claim, rest):
                kept = rest
        return tuple(kept)

    def _forms(self, sentence: int) -> set[str]:
        index = self._index
        return {index.forms[i] for i in index.word_forms[index.word_starts[sentence] : index.word_starts[sentence + 1]]}

    def better(self, claim: str, evidence: Iterable[int]) -> tuple[int, ...]:
        """One or two sentences of the evidence that support a claim; empty where there are none."""
        wanted = {word.form for word in split_words(claim) if word.is_content}
        shared = {n: len(wanted & self._forms(n)) for n in evidence}
        order = sorted((n for n in shared if shared[n]), key=lambda n: (-shared[n], n))[:TRIED]
        for number in order:
            if not self.faults(claim, (number,)):
                return (number,)
        # Another sentence may add a figure or a name, but not lend the denial or the hedge that the nearest one lacks.
        if not order or _TURNS & {fault.kind for fault in self.faults(claim, order[:1])}:
            return ()
        lent = wanted - _dated(claim)
        pairs = (pair for pair in combinations(order[:PAIRED], 2) if self._share(lent, pair))
        return next((pair for pair in pairs if not self.faults(claim, pair)), ())

    def _share(self, wanted: set[str], pair: tuple[int, int]) -> bool:
        """Whether each of two sentences has a word of the claim that the other lacks."""
        one, two = (wanted & self._forms(number) for number in pair)
        return bool(one - two and two - one)

    def _encode(self, claim: str) -> Encoding:
        """The claim's encoding; the same claim is tried over one citation after another."""
        before, encoding = self._encoded
        if encoding is None or before != claim:
            (encoding,) = encode_whole(self._retriever.encoder, [claim])
            self._encoded = claim, encoding
        return encoding

    def _near(self, claim: str, cited: Sequence[int]) -> Mapping[str, float]:
        """The greatest cosine of each content word of the claim with a word of the cited sentences, in context."""
        index = self._index
        rows = [i for n in cited for i in range(int(index.word_starts[n]), int(index.word_starts[n + 1]))]
        words = content_of(claim)
        if not rows or not words:
            return {}
        encoding = self._encode(claim)
        cosines = np.einsum(
            "wd,qd->wq",
            index.word_vectors[rows] * index.word_scales[rows, None],
            self._retriever.projection.project(word_vectors(encoding, words)),
        ).max(axis=0)
        near: dict[str, float] = {}
        for word, value in zip(words, cosines, strict=True):
            near[word.form] = max(near.get(word.form, 0.0), float(value))
        return near
