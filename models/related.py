"""Which other applications are the same applicant's? By name, and identity where it is known.

For what counts them (收费办法 4), joins them in one letter, or asks whether one repeats another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from models import recorded
from models.act import Circumstances
from models.case import Applicant, Application, Document, Event
from models.delivery import RecordReceived, RecordReturned, ServeAgain
from models.history import Case, OtherApplication
from models.merging import JoinAnswer
from models.signoff import Dispatch, Sign


def informed(session: Session, case: Case, now: Circumstances) -> Circumstances:
    """The same circumstances, knowing the other applications under the applicant's name.

    Two known identities that differ are two persons; where one is not known, the officer decides.
    """
    others = tuple(_others(session, case)) if case.applicant else ()
    return replace(
        now, others=others, since=session.exec(select(func.min(Event.recorded_on))).one()
    )


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
    served = _served(session, numbers)
    for row in rows:
        ours, theirs = identities.get(case.number, ""), identities.get(row.number, "")
        if ours and theirs and ours != theirs:
            continue
        reply, names = replies.get(row.number), answers.get(row.number)
        sent = served.get(reply.number, Sent()) if reply else Sent()
        yield OtherApplication(
            row.number,
            row.stage,
            row.received_on,
            row.closed_on,
            row.request,
            reply.number if reply else "",
            tuple(one.number for one in names.named()) if names else (),
            row.outcome,
            *sent,
        )


class Sent(NamedTuple):
    """A reply's date, the day it went out, and whether it came back and was not sent again."""

    dated: date | None = None
    sent_on: date | None = None
    returned: bool = False


def _served(session: Session, numbers: Sequence[str]) -> dict[str, Sent]:
    """What became of the replies of these applications, by the letter's number."""
    kinds = (Sign.kind, Dispatch.kind, RecordReturned.kind, ServeAgain.kind, RecordReceived.kind)
    found = select(Event).where(col(Event.case_number).in_(numbers), col(Event.kind).in_(kinds))
    letters: dict[str, Sent] = {}
    last: dict[str, str] = {}
    for event in session.exec(found.order_by(col(Event.case_number), col(Event.position))):
        if event.kind == Sign.kind:
            for letter in event.letters:
                last[event.case_number] = letter["number"]
                letters[letter["number"]] = Sent(date.fromisoformat(letter["dated"]))
        elif number := last.get(event.case_number):
            sent = letters[number]
            on = event.on if event.kind == Dispatch.kind else sent.sent_on
            letters[number] = Sent(sent.dated, on, event.kind == RecordReturned.kind)
    return letters
