"""Damage inside the program: weights, thresholds, parts switched off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import assistant.assistant
import assistant.judgement
import index.build
import index.retriever
from assistant.judgement import Tuning, fitted_tuning
from assistant.normalise import Normaliser
from eval.mutants.damage import Mutant, Opened, inside
from index.dense import DenseIndex
from index.encoder import Encoding, Floats
from index.lexical import LexicalIndex
from index.ranking import SIGNALS, Integers, fitted_weights
from index.retriever import Retriever

CONTEXT = frozenset(
    {"passage_cosine", "heading_cosine", "maxsim_before", "maxsim_paragraph", "found_before", "found_paragraph",
     "bm25_passage"}
)  # fmt: skip
RANKING = ("passage mrr", "sentence ndcg@10", "right source", "facts", "all facts")


def _weights(keep: Callable[[str], bool]) -> Opened:
    """The weights of some signals off."""
    shipped = fitted_weights()
    kept = np.array([keep(name) for name in SIGNALS], dtype=np.float32)
    return inside((index.retriever, "fitted_weights", lambda: replace(shipped, weight=shipped.weight * kept)))


def _tuning(change: Callable[[Tuning], dict[str, Any]]) -> Opened:
    shipped = fitted_tuning()
    return inside((assistant.judgement, "fitted_tuning", lambda: replace(shipped, **change(shipped))))


def _reversed() -> Opened:
    shipped = fitted_weights()
    return inside((index.retriever, "fitted_weights", lambda: replace(shipped, weight=-shipped.weight)))


def _paragraph_lost() -> Opened:
    """The longest paragraph can no longer be found."""
    whole = Retriever._candidates

    def candidates(self: Retriever, encoding: Encoding, lexical: Floats, passages: Floats) -> Integers:
        longest = max(self.index.report.paragraphs, key=lambda p: p.end - p.start)
        found = whole(self, encoding, lexical, passages)
        return found[(found < longest.first_sentence) | (found >= longest.end_sentence)]

    return inside((Retriever, "_candidates", candidates))


def _stale_vectors() -> Opened:
    """An index whose vectors belong to the sentences as they stood before three were put at the beginning."""
    build = index.build.build_index

    def stale(*arguments: Any, **named: Any) -> index.build.ReportIndex:
        built = build(*arguments, **named)
        count = len(built.report.sentences)
        vectors = built.sentence_dense.vectors(np.arange(count))
        order = np.roll(np.arange(count), 3)
        rows = [np.arange(built.word_starts[i], built.word_starts[i + 1]) for i in range(count)]
        moved = np.concatenate([np.resize(rows[j], len(own)) for own, j in zip(rows, order, strict=True)])
        return replace(
            built,
            sentence_dense=DenseIndex.build(vectors[order]),
            word_vectors=built.word_vectors[moved],
            word_scales=built.word_scales[moved],
        )

    return inside((assistant.assistant, "build_index", stale))


def _no_bm25(self: LexicalIndex, query: list[str]) -> Floats:
    return np.zeros(self._size, dtype=np.float32)


MUTANTS = (
    Mutant("ranking upside down", _reversed(), RANKING),
    Mutant("late interaction off", _weights(lambda name: not name.startswith("maxsim")), RANKING),
    Mutant("every weight off but the cosine's", _weights(lambda name: name == "cosine"), RANKING),
    Mutant("paragraph and heading off", _weights(lambda name: name not in CONTEXT), RANKING),
    Mutant("BM25 off", inside((LexicalIndex, "scores", _no_bm25)), RANKING),
    Mutant("kind of answer off", _tuning(lambda t: {"kind_weights": np.zeros_like(t.kind_weights)}), RANKING),
    Mutant("never refuses", _tuning(lambda t: {"threshold": 0.0, "off_topic": 0.0}), ("refused", "status")),
    Mutant("refuses too soon", _tuning(lambda t: {"threshold": 0.97}), ("answered", "status")),
    Mutant("one paragraph lost", _paragraph_lost(), RANKING),
    Mutant("stale index: its vectors are of an older text", _stale_vectors(), RANKING),
    Mutant("typing errors not mended", inside((Normaliser, "_mend", lambda self, question: question)), RANKING),
)
