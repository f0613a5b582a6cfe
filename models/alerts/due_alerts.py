"""Which alerts are due by now? Found from the events of the cases that have any, and kept once.

Costs what is due: the register row says from which day on a case is to be looked at (`look_on`);
whatever it says, what is owed is computed from the case's events. A sweep that comes late finds
what it missed, with the day it should have been told. A threshold that had passed before its
deadline came to be (a ledger taken over, a limit moved forward) was never due: of these only the
last is told, as of the day the deadline came to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from operator import eq
from typing import Any

from sqlalchemy import and_, bindparam, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.acts import catalogue
from models.acts.afterwards.undoing import Undo
from models.alerts.alert_rows import AlertRow, AnyAlert
from models.alerts.alert_tables import MOVING, Alert, Moved, Recipient, what_moved
from models.alerts.looked_at import Looked, looked_at
from models.alerts.noted import insert_new
from models.alerts.recipients import recipients
from models.case.act import Circumstances
from models.case.case import Case
from models.duties import alert_days
from models.duties.alert_days import Threshold, thresholds
from models.duties.duties import Duty, duties
from models.law.statute import Statute
from models.store.happened import AnyEvent, rows
from models.store.tables import Application

CHUNK = 500


@dataclass(frozen=True)
class Found:
    """A case as it stands, and its duties, each with the day it came to be."""

    case: Case
    duties: dict[Duty, date]


def _stands(looked: Looked, law: Statute, first: date | None) -> Found:
    """The same as `read`; of duties that were all there before the day `first`, since some day before."""
    case, events = looked
    if first is not None and all(event.recorded_on < first for event in events):
        return Found(case, dict.fromkeys(duties(case, law), date.min))
    return read(case.number, events, law)


def read(number: str, events: Sequence[AnyEvent], law: Statute) -> Found:
    """Where the case stands by its events, and since when each of its duties has been there."""
    case, since = Case(number), dict[tuple[str, str, date], date]()
    before: list[dict[tuple[str, str, date], date]] = []
    for event in events:
        before.append(since)
        catalogue.apply(case, event)
        if isinstance(undone := case.steps[-1].act, Undo):
            since = before[undone.step - 1]
        keys = [(one.kind, one.ref, one.due) for one in duties(case, law)]
        since = {key: since.get(key, event.recorded_on) for key in keys}
    return Found(case, {one: since[one.kind, one.ref, one.due] for one in duties(case, law)})


def owed(
    duty: Duty, since: date, today: date, law: Statute, first: date | None = None
) -> list[Threshold]:
    """The alerts of a duty, there since a day, that are due by today, earliest first; first = those of
    this day and later alone.
    """
    if first is not None and since < first:
        return list(takewhile(lambda one: one.day <= today, thresholds(duty, law, first)))
    passed = list(takewhile(lambda one: one.day <= today, thresholds(duty, law)))
    missed = [one for one in passed if one.day < since]
    fresh = passed[len(missed) :]
    if missed and not (fresh and fresh[0].day == since):
        return [Threshold(missed[-1].left, since), *fresh]
    return fresh


def anything_due(session: Session, today: date) -> bool:
    """Whether there is a case to look at by today."""
    return rows(session, _ANYTHING, {"today": today}).first() is not None


_LOOKED_AT = col(Application.look_on) <= bindparam("today")
_ANYTHING = select(Application.number).where(_LOOKED_AT).limit(1)
_DUE = (
    columns(col(Application.number), col(Application.look_on), col(Application.position))
    .where(_LOOKED_AT, col(Application.number) > bindparam("after"))
    .order_by(col(Application.number))
    .limit(CHUNK)
)


def find(session: Session, now: Circumstances, at: datetime, after: str = "") -> str | None:
    """Enter what is due in the next CHUNK of cases; the last case's number, None when all are done.

    The caller commits after each chunk, and asks again with the number.
    """
    due_rows = rows(session, _DUE, {"today": now.today, "after": after}).all()
    if not due_rows:
        return None
    numbers = [row.number for row in due_rows]
    moves = _moves(session, numbers)
    found: list[AlertRow] = []
    again: list[dict[str, Any]] = []
    for row, looked in zip(due_rows, looked_at(session, numbers), strict=True):
        stands = _stands(looked or Looked(Case(row.number), ()), now.law, row.look_on)
        for duty, since in stands.duties.items():
            moved = moves.get((row.number, duty.kind, duty.due))
            there = max(since, moved) if moved else since
            found += [
                alert(stands.case, duty, one, now.today, at)
                for one in owed(duty, there, now.today, now.law, row.look_on)
            ]
        owing = tuple(stands.duties)
        look_on = alert_days.look_on(owing, now.today, now.law)
        again.append({"case": row.number, "at": row.position, "then": look_on})
    enter(session, found, now)
    session.connection().execute(_LOOK_AGAIN, again)
    return numbers[-1] if len(numbers) == CHUNK else None


_LOOK_AGAIN = (  # unless an act was recorded meanwhile: its row says itself when to look
    update(Application)
    .where(col(Application.number) == bindparam("case"))
    .where(col(Application.position) == bindparam("at"))
    .values(look_on=bindparam("then"))
)


def alert(case: Case, duty: Duty, one: Threshold, today: date, at: datetime) -> AlertRow:
    """The alert of a threshold that a case's duty has reached."""
    return AlertRow(
        subject=case.number,
        officer=case.officer,
        stage=str(case.stage),
        **facts(duty, one, today, at),
    )


