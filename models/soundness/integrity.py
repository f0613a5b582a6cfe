"""Does the register hold together? Chain, rows, numbers, letters, files of the database (45).

Every fault is a sentence that names what it is about. Nothing is mended here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Text, and_, cast, text
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, func, select

from models.acts import catalogue
from models.agency.agency import Agency
from models.alerts import moved_limits
from models.case.case import Case
from models.case.personal import PARTICULARS
from models.case.stage import Stage
from models.errors import DisclosureError
from models.law.citing import row_label
from models.law.statute import Statute
from models.law.workdays import written
from models.neighbours.papers import PAPERS
from models.neighbours.publication import PUBLICATIONS
from models.neighbours.records_correction import RECORDS
from models.neighbours.review_acts import REVIEWS
from models.register import neighbour, register
from models.register.neighbour import Neighbour
from models.soundness.kept_cases import KeptCase, KeptCases
from models.store import altered
from models.store.tables import Applicant, Application, Document, Entry, Event, Series

NEIGHBOURS: tuple[Neighbour[Any], ...] = (REVIEWS, RECORDS, PUBLICATIONS, PAPERS)
SPOILT = (DisclosureError, LookupError, TypeError, ValueError, AttributeError, AssertionError)
"""What replaying acts may raise once their facts were altered by other means."""
MANY = 20
CHUNK = 500
"""Cases whose rows are asked for at once."""
LOOKED_AT = "look_on"
COMPUTED = frozenset({"last_day", "provisional", "waiting", "waiting_until", LOOKED_AT})
"""What the calendar and the rules of the last act or sweep made of a case."""
TITLES = {
    "position": "步数",
    "stage": "环节",
    "channel": "提交方式",
    "applicant_kind": "申请人类别",
    "applicant": "申请人",
    "request": "申请内容",
    "officer": "承办人",
    "arrived_on": "到件日期",
    "received_on": "收到日期",
    "received_recorded_on": "收到日期登记于",
    "closed_on": "办结日期",
    "closed_recorded_on": "办结登记于",
    "outcome": "办理结果",
    "row": "表三的行",
    "by_history": "按经过计数",
    "last_day": "答复期限",
    "provisional": "期限暂定",
    "waiting": "等待",
    "waiting_until": "等待至",
    "look_on": "下次查看",
}
"""What the columns of a register row are called."""


def faults(session: Session, law: Statute, agency: Agency, head: str = "") -> Iterator[str]:
    """All that does not hold. head = a head of the chain that was written down earlier."""
    yield from _database(session)
    yield from altered.faults(session, head)
    yield from _rows(session, law)
    for one in NEIGHBOURS:
        yield from _neighbouring_rows(session, one)
    yield from _letters(session)
    yield from _numbers(session, agency)
    yield from _persons(session)


def _database(session: Session) -> Iterator[str]:
    if session.connection().dialect.name != "sqlite":
        return
    for (said,) in session.connection().execute(text("PRAGMA integrity_check")):
        if said != "ok":
            yield f"数据库文件已损坏：{said}"


def _rows(session: Session, law: Statute) -> Iterator[str]:
    """Register rows and events: one says of every case what the other does."""
    numbers = session.exec(select(Application.number).order_by(col(Application.number))).all()
    by_these_rules = moved_limits.counted_by(session) == law.mark()
    for kept in _kept(session, numbers):
        what = f"申请 {kept.number}"
        try:
            case = catalogue.replay(kept.number, kept.events())
            stated = register.columns(case, law)
        except SPOILT as fault:
            yield f"{what}：登记的事项不能重新推演（{why_unreadable(fault)}）"
            continue
        # All computed columns may differ until the sweep has counted the case by the present rules,
        # which it does for open ones; when it is to be looked at, always.
        counted = by_these_rules and case.stage is not Stage.CLOSED
        moving = frozenset({LOOKED_AT}) if counted else COMPUTED
        yield from _row(what, kept.row, stated, moving)
        yield from _marks(case, kept)
    events = select(Event.case_number).distinct()
    for number in session.exec(
        events.where(col(Event.case_number).not_in(select(Application.number)))
    ):
        yield f"申请 {number}：有登记的事项，登记簿中没有这一件"


def _row(
    what: str,
    read: Callable[[], SQLModel | None],
    stated: dict[str, Any],
    moving: frozenset[str] = COMPUTED,
) -> Iterator[str]:
    """What a register row says differently from its acts; moving = the columns that may."""
    try:
        row = read()
    except SPOILT as fault:
        yield f"{what}：登记簿的行不能读取（{why_unreadable(fault)}）"
        return
    if row is None:
        yield f"{what}：有登记的事项，登记簿中没有这一件"
        return
    yield from _differences(what, row, stated, moving)


def _marks(case: Case, kept: KeptCase) -> Iterator[str]:
    """What stands beside a case's letters and particulars is what its acts did to them."""
    voided = {one.number: one.voided_on for one in case.letters}
    try:
        letters, person = kept.letters(), kept.person()
    except SPOILT as fault:
        yield f"申请 {case.number}：文书或者申请人的个人信息不能读取（{why_unreadable(fault)}）"
        return
    for number, on in letters:
        if number in voided and voided[number] != on:
            yield f"文书 {number}：作废与否与登记的事项不符"
    if person is None:
        return
    if case.particulars_destroyed_on and any(getattr(person, name) for name in PARTICULARS):
        yield f"申请 {case.number}：个人信息已于{written(case.particulars_destroyed_on)}销毁，登记簿里却仍有"


