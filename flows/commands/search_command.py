"""`disclosure cases`: list the register or search it, page by page, or all of it into a file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from flows.arguments import Parser, day
from models.errors import DisclosureError
from models.law.citing import row_label
from models.words.disk_words import why

if TYPE_CHECKING:
    from flows.shown.candidates import Asked
    from models.law.statute import Statute
    from models.store.tables import Application

HEAD = (
    *("申请编号", "收到日期", "提交方式", "申请人类别", "申请人", "申请内容"),
    *("承办人", "环节", "表三", "办结日期"),
)
WIDTHS = (18, 12, 18, 14, 20, 60, 12, 14, 12, 12)
ASKED = (
    "find",
    "applicant",
    "number",
    "channel",
    "outcome",
    "since",
    "until",
    "open",
    "closed",
    "out",
)
PAGE = 50
SHOWN, LONGEST_PLACE = 40, 19


class Unsearchable(DisclosureError):
    """What is asked for cannot be looked for."""


def offer(one: Parser) -> None:
    """Add what can be looked for to the command that lists the register."""
    one.add_argument(
        "--find",
        default="",
        metavar="词语",
        help="申请内容、理由、文号等处有这些词语的（两个字以上）",
    )
    one.add_argument("--applicant", default="", metavar="姓名", help="申请人，可以是其中一部分")
    one.add_argument("--number", default="", metavar="编号", help="申请编号，可以只写最后几位")
    one.add_argument("--channel", default="", metavar="方式", help="提交方式")
    one.add_argument(
        "--outcome",
        default="",
        metavar="行次",
        help="表三行次，如 三（四）1、三（四）；也可以写作 3.4.1、3.4",
    )
    one.add_argument("--from", dest="since", type=day, metavar="日期", help="自此日收到的")
    one.add_argument("--to", dest="until", type=day, metavar="日期", help="至此日收到的")
    state = one.add_mutually_exclusive_group()
    state.add_argument("--open", action="store_true", help="未办结的")
    state.add_argument("--closed", action="store_true", help="已办结的")
    one.add_argument(
        "--order",
        choices=("date", "relevance"),
        default="date",
        help="排列：date 收到日期晚的在前；relevance 编号、姓名、申请内容中有这些词语的在前",
    )
    one.add_argument(
        "--after", type=place, default=0, metavar="位置", help="接着上一页之后，照上一页末尾所写"
    )
    one.add_argument("--out", type=Path, metavar="文件", help="全部另存为 .xlsx 或 .csv")


def place(words: str) -> int:
    """Where a page begins, as the page before it says."""
    if not (words.isascii() and words.isdecimal() and len(words) < LONGEST_PLACE):
        raise argparse.ArgumentTypeError(f"“{words}”不是位置，应照上一页末尾所写")
    return int(words)


def is_asked(arguments: argparse.Namespace) -> bool:
    """Whether the register is to be searched, not listed."""
    return any(getattr(arguments, name) for name in ASKED)


def listed(arguments: argparse.Namespace) -> int:
    """Print a page of the register by number, applicants masked: the open cases, unless others are
    asked for.
    """
    from flows import office
    from flows.shown import row_words
    from models.register.listed import Filters, page_of
    from models.words.days_told import written

    if arguments.order == "relevance":
        raise Unsearchable("--order relevance 须与 --find 一同使用")
    due, stage = arguments.due_before, arguments.stage or ""
    is_open = True if due or not (arguments.all or stage) else None
    now, forms = office.circumstances(""), office.annual_rules().forms
    asked, after = Filters(stage, arguments.officer, is_open, due), arguments.after
    with office.reading() as session:
        rows, whole = page_of(session, asked, after, PAGE)
        for row in rows:
            closed, result = row.closed_on, row_words.row_result_words(row, forms)
            until = f"{written(closed)}办结" if closed else row_words.row_limit_words(row, now)
            cells = (row.number, row.stage, row_words.masked(row.applicant), until, result)
            print("\t".join(cells))
    more = f"，下一页加 --after {after + PAGE}" if after + PAGE < whole else ""
    on_page = f"，本页{len(rows)}件" if len(rows) < whole else ""
    print(f"共{whole}件{on_page}{more}", file=sys.stderr)
    return 0


def search(arguments: argparse.Namespace) -> int:
    """Print a page of what was found, applicants masked; or write all of it into a file, with names.
    Either leaves in the log of access which cases that were.
    """
    from flows import office
    from flows.shown import search as searching

    law = office.law()
    with office.reading() as session:
        ask = _asked(arguments, law)
        if arguments.out:
            rows = [_cells(row, law) for row in searching.every(session, ask)]
        else:
            hits = searching.search(session, ask, arguments.after, seconds=float("inf"))
            shown = {row.number: _line(row) for row in hits.rows}
    if not arguments.out:
        return _show(shown, hits.after)
    _write(arguments.out, rows)
    print(f"共{len(rows)}件，已写入 {arguments.out}", file=sys.stderr)
    return 0


def _show(shown: dict[str, str], after: int) -> int:
    from flows.shown.access_lines import noted_in_terminal

    if shown:
        noted_in_terminal(f"按姓名、词语查询 {len(shown)}件", list(shown))
    for line in shown.values():
        print(line)
    more = f"，下一页加 --after {after}" if after else ""
    print(f"本页{len(shown)}件{more}", file=sys.stderr)
    return 0


def _asked(arguments: argparse.Namespace, law: Statute) -> Asked:
    from flows import office
    from flows.shown.candidates import Asked
    from flows.shown.search import as_meant
    from models.words.pairs import SHORTEST, too_short

    options = ("find", "applicant", "number")
    for option, said in ((f"--{name}", getattr(arguments, name)) for name in options):
        if short := too_short(said):
            raise Unsearchable(f"{option} 的每个词语应有{SHORTEST}个字以上，而不是“{short}”")
    _consistent(arguments)
    asked = Asked(
        words=arguments.find,
        applicant=arguments.applicant,
        number=arguments.number,
        officer=arguments.officer,
        channel=_channel(arguments.channel, law),
        row=arguments.outcome,
        since=arguments.since,
        until=arguments.until,
        is_open=_is_open(arguments),
        by_relevance=arguments.order == "relevance",
        stage=arguments.stage or "",
        due_before=arguments.due_before,
    )
    return as_meant(asked, office.annual_rules().forms)


def _consistent(arguments: argparse.Namespace) -> None:
    """Unsearchable for what no case can be: asked so, it would be answered with none."""
    from models.case.stage import Stage

    stage = arguments.stage
    closed = arguments.closed or stage == Stage.CLOSED
    if closed and arguments.due_before:
        raise Unsearchable("已办结的没有届满日可比，--due-before 只用于未办结的")
    if (arguments.closed and stage not in (None, Stage.CLOSED)) or (
        arguments.open and stage == Stage.CLOSED
    ):
        asked = "--closed" if arguments.closed else "--open"
        raise Unsearchable(f"{asked} 与 --stage {stage} 没有都符合的")
    if arguments.order == "relevance" and not arguments.find:
        raise Unsearchable("--order relevance 须与 --find 一同使用")


def _is_open(arguments: argparse.Namespace) -> bool | None:
    """Open or closed ones, as far as what is asked for tells it."""
    from models.case.stage import Stage

    if arguments.open or arguments.due_before:
        return True
    if arguments.closed:
        return False
    return arguments.stage != Stage.CLOSED if arguments.stage else None


def _channel(words: str, law: Statute) -> str:
    known = {
        said: key for key, one in law.channels.items() for said in (key, one.label, *one.aliases)
    }
    if words and words not in known:
        labels = "、".join(one.label for one in law.channels.values())
        raise Unsearchable(f"提交方式“{words}”应为{labels}之一")
    return known[words] if words else ""


def _line(row: Application) -> str:
    from flows.shown.row_words import masked

    result = row_label(row.row) if row.row else ""
    cells = (row.number, row.received_on or "", row.stage, masked(row.applicant), result)
    return "\t".join([*map(str, cells), row.request[:SHOWN].replace("\n", " ")])


def _cells(row: Application, law: Statute) -> tuple[str, ...]:
    channel = law.channels[row.channel].label if row.channel in law.channels else row.channel
    return (
        row.number,
        str(row.received_on or ""),
        channel,
        row.applicant_kind,
        row.applicant,
        row.request,
        row.officer,
        row.stage,
        row_label(row.row) if row.row else "",
        str(row.closed_on or ""),
    )


def _write(path: Path, rows: list[tuple[str, ...]]) -> None:
    """The list as a table by the name's ending."""
    from flows import office
    from flows.installation import files
    from flows.shown.access_lines import noted_in_terminal
    from flows.shown.trail import csv_of
    from letters.report.workbook import Sheet, lists

    match path.suffix.lower():
        case ".csv":
            content = csv_of(HEAD, rows)
        case ".xlsx":
            sheet = Sheet("查询结果", HEAD, WIDTHS, rows)
            content = lists(office.agency().name, office.today(), [sheet])
        case _:
            raise Unsearchable(f"无法写入 {path}：文件名应以 .csv 或者 .xlsx 结尾")
    try:
        files.written(path, content)
    except OSError as fault:
        raise Unsearchable(f"无法写入 {path}：{why(fault)}") from None
    noted_in_terminal(f"查询结果另存（{len(rows)}件）", [row[0] for row in rows])
