"""Who applied here before, under the name or number that is typed? (Art. 29).

For registration, so that nothing is typed twice: the same person as far as the register knows, with
the earlier applications and how they ended, and what the form was filled in with. Names are compared
in their normal form, and so are the numbers by which persons are known. What is sealed is opened to be
compared, and handed out only for the application that the officer picks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, select

from models.case.personal import taken_apart
from models.case.stage import ApplicantKind
from models.register import register, same_applicant
from models.store.tables import Applicant, Application
from models.words.names import one_name

SHORTEST: Final = 2
"""Characters of a name that is looked for: one alone would find a tenth of the register."""
SHORTEST_NUMBER: Final = 8
MOST: Final = 8
"""Persons offered; more say that the name is to be typed in full."""
SHOWN: Final = 5
LAST: Final = 4
"""Characters of an identity that tell two of one name apart."""


@dataclass(frozen=True)
class Earlier:
    """An applicant of before: as last registered; known_by = the end of the identity, "" = not known.

    cases = his applications, the latest first, as far as shown; number = the latest
    """

    applicant: str
    kind: str
    known_by: str
    cases: tuple[Application, ...]
    total: int

    @property
    def number(self) -> str:
        return self.cases[0].number


@dataclass(frozen=True)
class Offered:
    """Those who are offered, the latest first; more = there are others still."""

    persons: tuple[Earlier, ...] = ()
    more: bool = False

    @property
    def numbers(self) -> list[str]:
        return [case.number for one in self.persons for case in one.cases]


def is_enough(name: str, number: str) -> bool:
    """Whether what is typed is enough to look for."""
    return len(one_name(name)) >= SHORTEST or len(one_name(number)) >= SHORTEST_NUMBER


def offered(session: Session, name: str, number: str = "") -> Offered:
    """The applicants whose name begins so, or who are known by this number of identity or code."""
    rows = list(_called(session, name))
    rows += _known_by(session, _one(number), {row.number for row in rows})
    known = same_applicant.identities(session, [row.number for row in rows])
    persons = sorted(_persons(rows, known), key=lambda one: _latest(one.cases[0]), reverse=True)
    return Offered(tuple(persons[:MOST]), len(persons) > MOST)


def filled_in(session: Session, number: str) -> dict[str, str]:
    """What the form of registration was filled in with for an application: who applied, how to reach
    him, how he wants to be answered; field → words. NoSuchCase. What is kept no longer, or was said of
    one who has left, is not in it.
    """
    case = register.case(session, number)
    person = None if case.later_firsts else session.get(Applicant, case.number)
    kind = str(case.kind_now)
    stated = {"kind": kind, "applicant": case.applicant, "form_wanted": case.form_wanted}
    if person is not None:
        kept = {name: getattr(person, name) for name in ("identity", "contact", "address")}
        stated |= taken_apart(kept, organisation=kind != ApplicantKind.NATURAL_PERSON)
    return {name: words for name, words in stated.items() if words}


def _called(session: Session, name: str) -> Sequence[Application]:
    """The applications of those whose name begins so, however it was typed."""
    asked = one_name(name)
    if len(asked) < SHORTEST:
        return []
    names = same_applicant.likely(session, asked)
    begun = [one for one in names if one_name(one).startswith(asked)]
    return session.exec(select(Application).where(col(Application.applicant).in_(begun))).all()


def _known_by(session: Session, number: str, found: set[str]) -> Iterator[Application]:
    """The applications of whoever is known by the number, which lies sealed: each is opened."""
    if len(number) < SHORTEST_NUMBER:
        return
    held = select(Applicant.case_number, Applicant.identity).where(col(Applicant.identity) != "")
    same = [case for case, identity in session.exec(held) if number in _numbers(identity)]
    valid = same_applicant.identities(session, same)
    asked = select(Application).where(col(Application.number).in_(valid.keys() - found))
    yield from session.exec(asked)


def _numbers(identity: str) -> set[str]:
    """The numbers that stand in an identity as it is kept, in their normal form."""
    return {_one(line.rpartition("：")[2]) for line in identity.splitlines()}


def _one(number: str) -> str:
    """The normal form of a number of identity, or code: its letters are capitals (GB 11643, GB 32100)."""
    return one_name(number).upper()


def _persons(rows: Iterable[Application], known: dict[str, str]) -> Iterator[Earlier]:
    """These applications by person: one name, and one identity or none that is known."""
    by_person = defaultdict[tuple[str, str], list[Application]](list)
    for row in rows:
        identity = _one(known.get(row.number, ""))
        by_person[one_name(row.applicant), identity].append(row)
    for (_, identity), own in by_person.items():
        own.sort(key=_latest, reverse=True)
        end = f"尾号{identity[-LAST:]}" if identity else ""
        yield Earlier(own[0].applicant, own[0].applicant_kind, end, tuple(own[:SHOWN]), len(own))


def _latest(row: Application) -> tuple[object, str]:
    return row.arrived_on, row.number
