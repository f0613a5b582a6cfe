"""The worker is told the moment a form was taken, and runs a stretch without what serves it nothing."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import ssl
import threading
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any
from uuid import UUID, uuid4

import anyio
import httpx
import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import ObjectNotFound
from prefect.filesystems import LocalFileSystem
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from flows.installation.entrance import Entrance, Visitor
from flows.installation.front_door import Doors
from flows.installation.prefect_client import connected, connected_later
from flows.prefect_side import seldom, stretch, wake, worker
from flows.prefect_side.in_hand import Alone
from flows.prefect_side.wake import ALONE, TAKEN, Wake
from tests import toy_flows

RESUME, BEGIN = (
    f"/api/flow_runs/{UUID(int=1)}/resume",
    f"/api/deployments/{UUID(int=2)}/create_flow_run",
)


def answering(status: int) -> Any:
    """An application that answers whatever it is asked so."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await JSONResponse({}, status)(scope, receive, send)

    return app


@asynccontextmanager
async def at(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as one:
        yield one


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [
        ("POST", RESUME, 201, "1"),
        ("POST", BEGIN, 201, "1"),
        ("POST", "/api/flow_runs/", 201, "1"),  # begun in a run made anew
        ("POST", RESUME, 200, "0"),  # turned away
        ("POST", BEGIN, 409, "0"),
        ("POST", f"{BEGIN}/bulk", 200, "0"),
        ("GET", RESUME, 201, "0"),
        ("POST", "/api/flow_runs/filter", 201, "0"),
    ],
)
def test_whoever_waits_is_told_when_a_form_was_taken(
    method: str, path: str, status: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wake, "LONGEST_WAIT_SECONDS", 0.2)

    async def play() -> str:
        async with at(Wake(answering(status))) as desk:
            waiting = asyncio.create_task(desk.get(f"/api{TAKEN}", params={"seen": "0"}))
            await asyncio.sleep(0.05)
            assert not waiting.done()
            await desk.request(method, path)
            return (await waiting).text

    assert asyncio.run(play()) == told


@pytest.mark.parametrize(
    ("state", "status", "told"),
    [("SCHEDULED", 201, "1"), ("SCHEDULED", 200, "0"), ("RUNNING", 201, "0"), ("PAUSED", 201, "0")],
)
def test_whoever_waits_is_told_when_a_run_was_put_back(state: str, status: int, told: str) -> None:
    """Of what a stretch notes of itself he is told nothing: he would look for nothing, twice a form."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await JSONResponse({}, status)(scope, receive, send)

    async def play() -> str:
        async with at(Wake(app)) as desk:
            body = {"state": {"type": state}, "force": True}
            await desk.post(f"/api/flow_runs/{UUID(int=1)}/set_state", json=body)
            return (await desk.get(f"/api{TAKEN}", params={"seen": ""})).text

    assert asyncio.run(play()) == told


@pytest.mark.parametrize("seen", ["", "7"])
def test_who_has_not_seen_the_last_one_is_told_at_once(seen: str) -> None:
    """A form taken between two questions, or a server started anew, is no form missed."""

    async def play() -> list[str]:
        async with at(Wake(answering(201))) as desk:
            first = await desk.get(f"/api{TAKEN}", params={"seen": seen})
            await desk.post(RESUME)
            after = await desk.get(f"/api{TAKEN}", params={"seen": first.text})
            return [first.text, after.text]

    assert asyncio.run(asyncio.wait_for(play(), 5)) == ["0", "1"]


def test_who_is_gone_is_waited_for_no_longer() -> None:
    """The server would not come to its end for it."""
    sent: list[Any] = []

    async def play() -> None:
        messages = [{"type": "http.request"}, {"type": "http.disconnect"}]

        async def receive() -> Any:
            return messages.pop(0)

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http", "method": "GET", "path": f"/api{TAKEN}", "query_string": b"seen=0"
        }  # fmt: skip
        await Wake(answering(201))(scope, receive, send)

    asyncio.run(asyncio.wait_for(play(), 5))
    assert sent[-1]["body"] == b"0"


def test_no_stranger_is_told() -> None:
    async def play() -> list[int]:
        found = []
        for officer in ("", "陈静"):

            async def who(_: Scope, officer: str = officer) -> Visitor:
                return Visitor(asked=True, officer=officer)

            async with at(Doors(Wake(answering(201)), Entrance(), "", who)) as desk:
                found.append((await desk.get(f"/api{TAKEN}")).status_code)
        return found

    assert asyncio.run(play()) == [401, 200]


def test_the_worker_looks_when_it_is_told_and_asks_again_when_the_server_was_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Told the same twice, it does not look twice; it never gives up asking."""
    monkeypatch.setattr(worker, "POLL_SECONDS", 0)
    answers: list[str | Exception] = ["0", "0", "1", httpx.ReadError("gone"), "0"]
    told_of_all = [True, True, False, True]
    calm: list[bool] = []
    asked: list[str] = []
    looked: list[str] = []

    class Server:
        async def request(self, method: str, path: str, params: dict[str, str]) -> Any:
            if not answers:
                one._listening.cancel()
            await anyio.sleep(0)
            asked.append(params["seen"])
            calm.append(one._told_of_all)
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            alone = {ALONE: "1"} if told_of_all.pop(0) else {}
            return httpx.Response(200, text=answer, headers=alone)

    async def play() -> None:
        one._listening = anyio.CancelScope()
        await one._listen()

    async def look() -> list[Any]:
        looked.append(asked[-1])
        return []

    one = worker.DeskWorker(work_pool_name="toys")
    monkeypatch.setattr(one, "_client", Server())
    monkeypatch.setattr(one, "_look", look)
    asyncio.run(asyncio.wait_for(play(), 10))
    assert asked == ["", "0", "0", "1", "1"]
    assert looked == ["", "0", "1"]
    assert calm == [False, True, True, False, False], "while it is not told, it looks every second"
    assert one._told_of_all


