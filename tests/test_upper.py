"""The encoder's tuned upper layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from index.build import encode_whole, vectors_at, word_vectors
from index.encoder import Encoder, SentenceTransformerEncoder, unit_length
from index.upper import COUNT, own_layers, read_upper, write_upper
from index.words import split_words
from tests.tiny_model import tiny_model

TEXTS = ["The fund holds 120 billion tenge.", "", "A longer one, which shares a batch with others of another length."]


def test_own_layers_give_what_the_model_gives() -> None:
    """Tuning begins where the model is; a text is read as it would be alone, whatever padding is beside it."""
    reference = SentenceTransformerEncoder()
    untuned = SentenceTransformerEncoder(upper=own_layers(reference.model))
    for encoding in untuned.encode(TEXTS, upper=True):
        assert encoding.upper is not None
        np.testing.assert_allclose(encoding.upper, encoding.pieces, atol=1e-4)


def test_what_ships_reads_otherwise_and_leaves_the_models_own_as_they_are(encoder: Encoder) -> None:
    assert len(read_upper().layers) == COUNT
    for one, plain in zip(encoder.encode(TEXTS, upper=True), encoder.encode(TEXTS), strict=True):
        assert plain.upper is None
        assert one.upper is not None
        assert one.upper.shape == one.pieces.shape
        np.testing.assert_allclose(one.vector, plain.vector, atol=1e-6)
        np.testing.assert_allclose(one.pieces, plain.pieces, atol=1e-5)
        assert not len(one.pieces) or (unit_length(one.upper) * unit_length(one.pieces)).sum(axis=1).min() < 0.95


def test_words_of_tuned_layers_are_there_where_asked_for(encoder: Encoder) -> None:
    text = "word by word " * 300
    words = split_words(text)
    (whole,) = encode_whole(encoder, [text], upper=True)
    assert whole.upper is not None
    assert whole.upper.shape == whole.pieces.shape
    assert (np.linalg.norm(word_vectors(whole, words, upper=True), axis=1) > 0.99).all()
    (plain,) = encode_whole(encoder, [text])
    with pytest.raises(ValueError, match="not encoded with the tuned layers"):
        vectors_at(plain, np.array([[0, 4]]), upper=True)


def test_another_model_has_none(tmp_path: Path) -> None:
    other = SentenceTransformerEncoder(str(tiny_model(tmp_path)))
    assert not other.has_upper
    (encoding,) = other.encode(["a fund"], upper=True)
    assert encoding.upper is None


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    upper = read_upper()
    write_upper(upper, tmp_path / "upper.safetensors")
    again = read_upper(tmp_path / "upper.safetensors").state_dict()
    for name, value in upper.state_dict().items():
        assert torch.equal(value, again[name])
