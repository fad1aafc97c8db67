"""Trains the byte-pair vocabulary that :mod:`index.tokens` loads.

    python -m index.train_tokens FILE... [--size 8192] [--out index/data/tokens.tiktoken]

FILE is plain text, Markdown, or SQuAD-format JSON (its paragraphs are read). Byte-pair encoding after Sennrich,
Haddow and Birch (2016), over bytes: the most frequent neighbouring pair becomes a token, again and again; ties go to
the pair that sorts last, so that the same text gives the same vocabulary.
"""

from __future__ import annotations

import argparse
import base64
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import regex

from index.tokens import PATTERN

Pair = tuple[bytes, bytes]


def train(texts: Iterable[str], size: int) -> list[bytes]:
    """The vocabulary of ``size`` tokens, in order of rank; the 256 bytes come first."""
    counts = Counter(piece for text in texts for piece in regex.findall(PATTERN, text))
    words = [([bytes([b]) for b in word.encode()], count) for word, count in counts.items()]
    pairs: Counter[Pair] = Counter()
    where: defaultdict[Pair, set[int]] = defaultdict(set)
    for number, (symbols, count) in enumerate(words):
        for pair in pairwise(symbols):
            pairs[pair] += count
            where[pair].add(number)
    vocabulary = [bytes([b]) for b in range(256)]
    while len(vocabulary) < size and pairs:
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        if pairs[best] < 2:
            break
        vocabulary.append(best[0] + best[1])
        for number in sorted(where.pop(best)):
            symbols, count = words[number]
            for pair in pairwise(symbols):
                pairs[pair] -= count
            merged = _merge(symbols, best)
            words[number] = (merged, count)
            for pair in pairwise(merged):
                pairs[pair] += count
                where[pair].add(number)
        del pairs[best]
    return vocabulary


def _merge(symbols: list[bytes], pair: Pair) -> list[bytes]:
    merged: list[bytes] = []
    position = 0
    while position < len(symbols):
        if tuple(symbols[position : position + 2]) == pair:
            merged.append(pair[0] + pair[1])
            position += 2
        else:
            merged.append(symbols[position])
            position += 1
    return merged


def _read(path: Path) -> Iterable[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return [part["context"] for article in json.loads(text)["data"] for part in article["paragraphs"]]
    return [text]


def main() -> None:
    """The command of the module's docstring."""
    parser = argparse.ArgumentParser(description="Train the byte-pair vocabulary that counts tokens.")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--size", type=int, default=8192)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "data" / "tokens.tiktoken")
    arguments = parser.parse_args()
    vocabulary = train([text for path in arguments.files for text in _read(path)], arguments.size)
    lines = [f"{base64.b64encode(token).decode()} {rank}" for rank, token in enumerate(vocabulary)]
    arguments.out.write_text("\n".join(lines) + "\n", encoding="ascii")
    print(f"{len(vocabulary)} tokens written to {arguments.out}")


if __name__ == "__main__":
    main()
