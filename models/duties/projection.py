"""What the law computes of a case for its register row, as the rules stand: for look-up only."""

from __future__ import annotations

from typing import Any

from models.case.case import Case
from models.duties import alert_days, duties
from models.law.statute import Statute


def of(case: Case, law: Statute) -> dict[str, Any]:
    """The columns of `Application` that a new notice or rule may change."""
    limit, waiting = duties.limit(case, law), duties.waiting(case, law)
    return {
        "last_day": limit.last_day,
        "provisional": limit.provisional,
        "waiting": waiting.what,
        "waiting_until": waiting.until,
        "look_on": alert_days.look_on(duties.duties(case, law), None, law),
    }
