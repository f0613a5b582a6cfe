"""Is all there that the office needs of Prefect? Once a minute: what was switched off, deleted or has
failed is put right, and said.

Prefect's pages let anybody pause or delete what the office lives by. Nothing of it may stay lost:
the work pool and its queue, the forms under Deployments, and every form that an officer submitted
and that did not come to its end. (The cases' own runs: flows/path/desk.py.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolUpdate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Completed

from flows import office
from flows.installation.prefect_client import connected
from flows.keeping import letting_go
from flows.morning.schedule import OUTBOX, REPORT, SWEEP
from flows.path import desk, presenting
from flows.prefect_side.lost_runs import POOL, accepted_run, anew, waits_for_a_past_clock
from flows.prefect_side.our_flows import OUR_FLOWS
from flows.prefect_side.worker import DeskWorker
from flows.server.serve import offer
from flows.shown import lists
from models.acts.former_words import FORMS, form_now
from models.law.workdays import written
from models.register import refused_forms, register
from models.store.tables import RefusedForm

CLOCKED = frozenset({SWEEP, OUTBOX, REPORT})
"""What the scheduler starts, and starts again itself when it failed (flows/morning/schedule.py)."""

LOOKED_THROUGH = 200  # cases at each check
FILED = 30  # dossiers at each check
UNDONE = (StateType.FAILED, StateType.CRASHED)
UNENDED = (*UNDONE, StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.PAUSED)


class Upkeep:
    """The check, whether the one before came to its end, and which filters the UI offers since."""

    def __init__(self) -> None:
        self._thorough = True
        self._filters: list[str] | None = None

    def see_to_all(self) -> Iterator[str]:
        """Put right whatever the office needs, saying what was done.

        Runs that hang on a deployment or pool of before are looked for when one was deleted, at
        the start, and after a check that was broken off.
        """
        with connected() as client:
            for line in (*_pool(client), *_deployments(client)):
                self._thorough = True
                yield line
            if self._thorough:
                yield from _orphans(client)
                yield from _renamed(client)
            self._thorough = False
            yield from self._new_filters(client)
            yield from _forms_again(client)
            yield from _refused_again(client)

    def _new_filters(self, client: SyncPrefectClient) -> Iterator[str]:
        """A filter for whoever has been listed since the office was opened, or since the last check."""
        wanted = lists.filters(office.circumstances(""))
        new = [name for name in wanted if name not in (self._filters or wanted)]
        lists.save_filters(client, new)
        self._filters = wanted
        if new:
            yield f"运行页面增加了筛选“{'”“'.join(new)}”"


class Dossiers:
    """The pages of the open cases' dossiers: those that are not in the UI (whoever was to make one was
    killed, somebody deleted it) are made, some of them at each check, in turn. That of a closed case is
    made when it is asked for (bookmarks.py).
    """

    def __init__(self) -> None:
        self._after = ""

    def see_to(self) -> Iterator[str]:
        """Look through the next cases by number, and make what is missing."""
        with office.reading() as session:
            numbers = register.open_after(session, self._after, LOOKED_THROUGH)
        missing = presenting.without_page(numbers) if numbers else []
        for number in missing[:FILED]:
            presenting.dossier_page(number)
        if missing:
            yield f"已补上{len(missing[:FILED])}件申请的卷宗页面"
        seen = missing[FILED - 1] if len(missing) > FILED else (numbers[-1] if numbers else "")
        self._after = "" if len(numbers) < LOOKED_THROUGH and len(missing) <= FILED else seen


def _pool(client: SyncPrefectClient) -> Iterator[str]:
    """The work pool and its queues: there, at work, and with room for at least one run."""
    try:
        pool = client.read_work_pool(POOL)
    except ObjectNotFound:
        offer()
        yield "工作池被删除，已重新建立"
        return
    if pool.is_paused or pool.concurrency_limit == 0:
        client.update_work_pool(POOL, WorkPoolUpdate(is_paused=False, concurrency_limit=None))
        yield "工作池被暂停，已恢复"
    if pool.base_job_template != (ours := DeskWorker.get_default_base_job_template()):
        client.update_work_pool(POOL, WorkPoolUpdate(base_job_template=ours))
        yield "工作池的设置被改动，已恢复"
    here = {"work_pool_name": POOL}
    queues = client.request(
        "POST", "/work_pools/{work_pool_name}/queues/filter", path_params=here, json={}
    )
    for queue in queues.json():
        if queue["is_paused"] or queue["concurrency_limit"] == 0:
            client.request(
                "PATCH",
                "/work_pools/{work_pool_name}/queues/{name}",
                path_params=here | {"name": queue["name"]},
                json={"is_paused": False, "concurrency_limit": None},
            )
            yield f"工作队列“{queue['name']}”被暂停，已恢复"


def _deployments(client: SyncPrefectClient) -> Iterator[str]:
    """Every form under Deployments: there, at work, in our pool and of our code."""
    known = _known(client)
    missing = [name for name in OUR_FLOWS if name not in known]
    changed = [name for name, one in known.items() if not _ours(name, one)]
    if missing or changed:
        offer()
        lists.save_filters(
            client, lists.filters(office.circumstances(""))
        )  # gone, too, if all was lost
    yield from (f"表单“{name}”被删除，已重新建立" for name in missing)
    yield from (f"表单“{name}”的设置被改动，已恢复" for name in changed)
    for name, one in known.items():
        if one.paused:
            client.resume_deployment(one.id)
            yield f"表单“{name}”被暂停，已恢复"


def _known(client: SyncPrefectClient) -> dict[str, DeploymentResponse]:
    """Our deployments as they stand, by name."""
    return _named(client, OUR_FLOWS)


def _named(client: SyncPrefectClient, forms: Iterable[str]) -> dict[str, DeploymentResponse]:
    names = list(forms)
    found = client.read_deployments(
        flow_filter=FlowFilter(name=FlowFilterName(any_=names)),
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=names)),
    )
    return {one.name: one for one in found}


def _ours(name: str, one: DeploymentResponse) -> bool:
    in_pool = one.work_pool_name == POOL and one.work_queue_id is not None
    return in_pool and one.entrypoint == OUR_FLOWS[name]


# ── runs whose deployment or pool was deleted ──────────────────────────────────────────────────


def _orphans(client: SyncPrefectClient) -> Iterator[str]:
    """Runs that no worker will be given again, for their deployment or their pool is gone: what was
    submitted and answered in them goes on in a run of the deployment made anew.
    """
    known, flows = _known(client), _flows(client)
    whole = {one.id for one in known.values()}
    for run in _runs(client, UNENDED):
        if run.deployment_id in whole and run.work_queue_id is not None:
            continue
        home = known[flows[run.flow_id]]
        if (home.parameter_openapi_schema or {}).get("required") and not run.parameters:
            done: State[Any] = Completed(message="已办结，所填内容已清除")
            client.set_flow_run_state(run.id, done, force=True)
            continue
        _moved_to(client, run, home)
        yield f"“{run.name}”的办理流程因表单或者工作池被删除而中断，已接上"


def _renamed(client: SyncPrefectClient) -> Iterator[str]:
    """Forms are offered by today's name alone; what was under way in them has been moved."""
    for name, one in _named(client, FORMS).items():
        client.delete_deployment(one.id)
        yield f"表单“{name}”现称“{form_now(name)}”，未办完的已接上"


