"""What did a submitted form become? One submission is one record, however often it arrives."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from sqlmodel import Session, select


class _Submitted(Protocol):
    """A table whose rows know the form they came with."""

    submission: Any


R = TypeVar("R", bound=_Submitted)


def became(session: Session, table: type[R], submission: str | None) -> R | None:
    """The row that a submission became already, if it did; None where it has none (a command's)."""
    if submission is None:
        return None
    return session.exec(select(table).where(table.submission == submission)).first()
