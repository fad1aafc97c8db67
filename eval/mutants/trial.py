"""Each change through the gate, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eval.bots import open_assistant
from eval.gate import Verdict, judge
from eval.mutants.damage import Mutant
from eval.record import Run
from eval.session import run_suite
from eval.targets import Target

# Only what this is expected of needs a second run.
STEADY = "not the same twice"


@dataclass(frozen=True)
class Trial:
    """A change and the gate's verdict: how many cases passed before and pass no longer, and the reverse."""

    mutant: Mutant
    verdict: Verdict
    worse: int
    better: int

    @property
    def caught(self) -> bool:
        """Whether the gate failed the run."""
        return self.verdict.code != 0

    @property
    def named(self) -> bool:
        """Whether it blames what the change really damages."""
        return any(line.startswith(each) for line in self.verdict.blamed for each in self.mutant.expected)

    @property
    def worsens(self) -> bool:
        """Whether the answers are worse on balance: more cases fail than before, or the gate found reason to say so."""
        return self.worse > self.better or self.caught

    @property
    def as_expected(self) -> bool:
        """Damage that worsens answers is caught and named; a harmless change raises no alarm."""
        if not self.mutant.expected:
            return not self.caught
        return (self.caught and self.named) or not self.worsens


def trials(
    mutants: Sequence[Mutant], targets: Sequence[Target], provenance: dict[str, object], floors: dict[str, float],
    done: Callable[[Trial], None],
) -> list[Trial]:  # fmt: skip
    """Judge each change against an unchanged run; ``done`` is told of each."""
    base = Run(provenance=provenance, rows=run_suite(targets, open_assistant))
    before = base.by_key
    found = []
    for mutant in mutants:
        with mutant.opened() as open_bot:
            # Orders are numbered: the number is the shuffle's seed.
            number = mutant.name.removeprefix("order of cases ")
            asked = [t.shuffled(int(number)) for t in targets] if number.isdigit() else list(targets)
            changed = Run(provenance=provenance, rows=run_suite(asked, open_bot))
            again = None
            if STEADY in mutant.expected:
                others = [target.shuffled(0) for target in targets]
                again = Run(provenance=provenance, rows=run_suite(others, open_bot, ranking=False))
        verdict = judge(base, changed, floors, again)
        worse = sum(bool(row.wrong) and not before[row.key].wrong for row in changed.rows)
        better = sum(not row.wrong and bool(before[row.key].wrong) for row in changed.rows)
        found.append(Trial(mutant, verdict, worse, better))
        done(found[-1])
    return found


def line(trial: Trial) -> str:
    """A trial as a row of a Markdown table."""
    blamed = "; ".join(each.split(":")[0] for each in dict.fromkeys(b.split(":")[0] for b in trial.verdict.blamed))
    outcome = "caught" if trial.caught else "no alarm"
    mark = "✓" if trial.as_expected else "✗"
    return f"| {mark} | {trial.mutant.name} | {trial.worse} | {trial.better} | {outcome} | {blamed} |"


def summary(found: Sequence[Trial]) -> str:
    """How many of the damages that worsen answers were caught, and how many harmless changes raised an alarm."""
    damages = [each for each in found if each.mutant.expected]
    real = [each for each in damages if each.worsens]
    calm = [each for each in found if not each.mutant.expected]
    idle = "" if len(real) == len(damages) else f" ({len(damages) - len(real)} more worsen nothing on balance)"
    return (
        f"{sum(each.caught for each in real)} of {len(real)} damages caught{idle}, "
        f"{sum(each.caught and each.named for each in real)} with the right metric named; "
        f"{sum(each.caught for each in calm)} alarms in {len(calm)} harmless changes"
    )


HEAD = "| | change | cases worse | better | gate | blames |\n|---|---|--:|--:|---|---|"
