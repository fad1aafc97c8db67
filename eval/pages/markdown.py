"""A comparison for a pull request, in Markdown."""

from __future__ import annotations

import re

from eval.compare import Change, changes, pick
from eval.figures import show
from eval.gate import Verdict
from eval.pages import tables
from eval.record import Row, Run

MOST = 20


def markdown_page(new: Run, old: Run | None = None, verdict: Verdict | None = None) -> str:
    """The page: the verdict, the tests, what got worse and better (at most 20 of each), the goals."""
    passed = sum(not row.wrong for row in new.rows)
    lines = ["## Evaluation", "", f"{passed} of {len(new.rows)} cases pass."]
    if verdict:
        lines += ["", "**Worse than the baseline.**" if verdict.code else "**Not worse than the baseline.**", ""]
        lines += [f"- {code(line)}" for line in verdict.blamed]
        lines += ["", "| metric | cases | baseline | now | p after Holm |", "|---|--:|--:|--:|--:|"]
        for test in verdict.tests:
            worse = " ✗" if test.worse else ""
            lines.append(
                f"| {test.metric} | {test.cases} | {show(test.old)} | {show(test.new)} | {test.corrected:.4f}{worse} |"
            )
    if old:
        found = changes(old, new)
        for direction in ("worse", "better"):
            chosen = pick(found, direction)
            lines += ["", f"### Got {direction} ({len(chosen)})", ""]
            for change in chosen[:MOST]:
                lines += _change(change)
            if len(chosen) > MOST:
                lines.append(f"- and {len(chosen) - MOST} more: see the HTML page")
    lines += ["", "### Goals", "", "| figure | goal | value |", "|---|---|--:|"]
    for name, goal, value, reached in tables.goals(new.rows, str(new.provenance.get("scope", {}).get("suite", ""))):
        lines.append(f"| {name} | {goal} | {show(value)}{ {True: ' ✓', False: ' ✗', None: ''}[reached] } |")
    return "\n".join(lines) + "\n"


def _change(change: Change) -> list[str]:
    row = change.new
    wrong = f" ({code('; '.join(row.wrong))})" if row.wrong else ""
    return [
        f"- {code(row.key)} {code(row.question)}{wrong}",
        f"  - before: {_said(change.old)}",
        f"  - now: {_said(row)}",
    ]


def _said(row: Row) -> str:
    return code(row.text if row.text is not None else f"error: {row.error}")


def code(text: str) -> str:
    """Text as Markdown code, so that nothing in it is read as Markdown, HTML or a mention."""
    text = " ".join(text.split()) or " "
    fence = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"
