"""What is measured in a process of its own: ``python -m eval.bench.probes NAME …`` prints what it found as JSON."""

from __future__ import annotations

import cProfile
import json
import pstats
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from assistant import Assistant, Settings
from eval.bench import made_up
from eval.bench.measure import megabytes
from index import dense
from index.build import build_index
from index.dense import DenseIndex
from index.encoder import DEFAULT_MODEL, SentenceTransformerEncoder
from index.onnx import OnnxEncoder
from index.readers import read_report
from index.tokens import load_encoding


def timed(work: Callable[[], Any]) -> float:
    """The seconds that some work takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def warm(*_: str) -> dict[str, float]:
    """A warm ``ask()`` of the bundled report beside one bare ``SentenceTransformer.encode`` of the same question.

    Each question of the cases is asked once, none twice; the first tenth only warms up. They take turns in blocks of
    forty: right after torch's threads have run, which go on waiting for work on every core, anything else is slower.
    """
    bare = SentenceTransformerEncoder().model
    questions = made_up.questions()
    begun = len(questions) // 10
    asked: list[float] = []
    encoded: list[float] = []
    with Assistant() as bot:
        for first in range(0, len(questions), 40):
            block = questions[first : first + 40]
            asked += [timed(lambda: bot.ask(question)) for question in block]  # noqa: B023
            encoded += [timed(lambda: bare.encode(question)) for question in block]  # noqa: B023
    asked, encoded = asked[begun:], encoded[begun:]
    return {
        "questions": len(asked),
        "ask": median(asked),
        "ask_p95": float(np.quantile(asked, 0.95)),
        "encode": median(encoded),
    }


def building(*arguments: str) -> dict[str, float]:
    """Passages a second: this project's encoder and bare sentence-transformers in its default settings."""
    count, words, times = map(int, arguments)
    texts = made_up.passages(count, words)
    settings = Settings.load()
    encoder, bare = OnnxEncoder(DEFAULT_MODEL, settings.cache_dir), SentenceTransformerEncoder().model
    list(encoder.encode(texts[:32]))
    bare.encode(texts[:32])
    reference = bare.encode(texts, normalize_embeddings=True)
    bare_rate = count / timed(lambda: bare.encode(texts))
    rate = count / timed(lambda: list(encoder.encode(texts)))
    cosines = [float(one.vector @ other) for one, other in zip(encoder.encode(texts), reference, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.md"
        path.write_text(made_up.long_text(times), encoding="utf-8")
        report = read_report(path)
    encoding = load_encoding()
    begin = time.perf_counter()
    index = build_index(report, encoder, encoding, settings.passage_tokens)
    whole = time.perf_counter() - begin
    own = [report.text[p.start : p.end] for p in index.passages]
    return {
        "rate": rate,
        "bare": bare_rate,
        "difference": 1 - min(cosines),
        "whole": len(own) / whole,
        "bare_of_whole": len(own) / timed(lambda: bare.encode(own)),
    }


def vectors(*arguments: str) -> dict[str, Any]:
    """Build a search index over made-up vectors, save it, and search it exactly and as the program does."""
    count, queries, k = int(arguments[0]), 200, 10
    base = made_up.base_vectors(OnnxEncoder(DEFAULT_MODEL, Settings.load().cache_dir))
    made, asked = made_up.vectors(base, count, 0), made_up.vectors(base, queries, 1)
    begin = time.perf_counter()
    index = DenseIndex.build(made)
    built = time.perf_counter() - begin
    index.save(Path(arguments[1]))
    np.save(Path(arguments[1]).with_suffix(".queries.npy"), asked)
    exact = DenseIndex(made)
    found: list[list[int]] = []
    seconds = [timed(lambda: found.append(exact.search(query, k)[0].tolist())) for query in asked]  # noqa: B023
    return {"build": built, "kind": index.kind, "exact": float(np.quantile(seconds, 0.95)), "found": found}


def search(*arguments: str) -> dict[str, Any]:
    """Read the saved index, and search it; what it finds, the time and the memory."""
    before = megabytes()
    index = DenseIndex.load(Path(arguments[0]))
    asked = np.load(Path(arguments[0]).with_suffix(".queries.npy"))
    found: list[list[int]] = []
    index.search(asked[0], 10)
    seconds = [timed(lambda: found.append(index.search(query, 10)[0].tolist())) for query in asked]  # noqa: B023
    return {
        "p95": float(np.quantile(seconds, 0.95)),
        "found": found,
        "megabytes": megabytes(),
        "before": before,
        "parameters": {"exact_up_to": dense.EXACT, "probes": dense.PROBES, "refined": dense.REFINED},
    }


def growth(*arguments: str) -> dict[str, float]:
    """Build the index of the report so many times over, and ask it warm, the report once beside it.

    A text of one sentence is built first, so that what is loaded once counts with no length; no index is there before.
    Building counts processor time: it takes minutes, in which others may come and go.
    """
    times = int(arguments[0])
    questions = made_up.questions()
    shutil.rmtree(Settings.load().cache_dir / "indexes", ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        path, short = Path(folder) / "long.md", Path(folder) / "short.md"
        short.write_text("The fund was created in 2025.", encoding="utf-8")
        Assistant(short).close()
        path.write_text(made_up.long_text(times), encoding="utf-8")
        begin, used = time.perf_counter(), time.process_time()
        Assistant(path).close()
        built, worked = time.perf_counter() - begin, time.process_time() - used
        begin = time.perf_counter()
        with Assistant(path) as bot:
            opened = time.perf_counter() - begin
            sentences = len(bot.report.sentences)
            with Assistant() as once:
                pairs = [[timed(lambda: one.ask(q)) for one in (bot, once)] for q in questions[:120]]  # noqa: B023
    asked, beside = np.array(pairs[20:]).T
    return {
        "sentences": sentences,
        "build": built,
        "build_processor": worked,
        "open": opened,
        "ask": median(asked),
        "beside": median(beside),
        "megabytes": megabytes(),
    }


# The functions whose time a profile tells, each without those below it in the list.
_STAGES = (
    ("the network (onnxruntime)", "_run", "onnx.py"),
    ("the question in pieces, its words' vectors", "_encode", "retriever.py"),
    ("ranking: searches, late interaction, signals", "retrieve", "retriever.py"),
    ("the kind of answer, whether the report tells", "judge", "judgement.py"),
    ("spelling, names, follow-ups", "understand", "engine.py"),
    ("all the rest: denials, what to quote, suggestions", "draft", "engine.py"),
)


def profile(*_: str) -> dict[str, Any]:
    """What a warm answer spends its time on: the share of each stage."""
    with Assistant() as bot:
        bot.warm_up()
        questions = made_up.questions()
        for question in questions[:20]:
            bot.ask(question)
        profiler = cProfile.Profile()
        profiler.enable()
        for question in questions[20:]:
            bot.ask(question)
        profiler.disable()
    rows: dict[tuple[str, int, str], tuple[int, int, float, float, Any]] = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    total: dict[str, float] = {}
    for title, function, file in _STAGES:
        total[title] = sum(
            row[3] for (where, _, name), row in rows.items() if name == function and where.endswith(file)
        )
    titles = [title for title, _, _ in _STAGES]
    network, encode, retrieve, judge, understand, answer = (total[title] for title in titles)
    own = [network, encode - network, retrieve - encode, judge - retrieve, understand, answer - understand - judge]
    return {title: share / answer for title, share in zip(titles, own, strict=True)}


PROBES: dict[str, Callable[..., dict[str, Any]]] = {
    function.__name__: function for function in (warm, building, vectors, search, growth, profile)
}

if __name__ == "__main__":
    print(json.dumps(PROBES[sys.argv[1]](*sys.argv[2:])))
