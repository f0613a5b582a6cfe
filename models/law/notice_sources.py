"""Do the data packages agree on a year's rest and working days? Read, compared, made a notice.

chinesecalendar knows the years it has and says so of others. `holidays` answers for every year,
with the statutory days alone where it has no notice: a year without a single 调休 is none it has.
Names in the packages are English; the notice's are Chinese.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from itertools import groupby

import chinese_calendar
import holidays
from chinese_calendar.constants import holidays as named_off
from chinese_calendar.constants import workdays as named_worked

from models.law.notices import Holiday, Notice, Paper
from models.law.workdays import DAY

FESTIVALS = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
}
PACKAGES = ("chinesecalendar", "holidays")
WORKED, OFF = "上班", "休息"


@dataclass(frozen=True)
class Difference:
    """A day that two sources tell differently: source → 上班 or 休息."""

    day: date
    said: Mapping[str, str]

    @property
    def sentence(self) -> str:
        """The day and who says what, as an officer reads it."""
        return f"{self.day}　" + "，".join(f"{who}：{what}" for who, what in self.said.items())


def days_of(year: int) -> Iterator[date]:
    """The days a year's notice arranges: the year, and December before."""
    day = date(year - 1, 12, 1)
    while day.year <= year:
        yield day
        day += DAY


def by_package(year: int) -> dict[str, dict[date, bool]]:
    """Whether each day of a year is worked, by package; only packages that have the year."""
    found = {}
    if any(day.year == year for day in named_worked):
        found[PACKAGES[0]] = {day: chinese_calendar.is_workday(day) for day in days_of(year)}
    china = holidays.country_holidays("CN", years=[year - 1, year])
    if any(day.year == year for day in china.weekend_workdays):
        found[PACKAGES[1]] = {day: china.is_working_day(day) for day in days_of(year)}
    return found


def differences(sources: Mapping[str, Mapping[date, bool]]) -> list[Difference]:
    """The days on which the sources do not all say the same."""
    every = [set(days) for days in sources.values()]
    shared = sorted(set.intersection(*every)) if every else []
    found = []
    for day in shared:
        said = {who: WORKED if days[day] else OFF for who, days in sources.items()}
        if len(set(said.values())) > 1:
            found.append(Difference(day, said))
    return found


def worked_by(notice: Notice, december: Mapping[date, bool]) -> dict[date, bool]:
    """Whether each day of a notice's year is worked, by the notice.

    december = what is known of the December before, where the notice says nothing of it
    """
    off = {day for holiday in notice.holidays() for day in holiday.rest_days()}
    worked = {day for holiday in notice.holidays() for day in holiday.work}
    return {
        day: december.get(day, day.weekday() < 5)
        if day.year < notice.year and day not in off | worked
        else day in worked or (day.weekday() < 5 and day not in off)
        for day in days_of(notice.year)
    }


def from_packages(year: int, on: date) -> Notice:
    """The year as the packages have it, as a notice to be checked against the published one."""
    off = {day: FESTIVALS[name] for day, name in named_off.items() if _of_notice(day, year)}
    work = {day: FESTIVALS[name] for day, name in named_worked.items() if _of_notice(day, year)}
    source = "、".join(f"{name} {version(name)}" for name in PACKAGES)
    return notice_of(year, on, f"据数据包 {source} 录入，请与国务院办公厅的通知核对", "", off, work)


def _of_notice(day: date, year: int) -> bool:
    """Whether a day that is arranged stands in a year's notice: its December is the next one's."""
    return day.year == (year - 1 if day.month == 12 else year)


def notice_of(
    year: int, on: date, title: str, url: str, off: Mapping[date, str], work: Mapping[date, str]
) -> Notice:
    """A notice from its days off and its weekend days worked, each with its holiday."""
    blocks = [Holiday(name=name, rest=rest, work=()) for name, rest in _blocks(off)]
    of = {day: _made_up_for(day, work[day], blocks) for day in sorted(work)}
    arranged = [
        block.model_copy(update={"work": tuple(day for day in of if of[day] is block)})
        for block in blocks
    ]
    paper = Paper(number="", title=title, dated=on, published=on, url=url, holidays=tuple(arranged))
    return Notice(year=year, version=on.isoformat(), papers=(paper,))


def _made_up_for(day: date, name: str, blocks: Sequence[Holiday]) -> Holiday:
    """The days off that a weekend day is worked for: the nearest of its name, else the nearest."""
    named = [block for block in blocks if name in block.name]
    return min(named or blocks, key=lambda block: min(abs(day - end) for end in block.rest))


def _blocks(off: Mapping[date, str]) -> Iterator[tuple[str, tuple[date, date]]]:
    """Days off in a row: the holidays they are of, first and last day."""
    runs = groupby(enumerate(sorted(off)), key=lambda one: one[1].toordinal() - one[0])
    for _, run in runs:
        days = [day for _, day in run]
        yield "、".join(dict.fromkeys(off[day] for day in days)), (days[0], days[-1])


def as_toml(notice: Notice) -> str:
    """A notice as config/workdays holds it."""
    lines = [
        f"# {notice.year}年节假日安排。后发的通知对同名节日的安排，代替先发的安排。",
        f"year = {notice.year}",
        f'version = "{notice.version}"',
    ]
    for paper in notice.papers:
        lines += ["", "[[papers]]"]
        lines += [f"{name} = {_quoted(getattr(paper, name))}" for name in ("number", "title")]
        lines += [f"dated = {paper.dated}", f"published = {paper.published}"]
        lines.append(f"url = {_quoted(paper.url)}")
        for holiday in paper.holidays:
            work = ", ".join(map(str, holiday.work))
            first, last = holiday.rest
            lines += ["", "[[papers.holidays]]", f"name = {_quoted(holiday.name)}"]
            lines += [f"rest = [{first}, {last}]", f"work = [{work}]"]
    return "\n".join(lines) + "\n"


def _quoted(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
