"""What the office needs of Prefect cannot be switched off, deleted or lost: the minute's check."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from officers import OFFICERS
from prefect.client.orchestration import PrefectClient, SyncPrefectClient, get_client
from prefect.client.schemas.actions import ArtifactCreate, WorkPoolUpdate
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterKey,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Completed, Failed, Scheduled
from sqlmodel import select

from flows import office
from flows.commands.robot_officer import Officer
from flows.installation import opening
from flows.path import desk, presenting, righting
from flows.prefect_side import lost_runs
from flows.prefect_side.deployments import ensure_pool
from flows.prefect_side.lost_runs import POOL, REGISTER_AWAY
from flows.prefect_side.one_form import place_of
from flows.prefect_side.our_flows import OUR_FLOWS
from flows.prefect_side.worker import DeskWorker
from flows.server import server_process
from flows.server.bookmarks import Bookmarks
from flows.server.upkeep import CLOCKED, Dossiers, Upkeep
from flows.shown import alert_page, artifacts, lists
from flows.shown.pages import case_url, list_url
from letters.letter.words import escaped
from models.acts.former_words import FORMS
from models.acts.intake.imported import ImportedReceipt, ImportedResult
from models.acts.intake.receipt import Register
from models.case.act import Act
from models.register import register
from models.store.tables import Applicant, Application, Enquiry, RefusedForm
from tests.desks import delete_run, empty_office
from tests.test_desk import CLERK, new_case, runs
from tests.waiting import until as come_about

PATIENCE = 60.0


@pytest.fixture(scope="module")
def client(
    prefect_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SyncPrefectClient]:
    """An office whose register, when it is locked, says so within a second."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setattr(opening, "LOCKED_SECONDS", 1)
        with (
            empty_office(tmp_path_factory.mktemp("office")),
            get_client(sync_client=True) as client,
        ):
            list(Upkeep().see_to_all())
            yield client


def until(look: Callable[[], Any]) -> Any:
    return come_about(look, PATIENCE)


def submit(client: SyncPrefectClient, form: str, **fields: object) -> FlowRun:
    """A form under Deployments, submitted as the UI does."""
    deployment = client.read_deployment_by_name(f"{form}/{form}")
    return client.create_flow_run_from_deployment(deployment.id, parameters=fields)


def application(what: str) -> dict[str, object]:
    return {
        "channel": "当面提交",
        "arrived_on": "2026-03-02",
        "kind": "自然人",
        "applicant": "张三",
        "request": what,
        "officer": CLERK,
        "identity": "310101199001011234",
    }


def registered(what: str) -> list[Application]:
    with office.reading() as session:
        return list(session.exec(select(Application).where(Application.request == what)))


def completed(client: SyncPrefectClient, run: UUID) -> bool:
    return client.read_flow_run(run).state_name == "Completed"


def nothing_at_work(client: SyncPrefectClient) -> bool:
    """Whether every run has ended or waits for an officer."""
    at_work = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING]
    state = FlowRunFilterState(type=FlowRunFilterStateType(any_=at_work))
    return not client.read_flow_runs(flow_run_filter=FlowRunFilter(state=state), limit=1)


@contextmanager
def locked() -> Iterator[None]:
    """The register held by another program while the block lasts."""
    held = sqlite3.connect(office.home() / "register.db")
    held.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        held.rollback()
        held.close()


def waited_out(client: SyncPrefectClient, run: UUID) -> bool:
    """Whether a run has lost the register, and was put back for it."""
    return any(state.message == REGISTER_AWAY for state in client.read_flow_run_states(run))


def check() -> list[str]:
    return list(Upkeep().see_to_all())


# ── the register is away ──────────────────────────────────────────────────────────────────────


def test_forms_submitted_while_the_register_is_locked_are_all_recorded_once(client):
    """By a backup tool, say: 4 of 4 registrations once ended Failed, and nobody began them again."""
    with locked():
        forms = [submit(client, "登记申请", **application(f"锁库期间第{n}件")) for n in range(4)]
        enquiry = {"channel": "电话", "given_on": "2026-03-02", "officer": CLERK, "persons": 7}
        forms.append(submit(client, "登记咨询", **enquiry))
        until(lambda: waited_out(client, forms[-1].id))
    for run in forms:
        until(lambda run=run: completed(client, run.id))
    for n in range(4):
        assert len(registered(f"锁库期间第{n}件")) == 1
    with office.reading() as session:
        assert len(session.exec(select(Enquiry).where(Enquiry.persons == 7)).all()) == 1


