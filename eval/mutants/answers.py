"""Damage at the door: what comes out is not what the assistant answered."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from assistant import Assistant, Settings
from assistant.answer import Answer, Citation
from eval.mutants.damage import History, Mutant, at_the_door, over
from eval.run import Bot
from eval.targets import Target
from index.report import Block, Report, Sentence, build_report

RIGHT_SOURCES = ("right source", "citation precision", "citation recall")
FACTS = ("facts", "all facts")


def _shift(answer: Answer, report: Report, question: str) -> Answer:
    return replace(answer, citations=tuple(replace(c, start=c.start + 1, end=c.end + 1) for c in answer.citations))


def _swap_numbers(answer: Answer, report: Report, question: str) -> Answer:
    return replace(answer, citations=answer.citations[::-1])


def _lose_mark(answer: Answer, report: Report, question: str) -> Answer:
    return replace(answer, text=re.sub(r" ?\[1\]", "", answer.text))


def _drop_last(answer: Answer, report: Report, question: str) -> Answer:
    own = cited_sentences(answer, report)
    return quoting(answer, own[:-1], report) if answer.status == "answered" and len(own) > 1 else answer


def _neighbours(answer: Answer, report: Report, question: str) -> Answer:
    own = cited_sentences(answer, report)
    if answer.status != "answered" or not own:
        return answer
    moved = [report.sentences[(sentence.number + 5) % len(report.sentences)] for sentence in own]
    return quoting(answer, list(dict.fromkeys(moved)), report)


def _add_three(answer: Answer, report: Report, question: str) -> Answer:
    own = cited_sentences(answer, report)
    if answer.status != "answered" or not own:
        return answer
    last = max(s.number for s in own)
    more = [report.sentences[(last + step) % len(report.sentences)] for step in (1, 2, 3)]
    return quoting(answer, list(dict.fromkeys([*own, *more])), report)


def _upside_down(answer: Answer, report: Report, question: str) -> Answer:
    return replace(answer, confidence=1 - answer.confidence)


def _crash(answer: Answer, report: Report, question: str) -> Answer:
    if question.lower().startswith("who"):
        raise ZeroDivisionError("division by zero")
    return answer


def _refuse_figures(answer: Answer, report: Report, question: str) -> Answer:
    if answer.status == "answered" and re.search(r"\d", answer.text):
        return replace(answer, status="not_in_report")
    return answer


class _Leak:
    """Puts what it answered last into every third answer."""

    def __init__(self) -> None:
        self.last = ""
        self.count = 0

    def __call__(self, answer: Answer, report: Report, question: str) -> Answer:
        before, self.last = self.last, answer.question
        self.count += 1
        return replace(answer, suggestions=(before,)) if self.count % 3 == 0 else answer


def _at_random(answer: Answer, report: Report, question: str) -> Answer:
    jitter = random.SystemRandom().uniform(-1e-6, 1e-6)
    return replace(answer, confidence=min(1.0, max(0.0, answer.confidence + jitter)))


def _without_history(bot: Bot, question: str, history: History) -> Answer:
    return bot.ask(question)


def _stale(target: Target) -> Bot:
    """An assistant over the report as it was before somebody put a sentence at its beginning."""
    older = build_report(
        [Block("paragraph", "Draft, not for circulation."), *_blocks(target.report)], title=target.report.title
    )
    return Assistant(report=older, settings=Settings())


def _blocks(report: Report) -> list[Block]:
    blocks: list[Block] = []
    for section in report.sections:
        if section.title:
            blocks.append(Block("heading", section.title, section.level))
        own = report.paragraphs[section.first_paragraph : section.end_paragraph]
        blocks += [Block(paragraph.kind, report.quote(paragraph)) for paragraph in own]
    return blocks


def cited_sentences(answer: Answer, report: Report) -> list[Sentence]:
    """The sentences that an answer quotes; a citation of a heading, which is no sentence, is left out."""
    return [s for c in answer.citations for s in report.sentences if s.start <= c.start < s.end]


def quoting(answer: Answer, sentences: list[Sentence], report: Report) -> Answer:
    """The answer with other sentences in place of its own, exactly cited."""
    citations = tuple(
        Citation(
            n, report.quote(s), report.section_of(s).title, s.start, s.end, 0.0, report.title, report.sha256
        )
        for n, s in enumerate(sentences, start=1)
    )  # fmt: skip
    return replace(answer, text=" ".join(f"{c.quote} [{c.number}]" for c in citations), citations=citations)


MUTANTS = (
    Mutant("citations one character off", at_the_door(_shift), ("inexact citation",)),
    Mutant("citations in the wrong order", at_the_door(_swap_numbers), ("inexact citation",)),
    Mutant("a citation's mark lost", at_the_door(_lose_mark), ("inexact citation",)),
    Mutant("offsets into an older text", over(_stale), ("inexact citation",)),
    Mutant("last sentence dropped", at_the_door(_drop_last), FACTS),
    Mutant("quotes five sentences further on", at_the_door(_neighbours), RIGHT_SOURCES),
    Mutant("three sentences too many", at_the_door(_add_three), ("citation precision", "words")),
    Mutant("confidence upside down", at_the_door(_upside_down), ("brier kept",)),
    Mutant("crashes on who-questions", at_the_door(_crash), ("crash",)),
    Mutant("refuses whatever has a figure in it", at_the_door(_refuse_figures), ("answered", "status")),
    Mutant("one answer leaks into another", at_the_door(_Leak()), ("not the same twice",)),
    Mutant("answers at random", at_the_door(_at_random), ("not the same twice",)),
    Mutant("follow-ups asked without history", at_the_door(ask=_without_history), ("rewriting",)),
)
