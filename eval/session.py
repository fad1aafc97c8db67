"""A whole run: each target's assistant opened once, its tasks asked, a progress bar at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tqdm import tqdm

from eval.bots import OpenBot
from eval.record import Row, rows_of
from eval.run import Result, run_target
from eval.targets import Target


def run_suite(
    targets: Sequence[Target], open_bot: OpenBot, *, ranking: bool = True, quiet: bool = False
) -> tuple[Row, ...]:
    """The rows of all targets, in order; ``quiet`` shows no progress."""
    results: list[Result] = []
    total = sum(len(target.tasks) for target in targets)
    with tqdm(total=total, unit="case", file=sys.stderr, disable=quiet or not sys.stderr.isatty()) as bar:
        for target in targets:
            bar.set_description(target.name)
            bot = open_bot(target)
            try:
                results += run_target(target, bot, ranking=ranking, progress=bar.update)
            finally:
                bot.close()
    return rows_of(results)
