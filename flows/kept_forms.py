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
