"""Why an LLM's reply cannot be used, by kind, in words of our own.

Nothing that a server says goes into them: an error page may hold the key, the prompt, or whatever somebody put there.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Kind = Literal[
    "no key", "unreachable", "certificate", "key refused", "no such model", "busy", "server error", "refused", "late",
    "unreadable", "too long", "empty", "question too long", "resting", "unverified", "does not know",
]  # fmt: skip

WHY: Mapping[Kind, str] = MappingProxyType(
    {
        "no key": "no key is set for it (OPENAI_API_KEY)",
        "unreachable": "its server cannot be reached",
        "certificate": "its server's certificate is not trusted",
        "key refused": "its server refused the key (OPENAI_API_KEY)",
        "no such model": "its server has no such model or address (llm_model, llm_url)",
        "busy": "its server has too much to do",
        "server error": "its server failed",
        "refused": "its server did not accept the request",
        "late": "it was not done in time",
        "unreadable": "its server's reply cannot be read",
        "too long": "its reply was longer than any answer",
        "empty": "its reply was empty",
        "question too long": "the question is too long for it",
        "resting": "it failed a moment ago and is tried again later",
        "unverified": "too little of what it wrote is in the report",
        "does not know": "it found no answer where the report has one",
    }
)


class LLMFailure(Exception):
    """A reply that cannot be used; ``kind`` says why. It never leaves :mod:`assistant.llm`."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind)
        self.kind: Kind = kind


def notice(kind: Kind) -> str:
    """One line for the person who asked."""
    return f"The LLM did not write this: {WHY[kind]}. The sentences are taken from the report instead."
