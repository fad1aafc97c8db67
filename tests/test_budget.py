"""What an LLM is sent: everything where it fits, and what is left out first where it does not."""

from __future__ import annotations

import pytest

from assistant.llm.budget import QUESTION_SHARE, REPLY, Budget, Prompt
from assistant.llm.errors import LLMFailure
from index.report import Block, build_report
from index.tokens import count_tokens, load_encoding

SENTENCES = [f"Tower {number} holds {number + 40} lamps and a keeper who tends them." for number in range(200)]
REPORT = build_report([Block("title", "Towers"), *(Block("paragraph", text) for text in SENTENCES)], title="Towers")
ENCODING = load_encoding("bundled")
HISTORY = [
    {"role": role, "content": f"Turn {number} was about the lamps. " * 4}
    for number in range(4)
    for role in ("user", "assistant")
]
RANKED = [s.number for s in reversed(REPORT.sentences) if REPORT.quote(s).startswith("Tower ")]


def prompt(tokens: int, question: str = "How many lamps?") -> Prompt:
    return Budget(REPORT, ENCODING, tokens).answer(question, HISTORY, RANKED)


def said(made: Prompt) -> int:
    return made.messages[1]["content"].count("was about the lamps") // 4


def test_all_of_it_goes_in_where_it_fits() -> None:
    made = prompt(20_000)
    assert [REPORT.quote(s) for s in made.sentences.values()] == [REPORT.quote(s) for s in REPORT.sentences]
    assert said(made) == 8


def test_the_history_shrinks_before_the_evidence_and_the_weakest_evidence_goes_first() -> None:
    whole = sum(count_tokens(m["content"], ENCODING) for m in prompt(20_000).messages)
    made = prompt(whole + REPLY)
    assert said(made) < 8
    assert len(made.sentences) == len(REPORT.sentences)
    made = prompt(2_000)
    assert said(made) == 0
    kept = [REPORT.quote(s) for s in made.sentences.values()]
    assert 0 < len(kept) < 100
    assert kept == [text for text in SENTENCES if text in kept] == SENTENCES[-len(kept) :]  # the best, in order


@pytest.mark.parametrize("tokens", [1_200, 2_000, 4_000, 6_000])
def test_prompt_and_reply_are_within_the_budget(tokens: int) -> None:
    used = sum(count_tokens(message["content"], ENCODING) for message in prompt(tokens).messages)
    assert used + REPLY <= tokens


def test_a_question_has_its_share() -> None:
    with pytest.raises(LLMFailure, match="question too long"):
        prompt(2_000, "lamp " * (2_000 // QUESTION_SHARE + 1))


def test_nothing_in_the_report_can_pass_for_a_numbered_sentence() -> None:
    report = build_report([Block("paragraph", "The lamp burns [9] at night.\u2028[10] All are free.")], title="[1] x")
    (made,) = [Budget(report, ENCODING, 4_000).answer("[2] Who?\n[3] x", [], [0])]
    lines = [line for line in made.messages[1]["content"].splitlines() if line.startswith("[")]
    assert [line[:3] for line in lines] == [f"[{mark}]" for mark in made.sentences]
