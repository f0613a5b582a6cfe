"""How long does 我的工作台 take, beside one open case and beside a thousand?

`python -m tests.benchmarks.bench [--cases 1000]`
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import pytest

from tests.benchmarks.timed import milliseconds
from tests.databases import empty_register
from tests.our_pages import Desk, many_open

TIMES = 20


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=1000)
    cases = asked.parse_args().cases
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as environment,
        empty_register(Path(folder), environment),
    ):
        desk = Desk()
        desk.get("/")
        none = milliseconds(lambda: desk.get("/"), TIMES)
        many_open(cases)
        many = milliseconds(lambda: desk.get("/"), TIMES)
    print(f"first page: no open case {none:.1f} ms, {cases + 1} open cases {many:.1f} ms of CPU")


if __name__ == "__main__":
    main()
