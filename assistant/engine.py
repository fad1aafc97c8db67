"""From a question to an answer: what is asked for, whether the report tells, and what to quote."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np

import prompts
from assistant.answer import Answer, Status
from assistant.compose import Quotes, escape
from assistant.errors import InvalidQuestion
from assistant.extractive import choose_rows, lacks_answer
from assistant.followups.conversation import exchanges, standalone
from assistant.judgement import Judge, Judged, Tuning
from assistant.normalise import Normaliser
from assistant.overview import Overview
from assistant.polarity import contradicts
from assistant.question import Question, analyse, split_question
from assistant.suggestions import Suggestions
from index.report import Sentence
from index.retriever import Retriever

MAX_QUESTION = 10_000
MAX_PARTS = 4
# How many of the best sentences are looked at for a denial.
DENIALS = 6
# From this cosine on, two words in context are taken to mean the same.
TOPIC_NEAR = 0.5
# From this probability on, a question is answered though no figure or name of the kind wanted is recognised: "the head
# of government" is a person without a name to one who only looks for capitals.
SURE = 0.75
# An answer of the assistant that refused, by the words that all templates of refusals begin with.
_REFUSAL = re.compile(r"The report does not (?:say|name)|That is not something this report is about")


def check_question(question: str, history: Sequence[Mapping[str, str]]) -> tuple[str, list[dict[str, str]]]:
    """The question and the turns before it, trimmed.

    Raises:
        InvalidQuestion: it is empty, too long or not a question in words, or a turn is not of the contract's form.
    """
    if not isinstance(question, str):
        raise InvalidQuestion(f"a question is a string, not {type(question).__name__}")
    if len(question) >= MAX_QUESTION:
        raise InvalidQuestion(f"the question has {len(question):,} characters; at most {MAX_QUESTION - 1:,} are read")
    question = " ".join(_without_surrogates(question).split())
    if not question:
        raise InvalidQuestion("the question is empty: ask something about the report")
    if not any(c.isalnum() for c in question):
        raise InvalidQuestion("the question has no word in it: ask something about the report")
    if isinstance(history, str) or not isinstance(history, Sequence):
        raise InvalidQuestion(f"the history is a list of turns, not {type(history).__name__}")
    turns: list[dict[str, str]] = []
    for turn in history:
        if not isinstance(turn, Mapping) or turn.get("role") not in ("user", "assistant"):
            raise InvalidQuestion('each turn of the history is {"role": "user" or "assistant", "content": text}')
        if not isinstance(turn.get("content"), str):
            raise InvalidQuestion("the content of each turn of the history is a string")
        turns.append({"role": turn["role"], "content": _without_surrogates(turn["content"])})
    return question, turns


def _without_surrogates(text: str) -> str:
    """The text without lone surrogates, which no file and no terminal takes and the tokenizer refuses."""
    return text.encode("utf-8", "ignore").decode("utf-8")


@dataclass(frozen=True)
class _Part:
    """What became of one of the questions that were asked at once. ``nearby`` is what a refusal may quote."""

    question: Question
    status: Status
    probability: float
    text: str = ""
    nearby: tuple[Sentence, float] | None = None
    judged: Judged | None = None


@dataclass(frozen=True)
class Draft:
    """The extractive answer, and what an LLM needs to write another in its place.

    ``ranked`` are the numbers of the report's sentences with their scores, the best first, for ``question``; empty
    where no LLM may write, since nothing was answered or the answer is about the report as a whole. ``unanswered``
    are the pieces of the text that say what of the question the report does not tell.
    """

    answer: Answer
    question: str
    ranked: tuple[tuple[int, float], ...] = ()
    unanswered: tuple[str, ...] = ()


class Engine:
    """Answers out of the report's own sentences."""

    def __init__(self, retriever: Retriever, tuning: Tuning | None = None) -> None:
        index = retriever.index
        self._report = index.report
        self.judge = Judge(retriever, tuning)
        self._overview = Overview(index)
        self._suggestions = Suggestions(index.report, lru_cache(1024)(self._is_answered))
        self._normalise = Normaliser(
            index.report.text,
            index.spellings,
            retriever.encoder.is_word,
        )

    def answer(self, question: str, history: Sequence[Mapping[str, str]]) -> Answer:
        """The answer to a checked question."""
        return self.draft(question, history).answer

    def draft(self, question: str, history: Sequence[Mapping[str, str]]) -> Draft:
        """The answer to a checked question, with what an LLM needs to write another."""
        timings: dict[str, float] = {}
        with _timed(timings, "total"):
            with _timed(timings, "rewrite"):
                asked = self.understand(question, history)
            quotes = Quotes(self._report)
            parts: list[_Part] = []
            with _timed(timings, "answer"):
                for text in split_question(asked)[:MAX_PARTS]:
                    resolved = standalone(text, exchanges(_as_turns(parts), _REFUSAL)) if parts else text
                    parts.append(self._part(analyse(resolved), quotes))
            text, status, confidence = self._together(parts, quotes)
            with _timed(timings, "suggestions"):
                suggestions = self._suggest(parts) if status != "answered" else ()
        answer = Answer(
            text,
            status,
            quotes.citations,
            asked,
            round(confidence, 3),
            "extractive",
            MappingProxyType(timings),
            suggestions,
        )
        return self._draft(answer, parts)

    def _draft(self, answer: Answer, parts: Sequence[_Part]) -> Draft:
        answered = [part for part in parts if part.status == "answered"]
        judged = [part.judged for part in answered if part.judged is not None]
        if not answered or len(judged) < len(answered):
            return Draft(answer, answer.question)
        scores: dict[int, float] = {}
        for each in judged:
            for row in map(int, each.order):
                number = int(each.evidence.sentences[row])
                scores[number] = max(scores.get(number, float("-inf")), float(each.scores[row]))
        ranked = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
        asked = answer.question if len(parts) == 1 else " ".join(part.question.text for part in answered)
        return Draft(answer, asked, tuple(ranked), tuple(self._unanswered(parts)))

    def suggested_questions(self) -> tuple[str, ...]:
        """Questions to begin with, each one that the report answers."""
        return self._suggestions.opening()

    def understand(self, question: str, history: Sequence[Mapping[str, str]]) -> str:
        """The standalone question, in the report's spelling."""
        return self._normalise(standalone(question, exchanges(history, _REFUSAL)))

    def rank(self, question: str) -> list[tuple[int, float]]:
        """The numbers and scores of the candidate sentences, best first."""
        judged = self.judge.judge(analyse(self._normalise(question)))
        sentences, scores = judged.evidence.sentences[judged.order], judged.scores[judged.order]
        return [(int(s), float(v)) for s, v in zip(sentences, scores, strict=True)]

    def _together(self, parts: Sequence[_Part], quotes: Quotes) -> tuple[str, Status, float]:
        """One text out of the parts: what was answered first, then what the report does not tell."""
        answered = [part for part in parts if part.status == "answered"]
        if not answered:
            best = max(parts, key=lambda part: part.probability)
            return self._refusal(best, quotes), best.status, best.probability
        pieces = [part.text for part in answered if part.text]
        pieces += self._unanswered(parts)
        return " ".join(pieces), "answered", min(part.probability for part in answered)

    def _unanswered(self, parts: Sequence[_Part]) -> list[str]:
        return [
            prompts.render("not_in_report_part", question=escape(part.question.text.rstrip(" ?")))
            for part in parts
            if part.status != "answered"
        ]

    def _refusal(self, part: _Part, quotes: Quotes) -> str:
        if part.text:
            return part.text
        if part.status == "off_topic":
            return prompts.render("off_topic", title=escape(self._report.title))
        if part.nearby is None:
            return prompts.render("not_in_report")
        name = "contradicted" if part.status == "contradicted" else "not_in_report_nearby"
        return prompts.render(name, nearby=quotes.say(*part.nearby))

    def _suggest(self, parts: Sequence[_Part]) -> tuple[str, ...]:
        """What may be asked instead: about what stands nearest, or else what one may begin with."""
        near = [part.nearby[0] for part in parts if part.nearby is not None]
        asked = " ".join(part.question.text for part in parts)
        return self._suggestions.near(near, besides=asked) or self._suggestions.opening(3)

    def _is_answered(self, question: str) -> bool:
        return self._part(analyse(question), Quotes(self._report)).status == "answered"

    def _part(self, question: Question, quotes: Quotes) -> _Part:
        made = self._overview.answer(question, quotes)
        if made == "":
            return _Part(question, "not_in_report", 0.0, prompts.render(f"no_{question.intent}"))
        if made is not None:
            return _Part(question, "answered", 1.0, made)
        if question.intent == "instruction" or not question.content:
            return _Part(question, "off_topic", 0.0)
        judged = self.judge.judge(question)
        tuning = self.judge.tuning
        probability = self.judge.probability(judged)
        if probability < tuning.threshold and judged.evidence.signal("cosine").max() < tuning.off_topic:
            return _Part(question, "off_topic", min(probability, 1 - tuning.threshold) / 2)
        row = int(judged.order[0])
        nearby = self._sentence(judged, row), float(judged.scores[row])
        denial = self._denial(question, judged)
        if denial is not None:
            return _Part(question, "contradicted", min(probability, tuning.threshold), nearby=denial)
        if not (self._tells_of(judged, row) if question.intent == "tour" else probability >= tuning.threshold):
            return _Part(question, "not_in_report", probability, nearby=nearby)
        rows = choose_rows(question, judged, self.judge)
        if probability < SURE and lacks_answer(question, judged, self.judge, rows):
            return _Part(question, "not_in_report", min(probability, tuning.threshold), nearby=nearby)
        pieces = []
        for row in rows:
            sentence = self._sentence(judged, row)
            if sentence not in quotes:  # another of the questions that were asked at once has it already
                pieces.append(quotes.say(sentence, float(judged.scores[row]), question))
        return _Part(question, "answered", max(probability, tuning.threshold), " ".join(pieces), judged=judged)

    def _denial(self, question: Question, judged: Judged) -> tuple[Sentence, float] | None:
        """Of the first few sentences that deny what the question takes for granted, the one that speaks most of it."""
        similar = judged.evidence.similar
        denying = [
            row
            for row in judged.order[:DENIALS]
            if contradicts(question, self._report.quote(self._sentence(judged, row)), similar[row])
        ]
        if not denying:
            return None
        row = max(denying, key=lambda row: float(similar[row].mean()))
        return self._sentence(judged, row), float(judged.scores[row])

    def _sentence(self, judged: Judged, row: int) -> Sentence:
        return self._report.sentences[int(judged.evidence.sentences[row])]

    def _tells_of(self, judged: Judged, row: int) -> bool:
        """Whether a sentence speaks of each word of a topic: that is all that "the risks" asks for."""
        evidence = judged.evidence
        near = np.maximum(evidence.found[row], evidence.similar[row])
        return bool(len(near)) and float(near.min()) >= TOPIC_NEAR


def _as_turns(parts: Sequence[_Part]) -> list[dict[str, str]]:
    turns: list[dict[str, str]] = []
    for part in parts:
        turns += [
            {"role": "user", "content": part.question.text},
            {
                "role": "assistant",
                "content": part.text if part.status == "answered" else prompts.render("not_in_report"),
            },
        ]
    return turns


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    begin = time.perf_counter()
    try:
        yield
    finally:
        timings[stage] = time.perf_counter() - begin
