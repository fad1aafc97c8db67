"""Ask the assistant a target's questions, in the order in which a person would."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from assistant.answer import Answer
from eval.metrics.ranking import first_seen, ranking_scores
from eval.scores import Scores, right_citations, score_answer
from eval.targets import Target, Task
from index.report import Report

Progress = Callable[[int], object]


class Bot(Protocol):
    """What an evaluation asks of an assistant; :class:`assistant.Assistant` is one."""

    @property
    def report(self) -> Report:
        """The report that the answers cite."""

    def ask(self, question: str, history: Sequence[Mapping[str, str]] = ()) -> Answer:
        """Answer a question after what was said before."""

    def rank(self, question: str) -> list[tuple[int, float]]:
        """The report's sentences by number, with scores, best first."""

    def close(self) -> None:
        """Let go of what was opened."""


@dataclass(frozen=True)
class Result:
    """What became of one task: the answer or the error, its scores, and the seconds that ``ask`` took.

    A score of None is *unscored*: the case does not tell what would be right there. ``right`` says it of each of the
    answer's citations.
    """

    task: Task
    target: str
    answer: Answer | None
    error: str | None
    seconds: float
    scores: Scores = field(default_factory=dict)
    right: tuple[bool | None, ...] = ()

    @property
    def key(self) -> str:
        """Names the result in its run: the target and the case."""
        return f"{self.target}/{self.task.case.id}"


@dataclass(frozen=True)
class _Asked:
    answer: Answer | None
    error: str | None
    seconds: float


class _Asker:
    """Asks each question of a conversation once, and remembers what was answered.

    The turns of a chain share their beginnings: turn 3 is asked after the very answers that turns 1 and 2 got.
    """

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self._asked: dict[tuple[str, ...], _Asked] = {}

    def ask(self, questions: tuple[str, ...]) -> _Asked:
        """Ask the last of these questions after the others."""
        if questions not in self._asked:
            history: list[dict[str, str]] = []
            for end in range(1, len(questions)):
                said = self.ask(questions[:end])
                reply = said.answer.text if said.answer else ""
                history += [
                    {"role": "user", "content": questions[end - 1]},
                    {"role": "assistant", "content": reply},
                ]
            self._asked[questions] = self._ask(questions[-1], history)
        return self._asked[questions]

    def _ask(self, question: str, history: list[dict[str, str]]) -> _Asked:
        start = time.perf_counter()
        try:
            answer = self.bot.ask(question, history=history)
        except Exception as error:  # noqa: BLE001 -- whatever is raised is what the evaluation must report
            return _Asked(None, f"{type(error).__name__}: {error}", time.perf_counter() - start)
        return _Asked(answer, None, time.perf_counter() - start)


def run_target(target: Target, bot: Bot, *, ranking: bool = True, progress: Progress | None = None) -> list[Result]:
    """Ask and score every task of a target, in their order.

    Without ``ranking`` the retrieval metrics stay unscored. An assistant that raises is a result with an error, not an
    end of the run. ``progress`` is told of each case that is done.
    """
    asker = _Asker(bot)
    asked: list[tuple[Task, _Asked]] = []
    rankings = _Rankings(bot)
    for task in target.tasks:
        said = asker.ask((*task.case.before, task.case.question))
        asked.append((task, said))
        if ranking and said.answer is not None:
            rankings.add(task, said.answer)
        if progress is not None:
            progress(1)
    retrieval = rankings.scores()
    return [
        Result(
            task,
            target.name,
            said.answer,
            said.error,
            said.seconds,
            score_answer(task, target.report, said.answer) | retrieval.get(task.case.id, {}),
            right_citations(task, target.report, said.answer),
        )
        for task, said in asked
    ]


class _Rankings:
    """The rankings of the questions that have gold paragraphs, and of the standalone ones expected in their place.

    Each is taken right after its answer, while the assistant still remembers how it judged the question.
    """

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._tasks: dict[str, Task] = {}
        self._ranked: dict[str, list[int]] = {}
        self._expected: dict[str, list[int]] = {}

    def add(self, task: Task, answer: Answer) -> None:
        """Rank for the question that was answered, and for the one that should have been."""
        key, standalone = task.case.id, task.case.standalone
        if not task.paragraphs:
            return
        self._tasks[key] = task
        self._ranked[key] = self._rank(answer.question)
        if standalone is not None:
            self._expected[key] = self._rank(standalone)

    def scores(self) -> dict[str, Scores]:
        """Ranking metrics by case id, of passages and of sentences, and how much of them rewriting kept."""
        of_passages, of_expected = self._of_passages(self._ranked), self._of_passages(self._expected)
        of_sentences = ranking_scores(self._ranked, {key: task.sentences for key, task in self._tasks.items()})
        scores: dict[str, Scores] = {}
        for key, values in of_passages.items():
            scores[key] = {f"passage {name}": value for name, value in values.items()}
            scores[key] |= {f"sentence {name}": value for name, value in of_sentences.get(key, {}).items()}
            if key in of_expected and of_expected[key]["mrr"] > 0:
                scores[key]["rewriting"] = min(1.0, values["mrr"] / of_expected[key]["mrr"])
        return scores

    def _rank(self, question: str) -> list[int]:
        return [number for number, _ in self._bot.rank(question)]

    def _of_passages(self, rankings: Mapping[str, Sequence[int]]) -> dict[str, dict[str, float]]:
        holder = [s.paragraph for s in self._bot.report.sentences]
        ranked = {key: first_seen([holder[n] for n in numbers]) for key, numbers in rankings.items()}
        return ranking_scores(ranked, {key: self._tasks[key].paragraphs for key in ranked})
