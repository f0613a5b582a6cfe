"""What was undone counts nowhere; and what rests on a step, so that it is undone no more (Art. 45)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar

from sqlmodel import Session, col, or_, select

from models.acts import catalogue
from models.acts.afterwards.undoing import Undo, last_step
from models.case import recorded
from models.case.act import Circumstances
from models.case.case import UNDO, Case
from models.store.happened import AnyEvent, Happened
from models.store.tables import Entry, Event, Review
from models.words.names import same_name

E = TypeVar("E", Event, Happened)
LOOKED_AT, CASES = 30, 5
"""The acts recorded last, and of how many cases, that are looked at for what may be undone."""


def standing(events: Iterable[E]) -> list[E]:
    """The events without those that were undone, and without what undid them: ask for both kinds."""
    every = list(events)
    undone = {(one.case_number, _place(one)) for one in every if one.kind == UNDO}
    return [
        one for one in every if one.kind != UNDO and (one.case_number, one.position) not in undone
    ]


def _place(event: AnyEvent) -> int:
    return recorded.read(Undo, event.facts, event.version).step - 1


def to_undo(session: Session, case: Case, now: Circumstances, moment: datetime) -> Circumstances:
    """The same circumstances, knowing the moment at which the last step is to be undone, and what was
    done since that rests on it.
    """
    return replace(now, moment=moment, built_on=tuple(_resting(session, case, now)))


def _resting(session: Session, case: Case, now: Circumstances) -> Iterator[str]:
    """Acts in other applications that name this one or its letters; reviews, suits and publication."""
    place = last_step(case)
    since = case.steps[place].recorded_at if place >= 0 else None
    if since is None:
        return
    names = (case.number, *(one.number for one in case.letters))
    others = [one.number for one in now.others]
    later = select(Event).where(col(Event.case_number).in_(others), Event.recorded_at >= since)
    for event in session.exec(later.order_by(col(Event.case_number), col(Event.position))):
        if any(name in json.dumps(event.facts, ensure_ascii=False) for name in names):
            act = catalogue.ACTS.get(event.kind)
            yield f"申请{event.case_number}的“{act.title if act else event.kind}”"
    about = select(Review.number).where(Review.application == case.number)
    mine = or_(col(Entry.case_number) == case.number, col(Entry.case_number).in_(about))
    entries = select(Entry).where(mine, Entry.recorded_at >= since)
    for number in dict.fromkeys(one.case_number for one in session.exec(entries)):
        yield "转主动公开审查" if number == case.number else f"复议诉讼案件{number}"


def recorded_since(session: Session, officer: str, day: date, since: datetime) -> list[str]:
    """The cases in which an officer ("" = anybody) recorded something since a moment of a day, the
    latest first; of the office's last acts.
    """
    found = select(Event).where(Event.recorded_on >= day, Event.recorded_at >= since)
    latest = session.exec(found.order_by(col(Event.recorded_at).desc()).limit(LOOKED_AT))
    mine = (one for one in latest if not officer or same_name(one.officer, officer))
    return list(dict.fromkeys(one.case_number for one in mine))[:CASES]
