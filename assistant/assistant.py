"""The facade: a report opened for questions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from threading import Lock
from types import TracebackType

from assistant.answer import Answer
from assistant.engine import Engine, check_question
from assistant.errors import AssistantError, InvalidQuestion
from assistant.judgement import Tuning
from assistant.settings import Settings
from index.build import ReportIndex, build_index
from index.encoder import Encoder, Progress, SentenceTransformerEncoder
from index.readers import SUFFIXES, read_report
from index.readers.files import load
from index.report import Report
from index.retriever import Retriever
from index.store import IndexStore
from index.tokens import load_encoding
from index.words import main_scripts, scripts

Turn = Mapping[str, str]


class Assistant:
    """A report opened for questions.

    ``report`` is a path (txt, md, html, pdf, docx), a :class:`index.report.Report`, or None for the one that the
    settings name or else the bundled one. The index is read from the cache, or built: ``progress`` is told how many of
    how many texts are embedded. ``tuning`` takes the place of the fitted one. One assistant may be asked from several
    threads; it answers one question at a time. Its ``report`` is what citations refer to.

    Raises:
        AssistantError: one of its kinds, see :mod:`assistant.errors`.
    """

    def __init__(
        self,
        report: str | Path | Report | None = None,
        settings: Settings | None = None,
        progress: Progress | None = None,
        tuning: Tuning | None = None,
    ) -> None:
        self.settings = settings or Settings.load()
        if self.settings.llm_model is not None:
            raise AssistantError(
                "answers written by an LLM are not supported yet: leave llm_model unset for the extractive answers"
            )
        self._encoder: Encoder = SentenceTransformerEncoder(self.settings.model)
        source = self.settings.report if report is None else report
        index, self._folder = _open(source, self.settings, self._encoder, progress)
        self.report = index.report
        self._scripts = main_scripts(index.report.text)
        self._retriever = Retriever(index, self._encoder)
        self._engine = Engine(self._retriever, tuning)
        self._lock = Lock()
        self._closed = False

    def warm_up(self) -> None:
        """Load the embedding model now, so that the first question need not wait for it."""
        with self._in_turn():
            self._retriever.retrieve("ready")

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """Answer a question; ``history`` holds the turns before it, oldest first, as the contract gives them.

        Raises:
            InvalidQuestion: the question or the history cannot be asked.
            AssistantError: the assistant is closed.
        """
        question, turns = check_question(question, history)
        self._check_script(question)
        with self._in_turn():
            return self._engine.answer(question, turns)

    def look_up(self, question: str) -> Answer:
        """The answer in the report's own sentences, whoever writes those of :meth:`ask`: to check a question by.

        Raises:
            InvalidQuestion: as :meth:`ask` does.
        """
        question, _ = check_question(question, ())
        self._check_script(question)
        with self._in_turn():
            return self._engine.answer(question, ())

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Iterator[str | Answer]:
        """The same answer piece by piece, ending with the :class:`Answer`; the pieces joined are its text.

        Raises:
            InvalidQuestion: as :meth:`ask` does, before the first piece.
        """
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
        with self._in_turn():
            return self._engine.rank(question)

    def suggested_questions(self) -> tuple[str, ...]:
        """Questions to begin with: a handful that this report answers."""
        with self._in_turn():
            return self._engine.suggested_questions()

    def index_info(self) -> dict[str, object]:
        """What the index holds and where it is, for people to read."""
        with self._in_turn():
            index = self._retriever.index
            return {
                "report": self.report.title,
                "sha256": self.report.sha256,
                "folder": str(self._folder) if self._folder else "in memory only",
                "encoder": self._encoder.identity,
                "sections": len(self.report.sections),
                "paragraphs": len(self.report.paragraphs),
                "sentences": len(self.report.sentences),
                "passages": len(index.passages),
                "search": index.sentence_dense.kind,
            }

    def close(self) -> None:
        """Let go of the index and the embedding model; nothing can be asked after this. May be called again."""
        with self._lock:
            if not self._closed:
                del self._engine, self._retriever, self._encoder
            self._closed = True

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        with self._lock:
            if self._closed:
                raise AssistantError("this assistant is closed: open another one")
            yield

    def _check_script(self, question: str) -> None:
        asked = main_scripts(question)
        if asked and self._scripts and not set(scripts(question)) & set(self._scripts):
            raise InvalidQuestion(
                f"the question is written in {asked[0]} letters and the report in {self._scripts[0]} ones: ask in the "
                "report's language"
            )

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


_opening = Lock()


def ask(question: str) -> Answer:
    """Ask the bundled report, with the default settings. The assistant is made at the first call and kept."""
    with _opening:  # lru_cache alone would let two threads open one each
        assistant = _default()
    return assistant.ask(question)


def verify_index(settings: Settings, report: str | Path | None = None) -> Path:
    """Check the saved index of a report against its manifest, and return its folder.

    Raises:
        IndexCorrupted: it is damaged.
        AssistantError: there is none, or the report cannot be read.
    """
    encoder = SentenceTransformerEncoder(settings.model)
    with _located(settings.report if report is None else report) as path:
        parts = _parts(path, settings, encoder)
    try:
        return IndexStore(settings.cache_dir).verify(parts)
    except FileNotFoundError:
        raise AssistantError("there is no saved index of this report yet: run `report-assistant index build`") from None


def _open(
    source: str | Path | Report | None, settings: Settings, encoder: Encoder, progress: Progress | None
) -> tuple[ReportIndex, Path | None]:
    """The index of a report, and the folder that it is saved in."""

    def build(report: Report) -> ReportIndex:
        return build_index(report, encoder, load_encoding(settings.encoding), settings.passage_tokens, progress)

    if isinstance(source, Report):
        return build(source), None
    with _located(source) as path:
        store = IndexStore(settings.cache_dir)
        return store.load_or_build(_parts(path, settings, encoder), lambda: build(read_report(path)))


def _located(report: str | Path | None) -> AbstractContextManager[Path]:
    """The path of a report, that of the bundled one for None."""
    if report is None:
        return as_file(files("assistant").joinpath("data/report.md"))
    return nullcontext(Path(report).expanduser())


def _parts(path: Path, settings: Settings, encoder: Encoder) -> dict[str, str | int]:
    """What shapes the index of a report's file: its name, too, which is the title of a report that has none."""
    return {
        "name": path.name,
        "report": hashlib.sha256(load(path, SUFFIXES)).hexdigest(),
        "encoder": encoder.identity,
        "encoding": settings.encoding,
        "passage_tokens": settings.passage_tokens,
    }
