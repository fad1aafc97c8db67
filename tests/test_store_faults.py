"""Indexes on a disk that is full and in processes that are killed: whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import logging
import multiprocessing
import os
import random
import resource
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index import folders as folders_module
from index.build import ReportIndex
from index.errors import IndexCorrupted
from index.store import IndexStore
from tests.crashing import PARTS, build_at_once, same, save_for_ever

# --- a cache that cannot be written


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file of this process may grow beyond ``size`` bytes: the writes themselves fail, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def only_in_memory(store: IndexStore, cache: Path, small_index: ReportIndex, caplog: pytest.LogCaptureFixture) -> str:
    """Ask for an index that cannot be saved; return the reason that the one line in the log gives."""
    builds: list[int] = []

    def build() -> ReportIndex:
        builds.append(1)
        return small_index

    made, folder = store.load_or_build({"report": "new"}, build)
    assert same(made, small_index)
    assert folder is None
    assert builds == [1]
    (line,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    begin, end = f"the index cannot be saved in {cache} (", "): it is kept in memory for this run only"
    assert line.startswith(begin)
    assert line.endswith(end)
    return line[len(begin) : -len(end)]


@pytest.mark.parametrize("size", [0, 500, 3_100, 5_000])
def test_disk_full_while_writing(
    size: int, tmp_path: Path, small_index: ReportIndex, caplog: pytest.LogCaptureFixture
) -> None:
    with largest_file(size):
        assert only_in_memory(IndexStore(tmp_path), tmp_path, small_index, caplog) == "File too large"
    assert [path.suffix for path in (tmp_path / "indexes").iterdir()] == [".lock"]
    assert IndexStore(tmp_path).load_or_build({"report": "new"}, lambda: small_index)[1] is not None


@pytest.mark.parametrize("function", ["fsync", "open", "mkdir", "rename"])
def test_disk_full_at_other_steps(
    function: str,
    tmp_path: Path,
    small_index: ReportIndex,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*arguments: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, function, fail)
    reason = only_in_memory(IndexStore(tmp_path), tmp_path, small_index, caplog)
    monkeypatch.undo()
    assert reason == "No space left on device"
    assert {path.suffix for path in tmp_path.glob("indexes/*")} <= {".lock"}


def test_file_system_without_locks(
    tmp_path: Path, small_index: ReportIndex, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that is but a file would be left behind by a process that is killed, and the next one wait for ever."""

    def fail(*arguments: object) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(fcntl, "flock", fail)
    reason = only_in_memory(IndexStore(tmp_path), tmp_path, small_index, caplog)
    assert reason == "Function not implemented"


def test_file_in_place_of_the_cache(tmp_path: Path, small_index: ReportIndex, caplog: pytest.LogCaptureFixture) -> None:
    cache = tmp_path / "cache"
    cache.write_text("in the way", encoding="utf-8")
    assert only_in_memory(IndexStore(cache), cache, small_index, caplog) in ("File exists", "Not a directory")
    assert cache.read_text(encoding="utf-8") == "in the way"


def test_errors_of_building_are_not_taken_for_the_caches(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def build() -> ReportIndex:
        raise OSError(errno.EIO, "the report's disk")

    with pytest.raises(OSError, match="the report's disk"):
        IndexStore(tmp_path).load_or_build(PARTS, build)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_interrupted_build_leaves_nothing(
    tmp_path: Path, small_index: ReportIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(folders_module, "_sync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        IndexStore(tmp_path).load_or_build(PARTS, lambda: small_index)
    assert [path.suffix for path in (tmp_path / "indexes").iterdir()] == [".lock"]


# --- several processes

processes = multiprocessing.get_context("forkserver")  # a child starts in milliseconds, and without this one's threads
processes.set_forkserver_preload(["tests.crashing"])


def test_processes_that_build_at_once_build_once(saved: Path, tmp_path: Path, small_index: ReportIndex) -> None:
    barrier = processes.Barrier(4)
    log = tmp_path / "log"
    children = [
        processes.Process(target=build_at_once, args=(saved, tmp_path / "cache", log, barrier)) for _ in range(4)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * 4
    assert log.read_text(encoding="utf-8") == "built\n"
    assert same(IndexStore(tmp_path / "cache").load(PARTS), small_index)


def test_killed_process_leaves_no_broken_index(saved: Path, tmp_path: Path, small_index: ReportIndex) -> None:
    rng = random.Random(5)
    begin = time.perf_counter()
    IndexStore(tmp_path).load_or_build({}, lambda: small_index)
    one_save = time.perf_counter() - begin
    halfway = whole = 0
    for attempt in range(60):
        cache = tmp_path / str(attempt)
        store = IndexStore(cache)
        for number in (0, 2):  # what the child finds there is of another report: it puts its own in its place
            shutil.copytree(IndexStore(saved).path(PARTS), store.path({"number": number}))
        ready = tmp_path / f"ready-{attempt}"
        child = processes.Process(target=save_for_ever, args=(saved, cache, ready))
        child.start()
        while not ready.exists():
            assert child.is_alive()
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 4 * one_save))
        child.kill()
        child.join()

        halfway += any(store.path({}).parent.glob(".*-*"))
        for number in range(100):
            try:
                assert same(store.load({"number": number}), small_index)
                whole += 1
            except FileNotFoundError:
                continue
            except IndexCorrupted:
                assert number in (0, 2)
        # the killed process holds no lock, and what it left goes with the next that is saved
        made, folder = store.load_or_build({"number": attempt % 3}, lambda: small_index)
        assert folder is not None
        assert same(made, small_index)
        store.load_or_build({"another": 1}, lambda: small_index)
        assert not list(folder.parent.glob(".*"))
        if attempt >= 7 and halfway >= 3 and whole >= 3:  # the test has seen what it is about
            return
    pytest.fail(f"after 60 kills: {halfway} half-way, {whole} indexes")
