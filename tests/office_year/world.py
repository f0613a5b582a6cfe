"""One office for one year: who works there, what comes in, what goes wrong, drawn by a seed.

Everything of the product is real but Prefect and the clock: acts, register, letters on disk, sweep,
alerts, the desk put right, backup. The year ends with the faults off: whoever looks finds an office
in order, or a fault of ours.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from histories_at_random import ONWARD, arrival, random_answer
from prefect.client.schemas.objects import FlowRun

from flows import office
from flows.commands.robot_officer import filled
from flows.morning import outbox, senders, sweep
from flows.path import application, desk, forms, intake, recording
from flows.printing import sheets
from models.acts import catalogue
from models.agency.officers import holding
from models.case.act import Act
from models.case.case import Case
from models.errors import ActRefused
from models.register import register, same_applicant
from models.report_tables.table3 import Table3
from models.soundness.clock import ClockWentBack
from models.year.year_figures import tables_of
from tests.office_year import happenings
from tests.office_year.disk import Disk, under
from tests.office_year.fake_desk import FakeDesk, Suspend
from tests.office_year.faults import Power, PowerCut

DAY = timedelta(days=1)
MORNING, NOON, EVENING = time(8, 5), time(10, 30), time(16, 40)
APPLICANTS = [f"{first}{then}" for first in "赵钱孙李周吴郑王" for then in ("某", "明华", "晓岚")]
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
"""


@dataclass(frozen=True)
class Rates:
    """How often what goes wrong, in a beat of the day."""

    power: float = 0.15
    desk_lost: float = 0.004
    clock_back: float = 0.01
    clock_ahead: float = 0.005
    paper: float = 0.1
    away: float = 0.02
    sender: float = 0.1


@dataclass(frozen=True)
class Accepted:
    """What an officer was told has been taken: it must be in the register in the end, once."""

    number: str
    position: int
    kind: str


@dataclass(frozen=True)
class Offered:
    """The acts that a form offered, on which day, at which place of the case's history; first = nothing
    was answered there before.
    """

    number: str
    position: int
    day: date
    kinds: frozenset[str]
    first: bool


