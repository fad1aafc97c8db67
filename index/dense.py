"""Nearest vectors by inner product. The only module that imports faiss."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from index.encoder import Floats
from index.errors import IndexCorrupted


class DenseIndex:
    """Unit vectors (n, d) with exact search: on unit vectors the inner product is the cosine."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Floats) -> DenseIndex:
        """An index over ``vectors`` (n, d) float32."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors))
        return cls(index)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def kind(self) -> str:
        """FAISS's class of index, for the manifest."""
        return type(self._index).__name__

    def search(self, query: Floats, k: int) -> tuple[npt.NDArray[np.int64], Floats]:
        """The ``k`` nearest to ``query`` (d,): their numbers and cosines (k,), best first."""
        scores, numbers = self._index.search(query[None, :], min(k, len(self)))
        return numbers[0], scores[0]

    def vectors(self, numbers: npt.NDArray[np.int64]) -> Floats:
        """The stored vectors (n, d) with these numbers."""
        found: Floats = self._index.reconstruct_batch(np.ascontiguousarray(numbers, dtype=np.int64))
        return found

    def save(self, path: Path) -> None:
        """Write to a file."""
        path.write_bytes(faiss.serialize_index(self._index).tobytes())

    @classmethod
    def load(cls, path: Path) -> DenseIndex:
        """Read from a file whose hash was checked: FAISS itself loads many damaged files without complaint.

        Raises:
            IndexCorrupted: FAISS cannot read it.
        """
        try:
            return cls(faiss.deserialize_index(np.frombuffer(path.read_bytes(), dtype=np.uint8)))
        except RuntimeError as error:
            raise IndexCorrupted(f"{path.name} is no FAISS index") from error
