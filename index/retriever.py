"""A question to ranked evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from index.build import ReportIndex, encode_whole, word_vectors
from index.encoder import Encoder, Encoding, Floats
from index.ranking import (
    SIGNALS,
    Integers,
    Weights,
    fitted_weights,
    maxsim,
    over_paragraph,
    weighted_mean,
    with_previous,
)
from index.words import Word, split_words

# Up to here every sentence is looked at; beyond, those of the paragraphs that the indexes find.
EXHAUSTIVE = 400
DEPTH = 64


@dataclass(frozen=True)
class Evidence:
    """What a report holds for a question. Rows are candidate sentences in reading order, columns content words.

    ``sentences`` (n,) their numbers; ``signals`` (n, s) in the order of :data:`index.ranking.SIGNALS`; ``scores`` (n,);
    ``similar`` (n, q), the greatest cosine of each content word with a word of the sentence; ``found`` (n, q), 1 where
    the sentence has the word itself; ``weights`` (q,) their inverse document frequencies; ``encoding`` the question's.
    """

    words: tuple[Word, ...]
    content: tuple[int, ...]
    sentences: Integers
    signals: Floats
    scores: Floats
    similar: Floats
    found: Floats
    weights: Floats
    encoding: Encoding


class Retriever:
    """Ranks a report's sentences for a question."""

    def __init__(self, index: ReportIndex, encoder: Encoder, weights: Weights | None = None) -> None:
        self.index = index
        self.encoder = encoder
        self._weights = weights or fitted_weights()
        self._paragraph = np.array([s.paragraph for s in index.report.sentences], dtype=np.int64)

    @cached_property
    def forms(self) -> tuple[frozenset[str], ...]:
        """The word forms of each sentence."""
        return tuple(frozenset(word.form for word in words) for words in self.index.sentence_words)

    @cached_property
    def document_frequency(self) -> Counter[str]:
        """In how many sentences each word form stands."""
        return Counter(form for forms in self.forms for form in forms)

    def idf(self, form: str) -> float:
        """Inverse document frequency of a word form over the report's sentences, as in BM25."""
        n, df = len(self.forms), self.document_frequency[form]
        return float(np.log(1 + (n - df + 0.5) / (df + 0.5)))

    def retrieve(self, question: str) -> Evidence:
        """The candidate sentences for a question and what speaks for each."""
        index = self.index
        words = tuple(split_words(question))
        (encoding,) = encode_whole(self.encoder, [question])
        content = tuple(i for i, word in enumerate(words) if word.is_content)
        forms = [words[i].form for i in content]
        weights = np.array([self.idf(form) for form in forms], dtype=np.float32)
        lexical = index.sentence_lexical.scores(forms)
        lexical_passage = index.passage_lexical.scores(forms)
        sentences = self._candidates(encoding, lexical, lexical_passage)
        paragraph = self._paragraph[sentences]
        similar = self._similar(word_vectors(encoding, words)[list(content)], sentences)
        found = np.array([[form in self.forms[s] for form in forms] for s in sentences], dtype=np.float32)
        found = found.reshape(len(sentences), len(content))
        passage = index.passage_of[sentences]
        headings = np.array([index.report.paragraphs[p].section for p in paragraph])
        total = float(weights.sum()) or 1.0
        signals = {
            "cosine": index.sentence_dense.vectors(sentences) @ encoding.vector,
            "passage_cosine": index.passage_dense.vectors(passage) @ encoding.vector,
            "heading_cosine": index.heading_vectors[headings] @ encoding.vector,
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
            "length": np.log1p(index.word_starts[sentences + 1] - index.word_starts[sentences]),
        }
        table = np.stack([signals[name] for name in SIGNALS], axis=1).astype(np.float32)
        return Evidence(words, content, sentences, table, self._weights.score(table), similar, found, weights, encoding)

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
        spans: Sequence[Integers] = [
            np.arange(p.first_sentence, p.end_sentence) for p in (index.report.paragraphs[i] for i in paragraphs)
        ]
        return np.concatenate(spans)

    def _similar(self, question: Floats, sentences: Integers) -> Floats:
        starts, vectors = self.index.word_starts, self.index.word_vectors
        if len(sentences) == len(self._paragraph):
            return maxsim(question, self._all_words, starts)
        rows = np.concatenate([np.arange(starts[s], starts[s + 1]) for s in sentences])
        lengths = starts[sentences + 1] - starts[sentences]
        return maxsim(question, vectors[rows].astype(np.float32), np.concatenate([[0], np.cumsum(lengths)]))

    @cached_property
    def _all_words(self) -> Floats:
        return self.index.word_vectors.astype(np.float32)


def _best(scores: Floats, k: int) -> Integers:
    k = min(k, len(scores))
    best = np.argpartition(-scores, k - 1)[:k] if k else np.zeros(0, dtype=np.int64)
    return best[scores[best] > 0].astype(np.int64)
