"""The machine's clock goes back while runs are under way: they wait, and nothing is lost or doubled."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.context import SyncClientContext
from prefect.states import Cancelled, Running, Scheduled, Suspended

from flows import office
from flows.commands.robot_officer import Officer
from flows.path import desk, intake
from flows.prefect_side import lost_runs, stretch
from flows.prefect_side.one_form import place_of
from models.case.stage import Stage
from models.register import refusals, register
from tests.desks import empty_office
from tests.waiting import until as come_about

CLERK = "陈静"
DAY = date(2026, 3, 20)
PATIENCE = 60.0

Clock = Callable[[date], None]


@pytest.fixture(scope="module")
def client(
    prefect_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SyncPrefectClient]:
    """An office whose days are the clock's: the clock says DAY."""
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr(office, "day_of_clock", lambda: DAY)
        clock.setattr(office, "day_of", lambda _: office.today())
        clock.setattr(office, "day_is_fixed", lambda: False)
        with (
            empty_office(tmp_path_factory.mktemp("office")),
            get_client(sync_client=True) as client,
        ):
            yield client


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Set the clock to a day."""
    return lambda day: monkeypatch.setattr(office, "day_of_clock", lambda: day)


def until(there: Callable[[], bool]) -> None:
    come_about(there, PATIENCE)


def waits(client: SyncPrefectClient, run: FlowRun) -> bool:
    """Whether a run could not record, and was put back for it."""
    return any(
        one.message == lost_runs.REGISTER_AWAY for one in client.read_flow_run_states(run.id)
    )


def test_an_answer_waits_until_the_clock_is_right_and_is_recorded_once(
    client: SyncPrefectClient, on: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    case = intake.receive(
        channel="当面提交", kind="自然人", applicant="张三", request="甲", arrived_on=DAY, officer=CLERK
    )  # fmt: skip
    desk.put_on_desk(case)
    with Officer(CLERK) as clerk:
        run = clerk.form(case.number)
        on(DAY - timedelta(days=1))
        answer = {"received.received_on": DAY.isoformat(), "received.officer": CLERK}
        key = run.state.state_details.run_input_keyset["response"]
        client.create_flow_run_input(run.id, key, json.dumps({place_of(run): answer}))
        client.set_flow_run_state(run.id, lost_runs.anew(), force=True)
        until(lambda: waits(client, run))
        with office.reading() as session:
            assert register.case(session, case.number).stage is Stage.CONFIRMING
            assert refusals.so_far(session, case) == 0
        said = [one.getMessage() for one in caplog.records if "不能使用登记簿" in one.getMessage()]
        assert any(
            "系统日期倒退了：今天是 2026年3月19日，而登记簿最近一次登记在 2026年3月20日" in one
            for one in said
        )
        on(DAY)
        until(lambda: _kinds(case.number) == ["registered", "received"])
        clerk._runs.pop(case.number, None)
        again = clerk.form(case.number)
    assert again.id == run.id
    assert _kinds(case.number) == ["registered", "received"]


def test_a_form_under_deployments_waits_too_and_is_registered_once(
    client: SyncPrefectClient, on: Clock
) -> None:
    deployment = client.read_deployment_by_name("登记申请/登记申请")
    form = {
        "channel": "当面提交",
        "arrived_on": DAY.isoformat(),
        "kind": "自然人",
        "applicant": "李四",
        "request": "时钟拨回时提交",
        "officer": CLERK,
    }
    on(DAY + timedelta(days=1))
    with office.writing():
        pass
    on(DAY)
    with Officer(CLERK) as clerk:
        run = client.read_flow_run(clerk.past_the_door(deployment, form))
    until(lambda: waits(client, run))
    with office.reading() as session:
        assert [row.request for row in register.applications(session)] == ["甲"]
    on(DAY + timedelta(days=1))
    until(lambda: client.read_flow_run(run.id).state_name == "Completed")
    with office.reading() as session:
        requests = [row.request for row in register.applications(session)]
    assert requests == ["甲", "时钟拨回时提交"]


def _kinds(number: str) -> list[str]:
    with office.reading() as session:
        return [event.kind for event in register.events(session, number)]


def test_a_run_taken_up_as_the_clock_is_set_back_begins_and_holds_up_no_thread(
    client: SyncPrefectClient,
) -> None:
    """Prefect's server answers WAIT until it is as late again; its engine slept for three hours."""
    deployment = client.read_deployment_by_name("每日巡检/每日巡检")
    ahead = Scheduled(scheduled_time=datetime.now(UTC) + timedelta(hours=3))
    run = client.create_flow_run_from_deployment(deployment.id, state=ahead)
    waiting = client.set_flow_run_state(run.id, Running())
    assert waiting.status is SetStateStatus.WAIT
    assert waiting.details.delay_seconds > 10_000
    with stretch.Connections().one():
        taken = SyncClientContext.get()
        assert taken is not None
        assert taken.client.set_flow_run_state(run.id, Running()).status is SetStateStatus.ACCEPT
        held_back = taken.client.set_flow_run_state(run.id, Suspended(timeout_seconds=9))
        assert held_back.status is SetStateStatus.ACCEPT
    assert client.read_flow_run(run.id).state_type is StateType.PAUSED
    client.set_flow_run_state(run.id, Cancelled(), force=True)
