"""A progress bar for building an index."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from index.encoder import Progress


@contextmanager
def progress_bar(*, shown: bool = True) -> Iterator[Progress | None]:
    """What to give :class:`assistant.Assistant` as ``progress``; None unless ``shown``.

    The bar is on standard error and appears at the first report: where the index is read and not built, never.
    """
    if not shown:
        yield None
        return
    from tqdm import tqdm

    bar: tqdm[NoReturn] | None = None

    def advance(done: int, total: int) -> None:
        nonlocal bar
        if bar is None:
            bar = tqdm(total=total, desc="Building the index", unit=" texts", file=sys.stderr)
        bar.update(done - bar.n)

    try:
        yield advance
    finally:
        if bar is not None:
            bar.close()
