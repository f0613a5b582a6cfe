"""The command line (`disclosure`, or `python -m flows`): names and exit codes are the contract's.

Exit 0 on success, 1 where a table or a history does not hold, 2 on bad input with one sentence.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from flows.arguments import Command, Parser, Unasked, UnreadableFile, day, stage
from flows.commands import (
    account_commands,
    annual_commands,
    archive_command,
    frequent_command,
    guide_command,
    keeper_commands,
    ledger_commands,
    materials_command,
    move_command,
    print_command,
    replay_commands,
    search_command,
    service_command,
    statistics_command,
)
from flows.commands.named_files import write_file
from flows.installation import files
from models.errors import ActRefused, DisclosureError
from models.words.days_told import told
from models.words.disk_words import DISK, why

if TYPE_CHECKING:
    from flows.installation.entrance import Entrance
    from models.case.case import Case


SELDOM = (50_000, 20, 20)
"""How often Python looks for what only holds itself: by its own measure hundreds of times until the
libraries are loaded, and finds nothing there.
"""


NO_PLUGINS = ("PYDANTIC_DISABLE_PLUGINS", "__all__")
"""What has pydantic look for no plugins: we have none, and it looks through all that is installed."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; what goes wrong is one clear sentence on stderr."""
    from flows.installation.files import for_the_owner_alone

    gc.set_threshold(*SELDOM)
    os.environ.setdefault(*NO_PLUGINS)
    words = sys.argv[1:] if argv is None else argv
    arguments = parser(next(iter(words), "")).parse_args(words)
    command: Command = arguments.command
    for_the_owner_alone()
    try:
        status = command(arguments)
        sys.stdout.flush()
    except files.Linked as fault:
        print(f"disclosure：{fault.words}", file=sys.stderr)
        return 2
    except ActRefused as fault:
        print(f"disclosure：{told(fault.reasons)}", file=sys.stderr)
        return 2
    except DisclosureError as fault:
        print(f"disclosure：{fault}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # Python writes once more what it could not, when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as fault:
        if fault.errno not in DISK:
            raise
        where = f"{fault.filename}：" if fault.filename else ""
        print(f"disclosure：{where}{why(fault)}，没有做完；请排除后重新运行", file=sys.stderr)
        return 2
    return status


def parser(asked: str = "") -> Parser:
    """Every command with its options and an example; asked = the only one that is to be read."""
    top = Parser(
        prog="disclosure", description="政府信息公开申请办理系统", example="disclosure serve"
    )
    commands = top.add_subparsers(title="命令", metavar="命令", required=True, parser_class=Parser)

    def add(name: str, command: Command, purpose: str, example: str) -> Parser:
        if asked and name != asked:
            return Unasked()
        made = commands.add_parser(name, help=purpose, description=purpose, example=example)
        made.set_defaults(command=command)
        return made

    _of_cases(add)
    _of_days(add)
    annual_commands.offer(add)
    ledger_commands.offer(add)
    statistics_command.offer(add)
    frequent_command.offer(add)
    _keepers(add)
    account_commands.offer(add)
    keeper_commands.offer(add)
    move_command.offer(add)
    replay_commands.offer(add)
    materials_command.offer(add)
    guide_command.offer(add)
    print_command.offer(add)
    service_command.offer(add)
    archive_command.offer(add)
    return top if not asked or asked in commands.choices else parser()


def _of_cases(add: annual_commands.Add) -> None:
    """The office itself, and its applications."""
    one = add("demo", _demo, "演示：把2022年的8件申请从收件办到年报", "disclosure demo")
    one.add_argument("--keep", action="store_true", help="办完后继续运行，供在浏览器中查看")

    add("serve", _serve, "启动办理系统（界面、执行、定时），按 Ctrl-C 全部停止", "disclosure serve")

    add(
        "worker",
        _worker,
        "另起一个执行程序，与办理系统自己的一同办理（登记簿在 PostgreSQL 的），可以在另一台机器",
        "disclosure worker",
    )
    add(
        "server",
        _server,
        "只启动一台服务器（界面），与别的服务器一同在代理之后；登记簿在 PostgreSQL、设了 Redis 的",
        "disclosure server",
    )
    add(
        "scheduler",
        _scheduler,
        "只启动定时程序（巡检、提醒、年报、每分钟核对）；已有一处在值班的，等待接替",
        "disclosure scheduler",
    )

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


def _of_days(add: annual_commands.Add) -> None:
    """Limits, and what is told of them day by day."""
    one = add(
        "deadline", _deadline, "计算并解释答复期限", "disclosure deadline --received 2026-03-02"
    )
    asked = one.add_mutually_exclusive_group(required=True)
    asked.add_argument("--received", type=day, metavar="日期", help="收到申请之日")
    asked.add_argument("--events", metavar="文件", help="JSON Lines 事件文件，- 为标准输入")
    one.add_argument("--json", action="store_true", help="输出 JSON")

    one = add("sweep", _sweep, "每日巡检", "disclosure sweep --on 2026-03-02")
    one.add_argument("--on", type=day, metavar="日期", help="按哪一天巡检，默认今天")

    one = add(
        "supervision",
        _supervision,
        "督办清单：即将到期、逾期未办、逾期已办",
        "disclosure supervision --out 督办清单.xlsx",
    )
    one.add_argument("--out", type=Path, metavar="文件", help="另存为 .xlsx")
    one.add_argument("--since", type=day, metavar="日期", help="逾期已办自此日起，默认本年1月1日")

    one = add("outbox", _outbox, "提醒的发送情况：未送达的及其内容", "disclosure outbox --send")
    one.add_argument(
        "--send", action="store_true", help="现在就发送（办公时间内）；只在界面上显示的除外"
    )
    one.add_argument("--again", action="store_true", help="多次未送达的，再发送一次")

    one = add("calendar", _calendar, "放假安排：录入新的一年", "disclosure calendar load 2027.toml")
    _calendar_ways(one)


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


def _calendar_ways(one: Parser) -> None:
    """How a new year comes in: from a file, or from the data packages."""
    ways = one.add_subparsers(title="做法", metavar="做法", required=True, parser_class=Parser)
    words = "录入国务院办公厅的通知，重新计算在办申请的期限"
    one = ways.add_parser(
        "load", help=words, description=words, example="disclosure calendar load 2027.toml"
    )
    one.add_argument(
        "file",
        type=Path,
        metavar="文件",
        help="写法同 config/workdays/2026.toml，或 holiday-cn 的 JSON",
    )
    one.add_argument(
        "--anyway", action="store_true", help="与数据包不一致时仍以文件为准（通知有调整时）"
    )
    words = "从两个数据包读取一年的安排，互相核对一致的才录入"
    one = ways.add_parser(
        "packages", help=words, description=words, example="disclosure calendar packages 2027"
    )
    one.add_argument("year", type=int, metavar="年份", help="哪一年")


def _keepers(add: annual_commands.Add) -> None:
    """What whoever looks after the installation does: who signs, with which key."""
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


def _demo(arguments: argparse.Namespace) -> int:
    from flows.commands.demo import play

    return play(keep=arguments.keep)


def _serve(_: argparse.Namespace) -> int:
    from flows.server.serve import serve

    return serve()


def _worker(_: argparse.Namespace) -> int:
    from flows.server.worker_beside import work

    return work()


def _server(_: argparse.Namespace) -> int:
    from flows.server.city import server

    return server()


def _scheduler(_: argparse.Namespace) -> int:
    from flows.server.city import scheduler

    return scheduler()


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
    _speak_as_the_office(port, entrance)
    import httpx

    from flows.path import desk

    try:
        desk.put_on_desk(case)
    except httpx.HTTPError:  # another office's, or on its way down; the case is registered
        return "办理系统没有接受；本机关的办理系统一分钟内，或者下次启动时，自动放入办理队列"
    return "已进入办理队列"


def _speak_as_the_office(port: int, entrance: Entrance) -> None:
    """Reach the office at work on this machine as itself: by its secret, readable to its user."""
    from flows import office
    from flows.installation import office_secret
    from flows.server import server_process

    prefect = office.home() / "prefect"
    secret = office_secret.kept(prefect)
    os.environ |= server_process.environment(prefect, port, entrance, secret=secret)


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
        _speak_as_the_office(port, entrance)
        from flows.server import serve

        serve.offer()
    return 0


def _new_key(_: argparse.Namespace) -> int:
    from models.store.sealing import new_key

    print(new_key())
    return 0


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


def _deadline(arguments: argparse.Namespace) -> int:
    from flows.installation import config_folder
    from flows.shown import deadlines
    from models.law.deadline import ClockEvent, deadline

    law = config_folder.law()
    if arguments.received:
        found = deadline([ClockEvent("received", arguments.received)], law)
        as_json = json.dumps(deadlines.as_json(found), ensure_ascii=False)
        print(as_json if arguments.json else deadlines.explain(found))
        return 0
    failed = False
    for answer in deadlines.answer(_lines(arguments.events), law):
        failed = failed or "error" in answer
        print(deadlines.line_of(answer))
    return 1 if failed else 0


def _lines(name: str) -> Iterator[str | bytes]:
    """The lines of a file, or of the standard input, one after the other."""
    if name == "-":
        yield from _bounded(getattr(sys.stdin, "buffer", sys.stdin))
        return
    try:
        with Path(name).open("rb") as file:
            yield from _bounded(file)
    except OSError as fault:
        raise UnreadableFile(name, why(fault)) from None


def _bounded(file: IO[str] | IO[bytes]) -> Iterator[str | bytes]:
    """The lines, no more of any in the memory than shows that it is too long."""
    from flows.shown.deadlines import LONGEST_LINE, ends

    while line := file.readline(LONGEST_LINE + 1):
        yield line
        while len(line) > LONGEST_LINE and not ends(line):
            line = file.readline(LONGEST_LINE + 1)
            if not line:
                return


def _sweep(arguments: argparse.Namespace) -> int:
    from flows.keeping import verifying
    from flows.morning import sweep

    for line in sweep.sweep(arguments.on):
        print(line)
    if arguments.on is not None:
        return 0
    held = verifying.verify()
    for fault in held.faults:
        print(f"登记簿核验不符：{fault}")
    print(f"登记链校验值 {held.head}", file=sys.stderr)
    return 1 if held.faults else 0


def _supervision(arguments: argparse.Namespace) -> int:
    from flows.shown import supervision

    found = supervision.listed(arguments.since)
    if found:
        print(supervision.text(found))
    if arguments.out:
        print(supervision.write(arguments.out, found), file=sys.stderr)
    print(f"共{len(found)}件", file=sys.stderr)
    return 0


def _outbox(arguments: argparse.Namespace) -> int:
    from flows.morning import outbox
    from flows.shown import alert_page

    if arguments.again:
        print(f"再发送{outbox.again()}条", file=sys.stderr)
    if arguments.send:
        print(f"已送达{outbox.post()}条", file=sys.stderr)
    for line in alert_page.unsent():
        print(line)
    return 0


def _calendar(arguments: argparse.Namespace) -> int:
    from flows.commands import holiday_notice
    from flows.morning.sweep import moved_words

    if "file" in arguments:
        done = holiday_notice.load(arguments.file, anyway=arguments.anyway)
    else:
        done = holiday_notice.read_packages(arguments.year)
    for one in done.differences:
        print(one.sentence)
    if done.differences:
        print(f"共{len(done.differences)}天不一致，未录入任何内容", file=sys.stderr)
        return 1
    if done.there:
        print(f"已有{done.year}年放假安排，与数据包一致，未改动：{done.path}")
        return 0
    print(f"已录入{done.year}年放假安排：{done.path}")
    for moved in done.moved:
        print(moved_words(moved))
    cases = {moved.case_number for moved in done.moved}
    print(f"在办申请已重新计算，{len(cases)}件的期限有变动")
    return 0


if __name__ == "__main__":
    sys.exit(main())
