"""Indexes on disk, in folders of :mod:`index.folders`."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from functools import lru_cache
from pathlib import Path

from index.build import ReportIndex
from index.chunking import Passage
from index.dense import DenseIndex, mapped, save_array
from index.errors import IndexCorrupted
from index.folders import FolderStore, Parts
from index.lexical import LexicalIndex
from index.report import Paragraph, Report, Section, Sentence

logger = logging.getLogger(__name__)

# What of an index is a file of its own; they stay on disk until looked at.
_ARRAYS = (
    "word_vectors", "word_scales", "word_starts", "word_forms", "context_vectors", "context_scales", "heading_vectors"
)  # fmt: skip
# The files of data that an index depends on.
_DATA = ("tokens.tiktoken", "words.safetensors", "interaction.safetensors", "upper.safetensors")
# How many indexes are kept: those used last.
KEPT = 32


class IndexStore:
    """The indexes under one cache folder.

    An index is asked for by its *parts*: the report, the model and the settings that it is of. What this program's own
    code does to it counts, too: after an upgrade that changes it, an index is built anew.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._folders = FolderStore(cache / "indexes", "index", KEPT)

    def path(self, parts: Parts) -> Path:
        """Where the index of these parts is, or would be."""
        return self._folders.path(_whole(parts))

    def load_or_build(self, parts: Parts, build: Callable[[], ReportIndex]) -> tuple[ReportIndex, Path | None]:
        """The saved index, or, where it is missing or damaged, a new one, saved before it is returned.

        The folder that it is in comes with it: None, and a line in the log, where the cache cannot be written.
        """
        with suppress(FileNotFoundError, IndexCorrupted):
            return self.load(parts), self.path(parts)
        try:
            lock = self._folders.lock(_whole(parts)).acquire()
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
                return index, self._folders.save(_whole(parts), lambda folder: _write(folder, index))
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
        return self._folders.verify(_whole(parts))

    def _warn(self, error: OSError) -> None:
        logger.warning(
            "the index cannot be saved in %s (%s): it is kept in memory for this run only",
            self._cache,
            error.strerror,
        )


def _whole(parts: Parts) -> dict[str, str | int]:
    return {**parts, "program": _program_sha256()}


@lru_cache(maxsize=1)
def _program_sha256() -> str:
    """A hash of what makes an index of a file: the modules of this package and what they read."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in [*sorted(folder.rglob("*.py")), *(folder / "data" / name for name in _DATA)]:
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _write(folder: Path, index: ReportIndex) -> None:
    report = index.report
    pieces = {
        "title": report.title,
        "text": report.text,
        "sections": [_row(section) for section in report.sections],
        "paragraphs": [_row(paragraph) for paragraph in report.paragraphs],
        "sentences": [_row(sentence) for sentence in report.sentences],
        "passages": [_row(passage) for passage in index.passages],
        "forms": index.forms,
        "spellings": index.spellings,
    }
    (folder / "report.json").write_text(json.dumps(pieces, ensure_ascii=False), encoding="utf-8")
    index.passage_dense.save(folder / "passages.dense")
    index.sentence_dense.save(folder / "sentences.dense")
    index.passage_lexical.save(folder / "passages.bm25")
    index.sentence_lexical.save(folder / "sentences.bm25")
    for name in _ARRAYS:
        save_array(folder / f"{name}.npy", getattr(index, name))


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
        DenseIndex.load(folder / "passages.dense"),
        DenseIndex.load(folder / "sentences.dense"),
        LexicalIndex.load(folder / "passages.bm25", len(passages)),
        LexicalIndex.load(folder / "sentences.bm25", len(report.sentences)),
        forms=tuple(pieces["forms"]),
        spellings=tuple(pieces["spellings"]),
        **{name: mapped(folder / f"{name}.npy") for name in _ARRAYS},
    )


def _row(piece: Section | Paragraph | Sentence | Passage) -> list[str | int]:
    return [getattr(piece, field.name) for field in fields(piece)]
