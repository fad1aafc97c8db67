"""Made-up reports with short questions."""

from __future__ import annotations

from pathlib import Path

import pytest

import eval.made_up
from eval.cases import CaseError
from eval.made_up import NAMES, load_made_up
from eval.targets import SuiteError

REPORT = "# The Mill\n\nThe mill was built in 1802. It ground corn for the town.\n"
PLAIN = '{"q": "When was it built?", "kind": "direct", "evidence": ["built in 1802"], "answer": ["1802"]}'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one report to check on, without questions."""
    monkeypatch.setattr(eval.made_up, "FOLDER", tmp_path)
    (tmp_path / "check").mkdir()
    (tmp_path / "check" / "mill.md").write_text(REPORT, encoding="utf-8")
    return tmp_path / "check" / "mill.jsonl"


def test_those_that_ship() -> None:
    fit, check, held_out = (load_made_up(split) for split in ("fit", "check", "held-out"))
    assert {target.name for target in fit} == NAMES
    assert not NAMES & {target.name for target in [*check, *held_out]}
    # How many questions, and which share of them the report does not answer: what has been asked for has changed.
    for targets, count, share in ((fit, 140, 0.25), (check, 150, 0.35), (held_out, 120, 0.25)):
        for target in targets:
            refused = [task for task in target.tasks if task.case.answerable == "no"]
            assert len(target.tasks) >= count
            assert share < len(refused) / len(target.tasks) < 0.6
            assert all(task.sentences for task in target.tasks if task not in refused)


def test_a_line_becomes_a_case(folder: Path) -> None:
    later = (
        '{"q": "And why?", "kind": "followup", "before": ["When?"], "standalone": "Why was it built?", "evidence": []}'
    )
    folder.write_text(f"{PLAIN}\n{later}\n", encoding="utf-8")
    (target,) = load_made_up("check")
    first, second = (task.case for task in target.tasks)
    assert (first.id, first.facts, first.status, first.split) == ("mill-1", (("1802",),), ("answered",), "check")
    assert (second.id, second.turn, second.standalone) == ("mill-2-t2", 2, "Why was it built?")
    assert "answered" not in second.status
    assert target.tasks[0].sentences == {0}


@pytest.mark.parametrize("line", ['{"q": "What?"}', "no JSON", PLAIN.replace('"q"', '"question"')])
def test_a_line_that_is_none_is_named(folder: Path, line: str) -> None:
    folder.write_text(f"{PLAIN}\n{line}\n", encoding="utf-8")
    with pytest.raises(CaseError, match=r"mill\.jsonl:2: "):
        load_made_up("check")


def test_evidence_stands_in_the_report(folder: Path) -> None:
    folder.write_text(PLAIN.replace("1802", "1902"), encoding="utf-8")
    with pytest.raises(SuiteError, match="mill-1"):
        load_made_up("check")
