"""Times and memory of programs, and the rows made of them."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Plan:
    """What is measured: how often, over how many vectors, how many times the report; ``cache`` is the benchmark's."""

    cache: Path
    repeats: int
    vectors: int
    times: tuple[int, ...]
    say: Callable[[str], None]


class BenchError(Exception):
    """A program that was to be measured failed; one line."""


@dataclass(frozen=True)
class Spread:
    """The median of some measurements, the lowest and the highest."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of at least one value."""
        return cls(median(values), min(values), max(values), len(values))

    def show(self, unit: str) -> str:
        """In words: "0.45 s (0.44 to 0.47)"."""
        if self.count == 0:
            return "–"
        if self.count == 1:
            return f"{_short(self.median)} {unit}".rstrip()
        return f"{_short(self.median)} {unit}".rstrip() + f" ({_short(self.low)} to {_short(self.high)})"


@dataclass(frozen=True)
class Row:
    """One line of the table. ``compared`` is what the goal is about: a ratio to the reference, or the figure itself.

    ``goal`` None marks a figure that is only told. ``at_least`` turns the comparison round.
    """

    name: str
    measured: Spread
    unit: str
    compared: Spread
    goal: float | None = None
    at_least: bool = False
    reference_name: str = ""
    reference: Spread | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_met(self) -> bool | None:
        """Whether the median is as it should be; None without a goal."""
        if self.goal is None:
            return None
        return self.compared.median >= self.goal if self.at_least else self.compared.median <= self.goal

    def as_dict(self) -> dict[str, Any]:
        """The row as JSON holds it."""
        return {**asdict(self), "settings": dict(self.settings), "is_met": self.is_met}


def against(
    name: str, values: Sequence[float], unit: str, reference_name: str, references: Sequence[float], **more: Any
) -> Row:
    """A row that compares measurements with those of a reference taken at the same moments."""
    ratios = [value / other for value, other in zip(values, references, strict=True)]
    return Row(
        name, Spread.of(values), unit, Spread.of(ratios), reference_name=reference_name,
        reference=Spread.of(references), **more,
    )  # fmt: skip


def plain(name: str, values: Sequence[float], unit: str, **more: Any) -> Row:
    """A row whose goal is about the figure itself."""
    return Row(name, Spread.of(values), unit, Spread.of(values), **more)


def failed(name: str, reason: str) -> Row:
    """A row that says why there is no figure."""
    nothing = Spread(0.0, 0.0, 0.0, 0)
    return Row(f"{name}: {reason}", nothing, "", nothing)


@dataclass(frozen=True)
class Finished:
    """A program that ran: seconds from start to end, the most memory it held (MB), what it printed."""

    seconds: float
    megabytes: float
    output: str


def megabytes() -> float:
    """The most memory that this process held, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # the other figure begins with what the parent held
        (line,) = (line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


def environment(cache: Path) -> dict[str, str]:
    """The environment of a measured program: no settings of the user, every core, a cache of the benchmark's own, and
    modules that are compiled once, as anywhere.
    """
    dropped = {"OMP_NUM_THREADS", "PYTHONDONTWRITEBYTECODE"}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("REPORT_ASSISTANT_") and k not in dropped}
    return kept | {
        "REPORT_ASSISTANT_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1",
        "XDG_CONFIG_HOME": str(cache / "no-config"),
    }  # fmt: skip


def run(arguments: Sequence[str], cache: Path, python: Path | str = sys.executable) -> Finished:
    """Run Python with arguments to its end.

    Raises:
        BenchError: it failed.
    """
    begin = time.perf_counter()
    process = subprocess.Popen(
        [str(python), *arguments], cwd=cache, env=environment(cache), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = process.communicate()
    seconds = time.perf_counter() - begin
    if process.returncode != 0:
        last = (err.decode(errors="replace").strip().splitlines() or [f"it said nothing, status {process.returncode}"])[
            -1
        ]
        raise BenchError(f"python {' '.join(arguments)[:80]} failed: {last}")
    return Finished(seconds, 0.0, out.decode())


def run_measured(arguments: Sequence[str], cache: Path) -> Finished:
    """As :func:`run`, with the most memory that the program held: measured by a small one that starts it.

    The memory of a child counts from its start, when it is a copy of its parent: the parent has to be small.
    """
    script = (
        "import resource,subprocess,sys,time\n"
        "t=time.perf_counter();p=subprocess.run([sys.executable,*sys.argv[1:]],stdout=subprocess.DEVNULL)\n"
        "d=time.perf_counter()-t;scale=1 if sys.platform=='darwin' else 1024\n"
        "print(d,resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss*scale/1e6);sys.exit(p.returncode)"
    )
    done = run(["-c", script, *arguments], cache)
    seconds, megabytes = map(float, done.output.split())
    return Finished(seconds, megabytes, "")


def probe(name: str, cache: Path, *arguments: str) -> dict[str, Any]:
    """Run one of :mod:`eval.bench.probes` in a process of its own; what it found."""
    found: dict[str, Any] = json.loads(
        run(["-m", "eval.bench.probes", name, *arguments], cache).output.splitlines()[-1]
    )
    return found


def repeat(times: int, *measures: Callable[[], float]) -> list[list[float]]:
    """Take each of several measures ``times`` times, one after the other, so that noise meets all alike."""
    taken: list[list[float]] = [[] for _ in measures]
    for _ in range(times):
        for values, measure in zip(taken, measures, strict=True):
            values.append(measure())
    return taken


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
