"""A letter as a file: .docx, or the PDF of it."""

from __future__ import annotations

from typing import Final

from flows.printing import sheets
from flows.printing.libreoffice import pdf_of
from letters.letter.paper import day_of
from letters.letter.words import Letter

DOCX: Final = ".docx"
PDF: Final = ".pdf"
MEDIA: Final = {
    DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    PDF: "application/pdf",
}


def content(letter: Letter, ending: str) -> bytes:
    """The letter as a file of that ending. Raises NoPdf where no PDF can be made here."""
    return pdf(letter) if ending == PDF else sheets.write(letter)


def pdf(letter: Letter) -> bytes:
    """The letter as it comes out of the printer, dated as it is itself. Raises NoPdf."""
    return pdf_of(sheets.write(letter), dated=day_of(letter.signed_on))
