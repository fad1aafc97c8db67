"""From a complaint to a case, as a person at the terminal would go through it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eval.cases import CaseError
from eval.feedback import load_feedback
from eval.known import load_known
from eval.triage import triage
from index.report import Report

TODAY = date(2026, 11, 23)


def complaint(**values: Any) -> dict[str, Any]:
    answer = {
        "text": "It has nine berths. [1]", "status": "answered", "question": "When did the harbour open?",
        "confidence": 0.8, "citations": [{"number": 1, "quote": "It has nine berths.", "section": "Background"}],
    }  # fmt: skip
    return {"question": "when open?", "answer": answer, "verdict": "down", "note": "not the year", **values}


def feedback_file(folder: Path, *entries: dict[str, Any]) -> Path:
    path = folder / "feedback.jsonl"
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    return path


class Terminal:
    """A person who has decided beforehand what to type; what is shown is kept."""

    def __init__(self, *typed: str) -> None:
        self.typed = list(typed)
        self.shown: list[str] = []

    def ask(self, question: str) -> str:
        return self.typed.pop(0)

    def walk(self, path: Path, report: Report) -> dict[str, int]:
        known = path.with_name("known.jsonl")
        counts = triage(path, report, known, self.ask, self.shown.append, TODAY)
        assert self.typed == []
        return {outcome: count for outcome, count in counts.items() if count}


def test_a_wrong_span_becomes_a_known_failure_with_what_the_person_said(tmp_path: Path, harbour: Report) -> None:
    path = feedback_file(tmp_path, complaint())
    person = Terminal("x", "s", "1911 | nineteen eleven", "", "zzz", "harbour opened", "1", "", "1")
    assert person.walk(path, harbour) == {"known": 1}
    (entry,) = load_known(tmp_path / "known.jsonl")
    assert (entry.diagnosis, entry.since) == ("span", "2026-11-23")
    assert entry.case.facts == (("1911", "nineteen eleven"),)
    assert entry.case.evidence == ("The harbour opened in 1911.",)
    assert (entry.case.question, entry.case.topic, entry.case.note) == ("when open?", "fund", "not the year")
    assert "please type one of r, s, w, f, i, k, q" in person.shown
    assert "no sentence holds any of these words" in person.shown


def test_a_follow_up_keeps_its_conversation_and_gets_its_standalone_question(tmp_path: Path, harbour: Report) -> None:
    path = feedback_file(tmp_path, complaint(question="since when?", before=["Is there a harbour?"]))
    Terminal("w", "1911", "", "harbour opened", "1", "", "Since when is there a harbour?", "").walk(path, harbour)
    case = load_known(tmp_path / "known.jsonl")[0].case
    assert (case.turn, case.before, case.kind) == (2, ("Is there a harbour?",), "followup")
    assert case.standalone == "Since when is there a harbour?"
    assert case.id == f"{case.conversation}-t2"


def test_what_should_have_been_refused_has_no_facts(tmp_path: Path, harbour: Report) -> None:
    path = feedback_file(tmp_path, complaint())
    Terminal("f", "1, 2", "8").walk(path, harbour)
    case = load_known(tmp_path / "known.jsonl")[0].case
    assert (case.answerable, case.status, case.kind) == ("no", ("not_in_report", "contradicted"), "near-miss")
    assert case.topic == "other"


def test_fine_is_not_asked_again_and_skipped_is(tmp_path: Path, harbour: Report) -> None:
    entries = [complaint(note=str(n)) for n in range(3)]
    path = feedback_file(tmp_path, *entries, entries[0], complaint(verdict="up"))
    assert Terminal("i", "k", "q").walk(path, harbour) == {"fine": 1, "skipped": 1}
    person = Terminal("i", "i")
    assert person.walk(path, harbour) == {"fine": 2}
    assert "--- 1 of 2 ---" in person.shown[0]
    assert not (tmp_path / "known.jsonl").exists()


def test_what_would_be_no_case_is_said_and_skipped(tmp_path: Path, harbour: Report) -> None:
    path = feedback_file(tmp_path, complaint())
    person = Terminal("r", "", "", "")
    assert person.walk(path, harbour) == {"skipped": 1}
    assert person.shown[-1] == "not a case: an answerable case needs 'evidence' quotes; skipped"


def test_the_complaint_cannot_move_the_cursor(tmp_path: Path, harbour: Report) -> None:
    person = Terminal("q")
    person.walk(feedback_file(tmp_path, complaint(note="\x1b[2Jgone\r\x07")), harbour)
    assert "not" not in person.shown[0].split("complaint:")[1]
    assert not any(c in person.shown[0] for c in "\x1b\r\x07")
    assert "nine berths" in person.shown[0]
    assert "Background" in person.shown[0]


def test_which_citation_is_wrong_is_shown(tmp_path: Path, harbour: Report) -> None:
    person = Terminal("q")
    person.walk(feedback_file(tmp_path, complaint(verdict="wrong citation", citation=1)), harbour)
    assert person.shown[0].endswith("complaint: wrong citation [1] – not the year")


@pytest.mark.parametrize("line", ["{", "[]", '{"question": "a"}', '{"question": "", "answer": {"text": "x"}}'])
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text(f"{json.dumps(complaint())}\n{line}\n", encoding="utf-8")
    with pytest.raises(CaseError, match=r"f\.jsonl:2: "):
        load_feedback(path)
