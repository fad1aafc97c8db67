"""What the tests of the evaluation share: a small report, makers of cases, rows and runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from eval.cases import Case
from eval.record import Row, Run
from index.report import Block, Report, build_report

MakeCase = Callable[..., Case]
MakeRow = Callable[..., Row]
MakeRun = Callable[..., Run]


@pytest.fixture(scope="session")
def harbour() -> Report:
    """A report of two sections, three paragraphs and a note."""
    return build_report(
        [
            Block("title", "The Harbour of Lund"),
            Block("heading", "Background"),
            Block("paragraph", "The harbour opened in 1911. It has nine berths, two of them for ferries."),
            Block("paragraph", "Grain is the main cargo. Its owner is the town."),
            Block("heading", "Outlook"),
            Block("paragraph", "The town may add a tenth berth. Critics say that it isn't needed."),
            Block("note", "Photo: the town archive"),
        ],
        title="harbour",
    )


@pytest.fixture(scope="session")
def make_case() -> MakeCase:
    """A case with the given values, and plain ones for what is not given."""

    def make(**values: Any) -> Case:
        name = values.get("id", "opened-1")
        given: dict[str, Any] = {
            "id": name,
            "conversation": name,
            "turn": 1,
            "question": "When did the harbour open?",
            "answerable": "yes",
            "status": ["answered"],
            "evidence": ["opened in 1911"],
            "kind": "direct",
            "topic": "other",
            "split": "fit",
            "source": "made for a test",
        }
        return Case(**{**given, **values})

    return make


@pytest.fixture(scope="session")
def make_row() -> MakeRow:
    """A row with the given values, and plain ones for what is not given."""

    def make(key: str = "bundled/a-1", **values: Any) -> Row:
        given: dict[str, Any] = {
            "key": key,
            "target": key.split("/")[0],
            "case": "c" * 64,
            "conversation": key,
            "turn": 1,
            "kind": "direct",
            "topic": "other",
            "split": "fit",
            "before": (),
            "question": "When did the harbour open?",
            "answerable": True,
            "status": "answered",
            "asked": "When did the harbour open?",
            "text": "The harbour opened in **1911**. [1]",
            "engine": "extractive",
            "suggestions": (),
            "citations": (
                {"number": 1, "quote": "The harbour opened in 1911.", "section": "Background", "start": 0, "end": 27,
                 "right": True},
            ),
            "error": None,
            "wrong": (),
            "scores": {"status": 1.0, "answered": 1.0, "confidence": 0.9, "exact": 1.0},
            "seconds": 0.02,
            "timings": {"retrieve": 0.01, "answer": 0.01},
        }  # fmt: skip
        return Row(**{**given, **values})

    return make


@pytest.fixture(scope="session")
def make_run() -> MakeRun:
    """A run of the given rows."""

    def make(*rows: Row) -> Run:
        provenance = {
            "made": "2026-11-23T20:00:00Z",
            "commit": "abc",
            "scope": {"suite": "report", "held_out": False},
            "reports": {"bundled": {"title": "T", "sha256": "r"}},
        }
        return Run(provenance=provenance, rows=rows)

    return make
