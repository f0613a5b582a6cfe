"""Remedies by legal basis and date of decision (行政复议法 20, 23, 24; 行政诉讼法 45, 46)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from models.agency import load_agency
from models.errors import NoRuleInForce
from models.remedy import remedy
from models.statute import Outcome, load

CONFIG = Path(__file__).parent.parent / "config"
LAW = load(CONFIG)
AGENCY = load_agency(CONFIG / "office")

BEFORE, FROM = date(2023, 12, 31), date(2024, 1, 1)
BOTH = ("上海市人民政府", "国家知识产权局")
CITY = ("上海市人民政府",)

REFUSED = {
    "state_secret",
    "prohibited_by_law",
    "endangers_security",
    "third_party_rights",
    "internal_affairs",
    "process_information",
    "enforcement_file",
}
SPLIT = {"partly_granted"}
NO_REMEDY = {"withdrawn"}


def expected(key: str, decided_on: date) -> tuple[str, ...]:
    """The table of the law, written out: what each outcome must carry."""
    if key in NO_REMEDY:
        return ()
    if decided_on >= FROM and key in REFUSED:
        return ("review_first",)
    if decided_on >= FROM and key in SPLIT:
        return ("review_first_part", "choice_part")
    return ("choice",)


@pytest.mark.parametrize("decided_on", [date(2022, 6, 1), BEFORE, FROM, date(2026, 6, 1)])
@pytest.mark.parametrize("key", LAW.outcomes)
def test_every_outcome_carries_the_clause_of_its_basis_and_day(key, decided_on):
    found = remedy(LAW.outcomes[key], decided_on, LAW, AGENCY)
    assert found.clauses == expected(key, decided_on)
    assert found.authorities == (CITY if decided_on >= FROM else BOTH)
    assert found.court == "上海铁路运输法院"


def test_the_periods_are_calendar_periods_from_the_table_of_periods():
    found = remedy(LAW.outcomes["granted"], FROM, LAW, AGENCY)
    assert (found.review.days, found.review.unit) == (60, "day")
    assert (found.suit.days, found.suit.unit) == (6, "month")
    assert (found.suit_after_review.days, found.suit_after_review.unit) == (15, "day")
    assert found.review is LAW.period("administrative_review", FROM)


def test_the_table_row_does_not_decide_administrative_inquiries_do_not_need_review_first():
    inquiry, file = LAW.outcomes["special_inquiry"], LAW.outcomes["enforcement_file"]
    assert inquiry.row.startswith("3.3.")  # with the refusals of the table …
    assert remedy(inquiry, FROM, LAW, AGENCY).clauses == ("choice",)  # … but of Art. 36(7)
    assert remedy(file, FROM, LAW, AGENCY).clauses == ("review_first",)


@pytest.mark.parametrize("ground", [key for key in LAW.outcomes if key in REFUSED])
def test_a_part_refused_under_articles_14_to_16_needs_review_first(ground):
    part = LAW.outcomes["partly_granted"]
    found = remedy(part, FROM, LAW, AGENCY, LAW.outcomes[ground])
    assert found.clauses == ("review_first_part", "choice_part")
    assert remedy(part, BEFORE, LAW, AGENCY, LAW.outcomes[ground]).clauses == ("choice",)


def test_a_part_that_is_an_administrative_inquiry_leaves_the_choice():
    part, inquiry = LAW.outcomes["partly_granted"], LAW.outcomes["special_inquiry"]
    assert remedy(part, FROM, LAW, AGENCY, inquiry).clauses == ("choice",)


def test_articles_14_to_16_and_review_first_are_the_same_outcomes():
    def rests_on_14_to_16(outcome: Outcome) -> bool:
        return any(each.split("(")[0] in ("14", "15", "16") for each in outcome.articles)

    kinds = {key: outcome.remedy for key, outcome in LAW.outcomes.items()}
    assert {key for key, kind in kinds.items() if kind == "review_first"} == REFUSED
    assert {key for key, row in LAW.outcomes.items() if rests_on_14_to_16(row)} == REFUSED
    assert {key for key, kind in kinds.items() if kind == "split"} == SPLIT
    assert {key for key, kind in kinds.items() if kind == "none"} == NO_REMEDY


def test_a_day_before_the_rules_is_an_error_never_the_first_row():
    with pytest.raises(NoRuleInForce):
        remedy(LAW.outcomes["granted"], date(2015, 1, 1), LAW, AGENCY)
