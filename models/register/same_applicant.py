"""Which other applications are the same applicant's? By name, and identity where it is known.

For what counts them (收费办法 4), joins them in one letter, or asks whether one repeats another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Pool, Select, TextClause, bindparam, text
from sqlalchemy import select as columns
from sqlmodel import Session, and_, col, func, select

from models.acts import catalogue
from models.acts.afterwards.delivery import RecordReceived, RecordReturned, ServeAgain
from models.acts.afterwards.erratum import Erratum
from models.acts.afterwards.merging import JoinAnswer
from models.acts.intake.receipt import Register
from models.acts.procedure.consulting import Consult
from models.acts.procedure.leaving import Leave
from models.acts.procedure.opinions import awaited_until
from models.acts.procedure.withholding import not_agreeing
from models.acts.reply.nothing_given import DraftNotHandled
from models.acts.reply.signoff import Dispatch, Sign
from models.case import recorded
from models.case.act import Act, Circumstances
from models.case.case import UNDO, Case
from models.case.matters import OtherApplication, Unheard
from models.law.statute import Statute
from models.register import recorded_since
from models.register.undone_steps import standing
from models.store.evidence import NOTED
from models.store.happened import NOTHING, Happened, events, happened, of_cases, paired, rows
from models.store.tables import Applicant, Application, Document, Event
from models.words.names import begins, one_name, one_number, same_name


def informed(
    session: Session, case: Case, now: Circumstances, act: Act | None = None
) -> Circumstances:
    """The same circumstances, knowing the other applications under the applicant's name.

    Two known identities that differ are two persons; where one is not known, the officer decides.
    act = the one to be judged: the reply that it says was given before is looked up by its number,
    for who applied together with others is in the register under the first one's name
    """
    known = _found(session, case, now)
    if isinstance(act, DraftNotHandled) and act.earlier_reply_number:
        number = one_number(act.earlier_reply_number)
        beside = tuple(_answered_together(session, case, number, known.others, now))
        known = known._replace(others=known.others + beside)
    return replace(now, **known._asdict())


class Found(NamedTuple):
    """What the register tells of a case beside what happened in it, as `Circumstances` names it."""

    others: tuple[OtherApplication, ...]
    since: date | None
    told_online: bool | None
    borne: tuple[tuple[str, str], ...]


def _look(session: Session, case: Case, now: Circumstances) -> Found:
    return Found(
        tuple(_others(session, case, now)) if case.applicant else (),
        rows(session, _SINCE).scalar_one(),
        _told_online(session, case, now.agency.online_review),
        tuple(_borne(session, case)),
    )


def _borne(session: Session, case: Case) -> Iterator[tuple[str, str]]:
    """The titles of the letters of a case as they were filed, by kind; of one kind the last."""
    if not case.letters:
        return
    filed = paired(session, _LETTERS, {"number": case.number})
    for one in case.letters:
        if one.number in filed:
            yield one.kind, str(json.loads(filed[one.number])["title"])


_LETTERS = select(Document.number, Document.letter).where(
    Document.case_number == bindparam("number")
)


def _told_online(session: Session, case: Case, channel: str) -> bool | None:
    """Whether the reply as it was signed names this channel of review (复议法 22)."""
    reply = case.reply_letter()
    if reply is None or not channel:
        return None
    words = rows(session, _WORDS, {"number": reply.number}).scalar()
    return None if words is None else json.dumps(channel, ensure_ascii=False)[1:-1] in words


class Registered(NamedTuple):
    """What is asked of the register's row of another application."""

    number: str
    stage: str
    received_on: date | None
    closed_on: date | None
    request: str
    outcome: str | None
    applicant: str


def _registered(
    session: Session, statement: Select[Any], params: Mapping[str, Any] = NOTHING
) -> list[Registered]:
    return [*map(Registered._make, rows(session, statement, params))]


_AS_REGISTERED = columns(*(getattr(Application, name) for name in Registered._fields))
_WORDS = select(Document.letter).where(Document.number == bindparam("number"))
_NAMED = _AS_REGISTERED.where(
    col(Application.applicant).in_(bindparam("names", expanding=True)),
    col(Application.number) != bindparam("number"),
).order_by(col(Application.number))
_SINCE = select(func.min(Event.recorded_on))


KEPT = 1000
"""Cases of which is kept what was found; of more that are looked at one by one, the last."""


