"""An answer written by an LLM, of which only verified sentences are shown; the extractive one where that fails."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import prompts
from assistant.answer import Answer, Verification
from assistant.compose import Quotes, escape
from assistant.engine import Draft
from assistant.llm.breaker import Breaker
from assistant.llm.budget import REPLY, Budget, Prompt
from assistant.llm.cache import ReplyCache
from assistant.llm.client import ChatClient, Message
from assistant.llm.errors import Kind, LLMFailure, notice
from assistant.llm.rewrite import TOKENS, accepted
from assistant.llm.sentences import LONGEST, Splitter, Written
from assistant.llm.support import Support
from assistant.settings import Settings
from index.retriever import Retriever
from index.tokens import load_encoding

MOST_SENTENCES = 12
"""Sentences of a reply that are looked at; an answer has four."""
MOST_CHARACTERS = 20_000
"""Characters of a reply that are looked at."""
REWRITING = 0.25
"""The share of the time that making a follow-up standalone may take."""

_UNKNOWN = re.compile(
    r"^(?:the (?:report|sentences?|text|evidence|document)s? (?:does|do) not|i (?:do not|don['’]t|cannot|can['’]t) "
    r"(?:know|answer|find|tell)|(?:this|that|it) is not (?:stated|said|mentioned|told)|there is no information|not in the report)",
    re.IGNORECASE,
)
# A sentence that begins so leans on the one before it.
_LEANING = re.compile(r"^(?:it|its|they|their|he|his|she|her|this|these|those|such|both)\b", re.IGNORECASE)
_FOR_GOOD: frozenset[Kind] = frozenset({"key refused", "no such model", "no key"})
_SERVER_IS_WELL: frozenset[Kind] = frozenset({"too long", "unverified", "does not know", "question too long", "no key"})


class Writer:
    """Writes answers over one report through one model. Threads may share it."""

    def __init__(self, client: ChatClient, retriever: Retriever, settings: Settings) -> None:
        self._client = client
        self._report = retriever.index.report
        self._budget = Budget(self._report, load_encoding(settings.encoding), settings.llm_tokens)
        self._support = Support(retriever)
        self._known = frozenset(retriever.index.forms)
        self._breaker = Breaker()
        self._cache = ReplyCache(settings.cache_dir / "llm-replies.sqlite") if settings.llm_cache else None

    def rewrite(self, question: str, history: Sequence[Mapping[str, str]], deadline: float) -> str | None:
        """A follow-up as a standalone question; None where the rules have to do."""
        messages = self._budget.rewrite(question, history)
        now = time.monotonic()
        try:
            said = "".join(self._reply(messages, now + REWRITING * (deadline - now), TOKENS))
        except LLMFailure:
            return None
        return accepted(said, question, history, self._known)

    def write(self, draft: Draft, history: Sequence[Mapping[str, str]], deadline: float) -> Iterator[str | Answer]:
        """The sentences of the answer as they pass, then the :class:`Answer`.

        Where that is the extractive one, it takes the place of what was given before.
        """
        attempt = _Attempt(Quotes(self._report), self._support, time.monotonic())
        try:
            prompt = self._budget.answer(draft.question, history, [number for number, _ in draft.ranked])
            attempt.open(prompt, draft)
            yield from self._ask(attempt, prompt.messages, deadline)
            if not attempt.text and attempt.unknown:  # it knows nothing over good evidence: once more
                again: list[Message] = [
                    *prompt.messages,
                    {"role": "assistant", "content": prompts.render("not_in_report")},
                ]
                yield from self._ask(
                    attempt, [*again, {"role": "user", "content": prompts.render("llm_retry")}], deadline
                )
            attempt.judge()
        except LLMFailure as failure:
            yield attempt.extractive(draft, failure.kind)
            return
        for piece in draft.unanswered:
            attempt.text.append(piece)
            yield f" {piece}"
        yield attempt.answer(draft, self._client.model)

    def _ask(self, attempt: _Attempt, messages: Sequence[Message], deadline: float) -> Iterator[str]:
        splitter = Splitter()
        length = 0
        for piece in self._reply(messages, deadline):
            attempt.note("first token")
            length += len(piece)
            if length > MOST_CHARACTERS:
                raise LLMFailure("too long")
            for written in splitter.feed(piece):
                yield from attempt.consider(written)
            if attempt.count >= MOST_SENTENCES:
                return
        for written in splitter.end():
            yield from attempt.consider(written)

    def _reply(self, messages: Sequence[Message], deadline: float, max_tokens: int = REPLY) -> Iterator[str]:
        """The pieces of a reply, from the cache or from the server; a whole one is kept."""
        key = ""
        if self._cache is not None:
            key = ReplyCache.key(self._client.model, self._client.url, messages, prompts.version(), max_tokens)
            kept = self._cache.get(key)
            if kept is not None:
                yield kept
                return
        if not self._breaker.allows():
            raise LLMFailure("resting")
        pieces: list[str] = []
        try:
            for piece in self._client.stream(messages, deadline, max_tokens):
                pieces.append(piece)
                yield piece
            if not "".join(pieces).strip():
                raise LLMFailure("empty")
        except LLMFailure as failure:
            if failure.kind not in _SERVER_IS_WELL:
                self._breaker.failed(for_good=failure.kind in _FOR_GOOD)
            raise
        self._breaker.succeeded()
        if self._cache is not None:
            self._cache.put(key, "".join(pieces))


class _Attempt:
    """One answer being written: what passed so far, and the counts."""

    def __init__(self, quotes: Quotes, support: Support, begin: float) -> None:
        self._quotes, self._support, self._begin = quotes, support, begin
        self.text: list[str] = []
        self.unknown = False
        self._passed = self._repaired = self._dropped = 0
        self._timings: dict[str, float] = {}
        self._paragraphs: set[int] = set()
        self._held: list[str] = []
        self._rests = False

    def open(self, prompt: Prompt, draft: Draft) -> None:
        self._sentences = prompt.sentences
        self._scores = dict(draft.ranked)
        self._found = {citation.start for citation in draft.answer.citations}

    @property
    def count(self) -> int:
        return self._passed + self._repaired + self._dropped

    def note(self, stage: str) -> None:
        """Note the seconds until something first happened."""
        self._timings.setdefault(stage, time.monotonic() - self._begin)

    def consider(self, written: Written) -> Iterator[str]:
        """The pieces of the answer that a written sentence makes, if it may stand.

        None is given away before one rests on a sentence that the extractive answer rests on: of a report's other
        sentences a model may have been made to speak.
        """
        if _UNKNOWN.match(written.text) and len(written.text) < 200:
            self.unknown = True
            return
        cited = self._verified(written)
        if not cited:
            self._dropped += 1
            return
        sentences = [self._sentences[mark] for mark in self._marks(cited)]
        marks = "".join(f"[{self._quotes.cite(s, self._scores.get(s.number, 0.0))}]" for s in sentences)
        self._paragraphs = {sentence.paragraph for sentence in sentences}
        self._held.append(f"{' ' if self.text else ''}{escape(written.text)} {marks}")
        self.text.append(self._held[-1].lstrip())
        self._rests = self._rests or any(sentence.start in self._found for sentence in sentences)
        if self._rests:
            self.note("first sentence")
            yield from self._held
            self._held = []

    def _marks(self, cited: Sequence[int]) -> list[int]:
        numbers = {sentence.number: mark for mark, sentence in self._sentences.items()}
        return [numbers[number] for number in cited]

    def _verified(self, written: Written) -> tuple[int, ...]:
        """The numbers of the report's sentences that support it; empty where none do."""
        if len(written.text) > LONGEST:
            return ()
        cited = [self._sentences[mark].number for mark in written.cites if mark in self._sentences]
        is_sound = len(cited) == len(written.cites) > 0
        if is_sound and self._fits(written, cited) and not self._support.faults(written.text, cited):
            self._passed += 1
            return self._support.least(written.text, cited)
        better = self._support.better(written.text, [s.number for s in self._sentences.values()])
        if not better or not self._fits(written, better):
            return ()
        self._repaired += 1
        return better

    def _fits(self, written: Written, cited: Sequence[int]) -> bool:
        """Whether what "it" stands for may be what the sentence before spoke of: both are of one paragraph.

        A sentence of the report that itself begins so may be said as it is.
        """
        first = written.text.split()[0].casefold()
        sentences = [self._sentences[mark] for mark in self._marks(cited)]
        if not _LEANING.match(written.text) or any(self._support.first_word(s) == first for s in sentences):
            return True
        paragraphs = {sentence.paragraph for sentence in sentences}
        return bool(self._paragraphs) and paragraphs <= self._paragraphs

    def judge(self) -> None:
        """Raise where too little is left to be an answer."""
        if not self.text and self.unknown:
            raise LLMFailure("does not know")
        if not self.text or not self._rests or self._dropped > self._passed + self._repaired:
            raise LLMFailure("unverified" if self.count else "empty")

    def answer(self, draft: Draft, model: str) -> Answer:
        """What was written."""
        return replace(
            draft.answer,
            text=" ".join(self.text),
            citations=self._quotes.citations,
            engine=model,
            timings=self._times(draft),
            verification=self._counts(),
        )

    def extractive(self, draft: Draft, kind: Kind) -> Answer:
        """What the report's own sentences say, and why the LLM does not."""
        counts = self._counts() if self.count else None
        return replace(draft.answer, timings=self._times(draft), verification=counts, notice=notice(kind))

    def _counts(self) -> Verification:
        return Verification(self.count, self._passed, self._repaired, self._dropped)

    def _times(self, draft: Draft) -> Mapping[str, float]:
        own = time.monotonic() - self._begin
        times = dict(draft.answer.timings) | self._timings | {"llm": own}
        times["total"] = times.get("total", 0.0) + own
        return MappingProxyType(times)
