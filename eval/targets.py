"""What a run asks: reports, and cases whose evidence has been found in them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from eval.cases import Case
from index.report import Report


class SuiteError(Exception):
    """A suite cannot be put together; the text is one line for the user."""


@dataclass(frozen=True)
class Task:
    """A case over one report: the numbers of the paragraphs and of the sentences that are right sources.

    ``paragraphs`` is empty where the case names no evidence, ``sentences`` also where the report is another edition
    than the one that the case quotes: what stands there cannot be scored.
    """

    case: Case
    paragraphs: frozenset[int]
    sentences: frozenset[int]


@dataclass(frozen=True)
class Target:
    """A report and the tasks on it; ``name`` is unique in a run ("bundled", "original", an article's title)."""

    name: str
    report: Report
    tasks: tuple[Task, ...]

    def shuffled(self, seed: int) -> Target:
        """The same with its tasks in another order."""
        tasks = list(self.tasks)
        random.Random(seed).shuffle(tasks)  # noqa: S311 -- an order, not a secret
        return replace(self, tasks=tuple(tasks))


def _loose(quote: str) -> re.Pattern[str]:
    """A quote as a pattern: any white space for a space, straight and curly quotation marks alike."""
    marks = {"'": "['’‘]", "’": "['’‘]", '"': '["“”]', "“": '["“”]', "”": '["“”]', "-": "[-–—]", "–": "[-–—]"}
    return re.compile(r"\s+".join("".join(marks.get(c, re.escape(c)) for c in word) for word in quote.split()))


def find_evidence(case: Case, report: Report) -> Task:
    """Find the quotes of a case in the report that it quotes.

    Raises:
        SuiteError: a quote stands nowhere in a paragraph of the report.
    """
    paragraphs: set[int] = set()
    sentences: set[int] = set()
    for quote in case.evidence:
        pattern = _loose(quote)
        found = False
        for paragraph in report.paragraphs:
            match = pattern.search(report.text, paragraph.start, paragraph.end)
            if match is None:
                continue
            found = True
            paragraphs.add(paragraph.number)
            sentences.update(
                s.number for s in report.sentences_of(paragraph) if s.start < match.end() and match.start() < s.end
            )
        if not found:
            raise SuiteError(f"case {case.id}: the report does not hold the evidence {quote!r}; quote it exactly")
    return Task(case, frozenset(paragraphs), frozenset(sentences))


def find_all(cases: Iterable[Case], report: Report) -> tuple[Task, ...]:
    """:func:`find_evidence` for each case."""
    return tuple(find_evidence(case, report) for case in cases)


def _fold(title: str) -> str:
    return re.sub(r"\W+", " ", title).strip().casefold()


def places(report: Report) -> dict[tuple[str, bool, int], int]:
    """Paragraph numbers by (section's title, is a note, rank among its like in the section)."""
    places: dict[tuple[str, bool, int], int] = {}
    for section in report.sections:
        rank = {False: 0, True: 0}
        for paragraph in report.paragraphs[section.first_paragraph : section.end_paragraph]:
            note = paragraph.kind == "note"
            places[_fold(section.title), note, rank[note]] = paragraph.number
            rank[note] += 1
    return places


def carry_over(tasks: Sequence[Task], source: Report, other: Report) -> tuple[Task, ...]:
    """The same tasks over another edition: paragraph k of the section with the same title (notes counted apart).

    A paragraph that the other edition does not have is left out of a task's sources; a task whose sources are all
    left out has none there, and its citations cannot be scored. Sentences are not carried over, since editions split
    their facts between sentences as they like.

    Raises:
        SuiteError: the editions share no paragraph at all.
    """
    there = places(other)
    number = {here: there[place] for place, here in places(source).items() if place in there}
    if not number:
        raise SuiteError(
            f"{other.title!r} and {source.title!r} share no section title: they are not editions of one report"
        )
    return tuple(
        Task(task.case, frozenset(number[p] for p in task.paragraphs if p in number), frozenset()) for task in tasks
    )
