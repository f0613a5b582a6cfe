"""The parts of a running office: one that stopped is started again within a minute, and it is said."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prefect.client.schemas.objects import State, StateType
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from flows.installation import opening
from flows.installation.entrance import LOOPBACK
from flows.morning import schedule
from flows.office import SHANGHAI
from flows.prefect_side import lost_runs
from flows.server import serve, server_process, watch
from flows.shown import lists


class Frail:
    """A part that may die."""

    def __init__(self) -> None:
        self.lives: list[bool] = []

    @contextmanager
    def begin(self) -> Iterator[watch.Alive]:
        self.lives.append(True)
        mine = len(self.lives) - 1
        try:
            yield lambda: self.lives[mine]
        finally:
            self.lives[mine] = False


def test_a_part_that_stopped_is_started_again_and_said() -> None:
    frail = Frail()
    with watch.at_work([watch.Part("清单更新", frail.begin)]) as (part,):
        assert list(part.see_to()) == []
        frail.lives[0] = False
        assert list(part.see_to()) == ["清单更新已停止工作，现已重新启动"]
        assert list(part.see_to()) == []
        assert frail.lives == [False, True]
    assert frail.lives == [False, False]


def test_one_that_cannot_be_kept_going_ends_the_office_with_a_sentence() -> None:
    frail = Frail()
    with watch.at_work([watch.Part("执行程序", frail.begin)]) as (part,):
        for _ in range(watch.TRIES):
            frail.lives[-1] = False
            assert list(part.see_to())
        frail.lives[-1] = False
        with pytest.raises(watch.OfficeBroken, match="执行程序连续5次启动后又停止") as broken:
            list(part.see_to())
        assert broken.value.tries == 5
        frail.lives[-1] = True  # once it is found at work, all counts anew
        assert list(part.see_to()) == []
        frail.lives[-1] = False
        assert list(part.see_to())


def test_what_one_check_cannot_do_is_said_and_does_not_end_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    said: list[str] = []

    def of_the_register() -> Iterator[str]:
        yield "这一项已恢复"
        raise OperationalError("SELECT", {}, sqlite3.OperationalError("database is locked"))

    def of_the_server() -> Iterator[str]:
        raise httpx.ConnectError("refused")
        yield

    def other() -> list[str]:
        said.append("other")
        return []

    watch.mind((of_the_register, of_the_server, other), 0, times=2)
    assert said == ["other"] * 2
    for words in ("这一项已恢复", "登记簿暂时不能使用", "服务器暂无响应"):
        assert caplog.text.count(words) == 2


def test_a_clock_whose_time_was_set_back_is_found_asleep_and_started_again() -> None:
    """By three hours, or a week: APScheduler waits for the hour that was."""
    with watch.at_work([watch.Part("定时器", serve.clock)]) as (part,):
        assert list(part.see_to()) == []
    clock = schedule.scheduler()
    clock.start(paused=True)
    (job,) = [one for one in clock.get_jobs() if one.id == f"{schedule.SWEEP}（补）"]
    try:
        now = datetime.now(SHANGHAI)
        for later, awake in (
            (timedelta(0), True),
            (timedelta(minutes=1), True),
            (timedelta(hours=3), False),
            (timedelta(days=7), False),
            (timedelta(minutes=-10), False),
        ):
            job.modify(next_run_time=now + later)
            assert schedule.awake(clock) is awake, later
        job.pause()
        assert not schedule.awake(clock)
    finally:
        clock.shutdown(wait=False)


def test_a_dead_clock_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = []

    def made() -> object:
        clocks.append(scheduler())
        return clocks[-1]

    scheduler = schedule.scheduler
    monkeypatch.setattr(schedule, "scheduler", made)
    monkeypatch.setattr(schedule, "morning", lambda: None)
    with watch.at_work([watch.Part("定时器", serve.clock)]) as (part,):
        clocks[0].remove_all_jobs()
        assert list(part.see_to()) == ["定时器已停止工作，现已重新启动"]
        assert list(part.see_to()) == []
    assert len(clocks) == 2


def test_a_state_from_before_the_clock_was_set_back_is_not_recent() -> None:
    now = datetime.now(SHANGHAI)
    before = now - timedelta(minutes=2)
    for ago, recent in ((0, True), (1, True), (3, False), (-180, False), (-7 * 24 * 60, False)):
        state = State(type=StateType.RUNNING, timestamp=now - timedelta(minutes=ago))
        assert lost_runs.is_recent(state, before) is recent, ago


def test_the_lists_survive_a_register_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "AT_MOST_EVERY_SECONDS", 0.01)
    tried, done = [], threading.Event()

    def renew(_client: object) -> None:
        tried.append(1)
        if len(tried) == 1:
            raise OperationalError("SELECT", {}, sqlite3.OperationalError("disk I/O error"))
        if len(tried) == 2:
            raise httpx.ReadTimeout("slow")
        done.set()

    monkeypatch.setattr(lists, "renew", renew)
    with serve.renewing_lists() as alive:
        lists.outdated()
        assert done.wait(10)
        assert alive()


# ── the server's process ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def door() -> Iterator[socket.socket]:
    with socket.create_server((LOOPBACK, 0)) as listening:
        yield listening


def kept(
    folder: Path, door: socket.socket, environment: pytest.MonkeyPatch, does: str
) -> server_process.Kept:
    """The keeper of a server that is a Python program of one line."""
    start = subprocess.Popen

    def popen(_command: list[str], **given: object) -> subprocess.Popen[bytes]:
        return start([sys.executable, "-c", does], **given)

    environment.setattr(server_process.subprocess, "Popen", popen)
    return server_process.Kept(folder / "server.log", door)


def test_a_server_that_ends_at_its_start_is_given_up_with_a_log_that_says_so(
    tmp_path: Path, door: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = kept(tmp_path, door, monkeypatch, "raise SystemExit(3)")
    with pytest.raises(server_process.ServerNotUp, match="退出码 3") as fault:
        one.until_healthy(server_process.quiet)
    assert "没有启动就已结束，退出码 3" in fault.value.log.read_text("utf-8")
    one.stop()


def test_ctrl_c_in_the_terminal_is_not_for_the_server(
    tmp_path: Path, door: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stopped at once, was started anew, and what Prefect still had to send was told in English."""
    one = kept(tmp_path, door, monkeypatch, "import time; time.sleep(60)")
    assert os.getpgid(one.process.pid) == one.process.pid != os.getpgid(0)
    one.stop()


