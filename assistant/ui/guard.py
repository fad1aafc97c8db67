"""What stands before every route: who may call, how much they may send, and what a browser may load.

Plain ASGI, no base class of a framework: a wrapper that buffers responses would break the event streams.
"""

from __future__ import annotations

import ipaddress
import json
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from assistant.ui.password import Gate, Refusal

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - named here so that serving on them warns
MAX_BODY_BYTES = 1_000_000
"""A conversation kept in the browser travels with each question of the page: about 4 kB a turn, 50 turns at most."""

# Gradio evaluates its templates ('unsafe-eval') and writes style attributes. Its inline scripts stay blocked: the
# page works without them and the browser notes each one in its console.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}

KEPT_FILES = "/page/assets/"
"""Where the page's own files are, under a hash of their content."""

# Gradio's front end, too, is some fifty files that have a hash of their content in their names: the browser may keep
# them without asking each time whether they changed.
_NAMED_BY_CONTENT = ("/assets/", KEPT_FILES)
_KEPT = {"cache-control": "private, max-age=31536000, immutable"}
# Of Gradio's own routes, those that the page and gradio_client use. The rest (uploads, files of its cache, a proxy,
# code editing) is closed: nothing here needs it.
_GRADIO_PREFIX = "/gradio_api/"
_GRADIO_ROUTES = (
    "queue/",
    "heartbeat/",
    "call/",
    "info",
    "cancel",
    "reset",
    "startup-events",
    "app_id",
    "run/",
    "api/",
)
# Open without the password: whatever watches the process need not know one, and it says no more than that.
_ALIVE = "/healthz"
_CLOSED = ("/monitoring", "/login", "/logout", "/runs", "/svelte/", "/dev/")


class Guard:
    """Middleware: checks host, origin, password and route, limits the body, and sets the security headers.

    ``host`` is the address the server listens on. Accepted in the Host header are loopback names and ``host``; when
    it is a wildcard, any IP address and this machine's own name too. A web page that points its own domain at this
    server (DNS rebinding) sends that domain, and is refused. ``gate`` asks for a password before every route but
    ``/healthz``.
    """

    def __init__(self, app: ASGIApp, *, host: str, gate: Gate | None = None) -> None:
        self._app = app
        self._gate = gate
        self._wildcard = host in WILDCARDS
        self._hosts = {"127.0.0.1", "localhost", "::1", host.strip("[]").lower()} - {""}
        if self._wildcard:
            self._hosts.add(socket.gethostname().lower())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "websocket":  # none of the routes is one
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._stranger(scope, headers) or await self._locked(scope, headers) or _unfit(scope, headers)
        if refusal is not None:
            await _refuse(send, refusal)
            return
        extra = _KEPT if scope["path"].startswith(_NAMED_BY_CONTENT) else {}
        await self._app(scope, _Limited(receive), _with_headers(send, HEADERS | extra))

    def _stranger(self, scope: Scope, headers: dict[str, str]) -> Refusal | None:
        """Why a request may not come from where it comes, or None."""
        host = headers.get("host", "")
        if not self._knows(_hostname(host)):
            return Refusal(421, f"This server does not answer to the host name {host[:100]!r}.")
        origin = headers.get("origin")
        if origin is not None and scope["method"] not in ("GET", "HEAD") and urlsplit(origin).netloc != host:
            return Refusal(403, "Requests from other web sites are not answered.")
        return None

    async def _locked(self, scope: Scope, headers: dict[str, str]) -> Refusal | None:
        """Why the password does not let a request pass, or None."""
        if self._gate is None or scope["path"] == _ALIVE:
            return None
        client = scope.get("client")
        return await self._gate.check(headers.get("authorization"), client[0] if client else "")

    def _knows(self, name: str) -> bool:
        return name in self._hosts or (self._wildcard and _is_address(name))


def _unfit(scope: Scope, headers: dict[str, str]) -> Refusal | None:
    """Why a request is for nothing or too large, or None."""
    path: str = scope["path"]
    inner = path.removeprefix(_GRADIO_PREFIX)
    if (inner != path and not inner.startswith(_GRADIO_ROUTES)) or path.startswith(_CLOSED):
        return Refusal(404, "There is nothing at this address.")
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
        return Refusal(413, f"The request is too large: at most {MAX_BODY_BYTES:,} bytes.")
    return None


class _Limited:
    """A request body that ends early, as if the client had gone, once it exceeds the limit it did not declare."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._left = MAX_BODY_BYTES

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                return {"type": "http.disconnect"}
        return message


def _hostname(host: str) -> str:
    """The name in a Host header, without port and brackets, in lower case; empty where it is malformed."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _with_headers(send: Send, headers: dict[str, str]) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message.get("headers", [])}
            wanted = headers if message["status"] < 400 else HEADERS
            extra = [(n.encode(), v.encode()) for n, v in wanted.items() if n.encode() not in present]
            message = {**message, "headers": [*message.get("headers", []), *extra]}
        await send(message)

    return send_with_headers


async def _refuse(send: Send, refusal: Refusal) -> None:
    body = json.dumps({"error": refusal.reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if refusal.status == 401:
        headers.append((b"www-authenticate", b'Basic realm="report-assistant", charset="UTF-8"'))
    if refusal.wait is not None:
        headers.append((b"retry-after", str(refusal.wait).encode()))
    await _with_headers(send, HEADERS)({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
