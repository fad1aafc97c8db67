"""BM25 against its formula."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import LexicalIndex

DOCUMENTS = [["fund", "large", "fund"], ["tower", "fund"], ["tower", "lamp", "keeper", "winter"], [], ["budget"]]


def bm25(query: Sequence[str], texts: Sequence[Sequence[str]], k1: float = 1.5, b: float = 0.75) -> list[float]:
    """Robertson and Zaragoza (2009), with Lucene's inverse document frequency, which is never negative."""
    # an empty text is indexed as one empty word
    lengths = [max(len(text), 1) for text in texts]
    mean = sum(lengths) / len(lengths)
    scores = [0.0] * len(texts)
    for word in query:
        df = sum(word in text for text in texts)
        idf = np.log(1 + (len(texts) - df + 0.5) / (df + 0.5))
        for number, text in enumerate(texts):
            tf = text.count(word)
            scores[number] += idf * tf / (tf + k1 * (1 - b + b * lengths[number] / mean))
    return scores


@given(st.lists(st.sampled_from(["fund", "tower", "lamp", "budget", "unknown"]), max_size=6))
def test_scores_are_bm25(query: list[str]) -> None:
    scores = LexicalIndex.build(DOCUMENTS).scores(query)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, bm25(query, DOCUMENTS), rtol=1e-5)


@pytest.mark.parametrize("texts", [[[]], [[], []], [["only"]]])
def test_small_collections(texts: list[list[str]]) -> None:
    index = LexicalIndex.build(texts)
    assert index.scores(["nothing"]).tolist() == [0.0] * len(texts)
    assert (index.scores(["only"]) > 0).tolist() == [bool(text) for text in texts]
    assert index.scores([""]).shape == (len(texts),)


def test_saved_and_loaded(tmp_path: Path) -> None:
    index = LexicalIndex.build(DOCUMENTS)
    index.save(tmp_path / "bm25")
    loaded = LexicalIndex.load(tmp_path / "bm25", len(DOCUMENTS))
    for query in (["fund"], ["tower", "lamp"], ["unknown"], []):
        np.testing.assert_array_equal(loaded.scores(query), index.scores(query))
    assert {path.suffix for path in (tmp_path / "bm25").iterdir()} == {".npy", ".json"}  # no pickle
