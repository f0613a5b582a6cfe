"""The Prefect server of this installation: its settings, its start, its stop.

Imports nothing of Prefect: Prefect reads its settings when it is first imported, so they must be
in the environment before.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

if TYPE_CHECKING:
    from prefect.server.database.configurations import AioSqliteConfiguration
    from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction

from flows.doors import LOOPBACK, Entrance
from models.errors import DisclosureError

PATIENCE_SECONDS = 180
STOP_SECONDS = 15


Told = Callable[[float], None]


class ServerNotUp(DisclosureError):
    """The Prefect server ended, or did not answer in time; its log says why."""

    def __init__(self, log: Path) -> None:
        self.log = log
        super().__init__(f"办理台服务器没有启动，原因见日志 {log}")


ANYBODY = Entrance()


def environment(home: Path, port: int, entrance: Entrance = ANYBODY) -> dict[str, str]:
    """What server, worker and command line must find in their environment before Prefect loads."""
    sides = ("PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING")
    return {
        **(dict.fromkeys(sides, entrance.login) if entrance.login else {}),
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://{entrance.reached_at}:{port}/api",
        "PREFECT_UI_API_URL": "/api",  # under whatever name the browser came by
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://{entrance.reached_at}:{port}",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # The server is ours and of the same version: no need to ask it with every connection.
        "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    }


def quiet(_seconds: float) -> None:
    """Say nothing while the server starts."""


def free_port() -> int:
    """A loopback port that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


class PortTaken(DisclosureError):
    """Another program listens on the port already, perhaps this office started twice."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(
            f"端口 {port} 已被占用（办理系统可能已经启动）；可用 DISCLOSURE_PORT 另选端口"
        )


@contextmanager
def running(
    home: Path, port: int, entrance: Entrance = ANYBODY, *, waiting: Told = quiet
) -> Iterator[str]:
    """The server, started and healthy, for as long as the block lasts; yields its address.

    The settings of `environment` must be in place. The first start makes the database and takes
    15 to 60 seconds: `waiting` is told the seconds so far. The log is `server.log` in `home`.
    """
    if _taken(port, entrance):
        raise PortTaken(port)
    home.mkdir(parents=True, exist_ok=True)
    log = home / "server.log"
    # The login goes by the environment: a command line is everybody's to read.
    theirs = os.environ | {"DISCLOSURE_LISTEN": entrance.listen, "DISCLOSURE_LOGIN": entrance.login}
    with log.open("ab") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "flows.server", str(port)],
            env=theirs,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        _until_healthy(server, port, entrance, log, waiting)
        yield f"http://{entrance.reached_at}:{port}"
    finally:
        server.terminate()
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def create_app() -> Any:
    """The Prefect server's application behind what is ours.

    From the outside in: the doors (who gets in at all), our own pages, the seal on every form.
    """
    from flows import office
    from flows.doors import Doors
    from flows.pages import Pages
    from flows.sealed_forms import SealedForms

    office.sealing()  # a bad key is said at the start
    return Doors(Pages(SealedForms(_prefect_app(), office.sealing)), office.entrance())


def _prefect_app() -> Any:
    """The Prefect server's application, taking SQLite's write lock at the start of a transaction.

    Prefect begins most transactions DEFERRED. One that reads first cannot become a writer once
    another connection has committed in between: SQLite says "database is locked" at once, however
    long the timeout, and about one Submit in fifteen came back with 503. Begun IMMEDIATE, it waits
    its turn. (Prefect does the same itself where it was bitten: models/deployments.py,
    `mark_deployments_ready`.)
    """
    from prefect.server.api.server import create_app as prefect_app
    from prefect.server.database.configurations import AioSqliteConfiguration

    begin = AioSqliteConfiguration.begin_transaction

    def begin_immediate(
        database: AioSqliteConfiguration, session: AsyncSession, **_mode: bool
    ) -> AbstractAsyncContextManager[AsyncSessionTransaction]:
        return begin(database, session, with_for_update=True)

    setattr(AioSqliteConfiguration, begin.__name__, begin_immediate)
    return prefect_app()


def answers(port: int, entrance: Entrance = ANYBODY) -> bool:
    """Whether a healthy Prefect server answers on the port."""
    try:
        with urlopen(f"http://{entrance.reached_at}:{port}/api/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False


def _taken(port: int, entrance: Entrance) -> bool:
    address = entrance.reached_at.strip("[]")
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def _serve(port: int) -> None:
    """Be the server, until told to stop or until whoever started us is gone (stdin ends).

    Uvicorn directly: `prefect server start` loads the whole command line first.
    """
    import uvicorn

    from flows import office

    threading.Thread(target=_follow_to_the_end, daemon=True).start()
    uvicorn.run(
        create_app,
        factory=True,
        host=office.entrance().listen,
        port=port,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=3,
    )


def _follow_to_the_end() -> None:
    """A killed parent closes our stdin: stop, so that the port and the database are free."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _until_healthy(
    server: subprocess.Popen[bytes], port: int, entrance: Entrance, log: Path, waiting: Told
) -> None:
    began = time.monotonic()
    while (so_far := time.monotonic() - began) < PATIENCE_SECONDS:
        if server.poll() is not None:
            raise ServerNotUp(log)
        if answers(port, entrance):
            return
        waiting(so_far)
        time.sleep(0.2)
    raise ServerNotUp(log)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
