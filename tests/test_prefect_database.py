"""Prefect's database belongs to one version of Prefect; another's is set aside, nothing is lost.

Two versions cannot be installed side by side here: what the other one leaves is made as it was
seen to be (its mark, a revision that this one does not know).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from flows.installation import prefect_database
from flows.installation.damaged_database import damage_told
from flows.server import server_process
from tests.ports import free_port
from tests.waiting import pauses

INSTALLED = version("prefect")


def made(prefect: Path, *, mark: str = "", revision: str = "", runs: tuple[str, ...] = ()) -> None:
    """A database of Prefect, as some version left it."""
    prefect.mkdir()
    with closing(sqlite3.connect(prefect / "prefect.db")) as there, there:
        there.execute("CREATE TABLE alembic_version (version_num TEXT)")
        there.execute("CREATE TABLE flow_run (state_type TEXT)")
        if revision:
            there.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
        there.executemany("INSERT INTO flow_run VALUES (?)", [(one,) for one in runs])
    if mark:
        (prefect / "made-by").write_text(f"{mark}\n")


def renewed(tmp_path: Path) -> list[str]:
    return list(prefect_database.renew(tmp_path / "prefect", tmp_path))


def aside(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "backups").glob("*/prefect.db")]


@pytest.mark.parametrize("other", ["3.9.1", "3.8.7"])
def test_the_database_of_another_version_is_set_aside_and_it_is_said(
    tmp_path: Path, other: str
) -> None:
    runs = ("PAUSED", "RUNNING", "SCHEDULED", "COMPLETED")
    made(tmp_path / "prefect", mark=other, runs=runs)
    said = renewed(tmp_path)
    assert f"另一版本（{other}）建立的，现在安装的是 {INSTALLED}" in said[0]
    assert "未办结的申请由登记簿重新放回原来的环节" in said[1]
    assert "停止时有2个流程正在执行" in said[2]
    assert aside(tmp_path) == ["prefect.db"]
    assert [path.name for path in (tmp_path / "prefect").iterdir()] == ["made-by"]
    assert renewed(tmp_path) == []


@pytest.mark.parametrize("mark", [INSTALLED, ""])
def test_our_own_is_kept(tmp_path: Path, mark: str) -> None:
    """Also one from before its version was noted, if this version knows its revision."""
    known = max(prefect_database._known())
    made(tmp_path / "prefect", mark=mark, revision=known, runs=("RUNNING",))
    assert renewed(tmp_path) == []
    assert (tmp_path / "prefect" / "prefect.db").exists()
    assert (tmp_path / "prefect" / "made-by").read_text() == f"{INSTALLED}\n"


def test_one_that_this_version_does_not_know_is_set_aside(tmp_path: Path) -> None:
    made(tmp_path / "prefect", revision="ffffffffffff")
    assert "另一版本（不明）" in renewed(tmp_path)[0]
    assert aside(tmp_path) == ["prefect.db"]


def test_a_first_start_has_nothing_to_set_aside(tmp_path: Path) -> None:
    assert renewed(tmp_path) == []
    assert renewed(tmp_path) == []
    assert not (tmp_path / "backups").exists()


def test_one_on_a_server_is_not_ours_to_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path / "prefect", mark="3.9.1")
    monkeypatch.setenv(prefect_database.ELSEWHERE[0], "postgresql+asyncpg://x/prefect")
    with pytest.raises(prefect_database.OtherPrefect, match=r"Prefect 3\.9\.1 用过的"):
        renewed(tmp_path)
    assert (tmp_path / "prefect" / "prefect.db").exists()


def as_server(prefect: Path, environment: pytest.MonkeyPatch) -> int:
    """The settings of a server with this folder; its port."""
    port = free_port()
    environment.setenv("DISCLOSURE_HOME", str(prefect.parent / "office"))
    for name, value in server_process.environment(prefect, port).items():
        environment.setenv(name, value)
    return port


def test_a_server_that_cannot_open_its_database_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real server; what its log said of an earlier start does not count."""
    prefect = tmp_path / "prefect"
    port = as_server(prefect, monkeypatch)
    made(prefect, revision="ffffffffffff")
    (prefect / "server.log").write_text("file is not a database\n")
    meaning = "由另一版本的 Prefect 建立"
    with (
        pytest.raises(server_process.ServerNotUp, match=meaning) as said,
        server_process.running(prefect, port),
    ):
        pass
    assert f"把 {prefect} 整个移到别处再启动" in str(said.value)


@pytest.mark.parametrize(
    ("words", "meaning"),
    [("disk I/O error", "无法读写"), ("database disk image is malformed", "已损坏")],
)
def test_what_the_log_says_since_the_start_is_explained(
    tmp_path: Path, words: str, meaning: str
) -> None:
    log = tmp_path / "server.log"
    log.write_text("file is not a database\n")
    start = log.stat().st_size
    assert prefect_database.remedy(log, start) == ""
    log.write_text(f"file is not a database\n{words}\n")
    assert meaning in prefect_database.remedy(log, start)


def asked_of(address: str) -> None:
    """Ask the server for something of its database; it may have to say that it cannot."""
    body = {"data": b"{}", "headers": {"Content-Type": "application/json"}}
    with suppress(OSError), urlopen(Request(f"{address}/api/flow_runs/filter", **body), timeout=30):
        pass


def until(there: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None) -> None:
    patience = time.monotonic() + 120
    for pause in pauses():
        if there():
            return
        assert time.monotonic() < patience
        meanwhile()
        time.sleep(pause)


def test_a_real_server_with_a_damaged_database_starts_with_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefect = tmp_path / "prefect"
    port = as_server(prefect, monkeypatch)
    prefect.mkdir()
    (prefect / "prefect.db").write_bytes(b"\xff" * 8192)
    file = prefect / "prefect.db"
    with server_process.keeping(prefect, port) as kept:
        assert len(list(prefect.glob("prefect.db.damaged-*"))) == 1
        assert list(kept.see_to()) == []
        with closing(sqlite3.connect(file)) as there:  # 55 of Prefect's, none of them ours
            assert there.execute("SELECT count(*) FROM block_type").fetchone() == (0,)
        began = kept.process.pid
        with file.open("r+b") as damaged_at_work:
            damaged_at_work.write(b"\xff" * file.stat().st_size)
        log = prefect / "server.log"
        before = log.stat().st_size
        until(lambda: damage_told(log.read_bytes()[before:]), lambda: asked_of(kept.address))
        assert list(kept.see_to()) == ["办理系统的数据库在运行中损坏，服务器已结束并重新启动"]
        with pytest.raises(server_process.PortTaken), server_process.running(prefect, port):
            pass  # while the server is away, the port stays the office's
        with urlopen(f"{kept.address}/api/health", timeout=120) as waited:
            assert waited.status == HTTPStatus.OK
        assert kept.process.pid != began
        assert len(list(prefect.glob("prefect.db.damaged-*"))) >= 2
        assert list(kept.see_to()) == []
    assert "按登记簿重新建立" in (prefect / "server.log").read_text("utf-8")
