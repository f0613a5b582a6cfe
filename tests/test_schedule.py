"""The scheduler: a clock that starts runs; what is started twice is one run."""

from __future__ import annotations

import asyncio
import logging
import time as time_module
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from databases import empty_register
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterIdempotencyKey,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.sorting import ArtifactSort
from prefect.logging.handlers import PrefectConsoleHandler
from prefect.settings import temporary_settings
from prefect.states import Cancelled, Completed, Crashed, Failed
from test_sweep import received

from flows import office
from flows.morning import at_its_time, schedule, sweep
from flows.prefect_side.deployments import Deployment, ensure_deployments
from flows.prefect_side.our_flows import OUR_FLOWS
from flows.server import serve
from flows.shown import alert_page, supervision
from tests.ports import free_port

FLOWS = (schedule.SWEEP, schedule.OUTBOX)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with empty_register(tmp_path, monkeypatch):
        yield monkeypatch


@pytest.fixture
def client(prefect_server: str) -> Iterator[SyncPrefectClient]:
    wanted = [Deployment(name, OUR_FLOWS[name]) for name in FLOWS]
    asyncio.run(ensure_deployments(wanted, pool="clock"))
    with get_client(sync_client=True) as made:
        yield made


def at(environment: pytest.MonkeyPatch, moment: datetime) -> None:
    environment.setenv("DISCLOSURE_TODAY", moment.date().isoformat())
    environment.setattr(office, "moment", lambda: moment)


def started(environment: pytest.MonkeyPatch) -> list[tuple[str, str | None]]:
    """What the scheduler starts from now on, instead of starting it."""
    runs: list[tuple[str, str | None]] = []
    environment.setattr(schedule, "start", lambda name, key=None: runs.append((name, key)))
    environment.setattr(schedule, "start_once", lambda name, key: runs.append((name, key)))
    return runs


def test_each_morning_in_shanghai_rest_days_too_and_every_few_minutes(
    environment: pytest.MonkeyPatch,
) -> None:
    at(environment, datetime(2026, 3, 21, 7))  # noqa: DTZ001 a Saturday
    clock = schedule.scheduler()
    jobs = {job.id: job for job in clock.get_jobs()}
    again = f"{schedule.SWEEP}（补）"
    assert set(jobs) == {schedule.SWEEP, schedule.OUTBOX, again}
    assert jobs[again].func == jobs[schedule.SWEEP].func == schedule.morning
    assert jobs[again].trigger.interval.total_seconds() == 60
    assert str(jobs[schedule.SWEEP].trigger) == "cron[hour='8', minute='0']"
    assert str(jobs[schedule.SWEEP].trigger.timezone) == "Asia/Shanghai"
    assert jobs[schedule.OUTBOX].trigger.interval.total_seconds() == 300
    defaults = clock._job_defaults
    assert (defaults["coalesce"], defaults["misfire_grace_time"]) == (True, None)


def test_before_its_hour_no_sweep_and_after_it_however_late(
    environment: pytest.MonkeyPatch,
) -> None:
    runs = started(environment)
    at(environment, datetime(2026, 3, 23, 7, 59))  # noqa: DTZ001
    schedule.morning()
    assert runs == []
    for moment in (datetime(2026, 3, 23, 8), datetime(2026, 3, 23, 22)):  # noqa: DTZ001
        at(environment, moment)
        schedule.morning()
    assert runs == [(schedule.SWEEP, "每日巡检-2026-03-23")] * 2


@pytest.mark.parametrize(
    ("day", "report"),
    [
        (date(2027, 1, 1), False),
        (date(2027, 1, 2), True),
        (date(2027, 1, 31), True),
        (date(2027, 2, 1), False),
    ],
)
def test_the_report_of_the_year_before_is_started_in_january(
    day: date, report: bool, environment: pytest.MonkeyPatch
) -> None:
    at(environment, datetime.combine(day, time(8)))
    runs = started(environment)
    schedule.morning()
    assert runs[0] == (schedule.SWEEP, f"每日巡检-{day}")
    assert runs[1:] == ([(schedule.REPORT, "年度报告-2026")] if report else [])


def test_the_outbox_runs_only_where_there_is_something_to_send(
    environment: pytest.MonkeyPatch,
) -> None:
    runs = started(environment)
    at(environment, datetime(2026, 3, 16, 9))  # noqa: DTZ001
    schedule.look()
    assert runs == []
    received()
    schedule.look()  # what has become due since the morning is found, and sent
    assert runs == [(schedule.OUTBOX, None)]
    at(environment, datetime(2026, 3, 16, 18))  # noqa: DTZ001
    schedule.look()
    assert len(runs) == 1


def test_two_schedulers_start_one_run_of_a_days_sweep(
    client: SyncPrefectClient, environment: pytest.MonkeyPatch
) -> None:
    at(environment, datetime(2026, 3, 16, 8))  # noqa: DTZ001
    schedule.morning()
    schedule.morning()
    keys = FlowRunFilterIdempotencyKey(any_=["每日巡检-2026-03-16"])
    assert len(client.read_flow_runs(flow_run_filter=FlowRunFilter(idempotency_key=keys))) == 1


def sweeps(client: SyncPrefectClient, day: date) -> list[FlowRun]:
    """The runs of a day's sweep, in the order they were started."""
    keys = [f"每日巡检-{day}", *(f"每日巡检-{day}（第{n}次）" for n in range(2, 60))]
    ours = FlowRunFilter(idempotency_key=FlowRunFilterIdempotencyKey(any_=keys))
    found = client.read_flow_runs(flow_run_filter=ours)
    return sorted(found, key=lambda run: keys.index(str(run.idempotency_key)))


