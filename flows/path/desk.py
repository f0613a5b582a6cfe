"""Keeps Prefect in step with the register: one living run per open case; names and tags.

The register is the truth: whatever Prefect has lost or mixed up is put right from it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Completed

from flows import office
from flows.installation.prefect_client import connected
from flows.prefect_side import lost_runs, stretch
from flows.prefect_side.lost_runs import anew
from flows.shown import lists
from models.case.case import Case
from models.case.stage import Stage
from models.register import numbers_meant, register
from models.store.tables import Application

LOG = logging.getLogger(__name__)
HANDLE = "办理申请"
IN_MOTION = {StateType.PENDING, StateType.RUNNING}
LIVING = {StateType.SCHEDULED, StateType.PAUSED, *IN_MOTION}
FAILED = {StateType.FAILED, StateType.CRASHED}
PAGE = 200
CONTINUES = "continues:"
RESUMING = "Resuming"  # how Prefect calls the state of a run whose form was just answered
GRACE = timedelta(minutes=2)  # while a worker is at work: no stretch of a case takes longer
NO_GRACE = timedelta(0)
LONGEST = 10  # times that the pause before another try is doubled, from a minute
HANDLE_ONLY = FlowFilter(name=FlowFilterName(any_=[HANDLE]))  # its deployment may be deleted


def this_run() -> str | None:
    """The id of the run we are in; None outside Prefect."""
    context = stretch.under_way()
    return str(context.flow_run.id) if context and context.flow_run else None


def submitted_on() -> date:
    """The day on which the form that this run is doing was submitted: not that of a later try."""
    context = stretch.under_way()
    run = context.flow_run if context else None
    if run is None or run.created is None:
        return office.today()
    if office.day_of(run.created) == office.today() and submission_of(run) == str(run.id):
        return office.today()  # no need to ask
    return min(office.today(), office.day_of(submitted_at()))


def submitted_at() -> datetime:
    """The moment, in UTC, at which the form that this run is doing was submitted: its code was right
    then, and the door took it. Where the clock was set back since, it lies ahead of now.
    """
    context, taken_up = stretch.under_way(), stretch.TAKEN_UP.get()
    run = context.flow_run if context else None
    if run is None or run.created is None:
        return office.now()
    return taken_up.timestamp if taken_up and is_answered() else _submitted(run)


def is_answered() -> bool:
    """Whether this run was taken up for an answer to its form, as it is known without asking."""
    taken_up = stretch.TAKEN_UP.get()
    return taken_up is not None and taken_up.name == RESUMING


def _submitted(run: FlowRun) -> datetime:
    """When the last answer was given, or the run begun, or that for which it goes on."""
    before = UUID(submission_of(run))
    with connected() as client:
        states = client.read_flow_run_states(run.id)
        earlier = client.read_flow_run_states(before) if before != run.id else []
    begun = min((state.timestamp for state in earlier), default=run.created or office.now())
    return max([begun, *(one.timestamp for one in (*earlier, *states) if one.name == RESUMING)])


def submission() -> str | None:
    """What the form that this run is doing is known by, wherever it is recorded; None outside
    Prefect. A run that goes on for another (`continued`) does the form of that one.
    """
    context = stretch.under_way()
    if context is None or context.flow_run is None:
        return None
    return submission_of(context.flow_run)


def submission_of(run: FlowRun) -> str:
    """What the form of a run is known by."""
    return known_by(run.id, run.idempotency_key)


def known_by(run: UUID, key: str | None) -> str:
    """The same, of a run by its id and its key."""
    mark, _, rest = (key or "").partition(CONTINUES)
    return rest.partition("/")[0] if not mark and rest else str(run)


def continued(run: FlowRun) -> str:
    """The key of the run that goes on for this one; asked twice, there is one."""
    return f"{CONTINUES}{submission_of(run)}/{run.id}"


def show(number: str) -> None:
    """Bring the name and tags of the case's run, in which we are, in line with the case."""
    row = _row(number)
    _rename(lists.title(row), _tags(row))


def name_registration(number: str) -> None:
    """Say in the name of this run which application it has registered; it is on no list."""
    _rename(f"登记　{lists.title(_row(number))}", [])


def _rename(name: str, tags: list[str]) -> None:
    context = stretch.under_way()
    run = context.flow_run if context else None
    if run is not None and (run.name != name or set(run.tags) != set(tags)):
        with connected() as client:
            client.update_flow_run(run.id, name=name, tags=tags)


def _row(number: str) -> Application:
    with office.reading() as session:
        return register.row(session, number)


def _tags(row: Application) -> list[str]:
    return lists.tags(row, office.circumstances(""))


def forget_parameters() -> None:
    """Take the submitted form out of Prefect's database: it holds identity and contact, sealed.

    A second lock: the key and Prefect's database lie in one folder where nobody moves them apart.
    """
    run = this_run()
    if run is not None:
        with connected() as client:
            client.update_flow_run(UUID(run), parameters={})


def put_on_desk(case: Case) -> UUID:
    """Give a case its run, if it has none that lives; asked twice, there is still one. The form of
    a point that is past is replaced.
    """
    with connected() as client:
        runs = runs_of(client, case.number)
        living = _first_living(runs)
        if living and is_past(living, case.position):
            start_again(client, living)
        made = living.id if living else restored(client, _row(case.number), runs)
    lists.outdated()
    return made