def test_a_sign_of_life_is_given_every_twenty_seconds_and_lost_runs_are_looked_for_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Prefect's question writes to its database: not at every look."""
    one, done = worker.DeskWorker(work_pool_name="toys"), []
    asked: dict[str, Any] = {}

    async def noted(what: str) -> list[Any]:
        done.append(what)
        return []

    async def put_back(**given: Any) -> list[Any]:
        asked.update(given)
        return await noted("lost")

    monkeypatch.setattr(one, "_give_sign_of_life", lambda: noted("here"))
    monkeypatch.setattr(one, "_look", lambda: noted("look"))
    monkeypatch.setattr(worker, "put_back_lost_runs", put_back)
    one._next_sign_of_life, one._turns = 0.0, {"held": anyio.Lock()}
    wait = worker.SIGN_OF_LIFE_SECONDS
    for at in (1000.0, 1000.0 + wait - 0.1, 1000.0 + wait, 1000.0 + wait + 0.1):
        monkeypatch.setattr(anyio, "current_time", lambda at=at: at)
        asyncio.run(one.get_and_submit_flow_runs())
    assert done == ["here", "lost", "look", "look", "here", "lost", "look", "look"]
    ago = datetime.now(UTC) - asked["before"]
    assert timedelta(0) <= ago - timedelta(seconds=worker.LOST_SECONDS) < timedelta(seconds=60)
    assert (asked["pool"], asked["held"]) == ("toys", {"held"})


@pytest.mark.parametrize(
    ("told_of_all", "passed_over", "looks"),
    [
        (False, False, [1000.0, 1001.0, 1009.9, 1010.0]),
        (True, False, [1000.0, 1010.0]),
        (True, True, [1000.0, 1001.0, 1009.9, 1010.0]),  # another worker had it, and may be killed
    ],
)
def test_told_of_all_the_worker_looks_for_itself_every_ten_seconds(
    monkeypatch: pytest.MonkeyPatch, told_of_all: bool, passed_over: bool, looks: list[float]
) -> None:
    one, looked = worker.DeskWorker(work_pool_name="toys"), list[float]()
    waiting = FlowRun(flow_id=uuid4(), state_id=uuid4(), deployment_id=uuid4())

    class Server:
        async def read_flow_runs(self, **_: Any) -> list[FlowRun]:
            looked.append(anyio.current_time())
            return [waiting] if passed_over else []

    async def not_ours(_run: FlowRun) -> bool:
        return False

    one._hands, one._turns, one._begun = Alone(), defaultdict(anyio.Lock), {}
    one._has_successfully_synced, one._told_of_all = True, told_of_all
    one._next_sign_of_life = 2000.0
    monkeypatch.setattr(one, "_client", Server())
    monkeypatch.setattr(one, "_take_up", not_ours)
    for at in (1000.0, 1001.0, 1009.9, 1010.0):
        monkeypatch.setattr(anyio, "current_time", lambda at=at: at)
        asyncio.run(one.get_and_submit_flow_runs())
    assert looked == looks


def test_a_worker_whose_clock_is_some_seconds_behind_the_servers_waits_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, asked = worker.DeskWorker(work_pool_name="toys"), list[datetime]()

    class Server:
        async def read_flow_runs(self, flow_run_filter: Any, **_: Any) -> list[FlowRun]:
            asked.append(flow_run_filter.next_scheduled_start_time.before_)
            return []

    one._hands, one._turns, one._begun = Alone(), defaultdict(anyio.Lock), {}
    one._has_successfully_synced = True
    monkeypatch.setattr(one, "_client", Server())
    now = datetime.now(UTC)
    asyncio.run(one._look())
    (before,) = asked
    assert timedelta(seconds=4.9) < before - now < timedelta(seconds=60)


