"""`disclosure archive`: bind closed cases, name those that the archive has not, record that it has one."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from flows.arguments import Add
from models.errors import DisclosureError
from models.words.days_told import written


class WhatToArchive(DisclosureError):
    """What is to be done is not said whole."""


def offer(add: Add) -> None:
    """Add the command, with its options and an example."""
    one = add(
        "archive",
        _archive,
        "归档：把办结的申请装订成一卷（案卷.pdf、原件、清单），列出应归未归的，登记移交档案",
        "disclosure archive SQ202600001 SQ202600002 --out 归档",
    )
    one.add_argument("number", nargs="*", metavar="编号", help="申请编号，可以几件")
    does = one.add_mutually_exclusive_group()
    does.add_argument(
        "--out", type=Path, metavar="目录", help="每件一个子目录，以编号命名；已有的不改写"
    )
    does.add_argument("--list", type=int, metavar="年份", help="这一年办结而应归未归的各件")
    does.add_argument(
        "--handed", type=date.fromisoformat, metavar="日期", help="登记已于这一天移交档案"
    )
    one.add_argument(
        "--without-particulars",
        action="store_true",
        help="不含个人信息（供检查、查阅）：姓名遮盖，可以看出当事人的材料不装订",
    )
    one.add_argument("--receipt", default="", metavar="回执号", help="档案机构的回执号，移交的必填")
    one.add_argument("--to", default="", metavar="机构", help="接收的档案机构")
    one.add_argument(
        "--bound", default="", metavar="摘要", help="所移交的案卷.pdf 的摘要（清单.sha256）"
    )
    one.add_argument("--officer", default="", metavar="姓名", help="由谁登记移交")
    one.add_argument("--code", default="", metavar="口令", help="本人的动态口令（启用后必填）")


def _archive(arguments: argparse.Namespace) -> int:
    if arguments.list is not None:
        return _list(arguments.list)
    if not arguments.number:
        raise WhatToArchive("请写明申请编号，或者用 --list 列出一年中应归未归的")
    if arguments.handed:
        return _handed(arguments)
    if arguments.out is None:
        raise WhatToArchive("请用 --out 写明写到哪个目录，或者用 --handed 登记移交")
    return _bind(arguments)


def _list(year: int) -> int:
    from flows import office
    from flows.counter import archiving
    from flows.shown.row_words import masked
    from models.watch.unarchived import unarchived

    found, today = archiving.closed(year), office.today()
    owing = unarchived(found)
    for one in owing:
        late = "，已过期" if today > one.due_on else ""
        contested = f"，复议诉讼未结（{'、'.join(one.contested)}）" if one.contested else ""
        print(
            f"{one.number}　{masked(one.applicant)}　{one.officer}　{written(one.closed_on)}办结"
            f"　应于{written(one.due_on)}前移交{late}{contested}"
        )
    print(
        f"{year}年办结{len(found)}件，已归{len(found) - len(owing)}件，未归{len(owing)}件",
        file=sys.stderr,
    )
    return 0


def _bind(arguments: argparse.Namespace) -> int:
    from flows import office
    from flows.archive import folder
    from flows.archive.case_file import case_file
    from flows.installation import files
    from flows.progress import progress
    from flows.shown.access_lines import noted_in_terminal

    particulars = not arguments.without_particulars
    with office.reading() as session:
        now = office.circumstances("")
        found = [case_file(session, one, now, particulars=particulars) for one in arguments.number]
    numbers = list(dict.fromkeys(one.number for one in found))
    noted_in_terminal("制作归档案卷", numbers)
    for left in folder.unfinished(arguments.out, office.now() - files.ON_ITS_WAY):
        print(f"{left} 是以前没有装订完的，内有个人信息，不能移交，请删除")
    with progress("装订案卷") as advance:
        for n, number in enumerate(numbers, 1):
            bound = folder.made(number, particulars=particulars)
            target = folder.written(bound, arguments.out, particulars=particulars)
            print(f"{target}　{bound.papers}件{bound.pages}页　{bound.digest}")
            for line in bound.unbound:
                print(f"　未装订：{line.kind}“{line.title}”（{line.what}）")
            for words in bound.missing:
                print(f"　{words}")
            advance(n, len(numbers))
    return 0


def _handed(arguments: argparse.Namespace) -> int:
    from flows.counter import archiving
    from flows.path.form_fields import By

    if len(arguments.number) > 1 and arguments.bound:
        raise WhatToArchive("--bound 是一卷的摘要，请逐件登记")
    by = By(arguments.officer, arguments.code)
    for number in arguments.number:
        case = archiving.hand_over(
            number,
            arguments.handed,
            arguments.receipt,
            by,
            to=arguments.to,
            bound=arguments.bound,
        )
        print(f"{case.number}　已于{arguments.handed}移交档案，回执{arguments.receipt}")
    return 0
