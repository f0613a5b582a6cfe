"""A long file of histories: its lines in blocks, answered by every processor at once, told in their order.

No more blocks are in hand than keep the processors at work, so that memory is the same for a file of any
length.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import count, islice
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final

from models.errors import DisclosureError

if TYPE_CHECKING:
    from models.law.statute import Statute

BLOCK: Final = 1_000  # lines
AHEAD: Final = 2  # blocks for each processor

_LAW: list[Statute] = []
"""In a process that answers: the law by which it counts."""


class ProcessLost(DisclosureError):
    """A process that answered was ended from outside: what was told until then is right, but not all."""


def processors() -> int:
    """How many processors this program may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def answered(lines: Iterable[str | bytes], law: Statute) -> Iterator[tuple[str, bool]]:
    """Lines of answers, block by block in the order of the file; whether one of them is an error.

    Raises ProcessLost.
    """
    numbers, rest, working = count(1, BLOCK), iter(lines), deque[Future[tuple[str, bool]]]()
    begun = get_context("spawn")  # the same on every Python, whatever else runs in this process
    with ProcessPoolExecutor(processors(), begun, _begin, (law,)) as pool:
        try:
            while block := list(islice(rest, BLOCK)):
                working.append(pool.submit(_block, next(numbers), block))
                if len(working) > AHEAD * processors():
                    yield working.popleft().result()
            while working:
                yield working.popleft().result()
        except BrokenProcessPool:
            raise ProcessLost("计算的进程意外结束，没有算完；请重新运行") from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _begin(law: Statute) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asks
    _LAW.append(law)


def _block(first: int, lines: list[str | bytes]) -> tuple[str, bool]:
    from flows.shown import deadlines

    answers = [*deadlines.answer(lines, _LAW[0], first)]
    told = "".join(f"{deadlines.line_of(one)}\n" for one in answers)
    return told, any("error" in one for one in answers)
