"""Evaluation cases: JSON lines, validated, with errors that name the file and the line."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assistant.answer import Status
from eval.invalid import describe

CASES_FOLDER = Path(__file__).parent / "cases"

Answerable = Literal["yes", "partly", "no"]
Kind = Literal[
    "direct", "paraphrased", "list", "why", "yesno", "comparison", "double", "noisy", "meta", "greeting", "tour",
    "followup", "near-miss", "false-premise", "off-topic", "instruction",
]  # fmt: skip
Topic = Literal["fund", "partners", "risks", "military", "outlook", "politics", "document", "other"]
Split = Literal["fit", "check", "held-out"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SPLITS: tuple[Split, ...] = get_args(Split)

# Kinds whose answers sum up or make conversation: their evidence may be the whole report, their length is counted
# apart.
SUMMARY_KINDS: frozenset[str] = frozenset({"meta", "greeting", "tour"})

Text = Annotated[str, Field(min_length=1)]


class CaseError(Exception):
    """A file of cases is not as it should be; the text names the file and the line."""


class Pattern(BaseModel):
    """A regular expression that a fact has to match; letter case does not count."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    pattern: Text

    @model_validator(mode="after")
    def _compiles(self) -> Pattern:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"{self.pattern!r} is not a regular expression: {error}") from None
        return self


Fact = Annotated[tuple[Text | Pattern, ...], Field(min_length=1)] | Pattern


class Case(BaseModel):
    """One question and what would be right to answer.

    ``before`` holds the user's earlier questions of the conversation, in order. ``facts`` must all be in the answer
    (any alias of each will do), ``forbidden`` must not. ``evidence`` quotes the report, one stretch for each
    paragraph that would be a right source. ``answers`` are gold answer strings (SQuAD files have them, hand-written
    cases need none).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    conversation: Text
    turn: Annotated[int, Field(ge=1)]
    before: tuple[Text, ...] = ()
    question: Text
    standalone: Text | None = None
    answerable: Answerable
    status: Annotated[tuple[Status, ...], Field(min_length=1)]
    facts: tuple[Fact, ...] = ()
    forbidden: tuple[Fact, ...] = ()
    evidence: tuple[Text, ...] = ()
    answers: tuple[Text, ...] = ()
    kind: Kind
    topic: Topic
    split: Split
    source: Text
    note: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Case:
        if len(self.before) != self.turn - 1:
            raise ValueError(f"turn {self.turn} needs {self.turn - 1} questions in 'before', got {len(self.before)}")
        chain = self.id.removesuffix(f"-t{self.turn}")
        if self.conversation not in {chain, self.id}:
            raise ValueError(f"'conversation' should be {chain!r}, the id without -tN, got {self.conversation!r}")
        if self.turn == 1 and self.standalone is not None:
            raise ValueError("'standalone' is for later turns; set it to null for turn 1")
        if self.answerable != "no" and "answered" not in self.status:
            raise ValueError("an answerable case needs 'answered' among its 'status'")
        if self.answerable != "no" and self.kind not in SUMMARY_KINDS and not self.evidence:
            raise ValueError("an answerable case needs 'evidence' quotes")
        return self

    @property
    def sha256(self) -> str:
        """SHA-256 of the case's content, in hexadecimal; the split and the notes left out, since answers and scores
        do not depend on them.
        """
        content = self.model_dump(mode="json", exclude={"split", "source", "note"})
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def load_cases(source: Path = CASES_FOLDER) -> list[Case]:
    """The cases of a ``.jsonl`` file, or of all such files in a folder, in order of file name and line.

    Raises:
        CaseError: no such file, no case in it, a line that is no case, an id given twice, a chain whose turns do not
            follow from one another.
    """
    files = sorted(source.glob("*.jsonl")) if source.is_dir() else [source]
    if not files:
        raise CaseError(f"{source}: no *.jsonl file here; expected at least one file of cases")
    where: dict[str, str] = {}
    cases: list[Case] = []
    for file in files:
        for place, case in _read(file):
            if case.id in where:
                raise CaseError(f"{place}: the id {case.id!r} is already used at {where[case.id]}")
            where[case.id] = place
            cases.append(case)
    if not cases:
        raise CaseError(f"{source}: no case in it")
    _check_chains(cases, where)
    return cases


def _read(file: Path) -> Iterable[tuple[str, Case]]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{file}: cannot be read as UTF-8 text: {error}") from None
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield f"{file}:{number}", parse_case(line, place=f"{file}:{number}")


def parse_case(line: str, *, place: str) -> Case:
    """A line of JSON as a case; ``place`` names file and line in the error.

    Raises:
        CaseError: the line is not JSON or not a case.
    """
    try:
        data: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise CaseError(f"{place}: not JSON: {error.msg} (column {error.colno})") from None
    try:
        return Case.model_validate(data)
    except ValidationError as error:
        raise CaseError(f"{place}: {describe(error)}") from None


def _check_chains(cases: Sequence[Case], where: dict[str, str]) -> None:
    turns = {(case.conversation, case.turn): case for case in cases}
    for case in cases:
        earlier = turns.get((case.conversation, case.turn - 1))
        if earlier is not None and case.before != (*earlier.before, earlier.question):
            raise CaseError(
                f"{where[case.id]}: 'before' should be the 'before' of {earlier.id!r} and then its question; "
                "the two lines differ"
            )


def write_cases(file: Path, cases: Iterable[Case]) -> None:
    """Write cases as JSON lines, in place of what the file held."""
    lines = [json.dumps(case.model_dump(mode="json"), ensure_ascii=False) for case in cases]
    temporary = file.with_suffix(".tmp")
    temporary.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    temporary.replace(file)
