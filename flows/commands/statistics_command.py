"""`disclosure statistics`: any span of time, by result, kind, channel, officer, month or days used."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from flows.arguments import Command, Parser, day
from models.errors import DisclosureError

if TYPE_CHECKING:
    from sqlmodel import Session

    from models.report_tables.table3 import CaseLine
    from models.year.span_figures import Group, Span

Add = Callable[[str, Command, str, str], Parser]
Table = list[tuple[str | int, ...]]
WAYS = {
    "row": "表三",
    "kind": "申请人类别",
    "channel": "提交方式",
    "officer": "经办人",
    "month": "收到的月份",
    "days": "所用工作日",
}
HEAD = ("新收", "上期结转", "办结", "结转下期", "逾期办结", "用时中位数", "九成以内")
LISTS = {"received": "新收", "carried_in": "上期结转", "closed": "办结", "carried_out": "结转下期"}


class NoSuchSpan(DisclosureError):
    """A span that is none, or that cannot be written as asked."""


def offer(add: Add) -> None:
    """Add the command, with its options and an example."""
    one = add(
        "statistics",
        _statistics,
        "任何一段时间的统计：月报、季报、半年报",
        "disclosure statistics --from 2026-01-01 --to 2026-03-31 --by row --out 季报.xlsx",
    )
    one.add_argument("--from", dest="since", type=day, required=True, metavar="日期")
    one.add_argument("--to", dest="until", type=day, required=True, metavar="日期")
    one.add_argument(
        "--by", default="row", metavar="分类", help=f"{'、'.join(WAYS)}，可用逗号写几种；默认 row"
    )
    one.add_argument("--as-of", type=day, metavar="日期", help="按登记簿在这一天的记载，默认今天")
    one.add_argument("--out", type=Path, metavar="文件", help="另存为 .xlsx，每个数字附办件清单")


def _statistics(arguments: argparse.Namespace) -> int:
    from flows import office
    from models.year.span_figures import Span, lines_of

    span = Span(arguments.since, arguments.until)
    if span.since > span.until:
        raise NoSuchSpan(f"开始日期 {span.since} 晚于结束日期 {span.until}")
    ways = [way.strip() for way in arguments.by.split(",")]
    if unknown := [way for way in ways if way not in WAYS]:
        raise NoSuchSpan(f"--by 应为{'、'.join(WAYS)}，而不是“{unknown[0]}”")
    as_of = arguments.as_of or office.today()
    with office.reading() as session:
        lines = list(lines_of(session, span, as_of, office.law()))
        found = {way: _table(session, way, lines, span) for way in ways}
    for way, (table, _) in found.items():
        print(f"{WAYS[way]}（{span.since}至{span.until}，按{as_of}的记载）")
        for row in table:
            print("\t".join(map(str, row)))
    if arguments.out:
        _write(arguments.out, found, as_of)
        print(f"已写入 {arguments.out}")
    return 0


def _table(
    session: Session, way: str, lines: Sequence[CaseLine], span: Span
) -> tuple[Table, Table]:
    """A table with its head, and the cases of its figures."""
    from flows import office
    from models.year.span_figures import by_row, columns_of, grouped

    law = office.law()
    if way == "row":
        form = office.annual_rules().form(span.until.year)
        cells = by_row(lines, span, form)
        table: Table = [("行次", "项目", *form.columns)]
        for code, row in form.rows.items():
            counts = [len(cells.get((code, column), [])) for column in form.columns]
            table.append((code, row.full_label, *counts))
        cases: Table = [("行次", "申请人类别", "申请编号")]
        for (code, column), numbers in sorted(cells.items()):
            if column != form.total:
                cases += [(code, column, number) for number in numbers]
        return table, cases
    known = columns_of(session)
    limits = {number: last for number, (_, _, last) in known.items() if last}
    groups = grouped(lines, span, _key(way, known), law, limits)
    table = [(WAYS[way], *HEAD), *(_row(key, groups[key]) for key in sorted(groups))]
    cases = [(WAYS[way], "项目", "申请编号")]
    for key, group in sorted(groups.items()):
        for name, label in LISTS.items():
            cases += [(key, label, number) for number in getattr(group, name)]
    return table, cases


def _key(way: str, known: dict[str, tuple[str, str, date | None]]) -> Callable[[CaseLine], str]:
    from flows import office
    from models.year.span_figures import days_used, step_of

    law = office.law()
    labels = {key: channel.label for key, channel in law.channels.items()}

    def of(line: CaseLine) -> tuple[str, str]:
        number = line.number.partition("（")[0] if line.number not in known else line.number
        channel, officer, _ = known[number]
        return labels.get(channel, channel), officer

    keys: dict[str, Callable[[CaseLine], str]] = {
        "kind": lambda line: line.column,
        "channel": lambda line: of(line)[0],
        "officer": lambda line: of(line)[1],
        "month": lambda line: f"{line.received_on:%Y-%m}",
        "days": lambda line: step_of(days_used(line, law)),
    }
    return keys[way]


def _row(key: str, group: Group) -> tuple[str | int, ...]:
    figures = (group.received, group.carried_in, group.closed, group.carried_out, group.late)
    days = (group.middle, group.nine_tenths)
    shown = ("" if one is None else f"{one:.1f}".removesuffix(".0") for one in days)
    return (key, *map(len, figures), *shown)


def _write(path: Path, found: dict[str, tuple[Table, Table]], as_of: date) -> None:
    """Each table and its cases on sheets of a workbook."""
    from flows import office
    from flows.installation import files
    from letters.report.workbook import Sheet, lists

    if path.suffix.lower() != ".xlsx":
        raise NoSuchSpan(f"无法写入 {path}：文件名应以 .xlsx 结尾")
    sheets = []
    for way, tables in found.items():
        for name, (head, *rows) in zip((WAYS[way], f"{WAYS[way]}办件清单"), tables, strict=True):
            sheets.append(Sheet(name, tuple(map(str, head)), (24, *[14] * (len(head) - 1)), rows))
    try:
        files.written(path, lists(office.agency().name, as_of, sheets))
    except OSError as fault:
        raise NoSuchSpan(f"无法写入 {path}：{fault.strerror or '无法写入'}") from None
