"""What the annual report asks of the register, as the register knew it on a day (`as_of`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from heapq import merge
from itertools import groupby

from sqlalchemy import Select, case, func, select
from sqlmodel import Session, col

from models.acts import catalogue
from models.acts.procedure.charging import CancelFee, NoticeFee, RecordPayment, RefundFee
from models.acts.procedure.fee_owed import fee_of
from models.case.case import Case
from models.errors import UncountableCase
from models.law.statute import Statute
from models.neighbours.review_acts import REVIEWS
from models.register import neighbour
from models.register.closed_years import counted_in
from models.register.counted_in_table3 import counted, lines
from models.report_tables.blocks import SEPARATOR, Block
from models.report_tables.form import Form
from models.report_tables.table3 import Alike, CaseLine, Table3, alike_of, counted_in_blocks
from models.report_tables.table4 import ReviewLine, line
from models.store.happened import events, happened
from models.store.known_by import events_by
from models.store.tables import Application, Enquiry, Event
from models.year.counted_in_blocks import by_end_of, grouped, in_year, received_by, touching


def table(session: Session, year: int, as_of: date, law: Statute, form: Form) -> Table3:
    """Table 三 of `year` as the register knew it on `as_of`; see `tables`."""
    return tables(session, {year: form}, as_of, law)[year]


def tables(
    session: Session,
    forms: Mapping[int, Form],
    as_of: date,
    law: Statute,
    *,
    listed: bool = False,
) -> dict[int, Table3]:
    """Table 三 of each of these years, by its form, as the register knew it on `as_of`.

    A closing recorded later than `as_of` is not known yet; neither is a later receipt. The database
    counts the cases in one scan (models/year/counted_in_blocks.py), and lists them in it if they are to be
    `listed`, else when a cell is opened, in the same transaction; the few that are counted by their history
    (models/register/counted_in_table3.py) are replayed. The tables share their blocks: what one
    year carries out and the next carries in is compared case by case without a list. Raises
    UncountableCase for a case that fits no cell.
    """
    first, last = min(forms), max(forms)
    blocks: dict[int, dict[Alike, list[Block]]] = {year: {} for year in forms}

    def put(places: tuple[Alike | None, ...], block: Block) -> None:
        for year, place in zip(forms, places, strict=True):
            if place:
                blocks[year].setdefault(place, []).append(block)

    def places(each: CaseLine) -> tuple[Alike | None, ...]:
        return tuple(alike_of(each, year, form) for year, form in forms.items())

    try:
        for line_, block in grouped(session, first, last, as_of, listed=listed):
            put(places(line_), block)
    except UncountableCase:
        for each in _plain_lines(session, first, last, as_of):
            places(each)  # the one that fits no cell, by its number
        raise
    told: dict[tuple[Alike | None, ...], list[str]] = {}
    for each in _told(session, last, as_of, law):
        told.setdefault(places(each), []).append(each.number)
    for where, numbers in told.items():
        put(where, Block(len(numbers), SEPARATOR.join(numbers)))
    return {year: counted_in_blocks(blocks[year], year, form) for year, form in forms.items()}


def case_lines(session: Session, year: int, as_of: date, law: Statute) -> Iterator[CaseLine]:
    """What table 三 of `year` counts, case by case, by number."""
    return case_lines_of(session, year, year, as_of, law)


def case_lines_of(
    session: Session, first: int, last: int, as_of: date, law: Statute
) -> Iterator[CaseLine]:
    """What tables 三 of the years from `first` to `last` count, case by case, by number."""
    told = _told(session, last, as_of, law)
    return merge(_plain_lines(session, first, last, as_of), told, key=lambda line: line.number)


def _told(session: Session, year: int, as_of: date, law: Statute) -> Iterator[CaseLine]:
    return (each for case_ in histories(session, as_of) for each in lines(case_, law))


def _plain_lines(session: Session, first: int, last: int, as_of: date) -> Iterator[CaseLine]:
    number = col(Application.number)
    known = col(Application.closed_recorded_on) <= as_of
    statement = (
        select(
            number,
            col(Application.applicant_kind),
            col(Application.received_on),
            case((known, col(Application.closed_on))).label("closed_on"),
            case((known, col(Application.row))).label("row"),
        )
        .where(touching(first, last, as_of))
        .order_by(number)
    )
    found = session.execute(statement, execution_options={"yield_per": 10_000})
    return map(CaseLine._make, found)


def histories(
    session: Session, as_of: date, among: Select[tuple[str]] | None = None
) -> Iterator[Case]:
    """The cases counted by their history, by number, as the register knew them on `as_of`.

    Of any year: what an erratum says of the day of receipt may have come later. among = only these
    """
    asked = select(col(Application.number)).where(col(Application.by_history))
    if among is not None:
        asked = asked.where(col(Application.number).in_(among))
    known_by = happened(col(Event.case_number).in_(asked), events_by(session, as_of))
    found = events(session, known_by)
    for number, known in groupby(found, key=lambda event: event.case_number):
        yield catalogue.replay(number, known)


def closed_by_outcome(
    session: Session, year: int, as_of: date, law: Statute
) -> dict[str | None, int]:
    """How many applications table 三 counts as closed in a year, by outcome; None = from a ledger."""
    statement = (
        select(col(Application.outcome), func.count())
        .where(
            in_year(col(Application.closed_on), year),
            col(Application.closed_recorded_on) <= as_of,
            col(Application.received_on).is_not(None),
            ~col(Application.by_history),
        )
        .group_by(Application.outcome)
    )
    found = Counter(dict(session.execute(statement).tuples().all()))
    for case_ in histories(session, as_of):
        results = (one.result for one in counted(case_, law))
        found.update(one.outcome for one in results if one.on and one.on.year == year)
    return dict(found)


@dataclass(frozen=True)
class Fees:
    """信息处理费 of a year: how many notices and payments, and how many yuan (section 六)."""

    notices: int
    asked: int
    payments: int
    paid: int


def fees_of(session: Session, year: int, as_of: date, law: Statute) -> Fees:
    """The fees asked for and collected in a year, as recorded by `as_of`.

    A notice that was cancelled later is not a fee asked for; what was given back in the year is
    taken off what was collected.
    """
    touched = select(col(Event.case_number)).where(col(Event.kind) == NoticeFee.kind)
    statement = (
        select(Event)
        .where(col(Event.case_number).in_(touched), events_by(session, as_of))
        .order_by(col(Event.case_number), col(Event.position))
    )
    events = session.execute(statement).scalars()
    asked: dict[str, int] = {}
    paid: list[int] = []
    refunded = 0
    for number, known in groupby(events, key=lambda event: event.case_number):
        for step in catalogue.replay(number, known).steps:
            in_year = step.on.year == year
            if step.undone:
                continue
            if isinstance(step.act, NoticeFee) and in_year:
                asked[number] = fee_of(step.act.notice(step.on), law).amount
            elif isinstance(step.act, RecordPayment) and in_year:
                paid.append(step.act.amount)
            elif isinstance(step.act, RefundFee) and in_year:
                refunded += step.act.amount
            elif isinstance(step.act, CancelFee):
                asked.pop(number, None)
    return Fees(len(asked), sum(asked.values()), len(paid), sum(paid) - refunded)


def persons_advised(session: Session, year: int, as_of: date) -> int:
    """人次 of enquirers advised in a year, as recorded by `as_of`."""
    statement = select(func.sum(Enquiry.persons)).where(
        col(Enquiry.on).between(date(year, 1, 1), date(year, 12, 31)),
        col(Enquiry.recorded_on) <= as_of,
    )
    return session.execute(statement).scalar() or 0


def advised_by_channel(session: Session, year: int, as_of: date) -> dict[str, int]:
    """人次 of enquirers advised in a year, by channel (电话, 信函 …), as recorded by `as_of`."""
    statement = (
        select(col(Enquiry.channel), func.sum(Enquiry.persons))
        .where(
            col(Enquiry.on).between(date(year, 1, 1), date(year, 12, 31)),
            col(Enquiry.recorded_on) <= as_of,
        )
        .group_by(col(Enquiry.channel))
        .order_by(col(Enquiry.channel))
    )
    return {channel: int(persons) for channel, persons in session.execute(statement)}


def review_lines(session: Session, year: int, as_of: date, law: Statute) -> list[ReviewLine]:
    """What table 四 of `year` counts, by number, as the register knew it on `as_of`."""
    found = (line(case, year, law) for case in neighbour.states(session, REVIEWS, as_of))
    return [one for one in found if one is not None]


@dataclass(frozen=True)
class Later:
    """Applications that concern a year and were recorded only after a day: received, closed."""

    received: int
    closed: int


def recorded_later(session: Session, year: int, as_of: date, law: Statute) -> Later:
    """What the register learnt only after `as_of` of the year and what lies before it.

    closed = known on that day, and counted otherwise since: a closing recorded late, an erratum
    """
    before = received_by(year)
    received = select(func.count()).where(before, col(Application.received_recorded_on) > as_of)
    closed = select(func.count()).where(
        before,
        col(Application.received_recorded_on) <= as_of,
        by_end_of(col(Application.closed_on), year),
        col(Application.closed_recorded_on) > as_of,
        ~col(Application.by_history),
    )
    return Later(
        int(session.execute(received).scalar_one()),
        int(session.execute(closed).scalar_one()) + _told_otherwise(session, year, as_of, law),
    )


def _told_otherwise(session: Session, year: int, as_of: date, law: Statute) -> int:
    """Of the cases counted by their history, how many the year counts otherwise since `as_of`."""
    since = select(col(Event.case_number)).where(col(Event.recorded_on) > as_of)
    then = {case_.number: case_ for case_ in histories(session, as_of, since)}
    return sum(
        counted_in(lines(then[now.number], law), year) != counted_in(lines(now, law), year)
        for now in histories(session, date.max, since)
        if now.number in then and then[now.number].received_on
    )
