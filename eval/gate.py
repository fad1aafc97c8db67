"""The gate: does a run answer worse than the baseline?

Three questions in turn. *Zero tolerance*: has anything happened that never may? *Floors*: has a figure fallen below
what was agreed? *Tests*: on the very same cases, has a metric fallen by more than luck explains?
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.figures import mean
from eval.record import Row, Run
from eval.stats import holm, paired_permutation

ALPHA = 0.05
PASSED, WORSE, NO_FIT, BROKEN = 0, 100, 3, 1

# The metrics that are tested, each named as the person who has to act on it would. +1: more is better.
GATED: Mapping[str, int] = {
    "status": 1,
    "answered": 1,
    "refused": 1,
    "all facts": 1,
    "facts": 1,
    "right source": 1,
    "citation precision": 1,
    "citation recall": 1,
    "brier kept": 1,
    "passage mrr": 1,
    "sentence ndcg@10": 1,
    "rewriting": 1,
    "rewriting terms": 1,
    "words": -1,
    "refusal words": -1,
}  # fmt: skip


class BaselineMisfit(Exception):
    """The baseline is of other cases or another report: there is nothing to pair; the text says what differs."""


@dataclass(frozen=True)
class Tested:
    """A metric on the cases that both runs scored: ``old`` and ``new`` its means, ``p`` one-sided, for the worse, and
    ``corrected`` by Holm's method over all metrics tested.
    """

    metric: str
    cases: int
    old: float
    new: float
    p: float
    corrected: float

    @property
    def worse(self) -> bool:
        """Whether the metric fell by more than luck explains."""
        return self.corrected <= ALPHA


@dataclass(frozen=True)
class Verdict:
    """What the gate found; ``intolerable`` and ``below`` are one line each."""

    intolerable: tuple[str, ...]
    below: tuple[str, ...]
    tests: tuple[Tested, ...]

    @property
    def code(self) -> int:
        """The exit code: 0 passes, 100 is worse."""
        return WORSE if self.blamed else PASSED

    @property
    def blamed(self) -> tuple[str, ...]:
        """What the gate holds against the run, the metrics by name."""
        return (*self.intolerable, *self.below, *(test.metric for test in self.tests if test.worse))


def judge(old: Run, new: Run, floors: Mapping[str, float], again: Run | None = None) -> Verdict:
    """Compare a run with the baseline; ``again`` is the same run once more, in another order.

    Raises:
        BaselineMisfit: a case or a report is not what it was when the baseline was made.
    """
    check_fit(old, new)
    before, after = old.by_key, new.by_key
    pairs = [(before[key], after[key]) for key in before if key in after]
    return Verdict(
        tuple(_intolerable(before, after) + (_unsteady(new, again) if again else [])),
        tuple(_below(new.rows, floors)),
        tuple(compare_metrics(pairs)),
    )


def check_fit(old: Run, new: Run) -> None:
    """Whether the runs can be compared case by case.

    Raises:
        BaselineMisfit: they cannot.
    """
    reports_before, reports_now = old.provenance.get("reports", {}), new.provenance.get("reports", {})
    for name in reports_before:
        if name in reports_now and reports_before[name]["sha256"] != reports_now[name]["sha256"]:
            raise BaselineMisfit(f"the report {name!r} is not the one that the baseline was made with")
    after = new.by_key
    changed = [key for key, row in old.by_key.items() if key in after and after[key].case != row.case]
    if changed:
        some = ", ".join(changed[:3]) + (f" and {len(changed) - 3} more" if len(changed) > 3 else "")
        raise BaselineMisfit(f"cases were edited since the baseline was made: {some}")
    if not after.keys() & old.by_key.keys():
        raise BaselineMisfit("the baseline and the run share no case")


def _intolerable(before: Mapping[str, Row], after: Mapping[str, Row]) -> list[str]:
    lost = [key for key in before if key not in after]
    found = [f"fewer cases: {len(lost)} of the baseline's were not asked, such as {lost[0]}"] if lost else []
    for key, row in after.items():
        if row.error is not None:
            found.append(f"crash: {key}: {row.error}")
        elif row.scores.get("exact") == 0:
            found.append(f"inexact citation: {key}")
        if row.scores.get("no forbidden") == 0:
            found.append(f"forbidden fact: {key}")
    return found


def _unsteady(first: Run, second: Run) -> list[str]:
    other = second.by_key
    ignored = {f"{kind} " for kind in ("passage", "sentence")} | {"rewriting"}

    def seen(row: Row) -> object:
        kept = row.comparable()
        kept["scores"] = {k: v for k, v in row.scores.items() if not k.startswith(tuple(ignored))}
        return kept

    differing = [row.key for row in first.rows if row.key not in other or seen(other[row.key]) != seen(row)]
    if not differing:
        return []
    return [f"not the same twice: {len(differing)} answers differ between two runs, such as {differing[0]}"]


def _below(rows: Sequence[Row], floors: Mapping[str, float]) -> list[str]:
    found = []
    for name, floor in floors.items():
        metric, _, kind = name.partition("@kind=")
        value = mean([row for row in rows if not kind or row.kind == kind], metric)
        if value is None:
            found.append(f"floor of {name}: no case scores it any more")
        elif value < floor:
            found.append(f"floor of {name}: {value:.3f} is below {floor:.3f}")
    return found


def compare_metrics(pairs: Sequence[tuple[Row, Row]]) -> list[Tested]:
    """Test each gated metric on the cases that both runs scored; metrics that no case scores are left out."""
    found: list[tuple[str, int, float, float, float]] = []
    for metric, sign in GATED.items():
        scored = [
            (a, b, old.conversation)
            for old, new in pairs
            if (a := old.scores.get(metric)) is not None and (b := new.scores.get(metric)) is not None
        ]
        if scored:
            p = paired_permutation(
                [sign * a for a, _, _ in scored], [sign * b for _, b, _ in scored], [c for *_, c in scored]
            )
            size = len(scored)
            found.append((metric, size, sum(a for a, _, _ in scored) / size, sum(b for _, b, _ in scored) / size, p))
    corrected = holm([p for *_, p in found])
    return [Tested(*each, q) for each, q in zip(found, corrected, strict=True)]


def verdict_text(verdict: Verdict) -> str:
    """The verdict for the terminal."""
    lines = [f"✗ {line}" for line in (*verdict.intolerable, *verdict.below)]
    lines += ["", f"{'metric':20} {'cases':>5} {'baseline':>8} {'now':>8} {'change':>8} {'p':>7} {'Holm':>7}"]
    for t in verdict.tests:
        mark = "  ✗ worse" if t.worse else ""
        change = t.new - t.old
        lines.append(
            f"{t.metric:20} {t.cases:5} {t.old:8.3f} {t.new:8.3f} {change:+8.3f} {t.p:7.4f} {t.corrected:7.4f}{mark}"
        )
    return "\n".join(lines).strip("\n")
