"""One thread for the products of a question's small matrices.

BLAS shares a product among threads, which wait for each other: where other processes keep the cores busy, that took
8 ms for what takes 0.3.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

from threadpoolctl import ThreadpoolController


def one_thread() -> AbstractContextManager[Any]:
    """Let BLAS use one thread for a while, in the whole process; to enter and leave takes 8 µs."""
    limit: AbstractContextManager[Any] = _controller().limit(limits=1, user_api="blas")
    return limit


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
