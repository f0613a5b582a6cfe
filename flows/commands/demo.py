"""`disclosure demo`: the seed's year 2022 through the real flows, from arrival to annual report.

The seed reports 8 applications, all closed, all because the information was outside the office's
remit (非本机关职责权限范围), and 8 persons advised. The applications themselves are invented, and so are
the figures of table 二, which was a picture; the report's words are the published ones.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.installation import settings

YEAR = 2022
FOLDER = Path("out/demo")
DRAFTER, REVIEWER, SIGNER = "陈静", "李明", "王建国"


@dataclass(frozen=True)
class Invented:
    """One invented application: who asked for what and how, and the days it was handled on.

    days = arrived, confirmed, drafted (also judged), signed (also reviewed), sent
    """

    channel: str
    kind: str
    applicant: str
    request: str
    days: tuple[date, date, date, date, date]


def _on(*days: str) -> tuple[date, date, date, date, date]:
    first, second, third, fourth, fifth = (date.fromisoformat(f"{YEAR}-{day}") for day in days)
    return first, second, third, fourth, fifth


CASES = (
    Invented(
        "网络", "自然人", "周晓岚",
        "“沪上青梅”文字商标注册申请的全部商标注册档案材料",
        _on("01-17", "01-17", "01-20", "01-25", "01-26"),
    ),
    Invented(
        "当面", "商业企业", "上海某某餐饮管理有限公司",
        "某餐饮公司营业执照和企业登记档案",
        _on("02-22", "02-22", "02-25", "03-02", "03-03"),
    ),
    Invented(
        "挂号信", "自然人", "吴国强",
        "某发明专利的专利审查档案，包括历次审查意见通知书",
        _on("03-14", "03-14", "03-18", "03-24", "03-25"),
    ),
    Invented(
        "网络", "自然人", "郑敏",
        "“浦江时光”商标异议案件的异议决定书和双方证据材料",
        _on("05-05", "05-05", "05-12", "05-19", "05-20"),
    ),
    Invented(
        "电子邮件", "法律服务机构", "上海某某律师事务所",
        "某外观设计专利无效宣告请求案的口头审理记录和专利无效审查决定",
        _on("06-20", "06-20", "06-24", "06-30", "07-01"),
    ),
    Invented(
        "网络", "自然人", "孙丽华",
        "某软件公司软件著作权登记的申请表和登记材料",
        _on("08-03", "08-03", "08-09", "08-15", "08-16"),
    ),
    Invented(
        "挂号信", "自然人", "钱伟",
        "本市2021年度高新技术企业认定的评审专家名单和评分",
        _on("09-26", "09-26", "09-29", "10-10", "10-11"),
    ),
    Invented(
        "网络", "其他", "某镇某村民委员会",
        "某地块征地补偿安置方案和土地权属材料",
        _on("11-14", "11-14", "11-18", "11-24", "11-25"),
    ),
)  # fmt: skip

ENQUIRIES = (
    ("02-10", "电话"), ("03-02", "现场接待"), ("04-19", "电话"), ("06-08", "传真"),
    ("07-12", "电话"), ("08-23", "信函"), ("10-18", "电话"), ("12-06", "现场接待"),
)  # fmt: skip


PROACTIVE = (
    ("规章：现行有效件数（清点）", "2021-12-31", 0),
    ("行政规范性文件：现行有效件数（清点）", "2021-12-31", 8),
    ("行政规范性文件：制发（制作）件数", "2022-06-30", 2),
    ("行政规范性文件：废止件数", "2022-06-30", 1),
    ("行政许可：处理决定数量", "2022-12-31", 0),
    ("行政处罚：处理决定数量", "2022-12-31", 0),
    ("行政强制：处理决定数量", "2022-12-31", 0),
    ("行政事业性收费：收费金额（元）", "2022-12-31", 0),
)
"""What is recorded for table 二: what, on which day, how many."""


@dataclass(frozen=True)
class Moment:
    """One thing to be done on one day; `case` counts from 0, -1 = an enquiry."""

    day: date
    act: str
    case: int
    note: str = ""


def timeline() -> Iterator[Moment]:
    """The year in the order it happened."""
    steps = ("registered", "received", "drafted", "signed", "replied")
    moments = [
        Moment(day, act, number)
        for number, case in enumerate(CASES)
        for act, day in zip(steps, case.days, strict=True)
    ]
    moments += [
        Moment(date.fromisoformat(f"{YEAR}-{day}"), "enquired", -1, channel)
        for day, channel in ENQUIRIES
    ]
    yield from sorted(moments, key=lambda one: one.day)


def play(*, keep: bool) -> int:
    """Play the year on an embedded database in `out/demo`, print what came out, and end."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    home = FOLDER.resolve()
    os.environ[settings.HOME.name] = str(home)
    os.environ[settings.TODAY_FILE.name] = str(home / "today")
    os.environ.pop(settings.TODAY.name, None)
    _move_to(date(YEAR, 1, 1))
    os.environ.pop(settings.DATABASE.name, None)
    say(f"演示{YEAR}年（申请为虚构，机关资料为示例）。正在启动 Prefect 服务，首次约需半分钟……")

    from flows.server import server_process
    from flows.server.serve import office_open

    prefect = Path(tempfile.mkdtemp(prefix="disclosure-demo-"))
    try:
        with office_open(prefect, server_process.free_port()) as address:
            say(f"服务已启动：{address}。开始办理8件申请……")
            _live_through_the_year()
            failed = _report(home)
            if keep:
                _keep_open(address)
    finally:
        shutil.rmtree(prefect, ignore_errors=True)
    return 1 if failed else 0


