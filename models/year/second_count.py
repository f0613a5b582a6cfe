"""Is every case counted where its history says? The tables against a second count from the events.

Figures that balance say nothing of a case in the wrong row: a refusal counted as 予以公开 leaves every
sum as it is. Counting again from what was done, act by act, finds it, and names it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import cast

from sqlalchemy import or_, select
from sqlmodel import Session, col

from models.acts import catalogue
from models.law.statute import Statute
from models.register.counted_in_table3 import lines
from models.report_tables.identities import Check, Verdict
from models.report_tables.table3 import CaseLine, Table3
from models.store.known_by import events_by
from models.store.tables import Application, Event

CHECK = "cases.recount"
SHOWN = 5  # cases explained in the message; `cases` has them all

Place = tuple[str, str]  # row, column


def lines_by_events(session: Session, year: int, as_of: date, law: Statute) -> Iterator[CaseLine]:
    """What table 三 of `year` counts, told by the events alone, by number; about 0.5 ms a case.

    Asked of every case that the register's rows or an event put into the year.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    closed_on, number = col(Application.closed_on), col(Application.number)
    by_row = select(number).where(
        col(Application.received_on) <= last, or_(closed_on.is_(None), closed_on >= first)
    )
    by_event = select(col(Event.case_number)).where(col(Event.on).between(first, last))
    told = (getattr(Event, name) for name in Event.model_fields)  # rows: none is to be kept
    statement = (
        select(*told)
        .where(
            or_(col(Event.case_number).in_(by_row), col(Event.case_number).in_(by_event)),
            events_by(session, as_of),
        )
        .order_by(col(Event.case_number), col(Event.position))
    )
    rows = session.execute(statement, execution_options={"yield_per": 10_000})
    events = cast(Iterator[Event], rows)
    for one, history in groupby(events, key=attrgetter("case_number")):
        yield from lines(catalogue.replay(one, history), law)


def recounted(table: Table3, by_events: Table3) -> Check:
    """Whether each case stands in the cells that its events put it into."""
    ours, theirs = _places(table), _places(by_events)
    apart = sorted(
        number for number in {**ours, **theirs} if ours.get(number) != theirs.get(number)
    )
    if not apart:
        message = f"按办理经过逐件重新计数，与表三一致，共{len(ours)}件"
        return Check(CHECK, True, message)
    said = "；".join(
        f"{number}计在{_named(table, ours.get(number))}，按办理经过应在"
        f"{_named(table, theirs.get(number))}"
        for number in apart[:SHOWN]
    )
    more = f"等{len(apart)}件" if len(apart) > SHOWN else ""
    return Check(CHECK, False, f"按办理经过逐件重新计数，与表三不符：{said}{more}", tuple(apart))


def not_recounted(why: str) -> Check:
    """That the cases were not counted again, and why."""
    return Check(CHECK, True, f"没有按办理经过逐件重新计数：{why}", short_of=Verdict.UNJUDGED)


def _places(table: Table3) -> dict[str, list[Place]]:
    """For each case the cells it stands in, in the order of the form; the sums left out."""
    found: dict[str, list[Place]] = defaultdict(list)
    for code, row in table.form.rows.items():
        if row.kind == "results":
            continue
        for kind in table.form.kinds:
            for number in table.cases(code, kind):
                found[number].append((code, kind))
    return dict(found)


def _named(table: Table3, places: list[Place] | None) -> str:
    if not places:
        return "表三之外"
    rows = "、".join(table.form.rows[code].ordinal for code, _ in places)
    columns = "、".join(dict.fromkeys(column for _, column in places))
    return f"“{rows}”行“{columns}”列"
