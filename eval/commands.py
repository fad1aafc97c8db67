"""What the commands ``goals``, ``run``, ``check``, ``accept``, ``compare``, ``triage`` and ``sweep`` do."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from assistant import Settings
from assistant.assistant import read_source
from assistant.judgement import Tuning, fitted_tuning
from eval import gate
from eval.again import start_again
from eval.baseline import Baseline, load_baseline, load_floors, move_baseline
from eval.bots import open_assistant, open_varied
from eval.gate import Verdict, judge, verdict_text
from eval.goals import failing, goal_table, kind_table
from eval.known import PROMOTED, load_known, promote
from eval.pages.html import html_page
from eval.pages.junit import junit_page
from eval.pages.markdown import markdown_page
from eval.provenance import provenance
from eval.record import Row, Run, load, save
from eval.session import run_suite
from eval.suites import Scope, load_suite
from eval.sweep import Point, SweepError, front_table, objectives, parse_axis, points, vary
from eval.sweep import sweep as measure_all
from eval.targets import Target, find_all
from eval.triage import triage as walk


def say(text: str) -> None:
    """A note for the person at the terminal, on standard error: what is piped stays clean."""
    print(text, file=sys.stderr)


def scope_of(args: argparse.Namespace) -> Scope:
    """The scope that the flags ask for."""
    articles = tuple(args.article)
    return Scope(args.suite, args.edition, args.data, args.original, args.held_out, args.limit, articles)


def goals(args: argparse.Namespace) -> int:
    """Print the goals' tables and every failing case; 0."""
    scope = scope_of(args)
    targets = load_suite(scope, say)
    rows = run_suite(targets, open_assistant)
    _print_goals(targets, rows, scope)
    if not args.no_failures:
        print(failing(rows))
    return gate.PASSED


def _print_goals(targets: Sequence[Target], rows: Sequence[Row], scope: Scope) -> None:
    by_target = {target.name: [row for row in rows if row.target == target.name] for target in targets}
    if scope.suite in ("squad", "made-up") and len(targets) > 1:
        by_target[f"all {len(targets)} texts"] = list(rows)
    for name, group in by_target.items():
        print(goal_table(group, scope.suite, name))
        if scope.suite != "squad":
            print(kind_table(group))


def run(args: argparse.Namespace) -> int:
    """Run a suite, keep the run, write its pages, print the goals' tables; 0."""
    scope = scope_of(args)
    targets = load_suite(scope, say)
    made = Run(provenance=provenance(scope, targets), rows=run_suite(targets, open_assistant))
    _print_goals(targets, made.rows, scope)
    _keep(args, made)
    if scope.suite == "report":
        _look_at_known(args)
    return gate.PASSED


def check(args: argparse.Namespace) -> int:
    """Compare with the baseline; 0 passes, 100 is worse, 3 the baseline does not fit, 1 broken."""
    baseline = load_baseline(args.baseline)
    new, again = twice(_gated(baseline))
    try:
        verdict = judge(baseline.run, new, load_floors(args.floors), again)
    except gate.BaselineMisfit as error:
        say(f'error: {error}; if that is meant, run: python -m eval accept --reason "…"')
        return gate.NO_FIT
    print(verdict_text(verdict))
    _keep(args, new, baseline.run, verdict)
    _look_at_known(args)
    print("worse than the baseline" if verdict.code else "not worse than the baseline")
    return verdict.code


def accept(args: argparse.Namespace) -> int:
    """Make the present answers the baseline, for a reason; 100 where they do what is never tolerated."""
    new, again = twice(Scope(held_out=args.held_out))
    verdict = judge(new, new, {}, again)
    if verdict.intolerable:
        print(verdict_text(replace(verdict, tests=())))
        say("error: this cannot be the baseline: mend the above, or move the case to the known failures")
        return gate.WORSE
    move_baseline(new, args.reason, args.baseline)
    say(f"the baseline is now this run of {len(new.rows)} cases: commit {args.baseline.name}")
    return gate.PASSED


def compare(args: argparse.Namespace) -> int:
    """Compare two stored runs, without floors; exit codes as for ``check``."""
    old, new = load(args.old), load(args.new)
    try:
        verdict = judge(old, new, {})
    except gate.BaselineMisfit as error:
        say(f"error: {error}")
        return gate.NO_FIT
    print(verdict_text(verdict))
    _write_pages(args, new, old, verdict)
    return verdict.code


def fit(args: argparse.Namespace) -> int:
    """Fit what the assistant weighs and write the files that ship, or only tell what each part is worth; 0."""
    from eval.fit.command import run as fit_all

    for line in fit_all(args.data, ablate=args.ablation):
        print(line, flush=True)
    return gate.PASSED


def triage(args: argparse.Namespace) -> int:
    """Walk a feedback file at the terminal; 0."""
    report = load_suite(Scope(held_out=True))[0].report
    counts = walk(args.feedback, report, args.known, input, print, datetime.now(UTC).date())
    print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    return gate.PASSED


def sweep(args: argparse.Namespace) -> int:
    """Measure points of the settings and of the tuning, and print them with the Pareto front marked; 0."""
    axes = dict(parse_axis(text) for text in args.vary)
    for name in axes:
        varied({name: axes[name][0]})  # an unknown name is an error now, not after an hour
    scope = scope_of(args)
    targets = load_suite(scope, say)
    wanted = points(axes, args.random, args.seed)
    context = {key: value for key, value in provenance(scope, targets).items() if key not in {"made", "machine"}}

    def measure(point: Point) -> dict[str, float]:
        return objectives(run_suite(targets, open_varied(*varied(point)), ranking=False))

    with tqdm(total=len(wanted), unit="point", file=sys.stderr, disable=not sys.stderr.isatty()) as bar:
        measured = measure_all(wanted, measure, args.store, context, bar.update)
    print(front_table(measured))
    return gate.PASSED


