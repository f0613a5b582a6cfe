"""How often, in which year and by which result does table 三 count an application? (年报格式).

Once, by its receipt and its closing: so it is with nearly all of them. A reply given anew, a
withdrawal and a correction across the year's end are points on which the form is silent: they are
choices of practice.toml. For these the whole history is asked (`counted_by_history`), as it stood
on the day of the report.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from models.acts.afterwards.erratum import Erratum
from models.acts.afterwards.redecision import UndoOrder
from models.case.case import UNDO, Case
from models.case.matters import FirstReply
from models.case.stage import Stage
from models.law.statute import Statute
from models.report_tables.table3 import CaseLine

WITHDRAWN = "withdrawn"
PUT_RIGHT = frozenset({Erratum.kind, UndoOrder.kind, UNDO})


@dataclass(frozen=True)
class Result:
    """A closing: its day, the day it was recorded, its outcome and row; all None while open.

    outcome is None for one that an earlier ledger states, and for an entry struck out.
    """

    on: date | None = None
    recorded_on: date | None = None
    outcome: str | None = None
    row: str | None = None


@dataclass(frozen=True)
class Counted:
    """One line of table 三: the day it came in by, and its result (open = none).

    number = the case's, marked where a new reply of it counts as one more
    """

    number: str
    received_on: date
    result: Result


def counted(case: Case, law: Statute) -> list[Counted]:
    """The lines by which table 三 counts a case: none, one, or more where each new reply counts."""
    if case.received_on is None:
        return []
    earliest, *others = [*_closings(case, law), *([] if case.closed_on else [Result()])]
    found = [Counted(case.number, _intake(case, law), earliest)]
    for first, closing in zip(case.first_replies, others, strict=True):
        found = _again(found, first, closing, law)
    return [one for one in found if not _dropped(one, law)]


def counted_by_history(case: Case) -> bool:
    """Whether counting it needs more than its receipt and its closing.

    An erratum is known from its own day on only: what counted before stands in the events.
    """
    corrected = case.correction.corrected_on if case.correction else None
    across = corrected and case.received_on and corrected.year != case.received_on.year
    errata = not PUT_RIGHT.isdisjoint([step.act.kind for step in case.steps])
    days = [step.recorded_on for step in case.steps]
    first_left = bool(case.later_firsts)
    went_back = days != sorted(days)  # the clock was put right (models/soundness/clock.py)
    given_up = case.outcome == WITHDRAWN
    replies = case.bounced or case.first_replies
    return bool(errata or replies or across or given_up or went_back or first_left)


def lines(case: Case, law: Statute) -> list[CaseLine]:
    """The same, as table 三 takes them."""
    return [
        CaseLine(
            one.number, _column(case, one, law), one.received_on, one.result.on, one.result.row
        )
        for one in counted(case, law)
    ]


def _column(case: Case, line: Counted, law: Statute) -> str:
    """The kind of applicant it is counted by; by choice, of who is first once the first one has left.

    Never in another column than in the year before: what is carried over is carried over in its own.
    """
    kinds = [case.applicant_kind]
    for left, kind in case.later_firsts:
        followed = law.choice("kind_after_leaving", left) == "remaining"
        kinds += [kind] if followed and left.year <= line.received_on.year else []
    return kinds[-1]


def _closings(case: Case, law: Statute) -> list[Result]:
    """Every closing there has been, the first one first."""
    found = [_first(case, place, law) for place in range(len(case.first_replies))]
    if case.stage is Stage.CLOSED and case.closed_on is not None:
        outcome = case.counted_outcome(law)
        found.append(Result(case.closed_on, case.closed_recorded_on, outcome, case.row(law)))
    return found


def _first(case: Case, place: int, law: Statute) -> Result:
    first = case.first_replies[place]
    outcome = first.outcome
    if outcome is None:
        return Result(first.closed_on, first.closed_recorded_on, None, first.row)
    if first.draft is not None:
        outcome = case.counts_by(place, first.draft, first.closed_on, law)
    row = law.row(outcome, first.closed_on)
    return Result(first.closed_on, first.closed_recorded_on, outcome, row)


def _again(found: list[Counted], first: FirstReply, closing: Result, law: Statute) -> list[Counted]:
    """The lines after a reply was set aside and, unless `closing` is empty, given anew.

    final: the new result replaces the earlier one of the same year, never one already reported.
    """
    key = "redecision_count" if first.order else "reissued_reply_count"
    option, last = law.choice(key, first.withdrawn_on), found[-1]
    if option == "again":
        number = f"{found[0].number}（第{len(found)}次重新答复）"
        return [*found, Counted(number, first.withdrawn_on, closing)]
    years = {one.year for one in (closing.on, last.result.on) if one}
    if option == "final" and closing.on and len(years) == 1:
        return [*found[:-1], replace(last, result=closing)]
    return found


def _intake(case: Case, law: Statute) -> date:
    """The day whose year is the year of 新收: the first receipt, or by choice the corrected one."""
    assert case.received_on is not None
    corrected = case.correction.corrected_on if case.correction else None
    if corrected is None or law.choice("corrected_year", corrected) == "received":
        return case.received_on
    answered = any(first.closed_on < corrected for first in case.first_replies)
    return case.received_on if answered else corrected


def _dropped(one: Counted, law: Statute) -> bool:
    """A withdrawal in the year of receipt may be left out on both sides, by choice."""
    on = one.result.on
    if on is None or one.result.outcome != WITHDRAWN or on.year != one.received_on.year:
        return False
    return law.choice("withdrawn_count", on) == "dropped"
