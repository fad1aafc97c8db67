"""Text and vectors of any amount, made of the report that ships."""

from __future__ import annotations

import random
import re

import numpy as np

from eval.cases import CASES_FOLDER, load_cases
from eval.suites import BUNDLED
from index.encoder import Encoder, Floats, unit_length

# In a copy of the report, so large a share of the words is another of the report's, and every figure another figure.
CHANGED = 0.25
NOISE = 0.03


def long_text(times: int) -> str:
    """The report ``times`` over, hardly a sentence twice: words and figures of the copies are changed (seed 0)."""
    text = BUNDLED.read_text(encoding="utf-8")
    rng = random.Random(0)  # noqa: S311
    words = re.findall(r"\b[a-z]{4,}\b", text)
    copies = [text]
    for number in range(1, times):
        copy = re.sub(r"\b[a-z]{4,}\b", lambda m: rng.choice(words) if rng.random() < CHANGED else m.group(), text)
        copy = re.sub(r"\d+", lambda m: str(rng.randrange(1, 10 ** len(m.group()))), copy)
        copies.append(re.sub(r"(?m)^# ", f"## Part {number}: ", copy))
    return "\n\n".join(copies)


def passages(count: int, words: int) -> list[str]:
    """Texts of so many words of the report, drawn at random (seed 0)."""
    rng = random.Random(0)  # noqa: S311
    vocabulary = BUNDLED.read_text(encoding="utf-8").split()
    return [" ".join(rng.choices(vocabulary, k=words)) for _ in range(count)]


def questions() -> list[str]:
    """The questions of the evaluation's fit and check cases, each once."""
    return list(dict.fromkeys(case.question for case in load_cases(CASES_FOLDER) if case.split != "held-out"))


def base_vectors(encoder: Encoder) -> Floats:
    """Embeddings of real questions and of the sentences of ten changed copies of the report."""
    sentences = re.findall(r"[A-Z][^.]{30,}\.", long_text(10))
    return np.stack([one.vector for one in encoder.encode([*questions(), *sentences])])


def vectors(base: Floats, count: int, seed: int) -> Floats:
    """Unit vectors (count, d): each a random mixture of two of ``base``, with a little noise in every number."""
    rng = np.random.default_rng(seed)
    made = np.empty((count, base.shape[1]), dtype=np.float32)
    for first in range(0, count, 65536):
        size = min(65536, count - first)
        share = rng.random((size, 1), dtype=np.float32)
        one, other = (base[rng.integers(len(base), size=size)] for _ in range(2))
        noise = rng.normal(scale=NOISE, size=one.shape).astype(np.float32)
        made[first : first + size] = unit_length(share * one + (1 - share) * other + noise)
    return made
