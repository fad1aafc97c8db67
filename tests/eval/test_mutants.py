"""The mutants' own parts: what counts as caught, and that damage at the door is the damage it says. The whole trial is
``python -m eval mutants``, minutes long and no part of the tests."""

from __future__ import annotations

import pytest

from assistant import Assistant
from eval.gate import GATED, Verdict
from eval.metrics.citations import inexact
from eval.mutants import answers, harmless, program
from eval.mutants.damage import Mutant, at_the_door
from eval.mutants.power import power, power_table
from eval.mutants.trial import Trial, line, summary
from index.report import Report
from tests.eval.conftest import MakeRow

DAMAGES = (*program.MUTANTS, *answers.MUTANTS)


def trial(blamed: tuple[str, ...], expected: tuple[str, ...], worse: int = 0, better: int = 0) -> Trial:
    return Trial(Mutant("m", at_the_door(), expected), Verdict(blamed, (), ()), worse, better)


def test_there_are_enough_of_both_with_names_of_their_own() -> None:
    assert len(DAMAGES) >= 12
    assert len(harmless.HARMLESS) == 20
    names = [mutant.name for mutant in (*DAMAGES, *harmless.HARMLESS)]
    assert len(set(names)) == len(names)


def test_every_damage_expects_something_that_the_gate_can_say() -> None:
    lines = ("crash", "inexact citation", "forbidden fact", "fewer cases", "not the same twice", *GATED)
    for mutant in DAMAGES:
        assert mutant.expected
        assert all(any(each.startswith(name) for each in lines) for name in mutant.expected)
    assert not any(mutant.expected for mutant in harmless.HARMLESS)


def test_damage_has_to_be_caught_for_the_right_reason_where_it_worsens_anything() -> None:
    assert trial(("rewriting terms",), ("rewriting",), worse=3).as_expected
    assert not trial(("words",), ("rewriting",), worse=3).as_expected
    assert not trial((), ("rewriting",), worse=3, better=1).as_expected
    assert trial((), ("rewriting",), worse=1, better=1).as_expected
    assert not trial(("words",), ("rewriting",)).as_expected


def test_a_harmless_change_must_raise_no_alarm() -> None:
    assert trial((), ()).as_expected
    assert not trial(("words",), ()).as_expected


def test_the_summary_counts_what_worsens() -> None:
    found = [trial(("crash: a",), ("crash",), 1), trial((), ("crash",), 2), trial((), ("crash",)), trial((), ())]
    assert summary(found) == (
        "1 of 2 damages caught (1 more worsen nothing on balance), 1 with the right metric named; "
        "0 alarms in 1 harmless changes"
    )
    assert line(found[0]) == "| ✓ | m | 1 | 0 | caught | crash |"


@pytest.mark.parametrize("change", [answers._shift, answers._swap_numbers, answers._lose_mark])
def test_damaged_citations_are_inexact(bot: Assistant, change: object) -> None:
    answer = answers.quoting(bot.ask("How large is the fund?"), list(bot.report.sentences[:2]), bot.report)
    assert inexact(answer, bot.report) == []
    assert callable(change)
    assert inexact(change(answer, bot.report, ""), bot.report)


def test_dropped_moved_and_added_sentences_stay_exactly_cited(bot: Assistant) -> None:
    answer = answers.quoting(bot.ask("How large is the fund?"), list(bot.report.sentences[4:6]), bot.report)

    def numbers(change: object) -> list[int]:
        assert callable(change)
        changed = change(answer, bot.report, "")
        assert inexact(changed, bot.report) == []
        return [sentence.number for sentence in answers.cited_sentences(changed, bot.report)]

    assert numbers(answers._drop_last) == [4]
    assert numbers(answers._neighbours) == [9, 10]
    assert numbers(answers._add_three) == [4, 5, 6, 7, 8]


def test_the_older_text_is_the_same_with_a_sentence_before_it(harbour: Report) -> None:
    blocks = answers._blocks(harbour)
    assert [block.text for block in blocks if block.kind == "heading"] == ["Background", "Outlook"]
    assert [block.text for block in blocks if block.kind != "heading"] == [harbour.quote(p) for p in harbour.paragraphs]


def test_power_rises_with_the_drop_and_is_small_without_one(make_row: MakeRow) -> None:
    rows = [make_row(f"b/{n}", scores={"status": 1.0}) for n in range(120)]
    none, some, much = (power(rows, "status", drop, runs=40) for drop in (0.0, 0.06, 0.2))
    assert none is not None
    assert some is not None
    assert much == 1.0
    assert none <= 0.05 <= some <= much
    assert power(rows, "facts", 0.1, runs=1) is None


def test_the_table_of_power_says_how_many_cases_there_are(make_row: MakeRow) -> None:
    table = power_table([make_row(f"b/{n}", scores={"status": 1.0}) for n in range(30)], runs=2)
    assert "| status | 30 | 0.00 |" in table
    assert "| all facts | 0 | – |" in table
