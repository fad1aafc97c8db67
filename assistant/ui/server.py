"""The way into the chat page: the port first, since all that comes after it takes seconds."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import sys
from pathlib import Path

from assistant.settings import Settings
from assistant.ui.guard import WILDCARDS
from assistant.ui.password import Gate, open_to_others, read_passwords
from index.errors import AssistantError

_OPEN_TO_ALL = (
    "Warning: everyone who can reach this machine can open the page and ask; there is no password. "
    "Leave out --host to serve this machine alone, or ask for a password with --auth-file."
)
_UNENCRYPTED = (
    "Warning: what is sent to other machines, the password too, travels unencrypted; where others could listen, put a "
    "proxy with TLS in front."
)


def serve(settings: Settings) -> None:
    """Serve the chat page and the API on ``settings.host`` and ``settings.port`` until interrupted.

    The page is up as soon as the report is read; the model loads behind it.

    Raises:
        AssistantError: the password file cannot be used; the port is in use or the address is none of this machine's;
            the report cannot be read; the assistant cannot be opened.
    """
    gate = _gate(settings.auth_file)
    with listen(settings.host, settings.port) as listening:
        if not ipaddress.ip_address(listening.getsockname()[0].partition("%")[0]).is_loopback:
            print(_OPEN_TO_ALL if gate is None else _UNENCRYPTED, file=sys.stderr)
        print("Starting the chat page …", file=sys.stderr, flush=True)
        from assistant.ui.run import run  # gradio, fastapi and uvicorn: not before the port is ours

        run(settings, listening, _address(settings.host, listening.getsockname()[1]), gate)


def _gate(path: Path | None) -> Gate | None:
    if path is None:
        return None
    gate = Gate(read_passwords(path))
    if open_to_others(path):
        print(f"Warning: other users of this machine can read {path}; run: chmod 600 {path}", file=sys.stderr)
    return gate


def listen(host: str, port: int) -> socket.socket:
    """A bound and listening socket: the port is ours, or known to be taken, before anything slow happens."""
    name = host.strip("[]")
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError) as error:
        raise AssistantError(
            f"host: {host!r} is no address of this machine; use 127.0.0.1 for this machine alone"
        ) from error
    listening = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere the option would let two servers share the port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
        listening.listen(256)
    except OSError as error:
        listening.close()
        raise AssistantError(_why_not(error, host, port)) from error
    return listening


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use; stop what uses it or choose another with --port (0 takes a free one)"
    if error.errno == errno.EACCES:
        return f"port {port} needs more rights than this user has; choose one above 1023 with --port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"host: {host} is no address of this machine; use 127.0.0.1 for this machine alone"
    return f"cannot listen on {host}:{port}: {error.strerror}"


def _address(host: str, port: int) -> str:
    name = "127.0.0.1" if host in WILDCARDS else host.strip("[]")
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
