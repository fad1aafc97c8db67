"""Known failures: cases out of complaints that are not yet answered right. They are reported and do not gate; one that
starts to pass becomes a case like any other, by itself.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.cases import CASES_FOLDER, Case, CaseError, load_cases, write_cases
from eval.invalid import describe
from eval.record import Row

KNOWN = Path(__file__).parent / "known-failures.jsonl"
PROMOTED = CASES_FOLDER / "promoted.jsonl"

Diagnosis = Literal["retrieval", "span", "rewriting", "should have refused"]


class Known(BaseModel):
    """A case that fails, with what went wrong and since when that is known (a date)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    case: Case
    diagnosis: Diagnosis
    since: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


def load_known(path: Path = KNOWN) -> list[Known]:
    """The known failures, none where there is no file.

    Raises:
        CaseError: a line is not one.
    """
    if not path.exists():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(Known.model_validate_json(line))
        except ValidationError as error:
            raise CaseError(f"{path}:{number}: {describe(error)}") from None
    return found


def save_known(known: Sequence[Known], path: Path = KNOWN) -> None:
    """Write the known failures in place of what the file held."""
    lines = [json.dumps(each.model_dump(mode="json"), ensure_ascii=False) + "\n" for each in known]
    temporary = path.with_suffix(".tmp")
    temporary.write_text("".join(lines), encoding="utf-8")
    temporary.replace(path)


def promote(rows: Sequence[Row], path: Path, into: Path) -> list[str]:
    """Move the known failures that passed in these rows into the cases, and return their ids.

    A case that was run over several texts has to pass in all.
    """
    known = load_known(path)
    outcomes: dict[str, list[bool]] = {}
    for row in rows:
        outcomes.setdefault(row.key.split("/", 1)[1], []).append(not row.wrong)
    passing = {each.case.id for each in known if all(outcomes.get(each.case.id, [False]))}
    if not passing:
        return []
    cases = load_cases(into) if into.exists() else []
    write_cases(into, [*cases, *(each.case for each in known if each.case.id in passing)])
    save_known([each for each in known if each.case.id not in passing], path)
    return sorted(passing)
