"""Which limits did a new notice or rule move? Every open case is counted again, and what moved kept.

The register rows are computed with the rules of the last act or sweep; under new ones (a year's
holiday notice, an amendment, another choice in practice.toml) they are all computed anew, once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from models import acts, duties, projection
from models.act import Circumstances
from models.alert import Moved, Swept
from models.case import Application, Stage
from models.finding import histories, insert_new

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


def recount(session: Session, now: Circumstances, after: str = "") -> str | None:
    """Count the next CHUNK of open cases again; the last case's number, None when all are done.

    Enters what moved under the mark of the rules: counted twice, it is there once.
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
    changed: list[dict[str, Any]] = []
    for row, events in zip(rows, histories(session, numbers), strict=True):
        values = projection.of(acts.replay(row.number, events), law)
        limit = duties.Limit(values["last_day"], values["provisional"])
        if row.last_day != limit.last_day:
            moved.append(_moved(row, limit, mark, now.today).model_dump())
        changed.append(
            {"case": row.number, "at": row.position}
            | {f"new_{name}": value for name, value in values.items()}
        )
    insert_new(session, Moved, moved)
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
