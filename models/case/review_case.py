"""How does a review or a suit against our reply stand? And what does it order? (Art. 51).

What is counted where in table 四 is said in models/report_tables/table4.py. A decision may order us to reply
anew: the term it gives, else the statutory one, counted from the day the decision had effect here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.law.rules import Unit
    from models.law.statute import Statute
    from models.law.workdays import Reach

DAY = timedelta(days=1)
TERMS: dict[str, Unit] = {"工作日": "workday", "日": "day"}
APPEAL_DISMISSED, REMANDED = "appeal_dismissed", "remanded"  # what an appeal does to a judgment
RETRIAL_UPHELD = "retrial_upheld"  # what a retrial leaves as it was
FINAL_AT_ONCE = frozenset({"withdrawn", "settled", "transferred", "otherwise_ended"})
"""Ways a suit ends at first instance that nobody can appeal (行诉法解释101)."""


class ReviewKind(StrEnum):
    """The groups of table 四."""

    REVIEW = "行政复议"
    DIRECT_SUIT = "未经复议直接起诉"
    SUIT_AFTER_REVIEW = "复议后起诉"


class ReviewStage(StrEnum):
    """Where a review or suit stands; the value is what the officer reads."""

    NEW = "未登记"
    PENDING = "审理中"
    JUDGED = "一审已判"
    APPEALED = "上诉审理中"
    RETRIED = "再审审理中"
    SETTLED = "已审结"
    VOID = "已注销"


LIVING = frozenset(ReviewStage) - {ReviewStage.NEW, ReviewStage.VOID}


@dataclass(frozen=True)
class Decision:
    """A decision: result (key of review_results.toml) and, if it orders a new reply, the term.

    received_on = the day it reached us; term = None: no term given; unit = workday or day
    number = its own; holds, moved_by, moved_words as in models/acts/afterwards/redecision.py
    """

    instance: str
    result: str
    decided_on: date
    received_on: date
    redecision: bool = False
    term: int | None = None
    unit: Unit = "workday"
    number: str = ""
    holds: str = "no"
    moved_by: str = ""
    moved_words: str = ""


@dataclass(frozen=True)
class Settled:
    """An end that a case had come to before it was tried again (行诉法90-93).

    since = the day it was lodged, or last ordered to be tried again
    """

    since: date
    effective_on: date
    decision: Decision


@dataclass
class ReviewCase:
    """One review or suit as its entries leave it.

    effective_on = the day from which the latest decision cannot be appealed
    retried_on = the day a retrial was last ordered; ended = the ends before each retrial
    """

    number: str
    position: int = 0
    stage: ReviewStage = ReviewStage.NEW
    last_act: str = ""
    kind: str = ""
    application: str = ""
    letter: str = ""
    complaint: str = ""
    lodged_on: date = date.min
    authority: str = ""
    authority_number: str = ""
    after_review: str = ""
    decisions: list[Decision] = field(default_factory=list)
    appealed_on: date | None = None
    effective_on: date | None = None
    retried_on: date | None = None
    ended: list[Settled] = field(default_factory=list)
    redecided_on: date | None = None
    redecided_by: str = ""
    course: list[str] = field(default_factory=list)

    @property
    def instance(self) -> str:
        """Who decides next: 复议, 一审, 二审 or 再审."""
        if self.kind == ReviewKind.REVIEW:
            return "复议"
        if self.stage is ReviewStage.RETRIED:
            return "再审"
        return "二审" if self.stage is ReviewStage.APPEALED else "一审"

    @property
    def latest_day(self) -> date:
        """The day before which nothing further can lie."""
        return max(
            self.lodged_on,
            self.appealed_on or date.min,
            self.retried_on or date.min,
            *(one.decided_on for one in self.decisions),
        )

    @property
    def holding(self) -> Decision | None:
        """The decision that holds: the latest, or the one that appeal or retrial left as it was."""
        left = (APPEAL_DISMISSED, RETRIAL_UPHELD)
        return next((one for one in reversed(self.decisions) if one.result not in left), None)

    @property
    def since(self) -> date:
        """The day from which it is pending for the last time: lodged, or to be tried again."""
        return self.retried_on or self.lodged_on

    @property
    def ordered(self) -> Decision | None:
        """The decision in effect that orders us to reply anew, if there is one."""
        held = self.holding
        return held if self.stage is ReviewStage.SETTLED and held and held.redecision else None


def redecision_due(case: ReviewCase, law: Statute) -> Reach | None:
    """The last day for the reply that was ordered: the term given, else 20 working days (Art. 33).

    From receipt of the decision, for a judgment from when it had effect; a term in calendar days
    that ends on a rest day ends on the next working day (民法典203).
    """
    ordered = case.ordered
    if ordered is None or case.effective_on is None:
        return None
    start = max(case.decisions[-1].received_on, case.effective_on)
    if ordered.term is None:
        return law.calendar.reach(start, law.period("redecision", start).days)
    if ordered.unit == "workday":
        return law.calendar.reach(start, ordered.term)
    return law.calendar.reach(start + timedelta(days=ordered.term) - DAY, 1)


def review_first_warning(kind: str, clauses: tuple[str, ...]) -> str | None:
    """A suit without review where review must come first (复议法23, since 2024): unusual.

    clauses = the remedy clauses that our reply carried (models/agency/remedy.py)
    """
    if kind != ReviewKind.DIRECT_SUIT or not any(c.startswith("review_first") for c in clauses):
        return None
    part = "不予公开的部分" if "review_first_part" in clauses else "该答复"
    return (
        f"{part}以条例第十四条、第十五条、第十六条为依据，应当先申请行政复议"
        "（行政复议法第二十三条）；登记为“未经复议直接起诉”，请核实，并可以向法院提出"
    )
