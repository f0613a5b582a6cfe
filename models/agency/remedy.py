"""What remedy does a reply carry? By its legal basis and the date of decision (复议法 20, 23, 24).

Never by the row of table 三: 行政查询事项 stands among the refusals there, but rests on Art. 36(7),
not on Arts. 14-16, and leaves the applicant the choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from models.agency.agency import Agency
from models.law.rules import Outcome, Period, RemedyKind
from models.law.statute import Statute
from models.law.workdays import written

NOT_GIVEN = ("refused", "unable", "not_handled")  # families: 不予公开, 无法提供, 不予处理


@dataclass(frozen=True)
class RemedyClauses:
    """What a reply must say of remedies: which clauses, and the figures and names they state.

    clauses            names of the clauses in letters/templates/_remedy.j2, in order; empty = none
    review, suit       calendar periods from receipt of the reply (行政复议法 20, 行政诉讼法 46)
    suit_after_review  calendar period from receipt of the review decision (行政诉讼法 45)
    authorities        where review may be applied for; more than one before 2024
    court              where a suit may be brought without review
    online             whether service online must come with that channel
    online_review      the online channel of review (复议法 22), "" if the agency has named none
    """

    clauses: tuple[str, ...]
    review: Period
    suit: Period
    suit_after_review: Period
    authorities: tuple[str, ...]
    court: str
    online: bool
    online_review: str


def remedy(
    outcome: Outcome,
    decided_on: date,
    law: Statute,
    agency: Agency,
    withheld: Outcome | None = None,
) -> RemedyClauses:
    """The remedy clauses of a reply decided on that day; `withheld` = ground of a part refused.

    Raises NoRuleInForce for a day that no row of remedies.toml, periods.toml or agency.toml covers.
    """
    return remedy_of(_kind(outcome, withheld, decided_on, law), decided_on, law, agency)


def remedy_of_parts(
    parts: Sequence[tuple[Outcome, Outcome | None]], decided_on: date, law: Statute, agency: Agency
) -> RemedyClauses:
    """The remedy clauses of a reply in parts: each an outcome, and the ground of what it withholds.

    Where review comes first for one part only, both clauses stand, as for 部分公开; a suit that
    the court may not take for one part is not promised for what stands in the same clause.
    """
    kinds = {_kind(outcome, withheld, decided_on, law) for outcome, withheld in parts}
    return remedy_of(_together(kinds), decided_on, law, agency)


def _together(kinds: set[RemedyKind]) -> RemedyKind:
    """The kind of a reply whose parts have these."""
    told = kinds - {"none"} or kinds
    if len(told) == 1:
        return told.pop()
    taken = not told & {"if_taken", "split_if_taken"}
    if told & {"review_first", "split", "split_if_taken"}:
        return "split" if taken else "split_if_taken"
    return "if_taken"


def remedy_of(kind: RemedyKind, decided_on: date, law: Statute, agency: Agency) -> RemedyClauses:
    """The remedy clauses of a kind for a decision of that day."""
    day = _law_of(decided_on, law)
    row = law.remedy(kind, day)
    return RemedyClauses(
        clauses=row.clauses,
        review=law.period("administrative_review", day),
        suit=law.period("suit", day),
        suit_after_review=law.period("suit_after_review", day),
        authorities=agency.review_authorities(day),
        court=agency.court_on(day),
        online=row.online,
        online_review=agency.online_review,
    )


def transition_warning(decided_on: date, law: Statute) -> str | None:
    """What to check in a reply decided while another law of review is about to apply, or just does.

    The days concerned are those of the point `remedy_in_transition` of practice.toml.
    """
    point = law.disputed("remedy_in_transition", decided_on)
    if point is None:
        return None
    begins = next(row.in_force for row in law.remedies if row.in_force > point.in_force)
    return (
        f"修订后的行政复议法自{written(begins)}起施行，本告知书在其前后作出、送达："
        f"救济告知{point.options[point.chosen]}，请核对复议机关和是否应当先申请行政复议"
    )


def _law_of(decided_on: date, law: Statute) -> date:
    """The day whose law the remedy follows: that of the decision, or by choice of its delivery."""
    point = law.disputed("remedy_in_transition", decided_on)
    if point is None or point.chosen == "decided":
        return decided_on
    begins = next(row.in_force for row in law.remedies if row.in_force > point.in_force)
    return max(decided_on, begins)


def _kind(outcome: Outcome, withheld: Outcome | None, decided_on: date, law: Statute) -> RemedyKind:
    """Review comes first for a refused part only if Arts. 14-16 are its ground (2025解释 1).

    Until that was settled, some put it first for whatever was not given (`review_first_scope`). What
    the courts may not take leaves review as it is, and promises no suit (`suit_…` of practice.toml).
    """
    if outcome.remedy == "split" and withheld is not None and withheld.remedy != "review_first":
        return _kind(withheld, None, decided_on, law)
    scope = law.disputed("review_first_scope", decided_on)
    if scope and scope.chosen == "not_given" and outcome.family in NOT_GIVEN:
        return "review_first"
    suit = law.disputed(outcome.suit_choice, decided_on) if outcome.suit_choice else None
    return "if_taken" if suit and suit.chosen == "if_taken" else outcome.remedy