@pytest.mark.parametrize(
    ("held", "now", "runs"),
    [
        (False, "elsewhere", True),  # nobody else has it in hand: not asked
        (True, "here", True),
        (True, "elsewhere", False),  # another stretch took it on meanwhile
        (True, None, False),  # deleted meanwhile
    ],
)
def test_a_run_that_waited_for_its_turn_begins_only_where_it_was_taken_up(
    monkeypatch: pytest.MonkeyPatch, held: bool, now: str | None, runs: bool
) -> None:
    taken_up = {"here": uuid4(), "elsewhere": uuid4()}
    run = FlowRun(id=uuid4(), flow_id=uuid4(), state_id=taken_up["here"])

    class Server:
        async def read_flow_run(self, one: UUID) -> FlowRun:
            if now is None:
                raise ObjectNotFound(http_exc=RuntimeError())
            return run.model_copy(update={"state_id": taken_up[now]})

    async def play() -> None:
        one._threads, turn = anyio.CapacityLimiter(1), anyio.Lock()
        if held:
            await turn.acquire()
        async with anyio.create_task_group() as both:
            both.start_soon(one._in_turn, worker.DeskWorker, run, turn)
            await anyio.sleep(0.01)
            if held:
                assert begun == []
                turn.release()

    begun: list[UUID] = []
    one = worker.DeskWorker(work_pool_name="toys")
    one._losses, one._begun = Counter(), {}
    monkeypatch.setattr(one, "_client", Server())
    monkeypatch.setattr(one, "_connected", lambda _flow, run: begun.append(run.id))
    asyncio.run(asyncio.wait_for(play(), 10))
    assert begun == ([run.id] if runs else [])


def test_a_connection_outlasts_its_stretch_and_two_at_work_have_one_each() -> None:
    kept, both = stretch.Connections(), threading.Barrier(2)

    def at_work() -> SyncPrefectClient:
        with kept.one(), get_client(sync_client=True) as client:
            both.wait(10)
            return client

    with ThreadPoolExecutor(2) as threads:
        used = [one.result() for one in [threads.submit(at_work) for _ in range(2)]]
    assert used[0] is not used[1]
    with kept.one(), get_client(sync_client=True) as again:
        assert again in used
    assert not any(one._closed for one in used)
    kept.close()
    assert all(one._closed for one in used)


def test_the_certificates_of_this_machine_are_read_once_however_many_clients_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """50 ms of the processor each time, twice a form."""
    connected()
    monkeypatch.setattr(ssl, "create_default_context", None)
    first, second = connected(), connected()
    assert first is not second
    assert connected_later() is not connected_later()
    kept = stretch.Connections()
    with kept.one(), get_client(sync_client=True) as client:
        assert connected() is client, "within a stretch, its own"
    kept.close()


def test_the_storage_of_a_flow_is_settled_once_and_its_own_wish_kept() -> None:
    storage = LocalFileSystem(basepath="results")
    told = {one: stretch.ready(one, storage) for one in (toy_flows.double, toy_flows.count)}
    assert [one.persist_result for one in told.values()] == [False, True]
    assert all(one.result_storage is storage for one in told.values())
    assert toy_flows.double.result_storage is None, "the flow itself stays as it is"


READ = {
    "FlowRunEngine.start": "b4e0d989e1da",
    "FlowRunEngine.initialize_run": "d671c21d659e",
    "BaseFlowRunEngine.setup_flow_run_suspension_request": "91afa9cbdc07",
    "FlowRunEngine.setup_run_context": "bdfdac23a488",
    "BaseWorker.get_and_submit_flow_runs": "fcb6c4c67be0",
    "BaseWorker._submit_scheduled_flow_runs": "29112894f6f9",
    "BaseWorker._submit_run": "835f04932097",
    "BaseWorker._submit_run_and_capture_errors": "3947a275944c",
    "Worker.__init__": "03bb5fc34e4a",
    "Worker._worker_loop": "c482aace7d07",
    "Worker._cancellation_listener": "1771bd5a7399",
}
"""What was read of Prefect, when what stands in its place was written (flows/prefect_side/stretch.py)."""


def test_what_is_replaced_of_prefect_is_what_was_read() -> None:
    """If this fails, Prefect has changed: read the difference, and whether stretch.py, worker.py
    and seldom.py still leave out only what serves a stretch nothing; then note the new digests here.
    """
    found = {
        one.__qualname__: hashlib.sha256(inspect.getsource(one).encode()).hexdigest()[:12]
        for one in (*stretch.LEFT_OUT, *seldom.LEFT_OUT)
    }
    changed = {name for name, digest in found.items() if READ.get(name) != digest}
    assert not changed, f"Prefect {version('prefect')} changed what we replace: {found}"
