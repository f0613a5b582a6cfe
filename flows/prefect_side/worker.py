"""A Prefect worker that runs flows in its own warm process.

A stock worker starts a new Python for every stretch between two forms, and the officer waits 5 to
10 seconds after Submit. This one has everything imported, is told when a form was taken (wake.py),
and looks for itself once a second, or every ten where it is told of all. Subclassing `BaseWorker` is
Prefect's documented extension point.

A run goes from Scheduled straight to Running: Pending and Submitting tell several workers of a pool
who has taken it, which costs two requests; ours know it by the register's database (in_hand.py). What
was begun is known by its state, so that nothing is begun twice.

`limit` stays unset on purpose: Prefect's own limiter fails ("this borrower is already holding")
when a run is resumed before its last stretch has been let go. `CONCURRENCY` bounds us instead.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import anyio
import anyio.abc
import anyio.to_thread
import httpx
from prefect import Flow
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowRunFilterNextScheduledStartTime,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.events import Event
from prefect.exceptions import Abort, ObjectNotFound, Pause
from prefect.results import aget_default_result_storage
from prefect.settings import temporary_settings
from prefect.states import Completed, Failed
from prefect.workers.base import (
    BaseJobConfiguration,
    BaseVariables,
    BaseWorker,
    BaseWorkerResult,
)
from sqlalchemy.exc import DBAPIError
from typing_extensions import override

from flows import office
from flows.prefect_side import in_hand, our_flows, stretch
from flows.prefect_side.lost_runs import (
    REGISTER_AWAY,
    in_state,
    of_pool,
    put_back,
    put_back_lost_runs,
)
from flows.prefect_side.our_flows import OUR_FLOWS, NotOurs
from flows.prefect_side.wake import ALONE, TAKEN
from models.errors import DisclosureError

WORKER = "disclosure"
CONCURRENCY = 4
IN_HAND = 2 * CONCURRENCY
"""Runs taken up and not yet at their next form: the others wait their turn."""
LOOKED_AT = 10 * IN_HAND  # of those that wait: the first may all be in the hands of other workers
POLL_SECONDS = 1.0
CALM_SECONDS = 10.0  # between two looks, where whatever waits is told (wake.py)
AGAIN_SECONDS = 0.3  # before the first new try while server or register is away
BEFOREHAND = office.CLOCKS_DIFFER
"""So long before its time a run is taken up: by the server's clock, which may be ahead, it is due."""
REMEMBERED = 1000  # of the runs begun last, with the state they were begun from
LONGEST_PAUSE_SECONDS = 30.0  # between two tries while the register is away
LOST_SECONDS = 5.0  # between taking a run and having it in hand less than one passes
SERVER_FAULT = 500
SIGN_OF_LIFE_SECONDS = 20.0  # Prefect calls a pool not ready after 60


class DeskConfiguration(BaseJobConfiguration):
    """What one stretch of work needs of Prefect: nothing that would have to be asked for."""

    @classmethod
    @override
    async def resolve_for_flow_run(cls, *_: Any, **_named: Any) -> DeskConfiguration:
        """The same for every run."""
        return cls()


