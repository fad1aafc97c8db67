"""Twenty changes that make no answer worse: names, orders, seeds, where the index comes from."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

import index.encoder
from assistant import Assistant, Settings
from assistant.answer import Answer
from eval.bots import OpenBot, open_assistant
from eval.mutants.damage import History, Mutant, Opened, at_the_door, inside
from eval.run import Bot, run_target
from eval.suites import BUNDLED
from eval.targets import Target


def _seeded(seed: int) -> Opened:
    @contextmanager
    def opened() -> Iterator[OpenBot]:
        random.seed(seed)
        np.random.seed(seed)
        yield open_assistant

    return opened


def _from_file(name: str, saved_before: bool) -> Opened:
    """The bundled report read from a copy with another name, its index from a cache that is new or filled."""

    @contextmanager
    def opened() -> Iterator[OpenBot]:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / name
            shutil.copy(BUNDLED, copy)
            settings = Settings(cache_dir=Path(folder) / "cache")
            if saved_before:
                Assistant(report=copy, settings=settings).close()
            yield lambda target: Assistant(report=copy, settings=settings)

    return opened


@contextmanager
def _elsewhere() -> Iterator[OpenBot]:
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield open_assistant
        finally:
            os.chdir(here)


@contextmanager
def _warm() -> Iterator[OpenBot]:
    """An assistant that has answered every question once already."""

    def opened(target: Target) -> Bot:
        bot = open_assistant(target)
        run_target(target, bot, ranking=False)
        return bot

    yield opened


def _spaced(bot: Bot, question: str, history: History) -> Answer:
    return bot.ask(f"  {question.replace(' ', '  ')} ", history=history)


def _more_keys(bot: Bot, question: str, history: History) -> Answer:
    return bot.ask(question, history=[{**turn, "metadata": "x"} for turn in history])


HARMLESS = (
    *(Mutant(f"seed {seed}", _seeded(seed)) for seed in (1, 2, 3, 4)),
    # The runner shuffles the cases of those named so; see eval.mutants.trial.
    *(Mutant(f"order of cases {number}", at_the_door()) for number in range(1, 7)),
    Mutant("report under another name", _from_file("quarterly notes.md", saved_before=False)),
    Mutant("report under a name in another script", _from_file("отчёт № 7.md", saved_before=False)),
    Mutant("index read from disk", _from_file("report.md", saved_before=True)),
    Mutant("index read from disk, other name", _from_file("b.markdown", saved_before=True)),
    Mutant("encoded in small batches", inside(lambda: (index.encoder, "BATCH_PIECES", 256))),
    Mutant("encoded in large batches", inside(lambda: (index.encoder, "BATCH_PIECES", 16384))),
    Mutant("spaces around and within questions", at_the_door(ask=_spaced)),
    Mutant("more keys in the history", at_the_door(ask=_more_keys)),
    Mutant("asked everything before", lambda: _warm()),
    Mutant("from another folder", lambda: _elsewhere()),
)
