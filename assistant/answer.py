"""What the assistant returns: an answer and its citations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any, Literal, get_args

from prompts import version

Status = Literal["answered", "not_in_report", "contradicted", "off_topic"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class Citation:
    """A sentence of the report that supports a piece of an answer.

    ``report.text[start:end] == quote``. ``score`` is the ranking's score of the sentence (no unit; higher is
    better), ``report`` the report's title and ``sha256`` that of its text, so that a stored citation can be checked
    later.
    """

    number: int
    quote: str
    section: str
    start: int
    end: int
    score: float
    report: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of the sentences that an LLM wrote: ``written == passed + repaired + dropped``.

    A repaired one cites better evidence than the LLM named.
    """

    written: int
    passed: int
    repaired: int
    dropped: int


@dataclass(frozen=True)
class Answer:
    """An answer: Markdown ``text`` with ``[1]``, ``[2]`` … after what each citation supports.

    ``status`` is one of :data:`STATUSES`; ``question`` the standalone question that was answered; ``confidence`` the
    estimated probability, 0 to 1, that the report answers it; ``engine`` ``"extractive"`` or the name of the model
    that wrote the text; ``timings`` seconds by stage, in which equal answers may differ. ``suggestions`` are questions
    that the report can answer, asked and checked before they are offered; empty where there was no reason to offer any.
    """

    text: str
    status: Status
    citations: tuple[Citation, ...]
    question: str
    confidence: float
    engine: str = "extractive"
    timings: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}), compare=False)
    suggestions: tuple[str, ...] = ()
    verification: Verification | None = None
    """None where no LLM wrote a sentence."""
    notice: str = ""
    """One line that says why the LLM did not write the answer, where one was to."""
    prompts: str = field(default_factory=version)
    """The version of the templates that what is said, and what an LLM is told, are worded by."""

    def as_dict(self) -> dict[str, Any]:
        """The fields as JSON would hold them."""
        return {
            "text": self.text,
            "status": self.status,
            "citations": [asdict(citation) for citation in self.citations],
            "question": self.question,
            "confidence": self.confidence,
            "engine": self.engine,
            "timings": dict(self.timings),
            "suggestions": list(self.suggestions),
            "verification": None if self.verification is None else asdict(self.verification),
            "notice": self.notice,
            "prompts": self.prompts,
        }
