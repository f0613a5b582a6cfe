"""What changes round about the cases in a year: notices, config, officers, a ledger, papers, backups."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from flows import office
from flows.commands.ledger import import_ledger
from flows.counter import papers
from flows.installation import backup
from flows.papers.taking import taken
from flows.path.form_fields import By
from flows.year.annual_report import produce
from models.errors import ActRefused
from models.report_tables.form import load_forms
from models.soundness.clock import ClockWentBack

if TYPE_CHECKING:
    from tests.office_year.world import Office

CONFIG = Path(__file__).resolve().parents[2] / "config"
NEXT_NOTICE = (11, 4)  # the next year's holidays are announced
OTHER_NOTICE = (6, 16)  # this year's are arranged otherwise
JOINS, LEAVES = (6, 3), (9, 15)
NEW_ALERTS = (8, 4)
LEDGER_FROM = (3, 18)
REPORTS = {(5, 12), (10, 20)}
NEWCOMER = """
[[officer]]
name = "赵新来"
department = "政务公开办公室"
roles = ["handle"]
"""
AUTUMN = """
[[papers]]
number = "国办发明电〔2025〕99号"
title = "国务院办公厅关于调整2025年国庆节、中秋节放假安排的通知"
dated = 2025-06-13
published = 2025-06-13
url = "https://www.gov.cn/"

[[papers.holidays]]
name = "国庆节、中秋节"
rest = [2025-10-01, 2025-10-08]
work = [2025-09-27, 2025-10-11]
"""
LEDGER = """登记号,收到日期,提交方式,申请人类别,申请人,联系方式,申请内容,办理结果,办结日期,备注
旧{0}-1,{0}-01-06,网络,自然人,周晓岚,021-1,某项目名单,3.1,{0}-01-20,
旧{0}-2,{0}-01-07,当面,商业企业,某某公司,021-2,某项目合同,3.4.1,{0}-02-10,
旧{0}-3,{0}-02-11,邮寄,自然人,吴某,021-3,某次会议记录,3.3.6,{0}-03-04,
旧{0}-4,{0}-03-10,网络,自然人,郑明华,021-4,某块土地的批文,,,
"""
ROWS = 4


def of(one: Office) -> None:
    """What happens on this day beside the cases, or happened while nobody was in the office."""
    on = (one.day.month, one.day.day)
    officers = one.config / "office" / "officers.toml"
    notices = one.config / "workdays"
    if _comes(one, NEXT_NOTICE):
        shutil.copy(CONFIG / "workdays" / f"{one.year + 1}.toml", notices)
        one.note("next year's notice")
    if one.year == 2025 and _comes(one, OTHER_NOTICE):
        _added(notices / "2025.toml", AUTUMN)
        one.note("this year's holidays are arranged otherwise")
    if _comes(one, JOINS):
        _added(officers, NEWCOMER)
        one.note("an officer joins")
    if _comes(one, LEAVES):
        officers.write_text(officers.read_text("utf-8").replace(NEWCOMER, ""), encoding="utf-8")
        one.note("an officer leaves")
    if _comes(one, NEW_ALERTS):
        alerts = one.config / "alerts.toml"
        words = alerts.read_text("utf-8").replace("before = [10, 5, 3, 1]", "before = [8, 4, 2]", 1)
        alerts.write_text(words, encoding="utf-8")
        one.note("alerts are arranged otherwise")
    if on >= LEDGER_FROM and one.imported is None:
        one.beat("import", lambda: load_ledger(one))
    if on in REPORTS:
        one.beat("report", lambda: report(one))
    if one.day.day == 15:
        one.beat("backup", lambda: backed_up(one))


def _comes(one: Office, day: tuple[int, int]) -> bool:
    """Whether a day of the year has come, said once: the office may have been away on it."""
    come = one.day >= date(one.year, *day) and day not in one.come
    one.come |= {day} if come else set()
    return come


def _added(path: Path, words: str) -> None:
    with path.open("a", encoding="utf-8") as listed:
        listed.write(words)


def load_ledger(one: Office) -> None:
    """Load the register that the office kept before; tried again until it is in, whole."""
    if one.imported is not None or (one.day.month, one.day.day) < LEDGER_FROM:
        return
    path = one.home / "旧台账.csv"
    path.write_text(LEDGER.format(one.year), encoding="utf-8")
    forms = load_forms(office.config() / "annual")
    try:
        done = import_ledger(path, forms, lambda *_: None)
    except ClockWentBack:
        return
    one.imported = done.added + done.known
    one.note(f"ledger: {done.added} added, {done.known} known")


def report(one: Office) -> None:
    """The report of the year so far."""
    made = produce(one.year, office.home() / "reports" / str(one.year), None)
    one.note(f"report: {len(made.files)} files, {len(made.failed)} do not hold")


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
