"""Cases: what is accepted, and that errors name the file and the line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.cases import CASES_FOLDER, Case, CaseError, load_cases, parse_case, write_cases

GOOD: dict[str, Any] = {
    "id": "fund-size-1",
    "conversation": "fund-size-1",
    "turn": 1,
    "before": [],
    "question": "How large is it?",
    "standalone": None,
    "answerable": "yes",
    "status": ["answered"],
    "facts": [["120 billion"], {"pattern": r"265\s+million"}, ["a", {"pattern": "b+"}]],
    "forbidden": [],
    "evidence": ["some words"],
    "kind": "direct",
    "topic": "fund",
    "split": "fit",
    "source": "a test",
}


def write(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("\n\n".join(json.dumps(line) for line in lines) + "\n", encoding="utf-8")
    return path


def test_a_case_is_read_and_written_back_the_same(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", GOOD)
    cases = load_cases(file)
    write_cases(tmp_path / "b.jsonl", cases)
    assert load_cases(tmp_path / "b.jsonl") == cases
    assert [case.id for case in cases] == ["fund-size-1"]


@pytest.mark.parametrize(
    "change, message",
    [
        ({"kind": "riddle"}, "kind"),
        ({"colour": "red"}, "colour: Extra inputs"),
        ({"id": "Fund Size"}, "id"),
        ({"facts": [[]]}, "facts"),
        ({"facts": [{"pattern": "("}]}, "'(' is not a regular expression"),
        ({"turn": 2}, "turn 2 needs 1 questions in 'before', got 0"),
        ({"conversation": "other"}, "'conversation' should be 'fund-size-1'"),
        ({"standalone": "How large is the fund?"}, "'standalone' is for later turns"),
        ({"status": ["off_topic"]}, "needs 'answered'"),
        ({"status": []}, "status"),
        ({"evidence": []}, "needs 'evidence'"),
        ({"question": ""}, "question"),
    ],
)
def test_an_error_names_file_line_and_what_is_wrong(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    other = {**GOOD, "id": "a-1", "conversation": "a-1"}
    file = write(tmp_path / "bad.jsonl", other, {**GOOD, **change})
    with pytest.raises(CaseError) as caught:
        load_cases(file)
    assert str(caught.value).startswith(f"{file}:3: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_not_json_is_named_with_its_column() -> None:
    with pytest.raises(CaseError, match=r"^x\.jsonl:7: not JSON: .* \(column 2\)$"):
        parse_case("{nope", place="x.jsonl:7")


def test_an_id_used_twice_names_both_places(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", GOOD)
    write(tmp_path / "b.jsonl", GOOD)
    with pytest.raises(CaseError, match=r"b\.jsonl:1: the id 'fund-size-1' is already used at .*a\.jsonl:1"):
        load_cases(tmp_path)


def test_the_turns_of_a_chain_must_follow_from_one_another(tmp_path: Path) -> None:
    first = {**GOOD, "id": "c-t1", "conversation": "c"}
    second = {**GOOD, "id": "c-t2", "conversation": "c", "turn": 2, "before": ["Something else?"]}
    with pytest.raises(CaseError, match=r":3: 'before' should be the 'before' of 'c-t1' and then its question"):
        load_cases(write(tmp_path / "chain.jsonl", first, second))
    second["before"] = [GOOD["question"]]
    assert len(load_cases(write(tmp_path / "chain.jsonl", first, second))) == 2


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00"])
def test_a_file_without_cases_or_not_in_utf8_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.jsonl").write_bytes(content)
    with pytest.raises(CaseError, match=r"x\.jsonl"):
        load_cases(tmp_path / "x.jsonl")


def test_a_folder_without_files_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="expected at least one file"):
        load_cases(tmp_path)


def test_the_hash_depends_on_what_is_asked_and_expected_alone() -> None:
    case = Case(**GOOD)
    assert case.sha256 == Case(**{**GOOD, "split": "check", "note": "why", "source": "elsewhere"}).sha256
    assert case.sha256 != Case(**{**GOOD, "question": "How big is it?"}).sha256


def test_the_committed_cases_meet_what_was_promised_of_them() -> None:
    cases = load_cases(CASES_FOLDER)
    assert len(cases) >= 300
    assert sum(case.answerable == "no" for case in cases) >= len(cases) / 4
    assert sum(case.turn > 1 for case in cases) >= 60
    assert {case.split for case in cases} == {"fit", "check", "held-out"}
    assert {case.kind for case in cases} >= {
        "direct", "paraphrased", "list", "why", "noisy", "followup", "near-miss", "false-premise", "off-topic",
        "instruction",
    }  # fmt: skip
