"""Who comes to a busy Prefect waits his turn, and is answered."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import QueuePool
from starlette.types import Receive, Scope, Send

from flows.installation import prefect_schema
from flows.prefect_side.in_turn import AT_ONCE, InTurn


class Busy:
    """An application that answers nobody until it is told to."""

    def __init__(self) -> None:
        self.at_once, self.most, self.answered = 0, 0, 0
        self.may = asyncio.Event()
        self.fails = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await self.may.wait()
            assert not self.fails
            self.answered += 1
        finally:
            self.at_once -= 1


async def nothing(*_: object) -> None:
    raise AssertionError


def asked(paths: list[str], kind: str = "http", at_once: int = 2) -> tuple[Busy, int]:
    """What became of requests that came at once; how many were in hand while none was answered."""

    async def all_of_them() -> tuple[Busy, int]:
        app = Busy()
        turns = InTurn(app, at_once)
        scopes = [{"type": kind, "path": path, "method": "GET"} for path in paths]
        tasks = [asyncio.create_task(turns(one, nothing, nothing)) for one in scopes]
        await asyncio.sleep(0.05)
        seen = app.at_once
        app.may.set()
        await asyncio.gather(*tasks)
        return app, seen

    return asyncio.run(all_of_them())


@pytest.mark.parametrize(
    ("path", "kind", "seen"),
    [
        ("/api/flow_runs/filter", "http", 2),
        ("/api/health", "http", 5),
        ("/assets/index.js", "http", 5),
        ("/", "http", 5),
        ("/api/events/out", "websocket", 5),
    ],
)
def test_what_needs_the_database_waits_its_turn_and_nothing_else(path, kind, seen):
    app, at_once = asked([path] * 5, kind)
    assert (at_once, app.most, app.answered) == (seen, seen, 5)


def test_two_of_two_are_in_hand_and_the_third_waits():
    assert asked(["/api/x"] * 2)[1] == 2
    assert asked(["/api/x"] * 3)[1] == 2


def test_one_that_fails_leaves_its_place_to_the_next():
    async def in_turn() -> list[object]:
        app = Busy()
        app.may.set()
        turns = InTurn(app, 1)
        scope = {"type": "http", "path": "/api/x", "method": "GET"}
        app.fails = True
        first = await asyncio.gather(turns(scope, nothing, nothing), return_exceptions=True)
        app.fails = False
        await asyncio.wait_for(turns(scope, nothing, nothing), 5)
        return [*first, app.answered]

    failed, answered = asyncio.run(in_turn())
    assert isinstance(failed, AssertionError)
    assert answered == 1


def test_whoever_reads_his_answer_slowly_keeps_nobody_waiting():
    async def slow() -> bool:
        read, began = asyncio.Event(), asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})

        async def slowly(_: object) -> None:
            began.set()
            await read.wait()

        turns = InTurn(app, 1)
        scope = {"type": "http", "path": "/api/x", "method": "GET"}
        first = asyncio.create_task(turns(scope, nothing, slowly))
        await began.wait()
        read_at_once = []

        async def quickly(message: object) -> None:
            read_at_once.append(message)

        await asyncio.wait_for(turns(scope, nothing, quickly), 5)
        assert not first.done()
        read.set()
        await first
        await asyncio.wait_for(turns(scope, nothing, quickly), 5)  # given back once, not twice
        return len(read_at_once) == 2 and not turns._free.locked()

    assert asyncio.run(slow())


def test_connections_are_left_for_what_is_asked_beside_it():
    """On SQLite there are as many as SQLAlchemy has unless told, on PostgreSQL as we say."""
    usual = create_engine("sqlite://", poolclass=QueuePool).pool
    assert isinstance(usual, QueuePool)
    for kept, more in (
        (usual.size(), usual._max_overflow),
        (int(number) for number in prefect_schema.AT_ONCE.values()),
    ):
        assert kept + more >= AT_ONCE + 3
