"""Sweeps: the points, the resuming, and the Pareto front."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from eval.sweep import Point, SweepError, front_table, objectives, pareto, parse_axis, points, sweep, vary
from tests.eval.conftest import MakeRow


@dataclass(frozen=True)
class Inner:
    low: float = 0.1


@dataclass(frozen=True)
class Outer:
    inner: Inner = Inner()
    size: int = 3
    weights: npt.NDArray[np.float64] = field(default_factory=lambda: np.array([1.0, 2.0]))


def figures(facts: float, precision: float, latency: float) -> dict[str, float]:
    return {"facts": facts, "citation precision": precision, "refusals": 0.5, "latency ms": latency}


def test_an_axis_is_a_name_and_its_values() -> None:
    assert parse_axis("settings.passage_tokens=100,200") == ("settings.passage_tokens", [100, 200])
    assert parse_axis("a.b=0.5,x") == ("a.b", [0.5, "x"])
    for bad in ("a", "=1", "a="):
        with pytest.raises(SweepError, match="expected NAME=VALUE"):
            parse_axis(bad)


def test_a_grid_has_every_combination_and_random_points_are_some_of_them() -> None:
    grid = points({"a": [1, 2], "b": [3, 4, 5]})
    assert len(grid) == 2 * 3
    assert {"a": 2, "b": 5} in grid
    some = points({"a": [1, 2], "b": [3, 4, 5]}, count=3, seed=7)
    assert some == points({"a": [1, 2], "b": [3, 4, 5]}, count=3, seed=7)
    assert len(some) == 3
    assert all(point in grid for point in some)


def test_one_value_is_varied_however_deep_and_the_base_stays() -> None:
    base = Outer()
    assert vary(base, "size", 5).size == 5
    assert vary(base, "inner.low", 0.9).inner.low == 0.9
    assert vary(base, "weights.1", 7).weights.tolist() == [1.0, 7.0]
    assert (base.size, base.inner.low, base.weights.tolist()) == (3, 0.1, [1.0, 2.0])


@pytest.mark.parametrize("path, message", [
    ("height", "there is no 'height' in Outer; there are inner, size, weights"),
    ("inner.high", "there is no 'high' in Inner"),
    ("weights.2", "'2' is no place in an array of 2"),
    ("size.x", "nothing inside a int"),
])  # fmt: skip
def test_an_unknown_name_says_what_there_is(path: str, message: str) -> None:
    with pytest.raises(SweepError, match=message):
        vary(Outer(), path, 1)


def test_a_sweep_goes_on_where_it_stopped(tmp_path: Path) -> None:
    store = tmp_path / "deep" / "sweep.jsonl"
    measured: list[Point] = []

    def measure(point: Point) -> dict[str, float]:
        if point["a"] == 3 and len(measured) == 2:
            raise KeyboardInterrupt
        measured.append(point)
        return figures(float(point["a"]), 0, 0)

    wanted = points({"a": [1, 2, 3]})
    with pytest.raises(KeyboardInterrupt):
        sweep(wanted, measure, store, "context")
    with store.open("a", encoding="utf-8") as file:
        file.write('{"context": "cut sho')
    measured.append({"a": 0})
    found = sweep(wanted, measure, store, "context")
    assert [point["a"] for point in measured] == [1, 2, 0, 3]
    assert [own["facts"] for _, own in found] == [1, 2, 3]
    sweep(wanted[:1], measure, store, "another context")
    assert measured[-1] == {"a": 1}


def test_the_front_holds_what_no_other_point_beats() -> None:
    best, cheap, beaten = (
        ({"a": 1}, figures(0.9, 0.9, 30)),
        ({"a": 2}, figures(0.5, 0.5, 10)),
        ({"a": 3}, figures(0.9, 0.8, 30)),
    )
    twin = ({"a": 4}, figures(0.9, 0.9, 30))
    assert pareto([best, cheap, beaten, twin]) == [best, cheap, twin]
    table = front_table([beaten, best])
    assert table.index("| ● | 1 | 0.900 |") < table.index("|  | 3 | 0.900 |")


def test_objectives_come_from_the_rows(make_row: MakeRow) -> None:
    rows = [
        make_row(scores={"all facts": 1.0, "answered": 1.0, "citations": 2.0, "right citations": 1.0}, seconds=0.01),
        make_row(scores={"all facts": 0.0, "answered": 0.0}, seconds=0.02),
        make_row(scores={"refused": 1.0}, seconds=0.06),
    ]
    assert objectives(rows) == {
        "facts": 1 / 2, "citation precision": 1 / 2, "refusals": (1 / 2 + 1) / 2, "latency ms": 20.0,
    }  # fmt: skip
