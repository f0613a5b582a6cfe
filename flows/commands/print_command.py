"""`disclosure print`: the letters of a case as PDF."""

from __future__ import annotations

import argparse
from pathlib import Path

from flows.arguments import UnwritableFile
from flows.commands.annual_commands import Add


def offer(add: Add) -> None:
    """Add the command, with its options and an example."""
    one = add(
        "print",
        _print,
        "把一件申请的文书写成 PDF，供打印（由本机的 LibreOffice 排版）",
        "disclosure print SQ202600001 --out 待打印",
    )
    one.add_argument("number", metavar="编号", help="申请编号")
    one.add_argument("--letter", default="", metavar="文号", help="只要这一份文书")
    one.add_argument("--out", type=Path, default=Path(), metavar="目录", help="写到哪个目录")


def _print(arguments: argparse.Namespace) -> int:
    from flows.printing.of_case import letters_of
    from flows.shown.pages import noted_in_terminal

    number, found = letters_of(arguments.number, arguments.letter)
    noted_in_terminal(f"{number} 文书")
    for name, content in found:
        print(_written(arguments.out / name, content))
    return 0


def _written(path: Path, content: bytes) -> Path:
    from flows.installation import files

    try:
        return files.written(path, content)
    except OSError as fault:
        raise UnwritableFile(path, fault.strerror or "无法写入") from None
