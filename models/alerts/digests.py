"""Digests and what becomes of them: whom there is something to tell, and each attempt to send it.

Everything that two schedulers might do at once goes through a key or a compare-and-set: a digest
is made once, and one attempt at a time is made to send it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from sqlalchemy import Update, bindparam, insert, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, func, or_, select

from models.agency.sending_rules import SCREEN
from models.alerts import alert_rows
from models.alerts.alert_rows import AlertRow, AnyAlert
from models.alerts.alert_tables import Alert, Attempt, Delivery, Digest, Progress, Recipient
from models.alerts.due_alerts import to_tell
from models.alerts.noted import insert_new
from models.store.happened import objects, rows

OPEN = (str(Progress.WAITING), str(Progress.SHOWN))  # there is something to be done about it


def untold(session: Session, *, lock: bool = False) -> dict[str, list[AlertRow]]:
    """The alerts that are not in a digest yet, by person.

    lock = nobody else gets them before the transaction ends, and then only what was left
    """
    found: dict[str, list[AlertRow]] = {}
    for *alert, person in rows(session, _UNTOLD_ALONE if lock else _UNTOLD):
        found.setdefault(person, []).append(AlertRow._make(alert))
    return found


_UNTOLD = alert_rows.alerts(
    Recipient.subject == Alert.subject,
    Recipient.rule == Alert.rule,
    Recipient.version == Alert.version,
    col(Recipient.digest).is_(None),
    col(Recipient.moot_on).is_(None),
    beside=[Recipient.person],
).order_by(
    col(Recipient.person), col(Recipient.subject), col(Recipient.rule), col(Recipient.version)
)
_UNTOLD_ALONE = _UNTOLD.with_for_update(of=Recipient)


def made(session: Session, person: str, on: date) -> int:
    """How many digests a person has had on a day."""
    return int(rows(session, _MADE, {"person": person, "day": on}).scalar_one())


_MADE = select(func.count()).where(
    Digest.person == bindparam("person"), Digest.day == bindparam("day")
)


def further_since(session: Session, person: str, on: date, at: datetime) -> bool:
    """Whether a person had a further digest of a day after a moment."""
    statement = select(Digest.key).where(
        Digest.person == person, Digest.day == on, Digest.serial > 0, Digest.made_at > at
    )
    return session.exec(statement.limit(1)).first() is not None


def add(
    session: Session, digest: Digest, alerts: Iterable[AnyAlert], channels: Sequence[str]
) -> bool:
    """Enter a digest with its alerts and channels; False where another made it first."""
    if not insert_new(session, Digest, [digest.model_dump()]):
        return False
    _mark(session, digest.person, alerts, digest=digest.key)
    waiting = [
        Delivery(
            digest=digest.key, channel=channel, person=digest.person, next_at=digest.made_at
        ).model_dump()
        for channel in channels
    ]
    insert_new(session, Delivery, waiting)
    return True


class Message(NamedTuple):
    """What a digest that was made says, and to whom."""

    key: str
    person: str
    day: date
    title: str
    body: str


def digest(session: Session, key: str) -> Message:
    """A digest that was made."""
    return Message._make(rows(session, _DIGEST, {"key": key}).one())


_DIGEST = columns(*(getattr(Digest, name) for name in Message._fields)).where(
    col(Digest.key) == bindparam("key")
)


def moot(session: Session, person: str, alerts: Iterable[AnyAlert], on: date) -> None:
    """Note that there is nothing to tell any more: what the alerts were about was done before."""
    _mark(session, person, alerts, moot_on=on)


def told_in(session: Session, digest: str) -> Sequence[AlertRow]:
    """The alerts of a digest."""
    return alert_rows.found(session, _TOLD_IN, {"digest": digest})


_TOLD_IN = alert_rows.alerts(
    Recipient.subject == Alert.subject,
    Recipient.rule == Alert.rule,
    Recipient.version == Alert.version,
    Recipient.digest == bindparam("digest"),
)


def end(session: Session, one: Delivery, progress: Progress) -> bool:
    """Send a message no more; False where it was sent meanwhile, or another attempt has begun."""
    ended = session.connection().execute(
        update(Delivery)
        .where(
            col(Delivery.digest) == one.digest,
            col(Delivery.channel) == one.channel,
            col(Delivery.progress).in_(OPEN),
            col(Delivery.attempts) == one.attempts,
        )
        .values(progress=str(progress))
    )
    return ended.rowcount == 1


def tell_too(session: Session, alerts: Iterable[AnyAlert], persons: Sequence[str]) -> None:
    """Have alerts told to further persons, who are not told twice."""
    told = [to_tell(one, person) for one in alerts for person in persons]
    insert_new(session, Recipient, told)


def _mark(session: Session, person: str, alerts: Iterable[AnyAlert], **values: object) -> None:
    told = [
        {"of": one.subject, "by": one.rule, "to": one.version, "who": person}
        | {f"new_{name}": value for name, value in values.items()}
        for one in alerts
    ]
    if told:
        session.connection().execute(_marking(tuple(values)), told)


@cache
def _marking(names: tuple[str, ...]) -> Update:
    return (
        update(Recipient)
        .where(
            col(Recipient.subject) == bindparam("of"),
            col(Recipient.rule) == bindparam("by"),
            col(Recipient.version) == bindparam("to"),
            col(Recipient.person) == bindparam("who"),
        )
        .values({name: bindparam(f"new_{name}") for name in names})
    )


def waiting(session: Session, at: datetime) -> Sequence[Delivery]:
    """What is to be sent by now, the longest waiting first."""
    return objects(session, _WAITING, {"at": at})


_WAITING = (
    select(Delivery)
    .where(Delivery.progress == str(Progress.WAITING), col(Delivery.next_at) <= bindparam("at"))
    .order_by(col(Delivery.next_at), Delivery.digest, Delivery.channel)
)


def claim(session: Session, one: Delivery, at: datetime, lease: timedelta) -> Attempt | None:
    """Begin the next attempt, if nobody else has; it is nobody else's before the lease ends."""
    mine = {"of": one.digest, "by": one.channel, "begun": one.attempts}
    changed = {"new_attempts": one.attempts + 1, "new_next_at": at + lease}
    claimed = session.connection().execute(_CLAIMED, mine | changed)
    if claimed.rowcount != 1:
        return None
    attempt = Attempt(digest=one.digest, channel=one.channel, number=one.attempts + 1, begun_at=at)
    session.connection().execute(_BEGUN, attempt.model_dump())  # there is no other of this number
    return attempt


