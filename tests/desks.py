"""An office on the session's Prefect server: empty register, empty desk, the warm worker at work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.states import Cancelled

from flows.server import serve
from tests.databases import empty_register

LONGEST_RUN = 120  # seconds


@contextmanager
def empty_office(folder: Path) -> Iterator[Path]:
    """Nothing registered and no run left of the office before, which gave the same numbers."""
    with (
        pytest.MonkeyPatch.context() as environment,
        empty_register(folder, environment),
    ):
        clear_desk()
        with serve.at_work():
            yield folder


def clear_desk() -> None:
    """Delete what an office before left: put right by another register, its runs would all fail, and its
    dossiers be taken for those of cases with the same numbers.
    """
    _all_gone_home()
    with get_client(sync_client=True) as client:
        while left := client.read_flow_runs(limit=200):
            for run in left:
                delete_run(client, run.id)
        while pages := client.read_artifacts(limit=200):
            for page in pages:
                client.delete_artifact(page.id)


def _all_gone_home() -> None:
    """Wait for the worker of the office before. On a loaded machine it may be in the middle of a run
    when its office ends: what it does then, it would do in the register of the next one.
    """
    for one in threading.enumerate():
        if one.name == "worker":
            one.join(LONGEST_RUN)
            assert not one.is_alive(), "the worker of the office before is still at work"


def delete_run(client: SyncPrefectClient, run: UUID) -> None:
    """Cancel a run, and delete it: as it stood, the door would not let it go (held_runs.py)."""
    client.set_flow_run_state(run, Cancelled(), force=True)
    client.delete_flow_run(run)
