"""Which other applications are the same applicant's? By name, and identity where it is known.

For what counts them (收费办法 4), joins them in one letter, or asks whether one repeats another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlmodel import Session, col, select

from models import recorded
from models.act import Circumstances
from models.case import Applicant, Application, Document, Event
from models.history import Case, OtherApplication
from models.merging import JoinAnswer


def informed(session: Session, case: Case, now: Circumstances) -> Circumstances:
    """The same circumstances, knowing the other applications under the applicant's name.

    Two known identities that differ are two persons; where one is not known, the officer decides.
    """
    return replace(now, others=tuple(_others(session, case)) if case.applicant else ())


def _others(session: Session, case: Case) -> Iterator[OtherApplication]:
    rows = session.exec(
        select(Application)
        .where(Application.applicant == case.applicant, Application.number != case.number)
        .order_by(col(Application.number))
    ).all()
    numbers = [row.number for row in rows]
    if not numbers:
        return
    persons = select(Applicant).where(col(Applicant.case_number).in_([*numbers, case.number]))
    identities = {one.case_number: one.identity for one in session.exec(persons)}
    letters = select(Document).where(
        col(Document.case_number).in_(numbers),
        Document.series == "reply",
        col(Document.voided_on).is_(None),
    )
    replies = {
        one.case_number: one for one in session.exec(letters.order_by(col(Document.position)))
    }
    joined = select(Event).where(col(Event.case_number).in_(numbers), Event.kind == JoinAnswer.kind)
    answers = {
        one.case_number: recorded.read(JoinAnswer, one.facts, one.version)
        for one in session.exec(joined.order_by(col(Event.position)))
    }
    for row in rows:
        ours, theirs = identities.get(case.number, ""), identities.get(row.number, "")
        if ours and theirs and ours != theirs:
            continue
        reply, names = replies.get(row.number), answers.get(row.number)
        yield OtherApplication(
            row.number,
            row.stage,
            row.received_on,
            row.closed_on,
            row.request,
            reply.number if reply else "",
            tuple(one.number for one in names.named()) if names else (),
        )
