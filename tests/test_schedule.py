"""The scheduler: a clock that starts runs; what is started twice is one run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from databases import empty_register
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterIdempotencyKey
from prefect.client.schemas.sorting import ArtifactSort
from test_sweep import received

from flows import office, outbox, schedule, serve, supervision, sweep
from flows.worker import Deployment, ensure_deployments

FLOWS = (schedule.SWEEP, schedule.OUTBOX)


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with empty_register(tmp_path, monkeypatch):
        yield monkeypatch


@pytest.fixture
def client(prefect_server: str) -> Iterator[SyncPrefectClient]:
    wanted = [Deployment(name, serve.OUR_FLOWS[name]) for name in FLOWS]
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
    return runs


def test_each_morning_in_shanghai_rest_days_too_and_every_few_minutes(
    environment: pytest.MonkeyPatch,
) -> None:
    at(environment, datetime(2026, 3, 21, 7))  # noqa: DTZ001 a Saturday
    clock = schedule.scheduler()
    jobs = {job.id: job for job in clock.get_jobs()}
    assert set(jobs) == {schedule.SWEEP, schedule.OUTBOX}
    assert str(jobs[schedule.SWEEP].trigger) == "cron[hour='8', minute='0']"
    assert str(jobs[schedule.SWEEP].trigger.timezone) == "Asia/Shanghai"
    assert jobs[schedule.OUTBOX].trigger.interval.total_seconds() == 300
    defaults = clock._job_defaults
    assert (defaults["coalesce"], defaults["misfire_grace_time"]) == (True, None)


def test_a_machine_that_was_off_in_the_morning_catches_up(environment: pytest.MonkeyPatch) -> None:
    at(environment, datetime(2026, 3, 23, 11))  # noqa: DTZ001
    assert {job.func for job in schedule.scheduler().get_jobs()} == {
        schedule.morning,
        schedule.look,
    }
    assert len(schedule.scheduler().get_jobs()) == 3


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
    at(environment, datetime.combine(day, datetime.min.time()))
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


def test_what_is_shown_stands_in_the_ui(
    client: SyncPrefectClient, environment: pytest.MonkeyPatch
) -> None:
    number = received()
    at(environment, datetime(2026, 3, 30, 9))  # noqa: DTZ001
    sweep.sweep()
    assert outbox.send_alerts() == 1
    path = supervision.show()
    assert path.exists()
    written = client.read_artifacts(sort=ArtifactSort.CREATED_DESC)
    pages = {one.key: str(one.data) for one in reversed(written)}  # the latest of each
    assert number in pages[outbox.SHOWN]
    assert "今天到期" in pages[outbox.SHOWN]
    assert f"{number} | 周\\*\\* | 陈静" in pages[supervision.ARTIFACT]
    assert "周晓岚" not in "".join(pages.values())
