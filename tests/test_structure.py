"""The shape of the project: which way imports go, what is public, and what starts fast."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import assistant

ROOT = Path(__file__).resolve().parent.parent
# Each package and those of ours that it may import: eval -> assistant -> index | prompts.
ALLOWED = {
    "eval": {"eval", "assistant", "index", "prompts"},
    "assistant": {"assistant", "index", "prompts"},
    "index": {"index"},
    "prompts": {"prompts"},
}
HEAVY = (
    "torch", "sentence_transformers", "transformers", "faiss", "gradio", "onnxruntime", "onnx", "bm25s",
    "mcp", "openai",
)  # fmt: skip


def imports(path: Path) -> Iterator[str]:
    """The top-level names of all that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides which package is meant"
            assert node.module is not None
            yield node.module.partition(".")[0]


def modules(package: str) -> list[Path]:
    """The modules of a package."""
    found = sorted((ROOT / package).rglob("*.py"))
    assert found
    return found


@pytest.mark.parametrize("package", ALLOWED)
def test_imports_go_one_way(package: str) -> None:
    for path in modules(package):
        wrong = set(imports(path)) & (ALLOWED.keys() - ALLOWED[package])
        assert not wrong, f"{path.relative_to(ROOT)} imports {wrong}"


def test_heavy_libraries_have_one_door_each() -> None:
    doors = defaultdict(list)
    for package in ALLOWED.keys() - {"eval"}:  # that learns with torch, too
        for path in modules(package):
            for name in set(imports(path)).intersection(HEAVY):
                doors[name].append(str(path.relative_to(ROOT)))
    assert {name: sorted(paths) for name, paths in doors.items() if len(paths) > 1} == {
        "torch": ["index/export.py", "index/upper.py"]  # which is a network itself
    }
    assert {"sentence_transformers", "faiss", "gradio", "mcp"} <= doors.keys()


def test_public_names_are_frozen() -> None:
    assert sorted(assistant.__all__) == [
        "Answer",
        "Assistant",
        "AssistantError",
        "Citation",
        "Conversation",
        "EncoderUnavailable",
        "IndexCorrupted",
        "InvalidQuestion",
        "ReportError",
        "Settings",
        "SettingsError",
        "Status",
        "ask",
    ]
    assert all(hasattr(assistant, name) for name in assistant.__all__)


@pytest.mark.parametrize("module", ["assistant", "assistant.cli"])
def test_import_is_light(module: str) -> None:
    unwanted = (*HEAVY, "sklearn", "scipy", "pandas", "fastapi")
    code = f"import sys, {module}; print(*sorted(set({unwanted!r}) & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
