"""APScheduler: when sweep, outbox and annual report run. A clock, not a store of deadlines.

Jobs only start Prefect flow runs, so that what was done is seen in the UI. The time zone is
named, missed slots are made up for once (coalesce, no grace limit), and what a machine that was
off has missed is started when it is on again. What is started twice is done once: a day's sweep
and a year's report are one run each (their key), and what they enter stands under keys of its own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from prefect.client.orchestration import get_client

from flows import office, outbox, sweep
from flows.office import SHANGHAI

SWEEP = "每日巡检"
OUTBOX = "提醒发送"
REPORT = "年度报告"
REPORT_FROM = 2  # January: the day after the year's last entries


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
    made.add_job(look, IntervalTrigger(minutes=every, timezone=SHANGHAI), id=OUTBOX)
    if office.moment().time() >= at:
        made.add_job(morning, id=f"{SWEEP}（补）")  # now: the morning's was missed, or is done
    return made


def morning() -> None:
    """Start the day's sweep, and in January the report of the year before; each once."""
    today = office.today()
    start(SWEEP, key=f"{SWEEP}-{today}")
    if today.month == 1 and today.day >= REPORT_FROM:
        start(REPORT, key=f"{REPORT}-{today.year - 1}")


def look() -> None:
    """Enter what has become due since the morning, and start the outbox if there is work for it."""
    moment: datetime = office.moment()
    sweep.find_due(replace(office.circumstances(""), today=moment.date()))
    if outbox.pending():
        start(OUTBOX)


def start(deployment: str, *, key: str | None = None) -> None:
    """Start a run of one of our deployments; one run for a key, however often it is asked for."""
    with get_client(sync_client=True) as client:
        found = client.read_deployment_by_name(f"{deployment}/{deployment}")
        client.create_flow_run_from_deployment(found.id, idempotency_key=key)
