"""Asking: conversations, crashes, and the retrieval metrics, with a real if simple assistant over a small report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from assistant.answer import Answer, Citation
from eval.cases import Case
from eval.run import run_target
from eval.targets import Target, find_all
from index.report import Report
from index.words import split_words
from tests.eval.conftest import MakeCase


class WordOverlap:
    """Answers with the sentence that shares most words with the question; a follow-up gets the question before it.

    It remembers every call, so that a test can see what was asked after what.
    """

    def __init__(self, report: Report) -> None:
        self.report = report
        self.calls: list[tuple[str, list[dict[str, str]]]] = []

    def rank(self, question: str) -> list[tuple[int, float]]:
        asked = {word.form for word in split_words(question)}
        scores = {
            s.number: len(asked & {w.form for w in split_words(self.report.quote(s))}) for s in self.report.sentences
        }
        return sorted(((n, float(score)) for n, score in scores.items()), key=lambda pair: -pair[1])

    def ask(self, question: str, history: Sequence[Mapping[str, str]] = ()) -> Answer:
        self.calls.append((question, [dict(turn) for turn in history]))
        if "crash" in question:
            raise RuntimeError("no such thing")
        said = [turn["content"] for turn in history if turn["role"] == "user"]
        standalone = " ".join([*said[-1:], question])
        best = self.report.sentences[self.rank(standalone)[0][0]]
        quote = self.report.quote(best)
        cited = Citation(1, quote, "", best.start, best.end, 1.0, self.report.title, self.report.sha256)
        return Answer(f"{quote} [1]", "answered", (cited,), standalone, 0.7)

    def close(self) -> None: ...


def chain(make_case: MakeCase, *questions: str, **last: Any) -> list[Case]:
    return [
        make_case(
            id=f"chain-t{turn}",
            conversation="chain",
            turn=turn,
            before=list(questions[: turn - 1]),
            question=question,
            standalone="When did the harbour open?" if turn > 1 else None,
            **(last if turn == len(questions) else {}),
        )
        for turn, question in enumerate(questions, start=1)
    ]


def test_later_turns_are_asked_after_the_real_answers_and_each_question_once(
    harbour: Report, make_case: MakeCase
) -> None:
    cases = chain(make_case, "What about the harbour?", "When was it opened?", "And the cargo?")
    bot = WordOverlap(harbour)
    results = run_target(Target("t", harbour, find_all(cases, harbour)), bot)
    assert [question for question, _ in bot.calls] == [
        "What about the harbour?", "When was it opened?", "And the cargo?",
    ]  # fmt: skip
    said = [result.answer.text for result in results if result.answer]
    assert bot.calls[2][1] == [
        {"role": "user", "content": "What about the harbour?"},
        {"role": "assistant", "content": said[0]},
        {"role": "user", "content": "When was it opened?"},
        {"role": "assistant", "content": said[1]},
    ]


def test_a_turn_whose_earlier_ones_are_no_cases_is_asked_after_them_all_the_same(
    harbour: Report, make_case: MakeCase
) -> None:
    last = chain(make_case, "What about the harbour?", "When was it opened?")[-1:]
    bot = WordOverlap(harbour)
    results = run_target(Target("t", harbour, find_all(last, harbour)), bot)
    assert len(bot.calls) == 2
    assert [result.key for result in results] == ["t/chain-t2"]


def test_a_crash_is_a_result_and_the_next_turn_goes_on(harbour: Report, make_case: MakeCase) -> None:
    cases = [*chain(make_case, "crash, please", "When did it open?"), make_case()]
    results = run_target(Target("t", harbour, find_all(cases, harbour)), WordOverlap(harbour))
    assert results[0].error == "RuntimeError: no such thing"
    assert results[0].answer is None
    assert results[0].scores["status"] == 0
    assert [result.error for result in results[1:]] == [None, None]
    assert "passage mrr" not in results[0].scores


def test_rewriting_is_the_reciprocal_rank_against_that_of_the_expected_question(
    harbour: Report, make_case: MakeCase
) -> None:
    cases = chain(make_case, "Grain cargo main town owner", "When?")
    result = run_target(Target("t", harbour, find_all(cases, harbour)), WordOverlap(harbour))[-1]
    assert result.answer is not None
    assert result.answer.question == "Grain cargo main town owner When?"
    assert result.scores["passage mrr"] == pytest.approx(1 / 4)
    assert result.scores["rewriting"] == pytest.approx((1 / 4) / 1)


def test_without_ranking_only_the_answer_is_scored(harbour: Report, make_case: MakeCase) -> None:
    target = Target("t", harbour, find_all([make_case()], harbour))
    (with_ranking,), (without,) = (run_target(target, WordOverlap(harbour), ranking=on) for on in (True, False))
    assert with_ranking.scores["sentence mrr"] == 1
    assert without.scores == {
        k: v for k, v in with_ranking.scores.items() if not k.startswith(("passage ", "sentence "))
    }


def test_progress_hears_of_each_case(harbour: Report, make_case: MakeCase) -> None:
    heard: list[int] = []
    cases = [make_case(id=f"a-{n}", conversation=f"a-{n}") for n in range(3)]
    run_target(Target("t", harbour, find_all(cases, harbour)), WordOverlap(harbour), progress=heard.append)
    assert heard == [1, 1, 1]
