"""The classes of a question's words."""

from __future__ import annotations

import pytest

from assistant.followups.tagging import tokenise
from tests.hostile import hostile, in_time


def tags(text: str) -> dict[str, str]:
    return {token.low: token.tag for token in tokenise(text)}


@pytest.mark.parametrize(
    "text, word, tag",
    [
        ("What does the ferry cost?", "cost", "verb"),
        ("What is the cost of the ferry?", "cost", "noun"),
        ("Who plans the harbour plan?", "plans", "verb"),
        ("Norway exports oil.", "exports", "verb"),
        ("The exports of Norway fell.", "exports", "noun"),
        ("How many people work at the mine?", "work", "verb"),
        # no list has these verbs: their place tells
        ("What does the drug zorp?", "zorp", "verb"),
        ("Do the troops mostly zorp?", "zorp", "verb"),
        ("Who zorps the drug?", "zorps", "verb"),
        ("Is the vaccine zorpy?", "zorpy", "adverb"),
        ("Is the vaccine zorpy for children?", "zorpy", "adverb"),
        ("What is the vaccine?", "vaccine", "noun"),
        ("How zorpy is the lake?", "zorpy", "adverb"),
        # "that" and its like
        ("How old is that bridge?", "that", "determiner"),
        ("What does that cost?", "that", "pronoun"),
        ("Why does Kenya say that it rained?", "that", "conjunction"),
        ("Which ships that sank were insured?", "that", "conjunction"),
        ("What is her name?", "her", "determiner"),
        ("Who saw her?", "her", "pronoun"),
        ("It took 40,000 hours.", "40,000", "number"),
    ],
)
def test_words_are_told_apart_by_their_neighbours(text: str, word: str, tag: str) -> None:
    assert tags(text)[word] == tag


def test_owners_are_marked() -> None:
    assert [t.low for t in tokenise("What's the town's rule on farmers’ dogs?") if t.is_possessor] == [
        "town",
        "farmers",
    ]


def test_hostile_texts() -> None:
    in_time(tokenise, hostile())
