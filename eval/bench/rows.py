"""The goals, each measured beside its reference."""

from __future__ import annotations

import math
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from eval.bench.measure import (
    BenchError,
    Plan,
    Row,
    Spread,
    against,
    environment,
    plain,
    probe,
    repeat,
    run,
    run_measured,
)
from eval.bench.peers.rows import peers

QUESTION = "How large is the fund?"
REFERENCE = "import sentence_transformers"
PASSAGES, WORDS, COPIES = 512, 60, 20
PAGE_SECONDS = 120


def starts(plan: Plan) -> Iterator[Row]:
    """A first answer from a cold start, the import, the memory."""
    ask = ["-m", "assistant.cli", "ask", QUESTION]
    first = run(ask, plan.cache)
    yield plain("first run of all: export, build, answer", [first.seconds], "s")
    answers: list[float] = []
    memory: list[float] = []

    def answered() -> float:
        done = run_measured(ask, plan.cache)
        memory.append(done.megabytes)
        answers.append(done.seconds)
        return done.seconds

    def imported(what: str) -> float:
        return run(["-c", what], plan.cache).seconds

    _, light, heavy = repeat(plan.repeats, answered, lambda: imported("import assistant"), lambda: imported(REFERENCE))
    yield against("ask, process start to answer printed", answers, "s", REFERENCE, heavy, goal=0.2)
    yield against("import assistant", light, "s", REFERENCE, heavy, goal=0.05)
    yield plain("most memory of ask", memory, "MB", goal=250)


def warm(plan: Plan) -> Iterator[Row]:
    """A warm answer beside one bare encoding of the question."""
    found = [probe("warm", plan.cache) for _ in range(plan.repeats)]
    yield against(
        "warm ask(), p50 over the cases' questions", [1000 * one["ask"] for one in found], "ms",
        "SentenceTransformer.encode(question)", [1000 * one["encode"] for one in found], goal=0.8,
        settings={"questions": found[0]["questions"]},
    )  # fmt: skip
    yield plain("warm ask(), p95", [1000 * one["ask_p95"] for one in found], "ms")


def page(plan: Plan) -> Iterator[Row]:
    """The chat page from a cold start, and when its model is ready."""
    ready: list[float] = []

    def served() -> float:
        shown, can_answer = _serve(plan.cache)
        ready.append(can_answer)
        return shown

    shown, heavy = repeat(plan.repeats, served, lambda: run(["-c", "import gradio"], plan.cache).seconds)
    yield against("chat, process start to page served", shown, "s", "import gradio", heavy, goal=1.3)
    yield plain("chat, process start to ready for a question", ready, "s")


def _serve(cache: Path) -> tuple[float, float]:
    """Seconds until the page is served, and until a question would be answered."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant.cli", "chat", "--port", str(port)], cwd=cache, env=environment(cache),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        times = []
        for path in ("/", "/readyz"):
            while not _is_ok(f"http://127.0.0.1:{port}{path}"):
                if process.poll() is not None or time.perf_counter() - begin > PAGE_SECONDS:
                    raise BenchError(f"the chat page did not serve {path} within {PAGE_SECONDS} s")
                time.sleep(0.01)
            times.append(time.perf_counter() - begin)
        return times[0], times[1]
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def _is_ok(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310
            return int(answer.status) == 200
    except (urllib.error.URLError, OSError):
        return False


def building(plan: Plan) -> Iterator[Row]:
    """Passages a second."""
    found = [probe("building", plan.cache, str(PASSAGES), str(WORDS), str(COPIES)) for _ in range(plan.repeats)]
    yield against(
        f"encoding {PASSAGES} passages of {WORDS} words", [one["rate"] for one in found], "passages/s",
        "SentenceTransformer.encode, default settings", [one["bare"] for one in found], goal=2.0, at_least=True,
    )  # fmt: skip
    yield plain("the same vectors: greatest 1 - cosine", [one["difference"] for one in found], "", goal=1e-4)
    yield against(
        f"the whole index of {COPIES} reports: passages, sentences, words", [one["whole"] for one in found],
        "passages/s", "SentenceTransformer.encode of the passages alone", [one["bare_of_whole"] for one in found],
    )  # fmt: skip


def vectors(plan: Plan) -> Iterator[Row]:
    """Search among made-up vectors: mixtures of two real embeddings with noise."""
    folder = plan.cache / "vectors"
    shutil.rmtree(folder, ignore_errors=True)
    made = probe("vectors", plan.cache, str(plan.vectors), str(folder))
    found = [probe("search", plan.cache, str(folder)) for _ in range(plan.repeats)]
    shutil.rmtree(folder, ignore_errors=True)
    right = [
        sum(len(set(a) & set(b)) for a, b in zip(one["found"], made["found"], strict=True))
        / sum(map(len, made["found"]))
        for one in found
    ]
    settings = {"vectors": plan.vectors, "search": made["kind"], **found[0]["parameters"]}
    name = f"search among {plan.vectors:,} vectors"
    yield plain(f"{name}: recall@10", right, "", goal=0.97, at_least=True, settings=settings)
    yield against(
        f"{name}: p95", [1000 * one["p95"] for one in found], "ms", "exact search, p95",
        [1000 * made["exact"]] * len(found), goal=0.1,
    )  # fmt: skip
    yield plain(f"{name}: most memory", [one["megabytes"] for one in found], "MB", goal=1000)
    yield plain(f"{name}: building", [made["build"]], "s")


def growth(plan: Plan) -> Iterator[Row]:
    """The warm answer and the building as the text grows."""
    run(["-m", "assistant.cli", "ask", QUESTION], plan.cache)  # the model is exported before any clock runs
    shortest: float | None = None
    for times in plan.times:
        plan.say(f"the report {times} times over …")
        # the long ones take minutes, and their medians over a hundred questions are steady
        found = [probe("growth", plan.cache, str(times)) for _ in range(plan.repeats if times <= 10 else 1)]
        title = f"the report {times} times ({found[0]['sentences']:,} sentences)"
        yield against(
            f"{title}: warm ask(), p50; 1 + ln(times)", [1000 * one["ask"] for one in found], "ms",
            "the report once", [1000 * one["beside"] for one in found], goal=1 + math.log(times) + 0.2,
        )  # fmt: skip
        worked = Spread.of([1000 * one["build_processor"] / one["sentences"] for one in found])
        shortest = shortest or worked.median
        yield Row(
            f"{title}: building a sentence, processor time", worked, "ms",
            Spread(worked.median / shortest, worked.low / shortest, worked.high / shortest, worked.count), goal=1.2,
            reference_name="the shortest",
        )  # fmt: skip
        yield plain(f"{title}: building", [one["build"] for one in found], "s")
        yield plain(f"{title}: opening", [one["open"] for one in found], "s")
        yield plain(f"{title}: most memory, building included", [one["megabytes"] for one in found], "MB")


PARTS: dict[str, Callable[[Plan], Iterator[Row]]] = {
    part.__name__: part for part in (starts, warm, page, building, vectors, growth, peers)
}
