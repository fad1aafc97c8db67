"""How an assistant is changed for a while: at its door, or inside the program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from assistant.answer import Answer
from eval.bots import OpenBot, open_assistant
from eval.run import Bot
from eval.targets import Target
from index.report import Report

History = Sequence[Mapping[str, str]]
# An answer, and the question and the history that it was given to, as another answer.
Change = Callable[[Answer, Report, str], Answer]
Opened = Callable[[], AbstractContextManager[OpenBot]]


@dataclass(frozen=True)
class Mutant:
    """A change: ``opened`` yields what opens changed assistants, ``expected`` what the gate may blame (the beginnings
    of its lines; any one will do). A harmless change expects nothing.
    """

    name: str
    opened: Opened
    expected: tuple[str, ...] = ()


class Changed:
    """An assistant whose answers are changed on their way out, and whose questions may be on their way in."""

    def __init__(self, bot: Bot, change: Change, ask: Callable[[Bot, str, History], Answer]) -> None:
        self._bot = bot
        self._change = change
        self._ask = ask

    @property
    def report(self) -> Report:
        """See :class:`eval.run.Bot`."""
        return self._bot.report

    def ask(self, question: str, history: History = ()) -> Answer:
        """See :class:`eval.run.Bot`."""
        return self._change(self._ask(self._bot, question, history), self.report, question)

    def rank(self, question: str) -> list[tuple[int, float]]:
        """See :class:`eval.run.Bot`."""
        return self._bot.rank(question)

    def close(self) -> None:
        """See :class:`eval.run.Bot`."""
        self._bot.close()


def _plain_ask(bot: Bot, question: str, history: History) -> Answer:
    return bot.ask(question, history=history)


def _as_it_is(answer: Answer, report: Report, question: str) -> Answer:
    return answer


def at_the_door(change: Change = _as_it_is, ask: Callable[[Bot, str, History], Answer] = _plain_ask) -> Opened:
    """Assistants that answer as always, the answers then changed; or that are asked in another way."""

    @contextmanager
    def opened() -> Iterator[OpenBot]:
        yield lambda target: Changed(open_assistant(target), change, ask)

    return opened


def inside(place: Callable[[], tuple[object, str, object]]) -> Opened:
    """Assistants opened and asked while an attribute is replaced: ``place`` gives owner, name and replacement.

    Raises:
        AttributeError: the owner has no such attribute any more (when it is opened).
    """

    @contextmanager
    def opened() -> Iterator[OpenBot]:
        with patch.object(*place()):
            yield open_assistant

    return opened


def over(open_bot: Callable[[Target], Bot]) -> Opened:
    """Assistants opened in another way."""

    @contextmanager
    def opened() -> Iterator[OpenBot]:
        yield open_bot

    return opened
