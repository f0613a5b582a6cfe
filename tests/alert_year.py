"""A year of alerts, replayed: what happened in the cases, what broke, and who was told what.

The cases are played first, act by act; then the same year is lived through with every trouble in
turn. What should have been told is worked out here on its own, by walking day by day through the
working days: it shares with the product the law (models/duties/duties.py) and the figures of alerts.toml,
and nothing of how alerts are found, kept and sent.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from histories import CONFIG, HEAD, LAW, History

from models.acts import catalogue
from models.case.case import Case
from models.case.stage import Stage
from models.duties.duties import Duty, duties
from models.errors import ActRefused
from models.law.statute import Statute
from models.law.workdays import Calendar
from models.store.tables import Event

DAY = timedelta(days=1)
POSTED = ("ems", "registered")  # nobody in these cases says when the applicant had the reply
YEAR = 2025
FIRST, LAST = date(YEAR, 1, 2), date(YEAR, 12, 31)
SWEEP, DIGESTS, ACTS = time(8), time(9, 45), time(10)  # every clock shows office hours at 9:45
LATER, EVENING = time(11), time(17)
NIGHT, MIDNIGHT = time(23, 30), time(0, 30)
BEATS = (MIDNIGHT, SWEEP, DIGESTS, LATER, EVENING, NIGHT)  # when the scheduler does something


class Key(NamedTuple):
    """An alert that is owed: case, kind and threshold of the duty, its last day."""

    case: str
    kind: str
    ref: str
    left: int
    version: date


def played(
    cases: int, seed: int, first: date = FIRST, last: date = LAST
) -> dict[date, list[Event]]:
    """What was recorded on each day of the year, in the order it was."""
    chance = Random(f"{cases} {seed}")
    workdays = [day for day in _days(first, last) if LAW.calendar.is_workday(day)]
    found: dict[date, list[Event]] = defaultdict(list)
    for n, received in enumerate(sorted(chance.choices(workdays, k=cases))):
        history = History(received, "in_person" if chance.random() < 0.8 else "email")
        _Life(history, chance).lived()
        for event in history.events:
            event.case_number = f"SQ{YEAR}{n:05d}"
            found[event.recorded_on].append(event)
    return found


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY


@dataclass
class _Life:
    """One application: slow or quick, with corrections, consultations, fees and extensions."""

    history: History
    chance: Random

    def later(self, fewest: int, most: int) -> None:
        days, history = self.chance.randint(fewest, most), self.history
        history.today = LAW.calendar.reach(history.today, days).day if days else history.today

    def happens(self, rate: float) -> bool:
        return self.chance.random() < rate

    def did(self, kind: str, **answer: object) -> bool:
        """Do an act if the law allows it now."""
        try:
            self.history.usual(kind, **answer)
        except ActRefused:
            return False
        return True

    def lived(self) -> None:
        """All of it, or as far as it goes."""
        if self.history.case.channel == "email":
            self.later(0, 4)
        self.did("received", delay="系统故障")
        self.later(0, 4)
        if self._corrected():
            self.did("found_ours")
            self._consulted()
            if self._paid():
                self._answered()

    def _corrected(self) -> bool:
        if not self.happens(0.15) or not self.did("correction_requested"):
            return True
        self.later(1, 16)
        if self.happens(0.2):
            return False  # never corrected, and nobody decides
        self.did("corrected", late_reason="邮路延误")
        self.later(0, 3)
        return True

    def _consulted(self) -> None:
        if not self.happens(0.2):
            return
        self.later(0, 8)
        if self.did("consultation_started"):
            self.later(1, 4)
            if self.happens(0.8):
                self.did("consultation_delivered")
            self.later(1, 18)
            if self.happens(0.7):
                self.did("consultation_ended")

    def _paid(self) -> bool:
        if not self.happens(0.05) or not self.did("fee_noticed"):
            return True
        self.later(1, 3)
        self.did("fee_notice_delivered")
        self.later(1, 25)
        return self.did("fee_paid")

    def _answered(self) -> None:
        calendar, chance = LAW.calendar, self.chance
        if (last := self._last_day()) is None:
            return
        if self.happens(0.15):
            self._wait_for(calendar.before(last, chance.randint(0, 5)))
            self.did("extended", officer=HEAD, days=chance.randint(3, 20))
            last = self._last_day() or last
        fate = chance.random()
        if fate < 0.55:
            self._wait_for(calendar.before(last, chance.randint(2, 12)))
        elif fate < 0.8:
            self._wait_for(calendar.before(last, chance.randint(0, 1)))
        else:
            self._wait_for(calendar.reach(last, chance.randint(1, 12)).day)
        try:
            self.history.draft("granted").usual("approved", officer=HEAD)
            self.history.usual("signed", officer="局长").usual("replied")
        except ActRefused:
            return

    def _last_day(self) -> date | None:
        limit = self.history.case.deadline(LAW)
        return limit.last_day if limit else None

    def _wait_for(self, day: date) -> None:
        self.history.today = max(self.history.today, day)


@dataclass
class Trouble:
    """What goes wrong in a year: the machine is off, runs twice, its clock is off, the notice changes."""

    name: str
    off: frozenset[date] = frozenset()
    at_once: int = 1
    clock: timedelta = timedelta(0)
    before: Statute = LAW  # the rules until `changed`
    changed: date = FIRST

    def law(self, on: date) -> Statute:
        return self.before if on < self.changed else LAW


def troubles(amended: Calendar) -> list[Trouble]:
    """Perfect uptime, and everything the year may bring; `amended` = the notice before its change."""
    single = frozenset({date(YEAR, 3, 12), date(YEAR, 6, 20), date(YEAR, 9, 2)})
    before = LAW.with_calendar(amended)
    national = _days(date(YEAR, 10, 8), date(YEAR, 10, 11))  # the first days of work after it
    return [
        Trouble("nothing goes wrong"),
        Trouble("off on three single days", single),
        Trouble("off for four days over National Day", frozenset(national)),
        Trouble("every sweep run twice at once", at_once=2),
        Trouble("clock an hour fast", clock=timedelta(hours=1)),
        Trouble("clock an hour slow", clock=timedelta(hours=-1)),
        Trouble("notice changed in mid-year", before=before, changed=date(YEAR, 9, 15)),
    ]


@dataclass
class World:
    """The cases as they stand, and since when each of their duties has been there."""

    cases: dict[str, Case] = field(default_factory=dict)
    since: dict[str, dict[tuple[str, str, date], date]] = field(default_factory=dict)
    open: dict[str, tuple[Duty, ...]] = field(default_factory=dict)

    def happen(self, event: Event, law: Statute) -> Case:
        case = self.cases.setdefault(event.case_number, Case(event.case_number))
        catalogue.apply(case, event)
        self._look(case, law, event.recorded_on)
        if event.kind == "replied" and event.facts["delivery"] in POSTED:
            letter = case.reply_letter()
            assert letter is not None
            self.open[case.number] = (Duty("service", event.on, ref=letter.number),)
            self.since[case.number] = {("service", letter.number, event.on): event.recorded_on}
        return case

    def new_rules(self, law: Statute, on: date) -> None:
        for number in list(self.open):
            if self.cases[number].stage is not Stage.CLOSED:
                self._look(self.cases[number], law, on)

    def _look(self, case: Case, law: Statute, on: date) -> None:
        owed = duties(case, law)
        known = self.since.get(case.number, {})
        keys = [(one.kind, one.ref, one.due) for one in owed]
        self.since[case.number] = {key: known.get(key, on) for key in keys}
        self.open[case.number] = owed
        if case.stage is Stage.CLOSED:
            del self.open[case.number]


class Oracle:
    """Which alerts are owed by a day, found by walking through the days."""

    def __init__(self, law: Statute) -> None:
        self.law = law
        self.worked = [
            day
            for day in _days(date(2024, 11, 1), date(2026, 6, 30))
            if law.calendar.is_workday(day)
        ]
        self.made: dict[tuple[str, date], list[tuple[int, date]]] = {}

    def days(self, kind: str, due: date) -> list[tuple[int, date]]:
        """Threshold and day of every alert of a duty, earliest first."""
        if (kind, due) not in self.made:
            rule = self.law.alerts[kind]
            before = [day for day in self.worked if day <= due][::-1]
            over = [day for day in self.worked if day > due]
            found = [(n, before[n]) for n in rule.before]
            found += [(0, before[0])] if rule.on_day else []
            wanted = set(rule.after)
            last = max(rule.after, default=0)
            if rule.every:
                wanted |= set(range(last + rule.every, len(over), rule.every))
            found += [(-n, over[n - 1]) for n in sorted(wanted)]
            self.made[kind, due] = sorted(found, key=lambda one: (one[1], -one[0]))
        return self.made[kind, due]

    def owed(self, world: World, today: date) -> Iterator[Key]:
        """Every alert owed by today of a duty that is there."""
        for number, owing in world.open.items():
            for duty in owing:
                since = world.since[number][duty.kind, duty.ref, duty.due]
                passed = [one for one in self.days(duty.kind, duty.due) if one[1] <= today]
                early = [left for left, day in passed if day < since]
                fresh = [one for one in passed if one[1] >= since]
                if early and not (fresh and fresh[0][1] == since):
                    fresh = [(early[-1], since), *fresh]
                for left, _ in fresh:
                    yield Key(number, duty.kind, duty.ref, left, duty.due)


@dataclass
class Score:
    """What became of the alerts that were owed.

    owed = with the first morning of work on which it could be told
    unheard = settled before the machine was on again: nobody could be told
    """

    owed: dict[Key, date] = field(default_factory=dict)
    told: dict[Key, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    unheard: set[Key] = field(default_factory=set)
    rest: int = 0
    messages: int = 0

    def missed(self, kinds: Sequence[str]) -> int:
        return sum(
            k.kind in kinds and k not in self.told and k not in self.unheard for k in self.owed
        )

    def doubled(self, kinds: Sequence[str]) -> int:
        return sum(len(at) - 1 for key, at in self.told.items() if key.kind in kinds)

    def late(self, kinds: Sequence[str]) -> int:
        """Told, but after the first day it could have been: what an outage costs, made up for."""
        return sum(
            k.kind in kinds and self.told[k][0].date() > day
            for k, day in self.owed.items()
            if k in self.told
        )

    def unfounded(self, kinds: Sequence[str]) -> int:
        """Told, though it was not owed."""
        return sum(key.kind in kinds and key not in self.owed for key in self.told)


class Policy:
    """A way to alert: `act` sees what the day brings, `beat` does what a scheduler does at a time."""

    def happen(self, event: Event, case: Case, law: Statute) -> None: ...

    def beat(self, at: time, clock: datetime, law: Statute, copies: int) -> None: ...

    told: Callable[[Key], None]  # says that an alert was told just now


def live(
    year: dict[date, list[Event]],
    trouble: Trouble,
    policy: Policy,
    first: date = FIRST,
    last: date = LAST,
) -> Score:
    """Live through the year with one trouble and one policy."""
    world, score = World(), Score()
    oracles = {id(trouble.before): Oracle(trouble.before), id(LAW): Oracle(LAW)}
    now = datetime.combine(first, MIDNIGHT)

    def told(key: Key) -> None:
        score.told[key].append(now)
        score.rest += not LAW.calendar.is_workday(now.date())

    policy.told = told  # type: ignore[method-assign]
    for day in _days(first, last):
        law = trouble.law(day)
        if day == trouble.changed and trouble.before is not LAW:
            world.new_rules(law, day)
        oracle = oracles[id(law)]
        up, worked = day not in trouble.off, LAW.calendar.is_workday(day)
        for at in sorted([*BEATS, ACTS]):
            now = datetime.combine(day, at)
            if at == ACTS:
                for event in year.get(day, ()):
                    policy.happen(event, world.happen(event, law), law)
                continue
            if worked and at == DIGESTS:
                for key in oracle.owed(world, day):
                    if key not in score.owed:
                        score.owed[key] = day
                        score.unheard.add(key)
                    if up:
                        score.unheard.discard(key)
            if up:
                policy.beat(at, now + trouble.clock, law, trouble.at_once)
    return score


def twice(copies: int, work: Callable[[], object]) -> None:
    """Do the same so many times at once."""
    if copies == 1:
        work()
        return
    with ThreadPoolExecutor(copies) as pool:
        for done in [pool.submit(work) for _ in range(copies)]:
            done.result()


def amended(folder: Path) -> Calendar:
    """The calendar before the year's notice was amended (as 2019-03-22 and 2020-01-27 were)."""
    shutil.copytree(CONFIG / "workdays", folder, dirs_exist_ok=True)
    path = folder / f"{YEAR}.toml"
    content = path.read_text(encoding="utf-8")
    before = content.replace("work = [2025-09-28, 2025-10-11]", "work = [2025-10-12, 2025-10-18]")
    assert before != content
    path.write_text(before, encoding="utf-8")
    return Calendar.load(folder)
