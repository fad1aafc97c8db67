"""Questions that leave out what the one before has said."""

from __future__ import annotations

import pytest

from assistant.followups.ellipsis import fill, said_instead
from assistant.followups.parallel import instead, topic


@pytest.mark.parametrize(
    "last, fragment, expected",
    [
        ("Is Norway a member?", "Since when?", "Since when is Norway a member?"),
        ("When did the zoo open?", "why?", "Why did the zoo open?"),
        ("Why did the museum move?", "when was that?", "When did the museum move?"),
        ("Might Peru sell its copper?", "To which countries?", "To which countries might Peru sell its copper?"),
        ("Which teams reached the final?", "how many?", "How many teams reached the final?"),
        ("Are there wolves in the park?", "How many of them?", "How many wolves are there in the park?"),
        ("Who built the bridge?", "who else?", "Who else built the bridge?"),
        ("Which firms built the bridge?", "who else?", "Who else built the bridge?"),
        ("Which judge will hear the case?", "when?", "When will the judge hear the case?"),
        ("Which spies did Acme pay in 2019?", "why?", "Why did Acme pay the spies in 2019?"),
        ("Which firms is Acme dealing with?", "since when?", "Since when is Acme dealing with the firms?"),
        ("Who runs the zoo?", "since when?", "Since when: who runs the zoo?"),
        ("How much did the zoo ask for?", "in dollars?", "How much did the zoo ask for in dollars?"),
        ("How much did the zoo ask for in dollars?", "in euros?", "How much did the zoo ask for in euros?"),
        ("How long is the pier?", "is that a lot?", "is that a lot: How long is the pier?"),
    ],
)
def test_fragments(last: str, fragment: str, expected: str) -> None:
    assert fill(fragment, last) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Who commands it?",
        "What caused the crash?",
        "How large is it?",
        "When did the zoo open?",
        "What's on top of it?",
    ],
)
def test_whole_questions_are_no_fragments(question: str) -> None:
    assert fill(question, "What does the drug treat?") is None


@pytest.mark.parametrize(
    "last, what, expected",
    [
        # a name for a name of its kind, with the article that it needs
        ("Do the Gulf States trade with Kenya?", "Israel", "Do Israel trade with Kenya?"),
        ("What would the United Kingdom gain?", "Peru", "What would Peru gain?"),
        ("What does Norway export?", "the Netherlands", "What does the Netherlands export?"),
        ("Do Kenya and Peru trade?", "Chile", "Do Chile trade?"),
        ("What is Kenya's area?", "Peru", "What is Peru's area?"),
        # after the same preposition
        ("How much does Varn spend on pipes?", "on roads", "How much does Varn spend on roads?"),
        ("Are there wolves in the Berg forest?", "in the Tal forest", "Are there wolves in the Tal forest?"),
        ("How many people work in the port?", "in the market", "How many people work in the market?"),
        ("Is the vaccine safe?", "for children", "Is the vaccine safe for children?"),
        # of its sort, wherever it stands
        ("Does the council plan to close the mill?", "the bakery", "Does the council plan to close the bakery?"),
        ("Are there wolves in the park?", "bears", "Are there bears in the park?"),
        ("How many tanks does the army have?", "planes", "How many planes does the army have?"),
        ("What is the height of the tower?", "the width", "What is the width of the tower?"),
        ("What is the height of the tower?", "the bridge", "What is the height of the bridge?"),
        ("What are the risks of the plan?", "the benefits", "What are the benefits of the plan?"),
        ("Does the report mention coal?", "wind", "Does the report mention wind?"),
        # years
        ("What was the price in 2020?", "2021", "What was the price in 2021?"),
        ("What is the price?", "in 2021", "What is the price in 2021?"),
        ("What does the annex say?", "Peru", "What does the annex say about Peru?"),
    ],
)
def test_asked_of_something_else(last: str, what: str, expected: str) -> None:
    assert instead(what, last) == expected


@pytest.mark.parametrize(
    "question, what",
    [
        ("And Peru?", "Peru"),
        ("what about the lake", "the lake"),
        ("How about in 2020?", "in 2020"),
        ("plus the coast guard?", "the coast guard"),
        ("And who pays?", None),
        ("And it dates from when?", None),
        ("Where is Peru?", None),
    ],
)
def test_what_is_asked_about_instead(question: str, what: str | None) -> None:
    assert said_instead(question) == what


def test_topic() -> None:
    assert topic("How large is the lake?") == "the lake"
    assert topic("going up (the price of oil)?") == "the price of oil"
    assert topic("Who runs the zoo?") == "runs the zoo"
