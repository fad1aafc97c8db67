"""Learning how near words are from questions with known answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eval.fit.examples import Example, examples_of, open_judge
from eval.fit.projection import SIZE, learn_projection
from eval.fit.weights import with_projection
from eval.targets import Target, find_all
from index.build import ReportIndex
from index.encoder import Encoder
from index.report import Report
from index.retriever import Evidence
from tests.eval.conftest import MakeCase

Learnt = tuple[dict[str, ReportIndex], dict[str, list[Example]]]


@pytest.fixture
def asked(harbour: Report, make_case: MakeCase, encoder: Encoder) -> Learnt:
    """Two questions over a small report, one of them not answerable."""
    no = {"answerable": "no", "status": ["not_in_report"], "evidence": []}
    cases = [
        make_case(id="a-1", conversation="a-1"),
        make_case(id="a-2", conversation="a-2", question="Who is the harbour master?", **no),
    ]
    target = Target("harbour", harbour, find_all(cases, harbour))
    judge, normalise = open_judge(target, encoder, 300)
    return {"harbour": judge.retriever.index}, {"harbour": examples_of(target, judge, normalise, target.tasks)}


def test_the_same_questions_teach_the_same(asked: Learnt) -> None:
    one, other = (learn_projection(*asked) for _ in range(2))
    assert one.matrix.shape == (384, SIZE)
    assert np.array_equal(one.matrix, other.matrix)
    assert np.array_equal(one.essence, other.essence)


def test_the_right_sentence_comes_out_further_ahead(asked: Learnt, harbour: Report, encoder: Encoder) -> None:
    indexes, examples = asked
    projection = learn_projection(indexes, examples)
    example = examples["harbour"][0]
    target = Target("harbour", harbour, ())
    judge, _ = open_judge(target, encoder, 300)

    after = with_projection(judge, projection).judge(example.question)

    def lead(evidence: Evidence) -> float:
        found = evidence.similar @ evidence.weights
        return float(found[example.gold].max() - found[~example.gold].max())

    assert lead(after.evidence) > lead(replace(example.evidence, weights=after.evidence.weights))
