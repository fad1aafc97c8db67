"""Other libraries beside this project: what goes wrong with them is told, and this project is measured for real."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from eval.bench.command import markdown
from eval.bench.measure import BenchError, Plan, against, failed, run
from eval.bench.peers import rows
from eval.bench.peers.environment import COMMON, PEERS, Environment, Peer, pinned


def plan(folder: Path) -> Plan:
    return Plan(folder, 1, 1, (1,), lambda _: None)


def test_library_that_is_not_there_is_a_row_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORT_ASSISTANT_CACHE_DIR", str(tmp_path))
    missing = Peer("Missing", "llamaindex", (str(tmp_path / "no-such-package"),), "")
    broken = Peer("Broken", "txtai", (), "")  # txtai is not in the environment
    one, other = rows.peers(plan(tmp_path), [missing, broken], common=())
    assert one.name.startswith("Missing: ")
    assert "no-such-package" in one.name
    assert other.name.startswith("Broken: ")
    assert "No module named" in other.name
    assert one.is_met is None


def test_environment_is_kept(tmp_path: Path) -> None:
    made = Environment(tmp_path, ())
    begun = made.python.lstat().st_ctime_ns
    assert Environment(tmp_path, ()).python.lstat().st_ctime_ns == begun
    assert made.python.is_relative_to(tmp_path)
    assert made.versions(["pip"])["pip"]
    with pytest.raises(BenchError):
        made.versions(["no-such-package"])


def test_what_all_share_is_what_this_project_is_tested_with() -> None:
    assert {pinned(name).partition("==")[0] for name in COMMON} == set(COMMON)
    assert len({peer.module for peer in PEERS}) == len(PEERS) == 4


@pytest.mark.usefixtures("encoder")
def test_this_project_is_measured_as_the_others_are(tmp_path: Path) -> None:
    folder = rows._write(tmp_path / "job", 1)
    texts = json.loads((folder / "texts.json").read_text("utf-8"))
    (folder / "questions.json").write_text(json.dumps([rows.QUESTION, "Who runs it?"]), encoding="utf-8")
    built, first, warm = (
        rows._measured(plan(tmp_path), sys.executable, action, "ours", folder) for action in ("build", "first", "warm")
    )
    assert built["rate"] > 0
    assert "billion" in first["passage"]
    assert 0 < warm["ask"] < 1 < warm["megabytes"]
    assert first["seconds"] > warm["ask"]
    assert len(texts) > 10


@pytest.mark.parametrize("reach", ["create_connection(('127.0.0.1', 9))", "getaddrinfo('example.org', 80)"])
def test_libraries_reach_no_network(reach: str, tmp_path: Path) -> None:
    script = f"import socket, sys; from eval.bench.peers.run import *; sys.addaudithook(refuse_network); socket.{reach}"
    with pytest.raises(BenchError, match="the benchmark allows no network"):
        run(["-c", script], tmp_path)


def test_notes_and_failures_in_the_table() -> None:
    row = against("A: warm", [2.0], "ms", "ours", [1.0], settings={"notes": {"A": "a 1.0; top 10"}})
    assert markdown([row, failed("B", "no matching distribution")], {}).splitlines()[2:] == [
        "| A: warm | 2 ms | ours: 1 ms | 2 × |  |  |",
        "| B: no matching distribution | – |  |  |  |  |",
        "",
        "- A: a 1.0; top 10",
    ]
