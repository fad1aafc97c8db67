"""Questions with what speaks for each sentence: what the weights are fitted on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.judgement import Judge, Tuning
from assistant.normalise import Normaliser
from assistant.question import Question, analyse
from eval.cases import SUMMARY_KINDS
from eval.metrics.text import has_fact
from eval.scores import is_answerable
from eval.targets import Target, Task
from index.build import build_index
from index.encoder import Encoder, Floats
from index.projection import no_projection
from index.report import Report
from index.retriever import Evidence, Retriever
from index.tokens import load_encoding

# How many questions of other texts are asked of each text.
STRANGERS = 40


@dataclass(frozen=True)
class Example:
    """A question over a target: ``signals`` (n, s + k) of its candidate sentences, ``gold`` (n,) true where one is
    right, ``fast`` (n,) the linear ranking's scores, ``answerable``, the ``features`` (f,), and all that is needed to
    judge it again under other weights.
    """

    target: str
    task: Task
    question: Question
    evidence: Evidence
    kind_signals: Floats
    gold: npt.NDArray[np.bool_]
    fast: Floats
    features: Floats
    answerable: bool

    @property
    def signals(self) -> Floats:
        """Both kinds of signals side by side."""
        return np.concatenate([self.evidence.signals, self.kind_signals], axis=1)


def gold_sentences(task: Task, report: Report) -> frozenset[int]:
    """The sentences that answer: the case's own, or, over another edition, those of a right paragraph with a fact."""
    if task.sentences:
        return task.sentences
    inside = [s for s in report.sentences if s.paragraph in task.paragraphs]
    holding = [s.number for s in inside if any(has_fact(report.quote(s), fact) for fact in task.case.facts)]
    return frozenset(holding or [s.number for s in inside])


def open_judge(
    target: Target, encoder: Encoder, passage_tokens: int, tuning: Tuning | None = None
) -> tuple[Judge, Normaliser]:
    """A judge over a target's report, its words as they are and none to be compared, with its normaliser."""
    plain = no_projection(encoder.dimension)
    nothing = np.zeros((encoder.dimension, 0), dtype=np.float32)
    index = build_index(target.report, encoder, load_encoding(), passage_tokens, projection=plain, condense=nothing)
    return Judge(Retriever(index, encoder, projection=plain), tuning), Normaliser(
        target.report.text, index.spellings, encoder.is_word
    )


def examples_of(target: Target, judge: Judge, normalise: Normaliser, tasks: Sequence[Task]) -> list[Example]:
    """The examples of a target's tasks; greetings, summaries and other questions that are not about a fact left out."""
    found: list[Example | None] = []
    for task in tasks:
        answerable = is_answerable(task.case)
        if answerable is not None and task.case.kind not in SUMMARY_KINDS:
            right = gold_sentences(task, target.report) if answerable else frozenset()
            found.append(_example(target, judge, normalise, task, right, answerable=answerable))
    return [example for example in found if example is not None]


def strangers_of(target: Target, judge: Judge, normalise: Normaliser, others: Sequence[Target]) -> list[Example]:
    """Questions that other texts answer, asked of this one: :data:`STRANGERS` of them, none answerable (seed 0)."""
    tasks = [task for other in others for task in other.tasks if task.case.answerable == "yes"]
    order = np.random.default_rng(0).permutation(len(tasks))[:STRANGERS]
    found = [_example(target, judge, normalise, tasks[i], frozenset(), answerable=False) for i in order]
    return [example for example in found if example is not None]


def _example(
    target: Target, judge: Judge, normalise: Normaliser, task: Task, right: frozenset[int], *, answerable: bool
) -> Example | None:
    question = analyse(normalise(task.case.standalone or task.case.question))
    if question.intent not in ("fact", "tour") or not question.content:
        return None
    judged = judge.judge(question)
    gold = np.array([int(s) in right for s in judged.evidence.sentences])
    return Example(
        target.name, task, question, judged.evidence, judged.kind_signals, gold, judged.fast, judged.features,
        answerable,
    )  # fmt: skip
