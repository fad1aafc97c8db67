"""``python -m eval bench``: measure, print the table, keep it as JSON and Markdown."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eval.bench.measure import BenchError, Plan, Row, probe
from eval.bench.rows import PARTS
from eval.gate import BROKEN, PASSED
from eval.provenance import PACKAGES, commit_state, versions_of


def add_arguments(parser: argparse.ArgumentParser, results: Path) -> None:
    """The flags of the command."""
    parser.add_argument("--repeats", type=int, default=5, help="how often each is measured (default 5)")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=PARTS,
        default=list(PARTS),
        help="only these parts; peers installs other libraries, 2 GB, beside the cache",
    )
    parser.add_argument("--vectors", type=int, default=1_000_000, help="how many vectors are searched")
    parser.add_argument(
        "--times", type=_whole_numbers, default=(1, 10, 100), metavar="N,N", help="how many times the report grows"
    )
    parser.add_argument("--out", type=Path, default=results, help="the folder of results (default eval/results)")


def _whole_numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(sorted({max(1, int(part)) for part in text.split(",")}))
    except ValueError:
        raise argparse.ArgumentTypeError(f"whole numbers with commas between them, not {text!r}") from None


def bench(args: argparse.Namespace) -> int:
    """Measure and write; 0, also where a goal is missed: a busy machine is no fault of the program.

    1 where a part could not be measured; the others are all the same, and what was measured is kept.
    """
    rows: list[Row] = []
    shares: dict[str, float] = {}
    code = PASSED
    with tempfile.TemporaryDirectory(prefix="report-assistant-bench-") as folder:
        plan = Plan(Path(folder), max(1, args.repeats), args.vectors, args.times, _say)
        for name in args.only:
            _say(f"measuring: {name} …")
            try:
                for row in PARTS[name](plan):
                    rows.append(row)
                    _say(table_line(row))
                if name == "warm":
                    shares = probe("profile", plan.cache)
            except BenchError as error:
                _say(f"error: {error}")
                code = BROKEN
    made = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    page = markdown(rows, shares)
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / f"bench-{made}.md").write_text(page, encoding="utf-8")
    data = {"made": made, **_conditions(), "rows": [row.as_dict() for row in rows], "warm profile": shares}
    (args.out / f"bench-{made}.json").write_text(json.dumps(data, indent=1, ensure_ascii=False), encoding="utf-8")
    print(page)
    _say(f"kept as {args.out / f'bench-{made}.json'} and .md")
    return code


def markdown(rows: Sequence[Row], shares: Mapping[str, float]) -> str:
    """The table: medians with the lowest and highest, the reference's beside them, the goal and whether it is met."""
    lines = [
        "| figure | measured | reference | compared | goal | |",
        "|---|---|---|---|---|---|",
    ]
    lines += map(table_line, rows)
    notes = {name: text for row in rows for name, text in row.settings.get("notes", {}).items()}
    if notes:
        lines += ["", *(f"- {name}: {text}" for name, text in notes.items())]
    if shares:
        lines += ["", "What a warm answer spends its time on:", "", "| stage | share |", "|---|---|"]
        lines += [f"| {stage} | {share:.0%} |" for stage, share in shares.items()]
    return "\n".join(lines) + "\n"


def table_line(row: Row) -> str:
    """A row of the table in Markdown."""
    reference = f"{row.reference_name}: {row.reference.show(row.unit)}" if row.reference else row.reference_name
    compared = f"{row.compared.median:.3g} ×" if row.reference_name else ""
    goal = "" if row.goal is None else f"{'≥' if row.at_least else '≤'} {row.goal:.3g}{' ×' * bool(compared)}"
    mark = {True: "✓", False: "✗", None: ""}[row.is_met]
    return f"| {row.name} | {row.measured.show(row.unit)} | {reference} | {compared} | {goal} | {mark} |"


def _conditions() -> dict[str, Any]:
    return {
        **commit_state(),
        "versions": {"python": platform.python_version()} | versions_of(PACKAGES),
        "machine": {
            "system": platform.system(),
            "architecture": platform.machine(),
            "processors": os.cpu_count(),
            "load": os.getloadavg(),
        },
    }


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