def test_an_answer_given_while_the_register_is_locked_is_recorded_without_being_asked_again(client):
    number = new_case()
    with Officer(CLERK) as clerk:
        run = clerk.form(number)
        answer = {"received.received_on": "2026-03-02", "received.officer": CLERK}
        with locked():
            key = run.state.state_details.run_input_keyset["response"]
            client.create_flow_run_input(run.id, key, json.dumps({place_of(run): answer}))
            client.set_flow_run_state(run.id, lost_runs.anew(), force=True)
            until(lambda: waited_out(client, run.id))
        until(lambda: _position(number) == 2)
        clerk._runs.pop(number, None)
        assert clerk.form(number).id == run.id


def _position(number: str) -> int:
    with office.reading() as session:
        return register.row(session, number).position


def test_an_application_is_recorded_as_of_the_day_it_was_submitted(client, monkeypatch) -> None:
    """However long register or server were away: here, since yesterday."""
    began = office.day_of
    monkeypatch.setattr(office, "day_of", lambda at: began(at) - timedelta(days=1))
    run = submit(client, "登记申请", **application("昨天提交的申请") | {"arrived_on": "2026-03-01"})
    until(lambda: completed(client, run.id))
    (row,) = registered("昨天提交的申请")
    with office.reading() as session:
        (event,) = register.events(session, row.number)
    assert office.today() == date(2026, 3, 2)
    assert event.recorded_on == date(2026, 3, 1)


def test_the_day_of_submission_is_never_after_today(client, monkeypatch) -> None:
    """The clock was set back since."""
    began = office.day_of
    monkeypatch.setattr(office, "day_of", lambda at: began(at) + timedelta(days=7))
    run = submit(client, "登记申请", **application("拨钟之前提交的申请"))
    until(lambda: completed(client, run.id))
    (row,) = registered("拨钟之前提交的申请")
    with office.reading() as session:
        assert register.events(session, row.number)[0].recorded_on == date(2026, 3, 2)


def test_a_form_waits_without_end(client) -> None:
    """What looks for pauses that have run out is off (server_process.NOT_NEEDED)."""
    assert "PAUSE_EXPIRATIONS" in server_process.NOT_NEEDED
    number = new_case()

    def waiting() -> list[FlowRun]:
        return [run for run in runs(client, number) if run.state and run.state.is_paused()]

    (run,) = until(waiting)
    assert run.state.state_details.pause_timeout is None


# ── forms that failed ─────────────────────────────────────────────────────────────────────────


def put_up(client: SyncPrefectClient, form: str, state: State[Any], key: str | None) -> UUID:
    """A run of a form in that state, that has given back what was submitted already."""
    deployment = client.read_deployment_by_name(f"{form}/{form}")
    body = {
        "flow_id": str(deployment.flow_id),
        "deployment_id": str(deployment.id),
        "work_pool_name": POOL,
        "idempotency_key": key,
        "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": "2099-01-01T00:00:00Z"}},
    }
    made = UUID(client.request("POST", "/flow_runs/", json=body).json()["id"])
    client.update_flow_run(made, name=f"{form}-{made}")
    client.set_flow_run_state(made, state, force=True)
    return made


def test_every_form_of_ours_that_failed_is_found_begun_again_and_told(client) -> None:
    forms = [name for name in OUR_FLOWS if name not in CLOCKED | {desk.HANDLE}]
    assert len(forms) >= 18
    made = {name: put_up(client, name, Failed(), None) for name in forms}
    told = check()
    for name, run in made.items():
        assert f"“{name}-{run}”没有办成，所填内容都在，已重新办理" in told
        until(lambda run=run: completed(client, run))
    assert not [line for line in check() if "没有办成" in line]


def test_what_the_clock_starts_again_itself_is_left_to_it(client) -> None:
    for name in CLOCKED:
        run = put_up(client, name, Failed(), f"{name}-{time.monotonic()}")
        assert not [line for line in check() if str(run) in line]
        client.delete_flow_run(run)


