"""Indexes on disk: saved whole or not at all, verified before they are read.

An index is a folder named by its key: a hash of all that shaped it. Its ``manifest.json`` says what that was and holds
the SHA-256 of every other file. It is written beside its place, synced, and renamed, under a lock; a second process
that wants the same index waits and then reads it. Nothing is pickled.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import numpy as np
from filelock import FileLock

from index.build import ReportIndex
from index.chunking import Passage
from index.dense import DenseIndex
from index.errors import IndexCorrupted
from index.lexical import LexicalIndex
from index.report import Paragraph, Report, Section, Sentence

logger = logging.getLogger(__name__)

MANIFEST = "manifest.json"

Parts = Mapping[str, str | int]


class IndexStore:
    """The indexes under one cache folder.

    An index is asked for by its *parts*: the report, the model and the settings that it is of. What this program's own
    code does to it counts, too: after an upgrade that changes it, an index is built anew.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._folder = cache / "indexes"

    def path(self, parts: Parts) -> Path:
        """Where the index of these parts is, or would be."""
        return self._folder / _key({**parts, "program": _program_sha256()})

    def load_or_build(self, parts: Parts, build: Callable[[], ReportIndex]) -> tuple[ReportIndex, Path | None]:
        """The saved index, or, where it is missing or damaged, a new one, saved before it is returned.

        The folder that it is in comes with it: None, and a line in the log, where the cache cannot be written.
        """
        with suppress(FileNotFoundError, IndexCorrupted):
            return self.load(parts), self.path(parts)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._remove_leftovers()
            lock = self._lock(self.path(parts).name).acquire()
        except OSError as error:
            self._warn(error)
            return build(), None
        with lock:
            try:
                return self.load(parts), self.path(parts)
            except FileNotFoundError:
                pass
            except IndexCorrupted as error:
                logger.warning("%s; it is built again", error)
            index = build()
            try:
                return index, self._save(parts, index)
            except OSError as error:
                self._warn(error)
                return index, None

    def load(self, parts: Parts) -> ReportIndex:
        """Verify and read a saved index.

        Raises:
            FileNotFoundError: there is none.
            IndexCorrupted: a file is missing, or is not what the manifest says.
        """
        folder = self.verify(parts)
        try:
            return _read(folder)
        except (KeyError, ValueError, TypeError, OSError) as error:
            raise IndexCorrupted(f"the index in {folder} cannot be read ({error})") from error

    def verify(self, parts: Parts) -> Path:
        """Check a saved index against its manifest, and return its folder.

        Raises:
            FileNotFoundError: there is none.
            IndexCorrupted: a file is missing or unknown, or is not what the manifest says.
        """
        folder = self.path(parts)
        if not folder.is_dir():
            raise FileNotFoundError(folder)
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if _key(manifest["of"]) != folder.name:
                raise IndexCorrupted(f"the index in {folder} is damaged: its manifest is of another index")
            found = _hashes(folder)
            expected: dict[str, str] = manifest["files"]
            for name in sorted(found.keys() | expected.keys()):
                if found.get(name) != expected.get(name):
                    raise IndexCorrupted(f"the index in {folder} is damaged: {name} is not what the manifest says")
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise IndexCorrupted(f"the index in {folder} is damaged: its files cannot be read ({error})") from error
        return folder

    def _lock(self, key: str) -> FileLock:
        # A soft lock, filelock's substitute where a file system has no locks, would outlive a process that is killed.
        return FileLock(self._folder / f"{key}.lock", fallback_to_soft=False)

    def _warn(self, error: OSError) -> None:
        logger.warning(
            "the index cannot be saved in %s (%s): it is kept in memory for this run only",
            self._cache,
            error.strerror or "the disk may be full",  # numpy only says how many items were written
        )

    def _remove_leftovers(self) -> None:
        """Remove what killed processes left; who is at work holds the lock of its key."""
        for left in self._folder.glob(".*-*"):
            with suppress(OSError), self._lock(left.name[1:].partition("-")[0]).acquire(blocking=False):
                shutil.rmtree(left, ignore_errors=True)

    def _save(self, parts: Parts, index: ReportIndex) -> Path:
        place = self.path(parts)
        temporary = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=self._folder))
        damaged = temporary.with_suffix(".damaged")
        try:
            _write(temporary, index)
            manifest = {"of": {**parts, "program": _program_sha256()}, "files": _hashes(temporary)}
            (temporary / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
            for path in [*temporary.rglob("*"), temporary]:
                _sync(path)
            if place.exists():  # damaged, or it would have been read
                place.rename(damaged)
            temporary.rename(place)
            _sync(self._folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
            shutil.rmtree(damaged, ignore_errors=True)
        return place


def _key(parts: Parts) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def _program_sha256() -> str:
    """A hash of what makes an index of a file: the modules of this package and the vocabulary that counts tokens."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in [*sorted(folder.rglob("*.py")), folder / "data" / "tokens.tiktoken"]:
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _write(folder: Path, index: ReportIndex) -> None:
    report = index.report
    pieces = {
        "title": report.title,
        "text": report.text,
        "sections": [list(asdict(section).values()) for section in report.sections],
        "paragraphs": [list(asdict(paragraph).values()) for paragraph in report.paragraphs],
        "sentences": [list(asdict(sentence).values()) for sentence in report.sentences],
        "passages": [list(asdict(passage).values()) for passage in index.passages],
    }
    (folder / "report.json").write_text(json.dumps(pieces, ensure_ascii=False), encoding="utf-8")
    index.passage_dense.save(folder / "passages.faiss")
    index.sentence_dense.save(folder / "sentences.faiss")
    index.passage_lexical.save(folder / "passages.bm25")
    index.sentence_lexical.save(folder / "sentences.bm25")
    np.save(folder / "word_vectors.npy", index.word_vectors, allow_pickle=False)
    np.save(folder / "word_starts.npy", index.word_starts, allow_pickle=False)
    np.save(folder / "heading_vectors.npy", index.heading_vectors, allow_pickle=False)


def _read(folder: Path) -> ReportIndex:
    pieces = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    report = Report(
        pieces["title"],
        pieces["text"],
        tuple(Section(*row) for row in pieces["sections"]),
        tuple(Paragraph(*row) for row in pieces["paragraphs"]),
        tuple(Sentence(*row) for row in pieces["sentences"]),
    )
    passages = tuple(Passage(*row) for row in pieces["passages"])
    return ReportIndex(
        report,
        passages,
        DenseIndex.load(folder / "passages.faiss"),
        DenseIndex.load(folder / "sentences.faiss"),
        LexicalIndex.load(folder / "passages.bm25", len(passages)),
        LexicalIndex.load(folder / "sentences.bm25", len(report.sentences)),
        np.load(folder / "word_vectors.npy", allow_pickle=False, mmap_mode="r"),
        np.load(folder / "word_starts.npy", allow_pickle=False),
        np.load(folder / "heading_vectors.npy", allow_pickle=False),
    )


def _hashes(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file under a folder but the manifest, by its path there."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / MANIFEST:
            with path.open("rb") as file:
                found[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
