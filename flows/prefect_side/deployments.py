"""Which forms does the desk offer, and what does each ask? Our flows as Prefect is told of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, get_type_hints
from uuid import UUID

from prefect import Flow
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.utilities.callables import parameter_schema
from pydantic.fields import FieldInfo

from flows import office
from flows.installation.prefect_client import connected_later
from flows.path import signing
from flows.path.form_fields import OFFICER, asked_in
from flows.prefect_side import our_flows
from flows.prefect_side.lost_runs import POOL
from flows.prefect_side.worker import DeskWorker
from models.law.workdays import written


@dataclass(frozen=True)
class Deployment:
    """One flow as the desk offers it: its name in the UI and where the code is.

    `entrypoint` is a dotted path (`flows.path.application.handle`): nothing in Prefect's database
    depends on a folder of this machine. What is run is looked up by the name alone (our_flows.py).
    """

    name: str
    entrypoint: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listed:
    """A field of a form whose drop-down is what config/ lists when the form is made."""

    words: Callable[[], Iterable[str]]


async def ensure_pool(*, pool: str = POOL) -> None:
    """See to it that the work pool exists, and that nothing of its runs is to be set. One of another
    type, made by an earlier release, stays: the suspended runs hang on it, and our worker serves it.

    Several processes of one installation that start at once may all find none: one of them makes it,
    and the others take what it made.
    """
    template = DeskWorker.get_default_base_job_template()
    async with connected_later() as client:
        try:
            there = await client.read_work_pool(pool)
        except ObjectNotFound:
            wanted = WorkPoolCreate(name=pool, type=DeskWorker.type, base_job_template=template)
            with suppress(ObjectAlreadyExists):  # made meanwhile by another process
                await client.create_work_pool(wanted)
            there = await client.read_work_pool(pool)
        if there.base_job_template != template:
            await client.update_work_pool(pool, WorkPoolUpdate(base_job_template=template))


async def ensure_deployments(
    deployments: Iterable[Deployment], *, pool: str = POOL
) -> dict[str, UUID]:
    """Register the flows with the server, without `serve()`; again after every start is harmless.

    Returns the deployments' ids by name.
    """
    await ensure_pool(pool=pool)
    ids: dict[str, UUID] = {}
    async with connected_later() as client:
        for wanted in deployments:
            flow = our_flows.flow(wanted.name, {wanted.name: wanted.entrypoint})
            ids[wanted.name] = await client.create_deployment(
                flow_id=await client.create_flow(flow),
                name=wanted.name,
                description=wanted.description or flow.description,
                entrypoint=wanted.entrypoint,
                work_pool_name=pool,
                parameters=dict(wanted.parameters),
                parameter_openapi_schema=form_of(flow),
                enforce_parameter_schema=True,
                tags=list(wanted.tags),
            )
    return ids


def form_of(flow: Flow[..., Any]) -> dict[str, Any]:
    """The flow's parameters as a form: Prefect titles a field by its name, we by its `Field`, or by
    the act that asks it (flows/path/form_fields.py).
    """
    schema = parameter_schema(flow).model_dump(exclude_unset=True)
    hints = get_type_hints(flow.fn, include_extras=True)
    today = f"今天是{written(office.today())}"
    now = office.circumstances("")
    for name, entry in list(schema["properties"].items()):
        _optional(entry)
        if asked := asked_in(hints.get(name)):
            schema["properties"][name] = {**asked.entry(name, now), "position": entry["position"]}
        for note in getattr(hints.get(name), "__metadata__", ()):
            if isinstance(note, Listed):
                entry["enum"] = list(note.words())
                continue
            if isinstance(note, FieldInfo):
                said = {"title": note.title, "description": note.description}
                entry.update({key: words for key, words in said.items() if words})
    for entry in schema["properties"].values():
        if entry.get("format") == "date":
            entry["description"] = "　".join(filter(None, (entry.get("description"), today)))
    for said in schema.get("definitions", {}).values():
        said.pop("description", None)  # what the code says of it, to whom reads the code
    with office.reading() as session:
        by_pass = office.officers_log_in(session)  # the door says who it is (signing.py)
    listed = [one.name for one in office.agency().officers]
    if listed and not by_pass and OFFICER in schema["properties"]:
        schema["properties"][OFFICER]["enum"] = listed  # their roles: models/agency/officers.py
    return signing.required_or_left_out(flow.name, schema)


def _optional(entry: dict[str, Any]) -> None:
    """A value or none is a field to leave empty; the UI would offer "None" on a tab of its own."""
    choices = [each for each in entry.get("anyOf", ()) if each.get("type") != "null"]
    if len(choices) == 1:
        del entry["anyOf"], entry["default"]
        entry |= choices[0]
