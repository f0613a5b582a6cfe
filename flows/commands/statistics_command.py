"""`disclosure statistics`: any span of time, by result, kind, channel, officer, month or days used."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flows.arguments import Add, day
from models.errors import DisclosureError
from models.words.days_told import written
from models.words.disk_words import why
from models.words.spans import in_order

if TYPE_CHECKING:
    from flows.shown.span_tables import Counted

WAYS = "row、kind、channel、officer、month、days"


class NoSuchSpan(DisclosureError):
    """A span that cannot be counted, or not be written, as asked."""


def offer(add: Add) -> None:
    """Add the command, with its options and an example."""
    one = add(
        "statistics",
        _statistics,
        "任何一段时间的统计：月报、季报、半年报",
        "disclosure statistics --from 2026-01-01 --to 2026-03-31 --by row --out 季报.xlsx",
    )
    one.add_argument(
        "--from", dest="since", type=day, required=True, metavar="日期", help="自哪一天"
    )
    one.add_argument(
        "--to", dest="until", type=day, required=True, metavar="日期", help="至哪一天（含当日）"
    )
    one.add_argument(
        "--by", default="row", metavar="分类", help=f"{WAYS}，可用逗号写几种；默认 row"
    )
    one.add_argument("--as-of", type=day, metavar="日期", help="按登记簿在这一天的记载，默认今天")
    one.add_argument(
        "--out",
        type=Path,
        metavar="文件",
        help="另存为 .xlsx（每个数字附办件清单），或者 .docx（报送上级的月报、季报、半年报）",
    )


def _statistics(arguments: argparse.Namespace) -> int:
    from flows import office
    from flows.shown import span_tables
    from models.year.span_figures import Span

    span = Span(arguments.since, arguments.until)
    in_order(span.since, span.until)
    ways = [way.strip() for way in arguments.by.split(",")]
    if unknown := [way for way in ways if way not in span_tables.WAYS]:
        raise NoSuchSpan(f"--by 应为{WAYS}，而不是“{unknown[0]}”")
    as_of = arguments.as_of or office.today()
    if as_of > office.today():
        raise NoSuchSpan(f"--as-of {written(as_of)}晚于今天，那一天的记载还没有")
    if arguments.out:
        _made_by(arguments.out)
    with office.reading() as session:
        counted = span_tables.counted(session, span, as_of)
    for way in ways:
        head, rows = counted.table(way)
        print(
            f"{span_tables.WAYS[way]}（{written(span.since)}至{written(span.until)}，按{written(as_of)}的记载）"
        )
        for row in (head, *rows):
            print("\t".join(map(str, row)))
    if arguments.out:
        _write(arguments.out, counted, ways)
        print(f"已写入 {arguments.out}")
    return 0


def _made_by(path: Path) -> Callable[[Counted, Sequence[str]], bytes]:
    """How a file of this name is made."""
    from flows.shown import span_files

    make = span_files.FILES.get(path.suffix.lower())
    if make is None:
        raise NoSuchSpan(f"无法写入 {path}：文件名应以 .xlsx 或 .docx 结尾")
    return make


def _write(path: Path, counted: Counted, ways: Sequence[str]) -> None:
    from flows.installation import files

    try:
        files.written(path, _made_by(path)(counted, ways))
    except OSError as fault:
        raise NoSuchSpan(f"无法写入 {path}：{why(fault)}") from None
