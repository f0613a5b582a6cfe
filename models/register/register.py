"""Reading and writing the register: one act, one transaction; `session` first.

Events are only ever added. The unique key (case, position) makes a second submission of the same
form, a resumed run or a killed process harmless: one act. The caller commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Table, bindparam, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from models.acts import catalogue
from models.acts.afterwards.retention import DestroyParticulars
from models.acts.afterwards.splitting import ReceivedAsPart
from models.acts.intake.receipt import Register
from models.acts.procedure.charging import CancelFee, NoticeFee, RecordPayment
from models.agency.officers import NAME_LONGEST, acted_for
from models.alerts import moved_limits
from models.case.act import Act, Circumstances, RegisterAct, S, unprintable
from models.case.case import Case, Step
from models.case.personal import PARTICULARS
from models.case.recorded import ACTED_FOR
from models.duties import projection
from models.errors import ActRefused, NoSuchCase, Superseded
from models.law.statute import Statute
from models.register import closed_years
from models.register.counted_in_table3 import counted_by_history, lines
from models.register.listed import applications as applications  # noqa: PLC0414 — asked for here by most
from models.register.open_lists import IS_OPEN
from models.register.past_keeping import destroy
from models.store import evidence, many_rows
from models.store.happened import of_case, of_cases
from models.store.tables import (
    Applicant,
    Application,
    Enquiry,
    Event,
)

T = TypeVar("T")
APPLICATION_SERIES = "application"
OF_ACT = ("kind", "version", "recorded_on", "recorded_at", "officer", "article", "facts")
OF_EVENT = (*OF_ACT, "effective_on", "letters")
NO_LETTERS: list[dict[str, str]] = []
"""What is stated of an event without letters: finding out what the default is costs more than all."""
FEES = (NoticeFee.kind, RecordPayment.kind, CancelFee.kind)


def allot(session: Session, series: str, year: int, *together: str) -> int:
    """The next serial of a numbering series in a year: no gaps, no reuse, also in a race.

    together = the series that are counted as one with it (the same 代字), in a fixed order
    The rows are locked until the transaction ends; one that is rolled back gives its number back.
    """
    names = together or (series,)
    begun = text(
        "INSERT INTO series (series, year, last) VALUES (:series, :year, 0) "
        "ON CONFLICT (series, year) DO UPDATE SET last = series.last RETURNING last"
    )
    told = [session.execute(begun, {"series": name, "year": year}).scalar_one() for name in names]
    serial = max(told) + 1
    given = text("UPDATE series SET last = :last WHERE series = :series AND year = :year")
    for name in names:
        session.execute(given, {"series": name, "year": year, "last": serial})
    return int(serial)


def register(
    session: Session, act: Register, applicant: Applicant, now: Circumstances, at: datetime
) -> Case:
    """Take an application into the register under a new 申请编号 (Arts. 29, 45).

    `applicant.case_number` may name a number already given by a ledger; otherwise one is allotted.
    Raises ActRefused when the application cannot be registered as it is.
    """
    particulars = {title: getattr(applicant, name) for name, title in PARTICULARS.items()}
    reasons = [*act.refusals(Case(""), now), *unprintable(particulars), *officer_faults(now)]
    if reasons:
        raise ActRefused(reasons)
    if not applicant.case_number:
        applicant.case_number = _new_number(session, act.arrived_on.year, now)
    session.add(applicant)
    case = Case(applicant.case_number)
    _append(session, case, act, now, at)
    return case


def _new_number(session: Session, year: int, now: Circumstances) -> str:
    """The next 申请编号 that no ledger has given already."""
    while True:
        serial = allot(session, APPLICATION_SERIES, year)
        number = now.agency.new_case_number(year, serial)
        if session.get(Application, number) is None:
            return number


def officer_faults(now: Circumstances) -> list[str]:
    """What is wrong with the name under which an act is to be recorded."""
    too_long = [f"“办理人”最多{NAME_LONGEST}个字"] if len(now.officer) > NAME_LONGEST else []
    return [*unprintable({"办理人": now.officer}), *too_long]


def record(session: Session, case: Case, act: Act, now: Circumstances, at: datetime) -> Event:
    """Record one act at the case's next position, if the law and plain sense allow it.

    Raises ActRefused with the reasons, or Superseded when another act came first.
    """
    reasons = [*act.refusals(case, now), *officer_faults(now)]
    if reasons:
        raise ActRefused(reasons)
    moved_limits.before_act(session, case, now, at)
    event = _append(session, case, act, now, at)
    if isinstance(act, DestroyParticulars):
        destroy(session, case.number)
    return event


def state_result(session: Session, case: Case, act: Act, now: Circumstances, at: datetime) -> Event:
    """Record the result that an earlier ledger states, later than the application itself: it is not
    judged, for it happened. The case must be as that ledger left it.
    """
    moved_limits.before_act(session, case, now, at)
    return _append(session, case, act, now, at)


def beget(
    session: Session, case: Case, act: Act, now: Circumstances, at: datetime
) -> list[tuple[Case, Act, Event]]:
    """The applications that an act makes besides, each under a number of its own (收费办法 4).

    Returned with the last of the acts that made each, and its event, so that its letter is issued.
    """
    made = []
    for happened in act.begets(case):
        part = Case(_new_number(session, case.arrived_on.year, now))
        kept = {"case_number", "intake", *(PARTICULARS if case.later_firsts else ())}
        person = applicant(session, case.number).model_dump(exclude=kept)
        session.add(Applicant(case_number=part.number, **person))
        made.append([(part, each, _append(session, part, each, now, at)) for each in happened][-1])
    return made


def take_over(
    session: Session,
    stated: Iterable[tuple[Applicant | dict[str, Any], Sequence[Act]]],
    now: Circumstances,
    at: datetime,
    limits: projection.Limits | None = None,
) -> None:
    """Take over applications that an earlier ledger states, each with its acts, without judging
    them: they happened. Their numbers must be new to the register. Who applied is told as a row, or,
    where there are thousands, by its columns.

    limits = kept from one call to the next, where there are several
    """
    rows, persons = list[Mapping[str, Any]](), list[Mapping[str, Any]]()
    recorded, places = list[tuple[Any, ...]](), list[tuple[str, int]]()
    taken: dict[int, tuple[Step, tuple[Any, ...]]] = {}  # many rows state the same act
    closed = closed_years.closed_years(session)
    law = now.law
    limits = limits or projection.Limits(law)
    for who, happened in stated:
        person = who if isinstance(who, dict) else who.model_dump()
        case = Case(person["case_number"])
        for act in happened:
            if (found := taken.get(id(act))) is None:
                found = taken[id(act)] = _taken(act, now, at)
            step, said = found
            recorded.append(said)
            places.append((case.number, case.position))
            case.take(step)
        counted = lines(case, law) if closed else []
        for year in closed:
            if closed_years.counted_in(counted, year):
                closed_years.guard(
                    session, year, closed_years.LEDGER, f"表三所计的申请（补录 {case.number}）"
                )
        rows.append(columns(case, law, limits))
        persons.append(person)
    if not rows:
        return
    _write(session, Application, many_rows.columns_of(rows, list(rows[0])))
    numbers, positions = zip(*places, strict=True)
    events = dict(zip(OF_EVENT, zip(*recorded, strict=True), strict=True))
    events |= {"case_number": numbers, "position": positions}
    written: list[tuple[type[SQLModel], many_rows.Columns]] = [
        (Event, _write(session, Event, events)),
        (Applicant, _write(session, Applicant, many_rows.columns_of(persons, list(persons[0])))),
    ]
    evidence.link_written(session, written)


def _taken(act: Act, now: Circumstances, at: datetime) -> tuple[Step, tuple[Any, ...]]:
    """An act as a case takes it, and what its event states: OF_EVENT, in this order."""
    said = stamp(act, now, at)
    on: date = said["on"]
    return Step(act, on, now.today, now.officer), (*map(said.get, OF_ACT), on, NO_LETTERS)


def _write(session: Session, model: type[SQLModel], stated: many_rows.Columns) -> many_rows.Columns:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return many_rows.write(session.connection(), table, stated)


def _append(session: Session, case: Case, act: Act, now: Circumstances, at: datetime) -> Event:
    position = case.position
    event = _event(case, act, now, at)
    try:  # whatever asks the database flushes what was added before
        _happen(session, case, act, event, now.law)
        session.add(event)
        _project(session, case, now.law)
        session.flush()
    except IntegrityError as fault:
        raise Superseded(case.number, position) from fault
    return event


def _happen(session: Session, case: Case, act: Act, event: Event, law: Statute) -> None:
    """The effect of an act; YearSigned if a closed year would count otherwise for it."""
    touched = act.touches(case, event.on)
    came = case.received_on or case.arrived_on if case.steps else event.on  # a correction moves it
    closed = closed_years.closed_years(session, min(came, *(day for _, day in touched)).year)
    before = lines(case, law) if closed else []
    catalogue.take_effect(case, act, event)
    if not closed:
        return
    named = case.split_from if act.kind == ReceivedAsPart.kind else case.number  # its own is new
    closed_years.guard_lines(session, named, before, lines(case, law), closed)
    for year in sorted({day.year for kind, day in touched if kind in FEES} & {*closed}):
        closed_years.guard(session, year, case.number, f"申请 {case.number} 的信息处理费")


def _event(case: Case, act: Act, now: Circumstances, at: datetime) -> Event:
    return Event(
        case_number=case.number,
        position=case.position,
        letters=[],  # stated: finding out what the default is costs more than all the rest
        **stamp(act, now, at, stood_in(act, case, now, case.officer)),
    )


def stood_in(
    act: RegisterAct[S], case: S, now: Circumstances, handler: str = ""
) -> tuple[str, ...]:
    """For whom the officer does an act, where he stands in for somebody who is away."""
    return acted_for(now.agency.officers, now.officer, act.roles_at(case.stage), handler)


def stamp(
    act: RegisterAct[S], now: Circumstances, at: datetime, absent: Sequence[str] = ()
) -> dict[str, Any]:
    """What every register keeps of an act: its kind, when and by whom, its article and facts.

    absent = for whom it was done; it stands with the facts, where there is anybody
    """
    facts = act.model_dump(mode="json") | ({ACTED_FOR: "、".join(absent)} if absent else {})
    return {
        "kind": act.kind,
        "version": act.version,
        "on": act.effective_on(now.today),
        "recorded_on": now.today,
        "recorded_at": at,
        "officer": now.officer,
        "article": act.article,
        "facts": facts,
    }


def _project(session: Session, case: Case, law: Statute) -> None:
    """Bring the register row in line with the case."""
    row = session.exec(_ROW, params={"number": case.number}).first()
    if row is None:
        session.add(Application(**columns(case, law)))
        return
    for name, value in columns(case, law).items():
        setattr(row, name, value)


def columns(case: Case, law: Statute, limits: projection.Limits | None = None) -> dict[str, Any]:
    """The register row of a case as its events leave it; limits = kept from case to case."""
    return {
        "number": case.number,
        "position": case.position,
        "stage": str(case.stage),
        "channel": case.channel,
        "applicant_kind": case.applicant_kind,
        "applicant": case.applicant,
        "request": case.request,
        "officer": case.officer,
        "arrived_on": case.arrived_on,
        "received_on": case.received_on,
        "received_recorded_on": case.received_recorded_on,
        "closed_on": case.closed_on,
        "closed_recorded_on": case.closed_recorded_on,
        "outcome": case.counted_outcome(law),
        "row": case.row(law),
        "by_history": counted_by_history(case),
        **projection.of(case, law, limits),
    }


def events(session: Session, number: str) -> Sequence[Event]:
    """The events of a case, in order."""
    found = session.exec(_EVENTS, params={"number": number}).all()
    if not found:
        raise NoSuchCase(number)
    return found


_EVENTS = (
    select(Event).where(Event.case_number == bindparam("number")).order_by(col(Event.position))
)


def case(session: Session, number: str) -> Case:
    """The case as its events leave it; NoSuchCase if there is none."""
    found = of_case(session, number)
    if not found:
        raise NoSuchCase(number)
    return catalogue.replay(number, found)


def cases(session: Session, numbers: Sequence[str]) -> dict[str, Case]:
    """These cases, by number, as their events leave them, asked for at once; NoSuchCase if one has none."""
    told = zip(numbers, of_cases(session, numbers), strict=True)
    return _each_of(numbers, {one: catalogue.replay(one, own) for one, own in told if own})


def applicants(session: Session, numbers: Sequence[str]) -> dict[str, Applicant]:
    """Who applied in each of these cases, by its number, asked for at once; NoSuchCase if one has none."""
    asked = select(Applicant).where(col(Applicant.case_number).in_(numbers))
    return _each_of(numbers, {one.case_number: one for one in session.exec(asked)})


def _each_of(numbers: Sequence[str], found: dict[str, T]) -> dict[str, T]:
    if lacking := [number for number in numbers if number not in found]:
        raise NoSuchCase(lacking[0])
    return found


def open_after(session: Session, number: str, most: int) -> Sequence[str]:
    """The next open cases in the order of their numbers, at most so many."""
    found = select(Application.number).where(IS_OPEN, Application.number > number)
    return session.exec(found.order_by(Application.number).limit(most)).all()


def row(session: Session, number: str) -> Application:
    """The register row of a case; NoSuchCase if there is none."""
    found = session.exec(_ROW, params={"number": number}).first()
    if found is None:
        raise NoSuchCase(number)
    return found


_ROW = select(Application).where(Application.number == bindparam("number"))


def applicant(session: Session, number: str) -> Applicant:
    """Who applied and how to reach them; NoSuchCase if there is none."""
    found = session.get(Applicant, number)
    if found is None:
        raise NoSuchCase(number)
    return found


def rebuilt(session: Session, law: Statute) -> Iterator[tuple[Application, dict[str, Any]]]:
    """Each register row beside what its events say it must be: they are equal, or something broke."""
    for row in session.exec(select(Application).order_by(col(Application.number))):
        yield row, columns(case(session, row.number), law)


def rebuild(session: Session, law: Statute) -> int:
    """Write every register row anew from the events; returns how many differed."""
    changed = 0
    for row, stated in rebuilt(session, law):
        if row.model_dump() != stated:
            changed += 1
            for name, value in stated.items():
                setattr(row, name, value)
    return changed


def enquire(session: Session, enquiry: Enquiry) -> Enquiry:
    """Record advice given to enquirers, as it is; models/neighbours/enquiry.py says what makes sense."""
    session.add(enquiry)
    return enquiry