def test_a_register_that_was_away_long_does_not_make_the_next_try_late() -> None:
    """Each failure counts, but not those for which nothing was wrong with what was run."""
    now = datetime.now(UTC)
    away = [
        State(type=kind, message=message, timestamp=now - timedelta(seconds=n))
        for n in range(40, 0, -1)
        for kind, message in ((StateType.FAILED, ""), (StateType.SCHEDULED, REGISTER_AWAY))
    ]
    assert desk.due_again([*away, State(type=StateType.FAILED, timestamp=now)])
    faults = [one for one in away if one.type is StateType.FAILED]
    assert not desk.due_again(faults)
    later = [State(type=one.type, timestamp=one.timestamp + timedelta(days=7)) for one in faults]
    assert desk.due_again(later), "the clock was set back by a week"


def test_a_form_that_waits_for_an_hour_before_the_clock_was_set_back_is_done_now(
    client, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = Scheduled(scheduled_time=datetime.now(UTC) + timedelta(hours=3))
    run = put_up(client, "登记咨询", later, None)
    assert not [line for line in check() if str(run) in line], "an officer may begin a form later"
    monkeypatch.setattr(office, "CLOCKS_DIFFER", timedelta(hours=-3))  # as if it were earlier now
    assert f"时钟被拨回，“登记咨询-{run}”已重新排入" in check()
    until(lambda: completed(client, run))


# ── forms that were refused ───────────────────────────────────────────────────────────────────


def refused(what: str, **fields: object) -> FlowRun:
    """A registration with a day to come: asked again."""
    with Officer(CLERK) as clerk:
        run = clerk.start(
            "登记申请",
            application(what) | {"arrived_on": "2026-03-03", "contact": "13800000000"} | fields,
        )
    assert run.state_type is StateType.PAUSED
    return run


def kept(run: FlowRun) -> RefusedForm | None:
    with office.reading() as session:
        return session.get(RefusedForm, desk.submission_of(run))


def form_of(client: SyncPrefectClient, run: FlowRun) -> dict[str, Any]:
    key = run.state.state_details.run_input_keyset["schema"]
    return dict(json.loads(client.read_flow_run_input(run.id, key))["definitions"]["tab0"])


def asked_again_after_deletion(client: SyncPrefectClient, run: FlowRun) -> FlowRun:
    delete_run(client, run.id)
    assert "“登记申请”（未办成）的办理流程被删除，已凭登记簿恢复" in check()
    row = kept(run)
    assert row is not None
    return until(lambda: _waiting(client, UUID(row.run)))


def _waiting(client: SyncPrefectClient, run: UUID) -> FlowRun | None:
    found = client.read_flow_run(run)
    return found if found.state_type is StateType.PAUSED else None


def test_what_was_typed_in_a_refused_form_survives_the_deletion_of_its_run(client) -> None:
    run = refused("删除流程之后恢复")
    row = kept(run)
    assert row is not None
    assert (row.form, row.officer, row.settled_at) == ("登记申请", CLERK, None)
    raw = (office.home() / "register.db").read_bytes()
    raw += (office.home() / "register.db-wal").read_bytes()
    for secret in ("310101199001011234", "13800000000"):
        assert secret.encode() not in raw
    assert '"310101199001011234"' in row.fields, "and is whole for whoever has the key"
    again = asked_again_after_deletion(client, run)
    again = asked_again_after_deletion(client, again)  # as often as you like
    assert again.name.startswith("登记申请　未办成：")
    assert again.tags == [lists.TODO]
    shown = {name: one.get("default") for name, one in form_of(client, again)["properties"].items()}
    assert shown["request"] == "删除流程之后恢复"
    assert (shown["identity"], shown["contact"]) == (None, None)
    with Officer(CLERK) as clerk:
        answer = {name: value for name, value in shown.items() if value}
        done = clerk.answer_again(again, answer | {"arrived_on": "2026-03-02"})
    assert done.state_name == "Completed"
    (filed,) = registered("删除流程之后恢复")
    with office.reading() as session:
        assert register.applicant(session, filed.number).contact == "13800000000"
    settled = kept(run)
    assert settled is not None
    assert settled.settled_at is not None
    assert (settled.fields, settled.reason) == ("", "")


def test_what_is_restored_is_not_tried_before_an_officer_has_seen_it(
    client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """He may have handed it in anew: what was refused yesterday could be recorded today, twice."""
    run = refused("恢复之后不自行登记")
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-03")
    again = asked_again_after_deletion(client, run)
    assert registered("恢复之后不自行登记") == []
    with Officer(CLERK) as clerk:
        form = form_of(client, again)["properties"]
        answer = {name: one["default"] for name, one in form.items() if "default" in one}
        assert clerk.answer_again(again, answer).state_name == "Completed"
    assert len(registered("恢复之后不自行登记")) == 1


def test_a_refused_form_that_nobody_puts_right_in_its_time_is_given_up(
    client, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = refused("保管期满")
    for days, state in ((90, StateType.PAUSED), (91, StateType.CANCELLED)):
        refused_on = office.today() - timedelta(days=days)
        monkeypatch.setattr(office, "day_of", lambda _, day=refused_on: day)
        said = [line for line in check() if "无人更正" in line]
        assert client.read_flow_run(run.id).state_type is state
    assert said == ["“登记申请”（未办成）保留至2026年3月1日，无人更正，已取消，不再保留所填内容"]
    row = kept(run)
    assert row is not None
    assert row.settled_at is not None
    assert (row.form, row.officer, row.fields, row.reason) == ("登记申请", CLERK, "", "")
    delete_run(client, run.id)
    assert [line for line in check() if "未办成" in line] == []


def test_a_refused_form_that_an_officer_cancels_is_given_up(client) -> None:
    run = refused("取消的表单")
    client.set_flow_run_state(run.id, Cancelled(), force=True)
    assert "“登记申请”（未办成）已由办理人取消，不再保留所填内容" in check()
    row = kept(run)
    assert row is not None
    assert (row.fields, row.settled_at is not None) == ("", True)
    client.delete_flow_run(run.id)
    assert check() == []


def test_a_form_that_was_done_as_its_worker_was_killed_is_on_no_list_any_more(client) -> None:
    run = refused("办成时被杀")
    client.set_flow_run_state(run.id, Completed(), force=True)
    assert check() == []
    row = kept(run)
    assert row is not None
    assert row.fields == ""


def test_refused_forms_stand_first_on_the_list_until_they_are_done(client) -> None:
    run = refused("列在待办最前")
    with office.reading() as session:
        pages = {one.key: words for one, words in lists.pages(session, office.circumstances(""))}
    page_ = pages["todo"]
    line = page_.index(
        f"| [登记申请](/runs/flow-run/{run.id}) | 到件日期（{escaped('2026-03-03')}）"
    )
    assert page_.index("**未办成的表单（") < line < page_.index("轮到本机关办理的申请")
    assert all("未办成" not in pages[key] for key in ("due-soon", "overdue", "waiting"))
    client.set_flow_run_state(run.id, Cancelled(), force=True)
    check()
    with office.reading() as session:
        (_, page_), *_ = lists.pages(session, office.circumstances(""))
    assert f"{run.id}" not in page_


# ── switched off, deleted ─────────────────────────────────────────────────────────────────────


def test_a_paused_pool_works_again(client) -> None:
    for off in ({"is_paused": True}, {"concurrency_limit": 0}):
        client.update_work_pool(POOL, WorkPoolUpdate(**off))
        assert check() == ["工作池被暂停，已恢复"]
        pool = client.read_work_pool(POOL)
        assert (pool.is_paused, pool.concurrency_limit) == (False, None)
    assert check() == []


def test_a_pool_whose_runs_could_be_told_something_is_as_ours_again(client) -> None:
    """As one was that an earlier release made: nothing of a run is to be set (worker.py)."""
    ours = DeskWorker.get_default_base_job_template()
    told = {"properties": {"env": {"type": "object"}}, "type": "object"}
    other = {"job_configuration": {"env": "{{ env }}"}, "variables": told}
    client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=other))
    assert check() == ["工作池的设置被改动，已恢复"]
    assert client.read_work_pool(POOL).base_job_template == ours
    assert check() == []


def test_a_pool_of_an_earlier_release_is_as_ours_after_a_start(client) -> None:
    other = {"job_configuration": {"name": "x"}, "variables": {"type": "object"}}
    client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=other))
    asyncio.run(ensure_pool())
    assert client.read_work_pool(POOL).base_job_template != other
    assert check() == []


