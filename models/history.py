"""What the events of one application add up to: the state every question of the law is asked of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from models.case import Stage
from models.deadline import ClockEvent, Deadline, deadline
from models.statute import Statute


@dataclass
class Correction:
    """The one correction an application may be asked for (Art. 30); days are working days."""

    requested_on: date
    days: int
    unclear: str
    guidance: str
    corrected_on: date | None = None


@dataclass
class Extension:
    """The one extension of the limit (Art. 33); days are working days."""

    told_on: date
    days: int
    reasons: str
    consented_by: str


@dataclass
class Draft:
    """A drafted reply: outcome (key of outcomes.toml) and the particulars its letter states."""

    outcome: str
    particulars: dict[str, str]
    drafted_by: str
    comments: list[str] = field(default_factory=list)


@dataclass
class Case:
    """One application as its history leaves it; built only by applying recorded acts.

    position  number of acts recorded = the key of the next one
    clock     the events the statutory limit depends on, in the order they were recorded
    """

    number: str
    position: int = 0
    stage: Stage = Stage.CONFIRMING
    officer: str = ""
    channel: str = ""
    arrived_on: date = date.min
    received_on: date | None = None
    received_recorded_on: date | None = None
    applicant_kind: str = ""
    applicant: str = ""
    request: str = ""
    form_wanted: str = ""
    clock: list[ClockEvent] = field(default_factory=list)
    correction: Correction | None = None
    elsewhere: dict[str, str] = field(default_factory=dict)
    draft: Draft | None = None
    extension: Extension | None = None
    signed_on: date | None = None
    signed_by: str = ""
    closed_on: date | None = None
    closed_recorded_on: date | None = None
    imported_row: str | None = None
    last_act: str = ""

    @property
    def outcome(self) -> str | None:
        """The outcome, once the case is closed (key of outcomes.toml)."""
        return self.draft.outcome if self.draft and self.stage is Stage.CLOSED else None

    def row(self, law: Statute) -> str | None:
        """The row of table 三 it is counted in once closed (code, "3.4.1")."""
        outcome = self.outcome
        return law.outcomes[outcome].row if outcome else self.imported_row

    def deadline(self, law: Statute) -> Deadline | None:
        """The limit for the reply with its steps; None before the date of receipt is fixed."""
        return deadline(self.clock, law) if self.clock else None

    def latest_clock_day(self) -> date:
        """The day before which no further event of the clock can lie."""
        return self.clock[-1].on if self.clock else self.arrived_on