@pytest.mark.parametrize("ended", [Failed, Crashed, Cancelled])
def test_a_sweep_that_failed_is_made_up_after_growing_pauses(
    ended: Callable[[], State], client: SyncPrefectClient, environment: pytest.MonkeyPatch
) -> None:
    day = date(2026, 4, {Failed: 1, Crashed: 2, Cancelled: 3}[ended])
    at(environment, datetime.combine(day, time(8)))
    for minute, tries in ((0, 1), (1, 2), (4, 2), (5, 3), (14, 3), (15, 4), (59, 4), (60, 5)):
        later = datetime.now(UTC) + timedelta(minutes=minute)
        environment.setattr(office, "now", lambda later=later: later)
        schedule.morning()
        schedule.morning()  # another scheduler, at once
        runs = sweeps(client, day)
        assert len(runs) == tries
        client.set_flow_run_state(runs[-1].id, ended(), force=True)


def test_a_sweep_that_keeps_failing_is_not_tried_for_ever() -> None:
    keys = [str(number) for number in range(schedule.TRIES)]
    began, tried = datetime.now(UTC), [0]
    for minute in range(1, 3 * 24 * 60):
        runs = [
            FlowRun(flow_id=uuid4(), idempotency_key=keys[n], state=Failed(timestamp=began + at))
            for n, at in enumerate(timedelta(minutes=one) for one in tried)
        ]
        due = schedule.next_try(keys, runs, began + timedelta(minutes=minute))
        if due is not None:
            assert due == len(tried)
            tried.append(minute)
    assert tried == [0, 1, 6, 21, 81, 321, 321 + 1440, 321 + 2880]


def test_a_sweep_that_is_done_at_a_further_try_is_not_done_again(
    client: SyncPrefectClient, environment: pytest.MonkeyPatch
) -> None:
    day, now = date(2026, 4, 6), datetime.now(UTC)
    at(environment, datetime.combine(day, time(8)))
    schedule.morning()
    client.set_flow_run_state(sweeps(client, day)[0].id, Failed(), force=True)
    environment.setattr(office, "now", lambda: now + timedelta(minutes=2))
    schedule.morning()
    client.set_flow_run_state(sweeps(client, day)[1].id, Completed(), force=True)
    environment.setattr(office, "now", lambda: now + timedelta(hours=10))
    schedule.morning()
    assert len(sweeps(client, day)) == 2


def test_a_server_that_is_away_is_asked_again_the_next_minute(
    client: SyncPrefectClient, environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    day = date(2026, 4, 7)
    at(environment, datetime.combine(day, time(8)))
    with temporary_settings({"api.url": f"http://127.0.0.1:{free_port()}/api"}):
        schedule.morning()
    assert "暂无响应" in caplog.text
    assert sweeps(client, day) == []
    schedule.morning()
    assert len(sweeps(client, day)) == 1


def test_what_is_shown_stands_in_the_ui(
    client: SyncPrefectClient, environment: pytest.MonkeyPatch
) -> None:
    number = received()
    at(environment, datetime(2026, 3, 30, 9))  # noqa: DTZ001
    sweep.sweep()
    assert at_its_time.send_alerts() == 1
    path = supervision.show()
    assert path.exists()
    written = client.read_artifacts(sort=ArtifactSort.CREATED_DESC)
    pages = {one.key: str(one.data) for one in reversed(written)}  # the latest of each
    assert number in pages[alert_page.KEY]
    assert "今天到期" in pages[alert_page.KEY]
    assert f"{number} | 周\\*\\* | 陈静" in pages[supervision.ARTIFACT]
    assert "周晓岚" not in "".join(pages.values())


def test_who_has_no_channel_is_told_in_the_log_of_the_run_and_of_the_office(
    client: SyncPrefectClient, environment: pytest.MonkeyPatch
) -> None:
    number, terminal = received(), StringIO()
    at(environment, datetime(2026, 3, 30, 9))  # noqa: DTZ001
    sweep.sweep()
    (handler,) = [
        one for one in logging.getLogger().handlers if isinstance(one, PrefectConsoleHandler)
    ]
    environment.setattr(handler.console, "file", terminal)
    with serve.working("clock"):
        schedule.start(schedule.OUTBOX, key="logged")
        assert begun(client, "logged").name == schedule.OUTBOX  # at once, whoever takes it up later
        run = ended(client, "logged")
    asked = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id]))
    until = time_module.monotonic() + 30
    while not (logged := client.read_logs(asked)) and time_module.monotonic() < until:
        time_module.sleep(0.2)
    for log in ("".join(one.message for one in logged), terminal.getvalue()):
        assert f"{number}　周**" in log
        for secret in ("周晓岚", "310101199001011234", "13800000000", "某路1号"):
            assert secret not in log


def begun(client: SyncPrefectClient, key: str) -> FlowRun:
    """The run of a key."""
    ours = FlowRunFilter(idempotency_key=FlowRunFilterIdempotencyKey(any_=[key]))
    (run,) = client.read_flow_runs(flow_run_filter=ours)
    return run


def ended(client: SyncPrefectClient, key: str) -> FlowRun:
    """The run of a key, when it is completed."""
    until = time_module.monotonic() + 60
    while time_module.monotonic() < until:
        run = begun(client, key)
        if run.state and run.state.is_completed():
            return run
        time_module.sleep(0.2)
    raise AssertionError(run.state)
