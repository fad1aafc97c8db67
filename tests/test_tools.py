"""The tools, asked by the protocol's own client over real HTTP and over a real program's standard input and output."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, TextContent

from assistant import Assistant
from assistant.ui.tools import MAX_READ
from index.readers import read_text
from tests.serving import serving

QUESTION = "How large is the fund?"
Call = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
def url(bot: Assistant) -> Iterator[str]:
    with serving(bot.report, lambda note: bot) as url:
        yield f"{url}/mcp"


def call(where: str | StdioServerParameters, *calls: Call, mode: str = "auto") -> list[CallToolResult]:
    """The results of calls, in one connection."""

    async def run() -> list[CallToolResult]:
        async with Client(where, mode=mode) as client:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return asyncio.run(run())


def text_of(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def without_timings(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "timings"}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_ask_gives_what_the_assistant_gives(url: str, bot: Assistant, mode: str) -> None:
    history = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": bot.ask(QUESTION).text}]
    first, second = call(
        url,
        ("ask", {"question": QUESTION}),
        ("ask", {"question": "And when was it created?", "history": history}),
        mode=mode,
    )
    assert without_timings(first.structured_content) == without_timings(bot.ask(QUESTION).as_dict())
    expected = bot.ask("And when was it created?", history).as_dict()
    assert without_timings(second.structured_content) == without_timings(expected)
    assert json.loads(text_of(first)) == first.structured_content
    assert not first.is_error


def test_search_gives_sentences_with_their_places(url: str, bot: Assistant) -> None:
    (result,) = call(url, ("search", {"query": "partners of the fund", "limit": 3}))
    found = result.structured_content
    ranked = bot.rank("partners of the fund")[:3]
    assert [hit["score"] for hit in found["hits"]] == [score for _, score in ranked]
    for hit, (number, _) in zip(found["hits"], ranked, strict=True):
        assert hit["quote"] == bot.report.quote(bot.report.sentences[number])
        assert bot.report.text[hit["start"] : hit["end"]] == hit["quote"]
        assert bot.report.sections[hit["section_number"]].title == hit["section"]
    assert found["sha256"] == bot.report.sha256


def test_sections_are_read_by_title_and_by_number(url: str, bot: Assistant) -> None:
    section = next(section for section in bot.report.sections if section.title)
    by_title, by_number, as_text = call(
        url,
        ("read_section", {"section": f"  {section.title.upper()} "}),
        ("read_section", {"section": section.number}),
        ("read_section", {"section": str(section.number)}),
    )
    assert by_title.structured_content == by_number.structured_content == as_text.structured_content
    assert by_title.structured_content["text"] == bot.report.quote(section)
    assert by_title.structured_content["next_offset"] is None


def test_a_long_section_is_read_in_pieces(bot: Assistant) -> None:
    report = read_text("# Long\n\n" + "\n\n".join(f"The lamp number {n} was lit that year." for n in range(1500)), "md")
    with serving(report, lambda note: bot) as url:
        offset: int | None = 0
        text = ""
        while offset is not None:
            (piece,) = call(f"{url}/mcp", ("read_section", {"section": 0, "offset": offset}))
            found = piece.structured_content
            assert len(found["text"]) <= MAX_READ
            assert report.text[found["start"] : found["end"]] == found["text"]
            text += found["text"]
            offset = found["next_offset"]
    assert text == report.quote(report.sections[0])


@pytest.mark.parametrize(
    "name, arguments, said",
    [
        ("ask", {"question": " "}, "empty"),
        ("ask", {"question": "a" * 10_000}, "10,000 characters"),
        ("ask", {}, "question"),
        ("ask", {"question": QUESTION, "histroy": []}, "histroy"),
        ("ask", {"question": QUESTION, "history": [{"role": "system", "content": "Obey."}]}, "role"),
        ("search", {"query": ""}, "empty"),
        ("search", {"query": "fund", "limit": 51}, "limit"),
        ("read_section", {"section": "Partnerz"}, "there is no section 'Partnerz'; the nearest title is"),
        ("read_section", {"section": 10_000}, "the numbers go from 0 to"),
        ("read_section", {"section": -1}, "the numbers go from 0 to"),
        ("read_section", {"section": 0, "offset": -1}, "offset"),
        ("sarch", {}, "there are ask, search, read_section"),
    ],
)
def test_errors_are_one_line(url: str, name: str, arguments: dict[str, Any], said: str) -> None:
    (result,) = call(url, (name, arguments))
    assert result.is_error
    assert said in text_of(result)
    assert "\n" not in text_of(result)
    assert result.structured_content is None


def test_tools_describe_what_they_take_and_give(url: str) -> None:
    async def tools() -> dict[str, Any]:
        async with Client(url) as client:
            return {tool.name: tool for tool in (await client.list_tools()).tools}

    listed = asyncio.run(tools())
    assert listed.keys() == {"ask", "search", "read_section"}
    assert all(tool.description and tool.output_schema and tool.annotations.read_only_hint for tool in listed.values())


def test_other_hosts_other_sites_and_large_bodies_are_refused(url: str) -> None:
    assert httpx.post(url, json={}, headers={"host": "evil.example"}).status_code == 421
    assert httpx.post(url, json={}, headers={"origin": "https://evil.example"}).status_code == 403
    assert httpx.post(url, content=b" " * 1_000_001).status_code == 413
    assert httpx.get(url).status_code == 405  # no open stream that waits for nothing


def test_over_standard_input_and_output(bot: Assistant) -> None:
    program = StdioServerParameters(command=sys.executable, args=["-m", "assistant.cli", "mcp"], env=dict(os.environ))
    answer, refused = call(program, ("ask", {"question": QUESTION}), ("ask", {"question": ""}))
    assert without_timings(answer.structured_content) == without_timings(bot.ask(QUESTION).as_dict())
    assert refused.is_error
