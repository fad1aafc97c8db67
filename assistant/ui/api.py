"""The HTTP interface for programs: ``/api/ask``, its stream, and the two health routes."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from assistant.ui.desk import Busy, Desk
from index.errors import AssistantError

MAX_HISTORY = 200
MAX_SAID = 50_000

logger = logging.getLogger(__name__)


class Said(BaseModel):
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: Annotated[str, Field(max_length=MAX_SAID)]


class AskBody(BaseModel):
    """A question and the conversation before it. The question's own limits are the assistant's."""

    model_config = ConfigDict(extra="forbid")

    question: str
    history: Annotated[list[Said], Field(max_length=MAX_HISTORY)] = []

    def said(self) -> list[dict[str, str]]:
        """The history as the assistant takes it."""
        return [message.model_dump() for message in self.history]


class CitationOut(BaseModel):
    """A citation in an answer: ``report.text[start:end] == quote``."""

    number: int
    quote: str
    section: str
    start: int
    end: int
    score: float
    report: str
    sha256: str


class VerificationOut(BaseModel):
    """What became of the sentences that an LLM wrote."""

    written: int
    passed: int
    repaired: int
    dropped: int


class AnswerOut(BaseModel):
    """An answer, for the interface's description; see ``assistant.Answer`` for what the fields mean."""

    text: str
    status: Literal["answered", "not_in_report", "contradicted", "off_topic"]
    citations: list[CitationOut]
    question: str
    confidence: float
    engine: str
    timings: dict[str, float]
    suggestions: list[str]
    verification: VerificationOut | None
    notice: str
    prompts: str


class Problem(BaseModel):
    """What went wrong, in one line."""

    error: str


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {"model": Problem, "description": description}
    for code, description in {
        400: "The body is not JSON.",
        401: "Where the server has a password file: the name or the password is missing or wrong.",
        413: "The body is too large.",
        422: "The question or the history cannot be used.",
        429: "Too many attempts with a wrong password.",
        500: "The question could not be answered.",
        503: "Too many questions at once, or the assistant could not be opened.",
    }.items()
}


def api_routes(desk: Desk) -> APIRouter:
    """The routes over a desk."""
    routes = APIRouter()

    @routes.post("/api/ask", responses={200: {"model": AnswerOut}, **_PROBLEMS}, response_model=None)
    async def ask(body: AskBody) -> JSONResponse:
        """Answer a question from the report, with citations exact to the sentence."""
        return JSONResponse((await desk.ask(body.question, body.said())).as_dict())

    @routes.post(
        "/api/ask/stream",
        responses={200: {"content": {"text/event-stream": {}}, "description": "Events"}, **_PROBLEMS},
        response_model=None,
    )
    async def ask_stream(body: AskBody) -> StreamingResponse:
        """The same answer as server-sent events.

        ``piece`` events carry ``{"text": ...}``, the answer's text bit by bit; one ``answer`` event ends the stream
        with what ``/api/ask`` returns, or one ``error`` event with ``{"error": ...}``.
        """
        events = _events(desk, body)
        # The first event is fetched before the response starts, so that a bad question has a status of its own.
        first = await anext(events)
        return StreamingResponse(_chain(first, events), media_type="text/event-stream", headers=_NO_BUFFERING)

    @routes.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process lives."""
        return {"status": "ok"}

    @routes.get("/readyz", response_model=None, responses={503: {"description": "Not yet, or not at all."}})
    async def readyz() -> JSONResponse:
        """Whether a question would be answered now."""
        body: dict[str, str] = {"status": desk.state}
        if desk.error is not None:
            body["error"] = _one_line(desk.error)
        return JSONResponse(body, 200 if desk.state == "ready" else 503)

    return routes


_NO_BUFFERING = {"cache-control": "no-store", "x-accel-buffering": "no"}


async def _events(desk: Desk, body: AskBody) -> AsyncIterator[bytes]:
    started = False
    try:
        async for piece in desk.stream(body.question, body.said()):
            yield _event("piece", {"text": piece}) if isinstance(piece, str) else _event("answer", piece.as_dict())
            started = True
    except Exception as error:
        if not started:
            raise
        yield _event("error", {"error": problem(error)[1]})


async def _chain(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for event in rest:
        yield event


def _event(name: str, data: Mapping[str, object]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def problem(error: BaseException) -> tuple[int, str]:
    """HTTP status and one line for the user; what nobody foresaw goes to the log and stays out of the line."""
    if isinstance(error, Busy):
        return 503, _one_line(error)
    if isinstance(error, AssistantError) and isinstance(error, ValueError):  # InvalidQuestion
        return 422, _one_line(error)
    if isinstance(error, AssistantError):
        return 503, _one_line(error)
    logger.error("a question failed", exc_info=error)
    return 500, "The question could not be answered because of an internal error; the server's log has the details."


def came_late(error: BaseException | None) -> bool:
    """Whether an error came when the response had begun, and says no more than that: so end Gradio's streams of events
    for a session that it does not know, after they have said so.
    """
    return isinstance(error, RuntimeError) and "response already started" in str(error)


def invalid(found: Mapping[str, Any]) -> str:
    """What pydantic found wrong with a request, in one line: where, and what."""
    return f"{'.'.join(str(part) for part in found['loc']) or 'the body'}: {found['msg']}."


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


def handle_errors(app: FastAPI) -> None:
    """Make every error of the API one line of JSON, ``{"error": ...}``."""

    @app.exception_handler(RequestValidationError)
    async def unprocessable(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # as registered
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return JSONResponse({"error": 'The body must be JSON: {"question": "…", "history": [...]}.'}, 400)
        return JSONResponse({"error": invalid({**first, "loc": first["loc"][1:]})}, 422)

    @app.exception_handler(AssistantError)
    @app.exception_handler(Exception)
    async def failed(_: Request, error: Exception) -> JSONResponse:
        status, line = (500, "") if came_late(error) else problem(error)
        return JSONResponse({"error": line}, status, {"retry-after": "5"} if status == 503 else None)

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # as registered
        return JSONResponse({"error": str(error.detail)}, error.status_code, error.headers)
