"""Whether a sentence answers a question: the words of both compared with each other, by a small learned network.

Decomposable attention (Parikh, Täckström, Das and Uszkoreit 2016) over embeddings of the question's words and of those
of each candidate sentence where its whole passage was read, so that "it" and "the fund" have taken on what they stand
for, both by layers that were tuned for it (:mod:`index.upper`). Each word of the question is aligned with the
sentence's words and compared with what it found there; beside that, two *slots* look for what the question asks for
among the words that it does not itself name. With the ranking's signals these give two logits a sentence.
``python -m eval fit`` learns the numbers (:mod:`eval.fit.interaction` has the same network, as torch trains it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.encoder import DEFAULT_MODEL_SHA256, Encoder, Floats, unit_length
from index.ranking import Integers

FILE = "interaction.safetensors"
# No word is let be more important than this (a logit), nor any less: exp() of more would leave nothing to the others.
_CLIP = 8.0
# Embeddings of words come at length 1; what is learned with numbers of this size is learned sooner.
LENGTH = 6.0
_NEVER = -1e4


@dataclass(frozen=True)
class Interaction:
    """The learned numbers by name."""

    numbers: Mapping[str, Floats]

    @property
    def width(self) -> int:
        """The length c of a condensed word."""
        return int(self.numbers["condense"].shape[1])

    def logits(
        self, question: Floats, words: Floats, starts: Integers, signals: Floats, fast: Floats
    ) -> tuple[Floats, Floats]:
        """How much speaks for each sentence's being the best, and for its answering at all: logits (c,) and (c,).

        The first are to be compared with one another, the second are the log-odds that the sentence is an answer.

        ``question`` (q, d) holds the tuned layers' embeddings of the question's words, all of them, of unit length;
        ``words`` (w, c) the condensed ones of the sentences' words, those of sentence ``i`` at
        ``starts[i] : starts[i + 1]``; ``signals`` (c, s) what the ranking found and ``fast`` (c,) its scores, which the
        first start from. A sentence without words gets what its signals alone are worth.
        """
        if not len(question):
            return fast, np.full_like(fast, -_CLIP)
        of, place = self.numbers, _Places(starts)
        question, words = question * LENGTH, words * LENGTH
        weight, essence = (_softmax(np.clip(question @ of[name], -_CLIP, _CLIP)) for name in ("weight", "essence"))
        near = place.of(unit_length(words) @ unit_length(question @ of["align"]).T, -1.0).transpose(0, 2, 1)
        shares = _softmax(np.where(place.there[:, None, :], near * of["scale"], _NEVER))
        placed = place.of(words)
        found = ((shares @ placed) @ of["tell"] + of["tell_bias"]).astype(np.float32, copy=False)
        found[~place.there.any(axis=1)] = 0
        compared = self._compare(question @ of["ask"] + of["ask_bias"], found, near.max(axis=2), weight)
        pooled = [weight @ compared, compared.max(axis=1), essence @ compared]
        slots = self._slots(essence @ question, placed, place.there, near.max(axis=1))
        standard = np.clip((signals - of["mean"]) / of["deviation"], -5, 5)
        hidden = _relu(np.concatenate([*pooled, slots, standard], axis=1) @ of["judge"] + of["judge_bias"])
        ranks, tells = (hidden @ of["answer"] + of["answer_bias"]).astype(np.float32).T
        return ranks + of["trust"] * fast, tells

    def _compare(self, asked: Floats, found: Floats, near: Floats, weight: Floats) -> Floats:
        """What comes of comparing each word of the question (q, h) with what it found in each sentence (c, q, h)."""
        h = asked.shape[1]
        of_asked, of_pair, (of_near, of_weight) = np.split(self.numbers["compare"], [h, 4 * h])
        # each product over all pairs at once: a product for each sentence would cost more than its numbers
        pairs = np.concatenate([found, asked * found, np.abs(asked - found)], axis=2).reshape(-1, 3 * h)
        compared = (pairs @ of_pair).reshape(found.shape)
        compared += asked @ of_asked + weight[:, None] * of_weight + self.numbers["compare_bias"]
        compared += near[:, :, None] * of_near
        deeper: Floats = _relu(_relu(compared).reshape(-1, h) @ self.numbers["deepen"] + self.numbers["deepen_bias"])
        return deeper.reshape(found.shape)

    def _slots(self, essence: Floats, words: Floats, there: npt.NDArray[np.bool_], near: Floats) -> Floats:
        """What stands in the sentences, words (c, t, h) where ``there`` (c, t), where the question's essence (d,) looks
        for an answer: (c, 3 · s). What is looked for is mapped to the words, not each word to what is looked for.
        """
        of = self.numbers
        count = len(of["slot_near"])
        wanted = (essence @ of["slot_query"]).astype(np.float32).reshape(count, -1)
        keys, values = (of[name].reshape(len(of[name]), *wanted.shape) for name in ("slot_key", "slot_value"))
        looks = words @ ((keys * wanted).sum(axis=2) / np.sqrt(wanted.shape[1])).astype(np.float32)
        looks += near[:, :, None] * of["slot_near"]
        shares = _softmax(np.where(there[:, :, None], looks, _NEVER).transpose(0, 2, 1))
        seen = (shares @ words).transpose(1, 0, 2)
        filled = (seen @ values.transpose(1, 0, 2)).transpose(1, 0, 2)
        wanted = np.broadcast_to(wanted, filled.shape)
        slots: Floats = np.concatenate([wanted, filled, wanted * filled], axis=2).reshape(len(filled), -1)
        return slots


class _Places:
    """Where the words of sentences, one after the other, stand in a table (c, t) of a row a sentence."""

    def __init__(self, starts: Integers) -> None:
        lengths = np.diff(starts)
        place = np.arange(max(1, int(lengths.max(initial=1))))[None, :]
        self.there: npt.NDArray[np.bool_] = place < lengths[:, None]
        self._rows = np.where(self.there, starts[:-1, None] + place, starts[-1])

    def of(self, values: Floats, nothing: float = 0.0) -> Floats:
        """What there is of each word (w, k) in its place: (c, t, k)."""
        rows = np.full((len(values) + 1, values.shape[1]), nothing, dtype=np.float32)
        rows[:-1] = values
        table: Floats = rows[self._rows]
        return table


def interaction_for(encoder: Encoder) -> Interaction | None:
    """What was learned for a model; for another than the default one, nothing."""
    return _learned() if encoder.identity.endswith(DEFAULT_MODEL_SHA256) else None


def condense_for(encoder: Encoder) -> Floats:
    """The map (d, c) that condenses the words of passages; c is 0 where nothing was learned for the model."""
    learned = interaction_for(encoder)
    return np.zeros((encoder.dimension, 0), dtype=np.float32) if learned is None else learned.numbers["condense"]


@lru_cache(maxsize=1)
def _learned() -> Interaction:
    from safetensors.numpy import load

    data = load(files("index").joinpath("data", FILE).read_bytes())
    return Interaction({name: value.astype(np.float32) for name, value in data.items()})


def write_interaction(interaction: Interaction, path: Path) -> None:
    """Write what was learned, in 16 bits, as :func:`interaction_for` reads it."""
    from safetensors.numpy import save

    path.write_bytes(save({name: np.asarray(value, np.float16) for name, value in interaction.numbers.items()}))


def _softmax(logits: Floats) -> Floats:
    share = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Floats = share / share.sum(axis=-1, keepdims=True)
    return shares


def _relu(values: Floats) -> Floats:
    positive: Floats = np.maximum(values, 0)
    return positive
