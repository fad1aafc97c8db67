"""The password: on every route of a real server, throttled, and hashed once."""

from __future__ import annotations

import asyncio
import hashlib
import html
import io
import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from gradio_client import Client as GradioClient  # type: ignore[import-untyped]
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from starlette.routing import BaseRoute

from assistant import Assistant, AssistantError, Settings, cli
from assistant.ui.app import create_app
from assistant.ui.desk import Desk
from assistant.ui.feedback import FeedbackFile
from assistant.ui.guard import Guard
from assistant.ui.password import Gate, PasswordError, make_line, read_passwords
from assistant.ui.server import serve
from tests.serving import serving

QUESTION = "How large is the fund?"
PASSWORD = "pāss wörd: with a colon"
RIGHT = httpx.BasicAuth(b"anna", PASSWORD.encode())
PROGRAM = [sys.executable, "-m", "assistant.cli"]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("auth") / "people.txt"
    path.write_text(f"# who may ask\n\n{make_line('anna', PASSWORD)}\n{make_line('berik', 'another one')}\n", "utf-8")
    path.chmod(0o600)
    return path


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the threads in which passwords were hashed."""
    names: list[str] = []
    scrypt = hashlib.scrypt

    def noted(*arguments: Any, **options: Any) -> bytes:
        names.append(threading.current_thread().name)
        return scrypt(*arguments, **options)

    monkeypatch.setattr("assistant.ui.password.hashlib.scrypt", noted)
    return names


@pytest.fixture
def url(bot: Assistant, file: Path) -> Iterator[str]:
    with serving(bot.report, lambda note: bot, gate=Gate(read_passwords(file))) as url:
        yield url


def every_route(routes: list[BaseRoute], prefix: str = "") -> Iterator[str]:
    for route in routes:
        path = prefix + getattr(route, "path", "")
        router = getattr(route, "original_router", route)  # FastAPI keeps an included router as it is
        if inner := getattr(router, "routes", None):
            yield from every_route(inner, path)
        elif path:
            yield re.sub(r"\{[^}]*\}", "x", path)


def test_every_route_asks_for_the_password(bot: Assistant, url: str) -> None:
    guard = asyncio.run(
        create_app(Desk(lambda note: bot), bot.report, host="127.0.0.1", feedback=FeedbackFile(Path(os.devnull)))
    )
    assert isinstance(guard, Guard)
    paths = {*every_route(guard._app.routes), "/", "/nothing", "/gradio_api/upload", "/mcp/", "//healthz", "/healthz/"}  # type: ignore[attr-defined]
    assert {"/api/ask", "/readyz", "/mcp", "/api/openapi.json", "/gradio_api/queue/data"} <= paths
    assert any(re.fullmatch(r"/page/assets/\w+/page\.js", path) for path in paths)
    with httpx.Client(base_url=url) as client:
        for path in sorted(paths - {"/healthz"}):
            for method in ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"):
                response = client.request(method, path)
                assert response.status_code == 401, (method, path)
                assert response.headers["www-authenticate"].startswith("Basic ")
        assert client.get("/healthz").json() == {"status": "ok"}


def test_the_password_opens_page_api_stream_and_gradio(url: str, bot: Assistant) -> None:
    with httpx.Client(base_url=url, auth=RIGHT, timeout=30) as client:
        assert client.post("/api/ask", json={"question": QUESTION}).json()["text"] == bot.ask(QUESTION).text
        assert "event: answer" in client.post("/api/ask/stream", json={"question": QUESTION}).text
        assert html.escape(bot.report.title) in client.get("/").text
        assert client.get("/config").status_code == 200
    header = next(RIGHT.sync_auth_flow(httpx.Request("GET", url))).headers["authorization"]
    gradio = GradioClient(url, verbose=False, analytics_enabled=False, headers={"authorization": header})
    try:
        assert gradio.predict(QUESTION, [], api_name="/ask")["text"] == bot.ask(QUESTION).text
    finally:
        gradio.close()


def test_the_password_opens_the_tools(url: str, bot: Assistant) -> None:
    async def ask(auth: httpx2.BasicAuth | None) -> Any:
        async with httpx2.AsyncClient(auth=auth) as http:
            transport = streamable_http_client(f"{url}/mcp", http_client=http)
            async with Client(transport) as client:
                return (await client.call_tool("ask", {"question": QUESTION})).structured_content

    found = asyncio.run(ask(httpx2.BasicAuth(b"anna", PASSWORD.encode())))
    assert found["text"] == bot.ask(QUESTION).text
    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(ask(None))
    assert caught.group_contains(MCPError)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic YW5uYQ==",  # a name alone
        "Basic //79/A==",  # no UTF-8
        "Bearer YW5uYTphbm90aGVyIG9uZQ==",
        "Basic YW5uYTphbm90aGVyIG9uZQ==",  # anna with berik's
        "Basic YmVyaWs6",  # berik with nothing
        "Basic Og==",  # nobody with nothing
    ],
)
def test_anything_else_is_refused(url: str, header: str) -> None:
    response = httpx.get(f"{url}/readyz", headers={"authorization": header})
    assert response.status_code == 401
    assert response.json().keys() == {"error"}


def test_a_password_is_hashed_once_and_not_where_the_server_runs(url: str, hashed: list[str]) -> None:
    with ThreadPoolExecutor(20) as pool, httpx.Client(base_url=url, auth=RIGHT) as client:
        found = list(pool.map(lambda _: client.get("/readyz").status_code, range(40)))
    assert found == [200] * 40
    assert len(hashed) == 1
    assert hashed[0].startswith("password")


def test_attempts_are_throttled_and_who_is_in_stays_in(url: str, hashed: list[str]) -> None:
    with httpx.Client(base_url=url) as client:
        assert client.get("/readyz", auth=RIGHT).status_code == 200
        answers = [client.get("/readyz", auth=("nobody", f"guess number {n}")) for n in range(14)]
        codes = [each.status_code for each in answers]
        refused = codes.count(401)
        assert codes == [401] * refused + [429] * (14 - refused)
        assert 10 <= refused < 14
        assert len(hashed) == 1 + refused  # an unknown name costs a hash, too, and a throttled attempt costs none
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 10
        assert answers[-1].json().keys() == {"error"}
        assert client.get("/readyz", auth=("berik", "another one")).status_code == 429
        assert client.get("/readyz", auth=RIGHT).status_code == 200
        assert client.get("/healthz").status_code == 200


def gate_with_clock(file: Path) -> tuple[Gate, list[float]]:
    clock = [0.0]
    return Gate(read_passwords(file), now=lambda: clock[0]), clock


def status(gate: Gate, password: str, address: str) -> int:
    header = next(httpx.BasicAuth(b"anna", password.encode()).sync_auth_flow(httpx.Request("GET", "http://x")))
    refusal = asyncio.run(gate.check(header.headers["authorization"], address))
    return 200 if refusal is None else refusal.status


def test_attempts_come_back_with_time_and_count_for_a_network_of_ipv6(file: Path) -> None:
    gate, clock = gate_with_clock(file)
    codes = [status(gate, f"guess {n}", f"2001:db8::{n:x}") for n in range(12)]
    assert codes == [401] * 10 + [429] * 2
    assert status(gate, PASSWORD, "2001:db8::1") == 429
    assert status(gate, PASSWORD, "2001:db8:0:1::1") == 200  # another network
    clock[0] += 10.1
    assert status(gate, "one more guess", "2001:db8::1") == 401
    assert status(gate, "and another", "2001:db8::1") == 429


def test_all_addresses_together_are_throttled_in_bounded_memory(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.ui.password.Hash.matches", lambda *_: False)  # thousands of hashes take minutes
    gate, _ = gate_with_clock(file)
    codes = [status(gate, f"guess {n}", f"10.0.{n // 250}.{n % 250}") for n in range(3000)]
    assert codes == [401] * 60 + [429] * 2940
    assert len(gate._addresses) == 2000
    assert gate._checking == {}


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "holds no password"),
        ("# only a remark\n", "holds no password"),
        ("anna:secret\n", "line 1 is not one"),
        ("anna\n", "line 1 is not one"),
        (":scrypt$2$1$1$AAAAAAAA$" + "A" * 43 + "=\n", "line 1 is not one"),
        ("\nanna:scrypt$3$1$1$AAAAAAAA$" + "A" * 43 + "=\n", "line 2 is not one"),  # 3 is no power of two
        ("anna:scrypt$1048576$8$1$AAAAAAAA$" + "A" * 43 + "=\n", "line 1 is not one"),  # a GiB for each attempt
        (("anna:scrypt$2$1$1$AAAAAAAA$" + "A" * 43 + "=\n") * 2, "line 2 gives the name 'anna' a second time"),
        ("x" * 1_000_001, "larger than"),
    ],
)
def test_a_wrong_file_is_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "people.txt"
    path.write_text(text, "utf-8")
    with pytest.raises(PasswordError, match=said) as caught:
        serve(Settings(auth_file=path, port=0))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(PasswordError, match="cannot be read"):
        serve(Settings(auth_file=tmp_path / "nowhere", port=0))
    with pytest.raises(PasswordError, match="cannot be read"):
        serve(Settings(auth_file=tmp_path, port=0))
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PasswordError, match="UTF-8"):
        serve(Settings(auth_file=tmp_path / "binary", port=0))


@pytest.mark.parametrize(
    "mode, host, said",
    [
        (0o600, "127.0.0.1", ""),
        (0o644, "127.0.0.1", "Warning: other users of this machine can read"),
        (0o640, "127.0.0.1", "Warning: other users of this machine can read"),
        (0o600, "0.0.0.0", "Warning: what is sent to other machines, the password too"),
        (None, "127.0.0.1", ""),
        (None, "0.0.0.0", "Warning: everyone who can reach this machine"),
        (None, "::", "Warning: everyone who can reach this machine"),
    ],
)
def test_warnings_at_the_start(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], mode: int | None, host: str, said: str
) -> None:
    own = tmp_path / "people.txt"
    own.write_bytes(file.read_bytes())
    own.chmod(mode or 0o600)
    missing = tmp_path / "no report.txt"  # ends what is not tested here
    settings = Settings(report=missing, auth_file=own if mode else None, host=host, port=0)
    with pytest.raises(AssistantError, match="no such file"):
        serve(settings)
    warnings = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Warning")]
    assert len(warnings) == bool(said)
    assert all(line.startswith(said) for line in warnings)


def test_a_line_is_made_from_a_pipe(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
    assert cli.main(["password", "anna"]) == 0
    path = tmp_path / "people.txt"
    path.write_text(capsys.readouterr().out, "utf-8")
    assert read_passwords(path)["anna"].matches(PASSWORD)
    assert not read_passwords(path)["anna"].matches(PASSWORD + "x")


@pytest.mark.parametrize(
    "name, password, said",
    [("an na", PASSWORD, "cannot be a name"), ("a:b", PASSWORD, "cannot be a name"), ("anna", "short", "8 to 1,000")],
)
def test_names_and_passwords_that_cannot_be(
    name: str, password: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
    assert cli.main(["password", name]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert said in captured.err


@pytest.mark.parametrize("again, code", [(PASSWORD, 0), ("something else", 1)])
def test_a_terminal_does_not_show_the_password(again: str, code: int) -> None:
    ours, theirs = pty.openpty()
    shown = b""
    # a session of its own, so that the terminal is not the one that the tests run in
    with subprocess.Popen(
        [*PROGRAM, "password", "anna"], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        for prompt, typed in ((b"Password: ", PASSWORD), (b"again: ", again)):
            while not shown.endswith(prompt):
                shown += os.read(ours, 1000)
            os.write(ours, typed.encode() + b"\n")
        while True:
            try:
                more = os.read(ours, 1000)
            except OSError:  # the terminal's other end is closed
                break
            if not more:
                break
            shown += more
    os.close(ours)
    assert process.returncode == code
    assert PASSWORD.encode() not in shown
    assert (b"anna:scrypt$" in shown) == (code == 0)
