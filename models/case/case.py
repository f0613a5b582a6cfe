"""What the events of one application add up to: the state every question of the law is asked of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from models.case.stage import Stage
from models.law.consultation import Party
from models.law.deadline import ClockEvent, Deadline, deadline
from models.law.mixed_reply import counted_outcome
from models.law.rules import Standard
from models.law.statute import Statute

UNDO: Final = "step_undone"
"""The kind of the act that undoes a step (models/acts/afterwards/undoing.py)."""


@dataclass(frozen=True)
class Contact:
    """An attempt to reach the applicant to confirm receipt (Art. 31), and whether it succeeded."""

    on: date
    how: str
    result: str
    reached: bool

    def __str__(self) -> str:
        return f"{self.on}　{self.how}　{self.result}"


@dataclass
class Correction:
    """The one correction an application may be asked for (Art. 30); days are working days.

    rest = the part that stayed unclear when only some was corrected, and why
    over = not waited for any more: a new reply was ordered, or ours withdrawn
    delivered_on = the day the applicant had the notice, from which the time to correct runs
    lacking = content (unclear, Art. 30), particulars (identity, authority, address: Art. 29), both
    """

    requested_on: date
    days: int
    unclear: str
    guidance: str
    corrected_on: date | None = None
    rest: str = ""
    rest_reasons: str = ""
    over: bool = False
    delivered_on: date | None = None
    lacking: str = "content"


@dataclass
class Extension:
    """The one extension of the limit (Art. 33); days are working days."""

    told_on: date
    days: int
    reasons: str
    consented_by: str


@dataclass(frozen=True)
class DraftedExtension:
    """An extension that the handler proposes to the head of the office (Art. 33)."""

    on: date
    days: int
    reasons: str
    drafted_by: str


@dataclass
class Opinion:
    """An opinion asked of a third party or another agency (Arts. 11, 32-34); ref = its number.

    applicant_named  why the letter names the applicant; "" = it does not
    nature           person or unit, of a third party; "" = not stated
    resent_on        the day the letter was sent again, after it had come back
    unreachable      what was done to reach the party, in vain; "" = it may still have the letter
    view             agree, partly, object or none, once answered; "" before
    reasonable       the officer's judgment of an objection: yes or no, and on what grounds
    """

    ref: str
    party: Party
    name: str
    information: str
    why: str
    sent_on: date
    applicant_named: str = ""
    delivered_on: date | None = None
    answered_on: date | None = None
    view: str = ""
    reasons: str = ""
    reasonable: str = ""
    judgment: str = ""
    nature: str = ""
    resent_on: date | None = None
    unreachable: str = ""


@dataclass
class Told:
    """A third party told that we disclose against its objection, what and why (Art. 32).

    given_on = from when on the applicant gets it, as the letter says; None = it says no day
    """

    ref: str
    on: date
    ground: str
    content: str
    reasons: str
    given_on: date | None = None


@dataclass
class Issued:
    """A letter as it was issued (kind = key of letters.toml, or reply); a voided one keeps its
    number.
    """

    kind: str
    number: str
    dated: date
    voided_on: date | None = None
    void_reason: str = ""


@dataclass
class Served:
    """What became of a reply after it was sent: came back, sent again, received.

    what = returned, again, received or bounced; person = who took it, officer = who brought it
    refusal = why it was refused and who witnessed it, where it was left behind (民诉法 89)
    """

    what: str
    on: date
    delivery: str = ""
    person: str = ""
    note: str = ""
    officer: str = ""
    refusal: str = ""


@dataclass(frozen=True)
class HandedOver:
    """That the archive has the file: since when, its receipt, which archive, the file's SHA-256."""

    on: date
    receipt: str
    to: str = ""
    bound: str = ""


@dataclass
class FirstReply:
    """A reply that was sent and set aside, and the closing that it had been.

    order = the decision that set it aside (Art. 51), None = ourselves; row = as an earlier ledger said
    """

    number: str
    dated: date
    closed_on: date
    closed_recorded_on: date | None
    outcome: str | None
    withdrawn_on: date
    reason: str
    row: str | None = None
    order: Redecision | None = None
    draft: Draft | None = None

    def outcomes(self, law: Statute) -> tuple[str, ...]:
        """What it said, part by part; of an earlier ledger's, any outcome of the row it states."""
        if self.draft is not None:
            return self.draft.outcomes
        then = law.outcomes.offered(self.closed_on)
        rows = (key for key in then if law.row(key, self.closed_on) == self.row)
        return (next(rows),) if self.outcome is None else (self.outcome,)


@dataclass(frozen=True)
class Redecision:
    """A reply, or a new one, that we owe: ordered by review, judgment or superior (Art. 51).

    source = key of redecision.SOURCES; number = of the decision; review = case of table 四;
    days = term given in working days, until = term given up to a day; neither = the statutory one
    holds = key of redecision.HOLDS; cited = the decision as a letter names it
    """

    received_on: date
    source: str
    number: str
    review: str
    days: int | None
    until: date | None
    holds: str
    cited: str

    @property
    def stands(self) -> bool:
        """Whether the reply before it stands, and the new one only supplements it."""
        return self.holds == "yes"


