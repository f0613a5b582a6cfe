"""The power that may go at any moment: a fuse that burns a little at every place passed."""

from __future__ import annotations

from collections import Counter
from random import Random

from tests.office_year.disk import CALLS

PLACES = (
    *("before commit", "after commit", "before the file", "before the desk"),
    *("before the form", "after the form", "before sending", "after sending"),
    "before dossier",
    *(f"disk {call}" for call in CALLS),
)
"""Where the power goes: at each there is something done, and something still to do."""


class PowerCut(BaseException):
    """The process is gone, here and now; what is committed and on disk is all there is."""


class Power:
    """Goes at a place drawn by chance, when it was decided that it will."""

    def __init__(self, chance: Random) -> None:
        self.chance, self._left = chance, 0
        self.cut: Counter[str] = Counter()
        self.during: Counter[tuple[str, str]] = Counter()  # what was being done, and where
        self._doing = ""

    def may_go(self, rate: float, doing: str = "") -> None:
        """Decide, for what comes next, whether the power goes within the next places passed."""
        self._doing = doing
        goes = self.chance.random() < rate
        self._left = self.chance.randint(1, 25) if goes else 0

    def is_back(self) -> None:
        self._left = 0

    def passing(self, place: str) -> None:
        """Pass a place; PowerCut if it is here that the power goes."""
        assert place in PLACES
        if not self._left:
            return
        self._left -= 1
        if not self._left:
            self.cut[place] += 1
            self.during[self._doing, place] += 1
            raise PowerCut(place)
