"""This project, measured as the others are: the whole index, sentences and words included, and a cited answer."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant import Assistant, Settings


def build(texts: Sequence[str], folder: Path) -> None:
    """Index passages, as the paragraphs of a report."""
    shutil.rmtree(Settings.load().cache_dir / "indexes", ignore_errors=True)
    path = folder / "report.md"
    path.write_text("\n\n".join(texts), encoding="utf-8")
    Assistant(path).close()


def opened(texts: Sequence[str], folder: Path) -> Callable[[str], str]:
    """Read the index."""
    bot = Assistant(folder / "report.md")
    return lambda question: bot.ask(question).text
