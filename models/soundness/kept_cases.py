"""What stands of a case in each table, as it is kept: read for many at once, and not judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.errors import NoSuchCase
from models.store.happened import Happened, of_cases
from models.store.tables import Applicant, Application, Document

Voided = tuple[str, date | None]
"""A letter's number, and when it was voided."""


class KeptCases:
    """Some cases: each table is asked once, when it is first wanted. What cannot be read raises what
    the database, or the sealing, says of it.
    """

    def __init__(self, session: Session, numbers: Sequence[str]) -> None:
        self._session, self.numbers = session, list(numbers)

    def read_all(self) -> None:
        """Ask every table now."""
        _ = self.events, self.rows, self.letters, self.persons

    @cached_property
    def events(self) -> Mapping[str, list[Happened]]:
        return dict(zip(self.numbers, of_cases(self._session, self.numbers), strict=True))

    @cached_property
    def rows(self) -> Mapping[str, Application]:
        wanted = select(Application).where(col(Application.number).in_(self.numbers))
        return {row.number: row for row in self._session.exec(wanted)}

    @cached_property
    def letters(self) -> Mapping[str, list[Voided]]:
        found: dict[str, list[Voided]] = defaultdict(list)
        wanted = select(Document.case_number, Document.number, col(Document.voided_on))
        for case, number, on in self._session.exec(
            wanted.where(col(Document.case_number).in_(self.numbers))
        ):
            found[case].append((number, on))
        return found

    @cached_property
    def persons(self) -> Mapping[str, Applicant]:
        wanted = select(Applicant).where(col(Applicant.case_number).in_(self.numbers))
        return {person.case_number: person for person in self._session.exec(wanted)}


class KeptCase(NamedTuple):
    """One of them."""

    of: KeptCases
    number: str

    def events(self) -> list[Happened]:
        """Its events in order; NoSuchCase if there are none."""
        if not (found := self.of.events[self.number]):
            raise NoSuchCase(self.number)
        return found

    def row(self) -> Application | None:
        """Its row of the register."""
        return self.of.rows.get(self.number)

    def letters(self) -> list[Voided]:
        """Its letters."""
        return self.of.letters.get(self.number, [])

    def person(self) -> Applicant | None:
        """Who applied."""
        return self.of.persons.get(self.number)
