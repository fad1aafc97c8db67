"""A circuit breaker: a server that fails is left alone for a while, so that the next questions need not wait for it.

After Nygard, Release It! (2007): closed, open, half-open.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FAILURES = 2
"""So many failures in a row open it; one may be luck."""
REST = 30.0
"""Seconds that it stays open at first; twice as long after each trial that fails."""
LONGEST_REST = 300.0


class Breaker:
    """Says whether to ask. Threads may share one; while it is half open, one of them tries."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._rest = REST
        self._until = 0.0

    def allows(self) -> bool:
        """Whether to ask now; where the rest is over, the asking thread is the one that tries."""
        with self._lock:
            if self._failures < FAILURES:
                return True
            if self._clock() < self._until:
                return False
            self._until = self._clock() + self._rest  # the others wait for what becomes of this trial
            return True

    def succeeded(self) -> None:
        """The server replied."""
        with self._lock:
            self._failures, self._rest = 0, REST

    def failed(self, *, for_good: bool = False) -> None:
        """The server failed; ``for_good`` where it would fail in the same way again (a refused key, no such model)."""
        with self._lock:
            tried = self._failures >= FAILURES
            self._failures = FAILURES if for_good else self._failures + 1
            if self._failures >= FAILURES:
                self._rest = min(2 * self._rest, LONGEST_REST) if tried else REST
                self._until = self._clock() + self._rest
