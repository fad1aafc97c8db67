"""The tables of goals: how far the answers are from what the project wants of them. No times, so that two runs print
the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from eval.figures import FIGURES, mean, show
from eval.record import Row

KIND_COLUMNS = ("status", "all facts", "right source", "citation precision", "words")


def goal_table(rows: Sequence[Row], suite: str, title: str) -> str:
    """The table in Markdown: a row a figure; a column for the goal, each split, and all together."""
    groups = {split: [r for r in rows if r.split == split] for split in sorted({row.split for row in rows})}
    if len(groups) != 1:
        groups["all"] = list(rows)
    head = " | ".join(f"{name} (n={len(group)})" for name, group in groups.items())
    lines = [f"### {title}", "", f"| figure | goal | {head} |", "|---|---" + "|---" * len(groups) + "|"]
    for figure in FIGURES:
        goal = figure.goals.get(suite)
        wanted = "" if goal is None else f"{'≥' if figure.at_least else '≤'} {goal:g}"
        found = [figure.compute(group) for group in groups.values()]
        if any(value is not None for value in found):
            marks = [{True: " ✓", False: " ✗", None: ""}[figure.reached(value, suite)] for value in found]
            cells = " | ".join(show(value) + mark for value, mark in zip(found, marks, strict=True))
            lines.append(f"| {figure.name} | {wanted} | {cells} |")
    return "\n".join(lines) + "\n"


def kind_table(rows: Sequence[Row]) -> str:
    """Per kind of question: how many cases, which share passed, and the figures they make."""
    columns = " | ".join(KIND_COLUMNS)
    lines = [f"| kind | n | passed | {columns} |", "|---" * (3 + len(KIND_COLUMNS)) + "|"]
    for kind in sorted({row.kind for row in rows}):
        group = [row for row in rows if row.kind == kind]
        passed = sum(not row.wrong for row in group) / len(group)
        cells = " | ".join(show(mean(group, column)) for column in KIND_COLUMNS)
        lines.append(f"| {kind} | {len(group)} | {show(passed)} | {cells} |")
    return "\n".join(lines) + "\n"


def failing(rows: Sequence[Row]) -> str:
    """Every failing case with its question, what is wrong, and the answer."""
    failed = [row for row in rows if row.wrong]
    lines = [f"{len(failed)} of {len(rows)} cases fail"]
    for row in failed:
        lines.append(f"{row.key} [{row.kind}, {row.split}] {'; '.join(row.wrong)}")
        lines += [f"    before: {question}" for question in row.before]
        lines.append(f"    Q: {row.question}")
        if row.asked not in (None, row.question):
            lines.append(f"    as: {row.asked}")
        confidence = row.scores.get("confidence")
        sure = "" if confidence is None else f", {confidence:.2f}"
        lines.append(f"    error: {row.error}" if row.text is None else f"    A ({row.status}{sure}): {row.text}")
    return "\n".join(lines) + "\n"
