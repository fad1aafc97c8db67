"""The suites: which cases are asked over which reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Literal

from eval.cases import CASES_FOLDER, SPLITS, Case, Split, load_cases
from eval.made_up import load_made_up
from eval.squad import load_squad
from eval.targets import SuiteError, Target, carry_over, find_all
from index.errors import ReportError
from index.readers import SUFFIXES, read_report

Edition = Literal["bundled", "original", "both"]
SuiteName = Literal["report", "made-up", "squad", "folder"]

BUNDLED = Path(str(files("assistant").joinpath("data/report.md")))
# The report in its publisher's words; it may not be passed on, so it is there only where somebody put it.
ORIGINAL = Path(__file__).parents[2] / "shared" / "report.txt"
# Made-up reports with cases.
TEXTS = Path(__file__).parent / "texts"
# The names of the targets that are editions of the one report.
EDITIONS = frozenset({"bundled", "original"})
EVERYDAY_SPLITS: tuple[Split, ...] = ("fit", "check")


@dataclass(frozen=True)
class Scope:
    """What a run is asked to cover. ``held_out`` adds the cases that nobody looks at while improving answers."""

    suite: SuiteName = "report"
    edition: Edition = "bundled"
    data: Path | None = None
    original: Path = ORIGINAL
    held_out: bool = False
    limit: int | None = None
    articles: tuple[str, ...] = ()

    @property
    def splits(self) -> tuple[Split, ...]:
        """The splits whose cases are asked."""
        return SPLITS if self.held_out else EVERYDAY_SPLITS


def load_suite(scope: Scope, say: Callable[[str], None] = print) -> list[Target]:
    """The targets of a suite; ``say`` is told what was left out and why.

    Raises:
        SuiteError: files are missing or do not fit together.
        CaseError: a case is not as it should be.
    """
    if scope.suite == "report":
        targets = _report(scope, load_cases(CASES_FOLDER), say)
    elif scope.suite == "made-up":
        targets = [*load_made_up("check"), *(load_made_up("held-out") if scope.held_out else [])]
    elif scope.suite == "squad":
        targets = load_squad(_data(scope, "a SQuAD file"), limit=scope.limit)
    else:
        targets = [load_folder(_data(scope, "a folder with a report and a *.jsonl file of cases"))]
    if scope.articles:
        wanted = {name.casefold() for name in scope.articles}
        targets = [target for target in targets if target.name.casefold() in wanted]
    targets = [replace(t, tasks=tuple(k for k in t.tasks if k.case.split in scope.splits)) for t in targets]
    targets = [target for target in targets if target.tasks]
    if not targets:
        raise SuiteError("nothing to ask: no case fits what was asked for (suite, edition, articles, splits)")
    return targets


def _data(scope: Scope, expected: str) -> Path:
    if scope.data is None:
        raise SuiteError(f"--suite {scope.suite} needs --data: {expected}")
    return scope.data


def _report(scope: Scope, cases: Sequence[Case], say: Callable[[str], None]) -> list[Target]:
    bundled = read_report(BUNDLED)
    tasks = find_all(cases, bundled)
    targets = [Target("bundled", bundled, tasks)] if scope.edition != "original" else []
    if scope.edition == "bundled":
        return targets
    if not scope.original.exists():
        if scope.edition == "original":
            raise SuiteError(f"{scope.original}: the original edition is not here; use --edition bundled")
        say(f"skipped the original edition: {scope.original} is not here")
        return targets
    original = read_report(scope.original)
    return [*targets, Target("original", original, carry_over(tasks, bundled, original))]


def load_folder(folder: Path) -> Target:
    """A user's own report and cases: a folder with one report and one or more ``*.jsonl`` files.

    Raises:
        SuiteError: there is not exactly one report, or evidence is not in it.
        CaseError: a case is not as it should be.
    """
    if not folder.is_dir():
        raise SuiteError(f"{folder}: no such folder; expected one with a report and a *.jsonl file of cases")
    reports = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and p.stem.lower() != "readme")
    if len(reports) != 1:
        found = ", ".join(p.name for p in reports) or "none"
        raise SuiteError(f"{folder}: expected one report ({', '.join(SUFFIXES)}), found {found}")
    try:
        report = read_report(reports[0])
    except ReportError as error:
        raise SuiteError(str(error)) from error
    return Target(folder.resolve().name, report, find_all(load_cases(folder), report))
