"""A form that was refused and is asked again: of the moment it is opened, and judged at the door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from starlette.types import Receive, Scope, Send

from flows import office
from flows.installation.entrance import CALLER
from flows.path import signing, start_forms
from flows.prefect_side.kept_forms import Reasked
from flows.prefect_side.one_form import form, not_accepted, place
from flows.prefect_side.our_flows import flow
from flows.server.reasked_forms import ReaskedForms
from models.case.personal import CODE
from models.law.workdays import written
from models.register import codes, refused_forms, register
from tests.running_office import RunningOffice, running_office
from tests.visitors import visiting, with_account

CLERK, DEPUTY = "陈静", "赵慧"
FORM = "登记申请"
REASON = "到件日期（2026-03-03）晚于今天（2026-03-02）"
TYPED = {
    "channel": "当面提交",
    "arrived_on": "2026-03-03",
    "kind": "自然人",
    "applicant": "张三",
    "request": "2025年专利资助名单",
    "officer": CLERK,
    "contact": "13800000000",
}
ANSWER = {name: value for name, value in TYPED.items() if name != "contact"}
OFFICER = """
[[officer]]
name = "{}"
department = "办公室"
roles = ["handle", "review", "secrecy", "head", "sign"]
"""


class Reasking:
    """A run that has refused a registration, before the office's other layers."""

    def __init__(self, desk: RunningOffice) -> None:
        self.desk, self.renewed = desk, 0
        desk.pause, desk.number = "asked-0", ""
        self.submission = str(desk.run)
        again = start_forms.form_again(flow(FORM), TYPED)
        self.shown = form(again, not_accepted(REASON), place(desk.pause))
        self.keep(1)
        desk.app = ReaskedForms(desk.app, self._waiting, self._renew)  # type: ignore[assignment]

    def keep(self, asked: int) -> None:
        """Refused so often."""
        with office.writing() as session:
            refused_forms.keep(
                session,
                self.submission,
                str(self.desk.run),
                "登记申请",
                (asked, REASON),
                TYPED,
                office.now(),
            )

    async def _waiting(self, run: UUID) -> Reasked | None:
        known = run == self.desk.run
        return Reasked(FORM, self.submission, self.desk.pause, self.shown) if known else None

    async def _renew(self, run: UUID, key: str, shown: dict[str, Any]) -> None:
        assert (run, key) == (self.desk.run, self.desk.key)
        self.shown, self.renewed = shown, self.renewed + 1


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningOffice]:
    with running_office(tmp_path, monkeypatch) as running:
        yield running


@pytest.fixture
def asked(desk: RunningOffice) -> Reasking:
    return Reasking(desk)


def numbers() -> list[str]:
    with office.reading() as session:
        return [row.number for row in register.applications(session)]


def test_it_is_of_the_day_and_of_the_officers_then_with_what_was_typed(
    desk: RunningOffice, asked: Reasking
) -> None:
    desk.today = desk.today.replace(day=4)
    listed = desk.config / "office" / "officers.toml"
    listed.write_text("".join(OFFICER.format(one) for one in ("陈静", "赵慧")), "utf-8")
    (tab,) = desk.tabs()
    assert f"今天是{written(desk.today)}" in tab["properties"]["arrived_on"]["description"]
    assert tab["properties"]["officer"]["enum"] == ["陈静", "赵慧"]
    assert tab["properties"]["request"]["default"] == TYPED["request"]
    assert "13800000000" not in str(tab), "kept, and not shown"
    assert "晚于今天" in desk.words()
    assert asked.shown == desk.opened()
    assert asked.renewed == 1, "nothing has changed since"


def test_a_code_is_asked_for_once_an_officer_is_enrolled(
    desk: RunningOffice, asked: Reasking
) -> None:
    assert CODE not in desk.tabs()[0]["properties"]
    with office.writing() as session:
        codes.enrol(session, CLERK, office.now())
    assert CODE in desk.tabs()[0]["required"]
    assert "请填写动态口令" in desk.submitted(ANSWER | {"arrived_on": "2026-03-02", CODE: "1"})
    assert desk.checked(ANSWER | {"arrived_on": "2026-03-02", CODE: "1"}) == []


@pytest.mark.parametrize(("day", "why"), [(1, ""), (2, ""), (3, "晚于今天")])
def test_it_is_judged_in_the_open_dialog_and_nothing_is_recorded(
    day: int, why: str, desk: RunningOffice, asked: Reasking
) -> None:
    answer = ANSWER | {"arrived_on": f"2026-03-0{day}"}
    said = desk.submitted(answer)
    assert why in said if why else said == ""
    assert desk.checked(answer) == [said][: bool(why)]
    assert len(desk.reached) == (0 if why else 1)
    assert numbers() == []


def test_what_was_refused_yesterday_may_be_right_today(
    desk: RunningOffice, asked: Reasking
) -> None:
    assert "晚于今天" in desk.submitted(ANSWER)
    desk.today = desk.today.replace(day=3)
    assert desk.submitted(ANSWER) == ""


def test_a_form_that_is_not_asked_any_more_is_left_to_prefect(
    desk: RunningOffice, asked: Reasking
) -> None:
    asked.keep(2)  # it has been answered meanwhile, and refused again
    path = f"/api/flow_runs/{desk.run}/input/{desk.key}"
    assert desk.asked("GET", path).text == "Prefect"
    desk.pause = "asked-1"
    assert desk.opened() == asked.shown
    with office.writing() as session:
        refused_forms.settle(session, asked.submission, office.now())
    assert desk.asked("GET", f"/api/flow_runs/{desk.run}/input/{desk.key}").text == "Prefect"
    assert desk.submitted(ANSWER) == ""


def test_what_was_typed_elsewhere_or_as_a_template_is_prefects(
    desk: RunningOffice, asked: Reasking
) -> None:
    template = {"__prefect_kind": "jinja", "template": "{{ 1 }}"}
    assert desk.submitted(ANSWER | {"request": template}) == ""


ABSENT = """
[[officer]]
name = "陈静"
department = "办公室"
roles = ["handle"]
away = [{ from = 2026-03-10, to = 2026-03-12, deputy = "赵慧" }]

[[officer]]
name = "赵慧"
department = "法制处"
roles = ["review", "secrecy"]

[[officer]]
name = "王建国"
department = "局领导"
roles = ["head", "sign"]
"""


@pytest.mark.parametrize(("day", "stands_in"), [(9, False), (10, True), (12, True), (13, False)])
def test_the_form_of_whoever_is_away_is_handed_in_by_the_deputy_under_his_own_name(
    day: int, stands_in: bool, desk: RunningOffice, asked: Reasking
) -> None:
    desk.today = desk.today.replace(day=day)
    (desk.config / "office" / "officers.toml").write_text(ABSENT, "utf-8")
    for one in (CLERK, DEPUTY):
        with_account(one)
    app, caller = desk.app, visiting(DEPUTY)

    async def visited(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, CALLER: caller}, receive, send)

    desk.app = visited  # type: ignore[assignment]
    said = desk.submitted(ANSWER)
    if not stands_in:
        assert said.startswith("赵慧没有“承办”的职责，不能办理“登记申请”，请由陈静办理")
        assert desk.reached == []
        return
    assert said == ""
    ((given,),) = (one["run_input"].values() for one in desk.reached)
    assert given["request"] == TYPED["request"]
    assert signing.submitter(given["officer"], FORM) == DEPUTY
