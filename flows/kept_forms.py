"""The forms as Prefect keeps them in its database: whose run, which pause, what it will validate.

Read and replaced in the server's own process, in one transaction each: over the API a form can only
be deleted and made again, and a run without its form cannot be resumed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from prefect.server.database import provide_database_interface
from prefect.server.schemas.states import StateType


def schema_key(pause: str) -> str:
    """Under which key Prefect keeps the form of a pause."""
    return f"suspended-{pause}-schema"


@dataclass(frozen=True)
class KeptForm:
    """A form put up for a run, as it was last renewed; `number` = of its case, "" if it has none."""

    number: str
    shown: dict[str, Any]
    at: datetime


async def kept(run: UUID, key: str) -> KeptForm | None:
    """The form of a run under a key; None if there is none."""
    db = provide_database_interface()
    form, runs = db.FlowRunInput, db.FlowRun
    wanted = (
        sa.select(form.value, form.updated, runs.parameters)
        .join(runs, runs.id == form.flow_run_id)
        .where(form.flow_run_id == run, form.key == key)
    )
    async with db.session_context() as session:
        found = (await session.execute(wanted)).one_or_none()
    if found is None:
        return None
    value, at, parameters = found
    return KeptForm(str((parameters or {}).get("number", "")), json.loads(value), at)


async def renew(run: UUID, key: str, shown: dict[str, Any]) -> None:
    """Replace a form: from now on this is what an answer must fit."""
    db = provide_database_interface()
    form = db.FlowRunInput
    new = (
        sa.update(form)
        .where(form.flow_run_id == run, form.key == key)
        .values(value=json.dumps(shown, ensure_ascii=False), updated=datetime.now(UTC))
    )
    async with db.session_context(begin_transaction=True) as session:
        await session.execute(new)


@dataclass(frozen=True)
class Waiting:
    """A suspended run: the number of its case ("" if it has none), the pause it is at, its form."""

    number: str
    pause: str
    shown: dict[str, Any]


async def waiting(run: UUID) -> Waiting | None:
    """Where a run is suspended; None if it is not, or without a form."""
    db = provide_database_interface()
    runs, states, form = db.FlowRun, db.FlowRunState, db.FlowRunInput
    where = (
        sa.select(runs.parameters, states.type, states.state_details)
        .join(states, states.id == runs.state_id)
        .where(runs.id == run)
    )
    async with db.session_context() as session:
        found = (await session.execute(where)).one_or_none()
        if found is None or found[1] != StateType.PAUSED:
            return None
        parameters, _, details = found
        pause = str(details.pause_key or "")
        key = schema_key(pause)
        what = sa.select(form.value).where(form.flow_run_id == run, form.key == key)
        value = (await session.execute(what)).scalar_one_or_none()
    if value is None:
        return None
    return Waiting(str((parameters or {}).get("number", "")), pause, json.loads(value))


@dataclass(frozen=True)
class Offered:
    """A flow as it is offered to begin with: where its code is, and its form as Prefect keeps it."""

    entrypoint: str
    shown: dict[str, Any]


async def offered(deployment: UUID) -> Offered | None:
    """What a deployment offers; None if there is none."""
    db = provide_database_interface()
    one = db.Deployment
    wanted = sa.select(one.entrypoint, one.parameter_openapi_schema).where(one.id == deployment)
    async with db.session_context() as session:
        found = (await session.execute(wanted)).one_or_none()
    return Offered(found[0] or "", found[1] or {}) if found else None


async def renew_offer(deployment: UUID, shown: dict[str, Any]) -> None:
    """Replace the form of a deployment: from now on this is what is submitted there must fit."""
    db = provide_database_interface()
    one = db.Deployment
    new = sa.update(one).where(one.id == deployment).values(parameter_openapi_schema=shown)
    async with db.session_context(begin_transaction=True) as session:
        await session.execute(new)
