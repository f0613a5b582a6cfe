"""Is the limit of an open application known, that a ledger carries in?"""

from __future__ import annotations

from datetime import date

from models.errors import DisclosureError
from models.law.deadline import ClockEvent, deadline
from models.law.statute import Statute


def limit_unknown(received_on: date, law: Statute) -> str | None:
    """Why the limit of an application received on that day cannot be counted; None if it can."""
    try:
        deadline([ClockEvent("received", received_on)], law)
    except DisclosureError as fault:
        return str(fault)
    return None
