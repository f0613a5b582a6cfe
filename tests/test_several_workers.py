"""Two workers on one office's PostgreSQL, one of them killed while officers work: nothing lost, nothing
doubled. More of it, with figures: python -m tests.several_workers --workers 4 --kills 60
"""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from flows import office
from flows.installation import awake, office_secret, settings
from flows.prefect_side import in_hand
from flows.server import clocks, worker_beside
from tests import kills, postgresql, several_workers


@pytest.fixture
def two(
    postgresql_server: postgresql.PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[in_hand.Hands, in_hand.Hands]]:
    """The hands of two workers of one office."""
    monkeypatch.setenv("DISCLOSURE_HOME", str(tmp_path))
    monkeypatch.setenv("DISCLOSURE_DATABASE_URL", postgresql_server.database(f"r{uuid4().hex}"))
    one, other = in_hand.hands(), in_hand.hands()
    yield one, other
    one.close()
    other.close()
    office.close()


@postgresql.needed
def test_what_one_worker_has_in_hand_no_other_takes(two):
    one, other = two
    run, free = uuid4(), uuid4()
    assert one.shared
    assert one.take(run)
    assert not other.take(run)
    assert other.take(free)
    assert in_hand.in_hand([run, free, UUID(int=3)]) == {run, free}
    one.let_go(run)
    assert in_hand.in_hand([run, free]) == {free}
    assert other.take(run)
    assert not one.take(run)


@postgresql.needed
def test_a_run_taken_up_again_while_its_last_stretch_ends_is_let_go_twice(two):
    one, other = two
    run = uuid4()
    assert one.take(run)
    assert one.take(run)
    one.let_go(run)
    assert not other.take(run)
    one.let_go(run)
    assert other.take(run)


@postgresql.needed
def test_a_worker_that_is_gone_has_nothing_in_hand(two):
    one, other = two
    run = uuid4()
    assert one.take(run)
    one.close()
    assert in_hand.in_hand([run]) == set()
    assert other.take(run)


@postgresql.needed
def test_a_worker_whose_connection_was_cut_takes_again_what_it_can(two):
    one, other = two
    lost, kept = uuid4(), uuid4()
    assert one.take(lost)
    assert other.take(kept)
    with office.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
            f"current_database() AND pid <> {mine}"
        )
    assert not one.take(kept)  # known to be cut only now: nothing is taken on its word
    one.let_go(lost)
    assert one.take(lost)
    assert not other.take(lost)
    assert other.take(kept)


@postgresql.needed
def test_a_worker_that_is_suspended_has_nothing_in_hand(two, monkeypatch):
    """It answers nobody, and its connection lives: what it had would wait for ever."""
    monkeypatch.setattr(awake, "SILENT_SECONDS", 2.0)
    monkeypatch.setattr(awake, "SAYS_EVERY_SECONDS", 0.3)
    one, other = two
    run = uuid4()
    assert one.take(run)
    time.sleep(3)
    assert not other.take(run)
    assert in_hand.in_hand([run]) == {run}
    one._awake._over.set()  # its thread stands still, as all of it would
    until = time.monotonic() + 20
    while not other.take(run):
        assert time.monotonic() < until
        time.sleep(0.1)
    one.let_go(run)  # awake again, it takes nothing from the other
    assert not one.take(run)
    assert in_hand.in_hand([run]) == {run}


@postgresql.needed
@pytest.mark.parametrize(
    ("off", "words"),
    [(20, "快20秒"), (-20, "慢20秒"), (3, ""), (-3, "")],
)
def test_a_machine_whose_clock_is_off_is_not_started_and_said(two, off, words, monkeypatch):
    """What a server accepts, a worker behind would begin as late as its clock is."""
    now = office.now
    monkeypatch.setattr(office, "now", lambda: now() + timedelta(seconds=off))
    if not words:
        clocks.guard()
        assert list(clocks.see_to()) == []
        return
    with pytest.raises(clocks.ClocksDiffer, match=f"本机的时间比数据库服务器{words}"):
        clocks.guard()
    (said,) = clocks.see_to()
    assert words in said


def test_on_sqlite_no_clock_is_asked(tmp_path, monkeypatch):
    monkeypatch.setenv("DISCLOSURE_DATABASE_URL", f"sqlite:///{tmp_path / 'register.db'}")
    monkeypatch.setattr(office, "now", None)
    clocks.guard()


