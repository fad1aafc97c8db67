"""The chat page's feedback file: JSON lines, one for each thumb or complaint."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.cases import CaseError
from eval.invalid import describe


class SaidCitation(BaseModel):
    """A citation of the answer that was complained about."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    number: int
    quote: str
    section: str = ""


class SaidAnswer(BaseModel):
    """The answer that was complained about."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    text: str
    status: str = "answered"
    question: str = ""
    citations: tuple[SaidCitation, ...] = ()


class Feedback(BaseModel):
    """A line of the file: what was asked and answered, what the person thought of it; ``citation`` is the wrong one.

    Keys that are not needed here (versions, time of day) may be there and are not read.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    question: str = Field(min_length=1)
    answer: SaidAnswer
    before: tuple[str, ...] = ()
    verdict: str = ""
    citation: int | None = None
    note: str = ""
    time: str = ""

    @property
    def key(self) -> str:
        """Eight hexadecimal digits that name the complaint."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:8]


def load_feedback(path: Path) -> list[Feedback]:
    """The complaints of a feedback file, in its order, each once; praise ("up") is left out.

    Raises:
        CaseError: the file cannot be read, or a line is no feedback; names the file and the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # a note may hold other signs that end lines
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path}: cannot be read as UTF-8 text: {error}") from None
    found: dict[str, Feedback] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = Feedback.model_validate_json(line)
        except ValidationError as error:
            raise CaseError(f"{path}:{number}: {describe(error)}") from None
        if entry.verdict != "up":
            found.setdefault(entry.key, entry)
    return list(found.values())
