"""Nearest vectors: exact, and the same after a round trip through a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.dense import DenseIndex
from index.encoder import Floats, unit_length
from index.errors import IndexCorrupted


@pytest.fixture
def vectors() -> Floats:
    return unit_length(np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32))


def test_search_is_exact(vectors: Floats) -> None:
    index = DenseIndex.build(vectors)
    assert len(index) == 50
    for query in unit_length(np.random.default_rng(1).normal(size=(20, 8)).astype(np.float32)):
        cosines = vectors @ query
        numbers, scores = index.search(query, 7)
        np.testing.assert_array_equal(numbers, np.argsort(-cosines)[:7])
        np.testing.assert_allclose(scores, np.sort(cosines)[::-1][:7], rtol=1e-5)


def test_no_more_than_there_are(vectors: Floats) -> None:
    numbers, scores = DenseIndex.build(vectors[:3]).search(vectors[1], 10)
    assert sorted(numbers) == [0, 1, 2]
    assert numbers[0] == 1
    assert scores.shape == (3,)


def test_vectors_by_number(vectors: Floats) -> None:
    wanted = np.array([40, 2, 2, 0])
    np.testing.assert_array_equal(DenseIndex.build(vectors).vectors(wanted), vectors[wanted])


def test_saved_and_loaded(vectors: Floats, tmp_path: Path) -> None:
    index = DenseIndex.build(vectors)
    index.save(tmp_path / "x.faiss")
    loaded = DenseIndex.load(tmp_path / "x.faiss")
    assert (len(loaded), loaded.kind) == (50, "IndexFlatIP")
    np.testing.assert_array_equal(loaded.vectors(np.arange(50)), vectors)


@pytest.mark.parametrize("content", [b"", b"IxFI", b"not an index at all" * 10])
def test_no_index_in_the_file(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.faiss").write_bytes(content)
    with pytest.raises(IndexCorrupted, match=r"^x\.faiss is no FAISS index$"):
        DenseIndex.load(tmp_path / "x.faiss")


def test_cut_off_file(vectors: Floats, tmp_path: Path) -> None:
    DenseIndex.build(vectors).save(tmp_path / "x.faiss")
    content = (tmp_path / "x.faiss").read_bytes()
    (tmp_path / "x.faiss").write_bytes(content[: len(content) // 2])
    with pytest.raises(IndexCorrupted):
        DenseIndex.load(tmp_path / "x.faiss")