@dataclass
class Office:
    """The office, its day, and what has been promised to whom."""

    home: Path
    year: int
    seed: int
    cases: int
    days: int = 365
    rates: Rates = field(default_factory=Rates)

    def __post_init__(self) -> None:
        self.chance = Random(f"{self.year} {self.seed} {self.cases}")
        self.power = Power(Random(f"power {self.seed}"))
        self.desk = FakeDesk(Random(f"desk {self.seed}"), self.power)
        self.disk = Disk(self.home / "office", lambda call: self.power.passing(f"disk {call}"))
        self.papers: dict[str, str] = {}  # what was handed in, and the case it belongs to
        self.filed: set[str] = set()
        self.offered: list[Offered] = []
        begins = date(self.year, 1, 2) + self.chance.randrange(max(1, 366 - self.days)) * DAY
        self.day, self.hour, self.ticks = begins, MORNING, 0
        self.imported: int | None = None
        self.come: set[tuple[int, int]] = set()  # days of happenings that have come
        self.backups: list[Path] = []
        self.faults_on = True
        self.accepted: list[Accepted] = []
        self.arriving: dict[str, dict[str, Any]] = {}
        self.arrived: set[str] = set()
        self.sent: Counter[tuple[str, str]] = Counter()
        self.last_sent, self.cut_while_sending = "", set[str]()
        self.trace: list[str] = []
        self.markers: list[str] = []
        self.surprises: list[str] = []
        self.tables_then: dict[date, Any] = {}
        self.found: list[str] = []
        self.config = self.home / "config"

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
        self._open()
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
        self.hour = MORNING
        self.beat("sweep", self._sweep)
        if self.day.day == 1:
            self._look_at_the_table()
        if not office.law().calendar.is_workday(self.day):
            return
        self.hour = NOON
        self.beat("outbox", self._outbox)
        while due and due[0] <= self.day:
            due.pop(0)
            self._arrives()
        self.beat("arrivals", self._take_in)
        if self.chance.random() < self.rates.paper:
            happenings.paper_comes(self)
        self.beat("upload", lambda: happenings.file_papers(self))
        for _ in range(self.chance.randint(0, 4)):
            self.beat("officer", self._officer)
            self.beat("worker", self._work)
        self._clock_is_wrong()
        self.hour = EVENING
        self.beat("outbox", self._outbox)
        self.beat("minute", lambda: self._minute(desk.NO_GRACE))
        if self.chance.random() < self.rates.desk_lost:
            self.desk.lost()
            self.note("the desk is lost")

    def _quiet(self) -> None:
        """The faults are over: one morning, and everything is as it is to be."""
        self.faults_on = False
        self.power.is_back()
        office.close()
        while not office.law().calendar.is_workday(self.day):
            self.day += DAY
        self.hour = MORNING
        self._take_in()
        happenings.file_papers(self)
        happenings.load_ledger(self)
        self._sweep()
        for _ in range(3):
            self._work()
            self._minute(desk.NO_GRACE)
        self.hour = NOON
        self._outbox()
        self.hour = EVENING
        self._outbox()

    def beat(self, name: str, do: Callable[[], None]) -> None:
        """Do something, with the power that may go meanwhile: then what ran is gone, and starts."""
        self.power.may_go(self.rates.power if self.faults_on else 0.0, name)
        try:
            do()
        except PowerCut as cut:
            self.note(f"{name}: cut {cut}")
            self.disk.power_went(self.power.chance)
            if (
                self.chance.random() < 0.3
            ):  # it takes time to open a register; what is in memory goes
                office.close()
            self.power.is_back()
            self.desk.worker_starts()
            self.guarded(lambda: self._minute(desk.NO_GRACE))
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
        for done in desk.put_right(grace=grace):
            self.note(f"put right: {done}")

    def _outbox(self) -> None:
        """What was sent when the power went, and not noted as sent, may be sent once more."""
        self.last_sent = ""
        try:
            self.guarded(lambda: self.note(f"sent {outbox.post(lambda _page: None)}"))
        except PowerCut:
            self.cut_while_sending.add(self.last_sent)
            raise

    def _work(self) -> None:
        """The worker takes up what is scheduled, in any order."""
        runs = self.desk.scheduled()
        self.chance.shuffle(runs)
        for run in runs:
            self._run(run)

    def _run(self, run: FlowRun) -> None:
        number = str(run.parameters["number"])
        self.desk.take(run.id)
        try:
            with self._in_run(run.id):
                application.handle.fn(number)
        except Suspend:
            self.note(f"{number} asks")
            return
        except ClockWentBack:
            self.desk.end(run.id, None)
            self.note(f"{number} waits for the clock")
            return
        except Exception as fault:  # noqa: BLE001 whatever a flow raises is a finding here
            self.desk.end(run.id, fault)
            self.surprises.append(f"{self.day} {number}: {type(fault).__name__}: {fault}")
            return
        self.desk.end(run.id)
        self.note(f"{number} is closed")

    @contextmanager
    def _in_run(self, run: UUID) -> Iterator[None]:
        def ask(schema: Any, _words: str, *, key: str, new: bool, after: Any) -> dict[str, object]:
            del new
            tabs = schema.get("anyOf", [schema])
            kinds = {name.partition(".")[0] for tab in tabs for name in tab["properties"]}
            place, _, attempt = key.partition("-")
            number = str(self.desk.runs[run].parameters["number"])
            asked = Offered(number, int(place), self.day, frozenset(kinds), attempt == "0")
            self.offered.append(asked)
            return self.desk.ask(run, schema, key, after)

        before = application.ask
        application.ask = ask
        try:
            yield
        finally:
            application.ask = before

    # who comes, and who works ─────────────────────────────────────────────────────────────────
    def _arrives(self) -> None:
        submission = f"form {len(self.arriving) + len(self.arrived)}"
        marker = f"身份{self.chance.getrandbits(64):x}"
        self.markers.append(marker)
        asked = arrival(self.day, self.chance, len(self.arrived))
        self.arriving[submission] = {
            "channel": asked["channel"],
            "arrived_on": asked["arrived_on"],
            "kind": asked["applicant_kind"],
            "applicant": self.chance.choice(APPLICANTS),
            "request": asked["request"],
            "identity": marker,
            "contact": f"{marker}电话",
            "officer": "李起草",
            "submission": submission,
        }

    def _take_in(self) -> None:
        """What was submitted is registered, however often that is begun."""
        for submission, fields in [*self.arriving.items()]:
            try:
                case = intake.receive(**fields)
            except ClockWentBack:
                return
            except ActRefused as refused:
                self.note(f"{submission} refused: {refused}")
                del self.arriving[submission]
                continue
            desk.put_on_desk(case)
            self.note(f"{submission} is {case.number}")
            del self.arriving[submission]
            self.arrived.add(submission)

    def _officer(self) -> None:
        """Somebody opens a form that waits, and submits an answer; sometimes two do, of one form."""
        waiting = self.desk.waiting()
        if not waiting:
            return
        run = self.chance.choice(waiting)
        number = str(run.parameters["number"])
        with office.reading() as session:
            case = register.case(session, number)
            key = forms.key(session, case)
        state = run.state
        if state is None or state.state_details.pause_key != key:
            return  # the door says that the form is past
        chosen = self._chosen(case)
        if chosen is None:
            return
        act, answer, officer = chosen
        if self._turned_away(case, act, answer, officer) and self.chance.random() < 0.9:
            self.note(f"{number} {act.kind} turned away")
            return
        self.desk.answer(run.id, filled(number, act.kind, answer, officer))
        self.accepted.append(Accepted(number, case.position, act.kind))
        self.note(f"{number} {case.position} {act.kind} by {officer}")

    def _chosen(self, case: Case) -> tuple[type[Act], dict[str, object], str] | None:
        officers = office.agency().officers
        who = self.chance.choice([one.name for one in officers])
        with office.reading() as session:
            now = same_applicant.informed(session, case, office.circumstances(who))
        offered = [act for act in catalogue.lawful(case, now) if act.kind != "erratum"]
        if not offered:
            return None
        onward = [act for act in offered if act.kind in ONWARD]
        act = self.chance.choice(onward if onward and self.chance.random() < 0.8 else offered)
        entitled = holding(officers, act.roles_at(case.stage))
        if entitled and self.chance.random() < 0.95:
            who = self.chance.choice(list(entitled))
        answer = random_answer(act, case, now, self.chance)
        plain = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in answer.items()
            if name in act.model_fields
        }
        return act, plain, who

    def _turned_away(
        self, case: Case, act: type[Act], answer: dict[str, object], officer: str
    ) -> bool:
        with office.reading() as session:
            return bool(recording.judged(session, case, act.kind, dict(answer), officer))

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
        right, self.day = self.day, self.day + leap * DAY
        self.note(f"the clock is wrong: it was {right}")
        self.beat("worker", self._work)
        self.beat("outbox", self._outbox)
        self.day = right
        self.beat("minute", lambda: self._minute(desk.NO_GRACE))

    def _look_at_the_table(self) -> None:
        with office.reading() as session:
            then = self.day - DAY
            if then.year == self.year:
                found = tables_of(session, self.year, then, office.law(), office.annual_rules())
                self.tables_then[then] = cells(found.table3)

    # opening ──────────────────────────────────────────────────────────────────────────────────
    def _open(self) -> None:
        shutil.copytree(happenings.CONFIG, self.config)
        (self.config / "workdays" / f"{self.year + 1}.toml").unlink()
        (self.config / "office" / "officers.toml").write_text(OFFICERS, encoding="utf-8")


