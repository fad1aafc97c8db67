"""Indexes on disk: whole or not at all, whatever happens to the process, the files or the disk."""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import multiprocessing
import os
import random
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from index import store as store_module
from index.build import ReportIndex, build_index
from index.encoder import SentenceTransformerEncoder
from index.errors import IndexCorrupted
from index.readers import read_text
from index.store import IndexStore
from index.tokens import load_encoding
from tests.crashing import PARTS, build_at_once, same, save_for_ever

FILES = (
    "heading_vectors.npy",
    "manifest.json",
    "passages.bm25/data.csc.index.npy",
    "passages.bm25/indices.csc.index.npy",
    "passages.bm25/indptr.csc.index.npy",
    "passages.bm25/params.index.json",
    "passages.bm25/vocab.index.json",
    "passages.faiss",
    "report.json",
    "sentences.bm25/data.csc.index.npy",
    "sentences.bm25/indices.csc.index.npy",
    "sentences.bm25/indptr.csc.index.npy",
    "sentences.bm25/params.index.json",
    "sentences.bm25/vocab.index.json",
    "sentences.faiss",
    "word_starts.npy",
    "word_vectors.npy",
)


@pytest.fixture(scope="module")
def index(encoder: SentenceTransformerEncoder) -> ReportIndex:
    report = read_text(
        "# Harbour review\n\n## Lamps\n\nThe tower has five lamps. They were lit in 1887.\n\n"
        "## Keepers\n\n- The first keeper was paid 40,000 crowns.\n- The second one was paid less.\n",
        "md",
    )
    return build_index(report, encoder, load_encoding(), 300)


