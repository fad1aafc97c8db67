"""A run as it is kept: one JSON file, written once, never changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from eval.invalid import describe
from eval.run import Result
from eval.scores import Scores, failures, is_answerable

FORMAT = 1
RESULTS_FOLDER = Path(__file__).parent / "results"


class RecordError(Exception):
    """A stored run cannot be read or written; the text is one line for the user."""


class Cited(BaseModel):
    """A citation: its mark's number, the quoted characters, their section and offsets, whether it is right.

    ``right`` is None where the case does not tell.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    number: int
    quote: str
    section: str
    start: int
    end: int
    right: bool | None


class Row(BaseModel):
    """One case of a run: what was asked, what was answered, what it scored.

    ``seconds`` is what ``ask`` took and ``timings`` its stages; both vary from run to run and are no part of what two
    runs are compared by. ``case`` is the hash of the case's content.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    key: str
    target: str
    case: str
    conversation: str
    turn: int
    kind: str
    topic: str
    split: str
    before: tuple[str, ...]
    question: str
    answerable: bool | None
    status: str | None
    asked: str | None
    text: str | None
    engine: str | None
    suggestions: tuple[str, ...]
    citations: tuple[Cited, ...]
    error: str | None
    wrong: tuple[str, ...]
    scores: Scores
    seconds: float
    timings: dict[str, float]

    def comparable(self) -> dict[str, Any]:
        """All that two runs of the same program must agree on: everything but the times."""
        return self.model_dump(exclude={"seconds", "timings"})


class Run(BaseModel):
    """A run: when and with what it was made, and its rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: int = FORMAT
    provenance: dict[str, Any]
    rows: tuple[Row, ...]

    @property
    def by_key(self) -> dict[str, Row]:
        """The rows by key."""
        return {row.key: row for row in self.rows}


def row_of(result: Result) -> Row:
    """A result as a row."""
    case, answer = result.task.case, result.answer
    return Row(
        key=result.key,
        target=result.target,
        case=case.sha256,
        conversation=f"{result.target}/{case.conversation}",
        turn=case.turn,
        kind=case.kind,
        topic=case.topic,
        split=case.split,
        before=case.before,
        question=case.question,
        answerable=is_answerable(case),
        status=answer.status if answer else None,
        asked=answer.question if answer else None,
        text=answer.text if answer else None,
        engine=answer.engine if answer else None,
        suggestions=answer.suggestions if answer else (),
        citations=tuple(
            Cited(number=c.number, quote=c.quote, section=c.section, start=c.start, end=c.end, right=right)
            for c, right in zip(answer.citations, result.right, strict=True)
        )
        if answer
        else (),
        error=result.error,
        wrong=tuple(failures(result.task, answer, result.scores)),
        scores=result.scores,
        seconds=result.seconds,
        timings=dict(answer.timings) if answer else {},
    )


def rows_of(results: Iterable[Result]) -> tuple[Row, ...]:
    """Results as rows."""
    return tuple(row_of(result) for result in results)


def dump(data: Mapping[str, Any], rows: Iterable[Row]) -> str:
    """JSON with a row a line, so that a diff of two files names the cases that changed."""
    head = json.dumps(dict(data), ensure_ascii=False, indent=1)[:-2]
    lines = [json.dumps(row.model_dump(mode="json"), ensure_ascii=False) for row in rows]
    return f'{head},\n "rows": [\n' + ",\n".join(lines) + "\n ]\n}\n"


def save(run: Run, folder: Path = RESULTS_FOLDER, *, now: datetime | None = None) -> Path:
    """Write a run into the folder under a name of its own (the time, UTC) and return the path.

    Raises:
        RecordError: the folder cannot be written.
    """
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    text = dump({"format": run.format, "provenance": run.provenance}, run.rows)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1000):
            path = folder / f"{stamp}{f'-{number}' if number else ''}.json"
            try:
                with path.open("x", encoding="utf-8") as file:
                    file.write(text)
                return path
            except FileExistsError:
                continue
    except OSError as error:
        raise RecordError(f"{folder}: results cannot be written here ({error.strerror}); name another --out") from None
    raise RecordError(f"{folder}: a thousand results of the same second; wait one")


def load(path: Path) -> Run:
    """Read a stored run.

    Raises:
        RecordError: it is missing, or not a run of this format.
    """
    try:
        return Run.model_validate_json(path.read_bytes())
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise RecordError(f"{path}: not a stored run: {describe(error)}") from None
