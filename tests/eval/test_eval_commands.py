"""The commands from their arguments to their exit codes, with the real assistant on a small report."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import eval.again
import eval.commands
import eval.suites
from assistant import Assistant
from assistant.answer import Answer
from eval.again import again, start_again
from eval.cli import main
from eval.metrics.citations import inexact
from eval.mutants.answers import cited_sentences, quoting
from eval.mutants.damage import Change, Changed
from eval.run import Bot
from eval.suites import BUNDLED, Scope
from eval.targets import SuiteError, Target
from index.readers import read_report
from index.report import Report

QUESTIONS = [
    ("size", "How large is the fund?", "120 billion tenge (", ["120 billion"]),
    (
        "premier",
        "Who is the Prime Minister of Kazakhstan?",
        "Olzhas Bektenov, Kazakhstan's Prime Minister",
        ["Bektenov"],
    ),
    ("army", "How many people serve in the military?", "about 40,000 personnel", ["40,000"]),
]


def case(name: str, question: str, quote: str, aliases: list[str], **values: Any) -> dict[str, Any]:
    return {
        "id": name, "conversation": name, "turn": 1, "question": question, "answerable": "yes",
        "status": ["answered"], "facts": [aliases], "evidence": [quote], "kind": "direct", "topic": "fund",
        "split": "fit", "source": "a test", **values,
    }  # fmt: skip


class StaysOpen(Changed):
    """The session's assistant, which a run that is over must not close; its answers may be changed."""

    def __init__(self, bot: Assistant, change: Change = lambda answer, report, question: answer) -> None:
        super().__init__(bot, change, lambda b, question, history: b.ask(question, history=history))

    def close(self) -> None: ...


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of three cases that the commands take for all there are."""
    folder = tmp_path / "cases"
    folder.mkdir()
    file = folder / "cases.jsonl"
    file.write_text("\n".join(json.dumps(case(*each)) for each in QUESTIONS), encoding="utf-8")
    monkeypatch.setattr(eval.suites, "CASES_FOLDER", folder)
    return file


@pytest.fixture
def opened_once(bot: Assistant, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Target], Bot]], None]:
    """Let the commands ask the session's assistant, so that not each opens one; a test may put another in its place."""

    def use(open_bot: Callable[[Target], Bot]) -> None:
        monkeypatch.setattr(eval.commands, "open_assistant", open_bot)
        monkeypatch.setattr(eval.again, "open_assistant", open_bot)

    monkeypatch.setattr(eval.commands, "start_again", lambda scope: partial(again, scope))
    use(lambda target: StaysOpen(bot))
    return use


def flags(folder: Path) -> list[str]:
    return ["--baseline", str(folder / "baseline.json")]


def keeping(folder: Path) -> list[str]:
    return [
        "--out", str(folder / "results"), "--known", str(folder / "known.jsonl"),
        "--floors", str(folder / "floors.json"), *flags(folder),
    ]  # fmt: skip


@pytest.mark.usefixtures("cases", "opened_once")
def test_accept_then_check_passes_and_keeps_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["accept", "--reason", "the first", *flags(tmp_path)]) == 0
    pages = [
        "--html",
        str(tmp_path / "p.html"),
        "--markdown",
        str(tmp_path / "p.md"),
        "--junit",
        str(tmp_path / "p.xml"),
    ]
    assert main(["check", *keeping(tmp_path), *pages]) == 0
    assert "not worse than the baseline" in capsys.readouterr().out
    assert {path.suffix for path in (tmp_path / "results").iterdir()} == {".json", ".html"}
    assert "Not worse than the baseline" in (tmp_path / "p.html").read_text(encoding="utf-8")
    assert (tmp_path / "p.md").read_text(encoding="utf-8").startswith("## Evaluation")
    assert (tmp_path / "p.xml").read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.usefixtures("cases")
def test_a_damaged_assistant_exits_with_100_and_is_no_baseline(
    bot: Assistant, tmp_path: Path, opened_once: Callable[[Callable[[Target], Bot]], None],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert main(["accept", "--reason", "the first", *flags(tmp_path)]) == 0

    def shifted(answer: Answer, report: Report, question: str) -> Answer:
        return replace(answer, citations=tuple(replace(c, start=c.start + 1) for c in answer.citations))

    opened_once(lambda target: StaysOpen(bot, shifted))
    assert main(["check", *keeping(tmp_path)]) == 100
    assert "✗ inexact citation: bundled/size" in capsys.readouterr().out
    assert main(["accept", "--reason", "worse", *flags(tmp_path)]) == 100
    assert len(json.loads((tmp_path / "baseline.json").read_text(encoding="utf-8"))["moves"]) == 1


@pytest.mark.usefixtures("opened_once")
def test_a_baseline_that_is_missing_or_of_other_cases_exits_with_3(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *keeping(tmp_path)]) == 3
    assert "there is no baseline yet" in capsys.readouterr().err
    assert main(["accept", "--reason", "the first", *flags(tmp_path)]) == 0
    cases.write_text(cases.read_text(encoding="utf-8").replace("How large", "How big"), encoding="utf-8")
    assert main(["check", *keeping(tmp_path)]) == 3
    assert "cases were edited since the baseline was made: bundled/size" in capsys.readouterr().err


