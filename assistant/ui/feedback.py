"""The feedback file: one JSON object a line for each thumb and complaint, which ``python -m eval triage`` reads.

It holds what was asked and answered, what was thought of it and which versions answered. Nothing else about the person
is written: no address, no name, no time of day.
"""

from __future__ import annotations

import errno
import json
import os
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field

from assistant.answer import Answer
from assistant.ui.turns import MAX_QUESTION, MAX_TURNS, Turn
from index.errors import AssistantError
from index.report import Report

MAX_NOTE = 2_000
# Seconds to wait for another process that writes: a line takes milliseconds.
_PATIENCE = 5

Verdict = Literal["up", "down", "wrong citation"]
Question = Annotated[str, Field(min_length=1, max_length=MAX_QUESTION)]


class FeedbackProblem(AssistantError):
    """The feedback could not be written."""


class FeedbackUnusable(AssistantError, ValueError):
    """The feedback is on nothing that this report answers, or on a citation that the answer does not have."""


class FeedbackBody(BaseModel):
    """What a person thinks of an answer; ``before`` are the earlier questions, ``citation`` is the wrong one."""

    model_config = ConfigDict(extra="forbid")

    question: Question
    answer: dict[str, Any]
    before: Annotated[list[Question], Field(max_length=MAX_TURNS)] = []
    verdict: Verdict
    citation: Annotated[int, Field(ge=1)] | None = None
    note: Annotated[str, Field(max_length=MAX_NOTE)] = ""


class FeedbackFile:
    """A file that feedback is appended to; it and its folder are made with the first line."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, body: FeedbackBody, report: Report) -> None:
        """Append a line.

        Raises:
            FeedbackUnusable: the answer does not stand in ``report``, or it has no such citation.
            FeedbackProblem: the file cannot be written; says why and what to do. No part of a line is left in it.
        """
        answer = Turn(question=body.question, answer=body.answer).read_answer(report)
        if answer is None:
            raise FeedbackUnusable("This answer is not one about the report that is served now: ask again.")
        numbers = {citation.number for citation in answer.citations}
        if body.verdict == "wrong citation" and body.citation not in numbers:
            raise FeedbackUnusable("Which citation is wrong? Choose one of those in the answer.")
        line = json.dumps(_entry(body, answer, report), ensure_ascii=False)
        try:
            self._append(line.encode("utf-8", "replace") + b"\n")
        except Timeout:
            raise self._problem("another process is writing to it") from None
        except OSError as error:
            raise self._problem(error.strerror or str(error)) from error

    def _append(self, line: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self.path}.lock", timeout=_PATIENCE):
            file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                _write_whole(file, line)
            finally:
                os.close(file)

    def _problem(self, reason: str) -> FeedbackProblem:
        return FeedbackProblem(
            f"The feedback could not be saved in {self.path} ({reason}). Mend that, or start the page with another "
            "--feedback-file, and send it again."
        )


def _write_whole(file: int, line: bytes) -> None:
    """Append a line and see it on the disk, or leave the file as it was."""
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":  # a line that a crash cut short stays alone
        line = b"\n" + line
    try:
        left = memoryview(line)
        while left:
            written = os.write(file, left)
            if written == 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            left = left[written:]
        os.fsync(file)
    except OSError:
        with suppress(OSError):
            os.ftruncate(file, size)
        raise


def _entry(body: FeedbackBody, answer: Answer, report: Report) -> dict[str, Any]:
    return {
        "time": datetime.now(UTC).date().isoformat(),
        "verdict": body.verdict,
        **({"citation": body.citation} if body.verdict == "wrong citation" else {}),
        "note": body.note.strip(),
        "question": body.question,
        "before": body.before,
        "answer": answer.as_dict(),
        "versions": {
            "report-assistant": version("report-assistant"),
            "report": report.title,
            "sha256": report.sha256,
            "engine": answer.engine,
        },
    }
