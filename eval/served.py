"""The chat page served as a program of its own, for what is measured from outside."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.errors import AssistantError

_WAIT = 300.0  # seconds within which a server has to answer; a first index of a long report takes its time


class ServedError(AssistantError):
    """The server to be measured did not start, or went away."""


@dataclass(frozen=True)
class Served:
    """A running server: its address, its process, and the seconds from start until it said where it is."""

    url: str
    pid: int
    seconds: float

    def memory(self) -> float:
        """Resident memory of the process, in MiB."""
        status = Path(f"/proc/{self.pid}/status")  # where there is no such file, ps is at hand
        try:
            if status.exists():
                return int(re.findall(r"VmRSS:\s*(\d+) kB", status.read_text())[0]) / 1024
            done = subprocess.run(["ps", "-o", "rss=", "-p", str(self.pid)], capture_output=True, text=True, check=True)  # noqa: S607
            return int(done.stdout) / 1024
        except (OSError, subprocess.CalledProcessError, ValueError, IndexError):
            raise ServedError("the server has gone: there is no such process any more") from None

    def wait_until_ready(self) -> None:
        """Return once a question would be answered now.

        Raises:
            ServedError: it takes too long, or cannot be.
        """
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        until = time.monotonic() + _WAIT
        while time.monotonic() < until:
            try:
                opener.open(f"{self.url}/readyz", timeout=30).close()
                return
            except urllib.error.HTTPError as error:
                error.close()
            except OSError as error:
                raise ServedError(f"the server does not answer: {error}") from error
            time.sleep(0.05)
        raise ServedError(f"the server was not ready within {_WAIT:.0f} seconds")


@contextmanager
def served(arguments: Sequence[str] = (), program: Sequence[str] | None = None) -> Iterator[Served]:
    """Run ``report-assistant chat`` on a free port, or another ``program`` that prints its address, until the end.

    Raises:
        ServedError: it ended before it printed an address.
    """
    command = program or [sys.executable, "-m", "assistant.cli", "chat", "--port", "0", *arguments]
    began = time.perf_counter()
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            found = next((m for line in process.stdout if (m := re.search(r"https?://\S+?(?=/?\s|$)", line))), None)
            if found is None:
                raise ServedError(f"the server did not start: {' '.join(command)}")
            yield Served(found[0], process.pid, time.perf_counter() - began)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
