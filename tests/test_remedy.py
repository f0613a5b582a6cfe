"""Remedies by legal basis and date of decision (行政复议法 20, 23, 24; 行政诉讼法 45, 46)."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from models.agency.agency import load_agency
from models.agency.remedy import remedy, remedy_of_parts
from models.errors import ConfigFault, NoRuleInForce
from models.law.rules import Outcome
from models.law.statute_files import load

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
NOT_TAKEN_SINCE = {
    **dict.fromkeys(("needs_processing", "public_publication"), date(2011, 8, 13)),
    **dict.fromkeys(("repeated", "special_inquiry", "petition"), date(2025, 6, 1)),
    **dict.fromkeys(("archived", "reconfirmation"), date(2025, 6, 1)),
    **dict.fromkeys(
        ("not_government_information", "criminal_justice", "party_matter"), date(2018, 2, 8)
    ),
}
"""From when on the courts may not take it (法释〔2011〕17号 2, 法释〔2018〕1号 1, 法释〔2025〕8号)."""
TAKEN = {
    *("already_public", "granted", "partly_granted"),  # 2025解释 1(3)
    *REFUSED,  # after review: 1(2)
    *("not_existing", "not_ours", "still_unclear"),  # 告知无法提供: 1(1)
    *("excessive", "not_corrected", "fee_unpaid"),  # 不予处理: 1(1)
    "otherwise_closed",  # 其他行为: 1(5)
}
"""What the courts take, each by the words of the interpretation."""


def test_each_outcome_is_taken_or_may_not_be_or_ends_without_remedy():
    assert TAKEN | NOT_TAKEN_SINCE.keys() | NO_REMEDY == set(LAW.outcomes)
    assert not TAKEN & NOT_TAKEN_SINCE.keys()


def expected(key: str, decided_on: date) -> tuple[str, ...]:
    """The table of the law, written out: what each outcome must carry."""
    if key in NO_REMEDY:
        return ()
    if decided_on >= NOT_TAKEN_SINCE.get(key, date.max):
        return ("if_taken",)
    if decided_on >= FROM and key in REFUSED:
        return ("review_first",)
    if decided_on >= FROM and key in SPLIT:
        return ("review_first_part", "choice_part")
    return ("choice",)


DAYS = [date(2022, 6, 1), BEFORE, FROM, date(2025, 5, 31), date(2025, 6, 1), date(2026, 6, 1)]


@pytest.mark.parametrize("decided_on", DAYS)
@pytest.mark.parametrize("key", LAW.outcomes)
def test_every_outcome_carries_the_clause_of_its_basis_and_day(key, decided_on):
    found = remedy(LAW.outcomes[key], decided_on, LAW, AGENCY)
    assert found.clauses == expected(key, decided_on)
    assert found.authorities == (CITY if decided_on >= FROM else BOTH)
    assert found.court == "上海铁路运输法院"


NOT_GIVEN_EITHER = {
    *("not_existing", "not_ours", "needs_processing", "still_unclear"),  # 无法提供
    *("petition", "repeated", "public_publication", "excessive", "reconfirmation"),  # 不予处理
    *("special_inquiry", "archived"),  # 行政查询事项，列在不予公开之下
}
"""What `review_first_scope` may put behind review, besides what rests on Arts. 14 to 16."""


@pytest.mark.parametrize(
    ("decided_on", "disputed"),
    [
        (BEFORE, False),
        (FROM, True),
        (date(2025, 5, 31), True),
        (date(2025, 6, 1), False),  # settled by 2025解释 1
    ],
)
@pytest.mark.parametrize("key", LAW.outcomes)
def test_where_the_office_so_chooses_review_comes_first_for_whatever_is_not_given(
    key, decided_on, disputed
):
    law = LAW.under(review_first_scope="not_given")
    found = remedy(law.outcomes[key], decided_on, law, AGENCY)
    first = disputed and key in NOT_GIVEN_EITHER
    assert found.clauses == (("review_first",) if first else expected(key, decided_on))


@pytest.mark.parametrize("decided_on", DAYS)
@pytest.mark.parametrize("key", NOT_TAKEN_SINCE)
def test_where_the_office_so_chooses_the_suit_is_told_as_for_any_other(key, decided_on):
    law = LAW.under(**{f"suit_{key}": "promised"})
    assert remedy(law.outcomes[key], decided_on, law, AGENCY).clauses == ("choice",)


def test_every_point_on_what_courts_take_belongs_to_an_outcome_and_the_other_way_round():
    points = {row.key for row in LAW.choices if row.key.startswith("suit_")}
    told = {key: row.suit_choice for key, row in LAW.outcomes.items() if row.suit_choice}
    assert told == {key: f"suit_{key}" for key in NOT_TAKEN_SINCE}
    assert points == set(told.values())
    assert all(LAW.outcomes[key].remedy == "choice" for key in told)


@pytest.mark.parametrize(
    ("parts", "clauses"),
    [
        (("granted", "petition"), ("if_taken",)),
        (("granted", "not_ours"), ("choice",)),
        (("process_information", "petition"), ("review_first_part", "if_taken_part")),
        (("process_information", "not_ours"), ("review_first_part", "choice_part")),
        (("partly_granted", "repeated"), ("review_first_part", "if_taken_part")),
        (("petition", "repeated"), ("if_taken",)),
        (("petition", "withdrawn"), ("if_taken",)),
        (("granted", "withdrawn"), ("choice",)),
        (("process_information", "withdrawn"), ("review_first",)),
        (("withdrawn",), ()),
        (("process_information", "state_secret"), ("review_first",)),
    ],
)
def test_a_reply_in_parts_promises_no_suit_that_one_of_them_may_not_have(parts, clauses):
    told = [(LAW.outcomes[key], None) for key in parts]
    assert remedy_of_parts(told, FROM.replace(year=2026), LAW, AGENCY).clauses == clauses


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
    assert remedy(inquiry, date(2026, 3, 2), LAW, AGENCY).clauses == ("if_taken",)
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
    assert remedy(part, date(2025, 6, 1), LAW, AGENCY, inquiry).clauses == ("if_taken",)


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


def test_an_outcome_cannot_name_a_point_that_nobody_decides(tmp_path):
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    path = folder / "statute" / "outcomes.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("suit_petition", "suit_petitions"), encoding="utf-8")
    with pytest.raises(ConfigFault, match=r"petition 的 suit_choice.*suit_petitions"):
        load(folder)
