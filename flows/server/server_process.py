"""The Prefect server of this installation: its settings, its start, its stop.

Imports nothing of Prefect: Prefect reads its settings when it is first imported, so they must be
in the environment before.
"""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

from flows.installation import (
    files,
    office_secret,
    prefect_database,
    prefect_messaging,
    settings,
    starter,
)
from flows.installation.damaged_database import damage_told, damaged, set_aside_if_damaged
from flows.installation.entrance import LOOPBACK, Entrance
from flows.server.garbage import collected_apart
from models.errors import DisclosureError

LOG = logging.getLogger(__name__)
STEADY_SECONDS = 180  # a server that lived so long before it ended is started again at once
STARTS = 10  # in a row, without one answer: then it is given up
SILENT_CHECKS = 3
STOP_SECONDS = 15
WATCH_SECONDS = 0.2
LOG_BYTES = 10_000_000  # of the log; the one before is kept beside it
KEPT_OPEN = (
    75  # seconds an unused connection stays: at uvicorn's 5 one is closed as it is used again
)
WAITING = 2048  # requests that wait while the server is started anew
PROGRAM = "flows.server.server_process"


Told = Callable[[float], None]


class ServerNotUp(DisclosureError):
    """The Prefect server ended before it answered; its log says why, if only by its exit code, and
    what to do.
    """

    def __init__(self, log: Path, code: int | None, remedy: str = "") -> None:
        self.log, self.code, self.remedy = log, code, remedy
        ended = "没有回答" if code is None else f"退出码 {code}"
        words = f"办理系统服务器没有启动（{ended}），原因见日志 {log}"
        super().__init__(f"{words}。{remedy}" if remedy else words)


ANYBODY = Entrance()
NOT_NEEDED: Final = (
    *("SCHEDULER", "TRIGGERS", "TASK_RUN_RECORDER", "EVENT_PERSISTER"),
    *("PAUSE_EXPIRATIONS", "CANCELLATION_CLEANUP", "REPOSSESSOR", "LATE_RUNS"),
    "CLEANUP_RECONCILER",
)
"""What of Prefect's server works for nothing here: our own scheduler begins what is due, nobody may make
automations, our flows have no tasks and no limits of their own, and what was done stands in the register,
not in Prefect's events; a run that waits is begun within seconds, and our minute's check sees to the worker.
A form waits without end: what looks for pauses that have run out would read
every open case every five seconds.
"""
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
KEPT_DAYS = 60
DAY_SECONDS = 86_400


