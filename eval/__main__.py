"""``python -m eval``: see :mod:`eval.cli`."""

import os
import sys

# Encoding one question is a few milliseconds of work: a second thread does not make it faster, and on a busy machine
# the two wait for each other (measured: 20 ms with one thread, 200 ms with two beside other programs).
os.environ.setdefault("OMP_NUM_THREADS", "1")

from eval.cli import main

if __name__ == "__main__":
    sys.exit(main())