_BEGUN = insert(Attempt)


_MINE = (col(Delivery.digest) == bindparam("of"), col(Delivery.channel) == bindparam("by"))
_CLAIMED = (
    update(Delivery)
    .where(
        *_MINE,
        col(Delivery.progress) == str(Progress.WAITING),
        col(Delivery.attempts) == bindparam("begun"),
    )
    .values(attempts=bindparam("new_attempts"), next_at=bindparam("new_next_at"))
)


def settle(
    session: Session, attempt: Attempt, at: datetime, pause: timedelta | None, words: str
) -> None:
    """Note what came of an attempt that was not accepted: tried again after `pause`, or shown."""
    _end(session, attempt, at, words, accepted=False)
    after: dict[str, object] = {"progress": str(Progress.SHOWN)}
    if pause is not None:
        after = {"next_at": at + pause}
    _update(session, attempt, after)


def accept(session: Session, attempt: Attempt, at: datetime, words: str) -> None:
    """Note that the service took the message."""
    _end(session, attempt, at, words, accepted=True)
    _update(session, attempt, {"progress": str(Progress.SENT), "sent_at": at}, whoever=True)


def _end(session: Session, attempt: Attempt, at: datetime, words: str, *, accepted: bool) -> None:
    mine = {"of": attempt.digest, "by": attempt.channel, "nth": attempt.number}
    what = {"at": at, "taken": accepted, "words": words}
    session.connection().execute(_ENDED, mine | what)


_ENDED = (
    update(Attempt)
    .where(
        col(Attempt.digest) == bindparam("of"),
        col(Attempt.channel) == bindparam("by"),
        col(Attempt.number) == bindparam("nth"),
    )
    .values(ended_at=bindparam("at"), accepted=bindparam("taken"), answer=bindparam("words"))
)


def _update(
    session: Session, attempt: Attempt, values: dict[str, object], *, whoever: bool = False
) -> None:
    """Change a delivery; a failure only where no later attempt has begun."""
    mine = {"of": attempt.digest, "by": attempt.channel}
    last = {} if whoever else {"begun": attempt.number}
    changed = {f"new_{name}": value for name, value in values.items()}
    session.connection().execute(_changing(tuple(values), whoever=whoever), mine | last | changed)


@cache
def _changing(names: tuple[str, ...], *, whoever: bool) -> Update:
    changed = update(Delivery).where(*_MINE)
    if not whoever:
        changed = changed.where(col(Delivery.attempts) == bindparam("begun"))
    return changed.values({name: bindparam(f"new_{name}") for name in names})


def try_again(session: Session, at: datetime) -> int:
    """Send once more what was given up; how many messages."""
    statement = (
        update(Delivery)
        .where(col(Delivery.progress) == str(Progress.SHOWN))
        .values(progress=str(Progress.WAITING), next_at=at)
    )
    return int(session.connection().execute(statement).rowcount)


def not_sent(session: Session) -> Sequence[tuple[Delivery, Digest, str]]:
    """What is not sent yet or was given up, with its digest and the last answer, oldest first."""
    return session.exec(_NOT_SENT).all()


_LAST_ANSWER = (
    select(Attempt.answer)
    .where(
        Attempt.digest == Delivery.digest,
        Attempt.channel == Delivery.channel,
        Attempt.number == Delivery.attempts,
    )
    .scalar_subquery()
)
_NOT_SENT = (
    select(Delivery, Digest, func.coalesce(_LAST_ANSWER, ""))
    .where(Delivery.digest == Digest.key, col(Delivery.progress).in_(OPEN))
    .order_by(col(Digest.made_at), Delivery.person, Delivery.channel)
)


def unsent_to(session: Session) -> list[str]:
    """Whom something was to be sent that is not sent yet or was given up, but what he is shown."""
    return sorted(rows(session, _UNSENT_TO).scalars())


_UNSENT_TO = (
    select(Delivery.person)
    .where(col(Delivery.progress).in_(OPEN), Delivery.channel != SCREEN)
    .distinct()
)


def on_screen(session: Session, today: date, since: datetime) -> Sequence[Digest]:
    """The digests of today, and those of earlier days that wait for the screen or came there only
    since a moment; by day and person.
    """
    return objects(session, _ON_SCREEN, {"today": today, "since": since})


_LATE = select(Delivery.digest).where(
    Delivery.channel == SCREEN,
    or_(Delivery.progress == str(Progress.WAITING), col(Delivery.sent_at) >= bindparam("since")),
)
_ON_SCREEN = (
    select(Digest)
    .where(or_(Digest.day == bindparam("today"), col(Digest.key).in_(_LATE)))
    .order_by(col(Digest.day), Digest.person, col(Digest.serial))
)
