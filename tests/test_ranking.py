"""The signals of ranking against their formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from index.encoder import Floats
from index.ranking import (
    SIGNALS,
    Weights,
    compact,
    fitted_weights,
    has_form,
    maxsim,
    over_paragraph,
    spans,
    weighted_mean,
    with_previous,
)

VALUES = st.floats(-1, 1, width=32)


def tables(columns: int) -> st.SearchStrategy[Floats]:
    return st.integers(0, 8).flatmap(lambda rows: arrays(np.float32, (rows, columns), elements=VALUES))


def paragraphs_of(values: Floats, data: st.DataObject) -> npt.NDArray[np.int64]:
    """Numbers of paragraphs for rows, those of one paragraph side by side."""
    steps = data.draw(st.lists(st.integers(0, 1), min_size=len(values), max_size=len(values)))
    return np.cumsum(np.array(steps, dtype=np.int64))


@given(tables(3), tables(3), st.data())
def test_maxsim(question: Floats, words: Floats, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(words)), max_size=5)))
    starts = np.array([0, *cuts, len(words)])
    scales = np.array(data.draw(st.lists(st.floats(0, 2, width=16), min_size=len(words), max_size=len(words))))
    found = maxsim(question, words, scales.astype(np.float32), starts)
    assert found.shape == (len(starts) - 1, len(question))
    for i in range(len(starts) - 1):
        for j in range(len(question)):
            cosines = [
                float(question[j] @ word) * scale
                for word, scale in list(zip(words, scales, strict=True))[starts[i] : starts[i + 1]]
            ]
            assert np.isclose(found[i, j], max(cosines, default=0.0), atol=1e-5)


@given(tables(16))
def test_compact_vectors_are_near(vectors: Floats) -> None:
    bits, scales = compact(vectors)
    assert (str(bits.dtype), bits.shape, scales.shape) == ("int8", vectors.shape, (len(vectors),))
    # half a step of 127 up to the largest number, and what rounding of 32-bit numbers adds
    assert (np.abs(bits * scales[:, None] - vectors) <= scales[:, None] * 0.5001 + 1e-37).all()


@given(st.data())
def test_has_form(data: st.DataObject) -> None:
    forms = np.array(data.draw(st.lists(st.integers(0, 5), max_size=12)), dtype=np.int32)
    question = np.array(data.draw(st.lists(st.integers(-1, 6), max_size=4)), dtype=np.int64)
    starts = np.array([0, *sorted(data.draw(st.lists(st.integers(0, len(forms)), max_size=4))), len(forms)])
    found = has_form(question, forms, starts)
    for i in range(len(starts) - 1):
        assert found[i].tolist() == [float(form in forms[starts[i] : starts[i + 1]]) for form in question]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=6), st.data())
def test_spans(lengths: list[int], data: st.DataObject) -> None:
    starts = np.cumsum([0, *lengths])
    numbers = np.array(data.draw(st.lists(st.integers(0, len(lengths) - 1), max_size=5)), dtype=np.int64)
    rows, begins = spans(starts, numbers)
    for i, number in enumerate(numbers):
        assert rows[begins[i] : begins[i + 1]].tolist() == list(range(starts[number], starts[number + 1]))
    assert begins[-1] == len(rows)


@given(tables(4), arrays(np.float32, 4, elements=st.floats(0, 2, width=16)))
def test_weighted_mean(values: Floats, weights: Floats) -> None:
    found = weighted_mean(values, weights)
    expected: Any = np.average(values, axis=1, weights=weights) if weights.sum() > 0 else np.zeros(len(values))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_weighted_mean_of_no_columns() -> None:
    np.testing.assert_array_equal(weighted_mean(np.zeros((3, 0), np.float32), np.zeros(0, np.float32)), np.zeros(3))


@given(tables(2), st.data())
def test_with_previous(values: Floats, data: st.DataObject) -> None:
    paragraph = paragraphs_of(values, data)
    before = values.copy()
    found = with_previous(values, paragraph)
    for i in range(len(values)):
        same = i > 0 and paragraph[i] == paragraph[i - 1]
        np.testing.assert_array_equal(found[i], np.maximum(values[i], values[i - 1]) if same else values[i])
    np.testing.assert_array_equal(values, before)


@given(tables(2), st.data())
def test_over_paragraph(values: Floats, data: st.DataObject) -> None:
    paragraph = paragraphs_of(values, data)
    found = over_paragraph(values, paragraph)
    assert found.shape == values.shape
    for i in range(len(values)):
        np.testing.assert_array_equal(found[i], values[paragraph == paragraph[i]].max(axis=0))


def test_score_is_linear_in_standardised_signals() -> None:
    weights = Weights(*np.array([[1.0, 2.0], [2.0, 4.0], [3.0, -1.0]], dtype=np.float32))
    signals = np.array([[1.0, 2.0], [3.0, 10.0]], dtype=np.float32)
    assert weights.score(signals).tolist() == [0.0, (3 - 1) / 2 * 3 + (10 - 2) / 4 * -1]


def test_shipped_weights_are_of_all_signals() -> None:
    weights = fitted_weights()
    for column in (weights.mean, weights.deviation, weights.weight):
        assert column.shape == (len(SIGNALS),)
        assert np.isfinite(column).all()
    assert (weights.deviation > 0).all()
    assert np.abs(weights.weight).max() > 0.1
