"""The conversation as the browser keeps it.

It comes back from the browser, whole when the page is loaded and what a follow-up needs of it with each question, so
it is outside input: it is validated, and an answer whose citations do not stand in this report is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from assistant.answer import Answer
from index.report import Report

MAX_TURNS = 50
"""Older turns are forgotten; follow-ups look back over a few."""

MAX_QUESTION = 9_999
"""Characters; what the assistant reads at most."""

MAX_SAID = 4_000
"""Characters of an answer that come back with a later question; more is not read of it."""

RECENT = 6
"""Turns whose answers come back with a later question."""

MAX_OFFERED = 3
"""Questions offered after an answer."""

_ANSWER = TypeAdapter(Answer)


class Turn(BaseModel):
    """A question as typed, its answer, or None where it was stopped or failed, and the questions offered after it."""

    question: Annotated[str, Field(max_length=MAX_QUESTION)]
    answer: dict[str, Any] | None = None
    offered: Annotated[list[Annotated[str, Field(max_length=MAX_QUESTION)]], Field(max_length=MAX_OFFERED)] = []

    def read_answer(self, report: Report) -> Answer | None:
        """The answer, if it is whole and quotes this report."""
        if self.answer is None:
            return None
        try:
            answer = _ANSWER.validate_python(self.answer)
        except ValidationError:
            return None
        genuine = all(
            each.sha256 == report.sha256 and report.text[each.start : each.end] == each.quote
            for each in answer.citations
        )
        return answer if genuine else None


class Said(BaseModel):
    """What a later question needs of a turn; of one long ago, its question alone."""

    question: Annotated[str, Field(max_length=MAX_QUESTION)]
    text: Annotated[str, Field(max_length=MAX_SAID)] | None = None
    offered: Annotated[list[Annotated[str, Field(max_length=MAX_QUESTION)]], Field(max_length=MAX_OFFERED)] = []


_TURNS = TypeAdapter(list[Turn])
_SAID = TypeAdapter(list[Said])


def read_turns(kept: object) -> list[Turn]:
    """What the browser kept, as JSON or read from it, or nothing where it is not a conversation."""
    try:
        turns = _TURNS.validate_json(kept) if isinstance(kept, str) else _TURNS.validate_python(kept)
    except ValidationError:
        return []
    return turns[-MAX_TURNS:]


def read_said(said: str) -> list[Said]:
    """What the browser says was said before, from JSON, or nothing where it is not a conversation."""
    try:
        return _SAID.validate_json(said)
    except ValidationError:
        return []


def history(said: Sequence[Said]) -> list[dict[str, str]]:
    """The conversation as the assistant takes it: answered turns only."""
    return [
        message
        for turn in said
        if turn.text is not None
        for message in ({"role": "user", "content": turn.question}, {"role": "assistant", "content": turn.text})
    ]
