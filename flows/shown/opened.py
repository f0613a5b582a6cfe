"""Who has a form open just now? As the log of reading says (flows/server/readings.py): “李明 2分钟前打开”.

Nobody is kept out by it: whoever submits first has done it, and the other is told so.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlmodel import Session, col, func, select

from flows import office
from models.register import access_log
from models.store.tables import Event

HELD: Final = timedelta(minutes=10)
"""So long after it was opened a form is taken to be open still."""
MINUTE: Final = 60


def opened_by_others(session: Session, officer: str) -> dict[str, str]:
    """The cases whose form somebody else opened within the last minutes, and has not submitted: number
    → who, and how long ago. Nobody where nobody logs in.
    """
    at = office.now()
    latest = dict[str, tuple[str, datetime]]()
    for number, who, opened in access_log.forms_opened(session, at - HELD, at):
        if who not in ("", officer):
            latest[number] = (who, _aware(opened))
    if not latest:
        return {}
    acted = (
        select(Event.case_number, func.max(Event.recorded_at))
        .where(col(Event.case_number).in_(latest))
        .group_by(Event.case_number)
    )
    last = {number: _aware(moment) for number, moment in session.exec(acted)}
    return {
        number: f"{who} {_ago(at - opened)}打开"
        for number, (who, opened) in latest.items()
        if number in last and last[number] < opened
    }


def _ago(time: timedelta) -> str:
    minutes = int(time.total_seconds() // MINUTE)
    return f"{minutes}分钟前" if minutes else "刚刚"


def _aware(at: datetime) -> datetime:
    """A moment as the register has it; SQLite leaves out that it is UTC."""
    return at.replace(tzinfo=at.tzinfo or UTC)
