"""The forms under Deployments: of the moment they are opened, and judged as they are submitted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pyotp
import pytest
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from flows import office
from flows.morning import outbox, sweep
from flows.path import intake
from flows.prefect_side.kept_forms import Offered
from flows.prefect_side.our_flows import OUR_FLOWS, flow
from flows.server import begun_forms
from flows.server.begun_forms import BegunForms
from flows.server.opened_forms import RUN
from models.case.personal import CODE
from models.law.workdays import written
from models.register import codes, register
from tests.running_office import RunningOffice, running_office

CLERK = "陈静"
FORMS = [name for name in OUR_FLOWS if begun_forms.is_form(flow(name))]
OFFICER = """
[[officer]]
name = "{}"
department = "办公室"
roles = ["handle", "review", "secrecy", "head", "sign"]
"""


class Offers:
    """Deployments before Prefect, in the office of a test."""

    def __init__(self, desk: RunningOffice) -> None:
        self.desk, self.begun = desk, list[dict[str, Any]]()
        self.ids = {name: uuid4() for name in OUR_FLOWS}
        self.kept: dict[UUID, dict[str, Any]] = {}
        self.app = BegunForms(self._prefect, self._offered, self._renew)

    def form(self, name: str) -> dict[str, Any]:
        """The form of a flow as it is opened now."""
        told = self._ask("GET", f"/api/deployments/{self.ids[name]}").json()
        found: dict[str, Any] = told["parameter_openapi_schema"]
        return found

    def begin(self, name: str, **fields: object) -> str:
        """Submit it: "" if it went on to Prefect, or why it was turned away."""
        path = f"/api/deployments/{self.ids[name]}/create_flow_run"
        answer = self._ask("POST", path, parameters=fields, state=None)
        return "" if answer.status_code == 201 else str(answer.json()["detail"])

    def check(self, name: str, **fields: object) -> dict[str, str]:
        """The findings in the page that is still open, by field."""
        shown = self.form(name)
        said = self._ask("POST", "/api/ui/schemas/validate", schema=shown, values=fields).json()
        return {one["property"]: one["errors"][0] for one in said["errors"]}

    def _ask(self, method: str, path: str, **body: Any) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
                return await client.request(method, path, json=body or None)

        return asyncio.run(once())

    async def _offered(self, deployment: UUID) -> Offered | None:
        name = next((name for name, each in self.ids.items() if each == deployment), None)
        return Offered(name, self.kept.get(deployment, {})) if name else None

    async def _renew(self, deployment: UUID, shown: dict[str, Any]) -> None:
        self.kept[deployment] = shown

    async def _prefect(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.endswith("/create_flow_run"):
            self.begun.append(json.loads((await receive())["body"])["parameters"])
            await JSONResponse({}, 201)(scope, receive, send)
        elif path.endswith("/validate"):
            await JSONResponse({"valid": True, "errors": []})(scope, receive, send)
        else:
            await JSONResponse({"parameter_openapi_schema": {}})(scope, receive, send)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningOffice]:
    with running_office(tmp_path, monkeypatch) as running:
        yield running


@pytest.fixture
def offers(desk: RunningOffice) -> Offers:
    return Offers(desk)


# ── opened ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_of_the_day_and_of_the_officers_then(
    name: str, desk: RunningOffice, offers: Offers
) -> None:
    listed = desk.config / "office" / "officers.toml"
    for days, names in ((0, ["陈静"]), (1, ["陈静", "赵慧"])):
        desk.today += timedelta(days)
        listed.write_text("".join(OFFICER.format(one) for one in names), "utf-8")
        shown = offers.form(name)
        assert shown["properties"]["officer"]["enum"] == names
        for entry in shown["properties"].values():
            if entry.get("format") == "date":
                assert f"今天是{written(desk.today)}" in entry["description"]
        assert offers.kept[offers.ids[name]] == {k: v for k, v in shown.items() if k != RUN}


def test_a_code_is_asked_for_from_the_moment_that_an_officer_is_enrolled(offers: Offers) -> None:
    assert CODE not in offers.form("登记申请")["properties"]
    with office.writing() as session:
        codes.enrol(session, CLERK, office.now())
    assert CODE in offers.form("登记申请")["required"]


# ── submitted ───────────────────────────────────────────────────────────────────────────────────
ASKED = {
    "channel": "当面提交",
    "arrived_on": "2026-03-02",
    "kind": "自然人",
    "applicant": "张三",
    "request": "2025年专利资助名单",
    "officer": CLERK,
}


def _numbers() -> list[str]:
    with office.reading() as session:
        return [row.number for row in register.applications(session)]


@pytest.mark.parametrize(("day", "why"), [(1, ""), (2, ""), (3, "晚于今天")])
def test_a_registration_is_judged_on_the_day_it_is_submitted_and_only_tried(
    day: int, why: str, offers: Offers
) -> None:
    asked = ASKED | {"arrived_on": f"2026-03-0{day}"}
    said = offers.begin("登记申请", **asked)
    assert why in said if why else said == ""
    assert list(offers.check("登记申请", **asked).values()) == [said][: bool(why)]
    assert offers.begun == ([] if why else [asked])
    assert _numbers() == []


def test_the_reason_stands_beside_the_field_that_it_names(offers: Offers) -> None:
    found = offers.check("登记申请", **(ASKED | {"arrived_on": "2026-03-03"}))
    assert list(found) == ["arrived_on"]


@pytest.mark.parametrize(
    ("name", "fields", "why"),
    [
        ("登记咨询", {"channel": "电话", "given_on": "2026-03-03", "persons": 1}, "晚于今天"),
        ("登记复议诉讼", {"kind": "行政复议", "lodged_on": "2026-03-02"}, "填写"),
        ("补登送达", {"number": "SQ1", "fact": "退回", "on": "2026-03-02"}, "没有编号为"),
        (
            "撤回答复",
            {
                "number": "SQ202600001",
                "withdrawn_on": "2026-03-02",
                "reason": "有误",
                "decided_by": CLERK,
            },
            "不能办理",
        ),
        (
            "勘误",
            {
                "number": "SQ202600001",
                "wrong": "收到申请之日",
                "value": "2026-13-01",
                "reason": "误",
            },
            "日期",
        ),
    ],
)
def test_what_the_flow_would_refuse_is_refused_at_the_door(
    name: str, fields: dict[str, object], why: str, desk: RunningOffice, offers: Offers
) -> None:
    case = desk.put_up("待起草")
    desk.today = desk.today.replace(day=2)
    assert why in offers.begin(name, **fields, officer=CLERK)
    assert offers.begun == []
    with office.reading() as session:
        assert register.case(session, case.number).position == case.position


def test_what_could_be_done_is_not_done_at_the_door(desk: RunningOffice, offers: Offers) -> None:
    """An act beside a case's forms is tried to its end, and the case is as it was (Art. 45)."""
    case = desk.put_up("待起草")
    asked = {"number": case.number, "wrong": "收到申请之日", "value": "2026-03-02"}
    asked |= {"reason": "信封邮戳", "officer": "王主任"}
    said = offers.begin("勘误", **asked)
    assert said == "" or "没有" in said or "相同" in said
    with office.reading() as session:
        assert register.case(session, case.number).position == case.position