class _Looked(NamedTuple):
    """What was found while the register ended there, under that law."""

    end: tuple[int, bytes]
    law: Statute
    found: dict[tuple[object, ...], Found]


_LOOKED: WeakKeyDictionary[Pool, _Looked] = WeakKeyDictionary()
"""The last look of this process, by register: a form is made, judged as it is filled in, and recorded, and
each asks for the same while nothing is recorded.
"""


def _found(session: Session, case: Case, now: Circumstances) -> Found:
    """The same as `_look`, looked for once while nothing is recorded anywhere."""
    unlinked = session.new or session.dirty or session.info.get(NOTED)
    end = recorded_since.end(session)
    if unlinked or end == recorded_since.EMPTY:
        return _look(session, case, now)
    register = session.get_bind().engine.pool
    kept = _LOOKED.get(register)
    if kept is None or kept.end != end or kept.law is not now.law:
        kept = _LOOKED[register] = _Looked(end, now.law, {})
    asked = (case.number, case.applicant, case.position, now.agency.online_review)
    found = kept.found.get(asked)
    if found is None:
        if len(kept.found) >= KEPT:
            kept.found.clear()
        found = kept.found[asked] = _look(session, case, now)
    return found


def _others(session: Session, case: Case, now: Circumstances) -> Iterator[OtherApplication]:
    names = spellings(session, case.applicant)
    named = _registered(session, _NAMED, {"names": names, "number": case.number})
    if not named:
        return
    numbers = [case.number, *(row.number for row in named)]
    told = events(session, _TOLD, {"numbers": numbers})
    known = _identities(session, numbers, told)
    ours = known.get(case.number, "")
    same = [
        row for row in named if not (ours and (other := known.get(row.number)) and ours != other)
    ]
    theirs = {row.number for row in same}
    yield from _known(session, same, now, [one for one in told if one.case_number in theirs])


def spellings(session: Session, name: str) -> list[str]:
    """The names in the register that are this one, however each was typed."""
    return [one for one in likely(session, name) if same_name(one, name)]


WITHIN = """
WITH span(low, high) AS (VALUES {spans})
SELECT DISTINCT applicant FROM span CROSS JOIN application
WHERE applicant{order} >= low AND applicant{order} < high
"""
"""The names within spans: SQLite looks each span up in the index of names."""


def likely(session: Session, name: str) -> list[str]:
    """The names in the register that may be this one or begin with it, however each was typed.

    PostgreSQL has no index of names by their characters' numbers, as SQLite has: there it is one walk
    through all of them, and fewer spans are asked.
    """
    indexed = session.get_bind().dialect.name == "sqlite"
    spans = begins(name) if indexed else begins(name, looked_at=1)
    ends = {
        f"{end}{at}": words
        for at, span in enumerate(spans)
        for end, words in zip(("low", "high"), span, strict=True)
    }
    return list(rows(session, _within(len(spans), indexed=indexed), ends).scalars())


@cache
def _within(spans: int, *, indexed: bool) -> TextClause:
    pairs = ", ".join(f"(:low{at}, :high{at})" for at in range(spans))
    return text(WITHIN.format(spans=pairs, order="" if indexed else ' COLLATE "C"'))


def _answered_together(
    session: Session,
    case: Case,
    number: str,
    others: Sequence[OtherApplication],
    now: Circumstances,
) -> Iterator[OtherApplication]:
    """The application that the reply of this number answered, if it was theirs, too."""
    if any(one_number(one.reply) == number for one in others):
        return
    answered = _registered(
        session,
        _AS_REGISTERED.join(Document, col(Document.case_number) == col(Application.number)).where(
            col(Document.number) == number, col(Document.series) == "reply"
        ),
    )
    everybody = {one_name(one) for one in (case.applicant, *case.co_applicants)}
    answered_by = [row for row in answered if row.number != case.number]
    told = events(session, _TOLD, {"numbers": [row.number for row in answered_by]})
    for one in _known(session, answered_by, now, told):
        if everybody & {one_name(name) for name in one.applicants}:
            yield one


_PERSONS = select(Applicant.case_number, Applicant.identity).where(
    col(Applicant.case_number).in_(bindparam("numbers", expanding=True))
)


def identities(session: Session, numbers: Sequence[str]) -> dict[str, str]:
    """Who the first applicants are, as far as it is known; not of one who has left (27)."""
    return _identities(session, numbers, events(session, _LEFT, {"numbers": list(numbers)}))


