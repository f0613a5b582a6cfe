"""One stretch of a run: from where it is taken up to its next form, or to its end.

Prefect's engine runs it, without what costs an officer time and serves a stretch of a fifth of a
second nothing: a listener for its suspension from outside (a connection, a thread, a fifth of a
second at its end), the flow's version noted each time, the run read once more as soon as it is begun,
the same storage looked up twice, a new connection. What is left out stands in Prefect's own methods,
named in `LEFT_OUT`; a test says so when Prefect changes one of them.
"""

from __future__ import annotations

import copy
import logging
import queue
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any, Final
from uuid import UUID

from prefect import Flow
from prefect._flow_run_suspension import (
    FlowRunSuspensionRequest,
    register_flow_run_suspension_request,
)
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.responses import OrchestrationResult, SetStateStatus
from prefect.context import FlowRunContext, SyncClientContext
from prefect.exceptions import (
    Abort,
    ParameterBindError,
    ParameterTypeError,
    Pause,
    SignatureMismatchError,
)
from prefect.filesystems import WritableFileSystem
from prefect.flow_engine import FlowRunEngine
from prefect.utilities.callables import get_call_parameters, parameters_to_args_kwargs
from prefect.workers.base import BaseWorker
from typing_extensions import override

from flows.installation.prefect_client import tls, within

LEFT_OUT: Final = (
    FlowRunEngine.start,
    FlowRunEngine.initialize_run,
    FlowRunEngine.setup_flow_run_suspension_request,
    FlowRunEngine.setup_run_context,
    BaseWorker.get_and_submit_flow_runs,
    BaseWorker._submit_scheduled_flow_runs,
    BaseWorker._submit_run,
    BaseWorker._submit_run_and_capture_errors,
)
"""What of Prefect's is replaced here and in worker.py, and so has to be read again when it changes."""

UNFIT: Final = (ParameterTypeError, ParameterBindError, SignatureMismatchError)
FORM: Final = "is_form"  # of a flow that asks again what does not fit (flows/path/start_forms.py)

READ: Final = SyncPrefectClient.read_flow_run.__name__

TAKEN_UP: ContextVar[State[Any] | None] = ContextVar("taken_up", default=None)
"""The state from which the stretch at hand was begun; None where another worker runs it."""


def under_way() -> FlowRunContext | None:
    """What Prefect tells of the run that this code is doing; None outside Prefect."""
    return FlowRunContext.get()


class Unsaid(logging.Filter):
    """Keeps out of the log what Prefect writes of a form that does not fit: all that was typed in it,
    names and numbers of persons among it (个人信息保护法 51).
    """

    OF: Final = "Parameter validation failed"

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        return not str(record.msg).startswith(self.OF)


logging.getLogger("prefect.flows").addFilter(Unsaid())


class Stretch(FlowRunEngine[..., Any]):
    """Prefect's engine for one stretch of a run that a worker has taken up."""

    @contextmanager
    @override
    def initialize_run(self) -> Iterator[Stretch]:
        """Within a connection; how the run left it is kept, as Prefect does."""
        with SyncClientContext.get_or_create() as connected:
            self._client, self._is_started = connected.client, True
            try:
                yield self
            except (Abort, Pause) as left:
                state = getattr(left, "state", None)
                if state is not None and self.flow_run is not None:
                    self.flow_run.state = state
                raise
            finally:
                self._client, self._is_started = None, False

    @contextmanager
    @override
    def setup_flow_run_suspension_request(self) -> Iterator[FlowRunSuspensionRequest]:
        """The flow suspends itself; nobody does from outside."""
        assert self.flow_run is not None
        request = self._get_flow_run_suspension_request()
        with register_flow_run_suspension_request(self.flow_run.id, request):
            yield request

    @contextmanager
    @override
    def setup_run_context(self, client: SyncPrefectClient | None = None) -> Iterator[None]:
        """Of the run as it was taken up, in the state into which it was just brought."""
        asked, run = client or self.client, self.flow_run
        assert run is not None
        setattr(asked, READ, lambda _run: run)
        with ExitStack() as stack:
            try:
                stack.enter_context(super().setup_run_context(asked))
            finally:
                vars(asked).pop(READ)
            yield


class Connections:
    """Connections to the server that outlast a stretch: one for each that is at work."""

    def __init__(self) -> None:
        self._idle: queue.LifoQueue[SyncClientContext] = queue.LifoQueue()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Whatever asks the server in this thread uses one of them meanwhile, Prefect's or ours."""
        try:
            context = self._idle.get_nowait()
        except queue.Empty:
            context = SyncClientContext(httpx_settings=tls())
            context._httpx_settings = None  # Prefect's own code asks for it without
            context.client.__enter__()  # held open: the context alone would close it each time
            due(context.client)
        try:
            with context, within(context.client):
                yield
        finally:
            self._idle.put(context)

    def close(self) -> None:
        """Close those that nobody uses."""
        while not self._idle.empty():
            self._idle.get_nowait().client.__exit__(None, None, None)


def due(client: SyncPrefectClient) -> None:
    """Let a run begin that was taken up: it was due. Where the clock is set back just then, Prefect's
    server says how long to wait until it is as late again, and its engine sleeps so long: three hours
    in a thread of the worker, of which there are four.
    """
    ask = client.set_flow_run_state

    def at_once(
        flow_run_id: UUID | str, state: State[Any], force: bool = False
    ) -> OrchestrationResult[Any]:
        answer = ask(flow_run_id, state, force=force)
        if answer.status is SetStateStatus.WAIT and state.is_running():
            return ask(flow_run_id, state, force=True)
        return answer

    setattr(client, ask.__name__, at_once)


def ready(flow: Flow[..., Any], storage: WritableFileSystem) -> Flow[..., Any]:
    """The flow with its storage settled, so that no stretch looks it up."""
    settled = copy.copy(flow)
    settled.result_storage = settled.result_storage or storage
    settled.persist_result = bool(settled.persist_result)
    return settled


def asking(
    flow: Flow[..., Any], parameters: dict[str, Any]
) -> tuple[Flow[..., Any], dict[str, Any]]:
    """A form whose parameters were accepted and are none of it: it is run all the same, with those
    that it has, to ask them again. Everything else is as it is.
    """
    if not getattr(flow.fn, FORM, False) or fits(flow, parameters):
        return flow, parameters
    unchecked = copy.copy(flow)
    unchecked.should_validate_parameters = False
    return unchecked, {name: parameters.get(name) for name in flow.parameters.properties}


def fits(flow: Flow[..., Any], parameters: Mapping[str, Any]) -> bool:
    """Whether these are parameters of the flow, each of its kind."""
    try:
        flow.validate_parameters(dict(parameters))
    except UNFIT:
        return False
    return True


def run(flow: Flow[..., Any], flow_run: FlowRun) -> State[Any]:
    """Run the flow from its top; the state in which it ended. Raises Pause at its next form."""
    flow, parameters = asking(flow, flow_run.parameters)
    args, kwargs = parameters_to_args_kwargs(flow.fn, parameters)
    given = get_call_parameters(flow.fn, args, kwargs)
    stretch = Stretch(flow=flow, flow_run=flow_run, parameters=given)
    before = TAKEN_UP.set(flow_run.state)
    try:
        with stretch.start():
            while stretch.is_running():
                with stretch.run_context():
                    stretch.call_flow_fn()
    finally:
        TAKEN_UP.reset(before)
    return stretch.state
