"""The web application: the API, the page with its files, and Gradio's chat, all behind one guard."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.types import ASGIApp

from assistant.ui.api import api_routes, handle_errors
from assistant.ui.desk import Desk
from assistant.ui.feedback import FeedbackFile
from assistant.ui.guard import Guard
from assistant.ui.keeping import keeping_routes
from assistant.ui.page import front_end, mount_page
from assistant.ui.shell import shell_html
from index.report import Report

_STATIC = {
    "page.js": "text/javascript",
    "report.js": "text/javascript",
    "find.js": "text/javascript",
    "keep.js": "text/javascript",
    "page.css": "text/css",
    "keep.css": "text/css",
    "icon.svg": "image/svg+xml",
}


async def create_app(desk: Desk, report: Report, *, host: str, feedback: FeedbackFile) -> ASGIApp:
    """The application over a desk that answers from ``report``, for a server that listens on ``host``.

    What people think of answers goes to ``feedback``.

    A coroutine, to be run in the loop that serves: outside of one Gradio opens a loop for each of its locks and leaves
    it open.
    """
    app = FastAPI(
        title="report-assistant",
        description="Questions and answers over a report, with citations exact to the sentence.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    handle_errors(app)
    app.include_router(api_routes(desk))
    app.include_router(keeping_routes(report, feedback))
    _serve_page(app, report, feedback)
    for name, media_type in _STATIC.items():
        _serve_file(app, name, media_type)
    mount_page(app, desk, report)
    return Guard(app, host=host)


def _serve_page(app: FastAPI, report: Report, feedback: FeedbackFile) -> None:
    """The page's document; the browser keeps it and asks only whether it changed."""
    script, style = front_end()
    document = shell_html(report, gradio_script=script, gradio_style=style, feedback_file=str(feedback.path))
    body = document.encode("utf-8", "replace")
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": "no-cache"}

    @app.get("/", include_in_schema=False)
    async def get_page(request: Request) -> Response:
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="text/html", headers=headers)


def _serve_file(app: FastAPI, name: str, media_type: str) -> None:
    body = files("assistant.ui").joinpath("static", name).read_bytes()

    @app.get(f"/page/{name}", include_in_schema=False)
    async def get_file() -> Response:
        return Response(body, media_type=media_type, headers={"cache-control": "no-cache"})