def _identities(
    session: Session, numbers: Sequence[str], told: Sequence[Happened]
) -> dict[str, str]:
    """The same, by their events: who left, and what was undone, are among them."""
    leaving = (one for one in standing(told) if one.kind == Leave.kind)
    gone = {one.case_number for one in leaving if one.facts.get("first_kind")}
    persons = paired(session, _PERSONS, {"numbers": list(numbers)})
    return {number: identity for number, identity in persons.items() if number not in gone}


SENT = (Sign.kind, Dispatch.kind, RecordReturned.kind, ServeAgain.kind, RecordReceived.kind)
OTHERS = (Leave.kind, Erratum.kind, Consult.kind)
"""The acts in which others than the applicant of the register's row may have a part."""


def _replayed(session: Session, told: Sequence[Happened]) -> dict[str, Case]:
    """The applications that are several persons', or in which opinions were asked for."""
    several = {
        one.case_number
        for one in told
        if one.kind in OTHERS or (one.kind == Register.kind and one.facts.get("co_applicants"))
    }
    if not several:
        return {}
    numbers = sorted(several)
    told_of = zip(numbers, of_cases(session, numbers), strict=True)
    return {number: catalogue.replay(number, own) for number, own in told_of}


def _unheard(case: Case, law: Statute) -> Iterator[Unheard]:
    """Who was asked for an opinion and did not agree, or until when he may answer (Arts. 15, 32)."""
    for one in case.opinions:
        if not_agreeing(one):
            yield Unheard(one.name, None)
        elif not one.unreachable:
            yield Unheard(one.name, awaited_until(one, law))


def _known(
    session: Session,
    registered: Sequence[Registered],
    now: Circumstances,
    told: Sequence[Happened],
) -> Iterator[OtherApplication]:
    """What the register knows of these applications and of the replies that they had; told = their
    events, of the kinds of _TOLD.
    """
    numbers = [row.number for row in registered]
    if not numbers:
        return
    asked = {"numbers": numbers}
    replies = paired(session, _REPLIES, asked)
    stands = standing(told)
    answers = {
        one.case_number: recorded.read(JoinAnswer, one.facts, one.version)
        for one in stands
        if one.kind == JoinAnswer.kind
    }
    served, replayed = _served(stands), _replayed(session, told)
    for row in registered:
        whole = replayed.get(row.number)
        reply, names = replies.get(row.number), answers.get(row.number)
        sent = served.get(reply, Sent()) if reply else Sent()
        yield OtherApplication(
            row.number,
            row.stage,
            row.received_on,
            row.closed_on,
            row.request,
            reply or "",
            tuple(one.number for one in names.named()) if names else (),
            row.outcome,
            *sent,
            (whole.applicant, *whole.co_applicants) if whole else (row.applicant,),
            tuple(_unheard(whole, now.law)) if whole else (),
        )


class Sent(NamedTuple):
    """A reply's date, the day it went out, and whether it came back and was not sent again."""

    dated: date | None = None
    sent_on: date | None = None
    returned: bool = False


def _served(stands: Sequence[Happened]) -> dict[str, Sent]:
    """What became of the replies, by the letter's number, of the events that stand, in order."""
    letters: dict[str, Sent] = {}
    last: dict[str, str] = {}
    for event in stands:
        if event.kind not in SENT:
            continue
        if event.kind == Sign.kind:
            for letter in event.letters:
                last[event.case_number] = letter["number"]
                letters[letter["number"]] = Sent(date.fromisoformat(letter["dated"]))
        elif number := last.get(event.case_number):
            sent = letters[number]
            on = event.on if event.kind == Dispatch.kind else sent.sent_on
            letters[number] = Sent(sent.dated, on, event.kind == RecordReturned.kind)
    return letters


def _of(*kinds: str) -> ColumnElement[bool]:
    """The events of these kinds of the applications asked about, and what was undone of them."""
    return and_(_one_of_those(Event.case_number), col(Event.kind).in_((*kinds, UNDO)))


def _one_of_those(number: str) -> ColumnElement[bool]:
    return col(number).in_(bindparam("numbers", expanding=True))


_LEFT = happened(_of(Leave.kind))
_REPLIES = (
    select(Document.case_number, Document.number)
    .where(
        _one_of_those(Document.case_number),
        Document.series == "reply",
        col(Document.voided_on).is_(None),
    )
    .order_by(col(Document.position))
)
_TOLD = happened(_of(Register.kind, *OTHERS, *SENT, JoinAnswer.kind))
