"""What an LLM is sent: the question, what was said before, and numbered sentences of the report, within a budget.

Tokens are counted with tiktoken. The question and the reply have their shares; what is left is the history's and the
evidence's. Where it is too little the history shrinks first, its oldest turns before the newest, then the evidence, the
weakest sentences first. Where all of it fits, the whole report goes in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import tiktoken

import prompts
from assistant.llm.client import Message
from assistant.llm.errors import LLMFailure
from assistant.llm.instructions import is_instruction
from index.report import Report, Sentence
from index.tokens import count_tokens

REPLY = 500
"""Tokens of a reply; four sentences take some 150."""
QUESTION_SHARE = 4
"""A question may have a quarter of the budget."""
HISTORY_TURNS = 6
"""Questions and answers before this one that are looked at, at most."""
LONGEST_SAID = 600
"""Characters of one turn of the history that are sent."""
NOTHING_SAID = "(nothing)"
_PER_MESSAGE = 8  # what a server adds around each message


@dataclass(frozen=True)
class Prompt:
    """What is sent, and the sentence of the report that each number stands for."""

    messages: tuple[Message, ...]
    sentences: Mapping[int, Sentence]


class Budget:
    """Makes prompts over one report of at most ``tokens`` tokens, the reply included."""

    def __init__(self, report: Report, encoding: tiktoken.Encoding, tokens: int) -> None:
        self._report = report
        self._encoding = encoding
        self._tokens = tokens

    def answer(self, question: str, history: Sequence[Mapping[str, str]], ranked: Sequence[int]) -> Prompt:
        """The prompt for an answer; ``ranked`` are numbers of sentences, the best first.

        Raises:
            LLMFailure: the question leaves no room for evidence.
        """
        if self._count(question) > self._tokens // QUESTION_SHARE:
            raise LLMFailure("question too long")
        system = prompts.render("llm_system", refusal=prompts.render("not_in_report"))
        said = [_line(turn) for turn in history[-2 * HISTORY_TURNS :]]
        order = self._order(ranked)
        free = self._tokens - REPLY - 2 * _PER_MESSAGE - self._count(system) - self._count(self._user(question, [], []))
        costs = self._costs(order, free)
        while said and sum(map(self._count, said)) + len(said) + sum(costs) > free:
            said = said[1:]
        free -= sum(map(self._count, said)) + len(said)
        kept: list[int] = []
        for number, cost in zip(order, costs, strict=False):
            if cost > free:
                break
            free -= cost
            kept.append(number)
        if not kept:
            raise LLMFailure("question too long")
        kept.sort()
        messages = (
            {"role": "system", "content": system},
            {"role": "user", "content": self._user(question, said, kept)},
        )
        numbered = {mark: self._report.sentences[number] for mark, number in enumerate(kept, start=1)}
        return Prompt(messages, numbered)

    def rewrite(self, question: str, history: Sequence[Mapping[str, str]]) -> tuple[Message, ...]:
        """The messages that ask for a follow-up as a standalone question."""
        said = [_line(turn) for turn in history[-2 * HISTORY_TURNS :]]
        while said and sum(map(self._count, said)) > self._tokens // 2:
            said = said[1:]
        text = prompts.render("llm_rewrite", history="\n".join(said) or NOTHING_SAID, question=_plain(question))
        return ({"role": "user", "content": text},)

    def _order(self, ranked: Sequence[int]) -> list[int]:
        """The ranked sentences, then the rest of the report, without those that speak to the reader's machine."""
        listed = set(ranked)
        order = [*ranked, *(s.number for s in self._report.sentences if s.number not in listed)]
        return [n for n in order if not is_instruction(self._report.quote(self._report.sentences[n]))]

    def _costs(self, order: Sequence[int], free: int) -> list[int]:
        """The tokens of each sentence with its number, a heading with the first of a section, until no more fit."""
        costs: list[int] = []
        headed: set[int] = set()
        total = 0
        for number in order:
            sentence = self._report.sentences[number]
            section = self._report.section_of(sentence)
            text = f"[{number + 1}] {self._report.quote(sentence)}\n"
            if section.number not in headed:
                text += f"Section: {section.title}\n"
                headed.add(section.number)
            costs.append(self._count(text))
            total += costs[-1]
            if total > free:
                break
        return costs

    def _user(self, question: str, said: Sequence[str], kept: Sequence[int]) -> str:
        return prompts.render(
            "llm_answer",
            history="\n".join(said) or NOTHING_SAID,
            title=_plain(self._report.title),
            evidence="\n".join(self._numbered(kept)),
            question=_plain(question),
        )

    def _numbered(self, kept: Sequence[int]) -> list[str]:
        lines: list[str] = []
        before: int | None = None
        for mark, number in enumerate(kept, start=1):
            sentence = self._report.sentences[number]
            section = self._report.section_of(sentence)
            if section.number != before:
                lines.append(f"Section: {_plain(section.title) or NOTHING_SAID}")
                before = section.number
            lines.append(f"[{mark}] {_plain(self._report.quote(sentence))}")
        return lines

    def _count(self, text: str) -> int:
        return count_tokens(text, self._encoding)


def _line(turn: Mapping[str, str]) -> str:
    who = "Asked" if turn["role"] == "user" else "Answered"
    return f"{who}: {_plain(turn['content'][:LONGEST_SAID])}"


def _plain(text: str) -> str:
    """One line without square brackets: nothing in it can pass for a numbered sentence."""
    return " ".join(text.replace("[", "(").replace("]", ")").split())
