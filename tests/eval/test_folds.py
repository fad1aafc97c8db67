"""Leave-one-out: no article is answered with weights that were fitted on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

import eval.folds
from eval.fit.examples import Example
from eval.fit.weights import fit_on
from eval.folds import leave_one_out
from eval.run import run_target
from eval.targets import Target, find_all
from index.report import Block, Report, build_report
from tests.eval.conftest import MakeCase


def article(make_case: MakeCase, name: str, owner: str) -> Target:
    report = build_report(
        [
            Block("heading", name),
            Block("paragraph", f"The mill was built in 1802. {owner} bought it in 1850."),
            Block("paragraph", "It ground corn for the town. A flood closed it."),
        ],
        title=name,
    )
    questions = {"When was the mill built?": "built in 1802", f"When did {owner} buy it?": "bought it in 1850"}
    cases = [
        make_case(id=f"{name}-{n}", conversation=f"{name}-{n}", question=question, evidence=[quote], split="check")
        for n, (question, quote) in enumerate(questions.items())
    ]
    no = {"answerable": "no", "status": ["not_in_report"], "evidence": [], "split": "check"}
    cases.append(make_case(id=f"{name}-no", conversation=f"{name}-no", question="Who painted the roof?", **no))
    return Target(name, report, find_all(cases, report))


def test_each_article_is_answered_with_weights_fitted_on_the_others(
    harbour: Report, make_case: MakeCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    unanswerable = {"answerable": "no", "status": ["not_in_report"], "evidence": []}
    ours = [
        make_case(id="a-1", conversation="a-1"),
        make_case(id="a-2", conversation="a-2", question="Who is the harbour master?", **unanswerable),
        make_case(id="a-3", conversation="a-3", question="What is the main cargo?", evidence=["Grain"], split="check"),
    ]
    reports = [Target("bundled", harbour, find_all(ours, harbour))]
    articles = [article(make_case, "north", "Ada Lind"), article(make_case, "south", "Per Holm")]
    used: list[dict[str, list[str]]] = []

    def recorded(examples: Mapping[str, Sequence[Example]], *rest: Any) -> Any:
        used.append({name: [e.task.case.id for e in found] for name, found in examples.items()})
        return fit_on(examples, *rest)

    monkeypatch.setattr(eval.folds, "fit_on", recorded)
    open_bot = leave_one_out(articles, reports)
    for target in articles:
        bot = open_bot(target)
        results = run_target(target, bot)
        assert bot.report is target.report
        assert all(result.error is None for result in results)
        assert [result.scores["exact"] for result in results] == [1.0] * 3
    assert [sorted(names) for names in used] == [["bundled", "south"], ["bundled", "north"]]
    # its own without the "check" case, and what the other article answers
    assert [sorted(names["bundled"]) for names in used] == [
        ["a-1", "a-2", "south-0", "south-1"],
        ["a-1", "a-2", "north-0", "north-1"],
    ]
