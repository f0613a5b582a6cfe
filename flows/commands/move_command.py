"""`disclosure move`: the register into another database, verified; and back, while nothing is recorded."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from flows.arguments import Add

if TYPE_CHECKING:
    from sqlalchemy.engine import URL


def offer(add: Add) -> None:
    """Add this command with its options and an example."""
    one = add(
        "move",
        _move,
        "把登记簿全部移到另一个空的数据库（SQLite 移到 PostgreSQL，或者反过来），逐行核对、核验以后才算数；"
        "须先停止办理系统，材料、文书留在原处",
        "disclosure move --to postgresql://office:口令@10.0.0.5/register",
    )
    way = one.add_mutually_exclusive_group(required=True)
    way.add_argument(
        "--to", metavar="数据库地址", help="移到哪里，写法与 DISCLOSURE_DATABASE_URL 相同"
    )
    way.add_argument(
        "--back",
        metavar="数据库地址",
        help="移去以后那里没有登记过的，退回现在设定的这一份；写移去的地址",
    )


def _move(arguments: argparse.Namespace) -> int:
    if arguments.back:
        return _back(_address(arguments.back, "--back"))
    from flows import office
    from flows.installation import moved_away, moving, opening
    from flows.keeping import verifying

    target = _address(arguments.to, "--to")
    with office.alone(moving.DOING):
        source = office.database()
        place = (office.engine(), source, target, office.home(), office.today())
        moved = moving.move(*place, office.sealing(), verifying.faults)
    tables, rows = sum(map(bool, moved.rows.values())), sum(moved.rows.values())
    print(f"已移到 {moved.to}：{tables}张表共{rows}行，逐行核对相同，核验结果与原来相同")
    print(f"登记链校验值 {moved.head}")
    print(
        f"请设 DISCLOSURE_DATABASE_URL={moved.to}{moved_away.hidden(moved.to)}，再启动办理系统；"
        "命令行的命令也要这样设"
    )
    print(
        f"原来的登记簿（{opening.file_of(source) or moved_away.shown(source)}）内容没有改动，"
        "写上了移走的标记，不能再打开；请移到别处保存，核对无误后按保管的规定处理"
    )
    for fault in moved.faults:
        print(f"原来就有的不符，照样移去：{fault}", file=sys.stderr)
    return 0


def _back(target: URL) -> int:
    from flows import office
    from flows.installation import moved_away, moving

    source = office.database()
    mark = moving.back(source, target, office.home(), office.today())
    print(
        f"已退回 {moved_away.shown(source)}，可以启动；{mark.to} 中的写上了移走的标记，不能再打开"
    )
    return 0


def _address(words: str, option: str) -> URL:
    """A database's address as an option states it. Raises UnusableAddress."""
    from flows.installation import opening

    try:
        return opening.address(words)
    except opening.UnusableAddress as fault:
        raise opening.UnusableAddress(f"{option}：{fault.expected}") from None
