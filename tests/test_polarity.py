"""Sentences that deny what a question takes for granted."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.polarity import contradicts
from assistant.question import analyse
from tests.hostile import hostile, in_time


def denies(question: str, sentence: str, *, similar: float = 0.9) -> bool:
    asked = analyse(question)
    return contradicts(asked, sentence, np.full(len(asked.content), similar, dtype=np.float32))


@pytest.mark.parametrize(
    "question, sentence",
    [
        ("Why did the bank cut rates?", "The bank raised rates in May."),
        ("When did Norway leave the alliance?", "Norway remains a member of the alliance."),
        ("Since when has the club stopped selling tickets?", "The club continues to sell tickets."),
        ("How much did exports decrease?", "Exports increased by a third."),
        ("Who rejected the vaccine?", "The agency approved the vaccine."),
        ("And why are imports rising?", "Exports are rising."),
        ("What did the council close?", "The council opened two schools."),
    ],
)
def test_the_opposite_is_denied(question: str, sentence: str) -> None:
    assert denies(question, sentence)


@pytest.mark.parametrize(
    "question, sentence",
    [
        # no opposed words
        ("Why did the bank raise rates?", "The bank raised rates in May."),
        ("Why did the club sell its stadium?", "The stadium is in London."),
        # the sentence has the question's own word as well
        ("Who stopped the trial?", "The trial started in May and was stopped in June."),
        # a negation on one side turns the opposite into the same
        ("Why did the bank cut rates?", "The bank did not raise rates."),
        ("Why didn't the bank cut rates?", "The bank raised rates."),
        # the question asks whether, so that nothing is assumed
        ("Did the bank cut rates?", "The bank raised rates in May."),
        ("Is Norway going to leave the alliance?", "Norway remains in the alliance."),
        # it supposes
        ("What happens when the trial stops?", "The trial continues."),
        ("What would happen if rates rise?", "The fall in rates goes on."),
        # nothing but the opposed word
        ("Why did it stop?", "It continues."),
        ("Why?", "It continues."),
    ],
)
def test_nothing_is_denied(question: str, sentence: str) -> None:
    assert not denies(question, sentence)


def test_the_rest_of_the_question_must_be_covered() -> None:
    question, sentence = analyse("Why did the bank cut rates?"), "The tide raises boats."
    for covered, expected in ((0.9, True), (0.51, True), (0.5, False), (0.1, False)):
        similar = np.array([covered, 0.0, covered], dtype=np.float32)  # bank, cut, rates: "cut" itself does not count
        assert contradicts(question, sentence, similar) is expected


def test_hostile_text() -> None:
    in_time(lambda text: denies("Why did the bank cut rates?", text), hostile())
    in_time(lambda text: denies(text, "The bank raised rates."), hostile(2_000))
