"""Prefect's tables beside a register on PostgreSQL, by the register's own setting.

An office that really works on them: tests/test_several_workers.py. Needs PostgreSQL (Debian's package).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from postgresql import PostgreSQL, needed, scratch
from prefect.settings.models.server.database import SQLAlchemySettings
from sqlalchemy.engine import make_url
from test_prefect_database import made

from flows import office
from flows.__main__ import main
from flows.installation import opening, prefect_database, prefect_schema
from flows.installation.prefect_schema import ADDRESS, SEARCH_PATH, NoPlace, Placed
from models.store.sealing import Sealing, new_key
from tests.benchmarks.both_databases import Office
from tests.databases import registered

INSTALLED = version("prefect")


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    """A PostgreSQL of these tests."""
    with scratch() as one:
        yield one


@pytest.fixture(autouse=True)
def nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in prefect_database.ELSEWHERE:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def url(server: PostgreSQL) -> str:
    """An empty database."""
    return server.database(f"r{uuid4().hex}")


def asked(url: str, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as there:
        found = there.execute(sql)
        return found.fetchall() if found.description else []


def placed(url: str, home: Path, over: date | None = None) -> Placed:
    """over = what was set aside before that day has had its time"""
    where = opening.address(url.replace("postgresql://", "postgresql+psycopg://"))
    return prefect_schema.place(
        where, home / "prefect", home, lambda day: over is not None and day < over
    )


def schemas(url: str) -> list[str]:
    found = asked(url, "SELECT nspname FROM pg_namespace WHERE nspname LIKE '%prefect%' ORDER BY 1")
    return [str(name) for (name,) in found]


@needed
def test_they_are_in_a_schema_of_their_own_in_the_same_database(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = placed(url, tmp_path)
    assert first.told == ()
    assert first.settings[SEARCH_PATH] == '"prefect","public"'
    with monkeypatch.context() as environment:
        for name, value in first.settings.items():
            environment.setenv(name, value)
        theirs = SQLAlchemySettings()
    assert (theirs.pool_size, theirs.max_overflow) == (15, 5)
    its, ours = make_url(first.settings[ADDRESS]), make_url(url)
    assert its.drivername == "postgresql+asyncpg"
    assert (its.database, its.username, its.query) == (ours.database, ours.username, ours.query)
    assert placed(url, tmp_path) == first
    assert schemas(url) == ["prefect"]
    asked(url, "SELECT * FROM prefect.alembic_version")
    asked(url, "CREATE TABLE prefect.events AS SELECT 1; CREATE TABLE prefect.event_resources ()")
    assert placed(url, tmp_path) == first
    assert asked(url, "SELECT * FROM prefect.events") == []


@needed
def test_a_register_in_a_schema_has_them_beside_it(url: str, tmp_path: Path) -> None:
    asked(url, "CREATE SCHEMA bureau")
    inside = f"{url}&options=-csearch_path%3Dbureau"
    there = placed(inside, tmp_path)
    assert there.settings[SEARCH_PATH] == '"bureau_prefect","bureau"'
    assert "options" not in there.settings[ADDRESS]


@needed
def test_another_versions_are_set_aside_and_go_when_their_time_is_over(
    url: str, tmp_path: Path
) -> None:
    placed(url, tmp_path)
    asked(url, "COMMENT ON SCHEMA prefect IS 'Prefect 3.9.1'")
    asked(url, "CREATE TABLE prefect.flow_run (state_type text)")
    told = placed(url, tmp_path).told
    assert (
        f"另一版本（3.9.1）建立的，现在安装的是 {INSTALLED}：schema 改名为 prefect_3.9.1_"
        in told[0]
    )
    aside, now = sorted(schemas(url), reverse=True)
    assert (now, aside in told[0]) == ("prefect", True)
    assert asked(url, "SELECT count(*) FROM pg_tables WHERE tablename = 'flow_run'") == [(1,)]
    assert placed(url, tmp_path, over=date(2020, 1, 1)).told == ()
    (gone,) = placed(url, tmp_path, over=date(9999, 1, 1)).told
    assert aside in gone
    assert schemas(url) == ["prefect"]


@needed
def test_anothers_schema_of_that_name_is_left_alone(url: str, tmp_path: Path) -> None:
    asked(url, "CREATE SCHEMA prefect")
    asked(url, "CREATE TABLE prefect.theirs (id int)")
    with pytest.raises(NoPlace, match="schema prefect 中已有别的表"):
        placed(url, tmp_path)
    assert asked(url, "SELECT count(*) FROM prefect.theirs") == [(0,)]


@needed
def test_who_may_not_make_it_is_told_what_an_administrator_runs(url: str, tmp_path: Path) -> None:
    user = f"u{uuid4().hex}"
    asked(url, f"CREATE USER {user}")
    asked(url, "CREATE EXTENSION pg_trgm")
    mine = url.replace("office@", f"{user}@")
    with pytest.raises(NoPlace, match="的用户没有权限（database r") as refused:
        placed(mine, tmp_path)
    said = str(refused.value)
    sql = said[said.index("CREATE SCHEMA") : said.index(" 再启动")]
    asked(url, sql)
    assert placed(mine, tmp_path).told == ()
    assert placed(mine, tmp_path).settings[SEARCH_PATH] == '"prefect","public"'


@needed
@pytest.mark.parametrize("runs", [("PAUSED", "COMPLETED"), ("PAUSED", "RUNNING")])
def test_a_file_from_before_is_set_aside_once_nothing_in_it_is_under_way(
    url: str, tmp_path: Path, runs: tuple[str, ...]
) -> None:
    made(tmp_path / "prefect", mark=INSTALLED, runs=runs)
    there = placed(url, tmp_path)
    aside = [*(tmp_path / "backups").glob(f"prefect-{INSTALLED}-*/prefect.db")]
    if "RUNNING" in runs:
        (said,) = there.told
        assert "有1个流程停止时正在执行，Prefect 的数据库这一次仍用" in said
        assert (there.settings, aside, schemas(url)) == ({}, [], [])
        return
    assert "也在登记簿的 PostgreSQL 中" in there.told[0]
    assert "由登记簿重新放回" in there.told[1]
    assert len(aside) == 1
    assert [one.name for one in (tmp_path / "prefect").iterdir()] == ["made-by"]
    assert placed(url, tmp_path).told == ()


@pytest.mark.parametrize("setting", prefect_database.ELSEWHERE)
def test_a_setting_of_prefects_own_goes_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv(setting, f"sqlite+aiosqlite:///{tmp_path / 'theirs.db'}")
    assert placed("postgresql://nobody@127.0.0.1:1/none", tmp_path) == Placed(())


def test_a_register_in_a_file_has_prefects_in_a_file(tmp_path: Path) -> None:
    where = opening.address(f"sqlite:///{tmp_path / 'register.db'}")
    assert prefect_schema.place(where, tmp_path / "prefect", tmp_path, lambda _: False) == Placed(
        ()
    )


def test_what_the_address_says_is_said_to_prefects_driver_in_its_words() -> None:
    def of(query: str) -> dict[str, str]:
        return prefect_schema._settings(opening.address(f"postgresql+psycopg://o:p%40@h/r?{query}"))

    assert of("") == {ADDRESS: "postgresql+asyncpg://o:p%40@h/r"}
    assert of("sslmode=verify-full&sslrootcert=/ca.pem&keepalives_idle=5&options=-cx%3D1") == {
        ADDRESS: "postgresql+asyncpg://o:p%40@h/r?ssl=verify-full",
        "PGSSLROOTCERT": "/ca.pem",
    }
    with pytest.raises(prefect_schema.UnknownToPrefect, match="gssencmode"):
        of("gssencmode=disable")


@needed
def test_a_form_that_waits_there_keeps_the_old_key_and_a_restoration_makes_it_anew(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, home = new_key(), new_key(), tmp_path / "home"
    monkeypatch.setenv("DISCLOSURE_HOME", str(home))
    monkeypatch.setenv("DISCLOSURE_DATABASE_URL", url)
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-02")
    monkeypatch.setenv("DISCLOSURE_KEY", old)
    registered()
    assert main(["backup", str(tmp_path / "b")]) == 0
    office.close()
    placed(url, home)
    monkeypatch.setenv("DISCLOSURE_KEY", f"{new},{old}")
    assert main(["rekey"]) == 0  # Prefect was never started: there is no form
    asked(url, "CREATE TABLE prefect.flow_run (parameters text, state_type text)")
    typed = Sealing([old]).seal("13800000000")
    asked(url, f"INSERT INTO prefect.flow_run VALUES ('{typed}', 'SCHEDULED')")
    assert main(["rekey"]) == 1
    assert "有1份表单已经提交、尚未登记" in capsys.readouterr().out
    office.close()
    asked(url, "COMMENT ON SCHEMA prefect IS 'another'")
    assert main(["restore", str(tmp_path / "b")]) == 0
    assert schemas(url) == ["prefect"]  # none of ours
    asked(url, f"COMMENT ON SCHEMA prefect IS 'Prefect {INSTALLED}'")
    assert main(["restore", str(tmp_path / "b")]) == 0
    assert schemas(url) == []


@needed
@pytest.mark.skipif(
    not os.environ.get("DISCLOSURE_KILLS"), reason="需数分钟：设 DISCLOSURE_KILLS=1 时运行"
)
@pytest.mark.timeout(900)
def test_an_office_that_kept_them_in_a_file_goes_on_beside_its_register(
    server: PostgreSQL, tmp_path: Path
) -> None:
    """Two starts of a real office: the case begun in the first comes back at its form in the second."""
    url, home = server.database(f"r{uuid4().hex}"), tmp_path / "home"
    file = home / "prefect" / prefect_database.FILE
    here = {"DISCLOSURE_DATABASE_URL": url}
    before = Office(home, here | {prefect_database.ELSEWHERE[1]: f"sqlite+aiosqlite:///{file}"})
    before.said()
    assert len(before.told("submit 3")["seconds"]) == 3  # of five: the case is left open
    before.end()
    assert file.exists()
    assert schemas(url) == []
    after = Office(home, here)
    after.said()
    done = after.told("submit 2")
    waiting = asked(
        url,
        "SELECT parameters->>'number', count(*) FROM prefect.flow_run WHERE state_type = 'PAUSED' "
        "GROUP BY 1 ORDER BY 1",
    )
    after.end()
    assert waiting == [("SQ202600001", 1), ("SQ202600002", 1)]
    assert (len(done["seconds"]), done["requests"] > 0, done["processor"] > 0) == (2, True, True)
    assert not file.exists()
    assert len([*(home / "backups").glob("prefect-*/prefect.db")]) == 1
    assert asked(url, "SELECT count(*) FROM prefect.events") == [(0,)]
