"""Records asked of an office of our own: a day of its own, an alert to that office, evidence kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from histories import AGENCY, DRAFTER, LAW, RECEIVED, History
from officers import CLEARER, STAFFED

from models.acts.procedure.supplying import RecordSupply, may_answer_for
from models.agency.officers import Officer, Role
from models.alerts.alert_tables import Alert
from models.alerts.due_alerts import facts
from models.alerts.recipients import recipients
from models.case.act import Circumstances
from models.case.stage import Stage
from models.duties.alert_days import thresholds
from models.duties.duties import Duty, Waiting, duties, waiting
from models.errors import ActRefused

OFFICE = "保密办"
BY = date(2026, 3, 9)


def asked(**answer: object) -> History:
    history = History().usual("received").usual("found_ours")
    return history.usual("records_asked", **({"department": OFFICE, "supply_by": BY} | answer))


def supply(history: History) -> list[Duty]:
    return [one for one in duties(history.case, LAW) if one.kind == "supply"]


def test_the_office_has_a_day_of_its_own_and_the_limit_goes_on() -> None:
    history = asked()
    assert supply(history) == [Duty("supply", BY, ref="1", whom=OFFICE)]
    assert waiting(history.case, LAW) == Waiting("材料", BY)
    limit = history.case.deadline(LAW)
    assert limit is not None
    assert limit.last_day == date(2026, 3, 30)
    days = [one.day for one, _ in zip(thresholds(supply(history)[0], LAW), range(4), strict=False)]
    assert days == [date(2026, 3, 5), BY, date(2026, 3, 10), date(2026, 3, 11)]


def test_the_alert_goes_to_the_office_and_late_to_the_head() -> None:
    history = asked()
    (duty,) = supply(history)
    now = Circumstances(BY, "", LAW, STAFFED)
    told = {}
    for threshold, _ in zip(thresholds(duty, LAW), range(4), strict=False):
        one = Alert(
            subject="1",
            officer=history.case.officer,
            stage=str(history.case.stage),
            **facts(duty, threshold, BY, history.events[0].recorded_at),
        )
        told[threshold.left] = recipients(one, now)
    assert told[2] == told[0] == told[-1] == (history.case.officer, CLEARER)
    assert set(told[-2]) == {history.case.officer, CLEARER, "王主任"}


def test_what_was_found_ends_the_wait_and_is_kept() -> None:
    history = asked()
    with pytest.raises(ActRefused, match="请写明检索的范围和方法"):
        history.usual("records_supplied", result="none")
    history.usual("records_supplied", result="none", note="检索2020年以来的收发文登记")
    assert supply(history) == []
    assert waiting(history.case, LAW) == Waiting()
    (one,) = history.case.supplies
    assert (one.result, one.note) == ("none", "检索2020年以来的收发文登记")
    with pytest.raises(ActRefused, match="没有请处室提供材料"):
        history.usual("records_supplied")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"supply_by": date(2026, 3, 31)}, "晚于答复期限（2026-03-30）"),
        ({"supply_by": date(2026, 2, 27)}, "早于转办日期"),
        ({"department": " "}, "请填写处室"),
        ({"records": " "}, "请写明需要检索、提供的材料"),
        ({"records": "张三要的名单"}, "不应写明申请人"),
    ],
)
def test_a_day_that_makes_no_sense_is_refused(answer: dict[str, object], reason: str) -> None:
    with pytest.raises(ActRefused, match=reason):
        asked(**answer)


def test_the_day_proposed_is_five_working_days_on_and_never_after_the_limit() -> None:
    from models.acts.procedure.supplying import AskSupply

    history = History().usual("received")
    assert AskSupply.proposal(history.case, history.now())["supply_by"] == BY
    history.today = date(2026, 3, 27)
    assert AskSupply.proposal(history.case, history.now()) == {
        "asked_on": history.today,
        "supply_by": date(2026, 3, 30),
    }
    assert history.case.received_on == RECEIVED


@pytest.mark.parametrize(
    ("who", "may"), [(DRAFTER, True), ("周工", True), ("吴工", False), ("赵敏", True)]
)
def test_who_only_supplies_answers_for_his_own_department_alone(who: str, may: bool) -> None:
    officers = (
        Officer(name=DRAFTER, department="政务公开办公室", roles=(Role.HANDLE,)),
        Officer(name="周工", department="规划发展处", roles=(Role.SUPPLY,)),
        Officer(name="吴工", department="人事处", roles=(Role.SUPPLY,)),
        Officer(name="赵敏", department="人事处", roles=(Role.SUPPLY, Role.HANDLE)),
    )
    agency = AGENCY.model_copy(update={"officers": officers})
    now = replace(History().now(who), agency=agency)
    assert may_answer_for("规划发展处", now) is may


def test_what_a_department_found_is_recorded_by_it_or_by_whoever_handles_the_case() -> None:
    assert RecordSupply.roles_at(Stage.DRAFTING) == (Role.HANDLE, Role.SUPPLY)
