"""One act for many cases: each recorded by itself, each refusal named, one code for all."""

from __future__ import annotations

from datetime import date

import pytest
from officers import OFFICERS
from situations import SITUATIONS, reached
from visitors import Phone, with_account

from flows import office
from flows.path import desk as desks
from models.agency.officers import Officer, Role
from models.case.case import Case
from models.case.stage import Stage
from models.register import accounts, refusals, register
from tests.databases import TODAY
from tests.our_pages import CLERK, Desk, at, confirmed, keys, part, received

SIGNER, REVIEWER = "王建国", "李明"
BATCHED = "2026-03-10"


@pytest.fixture(autouse=True)
def put_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The cases whose form was renewed."""
    found = list[str]()
    monkeypatch.setattr(desks, "put_on_desk", lambda case: found.append(case.number))
    return found


def case(number: str) -> Case:
    with office.reading() as session:
        return register.case(session, number)


def to_sign(desk: Desk, monkeypatch: pytest.MonkeyPatch, many: int) -> list[str]:
    """So many applications at the desk of whoever signs."""
    numbers = []
    for _ in range(many):
        with office.writing() as session:
            numbers.append(reached(session, "待签发").case().number)
    monkeypatch.setenv("DISCLOSURE_TODAY", BATCHED)
    return numbers


def test_many_receipts_are_confirmed_each_on_its_own_day(desk: Desk, put_up: list[str]) -> None:
    numbers = [received() for _ in range(3)]
    page = desk.get("/together/received")
    assert list(keys(page)) == numbers
    assert page.count(f'type="date" value="{TODAY}"') == 3
    picked = {f"pick.{key}": "yes" for number, key in keys(page).items() if number != numbers[1]}
    wrong = {f"each.received_on.{keys(page)[numbers[2]]}": "2026-03-01"}
    answer = desk.post("/together/received", officer=CLERK, **picked, **wrong)
    assert answer.status_code == 409
    assert "1件已登记，1件没有办" in answer.text
    assert "收到申请之日（2026年3月1日）早于到件日期（2026年3月2日）" in answer.text
    stages = [case(number).stage for number in numbers]
    assert stages == [Stage.JURISDICTION, Stage.CONFIRMING, Stage.CONFIRMING]
    assert put_up == numbers[:1]
    with office.reading() as session:
        assert not refusals.so_far(session, register.case(session, numbers[2])), "nothing kept"


def test_what_was_done_meanwhile_is_not_done_again(desk: Desk) -> None:
    received()
    page = desk.get("/together/received")
    picked = {f"pick.{key}": "yes" for key in keys(page).values()}
    assert desk.post("/together/received", officer=CLERK, **picked).status_code == 200
    again = desk.post("/together/received", page="/", officer=CLERK, **picked)
    assert f"本件已有新的进展（待判断公开主体，承办人{CLERK}），没有办理" in again.text
    gone = desk.post("/together/received", page="/", officer=CLERK, **{"pick.1 没有": "yes"})
    assert "没有" in part(gone.text, "became")


def test_nothing_is_done_without_a_tick_an_officer_or_our_own_page(desk: Desk) -> None:
    number = received()
    key = keys(desk.get("/together/received"))[number]
    assert "一件也没有勾选" in desk.post("/together/received", officer=CLERK).text
    assert "请填写办理人" in desk.post("/together/received", **{f"pick.{key}": "yes"}).text
    alien = desk._ask("POST", "/together/received", data={f"pick.{key}": "yes", "officer": CLERK})
    assert "放得太久" in alien.text
    assert case(number).position == 1
    desk.get("/together/withdrawn", 404)


def test_the_leader_signs_many_under_one_code(
    staffed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = to_sign(staffed, monkeypatch, 3)
    phone: Phone = with_account(SIGNER)
    with office.writing() as session:
        accounts.begin(session, SIGNER, "127.0.0.1", office.now())
    staffed.officer = SIGNER
    page = staffed.get("/together/signed?all=1")
    assert list(keys(page)) == numbers
    assert page.count(" checked") == 3
    assert page.count("看文书") == 3
    assert f'type="date" value="{BATCHED}"' in page
    picked = {f"pick.{key}": "yes" for key in keys(page).values()}
    wrong = staffed.post("/together/signed", code="000000", **picked)
    assert "动态口令" in part(wrong.text, "became")
    assert {case(number).stage for number in numbers} == {Stage.SIGNING}
    done = staffed.post("/together/signed", code=phone.code(), **picked)
    assert done.status_code == 200, done.text
    assert "3件已登记" in done.text
    letters = [case(number).reply_letter() for number in numbers]
    assert len({one.number for one in letters if one}) == 3
    assert {case(number).signed_by for number in numbers} == {SIGNER}
    assert {case(number).signed_on for number in numbers} == {date(2026, 3, 10)}


def test_who_may_not_is_told_so_before_he_ticks(
    staffed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = to_sign(staffed, monkeypatch, 1)
    staffed.officer = REVIEWER
    page = staffed.get("/together/signed")
    assert not keys(page)
    assert f"{number}：李明没有“签发”的职责" in page


def test_replies_are_sent_each_with_its_own_proof(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.writing() as session:
        numbers = [reached(session, "待发出").case().number for _ in range(2)]
    monkeypatch.setenv("DISCLOSURE_TODAY", BATCHED)
    page = desk.get("/together/replied")
    found = keys(page)
    assert list(found) == numbers
    given = {f"pick.{key}": "yes" for key in found.values()}
    given |= {"once.delivery": "邮政特快专递", "once.sent_on": BATCHED, "officer": CLERK}
    given[f"each.proof.{found[numbers[0]]}"] = "1012345678901"
    answer = desk.post("/together/replied", **given)
    assert [case(number).stage for number in numbers] == [Stage.CLOSED, Stage.DISPATCH]
    assert "邮件号" in part(answer.text, "became")
    assert "邮政特快专递" in answer.text


def test_where_each_act_needs_its_own_code_it_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = received()
    key = keys(desk.get("/together/received"))[number]
    monkeypatch.setenv("DISCLOSURE_CODES", "on")
    assert "请逐件办理" in desk.get("/together/received")
    answer = desk.post("/together/received", page="/", officer=CLERK, **{f"pick.{key}": "yes"})
    assert "请逐件办理" in answer.text
    assert case(number).position == 1


def test_the_bench_leads_there(staffed: Desk) -> None:
    assert 'href="/together/received"' in staffed.get("/")
    staffed.officer = SIGNER
    assert 'href="/together/signed"' in staffed.get("/")
    staffed.officer = REVIEWER
    assert 'href="/together/approved"' in staffed.get("/")
    assert "待签发" in SITUATIONS


def test_those_whose_limit_ends_first_stand_first_whatever_their_stage(desk: Desk) -> None:
    late, soon = received(), received()
    confirmed(late)
    at(late, last_day=date(2026, 4, 8), stage="待判断公开主体")
    confirmed(soon)
    at(soon, last_day=date(2026, 3, 5), stage="待发出")
    assert list(keys(desk.get("/together/assigned"))) == [soon, late]


def test_the_cases_of_one_officer_are_handed_on_together(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = [received() for _ in range(2)], received(officer="钱七")
    agency = office.agency().model_copy(
        update={"officers": (*OFFICERS, Officer(name="钱七", roles=(Role.HANDLE,)))}
    )
    monkeypatch.setattr(office, "agency", lambda: agency)
    page = desk.get(f"/together/assigned?of={CLERK}")
    assert list(keys(page)) == mine
    assert other in keys(desk.get("/together/assigned"))
    offered = page.partition('<select id="once-handler"')[2].partition("</select>")[0]
    assert (CLERK in offered, "钱七" in offered) == (False, True)
    everybody = keys(desk.get("/together/assigned"))
    to_himself = {f"pick.{everybody[one]}": "yes" for one in mine} | {"once.handler": CLERK}
    refused = desk.post("/together/assigned", officer=CLERK, **to_himself)
    assert refused.text.count(f"没有办：本件已由{CLERK}承办，不必转交") == 2
    picked = {f"pick.{key}": "yes" for key in keys(page).values()}
    answer = desk.post(
        "/together/assigned", f"/together/assigned?of={CLERK}",
        officer=CLERK, of=CLERK, **picked, **{"once.handler": "钱七", "once.note": "休假"},
    )  # fmt: skip
    assert "2件已登记" in answer.text
    assert [case(number).officer for number in (*mine, other)] == ["钱七"] * 3
