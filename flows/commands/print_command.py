"""`disclosure print`: the letters of a case, or all that is printed of a day."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from flows.arguments import Add, day
from flows.commands.named_files import write_file
from models.errors import NoSuchLetter
from models.words.days_told import written


def offer(add: Add) -> None:
    """Add the command, with its options and an example."""
    one = add(
        "print",
        _print,
        "一件申请的文书，或者一天的文书、信封、大宗邮件清单，写成文件供打印（PDF 由本机的 LibreOffice 排版）",
        "disclosure print --on 2026-03-02 --out 待打印",
    )
    what = one.add_mutually_exclusive_group(required=True)
    what.add_argument("number", nargs="?", default="", metavar="编号", help="申请编号")
    what.add_argument("--on", type=day, metavar="日期", help="这一天签发、登记的全部文书")
    one.add_argument("--letter", default="", metavar="文号", help="只要这一份文书")
    one.add_argument("--out", type=Path, default=Path(), metavar="目录", help="写到哪个目录")

    one = add(
        "stationery",
        _stationery,
        "写出文书的版式（.docx），在 Word 或者 WPS 中改成本机关的，放进 config/letters",
        "disclosure stationery reply config/letters/reply.docx",
    )
    one.add_argument(
        "kind", metavar="文书", help="文书的标识，如 extension；reply 为没有自己版式的各种答复"
    )
    one.add_argument("file", type=Path, metavar="文件", help="写到哪个文件")


def _stationery(arguments: argparse.Namespace) -> int:
    from flows import office
    from flows.printing import sheets
    from letters.letter import own_stationery

    if arguments.kind not in sheets.kinds():
        raise NoSuchLetter(arguments.kind)
    write_file(arguments.file, own_stationery.starter(office.agency().name))
    return 0


def _print(arguments: argparse.Namespace) -> int:
    return _of_day(arguments.on, arguments.out) if arguments.on else _of_case(arguments)


def _of_day(on: date, out: Path) -> int:
    from flows.printing.libreoffice import NONE_HERE, is_here
    from flows.printing.of_case import NothingToPrint
    from flows.printing.of_day import NAMES, file_of
    from flows.shown.access_lines import noted_in_terminal

    here = is_here()
    made = {name: file_of(on, name) for name in NAMES if here or not name.endswith(".pdf")}
    if not any(content for content, _ in made.values()):
        raise NothingToPrint(f"{written(on)}没有签发、登记的文书")
    for name, (content, numbers) in made.items():
        if content:
            noted_in_terminal(f"{on} {name}", numbers)
            stem, _, ending = name.partition(".")
            print(write_file(out / f"{stem}-{on}.{ending}", content))
    if not here:
        print(NONE_HERE, file=sys.stderr)
    return 0


def _of_case(arguments: argparse.Namespace) -> int:
    from flows.printing.of_case import letters_of
    from flows.shown.access_lines import noted_in_terminal

    number, found = letters_of(arguments.number, arguments.letter)
    noted_in_terminal(f"{number} 文书")
    for name, content in found:
        print(write_file(arguments.out / name, content))
    return 0
