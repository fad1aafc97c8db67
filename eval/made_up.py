"""Made-up reports with many short questions each: to fit on, and to see how well what was fitted suits other reports.

In ``texts/made_up/fit``, ``check`` (nothing is ever fitted on those) and ``held-out`` (nor are these looked at while
choosing) a report is ``NAME.md`` and its questions are the lines of ``NAME.jsonl``, shorter than
:class:`eval.cases.Case`: the question ``q``, its ``kind``, for a later turn the questions ``before`` it and the
``standalone`` one, ``evidence`` (all that a full answer quotes; none: the report does not tell), ``also`` (further
sentences that would do), ``answer`` (the stretches of the evidence that must be in an answer) and ``denies`` (what
corrects a false premise).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.answer import Status
from eval.cases import Case, CaseError, Kind, Split
from eval.invalid import describe
from eval.targets import Target, find_all
from index.readers import read_report

FOLDER = Path(__file__).parent / "texts" / "made_up"
# The names of the reports to fit on.
NAMES = frozenset(path.stem for path in (FOLDER / "fit").glob("*.md"))

_Text = Annotated[str, Field(min_length=1)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    q: _Text
    kind: Kind
    before: tuple[_Text, ...] = ()
    standalone: _Text | None = None
    evidence: tuple[_Text, ...]
    also: tuple[_Text, ...] = ()
    answer: tuple[_Text, ...] = ()
    denies: tuple[_Text, ...] = ()


def load_made_up(split: Split) -> list[Target]:
    """The reports of a split with their questions, in the order of their names.

    Raises:
        CaseError: a line is not as it should be.
        SuiteError: evidence is not in its report.
    """
    return [_target(path, split) for path in sorted((FOLDER / split).glob("*.md"))]


def _target(path: Path, split: Split) -> Target:
    cases: list[Case] = []
    questions = path.with_suffix(".jsonl")
    for number, line in enumerate(questions.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            cases.append(_case(_Line.model_validate_json(line), f"{path.stem}-{number}", split))
        except ValidationError as error:
            raise CaseError(f"{questions}:{number}: {describe(error)}") from None
    return Target(path.stem, (report := read_report(path)), find_all(cases, report))


def _case(line: _Line, name: str, split: Split) -> Case:
    turn = len(line.before) + 1
    told: tuple[Status, ...] = ("answered",)
    refused: tuple[Status, ...] = ("contradicted", "not_in_report", "off_topic")
    return Case(
        id=name if turn == 1 else f"{name}-t{turn}",
        conversation=name,
        turn=turn,
        before=line.before,
        question=line.q,
        standalone=line.standalone,
        answerable="yes" if line.evidence else "no",
        status=told if line.evidence else refused,
        facts=tuple((answer,) for answer in line.answer),
        evidence=(*line.evidence, *line.also),
        kind=line.kind,
        topic="other",
        split=split,
        source="written for a made-up report, 2026-11",
    )
