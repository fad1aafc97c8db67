"""Two runs side by side: which cases got worse, which better, which only read differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eval.record import Row, Run

Direction = Literal["worse", "better", "different"]

# Scores that make one answer better than another, whatever the metrics over all cases say; all from 0 to 1.
JUDGED = ("status", "facts", "no forbidden", "exact", "right source", "citation precision", "citation recall")


@dataclass(frozen=True)
class Change:
    """A case whose answer changed; ``by`` is the sum of the changes of the judged scores."""

    old: Row
    new: Row
    by: float

    @property
    def direction(self) -> Direction:
        """Worse or better where a judged score, or whether the case passes, changed; else different."""
        if self.old.wrong and not self.new.wrong:
            return "better"
        if self.new.wrong and not self.old.wrong:
            return "worse"
        return "worse" if self.by < 0 else "better" if self.by > 0 else "different"


def changes(old: Run, new: Run) -> list[Change]:
    """The cases of both runs whose answer changed, the worst first."""
    before = old.by_key
    found = [
        Change(before[row.key], row, _by(before[row.key], row))
        for row in new.rows
        if row.key in before and _reads(row) != _reads(before[row.key])
    ]
    rank = {"worse": 0, "different": 1, "better": 2}
    return sorted(found, key=lambda change: (rank[change.direction], change.by, change.new.key))


def pick(found: Sequence[Change], direction: Direction) -> list[Change]:
    """The changes of one direction, the greatest first."""
    return sorted((c for c in found if c.direction == direction), key=lambda c: (-abs(c.by), c.new.key))


def _reads(row: Row) -> tuple[object, ...]:
    return row.text, row.status, row.error, row.asked, tuple((c.start, c.end) for c in row.citations)


def _by(old: Row, new: Row) -> float:
    total = 0.0
    for score in JUDGED:
        before, after = old.scores.get(score), new.scores.get(score)
        if before is not None and after is not None:
            total += after - before
    return round(total, 6)