def _kept(session: Session, numbers: Sequence[str]) -> Iterator[KeptCase]:
    """What stands of each case, asked for at once for many; one by one where some of it is spoilt."""
    for at in range(0, len(numbers), CHUNK):
        some = KeptCases(session, numbers[at : at + CHUNK])
        try:
            some.read_all()
        except SPOILT:
            yield from (KeptCase(KeptCases(session, [one]), one) for one in some.numbers)
        else:
            yield from (KeptCase(some, one) for one in some.numbers)
        session.expunge_all()


def _differences(
    what: str, row: SQLModel, stated: dict[str, Any], moving: frozenset[str]
) -> Iterator[str]:
    held = row.model_dump()
    wrong = [n for n, value in stated.items() if n not in moving and held[n] != value]
    if wrong:
        each = "；".join(
            f"{TITLES.get(n, n)} 应为 {shown(n, stated[n])}，载为 {shown(n, held[n])}"
            for n in wrong
        )
        yield f"{what}：与登记的事项不符（{each}）"


def shown(column: str, value: object) -> str:
    """A value of a column as it is read: a day in words, a row of table 三 as printed, nothing as （空）."""
    if column == "row" and value:
        return row_label(str(value))
    if isinstance(value, date):
        return written(value)
    return "（空）" if value in (None, "") else str(value)


def why_unreadable(fault: Exception) -> str:
    """What stands in the way, in our words: a library's own are not for those who read this."""
    return str(fault) if isinstance(fault, DisclosureError) else "内容不能读取"


def _neighbouring_rows(session: Session, one: Neighbour[Any]) -> Iterator[str]:
    numbers = select(Entry.case_number).where(Entry.register_key == one.key).distinct()
    there = set(session.exec(numbers))
    for number in sorted(there):
        what = f"{one.label} {number}"
        try:
            state = neighbour.state(session, one, number)
        except SPOILT as fault:
            yield f"{what}：登记的事项不能重新推演（{why_unreadable(fault)}）"
            continue
        if one.row is not None:
            yield from _row(what, partial(session.get, one.row, number), one.columns(state))
        elif session.get(Application, number) is None:
            yield f"{what}：登记簿中没有这一件申请"
    if one.row is None:
        return
    (key,) = one.row.__table__.primary_key  # type: ignore[attr-defined]
    for number in session.exec(select(key)):
        if number not in there:
            yield f"{one.label} {number}：登记簿中有这一件，没有登记的事项"


def _letters(session: Session) -> Iterator[str]:
    """Every letter belongs to the act that says it issued it, and the other way round."""
    issued: dict[str, tuple[str, int]] = {}
    listed = select(Event.case_number, Event.position, cast(Event.letters, Text))
    for number, position, letters in session.exec(listed):
        issued |= dict.fromkeys(_listed_letters(letters), (number, position))
    entries = set(session.exec(select(Entry.case_number, Entry.position)))
    wanted = select(Document.number, Document.case_number, Document.position)
    kept = {number: (case, position) for number, case, position in session.exec(wanted)}
    yield from _kinds(session)
    if not kept:  # a rehearsal without letters keeps no words
        return
    for number, place in kept.items():
        if issued.get(number) != place and place not in entries:
            yield f"文书 {number}：不属于任何申请、案件的任何一步"
    for number, (case, position) in issued.items():
        if number not in kept:
            yield f"文书 {number}（申请 {case} 第{position + 1}步）：没有保存的内容"


