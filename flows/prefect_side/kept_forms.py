"""The forms as Prefect keeps them in its database: whose run, which pause, what it will validate.

Read and replaced in the server's own process, in one transaction each: over the API a form can only
be deleted and made again, and a run without its form cannot be resumed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

import sqlalchemy as sa
from prefect.server import models
from prefect.server.database import provide_database_interface
from prefect.server.schemas.filters import DeploymentFilter, FlowFilter, FlowRunFilter
from prefect.server.schemas.states import StateType
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from flows.path.desk import known_by
from flows.prefect_side.one_form import answered_form
from models.acts.former_words import form_now


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


async def let_go_answered(run: UUID) -> int:
    """Keep no form of a run that was answered already, but that there was one: what it asked is made
    from the register whenever it is asked. Returns how many were let go.
    """
    db = provide_database_interface()
    form = db.FlowRunInput
    size = sa.func.length(form.value).label("size")
    lengths = sa.select(form.key, size).where(form.flow_run_id == run)
    async with db.session_context(begin_transaction=True) as session:
        sizes = {one.key: one.size for one in await session.execute(lengths)}
        pauses = [found[1] for key in sizes if (found := ANSWER.match(key))]
        large = [one for one in pauses if sizes.get(schema_key(one), 0) > LET_GO]
        for pause in large:
            left = json.dumps(answered_form(pause), ensure_ascii=False)
            its = sa.update(form).where(form.flow_run_id == run, form.key == schema_key(pause))
            await session.execute(its.values(value=left))
    return len(large)


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


async def whose(run: UUID) -> str:
    """Whose form a run asks: the number of its case, or else the name of its form; "" of no run."""
    db = provide_database_interface()
    wanted = (
        sa.select(db.FlowRun.parameters, db.Flow.name)
        .join(db.Flow, db.Flow.id == db.FlowRun.flow_id)
        .where(db.FlowRun.id == run)
    )
    async with db.session_context() as session:
        found = (await session.execute(wanted)).one_or_none()
    return str((found[0] or {}).get("number") or found[1]) if found else ""


@dataclass(frozen=True)
class Offered:
    """A form to begin with: its name, and the form itself as Prefect keeps it."""

    form: str
    shown: dict[str, Any]


async def offered(deployment: UUID) -> Offered | None:
    """What a deployment offers; None if there is none, or one of another flow that took its name."""
    db = provide_database_interface()
    one = db.Deployment
    wanted = (
        sa.select(one.name, one.parameter_openapi_schema)
        .join(db.Flow, db.Flow.id == one.flow_id)
        .where(one.id == deployment, one.name == db.Flow.name)
    )
    async with db.session_context() as session:
        found = (await session.execute(wanted)).one_or_none()
    return Offered(form_now(found[0]), found[1] or {}) if found else None


async def deployment(form: str) -> UUID | None:
    """Which deployment offers a form to begin with; None if none does."""
    db = provide_database_interface()
    one = db.Deployment
    wanted = (
        sa.select(one.id)
        .join(db.Flow, db.Flow.id == one.flow_id)
        .where(one.name == form, db.Flow.name == form)
    )
    async with db.session_context() as session:
        found: UUID | None = (await session.execute(wanted)).scalars().first()
    return found


async def renew_offer(deployment: UUID, shown: dict[str, Any]) -> None:
    """Replace the form of a deployment: from now on this is what is submitted there must fit."""
    db = provide_database_interface()
    one = db.Deployment
    new = sa.update(one).where(one.id == deployment).values(parameter_openapi_schema=shown)
    async with db.session_context(begin_transaction=True) as session:
        await session.execute(new)


Kind = Literal["flow_runs", "flows", "deployments"]
FLOWS: Final[Kind] = "flows"
ENDED: Final = frozenset({StateType.COMPLETED, StateType.CANCELLED})
UNDONE: Final = frozenset({StateType.FAILED, StateType.CRASHED})
AT_ONCE: Final = 50  # Prefect deletes no more by one request
ANSWER: Final = re.compile("^suspended-(.+)-response$")
LET_GO: Final = 1_000  # characters: the forms that officers see have more


@dataclass(frozen=True)
class Run:
    """A run: of which form, its name, its state, the number of its case ("" if it has none), and the
    pauses at which it was answered.
    """

    form: str
    name: str = ""
    state: StateType | None = None
    number: str = ""
    answered: tuple[str, ...] = ()


async def doomed(kind: Kind, asked: UUID | Mapping[str, Any]) -> list[Run]:
    """The runs that would go if this were deleted: one by its id, or what Prefect finds by a filter.

    With a deployment go the runs that wait for their first start; with a flow goes all that is of
    it: named once, whatever runs it has.
    """
    db = provide_database_interface()
    async with db.session_context() as session:
        ids = [asked] if isinstance(asked, UUID) else await _found(session, kind, asked)
        if kind == FLOWS:
            names = sa.select(db.Flow.name).where(db.Flow.id.in_(ids))
            return [Run(form_now(name)) for name in (await session.execute(names)).scalars()]
        run, form = db.FlowRun, db.FlowRunInput
        which: sa.ColumnElement[bool] = run.id.in_(ids)
        if kind == "deployments":
            waits = (run.state_type == StateType.SCHEDULED, run.run_count == 0)
            which = sa.and_(run.deployment_id.in_(ids), *waits)
        wanted = sa.select(run.id, db.Flow.name, run.name, run.state_type, run.parameters)
        rows = (
            await session.execute(wanted.join(db.Flow, db.Flow.id == run.flow_id).where(which))
        ).all()
        keys = sa.select(form.flow_run_id, form.key).where(
            form.flow_run_id.in_([row[0] for row in rows])
        )
        answers = [
            (at, found[1])
            for at, key in (await session.execute(keys)).all()
            if (found := ANSWER.match(key))
        ]
    return [
        Run(
            form_now(flow),
            name,
            state,
            str((parameters or {}).get("number", "")),
            tuple(pause for at, pause in answers if at == id_),
        )
        for id_, flow, name, state, parameters in rows
    ]


async def _found(session: AsyncSession, kind: Kind, asked: Mapping[str, Any]) -> list[UUID]:
    """What Prefect would delete by a filter; nothing where it will turn the request away itself."""
    stored: Any = models  # decorated beyond what mypy can follow
    try:
        match kind:
            case "flow_runs":
                runs = FlowRunFilter.model_validate(asked.get(kind) or {})
                found = await stored.flow_runs.read_flow_runs(
                    session=session, flow_run_filter=runs, limit=AT_ONCE
                )
            case "deployments":
                offered = DeploymentFilter.model_validate(asked.get(kind) or {})
                found = await stored.deployments.read_deployments(
                    session=session, deployment_filter=offered, limit=AT_ONCE
                )
            case "flows":
                flows = FlowFilter.model_validate(asked.get(kind) or {})
                found = await stored.flows.read_flows(
                    session=session, flow_filter=flows, limit=AT_ONCE
                )
    except ValidationError:
        return []
    return [one.id for one in found]


@dataclass(frozen=True)
class Reasked:
    """A suspended run of a form to begin with: the form's name, what the run is known by
    (desk.known_by), the pause it is at, what it shows.
    """

    form: str
    submission: str
    pause: str
    shown: dict[str, Any]


async def reasked(run: UUID) -> Reasked | None:
    """The form that a run of a deployment asks again; None if it is not suspended, or has none."""
    at = await waiting(run)
    if at is None:
        return None
    db = provide_database_interface()
    runs, one = db.FlowRun, db.Deployment
    wanted = (
        sa.select(one.name, runs.idempotency_key)
        .join(one, one.id == runs.deployment_id)
        .where(runs.id == run)
    )
    async with db.session_context() as session:
        found = (await session.execute(wanted)).one_or_none()
    return found and Reasked(form_now(found[0]), known_by(run, found[1]), at.pause, at.shown)
