"""查询: which applications say these words, and are as they are asked for? Closed and imported ones, too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, select

from flows.shown.search_index import Asked, candidates, has_all, read_on, texts
from models.store.tables import Application
from models.words.pairs import asked, folded

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


def search(
    session: Session, ask: Asked, before: int = 0, most: int = PAGE, seconds: float = PATIENCE
) -> Hits:
    """A page of the applications that are meant, those acted on last first."""
    behind = not read_on(session, seconds)
    found: list[tuple[int, Application]] = []
    for place, row in _meant(session, ask, before):
        if len(found) == most:
            return Hits(tuple(one for _, one in found), found[-1][0], behind)
        found.append((place, row))
    return Hits(tuple(one for _, one in found), 0, behind)


def every(session: Session, ask: Asked) -> Iterator[Application]:
    """All of them."""
    read_on(session)
    return (row for _, row in _meant(session, ask, 0))


def _meant(session: Session, ask: Asked, before: int) -> Iterator[tuple[int, Application]]:
    words, named = asked(ask.words), asked(ask.applicant)
    while some := candidates(ask, before, _LOOKED_AT):
        numbers = [number for _, number in some]
        statement = select(Application).where(col(Application.number).in_(numbers))
        rows = {row.number: row for row in session.exec(statement)}
        said = texts(session, numbers) if words else {}
        for place, number in some:
            row = rows[number]
            has = not words or has_all(said[number], words)
            if has and has_all([folded(row.applicant)], named):
                yield place, row
        before = some[-1][0]
