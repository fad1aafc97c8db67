"""The conversation as the browser keeps it.

It comes back from the browser with each question, so it is outside input: it is validated, and an answer whose
citations do not stand in this report is dropped.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from assistant.answer import Answer
from index.report import Report

MAX_TURNS = 50
"""Older turns are forgotten; follow-ups look back over a few."""

MAX_QUESTION = 9_999
"""Characters; what the assistant reads at most."""

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


_TURNS = TypeAdapter(list[Turn])


def read_turns(kept: object) -> list[Turn]:
    """What the browser kept, or nothing where it is not a conversation."""
    try:
        return _TURNS.validate_python(kept if kept is not None else [])[-MAX_TURNS:]
    except ValidationError:
        return []


def keep(turns: list[Turn]) -> list[dict[str, Any]]:
    """The conversation as JSON for the browser."""
    return [turn.model_dump() for turn in turns[-MAX_TURNS:]]


def history(turns: list[Turn]) -> list[dict[str, str]]:
    """The conversation as the assistant takes it: answered turns only."""
    said = []
    for turn in turns:
        if turn.answer is not None and isinstance(turn.answer.get("text"), str):
            said.append({"role": "user", "content": turn.question})
            said.append({"role": "assistant", "content": turn.answer["text"]})
    return said
