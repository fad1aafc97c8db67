"""Streaming from an OpenAI-compatible server; the only import of ``openai``.

Everything is bounded from outside, not by the library's own settings (ten minutes, twice over): a request runs in a
thread of its own under one deadline, which also ends a connection that is being made, a name that is looked up and
headers that come byte by byte. Whoever reads waits for no longer than the deadline, whatever the thread does.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import ssl
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, cast

from assistant.errors import AssistantError
from assistant.llm.errors import Kind, LLMFailure

if TYPE_CHECKING:
    import openai

HOSTED = "https://api.openai.com/v1"
KEY_VARIABLE = "OPENAI_API_KEY"
MAX_BYTES = 2_000_000
"""Bytes of one reply that are read, headers aside: some hundred times what an answer needs as events."""
RETRIES = 2
"""How often a busy server (429, 503) is asked again, where its Retry-After leaves time for it."""
LEAST_TIME = 0.5
"""Seconds that must be left after waiting for a busy server."""

Message = Mapping[str, str]

logger = logging.getLogger(__name__)


class ChatClient:
    """A model on a server. Neither its ``repr`` nor any error of it holds the key or what the server said.

    ``url`` None is OpenAI's own server, which needs a key; the key comes from ``OPENAI_API_KEY`` alone. Neither a
    proxy nor an address is taken from the environment: what is sent goes where the settings say.

    Raises:
        AssistantError: the ``openai`` package is not installed.
    """

    def __init__(self, model: str, url: str | None) -> None:
        try:
            import openai  # noqa: F401 -- whether it is there; it is imported in the thread that uses it
        except ImportError as error:
            raise AssistantError(
                "answers written by an LLM need the openai package: pip install 'report-assistant[llm]', or leave "
                "llm_model unset for the extractive answers"
            ) from error
        self.model = model
        self.url = url or HOSTED

    def __repr__(self) -> str:
        return f"ChatClient({self.model!r})"

    def stream(self, messages: Sequence[Message], deadline: float, max_tokens: int) -> Iterator[str]:
        """The pieces of a reply as they come.

        Args:
            messages: ``{"role": …, "content": …}``, in order.
            deadline: the time of :func:`time.monotonic` after which nobody waits.
            max_tokens: what the server is told that the reply may have at most.

        Raises:
            LLMFailure: there is no (further) piece, whatever the reason; what came before it was part of the reply.
        """
        key = os.environ.get(KEY_VARIABLE, "").strip()
        if not key and self.url == HOSTED:
            raise LLMFailure("no key")
        request = _Request(self.model, self.url, key, list(messages), deadline, max_tokens)
        request.start()
        try:
            yield from request.pieces()
        finally:
            request.cancel()


class _Request:
    """One request in its thread, and the queue of what it brings: pieces, then a failure or None."""

    def __init__(
        self, model: str, url: str, key: str, messages: list[Message], deadline: float, max_tokens: int
    ) -> None:
        self._model, self._url, self._key = model, url, key
        self._messages, self._deadline, self._max_tokens = messages, deadline, max_tokens
        self._queue: queue.SimpleQueue[str | LLMFailure | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._cancelled = False
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Task[None]] | None = None

    def start(self) -> None:
        threading.Thread(target=self._run, name="llm-request", daemon=True).start()

    def pieces(self) -> Iterator[str]:
        while True:
            left = self._deadline - time.monotonic()
            try:
                if left <= 0:  # what is there already is late, too: whoever reads may have been slow
                    raise queue.Empty
                item = self._queue.get(timeout=left)
            except queue.Empty:
                raise LLMFailure("late") from None
            if isinstance(item, LLMFailure):
                raise item
            if item is None:
                return
            yield item

    def cancel(self) -> None:
        """End the request, if it still runs; returns at once."""
        with self._lock:
            self._cancelled = True
            if self._running is not None:
                loop, task = self._running
                loop.call_soon_threadsafe(task.cancel)

    def _run(self) -> None:
        try:
            asyncio.run(self._bounded())
        except Exception:  # noqa: BLE001 -- a thread's error would otherwise be printed, with whatever it holds
            logger.debug("an LLM request ended in an unforeseen way")
            self._queue.put(LLMFailure("unreadable"))

    async def _bounded(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        with self._lock:
            if self._cancelled:
                return
            self._running = asyncio.get_running_loop(), task
        outcome: LLMFailure | None = None
        try:
            async with asyncio.timeout(max(0.0, self._deadline - time.monotonic())):
                await self._ask()
        except (TimeoutError, asyncio.CancelledError):
            outcome = LLMFailure("late")
        except LLMFailure as failure:
            outcome = failure
        except Exception as error:  # noqa: BLE001 -- sorted by _kind; the library raises its own, httpx's and json's
            outcome = LLMFailure(_kind(error))
        finally:
            with self._lock:
                self._running = None  # the loop ends: nothing may be called in it any more
            self._queue.put(outcome)

    async def _ask(self) -> None:
        import httpx2
        import openai

        async def bounded(response: httpx2.Response) -> None:
            if response.headers.get("content-encoding", "identity") != "identity":  # what it unpacks to is not bounded
                raise LLMFailure("unreadable")
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            response.stream = _Counted(response.stream)

        class _Counted(httpx2.AsyncByteStream):
            """A reply's bytes, no more of them than an answer needs."""

            def __init__(self, stream: httpx2.AsyncByteStream) -> None:
                self._stream = stream

            async def __aiter__(self) -> AsyncIterator[bytes]:
                count = 0
                async for piece in self._stream:
                    count += len(piece)
                    if count > MAX_BYTES:
                        raise LLMFailure("too long")
                    yield piece

            async def aclose(self) -> None:
                await self._stream.aclose()

        http = openai.DefaultAsyncHttpxClient(
            trust_env=False, follow_redirects=False, timeout=None, event_hooks={"response": [bounded]}
        )
        async with openai.AsyncOpenAI(
            base_url=self._url,
            api_key=self._key or "none",
            max_retries=0,
            timeout=None,
            http_client=http,
            default_headers={"Accept-Encoding": "identity"},
        ) as client:
            async for piece in self._reply(client):
                self._queue.put(piece)

    async def _opened(self, client: openai.AsyncOpenAI) -> openai.AsyncStream[Any]:
        """The stream of a reply, a busy server asked again where there is time for it."""
        import openai

        options: dict[str, Any] = {"temperature": 0, "max_tokens": self._max_tokens}
        retries = 0
        while True:
            try:
                stream: openai.AsyncStream[Any] = await client.chat.completions.create(
                    model=self._model, messages=cast("Any", self._messages), stream=True, **options
                )
                return stream
            except openai.BadRequestError:
                if "max_tokens" not in options:
                    raise
                # newer models take neither: their own temperature alone, and the limit under another name
                options = {"max_completion_tokens": self._max_tokens}
            except (openai.RateLimitError, openai.InternalServerError) as error:
                wait = _retry_after(error.response.headers.get("retry-after"))
                if error.status_code not in (429, 503) or wait is None or retries == RETRIES:
                    raise
                if time.monotonic() + wait + LEAST_TIME > self._deadline:
                    raise
                retries += 1
                await asyncio.sleep(wait)

    async def _reply(self, client: openai.AsyncOpenAI) -> AsyncIterator[str]:
        """The pieces of the reply."""
        stream = await self._opened(client)
        async with stream:
            async for chunk in stream:
                choices = chunk.choices or []
                piece = choices[0].delta.content if choices and choices[0].delta else None
                if piece:
                    if not isinstance(piece, str):
                        raise LLMFailure("unreadable")
                    yield piece


def _retry_after(value: str | None) -> float | None:
    """The seconds that a Retry-After header asks to wait (RFC 9110, 10.2.3); None where it cannot be read."""
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def _kind(error: BaseException) -> Kind:
    """What an error of the library, or of what is below it, means for us."""
    import openai

    if isinstance(error, openai.APIStatusError):
        by_status: Mapping[int, Kind] = {
            401: "key refused",
            403: "key refused",
            404: "no such model",
            429: "busy",
            503: "busy",
        }
        status = error.status_code
        return by_status.get(status, "server error" if status >= 500 else "refused")
    seen: BaseException | None = error
    while seen is not None:  # the library wraps what it met
        if isinstance(seen, LLMFailure):
            return seen.kind
        if isinstance(seen, ssl.SSLError):
            return "certificate"
        seen = seen.__cause__ or seen.__context__
    if isinstance(error, openai.APITimeoutError):
        return "late"
    if isinstance(error, openai.APIConnectionError):
        return "unreachable"
    if type(error) is openai.APIError:  # an error event in the stream
        return "server error"
    return "unreadable"
