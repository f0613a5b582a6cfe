"""Flows that do nothing but ask, for the tests of the worker and for its benchmark."""

from __future__ import annotations

from asyncio import CancelledError
from functools import partial

from prefect import flow

from flows.prefect_side.one_form import ask

NUMBER = {
    "title": "报数",
    "type": "object",
    "properties": {"said.n": {"title": "数", "type": "integer", "minimum": 0}},
    "required": ["said.n"],
    "additionalProperties": False,
}


@flow(name="double")
def double(n: int) -> int:
    """Twice n, without asking anybody."""
    return 2 * n


@flow(name="count", persist_result=True)
def count(questions: int) -> list[object]:
    """The answers to so many questions, each put at a point of its own."""
    made = [partial(tuple, (NUMBER, f"第 {n} 问")) for n in range(questions)]
    return [ask(form, key=str(n))["said.n"] for n, form in enumerate(made)]


class Unheard(BaseException):
    """What is no Exception, and nobody knows."""


LEAVES = {
    one.__name__: one
    for one in (SystemExit, KeyboardInterrupt, GeneratorExit, CancelledError, Unheard)
}


@flow(name="leave")
def leave(how: str) -> None:
    """Leave as nothing should that is run in a thread of the office's."""
    raise LEAVES[how]


AWAY: list[Exception] = []
"""What the register raises when the next tries of `look_up` ask it, the last one first."""


@flow(name="look up")
def look_up(n: int) -> int:
    """n, once the register is there."""
    if AWAY:
        raise AWAY.pop()
    return n