def test_what_is_no_form_is_begun_and_never_tried(
    offers: Offers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The morning's sweep has no officer before it: the door must not do it."""
    others = OUR_FLOWS.keys() - set(FORMS)
    assert others == {"办理申请", "每日巡检", "提醒发送", "年度报告"}
    monkeypatch.setattr(sweep, "sweep", pytest.fail)
    monkeypatch.setattr(outbox, "pending", pytest.fail)
    for name in others:
        assert offers.begin(name) == ""
    assert len(offers.begun) == len(others)


def test_a_wrong_code_is_turned_away_and_a_right_one_stays_good(
    offers: Offers, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = office.now()
    monkeypatch.setattr(office, "now", lambda: moment)
    with office.writing() as session:
        phone = pyotp.TOTP(codes.enrol(session, CLERK, moment))
    right = phone.at(moment)
    wrong = f"{(int(right) + 1) % 1000000:06}"
    assert "动态口令有误" in offers.begin("登记申请", **ASKED, **{CODE: wrong})
    assert offers.check("登记申请", **ASKED, **{CODE: wrong}) == {}  # only checked: no guess
    for _ in range(2):
        assert offers.begin("登记申请", **ASKED, **{CODE: right}) == ""
    assert "晚于今天" in offers.begin(
        "登记申请", **(ASKED | {"arrived_on": "2027-01-01", CODE: wrong})
    )


# ── drop-downs ──────────────────────────────────────────────────────────────────────────────────
TERMINAL = """
[[channel]]
key = "terminal"
label = "自助终端"
aliases = ["自助机"]
received_on = "arrival"
article = "31"
"""


def test_a_channel_that_the_config_adds_is_offered_and_taken_without_a_restart(
    desk: RunningOffice, offers: Offers
) -> None:
    asked = ASKED | {"channel": "自助终端"}
    assert "自助终端" not in offers.form("登记申请")["properties"]["channel"]["enum"]
    assert "应为" in offers.begin("登记申请", **asked)
    stated = desk.config / "statute" / "channels.toml"
    stated.write_text(stated.read_text("utf-8") + TERMINAL, "utf-8")
    assert offers.form("登记申请")["properties"]["channel"]["enum"][-1] == "自助终端"
    assert offers.begin("登记申请", **asked) == ""
    taken = intake.receive(**(asked | {"arrived_on": desk.today}))  # type: ignore[arg-type]
    assert taken.channel == "terminal"


@pytest.mark.parametrize(("days", "offered"), [(365, True), (366, True), (367, False)])
def test_a_channel_that_was_closed_is_offered_for_what_came_by_it_in_the_last_year(
    days: int, offered: bool, desk: RunningOffice, offers: Offers
) -> None:
    stated = desk.config / "statute" / "channels.toml"
    until = desk.today - timedelta(days)
    words = stated.read_text("utf-8")
    stated.write_text(words.replace('key = "fax"', f'key = "fax"\nuntil = {until}'), "utf-8")
    assert ("传真" in offers.form("登记申请")["properties"]["channel"]["enum"]) == offered


def test_the_ways_to_be_asked_for_advice_follow_the_config(
    desk: RunningOffice, offers: Offers
) -> None:
    asked = {"channel": "视频", "given_on": "2026-03-02", "officer": CLERK}
    assert "应为" in offers.begin("登记咨询", **asked)
    stated = desk.config / "office" / "agency.toml"
    stated.write_text(stated.read_text("utf-8").replace('"其他"]', '"视频"]'), "utf-8")
    shown = offers.form("登记咨询")["properties"]["channel"]["enum"]
    assert shown[-1] == "视频"
    assert offers.begin("登记咨询", **asked) == ""
    assert "应为" in offers.begin("登记咨询", **(asked | {"channel": "其他"}))


@pytest.mark.parametrize(("name", "field"), [("登记表二数字", "what"), ("复议诉讼结果", "result")])
def test_a_list_of_the_tables_is_the_list_of_the_config_then(
    name: str, field: str, desk: RunningOffice, offers: Offers
) -> None:
    before = offers.form(name)["properties"][field]["enum"]
    known = before[0].rpartition("：")[2].rpartition("　")[2]
    for stated in desk.config.rglob("*.toml"):
        words = stated.read_text("utf-8")
        if f'label = "{known}"' in words:
            stated.write_text(
                words.replace(f'label = "{known}"', f'label = "{known}（新）"'), "utf-8"
            )
    after = offers.form(name)["properties"][field]["enum"]
    assert f"{known}（新）" in after[0]
    assert len(after) == len(before)


def test_what_the_lists_do_not_hold_is_refused_in_chinese(offers: Offers) -> None:
    asked = {"what": "别的", "on": "2026-03-02", "amount": 1, "officer": CLERK}
    assert "应从所列选项中选择" in offers.begin("登记表二数字", **asked)


def test_each_of_several_reasons_stands_beside_the_field_that_it_names() -> None:
    """What names no field stands with the one before it; one alone that names none, at the last."""
    shown = {
        "properties": {"on": {"title": "到件日期"}, "agent": {"title": "代理人姓名"}, "by": {}}
    }

    def placed(reason: str) -> dict[str, list[str]]:
        found = json.loads(
            begun_forms.with_finding(shown, reason, b'{"valid": true, "errors": []}')
        )
        assert not found["valid"]
        return {one["property"]: one["errors"] for one in found["errors"]}

    late, same = "到件日期（2026年3月5日）晚于今天", "代理人姓名不能就是申请人的"
    assert placed(f"{late}；{same}") == {"on": [late], "agent": [same]}
    assert placed(f"{same}；另请核对；{late}") == {"agent": [f"{same}；另请核对"], "on": [late]}
    assert placed("没有这一件") == {"by": ["没有这一件"]}
