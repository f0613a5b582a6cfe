"""`disclosure service`: which replies are not known to have been received; the post's list taken in."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from flows.arguments import Add, UnreadableFile
from models.words.days_told import written
from models.words.disk_words import why


def offer(add: Add) -> None:
    """Add the command, with its options and an example."""
    one = add(
        "service",
        _service,
        "发出而尚未登记收到的告知书；登记邮局的投递清单，全部登记或者一行也不登记",
        "disclosure service --sheet 投递清单.xlsx --officer 陈静",
    )
    one.add_argument("--sheet", type=Path, metavar="文件", help="投递清单（.xlsx、.csv）")
    one.add_argument("--officer", default="", metavar="姓名", help="由谁登记")
    one.add_argument("--code", default="", metavar="口令", help="本人的动态口令（启用后必填）")


def _service(arguments: argparse.Namespace) -> int:
    from flows.counter import service
    from flows.path.form_fields import By

    if arguments.sheet:
        try:
            content = arguments.sheet.read_bytes()
        except OSError as fault:
            raise UnreadableFile(str(arguments.sheet), why(fault)) from None
        by = By(arguments.officer, arguments.code)
        print(service.take_sheet(arguments.sheet.name, content, by).sentence)
        return 0
    found = service.waiting()
    for one in found:
        came = f"　{written(one.returned_on)}退回：{one.reason}" if one.returned_on else ""
        proof = f"（{one.proof}）" if one.proof else ""
        print(f"{one.number}　{one.letter}　{one.sent_on}　{one.way_words}{proof}{came}")
    print(f"共{len(found)}件", file=sys.stderr)
    return 0
