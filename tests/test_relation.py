"""Negation, hedging, opposites, bounds and what stands beside a fact: who does it, whether, and how surely."""

from __future__ import annotations

import pytest

from assistant.llm.facts import read_text
from assistant.llm.relation import bound, hedging_fault, negation_fault, opposite_fault
from assistant.llm.verification import COVERAGE, LEAST, faults, source_of, worths


def kinds(claim: str, *source: str) -> list[str]:
    return [fault.kind for fault in faults(claim, source_of(source), dict.fromkeys(_forms(claim), 1.0))]


def _forms(text: str) -> list[str]:
    return [word.form for word in read_text(text).words]


def negation(claim: str, source: str) -> str | None:
    return negation_fault(read_text(claim), read_text(source), [read_text(source)])


def hedging(claim: str, source: str) -> str | None:
    return hedging_fault(read_text(claim), read_text(source), [read_text(source)])


@pytest.mark.parametrize(("claim", "source"), [
    ("The lamp was not lit in winter.", "The lamp was lit in winter."),
    ("The lamp was lit in winter.", "The lamp was not lit in winter."),
    ("The lamp wasn't lit in winter.", "The lamp was lit in winter."),
    ("The keeper never left the tower.", "The keeper left the tower."),
    ("The keeper left the tower.", "The keeper never left the tower."),
    ("It burns just for the town.", "It burns not just for the town."),
    ("It burns not only in winter.", "It burns only in winter."),
    ("The tower stands without a keeper.", "The tower stands with a keeper."),
    ("No lamp burns, and the tower stands.", "The lamp burns, and no tower stands."),
    ("The lamp was tested in frost.", "The lamp was untested in frost."),
    ("The lamp is unimportant to ships.", "The lamp is important to ships."),
    ("They did not sign the treaty and are bound by it.", "They did not sign and are not bound by the treaty."),
    ("40 lamps could not be lit.", "40 lamps were lit and 9 could not be lit."),
    ("It earns money without ships.", "It earns money, but not without ships."),
    ("The supplement did attain them fully.", "The supplement does not reach them fully."),
    ("If the gap is closed, the lamp goes out.", "Unless the gap is closed, the lamp goes out."),
    ("It matters just for its cost.", "It matters and is not confined to its cost."),
])  # fmt: skip
def test_a_denial_must_be_the_source_s(claim: str, source: str) -> None:
    assert negation(claim, source)


@pytest.mark.parametrize(("claim", "source"), [
    ("The lamp was not lit in winter.", "In winter the lamp was never lit."),
    ("The lamp isn't lit.", "The lamp is not lit by anybody."),
    ("Not only the lamp burns.", "The lamp burns."),
    ("If it is not, the lamp burns.", "If it is not, the lamp burns."),
    ("The tower is old.", "The tower is old, and no lamp burns."),
    ("The lamp burns in summer.", "The lamp burns in summer, and it does not burn in winter."),
    ("The lamp had not been tested in frost.", "The lamp was untested in frost."),
    ("They must grow without triggering worries.", "They must grow without provoking worries."),
    ("The amount has not been raised since.", "Nor has the amount been raised since."),
    ("The town put it into use.", "The town put it to use."),
])  # fmt: skip
def test_the_same_denial_in_other_words_may_stand(claim: str, source: str) -> None:
    assert negation(claim, source) is None


@pytest.mark.parametrize(("claim", "source"), [
    ("The harbour will close.", "The harbour could close."),
    ("The harbour closes.", "The harbour may close."),
    ("The harbour may close.", "The harbour closes."),
    ("The town builds a berth.", "The town plans to build a berth."),
    ("The town has to build a berth.", "The town could build a berth."),
    ("The town should build a berth.", "The town builds a berth."),
    ("The town builds a berth.", "The town is to build a berth."),
    ("The town did allot the berth 40 million kroner.", "The town plans to put 40 million kroner into the berth."),
    ("The town pays for the berth.", "The town asked for pay for the berth."),
])  # fmt: skip
def test_nothing_becomes_surer_or_less_sure(claim: str, source: str) -> None:
    assert hedging(claim, source)


@pytest.mark.parametrize(("claim", "source"), [
    ("The harbour might close.", "The harbour may close."),
    ("The town intends to build a berth.", "The town plans to build a berth."),
    ("It opened in May.", "It opened in May."),
    ("The harbour is old.", "The harbour is old; it could close."),
    ("The town is to build a berth.", "The town will build a berth."),
    ("The berth was expected to follow in June.", "The berth was to follow in June."),
    ("The town requested 40 lamps.", "The town has asked for 40 lamps."),
    ("The ship can carry 40 lamps.", "The ship carries 40 lamps."),
    ("The town needs to find a berth.", "The town has to find a berth."),
    ("In our view a halt would be the worst outcome.", "A halt would in our view be the worst outcome."),
])  # fmt: skip
def test_a_hedge_of_the_same_strength_may_stand(claim: str, source: str) -> None:
    assert hedging(claim, source) is None


