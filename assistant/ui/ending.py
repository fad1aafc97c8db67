"""The end of a process whose threads may still be loading or answering."""

from __future__ import annotations

import os
import sys
import threading


def leave_threads() -> None:
    """End the process here, with code 0, if other threads still run: they cannot be stopped, and are not waited for.

    Python's own end would cut them off as they come back from native code, which aborts the process.
    """
    if threading.active_count() > 1:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
