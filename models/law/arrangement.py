"""How may a year be arranged whose notice is not out? Festival by festival, all that is plausible.

The rules stand in config/workdays/arrangement.toml with their reasons; here they are applied to
the statutory days of one year. Each festival is arranged independently of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from models.errors import ConfigFault
from models.law.notices import ARRANGEMENT, Arrangement, Festivals, Rule

DAY = timedelta(days=1)
SATURDAY, WEDNESDAY = 5, 2


@dataclass(frozen=True, slots=True)
class Option:
    """One way to arrange a festival: weekdays off (statutory ones included), weekends worked."""

    off: tuple[date, ...]
    work: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Festival:
    """A festival (or two that are joined) and the ways it may be arranged."""

    name: str
    options: tuple[Option, ...]

    def days(self) -> tuple[date, ...]:
        """Every day that one of the ways changes, in order."""
        return tuple(sorted({day for way in self.options for day in (*way.off, *way.work)}))

    def certain(self) -> Option:
        """What all ways have in common."""
        off = set.intersection(*(set(way.off) for way in self.options))
        work = set.intersection(*(set(way.work) for way in self.options))
        return Option(tuple(sorted(off)), tuple(sorted(work)))

    def doubtful(self) -> Festival:
        """The festival with what is left of each way beyond what all have in common."""
        same = self.certain()
        left = (
            Option(
                tuple(day for day in way.off if day not in same.off),
                tuple(day for day in way.work if day not in same.work),
            )
            for way in self.options
        )
        return Festival(self.name, tuple(left))


@dataclass(frozen=True, slots=True)
class _Block:
    """Days of rest in a row, first to last."""

    first: date
    last: date

    def days(self) -> Iterator[date]:
        return _span(self.first, self.last)

    def weekdays(self) -> tuple[date, ...]:
        return tuple(day for day in self.days() if day.weekday() < SATURDAY)

    def touches(self, other: _Block) -> bool:
        return self.first <= other.last + DAY and other.first <= self.last + DAY


@dataclass(frozen=True, slots=True)
class _Stay:
    """A festival before its make-up days are placed: its statutory days and possible blocks."""

    name: str
    rule: Rule
    entitled: int
    blocks: tuple[_Block, ...]


def plausible(year: int, festivals: Festivals, arrangement: Arrangement) -> tuple[Festival, ...]:
    """The ways in which the notice of a year may arrange its statutory days, by the rules."""
    stays = {
        name: _stay(name, days, arrangement.of(name, year)) for name, days in festivals.items()
    }
    for name, stay in list(stays.items()):
        other = stays.get(stay.rule.joins)
        if other is not None and other.blocks[0].touches(stay.blocks[0]):
            first = min(festivals[name][0], festivals[other.name][0])
            last = first + (stay.rule.days_joined - 1) * DAY
            stays[name] = _Stay(
                f"{name}、{other.name}",
                stay.rule,
                stay.entitled + other.entitled,
                (_Block(first, last),),
            )
            del stays[other.name]
    return tuple(
        Festival(stay.name, tuple(_options(stay, stays.values()))) for stay in stays.values()
    )


def _stay(name: str, days: tuple[date, ...], rule: Rule) -> _Stay:
    length = rule.days
    if rule.alone_on_wednesday and days[0].weekday() == WEDNESDAY:
        firsts, length = [days[0]], 1
    elif rule.begins == "first_day":
        firsts = [days[0]]
    elif rule.begins == "eve_or_first_day":
        firsts = [days[0] - DAY, days[0]]
    else:
        firsts = [_latest_of_fewest(days, length)]
    blocks = tuple(_Block(first, first + (length - 1) * DAY) for first in firsts)
    if any(len(block.weekdays()) < len(days) for block in blocks):
        raise ConfigFault(
            ARRANGEMENT, f"{name} days", f"放假{rule.days}天，少于法定节日{len(days)}天"
        )
    return _Stay(name, rule, len(days), blocks)


def _latest_of_fewest(days: tuple[date, ...], length: int) -> date:
    """First day of the row of `length` days round the statutory ones with the fewest make-ups."""
    firsts = list(_span(days[-1] - (length - 1) * DAY, days[0]))
    cost = {first: len(_Block(first, first + (length - 1) * DAY).weekdays()) for first in firsts}
    return max(first for first in firsts if cost[first] == min(cost.values()))


def _options(stay: _Stay, stays: Iterable[_Stay]) -> Iterator[Option]:
    elsewhere = {
        day
        for other in stays
        if other is not stay
        for block in other.blocks
        for day in block.days()
    }
    for block in stay.blocks:
        rest = elsewhere | set(block.days())
        off = block.weekdays()
        owed = len(off) - stay.entitled
        if stay.rule.makeups == "same_weekend":
            free = [day for day in (block.first - DAY, block.last + DAY) if _weekend(day)]
        else:
            free = [*_nearest(block.first, -DAY, rest), *_nearest(block.last, DAY, rest)]
        choices = list(combinations(free, owed))
        if not choices:
            raise ConfigFault(ARRANGEMENT, f"{stay.name} makeups", f"没有{owed}天周末可供上班")
        within = [work for work in choices if _longest_run(work, rest) <= stay.rule.longest_run]
        yield from (Option(off, work) for work in within or choices)


def _nearest(edge: date, step: timedelta, rest: set[date]) -> list[date]:
    """The days of the weekend nearest to the edge of a block that are not rest by a festival."""
    day = edge + step
    while not _weekend(day) or day in rest:
        day += step
    both = (day, day + step)
    return sorted(day for day in both if _weekend(day) and day not in rest)


def _longest_run(work: tuple[date, ...], rest: set[date]) -> int:
    """Working days in a row round the make-up days: the longest such row."""

    def busy(day: date) -> bool:
        return day in work or (not _weekend(day) and day not in rest)

    longest = 0
    for makeup in work:
        first = last = makeup
        while busy(first - DAY):
            first -= DAY
        while busy(last + DAY):
            last += DAY
        longest = max(longest, (last - first).days + 1)
    return longest


def _weekend(day: date) -> bool:
    return day.weekday() >= SATURDAY


def _span(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY
