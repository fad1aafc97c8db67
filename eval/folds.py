"""Leave-one-out: each article answered with weights that were fitted without it.

The weights that ship are fitted on all texts at hand, so figures over a text among them flatter. Here everything that
is fitted (ranking, kinds of answer, answerability) is fitted anew for each article, on the report's cases of the split
"fit" and on the other articles. What is chosen by hand (thresholds) stays as it ships.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.answer import Answer
from assistant.engine import Engine, check_question
from assistant.judgement import Tuning
from assistant.settings import Settings
from eval.bots import OpenBot
from eval.fit.weights import fit_on, gather, with_projection
from eval.run import Bot
from eval.targets import Target
from index.onnx import OnnxEncoder
from index.report import Report
from index.retriever import Retriever


class FittedBot:
    """An assistant whose weights and tuning are given; see :class:`eval.run.Bot`."""

    def __init__(self, retriever: Retriever, tuning: Tuning) -> None:
        self._retriever = retriever
        self._engine = Engine(retriever, tuning)

    @property
    def report(self) -> Report:
        """The report that is asked."""
        return self._retriever.index.report

    def ask(self, question: str, history: Sequence[Mapping[str, str]] = ()) -> Answer:
        """As :meth:`assistant.Assistant.ask`."""
        return self._engine.answer(*check_question(question, history))

    def rank(self, question: str) -> list[tuple[int, float]]:
        """As :meth:`assistant.Assistant.rank`."""
        return self._engine.rank(question)

    def close(self) -> None:
        """Nothing is held open."""


def leave_one_out(articles: Sequence[Target], reports: Sequence[Target]) -> OpenBot:
    """What opens an assistant for each of ``articles``, fitted on all of ``reports`` and on the other articles."""
    encoder = OnnxEncoder(Settings().model, Settings().cache_dir)
    names = frozenset(target.name for target in reports)
    judges, examples = gather([*reports, *articles], encoder, names)

    def open_bot(target: Target) -> Bot:
        own = {task.case.id for task in target.tasks}  # these may be asked of other texts, too
        others = {
            name: [example for example in found if example.task.case.id not in own]
            for name, found in examples.items()
            if name != target.name
        }
        fitted = fit_on(others, judges, names)
        retriever = with_projection(judges[target.name], fitted.projection).retriever
        return FittedBot(Retriever(retriever.index, encoder, fitted.ranking, fitted.projection), fitted.tuning)

    return open_bot