def cells(table: Table3) -> dict[tuple[str, str], list[str]]:
    """The numbers in every cell of table 三, as they are now."""
    return {
        (code, column): list(table.cases(code, column))
        for code in table.form.rows
        for column in table.form.columns
    }


@contextmanager
def at_work(one: Office) -> Iterator[None]:
    """The product's clock, desk, disk and senders are those of this office while the block lasts."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DISCLOSURE_DATABASE_URL", "DISCLOSURE_TODAY", "DISCLOSURE_TODAY_FILE"):
            patch.delenv(name, raising=False)
        patch.setenv("DISCLOSURE_HOME", str(one.home / "office"))
        patch.setenv("DISCLOSURE_CONFIG", str(one.config))
        patch.setattr(office, "day_of_clock", lambda: one.day)
        patch.setattr(office, "now", one.now)
        patch.setattr(office, "moment", one.moment)
        patch.setattr(desk, "get_client", one.desk.client)
        _with_power(one, patch)
        try:
            with under(one.disk):
                yield
        finally:
            office.close()


def _with_power(one: Office, patch: pytest.MonkeyPatch) -> None:
    """The places at which the power may go, round what the product does there."""
    writing, write = office.writing, sheets.write

    @contextmanager
    def cut_writing(**how: bool) -> Iterator[Any]:
        with writing(**how) as session:
            yield session
            one.power.passing("before commit")
        one.power.passing("after commit")

    def cut_write(letter: Any) -> bytes:
        one.power.passing("before the file")
        return write(letter)

    def cut_send(channel: str, address: str, message: Any, sending: Any) -> senders.Answer:
        one.power.passing("before sending")
        if one.faults_on and one.chance.random() < one.rates.sender:
            return senders.Answer(False, "对方没有回应")
        one.sent[message.key, channel] += 1
        one.last_sent = message.key
        one.power.passing("after sending")
        return senders.Answer(True, "ok")

    patch.setattr(office, "writing", cut_writing)
    patch.setattr(sheets, "write", cut_write)
    patch.setattr(outbox.senders, "send", cut_send)
