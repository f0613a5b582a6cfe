"""How fast is a page of a search, and how long does the index take to be made?

    python -m tests.benchmarks.search --cases 100000

Beside it, in the same run: the same words looked for with LIKE in the register itself.
"""

from __future__ import annotations

import argparse
import statistics
import time

from sqlmodel import col, func, select

from flows import office
from flows.shown.search import search
from flows.shown.search_index import Asked, read_on
from models.store.tables import Application
from tests.benchmarks.invented_register import invented

WANTED_MS = 20.0
ASKS = {
    "常见的词": Asked(words="申请内容"),
    "少见的编号": Asked(words="B00004711"),
    "两个条件": Asked(words="申请内容", is_open=True, channel="online"),
    "只按日期": Asked(is_open=False, row="3.4"),
}


def main() -> None:
    """Print the milliseconds of a page of each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    cases = parser.parse_args().cases
    with invented(cases) as home, office.reading() as session:
        began = time.perf_counter()
        read_on(session)
        took = time.perf_counter() - began
        size = (home / "search" / "index.db").stat().st_size
        print(f"索引{cases}件：{took:.1f}秒，{size / 1e6:.0f} MB")
        for name, ask in ASKS.items():
            times = []
            for _ in range(7):
                began = time.perf_counter()
                hits = search(session, ask)
                times.append(time.perf_counter() - began)
                session.expunge_all()
            print(f"{statistics.median(times) * 1000:8.1f} ms  {name}（{len(hits.rows)}件）")
        began = time.perf_counter()
        like = select(func.count()).where(col(Application.request).contains("4711"))
        session.exec(like).one()
        print(f"{(time.perf_counter() - began) * 1000:8.1f} ms  LIKE，同一登记簿")


if __name__ == "__main__":
    main()
