"""txtai: its hybrid index with content, saved as it saves itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from txtai import Embeddings

from eval.bench.peers.run import DEPTH, MODEL


@lru_cache(maxsize=1)
def _embeddings() -> Embeddings:
    return Embeddings(path=str(MODEL), hybrid=True, content=True, gpu=False)


def build(texts: Sequence[str], folder: Path) -> None:
    """Index passages."""
    _embeddings().index(texts)
    _embeddings().save(str(folder / "index"))


def opened(texts: Sequence[str], folder: Path) -> Callable[[str], str]:
    """Read the index."""
    embeddings = Embeddings()
    embeddings.load(str(folder / "index"))
    return lambda question: str(embeddings.search(question, DEPTH)[0]["text"])
