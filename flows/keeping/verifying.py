"""核验: does the register still hold what was recorded, all of it and nothing else?"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from flows import office
from flows.keeping import material_content
from models.soundness import integrity
from models.store import evidence


@dataclass(frozen=True)
class Verified:
    """What was found: every fault as a sentence, and the head of the chain as it stands."""

    faults: tuple[str, ...]
    head: str


def verify(head: str = "", *, contents: bool = False) -> Verified:
    """Hold the register against itself, and the materials against it; head = one that was written
    down earlier, contents = the materials are read to their ends.
    """
    with office.reading() as session:
        return Verified(faults(session, head, contents=contents), evidence.head(session))


def faults(session: Session, head: str = "", *, contents: bool = False) -> tuple[str, ...]:
    """The same of a register that a session is on."""
    return (
        *integrity.faults(session, office.law(), office.agency(), head),
        *material_content.faults(session, contents=contents),
    )
