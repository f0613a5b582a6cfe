"""Ports for the servers of the tests: none is given twice, and no connection takes one between two starts.

The system hands ports from 32768 up to whatever connects; those below are asked for by name only. Each
process of the tests has its own thousand of them.
"""

from __future__ import annotations

import os
import re
import socket
from itertools import count

FIRST, EACH, PROCESSES = 12_000, 1_000, 20
LOOPBACK = "127.0.0.1"

_next = count(
    os.getpid() % EACH
)  # two runs of the tests beside each other seldom begin at the same


def free_port() -> int:
    """A loopback port that nobody listens on, and that nobody else of these tests is given."""
    process = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "19"))) % PROCESSES
    for _ in range(EACH):
        port = FIRST + process * EACH + next(_next) % EACH
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:  # another program's
                continue
        return port
    raise RuntimeError(f"no free port of {EACH}")
