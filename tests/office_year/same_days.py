"""Courses at random in which several things happen on one day, as forms offer them in turn."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tests.office_year.by_hand import MET_BY, Told

MOVING = frozenset({"extended", "consultation_started", *MET_BY})
DAYS_APART = (0, 0, 0, 0, 1, 5, 9, 20, 31)


def is_offered(told: Sequence[Told]) -> bool:
    """Whether forms can lead there, one after the other: nothing moves a limit that stands still (33,
    42), a request to correct comes once (30), an extension once in each run (33), and a reply that is
    out is followed by an order to answer again (51) or by an opinion that comes late.
    """
    awaits, once, extended, answered = "", False, False, False
    for kind in (one.kind for one in told[1:]):
        if answered:
            if kind == "redecision_ordered":
                answered = extended = False
            elif kind != "consultation_ended":
                return False
        elif kind in MOVING:
            if (
                awaits
                or (kind == "extended" and extended)
                or (kind == "correction_requested" and once)
            ):
                return False
            awaits = MET_BY.get(kind, "")
            extended |= kind == "extended"
            once |= kind == "correction_requested"
        elif kind in MET_BY.values():
            if kind != awaits:
                return False
            awaits, extended = "", False
        elif kind == "replied":
            if awaits:
                return False
            answered = True
        elif kind == "redecision_ordered":
            return False
    return True


def apart(chance: Random) -> int:
    """How many days one thing comes after another: mostly none."""
    return chance.choice(DAYS_APART)
