"""How much of a claim its citations have to cover: right and wrong claims over a grid of thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant import Assistant, Settings
from assistant.llm.support import Support
from assistant.llm.verification import COVERAGE, LEAST
from eval.made_up import FOLDER
from eval.suites import BUNDLED, ORIGINAL, TEXTS
from eval.writers.claims import Claim, right_claims, wrong_claims
from index.readers import read_report
from index.report import Report

COVERAGES = (0.0, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9)
LEASTS = (0.0, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
MOST_DROPPED = 0.05
"""The goal: so many of the right sentences may be dropped at most."""


@dataclass(frozen=True)
class Measured:
    """A claim, whether it is right, whether a rule on facts speaks against it, and the worth of each content word."""

    claim: Claim
    is_right: bool
    is_decided: bool
    worths: tuple[float, ...]

    def passes(self, coverage: float, least: float) -> bool:
        """Whether it is shown with these thresholds."""
        covered = sum(self.worths) >= coverage * len(self.worths) and min(self.worths, default=1.0) >= least
        return not self.is_decided and covered


def measure(report: Report, other: Report | None = None) -> list[Measured]:
    """Every claim over a report; ``other`` is another edition of it, whose sentences are right claims."""
    found: list[Measured] = []
    with Assistant(report=report, settings=Settings()) as bot:
        support = Support(bot._retriever)
        for is_right, claims in ((True, right_claims(report, other)), (False, wrong_claims(report))):
            for claim in claims:
                decided = any(fault.kind != "coverage" for fault in support.faults(claim.text, claim.cited))
                worths = () if decided else tuple(support.worths(claim.text, claim.cited))
                found.append(Measured(claim, is_right, decided, worths))
    return found


def counts(measured: Iterable[Measured], coverage: float, least: float) -> tuple[int, int]:
    """Of the claims that no rule on facts decides: right ones dropped and wrong ones shown."""
    free = [each for each in measured if not each.is_decided]
    dropped = sum(each.is_right and not each.passes(coverage, least) for each in free)
    return dropped, sum(not each.is_right and each.passes(coverage, least) for each in free)


def best(measured: Sequence[Measured]) -> tuple[float, float]:
    """Coverage and least that drop at most 5% of the right claims and show the fewest wrong ones."""
    right = sum(each.is_right and not each.is_decided for each in measured)
    pairs = [(coverage, least) for coverage in COVERAGES for least in LEASTS]
    allowed = [pair for pair in pairs if counts(measured, *pair)[0] <= MOST_DROPPED * right]
    return min(allowed, key=lambda pair: (counts(measured, *pair)[1], pair))


def grid(measured: Sequence[Measured]) -> str:
    """Right claims dropped / wrong ones shown in Markdown: a row for each coverage, a column for each least."""
    lines = [
        "| coverage | " + " | ".join(f"least {least:g}" for least in LEASTS) + " |",
        "|---" * (len(LEASTS) + 1) + "|",
    ]
    for coverage in COVERAGES:
        cells = []
        for least in LEASTS:
            dropped, shown = counts(measured, coverage, least)
            mark = "**" if (coverage, least) == (COVERAGE, LEAST) else ""
            cells.append(f"{mark}{dropped} / {shown}{mark}")
        lines.append(f"| {coverage:g} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def by_kind(measured: Sequence[Measured]) -> str:
    """What becomes of each kind of claim with the shipped thresholds, in Markdown."""
    lines = ["| claims | tried | dropped by rules on facts | dropped by coverage | shown |", "|---|---|---|---|---|"]
    for is_right in (True, False):
        for kind in dict.fromkeys(each.claim.kind for each in measured if each.is_right == is_right):
            own = [each for each in measured if each.is_right == is_right and each.claim.kind == kind]
            decided = sum(each.is_decided for each in own)
            shown = sum(each.passes(COVERAGE, LEAST) for each in own)
            name = f"{'right' if is_right else 'wrong'}: {kind}"
            lines.append(f"| {name} | {len(own)} | {decided} | {len(own) - decided - shown} | {shown} |")
    return "\n".join(lines)


def reports_at_hand() -> list[tuple[Report, Report | None]]:
    """The report, in both editions where the other one is there, and made-up ones; each with its other edition.

    Of the many made-up ones those that nothing is fitted on.
    """
    bundled = read_report(BUNDLED)
    original = read_report(ORIGINAL) if ORIGINAL.exists() else None
    editions = [(bundled, original), (original, bundled)] if original is not None else [(bundled, None)]
    made_up = [*sorted(TEXTS.glob("*/report.md")), *sorted((FOLDER / "check").glob("*.md"))]
    return [*editions, *((read_report(path), None) for path in made_up)]


def print_tables(reports: Sequence[tuple[Report, Report | None]]) -> None:
    """Measure the claims over these reports, each with its other edition, and print the tables."""
    measured = [each for report, other in reports for each in measure(report, other)]
    right = sum(each.is_right and not each.is_decided for each in measured)
    wrong = sum(not each.is_right and not each.is_decided for each in measured)
    coverage, least = best(measured)
    print("\nclaims with or without figures and names, over the same reports:\n")
    print(by_kind(measured))
    print(f"\nof {right} right and {wrong} wrong ones that no rule on facts decides, right dropped / wrong shown:\n")
    print(grid(measured))
    print(f"\nfewest wrong, at most {MOST_DROPPED:.0%} of the right dropped: coverage {coverage:g}, least {least:g}")
