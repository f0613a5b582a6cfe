"""What the law computes of a case for its register row, as the rules stand: for look-up only."""

from __future__ import annotations

from typing import Any

from models.case.case import Case
from models.duties import alert_days, duties
from models.duties.limits import Limit
from models.law.deadline import ClockEvent
from models.law.statute import Statute


class Limits:
    """The limits of many cases by the same rules: those of the same events on the same days are
    computed once.
    """

    def __init__(self, law: Statute) -> None:
        self.law = law
        self._known: dict[tuple[ClockEvent, ...], Limit] = {}

    def of(self, case: Case) -> Limit:
        """As duties.limit tells it."""
        events = tuple(case.clock)
        found = self._known.get(events)
        if found is None:
            found = self._known[events] = duties.limit(case, self.law)
        return found


def of(case: Case, law: Statute, limits: Limits | None = None) -> dict[str, Any]:
    """The columns of `Application` that a new notice or rule may change; limits = kept from case to
    case, of the same law.
    """
    limit = limits.of(case) if limits else duties.limit(case, law)
    waiting = duties.waiting(case, law)
    return {
        "last_day": limit.last_day,
        "provisional": limit.provisional,
        "waiting": waiting.what,
        "waiting_until": waiting.until,
        "look_on": alert_days.look_on(duties.duties(case, law), None, law),
    }
