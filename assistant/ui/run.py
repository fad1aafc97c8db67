"""The server itself: the page up as soon as the report is read, the model loading behind it, Ctrl-C at the end."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from importlib.resources import as_file, files

import uvicorn

from assistant import Assistant
from assistant.progress import progress_bar
from assistant.settings import Settings
from assistant.ui.app import create_app
from assistant.ui.desk import Desk
from assistant.ui.feedback import FeedbackFile
from index.readers import read_report
from index.report import Report

# Seconds that open connections may take to end once the server is told to stop. The page keeps one open for as long as
# it is shown, so waiting longer would only keep the person at the terminal waiting.
_GRACE = 1


def run(settings: Settings, listening: socket.socket, address: str) -> None:
    """Serve on a listening socket until interrupted.

    Raises:
        AssistantError: the report cannot be read, or the assistant cannot be opened.
    """
    report = _read_report(settings)
    desk = Desk(lambda note: _open(settings, note))
    with suppress(KeyboardInterrupt), closing(desk):  # uvicorn raises it again once it has stopped
        asyncio.run(_serve(desk, report, settings, listening, address))
    if desk.error is not None:
        raise desk.error


async def _serve(desk: Desk, report: Report, settings: Settings, listening: socket.socket, address: str) -> None:
    app = await create_app(desk, report, host=settings.host, feedback=FeedbackFile(settings.feedback_file))
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, ws="none", timeout_graceful_shutdown=_GRACE
    )
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    server = _Server(config, lambda: _begin(desk, address))
    desk.on_failure = server.stop
    await server.serve(sockets=[listening])


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a log line tells the person at the terminal something.

    A page that is still shown holds a connection open, which is cancelled at every Ctrl-C: with a traceback, if let.
    """
    cancelled = record.exc_info is not None and isinstance(record.exc_info[1], asyncio.CancelledError)
    return not cancelled and "timeout graceful shutdown exceeded" not in record.getMessage()


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


def _read_report(settings: Settings) -> Report:
    if settings.report is not None:
        return read_report(settings.report)
    with as_file(files("assistant").joinpath("data/report.md")) as path:
        return read_report(path)


def _open(settings: Settings, note: Callable[[int, int], None]) -> Assistant:
    with progress_bar() as advance:

        def progress(done: int, total: int) -> None:
            note(done, total)
            if advance is not None:
                advance(done, total)

        assistant = Assistant(settings=settings, progress=progress)
    assistant.warm_up()
    return assistant
