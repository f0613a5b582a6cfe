"""Has the clock gone back? What is recorded never lies before what was recorded already.

The register keeps the last day on which anything was recorded. A day before it is refused, until
somebody states that the clock was wrong then and is right now: that is recorded, and what stands in
the register from the days in between stays as it is.

Where several machines record in one register, on PostgreSQL, a day ahead of its server's is refused as
well: one machine whose clock is wrong would keep all the others from recording until that day has come.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import func, text
from sqlmodel import Session, SQLModel, col, select

from models.agency.officers import NAME_LONGEST
from models.alerts.alert_tables import Swept
from models.alerts.noted import note
from models.errors import ActRefused, DisclosureError
from models.law.workdays import written
from models.store.happened import rows
from models.store.known_by import CLOCK, clock_corrections
from models.store.tables import Entry, Event

_LATEST_THERE = text(
    "SELECT CAST(clock_timestamp() AT TIME ZONE 'Asia/Shanghai' + interval '1 minute' AS date)"
)
"""Today on the server of the database; at midnight, a minute early."""
REAL, FIXED = "clock", "fixed"
SET_BACK = "set_back"


class WrongDay(DisclosureError):
    """Nothing can be recorded today, as this machine has it.

    to_officers = what an officer is told, who cannot put it right
    """

    def __init__(self, what: str, remedy: str) -> None:
        what += "未登记任何内容。"
        self.to_officers = f"{what}请告知管理员校正"
        super().__init__(f"{what}{remedy}")


class ClockWentBack(WrongDay):
    """Today lies before the last day on which something was recorded."""

    def __init__(self, today: date, last: date) -> None:
        self.today, self.last = today, last
        super().__init__(
            f"系统日期倒退了：今天是 {written(today)}，而登记簿最近一次登记在 {written(last)}，",
            "本机时间有误的，请校正（DISCLOSURE_TODAY 设错的，请改正或者去掉）；"
            "从前的时间偏晚而现在正确的，用 disclosure clock --set-back --officer 姓名 --reason 理由 "
            "记录下来，即可继续",
        )


class ClockAhead(WrongDay):
    """Today lies after the day of the database's server, which all machines share."""

    def __init__(self, today: date, there: date) -> None:
        self.today, self.there = today, there
        super().__init__(
            f"本机日期有误：本机今天是 {written(today)}，而数据库服务器今天是 {written(there)}，",
            "请校正本机（或者数据库服务器）的时间，即可继续",
        )


def guard(session: Session, today: date, *, fixed: bool) -> None:
    """Refuse a day before the last one recorded on, or ahead of the database's; WrongDay.

    fixed = today is a day that was set, not the clock's. A register that the clock itself never
    recorded in is for training and tests: there, days may be set as one likes.
    """
    _guard(session, *reached(session), today, fixed=fixed)


def advance(session: Session, today: date, *, fixed: bool) -> None:
    """The same before something is recorded, and keep the day as one on which something is."""
    found = _kept(session)
    last, how = found or reached(session)
    _guard(session, last, how, today, fixed=fixed)
    now = FIXED if fixed and (last is None or how == FIXED) else REAL
    if found != (today, now):
        note(session, CLOCK, now, today)


def _guard(session: Session, last: date | None, how: str, today: date, *, fixed: bool) -> None:
    if last is not None and today < last and not (fixed and how == FIXED):
        raise ClockWentBack(today, last)
    if fixed or (last is not None and today <= last):
        return
    connection = session.connection()  # the day goes on: asked once a day
    if connection.dialect.name == "postgresql":
        there: date = connection.scalar(_LATEST_THERE)
        if today > there:
            raise ClockAhead(today, there)


def reached(session: Session) -> tuple[date | None, str]:
    """The last day recorded on (None: there is nothing yet), and whether the clock ever said it."""
    if found := _kept(session):
        return found
    return max(_last_days(session), default=None), REAL


def set_back(
    session: Session, today: date, officer: str, reason: str, at: datetime
) -> Sequence[Event]:
    """Record that the clock was wrong and is right now; the events from days still to come.

    Raises ActRefused where it did not go back, or who says so and why is missing.
    """
    last, _ = reached(session)
    officer, reason = officer.strip(), reason.strip()
    reasons = [
        *([] if last and today < last else ["今天不早于登记簿最近一次登记的日期，无须记录"]),
        *([] if 0 < len(officer) <= NAME_LONGEST else [f"“办理人”必填，最多{NAME_LONGEST}个字"]),
        *([] if reason else ["“理由”必填"]),
    ]
    if reasons:
        raise ActRefused(reasons)
    assert last is not None
    session.add(
        Entry(
            register_key=CLOCK,
            case_number=CLOCK,
            position=len(clock_corrections(session)),
            kind=SET_BACK,
            on=today,
            recorded_on=today,
            recorded_at=at,
            officer=officer,
            article="",
            facts={"was": last.isoformat(), "reason": reason},
        )
    )
    note(session, CLOCK, REAL, today)
    statement = (
        select(Event)
        .where(col(Event.recorded_on) > today)
        .order_by(col(Event.case_number), col(Event.position))
    )
    return session.exec(statement).all()


def _kept(session: Session) -> tuple[date, str] | None:
    found = rows(session, _KEPT).first()  # before every transaction
    return (found[0], found[1]) if found else None


_KEPT = select(col(Swept.day), col(Swept.mark)).where(Swept.name == CLOCK)


def _last_days(session: Session) -> Iterator[date]:
    """The last day recorded on, asked of each table that keeps one."""
    for table in SQLModel.metadata.sorted_tables:
        if "recorded_on" in table.columns:
            asked = select(func.max(table.columns["recorded_on"]))
            if found := session.connection().scalar(asked):
                yield found