def test_a_pool_that_another_process_makes_at_the_same_moment_is_taken_as_it_is(
    client, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, asked = PrefectClient.read_work_pool, []

    async def not_yet(self: PrefectClient, name: str) -> object:
        asked.append(name)
        if len(asked) == 1:
            raise ObjectNotFound(http_exc=LookupError())
        return await read(self, name)

    monkeypatch.setattr(PrefectClient, "read_work_pool", not_yet)
    asyncio.run(ensure_pool())
    assert asked == [POOL, POOL]
    assert check() == []


def test_a_paused_queue_works_again(client) -> None:
    path = {"work_pool_name": POOL, "name": "default"}
    for off in ({"is_paused": True}, {"concurrency_limit": 0}):
        client.request(
            "PATCH", "/work_pools/{work_pool_name}/queues/{name}", path_params=path, json=off
        )
        assert check() == ["工作队列“default”被暂停，已恢复"]
    assert check() == []


def test_a_paused_form_works_again(client) -> None:
    found = client.read_deployment_by_name("登记咨询/登记咨询")
    client.pause_deployment(found.id)
    assert check() == ["表单“登记咨询”被暂停，已恢复"]
    assert not client.read_deployment(found.id).paused
    assert check() == []


def test_an_officer_listed_while_the_office_is_open_has_his_filter_within_a_minute(
    client, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = Upkeep()
    assert list(keeper.see_to_all()) == []
    officers = (OFFICERS[0].model_copy(update={"name": "新来的"}),)
    agency = office.agency().model_copy(update={"officers": officers})
    monkeypatch.setattr(office, "agency", lambda: agency)
    assert list(keeper.see_to_all()) == ["运行页面增加了筛选“承办：新来的”"]
    offered = client.request("POST", "/saved_searches/filter", json={}).json()
    [own] = [one for one in offered if one["name"] == "承办：新来的"]
    assert own["filters"][0]["value"] == ["承办：新来的"]
    assert list(keeper.see_to_all()) == []


def test_a_deleted_form_is_there_again_and_what_hung_on_it_goes_on(client) -> None:
    """The cases' form, too: one waits for an officer, one has been answered."""
    waiting = new_case()
    with Officer(CLERK) as clerk:
        run = clerk.form(waiting)
        client.delete_deployment(client.read_deployment_by_name("办理申请/办理申请").id)
        assert "表单“办理申请”被删除，已重新建立" in check()
        clerk._runs.pop(waiting, None)
        assert clerk.form(waiting).id != run.id
        clerk.submit(waiting, "received", received_on="2026-03-02")
    assert _position(waiting) == 2
    assert check() == []


def test_what_was_answered_before_the_form_was_deleted_is_not_asked_again(client) -> None:
    number = new_case()
    with Officer(CLERK) as clerk:
        run = clerk.form(number)
    answer = {"received.received_on": "2026-03-02", "received.officer": CLERK}
    key = run.state.state_details.run_input_keyset["response"]
    client.create_flow_run_input(run.id, key, json.dumps({place_of(run): answer}))
    client.set_flow_run_state(run.id, Failed(), force=True)
    client.delete_deployment(client.read_deployment_by_name("办理申请/办理申请").id)
    check()
    until(lambda: _position(number) == 2)


@pytest.mark.parametrize(("was", "is_now"), FORMS.items())
def test_what_was_begun_under_a_former_name_goes_on_under_todays(client, was, is_now) -> None:
    home = client.read_deployment_by_name(f"{is_now}/{is_now}")
    body = {"name": was, "entrypoint": home.entrypoint, "work_pool_name": POOL}
    flow_id = client.create_flow_from_name(was)
    made = client.request("POST", "/deployments/", json=body | {"flow_id": str(flow_id)})
    given = {"year": 2025, "check": "没有这一项", "verdict": "成立", "reason": "旧名称的表单"}
    submitted = {
        "flow_id": str(flow_id),
        "deployment_id": made.json()["id"],
        "work_pool_name": POOL,
        "parameters": given | {"officer": CLERK},
        "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": "2099-01-01T00:00:00Z"}},
    }
    run = UUID(client.request("POST", "/flow_runs/", json=submitted).json()["id"])
    submission = desk.submission_of(client.read_flow_run(run))
    told = check()
    assert f"表单“{was}”现称“{is_now}”，未办完的已接上" in told
    with pytest.raises(ObjectNotFound):
        client.read_deployment_by_name(f"{was}/{was}")
    with pytest.raises(ObjectNotFound):
        client.read_flow_run(run)
    row = until(lambda: _refused(submission))
    assert row.form == is_now
    assert "没有编号为“没有这一项”的校验项目" in row.reason
    until(lambda: _waiting(client, UUID(row.run)))
    client.set_flow_run_state(UUID(row.run), Cancelled(), force=True)
    assert check() == [f"“{is_now}”（未办成）已由办理人取消，不再保留所填内容"]


