"""Learning the interaction from questions with known answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from eval.fit.examples import Example, examples_of, open_judge
from eval.fit.interaction import CONDENSED, candidates_of, learn_interaction
from eval.fit.weights import with_interaction
from eval.targets import Target, find_all
from index.encoder import Encoder
from index.report import Report
from tests.eval.conftest import MakeCase


@pytest.fixture
def target(harbour: Report, make_case: MakeCase) -> Target:
    """Four questions over a small report, two of them not answerable."""
    no: dict[str, Any] = {"answerable": "no", "status": ["not_in_report"], "evidence": []}
    asked: dict[str, dict[str, Any]] = {
        "When did the harbour open?": {"evidence": ["opened in 1911"]},
        "How many berths are there?": {"evidence": ["nine berths"]},
        "Who is the harbour master?": no,
        "When did the harbour close?": no,
    }
    cases = [
        make_case(id=f"a-{i}", conversation=f"a-{i}", question=question, **values)
        for i, (question, values) in enumerate(asked.items())
    ]
    return Target("harbour", harbour, find_all(cases, harbour))


def test_the_same_questions_teach_the_same_and_help(target: Target, encoder: Encoder) -> None:
    judge, normalise = open_judge(target, encoder, 300)
    examples = {"harbour": examples_of(target, judge, normalise, target.tasks)}
    one, other = (learn_interaction({"harbour": judge.retriever.index}, examples) for _ in range(2))
    assert one.width == CONDENSED
    assert all(np.array_equal(value, other.numbers[name]) for name, value in one.numbers.items())
    judged = with_interaction(judge, one).judge(examples["harbour"][0].question)
    assert judged.tells is not None
    assert judged.scores.shape == judged.fast.shape


def test_candidates_hold_the_right_ones(target: Target, encoder: Encoder) -> None:
    judge, normalise = open_judge(target, encoder, 300)
    for example in examples_of(target, judge, normalise, target.tasks):
        right = np.flatnonzero(example.gold)
        assert set(right) <= set(candidates_of(example))
        assert judge.judge(example.question).tells is None  # its words are not condensed
        worst = example.__class__(**{**vars(example), "fast": -example.fast})
        assert isinstance(worst, Example)
        assert set(right) <= set(candidates_of(worst))
