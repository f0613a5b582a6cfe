"""One office for one year: who works there, what comes in, what goes wrong, drawn by a seed.

Everything of the product is real but Prefect and the clock: acts, register, letters on disk, sweep,
alerts, the desk put right, backup. The year ends with the faults off: whoever looks finds an office
in order, or a fault of ours.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from flows import office
from flows.keeping import letting_go
from flows.morning import outbox, sweep
from flows.path import desk
from flows.server.desk_check import DeskCheck
from models.report_tables.table3 import Table3
from models.soundness.clock import ClockWentBack
from models.year.year_figures import tables_of
from tests.office_year import courses, happenings, machine, people, signed_year
from tests.office_year.disk import Disk
from tests.office_year.fake_desk import FakeDesk
from tests.office_year.faults import Power, PowerCut
from tests.office_year.machine import Trouble, with_trouble
from tests.office_year.messages import Services
from tests.office_year.people import Accepted, Offered

DAY = timedelta(days=1)
MORNING, NOON, EVENING = time(8, 5), time(10, 30), time(16, 40)
WHOLE_YEAR = 300  # days from which on a year has every part of the world
NUMBER = len("SQ202500001")
OFTEN, SELDOM = 0.4, 0.15
USUAL = (
    "courses",
    "drawer",
    "one code",
    "titles",
    "late notice",
    "there and back",
    "by correction",
)
DRILLS = ("signed year", "new release", "reports", "damage", "restoring", "hidden character")
PARTS = {**dict.fromkeys(USUAL, OFTEN), **dict.fromkeys((*DRILLS, "packages"), SELDOM)}
"""What an office may have beside its usual year, and how many short ones have it, by their seeds: what
costs as much as days of it comes seldom."""
DRAWN = ("power", "desk_lost", "clock_back", "clock_ahead", "away", "behind")
MORE = (0.4, 1, 1, 1.6)


@dataclass(frozen=True)
class Rates:
    """How often what goes wrong, in a beat of the day."""

    power: float = 0.15
    desk_lost: float = 0.004
    clock_back: float = 0.03
    clock_ahead: float = 0.005
    paper: float = 0.1
    away: float = 0.02
    behind: float = 0.1  # the worker comes to an answer only on the next day
    course: float = 0.15
    courses: int = 1  # that are taken on purpose at most, for each case that comes by itself
    drawer: float = 0.05
    noon: float = 0.3  # the scheduler looks at noon: mostly once a day is enough
    at_rest: float = 0.3  # the machine is on, though nobody works that day
    report: float = 0.35  # of the days on which a report of the year so far is asked for

    def drawn(self, chance: Random) -> Rates:
        """What a year has of each fault: one office has old machines, another a clock that runs away."""
        return replace(self, **{one: getattr(self, one) * chance.choice(MORE) for one in DRAWN})

    def of_weeks(self) -> Rates:
        """What a few weeks have of what is rare in a year: more of it."""
        return replace(
            self,
            course=0.7,
            courses=2,
            noon=1.0,
            at_rest=1.0,
            report=1.0,
            drawer=0.1,
            clock_back=0.08,
        )


@dataclass
class Office:
    """The office, its day, and what has been promised to whom."""

    home: Path
    year: int
    seed: int
    cases: int
    days: int = 365
    rates: Rates = field(default_factory=Rates)
    only: frozenset[str] | None = None  # the parts that it is to have, instead of those of its seed

    def __post_init__(self) -> None:
        self.chance = Random(f"{self.year} {self.seed} {self.cases}")
        drawn = Random(f"parts {self.seed}")
        whole = self.days >= WHOLE_YEAR
        has = {part: drawn.random() < rate for part, rate in PARTS.items()}
        self.parts = frozenset(part for part in PARTS if whole or has[part])
        rates = Random(f"rates {self.seed}")
        self.rates = self.rates.drawn(rates) if whole else self.rates.of_weeks()
        if self.only is not None:
            self.parts = self.only
        self.power = Power(Random(f"power {self.seed}"))
        self.desk = FakeDesk(Random(f"desk {self.seed}"), self.power)
        self.check = DeskCheck()
        self.services = Services(Random(f"services {self.seed}"), self.power)
        self.trouble = Trouble()
        self.config = self.home / "config"
        self.disk = Disk(self.home / "office", with_trouble(self), self.config)
        self.papers: dict[str, str] = {}  # what was handed in, and the case it belongs to
        self.filed: set[str] = set()
        self.offered: list[Offered] = []
        self.courses: list[courses.Course] = []
        self.deck: list[tuple[str, ...]] = []  # the courses that none of them took yet
        first = 14 if "signed year" in self.parts else 2  # the year before is signed by then
        last = max(first + 1, 366 - self.days)
        self.begins = date(self.year, 1, 1) + self.chance.randrange(first - 1, last) * DAY
        self.day, self.hour, self.ticks = self.begins, MORNING, 0
        self.imported: int | None = None
        self.ledger: tuple[str, ...] = ()  # the numbers that it brings
        self.come: set[object] = set()  # happenings that have come
        self.moves: Counter[str] = Counter()  # limits that a notice moved, by number
        self.unpublished: list[date] = []  # mornings on which this year's notice was missing
        self.backups: list[Path] = []
        self.faults_on = True
        self.accepted: list[Accepted] = []
        self.arriving: dict[str, dict[str, Any]] = {}
        self.arrived: set[str] = set()
        self.trace: list[str] = []
        self.markers: list[str] = []
        self.surprises: list[str] = []
        self.tables_then: dict[date, dict[tuple[str, str], list[str]]] = {}
        self.under_way_then: dict[date, set[str]] = {}
        self.found: list[str] = []

    # the clock ────────────────────────────────────────────────────────────────────────────────
    def now(self) -> datetime:
        """Each time asked a little later: no two things are recorded at one moment."""
        self.ticks += 1
        at = datetime.combine(self.day, self.hour) - timedelta(hours=8)
        return (at + timedelta(milliseconds=self.ticks % 1_000_000)).replace(tzinfo=UTC)

    def moment(self) -> datetime:
        return datetime.combine(self.day, self.hour)

    # the year ─────────────────────────────────────────────────────────────────────────────────
    def live(self) -> None:
        """So many days of the year, and those after, when the last faults are behind it."""
        happenings.opened(self)
        if "signed year" in self.parts:
            signed_year.before(self)
        self.day = self.begins
        last = self.day + (self.days - 2) * DAY
        spread = max(1, self.days - 5)
        due = sorted(self.day + self.chance.randrange(spread) * DAY for _ in range(self.cases))
        while self.day <= last:
            self._live_day(due)
            skipped = self.chance.random() < self.rates.away
            self.day += self.chance.randint(2, 12) * DAY if skipped else DAY
        self.day = max(self.day, last + 5 * DAY)
        self._quiet()

    def _live_day(self, due: list[date]) -> None:
        happenings.of(self)
        self.disk.config_changed = True  # by whatever way
        self.hour = MORNING
        works = self.works()
        if works or self.happens(self.rates.at_rest):
            self.beat("sweep", self._sweep)
        if self.day.day == 1 or self.day.weekday() == self.seed % 7:
            self._look_at_the_table()
        if not works:
            return
        self.beat("worker", lambda: people.worker_works(self))
        self.hour = NOON
        if self.happens(self.rates.noon):
            self.beat("outbox", self._outbox)
        while due and due[0] <= self.day:
            due.pop(0)
            people.arrives(self)
        self.beat("arrivals", lambda: people.taken_in(self))
        if self.chance.random() < self.rates.paper:
            happenings.paper_comes(self)
        self.beat("upload", lambda: happenings.file_papers(self))
        self._on_courses()
        self._people_work()
        self._clock_is_wrong()
        if "drawer" in self.parts and self.chance.random() < self.rates.drawer:
            self.beat("drawer", lambda: happenings.found_in_a_drawer(self))
        self.hour = EVENING
        self.beat("outbox", self._outbox)
        self.beat("minute", lambda: self._minute(desk.NO_GRACE))
        if self.chance.random() < self.rates.desk_lost:
            self._desk_is_lost()

    def happens(self, rate: float) -> bool:
        """Whether what comes so often comes now; what always comes is not drawn."""
        return rate >= 1 or self.chance.random() < rate

    def works(self) -> bool:
        """Whether today is a working day, as far as anybody knows."""
        return office.law().calendar.reach(self.day - DAY, 1).day == self.day

    def _on_courses(self) -> None:
        if "courses" not in self.parts:
            return
        if (
            len(self.courses) < self.rates.courses * self.cases
            and self.chance.random() < self.rates.course
        ):
            self.beat("course", lambda: courses.begin(self))
        self.beat("course", lambda: courses.go_on(self))

    def _people_work(self) -> None:
        times = self.chance.randint(0, 4)
        behind = self.chance.random() < self.rates.behind
        for n in range(times):
            self.beat("officer", lambda: people.officer_works(self))
            if not (behind and n == times - 1):
                self.beat("worker", lambda: people.worker_works(self))

    def _desk_is_lost(self) -> None:
        """Prefect's database is gone, with the answers that no worker had come to."""
        lost = {str(run.parameters["number"]) for run in self.desk.scheduled()}
        self.desk.lost()
        self.accepted = [one for one in self.accepted if one.number not in lost]
        self.note("the desk is lost")

    def _quiet(self) -> None:
        """The faults are over: one morning, and everything is as it is to be."""
        self.faults_on, self.services.sound = False, True
        self.power.is_back()
        office.close()
        happenings.of(self)
        while not self.works():
            self.day += DAY
        self.hour = MORNING
        people.taken_in(self)
        happenings.file_papers(self)
        happenings.load_ledger(self)
        self._sweep()
        for _ in range(3):
            people.worker_works(self)
            self._minute(desk.NO_GRACE)
        self.hour = NOON
        self._outbox()
        self.hour = EVENING
        self._outbox()
        list(letting_go.half_written(datetime.now(UTC) + 2 * DAY))  # by the disk's own clock

    def beat(self, name: str, do: Callable[[], None]) -> None:
        """Do something, with the power that may go meanwhile: then what ran is gone, and starts."""
        self.power.may_go(self.rates.power if self.faults_on else 0.0, name)
        try:
            do()
        except PowerCut as cut:
            self.note(f"{name}: cut {cut}")
            self.disk.power_went(self.power.chance)
            machine.disk_lied(self)
            if self.chance.random() < 0.3:  # it takes time to open; what is in memory goes
                office.close()
            self.power.is_back()
            self.desk.worker_starts()
            self.check = DeskCheck()
            self.guarded(lambda: self._minute(desk.NO_GRACE))
        except Exception as fault:  # noqa: BLE001 whatever is raised here is a finding
            self.surprises.append(f"{self.day} {name}: {type(fault).__name__}: {fault}")
        finally:
            self.power.is_back()

    def guarded(self, do: Callable[[], None]) -> None:
        """What the product runs by itself may fail for no reason but one that it names."""
        try:
            do()
        except ClockWentBack:
            self.note("the clock went back")

    def note(self, what: str) -> None:
        self.trace.append(f"{self.day} {what}")

    @property
    def digest(self) -> str:
        """Of all that happened: the same seed gives the same."""
        return hashlib.sha256("\n".join(self.trace).encode()).hexdigest()

    # what the office does by itself ───────────────────────────────────────────────────────────
    def _sweep(self) -> None:
        self.guarded(lambda: self.note(f"sweep: {len(sweep.sweep())} told"))
        self.guarded(lambda: self._minute(desk.GRACE))

    def _minute(self, grace: timedelta) -> None:
        for done in self.check.see_to(grace=grace):
            self.note(f"put right: {done}")

    def _outbox(self) -> None:
        self.guarded(self.post)

    def post(self) -> None:
        """As the scheduler does every few minutes: enter what is due by now, send what is to be sent.

        What was sent when the power went, and not noted as sent, may be sent once more.
        """
        sweep.find_due(replace(office.circumstances(""), today=self.day))
        self.services.last = ""
        try:
            self.note(f"sent {outbox.post(lambda _page: None)}")
        except PowerCut:
            self.services.cut_while_sending.add(self.services.last)
            raise

    def _clock_is_wrong(self) -> None:
        """For a moment the clock shows an earlier day, or a later: nothing is recorded on it that was
        not, nothing is lost; what was recorded ahead of the day keeps the office waiting for it.
        """
        which = self.chance.random()
        if which < self.rates.clock_back:
            leap = -self.chance.randint(1, 30)
        elif which < self.rates.clock_back + self.rates.clock_ahead:
            leap = self.chance.randint(1, 3)
        else:
            return
        for _ in range(3):
            self.beat("officer", lambda: people.officer_works(self))
        right, self.day = self.day, self.day + leap * DAY
        self.note(f"the clock is wrong: it was {right}")
        self.beat("worker", lambda: people.worker_works(self))
        self.beat("outbox", self._outbox)
        self.day = right
        self.beat("minute", lambda: self._minute(desk.NO_GRACE))

    def _look_at_the_table(self) -> None:
        with office.reading() as session:
            then = self.day - DAY
            if then.year == self.year:
                found = tables_of(session, self.year, then, office.law(), office.annual_rules())
                under_way = {str(run.parameters["number"]) for run in self.desk.scheduled()}
                self.tables_then[then] = cells(found.table3, under_way)
                self.under_way_then[then] = under_way


def cells(table: Table3, without: Set[str] = frozenset()) -> dict[tuple[str, str], list[str]]:
    """The numbers in every cell of table 三, as they are now, without those of some cases.

    without = those of which an answer had been submitted and not taken up: it counts from its day
    """
    return {
        (code, column): [one for one in table.cases(code, column) if one[:NUMBER] not in without]
        for code in table.form.rows
        for column in table.form.columns
    }
