"""The baseline: the run that others are measured by, with the reasons for which it was moved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.invalid import describe
from eval.record import Row, Run, dump

FORMAT = 1
BASELINE = Path(__file__).parent / "baseline.json"
FLOORS = Path(__file__).parent / "floors.json"


class BaselineError(Exception):
    """There is no baseline that can be read; the text is one line for the user."""


class Moved(BaseModel):
    """One move of the baseline: when, at which commit, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    made: str
    commit: str | None
    reason: Annotated[str, Field(min_length=1)]


class Baseline(BaseModel):
    """A run and the moves that led to it, the latest last."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: int
    moves: Annotated[tuple[Moved, ...], Field(min_length=1)]
    provenance: dict[str, Any]
    rows: tuple[Row, ...]

    @property
    def run(self) -> Run:
        """The run alone."""
        return Run(provenance=self.provenance, rows=self.rows)


def load_baseline(path: Path = BASELINE) -> Baseline:
    """Read the baseline.

    Raises:
        BaselineError: it is missing, or not of this format.
    """
    try:
        return Baseline.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise BaselineError(f'{path}: there is no baseline yet; make one with accept --reason "…"') from None
    except OSError as error:
        raise BaselineError(f"{path}: cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise BaselineError(f"{path}: not a baseline of this version: {describe(error)}") from None


def move_baseline(run: Run, reason: str, path: Path = BASELINE) -> None:
    """Make a run the baseline. Times are left out: they would change each line of the file for nothing.

    Raises:
        ValueError: the reason is blank.
    """
    if not reason.strip():
        raise ValueError("a baseline is moved for a reason: say it in a sentence")
    try:
        moves = load_baseline(path).moves
    except BaselineError:
        moves = ()
    moves += (Moved(made=run.provenance["made"], commit=run.provenance["commit"], reason=reason.strip()),)
    head = {"format": FORMAT, "moves": [m.model_dump() for m in moves], "provenance": run.provenance}
    rows = [row.model_copy(update={"seconds": 0.0, "timings": {}}) for row in run.rows]
    temporary = path.with_suffix(".tmp")
    temporary.write_text(dump(head, rows), encoding="utf-8")
    temporary.replace(path)


def load_floors(path: Path = FLOORS) -> dict[str, float]:
    """The floors by metric, ``metric@kind=…`` for one kind of question; none where there is no file.

    Raises:
        BaselineError: the file is not an object of numbers.
    """
    if not path.exists():
        return {}
    try:
        floors = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): float(value) for name, value in floors.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise BaselineError(f"{path}: expected an object of numbers by metric: {error}") from None
