"""Waiting for what a server or another process does: looked at often at first, then less and less.

Each look at a Prefect server costs it as much as a small step: whoever looks twenty times a second takes
half a core from what he waits for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

FIRST_SECONDS, LONGEST_SECONDS = 0.05, 0.4

T = TypeVar("T")


def until(
    look: Callable[[], T],
    seconds: float,
    told: Callable[[], object] = lambda: "没有等到",
    longest: float = LONGEST_SECONDS,
) -> T:
    """What is found, once something is; fails after so many seconds with what is `told` then."""
    patience = time.monotonic() + seconds
    for pause in pauses(longest):
        if found := look():
            return found
        assert time.monotonic() < patience, told()
        time.sleep(pause)
    raise AssertionError


def pauses(longest: float = LONGEST_SECONDS) -> Iterator[float]:
    """Seconds between two looks."""
    pause = FIRST_SECONDS
    while True:
        yield pause
        pause = min(1.4 * pause, longest)
