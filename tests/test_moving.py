"""The register into another database, whole and verified, or not at all; and back.

Needs PostgreSQL (Debian's package): tests/postgresql.py starts one of its own.
"""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from databases import registered
from postgresql import PostgreSQL, needed, scratch
from sqlalchemy import create_engine, text
from sqlmodel import col, select

from flows import office
from flows.__main__ import main
from flows.commands.simulate import simulate
from flows.installation import moved_away, moving, opening, register_lease, row_streams
from flows.keeping import verifying
from models.register import register
from models.soundness import content_digest
from models.store.tables import AccessLine, Application, Enquiry

pytestmark = needed
ROOT = Path(__file__).parents[1]
CASES = 12

Said = tuple[int, str, str]
Run = Callable[..., Said]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    """A PostgreSQL of these tests."""
    with scratch() as one:
        yield one


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register of a simulated year on SQLite, with rows that the database numbers itself."""
    folder = tmp_path_factory.mktemp("grown")
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("DISCLOSURE_DATABASE_URL", raising=False)
        environment.setenv("DISCLOSURE_HOME", str(folder))
        environment.setenv("DISCLOSURE_TODAY", "2026-03-02")
        simulate(2025, CASES, 1, letters=False, advance=lambda *_: None)
        registered()
        with office.writing() as session:
            for place in range(1, 4):
                session.add(
                    AccessLine(at=office.now(), kind="read", officer="陈静", what=str(place))
                )
                session.add(
                    Enquiry(
                        on=date(2026, 3, 2),
                        channel="电话",
                        subject="甲\t\\N\n“引号”",
                        recorded_on=date(2026, 3, 2),
                        recorded_at=office.now(),
                    )
                )
        office.close()
    return folder


@pytest.fixture
def home(grown: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An office of its own with a copy of that register."""
    folder = tmp_path / "home"
    shutil.copytree(grown, folder)
    monkeypatch.delenv("DISCLOSURE_DATABASE_URL", raising=False)
    monkeypatch.setenv("DISCLOSURE_HOME", str(folder))
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-02")
    yield folder
    office.close()


