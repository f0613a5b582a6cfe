"""How long does the door take to open a form, and to take or turn away what is submitted?

    python -m tests.benchmarks.door --times 300

The server's own layers over a register in a file, without Prefect behind them: what they add to
each request of the UI. Printed: median and 99th percentile, in milliseconds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # as pytest does for the tests' own modules

from tests.running_office import RunningOffice, running_office

POSTED = {"replied.delivery": "邮政特快专递", "replied.proof": "1234567890123"}


def measured(what: Callable[[], Any], times: int) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds."""
    what()
    took = []
    for _ in range(times):
        began = time.perf_counter()
        what()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took), statistics.quantiles(took, n=100)[98]


def measure(desk: RunningOffice, times: int) -> dict[str, tuple[float, float]]:
    """What is asked of the door in an officer's day, each so many times."""
    desk.put_up("待发出")
    day = {"replied.sent_on": desk.today.isoformat(), "replied.officer": "陈静"}
    right = POSTED | day
    wrong = right | {"replied.sent_on": "2026-12-31"}
    assert desk.submitted(right) == ""
    assert desk.submitted(wrong)
    return {
        "打开表单": measured(desk.opened, times),
        "提交，收下": measured(lambda: desk.submitted(right), times),
        "提交，退回": measured(lambda: desk.submitted(wrong), times),
    }


def main() -> None:
    """Measure in a scratch folder, and print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--times", type=int, default=300)
    times = asked.parse_args().times
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environment:
        environment.setenv("DISCLOSURE_HOME", folder)
        with running_office(Path(folder), environment) as desk:
            for what, (median, p99) in measure(desk, times).items():
                print(f"{what}　中位数 {median:.1f} ms　99% {p99:.1f} ms")


if __name__ == "__main__":
    main()
