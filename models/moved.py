"""Which limits did a new notice or rule move? Every open case is counted again, and what moved kept.

The register rows are computed with the rules of the last act or sweep; under new ones (a year's
holiday notice, an amendment, another choice in practice.toml) they are all computed anew, once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from models import acts, duties, projection
from models.act import Circumstances
from models.alert import Alert, Moved, Swept
from models.alerting import Threshold
from models.case import Application, Stage
from models.duties import Duty, written_limit
from models.finding import enter, facts, histories, insert_new

LAW, MORNING = "law", "morning"
CHUNK = 1000


def counted_by(session: Session) -> str | None:
    """The mark of the rules that the register rows were last computed by; None = never swept."""
    found = session.get(Swept, LAW)
    return found.mark if found else None


def note(session: Session, name: str, mark: str, on: date) -> None:
    """Note how far the sweep is: LAW or MORNING."""
    insert_new(session, Swept, [Swept(name=name, mark=mark, day=on).model_dump()])
    session.connection().execute(
        update(Swept).where(col(Swept.name) == name).values(mark=mark, day=on)
    )


def recount(session: Session, now: Circumstances, at: datetime, after: str = "") -> str | None:
    """Count the next CHUNK of open cases again; the last case's number, None when all are done.

    Enters what moved under the mark of the rules, and that it is to be told: counted twice, it is
    there once.
    """
    statement = (
        select(Application)
        .where(Application.stage != str(Stage.CLOSED), Application.number > after)
        .order_by(col(Application.number))
        .limit(CHUNK)
    )
    rows = session.exec(statement).all()
    if not rows:
        return None
    numbers = [row.number for row in rows]
    law, mark = now.law, now.law.mark()
    moved: list[dict[str, Any]] = []
    told: list[Alert] = []
    changed: list[dict[str, Any]] = []
    for row, events in zip(rows, histories(session, numbers), strict=True):
        values = projection.of(acts.replay(row.number, events), law)
        limit = duties.Limit(values["last_day"], values["provisional"])
        if row.last_day != limit.last_day:
            one = _moved(row, limit, mark, now.today)
            moved.append(one.model_dump())
            told += _told(row, one, now, at)
        changed.append(
            {"case": row.number, "at": row.position}
            | {f"new_{name}": value for name, value in values.items()}
        )
    insert_new(session, Moved, moved)
    enter(session, told, now)
    session.connection().execute(_COUNT_AGAIN, changed)
    return numbers[-1]


_COUNT_AGAIN = (  # unless an act was recorded meanwhile: its row is computed by the new rules
    update(Application)
    .where(col(Application.number) == bindparam("case"))
    .where(col(Application.position) == bindparam("at"))
    .values(
        {
            name: bindparam(f"new_{name}")
            for name in ("last_day", "provisional", "waiting", "waiting_until", "look_on")
        }
    )
)


def _moved(row: Application, limit: duties.Limit, mark: str, today: date) -> Moved:
    return Moved(
        case_number=row.number,
        law=mark,
        found_on=today,
        was=row.last_day,
        last_day=limit.last_day,
        was_provisional=row.provisional,
        provisional=limit.provisional,
    )


def _told(row: Application, one: Moved, now: Circumstances, at: datetime) -> list[Alert]:
    """That a limit moved is told to whoever has the case; not where it only stopped or began."""
    if one.was is None or one.last_day is None:
        return []
    whom = f"由{written_limit(one.was, one.was_provisional)}改"
    duty = Duty("moved", one.last_day, one.provisional, whom=whom)
    left = now.law.calendar.count(now.today, one.last_day).fewest
    facts_ = facts(duty, Threshold(left, now.today), now.today, at)
    return [Alert(subject=row.number, officer=row.officer, stage=row.stage, **facts_)]


def moved(session: Session, law: str) -> list[Moved]:
    """The limits that rules of this mark moved, by number."""
    statement = select(Moved).where(Moved.law == law).order_by(col(Moved.case_number))
    return list(session.exec(statement))


def in_chunks(next_chunk: Callable[[str], str | None]) -> int:
    """Do chunk after chunk, each from where the last one ended; how many there were."""
    done, after = 0, next_chunk("")
    while after is not None:
        done, after = done + 1, next_chunk(after)
    return done
