"""What a register says when it cannot be worked with: lost, busy, read-only, full, damaged, gone.

Runs on SQLite, and on PostgreSQL when DISCLOSURE_DATABASE_URL names one (tests/databases.py).
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from databases import empty_register, registered
from schemas import ASKED
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError, ProgrammingError

from flows import office
from flows.__main__ import main
from flows.installation import (
    database_words,
    locks,
    moved_away,
    opening,
    postgresql_connections,
    register_lease,
    settings,
    upgrading,
)
from flows.server import city
from models.migrations import HEAD, MARK
from models.register import register
from models.store.tables import Application
from tests.ports import free_port

on_sqlite = pytest.mark.skipif(ASKED.startswith("postgresql"), reason="a file of SQLite")
on_postgresql = pytest.mark.skipif(not ASKED.startswith("postgresql"), reason="PostgreSQL only")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty register with a key of its own in its folder."""
    monkeypatch.delenv(settings.KEY.name, raising=False)
    with empty_register(tmp_path, monkeypatch, made=False):
        yield tmp_path


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one sentence of a command that ends with 2."""
    capsys.readouterr()
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (sentence,) = err.splitlines()
    return sentence


RECEIVE = (
    *("receive", "--channel", "当面提交", "--kind", "自然人"),
    *("--applicant", "李四", "--request", "乙"),
)


class Other:
    """Another process that does something with the register and then waits to be let go."""

    def __init__(self, words: str) -> None:
        script = dedent(words) + "\nprint('there', flush=True)\ninput()\n"
        self.process = subprocess.Popen(
            [sys.executable, "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "there\n"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


READS = "from flows import office\nwith office.reading(): pass"


# ── an office that lost its register ──────────────────────────────────────────────────────────


def lose(home: Path) -> None:
    """Take the register away, as a disk or a careless hand does."""
    office.close()
    if ASKED.startswith("postgresql"):
        engine = create_engine(office.database_url())
        with engine.begin() as connection:
            schema = connection.execute(text("SELECT current_schema()")).scalar_one()
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
            connection.execute(text(f"CREATE SCHEMA {schema}"))
        engine.dispose()
    else:
        for file in home.glob("register.db*"):
            file.unlink()


@pytest.mark.parametrize("trace", ["key", "prefect"])
def test_a_register_that_is_gone_is_not_taken_for_a_new_office(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, trace: str
) -> None:
    registered()
    lose(home)
    if trace == "prefect":
        monkeypatch.setenv(settings.KEY.name, (home / "key").read_text().strip())
        (home / "key").unlink()
        (home / "prefect").mkdir()
    for command in (RECEIVE, ("cases",)):
        said = refused(capsys, *command)
        assert said.startswith("disclosure：登记簿不见了：")
        assert f"而 {trace} 表明" in said
    assert not (home / "register.db").exists()


@on_sqlite
@pytest.mark.parametrize("content", [b"", None])
def test_an_empty_file_is_no_register_either(
    home: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    registered()
    lose(home)
    if content is None:  # a database without a table in it
        with sqlite3.connect(home / "register.db") as there:
            there.execute("PRAGMA user_version=1")
    else:
        (home / "register.db").write_bytes(content)
    assert "登记簿不见了" in refused(capsys, *RECEIVE)


def test_a_home_without_a_trace_is_a_new_office(home: Path) -> None:
    assert registered() == "SQ202600001"


# ── one at a time ─────────────────────────────────────────────────────────────────────────────


def test_a_second_office_of_a_home_is_refused_and_the_first_named(home: Path) -> None:
    first = Other("from flows.installation import locks\n"
                  f"h = locks.office(__import__('pathlib').Path({str(home)!r}))"
                  "\nh.__enter__()")  # fmt: skip
    with pytest.raises(locks.OfficeRuns, match=f"进程 {first.process.pid}"), locks.office(home):
        pass
    first.kill()
    with locks.office(home):
        pass


HOLDS = """
from flows import office
from flows.installation import opening, register_lease
with office.reading(): pass
where = office.database()
lease = register_lease.held(where, opening.file_of(where), office.home())
mine = lease.__enter__()
"""
WAKES = f"""
from flows.installation import awake
awake.SAYS_EVERY_SECONDS, awake.SILENT_SECONDS = 0.3, 2.0
{HOLDS}
print('there', flush=True)
input()
try:
    print(*mine[0].see_to(), flush=True)
