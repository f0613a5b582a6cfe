"""What a form asks of a person (Art. 29), and how the register keeps it sealed."""

from __future__ import annotations

import pytest
from sqlmodel import select

from flows import office
from flows.path import intake
from models.case.personal import ASKED, FURTHER, PARTICULARS, SEALED, TOLD, kept_as
from models.store.tables import Applicant
from tests.databases import TODAY
from tests.our_pages import CLERK, Desk

CODE = "91310000MA1FL0000X"


def test_all_that_is_asked_of_a_person_is_sealed_and_has_a_column() -> None:
    assert ASKED.keys() == PARTICULARS.keys() | FURTHER.keys()
    assert ASKED.keys() < SEALED
    assert {column for _, column in FURTHER.values()} <= PARTICULARS.keys()
    assert TOLD.keys() <= ASKED.keys()


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ({}, {"identity": "", "contact": "", "address": ""}),
        ({"contact": "电话"}, {"identity": "", "contact": "电话", "address": ""}),
        ({"credit_code": CODE}, {"identity": CODE, "contact": "", "address": ""}),
        (
            {"identity": "甲", "credit_code": CODE, "email": "a@b.cn", "postcode": "200003"},
            {
                "identity": f"甲\n统一社会信用代码：{CODE}",
                "contact": "电子邮箱：a@b.cn",
                "address": "邮政编码：200003",
            },
        ),
        (
            {"contact": "电话", "contact_person": "王五", "email": "a@b.cn", "address": "路1号"},
            {"identity": "", "contact": "电话\n联系人：王五\n电子邮箱：a@b.cn", "address": "路1号"},
        ),
    ],
)
def test_each_thing_asked_apart_stands_on_a_line_of_its_own(
    stated: dict[str, str], kept: dict[str, str]
) -> None:
    assert kept_as(stated) == kept


def test_the_form_marks_what_the_law_requires_and_sends_it_all(desk: Desk) -> None:
    page = desk.get("/new/登记申请")
    assert all(f">{title}</label>" in page for title in ASKED.values())
    assert page.count("条例第二十九条要求写明") == 4, "identity, credit code, contact, form wanted"
    given = {f"field.{name}": name for name in ASKED}
    given |= {"field.channel": "当面提交", "field.arrived_on": TODAY, "field.kind": "商业企业",
              "field.applicant": "甲公司", "field.request": "乙", "field.officer": CLERK}  # fmt: skip
    assert desk.post("/new/登记申请", **given).status_code == 303
    sent = desk.taken[0]["parameters"]
    assert {name: sent[name] for name in ASKED} == {name: name for name in ASKED}
    with office.writing() as session:
        person = intake.person_of(None, **{name: sent[name] for name in ASKED})
        person.case_number = "1"
        session.add(person)
    with office.reading() as session:
        kept = session.exec(select(Applicant)).one()
        assert kept.contact == "contact\n联系人：contact_person\n电子邮箱：email"
        raw = session.connection().exec_driver_sql("SELECT contact FROM applicant").scalar_one()
    assert "email" not in raw
