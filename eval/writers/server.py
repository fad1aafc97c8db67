"""A small OpenAI-compatible server on loopback whose replies are scripted: what a model could do, on purpose."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Messages = Sequence[Mapping[str, str]]
Script = Callable[[Messages], str]

FAULTS = (
    "refused", "dns", "tls", "401", "404", "429", "429 later", "500", "hang", "hang in stream", "byte a second",
    "invalid json",
    "empty", "10 MB", "10 MB line", "endless sentence", "wrong citations", "another language", "not a stream",
)  # fmt: skip


_SAID = {
    "endless sentence": "See e.g. lamp " * 1400,  # each stop might end it
    "wrong citations": "The lamp was lit by nobody in the year 1901. [97] It shines. [98]",
    "another language": "Der Fonds wurde gegründet, um die Industrie zu stärken. [1] Die Summe ist hoch. [2]",
}


@dataclass
class Server:
    """A running server: its address, what it does, and the requests that it got."""

    url: str = ""
    script: Script = lambda messages: ""
    fault: str = ""
    delay: float = 0.0
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(script: Script = lambda messages: "", *, fault: str = "", delay: float = 0.0) -> Iterator[Server]:
    """A server on a free port of loopback; ``delay`` are the seconds between a reply's pieces."""
    state = Server(script=script, fault=fault, delay=delay)
    http = _Http(("127.0.0.1", 0), _handler(state))
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{http.server_address[1]}/v1"
    try:
        yield state
    finally:
        state.ended.set()
        http.shutdown()
        http.server_close()
        thread.join()


def address_for(fault: str, url: str) -> str:
    """The address to ask for a fault that needs one of its own."""
    if fault == "refused":
        with socket.socket() as free:  # bound and not listening: nobody else gets the port, nobody answers
            free.bind(("127.0.0.1", 0))
            return f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    if fault == "dns":
        return "http://no-such-host.invalid/v1"
    if fault == "tls":
        return url.replace("http://", "https://")
    return url


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news here."""


def _handler(state: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
            """Nothing is logged."""

        def do_POST(self) -> None:
            """Reply to a completion as the script says, or fail as the fault does."""
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            state.requests.append(body)
            state.keys.append(self.headers.get("authorization", ""))
            with suppress(OSError):
                self._reply(body)

        def _reply(self, body: Mapping[str, Any]) -> None:
            fault = state.fault
            if fault in ("401", "404", "500") or fault.startswith("429"):
                extra = {"retry-after": "1" if fault == "429" else "3600"} if fault.startswith("429") else {}
                # a server that repeats the key must not make us show it
                self._whole(int(fault[:3]), {"error": {"message": f"no: {self.headers.get('authorization')}"}}, extra)
            elif fault == "hang":
                state.ended.wait(60)
            elif fault == "not a stream":
                self._whole(200, {"choices": [{"message": {"content": "hello"}}]}, {})
            else:
                self._stream(body)

        def _whole(self, status: int, content: object, extra: Mapping[str, str]) -> None:
            data = json.dumps(content).encode()
            self.send_response(status)
            for name, value in {"content-type": "application/json", "content-length": str(len(data)), **extra}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def _stream(self, body: Mapping[str, Any]) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("connection", "close")
            self.end_headers()
            self.close_connection = True
            fault = state.fault
            if fault == "invalid json":
                self.wfile.write(b"data: {not json\n\n")
            elif fault == "10 MB line":
                for _ in range(160):
                    self.wfile.write(b"x" * 65536)
            elif fault == "10 MB":
                for _ in range(160):
                    self._event("lamp oil " * 7281)
            elif fault == "byte a second":
                for byte in b'data: {"choices": [{"delta": {"content": "The"}}]}\n\n' * 10:
                    self.wfile.write(struct.pack("B", byte))
                    if state.ended.wait(1):
                        return
            else:
                self._words(body)

        def _words(self, body: Mapping[str, Any]) -> None:
            text = _SAID.get(state.fault) or state.script(body["messages"])
            if state.fault == "empty":
                text = ""
            pieces = [text[i : i + 12] for i in range(0, len(text), 12)]
            for number, piece in enumerate(pieces):
                if state.fault == "hang in stream" and number == len(pieces) // 2:
                    state.ended.wait(60)
                    return
                self._event(piece)
                if state.delay:
                    time.sleep(state.delay)
            self.wfile.write(b"data: [DONE]\n\n")

        def _event(self, text: str) -> None:
            chunk = {
                "id": "x", "object": "chat.completion.chunk", "created": 0, "model": "scripted",
                "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}],
            }  # fmt: skip
            self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
            self.wfile.flush()

    return Handler
