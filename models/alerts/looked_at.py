"""Cases that are only looked at: each replayed once, for as long as nothing more is recorded in it.

What is to be told, and what is owed, is asked every few minutes of the same cases, mostly before anything
was done in them. Whoever records in a case replays it himself (register.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Pool, bindparam
from sqlalchemy import select as columns
from sqlmodel import Session, and_, col

from models.acts import catalogue
from models.case.case import Case
from models.case.stage import Stage
from models.store.happened import Happened, of_cases, rows
from models.store.tables import Application, Event

KEPT: Final = 1000
"""Open cases that are kept of a register; of more that are looked at, the last."""

End = tuple[int, datetime]
T = TypeVar("T")


class Looked(NamedTuple):
    """A case as it stands, with its events: whoever is given them changes nothing of either."""

    case: Case
    events: Sequence[Happened]

    @property
    def end(self) -> End:
        """The place of the last event, and when it was recorded."""
        return self.events[-1].position, self.events[-1].recorded_at


_KEPT: WeakKeyDictionary[Pool, dict[str, tuple[End, Looked]]] = WeakKeyDictionary()
"""By register: the last event of each case, and what it looked like after it."""

_ENDS = (
    columns(col(Event.case_number), col(Event.position), col(Event.recorded_at))
    .join(
        Application,
        and_(
            col(Application.number) == col(Event.case_number),
            col(Application.position) == col(Event.position) + 1,
        ),
    )
    .where(col(Application.number).in_(bindparam("numbers", expanding=True)))
)


def looked_at(session: Session, numbers: Sequence[str]) -> list[Looked | None]:
    """These cases as they stand; None of a number under which nothing was recorded."""
    kept = _KEPT.setdefault(session.get_bind().engine.pool, {})
    ends = _ends(session, numbers)
    found: dict[str, Looked] = {}
    for number, end in ends.items():
        known = kept.get(number)
        if known is not None and known[0] == end:
            found[number] = known[1]
    others = [number for number in numbers if number not in found]
    for number, events in zip(others, of_cases(session, others) if others else (), strict=True):
        if not events:
            continue
        looked = found[number] = Looked(catalogue.replay(number, events), events)
        kept.pop(number, None)  # as it was before
        if looked.case.stage is Stage.CLOSED:
            continue  # what is found in it is kept (found_in): whole, they would be more with each year
        if ends.get(number) == looked.end:
            if len(kept) >= KEPT:
                kept.clear()
            kept[number] = looked.end, looked
    return [found.get(number) for number in numbers]


def found_in(
    session: Session,
    numbers: Sequence[str],
    find: Callable[[Looked], T],
    known: dict[str, tuple[End, T]],
) -> list[T]:
    """What is found in each of these cases in which something was recorded, in their order.

    known = what was found before, by number, with the case's end then: looked for again only in a case
    that has another one now
    """
    found: dict[str, T] = {}  # others clear and fill what is known meanwhile
    for number, end in _ends(session, numbers).items():
        before = known.get(number)
        if before is not None and before[0] == end:
            found[number] = before[1]
    others = [number for number in numbers if number not in found]
    for number, looked in zip(others, looked_at(session, others) if others else (), strict=True):
        if looked is not None:
            found[number] = find(looked)
            known[number] = looked.end, found[number]
    return [found[number] for number in numbers if number in found]


def _ends(session: Session, numbers: Sequence[str]) -> dict[str, End]:
    """The last event of each of these cases, as far as its row in the register tells of it, too."""
    return {
        number: (position, at)
        for number, position, at in rows(session, _ENDS, {"numbers": numbers})
    }
