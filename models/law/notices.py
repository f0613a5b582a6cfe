"""What the law and the State Council's yearly notices say of rest and working days (放假办法).

Read from config/workdays: `YYYY.toml` (the year's notice and its amendments), `statutory.toml`
(festival days by law, also of years without a notice), `arrangement.toml` (how a notice that is
not out may arrange them). Every fault names file and field.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import ConfigFault
from models.law.config_rows import read_toml

Day = Annotated[date, Field(strict=True)]
DAY = timedelta(days=1)
STATUTORY, ARRANGEMENT = "statutory.toml", "arrangement.toml"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Holiday(_Entry):
    """One holiday as a notice arranges it: rest from the first to the last day, weekends worked."""

    name: str
    rest: tuple[Day, Day]
    work: tuple[Day, ...]

    def rest_days(self) -> Iterator[date]:
        day, last = self.rest
        while day <= last:
            yield day
            day += DAY


class Paper(_Entry):
    """One notice of the State Council's General Office: number, title, dates, source."""

    number: str
    title: str
    dated: Day
    published: Day
    url: str
    holidays: tuple[Holiday, ...]


class Notice(_Entry):
    """A year's notice with its amendments, earliest first; no papers = not published."""

    year: int
    version: str
    papers: tuple[Paper, ...]

    def holidays(self) -> tuple[Holiday, ...]:
        """The arrangement in force: a later paper replaces the earlier one's same holiday."""
        named = {holiday.name: holiday for paper in self.papers for holiday in paper.holidays}
        return tuple(named.values())


class Law(_Entry):
    """An edition of 全国年节及纪念日放假办法: how many days all citizens have off in a year."""

    title: str
    number: str
    dated: Day
    from_year: int
    to_year: int | None = None
    days: int


class Rule(_Entry):
    """How festivals are arranged as a rule; the fields are explained in arrangement.toml."""

    festivals: tuple[str, ...]
    from_year: int
    to_year: int | None = None
    days: int
    begins: Literal["first_day", "eve_or_first_day", "fewest_makeups"]
    alone_on_wednesday: bool = False
    joins: str = ""
    days_joined: int = 0
    makeups: Literal["same_weekend", "nearest_weekends"]
    longest_run: int
    reason: str
    source: str


Festivals = dict[str, tuple[date, ...]]


class Statutory(_Entry):
    """statutory.toml: the editions of the law and the festival days of each year."""

    version: str
    law: tuple[Law, ...]
    years: dict[int, dict[str, tuple[Day, ...]]]


class Arrangement(_Entry):
    """arrangement.toml: the rules, each for its years."""

    version: str
    rule: tuple[Rule, ...]

    def of(self, festival: str, year: int) -> Rule:
        """The one rule for a festival in a year."""
        found = [
            rule
            for rule in self.rule
            if festival in rule.festivals and _covers(rule.from_year, rule.to_year, year)
        ]
        if len(found) != 1:
            raise ConfigFault(ARRANGEMENT, festival, f"{year}年应恰有一条规律，现有{len(found)}条")
        return found[0]


M = TypeVar("M", bound=BaseModel)


def read_notices(folder: Path) -> dict[int, Notice]:
    """The notices by year; a year whose file has no papers is there, unpublished."""
    notices = {}
    for path in sorted(folder.glob("[0-9][0-9][0-9][0-9].toml")):
        notice = _read(path, Notice)
        _check(path.name, notice)
        notices[notice.year] = notice
    if not any(notice.papers for notice in notices.values()):
        raise ConfigFault(folder.name, "YYYY.toml", "至少应有一年的放假安排")
    return notices


def read_notice(path: Path) -> Notice:
    """One year's notice from a file of whatever name."""
    notice = _read(path, Notice)
    _check(f"{notice.year}.toml", notice)
    return notice


def read_statutory(folder: Path) -> Statutory:
    """The festival days by law, checked against the number of days its edition gives."""
    statutory = _read(folder / STATUTORY, Statutory)
    for year, festivals in statutory.years.items():
        laws = [law for law in statutory.law if _covers(law.from_year, law.to_year, year)]
        total = sum(len(days) for days in festivals.values())
        if len(laws) != 1 or laws[0].days != total:
            raise ConfigFault(
                STATUTORY, f"years.{year}", f"列有{total}天，与放假办法规定的天数不符"
            )
        for name, days in festivals.items():
            if not days or any(day.year != year for day in days):
                raise ConfigFault(STATUTORY, f"years.{year}.{name}", f"应为{year}年的日期")
    return statutory


def read_arrangement(folder: Path) -> Arrangement:
    """The rules by which a notice that is not out yet may arrange the year."""
    return _read(folder / ARRANGEMENT, Arrangement)


def _covers(first: int, last: int | None, year: int) -> bool:
    return first <= year and (last is None or year <= last)


def _read(path: Path, kind: type[M]) -> M:
    try:
        return kind.model_validate(read_toml(path))
    except ValidationError as fault:
        first = fault.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "全文"
        raise ConfigFault(path.name, where, first["msg"]) from None


def check_year(file: str, year: int) -> None:
    """Raise ConfigFault unless it is a year that a notice can be of."""
    if not 1950 <= year <= 2100:
        raise ConfigFault(file, "year", f"{year} 不是放假安排的年份")


def check_balance(file: str, notice: Notice, statutory: Statutory) -> None:
    """Raise ConfigFault unless the weekdays off, less the weekends worked, are as many as the law
    gives: so in every notice since 2018. An amendment may give more (2020-01-27: two).
    """
    for law in statutory.law:
        if not notice.papers or not _covers(law.from_year, law.to_year, notice.year):
            continue
        first = notice.papers[0].holidays
        off = sum(day.weekday() < 5 for holiday in first for day in holiday.rest_days())
        work = sum(len(holiday.work) for holiday in first)
        if off - work != law.days:
            raise ConfigFault(
                file,
                "papers.0",
                f"周一至周五放假{off}天、周六周日上班{work}天，相抵{off - work}天，"
                f"放假办法规定的是{law.days}天，请与通知核对",
            )


def _check(file: str, notice: Notice) -> None:
    """A notice governs its year and December before it; rest and work never meet."""
    check_year(file, notice.year)
    if file != f"{notice.year}.toml":
        raise ConfigFault(file, "year", f"应与文件名一致，现为 {notice.year}")
    earliest, latest = date(notice.year - 1, 12, 1), date(notice.year, 12, 31)
    for number, paper in enumerate(notice.papers):
        names = [holiday.name for holiday in paper.holidays]
        for holiday in paper.holidays:
            where = f"papers.{number}.{holiday.name}"
            if names.count(holiday.name) > 1:
                raise ConfigFault(file, where, "同一份通知中列了两次")
            if holiday.rest[0] > holiday.rest[1]:
                raise ConfigFault(file, f"{where}.rest", "首日不得晚于末日")
            for day in (*holiday.rest, *holiday.work):
                if not earliest <= day <= latest:
                    raise ConfigFault(file, where, f"{day} 不在{notice.year}年（或上年12月）")
            for day in holiday.work:
                if day.weekday() < 5:
                    raise ConfigFault(file, f"{where}.work", f"{day} 不是周六、周日")
    seen: dict[date, str] = {}
    for holiday in notice.holidays():
        for day in (*holiday.rest_days(), *holiday.work):
            if day in seen:
                raise ConfigFault(file, holiday.name, f"{day} 与{seen[day]}的安排重复")
            seen[day] = holiday.name
