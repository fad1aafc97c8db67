"""Nearest vectors by inner product, exact for a report of any usual length. The only module that imports faiss.

Exact search takes time in proportion to the vectors: 1.5 ms for 10,000, 150 ms for a million. From :data:`EXACT` on, an
inverted file (Sivic and Zisserman 2003) over 8-bit vectors finds candidates in the cells nearest to the query, and the
full vectors, which stay on disk, put the best of them in order.
"""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.encoder import Floats
from index.errors import IndexCorrupted

# Up to here every vector is looked at.
EXACT = 10_000
# Cells for n vectors: CELLS · √n, or one for 40 where that is less, of which PROBES are searched, and how many
# candidates for each result are compared in full. By `python -m eval bench`: recall@10 and time at a million vectors.
CELLS, PROBES, REFINED = 4, 48, 8
# So many vectors for each cell are looked at to place the cells, so many times.
_TRAINED_ON, _ROUNDS = 40, 10
_VECTORS, _CELLS = "vectors.npy", "cells.faiss"


class Rows:
    """The rows of an array in a file, read when asked for; ``vectors`` is the same array, mapped.

    Mapped into memory, each row looked at brings the sixteen pages round it: 200 questions to a million vectors came to
    hold 0.8 GB of them.
    """

    def __init__(self, path: Path, vectors: Floats) -> None:
        self._type, self._columns = vectors.dtype, vectors.shape[1]
        self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)
        self._offset = os.fstat(self._file).st_size - vectors.nbytes

    def __getitem__(self, numbers: npt.NDArray[np.int64]) -> Floats:
        size = self._columns * self._type.itemsize
        read = b"".join(os.pread(self._file, size, self._offset + number * size) for number in numbers.tolist())
        return np.frombuffer(read, self._type).reshape(len(numbers), self._columns)


class DenseIndex:
    """Unit vectors (n, d): on them the inner product is the cosine. ``cells`` is faiss's index where there is one.

    ``rows`` is where single vectors are read, if not in ``vectors``.
    """

    def __init__(self, vectors: Floats, cells: Any = None, rows: Rows | None = None) -> None:
        self._vectors = vectors
        self._cells = cells
        self._rows = vectors if rows is None else rows

    @classmethod
    def build(cls, vectors: Floats) -> DenseIndex:
        """An index over ``vectors`` (n, d) float32."""
        vectors = np.ascontiguousarray(vectors)
        return cls(vectors, _build_cells(vectors) if len(vectors) > EXACT else None)

    def __len__(self) -> int:
        return len(self._vectors)

    @property
    def kind(self) -> str:
        """How it is searched, for people to read."""
        if self._cells is None:
            return "exact"
        return f"inverted file, {self._cells.nlist} cells, {PROBES} searched, 8 bits, best {REFINED} times k in full"

    def search(self, query: Floats, k: int) -> tuple[npt.NDArray[np.int64], Floats]:
        """The ``k`` nearest to ``query`` (d,): their numbers and cosines (k,), best first."""
        import faiss

        faiss.omp_set_num_threads(1)  # threads that share one question wait for each other
        k = min(k, len(self))
        if self._cells is None:
            scores, numbers = faiss.knn(query[None, :], self._vectors, k, metric=faiss.METRIC_INNER_PRODUCT)
            return numbers[0], scores[0]
        parameters = faiss.SearchParametersIVF(nprobe=PROBES)  # type: ignore[call-arg]
        found = self._cells.search(query[None, :], min(k * REFINED, len(self)), params=parameters)[1][0]
        found = np.sort(found[found >= 0])  # in the order of the file
        cosines = self._rows[found] @ query
        best = np.argsort(-cosines, kind="stable")[:k]
        return found[best], cosines[best]

    def vectors(self, numbers: npt.NDArray[np.int64]) -> Floats:
        """The stored vectors (n, d) with these numbers."""
        found: Floats = self._rows[numbers]
        return found

    def save(self, folder: Path) -> None:
        """Write into a new folder."""
        folder.mkdir()
        save_array(folder / _VECTORS, self._vectors)
        if self._cells is not None:
            import faiss

            (folder / _CELLS).write_bytes(faiss.serialize_index(self._cells).tobytes())

    @classmethod
    def load(cls, folder: Path) -> DenseIndex:
        """Read from a folder whose files' hashes were checked: faiss itself loads many damaged files without complaint.

        Vectors and cells stay on disk until looked at.

        Raises:
            IndexCorrupted: faiss cannot read it.
            OSError, ValueError: there are no vectors in it.
        """
        vectors = mapped(folder / _VECTORS)
        path = folder / _CELLS
        if not path.exists():
            return cls(vectors)
        import faiss

        try:
            # Not IO_FLAG_MMAP, whose lists fetch ahead with up to 32 threads a question: three times as slow.
            cells = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise IndexCorrupted(f"{path.name} is no faiss index") from error
        return cls(vectors, cells, Rows(folder / _VECTORS, vectors))


def save_array(path: Path, array: npt.NDArray[Any]) -> None:
    """Write an array as :func:`mapped` reads it.

    ``numpy.save`` says nothing when the disk is full before the last 4 kB of a file.

    Raises:
        OSError: it cannot be written.
    """
    array = np.ascontiguousarray(array)
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(array))
        file.write(array.data)


def mapped(path: Path) -> npt.NDArray[Any]:
    """An array in a file, which stays on disk until looked at.

    Raises:
        OSError, ValueError: the file holds none.
    """
    # A plain array over the mapping: numpy's class for these takes 20 µs to make each slice.
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _build_cells(vectors: Floats) -> Any:
    import faiss

    count, dimension = vectors.shape
    cells = int(min(CELLS * count**0.5, count / _TRAINED_ON))
    quantiser: Any = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFScalarQuantizer(
        quantiser, dimension, cells, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.own_fields = True
    index.cp.niter = _ROUNDS
    quantiser.this.disown()
    sample = np.random.default_rng(0).permutation(count)[: cells * _TRAINED_ON]
    index.train(vectors[np.sort(sample)])
    for first in range(0, count, 65536):
        index.add(np.ascontiguousarray(vectors[first : first + 65536]))
    return index
