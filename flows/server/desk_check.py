"""Has every open case its form? Once a minute what may have changed is looked at, not all that is open.

Each minute: the cases in which something was recorded since, those whose runs are on their way, and
whether there are as many living runs as open cases. Where there are not (Prefect's database was lost, a
run was cancelled, failed or made twice), all are looked through within that minute; so they are at the
start, while some wait still to be put back, on a new day, when config has changed, when limits have
moved without an act (a sweep), when the register is shorter than it was (another one was put in its
place), and every half hour: what is found no sooner is a name or a label that somebody has altered in
Prefect, and a run too many of one case beside one too few of another.
"""

from __future__ import annotations

from datetime import timedelta
from time import monotonic
from typing import Final, NamedTuple

from flows import office
from flows.installation.prefect_client import connected
from flows.path import desk, righting
from flows.shown import lists
from models.register import recorded_since

WHOLE_SECONDS: Final = 1800.0
MOST: Final = 50  # cases, each with a request of its own: of more, all are looked through


class Seen(NamedTuple):
    """What the register and the office were like at a check.

    made_from = day, law and agency; last = how much was recorded; limits = those of the open cases
    """

    made_from: tuple[object, ...]
    last: int
    limits: recorded_since.Limits


NOTHING: Final = Seen((), 0, {})


class DeskCheck:
    """The minute's check, and what the one before has seen."""

    def __init__(self) -> None:
        self._whole_at: float | None = None  # None = never to its end
        self._seen, self._without = NOTHING, 0
        self._again: set[str] = set()

    def see_to(self, *, grace: timedelta = desk.GRACE) -> list[str]:
        """What was put right, as sentences; grace as in righting.put_right."""
        made_from = (office.today(), office.law(), office.agency())
        with office.reading() as session:
            last = recorded_since.length(session)
            recorded = recorded_since.cases(session, self._seen.last, MOST + 1)
            now = Seen(made_from, last, recorded_since.limits(session))
        if self._all_are_due(now) or len(recorded) > MOST:
            return self._whole(grace, now)
        with connected() as client:
            numbers = recorded | righting.moving(client) | self._again
            without = sum(now.limits.values()) - righting.living(client)
            if without != self._without or len(numbers) > MOST:
                return self._whole(grace, now)
            found = righting.look_at(numbers, grace=grace)
            lists.renew_afresh(client)
        self._seen, self._again = now, found.again
        return found.done

    def _all_are_due(self, now: Seen) -> bool:
        if self._whole_at is None or monotonic() - self._whole_at >= WHOLE_SECONDS:
            return True
        before = self._seen
        moved = now.last == before.last and now.limits != before.limits
        return moved or now.last < before.last or now.made_from != before.made_from

    def _whole(self, grace: timedelta, now: Seen) -> list[str]:
        self._whole_at = None
        found = righting.look_through(grace=grace)
        self._seen, self._again = now, found.again
        self._without = found.without
        self._whole_at = None if found.left else monotonic()
        return found.done
