"""The wording of every numbered letter, filed with the event that issued it; void, its number stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from models.case.case import Case
from models.store.happened import objects, rows
from models.store.tables import Document, Entry, Event
from models.words.names import one_name, one_number


def file_letter(
    session: Session,
    event: Event | Entry,
    kind: str,
    place: tuple[str, int, int],
    number: str,
    letter: str,
) -> Document:
    """File the wording of a numbered letter with the event that issued it.

    place = (series, year, serial), as allotted in the same transaction.
    """
    series, year, serial = place
    document = Document(
        series=series,
        year=year,
        serial=serial,
        number=number,
        case_number=event.case_number,
        position=event.position,
        kind=kind,
        letter=letter,
    )
    session.add(document)
    return document


def mark_voided(session: Session, case: Case) -> None:
    """Write beside the wording of each voided letter when and why; its number stays.

    One that an order had voided stands again once that was undone.
    """
    known = {one.number: one for one in case.letters}
    if not known:
        return
    found = rows(session, _VOIDED, {"numbers": list(known)})
    stated = {number: (voided_on, why) for number, voided_on, why in found}
    for number, told in stated.items():
        one = known[number]
        if told != (one.voided_on, one.void_reason):
            document = session.exec(_LETTER, params={"number": number}).one()
            document.voided_on, document.void_reason = one.voided_on, one.void_reason


_VOIDED = select(col(Document.number), col(Document.voided_on), col(Document.void_reason)).where(
    col(Document.number).in_(bindparam("numbers", expanding=True))
)
_LETTER = select(Document).where(Document.number == bindparam("number"))


def void_documents(session: Session, number: str, on: date, reason: str) -> None:
    """Write beside the letters of a number that they are void since a day, and why."""
    for document in documents(session, number):
        if document.voided_on is None:
            document.voided_on, document.void_reason = on, reason


def documents(session: Session, number: str) -> Sequence[Document]:
    """The letters of a case, in the order they were issued."""
    return objects(session, _DOCUMENTS, {"number": number})


_DOCUMENTS = (
    select(Document)
    .where(Document.case_number == bindparam("number"))
    .order_by(col(Document.position))
)


def letter_meant(session: Session, typed: str) -> Document | None:
    """The letter whose number is meant, however it is typed; None if the register has none."""
    likely = {typed.strip(), one_name(typed), one_number(typed)}
    found = session.exec(select(Document).where(col(Document.number).in_(likely))).all()
    return found[0] if len(found) == 1 else None
