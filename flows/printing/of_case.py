"""The letters of one case, to be printed."""

from __future__ import annotations

from flows import office
from flows.printing import letter_files
from letters.letter.words import Letter
from models.errors import DisclosureError
from models.register import filed_letters, numbers_meant


class NothingToPrint(DisclosureError):
    """There is no such letter, or none that anybody may send."""


def letters_of(asked: str, letter: str = "") -> tuple[str, list[tuple[str, bytes]]]:
    """The case's number, and each of its letters that was not voided, or the one asked for: the name of
    a file and the PDF. Raises NoSuchCase, NothingToPrint, NoPdf.
    """
    with office.reading() as session:
        number = numbers_meant.number_of(session, asked)
        found = [one for one in filed_letters.documents(session, number) if not one.voided_on]
    found = [one for one in found if letter in ("", one.number)]
    if not found:
        which = f"没有文书{letter}，或者已经作废" if letter else "还没有文书"
        raise NothingToPrint(f"申请{number}{which}")
    return number, [
        (f"{one.number}.pdf", letter_files.pdf(Letter.from_json(one.letter))) for one in found
    ]
