"""How near two words are, and how much each word of a question counts: learned views of the network's embeddings.

The network was trained to embed sentences; what it gives for a single word tells more of its sentence than of the word.
A linear map to fewer numbers, learned from questions with known answers, keeps what tells words apart, as ColBERT does
(Khattab and Zaharia 2020). How much a word counts is learned as well, as in DeepCT (Dai and Callan 2019), on top of its
inverse document frequency. ``python -m eval fit`` learns both and writes the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from index.encoder import DEFAULT_MODEL_SHA256, Encoder, Floats, unit_length


@dataclass(frozen=True)
class Projection:
    """``matrix`` (d, k) maps a word's embedding (d,) to what is compared.

    A word of a question weighs ``exp(embedding · importance) · idf ** rarity``, its share of what makes the question
    that question, and not another about the same things, is ``exp(embedding · essence)`` times that. ``near`` is the
    cosine at which a word counts half as found, ``sharpness`` how fast that changes.
    """

    matrix: Floats
    importance: Floats
    essence: Floats
    rarity: float
    near: float
    sharpness: float

    def project(self, vectors: Floats) -> Floats:
        """Embeddings (w, d) of words as they are compared: (w, k), of unit length."""
        return unit_length(vectors @ self.matrix)

    def weigh(self, vectors: Floats, idf: Floats) -> tuple[Floats, Floats]:
        """The weight of each word of a question, and its share of what is essential: (q,) and (q,), each of sum 1.

        ``vectors`` (q, d) are the embeddings of its words, ``idf`` (q,) their inverse document frequencies.
        """
        weights = np.exp(vectors @ self.importance) * idf**self.rarity
        essential = np.exp(vectors @ self.essence) * weights
        return _shares(weights), _shares(essential)

    def far(self, cosines: Floats) -> Floats:
        """For each cosine how much it speaks for two words not meaning the same, from 0 to 1."""
        far: Floats = (1 / (1 + np.exp(self.sharpness * (cosines - self.near)))).astype(np.float32)
        return far


def no_projection(dimension: int) -> Projection:
    """What leaves embeddings of ``dimension`` numbers as they are: for models that nothing was learned for."""
    zeros = np.zeros(dimension, dtype=np.float32)
    return Projection(np.eye(dimension, dtype=np.float32), zeros, zeros, rarity=1.0, near=0.5, sharpness=20.0)


def projection_for(encoder: Encoder) -> Projection:
    """What was learned for a model; for another than the default one, nothing."""
    if encoder.identity.endswith(DEFAULT_MODEL_SHA256):
        return _learned()
    return no_projection(encoder.dimension)


@lru_cache(maxsize=1)
def _learned() -> Projection:
    from safetensors.numpy import load

    data = load(files("index").joinpath("data/words.safetensors").read_bytes())
    matrix, importance, essence = (data[name].astype(np.float32) for name in ("matrix", "importance", "essence"))
    rarity, near, sharpness = data["curve"].tolist()
    return Projection(matrix, importance, essence, rarity, near, sharpness)


def write_projection(projection: Projection, path: Path) -> None:
    """Write what was learned, the map in 16 bits, as :func:`projection_for` reads it."""
    from safetensors.numpy import save

    curve = np.array([projection.rarity, projection.near, projection.sharpness], dtype=np.float32)
    numbers = {"importance": projection.importance, "essence": projection.essence, "curve": curve}
    path.write_bytes(save({"matrix": projection.matrix.astype(np.float16), **numbers}))


def _shares(weights: Floats) -> Floats:
    total = float(weights.sum())
    return (weights / total if total > 0 else np.zeros_like(weights)).astype(np.float32)
