"""Which runs begin again? Those that nobody works on any more: put back, and asked from their top."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import anyio.to_thread
from prefect.client.orchestration import PrefectClient, SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.states import Scheduled

from flows import office
from flows.installation.prefect_client import connected_later
from flows.prefect_side.in_hand import in_hand

POOL = "disclosure"
REGISTER_AWAY = "登记簿暂时不能使用，等待后重新办理"


def anew(why: str = "重新排入办理队列") -> State[Any]:
    """The state in which a run starts again from its top."""
    return Scheduled(message=why)


async def put_back(client: PrefectClient, run: UUID, why: str = "重新排入办理队列") -> None:
    """Let a run start again from its top: it reads the register and asks what is to be asked."""
    await client.set_flow_run_state(run, anew(why), force=True)


def accepted_run(
    client: SyncPrefectClient,
    home: DeploymentResponse,
    parameters: Mapping[str, Any],
    begins: datetime,
    **more: Any,
) -> UUID:
    """A run of a deployment with what was accepted before: no door judges it by today's form.

    more = its name, tags, idempotency key
    """
    body = {
        "flow_id": str(home.flow_id),
        "deployment_id": str(home.id),
        "work_pool_name": POOL,
        "parameters": parameters,
        "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": begins.isoformat()}},
        **more,
    }
    return UUID(client.request("POST", "/flow_runs/", json=body).json()["id"])


async def put_back_lost_runs(
    *, before: datetime, pool: str = POOL, held: Collection[UUID] = ()
) -> list[UUID]:
    """Put back the runs that nobody works on: Pending, Running or Crashed since before this moment.

    A killed worker or server leaves such runs: Crashed, if the server was gone when the run was to
    begin. What they do is done once however often they begin: a submission is known by its run.
    held = those that a worker has in hand; what others have the register's database says, where there
    are several (in_hand.py): while it is away, none is known to be lost. Where there is one, call it
    with `before=now` ahead of starting it, and with a few minutes' grace while it is at work.
    """
    async with connected_later() as client:
        unfinished = await client.read_flow_runs(
            flow_run_filter=in_state(StateType.PENDING, StateType.RUNNING, StateType.CRASHED),
            work_pool_filter=of_pool(pool),
        )
        lost = [
            run.id
            for run in unfinished
            if run.id not in held and run.state and not is_recent(run.state, before)
        ]
        try:
            at_work = await anyio.to_thread.run_sync(in_hand, lost)
        except office.REGISTER_FAULTS:
            return []
        lost = [run for run in lost if run not in at_work]
        for run in lost:
            await put_back(client, run)
    return lost


def is_recent(state: State[Any], after: datetime) -> bool:
    """Whether a run came into this state since that moment; one that lies ahead of the clock is from
    before the clock was set back.
    """
    return after <= state.timestamp <= datetime.now(UTC) + office.CLOCKS_DIFFER


def waits_for_a_past_clock(run: FlowRun) -> bool:
    """Whether a run that is to start now waits for a time that was now before the clock was set
    back.
    """
    state = run.state
    return (
        state is not None
        and state.type is StateType.SCHEDULED
        and state.timestamp > datetime.now(UTC) + office.CLOCKS_DIFFER
    )


def in_state(*types: StateType) -> FlowRunFilter:
    return FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types))))


def of_pool(pool: str) -> WorkPoolFilter:
    return WorkPoolFilter(name=WorkPoolFilterName(any_=[pool]))
