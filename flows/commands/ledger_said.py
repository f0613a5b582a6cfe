"""What a row of a ledger says of an application, or all that is doubtful about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple, Protocol

from flows.commands.ledger_cells import Doubtful
from flows.commands.ledger_values import Value
from models.acts.intake.imported import ImportedReceipt, ImportedResult
from models.acts.intake.receipt import Register
from models.case.act import Act
from models.case.stage import ApplicantKind


class LedgerRow(NamedTuple):
    """One row of a ledger, checked: what it says of one application."""

    place: str
    sheet: str
    line: int
    number: str
    received_on: date
    channel: str
    kind: ApplicantKind
    applicant: str
    contact: str
    request: str
    row: str | None
    closed_on: date | None
    note: str

    def acts(self) -> tuple[Act, ...]:
        """The acts that the row says were done."""
        registered = Register(
            channel=self.channel,
            arrived_on=self.received_on,
            applicant_kind=self.kind,
            applicant=self.applicant,
            request=self.request,
        )
        received = _received(self.received_on, self.note)
        if self.row is None or self.closed_on is None:
            return registered, received
        return registered, received, _result(self.row, self.closed_on)

    def said(self) -> int:
        """What it says, in short: two rows that say the same have the same, wherever they stand."""
        day = (self.received_on, self.closed_on, self.row)
        who = (self.number, self.kind, self.applicant, self.contact)
        return hash((day, who, self.channel, self.request, self.note))

    def besides_number(self) -> int:
        """What it says besides its number, in short."""
        day, who = (self.received_on, self.closed_on, self.row), (self.applicant, self.contact)
        return hash((day, who, self.request))

    def person(self) -> dict[str, str | None]:
        """Who applied, as far as a ledger tells: the columns of `Applicant`."""
        reached = {"contact": self.contact, "identity": "", "address": ""}
        return {"case_number": self.number, "intake": None} | reached


@lru_cache(maxsize=2048)
def _received(on: date, note: str) -> ImportedReceipt:
    """Many rows say the same of their receipt, and of their result."""
    return ImportedReceipt(received_on=on, note=note)


@lru_cache(maxsize=2048)
def _result(row: str, closed_on: date) -> ImportedResult:
    return ImportedResult(row=row, closed_on=closed_on)


@dataclass(frozen=True)
class Doubt:
    """Why a row cannot be loaded; column = where, if it is one.

    advice = what else is to be said, alike for many rows: what it should be, what to do
    """

    sheet: str
    line: int
    short: str
    column: str = ""
    advice: str = ""

    @property
    def problem(self) -> str:
        """All that is said of it."""
        return self.short + self.advice


@dataclass(frozen=True)
class DoubtfulRow:
    """A row that cannot be loaded; number = "" where it is not known for certain."""

    place: str
    sheet: str
    line: int
    number: str
    received_on: date | None
    doubts: tuple[Doubt, ...]
    values: Mapping[str, Value]

    def said(self) -> int:
        """What it says, in short, as LedgerRow.said."""
        return hash(tuple(self.values.items()))


class Doubting(Protocol):
    """Notes a doubt about the row, and the column it is about."""

    def __call__(self, short: str, column: str = "", advice: str = "") -> None: ...


class Meant(Protocol):
    """What a word means; Doubtful if nothing certain."""

    def __call__(self, words: str, /) -> str: ...


def meant(name: str, text: Mapping[str, str], of: Meant, doubtful: Doubting) -> str | None:
    """What the word in a column means; None, and doubtful, if nothing certain."""
    try:
        return of(text[name])
    except Doubtful as fault:
        doubtful(fault.short, name, fault.advice)
        return None
