"""The commands of accounts: who may log in, and who did and read what."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from flows.arguments import Add, day
from models.words.spans import in_order


def offer(add: Add) -> None:
    """Add these commands, each with its options and an example."""
    one = add(
        "invite",
        _invite,
        "邀请办理人设置登录口令：显示一次性的邀请码，由本人在登录页使用；重设口令也用它",
        "disclosure invite 陈静",
    )
    one.add_argument("officer", metavar="姓名", help="与办理人员名单（officers.toml）一致")

    one = add("accounts", _accounts, "谁有账户；注销账户", "disclosure accounts --revoke 陈静")
    one.add_argument(
        "--revoke", default="", metavar="姓名", help="注销（离岗）：口令失效，已登录的随即退出"
    )

    one = add(
        "log",
        _log,
        "导出一段时间内谁办理了什么、谁登录过、谁查阅过个人信息和文书",
        "disclosure log --from 2026-03-01 --to 2026-03-31 --out 记录.xlsx",
    )
    one.add_argument(
        "--from", dest="first", type=day, required=True, metavar="日期", help="自哪一天"
    )
    one.add_argument(
        "--to", dest="last", type=day, required=True, metavar="日期", help="至哪一天（含当日）"
    )
    one.add_argument("--out", type=Path, required=True, metavar="文件", help=".csv 或者 .xlsx")


def _invite(arguments: argparse.Namespace) -> int:
    from flows.commands import enrolment

    for line in enrolment.invite(arguments.officer):
        print(line)
    return 0


def _accounts(arguments: argparse.Namespace) -> int:
    from flows.commands import enrolment

    if arguments.revoke:
        enrolment.revoke_account(arguments.revoke)
        print(f"已注销“{arguments.revoke.strip()}”的账户，已登录的随即退出")
        return 0
    for line in enrolment.accounts_listed():
        print(line)
    return 0


def _log(arguments: argparse.Namespace) -> int:
    from flows import office
    from flows.shown import trail

    in_order(arguments.first, arguments.last)
    with office.reading() as session:
        found = trail.trail(session, arguments.first, arguments.last)
    trail.write(arguments.out, found)
    print(f"共{len(found)}条，已写入 {arguments.out}", file=sys.stderr)
    return 0