def _kinds(session: Session) -> Iterator[str]:
    """A letter is of the kind that its words are of: those are linked with the act that issued it."""
    wanted = select(Document.number, Document.kind, Document.letter)
    for number, kind, letter in session.exec(wanted.execution_options(yield_per=MANY)):
        try:
            worded = json.loads(letter)["kind"]
        except (ValueError, TypeError, LookupError):  # altered, as the chain says
            continue
        if worded != kind:
            yield f"文书 {number}：种类载为 {kind}，其内容是 {worded}"


def _listed_letters(letters: str) -> list[str]:
    """The numbers of the letters that an act lists; none if that was altered, as the chain says."""
    try:
        return [one["number"] for one in json.loads(letters)]
    except (ValueError, TypeError, LookupError):
        return []


def _numbers(session: Session, agency: Agency) -> Iterator[str]:
    """Serials have no gap: each up to the last was given to something that is there."""
    listed = session.exec(select(Series).order_by(Series.series, col(Series.year))).all()
    of_letters = select(Document.series, Document.year).distinct()
    for name, year in sorted({*session.exec(of_letters)} - {(s.series, s.year) for s in listed}):
        yield f"编号系列 {name}（{year}年）：有已发的文书，没有这一系列的登记"
    for series in listed:
        if not isinstance(series.last, int):
            yield f"编号系列 {series.series}（{series.year}年）：最后一号不能读取（{series.last}）"
            continue
        given = _given(session, series, agency)
        if given is None:
            continue
        missing = [serial for serial in range(1, series.last + 1) if serial not in given]
        beyond = sorted(serial for serial in given if serial > series.last)
        what = f"编号系列 {series.series}（{series.year}年，至{series.last}）"
        if missing:
            yield f"{what}：缺第{_listed(missing)}号"
        if beyond and series.series == register.APPLICATION_SERIES:  # a ledger brings its own
            theirs = _taken_over(session)
            beyond = [n for n in beyond if agency.new_case_number(series.year, n) not in theirs]
        if beyond:
            yield f"{what}：有没有发过的第{_listed(beyond)}号"


def _taken_over(session: Session) -> set[str]:
    """The numbers that a ledger gave: all it states of a case is recorded at one moment."""
    first, second = aliased(Event), aliased(Event)
    together = and_(
        col(second.case_number) == first.case_number,
        col(second.position) == 1,
        col(second.recorded_at) == first.recorded_at,
    )
    statement = select(first.case_number).join(second, together).where(first.position == 0)
    return set(session.exec(statement))


def _given(session: Session, series: Series, agency: Agency) -> set[int] | None:
    """The serials of a series that something has; None where nothing is kept by its serial."""
    if series.series in agency.series:
        none_kept = session.exec(select(func.count()).select_from(Document)).one() == 0
        return None if none_kept else _under_its_codes(session, series, agency)
    if series.series == register.APPLICATION_SERIES:
        there = set(session.exec(select(Application.number)))
        serials = range(1, series.last + len(there) + 1)
        pattern = {agency.new_case_number(series.year, n): n for n in serials}
    elif series.series in agency.numbers:
        of_register = select(Entry.case_number).where(Entry.register_key == series.series)
        there = set(session.exec(of_register))
        serials = range(1, series.last + len(there) + 1)
        pattern = {agency.new_number(series.series, series.year, n): n for n in serials}
    else:
        return None
    return {pattern[number] for number in there & pattern.keys()}


def _under_its_codes(session: Session, series: Series, agency: Agency) -> set[int]:
    """The serials of all letters of that year under the 代字 of the series, today's or another:
    series of one 代字 are counted together, and an agency may change that within a year.
    """
    wanted = select(Document.series, Document.number, Document.serial)
    of_year = session.exec(wanted.where(Document.year == series.year)).all()
    bears = [(name, number.partition("〔")[0], serial) for name, number, serial in of_year]
    codes = {code for name, code, _ in bears if name == series.series}
    codes.add(agency.series[series.series])
    return {serial for name, code, serial in bears if name == series.series or code in codes}


def _persons(session: Session) -> Iterator[str]:
    """Every application has the record of who applied, and none stands without one."""
    without = select(Application.number).where(
        col(Application.number).not_in(select(Applicant.case_number))
    )
    for number in session.exec(without):
        yield f"申请 {number}：申请人的身份、联系方式一行不见了"
    alone = select(Applicant.case_number).where(
        col(Applicant.case_number).not_in(select(Application.number))
    )
    for number in session.exec(alone):
        yield f"申请 {number}：只有申请人的身份、联系方式，没有登记"


def _listed(serials: list[int]) -> str:
    shown = "、".join(map(str, serials[:MANY]))
    return f"{shown}等{len(serials)}个" if len(serials) > MANY else shown
