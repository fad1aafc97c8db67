"""The assistant behind the page: loaded in the background, and asked by so many at a time."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Literal

from fastapi.concurrency import iterate_in_threadpool, run_in_threadpool

from assistant.offers import Offers, Topic
from index.errors import AssistantError

if TYPE_CHECKING:
    from assistant import Answer, Assistant

    History = Sequence[dict[str, str]]
    Progress = Callable[[int, int], None]

State = Literal["loading", "ready", "failed"]

logger = logging.getLogger(__name__)


class Busy(AssistantError):
    """Too many questions at once; the same question may be asked again in a moment."""


class Desk:
    """Opens the assistant in a thread of its own and passes questions to it.

    ``workers`` questions are answered at a time (two: more only slow each other down on two cores) and ``waiting``
    more may queue; beyond that :class:`Busy` is raised at once. A question asked while the assistant still loads
    waits for it.
    """

    def __init__(
        self,
        open_assistant: Callable[[Progress], Assistant],
        *,
        workers: int = 2,
        waiting: int = 60,
    ) -> None:
        self._open_assistant = open_assistant
        self.on_failure: Callable[[], None] = lambda: None
        """Called, in the loading thread, when the assistant cannot be opened."""
        self._assistant: Assistant | None = None
        self._opened = threading.Event()
        self._working = asyncio.Semaphore(workers)
        self._capacity = workers + waiting
        self._inside = 0
        self.error: AssistantError | None = None
        self.progress: tuple[int, int] | None = None
        """How many of how many texts are embedded, where an index is being built."""
        self.offering = False
        """Whether to find questions to offer, once loaded; set before :meth:`start` by what shows them."""
        self._offers: Offers | None = None
        self.topics: tuple[Topic, ...] = ()
        """Questions to begin with, by topic: found once the assistant is open, one topic after the other."""
        self.topics_known = False
        """Whether :attr:`topics` is all that there is."""

    def start(self) -> None:
        """Begin to load."""
        threading.Thread(target=self._load, name="load-assistant", daemon=True).start()

    def _load(self) -> None:
        try:
            self._assistant = self._open_assistant(self._note)
        except AssistantError as error:
            self.error = error
        except Exception as error:  # a thread's exception would otherwise only be printed, and the page wait for ever
            logger.exception("the assistant could not be opened")
            self.error = AssistantError(f"The assistant could not be opened: {type(error).__name__}: {error}")
        self._opened.set()
        if self.error is not None:
            self.on_failure()
        self._find_topics()
        self.topics_known = True

    def _find_topics(self) -> None:
        """Ask what may be offered; questions of people take their turns in between."""
        if self._assistant is None or not self.offering:
            return
        try:
            self._offers = Offers(self._assistant.report, self._assistant.look_up)
            for topic in self._offers.topics():
                self.topics = (*self.topics, topic)
        except AssistantError:  # it was closed meanwhile
            return
        except Exception:  # offers are a courtesy: the page works without them
            logger.exception("no questions could be found to begin with")

    def _note(self, done: int, total: int) -> None:
        self.progress = (done, total)

    @property
    def state(self) -> State:
        """Whether a question would be answered now."""
        if not self._opened.is_set():
            return "loading"
        return "failed" if self.error else "ready"

    async def assistant(self) -> Assistant:
        """The assistant, once it is loaded.

        Raises:
            AssistantError: it could not be opened.
        """
        while not self._opened.is_set():  # polled: a thread parked on the event would be one fewer for the others
            await asyncio.sleep(0.05)
        if self._assistant is None:
            raise self.error or AssistantError("The assistant has been closed.")
        return self._assistant

    async def ask(self, question: str, history: History = ()) -> Answer:
        """An answer; raises what ``Assistant.ask`` raises, and :class:`Busy`."""
        async with self._place():
            bot = await self.assistant()
            async with self._working:
                return await run_in_threadpool(bot.ask, question, list(history))

    async def rank(self, question: str) -> list[tuple[int, float]]:
        """Numbers and scores of the report's sentences, best first; raises as :meth:`ask` does."""
        async with self._place():
            bot = await self.assistant()
            async with self._working:
                return await run_in_threadpool(bot.rank, question)

    async def stream(self, question: str, history: History = ()) -> AsyncIterator[str | Answer]:
        """The pieces of an answer's text, then the answer; raises as :meth:`ask` does."""
        async with self._place():
            bot = await self.assistant()
            async with self._working:
                pieces = bot.stream(question, list(history))
                try:
                    async for piece in iterate_in_threadpool(pieces):
                        yield piece
                finally:
                    _close(pieces)

    async def follow_ups(
        self, answer: Answer, asked: Sequence[str], offered: Sequence[str], count: int
    ) -> tuple[str, ...]:
        """Questions to offer after an answer: near it, else of those to begin with; none while others wait.

        What was ``asked`` in the conversation is not offered; what was ``offered`` before, only where nothing else is
        left.
        """
        if self._inside or self._offers is None:
            return ()
        try:
            near = await run_in_threadpool(self._offers.after, answer, [*asked, *offered], count)
        except Exception:  # the answer stands without them
            logger.exception("no questions could be found to go on with")
            near = ()
        begin = [question for topic in self.topics for question in topic.questions if question not in asked]
        fresh = [question for question in begin if question not in offered]
        return tuple(dict.fromkeys((*near, *fresh, *begin)))[:count]

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._inside >= self._capacity:
            raise Busy("Too many questions are being answered at the moment. Please ask again in a few seconds.")
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1

    def close(self) -> None:
        """Close the assistant, if it was opened."""
        if self._assistant is not None:
            self._assistant.close()


def _close(pieces: Iterator[object]) -> None:
    """Close a stream that its reader has left; one that still runs in its thread ends by itself."""
    if isinstance(pieces, Generator):
        with suppress(ValueError):  # "generator already executing"
            pieces.close()
