"""The web application: the API, the page with its files, and Gradio's chat, all behind one guard."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.resources import files

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp

from assistant.ui.api import api_routes, handle_errors
from assistant.ui.desk import Desk
from assistant.ui.feedback import FeedbackFile
from assistant.ui.guard import KEPT_FILES, Guard
from assistant.ui.keeping import keeping_routes
from assistant.ui.page import front_end, mount_page
from assistant.ui.password import Gate
from assistant.ui.shell import shell_html
from assistant.ui.tools import Tools, over_http
from index.report import Report

_STATIC = {
    "page.js": "text/javascript",
    "report.js": "text/javascript",
    "find.js": "text/javascript",
    "keep.js": "text/javascript",
    "conversation.js": "text/javascript",
    "page.css": "text/css",
    "report.css": "text/css",
    "keep.css": "text/css",
    "icon.svg": "image/svg+xml",
}


async def create_app(
    desk: Desk, report: Report, *, host: str, feedback: FeedbackFile, gate: Gate | None = None
) -> ASGIApp:
    """The application over a desk that answers from ``report``, for a server that listens on ``host``; ``gate`` asks
    for a password.

    What people think of answers goes to ``feedback``.

    A coroutine, to be run in the loop that serves: outside of one Gradio opens a loop for each of its locks and leaves
    it open.
    """
    manager, tools = over_http(Tools(desk, report).server())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with manager.run():
            yield

    app = FastAPI(
        title="report-assistant",
        description="Questions and answers over a report, with citations exact to the sentence.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
    )
    handle_errors(app)
    app.include_router(api_routes(desk))
    app.include_router(keeping_routes(report, feedback))
    app.router.routes.append(Route("/mcp", endpoint=tools, methods=["POST"]))
    _refuse_streams(app)
    static = {name: files("assistant.ui").joinpath("static", name).read_bytes() for name in _STATIC}
    assets = f"{KEPT_FILES}{hashlib.sha256(b''.join(static.values())).hexdigest()[:16]}"
    for name, body in static.items():
        _serve(app, f"{assets}/{name}", body, _STATIC[name])
    _serve(app, "/", _page(report, feedback, assets.removeprefix("/")), "text/html", {"cache-control": "no-cache"})
    mount_page(app, desk, report)
    return Guard(app, host=host, gate=gate)


def _refuse_streams(app: FastAPI) -> None:
    """What the tools' protocol asks of a server that never speaks first and keeps no sessions."""

    @app.api_route("/mcp", methods=["GET", "DELETE"], include_in_schema=False)
    async def refuse() -> None:
        raise HTTPException(405, "Only POST is answered here.", {"allow": "POST"})


def _page(report: Report, feedback: FeedbackFile, assets: str) -> bytes:
    script, style = front_end()
    page = shell_html(report, assets=assets, gradio_script=script, gradio_style=style, feedback_file=str(feedback.path))
    return page.encode("utf-8", "replace")


def _serve(app: FastAPI, path: str, body: bytes, media_type: str, caching: Mapping[str, str] = {}) -> None:
    """Something that stays the same as long as the server runs."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, **caching}

    @app.get(path, include_in_schema=False)
    async def get(request: Request) -> Response:
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=media_type, headers=headers)
