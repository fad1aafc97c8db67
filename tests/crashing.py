"""What tests of the index store run in processes of their own, which may be killed at any moment."""

from __future__ import annotations

import time
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import numpy as np

from index import onnx as onnx_module
from index.build import ReportIndex
from index.export import write_network
from index.store import IndexStore

PARTS: dict[str, str | int] = {"report": "abc", "passage_tokens": 300}


def same(one: ReportIndex, other: ReportIndex) -> bool:
    """Whether two indexes hold the same."""
    numbered = np.arange(len(one.report.sentences))
    arrays = [
        (
            index.word_vectors,
            index.word_starts,
            index.heading_vectors,
            index.passage_dense.vectors(index.passage_of),
            index.sentence_dense.vectors(numbered),
            index.passage_lexical.scores(["lamp", "tower"]),
            index.sentence_lexical.scores(["lamp", "tower"]),
        )
        for index in (one, other)
    ]
    return (
        one.report == other.report
        and one.passages == other.passages
        and all(np.array_equal(a, b) for a, b in zip(*arrays, strict=True))
    )


def build_at_once(source: Path, cache: Path, log: Path, barrier: Barrier) -> None:
    """Ask for the same index as the others do at the same moment; a build takes a while and leaves a line."""
    index = IndexStore(source).load(PARTS)

    def build() -> ReportIndex:
        with log.open("a", encoding="utf-8") as file:
            file.write("built\n")
        time.sleep(0.2)
        return index

    barrier.wait()
    made, folder = IndexStore(cache).load_or_build(PARTS, build)
    assert folder is not None
    assert same(made, index)


def save_for_ever(source: Path, cache: Path, ready: Path) -> None:
    """Save one index after the other, each under a key of its own, until killed."""
    index = IndexStore(source).load(PARTS)
    store = IndexStore(cache)
    ready.touch()
    number = 0
    while True:
        store.load_or_build({"number": number}, lambda: index)
        number += 1


def encode_at_once(model: str, cache: Path, log: Path, barrier: Barrier) -> None:
    """Encode with the same model as the others do at the same moment; who exports it leaves a line."""
    write = write_network

    def leave(line: str) -> None:
        with log.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def noted(network: Any, path: Path, *, lower: bool) -> None:
        leave("exported")
        write(network, path, lower=lower)

    onnx_module.write_network = noted  # type: ignore[assignment, attr-defined]
    encoder = onnx_module.OnnxEncoder(model, cache)
    barrier.wait()
    next(encoder.encode(["fund?"]))
    assert isinstance(encoder.backend, onnx_module.Network)
    leave("encoded")
