"""The benchmark: its arithmetic, what it makes up, and a small run of it for real."""

from __future__ import annotations

import argparse
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from eval.bench import command, made_up, probes
from eval.bench.measure import BenchError, Plan, Row, Spread, against, environment, plain, repeat, run, run_measured
from eval.bench.rows import PARTS, vectors
from eval.cli import main
from index.onnx import OnnxEncoder
from index.readers import read_text


def test_rows_compare_medians_with_their_goals() -> None:
    row = against("a", [1.0, 2.0, 9.0], "s", "b", [10.0, 10.0, 30.0], goal=0.2)
    assert row.measured == Spread(2.0, 1.0, 9.0, 3)
    assert row.reference == Spread(10.0, 10.0, 30.0, 3)
    assert row.compared == Spread(0.2, 0.1, 0.3, 3)  # each with the one beside it
    assert row.is_met is True
    assert against("a", [1.0], "s", "b", [4.0], goal=0.2).is_met is False
    assert against("a", [9.0], "/s", "b", [4.0], goal=2.0, at_least=True).is_met is True
    assert plain("a", [300.0, 100.0, 200.0], "MB", goal=150).is_met is False
    assert plain("a", [1.0], "s").is_met is None
    with pytest.raises(ValueError, match="shorter"):
        against("a", [1.0, 2.0], "s", "b", [1.0])


def test_table() -> None:
    rows = [
        against("start", [1.0, 2.0, 3.0], "s", "import b", [10.0, 10.0, 10.0], goal=0.1),
        plain("memory", [120.4, 119.0, 121.0], "MB", goal=250),
        plain("told", [0.5], ""),
        plain("recall", [0.98], "", goal=0.97, at_least=True),
    ]
    assert command.markdown(rows, {"network": 0.75}).splitlines() == [
        "| figure | measured | reference | compared | goal | |",
        "|---|---|---|---|---|---|",
        "| start | 2 s (1 to 3) | import b: 10 s (10 to 10) | 0.2 × | ≤ 0.1 × | ✗ |",
        "| memory | 120 MB (119 to 121) |  |  | ≤ 250 | ✓ |",
        "| told | 0.5 |  |  |  |  |",
        "| recall | 0.98 |  |  | ≥ 0.97 | ✓ |",
        "",
        "What a warm answer spends its time on:",
        "",
        "| stage | share |",
        "|---|---|",
        "| network | 75% |",
    ]
    kept = json.loads(json.dumps([row.as_dict() for row in rows]))
    assert [row["is_met"] for row in kept] == [False, True, None, True]
    assert kept[0]["reference"]["median"] == 10


def test_measures_take_turns() -> None:
    taken: list[str] = []
    count: Iterator[float] = map(float, range(100))

    def note(name: str) -> float:
        taken.append(name)
        return next(count)

    assert repeat(3, lambda: note("a"), lambda: note("b")) == [[0, 2, 4], [1, 3, 5]]
    assert taken == ["a", "b"] * 3


def test_programs_are_measured_in_a_clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORT_ASSISTANT_MODEL", "another")
    dropped = {"OMP_NUM_THREADS", "PYTHONDONTWRITEBYTECODE"}
    for name in dropped:
        monkeypatch.setenv(name, "1")
    seen = environment(tmp_path)
    assert not dropped & seen.keys()
    assert {k for k in seen if k.startswith("REPORT_ASSISTANT_")} == {"REPORT_ASSISTANT_CACHE_DIR"}
    assert run(["-c", "import os; print(os.environ['REPORT_ASSISTANT_CACHE_DIR'])"], tmp_path).output == f"{tmp_path}\n"
    done = run_measured(["-c", "import time; held = b'x' * 100_000_000; time.sleep(0.2)"], tmp_path)
    assert done.seconds >= 0.2
    assert 100 <= done.megabytes < 150
    for measured in (run, run_measured):
        with pytest.raises(BenchError, match="failed"):
            measured(["-c", "raise SystemExit('no')"], tmp_path)