def environment(
    home: Path,
    port: int,
    entrance: Entrance = ANYBODY,
    kept_days: int = KEPT_DAYS,
    secret: str | None = None,
) -> dict[str, str]:
    """What server, worker and command line must find in their environment before Prefect loads.

    kept_days = for how long runs that have ended stay in Prefect's database (config/retention.toml);
    secret = the office's own at this start (office_secret.py), a new one unless told
    """
    secret = office_secret.new() if secret is None else secret
    return {
        office_secret.SETTING: secret,
        "PREFECT_API_AUTH_STRING": secret,
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://{entrance.reached_at}:{port}/api",
        "PREFECT_UI_API_URL": "/api",  # under whatever name the browser came by
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://{entrance.reached_at}:{port}",
        # A new browser would be led to the second UI, which has no Resume button.
        "PREFECT_SERVER_UI_V2_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # Runs that have ended go, with what was typed in them: the register has what counts.
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(kept_days * DAY_SECONDS),
        **{f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in NOT_NEEDED},
        # Ways to send mail, to run containers: none is ours, and writing down all of them took a fifth of
        # what the first start took.
        "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
        # Who is at work is said every 20 seconds (worker.py), and gone after 90.
        "PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS": "60",
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
    with keeping(home, port, entrance, waiting=waiting) as kept:
        yield kept.address


@contextmanager
def keeping(
    home: Path,
    port: int,
    entrance: Entrance = ANYBODY,
    *,
    waiting: Told = quiet,
    more: Mapping[str, str] = NOTHING,
) -> Iterator[Kept]:
    """As `running`; yields what keeps the server going. more = settings that it alone is told: where
    its tables are.
    """
    home.mkdir(parents=True, exist_ok=True)
    with _listening(port, entrance) as door:
        kept = Kept(home / "server.log", door, entrance, more)
        try:
            kept.until_healthy(waiting)
            kept.watch()
            yield kept
        finally:
            kept.stop()


class Kept:
    """The server's process, started anew whenever it ends, or does not answer any more, without
    having been told to.

    The port is held here and lent to each process: while one is started anew, nobody else on this
    machine can take its place and ask officers for their passwords; who asks meanwhile waits.
    """

    def __init__(
        self,
        log: Path,
        door: socket.socket,
        entrance: Entrance = ANYBODY,
        more: Mapping[str, str] = NOTHING,
    ) -> None:
        self.log, self.entrance, self._more = log, entrance, more
        self._door, self.port = door, int(door.getsockname()[1])
        with files.log(log) as kept:
            self._log_began = self._log_read = kept.seek(0, os.SEEK_END)
        self._stopping = threading.Event()
        self._watching = self._watcher()
        self._starts = 0  # since it answered last
        self._silent = 0  # checks in a row without an answer
        self.process = self._started()

    @property
    def address(self) -> str:
        """Where it is reached from this machine."""
        return f"http://{self.entrance.reached_at}:{self.port}"

    def _started(self) -> subprocess.Popen[bytes]:
        doors = {
            settings.LISTEN.name: self.entrance.listen,
            settings.HOSTS.name: ",".join(self.entrance.hosts),
        }
        self._starts += 1
        if done := set_aside_if_damaged(self.log.parent):
            LOG.warning(done)
            self._note(f"：{done}")
        self._note("启动")
        with files.log(self.log) as out:
            return subprocess.Popen(
                [sys.executable, "-m", PROGRAM, str(self._door.fileno())],
                pass_fds=(self._door.fileno(),),
                env={**os.environ, **doors, **self._more},
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
                process_group=0,  # the terminal's Ctrl-C is for us: it is stopped last, by us
            )

    def _note(self, what: str) -> None:
        """Write into the server's log what became of it: Prefect itself writes nothing of that."""
        with files.log(self.log) as log:
            log.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC　办理系统服务器{what}\n".encode())

    def until_healthy(self, waiting: Told) -> None:
        """Wait until it answers, as long as it lives; ServerNotUp if it ends before."""
        began = time.monotonic()
        while not answers(self.port, self.entrance):
            if (code := self.process.poll()) is not None:
                self._note(f"没有启动就已结束，退出码 {code}")
                raise self.not_up()
            waiting(time.monotonic() - began)
            time.sleep(WATCH_SECONDS)
        self._starts = 0

    def not_up(self) -> ServerNotUp:
        """That it did not come up, with what its log says since it was started."""
        remedy = prefect_database.remedy(self.log, self._log_began)
        return ServerNotUp(self.log, self.process.poll(), remedy)

    def watch(self) -> None:
        """From now on, start it anew when it ends."""
        self._watching.start()

    def _watcher(self) -> threading.Thread:
        return threading.Thread(target=self._watch, name="server", daemon=True)

    def _watch(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            began = time.monotonic()
            while (code := self.process.poll()) is None:
                if self._stopping.wait(WATCH_SECONDS):
                    return
            lived = time.monotonic() - began
            pause = 0.0 if lived > STEADY_SECONDS else min(2 * pause + 0.5, STEADY_SECONDS)
            LOG.warning("服务器意外停止（退出码 %s），正在重新启动……", code)
            self._note(f"意外停止，退出码 {code}")
            self.process = self._started()

    def see_to(self) -> Iterator[str]:
        """Once a minute: a server that lives but does not answer, or whose database was damaged under
        it, is ended, and so started anew; the thread that does that is there. ServerNotUp if it
        cannot be kept going.
        """
        self.fail_if_broken()
        if answers(self.port, self.entrance):
            self._starts = self._silent = 0
        elif self.process.poll() is None:
            self._silent += 1
            yield f"服务器没有回答（第{self._silent}次检查）"
        if self._silent >= SILENT_CHECKS:
            self._silent = 0
            self._note("久不回答，结束后重新启动")
            self.process.kill()
            yield "服务器久不回答，已结束并重新启动"
        if damage_told(self._newly_logged()) and damaged(self.log.parent):
            self._note("的数据库在运行中损坏，结束后重新启动")
            self.process.kill()
            yield "办理系统的数据库在运行中损坏，服务器已结束并重新启动"
        if not self._watching.is_alive():
            self._watching = self._watcher()
            self._watching.start()
            yield "看护服务器的线程已停止，现已重新启动"

    def _newly_logged(self) -> bytes:
        """What the server's log says since it was last looked at."""
        with files.log(self.log) as log:
            log.seek(self._log_read)
            said = log.read()
            self._log_read += len(said)
            if self._log_read > LOG_BYTES:  # as logrotate's copytruncate: the server has it open
                log.seek(0)
                files.written(self.log.with_name(f"{self.log.name}.1"), log.read())
                log.truncate(0)
                self._log_began = self._log_read = 0
        return said

    def fail_if_broken(self) -> None:
        """ServerNotUp if it was started so often without answering once that it will not."""
        if self._starts > STARTS:
            raise self.not_up()

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
    """The Prefect server's application behind what is ours."""
    from flows.prefect_side.in_turn import InTurn
    from flows.prefect_side.server_app import prefect_app
    from flows.server.register_away import told

    prefect = prefect_app(alone=not prefect_messaging.are_several(), away=told)
    return behind_the_doors(InTurn(prefect))


def behind_the_doors(prefect: Any) -> Any:
    """An application in Prefect's place, behind what is ours.

    From the outside in: the words while the register is away, the doors (who gets in at all), logging
    in, what a form was answered with at an address of its own, what an office of our own is to supply,
    our first page and the forms that it leads to, what was typed and not submitted, what persons may
    ask, who read what, our own addresses and pages, what cannot be deleted, the forms let go that were
    answered, the word to the worker that a form was taken, the seal on every form, what is submitted
    judged, the forms made as they are opened, the looks of Prefect's.
    """
    from flows import office
    from flows.installation.front_door import Doors
    from flows.prefect_side.wake import Wake
    from flows.server.answered_forms import AnsweredForms
    from flows.server.archive_pages import ArchivePages
    from flows.server.begun_forms import BegunForms
    from flows.server.begun_pages import BegunPages
    from flows.server.bench_pages import BenchPages
    from flows.server.bookmarks import Bookmarks
    from flows.server.calendar_pages import CalendarPages
    from flows.server.frequent_pages import FrequentPages
    from flows.server.guide_pages import GuidePages
    from flows.server.held_runs import HeldRuns
    from flows.server.judged_forms import JudgedForms
    from flows.server.login_pages import LoginPages
    from flows.server.opened_forms import OpenedForms
    from flows.server.paper_pages import PaperPages
    from flows.server.persons import Persons
    from flows.server.print_pages import PrintPages
    from flows.server.readings import Readings
    from flows.server.reasked_forms import ReaskedForms
    from flows.server.register_away import RegisterAway
    from flows.server.review_pages import ReviewPages
    from flows.server.screening_pages import ScreeningPages
    from flows.server.sealed_forms import SealedForms
    from flows.server.sent_forms import FormTokens
    from flows.server.service_pages import ServicePages
    from flows.server.shown_again import ShownAgain
    from flows.server.statistics_pages import StatisticsPages
    from flows.server.supply_pages import SupplyPages
    from flows.server.together_pages import TogetherPages
    from flows.server.typed_forms import TypedForms
    from flows.server.visits import Visits
    from flows.server.year_pages import YearPages
    from flows.shown.pages import Pages

    office.sealing()  # a bad key is said at the start
    entrance, secret = office.entrance(), os.environ[office_secret.SETTING]
    opened = OpenedForms(_looks(prefect))
    judged = ReaskedForms(BegunForms(JudgedForms(opened, renewed=opened.form)))
    wake = Wake(SealedForms(judged, office.sealing), alone=not prefect_messaging.are_several())
    ours = Bookmarks(Pages(HeldRuns(AnsweredForms(wake))))
    visits, tokens = Visits(), FormTokens(secret)
    typed = TypedForms(Persons(Readings(ours), secret), tokens)
    behind = CalendarPages(StatisticsPages(FrequentPages(BegunPages(typed, tokens))), tokens)
    printed = PaperPages(ServicePages(PrintPages(behind), tokens), tokens)
    year = YearPages(ArchivePages(printed, tokens), tokens)
    beside = TogetherPages(ReviewPages(ScreeningPages(year, tokens)), tokens)
    pages = ShownAgain(SupplyPages(GuidePages(BenchPages(beside, tokens)), tokens))
    logged_in = LoginPages(pages, visits, tokens, secret)
    return RegisterAway(Doors(logged_in, entrance, secret, visits.visitor))


def _looks(app: Any) -> Any:
    """Prefect's pages as an officer reads them, in the words that config/ has for this version; a dossier
    as it is when it is opened.
    """
    from importlib.metadata import version as installed

    from flows import office
    from flows.prefect_side import chinese
    from flows.prefect_side.prefect_pages import Looks
    from flows.server.opened_dossiers import OpenedDossiers
    from models.agency.officers import maintains

    version = installed("prefect")
    chinese.warn_if_unknown(version, office.desk_words())
    return Looks(
        OpenedDossiers(app),
        words=lambda: chinese.words_of(version, office.desk_words()),
        maintains=lambda officer: maintains(office.agency().officers, officer),
    )


def answers(port: int, entrance: Entrance = ANYBODY) -> bool:
    """Whether a healthy Prefect server answers on the port."""
    try:
        with urlopen(f"http://{entrance.reached_at}:{port}/api/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False


@contextmanager
def _listening(port: int, entrance: Entrance) -> Iterator[socket.socket]:
    """The port, ours while the block lasts. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in entrance.listen else socket.AF_INET
    try:
        door = socket.create_server((entrance.listen, port), family=family, backlog=WAITING)
    except OSError as fault:
        if fault.errno != errno.EADDRINUSE:
            raise
        raise PortTaken(port) from None
    with door:
        yield door


def _serve(door: int) -> None:
    """Be the server, until told to stop or until whoever started us is gone (stdin ends).

    door = the listening socket that we were lent (file descriptor)

    Uvicorn directly: `prefect server start` loads the whole command line first.
    """
    import uvicorn

    threading.Thread(target=_follow_to_the_end, daemon=True).start()
    files.for_the_owner_alone()
    config = uvicorn.Config(
        create_app,
        factory=True,
        server_header=False,
        proxy_headers=False,  # whose word is taken is for accounts.toml to say (visits.py)
        log_level="warning",
        timeout_keep_alive=KEPT_OPEN,
        timeout_graceful_shutdown=3,
    )
    with suppress(KeyboardInterrupt), collected_apart(), socket.socket(fileno=door) as lent:
        uvicorn.Server(config).run(sockets=[lent])


def _follow_to_the_end() -> None:
    """A killed parent closes our stdin: stop, so that the port and the database are free."""
    starter.until_gone()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
