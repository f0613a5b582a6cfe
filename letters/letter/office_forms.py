"""Papers without a number of their own: what a department is asked for, what an applicant fills in."""

from __future__ import annotations

from datetime import date
from typing import Final

from letters.letter.phrases import one_line
from letters.letter.words import Letter, compose
from models.agency.agency import Agency
from models.case.case import Case
from models.case.matters import Supply
from models.law.statute import Statute

FORMS: Final = ("supply_request", "application_form")
"""Their templates; every other template is a letter's (letters.toml, outcomes.toml)."""


def supply_request(case: Case, one: Supply, law: Statute, agency: Agency) -> Letter:
    """协办单: the records that a department of our own is asked for, and its slip (Arts. 4, 33).

    It says nothing of the applicant. Raises FactMissing before the receipt is confirmed.
    """
    limit = case.deadline(law)
    return compose(
        "supply_request",
        {
            "agency": agency.model_dump(),
            "case_number": case.number,
            "received_on": case.received_on,
            "department": one_line(one.department),
            "records": one_line(one.records),
            "asked_on": one.asked_on,
            "supply_by": one.supply_by,
            "limit": limit.last_day if limit and not limit.suspended else None,
        },
    )


def application_form(agency: Agency, printed_on: date) -> Letter:
    """申请表: for those who apply in person, or whom we write it down for (Art. 29)."""
    return compose("application_form", {"agency": agency.model_dump(), "decided_on": printed_on})
