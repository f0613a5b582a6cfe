"""The letter that answers a request to correct a record about oneself (条例第四十一条)."""

from __future__ import annotations

from datetime import date

from letters.letter.facts import remedy_words
from letters.letter.phrases import one_line
from letters.letter.titles import naming
from letters.letter.words import Letter, compose
from models.agency.agency import Agency
from models.agency.remedy import remedy_of
from models.law.statute import Statute
from models.neighbours.records_correction import RecordsCase


def records_letter(
    case: RecordsCase, number: str, dated: date, law: Statute, agency: Agency
) -> Letter:
    """The letter on a request that is decided; a refusal tells the remedies, as a final decision.

    Raises FactMissing when the case does not tell what the letter must state.
    """
    you = agency.addressed.person if case.is_person else agency.addressed.unit
    names = naming("records_correction", law, agency)
    refused = case.result == "refused"
    clauses = remedy_of("choice" if refused else "none", dated, law, agency)
    stated = {
        "record": one_line(case.record),
        "error": one_line(case.error),
        "action": one_line(case.action),
        "other_agency": one_line(case.agency),
        "other_contact": one_line(case.contact),
        "reasons": one_line(case.reasons),
    }
    return compose(
        "records_correction",
        {
            **{name: text or None for name, text in stated.items()},
            **names,
            "agency": agency.model_dump(),
            "number": number,
            "decided_on": dated,
            "case_number": case.number,
            "applicant": case.requester,
            "you": you,
            "received_on": case.received_on,
            "result": case.result,
            "remedy": remedy_words(clauses, you, str(names["called"])),
        },
    )
