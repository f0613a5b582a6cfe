"""Which answers were refused, and why? The desk asks the same point again, with the reason.

Of what was submitted, only as much is kept as can be stored: it may be anything. The caller commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, select

from models.agency.officers import NAME_LONGEST
from models.case.act import UNPRINTABLE
from models.case.case import Case
from models.store.happened import objects
from models.store.tables import Refusal, RefusedAnswer


def refuse(
    session: Session, case: Case, kind: str, reason: str, officer: str, at: datetime
) -> Refusal:
    """Keep an answer's refusal: it tells the desk to ask the same point again, with the reason.

    Of what was submitted, only as much is kept as can be stored: it may be anything.
    """
    attempt = so_far(session, case)
    kind, reason, officer = (UNPRINTABLE.sub("\ufffd", words) for words in (kind, reason, officer))
    row = Refusal(
        case_number=case.number,
        position=case.position,
        attempt=attempt,
        kind=kind[:40],
        reason=reason,
        officer=officer[:NAME_LONGEST],
        recorded_at=at,
    )
    session.add(row)
    return row


def keep_answer(session: Session, refusal: Refusal, answer: Mapping[str, object]) -> None:
    """Keep what was typed in a refused form, as far as it can be stored; the code is not in it."""
    fields = {
        name: UNPRINTABLE.sub("\ufffd", value) if isinstance(value, str) else value
        for name, value in answer.items()
        if isinstance(value, str | int)
    }
    session.add(
        RefusedAnswer(
            case_number=refusal.case_number,
            position=refusal.position,
            attempt=refusal.attempt,
            fields=fields,
        )
    )


def refused_answer(session: Session, refusal: Refusal) -> dict[str, Any]:
    """What was typed in a refused form; nothing if it was not kept."""
    key = (refusal.case_number, refusal.position, refusal.attempt)
    found = session.get(RefusedAnswer, key)
    return found.fields if found else {}


def so_far(session: Session, case: Case) -> int:
    """How often an answer at the case's present point was refused."""
    statement = select(func.count()).where(
        Refusal.case_number == case.number, Refusal.position == case.position
    )
    return session.exec(statement).one()


def last(session: Session, case: Case) -> Refusal | None:
    """The latest refusal at the case's present point."""
    at = {"number": case.number, "position": case.position}
    return next(iter(objects(session, _REFUSED, at)), None)


_REFUSED = (
    select(Refusal)
    .where(Refusal.case_number == bindparam("number"), Refusal.position == bindparam("position"))
    .order_by(col(Refusal.attempt).desc())
)
