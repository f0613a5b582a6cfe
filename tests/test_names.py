"""Names and numbers are the same however they are typed: for applicants, officers, cases, letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from officers import OFFICERS
from situations import reached
from sqlmodel import select

from flows import office
from flows.path import recording, signing
from flows.path.form_fields import By
from models.acts.afterwards.merging import joinable
from models.case.case import Case
from models.case.matters import OtherApplication
from models.errors import ActRefused, NoSuchCase
from models.neighbours.review_acts import Lodge
from models.neighbours.review_register import lodge
from models.register import register, same_applicant
from models.store.tables import Document
from models.words.names import UNSEEN, begins, one_name, one_number, same_name
from tests.databases import TODAY, empty_register
from tests.our_pages import CLERK, received

NAME = "阿依古丽·买买提"
SAME = (
    "阿依古丽•买买提",
    "阿依古丽・买买提",
    " 阿依古丽 · 买买提 ",
    "阿依古丽·买买提\u200b",
    "\ufeff阿依古丽·买买提",
    "\u3000阿依古丽·买\u00ad买提",
    "阿依古丽\u00a0·\u2060买买提",
)
ANOTHER = ("阿依古丽·买买江", "阿依古丽买买提", "买买提·阿依古丽", "阿依古丽·买买提等")


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


def looked_at(typed: str, name: str) -> bool:
    return any(low <= typed < high for low, high in begins(name))


@pytest.mark.parametrize("typed", SAME)
def test_a_name_is_the_same_however_it_is_typed(typed: str) -> None:
    assert same_name(NAME, typed)
    assert looked_at(typed, NAME)


@pytest.mark.parametrize("other", ANOTHER)
def test_another_name_is_another(other: str) -> None:
    assert not same_name(NAME, other)


@pytest.mark.parametrize("typed", ["1", "１", "1\u200b", " 1", "1\u00a0", "\ufeff１"], ids=ascii)
def test_one_is_one_number(typed: str) -> None:
    assert one_number(typed) == "1"


def test_brackets_of_a_document_number_are_one_kind() -> None:
    forms = (
        "沪知公开告〔2026〕1号",
        "沪知公开告[2026]1号",
        "沪知公开告【2026】1 号",
        "沪知公开告［2026］１号",
    )
    assert len({one_number(one) for one in forms}) == 1


@given(st.text(max_size=20))
def test_the_normal_form_is_its_own(stated: str) -> None:
    once = one_name(stated)
    assert one_name(once) == once
    assert not set(once) & set(UNSEEN)


@given(
    st.text(
        alphabet=f"周晓岚⾦金·•AZ9ée\u0301ＡＺ９ \t\u3000\u00a0\ufe00{UNSEEN}",
        min_size=1,
        max_size=6,
    )
)
def test_what_is_the_same_name_begins_as_is_looked_for(stated: str) -> None:
    assert looked_at(stated, one_name(stated))


def test_another_name_of_the_same_surname_is_not_looked_at() -> None:
    assert not looked_at("周小明", "周晓岚")
    assert looked_at("周晓岚岚", "周晓岚")  # looked at, and then found to be another


def others(number: str) -> list[str]:
    with office.reading() as session:
        case = register.case(session, number)
        now = same_applicant.informed(session, case, office.circumstances(CLERK))
    return [one.number for one in now.others]


@pytest.mark.parametrize("typed", SAME)
def test_the_same_applicant_is_recognised_both_ways(typed: str) -> None:
    first, second = received(NAME), received(typed)
    assert others(second) == [first]
    assert others(first) == [second]


@pytest.mark.parametrize("other", ANOTHER)
def test_another_applicant_is_not(other: str) -> None:
    received(NAME)
    assert others(received(other)) == []


def test_latin_names_in_full_width_are_the_same() -> None:
    first, second = received("ABC公司"), received("ＡＢＣ公司")
    assert others(first) == [second]
    assert others(second) == [first]


def test_who_applies_together_is_compared_in_one_form() -> None:
    case = Case("甲", applicant="周 晓岚", co_applicants=("李四",))
    other = OtherApplication(
        "乙", "待起草", office.today(), None, "丙", applicants=("周晓岚", "李 四")
    )
    now = office.circumstances(CLERK)
    assert joinable(case, replace(now, others=(other,))) == [other]
    alone = replace(other, applicants=("周晓岚",))
    assert joinable(case, replace(now, others=(alone,))) == []


@pytest.mark.parametrize(
    "typed", ["sq202600001", "ＳＱ202600001", "SQ2026 00001", "SQ202600001\u200b"]
)
def test_a_case_is_meant_by_its_number_however_it_is_typed(typed: str) -> None:
    number = received()
    found = recording.perform_now(typed, "received", {"received_on": TODAY}, By(CLERK))
    assert found.number == number
    with pytest.raises(NoSuchCase):
        recording.perform_now("SQ202600002", "received", {"received_on": TODAY}, By(CLERK))


def test_a_letter_is_meant_by_its_number_however_it_is_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with office.writing() as session:
        play = reached(session, "已办结，邮寄")
        number = play.case().number
    monkeypatch.setenv("DISCLOSURE_TODAY", f"{play.today}")
    with office.writing() as session:
        letter = session.exec(select(Document.number).where(Document.series == "reply")).one()
        assert "〔" in letter
        act = Lodge(
            review_kind="行政复议",
            letter_number=letter.replace("〔", "[").replace("〕", "] "),
            lodged_on=play.today,
            authority="某政府",
        )
        assert (
            lodge(session, act, office.circumstances(CLERK), office.now()).case.application
            == number
        )


def test_an_officer_is_meant_by_his_name_however_it_is_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    agency = office.agency().model_copy(update={"officers": OFFICERS})
    monkeypatch.setattr(office, "agency", lambda: agency)
    assert signing.submitter("李 起草\u200b", "登记申请") == CLERK
    assert signing.submitter(" 没有列出 ", "登记申请") == "没有列出"
    with pytest.raises(ActRefused, match="不在办理人员名单"):
        received(officer="没有列出")