class DeskWorker(BaseWorker[DeskConfiguration, BaseVariables, BaseWorkerResult]):
    """Runs synchronous flows in threads of its own process, one stretch at a time per run.

    ours = the flows that it runs, by name: no other, whatever a deployment says
    beside = whether it works beside the office's own, and leaves all but these to that one
    """

    type = "disclosure"
    job_configuration = DeskConfiguration
    lost = "不能使用登记簿"  # as it is said of a run that is put back
    _display_name = "依申请公开"
    _description = "在本进程内运行流程，提交表单后不到一秒即出现下一张表单。"

    @classmethod
    @override
    def get_default_base_job_template(cls) -> dict[str, Any]:
        """Nothing of a run is to be set. Prefect's server holds the schema of the variables against that
        of all schemas whenever a run is begun: the shorter, the sooner.
        """
        return {"job_configuration": {"name": None}, "variables": {"type": "object"}}

    def __init__(
        self,
        *given: Any,
        ours: Mapping[str, str] = OUR_FLOWS,
        beside: bool = False,
        **named: Any,
    ) -> None:
        super().__init__(*given, **named)
        self._ours = ours
        its = DeploymentFilter(name=DeploymentFilterName(any_=[*ours]))
        self._looked_for = its if beside else None
        self._told_of_all, self._next_look = False, 0.0

    async def start(
        self,
        run_once: bool = False,
        with_healthcheck: bool = False,
        printer: Callable[..., None] = print,
    ) -> None:
        """Work until cancelled.

        Heartbeats are off: a stretch lasts a fifth of a second, and each heartbeat thread would
        hold it up for a whole one at its end.
        """
        ours = {"worker.query_seconds": POLL_SECONDS, "flows.heartbeat_frequency": None}
        with temporary_settings(ours):
            await super().start(run_once, with_healthcheck, printer)

    async def setup(self) -> None:
        """Prepare the worker; called by Prefect as it starts."""
        self._threads = anyio.CapacityLimiter(CONCURRENCY)
        self._connections = stretch.Connections()
        self._hands = in_hand.hands()
        self._flows: dict[UUID, Flow[..., Any]] = {}
        self._turns: defaultdict[UUID, anyio.Lock] = defaultdict(anyio.Lock)
        self._begun: dict[UUID, UUID | None] = {}  # from which state each run was begun last
        self._more_wait = False
        self._losses: Counter[UUID] = Counter()
        self._next_sign_of_life = 0.0
        self._listening = anyio.CancelScope()
        await super().setup()
        assert self._runs_task_group is not None
        self._runs_task_group.start_soon(self._listen)

    async def teardown(self, *exc_info: Any) -> None:
        """Stop; called by Prefect at the end."""
        self._listening.cancel()
        await super().teardown(*exc_info)
        self._connections.close()
        self._hands.close()

    async def _listen(self) -> None:
        """Look for work the moment a form was taken; whatever stands in the way of being told, the
        next look finds it.
        """
        seen, path = "", TAKEN
        route: Any = path  # none of Prefect's own
        with self._listening:
            while True:
                try:
                    told = await self.client.request("GET", route, params={"seen": seen})
                    self._told_of_all = ALONE in told.headers
                    if told.text != seen:
                        seen = told.text
                        await self._look()
                except httpx.HTTPError:
                    self._told_of_all = False
                    await anyio.sleep(POLL_SECONDS)

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """Look for work, and take it.

        Prefect's own question writes to its database every time it is asked; on SQLite, asked
        three times a second, these writes stood in the way of Submit ("database is locked", 503).
        So it is put only to show that we are here.
        """
        now = anyio.current_time()
        if now >= self._next_sign_of_life:
            self._next_sign_of_life = now + SIGN_OF_LIFE_SECONDS
            await self._give_sign_of_life()
            await self._take_up_lost_runs()
        if self._told_of_all and now < self._next_look:
            return []
        return await self._look()

    async def _look(self) -> list[FlowRun]:
        """Take up what waits, longest first, as much as there is room for."""
        if not self._has_successfully_synced:
            return []
        self._more_wait = not self._room()
        if self._more_wait:
            return []
        now = FlowRunFilterNextScheduledStartTime(before_=datetime.now(UTC) + BEFOREHAND)
        try:
            found = await self.client.read_flow_runs(
                flow_run_filter=in_state(StateType.SCHEDULED).model_copy(
                    update={"next_scheduled_start_time": now}
                ),
                work_pool_filter=of_pool(self._work_pool_name),
                deployment_filter=self._looked_for,
                sort=FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC,
                limit=LOOKED_AT if self._hands.shared else 2 * IN_HAND,
            )
        except httpx.TransportError:
            self._next_sign_of_life = 0.0  # the server was away: look for what it lost
            raise
        new = [run for run in found if run.deployment_id and self._is_new(run)]
        self._more_wait = len(new) > self._room()
        taken = [
            run for run in new if self._room() and self._is_new(run) and await self._take_up(run)
        ]
        passed_over = len(taken) < len(new)  # by one who may be killed: nothing would tell of that
        self._next_look = 0.0 if passed_over else anyio.current_time() + CALM_SECONDS
        return taken

    async def _take_up(self, run: FlowRun) -> bool:
        """Begin a run, unless another worker has it or was quicker: it is as it was, then."""
        assert self._runs_task_group is not None
        self._turns[run.id]  # in hand from here on
        self._remember(run)
        ours = False
        try:
            ours = not self._hands.shared or await self._is_ours(run)
        finally:
            if not ours:
                self._begun.pop(run.id, None)
                self._put_down(run)
        if ours:
            self._runs_task_group.start_soon(self._submit_run, run)
        return ours

    async def _is_ours(self, run: FlowRun) -> bool:
        """Whether no other worker has a run, and it stands where it was found."""
        if not await anyio.to_thread.run_sync(self._hands.take, run.id):
            return False
        due = False
        try:
            due = await self._is_due(run)
        finally:
            if not due:
                await self._let_go(run)
        return due

    async def _let_go(self, run: FlowRun) -> None:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self._hands.let_go, run.id)

    def _put_down(self, run: FlowRun) -> None:
        """It is in hand no more, unless a stretch of it is at work still."""
        turn = self._turns.get(run.id)
        if turn is not None and not turn.locked():
            del self._turns[run.id]

    def _is_new(self, run: FlowRun) -> bool:
        """Whether a run was not begun from this state: an answer of the server may be older than
        what was done since it was asked.
        """
        return self._begun.get(run.id) != run.state_id

    def _remember(self, run: FlowRun) -> None:
        self._begun.pop(run.id, None)
        self._begun[run.id] = run.state_id
        while len(self._begun) > REMEMBERED:
            del self._begun[next(iter(self._begun))]

    def _room(self) -> int:
        """How many runs more may be taken up. All that waits at once would keep each from its end:
        230 runs taken up together did not come to one form in minutes, and a restart began anew.
        """
        return max(0, IN_HAND - len(self._turns))

    async def _give_sign_of_life(self) -> None:
        """Ask as a worker of Prefect's does, which shows that there is one."""
        try:
            await self.client.request(
                "POST",
                "/work_pools/{name}/get_scheduled_flow_runs",
                path_params={"name": self._work_pool_name},
                json={"scheduled_before": datetime.now(UTC).isoformat(), "limit": 1},
            )
        except httpx.HTTPStatusError as refused:
            if refused.response.status_code != httpx.codes.NOT_FOUND:
                raise
            # the pool was deleted: the minute's check makes it again

    async def _take_up_lost_runs(self) -> None:
        """Let the runs start again that are in motion and not in our hands: nobody else's either.

        The server was killed when it should have noted how far they were.
        """
        before = datetime.now(UTC) - timedelta(seconds=LOST_SECONDS)
        pool = self._work_pool_name
        for run in await put_back_lost_runs(before=before, pool=pool, held={*self._turns}):
            self._logger.warning("停滞的流程已重新排入：%s", run)

    @override
    async def _submit_run(self, flow_run: FlowRun) -> None:
        """Begin a run; Prefect notes one that could not begin as crashed."""
        assert self._runs_task_group is not None
        await self._runs_task_group.start(self._submit_run_and_capture_errors, flow_run)

    @override
    async def _submit_run_and_capture_errors(
        self,
        flow_run: FlowRun,
        task_status: anyio.abc.TaskStatus[int | Exception] | None = None,
    ) -> BaseWorkerResult | Exception:
        """Work on a run, as Prefect does, and leave it to others then, however it ended."""
        try:
            return await super()._submit_run_and_capture_errors(flow_run, task_status)
        finally:
            if self._hands.shared:
                await self._let_go(flow_run)

    @override
    async def _give_worker_labels_to_flow_run(self, flow_run_id: UUID) -> None:
        """Nobody looks at them: a request for nothing."""

    @override
    async def _propose_submitting_state(self, flow_run: FlowRun) -> None:
        """It goes straight to Running."""

    @override
    def _emit_flow_run_submitted_event(self, configuration: Any) -> Event | None:
        """Nobody listens for it."""
        return None

    async def run(
        self,
        flow_run: FlowRun,
        configuration: DeskConfiguration,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> BaseWorkerResult:
        """Run the flow from its top to the next form, or to its end.

        Two stretches of one run never overlap: an officer may answer while the first is still
        closing, and its late notice of suspension would stop the second in `Running` for good (2 of
        40 answers given at once, measured with overlap).
        """
        turn = self._turns[flow_run.id]
        try:
            flow = await self._flow(flow_run)
            if task_status is not None:
                task_status.started(os.getpid())
            if _forgotten(flow, flow_run):
                done: State[Any] = Completed(message="已办结，所填内容已清除")
                await self.client.set_flow_run_state(flow_run.id, done, force=True)
            else:
                await self._in_turn(flow, flow_run, turn)
        except (NotOurs, FlowBroke) as refused:
            self._logger.warning("%s：%s", flow_run.id, refused)
            failed: State[Any] = Failed(message=str(refused))
            await self.client.set_flow_run_state(flow_run.id, failed, force=True)
            if task_status is not None:
                task_status.started(os.getpid())
        except httpx.HTTPError:
            self._begun.pop(flow_run.id, None)  # it is as it was
            raise
        finally:
            self._put_down(flow_run)
            if self._more_wait:
                await self._look()
        return BaseWorkerResult(identifier=str(os.getpid()), status_code=0)

    async def _in_turn(self, flow: Flow[..., Any], flow_run: FlowRun, turn: anyio.Lock) -> None:
        waits = turn.locked()
        async with turn:
            if waits and not await self._is_due(flow_run):
                return
            lost = await anyio.to_thread.run_sync(
                self._connected, flow, flow_run, limiter=self._threads
            )
        if lost is None:
            self._losses.pop(flow_run.id, None)
        else:
            self._begun.pop(flow_run.id, None)
            await self._again(flow_run, turn, lost)

    async def _is_due(self, flow_run: FlowRun) -> bool:
        """Whether a run that has waited for its turn is still where it was taken up."""
        try:
            return (await self.client.read_flow_run(flow_run.id)).state_id == flow_run.state_id
        except ObjectNotFound:
            return False

    def _connected(self, flow: Flow[..., Any], flow_run: FlowRun) -> BaseException | None:
        with self._connections.one():
            return _stretch(flow, flow_run)

    async def _again(self, flow_run: FlowRun, turn: anyio.Lock, lost: BaseException) -> None:
        """Put a run back whose stretch lost the server, or the register, after a pause that grows
        while it stays away; unless it was put back meanwhile and is at work.
        """
        if isinstance(lost, httpx.HTTPError):
            self._logger.warning("%s 与服务器失去联系，重新排入：%s", flow_run.name, lost)
            await self._put_back(flow_run.id)
            return
        self._logger.warning(
            "%s %s，稍后重新办理，所填内容保留：%s", flow_run.name, self.lost, told_in_brief(lost)
        )
        await anyio.sleep(pause_seconds(self._losses[flow_run.id]))
        self._losses[flow_run.id] += 1
        while len(self._losses) > REMEMBERED:  # of runs that another worker brought to their end
            del self._losses[next(iter(self._losses))]
        if not turn.locked():
            await self._put_back(flow_run.id, REGISTER_AWAY)

    async def _put_back(self, run: UUID, why: str = "重新排入办理队列") -> None:
        """Put a run back as soon as the server is there again; nothing is recorded twice."""
        while True:
            try:
                now = await self.client.read_flow_run(run)
                if now.state_type not in (StateType.PAUSED, StateType.SCHEDULED):
                    await put_back(self.client, run, why)
            except ObjectNotFound:  # deleted meanwhile
                return
            except httpx.HTTPError as away:
                if not server_away(away):
                    raise
                await anyio.sleep(AGAIN_SECONDS)
            else:
                return

    async def _flow(self, flow_run: FlowRun) -> Flow[..., Any]:
        """The flow of ours that has the name of a run's deployment, loaded once; NotOurs."""
        deployment = flow_run.deployment_id
        assert deployment is not None
        if deployment not in self._flows:
            named = (await self.client.read_deployment(deployment)).name
            loaded = await anyio.to_thread.run_sync(our_flows.flow, named, self._ours)
            self._flows[deployment] = stretch.ready(loaded, await aget_default_result_storage())
        return self._flows[deployment]


def _forgotten(flow: Flow[..., Any], flow_run: FlowRun) -> bool:
    """Whether a run is only to be noted as completed: the last thing that a registration does is to
    take what was submitted out of Prefect (desk.forget_parameters), and just then it was killed.
    """
    return bool(flow.parameters.required) and not flow_run.parameters


class FlowBroke(DisclosureError):
    """A flow left its run by what would end a thread or a program; it ends that run alone."""

    def __init__(self, how: BaseException) -> None:
        self.how = how
        super().__init__(f"办理程序意外退出（{type(how).__name__}），所填内容保留，稍后重新办理")


def _stretch(flow: Flow[..., Any], flow_run: FlowRun) -> BaseException | None:
    """Run the flow to its next form or its end; the loss of server or register, if that ended it.

    FlowBroke for what would end more than the run: SystemExit, KeyboardInterrupt, GeneratorExit.
    """
    try:
        ended = stretch.run(flow, flow_run)
    except (Pause, Abort):
        return None
    except httpx.HTTPError as fault:
        if server_away(fault):
            return fault
        raise
    except BaseException as fault:
        if isinstance(fault, Exception):
            raise
        raise FlowBroke(fault) from fault
    found = ended.result(raise_on_failure=False) if ended.is_failed() else None
    if isinstance(found, httpx.HTTPError):
        if server_away(found):
            return found
        raise found
    return found if isinstance(found, Exception) and office.register_away(found) else None


def pause_seconds(losses: int) -> float:
    """How long to wait for the register before the next try, after so many losses before."""
    return float(min(AGAIN_SECONDS * 2 ** min(losses, 7), LONGEST_PAUSE_SECONDS))


def told_in_brief(fault: BaseException) -> str:
    """The first line of a fault: what the database or the system says, not what was asked of it."""
    said = fault.orig if isinstance(fault, DBAPIError) and fault.orig else fault
    return str(said).strip().partition("\n")[0]


def server_away(fault: httpx.HTTPError) -> bool:
    """Whether the server could not be reached or was not itself, rather than refused."""
    return (
        not isinstance(fault, httpx.HTTPStatusError) or fault.response.status_code >= SERVER_FAULT
    )
