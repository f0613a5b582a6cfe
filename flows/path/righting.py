"""Has every open case exactly one living run, at its point? What Prefect has lost or mixed up is put
right from the register: of all cases, or of some.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Final
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort

from flows import office
from flows.installation.prefect_client import connected
from flows.path import desk
from flows.path.desk import HANDLE_ONLY, IN_MOTION, LIVING, PAGE
from flows.prefect_side import lost_runs
from flows.prefect_side.in_hand import in_hand
from flows.shown import lists
from models.case.act import Circumstances
from models.case.stage import Stage
from models.register import numbers_meant, register
from models.store.tables import Application

ON_THEIR_WAY: Final = 100
"""Runs that go to their forms at one time after a desk was lost: whoever submits meanwhile waits behind
them, about as long as from one check of the minute to the next.
"""


def put_right(*, grace: timedelta) -> list[str]:
    """Give every open case exactly one living run at its point; what was done, as sentences.

    What can be wrong: no run, or only ended ones (Prefect's database was lost, a run crashed or was
    cancelled by mistake); a run in motion that nobody moves (its worker was killed, or its resume
    was lost): one whose state is older than `grace` (GRACE; NO_GRACE only when no worker is at
    work); a form of a point that is past; two runs; name or tags that a new day or calendar has
    made untrue (not told). An answer that Prefect accepted is kept: the run starts again from its
    top and finds it.
    """
    return look_through(grace=grace).done


@dataclass
class Righted:
    """What was put right, as sentences; which cases are to be looked at again, for they are on their way;
    how many of those that are open have no living run, having failed again and again; left = how many
    more have none, and get theirs once those before them are at their forms.
    """

    done: list[str] = field(default_factory=list)
    again: set[str] = field(default_factory=set)
    without: int = 0
    left: int = 0


def look_through(*, grace: timedelta) -> Righted:
    """All open cases put right (put_right), those first whose last day comes first, and the lists. Of
    those that have no run so many as may be on their way (ON_THEIR_WAY): where Prefect's database was
    lost that is every case, and the office opens with the most pressing of them.
    """
    with office.reading() as session:
        rows = sorted(register.applications(session, is_open=True), key=_pressing)
    with connected() as client:
        look, runs = _Look(client, grace), _living(client)
        room = ON_THEIR_WAY - len(moving(client))
        for row in rows:
            mine = runs.pop(row.number, [])
            if mine or room > 0:
                righted = look.at_open(row, mine)
                room -= righted and not mine
            else:
                look.found.left += 1
        for number, left in runs.items():
            look.at_closed(number, left)
        lists.renew_afresh(client)
    if look.found.left:
        look.found.done.append(
            f"还有{look.found.left}件未办结的申请陆续放回办理队列，届满日早的在前"
        )
    return look.found


def _pressing(row: Application) -> date:
    """The last day of its limit; what has none just now waits for others, and comes after all."""
    return row.last_day or date.max


def look_at(numbers: Collection[str], *, grace: timedelta) -> Righted:
    """These cases put right, open or closed; a number that the register does not know is passed over."""
    with office.reading() as session:
        rows = [register.row(session, one) for one in numbers_meant.known(session, [*numbers])]
    with connected() as client:
        look = _Look(client, grace)
        for row in rows:
            living = [run for run in desk.runs_of(client, row.number) if run.state_type in LIVING]
            if row.stage == Stage.CLOSED:
                look.at_closed(row.number, living)
            else:
                look.at_open(row, living)
    return look.found


def living(client: SyncPrefectClient) -> int:
    """How many living runs all cases have together."""
    return client.count_flow_runs(flow_run_filter=_in(LIVING), flow_filter=HANDLE_ONLY)


def moving(client: SyncPrefectClient) -> set[str]:
    """The cases whose runs are not at a form: some, if they are many (PAGE)."""
    on_their_way = _in(LIVING - {StateType.PAUSED})
    found = client.read_flow_runs(flow_run_filter=on_their_way, flow_filter=HANDLE_ONLY, limit=PAGE)
    return {str(run.parameters.get("number", "")) for run in found}


def _in(states: Collection[StateType]) -> FlowRunFilter:
    types = FlowRunFilterStateType(any_=sorted(states))
    return FlowRunFilter(state=FlowRunFilterState(type=types))


class _Look:
    """A look at some cases with their living runs, and what it has put right."""

    def __init__(self, client: SyncPrefectClient, grace: timedelta) -> None:
        self._client, self._before = client, datetime.now(UTC) - grace
        self._as_it_is, self.found = office.circumstances(""), Righted()

    def at_open(self, row: Application, mine: list[FlowRun]) -> bool:
        """One that is open; whether something of it was put right."""
        waits = len(mine) == 1 and mine[0].state_type is StateType.PAUSED
        if not waits or desk.is_past(mine[0], row.position):
            self.found.again.add(row.number)
        done = [*_righted(self._client, row, mine, self._before)]
        self.found.done += done
        self.found.without += not mine and not done
        for run in mine:
            _retitled(self._client, run, row, self._as_it_is)
        return bool(done)

    def at_closed(self, number: str, left: list[FlowRun]) -> None:
        """One that is closed."""
        if left:
            self.found.again.add(number)
        for run in left:
            if run.state_type is StateType.PAUSED and not desk.is_recent(run, self._before):
                desk.start_again(self._client, run)
                self.found.done.append(f"{number} 已办结，收起其表单")


def _retitled(
    client: SyncPrefectClient, run: FlowRun, row: Application, now: Circumstances
) -> None:
    """Name and tags as they are to be today."""
    name, tags = lists.title(row), lists.tags(row, now)
    if run.state_type is StateType.PAUSED and (run.name != name or set(run.tags) != set(tags)):
        client.update_flow_run(run.id, name=name, tags=tags)


def _righted(
    client: SyncPrefectClient, row: Application, living: list[FlowRun], before: datetime
) -> Iterator[str]:
    """One open case put right."""
    number = row.number
    if not living:
        if _went_on(row):
            return
        ended = desk.runs_of(client, number)
        if not ended or desk.due_again(client.read_flow_run_states(ended[-1].id)):
            desk.restored(client, row, ended)
            yield f"{number} 已重新放回办理队列"
        return
    # A run in motion may hold an answer that is not yet recorded: it is the one to keep.
    kept, *others = sorted(living, key=lambda run: run.state_type is StateType.PAUSED)
    for extra in others:
        if extra.state_type is StateType.PAUSED:
            desk.discard(client, extra.id)
            living.remove(extra)
            yield f"{number} 有多个办理流程，已保留其中一个"
    if desk.is_recent(kept, before):
        return
    unmoved = kept.state_type in IN_MOTION and not in_hand([kept.id])
    stuck = unmoved or lost_runs.waits_for_a_past_clock(kept)
    past = desk.is_past(kept, row.position)
    if stuck or past:
        desk.start_again(client, kept)
        yield f"{number} 的办理流程停滞，已重新开始" if stuck else f"{number} 的表单已过时，已更换"


def _went_on(row: Application) -> bool:
    """Whether something was recorded of the case since its row was read: then its run may have ended as
    it should, after that.
    """
    with office.reading() as session:
        return register.row(session, row.number).position != row.position


def _living(client: SyncPrefectClient) -> dict[str, list[FlowRun]]:
    """The living runs of 办理申请 by case number, oldest first."""
    found: dict[UUID, FlowRun] = {}  # by id: a page may repeat runs of the one before it
    for offset in count(0, PAGE):
        page = client.read_flow_runs(
            flow_run_filter=_in(LIVING),
            flow_filter=HANDLE_ONLY,
            sort=FlowRunSort.ID_DESC,
            limit=PAGE,
            offset=offset,
        )
        found |= {run.id: run for run in page}
        if len(page) < PAGE:
            break
    by_number: dict[str, list[FlowRun]] = defaultdict(list)
    for run in sorted(found.values(), key=desk.age):
        by_number[str(run.parameters.get("number", ""))].append(run)
    return by_number
