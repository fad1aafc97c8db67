"""SQuAD 2.0 files (Rajpurkar, Jia and Liang 2018, "Know What You Don't Know"): each article is read as a report."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from eval.cases import Case, Split
from eval.invalid import describe
from eval.targets import SuiteError, Target, Task
from index.report import Block, Report, build_report


class _Answer(BaseModel):
    text: str
    answer_start: Annotated[int, Field(ge=0)]


class _Question(BaseModel):
    id: str
    question: str
    answers: list[_Answer] = []
    is_impossible: bool = False


class _Passage(BaseModel):
    context: str
    qas: list[_Question]


class _Article(BaseModel):
    title: str
    paragraphs: Annotated[list[_Passage], Field(min_length=1)]


class _File(BaseModel):
    data: Annotated[list[_Article], Field(min_length=1)]


def load_squad(file: Path, *, limit: int | None = None) -> list[Target]:
    """The articles of a SQuAD file as targets, in the file's order, by turns of the split "fit" and "check".

    Gold sources of a question: the paragraph it was asked about, and the sentences there that hold a part of an
    answer. At most ``limit`` questions an article, spread evenly by a hash of their ids.

    Raises:
        SuiteError: the file is missing or not in SQuAD's format.
    """
    try:
        articles = _File.model_validate(json.loads(file.read_text(encoding="utf-8"))).data
    except OSError as error:
        raise SuiteError(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        reason = describe(error) if isinstance(error, ValidationError) else str(error)
        raise SuiteError(f"{file}: not a SQuAD file: {reason}") from None
    return [_target(article, limit, "check" if number % 2 else "fit") for number, article in enumerate(articles)]


def _target(article: _Article, limit: int | None, split: Split) -> Target:
    title = article.title.replace("_", " ")
    blocks = [Block("heading", title)]
    blocks += [Block("paragraph", " ".join(passage.context.split())) for passage in article.paragraphs]
    report = build_report(blocks, title=title)
    tasks = [
        _task(question, number, passage.context, title, report, split)
        for number, passage in enumerate(article.paragraphs)
        for question in passage.qas
        if question.question.strip()
    ]
    if limit is not None and len(tasks) > limit:
        chosen = sorted(tasks, key=lambda task: hashlib.sha256(task.case.id.encode()).digest())[:limit]
        keep = {task.case.id for task in chosen}
        tasks = [task for task in tasks if task.case.id in keep]
    return Target(title, report, tuple(tasks))


def _task(question: _Question, number: int, context: str, title: str, report: Report, split: Split) -> Task:
    identifier = "squad-" + "-".join(re.findall(r"[a-z0-9]+", question.id.casefold()))
    gold = not question.is_impossible
    paragraph = report.paragraphs[number]
    sentences: set[int] = set()
    for answer in question.answers if gold else []:
        # Offsets into the context, of which only the white space was collapsed: count the characters before.
        begin = paragraph.start + len(" ".join(context[: answer.answer_start].split()))
        begin += bool(
            answer.answer_start
            and context[: answer.answer_start].strip()
            and context[answer.answer_start - 1].isspace()
        )
        end = begin + len(" ".join(answer.text.split()))
        sentences.update(s.number for s in report.sentences_of(paragraph) if s.start < end and begin < s.end)
    answers = tuple(dict.fromkeys(answer.text.strip() for answer in question.answers if answer.text.strip()))
    case = Case(
        id=identifier,
        conversation=identifier,
        turn=1,
        question=question.question.strip(),
        answerable="yes" if gold else "no",
        status=("answered",) if gold else ("not_in_report", "contradicted", "off_topic"),
        evidence=(paragraph_start(report, number),) if gold else (),
        answers=answers if gold else (),
        facts=(answers,) if gold and answers else (),
        kind="direct" if gold else "near-miss",
        topic="other",
        split=split,
        source=f"SQuAD 2.0, {title}",
    )
    return Task(case, frozenset({number}) if gold else frozenset(), frozenset(sentences))


def paragraph_start(report: Report, number: int) -> str:
    """The first eight words of a paragraph: enough for a person to find it."""
    return " ".join(report.quote(report.paragraphs[number]).split()[:8])
