"""A reply that comes bit by bit: its sentences, what they cite, and when they are certain."""

from __future__ import annotations

import pytest

from assistant.llm.sentences import Splitter, Written


def split(text: str, size: int) -> list[Written]:
    splitter = Splitter()
    found = [written for i in range(0, len(text), size) for written in splitter.feed(text[i : i + size])]
    return [*found, *splitter.end()]


@pytest.mark.parametrize("size", [1, 5, 10_000])
@pytest.mark.parametrize(("text", "expected"), [
    ("The lamp burns. [1] It is old. [2][3]", [("The lamp burns.", (1,)), ("It is old.", (2, 3))]),
    ("The lamp burns [1]. It is old [2, 3].", [("The lamp burns.", (1,)), ("It is old.", (2, 3))]),
    ("The lamp, e.g. the old one, burns. [1] It cost 2.4 million. [2]",
     [("The lamp, e.g. the old one, burns.", (1,)), ("It cost 2.4 million.", (2,))]),
    ("- **The lamp** burns [1-3]\n2. It is old【4】", [("The lamp burns.", (1, 2, 3)), ("It is old.", (4,))]),
    ("<think>Which lamp? [9]</think>Yes, the lamp burns. [1]", [("The lamp burns.", (1,))]),
    ("<think>Which lamp? [9] Hm", []),
    ("The lamp burns.", [("The lamp burns.", ())]),
    ("灯が燃える。[1]古い。[2]", [("灯が燃える。.", (1,)), ("古い。.", (2,))]),
    (" \n[1]\n", []),
])  # fmt: skip
def test_sentences_and_what_they_cite(text: str, expected: list[tuple[str, tuple[int, ...]]], size: int) -> None:
    assert [(written.text, written.cites) for written in split(text, size)] == expected


def test_a_sentence_comes_once_the_next_one_has_begun() -> None:
    splitter = Splitter()
    assert list(splitter.feed("The lamp burns. [1] It is")) == []
    assert list(splitter.feed(" old and dim")) == [Written("The lamp burns.", (1,))]