def say(words: str) -> None:
    """Tell the user what is going on."""
    print(words, flush=True)


def _move_to(day: date) -> None:
    """Let it be that day for every process of the office: the server judges by it, too."""
    file = Path(settings.TODAY_FILE.value())
    scratch = file.with_name("today.part")
    scratch.write_text(f"{day}\n", "ascii")
    scratch.replace(file)


def _live_through_the_year() -> None:
    from flows.commands.robot_officer import Officer

    numbers: dict[int, str] = {}
    with Officer(DRAFTER) as drafter, Officer(REVIEWER) as reviewer, Officer(SIGNER) as signer:
        for moment in timeline():
            _move_to(moment.day)
            if moment.act == "enquired":
                drafter.start(
                    "登记咨询",
                    {
                        "channel": moment.note,
                        "given_on": moment.day.isoformat(),
                        "officer": DRAFTER,
                    },
                )
                continue
            case = CASES[moment.case]
            if moment.act == "registered":
                numbers[moment.case] = _register(drafter, case)
                continue
            _step(moment, numbers[moment.case], (drafter, reviewer, signer))


def _register(officer: object, case: Invented) -> str:
    from flows import office
    from flows.commands.robot_officer import Officer
    from models.register import register

    assert isinstance(officer, Officer)
    label = next(row.label for row in office.law().channels.values() if case.channel in row.aliases)
    officer.start(
        "登记申请",
        {
            "channel": label,
            "arrived_on": case.days[0].isoformat(),
            "kind": case.kind,
            "applicant": case.applicant,
            "request": case.request,
            "officer": DRAFTER,
        },
    )
    with office.reading() as session:
        number = register.applications(session)[-1].number
    officer.form(number)
    return number


def _step(moment: Moment, number: str, staff: tuple[object, object, object]) -> None:
    """What the officers submit on that day, tab by tab; the proposals of the form are accepted."""
    from flows import office
    from flows.commands.robot_officer import Officer
    from models.acts.catalogue import ACTS
    from models.register import register

    drafter, reviewer, signer = staff
    assert isinstance(drafter, Officer)
    assert isinstance(reviewer, Officer)
    assert isinstance(signer, Officer)

    def submit(officer: Officer, kind: str, **fields: object) -> None:
        with office.reading() as session:
            case = register.case(session, number)
        proposed = ACTS[kind].proposal(case, office.circumstances(officer.name))
        officer.submit(number, kind, **{**proposed, **fields})

    day = moment.day.isoformat()
    match moment.act:
        case "received":
            submit(drafter, "received", received_on=day)
            say(f"  {day}　{number}　确认收到，登记回执已出")
        case "drafted":
            submit(drafter, "found_elsewhere")
            submit(drafter, "drafted_unable")
        case "signed":
            submit(reviewer, "approved")
            submit(signer, "signed", signed_on=day)
        case "replied":
            submit(drafter, "replied", delivery="ems", sent_on=day, proof=f"演示邮件{number}")
            say(f"  {day}　{number}　告知书已发出，办结")


def _report(home: Path) -> bool:
    """The annual report through its real flow, the table of the cases, and where everything is."""
    from rich.console import Console
    from rich.table import Table

    from flows import office
    from flows.commands.robot_officer import Officer
    from flows.year import annual_report
    from models.law.citing import row_label
    from models.register import filed_letters, register

    _move_to(date(YEAR + 1, 1, 31))
    words = annual_report.text_file(YEAR)
    words.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(office.config() / "annual" / f"example_{YEAR}.toml", words)
    with Officer(DRAFTER) as officer:
        for what, day, amount in PROACTIVE:
            form = {"what": what, "on": day, "amount": amount, "officer": DRAFTER}
            officer.start("登记表二数字", form)
        officer.start("年度报告", {"year": YEAR})
    made = annual_report.produce(YEAR, home / "reports" / str(YEAR), None)
    shown = Table(title=f"{YEAR}年政府信息公开申请（虚构）")
    for heading in ("申请编号", "收到", "届满日", "发出", "办理结果", "告知书"):
        shown.add_column(heading)
    with office.reading() as session:
        for row in register.applications(session):
            case = register.case(session, row.number)
            limit = case.deadline(office.law())
            letters = filed_letters.documents(session, row.number)
            shown.add_row(
                row.number,
                str(row.received_on),
                str(limit.last_day if limit else ""),
                str(row.closed_on),
                f"{row_label(row.row) if row.row else ''}　{office.law().outcomes[row.outcome or ''].label}",
                letters[-1].number,
            )
    Console(width=150 if not sys.stdout.isatty() else None).print(shown)
    for said in made.report.sections[2].words:
        say(said.text)
    say("年度报告的文字为公开的原文，表二的数字为虚构。")
    for what in made.report.missing:
        say(f"待补充：{what}")
    say("")
    say(f"勾稽关系：{len(made.checks)}项，不成立{len(made.failed)}项")
    say(
        f"登记回执和告知书：{home / 'letters'}（{len(list((home / 'letters').rglob('*.docx')))}份）"
    )
    for path in made.files:
        say(f"年度报告：{path}")
    return bool(made.failed)


def _keep_open(address: str) -> None:
    say(f"演示继续运行，可在浏览器中查看：{address}，按 Ctrl-C 结束。")
    import threading

    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        say("演示结束。")
