"""What may belong to one application, a class for each: its correction, extension, opinions, drafts,
letters, fee, what was told and served. A case (models/case/case.py) holds them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from models.case.stage import Stage
from models.law.consultation import Party
from models.law.rules import Standard
from models.law.statute import Statute


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


class Unheard(NamedTuple):
    """Who was asked for an opinion, and until which day he has not agreed, or may still answer; None =
    without end.
    """

    name: str
    until: date | None


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
    unheard: tuple[Unheard, ...] = ()

    def unheard_on(self, day: date) -> tuple[str, ...]:
        """The names of those who on a day have not agreed, or may still answer."""
        return tuple(one.name for one in self.unheard if one.until is None or day <= one.until)


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
