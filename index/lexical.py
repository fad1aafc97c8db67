"""BM25 over word forms. bm25s makes the table when an index is built; this is the only module that imports it.

A score is a sum of the table's rows, so that a question needs numpy alone: bm25s brings scipy, which takes a third of a
second to import.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.dense import mapped, save_array
from index.encoder import Floats

# What is in a saved folder beside the words: how much each text gets for a word, and which texts those are.
_ARRAYS = ("values", "texts", "starts")


class LexicalIndex:
    """BM25 (Lucene's variant, k1 = 1.5, b = 0.75) over ``size`` texts given as lists of word forms.

    ``words`` numbers the forms; word ``i`` gives ``values[starts[i] : starts[i + 1]]`` to the texts of these numbers in
    ``texts``.
    """

    def __init__(
        self,
        size: int,
        words: Mapping[str, int],
        values: Floats,
        texts: npt.NDArray[np.int32],
        starts: npt.NDArray[np.int64],
    ) -> None:
        self._size = size
        self._words = words
        self._values, self._texts, self._starts = values, texts, starts

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> LexicalIndex:
        """An index over ``texts``; a text without a word can never be found."""
        import bm25s

        index = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
        # bm25s cannot index a collection without a single word: the empty form is no question's word.
        index.index([list(text) or [""] for text in texts], show_progress=False)
        values, numbers, starts = (index.scores[name] for name in ("data", "indices", "indptr"))
        words = {form: int(number) for form, number in index.vocab_dict.items() if form}
        return cls(
            len(texts), words, values.astype(np.float32), numbers.astype(np.int32), np.asarray(starts, dtype=np.int64)
        )

    def scores(self, query: Sequence[str]) -> Floats:
        """BM25 of every text (n,), 0 where no word of the query occurs."""
        scores = np.zeros(self._size, dtype=np.float32)
        for form in query:
            if (word := self._words.get(form)) is not None:
                own = slice(self._starts[word], self._starts[word + 1])
                scores[self._texts[own]] += self._values[own]  # a text stands but once in a word's row
        return scores

    def save(self, folder: Path) -> None:
        """Write into a new folder: numpy arrays and JSON, no pickle."""
        folder.mkdir()
        arrays: tuple[npt.NDArray[Any], ...] = (self._values, self._texts, self._starts)
        for name, array in zip(_ARRAYS, arrays, strict=True):
            save_array(folder / f"{name}.npy", array)
        (folder / "words.json").write_text(json.dumps(self._words, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, size: int) -> LexicalIndex:
        """Read from a folder whose files' hashes were checked; the arrays stay on disk until looked at."""
        words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        values, texts, starts = (mapped(folder / f"{name}.npy") for name in _ARRAYS)
        return cls(size, words, values, texts, starts)