def facts(duty: Duty, one: Threshold, today: date, at: datetime) -> dict[str, Any]:
    """What an alert says of its duty and its threshold, whatever it is about."""
    name = f"{duty.kind}（{duty.ref}）" if duty.ref else duty.kind
    return {
        "rule": f"{name}{-one.left:+d}",
        "version": duty.due.isoformat(),
        "kind": duty.kind,
        "ref": duty.ref,
        "left": one.left,
        "last_day": duty.due,
        "provisional": duty.provisional,
        "due_on": one.day,
        "found_on": today,
        "found_at": at,
        "whom": duty.whom,
    }


def enter(session: Session, found: Iterable[AlertRow], now: Circumstances) -> None:
    """Enter alerts, and to whom each is to be told; those that are there already stay as they are."""
    alerts: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    for one in found:
        alerts.append(one._asdict())
        told += [to_tell(one, person) for person in recipients(one, now)]
    insert_new(session, Alert, alerts)
    insert_new(session, Recipient, told)


def to_tell(alert: AnyAlert, person: str) -> dict[str, Any]:
    """The row of `Recipient` by which an alert is to be told to a person."""
    key = {"subject": alert.subject, "rule": alert.rule, "version": alert.version}
    return key | {"person": person, "digest": None, "moot_on": None}


def not_entered(session: Session, found: Sequence[AlertRow], now: Circumstances) -> list[AlertRow]:
    """Those of these alerts that are not there yet, or not yet to be told to everybody who is to know."""
    if not found:
        return []
    versions = [one.version for one in found]
    asked = {"kinds": sorted({one.kind for one in found})}
    span = {"first": min(versions), "last": max(versions)}
    told: dict[tuple[str, str, str], set[str | None]] = {}
    for *key, person in rows(session, _ENTERED, asked | span):
        told.setdefault((key[0], key[1], key[2]), set()).add(person)
    return [
        one
        for one in found
        if (known := told.get((one.subject, one.rule, one.version))) is None
        or not known.issuperset(recipients(one, now))
    ]


_PLACE = (col(Alert.subject), col(Alert.rule), col(Alert.version))
_THEIRS = (col(Recipient.subject), col(Recipient.rule), col(Recipient.version))
_ENTERED = (
    columns(*_PLACE, col(Recipient.person))
    .join(Recipient, and_(*map(eq, _PLACE, _THEIRS)), isouter=True)
    .where(
        col(Alert.kind).in_(bindparam("kinds", expanding=True)),
        col(Alert.version).between(bindparam("first"), bindparam("last")),
    )
)
_MOVES = (
    columns(*(getattr(Moved, name) for name in ("case_number", "law", "last_day", "found_on")))
    .where(col(Moved.case_number).in_(bindparam("numbers", expanding=True)))
    .order_by(col(Moved.found_on))
)


def _moves(session: Session, numbers: Sequence[str]) -> dict[tuple[str, str, date | None], date]:
    """When each limit of these cases was moved to where it is, by case, kind and last day."""
    found = rows(session, _MOVES, {"numbers": list(numbers)})
    return {
        (number, MOVING[what_moved(law)], last_day): found_on
        for number, law, last_day, found_on in found
    }
