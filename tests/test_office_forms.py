"""Papers without a number: the note to a department of our own, the forms that others fill in."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from histories import AGENCY, LAW
from test_supplying import asked

from letters.letter.office_forms import FORMS, application_form, supply_request
from letters.letter.paper import write
from letters.letter.words import Letter, plain_text

GOLDEN = Path(__file__).parent / "golden" / "forms"


def note(**answer: object) -> Letter:
    case = asked(records="2025年专利资助的审批材料", **answer).case
    return supply_request(case, case.supplies[-1], LAW, AGENCY)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_reads_as_agreed(name: str) -> None:
    made = note() if name == "supply_request" else application_form(AGENCY, date(2026, 3, 2))
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(plain_text(made), encoding="utf-8")
    assert plain_text(made) == golden.read_text(encoding="utf-8")
    assert write(made) == write(made)  # put on paper, byte for byte the same


def test_a_department_is_told_what_by_when_and_not_who_applied() -> None:
    case = asked(records="2025年专利资助的审批材料").case
    made = supply_request(case, case.supplies[0], LAW, AGENCY)
    said = plain_text(made)
    assert case.applicant not in said
    assert "请于2026年3月9日前（含当日）" in said
    assert "答复期限于2026年3月30日届满" in said
    assert made.signed_by == AGENCY.office
    assert dict(made.form)["处室"] == "保密办"


def test_a_halted_limit_is_not_stated_to_a_department() -> None:
    history = asked()
    history.usual("correction_requested")
    case = replace(history.case)
    limit = case.deadline(LAW)
    assert limit is not None
    assert limit.suspended
    assert "届满" not in plain_text(supply_request(case, case.supplies[0], LAW, AGENCY))


def test_an_application_form_asks_what_the_law_asks_and_no_more() -> None:
    form = dict(application_form(AGENCY, date(2026, 3, 2)).form)
    asked = ("姓名或者名称", "证件名称、号码", "联系电话", "申请公开的信息", "获取信息的方式")
    for what in asked:
        assert what in form  # 条例第二十九条第二款
    for kind in ("自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"):
        assert f"□{kind}" in form["申请人类别"]
    assert not [what for what in form if "用途" in what]
    assert "□纸质　□电子文档" in form["提供信息的形式"]
