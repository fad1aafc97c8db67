"""Folders of files in a cache: saved whole or not at all, verified before they are read.

A folder is named by its key: a hash of all that shaped it. Its ``manifest.json`` says what that was and holds the
SHA-256 of every other file. It is written beside its place, synced, and renamed, under a lock; a second process that
wants the same folder waits and then reads it. Nothing is pickled. What nobody has used for a while is removed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import IndexCorrupted

if TYPE_CHECKING:
    from filelock import FileLock

MANIFEST = "manifest.json"
# A folder that was not read for so long is removed when another one is saved.
UNUSED_DAYS = 60

Parts = Mapping[str, str | int]


class FolderStore:
    """The folders of one ``kind`` (a word for messages) under ``folder``, the ``keep`` used last and no more."""

    def __init__(self, folder: Path, kind: str, keep: int) -> None:
        self.folder = folder
        self._kind = kind
        self._keep = keep

    def path(self, parts: Parts) -> Path:
        """Where the folder of these parts is, or would be."""
        return self.folder / _key(parts)

    def verify(self, parts: Parts) -> Path:
        """Check a saved folder against its manifest, and return it; it counts as used now.

        Raises:
            FileNotFoundError: there is none.
            IndexCorrupted: a file is missing or unknown, or is not what the manifest says.
        """
        folder = self.path(parts)
        if not folder.is_dir():
            raise FileNotFoundError(folder)
        damaged = f"the {self._kind} in {folder} is damaged"
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if _key(manifest["of"]) != folder.name:
                raise IndexCorrupted(f"{damaged}: its manifest is of another {self._kind}")
            found = file_hashes(folder)
            expected: dict[str, str] = manifest["files"]
            for name in sorted(found.keys() | expected.keys()):
                if found.get(name) != expected.get(name):
                    raise IndexCorrupted(f"{damaged}: {name} is not what the manifest says")
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise IndexCorrupted(f"{damaged}: its files cannot be read ({error})") from error
        with suppress(OSError):  # a cache that may only be read
            os.utime(folder)
        return folder

    def lock(self, parts: Parts) -> FileLock:
        """The lock of the folder of these parts, made but not taken; also removes what killed processes left.

        Raises:
            OSError: the cache cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._remove_leftovers()
        return self._lock(self.path(parts).name)

    def save(self, parts: Parts, write: Callable[[Path], None]) -> Path:
        """Let ``write`` fill a folder, and put it in the place of these parts; the caller holds their lock.

        Raises:
            OSError: the cache cannot be written.
        """
        place = self.path(parts)
        temporary = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=self.folder))
        damaged = temporary.with_suffix(".damaged")
        try:
            write(temporary)
            manifest = {"of": dict(parts), "files": file_hashes(temporary)}
            (temporary / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
            for path in [*temporary.rglob("*"), temporary]:
                _sync(path)
            if place.exists():  # damaged, or it would have been read
                place.rename(damaged)
            temporary.rename(place)
            _sync(self.folder)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
            shutil.rmtree(damaged, ignore_errors=True)
        self._remove_unused(place)
        return place

    def _lock(self, key: str) -> FileLock:
        from filelock import FileLock

        # A soft lock, filelock's substitute where a file system has no locks, would outlive a process that is killed.
        return FileLock(self.folder / f"{key}.lock", fallback_to_soft=False)

    def _remove_leftovers(self) -> None:
        """Remove what killed processes left; who is at work holds the lock of its key."""
        for left in self.folder.glob(".*-*"):
            with suppress(OSError), self._lock(left.name[1:].partition("-")[0]).acquire(blocking=False):
                shutil.rmtree(left, ignore_errors=True)

    def _remove_unused(self, saved: Path) -> None:
        """Remove the folders beyond the ``keep`` used last, and those that nobody used for long.

        Who reads one at this moment keeps the files that it has open, and finds the others missing: it builds anew.
        """
        used: list[tuple[float, Path]] = []
        for path in self.folder.iterdir():
            with suppress(OSError):
                if path.is_dir() and not path.name.startswith(".") and path != saved:
                    used.append((path.stat().st_mtime, path))
        oldest = time.time() - UNUSED_DAYS * 24 * 3600
        for number, (when, path) in enumerate(sorted(used, reverse=True), start=2):
            if number > self._keep or when < oldest:
                with suppress(OSError), self._lock(path.name).acquire(blocking=False):
                    # out of its place first: a process that is killed half-way leaves a leftover, no damaged folder
                    gone = path.rename(path.with_name(f".{path.name}-unused"))
                    shutil.rmtree(gone, ignore_errors=True)


def file_hashes(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file under a folder but its manifest, by its path there."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / MANIFEST:
            with path.open("rb") as file:
                found[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _key(parts: Parts) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
