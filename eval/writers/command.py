"""What ``python -m eval writers`` prints: the tables of writers, planted errors, faults and times."""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant import Answer, Assistant, Settings
from assistant.compose import escape
from assistant.llm.client import ChatClient
from assistant.llm.support import Support
from assistant.llm.writer import Writer
from eval.suites import Scope, load_suite
from eval.targets import Target
from eval.writers.claims import right_claims
from eval.writers.coverage import print_tables, reports_at_hand
from eval.writers.planted import KINDS, Plant, plants, reworded
from eval.writers.scripts import Scripted
from eval.writers.server import FAULTS, address_for, serving
from index.report import Report

QUALITIES = ("faithful", "careless", "inventive", "obedient", "foreign")
MODEL = "scripted"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """The flags of the command."""
    parser.add_argument("--llm", metavar="MODEL", help="try this model instead of the scripted writers")
    parser.add_argument("--llm-url", metavar="URL", help="where it is: an OpenAI-compatible address")
    parser.add_argument("--limit", type=int, help="at most so many questions of each writer")
    parser.add_argument("--times", type=int, default=20, help="how often each fault is tried (default 20)")
    parser.add_argument("--deadline", type=int, default=1, help="seconds given to a server that fails (default 1)")


def writers(args: argparse.Namespace) -> int:
    """Print the tables; 0, or 100 where a sentence that is known to be wrong was shown."""
    (target,) = load_suite(Scope())
    with Assistant(target.report, Settings()) as bot:
        print(
            "| writer | answers by it | written | passed | repaired | dropped | wrong written | shown | right dropped |"
        )
        print("|---|---|---|---|---|---|---|---|---|")
        if args.llm:
            real = Settings(llm_model=args.llm, llm_url=args.llm_url)
            print(_row(args.llm, list(_asked(bot, target, real, args.limit)), None))
            return 0
        shown = 0
        for quality in QUALITIES:
            script = Scripted(quality)
            with serving(script) as server:
                settings = Settings(llm_model=MODEL, llm_url=server.url)
                answers = list(_asked(bot, target, settings, args.limit))
            wrong = _shown(answers, script)
            shown += wrong
            print(_row(quality, answers, (script, wrong)), flush=True)
        reports = reports_at_hand()
        shown += _planted(reports)
        print_tables(reports)
        _faults(bot, args.times, args.deadline)
        _streaming(bot)
    return 100 if shown else 0


def written_by(bot: Assistant, settings: Settings) -> Assistant:
    """The same assistant with another writer, its breaker closed."""
    assert settings.llm_model is not None
    bot.settings = replace(settings, cache_dir=bot.settings.cache_dir)
    bot._writer = Writer(ChatClient(settings.llm_model, settings.llm_url), bot._retriever, settings)
    return bot


def _asked(bot: Assistant, target: Target, settings: Settings, limit: int | None) -> Iterator[Answer]:
    written_by(bot, settings)
    for task in target.tasks[:limit]:
        yield bot.ask(task.case.question)


def _shown(answers: Sequence[Answer], script: Scripted) -> int:
    """How many sentences of the answers that it wrote are wrong."""
    wrong = [escape(sentence) for sentence in script.wrong]
    return sum(sentence in answer.text for answer in answers if answer.engine != "extractive" for sentence in wrong)


def _row(name: str, answers: Sequence[Answer], known: tuple[Scripted, int] | None) -> str:
    """A writer's row; ``known`` is the script, which knows what it got wrong, and how much of that was shown."""
    counts = [answer.verification for answer in answers if answer.verification is not None]
    by_it = sum(answer.engine != "extractive" for answer in answers)
    sums = [sum(getattr(each, field) for each in counts) for field in ("written", "passed", "repaired", "dropped")]
    judged = "unscored | unscored | unscored"
    if known is not None:
        script, shown = known
        right = sums[0] - script.planted
        lost = sums[-1] - (script.planted - shown)
        judged = f"{script.planted} | {shown} | {f'{lost} of {right} ({lost / right:.1%})' if right else '–'}"
    return f"| {name} | {by_it} of {len(answers)} | {' | '.join(map(str, sums))} | {judged} |"


