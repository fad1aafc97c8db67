"""The load run, for seconds instead of minutes, and the page's benchmark, once: real servers, a real browser."""

from __future__ import annotations

import asyncio
import shutil
import sys

import pytest

from assistant import Settings
from assistant.assistant import read_source
from eval import commands
from eval.cli import main
from eval.load import TEMPLATES, Crowd, Outcome, Tally, ask_api, own_words, table
from eval.page_bench import SUBJECTS, chromium, measure
from eval.page_bench import table as bench_table
from eval.served import ServedError, served
from index.readers import read_text
from index.report import Report


@pytest.fixture(scope="module")
def bot_report() -> Report:
    return read_source(Settings())


@pytest.fixture
def report() -> Report:
    return read_text("The lighthouse keeper counted seven hundred ships. The keepers counted nothing.", "txt")


def test_words_are_different_and_none_is_within_another(report: Report) -> None:
    words = own_words(report, 5)
    assert sorted(words) == ["counted", "hundred", "keepers", "lighthouse", "nothing"]
    assert own_words(report, 5) == words
    with pytest.raises(ServedError, match="5 words of their own for 6 people"):
        own_words(report, 6)


def test_percentiles() -> None:
    tally = Tally(latencies=[n / 100 for n in range(101)])
    assert tally.percentile(50) == pytest.approx(0.5)
    assert tally.percentile(95) == pytest.approx(0.95)
    assert Tally(latencies=[3.0]).percentile(95) == 3.0


def test_busy_counts_against_a_run_but_not_under_overload() -> None:
    def outcome(**tallies: Tally) -> Outcome:
        return Outcome({"page": Tally(), "api": Tally(), "overload": Tally()} | tallies, [1.0])

    assert outcome(overload=Tally(busy=9)).sound
    assert not outcome(page=Tally(busy=1)).sound
    assert not outcome(overload=Tally(errors=["?"])).sound
    assert not outcome(api=Tally(mixed=["?"])).sound


def test_people_at_once_get_their_own_answers_and_too_many_are_told_so(bot_report: Report) -> None:
    with served() as server:
        server.wait_until_ready()
        crowd = Crowd(server, own_words(bot_report, 8), pause=0.2)
        outcome = asyncio.run(crowd.run(6, 250, lambda note: None))
    assert outcome.sound, table(outcome)
    for name, tally in outcome.tallies.items():
        assert tally.latencies, name
    assert outcome.tallies["overload"].busy
    assert len(outcome.memory) == 6
    assert "| overload |" in table(outcome)


def test_a_mixed_up_answer_would_be_seen(bot_report: Report) -> None:
    first, second = (TEMPLATES[0].format(word) for word in own_words(bot_report, 2))
    tally = Tally()

    async def ask(crowd: Crowd) -> None:
        async with crowd._client() as client:
            crowd._alone[first] = await ask_api(client, second)
            await crowd._count(tally, first, ask_api(client, first))

    with served() as server:
        server.wait_until_ready()
        asyncio.run(ask(Crowd(server, (), pause=1)))
    assert len(tally.mixed) == 1
    assert not tally.errors


@pytest.mark.parametrize("arguments", [["--people", "0"], ["--people", "many"], ["--minutes", "0"], ["--pause", "-1"]])
def test_wrong_numbers(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["load", *arguments])
    assert "expected a" in capsys.readouterr().err


def test_a_program_that_does_not_start_is_one_line() -> None:
    with pytest.raises(ServedError, match="did not start"), served(program=[sys.executable, "-c", "pass"]):
        pass


def test_benchmark_measures_both_pages() -> None:
    if shutil.which("chromium") is None:
        pytest.skip("there is no chromium: install Debian's package of that name")
    with chromium() as browser:
        measured = {each.name: measure(each, 1, browser, commands.say, ["How large is the fund?"]) for each in SUBJECTS}
    ours, bare = (measured[each.name] for each in SUBJECTS)
    assert ours.keys() == bare.keys()
    assert all(value > 0 for figures in measured.values() for values in figures.values() for value in values)
    assert ours["turn: requests"] < bare["turn: requests"]
    assert bench_table(measured).count("\n") == 1 + len(ours)
