"""The optional password: a file of names and hashes, and the gate that asks for one before every route.

HTTP Basic, for the page as for programs: the browser keeps the password and sends it with every request, streams and
files included; there is no login page to attack, no cookie to steal and no session to forget. Hashes are scrypt's
(RFC 7914); its cost is paid once for each password, not for each request.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import math
import os
import re
import secrets
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from index.errors import AssistantError

SHORTEST, LONGEST = 8, 1000  # characters of a password
_MAX_FILE = 1_000_000  # bytes
# 32 MiB and about 80 ms: OWASP's Password Storage Cheat Sheet counts n=2^15, r=8, p=3 among the equal choices, and
# attempts are throttled here.
_N, _R, _P = 2**15, 8, 3
_MOST_N, _MOST_R, _MOST_P = 2**18, 16, 8  # what a line of the file may ask for
_NAME = re.compile(r"[^\s:#\x00-\x1f\x7f]{1,64}")
_LINE = re.compile(r"scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9+/=]{8,100})\$([A-Za-z0-9+/=]{40,100})")

# Attempts with a password not seen before: at first so many, then one each so many seconds.
_FROM_ONE_ADDRESS = (10, 10.0)
_FROM_ALL = (60, 1.0)
_MAX_ADDRESSES = 2000


class PasswordError(AssistantError):
    """The password file, or a new password, cannot be used."""


@dataclass(frozen=True)
class Hash:
    """A password's scrypt hash, and what it was made with."""

    n: int
    r: int
    p: int
    salt: bytes
    digest: bytes

    def matches(self, password: str) -> bool:
        """Whether it is this password's; takes as long for a wrong one."""
        return hmac.compare_digest(_scrypt(password, self.salt, self.n, self.r, self.p), self.digest)

    @property
    def cost(self) -> int:
        """What grows with the time that it takes."""
        return self.n * self.r * self.p


