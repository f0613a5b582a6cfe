"""`disclosure import` and `disclosure export`: an earlier ledger into the register, and out again."""

from __future__ import annotations

import argparse
import gc
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flows.arguments import Add, a_year, day
from models.errors import DisclosureError
from models.words.days_told import written
from models.words.spans import in_order

if TYPE_CHECKING:
    from datetime import date

    from flows.commands.ledger import Asked, Imported
    from flows.commands.ledger_doubts import DoubtfulLedger
    from models.year.year_figures import Tables

COLUMNS: Final = (
    *("登记号", "收到日期", "提交方式", "申请人类别", "申请人"),
    *("联系方式", "申请内容", "办理结果", "办结日期", "备注", "办理状态", "不予公开理由", "年份"),
)
KINDS: Final = ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他")
ASK = "登记簿自哪一天起是完整的（此后收到的申请全部登记在内）？如 2023-01-01；还不能确定的，直接回车："

SELDOM: Final = 50_000
"""Objects made between two looks for garbage."""
UNSTATED = "导入时请用 --complete-since 日期 写明登记簿自哪一天起是完整的：不完整的年度不拿来比较"
UNKEPT = (
    "登记簿自哪一天起是完整的，还没有写明，年度报告不与台账里的上年比较："
    "请用 disclosure import --complete-since 日期 写明"
)


class Doubts(DisclosureError):
    """What is doubtful about a ledger, and where it stands beside the rows."""

    def __init__(self, fault: DoubtfulLedger, where: str) -> None:
        self.fault = fault
        super().__init__(f"{fault}；{where}")


class NothingAsked(DisclosureError):
    """A command was given nothing to do."""

    def __init__(self) -> None:
        super().__init__("缺少 文件（只记录登记簿自哪天起完整的，用 --complete-since 日期）")


class NoOfficer(DisclosureError):
    """What is put right needs somebody who says so."""

    def __init__(self) -> None:
        super().__init__("--correct 要登记勘误，请用 --officer 写明由谁登记（公开工作机构负责人）")


def offer(add: Add) -> None:
    """Add these commands, each with its options and an example."""
    one = add("import", _import, "导入已有台账（CSV 或 XLSX）", "disclosure import 台账.xlsx")
    one.add_argument("file", type=Path, nargs="?", metavar="文件", help="台账文件（.csv、.xlsx）")
    one.add_argument(
        "--dry-run", action="store_true", help="只试不导：将导入多少，各年度表三会是什么样"
    )
    _how_read(one)
    one.add_argument(
        "--doubts", type=Path, metavar="文件", help="存疑之处逐行写入的副本，默认与台账在一处"
    )
    one.add_argument(
        "--complete-since",
        type=day,
        metavar="日期",
        help="登记簿自哪一天起是完整的；不完整的年度不拿来比较",
    )
    one.add_argument(
        "--correct",
        default="",
        metavar="理由",
        help="以前导入的行，台账已更正的，以台账为准逐件登记勘误",
    )
    one.add_argument("--officer", default="", metavar="姓名", help="登记勘误的人")
    one.add_argument("--code", default="", metavar="口令", help="其动态口令（启用后必填）")
    one.add_argument(
        "--old-closed",
        type=day,
        metavar="办结日期",
        help="2019年5月15日前收到、没有填写结果的行，按此日已办结导入（结果计入“其他”）",
    )

    one = add(
        "export",
        _export,
        "导出登记簿为台账（CSV 或 XLSX），可再导入空的登记簿",
        "disclosure export 台账.xlsx",
    )
    one.add_argument("file", type=Path, metavar="文件", help="写到哪个文件（.csv、.xlsx）")
    one.add_argument("--from", dest="since", type=day, metavar="日期", help="自此日收到的")
    one.add_argument("--to", dest="until", type=day, metavar="日期", help="至此日收到的")


def prefix(words: str) -> str:
    """What stands before each number; in braces only what is known of a row ({年}, {月}, {表})."""
    from flows.commands.ledger_rows import PLACEHOLDER

    if left := re.search("[{}｛｝]", PLACEHOLDER.sub("", words)):
        raise argparse.ArgumentTypeError(
            f"“{words}”中的“{left[0]}”不认识，只有 {{年}}、{{月}}、{{表}}"
        )
    return words


def _how_read(one: argparse.ArgumentParser) -> None:
    """How the rows of a ledger are to be read: what its words, days and numbers mean."""
    one.add_argument(
        "--prefix",
        type=prefix,
        default="",
        metavar="前缀",
        help="加在每个登记号之前（编号每年、每个单位从头编的）；{年}、{月}、{表} 为收到的年份、工作表名",
    )
    one.add_argument(
        "--names-as-they-are",
        action="store_true",
        help="申请人姓名中有电话、证件号码、问号的，写作“匿名”“/”的，照原样导入（从登记簿导出的台账）",
    )
    one.add_argument(
        "--month-only",
        choices=("first", "last"),
        default="",
        help="只写到月的日期（2016年3月），按该月第一天（first）还是最后一天（last）；记录中注明“原表只记到月”",
    )
    one.add_argument(
        "--applicant-kind",
        choices=KINDS,
        default="",
        metavar="类别",
        help=f"没有写申请人类别的（也可以没有这一列），按此类别：{'、'.join(KINDS)}；名称说明是公司、律师事务所的"
        "按名称，说不准的逐件问；记录中注明“原表未记申请人类别”",
    )
    one.add_argument("--hidden", action="store_true", help="隐藏的行、工作表也导入")
    one.add_argument(
        "--year",
        type=a_year,
        metavar="年份",
        help="没有年份的日期（3.15、3月15日）是哪一年的；不写的，按工作表名、表题写明的年份",
    )
    one.add_argument(
        "--column",
        type=_column,
        action="append",
        default=[],
        metavar="列=表头",
        help="台账里这一列叫什么，如 收到日期=创建时间；可写几次",
    )


