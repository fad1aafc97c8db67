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
from index.encoder import Encoding
from index.lexical import LexicalIndex
from index.ranking import SIGNALS, fitted_weights
from index.report import Report
from index.retriever import Evidence, Retriever

CONTEXT = frozenset(
    {"passage_cosine", "heading_cosine", "maxsim_before", "maxsim_paragraph", "found_before", "found_paragraph",
     "bm25_passage"}
)  # fmt: skip
RANKING = ("passage mrr", "sentence ndcg@10", "right source", "facts", "all facts")


def _weights(keep: Callable[[str], bool]) -> Opened:
    """The weights of some signals off."""

    def place() -> tuple[object, str, object]:
        shipped = fitted_weights()
        kept = np.array([keep(name) for name in SIGNALS], dtype=np.float32)
        if kept.all() or not kept.any():
            raise LookupError("no signal has such a name any more")
        return index.retriever, "fitted_weights", lambda: replace(shipped, weight=shipped.weight * kept)

    return inside(place)


def _tuning(change: Callable[[Tuning], dict[str, Any]]) -> Opened:
    def place() -> tuple[object, str, object]:
        shipped = fitted_tuning()
        changed = replace(shipped, **change(shipped))
        return assistant.judgement, "fitted_tuning", lambda: changed

    return inside(place)


def _retrieving(change: Callable[[Evidence, Report], dict[str, Any]]) -> Opened:
    """Something of the evidence for each question replaced."""

    def place() -> tuple[object, str, object]:
        whole = Retriever.retrieve

        def retrieve(self: Retriever, question: str, encoding: Encoding | None = None) -> Evidence:
            evidence = whole(self, question, encoding)
            return replace(evidence, **change(evidence, self.index.report))

        return Retriever, "retrieve", retrieve

    return inside(place)


def _without_longest_paragraph(evidence: Evidence, report: Report) -> dict[str, Any]:
    longest = max(report.paragraphs, key=lambda p: p.end - p.start)
    found = evidence.sentences
    kept = (found < longest.first_sentence) | (found >= longest.end_sentence)
    return {
        name: getattr(evidence, name)[kept] for name in ("sentences", "signals", "scores", "similar", "found", "far")
    }


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
            context_vectors=built.context_vectors[moved],
            context_scales=built.context_scales[moved],
        )

    return inside(lambda: (assistant.assistant, "build_index", stale))


def _no_bm25() -> tuple[object, str, object]:
    whole = LexicalIndex.scores
    return LexicalIndex, "scores", lambda self, query: np.zeros_like(whole(self, query))


MUTANTS = (
    Mutant("ranking upside down", _retrieving(lambda evidence, report: {"scores": -evidence.scores}), RANKING),
    Mutant("late interaction off", _weights(lambda name: not name.startswith("maxsim")), RANKING),
    Mutant("every weight off but the cosine's", _weights(lambda name: name == "cosine"), RANKING),
    Mutant("paragraph and heading off", _weights(lambda name: name not in CONTEXT), RANKING),
    Mutant("closer look off", inside(lambda: (Retriever, "compare", lambda self, *_: None)), RANKING),
    Mutant("BM25 off", inside(_no_bm25), RANKING),
    Mutant("kind of answer off", _tuning(lambda t: {"kind_weights": np.zeros_like(t.kind_weights)}), RANKING),
    Mutant("never refuses", _tuning(lambda t: {"threshold": 0.0, "off_topic": 0.0}), ("refused", "status")),
    Mutant("refuses too soon", _tuning(lambda t: {"threshold": 0.97}), ("answered", "status")),
    Mutant("one paragraph lost", _retrieving(_without_longest_paragraph), RANKING),
    Mutant("stale index: its vectors are of an older text", _stale_vectors(), RANKING),
    Mutant(
        "questions taken as typed", inside(lambda: (Normaliser, "__call__", lambda self, question: question)), RANKING
    ),
)
