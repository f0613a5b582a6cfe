"""查询: which applications say these words, and are as they are asked for? Closed and imported ones, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlmodel import Session, col, select

from flows.shown.candidates import Asked, candidates, has_all
from flows.shown.search_index import read_on, texts
from models.case.stage import Stage
from models.errors import DisclosureError
from models.law.citing import row_code
from models.report_tables.form import Form
from models.store.tables import Application
from models.words.pairs import asked, folded
from models.words.spans import in_order

PAGE: Final = 50
_LOOKED_AT: Final = PAGE + 10
PATIENCE: Final = 5.0
"""Seconds that a page waits for the index to be read on; a new one of a large register takes longer."""


@dataclass(frozen=True)
class Hits:
    """One page of what was found. after = where the next one begins, 0 = there is none.

    behind = the index has not been read on to the end: what was recorded last may be missing
    """

    rows: tuple[Application, ...]
    after: int = 0
    behind: bool = False


class NoSuchSearch(DisclosureError):
    """What no case can be: asked so, it would be answered with none."""


def as_meant(ask: Asked, forms: tuple[Form, ...]) -> Asked:
    """What is asked, its row of table 三 as a code also where it is written as officers do (三（四）1).

    Raises WrongWayRound; NoSuchSearch for a row that no form has.
    """
    in_order(ask.since, ask.until)
    codes = {code for form in forms for code in form.row_of}
    row = row_code(ask.row)
    if row and not any(f"{code}.".startswith(f"{row}.") for code in codes):
        raise NoSuchSearch(f"表三没有“{ask.row}”这一行，行次应如 三（四）1、三（四）")
    return replace(ask, row=row)


def search(
    session: Session, ask: Asked, after: int = 0, most: int = PAGE, seconds: float = PATIENCE
) -> Hits:
    """A page of the applications that are meant, those received last first; by relevance, those that
    have the words in their number, name or request before the rest.
    """
    behind = not read_on(session, seconds)
    found: list[tuple[int, Application]] = []
    for place, row in _meant(session, ask, after):
        if len(found) == most:
            return Hits(tuple(one for _, one in found), found[-1][0], behind)
        found.append((place, row))
    return Hits(tuple(one for _, one in found), 0, behind)


def every(session: Session, ask: Asked) -> Iterator[Application]:
    """All of them."""
    read_on(session)
    return (row for _, row in _meant(session, ask, 0))


def _meant(session: Session, ask: Asked, after: int) -> Iterator[tuple[int, Application]]:
    while some := candidates(ask, after, _LOOKED_AT):
        statement = select(Application).where(col(Application.number).in_([one for _, one in some]))
        rows = {row.number: row for row in session.exec(statement) if _is_as_asked(row, ask)}
        said = _having(session, rows.values(), asked(ask.words))
        yield from ((place, rows[number]) for place, number in some if number in said)
        if len(some) < _LOOKED_AT:
            return
        after = some[-1][0]


def _is_as_asked(row: Application, ask: Asked) -> bool:
    """Whether it is what it is narrowed to: the index may be behind, and know its pairs alone."""
    received = row.received_on or row.arrived_on
    return (
        has_all([folded(row.applicant)], asked(ask.applicant))
        and folded(ask.number) in folded(row.number)
        and ask.officer in ("", row.officer)
        and ask.channel in ("", row.channel)
        and f"{row.row}.".startswith(f"{ask.row}." if ask.row else "")
        and ask.is_open in (None, row.stage != Stage.CLOSED)
        and ask.stage in ("", row.stage)
        and (ask.due_before is None or (row.last_day or date.max) < ask.due_before)
        and (ask.since is None or received >= ask.since)
        and (ask.until is None or received <= ask.until)
    )


def _having(session: Session, rows: Iterable[Application], words: tuple[str, ...]) -> set[str]:
    """Those of them that have the words; of few the whole dossier has to be read for it."""
    found, further = set[str](), []
    for row in rows:
        if has_all(map(folded, (row.number, row.applicant, row.request)), words):
            found.add(row.number)
        else:
            further.append(row.number)
    said = texts(session, further)
    return found | {number for number in further if has_all(said[number], words)}
