"""Indexes on disk: the same when read again, and never read when damaged."""

from __future__ import annotations

import json
import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index import store as store_module
from index.build import ReportIndex
from index.errors import IndexCorrupted
from index.folders import file_hashes
from index.store import IndexStore
from tests.crashing import PARTS, same

FILES = (
    "context_scales.npy",
    "context_vectors.npy",
    "heading_vectors.npy",
    "manifest.json",
    "passages.bm25/starts.npy",
    "passages.bm25/texts.npy",
    "passages.bm25/values.npy",
    "passages.bm25/words.json",
    "passages.dense/vectors.npy",
    "report.json",
    "sentences.bm25/starts.npy",
    "sentences.bm25/texts.npy",
    "sentences.bm25/values.npy",
    "sentences.bm25/words.json",
    "sentences.dense/vectors.npy",
    "word_forms.npy",
    "word_scales.npy",
    "word_starts.npy",
    "word_vectors.npy",
)


@pytest.fixture
def store(saved: Path, tmp_path: Path) -> IndexStore:
    """A store with the index in it."""
    shutil.copytree(saved, tmp_path / "cache")
    return IndexStore(tmp_path / "cache")


def no_build() -> ReportIndex:
    raise AssertionError("the saved index was not read")


def test_saved_and_loaded(store: IndexStore, small_index: ReportIndex) -> None:
    loaded, folder = store.load_or_build(PARTS, no_build)
    assert same(loaded, small_index)
    assert folder == store.path(PARTS) == store.verify(PARTS)
    assert isinstance(loaded.word_vectors.base, np.memmap)
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.is_file()) == list(FILES)


def test_another_index_for_other_parts(store: IndexStore, small_index: ReportIndex) -> None:
    for other in ({**PARTS, "passage_tokens": 301}, {**PARTS, "report": "abd"}, {**PARTS, "more": 1}):
        with pytest.raises(FileNotFoundError):
            store.load(other)
        store.load_or_build(other, lambda: small_index)
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
        for damage in (flip, flip, flip, flip, flip, flip, flip, truncate, truncate, zero, zero, append):
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
    "flipped": lambda folder: (folder / "sentences.dense/vectors.npy").write_bytes(
        flip((folder / "sentences.dense/vectors.npy").read_bytes(), random.Random(0))
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
        lambda manifest: [
            manifest["files"].pop("sentences.dense/vectors.npy"),
            manifest["files"].pop("passages.dense/vectors.npy"),
        ]
    ),
    "manifest lists nothing": edit(lambda manifest: manifest.update(files={})),
    "manifest has no list": edit(lambda manifest: manifest.pop("files")),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_index_is_built_again(
    damage: Callable[[Path], object], store: IndexStore, small_index: ReportIndex, caplog: pytest.LogCaptureFixture
) -> None:
    damage(store.path(PARTS))
    with pytest.raises(IndexCorrupted):
        store.load(PARTS)
    made, folder = store.load_or_build(PARTS, lambda: small_index)
    assert same(made, small_index)
    assert folder == store.verify(PARTS)
    (line,) = [record.getMessage() for record in caplog.records if record.name == "index.store"]
    assert line.endswith("it is built again")
    assert same(store.load_or_build(PARTS, no_build)[0], small_index)
    assert not list(folder.parent.glob(".*"))


def test_hashes_right_but_content_not_readable(store: IndexStore) -> None:
    """As after an upgrade of a library that reads its files another way."""
    folder = store.path(PARTS)
    content = b'{"title": "x"}'
    (folder / "report.json").write_bytes(content)
    edit(lambda manifest: manifest["files"].update(file_hashes(folder)))(folder)
    store.verify(PARTS)
    with pytest.raises(IndexCorrupted, match="cannot be read"):
        store.load(PARTS)


def test_file_in_place_of_the_index(tmp_path: Path, small_index: ReportIndex) -> None:
    store = IndexStore(tmp_path)
    store.path(PARTS).parent.mkdir()
    store.path(PARTS).write_text("in the way", encoding="utf-8")
    store.load_or_build(PARTS, lambda: small_index)
    assert same(store.load_or_build(PARTS, no_build)[0], small_index)


# --- indexes that nobody uses


def test_only_the_indexes_used_last_are_kept(store: IndexStore, small_index: ReportIndex) -> None:
    keep = 4
    store._folders._keep = keep
    first = store.path(PARTS)
    for number in range(6):
        time.sleep(0.01)  # whole clock ticks of the file system between them
        store.load(PARTS)
        store.load_or_build({"number": number}, lambda: small_index)
    kept = {path for path in first.parent.iterdir() if path.is_dir()}
    assert kept == {first, *(store.path({"number": number}) for number in (3, 4, 5))}
    assert same(store.load(PARTS), small_index)


def test_indexes_unused_for_long_are_removed(store: IndexStore, small_index: ReportIndex) -> None:
    month, ages = 30 * 24 * 3600, {"young": 1, "old": 3}
    for name, age in ages.items():
        store.load_or_build({"name": name}, lambda: small_index)
        os.utime(store.path({"name": name}), (0, time.time() - age * month))
    store.load_or_build({"name": "new"}, lambda: small_index)
    assert {name: store.path({"name": name}).exists() for name in (*ages, "new")} == {
        "young": True,
        "old": False,
        "new": True,
    }
    assert store.path(PARTS).exists()
    assert not list(store.path(PARTS).parent.glob(".*"))


def test_an_index_being_saved_is_not_removed(store: IndexStore, small_index: ReportIndex) -> None:
    os.utime(store.path(PARTS), (0, 0))
    with store._folders.lock({**PARTS, "program": store_module._program_sha256()}):
        store.load_or_build({"another": 1}, lambda: small_index)
        assert store.path(PARTS).exists()
    store.load_or_build({"another": 2}, lambda: small_index)
    assert not store.path(PARTS).exists()


def test_open_index_outlives_its_removal(store: IndexStore, small_index: ReportIndex) -> None:
    loaded = store.load(PARTS)
    os.utime(store.path(PARTS), (0, 0))
    store.load_or_build({"another": 1}, lambda: small_index)
    assert not store.path(PARTS).exists()
    assert same(loaded, small_index)
