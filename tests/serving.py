"""A real server in this process, for tests that need one of their own making."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from assistant import Assistant
from assistant.ui.app import create_app
from assistant.ui.desk import Desk
from assistant.ui.feedback import FeedbackFile
from assistant.ui.password import Gate
from assistant.ui.server import listen
from index.report import Report

Opener = Callable[[Callable[[int, int], None]], Assistant]


@contextmanager
def serving(
    report: Report,
    open_assistant: Opener,
    *,
    port: int = 0,
    waiting: int = 60,
    feedback: Path = Path(os.devnull),
    gate: Gate | None = None,
) -> Iterator[str]:
    """Serve ``report`` on loopback and yield the address; ``open_assistant`` runs once the server answers."""
    desk = Desk(open_assistant, waiting=waiting)

    async def create() -> ASGIApp:
        return await create_app(desk, report, host="127.0.0.1", feedback=FeedbackFile(feedback), gate=gate)

    with serving_app(create, port=port) as url:
        desk.start()
        yield url


@contextmanager
def serving_app(create: Callable[[], Coroutine[Any, Any, ASGIApp]], *, port: int = 0) -> Iterator[str]:
    """Serve what ``create`` makes, in the loop that it is made in, and yield the address."""
    servers: list[uvicorn.Server] = []

    async def serve(listening: socket.socket) -> None:
        config = uvicorn.Config(await create(), log_level="warning", ws="none", timeout_graceful_shutdown=1)
        servers.append(uvicorn.Server(config))
        await servers[0].serve(sockets=[listening])

    with listen("127.0.0.1", port) as listening:
        thread = threading.Thread(target=lambda: asyncio.run(serve(listening)), daemon=True)
        thread.start()
        while not (servers and servers[0].started):
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            servers[0].should_exit = True
            thread.join()


class Gated:
    """An assistant some of whose work, which a subclass says, waits for a gate."""

    def __init__(self, bot: Assistant, gate: threading.Event) -> None:
        self._bot = bot
        self._gate = gate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bot, name)
