"""What the server does whoever asks, through whichever of its routes: the API's, Gradio's, the tools'."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import httpx
import pytest
from gradio_client import Client as GradioClient  # type: ignore[import-untyped]
from gradio_client.exceptions import AppError  # type: ignore[import-untyped]
from mcp import Client
from mcp.types import TextContent

from assistant import Assistant
from assistant.ui.guard import HEADERS, MAX_BODY_BYTES
from eval.load import Busy, Page
from eval.served import ServedError
from tests.serving import serving

T = TypeVar("T")

QUESTION = "How large is the fund?"
TOO_LONG = "Is it long? " * 1000
GRADIO_POSTS = ("queue/join", "call/ask", "run/predict", "api/ask", "cancel", "reset")


@pytest.fixture(scope="module")
def url(bot: Assistant) -> Iterator[str]:
    with serving(bot.report, lambda note: bot) as url:
        httpx.post(f"{url}/api/ask", json={"question": QUESTION}, timeout=60)  # waits until the assistant is there
        yield url


def on_page(url: str, act: Callable[[httpx.AsyncClient, Page], Awaitable[T]]) -> T:
    """What comes of acting as the page's front end does."""

    async def run() -> T:
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            return await act(client, Page((await client.get("/config")).json()))

    return asyncio.run(run())


def test_every_response_has_the_security_headers(url: str) -> None:
    with httpx.Client(base_url=url) as client:
        responses = [
            client.get("/"),
            client.get(re.findall(r'src="(page/assets/[^"]+)"', client.get("/").text)[0]),
            client.get("/config"),
            client.get("/gradio_api/info"),
            client.get("/api/openapi.json"),
            client.post("/api/ask", json={"question": QUESTION}),
            client.post("/api/ask", json={"question": ""}),
            client.post("/api/ask", content=b" " * (MAX_BODY_BYTES + 1)),
            client.get("/nothing"),
            client.get("/gradio_api/upload"),
            client.get("/mcp"),
            client.get("/", headers={"host": "evil.example"}),
        ]
    codes = [response.status_code for response in responses]
    assert codes == [200, 200, 200, 200, 200, 200, 422, 413, 404, 404, 405, 421]
    for response in responses:
        assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
        assert "set-cookie" not in response.headers


@pytest.mark.parametrize("route", [f"/gradio_api/{route}" for route in GRADIO_POSTS] + ["/mcp", "/api/ask/stream"])
def test_no_route_takes_a_large_body(url: str, route: str) -> None:
    body = json.dumps({"data": ["a" * MAX_BODY_BYTES, []], "session_hash": "large"}).encode()
    assert httpx.post(f"{url}{route}", content=body).status_code == 413

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(body), 10_000):
            yield body[start : start + 10_000]

    try:
        undeclared = httpx.post(f"{url}{route}", content=chunks(), headers={"content-type": "application/json"})
    except httpx.TransportError:
        pass  # cut off before all was sent
    else:
        assert undeclared.status_code >= 400
    assert httpx.get(f"{url}/healthz").status_code == 200


def test_a_question_too_long_is_refused_on_the_page_and_to_gradio_s_client(url: str) -> None:
    with pytest.raises(ServedError, match="at most 9,999 are read"):
        on_page(url, lambda client, page: page.ask(client, "long", TOO_LONG, []))
    gradio = GradioClient(url, verbose=False, analytics_enabled=False)
    try:
        with pytest.raises(AppError, match="at most 9,999 are read"):
            gradio.predict(TOO_LONG, [], api_name="/ask")
        with pytest.raises(AppError, match="history"):
            gradio.predict(QUESTION, [{"role": "user", "content": "a"}] * 201, api_name="/ask")
    finally:
        gradio.close()


@pytest.mark.parametrize("waiting", [0, 1])
def test_too_many_are_told_so_on_every_way(bot: Assistant, waiting: int) -> None:
    gate = threading.Event()

    def open_late(note: object) -> Assistant:
        assert gate.wait(60)
        return bot

    async def ask_tool(url: str) -> Any:
        async with Client(f"{url}/mcp") as client:
            return await client.call_tool("ask", {"question": QUESTION})

    async def fill_and_ask(client: httpx.AsyncClient, page: Page) -> list[str]:
        before = [asyncio.create_task(client.post("/api/ask", json={"question": QUESTION})) for _ in range(2 + waiting)]
        await asyncio.sleep(0.5)
        said = []
        with pytest.raises(Busy):
            await page.ask(client, "busy", QUESTION, [])
        by_api = await client.post("/api/ask", json={"question": QUESTION})
        assert by_api.status_code == 503
        assert int(by_api.headers["retry-after"]) > 0
        said.append(by_api.json()["error"])
        streamed = await client.post("/api/ask/stream", json={"question": QUESTION})
        assert streamed.status_code == 503
        assert int(streamed.headers["retry-after"]) > 0
        said.append(streamed.json()["error"])
        by_tool = await ask_tool(str(client.base_url).rstrip("/"))
        assert by_tool.is_error
        assert isinstance(by_tool.content[0], TextContent)
        said.append(by_tool.content[0].text)
        gate.set()
        assert [(await each).json()["text"] for each in before] == [bot.ask(QUESTION).text] * len(before)
        assert (await page.ask(client, "busy", QUESTION, []))[0]["text"] == bot.ask(QUESTION).text
        return said

    with serving(bot.report, open_late, waiting=waiting) as url:
        said = on_page(url, fill_and_ask)
    assert set(said) == {"Too many questions are being answered at the moment. Please ask again in a few seconds."}


def test_sessions_never_see_each_other(url: str) -> None:
    secret = "Ozgantau"

    async def act(client: httpx.AsyncClient, page: Page) -> str:
        _, kept = await page.ask(client, "first", f"What does the report say about {secret}?", [])
        assert secret in json.dumps(kept)
        answer, others = await page.ask(client, "second", "And what else does it say about it?", [])
        found = json.dumps([answer, others])
        for path in ("/", "/config", "/gradio_api/info", "/readyz"):
            found += (await client.get(path)).text
        for session in ("first", "second", "third"):
            try:
                async with asyncio.timeout(0.5):
                    async with client.stream("GET", f"/gradio_api/queue/data?session_hash={session}") as stream:
                        async for line in stream.aiter_lines():
                            found += line
            except (TimeoutError, httpx.RemoteProtocolError):
                pass  # nothing comes, or Gradio cuts off who asks for a session that it does not know
        return found

    assert secret not in on_page(url, act)
