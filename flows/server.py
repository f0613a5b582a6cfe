"""The Prefect server of this installation: its settings, its start, its stop.

Imports nothing of Prefect: Prefect reads its settings when it is first imported, so they must be
in the environment before.
"""

from __future__ import annotations

import logging
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

from flows import prefect_database
from flows.doors import LOOPBACK, Entrance
from models.errors import DisclosureError

LOG = logging.getLogger(__name__)
PATIENCE_SECONDS = 180
STOP_SECONDS = 15
WATCH_SECONDS = 0.2
PROGRAM = "flows.server"


Told = Callable[[float], None]


class ServerNotUp(DisclosureError):
    """The Prefect server ended, or did not answer in time; its log says why, and what to do."""

    def __init__(self, log: Path, remedy: str = "") -> None:
        self.log, self.remedy = log, remedy
        words = f"办理台服务器没有启动，原因见日志 {log}"
        super().__init__(f"{words}。{remedy}" if remedy else words)


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
        # A new browser would be led to the second UI, which has no Resume button.
        "PREFECT_SERVER_UI_V2_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # The server is ours and of the same version: no need to ask it with every connection.
        "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        # What was told to whom stands in the log of the run that did it, too.
        "PREFECT_LOGGING_EXTRA_LOGGERS": "disclosure.alerts",
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
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
    kept = _Kept(home / "server.log", port, entrance)
    try:
        _until_healthy(kept, waiting)
        kept.watch()
        yield f"http://{entrance.reached_at}:{port}"
    finally:
        kept.stop()


class _Kept:
    """The server's process, started anew whenever it ends without having been told to."""

    def __init__(self, log: Path, port: int, entrance: Entrance) -> None:
        self.log, self.port, self.entrance = log, port, entrance
        self._log_began = log.stat().st_size if log.exists() else 0
        self._stopping = threading.Event()
        self._watching = threading.Thread(target=self._watch, name="server", daemon=True)
        self.process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        # The login goes by the environment: a command line is everybody's to read.
        doors = {"DISCLOSURE_LISTEN": self.entrance.listen, "DISCLOSURE_LOGIN": self.entrance.login}
        with self.log.open("ab") as out:
            return subprocess.Popen(
                [sys.executable, "-m", PROGRAM, str(self.port)],
                env=os.environ | doors,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def not_up(self) -> ServerNotUp:
        """That it did not come up, with what its log says since it was started."""
        return ServerNotUp(self.log, prefect_database.remedy(self.log, self._log_began))

    def watch(self) -> None:
        """From now on, start it anew when it ends."""
        self._watching.start()

    def _watch(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            began = time.monotonic()
            while self.process.poll() is None:
                if self._stopping.wait(WATCH_SECONDS):
                    return
            lived = time.monotonic() - began
            pause = 0.0 if lived > PATIENCE_SECONDS else min(2 * pause + 0.5, PATIENCE_SECONDS)
            LOG.warning("服务器意外停止，正在重新启动……")
            self.process = self._started()

    def stop(self) -> None:
        """End it, and do not start it again."""
        self._stopping.set()
        if self._watching.is_alive():
            self._watching.join()
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def create_app() -> Any:
    """The Prefect server's application behind what is ours.

    From the outside in: the doors (who gets in at all), our own pages, the seal on every form, what
    is submitted judged, the forms made as they are opened, the looks of Prefect's.
    """
    from flows import office
    from flows.doors import Doors
    from flows.judged_forms import JudgedForms
    from flows.looks import Looks
    from flows.opened_forms import OpenedForms
    from flows.pages import Pages
    from flows.sealed_forms import SealedForms

    office.sealing()  # a bad key is said at the start
    opened = OpenedForms(Looks(_prefect_app()))
    judged = JudgedForms(opened, renewed=opened.form)
    return Doors(Pages(SealedForms(judged, office.sealing)), office.entrance())


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


def _until_healthy(kept: _Kept, waiting: Told) -> None:
    began = time.monotonic()
    while (so_far := time.monotonic() - began) < PATIENCE_SECONDS:
        if kept.process.poll() is not None:
            raise kept.not_up()
        if answers(kept.port, kept.entrance):
            return
        waiting(so_far)
        time.sleep(0.2)
    raise kept.not_up()


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