def test_long_text_hardly_repeats_a_sentence() -> None:
    report = read_text(made_up.long_text(5), "md")
    once = read_text(made_up.long_text(1), "md")
    sentences = [report.quote(sentence) for sentence in report.sentences]
    assert len(sentences) == pytest.approx(5 * len(once.sentences), abs=10)
    assert len(set(sentences)) >= 0.9 * len(sentences)
    assert made_up.long_text(5) == made_up.long_text(5)


def test_made_up_vectors(encoder: OnnxEncoder) -> None:
    base = np.stack([one.vector for one in encoder.encode(["a fund", "a drone", "a treaty"])])
    made = made_up.vectors(base, 1000, 0)
    assert made.shape == (1000, encoder.dimension)
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(made, made_up.vectors(base, 1000, 0))
    assert not np.array_equal(made, made_up.vectors(base, 1000, 1))
    assert (made @ base.T).max(axis=1).min() > 0.5


def test_vectors_are_searched_for_real(tmp_path: Path) -> None:
    plan = Plan(tmp_path, 1, 11_000, (1,), lambda _: None)
    recall, time, memory, built = vectors(plan)
    assert recall.settings["vectors"] == 11_000
    assert "inverted file" in recall.settings["search"]
    assert recall.is_met
    assert recall.measured.median <= 1
    assert math.isclose(time.compared.median, time.measured.median / time.reference.median)  # type: ignore[union-attr]
    assert memory.is_met
    assert built.goal is None


def test_command_writes_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def two(plan: Plan) -> Iterator[Row]:
        yield plain("figure", [float(plan.repeats), 2.0], "s", goal=3)
        assert plan.cache.is_dir()

    monkeypatch.setitem(PARTS, "starts", two)
    assert main(["bench", "--only", "starts", "--repeats", "4", "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    (page,), (data,) = tmp_path.glob("bench-*.md"), tmp_path.glob("bench-*.json")
    assert page.read_text(encoding="utf-8") + "\n" == printed
    assert "| figure | 3 s (2 to 4) |" in printed
    kept = json.loads(data.read_text(encoding="utf-8"))
    assert kept["rows"][0]["measured"] == {"median": 3.0, "low": 2.0, "high": 4.0, "count": 2}
    assert {"commit", "dirty", "versions", "machine"} <= kept.keys()
    assert re.fullmatch(r"[\d.]+", kept["versions"]["onnxruntime"])


def test_a_part_that_fails_is_one_line_and_the_others_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(plan: Plan) -> Iterator[Row]:
        yield plain("before", [1.0], "s")
        raise BenchError("python -m x failed: no such thing")

    def works(plan: Plan) -> Iterator[Row]:
        yield plain("after", [1.0], "s")

    monkeypatch.setitem(PARTS, "starts", fails)
    monkeypatch.setitem(PARTS, "page", works)
    assert main(["bench", "--only", "starts", "page", "--out", str(tmp_path)]) == 1
    assert "error: python -m x failed: no such thing" in capsys.readouterr().err.splitlines()
    (data,) = tmp_path.glob("bench-*.json")
    assert [row["name"] for row in json.loads(data.read_text(encoding="utf-8"))["rows"]] == ["before", "after"]


def test_the_profile_of_a_warm_answer_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = made_up.questions()[:26]
    monkeypatch.setattr(made_up, "questions", lambda: asked)
    shares = probes.profile()
    assert sum(shares.values()) == pytest.approx(1, abs=0.02)
    assert min(shares.values()) > 0


@pytest.mark.parametrize("text, numbers", [("1,10", (1, 10)), ("100,1,1", (1, 100)), ("0", (1,))])
def test_how_many_times(text: str, numbers: tuple[int, ...]) -> None:
    assert command._whole_numbers(text) == numbers
    with pytest.raises(argparse.ArgumentTypeError, match="whole numbers"):
        command._whole_numbers(text + ",x")
