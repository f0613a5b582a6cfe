"""The notices of holidays that come out in a year, come late, and are changed."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlmodel import select

from flows import office
from flows.morning import sweep
from models.case.stage import Stage
from models.store.tables import Application
from tests.office_year import machine
from tests.office_year.by_hand import Count, Unpublished, is_plain, last_day
from tests.office_year.told import told_of

if TYPE_CHECKING:
    from tests.office_year.world import Office

CONFIG = Path(__file__).resolve().parents[2] / "config"
DAY = timedelta(days=1)
NEXT_NOTICE = (11, 4)  # the next year's holidays are announced
OTHER_NOTICE = (6, 16)  # this year's are arranged otherwise
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
EXTRA = """
[[papers]]
number = "国办发明电〔{year}〕98号"
title = "国务院办公厅关于临时放假的通知"
dated = {dated}
published = {dated}
url = "https://www.gov.cn/"

[[papers.holidays]]
name = "临时放假"
rest = [{rest}, {rest}]
work = []
"""
MOVES = (5, 5, 5, 7)  # days from the beginning: a day off is announced, called off, and so on
LATE = 25  # days until a notice comes that is late


def come(one: Office) -> None:
    """The notices that come out, and change."""
    folder = one.config / "workdays"
    ours = folder / f"{one.year}.toml"
    if comes(one, NEXT_NOTICE):
        shutil.copy(CONFIG / "workdays" / f"{one.year + 1}.toml", folder)
        one.note("next year's notice")
    if not ours.exists():
        if one.day < one.begins + LATE * DAY and one.faults_on:
            one.unpublished.append(one.day)
            return
        shutil.copy(CONFIG / "workdays" / ours.name, folder)
        one.note("this year's notice, late")
    if one.year == 2025 and comes(one, OTHER_NOTICE):
        added(ours, AUTUMN)
        one.note("this year's holidays are arranged otherwise")
    if "there and back" in one.parts and one.faults_on:
        for n, days in enumerate(MOVES):
            if after(one, days, f"a day off, {n}"):
                one.beat("notice", lambda n=n: _day_off(one, ours, n))  # type: ignore[misc]


def _day_off(one: Office, path: Path, n: int) -> None:
    """A day off is announced, or called off; every open case whose limit it moves is told of it."""
    first = one.begins + MOVES[0] * DAY
    rest = first + 8 * DAY
    while rest.weekday() > 3 or not office.law().calendar.is_workday(rest):
        rest += DAY
    words = EXTRA.format(year=one.year, dated=first, rest=_once(one, rest))
    sweep.sweep()  # by what is known so far
    before = limits_by_hand(one)
    if n % 2:
        path.write_text(path.read_text("utf-8").replace(words, ""), encoding="utf-8")
    else:
        added(path, words)
    after = limits_by_hand(one)
    sweep.sweep()
    moved = {
        number for number, last in before.items() if last and after[number] not in (None, last)
    }
    one.moves.update(moved)
    one.note(f"a day off, {n}: {len(moved)} limits move")


def _once(one: Office, rest: date) -> date:
    """The day off is the same each time."""
    for each in one.come:
        if isinstance(each, tuple) and each[0] == "rest":
            return each[1]
    one.come.add(("rest", rest))
    return rest


def limits_by_hand(one: Office) -> dict[str, date | None]:
    """The last day of every open case of a plain course, by another hand."""
    count, found = Count(one.config / "workdays"), dict[str, date | None]()
    with office.reading() as session:
        told = told_of(session)
        for row in session.exec(select(Application).where(Application.stage != Stage.CLOSED)):
            if is_plain(told[row.number]):
                try:
                    found[row.number] = last_day(told[row.number], count)
                except Unpublished:
                    found[row.number] = None
    return found


def packages_are_read(one: Office) -> None:
    """The data packages are read for a year whose notice is there: it stays as it is."""
    path = one.config / "workdays" / f"{one.year}.toml"
    if not path.exists():
        return
    before = path.read_bytes()
    status, said = machine.told(["calendar", "packages", str(one.year)])
    one.note(f"packages: {status}")
    if path.read_bytes() != before:
        one.surprises.append(f"{one.day} 读数据包时，已有的{one.year}年通知被换掉了：{said}")


def comes(one: Office, day: tuple[int, int]) -> bool:
    """Whether a day of the year has come, said once: the office may have been away on it."""
    come = one.day >= date(one.year, *day) and day not in one.come
    one.come |= {day} if come else set()
    return come


def after(one: Office, days: int, what: str) -> bool:
    """Whether so many days have passed since the beginning, said once of each thing that comes then."""
    come = one.day >= one.begins + days * DAY and ("after", what) not in one.come
    one.come |= {("after", what)} if come else set()
    return come


def added(path: Path, words: str) -> None:
    with path.open("a", encoding="utf-8") as listed:
        listed.write(words)
