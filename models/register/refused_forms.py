"""What was typed in a form under Deployments and refused: nothing of it is lost with its run.

The caller commits. What is kept is sealed as a whole: it may name and describe anybody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.agency.officers import NAME_LONGEST
from models.case.act import UNPRINTABLE
from models.store.happened import objects
from models.store.tables import RefusedForm


def keep(
    session: Session,
    submission: str,
    run: str,
    form: str,
    why: tuple[int, str],
    fields: Mapping[str, Any],
    at: datetime,
) -> None:
    """Keep a refused form as it was submitted last; why = (how often its run asks, the reason)."""
    asked, reason = why
    reason, officer = (
        UNPRINTABLE.sub("\ufffd", words) for words in (reason, str(fields.get("officer", "")))
    )
    session.merge(
        RefusedForm(
            submission=submission,
            run=run,
            form=form,
            asked=asked,
            reason=reason,
            officer=officer[:NAME_LONGEST],
            fields=json.dumps(fields),
            refused_at=at,
            settled_at=None,
        )
    )


def kept(session: Session, submission: str) -> RefusedForm | None:
    """The refused form of a submission that is neither done nor given up."""
    row = session.get(RefusedForm, submission)
    return row if row and row.settled_at is None else None


def typed(row: RefusedForm) -> dict[str, Any]:
    """What was typed in it."""
    return dict(json.loads(row.fields))


def asked_in(session: Session, submission: str, run: str, asked: int | None = None) -> None:
    """It is asked again in another run than before; asked = how often there, if not as often."""
    if row := kept(session, submission):
        row.run, row.asked = run, row.asked if asked is None else asked
        session.add(row)


def settle(session: Session, submission: str, at: datetime) -> None:
    """It is done, or given up: what was typed is needed no more."""
    if row := kept(session, submission):
        row.fields, row.reason, row.settled_at = "", "", at  # a reason may quote what was typed
        session.add(row)


def unsettled(session: Session) -> Sequence[RefusedForm]:
    """Those that wait to be put right, the oldest first."""
    return objects(session, _UNSETTLED)


_UNSETTLED = (
    select(RefusedForm)
    .where(col(RefusedForm.settled_at).is_(None))
    .order_by(col(RefusedForm.refused_at))
)