def _moved_to(client: SyncPrefectClient, run: FlowRun, home: DeploymentResponse) -> None:
    """The same run under another deployment: parameters, name, tags, forms and answers; its
    submission stays the one it was (desk.submission), so that nothing is recorded twice.
    """
    new = _made(client, home, run.parameters, run.name, run.tags, desk.continued(run))
    for one in desk.inputs(client, run.id):
        try:
            client.create_flow_run_input(new, one["key"], one["value"])
        except httpx.HTTPStatusError as refused:  # copied already, and killed before the end
            if refused.response.status_code != httpx.codes.CONFLICT:
                raise
    with office.writing() as session:
        refused_forms.asked_in(session, desk.submission_of(run), str(new))
    client.set_flow_run_state(new, anew(), force=True)
    if home.name == desk.HANDLE:
        presenting.see_to_page(str(run.parameters.get("number", "")), str(new))
    desk.discard(client, run.id)


def _made(
    client: SyncPrefectClient,
    home: DeploymentResponse,
    parameters: Mapping[str, Any],
    name: str,
    tags: list[str],
    key: str,
) -> UUID:
    """A run of a deployment, with what was accepted before: it is not judged by today's form. It
    does not begin until it is told to.
    """
    later = datetime.now(UTC) + timedelta(hours=1)
    return accepted_run(client, home, parameters, later, name=name, tags=tags, idempotency_key=key)


