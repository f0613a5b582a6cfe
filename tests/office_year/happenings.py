"""What changes round about the cases in a year: notices, config, officers, a ledger, papers, backups."""

from __future__ import annotations

import shutil
from datetime import time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlmodel import select

from flows import office
from flows.commands.ledger import import_ledger
from flows.counter import papers
from flows.installation import backup
from flows.papers.taking import taken
from flows.path import desk, intake, recording
from flows.path.form_fields import By
from models.errors import ActRefused
from models.report_tables.form import load_forms
from models.soundness.clock import ClockWentBack
from models.store.tables import Application
from tests.office_year import machine, notices, older
from tests.office_year.notices import CONFIG, added, after, comes, packages_are_read

if TYPE_CHECKING:
    from tests.office_year.world import Office

JOINS, LEAVES = (6, 3), (9, 15)
NEW_ALERTS = (8, 4)
LEDGER_FROM = (3, 18)
AHEAD = (2, 9)  # of our own numbers: the ledger has some that we come to soon, and late or never
REPORT_EVERY = 10  # on the 10th, 20th and 30th
DAY = timedelta(days=1)
NEWCOMER = """
[[officer]]
name = "赵新来"
department = "政务公开办公室"
roles = ["handle"]
"""
LEDGER = """登记号,收到日期,提交方式,申请人类别,申请人,联系方式,申请内容,办理结果,办结日期,备注
{1},{0}-01-06,网络,自然人,周晓岚,021-1,某项目名单,3.1,{0}-01-20,
{2},{0}-01-07,当面,商业企业,某某公司,021-2,某项目合同,3.4.1,{0}-02-10,
旧{0}-3,{0}-02-11,邮寄,自然人,吴某,021-3,某次会议记录,3.3.6,{0}-03-04,
旧{0}-4,{0}-03-10,网络,自然人,郑明华,021-4,某块土地的批文,,,
"""
OFFICERS = """
[[officer]]
name = "李起草"
department = "政务公开办公室"
roles = ["handle"]
webhook = "http://127.0.0.1:9/a"

[[officer]]
name = "王主任"
department = "政务公开办公室"
roles = ["handle", "head", "review", "secrecy", "sign"]
webhook = "http://127.0.0.1:9/b"
email = "wang@example.cn, 公开办 <office@example.cn>"
"""
MAIL = {'host = ""': 'host = "127.0.0.1"', 'sender = ""': 'sender = "alerts@example.cn"'}
ONE_CODE = {'correction = "沪知公开补"': 'correction = "沪知公开收"'}
TITLES = {"[titles]": '[titles]\nreply = "信息公开答复意见书"\ncorrection = "信息公开补正告知单"'}
OTHER_TITLES = {
    "信息公开答复意见书": "信息公开申请答复书",
    "信息公开补正告知单": "信息公开补正通知书",
}
BY_CORRECTION = ("corrected_year", 'chosen = "received"', 'chosen = "corrected"')
DRILL, RESTORING, HIDDEN, PACKAGES, RELEASE = 6, 7, 3, 2, 5
RETITLED = {4: TITLES, 8: OTHER_TITLES}


def opened(one: Office) -> None:
    """The office before anybody works there."""
    shutil.copytree(CONFIG, one.config)
    ours = one.config / "office"
    (one.config / "workdays" / f"{one.year + 1}.toml").unlink()
    (ours / "officers.toml").write_text(OFFICERS, encoding="utf-8")
    _changed(ours / "sending.toml", MAIL)
    if "one code" in one.parts:
        _changed(ours / "agency.toml", ONE_CODE)
    if "by correction" in one.parts:
        path = one.config / "practice.toml"
        key, was, new = BY_CORRECTION
        before, mark, after = path.read_text("utf-8").partition(f'key = "{key}"')
        path.write_text(before + mark + after.replace(was, new, 1), encoding="utf-8")
    if "late notice" in one.parts and "signed year" not in one.parts:
        (one.config / "workdays" / f"{one.year}.toml").unlink()


def _changed(path: Path, changes: dict[str, str]) -> None:
    words = path.read_text("utf-8")
    for was, new in changes.items():
        assert was in words, was
        words = words.replace(was, new, 1)
    path.write_text(words, encoding="utf-8")


def of(one: Office) -> None:
    """What happens on this day beside the cases, or happened while nobody was in the office."""
    notices.come(one)
    on = (one.day.month, one.day.day)
    officers = one.config / "office" / "officers.toml"
    if comes(one, JOINS):
        added(officers, NEWCOMER)
        one.note("an officer joins")
    if comes(one, LEAVES):
        officers.write_text(officers.read_text("utf-8").replace(NEWCOMER, ""), encoding="utf-8")
        one.note("an officer leaves")
    if comes(one, NEW_ALERTS):
        alerts = one.config / "alerts.toml"
        words = alerts.read_text("utf-8").replace("before = [10, 5, 3, 1]", "before = [8, 4, 2]", 1)
        alerts.write_text(words, encoding="utf-8")
        one.note("alerts are arranged otherwise")
    if on >= LEDGER_FROM and one.imported is None:
        one.beat("import", lambda: load_ledger(one))
    if one.faults_on:
        _in_the_machine_room(one)


