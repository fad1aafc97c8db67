"""How well each sentence answers a question: pure functions of arrays.

The signals are the field's: cosine of sentence embeddings (Reimers and Gurevych 2019), late interaction, MaxSim, over
contextual word embeddings (Khattab and Zaharia 2020), BM25 (Robertson and Zaragoza 2009) and the share of the
question's words found, weighted by inverse document frequency. Each is taken of the sentence, of the sentence and the
one before it, and of its paragraph; a linear function of them ranks, its weights fitted by ``python -m eval fit``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from index.encoder import Floats

Integers = npt.NDArray[np.int64]

SIGNALS = (
    "cosine",
    "passage_cosine",
    "heading_cosine",
    "maxsim",
    "maxsim_plain",
    "maxsim_before",
    "maxsim_paragraph",
    "maxsim_least",
    "found",
    "found_before",
    "found_paragraph",
    "bm25",
    "bm25_passage",
    "length",
)


@dataclass(frozen=True)
class Weights:
    """What the linear function does with the signals: ``(signal - mean) / deviation · weight``."""

    mean: Floats
    deviation: Floats
    weight: Floats

    def score(self, signals: Floats) -> Floats:
        """The score (n,) of signals (n, len(SIGNALS))."""
        scores: Floats = ((signals - self.mean) / self.deviation @ self.weight).astype(np.float32)
        return scores


@lru_cache(maxsize=1)
def fitted_weights() -> Weights:
    """The weights that ship with the package."""
    table = json.loads(files("index").joinpath("data/ranking.json").read_text(encoding="utf-8"))["signals"]
    columns = np.array([table[name] for name in SIGNALS], dtype=np.float32).T
    return Weights(*columns)


def compact(vectors: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Vectors (w, d) in 8 bits, and the scale (w,) of each: ``vector ≈ bits · scale``.

    Of unit vectors of 384 numbers, cosines with another one change by 0.001 (standard deviation).
    """
    scales = np.abs(vectors).max(axis=1, initial=0).astype(np.float32) / 127
    return np.rint(vectors / np.where(scales > 0, scales, 1)[:, None]).astype(np.int8), scales


def maxsim(question: Floats, words: Floats, scales: Floats, starts: Integers) -> Floats:
    """For each question word (q, d) and sentence the greatest cosine with a word of the sentence: (n, q).

    ``words`` (w, d) times ``scales`` (w,) are the sentences' words, those of sentence ``i`` at ``starts[i] :
    starts[i + 1]``; a sentence without words gets zeros.
    """
    count = len(starts) - 1
    found = np.zeros((count, len(question)), dtype=np.float32)
    filled = np.flatnonzero(np.diff(starts) > 0)
    if len(filled) and len(question):
        cosines = words @ question.T * scales[:, None]
        found[filled] = np.maximum.reduceat(cosines, starts[filled], axis=0)
    return found


def has_form(question: Integers, forms: npt.NDArray[np.int32], starts: Integers) -> Floats:
    """For each form of a question (q,) and sentence 1 where the sentence has it: (n, q).

    ``forms`` (w,) holds the sentences' words, those of sentence ``i`` at ``starts[i] : starts[i + 1]``.
    """
    found = np.zeros((len(starts) - 1, len(question)), dtype=np.float32)
    filled = np.flatnonzero(np.diff(starts) > 0)
    if len(filled) and len(question):
        found[filled] = np.maximum.reduceat(forms[:, None] == question[None, :], starts[filled], axis=0)
    return found


def spans(starts: Integers, numbers: Integers) -> tuple[Integers, Integers]:
    """The rows ``starts[i] : starts[i + 1]`` of each number ``i``, one after the other, and where each one's begin.

    The second has an entry more than ``numbers``, the count of the rows.
    """
    lengths = starts[numbers + 1] - starts[numbers]
    begins = np.concatenate([[0], np.cumsum(lengths)])
    return np.arange(begins[-1]) + np.repeat(starts[numbers] - begins[:-1], lengths), begins


def weighted_mean(values: Floats, weights: Floats) -> Floats:
    """The mean of ``values`` (n, q) over the last axis, by ``weights`` (q,): (n,); zeros where the weights are."""
    total = float(weights.sum())
    return (values @ weights / total if total > 0 else np.zeros(len(values))).astype(np.float32)


def with_previous(values: Floats, paragraph: Integers) -> Floats:
    """Each row's maximum with the row before it, where that is of the same paragraph: (n, q)."""
    joined = values.copy()
    if len(values) > 1:
        same = (paragraph[1:] == paragraph[:-1])[:, None]
        joined[1:] = np.where(same, np.maximum(values[1:], values[:-1]), values[1:])
    return joined


def over_paragraph(values: Floats, paragraph: Integers) -> Floats:
    """Each row's maximum over the rows of its paragraph, which stand together: (n, q)."""
    if not len(values):
        return values
    first = np.flatnonzero(np.concatenate([[True], paragraph[1:] != paragraph[:-1]]))
    best = np.maximum.reduceat(values, first, axis=0)
    repeated: Floats = np.repeat(best, np.diff(np.append(first, len(values))), axis=0)
    return repeated
