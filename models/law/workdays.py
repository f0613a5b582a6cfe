"""Working days (工作日): Monday to Friday, with the rest and make-up days of the yearly notices.

The calendar is one immutable value. Where a year's notice is not out, the strict questions
(`is_workday`, `nth_workday`, `between`) raise CalendarNotPublished, and `reach` answers on the
safe side: the earliest day over all plausible arrangements of that year (models/law/arrangement.py),
`latest` the latest: whether the time of others is over.
Days of December belong to the next year's notice as far as that one may change them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from models.errors import CalendarNotPublished, ConfigFault, PeriodNotPositive
from models.law.arrangement import Festival, Option, plausible
from models.law.notices import (
    STATUTORY,
    Arrangement,
    Notice,
    Paper,
    Statutory,
    check_balance,
    read_arrangement,
    read_notices,
    read_statutory,
)
from models.words.days_told import written as written  # noqa: PLC0414 — named here by most rooms

DAY = timedelta(days=1)
WEEKEND = "周末"
AFTER_ALL = chr(0x10FFFF)  # sorts after the name of any holiday
PROVISIONAL = "（暂定）"
ASSUMED_REST, ASSUMED_WORK = "（暂按调休放假）", "（暂按调休上班）"


class Reach(NamedTuple):
    """The last day of a period; `awaits` = the years whose notice may still move it.

    Of `reach` it is never later than it will be once the notices are out, of `latest` never earlier.
    """

    day: date
    awaits: tuple[int, ...] = ()

    @property
    def provisional(self) -> bool:
        """Whether the day is 暂定."""
        return bool(self.awaits)

    @property
    def written(self) -> str:
        """As an officer reads it in a sentence: 2027年1月8日（暂定）."""
        return f"{written(self.day)}{PROVISIONAL if self.awaits else ''}"

    def __str__(self) -> str:
        return f"{self.day}{PROVISIONAL if self.awaits else ''}"


class Named(NamedTuple):
    """A day with the reason why it is off (国庆节, 周末) or worked (国庆节)."""

    day: date
    name: str


class Count(NamedTuple):
    """Working days of an interval under all plausible arrangements; equal where published."""

    fewest: int
    most: int


_FEWEST, _MOST = 0, 1  # bounds of a Count


class _Gap(NamedTuple):
    """A year without a notice: the days, from the first in December before, it may change."""

    first: date
    last: date
    year: int


class _Doubt(NamedTuple):
    """A festival of a gap that may be arranged in several ways, and the days this concerns."""

    first: date
    last: date
    festival: Festival


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Calendar:
    """Working days of the years in config/workdays; `Calendar.load(folder)` makes one."""

    notices: Mapping[int, Notice]
    _first: date
    _last: date
    _days: tuple[date, ...]  # working days, as far as they are certain
    _reach: tuple[Reach, ...]  # each of them as the certain end of a period
    _sure: int  # how many of them lie before any day that a notice may still change
    _set: frozenset[date]
    _until: Mapping[date, int]  # how many of them there are up to each day it knows, from the eve
    _open: date  # the first day that a notice may still change, or the first it does not know
    _off: tuple[Named, ...]  # days off, as far as they are certain
    _worked: tuple[Named, ...]  # weekend days worked, likewise
    _gaps: tuple[_Gap, ...]
    _doubts: tuple[_Doubt, ...]
    _sought: dict[tuple[date, int, int], Reach] = field(default_factory=dict)  # found in doubt

    @staticmethod
    def load(folder: Path, *, hide: Collection[int] = ()) -> Calendar:
        """The calendar of a folder of notices; `hide` = years to be taken as not published.

        Hiding a year also hides what its notice says of the December before. Raises ConfigFault
        with file and field where a file is wrong.
        """
        notices = {
            year: notice for year, notice in read_notices(folder).items() if year not in hide
        }
        if not any(notice.papers for notice in notices.values()):
            raise ConfigFault(folder.name, "YYYY.toml", "没有一年的放假安排可用")
        return _build(notices, read_statutory(folder), read_arrangement(folder))

    @property
    def first_year(self) -> int:
        """The first year with a notice."""
        return min(filter(self.published, self.notices))

    @property
    def last_year(self) -> int:
        """The last year with a notice."""
        return max(filter(self.published, self.notices))

    @property
    def last_day(self) -> date:
        """The last working day that it knows: after it not even the statutory days are listed."""
        return self.last_workday_by(self._last)

    def published(self, year: int) -> bool:
        """Whether the year's notice is out."""
        return bool(self.papers(year))

    def papers(self, year: int) -> tuple[Paper, ...]:
        """The notice of a year and its amendments, earliest first; none = not published."""
        return self.notices[year].papers if year in self.notices else ()

    def mark(self) -> str:
        """The same for the same working days and doubts, and no other: what a limit counts by."""
        return _mark(self)

    def version(self, year: int) -> str:
        """The dated version of the year's file, also of one that says there is no notice yet.

        Raises CalendarNotPublished where there is no file (or it is hidden).
        """
        if year not in self.notices:
            raise CalendarNotPublished(year)
        return self.notices[year].version

    def is_workday(self, day: date) -> bool:
        """Whether the day is a working day. Raises CalendarNotPublished."""
        self._settled(day - DAY, day)
        return day in self._set

    def nth_workday(self, start: date, n: int) -> date:
        """The n-th working day after `start`, which itself never counts (民法典201).

        Raises CalendarNotPublished as soon as one of the days counted is not settled.
        """
        if n < 1:
            raise PeriodNotPositive(n)
        if start < self._first - DAY:
            raise CalendarNotPublished(start.year)
        index = self._until.get(start, len(self._days)) + n - 1
        day = self._days[index] if index < len(self._days) else self._last + DAY
        self._settled(start, day)
        return day

    def between(self, start: date, end: date) -> int:
        """Working days in (start, end]; 0 where the end is not after the start.

        Raises CalendarNotPublished where one of the days is not settled.
        """
        if end <= start:
            return 0
        self._settled(start, end)
        return self._until[end] - self._until[start]

    def reach(self, start: date, n: int) -> Reach:
        """As `nth_workday`; where a notice is not out, the earliest day that it may turn out to be.

        For a period made of parts ask once for the sum: reach(d, a + b) is closer than
        reach(reach(d, a).day, b), though both are safe. Raises CalendarNotPublished where not
        even the statutory festival days are known.
        """
        last = self._until.get(start, self._sure) + n
        return (
            self._reach[last - 1]
            if n > 0 and last <= self._sure
            else self._reached(start, n, _MOST)
        )

    def last(self, start: date, n: int) -> date:
        """The day of `reach`, for whoever does not ask whether a notice may still move it."""
        last = self._until.get(start, self._sure) + n
        if n > 0 and last <= self._sure:
            return self._days[last - 1]
        return self._reached(start, n, _MOST).day

    def latest(self, start: date, n: int) -> Reach:
        """As `reach`, but the latest day that it may turn out to be.

        Only after it the time that others have is over, however the year is arranged.
        """
        last = self._until.get(start, self._sure) + n
        return (
            self._reach[last - 1]
            if n > 0 and last <= self._sure
            else self._reached(start, n, _FEWEST)
        )

    def _reached(self, start: date, n: int, bound: int) -> Reach:
        """The first day up to which there are n working days by a bound of Count."""
        if n < 1:
            raise PeriodNotPositive(n)
        until = self._until.get(start)
        if until is None:
            raise CalendarNotPublished(start.year)
        if until + n <= len(self._days):
            certain = self._reach[until + n - 1]
            if not self.awaits(start, certain.day):
                return certain
        if (start, n, bound) not in self._sought:
            self._sought[start, n, bound] = self._search(start, n, bound)
        return self._sought[start, n, bound]

    def _search(self, start: date, n: int, bound: int) -> Reach:
        """`_reached` where a notice may still change a day of the period."""
        if self._tally(start, self._last)[bound] < n:
            raise CalendarNotPublished(self._last.year + 1)
        days = range(start.toordinal() + 1, self._last.toordinal() + 1)
        at = bisect_left(days, n, key=lambda day: self._tally(start, date.fromordinal(day))[bound])
        day = date.fromordinal(days[at])
        return Reach(day, self.awaits(start, day))

    def count(self, start: date, end: date) -> Count:
        """Working days in (start, end] under the plausible arrangements; never raises in a gap."""
        if end <= start:
            return Count(0, 0)
        self._covered(start)
        self._covered(end)
        return self._tally(start, end)

    def used(self, start: date, end: date) -> int:
        """Working days used up in (start, end], on the safe side: as many as may turn out."""
        until = self._until.get(start)
        if until is not None and start <= end < self._open:
            return self._until[end] - until
        return self.count(start, end).most

    def last_workday_by(self, day: date) -> date:
        """The day itself or the last before it that is a working day under every arrangement."""
        self._covered(day)
        ways = (way for doubt in self._doubts for way in doubt.festival.options)
        doubtful = {off for way in ways for off in way.off}
        while day not in self._set or day in doubtful:
            day -= DAY
            self._covered(day)
        return day

    def before(self, day: date, n: int) -> date:
        """The latest working day with at least `n` working days after it up to `day`.

        Both hold under every plausible arrangement; n = 0 is `last_workday_by`.
        """
        self._covered(day)
        index = self._until[day] - 1 - n
        if index >= 0 and not self._near(self._days[index] - DAY, day):
            return self._days[index]
        found = self.last_workday_by(day)
        while self._tally(found, day).fewest < n:
            found = self.last_workday_by(found - DAY)
        return found

    def awaits(self, start: date, end: date) -> tuple[int, ...]:
        """The years whose notice may still change a day of (start, end]; none = all is settled."""
        if end < self._open:
            return ()
        return tuple(gap.year for gap in self._gaps if gap.first <= end and gap.last > start)

    def rest_days(self, start: date, end: date, *, fewest: bool = False) -> list[Named]:
        """The days off in (start, end], each with its holiday or 周末; assumed ones say so.

        In a gap they are those of the arrangement that `reach` and `used` count by; fewest = that
        `latest` counts by.
        """
        self._covered(start)
        self._covered(end)
        eve = self._first - DAY
        before = (start - eve).days - self._until[start]  # whatever is no working day
        certain = list(self._off[before : (end - eve).days - self._until[end]])
        if end < self._open:
            return certain
        off, work = self._assumed(start, end, fewest)
        kept = [one for one in certain if one.day not in off and one.day not in work]
        return sorted([*kept, *_within(_named(off), start, end)])

    def worked_weekends(self, start: date, end: date, *, fewest: bool = False) -> list[Named]:
        """The Saturdays and Sundays worked in (start, end], each with its holiday."""
        self._covered(start)
        self._covered(end)
        certain = _within(self._worked, start, end)
        if end < self._open:
            return certain
        _, work = self._assumed(start, end, fewest)
        return sorted([*certain, *_within(_named(work), start, end)])

    def _covered(self, day: date) -> None:
        if day not in self._until:
            raise CalendarNotPublished(day.year)

    def _settled(self, start: date, end: date) -> None:
        """Raise where a day of (start, end] lies outside the data or in a gap."""
        if start < self._first - DAY:
            raise CalendarNotPublished(start.year)
        for first, last, year in self._gaps:
            if first <= end and last > start:
                raise CalendarNotPublished(year)
        if end > self._last:
            raise CalendarNotPublished(self._last.year + 1)

    def _near(self, start: date, end: date) -> list[Festival]:
        """The doubtful festivals that may change a day of (start, end]."""
        if end < self._open:
            return []
        return [one.festival for one in self._doubts if one.first <= end and one.last > start]

    def _tally(self, start: date, end: date) -> Count:
        """Festivals are arranged independently: the extremes of the sum are sums of extremes."""
        fewest = most = self._until[end] - self._until[start]
        for festival in self._near(start, end):
            changes = [_change(way, start, end) for way in festival.options]
            fewest, most = fewest + min(changes), most + max(changes)
        return Count(fewest, most)

    def _assumed(
        self, start: date, end: date, fewest: bool
    ) -> tuple[dict[date, str], dict[date, str]]:
        """Days off and worked that are not certain, in the arrangement with most working days, or
        fewest.
        """
        off: dict[date, str] = {}
        work: dict[date, str] = {}
        for festival in self._near(start, end):
            extreme = min if fewest else max
            way = extreme(festival.options, key=lambda way: _change(way, start, end))
            off.update(dict.fromkeys(way.off, festival.name + ASSUMED_REST))
            work.update(dict.fromkeys(way.work, festival.name + ASSUMED_WORK))
        return off, work


