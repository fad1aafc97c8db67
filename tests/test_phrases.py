"""Noun phrases and the roles that they play."""

from __future__ import annotations

import pytest

from assistant.followups.phrases import core_question, find_phrases
from tests.hostile import hostile, in_time


@pytest.mark.parametrize(
    "question, expected",
    [
        ("What does the drug treat?", {"the drug": "subject"}),
        ("Which banks failed?", {"the banks": "subject"}),
        ("Which banks did the state save?", {"the banks": "object", "the state": "subject"}),
        ("Whose boats do Danish crews sail?", {"the boats": "object", "the Danish crews": "subject"}),
        ("Who sells fish to the islands?", {"fish": "object", "the islands": "oblique"}),
        ("Is Norway a member of the Hansa?", {"Norway": "subject", "the member of the Hansa": "object"}),
        ("Why does Oslo want a treaty with Bern?", {"Oslo": "subject", "the treaty with Bern": "object"}),
        ("Are there wolves in the forest?", {"the wolves": "subject", "the forest": "oblique"}),
        ("How many goals did Brazil score?", {"the goals": "object", "Brazil": "subject"}),
        ("How much does Norway pay its army?", {"Norway": "subject", "Norway's army": "object"}),
    ],
)
def test_roles(question: str, expected: dict[str, str]) -> None:
    assert {p.text: p.role for p in find_phrases(question) if p.role != "embedded"} == expected


def test_phrases_within_phrases() -> None:
    found = {p.text for p in find_phrases("What is on the fund's list of the mines of Peru?") if p.role == "embedded"}
    assert found == {"the fund", "the mines", "Peru"}


def test_a_row_is_one_phrase_and_an_apposition_is_none() -> None:
    row = find_phrases("Do China, Kenya and Peru trade?")[-1]
    assert (row.text, row.is_plural, row.role) == ("China, Kenya and Peru", True, "subject")
    assert not any(" and " in p.text for p in find_phrases("Jane Doe, the mayor, spoke."))


@pytest.mark.parametrize(
    "question, sort, is_plural",
    [
        ("Who is the minister?", "person", False),
        ("Who are the companies?", "group", True),
        ("Where is the city?", "place", False),
        ("Where are the people?", "group", True),
        ("Where is the bus?", "thing", False),
        ("What is the glass?", "thing", False),
        ("Where is Kenya?", "place", False),
        ("Who is Jane Doe?", "person", False),
    ],
)
def test_sort_and_number(question: str, sort: str, is_plural: bool) -> None:
    phrase = find_phrases(question)[0]
    assert (phrase.sort, phrase.is_plural) == (sort, is_plural)


def test_what_is_asked_for() -> None:
    asked = [p.text for p in find_phrases("Which of the ships carried how many guns?") if p.is_asked_for]
    assert asked == ["the guns"]


def test_core_question() -> None:
    assert core_question("Is that a lot: how long is it?") == "how long is it?"
    assert core_question("Two cities: Oslo and Bern") == "Two cities: Oslo and Bern"


def test_hostile_texts() -> None:
    in_time(find_phrases, hostile())