def _refused(submission: str) -> RefusedForm | None:
    with office.reading() as session:
        return session.exec(
            select(RefusedForm).where(RefusedForm.submission == submission)
        ).one_or_none()


def test_a_deleted_pool_is_there_again_and_what_hung_on_it_goes_on(client) -> None:
    number = new_case()
    with Officer(CLERK) as clerk:
        clerk.form(number)
        client.delete_work_pool(POOL)
        assert "工作池被删除，已重新建立" in check()
        clerk._runs.pop(number, None)
        clerk.submit(number, "received", received_on="2026-03-02")
    run = submit(client, "登记申请", **application("工作池重建以后"))
    until(lambda: completed(client, run.id))
    assert check() == []


def test_a_form_that_goes_on_in_another_run_is_the_same_submission() -> None:
    first = FlowRun(flow_id=UUID(int=1), id=UUID(int=2))
    second = FlowRun(flow_id=UUID(int=1), id=UUID(int=3), idempotency_key=desk.continued(first))
    third = FlowRun(flow_id=UUID(int=1), id=UUID(int=4), idempotency_key=desk.continued(second))
    known = {desk.submission_of(run) for run in (first, second, third)}
    assert known == {str(first.id)}
    assert len({run.idempotency_key for run in (second, third)}) == 2


