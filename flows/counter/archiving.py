"""归档: which closed cases the archive has not yet, and that it has one now (Art. 45)."""

from __future__ import annotations

from datetime import date

from flows import office
from flows.path.form_fields import By
from flows.path.recording import perform_now
from models.acts.afterwards.archiving import HandToArchive
from models.case.case import Case
from models.watch.unarchived import Closed, closed_in, years_closed


def closed(year: int) -> list[Closed]:
    """The cases closed in a year, with the archive or not."""
    with office.reading() as session:
        return closed_in(session, year, office.archive_rules())


def years() -> list[int]:
    """The years in which cases were closed, the last first."""
    with office.reading() as session:
        return years_closed(session)


def hand_over(
    number: str, on: date, receipt: str, by: By, *, to: str = "", bound: str = ""
) -> Case:
    """Record that the archive has a case's file; ActRefused with the reasons."""
    said: dict[str, object] = {"handed_on": on.isoformat(), "receipt": receipt, "to": to}
    return perform_now(number, HandToArchive.kind, said | {"bound": bound.strip().lower()}, by)
