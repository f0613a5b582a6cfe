"""APScheduler: when the sweep and the annual report run. A clock, not a store of deadlines.

Jobs only start Prefect flow runs, so that what was done is seen in the UI. The time zone is
named, weekdays are names, missed slots are made up for once (coalesce, no grace limit).
"""

from __future__ import annotations

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from prefect.client.orchestration import get_client

from flows.office import SHANGHAI

SWEEP = "每日巡检"
REPORT = "年度报告"


def scheduler() -> BackgroundScheduler:
    """The office's clock: the sweep every morning, the annual report on 2 January."""
    made = BackgroundScheduler(
        timezone=SHANGHAI,
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
    )
    made.add_job(start, CronTrigger(hour=8, minute=0, timezone=SHANGHAI), [SWEEP], id=SWEEP)
    made.add_job(start, CronTrigger(month=1, day=2, hour=9, timezone=SHANGHAI), [REPORT], id=REPORT)
    return made


def start(deployment: str) -> None:
    """Start a run of one of our deployments."""
    with get_client(sync_client=True) as client:
        found = client.read_deployment_by_name(f"{deployment}/{deployment}")
        client.create_flow_run_from_deployment(found.id)