def _in_the_machine_room(one: Office) -> None:
    """Reports, backups and drills."""
    wanted = "reports" in one.parts and one.day.day % REPORT_EVERY == 0
    if wanted and one.happens(one.rates.report):
        one.beat("report", lambda: machine.report(one))
    if one.day.day == 15 or after(one, RESTORING - 5, "backup"):
        one.beat("backup", lambda: backed_up(one))
    for part, days, do in (
        ("damage", DRILL, machine.damaged),
        ("restoring", RESTORING, machine.restored),
        ("hidden character", HIDDEN, machine.words_with_a_hidden_character),
        ("packages", PACKAGES, packages_are_read),
        ("new release", RELEASE, older.new_release),
    ):
        if part in one.parts and after(one, days, part):
            one.beat(part, lambda do=do: do(one))  # type: ignore[misc]
    for days, titles in RETITLED.items():
        if "titles" in one.parts and after(one, days, f"titles, {days}"):
            _changed(one.config / "office" / "agency.toml", titles)
            one.note("letters are called otherwise")


# papers and letters ───────────────────────────────────────────────────────────────────────────
def found_in_a_drawer(one: Office) -> None:
    """Applications that lay in a drawer until the day on which a reply is due: found one after the
    other, each looked at by the scheduler within minutes.
    """
    calendar = office.law().calendar
    came = one.day - 20 * DAY
    while calendar.reach(came, 20).day < one.day:
        came += DAY
    while calendar.reach(came, 20).day > one.day:
        came -= DAY
    for n in range(3):
        one.hour = time(13, 5 + 5 * n)
        submission = f"drawer {one.day} {n}"
        try:
            case = intake.receive(
                **{"channel": "in_person", "kind": "自然人", "applicant": f"屉{n}", "contact": "1"},
                request=f"第{n}份名单",
                arrived_on=came,
                officer="李起草",
                submission=submission,
            )
        except (ClockWentBack, ActRefused) as why:
            one.note(f"{submission}: {type(why).__name__}")
            return
        one.arrived.add(submission)
        desk.put_on_desk(case)
        told = {"received_on": came.isoformat(), "delay": "收发时压在抽屉里"}
        done = recording.perform(case.number, case.position, "received", {**told}, "李起草")
        desk.put_on_desk(done.case)
        one.note(f"{submission} is {case.number}: {'；'.join(done.reasons)}")
        one.post()


def load_ledger(one: Office) -> None:
    """Load the register that the office kept before; tried again until it is in, whole."""
    if one.imported is not None or (one.day.month, one.day.day) < LEDGER_FROM:
        return
    path = one.home / "旧台账.csv"
    with office.reading() as session:
        there = session.exec(select(Application.number)).all()
    if not set(one.ledger[2:]) & set(there):  # not in yet: numbers of ours that we have not come to
        ours = [f"SQ{one.year}{len(there) + more:05d}" for more in AHEAD]
        one.ledger = (*ours, f"旧{one.year}-3", f"旧{one.year}-4")
    path.write_text(LEDGER.format(one.year, *one.ledger), encoding="utf-8")
    forms = load_forms(office.config() / "annual")
    try:
        done = import_ledger(path, forms, lambda *_: None)
    except ClockWentBack:
        return
    one.imported = done.added + done.known
    one.note(f"ledger: {done.added} added, {done.known} known")


def backed_up(one: Office) -> None:
    """A copy of the office; one that the power cut short is begun anew."""
    folder = office.home() / f"backup-{one.day}"
    backup.make(office.engine(), office.home(), office.config(), folder, office.now())
    one.backups.append(folder)
    one.note("backed up")


def paper_comes(one: Office) -> None:
    """Somebody hands in a paper that belongs to a case."""
    numbers = sorted({said.number for said in one.accepted})
    if numbers:
        one.papers[f"paper {len(one.papers)}"] = one.chance.choice(numbers)


def file_papers(one: Office) -> None:
    """What was handed in is filed, however often that is begun."""
    for paper, number in one.papers.items():
        if paper in one.filed:
            continue
        content = taken(f"{paper}.txt", [f"{paper}，关于{number}".encode()])
        how = papers.Filing("other")
        try:
            papers.file_all(number, [content], how, By("李起草", ""), paper)
        except ClockWentBack:
            return
        except ActRefused as refused:
            one.surprises.append(f"{paper} refused: {refused}")
        one.filed.add(paper)
        one.note(f"{paper} filed with {number}")
