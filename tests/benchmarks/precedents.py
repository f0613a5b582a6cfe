"""How long does it take to hold a request against all earlier ones?

python -m tests.benchmarks.precedents --cases 100000
"""

from __future__ import annotations

import argparse
import random
import statistics
import time

from sqlmodel import select

from flows import office
from flows.shown.precedents import precedents
from flows.shown.search_index import read_on
from models.store.tables import Application
from tests.benchmarks.invented_register import invented

WANTED_MS = 50.0


def main() -> None:
    """Print the milliseconds that a request takes: in the middle, and of nine in ten."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    cases = parser.parse_args().cases
    with invented(cases):
        now = office.circumstances("")
        with office.reading() as session:
            read_on(session)
            requests = list(session.exec(select(Application.request).limit(5000)))
            times, found = [], 0
            for request in random.Random(1).sample(requests, 60):
                began = time.perf_counter()
                found += len(precedents(session, f"请公开{request}的有关材料", now))
                times.append(1000 * (time.perf_counter() - began))
                session.expunge_all()
        print(f"{cases}件：中位 {statistics.median(times):.1f} ms，")
        print(f"九成 {sorted(times)[53]:.1f} ms，平均 {found / 60:.1f} 件先例")


if __name__ == "__main__":
    main()