def test_on_sqlite_there_is_one_worker_and_nothing_to_ask(tmp_path, monkeypatch):
    monkeypatch.setenv("DISCLOSURE_DATABASE_URL", f"sqlite:///{tmp_path / 'register.db'}")
    hands = in_hand.hands()
    assert not hands.shared
    assert hands.take(UUID(int=1))
    assert hands.take(UUID(int=1))
    assert in_hand.in_hand([UUID(int=1)]) == set()
    assert not (tmp_path / "register.db").exists()


def test_a_worker_beside_says_what_it_lacks(tmp_path, monkeypatch):
    monkeypatch.delenv("DISCLOSURE_OFFICE_SECRET", raising=False)
    monkeypatch.setenv("DISCLOSURE_DATABASE_URL", f"sqlite:///{tmp_path / 'register.db'}")
    with pytest.raises(worker_beside.CannotShare, match="SQLite"):
        worker_beside.work()
    monkeypatch.setenv("DISCLOSURE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(worker_beside.CannotShare, match="DISCLOSURE_OFFICE_SECRET"):
        worker_beside.work()
    monkeypatch.setenv("DISCLOSURE_SERVER", "10.0.0.5")
    with pytest.raises(settings.BadSetting, match="DISCLOSURE_SERVER"):
        worker_beside.work()


@pytest.mark.parametrize(
    ("words", "fit"),
    [
        ("x" * 32, True),
        ("x" * 31, False),
        ("密" * 40, False),
        ("x" * 20 + " " + "x" * 20, False),
        ("x" * 40 + "\n", False),
    ],
)
def test_a_secret_that_is_shared_is_long_and_plain(words, fit, monkeypatch):
    assert office_secret.fit(words) is fit
    monkeypatch.setenv("DISCLOSURE_OFFICE_SECRET", words)
    if fit:
        assert office_secret.agreed() == f"{office_secret.USER}:{words}"
        return
    with pytest.raises(settings.BadSetting) as refused:
        office_secret.agreed()
    assert words not in str(refused.value)


def test_what_writes_files_of_the_office_is_left_to_its_own_worker():
    left = set(worker_beside.OUR_FLOWS) - set(worker_beside.OURS)
    assert left == set(worker_beside.AT_HOME)
    assert all(
        where.startswith(("flows.year.", "flows.morning.")) is (name in left)
        for name, where in worker_beside.OUR_FLOWS.items()
    )


@postgresql.needed
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="需要 /proc（Linux）")
@pytest.mark.skipif(
    not os.environ.get("DISCLOSURE_KILLS"),
    reason="杀进程试验需数分钟：设 DISCLOSURE_KILLS=1 时运行（平时由 test_city.py 杀）",
)
@pytest.mark.timeout(1500)
def test_a_worker_killed_beside_another_loses_nothing(postgresql_server, tmp_path):
    url = postgresql_server.database("kills")
    found = several_workers.play(tmp_path, url, workers=1, kill=1, seed=2, clients=2)
    assert found.faults == []
    assert found.kills == {several_workers.WORKER: 1}
    assert found.accepted >= 2 * len(kills.ACTS)
    assert found.written["office"] > 0
    assert found.written["worker0"] > 0
    assert not list(
        tmp_path.glob("*/prefect/prefect.db")
    )  # Prefect's tables are beside the register


def test_a_worker_that_waits_for_its_office_reads_certificates_once(monkeypatch, capsys):
    """It looks every second: each look read all certificates of the machine anew, 50 ms."""
    answers = [httpx.ConnectError("refused"), 503, 503, 200]
    make, made = ssl.create_default_context, []

    def send(_client, request, **_how):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer, request=request)

    def counted(*given, **named):
        made.append(named)
        return make(*given, **named)

    monkeypatch.setattr(httpx.Client, "send", send)
    monkeypatch.setattr(ssl, "create_default_context", counted)
    monkeypatch.setattr(worker_beside, "AGAIN_SECONDS", 0)
    worker_beside.until_known("http://127.0.0.1:1", "s" * 40)
    assert (answers, len(made)) == ([], 1)
    assert capsys.readouterr().out == "等待 http://127.0.0.1:1 的办理系统启动……\n"
