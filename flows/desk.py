"""Keeps Prefect in step with the register: one living run per open case; names and tags.

The register is the truth: whatever Prefect has lost or mixed up is put right from it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from uuid import UUID

from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowRunFilter,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.context import FlowRunContext

from flows import brief, office
from flows.dossier import dossier
from models import register
from models.history import Case

HANDLE = "办理申请"
LIVING = {StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.PAUSED}
PAGE = 200


def title(case: Case) -> str:
    """The run's name: number, masked applicant, stage, last day."""
    limit = case.deadline(office.law())
    due = f"限{limit.last_day}{'（暂定）' if limit.provisional else ''}" if limit else ""
    if limit and limit.last_day is None:
        due = "期限停止计算"
    words = [case.number, brief.masked(case.applicant), str(case.stage), due]
    return "　".join(word for word in words if word)


def tags(case: Case) -> list[str]:
    """What officers filter by: the number, the stage, the officer."""
    found = [case.number, f"环节：{case.stage}"]
    return [*found, f"承办：{case.officer}"] if case.officer else found


def this_run() -> str | None:
    """The id of the run we are in; None outside Prefect."""
    context = FlowRunContext.get()
    return str(context.flow_run.id) if context and context.flow_run else None


def show(case: Case) -> None:
    """Bring the current run's name and tags in line with the case."""
    run = this_run()
    if run is not None:
        with get_client(sync_client=True) as client:
            client.update_flow_run(UUID(run), name=title(case), tags=tags(case))


def present(case: Case) -> None:
    """Show where the case stands now: name and tags of its run, and its dossier."""
    show(case)
    file_dossier(case)


def file_dossier(case: Case) -> None:
    """Renew the case's dossier in the UI (an artifact of its own, one version an act)."""
    with office.reading() as session:
        found = dossier(session, case.number, office.circumstances(""))
    create_markdown_artifact(
        found.markdown(), key=artifact_key(case.number), description=title(case)
    )


def artifact_key(number: str) -> str:
    """A case number as Prefect takes it for a key: small letters, digits and dashes only."""
    return "case-" + re.sub("[^a-z0-9]+", "-", number.lower()).strip("-")


def forget_parameters() -> None:
    """Take the submitted form out of Prefect's database: it holds identity and contact, sealed.

    A second lock: the key and Prefect's database lie in one folder where nobody moves them apart.
    """
    run = this_run()
    if run is not None:
        with get_client(sync_client=True) as client:
            client.update_flow_run(UUID(run), parameters={})


def put_on_desk(case: Case, *, attempt: int | str = 0) -> UUID:
    """Give a case its run; asked twice for the same attempt, there is still one."""
    with get_client(sync_client=True) as client:
        return _create(client, case, attempt)


def _create(client: SyncPrefectClient, case: Case, attempt: int | str) -> UUID:
    deployment = client.read_deployment_by_name(f"{HANDLE}/{HANDLE}")
    made = client.create_flow_run_from_deployment(
        deployment.id,
        parameters={"number": case.number},
        name=title(case),
        tags=tags(case),
        idempotency_key=f"{case.number}-{attempt}",
    )
    return made.id


def put_right() -> list[str]:
    """Give every open case exactly one living run; returns what was put right, as sentences."""
    done: list[str] = []
    with office.reading() as session:
        cases = [
            register.case(session, row.number)
            for row in register.applications(session, is_open=True)
        ]
    with get_client(sync_client=True) as client:
        runs = _runs(client)
        for case in cases:
            mine = runs.get(case.number, [])
            living = [run for run in mine if run.state_type in LIVING]
            if not living:
                _create(client, case, len(mine))
                done.append(f"{case.number} 已重新放回办理队列")
            for extra in living[1:]:
                client.delete_flow_run(extra.id)
                done.append(f"{case.number} 有多个办理流程，已保留最早的一个")
    return done


def _runs(client: SyncPrefectClient) -> dict[str, list[FlowRun]]:
    """All runs of 办理申请 by case number, oldest first."""
    found: dict[str, list[FlowRun]] = defaultdict(list)
    offset = 0
    while True:
        page = client.read_flow_runs(
            deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[HANDLE])),
            limit=PAGE,
            offset=offset,
        )
        for run in page:
            found[str(run.parameters.get("number", ""))].append(run)
        if len(page) < PAGE:
            break
        offset += PAGE
    for runs in found.values():
        runs.sort(key=lambda run: run.created or run.expected_start_time)  # type: ignore[arg-type,return-value]
    return found


def run_of(client: SyncPrefectClient, number: str) -> FlowRun | None:
    """The living run of a case, if it has one."""
    runs = client.read_flow_runs(
        flow_run_filter=FlowRunFilter(tags=FlowRunFilterTags(all_=[number])),
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[HANDLE])),
    )
    living = [run for run in runs if run.state_type in LIVING]
    return living[0] if living else None
