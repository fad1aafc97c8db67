"""After the install nothing reaches for the network.

Every program below runs with an audit hook that Python itself calls before any socket of any library connects, sends or
looks up a name, and that nothing can take out again. It lets loopback through, writes down all else and refuses it: an
attempt counts even where the library that made it swallowed the error.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

QUESTION = "How large is the fund?"
HOOK = """
import ipaddress, os, sys

LOG = os.environ["OFFLINE_LOG"]

def note(line):
    with open(LOG, "a", encoding="utf-8") as log:
        log.write(line + "\\n")

def is_local(host):
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    host = host.decode() if isinstance(host, bytes) else host
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified

def hook(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if not isinstance(address, tuple) or is_local(address[0]):  # no tuple: a Unix socket, or connected already
            return
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"):
        address = arguments[0]
        if is_local(address[0] if isinstance(address, tuple) else address):
            return
    else:
        return
    note(f"tried {event} {address!r} in {sys.orig_argv[1:]!r}")
    raise OSError(101, "Network is unreachable")

sys.addaudithook(hook)
note("watched")
"""


class Watch:
    """The environment in which programs are watched, and what was seen."""

    def __init__(self, folder: Path) -> None:
        (folder / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
        self._log = folder / "log"
        # What the project has to see to by itself is not done for it from outside; and a proxy on loopback, being let
        # through, would hide every attempt.
        outside = re.compile(r"HF_|TRANSFORMERS_|GRADIO_|.*_PROXY$", re.IGNORECASE)
        kept = {name: value for name, value in os.environ.items() if not outside.match(name)}
        self.environment = kept | {
            "PYTHONPATH": str(folder),
            "OFFLINE_LOG": str(self._log),
            "REPORT_ASSISTANT_CACHE_DIR": str(folder / "cache"),
            "XDG_CACHE_HOME": str(folder / "home-cache"),
        }

    def seen(self) -> list[str]:
        """The attempts so far; that programs were watched at all is checked on the way."""
        lines = self._log.read_text(encoding="utf-8").splitlines()
        assert "watched" in lines
        return [line for line in lines if line != "watched"]

    def run(self, *arguments: str) -> str:
        """Run Python to its end, and return what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments], env=self.environment, capture_output=True, check=False, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    """A watch with nothing seen yet."""
    return Watch(tmp_path)


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('192.0.2.1', 80), timeout=1)",
        "socket.getaddrinfo('example.org', 443)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
        "asyncio.run(asyncio.open_connection('192.0.2.1', 80))",
        "urllib.request.urlopen('http://example.org', timeout=1)",
    ],
)
def test_watch_sees_swallowed_attempts(watch: Watch, attempt: str) -> None:
    code = f"import asyncio, socket, urllib.request\ntry:\n    {attempt}\nexcept OSError:\n    pass"
    watch.run("-c", code)
    assert len(watch.seen()) == 1


def test_import_index_and_ask_stay_offline(watch: Watch) -> None:
    watch.run("-m", "assistant.cli", "index", "build")
    assert "120 billion tenge" in watch.run("-m", "assistant.cli", "ask", QUESTION)
    assert watch.seen() == []


def test_page_stays_offline(watch: Watch) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "assistant.cli", "chat", "--port", "0"],
        env=watch.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
            assert found is not None
            address = found[0]
            page = fetch(address)
            wait_until_ready(address)
            answer = json.loads(fetch(address + "/api/ask", {"question": QUESTION}))
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=60)
    assert "120 billion tenge" in answer["text"]
    assert server.returncode == 0
    assert watch.seen() == []
    assert loaded_from_elsewhere(page) == []


def test_loads_from_elsewhere_are_found() -> None:
    page = """<link rel=stylesheet href="https://example.org/a.css"><script src='//example.org/a.js'></script>
    <style>@import 'https://example.org/b.css'; body { background: url(https://example.org/a.png) }</style>
    <img src="/own.png"><script src="./own.js"></script><a href="https://example.org">a link loads nothing</a>"""
    assert len(loaded_from_elsewhere(page)) == 4


def fetch(address: str, body: object = None) -> str:
    """The text at an address; a JSON ``body`` is posted."""
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, content, {"Content-Type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as response:
        return str(response.read().decode())


def wait_until_ready(address: str) -> None:
    """Wait until the page says that a question would be answered now."""
    for _ in range(600):
        try:
            fetch(address + "/readyz")
            return
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
            time.sleep(0.1)
    pytest.fail("the page was not ready within a minute")


def loaded_from_elsewhere(page: str) -> list[str]:
    """The tags of a page that make a browser load something from another host."""
    tags = re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", page) + re.findall(r"@import[^;]*;|url\([^)]*\)", page)
    return [tag for tag in tags if re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//|@import|url\(["']?http""", tag)]
