"""Text that would stall a pattern whose time grows with the square of the length, or faster."""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST_QUESTION = 9_999
# Seconds of this process's own work, so that a busy machine fails nothing; every case takes a twentieth of it or less.
WORK = 2.0

_UNITS = [
    "a", "A", "1", "(", "[", "*", "\\", "'", '"', "-", "–", ",", "?", ";", ".", "$", "%", "é", "日", "😀",
    "A-", "A.", "a,", "a, ", "a; ", "1,", "1.", "1/", "a'", "?a ", "(a) ", "[1]", "**", "2020-", "$1 ", "1 m ",
    "and ", "the ", "what ", "who is ", "and who ", "and also ", "tell me about ", "of the ", "more than ", "more ",
    "it ", "they ", "The ", "Ab of ", "A a ", "please, ", "then, ", "ok ", "hi ", "thanks ", "ignore all ", "list ",
    "which sections ", "author ", "summary of ", "how much does ", "in the report, ", "January ", "May ", "1 million ",
    "one million ", "report by ", "to a", "so that ", "two won ", "the a-", "’s ", "what about ", "and of which ",
]  # fmt: skip


def hostile(length: int = LONGEST_QUESTION) -> list[str]:
    """Each unit repeated to a length; the last character lets no pattern end that looks for an end."""
    return [(unit * length)[: length - 1] + "\x00" for unit in _UNITS]


def in_time(function: Callable[[str], object], texts: list[str]) -> None:
    """Call a function with each text; fails where it raises or works for longer than :data:`WORK`."""
    slow: list[tuple[str, float]] = []
    for text in texts:
        begin = time.process_time()
        function(text)
        taken = time.process_time() - begin
        if taken > WORK:
            slow.append((text[:40], taken))
    assert slow == []
