"""Each change through the gate, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

from eval.bots import OpenBot
from eval.gate import Verdict, judge
from eval.mutants import answers, harmless, program
from eval.mutants.damage import Mutant
from eval.mutants.effect import Effect, effects, intolerable
from eval.record import Row, Run
from eval.session import run_suite
from eval.suites import EVERYDAY_SPLITS
from eval.targets import Target

# Only what this is expected of needs a second run.
STEADY = "not the same twice"
MUTANTS: tuple[Mutant, ...] = (*program.MUTANTS, *answers.MUTANTS, *harmless.HARMLESS)


@dataclass(frozen=True)
class Trial:
    """A change, what it really does (``intolerable`` with counts, ``effects`` on metrics), and the gate's verdict.

    ``error`` is why it could not be tried: a damage that no longer does anything says nothing about the gate.
    """

    name: str
    expected: tuple[str, ...]
    verdict: Verdict | None = None
    intolerable: tuple[tuple[str, int], ...] = ()
    effects: tuple[Effect, ...] = ()
    error: str = ""

    @property
    def caught(self) -> bool:
        """Whether the gate failed the run."""
        return self.verdict is not None and self.verdict.code != 0

    @property
    def named(self) -> bool:
        """Whether it blames what the change really damages."""
        blamed = self.verdict.blamed if self.verdict is not None else ()
        return any(line.startswith(each) for line in blamed for each in self.expected)

    @property
    def worsens(self) -> bool:
        """Whether the answers are really worse (see :mod:`eval.mutants.effect`)."""
        return bool(self.intolerable or self.effects)

    @property
    def as_expected(self) -> bool:
        """Damage that worsens answers is caught and named; a harmless change raises no alarm."""
        if self.error:
            return False
        if not self.expected:
            return not self.caught
        return (self.caught and self.named) or not self.worsens


@dataclass(frozen=True)
class Bench:
    """What changes are tried on: ``targets`` with all cases, and the rows of the unchanged assistant there.

    The gate is asked about the first target's everyday cases alone, as ``python -m eval check`` is.
    """

    targets: tuple[Target, ...]
    rows: tuple[Row, ...]
    provenance: dict[str, object]
    floors: dict[str, float]

    @property
    def everyday(self) -> Target:
        """What the gate asks."""
        first = self.targets[0]
        return replace(first, tasks=tuple(task for task in first.tasks if task.case.split in EVERYDAY_SPLITS))

    def gated(self, rows: Sequence[Row]) -> Run:
        """The run that the gate sees of these rows."""
        name = self.targets[0].name
        own = tuple(row for row in rows if row.target == name and row.split in EVERYDAY_SPLITS)
        return Run(provenance=self.provenance, rows=own)


def try_one(bench: Bench, mutant: Mutant) -> Trial:
    """Measure what a change does, and judge it as the gate would."""
    try:
        with mutant.opened() as open_bot:
            return _harmless(bench, mutant, open_bot) if not mutant.expected else _damage(bench, mutant, open_bot)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the change does not fit the program any more
        return Trial(mutant.name, mutant.expected, error=f"does not fit the program: {type(error).__name__}: {error}")


def _harmless(bench: Bench, mutant: Mutant, open_bot: OpenBot) -> Trial:
    # Orders are numbered: the number is the shuffle's seed.
    number = mutant.name.removeprefix("order of cases ")
    asked = bench.everyday.shuffled(int(number)) if number.isdigit() else bench.everyday
    verdict = judge(bench.gated(bench.rows), bench.gated(run_suite([asked], open_bot)), bench.floors)
    return Trial(mutant.name, (), verdict)


def _damage(bench: Bench, mutant: Mutant, open_bot: OpenBot) -> Trial:
    rows = run_suite(bench.targets, open_bot)
    new = {row.key: row for row in rows}
    wrong = intolerable(bench.rows, new)
    again = None
    if STEADY in mutant.expected:
        again = bench.gated(run_suite([bench.everyday.shuffled(0)], open_bot, ranking=False))
        differing = sum(_shown(row) != _shown(new[row.key]) for row in again.rows)
        wrong |= {STEADY: differing} if differing else {}
    if "crash" in wrong and "crash" not in mutant.expected:
        failed = next(row.error for row in rows if row.error)
        return Trial(mutant.name, mutant.expected, error=f"does not fit the program: {failed}")
    if all(row.comparable() == new[row.key].comparable() for row in bench.rows):
        return Trial(
            mutant.name, mutant.expected, error="changes no answer and no ranking: it damages nothing any more"
        )
    verdict = judge(bench.gated(bench.rows), bench.gated(rows), bench.floors, again)
    return Trial(mutant.name, mutant.expected, verdict, tuple(wrong.items()), tuple(effects(bench.rows, new)))


def _shown(row: Row) -> object:
    return row.text, row.status, row.suggestions, row.scores.get("confidence")


_bench: Bench | None = None


def _keep(bench: Bench) -> None:
    global _bench
    _bench = bench


def _try_named(name: str) -> Trial:
    assert _bench is not None
    return try_one(_bench, next(mutant for mutant in MUTANTS if mutant.name == name))


def trials(bench: Bench, mutants: Sequence[Mutant], jobs: int) -> Iterator[Trial]:
    """Each change tried, in order, in so many processes at once: what one changes, no other sees."""
    with ProcessPoolExecutor(jobs, get_context("spawn"), _keep, (bench,)) as pool:
        yield from pool.map(_try_named, [mutant.name for mutant in mutants])


def line(trial: Trial) -> str:
    """A trial as a row of a Markdown table."""
    if trial.error or trial.verdict is None:
        return f"| ✗ | {trial.name} | {trial.error} | error | |"
    blamed = "; ".join(dict.fromkeys(each.split(":")[0] for each in trial.verdict.blamed))
    found = [f"{name} in {count}" for name, count in trial.intolerable] + [str(each) for each in trial.effects[:2]]
    does = "; ".join(found) or ("no worsening measured" if trial.expected else "harmless")
    mark, gate = "✓" if trial.as_expected else "✗", "caught" if trial.caught else "–"
    return f"| {mark} | {trial.name} | {does} | {gate} | {blamed} |"


def summary(found: Sequence[Trial]) -> str:
    """How many of the damages that worsen answers were caught, and how many harmless changes raised an alarm."""
    damages = [each for each in found if each.expected and not each.error]
    real = [each for each in damages if each.worsens]
    rest = [each for each in damages if not each.worsens]
    calm = [each for each in found if not each.expected and not each.error]
    lines = [
        f"{sum(each.caught for each in real)} of {len(real)} damages that worsen the answers caught, "
        f"{sum(each.caught and each.named for each in real)} with the right metric named; "
        f"{sum(each.caught for each in calm)} alarms in {len(calm)} harmless changes"
    ]
    if rest:
        lines.append(f"{len(rest)} more damages do not worsen them measurably ({sum(e.caught for e in rest)} caught)")
    errors = sum(bool(each.error) for each in found)
    if errors:
        lines.append(f"{errors} could not be tried")
    return "\n".join(lines)


HEAD = "| | change | does, on all cases | gate | blames |\n|---|---|---|---|---|"
