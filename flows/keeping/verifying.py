"""核验: does the register still hold what was recorded, all of it and nothing else?"""

from __future__ import annotations

from dataclasses import dataclass

from flows import office
from models.soundness import integrity
from models.store import evidence


@dataclass(frozen=True)
class Verified:
    """What was found: every fault as a sentence, and the head of the chain as it stands."""

    faults: tuple[str, ...]
    head: str


def verify(head: str = "") -> Verified:
    """Hold the register against itself; head = one that was written down earlier."""
    with office.reading() as session:
        found = tuple(integrity.faults(session, office.law(), office.agency(), head))
        return Verified(found, evidence.head(session))
