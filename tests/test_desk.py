"""Questions to offer, at the desk: a courtesy that neither breaks nor delays an answer."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from typing import Any, cast

import pytest

from assistant import Answer, Assistant
from assistant.ui.desk import Desk

QUESTION = "How large is the fund?"


class Changed:
    """The assistant with another way to look a question up."""

    def __init__(self, bot: Assistant, **methods: Any) -> None:
        self._bot = bot
        self._methods = methods

    def __getattr__(self, name: str) -> Any:
        return self._methods.get(name) or getattr(self._bot, name)


def opened(bot: Assistant, **methods: Any) -> Desk:
    desk = Desk(lambda note: cast(Assistant, Changed(bot, **methods)))
    desk.offering = True
    desk.start()
    while not desk.topics_known:
        time.sleep(0.01)
    return desk


def test_offers_that_fail_leave_the_answers_alone(bot: Assistant, caplog: pytest.LogCaptureFixture) -> None:
    def broken(question: str) -> Answer:
        raise ZeroDivisionError

    with caplog.at_level(logging.CRITICAL):
        desk = opened(bot, look_up=broken)
        answer = asyncio.run(desk.ask(QUESTION))
        assert asyncio.run(desk.follow_ups(answer, [QUESTION], [], 3)) == ()
    assert (desk.state, desk.topics) == ("ready", ())
    assert answer.text == bot.ask(QUESTION).text


def test_nothing_is_offered_while_another_question_is_answered(bot: Assistant) -> None:
    gate = threading.Event()

    def slow(question: str, history: object) -> Answer:
        assert gate.wait(30)
        return bot.ask(question)

    async def both(desk: Desk, answer: Answer) -> tuple[tuple[str, ...], tuple[str, ...]]:
        other = asyncio.create_task(desk.ask(QUESTION))
        await asyncio.sleep(0)
        meanwhile = await desk.follow_ups(answer, [QUESTION], [], 3)
        gate.set()
        await other
        return meanwhile, await desk.follow_ups(answer, [QUESTION], [], 3)

    meanwhile, afterwards = asyncio.run(both(opened(bot, ask=slow), bot.ask(QUESTION)))
    assert meanwhile == ()
    assert len(afterwards) == 3


def test_what_was_offered_is_offered_again_only_where_nothing_else_is_left(bot: Assistant) -> None:
    desk, answer = opened(bot), bot.ask(QUESTION)
    begin = [question for topic in desk.topics for question in topic.questions]
    first = asyncio.run(desk.follow_ups(answer, [QUESTION], [], 3))
    second = asyncio.run(desk.follow_ups(answer, [QUESTION], first, 3))
    assert not set(first) & set(second)
    everything = [*begin, *first, *second]
    assert set(asyncio.run(desk.follow_ups(answer, [QUESTION], everything, 100))) >= set(begin)
    assert begin[0] not in asyncio.run(desk.follow_ups(answer, [QUESTION, begin[0]], everything, 100))


def test_nothing_is_looked_up_where_nobody_sees_it(bot: Assistant) -> None:
    looked_up: list[str] = []
    desk = Desk(lambda note: cast(Assistant, Changed(bot, look_up=looked_up.append)))
    desk.start()
    answer = asyncio.run(desk.ask(QUESTION))
    assert asyncio.run(desk.follow_ups(answer, [QUESTION], [], 3)) == ()
    assert (looked_up, desk.topics) == ([], ())