@lru_cache(maxsize=8)
def _mark(calendar: Calendar) -> str:
    parts = (calendar._days, calendar._gaps, calendar._doubts)
    return sha256(repr(parts).encode()).hexdigest()


def _named(days: Mapping[date, str]) -> tuple[Named, ...]:
    return tuple(Named(day, days[day]) for day in sorted(days))


def _within(days: tuple[Named, ...], start: date, end: date) -> list[Named]:
    """Those in (start, end] of some days in order."""
    after = bisect_right(days, (start, AFTER_ALL))
    return list(days[after : bisect_right(days, (end, AFTER_ALL), lo=after)])


def _days(start: date, end: date) -> Iterator[date]:
    while start < end:
        start += DAY
        yield start


def _change(way: Option, start: date, end: date) -> int:
    """Working days that a way of arranging adds to (start, end], less those it takes away."""
    added = sum(start < day <= end for day in way.work)
    return added - sum(start < day <= end for day in way.off)


def _build(notices: dict[int, Notice], statutory: Statutory, rules: Arrangement) -> Calendar:
    rest: dict[date, str] = {}
    work: dict[date, str] = {}
    gaps: list[_Gap] = []
    doubts: list[_Doubt] = []
    first_year = min(year for year, notice in notices.items() if notice.papers)
    last_year = max(statutory.years)
    for year in range(first_year, max(last_year, *notices) + 1):
        if year not in statutory.years:
            raise ConfigFault(STATUTORY, f"years.{year}", f"应列出{year}年的法定节日")
        for name in statutory.years[year]:
            rules.of(name, year)
    for year in range(first_year, last_year + 2):
        # The year after the last is there for what its New Year's Day may change in December.
        festivals = statutory.years.get(year, {"元旦": (date(year, 1, 1),)})
        if year in notices and notices[year].papers:
            _take(notices[year], festivals, rest, work)
            if notices[year].papers[0].number:  # without one amendments may be in it (holiday-cn)
                check_balance(f"{year}.toml", notices[year], statutory)
            continue
        ways = plausible(year, festivals, rules)
        changed = min(way.days()[0] for way in ways)
        gaps.append(_Gap(min(changed, date(year, 1, 1)), date(year, 12, 31), year))
        for way in ways:
            certain, doubtful = way.certain(), way.doubtful()
            rest.update(dict.fromkeys(certain.off, way.name + ASSUMED_REST))
            work.update(dict.fromkeys(certain.work, way.name + ASSUMED_WORK))
            if days := doubtful.days():
                doubts.append(_Doubt(days[0], days[-1], doubtful))
        for name, festival in festivals.items():
            rest.update(dict.fromkeys(festival, name))
    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    workdays = tuple(
        day
        for day in _days(first - DAY, last)
        if day in work or (day.weekday() < 5 and day not in rest)
    )
    settled = frozenset(workdays)
    every = list(_days(first - DAY, last))
    numbered = accumulate(day in settled for day in every)
    changing = min([*(gap.first for gap in gaps), last + DAY])
    return Calendar(
        notices=notices,
        _first=first,
        _last=last,
        _days=workdays,
        _reach=tuple(map(Reach, workdays)),
        _sure=bisect_left(workdays, changing),
        _set=settled,
        _until={first - DAY: 0} | dict(zip(every, numbered, strict=True)),
        _open=changing,
        _off=_named({day: rest.get(day, WEEKEND) for day in every if day not in settled}),
        _worked=_named(work),
        _gaps=tuple(gaps),
        _doubts=tuple(doubts),
    )


def _take(
    notice: Notice,
    festivals: Mapping[str, tuple[date, ...]],
    rest: dict[date, str],
    work: dict[date, str],
) -> None:
    """Enter a year's notice; it must agree with the December before it and with the law."""
    file = f"{notice.year}.toml"
    for holiday in notice.holidays():
        for day in (*holiday.rest_days(), *holiday.work):
            if day.year < notice.year and (day in rest or day in work):
                raise ConfigFault(file, holiday.name, f"{day} 与{day.year}年的通知重复")
        rest.update(dict.fromkeys(holiday.rest_days(), holiday.name))
        work.update(dict.fromkeys(holiday.work, holiday.name))
    for name, days in festivals.items():
        for day in days:
            if day in work or (day.weekday() < 5 and day not in rest):
                raise ConfigFault(file, name, f"法定节日 {day} 未列入放假日期")
