"""Does a span of days end before it begins? Asked so, it would be answered with nothing."""

from __future__ import annotations

from datetime import date

from models.errors import DisclosureError
from models.words.days_told import written


class WrongWayRound(DisclosureError):
    """A span of days that ends before it begins: asked so, it would be answered with nothing."""

    def __init__(self, since: date, until: date) -> None:
        self.since, self.until = since, until
        super().__init__(f"开始日期{written(since)}晚于结束日期{written(until)}")


def in_order(since: date | None, until: date | None) -> None:
    """WrongWayRound where a span ends before it begins; None = it has no such end."""
    if since is not None and until is not None and since > until:
        raise WrongWayRound(since, until)
