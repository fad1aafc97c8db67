"""SQuAD files and users' own folders as suites."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.squad import load_squad
from eval.suites import Scope, load_folder, load_suite
from eval.targets import SuiteError

CONTEXT = "Rain fell.  The mill, built in\n1802, stood by  the river. It ground corn."


def squad_file(folder: Path, **changes: Any) -> Path:
    question = {
        "id": "5f",
        "question": "When was the mill built? ",
        "answers": [{"text": "1802", "answer_start": CONTEXT.index("1802")}, {"text": "in 1802", "answer_start": 28}],
        "is_impossible": False,
    }
    missing = {"id": "60", "question": "Who built it?", "answers": [], "is_impossible": True, "plausible_answers": []}
    passages = [{"context": "First of all.", "qas": []}, {"context": CONTEXT, "qas": [question | changes, missing]}]
    article = {"title": "Old_Mill", "paragraphs": passages}
    path = folder / "squad.json"
    path.write_text(json.dumps({"version": "v2.0", "data": [article]}), encoding="utf-8")
    return path


def test_an_article_is_a_report_with_its_title_as_heading(tmp_path: Path) -> None:
    (target,) = load_squad(squad_file(tmp_path))
    assert target.name == "Old Mill"
    assert [section.title for section in target.report.sections] == ["Old Mill"]
    assert [target.report.quote(p) for p in target.report.paragraphs] == ["First of all.", " ".join(CONTEXT.split())]


def test_gold_is_the_paragraph_and_the_sentences_with_an_answer(tmp_path: Path) -> None:
    (target,) = load_squad(squad_file(tmp_path))
    told, untold = target.tasks
    assert told.paragraphs == {1}
    assert [target.report.quote(target.report.sentences[s]) for s in told.sentences] == [
        "The mill, built in 1802, stood by the river."
    ]
    assert told.case.answers == ("1802", "in 1802")
    assert told.case.answerable == "yes"
    assert untold.case.answerable == "no"
    assert untold.paragraphs == frozenset()
    assert "answered" not in untold.case.status


def test_an_answer_at_the_start_of_a_sentence_does_not_touch_the_one_before(tmp_path: Path) -> None:
    start = CONTEXT.index("It ground")
    (target,) = load_squad(squad_file(tmp_path, answers=[{"text": "It", "answer_start": start}]))
    assert [target.report.quote(target.report.sentences[s]) for s in target.tasks[0].sentences] == ["It ground corn."]


@pytest.mark.parametrize("text", ["", "[]", '{"data": []}', '{"data": [{"title": "x"}]}', "\x00"])
def test_another_format_is_one_clear_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SuiteError, match=r"x\.json: not a SQuAD file") as caught:
        load_squad(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="cannot be read: No such file"):
        load_squad(tmp_path / "none.json")


def test_the_limit_always_keeps_the_same_questions(tmp_path: Path) -> None:
    path = squad_file(tmp_path)
    first, second = load_squad(path, limit=1), load_squad(path, limit=1)
    assert [len(t.tasks) for t in first] == [1]
    assert [t.tasks[0].case.id for t in first] == [t.tasks[0].case.id for t in second]


@pytest.mark.parametrize("scope, message", [
    (Scope(suite="squad"), "--suite squad needs --data"),
    (Scope(suite="folder"), "--suite folder needs --data"),
    (Scope(suite="folder", data=Path("nowhere")), "no such folder"),
    (Scope(edition="original", original=Path("nowhere.txt")), "the original edition is not here"),
])  # fmt: skip
def test_what_a_suite_lacks_is_said(scope: Scope, message: str) -> None:
    with pytest.raises(SuiteError, match=message):
        load_suite(scope)


def test_without_the_original_both_means_the_bundled_one_and_says_so() -> None:
    said: list[str] = []
    targets = load_suite(Scope(edition="both", original=Path("nowhere.txt")), said.append)
    assert [target.name for target in targets] == ["bundled"]
    assert said == ["skipped the original edition: nowhere.txt is not here"]


def test_held_out_cases_are_asked_only_on_request() -> None:
    (everyday,) = load_suite(Scope())
    (everything,) = load_suite(Scope(held_out=True))
    assert {task.case.split for task in everyday.tasks} == {"fit", "check"}
    assert {task.case.split for task in everything.tasks} == {"fit", "check", "held-out"}


def test_a_folder_holds_one_report_and_cases(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    case = {
        "id": "a-1", "conversation": "a-1", "turn": 1, "question": "When did it open?", "answerable": "yes",
        "status": ["answered"], "evidence": ["in 1911"], "kind": "direct", "topic": "other", "split": "check",
        "source": "me",
    }  # fmt: skip
    (folder / "cases.jsonl").write_text(json.dumps(case), encoding="utf-8")
    with pytest.raises(SuiteError, match=r"expected one report .* found none"):
        load_folder(folder)
    (folder / "harbour.md").write_text("# Harbour\n\nThe harbour opened in 1911.\n", encoding="utf-8")
    (folder / "README.md").write_text("About this folder.\n", encoding="utf-8")
    target = load_folder(folder)
    assert target.name == "mine"
    assert target.tasks[0].paragraphs == {0}
    (folder / "second.txt").write_text("Another one.\n", encoding="utf-8")
    with pytest.raises(SuiteError, match=r"found harbour\.md, second.txt"):
        load_folder(folder)
