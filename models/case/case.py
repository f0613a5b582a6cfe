"""What the events of one application add up to: the state every question of the law is asked of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from models.case.matters import (
    Contact,
    Correction,
    Deferral,
    Draft,
    DraftedExtension,
    Excess,
    Extension,
    FeeNotice,
    FirstReply,
    HandedOver,
    Issued,
    Opinion,
    Redecision,
    Served,
    Supply,
    Together,
    Told,
)
from models.case.stage import Stage
from models.law.deadline import ClockEvent, Deadline, deadline
from models.law.mixed_reply import counted_outcome
from models.law.statute import Statute

UNDO: Final = "step_undone"
"""The kind of the act that undoes a step (models/acts/afterwards/undoing.py)."""


@dataclass(frozen=True)
class Step:
    """One act as it was recorded, or as an erratum has put it right since; none is ever changed.

    letters = those it issued: (kind, number, date); recorded_at = the moment, None where a ledger says
    undone = it was taken back: it stays in the record, and has no effect
    """

    act: Any
    on: date
    recorded_on: date
    officer: str
    letters: tuple[tuple[str, str, date], ...] = ()
    recorded_at: datetime | None = None
    undone: bool = False

    def __deepcopy__(self, memo: object) -> Step:
        return self


@dataclass
class Case:
    """One application as its history leaves it; built only by applying recorded acts.

    steps     the acts recorded, as they count now: errata among them are in the others already
    position  their number = the key of the next one
    clock     the events the statutory limit depends on, in the order they were recorded
    later_firsts  when the first of several applicants left, and the kind of the one who is first since:
                  what identifies and reaches the one registered is used no more
    """

    number: str
    position: int = 0
    steps: list[Step] = field(default_factory=list, repr=False)
    stage: Stage = Stage.CONFIRMING
    officer: str = ""
    channel: str = ""
    arrived_on: date = date.min
    received_on: date | None = None
    received_recorded_on: date | None = None
    applicant_kind: str = ""
    applicant: str = ""
    co_applicants: tuple[str, ...] = ()
    written_by: str = ""
    agent: str = ""
    authority: str = ""
    later_firsts: list[tuple[date, str]] = field(default_factory=list)
    request: str = ""
    form_wanted: str = ""
    clock: list[ClockEvent] = field(default_factory=list)
    correction: Correction | None = None
    elsewhere: dict[str, str] = field(default_factory=dict)
    draft: Draft | None = None
    extension: Extension | None = None
    extension_drafted: DraftedExtension | None = None
    fee: FeeNotice | None = None
    excess: Excess | None = None
    deferral: Deferral | None = None
    signed_on: date | None = None
    signed_by: str = ""
    closed_on: date | None = None
    closed_recorded_on: date | None = None
    delivery: str = ""
    handed_to: str = ""
    bounced: list[Served] = field(default_factory=list)
    receipt_made_out: bool = False
    handover: Served | None = None
    opinions: list[Opinion] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    supplies: list[Supply] = field(default_factory=list)
    letters: list[Issued] = field(default_factory=list)
    served: list[Served] = field(default_factory=list)
    first_replies: list[FirstReply] = field(default_factory=list)
    redecisions: list[Redecision] = field(default_factory=list)
    together: tuple[Together, ...] = ()
    answered_in: str = ""
    contacts: list[Contact] = field(default_factory=list)
    split_from: str = ""
    imported_row: str | None = None
    particulars_destroyed_on: date | None = None
    handed_over: HandedOver | None = None
    last_act: str = ""

    def take(self, step: Step) -> None:
        """The effect of an act that was recorded as the case's next."""
        step.act.apply(self, step.on, step.officer)
        if self.stage is not Stage.CLOSED:
            self.handed_over = None  # opened anew: the archive has not what it will become
        self.note(step)

    def note(self, step: Step) -> None:
        """That an act was recorded as the case's next, besides its effect."""
        if step.letters:
            self.letters += [Issued(*letter) for letter in step.letters]
        self.steps.append(step)
        self.position += 1
        if self.received_on and self.received_recorded_on is None:
            self.received_recorded_on = step.recorded_on
        if self.closed_on and self.closed_recorded_on is None:
            self.closed_recorded_on = step.recorded_on
        self.last_act = f"{step.on}　{step.act.title}（{step.officer}）"

    def issued(self, kind: str, number: str, dated: date) -> None:
        """Note a letter that the last act recorded has issued."""
        last = self.steps[-1]
        self.steps[-1] = replace(last, letters=(*last.letters, (kind, number, dated)))
        self.letters.append(Issued(kind, number, dated))

    def become(self, other: Case) -> None:
        """Stand as the other does."""
        vars(self).update(vars(other))

    @property
    def kind_now(self) -> str:
        """The kind of the first applicant as it is now; table 三 may count another."""
        return self.later_firsts[-1][1] if self.later_firsts else self.applicant_kind

    @property
    def unauthorised(self) -> bool:
        """Whether an agent asks, and nothing shows that he may (Art. 29; 民法典 165)."""
        return bool(self.agent and not self.authority)

    @property
    def outcome(self) -> str | None:
        """The outcome, once the case is closed (key of outcomes.toml)."""
        return self.draft.outcome if self.draft and self.stage is Stage.CLOSED else None

    def row(self, law: Statute) -> str | None:
        """The row of table 三 it is counted in once closed (code, "3.4.1")."""
        if self.stage is not Stage.CLOSED or self.closed_on is None:
            return None
        outcome = self.counted_outcome(law)
        return law.row(outcome, self.closed_on) if outcome else self.imported_row

    def counted_outcome(self, law: Statute) -> str | None:
        """The outcome that a closed case counts by: of several parts, one (models/law/mixed_reply.py)."""
        if self.draft is None or self.stage is not Stage.CLOSED or self.closed_on is None:
            return None
        return self.counts_by(len(self.first_replies), self.draft, self.closed_on, law)

    def counts_by(self, place: int, draft: Draft, on: date, law: Statute) -> str:
        """The outcome that a reply of `on` counts by, with those before it that stand beside it.

        place = how many replies came before; a supplement does not replace the whole (Art. 51)
        """
        outcomes, counted = draft.outcomes, draft.counted
        for first in reversed(self.first_replies[:place]):
            standing = first.order and first.order.stands
            if not standing or law.choice("redecision_count", first.withdrawn_on) == "again":
                break
            outcomes = (*first.outcomes(law), *outcomes)
            counted = first.draft.counted if first.draft else 0
        rest = bool(self.correction and self.correction.rest)
        return counted_outcome(outcomes, counted, rest, on, law)

    def deadline(self, law: Statute) -> Deadline | None:
        """The limit for the reply with its steps; None before the date of receipt is fixed."""
        return deadline(self.clock, law) if self.clock else None

    def opinion(self, ref: str) -> Opinion | None:
        """The consultation of this number."""
        return next((one for one in self.opinions if one.ref == ref), None)

    def on_clock(self, event: ClockEvent) -> None:
        """Put an event on the clock in its place by date: one recorded late counts from its day."""
        place = len(self.clock)
        while place and self.clock[place - 1].on > event.on:
            place -= 1
        self.clock.insert(place, event)

    def reply_letter(self) -> Issued | None:
        """The reply that stands: signed, and neither voided nor withdrawn."""
        replies = [one for one in self.letters if one.kind == "reply"]
        return replies[-1] if replies and replies[-1].voided_on is None else None

    @property
    def redrafting(self) -> Stage:
        """Where a draft that was not accepted goes back to."""
        asked = self.correction
        if asked is not None and asked.corrected_on is None and not asked.over:
            return Stage.CORRECTION
        unpaid = self.fee is not None and self.fee.paid_on is None and not self.fee.over
        return Stage.FEE if unpaid else Stage.DRAFTING

    def latest_clock_day(self) -> date:
        """The day before which no further event of the clock can lie."""
        return self.clock[-1].on if self.clock else self.arrived_on
