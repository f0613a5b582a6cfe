"""One real Prefect server for the whole session, and our warm worker beside it.

Prefect reads its settings once, when it is first imported: they are put in place here, before any
test module is. The server itself starts only when a test asks for `prefect_server`.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows import server

SCRATCH = Path(tempfile.mkdtemp(prefix="disclosure-tests-"))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((server.HOST, 0))
        return int(probe.getsockname()[1])


HOME, PORT = SCRATCH / "prefect", _free_port()
os.environ |= server.environment(HOME, PORT)


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[str]:
    """The address of the session's Prefect server, on SQLite in a scratch folder."""
    with server.running(HOME, PORT) as address:
        yield address


@contextmanager
def working() -> Iterator[None]:
    """The warm worker at work in a thread of this process while the block lasts."""
    from flows.worker import DeskWorker, ensure_pool

    loop = asyncio.new_event_loop()
    loop.run_until_complete(ensure_pool())
    worker = DeskWorker(work_pool_name="disclosure", name="disclosure")
    task = loop.create_task(worker.start(printer=lambda *_: None))

    def work() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(30)
        loop.close()


@pytest.fixture(scope="session")
def warm_worker(prefect_server: str) -> Iterator[str]:
    """The warm worker, on the pool `disclosure`, for the whole session."""
    with working():
        yield "disclosure"