@pytest.mark.parametrize(("claim", "source", "wrong"), [
    ("Imports rose.", "Exports rose.", True),
    ("The cost fell.", "The cost rose.", True),
    ("The town sold oil.", "The town bought oil.", True),
    ("The cost grew.", "The cost grew, then fell.", False),
    ("All lamps burn.", "Lamps burn.", True),
    ("Every lamp burns.", "All lamps burn.", False),
    ("The lamps burn exactly.", "All lamps burn.", True),
    ("It was part of any of the fires.", "It was part of the fires.", True),
    ("It had no part in any of the fires.", "It had no part in the fires.", False),
    ("Oil from abroad burns in domestic lamps.", "Foreign oil burns in domestic lamps.", False),
    ("The lamp hangs below the tower.", "The lamp hangs above the tower.", True),
    ("The lamp hangs below.", "The lamp hangs above.", True),
    ("Under a treaty the town has a veto over lamps.", "A treaty gives the town a veto over lamps.", False),
])  # fmt: skip
def test_an_opposite_or_a_claim_of_all_must_be_the_source_s(claim: str, source: str, wrong: bool) -> None:
    assert bool(opposite_fault(read_text(claim), read_text(source))) is wrong


@pytest.mark.parametrize(("text", "expected"), [
    ("It holds more than 40 lamps.", "more"), ("It holds at least 40 lamps.", "more"),
    ("It holds up to 40 lamps.", "less"),
    ("It holds fewer than 40 lamps.", "less"), ("It holds about USD 40 of oil.", "about"), ("It holds 40 lamps.", ""),
    ("It holds more, 40 lamps.", ""), ("It sums up 40 lamps.", ""),
])  # fmt: skip
def test_what_bounds_a_figure(text: str, expected: str) -> None:
    read = read_text(text)
    assert bound(read, read.of("number")[0]) == expected


SOURCE = "The army has 40,000 soldiers and the guard 30,000 members; Anna Berg leads the army and Karl Dahl the guard."


@pytest.mark.parametrize(("claim", "expected"), [
    ("The army has 40,000 soldiers.", []),
    ("The army has 30,000 soldiers.", ["relation"]),
    ("The guard has 40,000 members.", ["relation"]),
    ("The army has 50,000 soldiers.", ["number"]),
    ("The army has more than 40,000 soldiers.", ["number"]),
    ("The army has about 40,000 soldiers.", []),
    ("Anna Berg leads the army.", []),
    ("Karl Dahl leads the army.", ["relation", "relation"]),
    ("Anna Dahl leads the army.", ["relation"]),
    ("Peter Berg leads the army.", ["name"]),
])  # fmt: skip
def test_a_fact_must_stand_where_the_source_has_it(claim: str, expected: list[str]) -> None:
    found = kinds(claim, SOURCE)
    assert set(found) == set(expected)


@pytest.mark.parametrize(("claim", "source", "expected"), [
    ("It burned from 1945 to 1940.", "It burned from 1940 to 1945.", ["relation"]),
    ("It fell by 14 votes to 14.", "It fell by 14 votes to 7.", ["number", "number"]),
    ("It rose from 9 to 14 days.", "It rose from 9 days to 14.", []),
    ("1,911 lamps burned in 1920.", "1,920 lamps burned in 1911.", ["number", "date"]),
    ("In May 1920, fourteen lamps were lit.", "Fourteen lamps were lit in May 1920.", []),
    ("The Norway.", "Norway withdrew.", ["coverage"]),
])  # fmt: skip
def test_figures_and_dates_keep_their_order_and_number(claim: str, source: str, expected: list[str]) -> None:
    assert kinds(claim, source) == expected


def test_the_sentence_before_may_lend_its_subject() -> None:
    source = source_of(["It did, however, raise the dues for Lund by 15 percent."], ["Moscow"])
    near = dict.fromkeys(_forms("Moscow raised the dues for Lund by 15 percent."), 1.0)
    assert faults("Moscow raised the dues for Lund by 15 percent.", source, near) == ()
    assert faults("It did raise the dues for Moscow by 15 percent.", source, near)  # in another's place


def test_a_first_word_that_the_source_writes_small_is_no_name() -> None:
    assert kinds("Concerns grow in the town.", "In the town, concerns grow.") == []
    assert kinds("Concerns grow in the town.", "In the town, lamps grow.") == ["name"]


def test_coverage_is_the_mean_and_the_least_of_the_words() -> None:
    source = source_of(["The keeper lit the lamp in the old tower."])
    claim = "The keeper lit the torch in the old tower."
    assert [value for _, value in worths(claim, source, {"torch": 0.5})] == [1.0, 1.0, 0.5, 1.0, 1.0]
    assert faults(claim, source, {"torch": LEAST}) == ()
    assert [fault.kind for fault in faults(claim, source, {"torch": LEAST - 0.01})] == ["coverage"]
    four = "The guard saw the torch near the tower."  # of five words, one has its form
    near = 1.25 * COVERAGE - 0.25
    assert [f.kind for f in faults(four, source, dict.fromkeys(_forms(four), near - 0.01))] == ["coverage"]
    assert faults(four, source, dict.fromkeys(_forms(four), near + 0.01)) == ()
