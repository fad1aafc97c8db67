"""What the page asks of the server besides answers: a conversation as a file, and a place for feedback.

Both are the page's own and no part of the interface for programs.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict

from assistant.ui.export import FORMS, file_name
from assistant.ui.feedback import FeedbackBody, FeedbackFile
from assistant.ui.turns import read_turns
from index.report import Report


class ExportBody(BaseModel):
    """The conversation as the browser keeps it."""

    model_config = ConfigDict(extra="forbid")

    turns: list[object]


def keeping_routes(report: Report, feedback: FeedbackFile) -> APIRouter:
    """The routes; their functions run in a thread, since both may take a while."""
    routes = APIRouter(prefix="/page", include_in_schema=False)

    @routes.post("/export/{form}", response_model=None)
    def export(form: Literal["markdown", "json", "page"], body: ExportBody) -> Response:
        suffix, media_type, write = FORMS[form]
        content = write(read_turns(body.turns), report).encode("utf-8", "replace")
        disposition = f"attachment; filename*=UTF-8''{quote(file_name(report, suffix))}"
        return Response(content, media_type=media_type, headers={"content-disposition": disposition})

    @routes.post("/feedback", response_model=None)
    def give_feedback(body: FeedbackBody) -> JSONResponse:
        feedback.add(body, report)
        return JSONResponse({"status": "saved"})

    return routes