# ── addresses that stay ───────────────────────────────────────────────────────────────────────


def got(url: str, method: str = "GET") -> httpx.Response:
    async def behind(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(Bookmarks(behind))
        async with httpx.AsyncClient(transport=transport, base_url="http://desk") as browser:
            return await browser.request(method, url)

    return asyncio.run(ask())


def page(client: SyncPrefectClient, answer: httpx.Response) -> str:
    """What stands where an address leads."""
    assert answer.status_code == 307
    assert answer.headers["cache-control"] == "no-store"
    where = answer.headers["location"]
    assert where.startswith("/artifacts/artifact/")
    path = {"id": where.rpartition("/")[2]}
    return str(client.request("GET", "/artifacts/{id}", path_params=path).json()["data"])


def test_a_list_keeps_its_address_though_it_is_deleted(client) -> None:
    righting.put_right(grace=desk.GRACE)
    for one in lists.LISTS:
        before = got(list_url(one.key))
        assert f"# {one.title}（" in page(client, before)
        client.delete_artifact(UUID(before.headers["location"].rpartition("/")[2]))
        after = got(list_url(one.key))
        assert f"# {one.title}（" in page(client, after)
        assert after.headers["location"] != before.headers["location"]
    assert f"]({list_url('overdue')})" in page(client, got(list_url("todo")))


def test_the_alerts_have_an_address_that_leads_to_the_latest_of_them(client) -> None:
    """Named on every list; and before there was ever an alert, the page says that there is none."""
    for one in client.read_artifacts(
        artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[alert_page.KEY]))
    ):
        client.delete_artifact(one.id)
    assert alert_page.NOTHING in page(client, got("/desk/alerts"))
    artifacts.made(client, ArtifactCreate(key="alerts", type="markdown", data="# 又有提醒"))
    assert page(client, got("/desk/alerts")) == "# 又有提醒"
    righting.put_right(grace=desk.GRACE)
    for one in lists.LISTS:
        assert "　[提醒](/desk/alerts)\n" in page(client, got(list_url(one.key)))


