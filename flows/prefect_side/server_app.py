"""The Prefect server's application, as an office runs it."""

from __future__ import annotations

from typing import Any

from prefect.server.api.server import create_app

from flows.prefect_side.seldom import look_seldom
from flows.prefect_side.writing_turns import take_turns


def prefect_app(*, alone: bool) -> Any:
    """Prefect's own; on SQLite, its transactions take turns.

    alone = no other server works for this office: what works behind it may look seldom
    """
    take_turns()
    if alone:
        look_seldom()
    return create_app()