def _column(words: str) -> tuple[str, str]:
    """A column of the register, and what the ledger calls it."""
    column, is_called, said = words.partition("=")
    if column not in COLUMNS or not is_called or not said.strip():
        wanted = f"应为 列=表头，列为{'、'.join(COLUMNS)}之一"
        raise argparse.ArgumentTypeError(f"“{words}”{wanted}")
    return column, said


def _import(arguments: argparse.Namespace) -> int:
    from flows.commands.ledger import Asked, keep_complete_since
    from flows.commands.ledger_doubts import DoubtfulLedger

    since: date | None = arguments.complete_since
    if arguments.file is None and since is None:
        raise NothingAsked()
    if arguments.correct and not arguments.officer:
        raise NoOfficer()
    if arguments.file is not None:
        asked = Asked(
            arguments.old_closed,
            arguments.prefix,
            arguments.hidden,
            arguments.correct,
            arguments.year,
            tuple(arguments.column),
            arguments.names_as_they_are,
            arguments.month_only,
            arguments.applicant_kind,
        )
        try:
            done = _loaded(arguments, asked)
        except DoubtfulLedger as fault:
            for line in fault.told:
                print(line, file=sys.stderr)
            raise Doubts(fault, _write_doubts(fault, arguments.doubts)) from None
        for line in _said(done, dry_run=arguments.dry_run):
            print(line)
        for line in done.told:
            print(line, file=sys.stderr)
    if arguments.dry_run:
        print(f"将记下：登记簿自{written(since)}起完整" if since else UNSTATED)
        return 0
    if since is not None:
        keep_complete_since(since, arguments.officer)
        print(f"已记下：登记簿自{written(since)}起完整")
    else:
        _ask_complete_since()
    return 0


def _loaded(arguments: argparse.Namespace, asked: Asked) -> Imported:
    from flows import office
    from flows.commands.ledger import OFFICER, import_ledger, try_ledger
    from flows.path.form_fields import By
    from flows.progress import progress
    from models.report_tables.form import load_forms

    forms = load_forms(office.config() / "annual")
    with (
        progress("试导入台账" if arguments.dry_run else "导入台账") as advance,
        seldom_collected(),
    ):
        if arguments.dry_run:
            return try_ledger(arguments.file, forms, advance, asked)
        by = By(arguments.officer or OFFICER, arguments.code)
        return import_ledger(arguments.file, forms, advance, asked, by)


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Garbage is looked for less often while many rows are loaded: a fifth of the time went there."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(SELDOM, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _said(done: Imported, *, dry_run: bool) -> Iterator[str]:
    """What was loaded, or would be, and the tables it would give."""
    by_sheet = "、".join(f"“{name}”{count}件" for name, count in done.sheets.items())
    if by_sheet:
        yield f"工作表：{by_sheet}"
    corrected = f"，其中勘误{done.corrected}件" if done.corrected else ""
    known = f"已在登记簿中{done.known}件{corrected}"
    if not dry_run:
        yield f"导入{done.added}件，{known}"
        return
    yield f"试导入：将导入{done.added}件，{known}；没有写入任何内容"
    for year, tables in done.years.items():
        yield ""
        yield from _table(year, tables)


def _table(year: int, tables: Tables) -> Iterator[str]:
    """Table 三 of a year, a row a line; rows without cases are left out."""
    form = tables.form
    yield f"{year}年表三（{'、'.join(form.columns)}）"
    for code, row in form.rows.items():
        figures = [tables.figure(code, column) for column in form.columns]
        if any(figures):
            yield f"{row.ordinal}\t{row.full_label}\t" + "\t".join(map(str, figures))


def _write_doubts(fault: DoubtfulLedger, named: Path | None) -> str:
    """Write the doubts beside the rows of a copy; where it is, or why it could not be written."""
    from flows.commands.ledger_doubts import UnwritableCopy, beside, write_copy

    out = named or beside(fault.path)
    try:
        write_copy(fault, out)
    except UnwritableCopy as trouble:
        return str(trouble)
    found = f"共{len(fault.doubts)}处存疑，已逐行写在"
    if out == fault.path:  # it is such a copy itself
        return f"{found} {out} 的“存疑”一栏（别的地方没有改动），改好后再导入"
    return f"{found}副本 {out} 的“存疑”一栏（副本只多这一栏，原台账没有改动；在副本里改好，再导入副本）"


def _ask_complete_since() -> None:
    """Ask once from which day on the register is complete, where nobody has said so."""
    from flows import office
    from flows.commands.ledger import keep_complete_since
    from models.register.complete_since import complete_since

    with office.reading() as session:
        if complete_since(session) is not None:
            return
    if not sys.stdin.isatty():
        print(UNKEPT, file=sys.stderr)
        return
    words = input(ASK).strip()
    if words:
        try:
            keep_complete_since(day(words), "")
        except argparse.ArgumentTypeError as fault:
            print(f"{fault}；没有记下，可用 --complete-since 补记", file=sys.stderr)


def _export(arguments: argparse.Namespace) -> int:
    from flows.commands import ledger_export
    from flows.progress import progress

    in_order(arguments.since, arguments.until)
    with progress("导出台账") as advance:
        done = ledger_export.export(arguments.file, arguments.since, arguments.until, advance)
    print(f"导出{done.written}件：{arguments.file}")
    for line in done.told:
        print(line, file=sys.stderr)
    return 0
