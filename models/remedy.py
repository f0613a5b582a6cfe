"""What remedy does a reply carry? By its legal basis and the date of decision (复议法 20, 23, 24).

Never by the row of table 三: 行政查询事项 stands among the refusals there, but rests on Art. 36(7),
not on Arts. 14-16, and leaves the applicant the choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from models.agency import Agency
from models.statute import Outcome, Period, RemedyKind, Statute


@dataclass(frozen=True)
class RemedyClauses:
    """What a reply must say of remedies: which clauses, and the figures and names they state.

    clauses            names of the clauses in letters/templates/_remedy.j2, in order; empty = none
    review, suit       calendar periods from receipt of the reply (行政复议法 20, 行政诉讼法 46)
    suit_after_review  calendar period from receipt of the review decision (行政诉讼法 45)
    authorities        where review may be applied for; more than one before 2024
    court              where a suit may be brought without review
    online_review      the online channel of review (复议法 22), "" if the agency has named none
    """

    clauses: tuple[str, ...]
    review: Period
    suit: Period
    suit_after_review: Period
    authorities: tuple[str, ...]
    court: str
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
    row = law.remedy(_kind(outcome, withheld), decided_on)
    return RemedyClauses(
        clauses=row.clauses,
        review=law.period("administrative_review", decided_on),
        suit=law.period("suit", decided_on),
        suit_after_review=law.period("suit_after_review", decided_on),
        authorities=agency.review_authorities(decided_on),
        court=agency.court_on(decided_on),
        online_review=agency.online_review,
    )


def _kind(outcome: Outcome, withheld: Outcome | None) -> RemedyKind:
    """Review comes first for a refused part only if Arts. 14-16 are its ground (2025解释 1)."""
    if outcome.remedy == "split" and withheld is not None and withheld.remedy != "review_first":
        return withheld.remedy
    return outcome.remedy