@dataclass(frozen=True)
class Together:
    """Another application of the same applicant that our reply answers in one letter."""

    number: str
    received_on: date
    request: str


@dataclass(frozen=True)
class OtherApplication:
    """What the register knows of another application under the same name.

    reply = number of its signed reply that stands, dated its date; answers = the applications that it
    says it answers, too; sent_on = the day it went out, returned = it came back, and was not sent again
    applicants = all of those whose application it is now; none = the one of that name alone
    unheard = those asked for an opinion in it who did not agree, or whose answer may still come
    """

    number: str
    stage: str
    received_on: date | None
    closed_on: date | None
    request: str
    reply: str = ""
    answers: tuple[str, ...] = ()
    outcome: str | None = None
    dated: date | None = None
    sent_on: date | None = None
    returned: bool = False
    applicants: tuple[str, ...] = ()
    unheard: tuple[str, ...] = ()


@dataclass
class FeeNotice:
    """A notice to pay for information (Art. 42): what it rests on, and what became of it.

    before, units  pieces of the month before this application, and its own (or its pages)
    delivered_on   the day the applicant had it, from which the time to pay runs
    paid           yuan paid on paid_on
    refunded       yuan given back by a letter of refunded_on, for so many pages supplied, why and how
    stage          where the case stood, and goes on once it is paid
    over           not waited for any more: a reply was ordered; it may still be paid, or cancelled
    """

    noticed_on: date
    standard: Standard
    before: int
    units: int
    excess: str
    payment: str
    delivered_on: date | None = None
    paid_on: date | None = None
    paid: int = 0
    stage: Stage = Stage.DRAFTING
    objections: list[str] = field(default_factory=list)
    refunded_on: date | None = None
    refunded: int = 0
    supplied: int = 0
    refund_reasons: str = ""
    refund_way: str = ""
    over: bool = False

    @property
    def unpaid(self) -> bool:
        """Whether it was not paid, though an order waits for it no more (Art. 51)."""
        return self.over and self.paid_on is None


@dataclass
class Excess:
    """Reasons asked for an unreasonable number of applications (Art. 35); days are working days.

    reasonable = the officer's judgment of the reasons given, None before
    delivered_on = the day the applicant had the notice, from which the time to explain runs
    """

    asked_on: date
    days: int
    counts: str
    given_on: date | None = None
    explanation: str = ""
    reasonable: bool | None = None
    judgment: str = ""
    delivered_on: date | None = None


@dataclass
class Deferral:
    """A later day for the reply, told to the applicant (Art. 35)."""

    told_on: date
    reply_by: date
    reasons: str


@dataclass
class Supply:
    """Records asked of an office of our own, by a day; result = key of supplying.FOUND, once there."""

    ref: str
    department: str
    records: str
    asked_on: date
    supply_by: date
    supplied_on: date | None = None
    result: str = ""
    note: str = ""


@dataclass(frozen=True)
class Part:
    """One part of a reply: what of the request it answers, outcome and particulars."""

    item: str
    outcome: str
    particulars: dict[str, str]
    drafted_by: str = ""


@dataclass
class Draft:
    """A drafted reply: outcome (key of outcomes.toml) and the particulars its letter states.

    item       what of the request it answers, where it answers in parts; "" = all of it
    parts      the answers to the other parts
    remaining  the part still to be answered; "" = none
    before     whoever drafted or revised what this draft took the place of, or an earlier wording
    cleared_by who found nothing against it in secrecy review (Art. 17); "" = nobody yet
    counted    place of the part the officer counts it by, where all of it is refused (0 = first)
    """

    outcome: str
    particulars: dict[str, str]
    drafted_by: str
    comments: list[str] = field(default_factory=list)
    item: str = ""
    parts: list[Part] = field(default_factory=list)
    remaining: str = ""
    counted: int = 0
    counted_reason: str = ""
    before: frozenset[str] = frozenset()
    cleared_by: str = ""

    @property
    def pieces(self) -> tuple[Part, ...]:
        """All its parts, the first drafted first; of a reply of one piece, that one."""
        first = Part(self.item, self.outcome, self.particulars, self.drafted_by)
        return (first, *self.parts)

    @property
    def stated(self) -> tuple[tuple[str, dict[str, str]], ...]:
        """Outcome and particulars of each of its parts, the first drafted first."""
        return tuple((part.outcome, part.particulars) for part in self.pieces)

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes of all its parts, the first drafted first."""
        return tuple(outcome for outcome, _ in self.stated)

    @property
    def authors(self) -> frozenset[str]:
        """Whoever drafted any of it as it stands."""
        return frozenset((self.drafted_by, *(part.drafted_by for part in self.parts)))

    @property
    def drafters(self) -> frozenset[str]:
        """Whoever ever wrote at it: none of them signs it."""
        return self.authors | self.before

    def comment(self, officer: str, words: str) -> None:
        """Note what an officer says of it, if anything."""
        if words.strip():
            self.comments.append(f"{officer}：{words.strip()}")


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