except register_lease.OfficeElsewhere as other:
    print(other, flush=True)
"""


def in_another_home(
    words: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Other:
    """Another process with the same register and key, in a home of its own."""
    monkeypatch.setenv(settings.KEY.name, (home / "key").read_text().strip())
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("DISCLOSURE_HOME", str(tmp_path / "other"))
        return Other(words)


def leased(home: Path) -> AbstractContextManager[tuple[register_lease.Lease, ...]]:
    """The right to be the office of this register, in this home."""
    where = office.database()
    return register_lease.held(where, opening.file_of(where), home)


def test_a_second_office_of_a_register_in_another_home_is_refused_and_the_first_named(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered()
    first = in_another_home(HOLDS, home, tmp_path, monkeypatch)
    monkeypatch.setenv("DISCLOSURE_HOME", str(tmp_path / "third"))
    named = f"进程 {first.process.pid}" if ASKED == "" else f"{first.process.pid}@"
    with (
        pytest.raises(register_lease.OfficeElsewhere, match=named) as told,
        leased(tmp_path / "third"),
    ):
        pass
    assert "已由另一处的办理系统使用" in str(told.value)
    done = subprocess.run(
        [sys.executable, "-m", "flows", "serve"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
    )
    assert (done.returncode, done.stdout.count("办理系统已就绪")) == (2, 0)
    assert "已由另一处的办理系统使用" in done.stderr
    first.kill()
    with leased(tmp_path / "third"):
        pass


@on_postgresql
def test_an_office_that_lost_the_database_takes_it_again_unless_another_was_quicker(
    home: Path,
) -> None:
    registered()
    with leased(home) as (mine,):
        assert list(mine.see_to()) == []
        cut_off(mine)
        (said,) = mine.see_to()
        assert "已重新取得办理权" in said
        assert list(mine.see_to()) == []
        cut_off(mine)
        with leased(home), pytest.raises(register_lease.OfficeElsewhere):
            list(mine.see_to())
        (said,) = mine.see_to()
        assert "已重新取得办理权" in said


@on_postgresql
def test_an_office_that_is_suspended_is_one_no_more_and_says_so_when_it_wakes(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stopped process, a machine put to sleep: its connection lives, and nobody else could take over."""
    registered()
    first = in_another_home(WAKES, home, tmp_path, monkeypatch)
    third = tmp_path / "third"
    time.sleep(3)  # it says something now and then, and holds
    with pytest.raises(register_lease.OfficeElsewhere), leased(third):
        pass
    first.process.send_signal(signal.SIGSTOP)
    until = time.monotonic() + 30
    while True:
        try:
            with leased(third):
                first.process.send_signal(signal.SIGCONT)
                assert first.process.stdin is not None
                assert first.process.stdout is not None
                first.process.stdin.write("\n")
                first.process.stdin.flush()
                assert "已由另一处的办理系统使用" in first.process.stdout.readline()
            break
        except register_lease.OfficeElsewhere:
            assert time.monotonic() < until
            time.sleep(0.1)
    first.kill()


