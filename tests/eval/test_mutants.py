"""The mutants' own parts: what counts as caught, and that damage at the door is the damage it says. The whole trial is
``python -m eval mutants``, minutes long and no part of the tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from assistant import Assistant
from eval.bots import open_assistant
from eval.gate import GATED, Verdict
from eval.metrics.citations import inexact
from eval.mutants import answers, harmless, program
from eval.mutants.damage import Mutant, Opened, at_the_door, inside
from eval.mutants.effect import Effect, effects, intolerable
from eval.mutants.power import power, power_table
from eval.mutants.trial import Bench, Trial, line, summary, try_one
from eval.record import Row
from eval.session import run_suite
from eval.targets import Target, find_all
from index.report import Report
from index.retriever import Retriever
from tests.eval.conftest import MakeCase, MakeRow

DAMAGES = (*program.MUTANTS, *answers.MUTANTS)


FELL = Effect("facts", 0.2, 0.1, 0.3)


def trial(blamed: tuple[str, ...], expected: tuple[str, ...], effects: tuple[Effect, ...] = ()) -> Trial:
    return Trial("m", expected, Verdict(blamed, (), ()), (), effects)


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
    assert trial(("rewriting terms",), ("rewriting",), (FELL,)).as_expected
    assert not trial(("words",), ("rewriting",), (FELL,)).as_expected
    assert not trial((), ("rewriting",), (FELL,)).as_expected
    assert trial((), ("rewriting",)).as_expected


def test_being_caught_is_not_worsening() -> None:
    assert not trial(("facts",), ("facts",)).worsens
    assert trial((), ("facts",), (FELL,)).worsens
    assert Trial("m", ("crash",), Verdict((), (), ()), (("crash", 1),)).worsens


def test_a_harmless_change_must_raise_no_alarm() -> None:
    assert trial((), ()).as_expected
    assert not trial(("words",), ()).as_expected


def test_the_summary_counts_what_worsens() -> None:
    found = [
        Trial("m", ("crash",), Verdict(("crash: a",), (), ()), (("crash", 2),)),
        trial((), ("facts",), (FELL,)),
        trial((), ("facts",)),
        trial((), ()),
        Trial("n", ("facts",), error="changes no answer"),
    ]
    assert summary(found) == (
        "1 of 2 damages that worsen the answers caught, 1 with the right metric named; 0 alarms in 1 harmless changes\n"
        "1 more damages do not worsen them measurably (0 caught)\n"
        "1 could not be tried"
    )
    assert line(found[0]) == "| ✓ | m | crash in 2 | caught | crash |"
    assert line(found[1]) == "| ✗ | m | facts worse by 20% [10%, 30%] | – |  |"
    assert not found[-1].as_expected


def rows_with(make_row: MakeRow, values: Sequence[float], **more: Any) -> list[Row]:
    return [make_row(f"b/{n}", scores={"status": value, "exact": 1.0}, **more) for n, value in enumerate(values)]


def test_a_fall_counts_from_a_twentieth_on_where_the_conversations_agree(make_row: MakeRow) -> None:
    old = rows_with(make_row, [1.0] * 100)

    def fell(values: Sequence[float]) -> list[Effect]:
        return effects(old, {row.key: row for row in rows_with(make_row, values)})

    (found,) = fell([0.0] * 20 + [1.0] * 80)
    assert (found.metric, found.fall) == ("status", 0.2)
    assert 0 < found.low < 0.2 < found.high
    assert fell([0.0] * 4 + [1.0] * 96) == []  # too small
    assert fell([1.0] * 100) == []


def test_cases_of_one_conversation_in_two_editions_are_one_cluster(make_row: MakeRow) -> None:
    def made(value: float) -> list[Row]:
        ten = [make_row(f"{edition}/{n}", conversation=f"{edition}/one", scores={"status": value})
               for edition in ("bundled", "original") for n in range(5)]  # fmt: skip
        return [*ten, *(make_row(f"bundled/o{n}", scores={"status": 1.0}) for n in range(40))]

    assert effects(made(1.0), {row.key: row for row in made(0.0)}) == []  # one conversation may be luck


def test_what_may_never_happen_is_counted_where_it_is_new(make_row: MakeRow) -> None:
    old = [make_row("b/1", scores={"exact": 1.0}), make_row("b/2", scores={"exact": 0.0})]
    new = [make_row("b/1", scores={"exact": 0.0}), make_row("b/2", scores={"exact": 0.0})]
    assert intolerable(old, {row.key: row for row in new}) == {"inexact citation": 1}
    assert intolerable(old, {row.key: row for row in old}) == {}


@pytest.fixture(scope="module")
def bench(harbour: Report, make_case: MakeCase) -> Bench:
    """Two cases over a small report, and what the assistant makes of them."""
    cases = [
        make_case(),
        make_case(id="cargo-1", question="What is the main cargo?", evidence=["Grain is the main cargo"]),
    ]
    target = Target("harbour", harbour, find_all(cases, harbour))
    return Bench((target,), run_suite([target], open_assistant), {}, {})


def test_a_damage_that_does_nothing_or_fits_no_longer_is_an_error(bench: Bench) -> None:
    def of(opened: Opened) -> str:
        return try_one(bench, Mutant("m", opened, ("facts",))).error

    assert of(at_the_door()) == "changes no answer and no ranking: it damages nothing any more"
    assert "AttributeError" in of(inside(lambda: (Retriever, "no_such_name", None)))
    assert "LookupError" in of(program._weights(lambda name: name.startswith("no such")))
    assert "TypeError" in of(program._tuning(lambda tuning: {"no_such_choice": 1.0}))
    assert "TypeError" in of(inside(lambda: (Retriever, "retrieve", lambda self, question: len(5))))  # type: ignore[arg-type]


def test_a_real_damage_is_measured_and_judged(bench: Bench) -> None:
    found = try_one(bench, next(m for m in answers.MUTANTS if m.name == "citations one character off"))
    assert found.error == ""
    assert dict(found.intolerable)["inexact citation"] >= 1
    assert found.caught
    assert found.named


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
    rows = [make_row(f"b/{n}", scores={"status": float(n % 4 > 0)}) for n in range(120)]
    none, some, much = (power(rows, "status", drop, runs=40) for drop in (0.0, 0.09, 0.25))
    assert none is not None
    assert some is not None
    assert much == 1.0
    assert none <= 0.05 <= some <= much
    assert power(rows, "facts", 0.1, runs=1) is None


def test_the_table_of_power_says_how_many_cases_there_are(make_row: MakeRow) -> None:
    table = power_table([make_row(f"b/{n}", scores={"status": 1.0}) for n in range(30)], runs=2)
    assert "| status | 30 | 0.00 |" in table
    assert "| all facts | 0 | – |" in table
