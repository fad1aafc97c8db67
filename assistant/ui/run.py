"""The server itself: the page up as soon as the report is read, the model loading behind it, Ctrl-C at the end."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from contextlib import closing, suppress

import uvicorn

from assistant.settings import Settings
from assistant.ui.api import came_late
from assistant.ui.app import create_app
from assistant.ui.desk import Desk
from assistant.ui.ending import leave_threads
from assistant.ui.feedback import FeedbackFile
from assistant.ui.opening import open_desk
from assistant.ui.password import Gate
from index.report import Report

# Seconds that open connections may take to end once the server is told to stop. The page keeps one open for as long as
# it is shown, so waiting longer would only keep the person at the terminal waiting.
_GRACE = 1


def run(settings: Settings, listening: socket.socket, address: str, gate: Gate | None) -> None:
    """Serve on a listening socket until interrupted; ``gate`` asks for a password. The process may end here.

    Raises:
        AssistantError: the report cannot be read, or the assistant cannot be opened.
    """
    desk, report = open_desk(settings)
    with suppress(KeyboardInterrupt), closing(desk):  # uvicorn raises it again once it has stopped
        asyncio.run(_serve(desk, report, settings, listening, address, gate))
    if desk.error is not None:
        raise desk.error
    leave_threads()


async def _serve(
    desk: Desk, report: Report, settings: Settings, listening: socket.socket, address: str, gate: Gate | None
) -> None:
    feedback = FeedbackFile(settings.feedback_file)
    app = await create_app(desk, report, host=settings.host, feedback=feedback, gate=gate)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, ws="none", timeout_graceful_shutdown=_GRACE
    )
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    server = _Server(config, lambda: _begin(desk, address))
    desk.on_failure = server.stop
    await server.serve(sockets=[listening])


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a log line tells the person at the terminal something.

    A page that is still shown holds a connection open, which is cancelled at every Ctrl-C; and Gradio finds out late
    that it does not know a session. Both come with a traceback, if let.
    """
    error = record.exc_info[1] if record.exc_info else None
    expected = isinstance(error, asyncio.CancelledError) or came_late(error)
    return not expected and "timeout graceful shutdown exceeded" not in record.getMessage()


class _Server(uvicorn.Server):
    """A server that says when it can be reached."""

    def __init__(self, config: uvicorn.Config, on_start: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_start()

    def stop(self) -> None:
        """End soon; may be called from any thread."""
        self.should_exit = True


def _begin(desk: Desk, address: str) -> None:
    print(f"The chat page is at {address} (Ctrl-C stops it)", flush=True)
    desk.start()
