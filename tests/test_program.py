"""The server as a program: how it starts, what it says when it cannot, and how it ends."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant import AssistantError, Settings
from assistant.ui.opening import open_desk
from assistant.ui.server import listen

QUESTION = "How large is the fund?"
CHAT = [sys.executable, "-m", "assistant.cli", "chat"]

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


class Program:
    """A running server and what it printed to standard error."""

    def __init__(self, process: subprocess.Popen[str], url: str, errors: list[str]) -> None:
        self.process, self.url, self.errors = process, url, errors

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=30)


@contextmanager
def running(*arguments: str) -> Iterator[Program]:
    errors: list[str] = []
    with subprocess.Popen([*CHAT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        reading = threading.Thread(target=lambda stream: errors.extend(stream), args=[process.stderr])
        reading.start()
        try:
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found, errors
            yield Program(process, found[0], errors)
        finally:
            process.kill()
            reading.join()


def wait_until_ready(url: str) -> None:
    until = time.monotonic() + 120
    while httpx.get(f"{url}/readyz").status_code != 200:
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_quietly_with_streams_open(how: signal.Signals) -> None:
    with running("--port", "0") as program:
        wait_until_ready(program.url)
        with (
            httpx.Client(base_url=program.url, timeout=60) as client,
            client.stream("GET", "/gradio_api/heartbeat/abc") as heartbeat,
            client.stream("POST", "/api/ask/stream", json={"question": QUESTION}) as stream,
        ):
            assert heartbeat.status_code == stream.status_code == 200
            first = next(stream.iter_lines())
            assert first.startswith("event: ")
            with suppress(httpx.RemoteProtocolError):  # a session that Gradio does not know
                client.get("/gradio_api/queue/data?session_hash=unknown")
            program.end(how)
    assert program.process.returncode in (0, -how)
    said = "".join(program.errors)
    assert "Traceback" not in said
    assert "Error" not in said


@pytest.mark.parametrize("loaded", [False, True])
def test_the_tools_on_standard_input_end_at_once(loaded: bool) -> None:
    hello = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "ask", "arguments": {"question": ""}},
    }
    command = [sys.executable, "-m", "assistant.cli", "mcp"]
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, text=True, **pipes) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        if loaded:
            process.stdin.write(json.dumps(INITIALIZE) + "\n" + json.dumps(hello) + "\n")
            process.stdin.flush()
            while '"id":1' not in process.stdout.readline():
                pass
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=30)  # its input is still open
        assert "Traceback" not in process.stderr.read()
    assert code in (130, -signal.SIGINT)  # the latter before Python itself has started


def test_a_thread_that_still_runs_is_left() -> None:
    script = (
        "import threading, time; from assistant.ui.ending import leave_threads\n"
        "threading.Thread(target=time.sleep, args=[60]).start(); print('done'); leave_threads(); print('alone')"
    )
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=False, timeout=30)
    assert (done.returncode, done.stdout) == (0, "done\n")


def test_its_input_ends_while_the_model_loads(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "assistant.cli", "mcp", "--cache-dir", str(tmp_path)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_it_ends_while_the_model_loads() -> None:
    with running("--port", "0") as program:
        assert program.end(signal.SIGINT) == 0
    assert "Traceback" not in "".join(program.errors)


def test_after_a_kill_the_same_port_is_served_again() -> None:
    with running("--port", "0") as program:
        port = program.url.rpartition(":")[2]
        with httpx.Client(base_url=program.url, timeout=60) as client, client.stream("GET", "/gradio_api/heartbeat/a"):
            program.process.kill()
            program.process.wait()
            with running("--port", port) as again:
                assert again.url == program.url
                answer = httpx.post(f"{again.url}/api/ask", json={"question": QUESTION}, timeout=120).json()
    assert answer["citations"]


def test_a_second_server_on_the_port_says_so_and_leaves_the_first_alone() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run([*CHAT, "--port", str(port)], capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 1
        assert done.stdout == ""
        assert re.fullmatch(rf"report-assistant: port {port} on 127\.0\.0\.1 is in use; .*--port.*\n", done.stderr)
        with socket.create_connection(taken.getsockname(), timeout=10):
            pass


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_it_is_served_over_ipv6(host: str) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with running("--host", host, "--port", "0") as program:
        assert program.url.startswith("http://[::1]:")
        assert httpx.get(f"{program.url}/healthz").json() == {"status": "ok"}
        assert program.end(signal.SIGINT) == 0
    assert "Warning" not in "".join(program.errors)


def test_a_port_that_needs_more_rights_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    # who runs the tests may have those rights, so the system's refusal is said in its place
    def bind(*_: Any) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(socket.socket, "bind", bind)
    with pytest.raises(AssistantError, match=r"^port 80 needs more rights than this user has; .* --port$"):
        listen("127.0.0.1", 80)


def test_a_report_that_changes_while_it_is_opened_is_said(lighthouse: Path, settings: Settings) -> None:
    desk, report = open_desk(replace(settings, report=lighthouse))
    lighthouse.write_text("The lighthouse on Gull Rock is 42 metres tall.\n", "utf-8")
    failed = threading.Event()
    desk.on_failure = failed.set
    desk.start()
    assert failed.wait(60)
    assert str(desk.error) == "the report was changed while it was being opened: start again"
    assert "41 metres" in report.text


def test_nothing_is_shared_whatever_the_environment_says() -> None:
    environment = {**os.environ, "GRADIO_SHARE": "True", "GRADIO_SERVER_NAME": "0.0.0.0"}
    with subprocess.Popen([*CHAT, "--port", "0"], stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert found
            config = json.loads(httpx.get(f"{found[0]}/config").text)
            assert not config.get("is_space")
            assert not config.get("share")
            assert "gradio.live" not in json.dumps(config)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