@pytest.mark.usefixtures("opened_once")
def test_a_broken_case_exits_with_1_and_one_line(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["accept", "--reason", "the first", *flags(tmp_path)]) == 0
    capsys.readouterr()
    cases.write_text(cases.read_text(encoding="utf-8") + "\n{}", encoding="utf-8")
    assert main(["check", *keeping(tmp_path)]) == 1
    assert capsys.readouterr().err.strip() == f"error: {cases}:4: id: Field required (and 9 more)"


def test_a_baseline_is_not_moved_without_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["accept", "--reason", "  "])
    assert "say in a sentence why" in capsys.readouterr().err


@pytest.mark.usefixtures("opened_once")
def test_known_failures_do_not_gate_and_are_promoted_when_they_pass(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    promoted = cases.parent / "promoted.jsonl"
    monkeypatch.setattr(eval.commands, "PROMOTED", promoted)
    assert main(["accept", "--reason", "the first", *flags(tmp_path)]) == 0
    good = case("k-good", *QUESTIONS[0][1:])
    bad = case("k-bad", QUESTIONS[0][1], QUESTIONS[0][2], ["one thousand"])
    lines = [json.dumps({"case": each, "diagnosis": "span", "since": "2026-11-23"}) for each in (good, bad)]
    (tmp_path / "known.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert main(["check", *keeping(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "known failures: 1 still fail (they do not gate)" in said
    assert "promoted to a case, since it passes now: k-good" in said
    assert '"k-good"' in promoted.read_text(encoding="utf-8")
    assert main(["check", *keeping(tmp_path)]) == 0  # a case more than the baseline has is no misfit


@pytest.mark.usefixtures("opened_once", "cases")
def test_runs_are_kept_and_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = ["--out", str(tmp_path / "results"), "--known", str(tmp_path / "known.jsonl")]
    assert main(["run", *out]) == 0
    assert main(["run", *out]) == 0
    first, second = sorted((tmp_path / "results").glob("*.json"))
    capsys.readouterr()
    assert main(["compare", str(first), str(second)]) == 0
    assert "right source" in capsys.readouterr().out
    assert main(["compare", str(first), str(tmp_path / "none.json")]) == 1


@pytest.mark.usefixtures("opened_once", "cases")
def test_two_tables_of_goals_are_byte_for_byte_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["goals"]) == 0
    first = capsys.readouterr().out
    assert main(["goals"]) == 0
    assert capsys.readouterr().out == first
    assert "| answerable: every fact in the answer | ≥ 0.95 |" in first


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A user's own folder of a report and one case."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "harbour.md").write_text(
        "# The harbour\n\nThe harbour opened in 1911. Grain is the main cargo.\n\nThe town owns it.\n", encoding="utf-8"
    )
    own = case("opened", "When did the harbour open?", "opened in 1911", ["1911"], topic="other")
    (folder / "cases.jsonl").write_text(json.dumps(own), encoding="utf-8")
    return folder


def test_another_process_gives_the_same_answers(mine: Path) -> None:
    scope = Scope(suite="folder", data=mine)
    wait, own = start_again(scope), again(scope)
    assert [(row.text, row.citations) for row in wait()] == [(row.text, row.citations) for row in own]


def test_another_process_that_breaks_off_is_told(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="broke off"):
        start_again(Scope(suite="folder", data=tmp_path / "none"))()


def test_a_users_own_folder_is_asked_with_the_real_assistant(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["goals", "--suite", "folder", "--data", str(mine)]) == 0
    said = capsys.readouterr().out
    assert "### mine" in said
    assert "0 of 1 cases fail" in said


def test_a_sweep_refuses_names_that_there_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "--vary", "settings.passage_token=100"]) == 1
    assert "there is no 'passage_token' in Settings; there are report, model" in capsys.readouterr().err
    assert main(["sweep", "--vary", "passage_tokens=100"]) == 1
    assert "expected settings.NAME or tuning.NAME" in capsys.readouterr().err


def test_replacing_sentences_keeps_an_answer_exact(bot: Assistant) -> None:
    report = read_report(BUNDLED)
    answer = bot.ask("How large is the fund?")
    changed = quoting(answer, [report.sentences[3], report.sentences[5]], report)
    assert [sentence.number for sentence in cited_sentences(changed, report)] == [3, 5]
    assert inexact(changed, report) == []
