"""`disclosure frequent`: who applies most, month by month, and what the fee by piece has come to (35, 42)."""

from __future__ import annotations

import argparse
from datetime import timedelta

from flows.arguments import Add, day
from models.errors import DisclosureError
from models.words.days_told import written
from models.words.spans import in_order

LEAST = 10


class NoSuchList(DisclosureError):
    """A list that is none: nobody to be counted."""


def offer(add: Add) -> None:
    """Add the command, with its options and an example."""
    one = add(
        "frequent",
        _frequent,
        "申请较多的申请人：逐月件数，按件计收已到哪一档",
        "disclosure frequent --from 2026-01-01 --to 2026-06-30 --least 10",
    )
    one.add_argument("--from", dest="since", type=day, metavar="日期", help="默认一年以前")
    one.add_argument("--to", dest="until", type=day, metavar="日期", help="默认今天")
    one.add_argument(
        "--least", type=int, default=LEAST, metavar="件数", help=f"几件以上的列出，默认{LEAST}"
    )


def _frequent(arguments: argparse.Namespace) -> int:
    from flows import office
    from flows.shown.access_lines import noted_in_terminal
    from models.register.frequent import frequent

    until = arguments.until or office.today()
    since = arguments.since or until - timedelta(days=365)
    in_order(since, until)
    if arguments.least < 1:
        raise NoSuchList(f"--least 应为正整数，而不是{arguments.least}")
    with office.reading() as session:
        found = frequent(session, since, until, arguments.least, office.law())
    print(
        f"{written(since)}至{written(until)}申请{arguments.least}件以上的：{len(found)}人（同名的请核对身份）"
    )
    for one in found:
        months = "，".join(
            f"{int(month[:4])}年{int(month[5:])}月 {count}件"
            for month, count in sorted(one.months.items())
        )
        print(f"{one.name}\t{one.total}件\t{months}\t{one.reached}，当月合计{one.yuan}元")
    if found:
        what = f"申请较多的申请人 {since}至{until} {len(found)}人"
        noted_in_terminal(what, [number for one in found for number in one.latest])
    return 0
