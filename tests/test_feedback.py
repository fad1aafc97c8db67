"""The feedback file: what stands in it, and what happens where it cannot be written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant import Answer, Assistant, Citation
from assistant.ui.feedback import FeedbackBody, FeedbackFile, FeedbackProblem, FeedbackUnusable
from eval.feedback import load_feedback
from index.readers import read_text
from tests.serving import serving

REPORT = read_text("The pier is 40 metres long.\n\nIt was built in 1901.")


def body(**values: Any) -> FeedbackBody:
    sentence = REPORT.sentences[0]
    place = "", sentence.start, sentence.end
    citation = Citation(1, REPORT.quote(sentence), *place, 1.0, REPORT.title, REPORT.sha256)
    answer = Answer("The pier is 40 metres long. [1]", "answered", (citation,), "How long is the pier?", 0.9)
    return FeedbackBody.model_validate(
        {"question": "how long?", "answer": answer.as_dict(), "verdict": "down", **values}
    )


def test_a_line_holds_what_was_said_and_nothing_about_the_person(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "feedback.jsonl"
    FeedbackFile(path).add(body(note=" too\nshort ", before=["Is there a pier?"]), REPORT)
    (line,) = path.read_text("utf-8").splitlines()
    entry = json.loads(line)
    assert entry["note"] == "too\nshort"
    assert entry["before"] == ["Is there a pier?"]
    assert entry["answer"]["citations"][0]["quote"] == "The pier is 40 metres long."
    assert entry["versions"]["sha256"] == REPORT.sha256
    assert len(entry["time"]) == len("2026-01-01")
    assert entry.keys() == {"time", "verdict", "note", "question", "before", "answer", "versions"}


def test_the_evaluation_reads_what_is_written(tmp_path: Path) -> None:
    file = FeedbackFile(tmp_path / "feedback.jsonl")
    file.add(body(verdict="up"), REPORT)
    file.add(body(verdict="wrong citation", citation=1, note="“no”\u2028it is not"), REPORT)
    (entry,) = load_feedback(file.path)
    assert (entry.verdict, entry.citation, entry.note) == ("wrong citation", 1, "“no”\u2028it is not")
    assert entry.answer.question == "How long is the pier?"


@pytest.mark.parametrize("citation", [None, 2])
def test_a_wrong_citation_is_one_of_the_answer_s(tmp_path: Path, citation: int | None) -> None:
    with pytest.raises(FeedbackUnusable, match="Choose one"):
        FeedbackFile(tmp_path / "f").add(body(verdict="wrong citation", citation=citation), REPORT)
    assert list(tmp_path.iterdir()) == []


def test_an_answer_about_another_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedbackUnusable, match="ask again"):
        FeedbackFile(tmp_path / "f").add(body(), read_text("Another report."))


def test_processes_that_write_at_once_do_not_mix_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    program = (
        "import sys\nfrom pathlib import Path\nfrom assistant.ui.feedback import FeedbackFile\n"
        "from tests.test_feedback import REPORT, body\n"
        "for n in range(40): FeedbackFile(Path(sys.argv[1])).add(body(note=sys.argv[2] * 1500), REPORT)"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, str(path), letter]) for letter in "abc"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    notes = [json.loads(line)["note"] for line in path.read_text("utf-8").splitlines()]
    assert sorted(notes) == sorted(letter * 1500 for letter in "abc" for _ in range(40))


def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: the system writes what fits and then refuses."""
    path = tmp_path / "feedback.jsonl"
    FeedbackFile(path).add(body(), REPORT)
    before = path.read_bytes()
    program = (
        "import resource, sys\nfrom pathlib import Path\n"
        "from assistant.ui.feedback import FeedbackFile, FeedbackProblem\n"
        "from tests.test_feedback import REPORT, body\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({len(before) + 100}, {len(before) + 100}))\n"
        "try: FeedbackFile(Path(sys.argv[1])).add(body(), REPORT)\n"
        "except FeedbackProblem as problem: print(problem)"
    )
    said = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True).stdout
    assert str(path) in said
    assert "File too large" in said
    assert said.count("\n") == 1
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(FeedbackProblem, match=r"could not be saved in .*taken.*--feedback-file") as caught:
        FeedbackFile(tmp_path / "taken" / "feedback.jsonl").add(body(), REPORT)
    assert "\n" not in str(caught.value)
    with pytest.raises(FeedbackProblem, match="directory"):
        FeedbackFile(tmp_path).add(body(), REPORT)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_written_is_one_clear_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(FeedbackProblem, match="Permission denied"):
        FeedbackFile(tmp_path / "feedback.jsonl").add(body(), REPORT)


def test_a_line_that_was_cut_short_stays_alone(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    path.write_bytes(b'{"question": "cut')
    FeedbackFile(path).add(body(), REPORT)
    cut, whole, rest = path.read_bytes().split(b"\n")
    assert (cut, rest) == (b'{"question": "cut', b"")
    assert json.loads(whole)["question"] == "how long?"


def test_the_page_s_routes(tmp_path: Path, bot: Assistant) -> None:
    answer = bot.ask("How large is the fund?").as_dict()
    path = tmp_path / "feedback.jsonl"
    with serving(bot.report, lambda note: bot, feedback=path) as url, httpx.Client(base_url=url) as client:
        sent = {"question": "How large is the fund?", "answer": answer, "verdict": "down", "note": "x" * 2000}
        assert client.post("/page/feedback", json=sent).json() == {"status": "saved"}
        assert [entry.note for entry in load_feedback(path)] == ["x" * 2000]
        changes: list[dict[str, Any]] = [{"note": "x" * 2001}, {"verdict": "meh"}, {"question": ""}, {"answer": {}}]
        for change in [*changes, {"who": "me"}]:
            refused = client.post("/page/feedback", json={**sent, **change})
            assert refused.status_code == 422
            assert refused.json().keys() == {"error"}
        turns = [{"question": "How large is the fund?", "answer": answer}]
        for form, start in {"markdown": "# Q", "json": "{", "page": "<!doctype html>"}.items():
            saved = client.post(f"/page/export/{form}", json={"turns": turns})
            assert saved.text.startswith(start)
            assert saved.headers["content-disposition"].startswith("attachment;")
            assert "120 billion tenge" in saved.text
        assert client.post("/page/export/pdf", json={"turns": turns}).status_code == 422
        path.unlink()
        path.mkdir()
        failed = client.post("/page/feedback", json=sent)
        assert failed.status_code == 503
        assert str(path) in failed.json()["error"]
