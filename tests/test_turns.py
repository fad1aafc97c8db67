from __future__ import annotations

import json

import pytest

from assistant import Assistant
from assistant.ui.turns import MAX_SAID, MAX_TURNS, Said, Turn, history, read_said, read_turns

QUESTION = "How large is the fund?"


@pytest.fixture(scope="module")
def turn(bot: Assistant) -> Turn:
    return Turn(question=QUESTION, answer=bot.ask(QUESTION).as_dict())


def test_what_is_kept_comes_back(turn: Turn, bot: Assistant) -> None:
    turns = [turn, Turn(question="Stopped?")]
    kept = [each.model_dump() for each in turns]
    assert read_turns(kept) == read_turns(json.dumps(kept)) == turns
    answer = turn.read_answer(bot.report)
    assert answer is not None
    assert answer.as_dict() == turn.answer
    assert turns[1].read_answer(bot.report) is None


def test_a_forged_quote_is_not_shown(turn: Turn, bot: Assistant) -> None:
    forged = turn.model_copy(deep=True)
    assert forged.answer is not None
    forged.answer["citations"][0]["quote"] = "The fund is empty."
    assert forged.read_answer(bot.report) is None
    forged.answer["citations"] = "none"
    assert forged.read_answer(bot.report) is None


def test_an_answer_from_another_report_is_not_shown(turn: Turn, bot: Assistant) -> None:
    other = turn.model_copy(deep=True)
    assert other.answer is not None
    other.answer["citations"][0]["sha256"] = "0" * 64
    assert other.read_answer(bot.report) is None


NONSENSE: list[object] = [None, "all", 5, {}, [5], [{"question": 5}], [{"question": "a" * 10_000}], [{}]]


@pytest.mark.parametrize("kept", NONSENSE)
def test_what_is_no_conversation_is_none(kept: object) -> None:
    assert [read_turns(kept), read_turns(json.dumps(kept)), read_said(json.dumps(kept))] == [[], [], []]


@pytest.mark.parametrize(
    "said", ["", "{", '[{"question": "Who?", "text": 5}]', f'[{{"text": "{"a" * (MAX_SAID + 1)}"}}]']
)
def test_what_was_not_said_is_none(said: str) -> None:
    assert read_said(said) == []


def test_old_turns_are_forgotten() -> None:
    turns = [Turn(question=f"Question {number}?") for number in range(MAX_TURNS + 5)]
    assert read_turns([each.model_dump() for each in turns]) == turns[5:]


def test_history_is_what_was_answered() -> None:
    said = read_said(json.dumps([{"question": QUESTION, "text": "Large."}, {"question": "Stopped?", "text": None}]))
    assert said == [Said(question=QUESTION, text="Large."), Said(question="Stopped?")]
    assert history(said) == [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "Large."}]
