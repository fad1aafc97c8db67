"""Nearest vectors: exact for few, nearly so for many, and the same after a round trip through a folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from index import dense as dense_module
from index.dense import DenseIndex, mapped, save_array
from index.encoder import Floats, unit_length
from index.errors import IndexCorrupted


def made(count: int, dimension: int, seed: int = 0) -> Floats:
    """Unit vectors in clusters, as those of sentences are."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(40, dimension))
    return unit_length((centres[rng.integers(40, size=count)] + rng.normal(size=(count, dimension))).astype(np.float32))


@pytest.fixture
def vectors() -> Floats:
    return unit_length(np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32))


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> DenseIndex:
    """An index over more vectors than are searched one by one."""
    monkeypatch.setattr(dense_module, "EXACT", 1000)
    return DenseIndex.build(made(4000, 32))


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


def test_vectors_by_number(vectors: Floats, many: DenseIndex) -> None:
    wanted = np.array([40, 2, 2, 0])
    np.testing.assert_array_equal(DenseIndex.build(vectors).vectors(wanted), vectors[wanted])
    np.testing.assert_array_equal(many.vectors(wanted), made(4000, 32)[wanted])


def test_many_are_found_nearly_as_exactly(many: DenseIndex) -> None:
    vectors, found = made(4000, 32), []
    assert "inverted file" in many.kind
    for query in unit_length(vectors[::40] + 0.1 * made(100, 32, seed=1)):
        numbers, scores = many.search(query, 10)
        np.testing.assert_allclose(scores, vectors[numbers] @ query, rtol=1e-5)
        assert (np.diff(scores) <= 0).all()
        assert len(set(numbers)) == 10
        found.append(len(set(numbers) & set(np.argsort(-(vectors @ query))[:10])) / 10)
    assert np.mean(found) >= 0.97


def test_not_every_vector_is_looked_at(many: DenseIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense_module, "PROBES", 1)
    numbers, scores = many.search(made(4000, 32)[7], 4000)
    assert 0 < len(numbers) == len(scores) < 1000
    assert numbers[0] == 7


def test_few_and_many_are_saved_and_loaded(vectors: Floats, many: DenseIndex, tmp_path: Path) -> None:
    for name, index in (("few", DenseIndex.build(vectors)), ("many", many)):
        index.save(tmp_path / name)
        loaded = DenseIndex.load(tmp_path / name)
        assert (len(loaded), loaded.kind) == (len(index), index.kind)
        every = np.arange(len(index))
        np.testing.assert_array_equal(loaded.vectors(every), index.vectors(every))
        query = index.vectors(np.array([3]))[0]
        for one, other in zip(loaded.search(query, 9), index.search(query, 9), strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the memory held is read from Linux's files")
def test_single_vectors_are_read_and_not_mapped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def held() -> int:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGESIZE")

    monkeypatch.setattr(dense_module, "EXACT", 1000)
    vectors, wanted = made(16_000, 384), np.arange(0, 16_000, 10)
    DenseIndex.build(vectors).save(tmp_path / "x")
    files = len(list(Path("/proc/self/fd").iterdir()))
    index = DenseIndex.load(tmp_path / "x")
    before = held()
    looked_at = index.vectors(wanted)
    assert held() - before < vectors.nbytes / 3
    np.testing.assert_array_equal(looked_at, vectors[wanted])
    del index
    assert len(list(Path("/proc/self/fd").iterdir())) <= files


def test_built_twice_is_the_same(many: DenseIndex) -> None:
    again, query = DenseIndex.build(made(4000, 32)), made(1, 32, seed=5)[0]
    np.testing.assert_array_equal(many.search(query, 20)[0], again.search(query, 20)[0])


@pytest.mark.parametrize("content", [b"", b"IxFI", b"not an index at all" * 10, None])
def test_no_index_in_the_file(content: bytes | None, many: DenseIndex, tmp_path: Path) -> None:
    many.save(tmp_path / "x")
    path = tmp_path / "x" / "cells.faiss"
    path.write_bytes(path.read_bytes()[:9000] if content is None else content)
    with pytest.raises(IndexCorrupted, match=r"^cells\.faiss is no faiss index$"):
        DenseIndex.load(tmp_path / "x")


def test_cut_off_vectors(vectors: Floats, tmp_path: Path) -> None:
    DenseIndex.build(vectors).save(tmp_path / "x")
    path = tmp_path / "x" / "vectors.npy"
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(ValueError, match="mmap length"):
        DenseIndex.load(tmp_path / "x")


@pytest.mark.parametrize("array", [np.eye(3, 5), np.eye(3, 5).T, np.eye(9)[::2, ::3], np.arange(4, dtype=np.int8)])
def test_arrays_are_saved_as_numpy_does(array: npt.NDArray[Any], tmp_path: Path) -> None:
    save_array(tmp_path / "x.npy", array)
    np.save(tmp_path / "y.npy", np.ascontiguousarray(array))
    assert (tmp_path / "x.npy").read_bytes() == (tmp_path / "y.npy").read_bytes()
    np.testing.assert_array_equal(mapped(tmp_path / "x.npy"), array)
