"""The registers beside that of applications: reviews and suits, records, publication (41, 44, 51).

As in models/register/register.py: entries are only ever added, one act is one transaction, and a row is
what its entries add up to. The caller commits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic

from sqlalchemy import bindparam
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from models.case import recorded
from models.case.act import Circumstances, RegisterAct, S
from models.errors import (
    ActRefused,
    ImpossibleHistory,
    NotRegistered,
    RecordedByNewer,
    Superseded,
)
from models.law.statute import Statute
from models.register.closed_years import CONTESTS, closed_years, guard
from models.register.register import allot, officer_faults, stamp, stood_in
from models.store.happened import objects
from models.store.known_by import entries_by
from models.store.tables import Entry


@dataclass(frozen=True)
class Neighbour(Generic[S]):
    """One of these registers.

    key      its name in `Entry`, and that of its numbering series
    label    what an officer calls it
    acts     its acts by kind
    begin    the state of a number before its first act
    row      its table of derived rows, None: it is read by its numbers alone
    columns  what a row holds of a state
    counted  what the annual report of a year counts of a state; None: nothing
    follows  what an act does in the register of applications, in the same transaction
    named    whether its acts are shown under the name of whoever did them, and for whom; elsewhere that
             of the officer alone is compared
    """

    key: str
    label: str
    acts: Mapping[str, type[RegisterAct[S]]]
    begin: Callable[[str], S]
    row: type[SQLModel] | None = None
    columns: Callable[[S], dict[str, Any]] = lambda _: {}
    counted: Callable[[S, int, Statute], object] | None = None
    follows: Callable[[Session, S, Circumstances, datetime], None] | None = None
    named: bool = False

    def replay(self, number: str, entries: Iterable[Entry]) -> S:
        """What the entries of a number add up to; ImpossibleHistory where one is missing."""
        state = self.begin(number)
        for entry in entries:
            self.apply(state, entry)
        return state

    def apply(self, state: S, entry: Entry) -> None:
        """One recorded entry's effect; ImpossibleHistory for a position out of turn."""
        if entry.position != state.position:
            raise ImpossibleHistory(
                f"{state.number} 的第 {state.position} 步缺失（找到第 {entry.position} 步）"
            )
        kind = self.acts.get(entry.kind)
        if kind is None:
            raise RecordedByNewer(entry.kind, entry.version)
        act = recorded.read(kind, entry.facts, entry.version)
        who = recorded.by_whom(entry.officer, entry.facts) if self.named else entry.officer
        act.apply(state, entry.on, who)
        state.position += 1
        state.last_act = f"{entry.on}　{act.title}（{entry.officer}）"


def new_number(session: Session, neighbour: Neighbour[S], year: int, now: Circumstances) -> str:
    """The next 登记号 of a register in a year."""
    return now.agency.new_number(neighbour.key, year, allot(session, neighbour.key, year))


def enter(
    session: Session,
    neighbour: Neighbour[S],
    state: S,
    act: RegisterAct[S],
    now: Circumstances,
    at: datetime,
    submission: str | None = None,
) -> Entry:
    """Record one act at the next position, if the law and plain sense allow it.

    Raises ActRefused with the reasons, or Superseded when another act came first.
    """
    reasons = [*act.refusals(state, now), *officer_faults(now)]
    if reasons:
        raise ActRefused(reasons)
    position = state.position
    entry = Entry(
        register_key=neighbour.key,
        case_number=state.number,
        position=position,
        submission=submission,
        **stamp(act, now, at, stood_in(act, state, now)),
    )
    _happen(session, neighbour, state, entry, now.law)
    session.add(entry)
    try:
        _project(session, neighbour, state)  # may flush, too
        session.flush()
    except IntegrityError as fault:
        raise Superseded(state.number, position) from fault
    if neighbour.follows is not None:
        neighbour.follows(session, state, now, at)
    return entry


def _happen(
    session: Session, neighbour: Neighbour[S], state: S, entry: Entry, law: Statute
) -> None:
    """The effect of an act; YearSigned if a closed year would count otherwise for it."""
    asked = neighbour.counted
    closed = closed_years(session) if asked else []  # an entry struck out has no day of its own
    before = [asked(state, year, law) for year in closed] if asked else []
    corrected = state.number if state.position else CONTESTS
    neighbour.apply(state, entry)
    if asked is None:
        return
    for year, counted in zip(closed, before, strict=True):
        if asked(state, year, law) != counted:
            guard(session, year, corrected, f"{neighbour.label}所计的案件 {state.number}")


def _project(session: Session, neighbour: Neighbour[S], state: S) -> None:
    """Bring the derived row in line with the state."""
    if neighbour.row is None:
        return
    row = session.get(neighbour.row, state.number)
    if row is None:
        session.add(neighbour.row(**neighbour.columns(state)))
        return
    for name, value in neighbour.columns(state).items():
        setattr(row, name, value)


def entries(session: Session, neighbour: Neighbour[S], number: str) -> Sequence[Entry]:
    """The entries of a number, in order; none if the register has none."""
    return objects(session, _ENTRIES, {"of": neighbour.key, "number": number})


_ENTRIES = (
    select(Entry)
    .where(Entry.register_key == bindparam("of"), Entry.case_number == bindparam("number"))
    .order_by(col(Entry.position))
)


def state(session: Session, neighbour: Neighbour[S], number: str, *, lock: bool = False) -> S:
    """What the register holds under a number; NotRegistered if there is nothing.

    lock = nobody else may record until we commit (PostgreSQL; SQLite has one writer anyway)
    """
    if lock and neighbour.row is not None:
        session.get(neighbour.row, number, with_for_update=True)
    found = entries(session, neighbour, number)
    if not found:
        raise NotRegistered(neighbour.label, number)
    return neighbour.replay(number, found)


def states(session: Session, neighbour: Neighbour[S], as_of: date | None = None) -> Iterator[S]:
    """All that the register holds, by number, as it knew it on `as_of` (default: now)."""
    statement = select(Entry).where(Entry.register_key == neighbour.key)
    if as_of is not None:
        statement = statement.where(entries_by(session, as_of))
    found: dict[str, list[Entry]] = {}
    for entry in session.exec(statement.order_by(col(Entry.case_number), col(Entry.position))):
        found.setdefault(entry.case_number, []).append(entry)
    return (neighbour.replay(number, history) for number, history in found.items())


def rebuilt(session: Session, neighbour: Neighbour[S]) -> Iterator[tuple[SQLModel, dict[str, Any]]]:
    """Each derived row beside what its entries say it must be: equal, or something broke."""
    if neighbour.row is None:
        return
    for one in states(session, neighbour):
        row = session.get(neighbour.row, one.number)
        if row is None:
            raise NotRegistered(neighbour.label, one.number)
        yield row, neighbour.columns(one)