@pytest.mark.parametrize("number", ["2026-12", "沪知公开申〔2026〕9号/之一"])
def test_a_dossier_keeps_its_address_though_it_is_deleted_or_never_was(client, number) -> None:
    with office.writing() as session:
        register.take_over(session, [imported(number)], office.circumstances(CLERK), office.now())
    before = got(case_url(number))
    assert escaped(number) in page(client, before)
    client.delete_artifact(UUID(before.headers["location"].rpartition("/")[2]))
    after = got(case_url(number))
    assert escaped(number) in page(client, after)
    assert after.headers["location"] != before.headers["location"]


def imported(number: str) -> tuple[Applicant, tuple[Act, ...]]:
    """A case of an earlier ledger, closed there."""
    came = Register(
        channel="in_person",
        arrived_on=date(2026, 3, 2),
        applicant_kind="自然人",
        applicant="周晓岚",
        request="某商标注册申请的全部档案材料",
    )
    receipt = ImportedReceipt(received_on=came.arrived_on)
    result = ImportedResult(row="3.4.1", closed_on=came.arrived_on)
    return Applicant(case_number=number), (came, receipt, result)


def test_what_is_nowhere_is_said(client) -> None:
    assert got(case_url("没有的")).status_code == 404
    assert "没有的" in got(case_url("没有的")).text
    assert got("/desk/nothing").status_code == 404
    assert got(list_url("todo"), "POST").status_code == 405
    assert got("/runs").status_code == 299
    assert got("/desk").status_code == 299


def test_no_two_cases_share_a_dossier() -> None:
    numbers = [
        *("SQ-2026-0001", "sq-2026-0001", "SQ/2026/0001", "SQ-2026--0001", "-SQ-2026-0001"),
        *("沪知公开申〔2026〕1号", "沪知公开信〔2026〕1号", "申请", "信访", "2026-1", "２０２６-1"),
    ]
    keys = [presenting.artifact_key(number) for number in numbers]
    assert len(set(keys)) == len(numbers)
    assert keys[0] == "case-sq-2026-0001", "as it always was"
    for key in keys:
        assert key == key.lower().strip("-")
        assert key.replace("-", "").isalnum()
        assert key.isascii()


def test_open_cases_get_the_pages_of_their_dossiers_again_when_all_were_lost(
    client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few at each check, in turn; that of a closed case when it is asked for."""
    monkeypatch.setattr("flows.server.upkeep.LOOKED_THROUGH", 3)
    monkeypatch.setattr("flows.server.upkeep.FILED", 2)
    with office.writing() as session:
        stated = [imported("旧-9")]
        register.take_over(session, stated, office.circumstances(CLERK), office.now())
    numbers = [new_case() for _ in range(5)]
    with office.reading() as session:
        numbers = [row.number for row in register.applications(session, is_open=True)]
    until(lambda: nothing_at_work(client))
    until(lambda: not presenting.without_page(numbers))  # each is made beside the form that waits
    keys = ArtifactFilterKey(any_=[presenting.artifact_key(one) for one in (*numbers, "旧-9")])
    for one in client.read_artifacts(artifact_filter=ArtifactFilter(key=keys), limit=200):
        client.delete_artifact(one.id)
    assert presenting.without_page(numbers[:50]) == numbers[:50]
    dossiers = Dossiers()
    for _ in range(len(numbers)):
        list(dossiers.see_to())
    assert presenting.without_page(numbers[:200]) == []
    assert list(Dossiers().see_to()) == []
    assert presenting.without_page(["旧-9"]) == ["旧-9"]
    assert page(client, got(case_url("旧-9")))
    assert presenting.without_page(["旧-9"]) == []


def test_the_register_locked_during_the_check_is_no_end_of_it(client, tmp_path: Path) -> None:
    held = sqlite3.connect(office.home() / "register.db", check_same_thread=False)
    held.execute("BEGIN EXCLUSIVE")
    threading.Timer(2, lambda: (held.rollback(), held.close())).start()
    assert righting.put_right(grace=desk.GRACE) is not None
