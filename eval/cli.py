"""The command line of ``python -m eval``.

goals    print the table of goals and every case that fails
run      ask a suite, keep the run, write its page
check    is it worse than the baseline? exit 0 no, 100 yes, 3 baseline does not fit, 1 broken
accept   make the present answers the baseline, for a reason
compare  two stored runs, case by case
triage   turn what people complained about into cases
sweep    try settings against one another
fit      fit what the assistant weighs, and write the files that ship
writers  answers by an LLM: writers of known quality, planted errors, faults
mutants  damage the assistant on purpose: does the gate notice?
load     many people at once: errors, mixed-up answers, how soon, how much memory
page-bench  what the chat page costs in a real browser, beside a bare gr.ChatInterface
bench    how fast, each goal beside its reference
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from eval import commands
from eval.baseline import BASELINE, FLOORS, BaselineError
from eval.bench.command import add_arguments as add_bench_arguments
from eval.bench.command import bench
from eval.cases import CaseError
from eval.gate import BROKEN, NO_FIT
from eval.known import KNOWN
from eval.record import RESULTS_FOLDER, RecordError
from eval.suites import ORIGINAL, SuiteName
from eval.sweep import SweepError
from eval.targets import SuiteError
from eval.writers import command as writing
from index.errors import AssistantError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; 1 for an error that the person can mend."""
    args = _parser().parse_args(arguments)
    try:
        code: int = args.command(args)
    except BaselineError as error:
        commands.say(f"error: {error}")
        return NO_FIT
    except (CaseError, SuiteError, RecordError, SweepError, AssistantError) as error:
        commands.say(f"error: {error}")
        return BROKEN
    except KeyboardInterrupt:
        commands.say("stopped")
        return BROKEN
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m eval", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made = parser.add_subparsers(required=True, metavar="COMMAND")
    goals = made.add_parser("goals", help="print the table of goals and every case that fails")
    _add_scope(goals)
    goals.add_argument("--no-failures", action="store_true", help="the tables alone")
    goals.set_defaults(command=commands.goals)

    run = made.add_parser("run", help="ask a suite, keep the run, write its page")
    _add_scope(run)
    _add_pages(run)
    _add_keeping(run)
    run.set_defaults(command=commands.run)

    check = made.add_parser("check", help="is it worse than the baseline?")
    _add_pages(check)
    _add_keeping(check)
    _add_baseline(check)
    check.add_argument("--floors", type=Path, default=FLOORS, help="the floors (default eval/floors.json)")
    check.set_defaults(command=commands.check)

    accept = made.add_parser("accept", help="make the present answers the baseline")
    _add_baseline(accept)
    accept.add_argument("--reason", type=_sentence, required=True, help="why the answers changed")
    accept.add_argument("--held-out", action="store_true", help="with the held-out cases")
    accept.set_defaults(command=commands.accept)

    compare = made.add_parser("compare", help="two stored runs, case by case")
    compare.add_argument("old", type=Path)
    compare.add_argument("new", type=Path)
    _add_pages(compare)
    compare.set_defaults(command=commands.compare)

    triage = made.add_parser("triage", help="turn what people complained about into cases")
    triage.add_argument("feedback", type=Path, help="the chat page's feedback file")
    triage.add_argument("--known", type=Path, default=KNOWN, help="the known failures")
    triage.set_defaults(command=commands.triage)

    sweep = made.add_parser("sweep", help="try settings against one another")
    _add_scope(sweep)
    sweep.add_argument(
        "--vary", action="append", required=True, metavar="NAME=V,V",
        help="settings.NAME or tuning.NAME with the values to try (may be repeated)",
    )  # fmt: skip
    sweep.add_argument("--random", type=int, metavar="N", help="N points at random instead of all")
    sweep.add_argument("--seed", type=int, default=0, help="which points those are")
    sweep.add_argument("--store", type=Path, default=RESULTS_FOLDER / "sweep.jsonl", help="what was measured so far")
    sweep.set_defaults(command=commands.sweep)

    fit = made.add_parser("fit", help="fit what the assistant weighs, and write the files that ship")
    fit.add_argument("--data", type=Path, help="a SQuAD file, every second article of which is fitted on, too")
    fit.add_argument("--ablation", action="store_true", help="then print what each part is worth (much longer)")
    fit.set_defaults(command=commands.fit)

    load = made.add_parser("load", help="many people at once: errors, mixed-up answers, how soon, how much memory")
    load.add_argument("--people", type=_count, default=50, help="how many people (default 50)")
    load.add_argument("--minutes", type=_positive, default=5.0, help="for how long (default 5)")
    load.add_argument("--pause", type=_positive, default=5.0, help="mean seconds of reading (default 5)")
    load.add_argument("--overload", type=_count, default=300, help="how many ask at once at the end (default 300)")
    load.add_argument("--json", type=Path, help="write the figures here")
    load.set_defaults(command=commands.load_run)

    page = made.add_parser("page-bench", help="what the chat page costs in a browser, beside a bare gr.ChatInterface")
    page.add_argument("--runs", type=_count, default=5, help="how many runs of each (default 5)")
    page.add_argument("--json", type=Path, help="write every value here")
    page.add_argument("--markdown", type=Path, help="write the table here")
    page.set_defaults(command=commands.page_bench)

    writers = made.add_parser("writers", help="answers by an LLM: writers of known quality, planted errors, faults")
    writing.add_flags(writers)
    writers.set_defaults(command=writing.writers)

    mutants = made.add_parser("mutants", help="damage the assistant on purpose: does the gate notice?")
    mutants.add_argument("--only", metavar="PART", help="only the changes with this in their name")
    mutants.add_argument("--no-power", action="store_true", help="leave the simulation of power out")
    mutants.add_argument("--original", type=Path, default=ORIGINAL, help="the original edition of the report")
    mutants.add_argument("--jobs", type=_count, default=2, help="so many at once, each in its process (default 2)")
    mutants.add_argument("--floors", type=Path, default=FLOORS, help="the floors (default eval/floors.json)")
    mutants.set_defaults(command=commands.mutants)

    speed = made.add_parser("bench", help="how fast, each goal beside its reference")
    add_bench_arguments(speed, RESULTS_FOLDER)
    speed.set_defaults(command=bench)
    return parser


def _sentence(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("say in a sentence why the answers changed")
    return text


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to 1000, got {text!r}")
    return int(text)


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number <= 600:
        raise argparse.ArgumentTypeError(f"expected a number above 0 and up to 600, got {text!r}")
    return number


def _add_scope(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--suite", choices=get_args(SuiteName), default="report")
    parser.add_argument("--edition", choices=("bundled", "original", "both"), default="bundled")
    parser.add_argument("--data", type=Path, help="the SQuAD file, or the folder of a report and its cases")
    parser.add_argument("--original", type=Path, default=ORIGINAL, help="the original edition of the report")
    parser.add_argument("--held-out", action="store_true", help="ask the held-out cases, too")
    parser.add_argument("--limit", type=int, help="at most so many questions of a SQuAD article")
    parser.add_argument("--article", action="append", default=[], help="only this SQuAD article (may be repeated)")


def _add_pages(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--html", type=Path, help="write the HTML page here")
    parser.add_argument("--markdown", type=Path, help="write Markdown for a pull request here")
    parser.add_argument("--junit", type=Path, help="write JUnit XML here")


def _add_keeping(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=RESULTS_FOLDER, help="the folder of runs (default eval/results)")
    parser.add_argument("--known", type=Path, default=KNOWN, help="the known failures")


def _add_baseline(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--baseline", type=Path, default=BASELINE, help="the baseline (default eval/baseline.json)")
