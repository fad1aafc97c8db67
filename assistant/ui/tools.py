"""The same questions for programs that speak the Model Context Protocol: ``ask``, ``search`` and ``read_section``.

The only module that imports ``mcp``. Its low-level server is used: the high-level one sets up the logging of the whole
process, and words errors in its own way.
"""

from __future__ import annotations

import asyncio
import difflib
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Annotated, Any

from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from mcp.types import CallToolResult, ListToolsResult, TextContent, Tool, ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.engine import check_question
from assistant.errors import InvalidQuestion
from assistant.ui.api import AnswerOut, AskBody, invalid, problem
from assistant.ui.desk import Desk
from assistant.ui.ending import leave_threads
from index.report import Report, Section

MAX_HITS = 50
MAX_READ = 20_000
"""Characters of a section in one answer; a longer one is read in pieces."""

_INTERRUPTED = 130  # the exit code of the other commands


class SearchBody(BaseModel):
    """What to look for; the query's own limits are those of a question."""

    model_config = ConfigDict(extra="forbid")

    query: str
    limit: Annotated[int, Field(ge=1, le=MAX_HITS)] = 10


class Hit(BaseModel):
    """A sentence that was found: ``report.text[start:end] == quote``; ``score`` has no unit, higher is better."""

    quote: str
    section: str
    section_number: int
    start: int
    end: int
    score: float


class HitsOut(BaseModel):
    """The sentences nearest to a query, best first."""

    hits: list[Hit]
    report: str
    sha256: str


class SectionBody(BaseModel):
    """Which section, by title or by the number that search gives, and from which of its characters on."""

    model_config = ConfigDict(extra="forbid")

    section: str | int
    offset: Annotated[int, Field(ge=0)] = 0


class SectionOut(BaseModel):
    """A section's text from an offset on: ``report.text[start:end] == text``; ``next_offset`` where there is more."""

    title: str
    number: int
    text: str
    start: int
    end: int
    next_offset: int | None
    report: str
    sha256: str


@dataclass(frozen=True)
class _Tool:
    meaning: str
    takes: type[BaseModel]
    gives: type[BaseModel]
    run: Callable[[Any], Awaitable[dict[str, Any]]]