@pytest.fixture(scope="module")
def saved(index: ReportIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with the index in it, not to be changed."""
    cache = tmp_path_factory.mktemp("saved")
    assert IndexStore(cache).load_or_build(PARTS, lambda: index)[1] is not None
    return cache


@pytest.fixture
def store(saved: Path, tmp_path: Path) -> IndexStore:
    """A store with the index in it."""
    shutil.copytree(saved, tmp_path / "cache")
    return IndexStore(tmp_path / "cache")


def no_build() -> ReportIndex:
    raise AssertionError("the saved index was not read")


def test_saved_and_loaded(store: IndexStore, index: ReportIndex) -> None:
    loaded, folder = store.load_or_build(PARTS, no_build)
    assert same(loaded, index)
    assert folder == store.path(PARTS) == store.verify(PARTS)
    assert isinstance(loaded.word_vectors, np.memmap)
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.is_file()) == list(FILES)


def test_another_index_for_other_parts(store: IndexStore, index: ReportIndex) -> None:
    for other in ({**PARTS, "passage_tokens": 301}, {**PARTS, "report": "abd"}, {**PARTS, "more": 1}):
        with pytest.raises(FileNotFoundError):
            store.load(other)
        store.load_or_build(other, lambda: index)
        assert store.verify(other) != store.verify(PARTS)


def test_another_index_for_other_code(store: IndexStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_program_sha256", lambda: "another program")
    with pytest.raises(FileNotFoundError):
        store.load(PARTS)


# --- damage


def flip(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << rng.randrange(8))]) + content[at + 1 :]


def truncate(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))]


def zero(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + b"\0" * min(64, len(content) - at) + content[at + 64 :]


def append(content: bytes, rng: random.Random) -> bytes:
    return content + rng.randbytes(rng.randint(1, 64)).replace(b"\n", b"x")


def test_every_random_corruption_is_noticed(store: IndexStore) -> None:
    """At least 180 of them: FAISS by itself loads a third of such files without complaint, wrong."""
    rng = random.Random(20)
    folder = store.path(PARTS)
    done = 0
    for name in FILES:
        path = folder / name
        content = path.read_bytes()
        for damage in (flip, flip, flip, flip, flip, flip, truncate, truncate, zero, zero, append):
            damaged = damage(content, rng)
            if damaged == content:
                continue
            path.write_bytes(damaged)
            for look in (store.verify, store.load):
                with pytest.raises(IndexCorrupted, match=r"^the index in .*") as error:
                    look(PARTS)
                assert "\n" not in str(error.value)
            path.write_bytes(content)
            done += 1
    assert done >= 180
    store.verify(PARTS)


def edit(change: Callable[[dict[str, dict[str, str]]], object]) -> Callable[[Path], object]:
    def damage(folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        change(manifest)
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    return damage


def emptied(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def made_a_folder(name: str) -> Callable[[Path], object]:
    def damage(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return damage


DAMAGE: dict[str, Callable[[Path], object]] = {
    "flipped": lambda folder: (folder / "sentences.faiss").write_bytes(
        flip((folder / "sentences.faiss").read_bytes(), random.Random(0))
    ),
    "file missing": lambda folder: (folder / "word_starts.npy").unlink(),
    "manifest missing": lambda folder: (folder / "manifest.json").unlink(),
    "folder missing": lambda folder: shutil.rmtree(folder / "passages.bm25"),
    "empty": emptied,
    "file more": lambda folder: (folder / "more.npy").write_bytes(b"x"),
    "file is a folder": made_a_folder("report.json"),
    "manifest is a folder": made_a_folder("manifest.json"),
    "manifest is a list": lambda folder: (folder / "manifest.json").write_text("[]", encoding="utf-8"),
    "manifest is null": lambda folder: (folder / "manifest.json").write_text("null", encoding="utf-8"),
    "manifest of another": edit(lambda manifest: manifest["of"].update(report="abd")),
    "manifest lacks a file": edit(
        lambda manifest: [manifest["files"].pop("sentences.faiss"), manifest["files"].pop("passages.faiss")]
    ),
    "manifest lists nothing": edit(lambda manifest: manifest.update(files={})),
    "manifest has no list": edit(lambda manifest: manifest.pop("files")),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_index_is_built_again(
    damage: Callable[[Path], object], store: IndexStore, index: ReportIndex, caplog: pytest.LogCaptureFixture
) -> None:
    damage(store.path(PARTS))
    with pytest.raises(IndexCorrupted):
        store.load(PARTS)
    made, folder = store.load_or_build(PARTS, lambda: index)
    assert same(made, index)
    assert folder == store.verify(PARTS)
    (line,) = [record.getMessage() for record in caplog.records if record.name == "index.store"]
    assert line.endswith("it is built again")
    assert same(store.load_or_build(PARTS, no_build)[0], index)
    assert not list(folder.parent.glob(".*"))


def test_hashes_right_but_content_not_readable(store: IndexStore) -> None:
    """As after an upgrade of a library that reads its files another way."""
    folder = store.path(PARTS)
    content = b'{"title": "x"}'
    (folder / "report.json").write_bytes(content)
    edit(lambda manifest: manifest["files"].update(store_module._hashes(folder)))(folder)
    store.verify(PARTS)
    with pytest.raises(IndexCorrupted, match="cannot be read"):
        store.load(PARTS)


def test_file_in_place_of_the_index(tmp_path: Path, index: ReportIndex) -> None:
    store = IndexStore(tmp_path)
    store.path(PARTS).parent.mkdir()
    store.path(PARTS).write_text("in the way", encoding="utf-8")
    store.load_or_build(PARTS, lambda: index)
    assert same(store.load_or_build(PARTS, no_build)[0], index)


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


def only_in_memory(store: IndexStore, cache: Path, index: ReportIndex, caplog: pytest.LogCaptureFixture) -> str:
    """Ask for an index that cannot be saved; return the reason that the one line in the log gives."""
    builds: list[int] = []

    def build() -> ReportIndex:
        builds.append(1)
        return index

    made, folder = store.load_or_build({"report": "new"}, build)
    assert same(made, index)
    assert folder is None
    assert builds == [1]
    (line,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    begin, end = f"the index cannot be saved in {cache} (", "): it is kept in memory for this run only"
    assert line.startswith(begin)
    assert line.endswith(end)
    return line[len(begin) : -len(end)]


@pytest.mark.parametrize(
    "size, expected", [(0, "File too large"), (4_000, "File too large"), (12_000, "the disk may be full")]
)
def test_disk_full_while_writing(
    size: int, expected: str, tmp_path: Path, index: ReportIndex, caplog: pytest.LogCaptureFixture
) -> None:
    with largest_file(size):
        assert only_in_memory(IndexStore(tmp_path), tmp_path, index, caplog) == expected
    assert [path.suffix for path in (tmp_path / "indexes").iterdir()] == [".lock"]
    assert IndexStore(tmp_path).load_or_build({"report": "new"}, lambda: index)[1] is not None


@pytest.mark.parametrize("function", ["fsync", "open", "mkdir", "rename"])
def test_disk_full_at_other_steps(
    function: str,
    tmp_path: Path,
    index: ReportIndex,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*arguments: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, function, fail)
    reason = only_in_memory(IndexStore(tmp_path), tmp_path, index, caplog)
    monkeypatch.undo()
    assert reason == "No space left on device"
    assert {path.suffix for path in tmp_path.glob("indexes/*")} <= {".lock"}


def test_file_system_without_locks(
    tmp_path: Path, index: ReportIndex, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that is but a file would be left behind by a process that is killed, and the next one wait for ever."""

    def fail(*arguments: object) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(fcntl, "flock", fail)
    reason = only_in_memory(IndexStore(tmp_path), tmp_path, index, caplog)
    assert reason == "Function not implemented"


def test_file_in_place_of_the_cache(tmp_path: Path, index: ReportIndex, caplog: pytest.LogCaptureFixture) -> None:
    cache = tmp_path / "cache"
    cache.write_text("in the way", encoding="utf-8")
    assert only_in_memory(IndexStore(cache), cache, index, caplog) in ("File exists", "Not a directory")
    assert cache.read_text(encoding="utf-8") == "in the way"


def test_errors_of_building_are_not_taken_for_the_caches(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def build() -> ReportIndex:
        raise OSError(errno.EIO, "the report's disk")

    with pytest.raises(OSError, match="the report's disk"):
        IndexStore(tmp_path).load_or_build(PARTS, build)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_interrupted_build_leaves_nothing(tmp_path: Path, index: ReportIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store_module, "_sync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        IndexStore(tmp_path).load_or_build(PARTS, lambda: index)
    assert [path.suffix for path in (tmp_path / "indexes").iterdir()] == [".lock"]


# --- several processes

processes = multiprocessing.get_context("forkserver")  # a child starts in milliseconds, and without this one's threads
processes.set_forkserver_preload(["tests.crashing"])


def test_processes_that_build_at_once_build_once(saved: Path, tmp_path: Path, index: ReportIndex) -> None:
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
    assert same(IndexStore(tmp_path / "cache").load(PARTS), index)


def test_killed_process_leaves_no_broken_index(saved: Path, tmp_path: Path, index: ReportIndex) -> None:
    rng = random.Random(5)
    begin = time.perf_counter()
    IndexStore(tmp_path).load_or_build({}, lambda: index)
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
                assert same(store.load({"number": number}), index)
                whole += 1
            except FileNotFoundError:
                continue
            except IndexCorrupted:
                assert number in (0, 2)
        # the killed process holds no lock, and what it left goes with the next that is saved
        made, folder = store.load_or_build({"number": attempt % 3}, lambda: index)
        assert folder is not None
        assert same(made, index)
        store.load_or_build({"another": 1}, lambda: index)
        assert not list(folder.parent.glob(".*"))
        if attempt >= 7 and halfway >= 3 and whole >= 3:  # the test has seen what it is about
            return
    pytest.fail(f"after 60 kills: {halfway} half-way, {whole} indexes")
