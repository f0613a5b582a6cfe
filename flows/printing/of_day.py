"""What is printed of a day: its letters for two-sided printing, the envelopes, the post's list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Final

import pypdfium2
from sqlmodel import Session, col, func, select

from flows import office
from flows.printing import letter_files
from flows.printing.libreoffice import pdf_of
from letters.letter import envelopes, post_list
from letters.letter.envelopes import Envelope, Sender
from letters.letter.words import Letter
from models.case.personal import taken_apart
from models.store.tables import Applicant, Document, Entry, Event

A4_POINTS: Final = (595.276, 841.89)
NAMES: Final = ("文书.pdf", "信封.pdf", "信封.docx", "大宗邮件清单.xlsx")
"""What can be had of a day."""
NO_ENVELOPE: Final = frozenset({"service_receipt"})
"""Letters that are handed over and signed for."""
TO_OTHERS: Final = frozenset(
    {"consultation_third_party", "consultation_agency", "third_party_told"}
)
"""Letters to those whose address the register does not keep."""
_POSTCODE: Final = re.compile("(?<![0-9])[0-9]{6}(?![0-9])")


@dataclass(frozen=True)
class OfDay:
    """A letter that was issued on the day and is not void."""

    case_number: str
    number: str
    kind: str
    letter: Letter


def letters_of(session: Session, day: date) -> list[OfDay]:
    """The letters that were issued on a day, by case and in order; those of other registers, too."""
    found: dict[str, Document] = {}
    for acts in (Event, Entry):
        asked = select(Document).join(
            acts,
            (col(acts.case_number) == col(Document.case_number))
            & (col(acts.position) == col(Document.position)),
        )
        asked = asked.where(acts.recorded_on == day, col(Document.voided_on).is_(None))
        found |= {one.number: one for one in session.exec(asked)}
    documents = sorted(found.values(), key=lambda one: (one.case_number, one.position, one.serial))
    return [
        OfDay(one.case_number, one.number, one.kind, Letter.from_json(one.letter))
        for one in documents
    ]


def latest(session: Session, day: date) -> date | None:
    """The last day before with a letter, so that what was signed yesterday is found today."""
    days = (
        session.exec(
            select(func.max(acts.recorded_on))
            .join(
                Document,
                (col(acts.case_number) == col(Document.case_number))
                & (col(acts.position) == col(Document.position)),
            )
            .where(acts.recorded_on < day, col(Document.voided_on).is_(None))
        ).one()
        for acts in (Event, Entry)
    )
    return max((one for one in days if one), default=None)


def together(letters: Sequence[OfDay]) -> bytes:
    """All of them in one PDF: each begins on the front of a sheet, a blank page before it if need be.

    Raises NoPdf.
    """
    made = BytesIO()
    with closing(pypdfium2.PdfDocument.new()) as whole:
        for one in letters:
            if len(whole) % 2:
                whole.new_page(*A4_POINTS)
            with closing(pypdfium2.PdfDocument(letter_files.pdf(one.letter))) as part:
                whole.import_pages(part)
        whole.save(made)
    return made.getvalue()


def envelopes_of(session: Session, letters: Sequence[OfDay]) -> list[Envelope]:
    """One envelope for what goes to the same addressee of a case; what the register does not know of the
    address stays empty.
    """
    within: dict[tuple[str, str, bool], list[str]] = {}
    for one in letters:
        if one.kind not in NO_ENVELOPE and one.letter.addressee:
            name = one.letter.addressee.rstrip("：:")
            to = (one.case_number, name, one.kind in TO_OTHERS)
            within.setdefault(to, []).append(one.number)
    return [
        Envelope(name, *(("", "") if others else _address(session, number)), tuple(numbers))
        for (number, name, others), numbers in within.items()
    ]


def _address(session: Session, number: str) -> tuple[str, str]:
    """Where an applicant is reached, and the postcode, which may stand in the address."""
    person = session.get(Applicant, number)
    if person is None:
        return "", ""
    apart = taken_apart({"address": person.address}, organisation=False)
    address = " ".join(apart.get("address", "").split())
    in_it = _POSTCODE.search(address)
    return address, apart.get("postcode", "") or (in_it[0] if in_it else "")


def sender() -> Sender:
    """Who sends it: the agency, as it stands in config."""
    agency = office.agency()
    return Sender(agency.name, agency.address, agency.postcode)


def file_of(day: date, name: str) -> tuple[bytes, list[str]]:
    """A file of a day by its name, b"" where there is nothing for it, and the cases of which it tells.

    name = one of NAMES
    Raises NoPdf.
    """
    with office.reading() as session:
        letters = letters_of(session, day)
        posted = envelopes_of(session, letters)
    numbers = sorted({one.case_number for one in letters})
    match name:
        case "文书.pdf" if letters:
            return together(letters), numbers
        case "信封.pdf" if posted:
            return pdf_of(envelopes.write(posted, sender(), day), dated=day), numbers
        case "信封.docx" if posted:
            return envelopes.write(posted, sender(), day), numbers
        case "大宗邮件清单.xlsx" if posted:
            return post_list.write(posted, sender(), day), numbers
    return b"", numbers
