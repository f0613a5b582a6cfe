"""Prefect's transactions take turns, and none waits for itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from flows.prefect_side import writing_turns
from flows.prefect_side.writing_turns import Turns


def done(coroutine: Any) -> Any:
    return asyncio.run(coroutine)


def test_transactions_follow_each_other_in_the_order_of_asking() -> None:
    said: list[str] = []

    async def write(turns: Turns, name: str) -> None:
        async with turns.taken() as first:
            said.append(f"{name} begins")
            assert first
            await asyncio.sleep(0.01)
            said.append(f"{name} ends")

    async def all_at_once() -> None:
        turns = Turns()
        await asyncio.gather(*(write(turns, name) for name in "abc"))

    done(all_at_once())
    assert said == [f"{name} {what}" for name in "abc" for what in ("begins", "ends")]


def test_a_transaction_within_another_of_the_same_task_does_not_wait_for_it() -> None:
    async def within() -> list[bool]:
        turns = Turns()
        async with turns.taken() as outer, turns.taken() as inner:
            found = [outer, inner]
        async with turns.taken() as after:
            return [*found, after]

    assert done(within()) == [True, False, True]


def test_a_transaction_that_fails_or_is_cancelled_gives_its_turn_back() -> None:
    async def over() -> bool:
        turns = Turns()

        async def fail() -> None:
            async with turns.taken():
                raise LookupError

        async def hang() -> None:
            async with turns.taken():
                await asyncio.Event().wait()

        with pytest.raises(LookupError):
            await fail()
        hanging, waiting = asyncio.create_task(hang()), asyncio.create_task(hang())
        await asyncio.sleep(0)
        waiting.cancel()
        hanging.cancel()
        await asyncio.gather(hanging, waiting, return_exceptions=True)
        async with turns.taken() as first:
            return first

    assert done(over())


def test_who_waits_too_long_asks_sqlite_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing_turns, "PATIENCE_SECONDS", 0.01)

    async def beside() -> bool:
        turns = Turns()

        async def other() -> bool:
            async with turns.taken() as first:
                return first

        async with turns.taken():
            return await asyncio.create_task(other())

    assert done(beside())
