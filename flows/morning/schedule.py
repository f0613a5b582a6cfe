"""APScheduler: when sweep, outbox and annual report run. A clock, not a store of deadlines.

Jobs only start Prefect flow runs, so that what was done is seen in the UI. The time zone is
named, missed slots are made up for once (coalesce, no grace limit), and every minute it is seen
whether the day's sweep has been done: by a machine that was off, with a server that was away, or
after a run that failed. What is started twice is done once: a day's sweep and a year's report are
one run each (their key), and what they enter stands under keys of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterIdempotencyKey
from prefect.client.schemas.objects import FlowRun, State

from flows import office
from flows.installation.prefect_client import connected
from flows.morning import outbox, sweep
from flows.office import SHANGHAI

LOG = logging.getLogger(__name__)

SWEEP = "每日巡检"
OUTBOX = "提醒发送"
REPORT = "年度报告"
REPORT_FROM = 2  # January: the day after the year's last entries
AGAIN_MINUTES = (1, 5, 15, 60, 240)  # after a failed run; then once a day
NEXT_LOOK = timedelta(minutes=3)  # it looks every minute
TRIES = 40  # of a key: a report is tried all January


def scheduler() -> BackgroundScheduler:
    """The office's clock: the sweep every morning (rest days too), the outbox every few minutes."""
    made = BackgroundScheduler(
        timezone=SHANGHAI,
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
    )
    sending = office.sending()
    at, every = sending.hours.sweep, sending.outbox.every_minutes
    each_morning = CronTrigger(hour=at.hour, minute=at.minute, timezone=SHANGHAI)
    made.add_job(morning, each_morning, id=SWEEP)
    made.add_job(
        morning,
        IntervalTrigger(minutes=1, timezone=SHANGHAI),
        id=f"{SWEEP}（补）",
        next_run_time=datetime.now(SHANGHAI),
    )
    made.add_job(look, IntervalTrigger(minutes=every, timezone=SHANGHAI), id=OUTBOX)
    return made


def awake(clock: BackgroundScheduler) -> bool:
    """Whether the clock will look into things within the next minutes. Its thread may have died; and
    when the machine's clock is set back, it sleeps until it is again as late as it was (APScheduler 3
    waits for a time of day, not for so many seconds).
    """
    job = clock.get_job(f"{SWEEP}（补）")
    if job is None or job.next_run_time is None:
        return False
    return bool(abs(job.next_run_time - datetime.now(SHANGHAI)) < NEXT_LOOK)


def morning() -> None:
    """See to it that the day's sweep is done from its hour on, and in January the report of the
    year before; each once.
    """
    moment = office.moment()
    if moment.time() < office.sending().hours.sweep:
        return
    today = moment.date()
    try:
        start_once(SWEEP, f"{SWEEP}-{today}")
        if today.month == 1 and today.day >= REPORT_FROM:
            start_once(REPORT, f"{REPORT}-{today.year - 1}")
    except httpx.HTTPError as away:
        LOG.warning("服务器暂无响应，%s稍后再启动：%s", SWEEP, away)


def look() -> None:
    """Enter what has become due since the morning, and start the outbox if there is work for it."""
    moment: datetime = office.moment()
    try:
        sweep.find_due(replace(office.circumstances(""), today=moment.date()))
        if outbox.pending():
            start(OUTBOX)
    except httpx.HTTPError as away:
        LOG.warning("服务器暂无响应，%s稍后再启动：%s", OUTBOX, away)
    except office.REGISTER_FAULTS as away:
        LOG.warning("登记簿暂时不能使用，%s稍后再启动：%s", OUTBOX, away)


def start(deployment: str, *, key: str | None = None) -> None:
    """Start a run of one of our deployments; one run for a key, however often it is asked for.

    It has its name from the beginning: what Prefect would call it until it is taken up is English.
    """
    with connected() as client:
        found = client.read_deployment_by_name(f"{deployment}/{deployment}")
        client.create_flow_run_from_deployment(found.id, name=deployment, idempotency_key=key)


def start_once(deployment: str, key: str) -> None:
    """Start a run for a key unless one is under way or has been completed.

    Prefect keeps a key with the run that had it first, also where that failed: each further try
    has a key with its number, so that two schedulers start the same one.
    """
    keys = [key, *(f"{key}（第{number}次）" for number in range(2, TRIES + 1))]
    with connected() as client:
        ours = FlowRunFilter(idempotency_key=FlowRunFilterIdempotencyKey(any_=keys))
        number = next_try(keys, client.read_flow_runs(flow_run_filter=ours), office.now())
    if number is None:
        return
    if number:
        LOG.warning("%s没有完成，再次启动：%s", deployment, keys[number])
    start(deployment, key=keys[number])


def next_try(keys: Sequence[str], runs: Sequence[FlowRun], now: datetime) -> int | None:
    """The place of the key for the next try; None = none is due now."""
    failed = [run.state for run in runs if run.state and _failed(run.state)]
    if len(failed) < len(runs):
        return None
    if not runs:
        return 0
    tried = 1 + max(keys.index(run.idempotency_key or "") for run in runs)
    pause = timedelta(days=1)
    if tried <= len(AGAIN_MINUTES):
        pause = timedelta(minutes=AGAIN_MINUTES[tried - 1])
    ended = max(state.timestamp for state in failed)
    due = now - ended >= pause or ended > now + office.CLOCKS_DIFFER  # the clock was set back since
    return tried if tried < len(keys) and due else None


def _failed(state: State) -> bool:
    return state.is_final() and not state.is_completed()
