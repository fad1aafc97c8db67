"""The facade: a report opened for questions."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING

from assistant.answer import Answer
from assistant.engine import Engine, check_question
from assistant.errors import AssistantError, InvalidQuestion
from assistant.judgement import Tuning
from assistant.settings import Settings
from index.build import ReportIndex, build_index
from index.encoder import Encoder, Progress
from index.onnx import OnnxEncoder
from index.readers import SUFFIXES, read_report
from index.readers.files import load
from index.report import Report
from index.retriever import Retriever
from index.store import IndexStore
from index.tokens import load_encoding
from index.words import main_scripts, scripts

if TYPE_CHECKING:
    from assistant.llm.client import ChatClient
    from assistant.llm.writer import Writer

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
        client = _chat_client(self.settings)
        self._encoder: Encoder = OnnxEncoder(self.settings.model, self.settings.cache_dir)
        source = self.settings.report if report is None else report
        index, self._folder = _open(source, self.settings, self._encoder, progress)
        self.report = index.report
        self._scripts = main_scripts(index.report.text)
        self._retriever = Retriever(index, self._encoder)
        self._engine = Engine(self._retriever, tuning)
        self._writer = None if client is None else _writer(client, self._retriever, self.settings)
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
        *_, answer = self._pieces(question, history)
        assert isinstance(answer, Answer)  # the last piece
        return answer

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

        A sentence that an LLM wrote comes as soon as it is verified. Where the LLM fails after that, the Answer is the
        extractive one, which then takes the place of the pieces.

        Raises:
            InvalidQuestion: as :meth:`ask` does, before the first piece.
        """
        is_begun = False
        for piece in self._pieces(question, history):
            if isinstance(piece, Answer) and not is_begun:
                words = piece.text.split(" ")
                for number, word in enumerate(words):
                    yield word + " " * (number + 1 < len(words))
            is_begun = True
            yield piece

    def _pieces(self, question: str, history: Sequence[Turn]) -> Iterator[str | Answer]:
        """What an LLM writes, if one is to, sentence by sentence; then the answer.

        The LLM is waited for out of turn: other questions go on.
        """
        begin = time.monotonic()
        question, turns = check_question(question, history)
        self._check_script(question)
        deadline = begin + self.settings.llm_deadline
        asked, before = question, turns
        if self._writer is not None and turns and self._leans(question, turns):
            rewritten = self._writer.rewrite(question, turns, deadline)
            if rewritten is not None:
                asked, before = rewritten, []
        with self._in_turn():
            draft = self._engine.draft(asked, before)
        if self._writer is None or not draft.ranked:
            yield draft.answer
        else:
            yield from self._writer.write(draft, turns, deadline)

    def _leans(self, question: str, turns: list[dict[str, str]]) -> bool:
        """Whether the rules find that a question leans on what was said before it."""
        with self._in_turn():
            return self._engine.understand(question, turns) != self._engine.understand(question, [])

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
                self._writer = None
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


def _chat_client(settings: Settings) -> ChatClient | None:
    """The client of the LLM that is to write, or None; without one, nothing of it is even imported."""
    if settings.llm_model is None:
        return None
    from assistant.llm.client import ChatClient

    return ChatClient(settings.llm_model, settings.llm_url)


def _writer(client: ChatClient, retriever: Retriever, settings: Settings) -> Writer:
    from assistant.llm.writer import Writer

    return Writer(client, retriever, settings)


@lru_cache(maxsize=1)
def _default() -> Assistant:
    return Assistant()


_opening = Lock()


def ask(question: str) -> Answer:
    """Ask the bundled report, with the default settings. The assistant is made at the first call and kept."""
    with _opening:  # lru_cache alone would let two threads open one each
        assistant = _default()
    return assistant.ask(question)


def read_source(settings: Settings) -> Report:
    """The report that the settings name, or the bundled one, without an index: it can be shown, not asked.

    Raises:
        ReportError: it cannot be read.
    """
    with _located(settings.report) as path:
        return read_report(path)


def verify_index(settings: Settings, report: str | Path | None = None) -> Path:
    """Check the saved index of a report against its manifest, and return its folder.

    Raises:
        IndexCorrupted: it is damaged.
        AssistantError: there is none, or the report cannot be read.
    """
    encoder = OnnxEncoder(settings.model, settings.cache_dir)
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