def load_run(args: argparse.Namespace) -> int:
    """Let many people ask at once; 0 where nobody got an error or another's answer, else 100."""
    from eval.load import Crowd, own_words, table
    from eval.served import served

    words = own_words(read_source(Settings()), args.people)
    with served() as server:
        server.wait_until_ready()
        outcome = asyncio.run(Crowd(server, words, pause=args.pause).run(args.minutes * 60, args.overload, say))
    print(f"{args.people} people, {args.minutes:g} min, a question each {args.pause:g} s on average\n")
    print(table(outcome))
    if args.json is not None:
        figures = {name: tally.as_dict() for name, tally in outcome.tallies.items()}
        args.json.write_text(json.dumps({**figures, "memory": outcome.memory}, indent=2), encoding="utf-8")
    return gate.PASSED if outcome.sound else gate.WORSE


def page_bench(args: argparse.Namespace) -> int:
    """Measure the chat page and a bare one in Chromium, and print the medians; 0."""
    from eval.page_bench import SUBJECTS, chromium, measure, table

    with chromium() as browser:
        measured = {subject.name: measure(subject, args.runs, browser, say) for subject in SUBJECTS}
    print(table(measured))
    if args.json is not None:
        args.json.write_text(json.dumps(measured, indent=2), encoding="utf-8")
    if args.markdown is not None:
        args.markdown.write_text(table(measured) + "\n", encoding="utf-8")
    return gate.PASSED


def mutants(args: argparse.Namespace) -> int:
    """Put damaged and harmlessly changed assistants through the gate; 0 where each goes as it should, 100 where one
    does not, 1 where one could not be tried.
    """
    from eval.mutants import power, trial

    chosen = [mutant for mutant in trial.MUTANTS if not args.only or args.only in mutant.name]
    scope = Scope(edition="both", held_out=True, original=args.original)
    targets = load_suite(scope, say)
    bench = trial.Bench(
        tuple(targets), run_suite(targets, open_assistant), provenance(scope, targets), load_floors(args.floors)
    )
    unchanged = bench.gated(bench.rows)
    blamed = gate.judge(unchanged, unchanged, bench.floors).blamed
    if blamed:
        say(f"error: the gate fails the unchanged assistant already ({blamed[0]}): mend that first")
        return gate.BROKEN
    print(f"{len(unchanged.rows)} cases in the gate, {len(bench.rows)} in all over {len(targets)} editions\n")
    print(trial.HEAD)
    found = []
    for each in trial.trials(bench, chosen, args.jobs):
        found.append(each)
        print(trial.line(each), flush=True)
    print(f"\n{trial.summary(found)}\n")
    if not args.no_power:
        print(f"Power of the tests (drop in the share of cases; {power.CHURN:.0%} of cases change either way):\n")
        print(power.power_table(unchanged.rows))
    if any(each.error for each in found):
        return gate.BROKEN
    return gate.PASSED if all(each.as_expected for each in found) else gate.WORSE


def varied(point: Point) -> tuple[Settings, Tuning]:
    """The default settings and the shipped tuning with a point's values: ``settings.NAME`` and ``tuning.NAME``.

    Raises:
        SweepError: a name is neither.
    """
    bases: dict[str, Any] = {"settings": Settings(), "tuning": fitted_tuning()}
    for path, value in point.items():
        base, _, rest = path.partition(".")
        if base not in bases or not rest:
            raise SweepError(f"{path!r}: expected settings.NAME or tuning.NAME")
        bases[base] = vary(bases[base], rest, value)
    return bases["settings"], bases["tuning"]


def _gated(baseline: Baseline) -> Scope:
    return Scope(held_out=bool(baseline.provenance.get("scope", {}).get("held_out", False)))


def twice(scope: Scope) -> tuple[Run, Run]:
    """A run, and the same once more by another process and in another order: what an answer is must not depend on what
    was asked before in other conversations, nor on what differs between two processes.
    """
    targets = load_suite(scope, say)
    second = start_again(scope)
    made = provenance(scope, targets)
    first = Run(provenance=made, rows=run_suite(targets, open_assistant))
    return first, Run(provenance=made, rows=second())


def _keep(args: argparse.Namespace, new: Run, old: Run | None = None, verdict: Verdict | None = None) -> None:
    path = save(new, args.out)
    page = path.with_suffix(".html")
    page.write_text(html_page(new, old, verdict), encoding="utf-8")
    say(f"kept as {path}\npage:   {page}")
    _write_pages(args, new, old, verdict)


def _write_pages(args: argparse.Namespace, new: Run, old: Run | None, verdict: Verdict | None) -> None:
    pages = {"html": html_page, "markdown": markdown_page, "junit": junit_page}
    for name, page in pages.items():
        path: Path | None = getattr(args, name)
        if path is not None:
            path.write_text(page(new, old, verdict), encoding="utf-8")
            say(f"wrote {path}")


def _look_at_known(args: argparse.Namespace) -> None:
    known = load_known(args.known)
    if not known:
        return
    bundled = load_suite(Scope(held_out=True))[0]
    rows = run_suite([replace(bundled, tasks=find_all([k.case for k in known], bundled.report))], open_assistant)
    promoted = promote(rows, args.known, PROMOTED)
    print(f"known failures: {len(known) - len(promoted)} still fail (they do not gate)")
    for name in promoted:
        print(f"promoted to a case, since it passes now: {name}")
