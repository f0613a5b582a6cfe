"""Which limits did a new notice or rule move? Every open case is counted again, and what moved kept.

The register rows are computed with the rules of the last act or sweep; under new ones (a year's
holiday notice, an amendment, another choice in practice.toml) they are all computed anew, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from models.acts import catalogue
from models.alerts.alert_rows import AlertRow
from models.alerts.alert_tables import MOVING, Moved, Swept
from models.alerts.due_alerts import enter, facts
from models.alerts.noted import insert_new, note
from models.case.act import Circumstances
from models.case.case import Case
from models.case.stage import Stage
from models.duties import duties, projection
from models.duties.alert_days import Threshold
from models.duties.duties import Duty
from models.duties.limits import written_limit
from models.store.happened import of_cases, rows
from models.store.tables import Application

LAW, COUNTS, MORNING = "law", "counts", "morning"
CHUNK = 1000
MARK = 40  # characters of a mark that tell it from others


def counted_by(session: Session) -> str | None:
    """The mark of the rules that the register rows were last computed by; None = never swept."""
    mark: str | None = rows(session, _MARK, {"of": LAW}).scalar()
    return mark


_MARK = select(Swept.mark).where(Swept.name == bindparam("of"))


def next_count(session: Session) -> int:
    """The number of the count that is to come, or under way: the same for two at once."""
    return int(rows(session, _MARK, {"of": COUNTS}).scalar() or 0) + 1


def counted(session: Session, count: int, mark: str, on: date) -> None:
    """Note that every case was counted again by these rules."""
    note(session, LAW, mark, on)
    note(session, COUNTS, str(count), on)


def recount(
    session: Session, now: Circumstances, at: datetime, count: int, after: str = ""
) -> str | None:
    """Count the next CHUNK of open cases again; the last case's number, None when all are done.

    Enters what moved under the number of the count and the mark of the rules, and that it is to be
    told: counted by two at once, it is there once.
    """
    statement = (
        select(Application)
        .where(Application.stage != str(Stage.CLOSED), Application.number > after)
        .order_by(col(Application.number))
        .limit(CHUNK)
    )
    open_rows = session.exec(statement).all()
    if not open_rows:
        return None
    numbers = [row.number for row in open_rows]
    key = _key(count, now.law.mark())
    moved: list[tuple[Application, Moved]] = []
    changed: list[dict[str, Any]] = []
    for row, events in zip(open_rows, of_cases(session, numbers), strict=True):
        case = catalogue.replay(row.number, events)
        moved += [(row, one) for one in _moves(row, case, key, now)]
        changed.append(
            {"case": row.number, "at": row.position}
            | {f"new_{name}": value for name, value in projection.of(case, now.law).items()}
        )
    _enter(session, moved, now, at)
    session.connection().execute(_COUNT_AGAIN, changed)
    return numbers[-1] if len(numbers) == CHUNK else None


def before_act(session: Session, case: Case, now: Circumstances, at: datetime) -> None:
    """Enter what moved in a case before an act is recorded in it under rules not counted by yet:
    afterwards its row would not tell any more.
    """
    known = counted_by(session)
    if known is None or case.stage is Stage.CLOSED or known == (mark := now.law.mark()):
        return
    row = session.get_one(Application, case.number)
    key = _key(next_count(session), mark)
    _enter(session, [(row, one) for one in _moves(row, case, key, now)], now, at)


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


def _key(count: int, mark: str) -> str:
    return f"{count}/{mark[:MARK]}"


def _moves(row: Application, case: Case, key: str, now: Circumstances) -> Iterator[Moved]:
    """What differs from the row: the limit for the reply, and until when others are waited for."""
    limit, waiting = duties.limit(case, now.law), duties.waiting(case, now.law)
    same = row.waiting == waiting.what and waiting.what in MOVING
    for law, was, last, provisional in (
        (key, row.last_day, limit.last_day, limit.provisional),
        (f"{key}/{waiting.what}", row.waiting_until, waiting.until, waiting.provisional),
    ):
        if was != last and (law == key or (same and was and last)):
            yield Moved(
                case_number=row.number,
                law=law,
                found_on=now.today,
                was=was,
                last_day=last,
                was_provisional=row.provisional,
                provisional=provisional,
            )


def _enter(
    session: Session,
    moved: Sequence[tuple[Application, Moved]],
    now: Circumstances,
    at: datetime,
) -> None:
    insert_new(session, Moved, [one.model_dump() for _, one in moved])
    enter(session, [alert for row, one in moved for alert in _told(row, one, now, at)], now)


def _told(row: Application, one: Moved, now: Circumstances, at: datetime) -> list[AlertRow]:
    """That a limit moved is told to whoever has the case; not where it only stopped or began."""
    if one.was is None or one.last_day is None:
        return []
    whom = f"由{written_limit(one.was, one.was_provisional)}改"
    duty = Duty("moved", one.last_day, one.provisional, one.ref, whom)
    left = now.law.calendar.count(now.today, one.last_day).fewest
    facts_ = facts(duty, Threshold(left, now.today), now.today, at)
    return [AlertRow(subject=row.number, officer=row.officer, stage=row.stage, **facts_)]


def moved(session: Session, count: int, mark: str) -> list[Moved]:
    """The limits that a count by these rules moved, by number."""
    mine = col(Moved.law).startswith(_key(count, mark))
    statement = select(Moved).where(mine).order_by(col(Moved.case_number), col(Moved.law))
    return list(session.exec(statement))


def in_chunks(next_chunk: Callable[[str], str | None]) -> None:
    """Do chunk after chunk, each from where the last one ended, until one says that it was the last."""
    after: str | None = ""
    while after is not None:
        after = next_chunk(after)
