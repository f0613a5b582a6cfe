"""Where Python looks for garbage: in a thread of its own, never in one that another waits for.

What a statement that failed leaves behind is a ring of objects with a cursor of SQLite in it. To
destroy that cursor, Python 3.11 resets its statement, and takes the lock of its connection for it; a
connection that waits for its turn to write keeps this lock all the time. Looked for in the server's
loop, while the loop's own transaction is what the other one waits for, garbage made both wait for each
other until SQLite gave up, a minute later (seen in about one of eight deletions of the work pool). In
a thread of its own only that thread waits.

What has outlived the start (code, routes, tables) stays: looking through it every half minute took more
than a hundredth of a core for nothing. It is set aside, again after a while: much is made at its first
use.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from flows.server import memory

PAUSE_SECONDS = 1.0
ALL = 120
"""At each such round everything is looked through; at the others, what is young."""
SET_ASIDE = (30, 120, 600)
"""At these rounds, too; and what is there then is no longer looked through."""


@contextmanager
def collected_apart() -> Iterator[None]:
    """While the block lasts, garbage is looked for in a thread of its own; what is let go of from then
    on goes back to the system (memory.py).
    """
    memory.give_back()
    over = threading.Event()
    apart = threading.Thread(target=_collect, args=(over,), name="garbage", daemon=True)
    gc.disable()
    apart.start()
    try:
        yield
    finally:
        over.set()
        apart.join()
        gc.unfreeze()
        gc.enable()


def _collect(over: threading.Event) -> None:
    for turn in count(1):
        if over.wait(PAUSE_SECONDS):
            return
        gc.collect(2 if turn % ALL == 0 or turn in SET_ASIDE else 1)
        if turn in SET_ASIDE:
            gc.freeze()