@pytest.fixture
def url(server: PostgreSQL) -> str:
    """An empty database."""
    return server.database(f"r{uuid4().hex}")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("move", …)` → exit code, output, complaint; as a process of its own would."""

    def one(*arguments: str) -> Said:
        capsys.readouterr()
        office.close()
        try:
            return main(arguments), *capsys.readouterr()
        finally:
            office.close()

    return one


def refused(answer: Said, said: str) -> None:
    code, out, err = answer
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def held() -> str:
    with office.engine().connect() as connection:
        return content_digest.digest(connection)


def contents(url: str) -> list[str]:
    """The tables of a database of PostgreSQL."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        found = connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).all()
    engine.dispose()
    return sorted(found)


def changed(url: str, *statements: str) -> None:
    """What a database's keeper does there."""
    with psycopg.connect(url, autocommit=True) as there:
        for one in statements:
            there.execute(one)


def test_a_register_moved_to_postgresql_is_the_same_and_goes_on(
    home: Path, url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, file = held(), home / "register.db"
    verified = verifying.verify()
    code, out, err = run("move", "--to", url)
    assert (code, err) == (0, "")
    to = moved_away.shown(opening.address(url))
    assert f"请设 DISCLOSURE_DATABASE_URL={to}，" in out
    assert verified.head in out
    assert str(file) in out

    refused(run("cases"), f"这份登记簿已于2026年3月2日移到 {to}，不再使用")
    with sqlite3.connect(file) as there:
        there.execute(f"DROP TABLE {moved_away.TABLE.name}")  # all that was added to it
    assert held() == before
    office.close()

    monkeypatch.setenv("DISCLOSURE_DATABASE_URL", to)
    assert held() == before
    assert verifying.verify() == verified
    with office.reading() as session:
        rows = [*register.rebuilt(session, office.law())]
        assert len(rows) > CASES
        assert all(row.model_dump() == columns for row, columns in rows)
    with office.writing() as session:  # what the database numbers goes on after the last
        session.add(AccessLine(at=office.now(), kind="read", officer="陈静", what="后来"))
        day = date(2026, 3, 2)
        session.add(Enquiry(on=day, channel="电话", recorded_on=day, recorded_at=office.now()))
        session.flush()
        advised = session.exec(select(Enquiry).order_by(col(Enquiry.id))).all()
        assert [one.id for one in advised] == [*range(1, len(advised) + 1)]
        assert [one.subject for one in advised[-4:]] == ["甲\t\\N\n“引号”"] * 3 + [""]
    assert registered() == "SQ202600002"


def test_and_from_postgresql_into_a_file_again(
    home: Path, url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("move", "--to", url)[0] == 0
    monkeypatch.setenv("DISCLOSURE_DATABASE_URL", url)
    registered()
    before = held()
    (home / "register.db").rename(home / "aside.db")
    code, out, _ = run("move", "--to", f"sqlite:///{home / 'register.db'}")
    assert (code, "sqlite:///" in out) == (0, True)
    refused(run("cases"), "不再使用")
    monkeypatch.delenv("DISCLOSURE_DATABASE_URL")
    assert held() == before
    assert verifying.verify().faults == ()
    assert registered() == "SQ202600003"


def test_back_while_nothing_was_recorded_there_and_only_then(
    home: Path, url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = held()
    refused(run("move", "--back", url), "没有移走过")
    assert run("move", "--to", url)[0] == 0
    refused(run("move", "--back", f"{url}x"), "没有退回，未作任何改动：")
    monkeypatch.setenv("DISCLOSURE_DATABASE_URL", url)
    with office.writing() as session:
        session.add(AccessLine(at=office.now(), kind="read", officer="陈静", what="后来"))
    office.close()
    monkeypatch.delenv("DISCLOSURE_DATABASE_URL")
    refused(run("move", "--back", url), "移去以后又有登记或者登录")
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM accessline WHERE what = '后来'"))
    engine.dispose()
    assert run("move", "--back", url)[0] == 0
    assert held() == before
    assert registered() == "SQ202600002"
    monkeypatch.setenv("DISCLOSURE_DATABASE_URL", url)
    refused(run("cases"), f"移到 sqlite:///{home / 'register.db'}")


def test_what_was_moved_away_is_used_again_once_a_backup_is_restored_over_it(
    home: Path, url: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("move", "--to", url)[0] == 0
    monkeypatch.setenv("DISCLOSURE_DATABASE_URL", url)
    before = held()
    assert run("backup", str(tmp_path / "b"))[0] == 0
    assert run("move", "--to", f"sqlite:///{tmp_path / 'new.db'}")[0] == 0
    refused(run("cases"), "不再使用")
    assert run("restore", str(tmp_path / "b"))[0] == 0
    assert held() == before


def test_nothing_is_put_where_something_is(home: Path, url: str, run: Run, tmp_path: Path) -> None:
    before = held()
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE notes (id int)"))
    engine.dispose()
    refused(run("move", "--to", url), "中已有内容，请另建一个空的数据库")
    assert contents(url) == ["notes"]
    other = tmp_path / "other.db"
    other.write_bytes(b"x")
    refused(run("move", "--to", f"sqlite:///{other}"), "中已有内容")
    assert other.read_bytes() == b"x"
    refused(run("move", "--to", f"sqlite:///{home / 'register.db'}"), "登记簿就在")
    refused(run("move", "--to", "mysql://x/y"), "应为 SQLite 或 PostgreSQL 的地址")
    refused(run("move", "--to", f"sqlite:///{tmp_path / '没有' / 'r.db'}"), "不存在")
    refused(run("move", "--to", "postgresql://office@127.0.0.1:1/x"), "没有移动，未作任何改动")
    assert held() == before


def test_no_desk_of_another_register_waits_there(home: Path, url: str, run: Run) -> None:
    """Whoever clears the tables of a trial away leaves its forms: their cases have the same numbers."""
    changed(url, "CREATE SCHEMA prefect")
    assert run("move", "--to", f"{url}&application_name=empty")[0] == 0
    assert run("move", "--back", f"{url}&application_name=empty")[0] == 0
    changed(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    changed(url, "CREATE TABLE prefect.flow_run (id int)")
    refused(run("move", "--to", url), "的 schema prefect 中已有 Prefect 的表，是别的登记簿留下的")
    assert contents(url) == []
    assert run("cases")[0] == 0


def test_what_was_submitted_and_is_not_recorded_is_not_left_behind(
    home: Path, url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL it is in Prefect's tables beside the register, which do not go with it."""
    assert run("move", "--to", url)[0] == 0
    monkeypatch.setenv("DISCLOSURE_DATABASE_URL", url)
    changed(
        url,
        "CREATE SCHEMA prefect",
        "COMMENT ON SCHEMA prefect IS 'Prefect 3.8.8'",
        "CREATE TYPE prefect.state AS ENUM ('RUNNING', 'PAUSED', 'COMPLETED')",
        "CREATE TABLE prefect.flow_run (state_type prefect.state)",
        "INSERT INTO prefect.flow_run VALUES ('RUNNING'), ('PAUSED'), ('COMPLETED'), (NULL)",
    )
    to = f"sqlite:///{home / 'again.db'}"
    refused(run("move", "--to", to), "停止时有1个流程正在执行")
    assert not (home / "again.db").exists()
    changed(url, "UPDATE prefect.flow_run SET state_type = 'PAUSED' WHERE state_type = 'RUNNING'")
    assert run("move", "--to", to)[0] == 0


def test_a_database_that_is_set_up_for_others_takes_it(
    home: Path, url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings of a database hold for every connection to it; a role's and the environment's, too."""
    name = opening.address(url).database
    changed(
        url,
        f"ALTER DATABASE {name} SET client_encoding = 'LATIN1'",
        f"ALTER DATABASE {name} SET datestyle = 'German, DMY'",
        f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'",
        f"ALTER DATABASE {name} SET timezone = 'America/St_Johns'",
        f"ALTER DATABASE {name} SET bytea_output = 'escape'",
        f"ALTER DATABASE {name} SET standard_conforming_strings = off",
    )
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    before, verified = held(), verifying.verify()
    code, _, err = run("move", "--to", url)
    assert (code, err) == (0, "")
    monkeypatch.setenv("DISCLOSURE_DATABASE_URL", url)
    assert held() == before
    assert verifying.verify() == verified
    assert registered() == "SQ202600002"
    with office.engine().connect() as connection:
        assert connection.scalar(text("SHOW transaction_isolation")) == "read committed"
    assert run("backup", str(home / "b"))[0] == 0
    before = held()
    assert run("restore", str(home / "b"))[0] == 0
    assert held() == before


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (lambda url: url.replace("office@", "nobody@"), "那里没有用户 nobody"),
        (lambda url: url.replace("/r", "/none"), "那里没有数据库 none"),
        (lambda url: url.replace("office@", "clerk@"), "数据库的用户没有权限（schema public）"),
        (lambda _: "postgresql://office@127.0.0.1:1/x", "数据库服务器没有回答，请检查地址、端口"),
        (lambda _: "postgresql://office@none.invalid/x", "找不到地址中的主机"),
        (lambda url: url.replace(":", "+asyncpg:", 1), "不用写明驱动程序"),
        (lambda url: url.replace(":", "+psycopg2:", 1), "不用写明驱动程序"),
        (lambda _: "sqlite+aiosqlite:////srv/r.db", "应为 SQLite 或 PostgreSQL 的地址"),
        (lambda _: "sqlite:////dev/full", "/dev/full 不是文件，请写明新的文件"),
    ],
)
def test_where_it_cannot_be_put_is_said_in_chinese(
    home: Path, url: str, run: Run, named: Callable[[str], str], said: str
) -> None:
    changed(
        url,
        "DO $$ BEGIN CREATE ROLE clerk LOGIN; EXCEPTION WHEN duplicate_object THEN END $$",
    )
    answer = run("move", "--to", named(url))
    refused(answer, said)
    assert run("cases")[0] == 0


def test_how_long_a_statement_may_take_there_is_said(home: Path, url: str, run: Run) -> None:
    changed(url, f"ALTER DATABASE {opening.address(url).database} SET statement_timeout = '5ms'")
    refused(run("move", "--to", url), "请数据库管理员放宽（statement_timeout）")
    assert contents(f"{url}&options=-cstatement_timeout%3D0") == []


def test_an_address_may_begin_as_postgresqls_own_programs_take_it(
    home: Path, url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = run("move", "--to", url.replace("postgresql:", "postgres:"))
    assert code == 0
    assert f"DISCLOSURE_DATABASE_URL={moved_away.shown(opening.address(url))}，" in out
    monkeypatch.setenv("DISCLOSURE_DATABASE_URL", url.replace("postgresql:", "postgres:"))
    assert registered() == "SQ202600002"


def test_a_file_is_named_by_its_whole_path(
    home: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it was moved to is read in other folders than the one it was said in."""
    monkeypatch.chdir(tmp_path)
    code, out, _ = run("move", "--to", "sqlite:///new.db")
    assert code == 0
    assert f"请设 DISCLOSURE_DATABASE_URL=sqlite:///{tmp_path / 'new.db'}，" in out
    monkeypatch.chdir(ROOT)
    refused(run("cases"), f"移到 sqlite:///{tmp_path / 'new.db'}，")


def test_nothing_is_moved_while_others_work(
    home: Path, url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = (
        "from flows import office\nwith office.reading(): pass\nprint('there', flush=True)\ninput()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", reads],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "there\n"
    refused(run("move", "--to", url), f"另有程序正在使用登记簿（进程 {other.pid}），不能移动登记簿")
    other.kill()
    other.wait()
    assert contents(url) == []
    assert run("move", "--to", url)[0] == 0
    monkeypatch.setenv("DISCLOSURE_DATABASE_URL", url)
    with register_lease.held(office.database(), None, home):
        assert main(["move", "--to", f"sqlite:///{home / 'again.db'}"]) == 2
    assert not (home / "again.db").exists()


def test_what_postgresql_does_not_take_is_named_and_nothing_is_moved(
    home: Path, url: str, run: Run
) -> None:
    with sqlite3.connect(home / "register.db") as there:
        there.execute(
            "UPDATE application SET channel = ? WHERE number = 'SQ202600001'", ("长" * 41,)
        )
    refused(run("move", "--to", url), "表 application 的 SQ202600001：列 channel 超过40个字")
    with sqlite3.connect(home / "register.db") as there:
        there.execute("UPDATE application SET channel = ? WHERE number = 'SQ202600001'", ("a\0b",))
    refused(run("move", "--to", url), "列 channel 有空字符")
    assert contents(url) == []
    with office.reading() as session:
        assert session.get(Application, "SQ202600001") is not None


@pytest.mark.parametrize("wrong", ["row", "verified"])
def test_what_does_not_hold_there_is_not_kept(
    home: Path, url: str, run: Run, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    if wrong == "row":
        numbered = row_streams.continue_numbers

        def altered(source, target) -> None:
            numbered(source, target)
            target.execute(text("UPDATE event SET officer = '另一人'"))

        monkeypatch.setattr(row_streams, "continue_numbers", altered)
        said = "表 event 的"
    else:
        faults = verifying.faults
        monkeypatch.setattr(
            verifying,
            "faults",
            lambda session: (
                *faults(session),
                *(("另有不符",) if session.connection().dialect.name == "postgresql" else ()),
            ),
        )
        said = "核验的结果与原来不同（另有不符）"
    refused(run("move", "--to", url), said)
    assert contents(url) == []
    assert registered() == "SQ202600002"


def test_faults_that_were_there_before_go_with_it_and_are_said(
    home: Path, url: str, run: Run
) -> None:
    with sqlite3.connect(home / "register.db") as there:
        there.execute("UPDATE application SET officer = '别人' WHERE number = 'SQ202600001'")
    code, _, err = run("move", "--to", url)
    assert code == 0
    assert "原来就有的不符，照样移去：" in err
    assert "SQ202600001" in err


def test_a_move_that_was_ended_before_the_mark_is_finished_by_giving_it_again(
    home: Path, url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Power(BaseException):
        """Has gone."""

    def fails(*_: object) -> None:
        raise Power

    monkeypatch.setattr(moved_away, "write", fails)
    with pytest.raises(Power):
        run("move", "--to", url)
    monkeypatch.undo()
    monkeypatch.setenv("DISCLOSURE_HOME", str(home))
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-02")
    assert run("cases")[0] == 0  # the register is the office's still
    assert run("move", "--to", url)[0] == 0
    refused(run("cases"), "不再使用")


def test_a_killed_move_leaves_nothing(home: Path, url: str, tmp_path: Path, run: Run) -> None:
    """Killed while the rows go over: into PostgreSQL, and into a file."""
    before = held()
    office.close()
    stops = (
        "import sys, time\nfrom flows.installation import row_streams\n"
        "def wait(*_):\n    print('over', flush=True)\n    time.sleep(60)\n"
        "row_streams.continue_numbers = wait\n"
        "from flows.__main__ import main\nmain(sys.argv[1:])"
    )
    file = tmp_path / "new.db"
    for target in (url, f"sqlite:///{file}"):
        mover = subprocess.Popen(
            [sys.executable, "-c", stops, "move", "--to", target],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert mover.stdout is not None
        assert mover.stdout.readline() == "over\n"
        mover.send_signal(signal.SIGKILL)
        mover.wait()
    deadline = time.monotonic() + 10
    while contents(url) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert contents(url) == []
    assert not file.exists()
    assert held() == before
    assert run("move", "--to", f"sqlite:///{file}")[0] == 0
    assert [one.name for one in tmp_path.glob("new.db*")] == ["new.db"]


def test_a_database_of_another_encoding_is_refused(
    home: Path, server: PostgreSQL, run: Run
) -> None:
    url = server.database(f"r{uuid4().hex}")
    name, engine = (
        f"r{uuid4().hex}",
        create_engine(url.replace("postgresql:", "postgresql+psycopg:")),
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(
            text(
                f"CREATE DATABASE {name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
            )
        )
    engine.dispose()
    other = opening.address(url.replace("postgresql:", "postgresql+psycopg:")).set(database=name)
    refused(run("move", "--to", moved_away.shown(other)), "的编码须是 UTF8")


def test_a_database_that_sorts_chinese_in_its_own_way_takes_it(
    home: Path, url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an installer in China sets it up: 李 before 张 before SQ2, sq1 before SQ2."""
    name = f"r{uuid4().hex}"
    changed(
        url, f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'zh-CN'"
    )
    its = opening.address(url).set(drivername="postgresql", database=name).render_as_string(False)
    before, verified = held(), verifying.verify()
    assert run("move", "--to", its)[0] == 0
    monkeypatch.setenv("DISCLOSURE_DATABASE_URL", its)
    assert held() == before
    assert verifying.verify() == verified
    assert registered() == "SQ202600002"
    office.close()
    assert run("move", "--to", f"sqlite:///{home / 'again.db'}")[0] == 0


def test_a_password_is_never_shown(home: Path, run: Run) -> None:
    answer = run("move", "--to", "postgresql://office:geheim@127.0.0.1:1/x")
    refused(answer, "没有移动")
    assert "geheim" not in answer[2]
    mark = moved_away.Mark("postgresql://office:***@h/x", "2026-03-02", "")
    assert "（*** 为口令）" in str(moved_away.MovedAway(mark))
    with pytest.raises(moving.NotMoved, match="就在"):
        moving._guard_places(*[opening.address("postgresql://office:geheim@h/x")] * 2)
