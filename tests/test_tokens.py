"""Counting tokens, and training the vocabulary that counts them."""

from __future__ import annotations

import base64
import json
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
import regex
import tiktoken
from hypothesis import given
from hypothesis import strategies as st

from assistant import Assistant
from index import train_tokens
from index.errors import AssistantError
from index.tokens import PATTERN, count_tokens, load_encoding

SENNRICH = "\n".join(["low"] * 5 + ["lower"] * 2 + ["newest"] * 6 + ["widest"] * 3)


@given(st.text())
def test_nothing_is_lost(text: str) -> None:
    encoding = load_encoding()
    tokens = encoding.encode_ordinary(text)
    assert encoding.decode(tokens) == text
    assert count_tokens(text, encoding) == len(tokens) <= len(text.encode())


def test_english_takes_few_tokens(bot: Assistant) -> None:
    words = regex.findall(r"\w+", bot.report.text)
    assert 1 < count_tokens(bot.report.text, load_encoding()) / len(words) < 2  # bytes alone would be 6


def test_names_of_special_tokens_are_text() -> None:
    ranks = {bytes([b]): b for b in range(256)}
    encoding = tiktoken.Encoding("x", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={"<|end|>": 256})
    assert count_tokens("<|end|>", encoding) == 7


def test_unknown_encoding() -> None:
    with pytest.raises(AssistantError, match=r"'o300k' cannot be loaded .* use one of bundled, .*o200k_base"):
        load_encoding("o300k")


def test_named_encoding_without_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nothing listens there
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(AssistantError, match=r"'r50k_base' cannot be loaded \(ProxyError\).*need the network"):
        load_encoding("r50k_base")


def test_training_finds_the_merges_of_the_paper() -> None:
    learned = train_tokens.train([SENNRICH], 256 + 4)[256:]
    assert learned == [b"st", b"est", b"ow", b"low"]  # counts 9, 9, 7, 7


def slow_train(texts: list[str], size: int) -> list[bytes]:
    """Byte-pair encoding as the paper states it: count every pair anew for each merge."""
    words = [([bytes([b]) for b in piece.encode()]) for text in texts for piece in regex.findall(PATTERN, text)]
    vocabulary = [bytes([b]) for b in range(256)]
    while len(vocabulary) < size:
        pairs = Counter(pair for word in words for pair in pairwise(word))
        if not pairs or max(pairs.values()) < 2:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        vocabulary.append(best[0] + best[1])
        for word in words:
            i = 0
            while i < len(word) - 1:
                if (word[i], word[i + 1]) == best:
                    word[i : i + 2] = [best[0] + best[1]]
                i += 1
    return vocabulary


@given(st.lists(st.text("abé 1."), max_size=4), st.integers(256, 280))
def test_training_is_byte_pair_encoding(texts: list[str], size: int) -> None:
    assert train_tokens.train(texts, size) == slow_train(texts, size)


def test_training_writes_a_vocabulary_that_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    squad = {"data": [{"title": "x", "paragraphs": [{"context": SENNRICH, "qas": []}]}]}
    (tmp_path / "a.json").write_text(json.dumps(squad), encoding="utf-8")
    (tmp_path / "b.txt").write_text(SENNRICH, encoding="utf-8")
    out = tmp_path / "tokens"
    arguments = [str(tmp_path / "a.json"), str(tmp_path / "b.txt"), "--size", "270", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", ["train_tokens", *arguments])
    train_tokens.main()
    ranks = {base64.b64decode(token): int(rank) for token, rank in map(str.split, out.read_text().splitlines())}
    assert list(ranks) == train_tokens.train([SENNRICH, SENNRICH], 270)
    encoding = tiktoken.Encoding("trained", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={})
    assert encoding.encode_ordinary("lowest") == [ranks[b"low"], ranks[b"est"]]