@on_postgresql
def test_a_scheduler_that_waits_goes_on_waiting_while_the_database_is_away(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    registered()
    gone, pauses = opening.address("postgresql://nobody@127.0.0.1:1/none"), []
    made = postgresql_connections.for_once

    def connections(where: URL, **ours: Any) -> Engine:
        return made(where if len(pauses) == 2 else gone, **ours)

    monkeypatch.setattr(postgresql_connections, "for_once", connections)
    monkeypatch.setattr(city.time, "sleep", pauses.append)
    with city._on_duty() as leases:
        assert len(leases) == 1
    assert len([one for one in caplog.messages if "数据库服务器没有回答" in one]) == 2
    assert pauses == [city.AGAIN_SECONDS] * 2


@on_postgresql
def test_a_server_that_was_idle_while_the_register_was_upgraded_or_moved_works_on_it_no_more(
    home: Path,
) -> None:
    """None of its connections stood in the way: PostgreSQL had been started anew."""
    registered()
    aside = create_engine(office.database_url())

    def done(words: str) -> None:
        office.engine().dispose()
        with aside.begin() as there:
            there.exec_driver_sql(words)

    mark = f"UPDATE {MARK.name} SET version_num = "
    done(f"{mark} '9999'")
    with pytest.raises(upgrading.NewerRegister, match="9999") as newer:
        registered()
    assert office.register_away(newer.value)
    done(f"{mark} '{HEAD}'")
    assert registered() == "SQ202600002"
    with aside.begin() as there:
        moved_away.write(there, moved_away.Mark("postgresql://10.0.0.9/r", "2026-03-01", ""))
    done("SELECT 1")
    with pytest.raises(moved_away.MovedAway, match=r"移到 postgresql://10\.0\.0\.9/r") as moved:
        registered()
    assert office.register_away(moved.value)
    with aside.begin() as there:
        moved_away.take_off(there)
    assert registered() == "SQ202600003"
    aside.dispose()


def suspended_while_he_records(seconds: float) -> None:
    with office.writing() as session:
        session.connection().exec_driver_sql(
            "UPDATE series SET last = last"
        )  # as a number is given
        time.sleep(seconds)
        session.connection().exec_driver_sql("SELECT 1")


@on_postgresql
def test_whoever_is_suspended_while_he_records_keeps_the_others_from_it_for_a_while_only(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered()
    monkeypatch.setattr(office, "SUSPENDED", "1s")
    with pytest.raises(opening.DatabaseFailed, match="连接已断开") as ended:
        suspended_while_he_records(3)
    assert office.register_away(ended.value)
    assert registered() == "SQ202600002"
    with office.reading() as session:
        assert (
            session.connection()
            .exec_driver_sql("SHOW idle_in_transaction_session_timeout")
            .scalar_one()
            == "0"
        )


def cut_off(lease: register_lease.Lease) -> None:
    """End its connection, as a restart of the database does."""
    with lease._awake.connection() as mine:
        pid = mine.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    server = create_engine(office.database_url())
    with server.begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    server.dispose()


def test_serve_is_refused_where_an_office_runs_whatever_its_port(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCLOSURE_PORT", str(free_port()))
    with locks.office(home):
        done = subprocess.run(
            [sys.executable, "-m", "flows", "serve"],
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).parents[1],
        )
    assert (done.returncode, done.stdout) == (2, "正在启动办理系统……\n")
    assert f"的办理系统已经在运行（进程 {os.getpid()}），不能再启动一个" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_offices_of_two_homes_do_not_mind_each_other(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with locks.office(tmp_path / "a"), locks.office(tmp_path / "b"):
        pass


def test_what_must_be_done_alone_waits_for_nobody_and_names_who_is_there(home: Path) -> None:
    registered()
    other = Other(READS)
    with pytest.raises(locks.RegisterBusy, match=f"进程 {other.process.pid}"):
        office.alone("更换密钥").__enter__()
    assert registered() == "SQ202600002"  # the refusal left everything as it was
    other.kill()
    with office.alone("更换密钥"):
        assert registered() == "SQ202600003"


def test_nobody_comes_in_while_somebody_is_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    registered()
    office.close()
    other = Other("from flows import office\nalone = office.alone('更换密钥')\nalone.__enter__()")
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 0.3)
    said = refused(capsys, *RECEIVE)
    assert f"进程 {other.process.pid}" in said
    assert "不能打开登记簿" in said
    other.kill()
    assert main(RECEIVE) == 0


@on_postgresql
def test_whoever_is_connected_from_another_home_is_seen(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered()
    other = in_another_home(READS, home, tmp_path, monkeypatch)
    with pytest.raises(locks.RegisterBusy, match=f"进程 {other.process.pid}@"):
        office.alone("更换密钥").__enter__()
    other.kill()


# ── what a database answers besides what was asked ────────────────────────────────────────────


READ_ONLY = "mount --bind {0} {0} && mount -o remount,ro,bind {0} {0} && exec "
"""For root, whom no permission stops: a mount of one's own that takes no writing."""


def without_writing(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command by somebody who can read the home and write nothing in it."""
    command = [sys.executable, "-m", "flows", *arguments]
    if os.getuid() == 0:
        script = READ_ONLY.format(shlex.quote(str(home))) + shlex.join(command)
        command = ["unshare", "--mount", "sh", "-c", script]
    home.chmod(0o555)
    try:
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1]
        )
    finally:
        home.chmod(0o755)


def cannot_unshare() -> bool:
    return os.getuid() == 0 and bool(
        subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode
    )


@on_sqlite
@pytest.mark.skipif(cannot_unshare(), reason="root may not mount here: nothing is read-only to it")
@pytest.mark.parametrize("left", [False, True])
def test_a_home_that_is_read_only_can_be_read_and_says_why_it_is_not_written(
    home: Path, left: bool
) -> None:
    """Also where the register was left with a log beside it, as by a crash."""
    registered()
    if left:
        for suffix in ("-wal", "-shm"):
            shutil.copy(home / f"register.db{suffix}", home / f"kept{suffix}")
    office.close()
    if left:
        for suffix in ("-wal", "-shm"):
            (home / f"kept{suffix}").rename(home / f"register.db{suffix}")
    shown = without_writing(home, "case", "SQ202600001")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "SQ202600001" in shown.stdout
    done = without_writing(home, *RECEIVE)
    assert done.returncode == 2
    assert done.stderr == (
        "disclosure：登记簿的数据库出错，未登记任何内容：登记簿是只读的，只能查看，不能登记\n"
    )
    for command in (("serve",), ("restore", str(home))):
        done = without_writing(home, *command)
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1


@on_sqlite
def test_a_disk_that_is_full_is_said_and_nothing_is_half_written(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    registered()
    with office.reading() as session:
        connection = session.connection().connection.dbapi_connection
        assert connection is not None
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages}")
    said = refused(capsys, *RECEIVE[:-1], "乙" * 20_000)
    assert said.endswith("磁盘已满，请腾出空间")
    with office.reading() as session:
        assert [row.number for row in register.applications(session)] == ["SQ202600001"]


@on_sqlite
def test_a_register_that_others_keep_locked_is_said(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    registered()
    office.close()
    monkeypatch.setattr(opening, "LOCKED_SECONDS", 0)
    with sqlite3.connect(home / "register.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        said = refused(capsys, *RECEIVE)
        assert "登记簿被其他程序占用超过30秒" in said
    assert main(RECEIVE) == 0


@on_sqlite
def test_a_damaged_register_is_said(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    registered()
    office.close()
    file = home / "register.db"
    whole = file.read_bytes()
    file.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert "登记簿文件已损坏" in refused(capsys, *RECEIVE)


@on_postgresql
def test_a_server_that_goes_away_is_said_and_nothing_is_half_written(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    registered()
    with pytest.raises(opening.DatabaseFailed, match="连接已断开"):
        _half_of_a_case()
    with office.reading() as session:
        assert [one.number for one in register.applications(session)] == ["SQ202600001"]


def _half_of_a_case() -> None:
    """Begin to record, and lose the server."""
    again = row()
    with office.writing() as session:
        session.add(Application(**{**again, "number": "SQ202600009"}))
        session.flush()
        server = create_engine(office.database_url())
        with server.begin() as connection:
            (mine,) = session.connection().exec_driver_sql("SELECT pg_backend_pid()").one()
            connection.execute(text("SELECT pg_terminate_backend(:mine)"), {"mine": mine})
        server.dispose()
        session.connection().exec_driver_sql("SELECT 1")


def row() -> dict[str, object]:
    with office.reading() as session:
        return register.row(session, "SQ202600001").model_dump()


def test_a_row_that_is_there_already_stays_the_callers_to_judge(home: Path) -> None:
    registered()
    with pytest.raises(IntegrityError):
        _again(row())


def _again(columns: dict[str, object]) -> None:
    with office.writing() as session:
        session.add(Application(**columns))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("no such table: event", "没有表 event"),
        ("no such column: event.article", "没有列 event.article"),
        ('relation "event" does not exist\nLINE 1: SELECT', "没有表 event"),
        ("column event.article does not exist\nLINE 1: SELECT", "没有列 event.article"),
    ],
)
def test_what_a_register_lacks_is_said_in_chinese(told: str, said: str) -> None:
    words = f"登记簿中{said}，可能已损坏，请停止使用，从备份恢复（disclosure restore）"
    assert database_words.problem(ProgrammingError("SELECT", {}, Exception(told))) == words
    assert database_words.of_sqlite(sqlite3.OperationalError(told)) == words