def test_a_server_that_starts_slowly_is_waited_for_as_long_as_it_lives(
    tmp_path: Path, door: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_process, "WATCH_SECONDS", 0)
    one = kept(tmp_path, door, monkeypatch, "import time; time.sleep(60)")
    asked: list[float] = []

    def answers(*_: object) -> bool:
        asked.append(1)
        return len(asked) > 2000  # once 180 seconds ended it

    monkeypatch.setattr(server_process, "answers", answers)
    one.until_healthy(server_process.quiet)
    assert len(asked) == 2001
    one.stop()


def test_a_server_that_lives_and_does_not_answer_is_started_anew(
    tmp_path: Path, door: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = kept(tmp_path, door, monkeypatch, "import time; time.sleep(60)")
    first = one.process
    one.watch()
    monkeypatch.setattr(server_process, "answers", lambda *_: False)
    lines = [line for _ in range(server_process.SILENT_CHECKS) for line in one.see_to()]
    assert lines[-1] == "服务器久不回答，已结束并重新启动"
    first.wait(10)
    while one.process is first:
        threading.Event().wait(0.05)
    monkeypatch.setattr(server_process, "answers", lambda *_: True)
    assert list(one.see_to()) == []
    one.stop()
    assert "久不回答" in (tmp_path / "server.log").read_text("utf-8")


def test_a_server_that_never_answers_again_ends_the_office(
    tmp_path: Path, door: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = kept(tmp_path, door, monkeypatch, "raise SystemExit(1)")
    monkeypatch.setattr(server_process, "STEADY_SECONDS", 0)
    monkeypatch.setattr(server_process, "WATCH_SECONDS", 0.01)
    one.watch()
    while one._starts <= server_process.STARTS:
        threading.Event().wait(0.05)
    with pytest.raises(server_process.ServerNotUp, match="没有启动"):
        list(one.see_to())
    one.stop()


def test_a_log_that_has_grown_is_begun_anew_and_the_one_before_kept(
    tmp_path: Path, door: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the server writes on into it; what is written afterwards is read as before."""
    one = kept(tmp_path, door, monkeypatch, "import time; time.sleep(60)")
    monkeypatch.setattr(server_process, "answers", lambda *_: True)
    one.watch()
    log, before = tmp_path / "server.log", tmp_path / "server.log.1"
    for longer, kept_apart in ((0, False), (1, True)):
        with log.open("ab") as written:
            written.write(b"x" * (server_process.LOG_BYTES + longer - log.stat().st_size))
        assert list(one.see_to()) == []
        assert before.exists() is kept_apart
    assert (log.stat().st_size, before.stat().st_size) == (0, server_process.LOG_BYTES + 1)
    with log.open("ab") as written:
        written.write(b"database disk image is malformed\n")
    monkeypatch.setattr(server_process, "damaged", lambda _: True)
    assert list(one.see_to()) == ["办理系统的数据库在运行中损坏，服务器已结束并重新启动"]
    one.stop()


def test_the_start_waits_as_long_as_the_server_is_kept(
    tmp_path: Path, door: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "AGAIN_SECONDS", 0)
    monkeypatch.setattr(serve, "PATIENCE_SECONDS", -1)
    one = kept(tmp_path, door, monkeypatch, "import time; time.sleep(60)")
    locked = OperationalError("BEGIN", {}, sqlite3.OperationalError("database is locked"))
    away: list[Exception] = [httpx.ConnectError("refused"), locked] * 3

    def ask() -> str:
        if away:
            raise away.pop()
        return "done"

    assert serve._patiently(ask, one) == "done"
    one._starts = server_process.STARTS + 1
    away.append(httpx.ConnectError("refused"))
    with pytest.raises(server_process.ServerNotUp):
        serve._patiently(ask, one)
    one.stop()


def test_a_register_on_postgresql_is_asked_whether_its_connection_still_stands() -> None:
    """One that was started again has closed what we held."""
    engine = opening.engine_of(make_url("postgresql+psycopg://office@/x"))
    assert engine.pool._pre_ping


# ── whatever is raised ──────────────────────────────────────────────────────────────────────────
LEAVING = [SystemExit(0), SystemExit(3), GeneratorExit(), AssertionError("7"), KeyError("x")]


@pytest.mark.parametrize("how", LEAVING, ids=repr)
def test_a_check_that_breaks_ends_the_office_with_a_sentence_and_never_in_silence(
    how: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    """SystemExit(0) out of a check was an office that had ended well."""

    def breaks() -> Iterator[str]:
        yield "一"
        raise how

    with pytest.raises(watch.CheckBroke, match=f"意外中断（{type(how).__name__}）"):
        watch.mind((breaks,), 0, times=1)
    assert "每分钟的检查意外中断" in caplog.text


def test_ctrl_c_and_a_part_that_cannot_be_kept_going_say_so_themselves() -> None:
    for how in (KeyboardInterrupt(), watch.OfficeBroken("执行程序", 5)):

        def ends(how: BaseException = how) -> Iterator[str]:
            raise how
            yield

        with pytest.raises(type(how)):
            watch.mind((ends,), 0, times=1)


@pytest.mark.parametrize("how", LEAVING, ids=repr)
def test_the_lists_are_renewed_again_whatever_ended_their_thread(
    how: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()

    def ends(_client: object) -> None:
        asked.set()
        raise how

    monkeypatch.setattr(threading, "excepthook", lambda _told: None)
    monkeypatch.setattr(lists, "AT_MOST_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(lists, "renew", ends)
    with watch.at_work([watch.Part("清单更新", serve.renewing_lists)]) as (part,):
        lists.outdated()
        assert asked.wait(10)
        thread = next((one for one in threading.enumerate() if one.name == "lists"), None)
        if thread is not None:
            thread.join(10)
        assert list(part.see_to()) == ["清单更新已停止工作，现已重新启动"]
        assert list(part.see_to()) == []


@pytest.mark.parametrize("how", LEAVING, ids=repr)
def test_the_clock_goes_on_whatever_a_job_raises(
    how: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[int] = []
    twice = threading.Event()

    def breaks() -> None:
        times.append(1)
        if len(times) > 1:
            twice.set()
        raise how

    for one in ("morning", "look"):
        monkeypatch.setattr(schedule, one, lambda: None)
    clock = schedule.scheduler()
    clock.add_job(breaks, "interval", seconds=0.2)
    clock.start()
    try:
        assert twice.wait(10)
        assert schedule.awake(clock)
    finally:
        clock.shutdown(wait=False)
