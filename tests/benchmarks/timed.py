"""How much of the processor something takes, once it has been done before."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median


def milliseconds(do: Callable[[], object], times: int) -> float:
    """CPU of doing it: the median of so many."""
    took = list[float]()
    for _ in range(times):
        began = time.process_time()
        do()
        took.append(time.process_time() - began)
    return median(took) * 1000
