"""每日巡检: limits that moved, alerts that are due, lost runs put back. Idempotent; decides nothing.

Whatever day it comes on, and however often, and with however many others at once: each alert is
entered once, with the day it should have been told and the day it was found. What it costs is what
is due (models/alerts/due_alerts.py); only under new rules are all open cases counted again, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlmodel import Session

from flows import office
from flows.shown import alert_lines
from models.agency.agency import Agency
from models.alerts import moved_limits
from models.alerts.alert_tables import Moved
from models.alerts.due_alerts import anything_due, enter, find, not_entered
from models.alerts.noted import note
from models.case.act import Circumstances
from models.duties.limits import written_limit
from models.law.statute import Statute
from models.register import recorded_since
from models.watch.owed_beside import due_beside
from models.words.days_told import told


def sweep(on: date | None = None) -> list[str]:
    """What moved and what is told on that day (default: today), as sentences, by urgency.

    A day still to come is only looked at: nothing is entered.
    """
    office.guard_clock()
    today = office.today()
    now = replace(office.circumstances(""), today=on or today)
    if now.today > today:
        return _ahead(now)
    recount(now)
    find_due(now)
    with office.writing() as session:
        note(session, moved_limits.MORNING, now.today.isoformat(), now.today)
    with office.reading() as session:
        return list(_told_on(session, now))


def recount(now: Circumstances) -> list[Moved]:
    """Under new rules, count every open case again; the limits that moved, by number."""
    mark, at = now.law.mark(), office.now()
    with office.reading() as session:
        if moved_limits.counted_by(session) == mark:
            return []
        count = moved_limits.next_count(session)

    def next_chunk(after: str) -> str | None:
        with office.writing() as session:
            return moved_limits.recount(session, now, at, count, after)

    moved_limits.in_chunks(next_chunk)
    with office.writing() as session:
        moved_limits.counted(session, count, mark, now.today)
        return moved_limits.moved(session, count, mark)


class _Look(NamedTuple):
    """What is owed beside the path by: how far the register is, the day, the law, the officers."""

    end: tuple[int, bytes]
    today: date
    law: Statute
    agency: Agency

    def is_like(self, other: _Look | None) -> bool:
        """Whether the other found the same; the law is asked for as the object that it is."""
        return other is not None and self.law is other.law and self == other._replace(law=self.law)


_LOOKED: WeakKeyDictionary[Engine, _Look] = WeakKeyDictionary()
"""The last look of this process at what is owed beside the path, by register: whoever looks every few
minutes finds nothing new where nothing is.
"""


def find_due(now: Circumstances) -> None:
    """Enter every alert that is due by now; nothing is written where nothing is."""
    at, register = office.now(), office.engine()

    def next_chunk(after: str) -> str | None:
        with office.writing() as session:
            return find(session, now, at, after)

    with office.reading() as session:
        cases = anything_due(session, now.today)
        look = _Look(recorded_since.end(session), now.today, now.law, now.agency)
        known = look.is_like(_LOOKED.get(register))
        beside = [] if known else not_entered(session, due_beside(session, now, at), now)
    if cases:
        moved_limits.in_chunks(next_chunk)
    if beside:
        with office.writing() as session:
            enter(session, beside, now)
    _LOOKED[register] = look


def _ahead(now: Circumstances) -> list[str]:
    """What a sweep of that day would tell, if nothing happens until then."""
    at = office.now()
    with office.reading() as session:
        moved_limits.in_chunks(lambda after: find(session, now, at, after))
        enter(session, due_beside(session, now, at), now)
        told = list(_told_on(session, now))
        session.rollback()
    return told


def _told_on(session: Session, now: Circumstances) -> Iterator[str]:
    alerts = alert_lines.found_on(session, now.today)
    for line in alert_lines.lines(session, alerts, now):
        yield line.words


def moved_words(one: Moved) -> str:
    """A limit that moved, on one line."""
    was, new = (
        written_limit(one.was, one.was_provisional),
        written_limit(one.last_day, one.provisional),
    )
    return told([f"{one.case_number}　{one.label}由{was}改为{new}"])
