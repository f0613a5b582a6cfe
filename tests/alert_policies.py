"""Five ways to alert, for the year of tests/alert_year.py: ours, and four that are usual.

The four are written from scratch, as they are met with: a cron job from Monday to Friday looks at
the open cases and their last day. They alert for the reply alone, and differ in what they remember.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from alert_year import DAY, SWEEP, Key, Oracle, Policy, twice
from databases import empty_register
from sqlmodel import select

from flows import office
from flows.morning import outbox, senders, sweep
from models.agency.officers import Officer, Role
from models.alerts.alert_tables import Recipient
from models.case.case import Case
from models.case.stage import Stage
from models.law.statute import Statute
from models.register import register
from models.store.tables import Application, Event

SHANGHAI = timedelta(hours=8)
SATURDAY = 5


@dataclass
class Usual(Policy):
    """What the four have in common: they see the open cases, and look at them on weekdays."""

    cases: dict[str, Case] = field(default_factory=dict)
    oracles: dict[int, Oracle] = field(default_factory=dict)
    memory: set[object] = field(default_factory=set)

    def happen(self, event: Event, case: Case, law: Statute) -> None:
        self.cases[case.number] = case
        if case.stage is Stage.CLOSED:
            del self.cases[case.number]

    def beat(self, at: time, clock: datetime, law: Statute, copies: int) -> None:
        """Runs at once all read what is remembered before one of them has written."""
        if at != SWEEP or clock.weekday() >= SATURDAY:
            return
        before = set(self.memory)
        for _ in range(copies):
            self.memory, mine = set(before), self.memory
            for number, case in self.cases.items():
                limit = case.deadline(law)
                if limit is not None and limit.last_day is not None:
                    self.look(number, limit.last_day, clock.date(), law)
            self.memory |= mine

    def look(self, number: str, last: date, today: date, law: Statute) -> None:
        """Alert for one case, if this policy would."""

    def tell(self, number: str, left: int, last: date) -> None:
        self.told(Key(number, "reply", "", left, last))

    def days(self, last: date, law: Statute) -> list[tuple[int, date]]:
        if id(law) not in self.oracles:
            self.oracles[id(law)] = Oracle(law)
        return self.oracles[id(law)].days("reply", last)


def working_days_left(last: date, today: date, law: Statute) -> int:
    """Working days to the last day; negative once it is over."""
    if today <= last:
        return law.calendar.between(today, last)
    return -law.calendar.between(last, today)


class ExactDay(Usual):
    """Alerts when exactly so many days are left; remembers nothing."""

    def look(self, number: str, last: date, today: date, law: Statute) -> None:
        left = working_days_left(last, today, law)
        if left in law.alerts["reply"].before or left <= 0:
            self.tell(number, left, last)


class Window(Usual):
    """Alerts for what fell in the last seven days and has no “sent” flag on the case."""

    def look(self, number: str, last: date, today: date, law: Statute) -> None:
        for left, day in self.days(last, law):
            if today - 7 * DAY < day <= today and (number, left) not in self.memory:
                self.memory.add((number, left))
                self.tell(number, left, last)


class StatusFlip(Usual):
    """Keeps a status on the case and alerts when it changes for the worse."""

    def __init__(self) -> None:
        super().__init__()
        self.status: dict[str, int] = {}

    def look(self, number: str, last: date, today: date, law: Statute) -> None:
        left = working_days_left(last, today, law)
        steps = sorted([*law.alerts["reply"].before, 0])
        now = next((step for step in steps if left <= step), 99) if left >= 0 else -1
        known = self.status.get(number, 99)
        self.status[number] = now
        if now < known:
            self.tell(number, now if now >= 0 else left, last)

    def beat(self, at: time, clock: datetime, law: Statute, copies: int) -> None:
        before = dict(self.status)
        for _ in range(copies):
            self.status = dict(before)
            super().beat(at, clock, law, 1)


class CatchUp(Usual):
    """Works out from the events all that should have been sent by now, and sends what is not in its
    log.
    """

    def look(self, number: str, last: date, today: date, law: Statute) -> None:
        for left, day in self.days(last, law):
            if day <= today and (number, left, last) not in self.memory:
                self.memory.add((number, left, last))
                self.tell(number, left, last)


@dataclass
class Ours(Policy):
    """The product: register, sweep, digests and outbox as they are; only the wire is cut short."""

    environment: pytest.MonkeyPatch
    sent: list[str] = field(default_factory=list)
    messages: int = 0

    events: list[Event] = field(default_factory=list)
    rows: dict[str, dict[str, object]] = field(default_factory=dict)

    def happen(self, event: Event, case: Case, law: Statute) -> None:
        self.events.append(Event(**event.model_dump()))
        self.rows[case.number] = register.columns(case, law)

    def _recorded(self) -> None:
        """The day's acts, as the register holds them."""
        if not self.events:
            return
        with office.writing() as session:
            session.add_all(self.events)
            for values in self.rows.values():
                session.merge(Application(**values))
        self.events, self.rows = [], {}

    def beat(self, at: time, clock: datetime, law: Statute, copies: int) -> None:
        self._recorded()
        self.environment.setenv("DISCLOSURE_TODAY", clock.date().isoformat())
        self.environment.setattr(office, "moment", lambda: clock)
        self.environment.setattr(office, "now", lambda: clock.replace(tzinfo=UTC) - SHANGHAI)
        self.environment.setattr(office, "law", lambda: law)
        twice(copies, sweep.sweep if at == SWEEP else self._look)
        for key in self.sent:
            self._told(key)
        self.messages += len(self.sent)
        self.sent.clear()

    def _look(self) -> None:
        """What flows/morning/schedule.py does every few minutes."""
        now = office.circumstances("")
        sweep.find_due(now)
        outbox.post(lambda _: None)

    def _told(self, digest: str) -> None:
        with office.reading() as session:
            for one in session.exec(select(Recipient).where(Recipient.digest == digest)):
                kind, _, rest = one.rule.partition("（")
                ref = rest.rpartition("）")[0]
                sign = max(one.rule.rfind("+"), one.rule.rfind("-"))
                left = -int(one.rule[sign:])
                last = date.fromisoformat(one.version)
                self.told(Key(one.subject, kind if ref else one.rule[:sign], ref, left, last))


def ours(folder: Path, environment: pytest.MonkeyPatch) -> Iterator[Ours]:
    """The product on an empty register; nobody but the case's officer is told."""
    policy = Ours(environment)

    def send(channel: str, address: str, message: senders.Message, _: object) -> senders.Answer:
        policy.sent.append(message.key)
        return senders.Answer(True, "ok")

    with empty_register(folder, environment):
        agency = office.agency()
        officer = Officer(name="李起草", roles=tuple(Role), webhook="http://127.0.0.1/")
        staffed = agency.model_copy(update={"officers": (officer,)})
        environment.setattr(office, "agency", lambda: staffed)
        environment.setattr(senders, "send", send)
        yield policy


USUAL: dict[str, type[Usual]] = {
    "exact day": ExactDay,
    "exact day, seven-day window": Window,
    "status flip": StatusFlip,
    "catch-up from events": CatchUp,
}
