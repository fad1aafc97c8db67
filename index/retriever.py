"""A question to ranked evidence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from index.build import ReportIndex, encode_whole, word_vectors
from index.encoder import Encoder, Encoding, Floats
from index.interaction import Interaction, interaction_for
from index.projection import Projection, projection_for
from index.ranking import (
    SIGNALS,
    Integers,
    Weights,
    fitted_weights,
    has_form,
    maxsim,
    over_paragraph,
    spans,
    weighted_mean,
    with_previous,
)
from index.words import Word, split_words

# Up to here every sentence is looked at; beyond, those of the paragraphs that the indexes find.
EXHAUSTIVE = 400
DEPTH = 64
# A sentence of more words is no longer than this, to the ranking, which never learned from any that long.
LONG = 100
# How many questions' encodings are remembered, and up to which length (characters): twelve megabytes of them.
REMEMBERED, SHORT = 64, 300


@dataclass(frozen=True)
class Evidence:
    """What a report holds for a question. Rows are candidate sentences in reading order, columns content words.

    ``sentences`` (n,) their numbers; ``signals`` (n, s) in the order of :data:`index.ranking.SIGNALS`; ``scores`` (n,);
    ``similar`` (n, q), the greatest cosine of each content word with a word of the sentence; ``found`` (n, q), 1 where
    the sentence has the word itself; ``far`` (n, q) how much speaks for its lacking it, from 0 to 1; ``idf`` (q,) their
    inverse document frequencies, ``weights`` and ``essential`` (q,) how much each counts; ``encoding`` the question's.
    """

    words: tuple[Word, ...]
    content: tuple[int, ...]
    sentences: Integers
    signals: Floats
    scores: Floats
    similar: Floats
    found: Floats
    idf: Floats
    weights: Floats
    essential: Floats
    far: Floats
    encoding: Encoding

    def signal(self, name: str) -> Floats:
        """One of the signals (n,)."""
        column: Floats = self.signals[:, SIGNALS.index(name)]
        return column


class Retriever:
    """Ranks a report's sentences for a question."""

    def __init__(
        self,
        index: ReportIndex,
        encoder: Encoder,
        weights: Weights | None = None,
        projection: Projection | None = None,
        interaction: Interaction | None = None,
    ) -> None:
        self.index = index
        self.encoder = encoder
        self.projection = projection or projection_for(encoder)
        learned = interaction or interaction_for(encoder)
        # What was not condensed for it cannot be compared: where nothing was learned, or while it is being learned.
        self.interaction = learned if learned and learned.width == index.context_vectors.shape[1] else None
        self._weights = weights or fitted_weights()
        report = index.report
        self._paragraph = np.array([s.paragraph for s in report.sentences], dtype=np.int64)
        self._section = np.array([p.section for p in report.paragraphs], dtype=np.int64)
        first = [p.first_sentence for p in report.paragraphs]
        self._first_sentence = np.array([*first, len(report.sentences)], dtype=np.int64)
        self._encoded: dict[str, Encoding] = {}

    @cached_property
    def document_frequency(self) -> Counter[str]:
        """In how many sentences each word form stands."""
        index = self.index
        sentence = np.repeat(np.arange(len(self._paragraph)), np.diff(index.word_starts))
        once = np.unique(sentence * len(index.forms) + index.word_forms) % max(len(index.forms), 1)
        return Counter(dict(zip(index.forms, np.bincount(once, minlength=len(index.forms)).tolist(), strict=True)))

    def idf(self, form: str) -> float:
        """Inverse document frequency of a word form over the report's sentences, as in BM25."""
        n, df = len(self._paragraph), self.document_frequency[form]
        return float(np.log(1 + (n - df + 0.5) / (df + 0.5)))

    def retrieve(self, question: str, encoding: Encoding | None = None) -> Evidence:
        """The candidate sentences for a question and what speaks for each; ``encoding`` is the question's, if known, by
        the tuned layers, too, if the evidence is to be compared.
        """
        index = self.index
        words = tuple(split_words(question))
        encoding = encoding or self._encode(question)
        content = tuple(i for i, word in enumerate(words) if word.is_content)
        forms = [words[i].form for i in content]
        idf = np.array([self.idf(form) for form in forms], dtype=np.float32)
        vectors = word_vectors(encoding, words)[list(content)]
        weights, essential = self.projection.weigh(vectors, idf)
        lexical = index.sentence_lexical.scores(forms)
        lexical_passage = index.passage_lexical.scores(forms)
        sentences = self._candidates(encoding, lexical, lexical_passage)
        paragraph = self._paragraph[sentences]
        rows, starts = spans(index.word_starts, sentences)
        similar = maxsim(self.projection.project(vectors), *self._words(rows), starts)
        found = has_form(np.array([index.form_numbers.get(form, -1) for form in forms]), index.word_forms[rows], starts)
        passage = index.passage_of[sentences]
        total = float(idf.sum()) or 1.0
        signals = {
            "cosine": index.sentence_dense.vectors(sentences) @ encoding.vector,
            "passage_cosine": index.passage_dense.vectors(passage) @ encoding.vector,
            "heading_cosine": index.heading_vectors[self._section[paragraph]] @ encoding.vector,
            "maxsim": weighted_mean(similar, weights),
            "maxsim_plain": weighted_mean(similar, np.ones_like(weights)),
            "maxsim_before": weighted_mean(with_previous(similar, paragraph), weights),
            "maxsim_paragraph": weighted_mean(over_paragraph(similar, paragraph), weights),
            "maxsim_least": similar.min(axis=1) if content else np.zeros(len(sentences)),
            "found": weighted_mean(found, weights),
            "found_before": weighted_mean(with_previous(found, paragraph), weights),
            "found_paragraph": weighted_mean(over_paragraph(found, paragraph), weights),
            "bm25": lexical[sentences] / total,
            "bm25_passage": lexical_passage[passage] / total,
            "length": np.log1p(np.minimum(np.diff(starts), LONG)),
        }
        table = np.stack([signals[name] for name in SIGNALS], axis=1).astype(np.float32)
        scores = self._weights.score(table)
        return Evidence(
            words, content, sentences, table, scores, similar, found, idf, weights, essential,
            self.projection.far(similar), encoding,
        )  # fmt: skip

    def compare(
        self, evidence: Evidence, rows: Integers, signals: Floats, fast: Floats
    ) -> tuple[Floats, Floats] | None:
        """The logits (r,) and (r,) of :mod:`index.interaction` for some rows of the evidence, with their signals (r, s)
        and scores ``fast`` (r,); None where nothing was learned for the encoder.
        """
        if self.interaction is None:
            return None
        index = self.index
        at, starts = spans(index.word_starts, evidence.sentences[rows])
        words = index.context_vectors[at] * index.context_scales[at, None]
        asked = word_vectors(evidence.encoding, evidence.words, upper=True)
        return self.interaction.logits(asked, words, starts, signals, fast)

    def _encode(self, question: str) -> Encoding:
        """The question's encoding; a question is often asked again, as a suggestion or after a change of settings."""
        if question in self._encoded:
            return self._encoded[question]
        (encoding,) = encode_whole(self.encoder, [question], upper=self.interaction is not None)
        if len(question) <= SHORT:
            if len(self._encoded) >= REMEMBERED:
                self._encoded.clear()
            self._encoded[question] = encoding
        return encoding

    def _candidates(self, encoding: Encoding, lexical: Floats, lexical_passage: Floats) -> Integers:
        """All sentences of a short report; of a long one, those of every paragraph that a search brings up."""
        count = len(self._paragraph)
        if count <= EXHAUSTIVE:
            return np.arange(count)
        index = self.index
        hits = [index.sentence_dense.search(encoding.vector, DEPTH)[0], _best(lexical, DEPTH)]
        for number in {
            *index.passage_dense.search(encoding.vector, DEPTH // 4)[0].tolist(),
            *_best(lexical_passage, DEPTH // 4).tolist(),
        }:
            passage = index.passages[number]
            hits.append(np.arange(passage.first_sentence, passage.end_sentence))
        paragraphs = np.unique(self._paragraph[np.concatenate(hits)])
        return spans(self._first_sentence, paragraphs)[0]

    def _words(self, rows: Integers) -> tuple[Floats, Floats]:
        """The vectors of the words in these rows of the index, and their scales."""
        if len(self._paragraph) <= EXHAUSTIVE:  # then they are all, in order
            return self._all_words, self.index.word_scales
        return self.index.word_vectors[rows].astype(np.float32), self.index.word_scales[rows]

    @cached_property
    def _all_words(self) -> Floats:
        return self.index.word_vectors.astype(np.float32)


def _best(scores: Floats, k: int) -> Integers:
    """The numbers of the ``k`` highest scores, of those above zero."""
    found = np.flatnonzero(scores)
    if len(found) > k:
        found = found[np.argpartition(-scores[found], k - 1)[:k]]
    return found
