"""At registration, those who applied before are offered, with what they were filled in with (Art. 29)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from officers import OFFICERS
from sqlalchemy.exc import OperationalError
from test_particulars import CODE

from flows import office
from flows.path import intake
from flows.server import applicant_offers
from flows.server.applicant_offers import NOBODY, NOT_YOURS, TOO_SHORT
from flows.shown.pages import BUSY
from models.case.personal import kept_as, taken_apart
from models.register import past_keeping
from tests.databases import empty_register
from tests.our_pages import CLERK, Desk, at, lines

FORM = "/new/登记申请"
ID, OTHER_ID = "310101199003071234", "310101198505052222"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with empty_register(tmp_path, monkeypatch):
        agency = office.agency().model_copy(update={"officers": OFFICERS})
        monkeypatch.setattr(office, "agency", lambda: agency)
        made = Desk()
        made.officer = CLERK
        yield made


def taken(applicant: str, kind: str = "自然人", request: str = "甲", **stated: str) -> str:
    person = kept_as(stated)
    return intake.receive(
        channel="当面提交", kind=kind, applicant=applicant, request=request, arrived_on=None,
        officer=CLERK, form_wanted="邮寄纸质", **person,
    ).number  # fmt: skip


def look(desk: Desk, how: str = "page", **typed: str) -> str:
    """Press 查找 (or let the script ask) with this typed so far."""
    answer = desk.post(FORM, look=how, **{f"field.{name}": v for name, v in typed.items()})
    assert answer.status_code == 200, answer.text
    return answer.text


def value(page: str, name: str) -> str:
    found = re.search(
        rf'<input id="{name}"[^>]*? value="([^"]*)"|<textarea id="{name}"[^>]*>([^<]*)<', page
    )
    return (found[1] or found[2] or "") if found else ""


@pytest.mark.parametrize("typed", ["周晓岚", "周晓", "周 晓岚", "周\u200b晓\u00a0岚", " 周晓岚 "])
def test_those_of_the_name_are_offered_however_it_is_typed(desk: Desk, typed: str) -> None:
    number = taken("周 晓岚", request="2024年专利资助名单", identity=ID)
    taken("王五")
    page = look(desk, applicant=typed)
    assert all(
        words in page
        for words in (number, "2026年3月2日", "2024年专利资助名单", "尾号1234", "共1件")
    )
    assert ID not in page
    assert "王五" not in page
    assert desk.taken == []
    assert lines()[-1] == (CLERK, f"登记时查找申请人 1件 {number}")


@pytest.mark.parametrize("typed", ["周", "周晓岚甲", "晓岚", "李四"])
def test_another_name_or_a_single_character_finds_nobody(desk: Desk, typed: str) -> None:
    taken("周晓岚")
    before = lines()
    page = look(desk, applicant=typed)
    assert (TOO_SHORT if typed == "周" else NOBODY) in page
    assert lines() == before, "nobody was shown"


@pytest.mark.parametrize(
    ("field", "typed", "found"),
    [
        ("identity", ID, True),
        ("identity", f" {ID[:6]} {ID[6:]}", True),
        ("credit_code", CODE, True),
        ("credit_code", CODE.lower(), True),
        ("identity", ID[:8], False),
        ("identity", ID[:7], False),
        ("identity", OTHER_ID, False),
    ],
)
def test_a_number_finds_whoever_is_known_by_it(
    desk: Desk, field: str, typed: str, found: bool
) -> None:
    number = taken("周晓岚", identity=ID) if field == "identity" else taken(
        "甲公司", "商业企业", identity="委托书", credit_code=CODE
    )  # fmt: skip
    assert (number in look(desk, **{field: typed})) == found


def test_two_of_one_name_are_two_and_the_latest_comes_first(desk: Desk) -> None:
    first, second = taken("张三", identity=ID), taken("张三", identity=OTHER_ID)
    unknown, again = taken("张 三"), taken("张三", identity=ID)
    at(first, outcome="granted", stage="已办结")
    page = look(desk, applicant="张三")
    places = [page.index(f'value="{number}"') for number in (again, unknown, second)]
    assert places == sorted(places)
    assert f'value="{first}"' not in page, "the same person: his latest is taken"
    assert "予以公开" in page
    assert page.count(">填入</button>") == 3


def test_he_is_filled_in_where_nothing_is_typed_and_a_line_is_left(desk: Desk) -> None:
    number = taken(
        "甲·公司", "商业企业", credit_code=CODE, contact="021-1", contact_person="王五",
        email="a@b.cn", address="路1号", postcode="200003",
    )  # fmt: skip
    typed = {"field.applicant": "甲•", "field.contact": "021-2", "field.request": "乙<丙>"}
    page = desk.post(FORM, use=number, **typed).text
    shown = {
        name: value(page, name)
        for name in (
            *("applicant", "credit_code", "contact_person", "email", "address", "postcode"),
            *("contact", "form_wanted", "identity"),
        )
    }
    assert shown == {
        "applicant": "甲·公司", "credit_code": CODE, "contact_person": "王五", "email": "a@b.cn",
        "address": "路1号", "postcode": "200003", "contact": "021-2", "form_wanted": "邮寄纸质",
        "identity": "",
    }  # fmt: skip
    assert '<option value="商业企业" selected>' in page
    assert "乙&lt;丙&gt;</textarea>" in page
    assert (CLERK, f"{number} 联系方式（登记时填入）") in lines()
    assert desk.taken == []


def test_what_is_kept_no_longer_is_not_offered(desk: Desk) -> None:
    number = taken("周晓岚", identity=ID, contact="电话")
    with office.writing() as session:
        past_keeping.destroy(session, number)
    assert number in look(desk, applicant="周晓岚")
    assert number not in look(desk, identity=ID)
    page = desk.post(FORM, use=number).text
    assert (value(page, "applicant"), value(page, "contact")) == ("周晓岚", "")


def test_names_are_shown_to_those_alone_who_register(desk: Desk) -> None:
    number = taken("周晓岚", contact="暗记")
    desk.officer = "李明"  # 审核
    for page in (look(desk, applicant="周晓岚"), desk.post(FORM, use=number).text):
        assert NOT_YOURS in page
        assert number not in page
        assert "暗记" not in page


def test_nobody_is_shown_where_no_line_can_be_left(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = taken("周晓岚", contact="暗记")

    def away(*_: object) -> None:
        raise OperationalError("", {}, OSError())

    monkeypatch.setattr(applicant_offers, "noted", away)
    for page in (look(desk, applicant="周晓岚"), desk.post(FORM, use=number).text):
        assert BUSY in page
        assert number not in page
        assert "暗记" not in page


def test_a_script_is_given_the_part_of_the_page_alone(desk: Desk) -> None:
    number = taken("周晓岚")
    part = look(desk, "script", applicant="周晓岚")
    assert number in part
    assert "<html" not in part
    assert 'src="/bench/earlier.js"' in desk.get(FORM)
    assert "earlier" not in desk.get("/new/登记咨询")
    assert "data-draft" in desk.get("/bench/earlier.js")


def test_a_number_that_is_none_and_a_page_of_another_say_so(desk: Desk) -> None:
    assert "SQ202600099" in desk.post(FORM, use="SQ202600099").text
    answer = desk._ask("POST", FORM, data={"look": "page", "field.applicant": "周晓岚"})
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("stated", "organisation"),
    [
        ({"identity": ID, "contact": "1", "address": "路"}, False),
        ({"credit_code": CODE}, True),
        ({"identity": "甲", "credit_code": CODE, "email": "a@b", "postcode": "2"}, True),
        ({"contact": "1\n2", "contact_person": "王五", "email": "a@b"}, True),
        ({"contact": "电子邮箱：", "address": "单位：路"}, False),
        ({}, False),
    ],
)
def test_what_the_register_keeps_is_taken_apart_as_it_was_stated(
    stated: dict[str, str], organisation: bool
) -> None:
    assert taken_apart(kept_as(stated), organisation=organisation) == stated
