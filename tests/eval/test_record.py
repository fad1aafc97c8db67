"""Runs on disk, the baseline, floors and known failures."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant import Settings
from eval.baseline import BaselineError, load_baseline, load_floors, move_baseline
from eval.cases import CaseError, load_cases
from eval.known import Known, load_known, promote, save_known
from eval.provenance import provenance
from eval.record import RecordError, load, save
from eval.suites import Scope, load_suite
from tests.eval.conftest import MakeCase, MakeRow, MakeRun

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_run_is_read_as_it_was_kept_and_never_overwritten(
    tmp_path: Path, make_row: MakeRow, make_run: MakeRun
) -> None:
    run = make_run(make_row("bundled/a"), make_row("bundled/b", scores={"facts": None, "status": 1.0}))
    first, second = save(run, tmp_path, now=NOON), save(run, tmp_path, now=NOON)
    assert [first.name, second.name] == ["20261123T120000Z.json", "20261123T120000Z-1.json"]
    assert load(first) == run
    assert load(first).rows[1].scores["facts"] is None


@pytest.mark.parametrize("text", ["", "{}", '{"format": 1, "provenance": {}, "rows": [{}]}'])
def test_what_is_no_run_is_one_clear_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match=r"x\.json: not a stored run") as caught:
        load(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(RecordError, match="cannot be read"):
        load(tmp_path / "none.json")


def test_the_baseline_keeps_why_it_was_moved_and_no_times(tmp_path: Path, make_row: MakeRow, make_run: MakeRun) -> None:
    path = tmp_path / "baseline.json"
    with pytest.raises(BaselineError, match="there is no baseline yet"):
        load_baseline(path)
    move_baseline(make_run(make_row()), "the first one", path)
    move_baseline(make_run(make_row(), make_row("bundled/b")), " more cases ", path)
    baseline = load_baseline(path)
    assert [move.reason for move in baseline.moves] == ["the first one", "more cases"]
    assert len(baseline.run.rows) == 2
    assert {(row.seconds, len(row.timings)) for row in baseline.rows} == {(0.0, 0)}
    with pytest.raises(ValueError, match="for a reason"):
        move_baseline(make_run(make_row()), "  ", path)


def test_floors_are_numbers_by_metric(tmp_path: Path) -> None:
    path = tmp_path / "floors.json"
    assert load_floors(path) == {}
    path.write_text('{"all facts": 0.9, "facts@kind=list": 1}', encoding="utf-8")
    assert load_floors(path) == {"all facts": 0.9, "facts@kind=list": 1.0}
    path.write_text('{"all facts": "high"}', encoding="utf-8")
    with pytest.raises(BaselineError, match="expected an object of numbers"):
        load_floors(path)


def test_a_known_failure_that_passes_becomes_a_case(tmp_path: Path, make_case: MakeCase, make_row: MakeRow) -> None:
    known, cases = tmp_path / "known.jsonl", tmp_path / "promoted.jsonl"
    entries = [
        Known(case=make_case(id=f"k-{n}", conversation=f"k-{n}"), diagnosis="span", since="2026-11-23") for n in "abc"
    ]
    save_known(entries, known)
    found = [
        make_row("bundled/k-a"), make_row("original/k-a"),
        make_row("bundled/k-b"), make_row("original/k-b", wrong=("fact 1 of 1 missing",)),
    ]  # fmt: skip
    assert promote(found, known, cases) == ["k-a"]
    assert [each.case.id for each in load_known(known)] == ["k-b", "k-c"]
    assert load_cases(cases) == [entries[0].case]
    assert promote([make_row("bundled/k-b")], known, cases) == ["k-b"]
    assert [case.id for case in load_cases(cases)] == ["k-a", "k-b"]
    assert promote([], known, cases) == []


def test_a_bad_line_among_the_known_failures_is_named(tmp_path: Path) -> None:
    path = tmp_path / "known.jsonl"
    path.write_text('\n{"case": {}, "diagnosis": "span", "since": "2026-11-23"}\n', encoding="utf-8")
    with pytest.raises(CaseError, match=r"known\.jsonl:2: case\.id: "):
        load_known(path)


def test_provenance_says_what_answers_depend_on_and_names_no_place() -> None:
    targets = load_suite(Scope())
    found = provenance(Scope(), targets)
    assert found["cases"]["count"] == len(targets[0].tasks)
    assert found["reports"]["bundled"]["sha256"] == targets[0].report.sha256
    assert found["model"].startswith(f"{Settings().model}:")
    assert "assistant/data/report.md" in found["data"]
    assert found["settings"]["passage_tokens"] == Settings().passage_tokens
    assert found["versions"]["scipy"]
    assert str(Path.cwd()) not in json.dumps(found)
    assert str(Path.home()) + "/" not in json.dumps(found)