def make_line(name: str, password: str) -> str:
    """A line for the password file.

    Raises:
        PasswordError: the name or the password cannot be used.
    """
    if not _NAME.fullmatch(name):
        raise PasswordError(f"{name[:70]!r} cannot be a name: up to 64 characters without spaces, colons and #")
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordError(f"the password has {len(password)} characters; {SHORTEST} to {LONGEST:,} are needed")
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, _N, _R, _P)
    return f"{name}:scrypt${_N}${_R}${_P}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def read_passwords(path: Path) -> dict[str, Hash]:
    """The hashes of a password file by name; empty lines and those that begin with ``#`` are skipped.

    Raises:
        PasswordError: it cannot be read, holds a line of another form or a name twice, or holds none.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_FILE + 1).decode("utf-8")
    except OSError as error:
        raise PasswordError(f"auth_file: {path} cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise PasswordError(f"auth_file: {path} is not text in UTF-8") from error
    if len(text) > _MAX_FILE:
        raise PasswordError(f"auth_file: {path} is larger than {_MAX_FILE:,} bytes: is it the right file?")
    found: dict[str, Hash] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.strip().partition(":")
        known = _parse(rest) if _NAME.fullmatch(name) else None
        if known is None:
            raise PasswordError(
                f"auth_file: {path}, line {number} is not one that `report-assistant password NAME` prints"
            )
        if name in found:
            raise PasswordError(f"auth_file: {path}, line {number} gives the name {name!r} a second time")
        found[name] = known
    if not found:
        raise PasswordError(f"auth_file: {path} holds no password; `report-assistant password NAME` prints a line")
    return found


def open_to_others(path: Path) -> bool:
    """Whether other users of this machine may read the file."""
    return os.name == "posix" and bool(path.stat().st_mode & 0o077)


def _parse(text: str) -> Hash | None:
    match = _LINE.fullmatch(text)
    if match is None:
        return None
    n, r, p = (int(match[group]) for group in (1, 2, 3))
    if not (2 <= n <= _MOST_N and n & (n - 1) == 0 and 1 <= r <= _MOST_R and 1 <= p <= _MOST_P):
        return None
    try:
        salt, digest = (base64.b64decode(match[group], validate=True) for group in (4, 5))
    except ValueError:
        return None
    return Hash(n, r, p, salt, digest) if len(digest) == 32 else None


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    memory = 128 * r * (n + p + 2)  # bytes, RFC 7914 section 5 and 6
    secret = unicodedata.normalize("NFC", password[: LONGEST + 1]).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=memory + 2**20, dklen=32)


@dataclass(frozen=True)
class Refusal:
    """Why a request does not pass: the status, one line, and the seconds to wait, if any."""

    status: int
    reason: str
    wait: int | None = None


_ASK = Refusal(401, "A name and a password are needed here.")
_WRONG = Refusal(401, "The name or the password is wrong.")


class Gate:
    """Lets requests pass that carry a name and its password.

    A password that was found right passes at once from then on: it is remembered as a keyed hash, under a key that
    lives as long as the process. A new one costs an attempt, of which there are so many for an address and so many
    for all; an unknown name costs what a known one costs. Hashing is done one at a time in a thread of its own.
    """

    def __init__(self, passwords: Mapping[str, Hash], *, now: Callable[[], float] = time.monotonic) -> None:
        self._passwords = dict(passwords)
        slowest = max(passwords.values(), key=lambda known: known.cost)
        self._nobody = Hash(slowest.n, slowest.r, slowest.p, secrets.token_bytes(16), secrets.token_bytes(32))
        self._key = secrets.token_bytes(32)
        self._right: set[bytes] = set()  # at most one for each name
        self._checking: dict[bytes, asyncio.Task[bool]] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="password")
        self._now = now
        self._all = _Attempts(*_FROM_ALL, now())
        self._addresses: OrderedDict[str, _Attempts] = OrderedDict()

    async def check(self, authorization: str | None, address: str) -> Refusal | None:
        """None lets the request pass; ``authorization`` is the header's value, ``address`` the client's."""
        given = _basic(authorization or "")
        if given is None:
            return _ASK
        seen = hmac.digest(self._key, "\0".join(given).encode("utf-8", "surrogatepass"), "sha256")
        if seen in self._right:
            return None
        checking = self._checking.get(seen)
        if checking is None:  # a page sends many requests at once; the same password is checked once for all
            wait = self._wait(address)
            if wait > 0:
                return Refusal(429, "Too many attempts with a wrong password; please wait.", math.ceil(wait))
            checking = asyncio.create_task(self._verify(seen, *given, address))
            self._checking[seen] = checking
        return None if await asyncio.shield(checking) else _WRONG

    async def _verify(self, seen: bytes, name: str, password: str, address: str) -> bool:
        try:
            known = self._passwords.get(name)
            against = self._nobody if known is None else known
            matches = await asyncio.get_running_loop().run_in_executor(self._thread, against.matches, password)
            right = matches and known is not None
            if right:
                self._right.add(seen)
                self._all.give_back()
                self._of(address).give_back()
            return right
        finally:
            del self._checking[seen]

    def _wait(self, address: str) -> float:
        """Take an attempt and return 0, or the seconds until there is one."""
        now = self._now()
        mine = self._of(address)
        wait = max(mine.wait(now), self._all.wait(now))
        if wait <= 0:
            mine.take()
            self._all.take()
        return wait

    def _of(self, address: str) -> _Attempts:
        """The attempts of an address; those of the address not heard of for longest are forgotten."""
        key = _network(address)
        if key not in self._addresses:
            self._addresses[key] = _Attempts(*_FROM_ONE_ADDRESS, self._now())
        self._addresses.move_to_end(key)
        while len(self._addresses) > _MAX_ADDRESSES:
            self._addresses.popitem(last=False)
        return self._addresses[key]


class _Attempts:
    """A token bucket: ``most`` attempts at first, and one more each ``seconds``."""

    def __init__(self, most: int, seconds: float, now: float) -> None:
        self._most, self._seconds = most, seconds
        self._left, self._at = float(most), now

    def wait(self, now: float) -> float:
        """Seconds until there is an attempt; 0 where there is one."""
        self._left = min(self._most, self._left + (now - self._at) / self._seconds)
        self._at = now
        return max(0.0, (1 - self._left) * self._seconds)

    def take(self) -> None:
        self._left -= 1

    def give_back(self) -> None:
        self._left = min(self._most, self._left + 1)


def _network(address: str) -> str:
    """What stands for one client: an IPv4 address; of IPv6 the network of 64 bits, of which one has 2^64 addresses."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))


def _basic(header: str) -> tuple[str, str] | None:
    """Name and password of an Authorization header of the Basic scheme (RFC 7617), or None."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except ValueError:
        return None
    name, colon, password = text.partition(":")
    return (name, password) if colon else None
