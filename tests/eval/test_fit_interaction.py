"""Learning the interaction from questions with known answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from eval.fit.examples import Example, examples_of, open_judge
from eval.fit.interaction import CONDENSED, Network, _Lower, candidates_of, learn_interaction
from eval.fit.weights import with_interaction
from eval.targets import Target, find_all
from index.encoder import Encoder, SentenceTransformerEncoder
from index.report import Report
from index.upper import own_layers
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
    model = SentenceTransformerEncoder().model
    one, other = (learn_interaction(model, {"harbour": judge.retriever.index}, examples) for _ in range(2))
    assert one.interaction.width == CONDENSED
    for name, numbers in one.interaction.numbers.items():
        assert np.array_equal(numbers, other.interaction.numbers[name])
    untuned = own_layers(model).state_dict()
    for name, value in one.upper.state_dict().items():
        assert torch.equal(value, other.upper.state_dict()[name])
        assert not torch.equal(value, untuned[name]) or "key.bias" in name  # which changes no attention
    judged = with_interaction(judge, one).judge(examples["harbour"][0].question)
    assert judged.tells is not None
    assert judged.scores.shape == judged.fast.shape


def test_layers_that_are_given_stay_as_they_are(target: Target, encoder: Encoder) -> None:
    judge, normalise = open_judge(target, encoder, 300)
    examples = {"harbour": examples_of(target, judge, normalise, target.tasks)}
    model = SentenceTransformerEncoder().model
    learned = learn_interaction(model, {"harbour": judge.retriever.index}, examples, own_layers(model))
    for name, value in own_layers(model).state_dict().items():
        assert torch.equal(value, learned.upper.state_dict()[name])


def test_what_is_learned_on_is_what_is_asked(target: Target, encoder: Encoder) -> None:
    """The logits of the network as it is trained are those of the program over an index that is read by its layers."""
    judge, normalise = open_judge(target, encoder, 300)
    examples = examples_of(target, judge, normalise, target.tasks)
    model = SentenceTransformerEncoder().model
    learned = learn_interaction(model, {"harbour": judge.retriever.index}, {"harbour": examples})
    lower = _Lower(model, {"harbour": judge.retriever.index}, {"harbour": examples})
    numbers = learned.interaction.numbers
    network = Network(*(torch.from_numpy(numbers[name]) for name in ("condense", "mean", "deviation"))).eval()
    network.of.load_state_dict({name: torch.from_numpy(numbers[name]) for name in network.of})
    with torch.no_grad():
        ranks, tells = network(lower.batch("harbour", examples, learned.upper))
    asked = with_interaction(judge, learned)
    for row, example in enumerate(examples):
        judged = asked.judge(example.question)
        own = candidates_of(example)
        assert judged.tells is not None
        np.testing.assert_allclose(judged.scores[own], ranks[row, : len(own)], atol=0.1)
        np.testing.assert_allclose(judged.tells, tells[row, : len(own)], atol=0.1)


def test_candidates_hold_the_right_ones(target: Target, encoder: Encoder) -> None:
    judge, normalise = open_judge(target, encoder, 300)
    for example in examples_of(target, judge, normalise, target.tasks):
        right = np.flatnonzero(example.gold)
        assert set(right) <= set(candidates_of(example))
        assert judge.judge(example.question).tells is None  # its words are not condensed
        worst = example.__class__(**{**vars(example), "fast": -example.fast})
        assert isinstance(worst, Example)
        assert set(right) <= set(candidates_of(worst))
