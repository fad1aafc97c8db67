"""BM25 over word forms, by bm25s. The only module that imports it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np

from index.encoder import Floats


class LexicalIndex:
    """BM25 (Lucene's variant, k1 = 1.5, b = 0.75) over texts given as lists of word forms."""

    def __init__(self, index: bm25s.BM25, size: int) -> None:
        self._index = index
        self._size = size

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> LexicalIndex:
        """An index over ``texts``; a text without a word can never be found."""
        index = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
        # bm25s cannot index a collection without a single word: the empty form is no question's word.
        index.index([list(text) or [""] for text in texts], show_progress=False)
        return cls(index, len(texts))

    def scores(self, query: Sequence[str]) -> Floats:
        """BM25 of every text (n,), 0 where no word of the query occurs."""
        known = [form for form in query if form and form in self._index.vocab_dict]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._index.get_scores(known), dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write into a folder: numpy arrays and JSON, no pickle."""
        self._index.save(folder, show_progress=False)

    @classmethod
    def load(cls, folder: Path, size: int) -> LexicalIndex:
        """Read from a folder whose files' hashes were checked."""
        return cls(bm25s.BM25.load(folder, mmap=False, allow_pickle=False), size)
