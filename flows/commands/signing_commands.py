"""The commands about who signs and with which key: one-time codes of officers, a new key of the register."""

from __future__ import annotations

import argparse

from flows.arguments import Add
from flows.commands.office_at_work import speak_as_the_office


def offer(add: Add) -> None:
    """Add these commands, each with its options and an example."""
    one = add(
        "enrol",
        _enrol,
        "登记办理人的动态口令：在终端显示二维码，由本人用手机扫描",
        "disclosure enrol 陈静",
    )
    one.add_argument(
        "officer", nargs="?", metavar="姓名", help="与表单中填写的一致；不填则列出已登记的人员"
    )
    one.add_argument("--revoke", action="store_true", help="注销（离岗、更换手机）")

    add(
        "new-key",
        _new_key,
        "生成一个加密密钥并显示出来，供写入 DISCLOSURE_KEY_FILE 所指的文件；不改动任何东西",
        "disclosure new-key",
    )


def _enrol(arguments: argparse.Namespace) -> int:
    from flows import office
    from flows.commands import enrolment
    from flows.server import server_process

    if arguments.officer is None:
        for line in enrolment.listed():
            print(line)
        return 0
    if arguments.revoke:
        enrolment.revoke(arguments.officer)
        print(f"已注销“{arguments.officer}”的动态口令")
    else:
        for line in enrolment.enrol(arguments.officer):
            print(line)
    port, entrance = office.port(), office.entrance()
    if server_process.answers(port, entrance):
        speak_as_the_office(port, entrance)
        from flows.server import serve

        serve.offer()
    return 0


def _new_key(_: argparse.Namespace) -> int:
    from models.store.sealing import new_key

    print(new_key())
    return 0
