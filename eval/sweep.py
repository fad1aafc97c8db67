"""Settings tried against one another: a grid or random points, resumable, and the Pareto front of what they give."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from eval.figures import mean, percentile, pooled_precision
from eval.provenance import digest
from eval.record import Row

Point = Mapping[str, float | int | str]

# What is weighed against what; -1: less is better.
OBJECTIVES: Mapping[str, int] = {"facts": 1, "citation precision": 1, "refusals": 1, "latency ms": -1}


class SweepError(Exception):
    """A sweep cannot be made as asked; the text is one line for the user."""


def parse_axis(text: str) -> tuple[str, list[float | int | str]]:
    """``name=v1,v2,…`` as a name and its values; numbers are read as numbers.

    Raises:
        SweepError: it has another form.
    """
    name, equals, values = text.partition("=")
    found = [_value(value) for value in values.split(",") if value.strip()]
    if not equals or not name.strip() or not found:
        raise SweepError(f"{text!r}: expected NAME=VALUE,VALUE,… such as tuning.threshold=0.3,0.5")
    return name.strip(), found


def _value(text: str) -> float | int | str:
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text.strip()


def points(axes: Mapping[str, Sequence[float | int | str]], count: int | None = None, seed: int = 0) -> list[Point]:
    """Every combination of the values, or ``count`` of them drawn without repetition (Bergstra and Bengio 2012)."""
    grid = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
    if count is None or count >= len(grid):
        return list(grid)
    return random.Random(seed).sample(grid, count)  # noqa: S311 -- an order, not a secret


def vary(base: Any, path: str, value: object) -> Any:
    """A copy of a frozen dataclass with one value changed; ``path`` has dots for what is nested, and numbers for the
    places of an array (``kind_weights.0``).

    Raises:
        SweepError: there is no such field or place; names those that there are.
    """
    name, _, rest = path.partition(".")
    if isinstance(base, np.ndarray):
        if not name.isdigit() or int(name) >= len(base):
            raise SweepError(f"{name!r} is no place in an array of {len(base)}: give a number from 0")
        copy = base.copy()
        copy[int(name)] = vary(base[int(name)], rest, value) if rest else value
        return copy
    if not is_dataclass(base) or isinstance(base, type):
        raise SweepError(f"there is nothing inside a {type(base).__name__} that could be varied")
    known = [field.name for field in fields(base)]
    if name not in known:
        raise SweepError(f"there is no {name!r} in {type(base).__name__}; there are {', '.join(known)}")
    return replace(base, **{name: vary(getattr(base, name), rest, value) if rest else value})


def objectives(rows: Sequence[Row]) -> dict[str, float]:
    """What a point is judged by: facts found; citations right, pooled; refusals, the mean of the shares of answerable
    questions answered and of unanswerable ones refused (balanced accuracy); the median milliseconds of an answer.
    """
    answered, refused = mean(rows, "answered"), mean(rows, "refused")
    shares = [share for share in (answered, refused) if share is not None]
    middle = percentile([row.seconds for row in rows], 0.5)
    return {
        "facts": mean(rows, "all facts") or 0.0,
        "citation precision": pooled_precision(rows) or 0.0,
        "refusals": sum(shares) / len(shares) if shares else 0.0,
        "latency ms": round(middle * 1000, 3) if middle is not None else 0.0,
    }


def sweep(
    wanted: Sequence[Point], measure: Callable[[Point], dict[str, float]], store: Path, context: object,
    progress: Callable[[int], object] = lambda done: None,
) -> list[tuple[Point, dict[str, float]]]:  # fmt: skip
    """Measure each point, or read it from ``store`` (JSON lines) if it was measured before in the same ``context``.

    Each point is written as soon as it is measured, so that a sweep cut short goes on where it stopped.

    Raises:
        SweepError: the store cannot be read or written.
    """
    here = digest(context)
    done = {line["point"]: line["figures"] for line in _lines(store) if line["context"] == here}
    found: list[tuple[Point, dict[str, float]]] = []
    for point in wanted:
        key = digest(dict(point))
        if key not in done:
            done[key] = measure(point)
            try:
                store.parent.mkdir(parents=True, exist_ok=True)
                with store.open("a", encoding="utf-8") as file:
                    line = {"context": here, "point": key, "values": dict(point), "figures": done[key]}
                    file.write(json.dumps(line) + "\n")
            except OSError as error:
                raise SweepError(f"{store}: cannot be written ({error.strerror}); name another --store") from None
        found.append((point, done[key]))
        progress(1)
    return found


def _lines(store: Path) -> list[dict[str, Any]]:
    if not store.exists():
        return []
    lines = []
    for text in store.read_text(encoding="utf-8").splitlines():
        try:
            line = json.loads(text)
        except json.JSONDecodeError:
            continue  # cut short while it was written: the point is measured again
        if isinstance(line, dict) and {"context", "point", "figures"} <= line.keys():
            lines.append(line)
    return lines


def pareto(measured: Sequence[tuple[Point, dict[str, float]]]) -> list[tuple[Point, dict[str, float]]]:
    """The points that no other one beats: none is at least as good in every objective and better in one."""

    def beats(a: dict[str, float], b: dict[str, float]) -> bool:
        differences = [sign * (a[name] - b[name]) for name, sign in OBJECTIVES.items()]
        return min(differences) >= 0 and max(differences) > 0

    return [(point, own) for point, own in measured if not any(beats(other, own) for _, other in measured)]


def front_table(measured: Sequence[tuple[Point, dict[str, float]]]) -> str:
    """The points in Markdown, those on the front first and marked."""
    front = pareto(measured)
    names = list(dict.fromkeys(name for point, _ in measured for name in point))
    lines = ["| front | " + " | ".join([*names, *OBJECTIVES]) + " |", "|---" * (1 + len(names) + len(OBJECTIVES)) + "|"]
    for point, figures in [*front, *(each for each in measured if each not in front)]:
        mark = "●" if (point, figures) in front else ""
        cells = [str(point.get(name, "")) for name in names] + [f"{figures[name]:.3f}" for name in OBJECTIVES]
        lines.append(f"| {mark} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
