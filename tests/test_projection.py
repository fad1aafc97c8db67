"""How near words are, and how much they count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index import projection
from index.encoder import DEFAULT_MODEL, SentenceTransformerEncoder, unit_length
from index.onnx import OnnxEncoder
from index.projection import Projection, no_projection, projection_for, write_projection
from tests.tiny_model import tiny_model

LEARNED = Projection(
    matrix=np.array([[2, 0], [0, 1], [0, 0]], dtype=np.float32),
    importance=np.array([np.log(2), 0, 0], dtype=np.float32),
    essence=np.array([0, np.log(3), 0], dtype=np.float32),
    rarity=2.0,
    near=0.4,
    sharpness=10.0,
)


def test_words_are_projected_to_unit_length() -> None:
    found = LEARNED.project(np.array([[1, 2, 5], [0, 0, 7]], dtype=np.float32))
    assert found == pytest.approx(np.array([[2**-0.5, 2**-0.5], [0, 0]]))


def test_weights_are_shares_of_what_was_learned_times_rarity() -> None:
    vectors = np.eye(3, dtype=np.float32)
    weights, essential = LEARNED.weigh(vectors, np.array([1, 2, 1], dtype=np.float32))
    assert weights == pytest.approx(np.array([2, 4, 1]) / 7)
    assert essential == pytest.approx(np.array([2, 12, 1]) / 15)


def test_no_words_weigh_nothing() -> None:
    weights, essential = LEARNED.weigh(np.zeros((0, 3), np.float32), np.zeros(0, np.float32))
    assert weights.shape == essential.shape == (0,)


def test_far_is_half_where_a_word_is_just_near() -> None:
    far = LEARNED.far(np.array([-1, 0.4, 1], dtype=np.float32))
    assert far[1] == pytest.approx(0.5)
    assert far[0] > 0.99 > 0.01 > far[2]


def test_without_a_projection_cosines_stay_as_they_are() -> None:
    vectors = unit_length(np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32))
    assert no_projection(6).project(vectors) == pytest.approx(vectors, abs=1e-6)
    weights, essential = no_projection(6).weigh(vectors, np.array([1, 1, 1, 2], dtype=np.float32))
    assert weights == pytest.approx(np.array([0.2, 0.2, 0.2, 0.4]))
    assert essential == pytest.approx(weights)


def test_what_is_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    write_projection(LEARNED, tmp_path / "data" / "words.safetensors")
    monkeypatch.setattr(projection, "files", lambda _: tmp_path)
    read = projection._learned.__wrapped__()
    assert read.matrix == pytest.approx(LEARNED.matrix)
    assert read.importance == pytest.approx(LEARNED.importance)
    assert read.essence == pytest.approx(LEARNED.essence)
    assert (read.rarity, read.near, read.sharpness) == pytest.approx((2.0, 0.4, 10.0))


def test_what_ships_is_for_the_default_model_alone(encoder: OnnxEncoder, tmp_path: Path) -> None:
    assert encoder.identity.startswith(DEFAULT_MODEL)
    assert projection_for(encoder).matrix.shape[0] == encoder.dimension
    assert projection_for(encoder).importance.any()
    other = SentenceTransformerEncoder(str(tiny_model(tmp_path)))
    assert projection_for(other).matrix.tolist() == np.eye(other.dimension).tolist()
