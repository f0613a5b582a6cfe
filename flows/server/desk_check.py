"""Has every open case its form? Once a minute what may have changed is looked at, not all that is open.

Each minute: the cases in which something was recorded since, those whose runs are on their way, and
whether there are as many living runs as open cases. Where there are not (Prefect's database was lost, a
run was cancelled, failed or made twice), all are looked through within that minute; so they are at the
start, on a new day, when config has changed, and every half hour: what is found no sooner is a name
or a label that somebody has altered in Prefect, and a run too many of one case beside one too few of
another.
"""

from __future__ import annotations

from time import monotonic
from typing import Final

from flows import office
from flows.installation.prefect_client import connected
from flows.path import desk
from flows.shown import lists
from models.register import recorded_since

WHOLE_SECONDS: Final = 1800.0
MOST: Final = 50  # cases, each with a request of its own: of more, all are looked through


class DeskCheck:
    """The minute's check, and what the one before has seen."""

    def __init__(self) -> None:
        self._whole_at: float | None = None  # None = never to its end
        self._made_from: tuple[object, ...] = ()
        self._seen, self._without = 0, 0
        self._again: set[str] = set()

    def see_to(self) -> list[str]:
        """What was put right, as sentences."""
        made_from = (office.today(), office.law(), office.agency())
        with office.reading() as session:
            last = recorded_since.length(session)
            recorded = recorded_since.cases(session, self._seen, MOST + 1)
            are_open = recorded_since.open_cases(session)
        due = self._whole_at is None or monotonic() - self._whole_at >= WHOLE_SECONDS
        if due or made_from != self._made_from or len(recorded) > MOST:
            return self._whole(last, made_from)
        with connected() as client:
            numbers = recorded | desk.moving(client) | self._again
            if are_open - desk.living(client) != self._without or len(numbers) > MOST:
                return self._whole(last, made_from)
            found = desk.look_at(numbers, grace=desk.GRACE)
            if recorded:  # whoever recorded it renews the lists; this, what several make of them
                lists.renew_afresh(client)
        self._seen, self._again = last, found.again
        return found.done

    def _whole(self, last: int, made_from: tuple[object, ...]) -> list[str]:
        self._whole_at = None
        found = desk.look_through(grace=desk.GRACE)
        self._seen, self._again, self._without = last, found.again, found.without
        self._whole_at, self._made_from = monotonic(), made_from
        return found.done
