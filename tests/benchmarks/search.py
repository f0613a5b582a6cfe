"""How fast is a page of a search, and how long does the index take to be made?

    python -m tests.benchmarks.search --cases 1000000 [--postgresql]

Beside it, in the same run: the same words looked for with LIKE in the register itself. A register that
was filled before is measured again with --home (and --database).
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from random import Random

from sqlmodel import Session, col, func, select

from flows import office
from flows.shown.candidates import Asked
from flows.shown.found import found_by
from flows.shown.search import search
from flows.shown.search_index import read_on
from models.store.tables import Application
from tests.benchmarks.invented_register import invented
from tests.benchmarks.invented_requests import OF_WHAT, PLACES, sought, worded
from tests.postgresql import running

WANTED_MS = {"sqlite": 20.0, "postgresql": 50.0}
ASKS = {
    "常见的词": Asked(words="申请公开"),
    "常见的词，相关的在前": Asked(words="征收", by_relevance=True),
    "最常见的两个字": Asked(words="公开"),
    "最常见的两个字，相关的在前": Asked(words="公开", by_relevance=True),
    "少见的词组": Asked(words=f"{PLACES[20]} {OF_WHAT[3]} 2019"),
    "两个常见而不同在的词": Asked(words=f"{OF_WHAT[0]} {OF_WHAT[1]}"),
    "没有的词": Asked(words="量子纠缠实验"),
    "编号中的几位": Asked(number="4711"),
    "写在词语里的编号": Asked(words="B00004711"),
    "词语、状态、方式": Asked(words="食品安全抽检", is_open=True, channel="online"),
    "一年、一行": Asked(row="3.4", since=date(2025, 3, 1), until=date(2025, 3, 31)),
    "没有这位承办人": Asked(officer="王建国"),
    "申请人": Asked(applicant="B0000471"),
}


def request(number: str) -> str:
    """What is asked for in the case of this number."""
    chance = Random(number)
    return worded(sought(chance), chance)


def main() -> None:
    """Print the milliseconds of a page of each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--postgresql", action="store_true", help="in a server of its own")
    parser.add_argument("--home", type=Path, help="an office filled before")
    parser.add_argument("--database", default="", help="its database, if not its own SQLite")
    asked = parser.parse_args()
    with _office(asked) as home, office.reading() as session:
        began = time.perf_counter()
        read_on(session)
        took = time.perf_counter() - began
        size = sum(one.stat().st_size for one in (home / "search").iterdir())
        kind = session.connection().dialect.name
        print(
            f"{kind}，索引：{took:.1f}秒，{size / 1e6:.0f} MB；要求一页{WANTED_MS[kind]:.0f} ms以内"
        )
        for name, ask in ASKS.items():
            _measure(session, name, ask)
        began = time.perf_counter()
        found = found_by(session, "SQ209999999")
        print(f"{_ms(began):8.1f} ms  没有的编号（{len(found.rows)}件）")
        began = time.perf_counter()
        like = select(func.count()).where(col(Application.request).contains("4711"))
        session.exec(like).one()
        print(f"{_ms(began):8.1f} ms  LIKE，同一登记簿")


def _measure(session: Session, name: str, ask: Asked) -> None:
    """A page of it, and the one after: in the middle of nine, and the slowest; and of the processor."""
    times, worked, after = [], [], 0
    for n in range(10):
        began, at = time.perf_counter(), time.process_time()
        hits = search(session, ask, after if n % 2 else 0)
        times.append(_ms(began))
        worked.append(1000 * (time.process_time() - at))
        after = after or hits.after
        session.expunge_all()
    usual, slowest = statistics.median(times[1:]), max(times[1:])
    cpu = statistics.median(worked[1:])
    print(f"{usual:8.1f} ms（最慢{slowest:.1f}，CPU {cpu:.1f}）  {name}（{len(hits.rows)}件）")


def _ms(began: float) -> float:
    return (time.perf_counter() - began) * 1000


@contextmanager
def _office(asked: argparse.Namespace) -> Iterator[Path]:
    if asked.home:
        os.environ["DISCLOSURE_HOME"] = str(asked.home)
        if asked.database:
            os.environ["DISCLOSURE_DATABASE_URL"] = asked.database
        yield asked.home
        return
    with ExitStack() as stack:
        database = ""
        if asked.postgresql:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            database = stack.enter_context(running(folder)).database("office")
        yield stack.enter_context(invented(asked.cases, request, database, chained=False))


if __name__ == "__main__":
    main()
