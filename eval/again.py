"""A suite asked a second time, by another process, while this one asks it the first time."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from signal import SIG_IGN, SIGINT, signal

from eval.bots import open_assistant
from eval.record import Row
from eval.session import run_suite
from eval.suites import Scope, load_suite
from eval.targets import SuiteError


def start_again(scope: Scope) -> Callable[[], tuple[Row, ...]]:
    """Start asking in another process, which ends with this one at the latest; what is returned waits for the rows.

    Raises:
        SuiteError: from waiting: the other process broke off.
    """
    context = get_context("spawn")  # a fork would take over locks of threads that it does not have
    there, here = context.Pipe(duplex=False)
    context.Process(target=_send, args=(scope, here), daemon=True).start()
    here.close()

    def wait() -> tuple[Row, ...]:
        try:
            rows: tuple[Row, ...] = there.recv()
        except EOFError:
            raise SuiteError("the process that asks everything a second time broke off") from None
        return rows

    return wait


def again(scope: Scope) -> tuple[Row, ...]:
    """The rows of a scope asked in another order, without the retrieval metrics."""
    targets = [target.shuffled(1) for target in load_suite(scope, lambda _: None)]
    return run_suite(targets, open_assistant, ranking=False, quiet=True)


def _send(scope: Scope, answer: Connection) -> None:
    signal(SIGINT, SIG_IGN)  # whoever interrupts the first process ends this one, too
    answer.send(again(scope))