def _planted(reports: Sequence[tuple[Report, Report | None]]) -> int:
    """Errors planted in every sentence of some reports, and in right ones in other words; how many were shown."""
    tried: Counter[tuple[str, str]] = Counter()
    shown: Counter[tuple[str, str]] = Counter()
    right: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    for report, other in reports:
        with Assistant(report=report, settings=Settings()) as bot:
            support = Support(bot._retriever)
            for manner, sentence, number in _sentences(report, other):
                right[manner] += 1
                dropped[manner] += not _may_stand(support, sentence, number)
                for plant, cited in _plants(report, number, sentence):
                    tried[manner, plant.kind] += 1
                    # a right sentence may be given a right citation
                    bad = _may_stand(support, plant.text, cited, repaired=plant.kind != "citation")
                    shown[manner, plant.kind] += bad
                    if bad:
                        print(f"shown ({plant.kind}): {plant.text}")
    print(f"\nerrors planted in sentences of {len(reports)} reports, wrong ones shown of those tried:\n")
    print(f"| sentences | {' | '.join(KINDS)} | all | right ones dropped |\n|---{'|---' * len(KINDS)}|---|---|")
    for manner in right:
        cells = [f"{shown[manner, kind]} of {tried[manner, kind]}" for kind in KINDS]
        cells.append(f"{sum(shown[manner, k] for k in KINDS)} of {sum(tried[manner, k] for k in KINDS)}")
        cells.append(f"{dropped[manner]} of {right[manner]} ({dropped[manner] / right[manner]:.1%})")
        print(f"| {manner} | {' | '.join(cells)} |")
    return shown.total()


def _sentences(report: Report, other: Report | None) -> Iterator[tuple[str, str, int]]:
    """Right sentences by how they came about, each with the number of the sentence that it rests on."""
    for number, text in enumerate(map(report.quote, report.sentences)):
        for sentence in dict.fromkeys((text, reworded(text))):
            yield "the report's, or lightly reworded", sentence, number
    for claim in right_claims(report, other):
        if len(claim.cited) == 1:
            yield claim.kind, claim.text, claim.cited[0]


def _plants(report: Report, number: int, sentence: str) -> Iterator[tuple[Plant, int]]:
    """The errors to plant in a sentence, and the number of the sentence that each is said to rest on."""
    count = len(report.sentences)
    others = {report.quote(report.sentences[n]): n for n in ((number + 7) % count, (number + 19) % count)}
    for plant in plants(sentence, others=list(others)):
        yield plant, others[plant.cite] if plant.kind == "citation" else number


def _may_stand(support: Support, claim: str, cited: int, *, repaired: bool = True) -> bool:
    """Whether a claim passes, or does with a better citation."""
    everything = range(len(support.report.sentences))
    return not support.faults(claim, [cited]) or (repaired and bool(support.better(claim, everything)))


def _faults(bot: Assistant, times: int, deadline: int) -> None:
    """Each fault so often, the breaker closed each time, then one more question over the breaker that opened."""
    print(f"\nseconds to the extractive answer, deadline {deadline} s:\n")
    print("| fault | extractive | median | longest | median with the breaker open |\n|---|---|---|---|---|")
    for fault in FAULTS:
        first: list[float] = []
        later: list[float] = []
        extractive = 0
        with serving(Scripted("faithful"), fault=fault) as server:
            for _ in range(times):
                url = address_for(fault, server.url)
                written_by(bot, Settings(llm_model=MODEL, llm_url=url, llm_deadline=deadline))
                extractive += _timed(bot, first).engine == "extractive"
            for _ in range(2):
                _timed(bot, later)
            later.clear()
            for _ in range(5):
                _timed(bot, later)
        print(
            f"| {fault} | {extractive} of {times} | {statistics.median(first):.2f} | {max(first):.2f} "
            f"| {statistics.median(later):.2f} |",
            flush=True,
        )


def _timed(bot: Assistant, seconds: list[float]) -> Answer:
    begin = time.perf_counter()
    answer = bot.ask("How large is the fund?")
    seconds.append(time.perf_counter() - begin)
    return answer


def _streaming(bot: Assistant) -> None:
    """Time to the first token against time to the first sentence shown, some 30 tokens a second."""
    times: list[tuple[float, float, float]] = []
    with serving(Scripted("faithful"), delay=0.1) as server:
        written_by(bot, Settings(llm_model=MODEL, llm_url=server.url))
        for question in ("How large is the fund?", "When was the fund created?", "Who is the prime minister?"):
            taken = bot.ask(question).timings
            times.append((taken["first token"], taken["first sentence"], taken["llm"]))
    print("\nseconds to the first token, to the first verified sentence, to the end (12 characters each 0.1 s):")
    print(", ".join("/".join(f"{value:.2f}" for value in each) for each in times))
