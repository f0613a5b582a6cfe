"""The warm worker on a real Prefect server: it works, suspends, resumes, and gets over faults."""

from __future__ import annotations

import asyncio
import errno
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Crashed, Running, Scheduled
from sqlalchemy.exc import (
    DatabaseError,
    IntegrityError,
    InternalError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from flows import office
from flows.prefect_side import lost_runs, worker
from flows.prefect_side.deployments import Deployment, ensure_deployments
from flows.prefect_side.lost_runs import put_back_lost_runs
from flows.prefect_side.one_form import place, place_of
from flows.server import serve
from tests import toy_flows
from tests.waiting import pauses

POOL = "toys"
TOYS = [
    Deployment("double", "tests.toy_flows.double"),
    Deployment("count", "tests.toy_flows.count"),
    Deployment("look up", "tests.toy_flows.look_up"),
    Deployment("leave", "tests.toy_flows.leave"),
]
OURS = {one.name: one.entrypoint for one in TOYS}
PATIENCE = 20.0


@pytest.fixture(scope="module")
def client(prefect_server: str) -> Iterator[SyncPrefectClient]:
    """A client of the server, the warm worker at work on a pool of these tests."""
    asyncio.run(ensure_deployments(TOYS, pool=POOL))
    with serve.working(POOL, OURS), get_client(sync_client=True) as client:
        yield client


def begin(client: SyncPrefectClient, name: str, **parameters: int) -> FlowRun:
    """Schedule a run of a toy, for now."""
    deployment = client.read_deployment_by_name(f"{name}/{name}")
    return client.create_flow_run_from_deployment(deployment.id, parameters=parameters)


def set_aside(client: SyncPrefectClient) -> FlowRun:
    """A run of double that is to begin in an hour."""
    deployment = client.read_deployment_by_name("double/double")
    later = Scheduled(scheduled_time=datetime.now(UTC) + timedelta(hours=1))
    return client.create_flow_run_from_deployment(deployment.id, parameters={"n": 21}, state=later)


def until(client: SyncPrefectClient, run: UUID, there: Callable[[FlowRun], bool]) -> FlowRun:
    """The run once it is there; fails with its history if that does not come about."""
    patience = time.monotonic() + PATIENCE
    for pause in pauses():
        if there(now := client.read_flow_run(run)):
            return now
        assert time.monotonic() < patience, history(client, run)
        time.sleep(pause)
    raise AssertionError


def waiting(run: FlowRun) -> bool:
    return run.state_type is StateType.PAUSED


def ended(run: FlowRun) -> bool:
    return run.state is not None and run.state.is_final()


def history(client: SyncPrefectClient, run: UUID) -> list[str]:
    return [str(state.name) for state in client.read_flow_run_states(run)]


def answer(client: SyncPrefectClient, run: FlowRun, n: object) -> FlowRun:
    """Resume as the UI does, and wait for the next form or the end."""
    before = run.state_id
    said = client.resume_flow_run(run.id, run_input={place_of(run): {"said.n": n}})
    assert said.status.value == "ACCEPT", said.details
    return until(
        client, run.id, lambda now: now.state_id != before and (waiting(now) or ended(now))
    )


def test_a_scheduled_run_completes(client):
    run = until(client, begin(client, "double", n=21).id, ended)
    assert run.state_name == "Completed"


def test_a_run_killed_after_its_parameters_were_forgotten_is_completed(client):
    run = set_aside(client)
    client.update_flow_run(run.id, parameters={})
    client.set_flow_run_state(run.id, Scheduled(), force=True)
    found = until(client, run.id, ended)
    assert (found.state_name, found.state.message) == ("Completed", "已办结，所填内容已清除")


def test_a_run_that_could_not_begin_for_the_server_was_gone_begins_again(client):
    run = set_aside(client)
    client.set_flow_run_state(run.id, Crashed(), force=True)
    assert run.id in asyncio.run(put_back_lost_runs(before=datetime.now(UTC), pool=POOL))
    until(client, run.id, lambda now: now.state_name == "Completed")


def test_a_run_waits_for_each_answer_and_goes_on_from_where_it_was(client):
    """No state but the expected ones; each answer asked once; no time limit on the waiting."""
    run = until(client, begin(client, "count", questions=2).id, waiting)
    assert run.state.state_details.pause_timeout is None
    run = answer(client, run, 7)
    assert run.state_name == "Suspended"
    run = answer(client, run, 8)
    assert run.state.result() == [7, 8]
    answered = ["Suspended", "Resuming", "Running"]
    assert history(client, run.id) == ["Scheduled", "Running", *answered * 2, "Completed"]


def test_from_an_answer_to_the_next_form_the_server_is_asked_five_times(client, monkeypatch):
    """Begun, its answer, whether the next is answered, the next form, waiting: it was 20."""
    run = until(client, begin(client, "count", questions=2).id, waiting)
    asked: list[str] = []
    send = httpx.Client.send

    def counted(self, request, **how):
        if str(run.id) in request.url.path and threading.current_thread() is not here:
            asked.append(f"{request.method} {request.url.path.rpartition('/')[2]}")
        return send(self, request, **how)

    here = threading.current_thread()
    monkeypatch.setattr(httpx.Client, "send", counted)
    run = answer(client, run, 7)
    assert run.state_name == "Suspended"
    said = ["GET suspended-0-response", "GET suspended-1-response"]
    assert asked == ["POST set_state", *said, "POST input", "POST set_state"]


def test_an_answer_that_does_not_fit_is_turned_away_and_the_form_stays(client):
    run = until(client, begin(client, "count", questions=1).id, waiting)
    here = place_of(run)
    for nonsense in (
        *({here: {"said.n": -1}}, {here: {"other.n": 1}}, {"said.n": 1}, {}),
        *({place("9"): {"said.n": 1}}, {here: {"said.n": 1}, place("9"): {"said.n": 1}}),
    ):
        said = client.resume_flow_run(run.id, run_input=nonsense)
        assert said.status.value == "REJECT"
    assert client.read_flow_run(run.id).state_id == run.state_id
    assert answer(client, run, 1).state_name == "Completed"


def test_answers_given_the_moment_a_form_appears_are_not_lost(client, monkeypatch):
    """The next stretch of a run waits until the last one has closed, slow as that may be."""
    at_work, most = 0, 0

    def slow_to_close(flow, flow_run):
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        stretch(flow, flow_run)
        time.sleep(0.7)  # well past the next poll
        at_work -= 1

    stretch = worker._stretch
    monkeypatch.setattr(worker, "_stretch", slow_to_close)
    run = until(client, begin(client, "count", questions=4).id, waiting)
    while waiting(run):
        run = answer(client, run, 1)
    assert run.state.result() == [1] * 4
    assert most == 1


def test_of_what_waits_at_most_twice_the_concurrency_is_in_hand(client, monkeypatch):
    """230 runs taken up together did not come to an end in minutes, and a restart began anew."""
    most, all_wait = 0, threading.Event()

    async def counted(self, *asked, **named):
        nonlocal most
        most = max(most, len(self._turns))
        return await run_of_worker(self, *asked, **named)

    def held(flow, flow_run):
        all_wait.wait(PATIENCE)
        return stretch(flow, flow_run)

    stretch, run_of_worker = worker._stretch, worker.DeskWorker.run
    monkeypatch.setattr(worker, "_stretch", held)
    monkeypatch.setattr(worker.DeskWorker, "run", counted)
    runs = [begin(client, "double", n=n).id for n in range(3 * worker.IN_HAND)]
    all_wait.set()
    for run in runs:
        until(client, run, ended)
    assert most == worker.IN_HAND


@pytest.mark.parametrize(
    "fault",
    [
        OperationalError("BEGIN IMMEDIATE", {}, sqlite3.OperationalError("database is locked")),
        DatabaseError("SELECT 1", {}, sqlite3.DatabaseError("database disk image is malformed")),
        InternalError("SELECT 1", {}, psycopg.errors.InFailedSqlTransaction("aborted")),
        NoConnectionFree("QueuePool limit"),
        office.NoDatabase("postgresql://u:***@h/x", "connection refused"),
        office.DatabaseFailed("磁盘已满，请腾出空间"),
        office.RegisterBusy("打开登记簿", []),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_register_that_is_away_is_waited_out(client, fault, monkeypatch):
    monkeypatch.setattr(worker, "AGAIN_SECONDS", 0.01)
    toy_flows.AWAY[:] = [fault] * 3
    run = until(client, begin(client, "look up", n=5).id, lambda run: run.state_name == "Completed")
    states = client.read_flow_run_states(run.id)
    assert [state.message for state in states].count(lost_runs.REGISTER_AWAY) == 3
    assert not toy_flows.AWAY


@pytest.mark.parametrize("how", toy_flows.LEAVES)
def test_whatever_a_flow_raises_ends_its_run_alone(client, how):
    """SystemExit ended the worker's thread, without a word, and every form waited for a minute."""
    deployment = client.read_deployment_by_name("leave/leave")
    made = client.create_flow_run_from_deployment(deployment.id, parameters={"how": how})
    run = until(client, made.id, ended)
    assert run.state_type is StateType.FAILED, "begun again later, and later each time (upkeep.py)"
    assert f"意外退出（{how}）" in run.state.message
    threads = [one for one in threading.enumerate() if one.name == "worker" and one.is_alive()]
    assert threads
    until(client, begin(client, "double", n=2).id, lambda now: now.state_name == "Completed")


def test_what_the_register_answers_is_no_absence_of_it() -> None:
    answers = [
        IntegrityError("INSERT", {}, sqlite3.IntegrityError("UNIQUE")),
        ProgrammingError("SELECT", {}, psycopg.errors.UndefinedColumn("x")),
        OSError(errno.EACCES, "Permission denied"),
        ValueError("7"),
        None,
    ]
    assert not any(office.register_away(fault) for fault in answers)


def test_rights_that_were_taken_from_the_databases_user_are_waited_for() -> None:
    fault = ProgrammingError(
        "INSERT", {}, psycopg.errors.InsufficientPrivilege("permission denied for table series")
    )
    assert office.register_away(fault)
    said = office.DatabaseFailed("数据库的用户没有权限（table series），请数据库管理员授权")
    said.__cause__ = fault
    assert office.register_away(said)


@pytest.mark.parametrize(
    ("code", "away"), [(404, False), (409, False), (499, False), (500, True), (503, True)]
)
def test_a_server_that_refuses_is_there_and_one_that_breaks_is_not(code: int, away: bool) -> None:
    asked = httpx.Request("POST", "http://127.0.0.1/api")
    said = httpx.HTTPStatusError("", request=asked, response=httpx.Response(code, request=asked))
    assert worker.server_away(said) is away
    assert worker.server_away(httpx.ConnectError("refused"))


def test_of_a_fault_of_the_register_one_line_is_told_and_nothing_that_was_asked_of_it() -> None:
    said = sqlite3.OperationalError("disk I/O error\n(at page 7)")
    fault = OperationalError("INSERT INTO applicant …", {"applicant": "周晓岚"}, said)
    assert worker.told_in_brief(fault) == "disk I/O error"
    assert worker.told_in_brief(OSError("  磁盘已满\n第二行")) == "磁盘已满"


@pytest.mark.parametrize(
    ("ahead", "kind", "waits"),
    [
        (3600, StateType.SCHEDULED, True),
        (3600, StateType.RUNNING, False),
        (-1, StateType.SCHEDULED, False),
        (0, StateType.SCHEDULED, False),
    ],
)
def test_a_run_put_up_before_the_clock_was_set_back_waits_for_a_time_that_is_past(
    ahead: int, kind: StateType, waits: bool
) -> None:
    at = datetime.now(UTC) + timedelta(seconds=ahead)
    run = FlowRun(flow_id=uuid4(), state=State(type=kind, timestamp=at))
    assert lost_runs.waits_for_a_past_clock(run) is waits
    assert lost_runs.waits_for_a_past_clock(FlowRun(flow_id=uuid4())) is False


def test_the_pause_between_two_tries_grows_and_is_bounded() -> None:
    pauses = [worker.pause_seconds(lost) for lost in (0, 1, 6, 7, 5000)]
    assert pauses == [0.3, 0.6, 0.3 * 64, 30.0, 30.0]


def test_a_run_left_by_a_killed_worker_asks_again_and_keeps_its_answers(client):
    """What a kill leaves: Running, and nobody at work on it."""
    run = answer(client, until(client, begin(client, "count", questions=2).id, waiting), 3)
    client.set_flow_run_state(run.id, Running(), force=True)

    recent = datetime.now(UTC) - timedelta(minutes=5)
    assert asyncio.run(put_back_lost_runs(before=recent, pool=POOL)) == []
    assert asyncio.run(put_back_lost_runs(before=datetime.now(UTC), pool=POOL)) == [run.id]
    run = answer(client, until(client, run.id, waiting), 4)
    assert run.state.result() == [3, 4]


def test_what_is_asked_of_a_server_that_was_just_killed_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serve, "AGAIN_SECONDS", 0)
    away = [httpx.ConnectError("refused"), httpx.ReadError("gone")]

    def ask() -> str:
        if away:
            raise away.pop()
        return "the list"

    assert serve._patiently(ask) == "the list"
    monkeypatch.setattr(serve, "PATIENCE_SECONDS", -1)
    away.append(httpx.ConnectError("refused"))
    with pytest.raises(httpx.ConnectError):
        serve._patiently(ask)