def follow(case: Case) -> None:
    """Bring the desk to what was recorded on a page of ours. It is recorded: where the server is away,
    the minute's check renews the form.
    """
    try:
        put_on_desk(case)
    except httpx.HTTPError as away:
        LOG.warning("%s 的表单稍后更新：%s", case.number, type(away).__name__)


def stand(case: Case) -> None:
    """The desk as a case stands once a step was undone: on it, or off it where it is closed again."""
    if case.stage is not Stage.CLOSED:
        put_on_desk(case)
        return
    with connected() as client:
        living = _first_living(runs_of(client, case.number))
        if living and is_past(living, case.position):
            start_again(client, living)  # from its top it finds the case closed, and ends
    lists.outdated()


def restored(client: SyncPrefectClient, row: Application, ended: Sequence[FlowRun]) -> UUID:
    """The case's run, started again if it has ended: an answer that it was given, and could not
    record, is kept with it. Made, if there is none; by whoever asks first, if several do.
    """
    if ended:
        start_again(client, ended[-1])
        return ended[-1].id
    deployment = client.read_deployment_by_name(f"{HANDLE}/{HANDLE}")
    made = client.create_flow_run_from_deployment(
        deployment.id,
        parameters={"number": row.number},
        name=lists.title(row),
        tags=_tags(row),
        idempotency_key=row.number,
    )
    return made.id


def discard(client: SyncPrefectClient, run: UUID) -> None:
    """Delete a run of which nothing is needed any more. It is ended, and holds nothing, before: the
    door lets no other go (held_runs.py).
    """
    done: State[Any] = Completed(message="由同一事项的另一个流程接续办理")
    client.set_flow_run_state(run, done, force=True)
    for one in inputs(client, run):
        client.delete_flow_run_input(run, one["key"])
    client.delete_flow_run(run)


def inputs(client: SyncPrefectClient, run: UUID) -> list[Mapping[str, Any]]:
    """The forms put up in a run, and their answers."""
    asked = {"prefix": "", "limit": PAGE}
    found = client.request(
        "POST", "/flow_runs/{id}/input/filter", path_params={"id": run}, json=asked
    )
    return list(found.json())


def due_again(states: Sequence[State[Any]]) -> bool:
    """Whether an ended run of an open case starts again now: at once, but the more often it has
    failed since its last form, the later (at most 17 hours), so that a fault in the program does not
    fill Prefect's database.
    """
    since_form = takewhile(_same_try, reversed(states))
    failed = [state for state in since_form if state.type in FAILED]
    if len(failed) <= 1:
        return True
    pause = timedelta(minutes=2 ** min(len(failed) - 1, LONGEST))
    return not lost_runs.is_recent(failed[0], datetime.now(UTC) - pause)


def _same_try(state: State[Any]) -> bool:
    """Whether a state came after the last form, and after the register was last away: no fault of
    what is run.
    """
    return state.type is not StateType.PAUSED and state.message != lost_runs.REGISTER_AWAY


def is_recent(run: FlowRun, after: datetime) -> bool:
    """Whether the run came into its state since that moment."""
    assert run.state is not None
    return lost_runs.is_recent(run.state, after)


def _position(run: FlowRun) -> int | None:
    """The position in the case's history that a suspended run's form is for."""
    key = run.state.state_details.pause_key if run.state else None
    place = (key or "").partition("-")[0]
    return int(place) if place.isdigit() else None


def is_past(run: FlowRun, position: int) -> bool:
    """Whether a run is suspended at another point than where its case stands."""
    return run.state_type is StateType.PAUSED and _position(run) != position


def start_again(client: SyncPrefectClient, run: FlowRun) -> None:
    """Let a run start from its top: it reads the register and asks what is to be asked."""
    client.set_flow_run_state(run.id, anew(), force=True)


def age(run: FlowRun) -> datetime:
    return run.created or datetime.max.replace(tzinfo=UTC)


def runs_of(client: SyncPrefectClient, number: str) -> list[FlowRun]:
    """All runs of one case, ended ones too, oldest first."""
    found = client.read_flow_runs(
        flow_run_filter=FlowRunFilter(tags=FlowRunFilterTags(all_=[number])),
        flow_filter=HANDLE_ONLY,
    )
    return sorted(found, key=age)


def next_run(begun: UUID) -> str:
    """The run in which the form stands that comes after the registration done in this one; "" if
    there is none.
    """
    with connected() as client:
        try:
            submission = submission_of(client.read_flow_run(begun))
        except ObjectNotFound:
            return ""
        with office.reading() as session:
            number = numbers_meant.taken_in(session, submission)
        found = run_of(client, number) if number else None
    return str(found.id) if found else ""


def run_of(client: SyncPrefectClient, number: str) -> FlowRun | None:
    """The living run of a case, if it has one."""
    return _first_living(runs_of(client, number))


def _first_living(runs: Sequence[FlowRun]) -> FlowRun | None:
    return next((run for run in runs if run.state_type in LIVING), None)
