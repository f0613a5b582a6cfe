"""Which replies were sent and are not known to have been received, or came back? (Art. 45)

The reply was in time if it was sent in time; but the time for review or suit runs only from when the
applicant had it (复议法 20, 行诉法 46), so somebody is to find out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Executable, Pool, bindparam
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.acts.afterwards.delivery import RecordReceived, RecordReturned, ServeAgain, had_on
from models.acts.reply.serving import AGAIN
from models.acts.reply.signoff import Dispatch
from models.alerts.looked_at import End, Looked, found_in
from models.case.case import Case
from models.case.stage import Stage
from models.law.statute import Statute
from models.store.happened import AnyEvent, rows
from models.store.tables import Application, Event
from models.words.names import one_number

LOOKED_BACK = timedelta(days=366)
"""A reply sent longer ago is asked after no more; the case's page says that nobody knows."""
CHUNK = 500
KEPT = 10_000
"""Cases of which it is kept what was sent last; of more that are looked at, the last."""


@dataclass(frozen=True)
class Sent:
    """A reply as it was sent last: its number, when, how, under which number of the post.

    returned_on, reason = when it came back and why; None, "" = it did not
    had = the day the applicant had it, None = not known
    """

    number: str
    letter: str
    sent_on: date
    way: str
    proof: str
    officer: str
    applicant: str
    returned_on: date | None = None
    reason: str = ""
    had: date | None = None

    @property
    def way_words(self) -> str:
        """How it was sent, as officers say it."""
        return AGAIN.get(self.way, self.way)


def sent(
    session: Session,
    law: Statute,
    today: date,
    of: Collection[str] | None = None,
    *,
    lately: Executable | None = None,
    first: date | None = None,
) -> Iterator[Sent]:
    """The replies sent within a year, received or not, the earliest first; of = of these cases alone.

    lately = which of them are looked at, None = all; first = the first day of sending looked at
    """
    since = {"since": first or today - LOOKED_BACK}
    asked = _LATELY if lately is None else lately
    numbers = set(rows(session, asked, since).scalars()) if of is None or of else set()
    yield from _sent(session, sorted(numbers if of is None else numbers & set(of)), law)


_LATELY = select(Event.case_number).where(
    col(Event.kind).in_((Dispatch.kind, ServeAgain.kind)), col(Event.on) >= bindparam("since")
)


_LAST = aliased(Event)
_NOT_RECEIVED_LAST = _LATELY.where(  # that it was received is mostly the last that is recorded
    ~(
        select(_LAST.position)
        .where(
            _LAST.case_number == Event.case_number,
            _LAST.kind == RecordReceived.kind,
            _LAST.position + 1 == Application.position,
            Application.number == Event.case_number,
        )
        .exists()
    )
)


def unserved(
    session: Session,
    law: Statute,
    today: date,
    of: Collection[str] | None = None,
    first: date | None = None,
) -> list[Sent]:
    """Those of which it is not known that the applicant had them; what came back first.

    first = the first day of sending looked at, None = of a year ago
    """
    looked_at = sent(session, law, today, of, lately=_NOT_RECEIVED_LAST, first=first)
    found = [one for one in looked_at if one.had is None]
    return sorted(found, key=lambda one: (one.returned_on is None, one.sent_on, one.number))


class _Found(NamedTuple):
    """What was found by a law, by number."""

    law: Statute
    sent: dict[str, tuple[End, Sent | None]]


_FOUND: WeakKeyDictionary[Pool, _Found] = WeakKeyDictionary()
"""By register, under the law that holds: it is asked every few minutes, and mostly nothing was recorded."""


def _sent(session: Session, numbers: list[str], law: Statute) -> Iterator[Sent]:
    register = session.get_bind().engine.pool
    found = _FOUND.get(register)
    if found is None or found.law is not law:
        found = _FOUND[register] = _Found(law, {})
    for first in range(0, len(numbers), CHUNK):
        chunk = numbers[first : first + CHUNK]
        if len(found.sent) > KEPT:
            found.sent.clear()
        yield from filter(None, found_in(session, chunk, partial(_sent_last, law), found.sent))


def _sent_last(law: Statute, looked: Looked) -> Sent | None:
    """The reply of a case that is closed as it was sent last; None where there is none."""
    case, events = looked
    letter = case.reply_letter()
    if case.stage is not Stage.CLOSED or letter is None or not case.closed_on:
        return None
    return _last(case, letter.number, events, law)


def _last(case: Case, letter: str, events: Sequence[AnyEvent], law: Statute) -> Sent:
    returned: AnyEvent | None = None
    sending = events[0]
    for event in events:
        if event.kind in (Dispatch.kind, ServeAgain.kind):
            sending, returned = event, None
        elif event.kind == RecordReturned.kind:
            returned = event
    return Sent(
        case.number,
        letter,
        sending.on,
        str(sending.facts.get("delivery", "")),
        str(sending.facts.get("proof", "")),
        case.officer,
        case.applicant,
        returned.on if returned else None,
        str(returned.facts.get("reason", "")) if returned else "",
        had_on(case, law),
    )


def mail_number(words: str) -> str:
    """A number of the post as it is compared: without blanks, in half width, in capitals."""
    return one_number(words).upper()
