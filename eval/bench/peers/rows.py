"""The rows: each library beside this project, the two taking turns."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant import Settings
from eval.bench import made_up
from eval.bench.measure import BenchError, Plan, Row, against, failed, repeat, run
from eval.bench.peers.environment import COMMON, PEERS, Environment, Peer, pinned
from index.chunking import chunk_report
from index.readers import read_text
from index.tokens import count_tokens, load_encoding

QUESTION = "How large is the fund?"
QUESTIONS, COPIES = 200, 20
OURS = "report-assistant, cited answer"


def peers(plan: Plan, libraries: Sequence[Peer] = PEERS, common: Sequence[str] = COMMON) -> Iterator[Row]:
    """LlamaIndex, Haystack, txtai and LangChain with the same model over the same passages."""
    environment = Environment(Settings.load().cache_dir / "bench-peers", [pinned(name) for name in common])
    report, copies = (_write(plan.cache / "peers" / str(times), times) for times in (1, COPIES))
    for peer in libraries:
        plan.say(f"{peer.name} …")
        try:
            environment.install(peer.packages)
            yield from _rows(plan, environment, peer, report, copies)
        except BenchError as error:
            yield failed(peer.name, str(error))


def _write(folder: Path, times: int) -> Path:
    """A folder with the passages of the report so many times over, and the questions."""
    folder.mkdir(parents=True, exist_ok=True)
    report, encoding, most = read_text(made_up.long_text(times), "md"), load_encoding(), Settings().passage_tokens
    passages = chunk_report(report, lambda text: count_tokens(text, encoding) <= most, lambda _: True)
    for name, content in (
        ("texts", [report.text[passage.start : passage.end] for passage in passages]),
        ("questions", [QUESTION, *made_up.questions()[:QUESTIONS]]),
    ):
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def _rows(plan: Plan, environment: Environment, peer: Peer, report: Path, copies: Path) -> list[Row]:
    def theirs(action: str, folder: Path) -> dict[str, Any]:
        return _measured(plan, environment.python, action, peer.module, folder)

    def ours(action: str, folder: Path) -> dict[str, Any]:
        return _measured(plan, sys.executable, action, "ours", folder)

    def both(action: str, folder: Path, figure: str) -> list[list[float]]:
        return repeat(plan.repeats, lambda: theirs(action, folder)[figure], lambda: ours(action, folder)[figure])

    built = both("build", copies, "rate")
    for build in (theirs, ours):
        build("build", report)
    started = both("first", report, "seconds")
    asked = [[theirs("warm", report), ours("warm", report)] for _ in range(plan.repeats)]
    warm, memory = (
        [[scale * pair[side][name] for pair in asked] for side in (0, 1)]
        for name, scale in (("ask", 1000), ("megabytes", 1))
    )
    versions = environment.versions([*peer.packages, *COMMON]).items()
    return [
        against(
            f"{peer.name}: start to first passage", started[0], "s", OURS, started[1],
            settings={"notes": {peer.name: f"{peer.settings}; {', '.join(map(' '.join, versions))}"}},
        ),
        against(f"{peer.name}: warm question, p50", warm[0], "ms", OURS, warm[1]),
        against(f"{peer.name}: most memory", memory[0], "MB", OURS, memory[1]),
        against(
            f"{peer.name}: building the report {COPIES} times over", built[0], "passages/s",
            "report-assistant, sentences and words included", built[1],
        ),
    ]  # fmt: skip


def _measured(plan: Plan, python: Path | str, action: str, module: str, folder: Path) -> dict[str, Any]:
    done = run(["-m", "eval.bench.peers.run", action, module, str(folder)], plan.cache, python)
    return {**json.loads(done.output.splitlines()[-1]), "seconds": done.seconds}
