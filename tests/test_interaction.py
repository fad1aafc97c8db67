"""The comparison of a question's words with a sentence's: as it was learned, and at its edges."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from assistant import Assistant
from eval.fit.interaction import Network
from index.build import build_index, vectors_at, word_vectors
from index.encoder import Encoder, Floats, unit_length
from index.interaction import Interaction, condense_for, interaction_for, write_interaction
from index.retriever import Retriever
from index.tokens import load_encoding
from index.words import split_words
from tests.tiny_model import tiny_model

D, SIGNALS = 24, 5
LENGTHS = (3, 7, 1)


@pytest.fixture(scope="module")
def network() -> Network:
    """A network of random numbers."""
    torch.manual_seed(3)
    return Network(torch.randn(D, 8) / 4, torch.rand(SIGNALS), torch.rand(SIGNALS) + 0.5).eval()


def words(count: int, seed: int) -> Floats:
    return unit_length(np.random.default_rng(seed).normal(size=(count, D)).astype(np.float32))


def test_numpy_and_torch_agree(network: Network) -> None:
    """What is trained is what runs; questions of two lengths share a batch there."""
    questions = [words(4, 1), words(6, 2)]
    sentences = [words(length, 10 + length) for length in LENGTHS]
    signals = np.random.default_rng(4).normal(size=(2, len(LENGTHS), SIGNALS)).astype(np.float32)
    fast = signals[:, :, 0] * 2
    padded = torch.zeros(len(LENGTHS), max(LENGTHS), D)
    for row, sentence in enumerate(sentences):
        padded[row, : len(sentence)] = torch.from_numpy(sentence)
    there = torch.arange(max(LENGTHS))[None, :] < torch.tensor(LENGTHS)[:, None]
    question = torch.zeros(2, 6, D)
    for row, asked in enumerate(questions):
        question[row, : len(asked)] = torch.from_numpy(asked)
    batch = {
        "question": question,
        "is_word": torch.arange(6)[None, :] < torch.tensor([4, 6])[:, None],
        "words": padded,
        "candidates": torch.arange(len(LENGTHS)).expand(2, -1),
        "there": there.expand(2, -1, -1),
        "is_candidate": torch.ones(2, len(LENGTHS), dtype=torch.bool),
        "signals": torch.from_numpy(signals),
        "fast": torch.from_numpy(fast),
    }
    with torch.no_grad():
        expected = network(batch).numpy()
    learned = network.learned()
    condensed = np.concatenate(sentences) @ learned.numbers["condense"]
    starts = np.cumsum([0, *LENGTHS])
    found = [
        learned.logits(asked, condensed, starts, *own) for asked, *own in zip(questions, signals, fast, strict=True)
    ]
    assert np.allclose(np.stack(found, axis=1), expected, atol=1e-4)


def test_each_sentence_is_judged_by_itself(network: Network) -> None:
    learned = network.learned()
    said = np.concatenate([words(length, length) for length in LENGTHS]) @ learned.numbers["condense"]
    starts, signals = np.cumsum([0, *LENGTHS]), np.ones((3, SIGNALS), dtype=np.float32)
    together = np.stack(learned.logits(words(5, 9), said, starts, signals, signals[:, 0]))
    alone = [
        np.concatenate(learned.logits(words(5, 9), said[a:b], np.array([0, b - a]), signals[:1], signals[:1, 0]))
        for a, b in pairwise(starts)
    ]
    assert np.allclose(together.T, alone, atol=1e-4)


def test_sentences_and_questions_without_words(network: Network) -> None:
    learned = network.learned()
    signals = np.zeros((2, SIGNALS), dtype=np.float32)
    nothing, tells = learned.logits(
        words(3, 1), np.zeros((0, 8), dtype=np.float32), np.zeros(3, dtype=np.int64), signals, signals[:, 0]
    )
    assert np.isfinite([nothing, tells]).all()
    assert nothing[0] == nothing[1]
    none, never = learned.logits(
        words(0, 1), np.zeros((0, 8), dtype=np.float32), np.zeros(3, dtype=np.int64), signals, signals[:, 0]
    )
    assert none.tolist() == [0, 0]
    assert (never < -5).all()


def test_what_is_written_is_read_again(network: Network, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    learned = network.learned()
    write_interaction(learned, tmp_path / "interaction.safetensors")
    again = Interaction({n: v.astype(np.float32) for n, v in load_file(tmp_path / "interaction.safetensors").items()})
    assert again.width == learned.width == 8
    assert all(np.allclose(again.numbers[name], value, atol=1e-2) for name, value in learned.numbers.items())


def test_contexts_are_the_passages_words(bot: Assistant, encoder: Encoder) -> None:
    whole = np.eye(encoder.dimension, dtype=np.float32)
    index = build_index(bot.report, encoder, load_encoding(), 300, condense=whole)
    for passage in index.passages[::4]:
        text = bot.report.text[passage.start : passage.end]
        (encoding,) = encoder.encode([text], upper=True)
        expected = word_vectors(encoding, split_words(text), upper=True)
        rows = slice(index.word_starts[passage.first_sentence], index.word_starts[passage.end_sentence])
        found = index.context_vectors[rows] * index.context_scales[rows, None]
        assert found.shape == expected.shape
        assert (unit_length(found) * expected).sum(axis=1).min() > 0.99
        places = np.array([(word.start, word.end) for word in split_words(text)])
        assert np.array_equal(vectors_at(encoding, places, upper=True), expected)


def test_another_model_is_not_compared(bot: Assistant, tmp_path: Path) -> None:
    from index.encoder import SentenceTransformerEncoder

    other = SentenceTransformerEncoder(str(tiny_model(tmp_path)))
    assert interaction_for(other) is None
    assert condense_for(other).shape == (16, 0)
    index = build_index(bot.report, other, load_encoding(), 20)
    assert index.context_vectors.shape == (index.word_starts[-1], 0)
    retriever = Retriever(index, other)
    evidence = retriever.retrieve("fund")
    assert retriever.compare(evidence, np.arange(2), np.zeros((2, 20), np.float32), np.zeros(2, np.float32)) is None
