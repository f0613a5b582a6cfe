"""The Prefect server's application, as an office runs it."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from typing import Any, cast

from fastapi import FastAPI
from prefect.server.api.server import (
    create_app,
    custom_internal_exception_handler,
    is_client_retryable_exception,
)
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import Scope

from flows.prefect_side.seldom import look_seldom
from flows.prefect_side.writing_turns import take_turns

LOG = logging.getLogger(__name__)
AWAY = (OSError, RedisError, DBAPIError)
"""What Prefect meets where its database or Redis is away: a connection refused is no error of a database
to SQLAlchemy, and Prefect took it for a fault of its own, which nobody tries again.
"""


def prefect_app(*, alone: bool, away: Callable[[Scope], Response]) -> Any:
    """Prefect's own; on SQLite, its transactions take turns.

    alone = no other server works for this office: what works behind it may look seldom
    away = what is answered while its database, or Redis, is away
    """
    take_turns()
    if alone:
        look_seldom()
    app = create_app()
    answer_when_away(app, away)
    return app


def answer_when_away(app: FastAPI, away: Callable[[Scope], Response]) -> None:
    """Let Prefect's routes answer so while its database, or Redis, is away."""
    (api,) = (one.app for one in app.routes if isinstance(one, Mount) and one.name == "api")

    async def told(request: Request, fault: Exception) -> Response:
        if isinstance(fault, DBAPIError) and not is_client_retryable_exception(fault):
            return await custom_internal_exception_handler(request, fault)
        LOG.warning(
            "Prefect 的数据库或 Redis 暂时没有回答：%s%s", type(fault).__name__, _damage(fault)
        )
        return away(request.scope)

    for kind in AWAY:
        cast(FastAPI, api).add_exception_handler(kind, told)


def _damage(fault: Exception) -> str:
    """SQLite's own words for a damaged file, by which the office knows it
    (flows/installation/damaged_database.py); of other databases nothing is repeated, they quote what
    was written.
    """
    origin = fault.orig if isinstance(fault, DBAPIError) else None
    return f"：{origin}" if isinstance(origin, sqlite3.DatabaseError) else ""
