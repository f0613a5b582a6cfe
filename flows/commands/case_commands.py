"""The commands about applications: registering one, one case, the register and the search in it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from flows.arguments import Add, Parser, day, stage
from flows.commands import search_command
from flows.commands.named_files import write_file
from flows.commands.office_at_work import speak_as_the_office

if TYPE_CHECKING:
    from models.case.case import Case


def offer(add: Add) -> None:
    """Add these commands, each with its options and an example."""
    one = add(
        "receive",
        _receive,
        "登记一件申请",
        "disclosure receive --channel 当面提交 --kind 自然人 --applicant 张三"
        " --request 2025年专利资助名单",
    )
    _of_an_application(one)

    one = add(
        "application-form",
        _application_form,
        "写出政府信息公开申请表（.docx），打印后供当面提出的申请人填写",
        "disclosure application-form 申请表.docx",
    )
    one.add_argument("file", type=Path, metavar="文件", help="写到哪个文件")

    one = add("case", _case, "查看一件申请的全部办理经过", "disclosure case SQ202600001")
    one.add_argument("number", metavar="编号", help="申请编号")
    one.add_argument("--docx", type=Path, metavar="文件", help="另存为卷宗 .docx")

    one = add("cases", _cases, "登记簿，查询申请", "disclosure cases --find 专利资助 --closed")
    one.add_argument("--stage", type=stage, metavar="环节", help="如 待签发")
    one.add_argument("--due-before", type=day, metavar="日期", help="届满日早于此日的")
    one.add_argument("--officer", default="", metavar="姓名", help="承办人")
    one.add_argument("--all", action="store_true", help="包括已办结的")
    search_command.offer(one)


def _of_an_application(one: Parser) -> None:
    """What is told of an application as it comes in (Art. 29)."""
    one.add_argument("--channel", required=True, metavar="方式", help="提交方式，如 当面提交")
    one.add_argument("--kind", required=True, metavar="类别", help="申请人类别，如 自然人")
    one.add_argument("--applicant", required=True, metavar="姓名", help="申请人姓名或名称")
    one.add_argument("--request", required=True, metavar="内容", help="申请内容")
    one.add_argument("--arrived", type=day, metavar="日期", help="到件日期，默认今天")
    one.add_argument("--identity", default="", metavar="号码", help="身份证明号码")
    one.add_argument("--contact", default="", metavar="电话", help="联系方式")
    one.add_argument("--address", default="", metavar="地址", help="通信地址")
    one.add_argument("--form-wanted", default="", metavar="方式", help="获取信息的方式")
    one.add_argument(
        "--co-applicant", action="append", default=[], metavar="姓名", help="其他共同申请人，可重复"
    )
    one.add_argument(
        "--written-by", default="", metavar="姓名", help="口头提出的，公开工作机构由谁代为填写"
    )
    one.add_argument("--agent", default="", metavar="姓名", help="代理人")
    one.add_argument(
        "--authority", default="", metavar="委托手续", help="代理人的授权委托书：日期、权限"
    )
    one.add_argument("--officer", default="", metavar="姓名", help="承办人")
    one.add_argument("--code", default="", metavar="口令", help="办理人的动态口令（启用后必填）")


def _receive(arguments: argparse.Namespace) -> int:
    from flows import office
    from flows.path import intake

    port = office.port()  # a bad setting is said before anything is recorded
    case = intake.receive(
        channel=arguments.channel,
        kind=arguments.kind,
        applicant=arguments.applicant,
        request=arguments.request,
        arrived_on=arguments.arrived,
        identity=arguments.identity,
        contact=arguments.contact,
        address=arguments.address,
        form_wanted=arguments.form_wanted,
        co_applicants="\n".join(arguments.co_applicant),
        written_by=arguments.written_by,
        agent=arguments.agent,
        authority=arguments.authority,
        officer=arguments.officer,
        code=arguments.code,
    )
    print(f"已登记：{case.number}（{case.stage}）")
    print(_onto_the_desk(case, port))
    return 0


def _onto_the_desk(case: Case, port: int) -> str:
    """Give the case its run at once if the office is open; otherwise the next start does."""
    from flows import office
    from flows.server import server_process

    entrance = office.entrance()
    if not server_process.answers(port, entrance):
        return "办理系统未启动；下次启动时自动进入办理队列"
    speak_as_the_office(port, entrance)
    import httpx

    from flows.path import desk

    try:
        desk.put_on_desk(case)
    except httpx.HTTPError:  # another office's, or on its way down; the case is registered
        return "办理系统没有接受；本机关的办理系统一分钟内，或者下次启动时，自动放入办理队列"
    return "已进入办理队列"


def _application_form(arguments: argparse.Namespace) -> int:
    from flows import office
    from letters.letter.office_forms import application_form
    from letters.letter.paper import write

    write_file(arguments.file, write(application_form(office.agency(), office.today())))
    return 0


def _case(arguments: argparse.Namespace) -> int:
    from flows import office
    from flows.shown.access_lines import noted_in_terminal
    from flows.shown.dossier import NEXT, dossier

    with office.reading() as session:
        found = dossier(session, arguments.number, office.circumstances(""))
    noted_in_terminal(f"{arguments.number} 卷宗")
    print(found.text())
    if arguments.docx:
        from letters.letter.record import record

        kept = [
            one for one in found.sections if one.heading != NEXT
        ]  # of the day, not for the file
        content = record(office.agency().name, found.title, kept, office.today())
        write_file(arguments.docx, content)
    return 0


def _cases(arguments: argparse.Namespace) -> int:
    if search_command.is_asked(arguments):
        return search_command.search(arguments)
    return search_command.listed(arguments)