# ── forms that failed ──────────────────────────────────────────────────────────────────────────


def _forms_again(client: SyncPrefectClient) -> Iterator[str]:
    """Every form that an officer submitted and that failed starts again: at once, and the oftener it
    fails the later. What it has recorded already is known by its submission.
    """
    found = _runs(client, (*UNDONE, StateType.SCHEDULED))
    flows = _flows(client) if found else {}
    for run in found:
        name = flows[run.flow_id]
        by_clock = name in CLOCKED and (run.idempotency_key is not None or name == OUTBOX)
        if by_clock or name == desk.HANDLE:
            continue
        if run.state_type is StateType.SCHEDULED:
            if waits_for_a_past_clock(run):
                client.set_flow_run_state(run.id, anew(), force=True)
                yield f"时钟被拨回，“{run.name}”已重新排入"
        elif desk.due_again(client.read_flow_run_states(run.id)):
            client.set_flow_run_state(run.id, anew(), force=True)
            yield f"“{run.name}”没有办成，所填内容都在，已重新办理"


def _flows(client: SyncPrefectClient) -> dict[UUID, str]:
    """The names of our flows by their ids in Prefect."""
    ours = FlowFilter(name=FlowFilterName(any_=[*OUR_FLOWS, *FORMS]))
    return {flow.id: form_now(flow.name) for flow in client.read_flows(flow_filter=ours)}


def _refused_again(client: SyncPrefectClient) -> Iterator[str]:
    """Refused forms whose run was deleted are asked again in a run of their own; those whose run an
    officer has cancelled are given up, and so are those that are kept no longer.
    """
    with office.reading() as session:
        waiting = refused_forms.unsettled(session)
    for row in waiting:
        if letting_go.over(row):
            yield _given_up(client, row)
            continue
        try:
            run = client.read_flow_run(UUID(row.run))
        except ObjectNotFound:
            _ask_again(client, row)
            yield f"“{row.form}”（未办成）的办理流程被删除，已凭登记簿恢复"
            continue
        if run.state_type in (StateType.CANCELLED, StateType.COMPLETED):  # killed as it was done
            with office.writing() as session:
                refused_forms.settle(session, row.submission, office.now())
            lists.outdated()
        if run.state_type is StateType.CANCELLED:
            yield f"“{row.form}”（未办成）已由办理人取消，不再保留所填内容"


def _given_up(client: SyncPrefectClient, row: RefusedForm) -> str:
    """A form that nobody put right in its time: its run is cancelled, and what was typed goes."""
    with suppress(ObjectNotFound):
        client.set_flow_run_state(UUID(row.run), Cancelled(), force=True)
    with office.writing() as session:
        refused_forms.settle(session, row.submission, office.now())
    lists.outdated()
    until = written(letting_go.kept_until(row))
    return f"“{row.form}”（未办成）保留至{until}，无人更正，已取消，不再保留所填内容"


def _ask_again(client: SyncPrefectClient, row: RefusedForm) -> None:
    """A run in which the form is asked, filled in as it was: it is not tried before."""
    home = _known(client)[form_now(row.form)]
    key = f"{desk.CONTINUES}{row.submission}/{row.refused_at:%Y%m%d%H%M%S}"
    made = _made(client, home, refused_forms.typed(row), row.form, [], key)
    with office.writing() as session:
        refused_forms.asked_in(session, row.submission, str(made), 1)
    client.set_flow_run_state(made, anew(), force=True)
    lists.outdated()


def _runs(client: SyncPrefectClient, types: tuple[StateType, ...]) -> list[FlowRun]:
    """Runs of our flows in these states, oldest first."""
    states = FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types)))
    found: dict[UUID, FlowRun] = {}
    for offset in count(0, desk.PAGE):
        page = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[*OUR_FLOWS, *FORMS])),
            flow_run_filter=FlowRunFilter(state=states),
            sort=FlowRunSort.ID_DESC,
            limit=desk.PAGE,
            offset=offset,
        )
        found |= {run.id: run for run in page}
        if len(page) < desk.PAGE:
            break
    return sorted(found.values(), key=desk.age)