class Tools:
    """The three tools over a desk that answers from ``report``."""

    def __init__(self, desk: Desk, report: Report) -> None:
        self._desk = desk
        self._report = report
        self._tools = {
            "ask": _Tool(
                "Answer a question from the report. Every [n] in the text has its citation, a sentence of the report "
                "with its place. A status other than 'answered' means that the report does not say it.",
                AskBody,
                AnswerOut,
                self._ask,
            ),
            "search": _Tool(
                "The report's sentences nearest to a query, best first, without judging whether they answer it.",
                SearchBody,
                HitsOut,
                self._search,
            ),
            "read_section": _Tool(
                f"The text of a section, by title or number; at most {MAX_READ:,} characters, more from next_offset.",
                SectionBody,
                SectionOut,
                self._read_section,
            ),
        }

    def server(self) -> Server[Any]:
        """The tools as a server of the protocol, for any of its transports."""
        titles = "; ".join(section.title for section in self._report.sections if section.title)
        return Server(
            "report-assistant",
            title=f"report-assistant: {self._report.title}",
            instructions=f"Questions about the report “{self._report.title}”. Its sections: {titles[:4000] or 'none'}.",
            on_list_tools=self._list,
            on_call_tool=self._call,
        )

    async def _list(self, *_: object) -> ListToolsResult:
        return ListToolsResult(
            tools=[
                Tool(
                    name=name,
                    description=tool.meaning,
                    input_schema=tool.takes.model_json_schema(),
                    output_schema=tool.gives.model_json_schema(mode="serialization"),
                    annotations=ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
                )
                for name, tool in self._tools.items()
            ]
        )

    async def _call(self, _: object, params: Any) -> CallToolResult:
        tool = self._tools.get(params.name)
        if tool is None:
            return _failed(f"There is no tool {params.name[:100]!r}; there are {', '.join(self._tools)}.")
        try:
            found = await tool.run(tool.takes.model_validate(params.arguments or {}))
        except ValidationError as error:
            return _failed(invalid(error.errors()[0]))
        except Exception as error:  # noqa: BLE001 - problem() tells the foreseen from the rest and logs the rest
            return _failed(problem(error)[1])
        text = json.dumps(found, ensure_ascii=False)
        return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=found)

    async def _ask(self, body: AskBody) -> dict[str, Any]:
        return (await self._desk.ask(body.question, body.said())).as_dict()

    async def _search(self, body: SearchBody) -> dict[str, Any]:
        query, _ = check_question(body.query, ())
        ranked = await self._desk.rank(query)
        return HitsOut(
            hits=[self._hit(number, score) for number, score in ranked[: body.limit]], **self._source()
        ).model_dump()

    def _hit(self, number: int, score: float) -> Hit:
        sentence = self._report.sentences[number]
        section = self._report.section_of(sentence)
        return Hit(
            quote=self._report.quote(sentence),
            section=section.title,
            section_number=section.number,
            start=sentence.start,
            end=sentence.end,
            score=score,
        )

    async def _read_section(self, body: SectionBody) -> dict[str, Any]:
        section = self._find(body.section)
        start = min(section.start + body.offset, section.end)
        end = min(start + MAX_READ, section.end)
        return SectionOut(
            title=section.title,
            number=section.number,
            text=self._report.text[start:end],
            start=start,
            end=end,
            next_offset=end - section.start if end < section.end else None,
            **self._source(),
        ).model_dump()

    def _find(self, wanted: str | int) -> Section:
        """A section by number or title; of several with one title the first.

        Raises:
            InvalidQuestion: there is none.
        """
        sections = self._report.sections
        by_title = {_plain(section.title): section for section in reversed(sections)}
        name = str(wanted)
        if isinstance(wanted, str) and _plain(wanted) in by_title:
            return by_title[_plain(wanted)]
        if name.isascii() and name.isdecimal() and len(name) < 10 and int(name) < len(sections):
            return sections[int(name)]
        nearest = difflib.get_close_matches(_plain(name[:200]), by_title, n=1, cutoff=0.0)
        near = f"; the nearest title is {by_title[nearest[0]].title!r}" if nearest and nearest[0] else ""
        raise InvalidQuestion(f"there is no section {name[:100]!r}{near}; the numbers go from 0 to {len(sections) - 1}")

    def _source(self) -> dict[str, str]:
        return {"report": self._report.title, "sha256": self._report.sha256}


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()


def _failed(line: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=line)], is_error=True)


def over_http(server: Server[Any]) -> tuple[StreamableHTTPSessionManager, StreamableHTTPASGIApp]:
    """The server over HTTP: what has to run while it is served, and the application to put at its address.

    Without sessions: each request stands alone, so there is nothing to run out of and nothing to mix up. Host names
    are checked by the guard before all routes.
    """
    manager = StreamableHTTPSessionManager(app=server, json_response=True, stateless=True)
    return manager, StreamableHTTPASGIApp(manager)


def over_stdio(desk: Desk, report: Report) -> None:
    """Serve on standard input and output until the input ends, in the main thread; the desk is started and closed
    here. Ctrl-C ends the process, and so may the end of the input.
    """

    async def serve() -> None:
        server = Tools(desk, report).server()
        async with stdio_server() as (reading, writing):
            desk.start()
            await server.run(reading, writing, server.create_initialization_options())

    # The thread that waits for the next line of input cannot be woken, and Python would wait for it at the end.
    signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
    if sys.stdin.isatty():
        print("Waiting for a program that speaks MCP on standard input (Ctrl-C stops it)", file=sys.stderr)
    with closing(desk):
        asyncio.run(serve())
    leave_threads()
