"""The facade: a report opened for questions."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from threading import Lock
from types import TracebackType

from assistant.answer import Answer
from assistant.engine import Engine, check_question
from assistant.errors import AssistantError, ReportError
from assistant.settings import Settings
from index.build import ReportIndex, build_index
from index.encoder import Encoder, Progress, SentenceTransformerEncoder
from index.readers import read_report
from index.report import Report
from index.retriever import Retriever
from index.store import IndexStore, index_key
from index.tokens import load_encoding

logger = logging.getLogger(__name__)

Turn = Mapping[str, str]


class Assistant:
    """A report opened for questions.

    ``report`` is a path (txt, md, html, pdf, docx), a :class:`index.report.Report`, or None for the bundled one or the
    one that the settings name. The index is read from the cache, or built: ``progress`` is told how many of how many
    texts are embedded. One assistant may be asked from several threads.

    Raises:
        AssistantError: one of its kinds, see :mod:`assistant.errors`.
    """

    def __init__(
        self,
        report: str | Path | Report | None = None,
        settings: Settings | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.settings = settings or Settings.load()
        if self.settings.llm_model is not None:
            raise AssistantError(
                "answers written by an LLM are not supported yet: leave llm_model unset for the extractive answers"
            )
        self._encoder: Encoder = SentenceTransformerEncoder(self.settings.model)
        self._lock = Lock()
        source = self.settings.report if report is None else report
        self._index, self._folder = _open(source, self.settings, self._encoder, progress)
        self._retriever = Retriever(self._index, self._encoder)
        self._engine = Engine(self._retriever)

    @property
    def report(self) -> Report:
        """The report that citations refer to."""
        return self._index.report

    def warm_up(self) -> None:
        """Load the embedding model now, so that the first question need not wait for it."""
        with self._lock:
            self._retriever.retrieve("ready")

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """Answer a question; ``history`` holds the turns before it, oldest first, as the contract gives them.

        Raises:
            InvalidQuestion: the question or the history cannot be asked.
        """
        question, turns = check_question(question, history)
        with self._lock:
            return self._engine.answer(question, turns)

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[str | Answer]:
        """The same answer piece by piece, ending with the :class:`Answer`; the pieces joined are its text."""
        answer = self.ask(question, history)
        pieces = answer.text.split(" ")
        for number, piece in enumerate(pieces):
            yield piece + " " * (number + 1 < len(pieces))
        yield answer

    def conversation(self) -> Conversation:
        """A conversation that remembers what was said in it."""
        return Conversation(self)

    def rank(self, question: str) -> list[tuple[int, float]]:
        """The numbers and scores of the report's sentences for a standalone question, best first."""
        with self._lock:
            return self._engine.rank(question)

    def index_info(self) -> dict[str, object]:
        """What the index holds and where it is, for people to read."""
        return {
            "report": self.report.title,
            "sha256": self.report.sha256,
            "folder": str(self._folder) if self._folder else "in memory only",
            "encoder": self._encoder.identity,
            "sections": len(self.report.sections),
            "paragraphs": len(self.report.paragraphs),
            "sentences": len(self.report.sentences),
            "passages": len(self._index.passages),
            "search": self._index.sentence_dense.kind,
        }

    def close(self) -> None:
        """Nothing is asked after this; what was opened is let go when the last reference goes."""

    def __enter__(self) -> Assistant:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Conversation:
    """Questions that may refer to what was said before."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self.history: list[dict[str, str]] = []

    def ask(self, question: str) -> Answer:
        """As :meth:`Assistant.ask`, after all that was said so far."""
        answer = self._assistant.ask(question, self.history)
        self.history += [{"role": "user", "content": question}, {"role": "assistant", "content": answer.text}]
        return answer


@lru_cache(maxsize=1)
def _default() -> Assistant:
    return Assistant()


def ask(question: str) -> Answer:
    """Ask the bundled report, with the default settings. The assistant is made at the first call and kept."""
    return _default().ask(question)


def verify_index(settings: Settings, report: str | Path | None = None) -> Path:
    """Check the saved index of a report against its manifest, and return its folder.

    Raises:
        IndexCorrupted: it is damaged.
        AssistantError: there is none.
    """
    encoder = SentenceTransformerEncoder(settings.model)
    with _source_path(settings.report if report is None else report) as path:
        key = _key(_digest(path), settings, encoder)
    store = IndexStore(settings.cache_dir)
    try:
        store.verify(key)
    except FileNotFoundError:
        raise AssistantError("there is no saved index of this report yet: run `report-assistant index build`") from None
    return store.path(key)


def _source_path(report: str | Path | None):  # type: ignore[no-untyped-def]
    from contextlib import nullcontext

    if report is None:
        return as_file(files("assistant").joinpath("data/report.md"))
    return nullcontext(Path(report))


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.suffix.lower().encode() + b"\0" + path.read_bytes()).hexdigest()
    except OSError:
        read_report(path)  # says what is wrong with it
        raise ReportError(f"{path} cannot be read") from None


def _key(digest: str, settings: Settings, encoder: Encoder) -> str:
    return index_key(
        report=digest, encoder=encoder.identity, encoding=settings.encoding, passage_tokens=settings.passage_tokens
    )


def _open(
    source: str | Path | Report | None, settings: Settings, encoder: Encoder, progress: Progress | None
) -> tuple[ReportIndex, Path | None]:
    def build(report: Report) -> ReportIndex:
        return build_index(report, encoder, load_encoding(settings.encoding), settings.passage_tokens, progress)

    if isinstance(source, Report):
        return build(source), None
    with _source_path(source) as path:
        key = _key(_digest(path), settings, encoder)
        store = IndexStore(settings.cache_dir)
        details: dict[str, str | int] = {
            "encoder": encoder.identity,
            "encoding": settings.encoding,
            "passage_tokens": settings.passage_tokens,
        }
        try:
            return store.load_or_build(key, lambda: build(read_report(path)), details), store.path(key)
        except OSError as error:
            logger.warning(
                "the index cannot be saved in %s (%s): it is kept in memory for this run only",
                settings.cache_dir,
                error.strerror or error,
            )
            return build(read_report(path)), None
