"""Backup while the office works; restoration whole or not at all, however it is interrupted.

Runs on SQLite, and on PostgreSQL when DISCLOSURE_DATABASE_URL names one (tests/databases.py).
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from databases import empty_register, registered
from schemas import ASKED
from sqlmodel import select

from flows import office
from flows.__main__ import main
from flows.installation import backup, keys, locks, opening, restoring, settings
from models.register import register
from models.soundness import content_digest
from models.store import evidence
from models.store.tables import Application, Event

ON_POSTGRESQL = ASKED.startswith("postgresql")
on_sqlite = pytest.mark.skipif(ON_POSTGRESQL, reason="a file of SQLite")
KILLS = 25 if os.environ.get("CI") else 15


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty register with a key of its own, in a home of its own."""
    monkeypatch.delenv(settings.KEY.name, raising=False)
    folder = tmp_path / "home"
    folder.mkdir()
    with empty_register(folder, monkeypatch, made=False):
        yield folder


def words(home: Path, text: str) -> None:
    for name in ("annual", "materials"):
        (home / name).mkdir(exist_ok=True)
        (home / name / "2025.toml").write_text(text, "utf-8")


def backed_up(folder: Path) -> backup.Manifest:
    return backup.make(office.engine(), office.home(), office.config(), folder, office.now())


def held() -> str:
    with office.engine().connect() as connection:
        return content_digest.digest(connection)


def numbers() -> list[str]:
    with office.reading() as session:
        return [row.number for row in register.applications(session)]


def restore(folder: Path) -> None:
    restoring.restore(folder, office.database(), office.home(), opening.file_of(office.database()))


def test_what_was_backed_up_is_what_is_restored(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    registered()
    words(home, "当时")
    assert main(["backup", str(tmp_path / "b")]) == 0
    head = held()
    with office.reading() as session:
        chain = evidence.head(session)
    assert chain in capsys.readouterr().out
    registered()
    words(home, "后来")
    (home / "prefect").mkdir()
    later = held()
    assert later != head
    office.close()
    assert main(["restore", str(tmp_path / "b")]) == 0
    said = capsys.readouterr().out
    assert chain in said
    assert held() == head
    assert main(["verify", "--head", chain]) == 0
    assert numbers() == ["SQ202600001"]
    for name in ("annual", "materials"):
        assert (home / name / "2025.toml").read_text("utf-8") == "当时"
    assert not (home / "prefect").exists()
    assert not (home / locks.READY).exists()
    (aside,) = (home / "backups").iterdir()
    assert str(aside) in said
    assert (aside / "annual" / "2025.toml").read_text("utf-8") == "后来"
    assert (aside / "config-of-backup" / "practice.toml").exists()
    assert registered() == "SQ202600002"


def test_the_key_is_in_no_backup(home: Path, tmp_path: Path) -> None:
    registered()
    backed_up(tmp_path / "b")
    key = (home / "key").read_bytes().strip()
    files = [path for path in (tmp_path / "b").rglob("*") if path.is_file()]
    assert len(files) > 20
    assert not any(key in path.read_bytes() for path in files)
    assert not any(path.name == "key" for path in files)


def test_a_backup_while_the_office_writes_is_of_one_moment(home: Path, tmp_path: Path) -> None:
    registered()
    stopping = threading.Event()

    def write() -> None:
        while not stopping.is_set():
            registered()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [backed_up(tmp_path / str(n)) for n in range(4)]
    finally:
        stopping.set()
        writer.join()
    assert len({one.digest for one in made}) > 1
    office.close()
    for n, one in enumerate(made):
        restore(tmp_path / str(n))
        assert held() == one.digest
        with office.reading() as session:
            events = session.exec(select(Event)).all()
            rows = session.exec(select(Application)).all()
            assert sorted(one.case_number for one in events) == sorted(one.number for one in rows)
            assert all(
                row.model_dump() == columns
                for row, columns in register.rebuilt(session, office.law())
            )
        office.close()


@on_sqlite
def test_what_a_crash_left_beside_the_register_does_not_spoil_what_is_restored(
    home: Path, tmp_path: Path
) -> None:
    """The documented way of old (copy the file back) made “database disk image is malformed”."""
    registered()
    backed_up(tmp_path / "b")
    for _ in range(20):
        registered()
    left = {suffix: (home / f"register.db{suffix}").read_bytes() for suffix in ("", "-wal", "-shm")}
    office.close()
    for suffix, content_ in left.items():
        (home / f"register.db{suffix}").write_bytes(content_)
    restore(tmp_path / "b")
    assert not (home / "register.db-wal").exists()
    assert not (home / "register.db-shm").exists()
    assert numbers() == ["SQ202600001"]
    (aside,) = (home / "backups").iterdir()
    with sqlite3.connect(aside / "register.db") as before:
        assert before.execute("SELECT count(*) FROM application").fetchone() == (21,)


def test_nothing_is_restored_under_a_running_office(home: Path, tmp_path: Path) -> None:
    registered()
    backed_up(tmp_path / "b")
    before = held()
    with pytest.raises(locks.RegisterBusy):  # we have it open ourselves
        restore(tmp_path / "b")
    office.close()
    with locks.office(home), pytest.raises(locks.OfficeRuns):
        restore(tmp_path / "b")
    assert held() == before
    assert not (home / "backups").exists()


def test_a_home_that_lost_everything_is_restored(home: Path, tmp_path: Path) -> None:
    registered()
    words(home, "当时")
    head = backed_up(tmp_path / "b").digest
    key = (home / "key").read_text()
    office.close()
    if ON_POSTGRESQL:
        lose_tables()
    shutil.rmtree(home)
    home.mkdir()
    assert main(["restore", str(tmp_path / "b")]) == 0
    assert main(["cases"]) == 2  # the key is still to be put back
    assert not (home / "key").exists()
    (home / "key").write_text(key)
    assert held() == head


def lose_tables() -> None:
    with office.engine().begin() as connection:
        for name in content_digest.ours(connection):
            connection.exec_driver_sql(f'DROP TABLE "{name}"')
    office.close()


# ── what is no sound backup ───────────────────────────────────────────────────────────────────


def altered(folder: Path, how: str) -> str:
    """Spoil a backup in one way; what is then said of it."""
    manifest = folder / backup.MANIFEST
    stated = json.loads(manifest.read_text("utf-8"))
    copy = folder / stated["register"]
    match how:
        case "bit":
            whole = bytearray(copy.read_bytes())
            whole[len(whole) // 2] ^= 1
            copy.write_bytes(whole)
            return f"文件 {copy.name} 与备份时不同"
        case "cut":
            copy.write_bytes(copy.read_bytes()[:-1])
            return f"文件 {copy.name} 与备份时不同"
        case "gone":
            copy.unlink()
            return f"缺少文件 {copy.name}"
        case "more":
            (folder / "annual").mkdir(exist_ok=True)
            (folder / "annual" / "1999.toml").write_text("")
            return "文件 annual/1999.toml 与备份时不同"
        case "manifest":
            manifest.unlink()
            return "没有 manifest.json"
        case "words":
            manifest.write_text("{}")
            return "manifest.json 无法读取"
        case "format":
            manifest.write_text(json.dumps({**stated, "format": 2}))
            return "是另一版本的备份"
        case "newer":
            manifest.write_text(json.dumps({**stated, "structure": "9999"}))
            return "比本程序所认识的"
    raise AssertionError(how)


@pytest.mark.parametrize(
    "how", ["bit", "cut", "gone", "more", "manifest", "words", "format", "newer"]
)
def test_a_backup_that_is_not_as_it_was_is_refused(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    registered()
    backed_up(tmp_path / "b")
    registered()
    before = held()
    office.close()
    expected = altered(tmp_path / "b", how)
    capsys.readouterr()
    assert main(["restore", str(tmp_path / "b")]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert expected in said
    assert "未作任何改动" in said
    assert held() == before
    assert not (home / "backups").exists()


def test_a_backup_of_another_key_is_refused_before_anything_is_changed(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    registered()
    backed_up(tmp_path / "b")
    office.close()
    key = (home / "key").read_text()
    (home / "key").write_text(keys.new_key())
    assert main(["restore", str(tmp_path / "b")]) == 2
    assert "加密密钥与登记簿不符" in capsys.readouterr().err
    (home / "key").write_text(key)
    assert numbers() == ["SQ202600001"]


def test_a_backup_goes_into_a_new_or_empty_folder_only(home: Path, tmp_path: Path) -> None:
    registered()
    (tmp_path / "empty").mkdir()
    backed_up(tmp_path / "empty")
    with pytest.raises(backup.NotBackedUp, match="已有内容"):
        backed_up(tmp_path / "empty")
    assert backup.read(tmp_path / "empty").digest == held()
    (tmp_path / "file").write_text("")
    with pytest.raises(backup.NotBackedUp):
        backed_up(tmp_path / "file" / "b")
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]


# ── interrupted ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def two_states(home: Path, tmp_path: Path) -> dict[str, str]:
    """A backup in `b`, a later state at work; the year's words that go with each content."""
    registered()
    words(home, "当时")
    at_backup = backed_up(tmp_path / "b").digest
    registered()
    words(home, "后来")
    later = held()
    office.close()
    return {at_backup: "当时", later: "后来"}


def whole(home: Path, states: dict[str, str]) -> str:
    """Open the office after an interruption; which of the two states it is in, and wholly."""
    found = held()
    office.close()
    for name in ("annual", "materials"):
        assert (home / name / "2025.toml").read_text("utf-8") == states[found]
    assert not (home / locks.READY).exists()
    return states[found]


class Cut(BaseException):
    """The power goes."""


@pytest.mark.parametrize("what", ["rename", "replace", "unlink", "mkdir"])
def test_interrupted_at_any_step_it_is_all_or_nothing(
    home: Path,
    tmp_path: Path,
    two_states: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    """Before and after each rename, removal and new folder."""
    outcomes = set()
    real = getattr(Path, what)
    kept = tmp_path / "kept"
    shutil.copytree(home, kept)
    for step in range(40):
        seen = 0

        def cut(path: Path, *rest: object, step: int = step, **named: object) -> object:
            nonlocal seen
            seen += 1
            if seen == step // 2 + 1 and step % 2 == 0:
                raise Cut
            done = real(path, *rest, **named)
            if seen == step // 2 + 1:
                raise Cut
            return done

        with monkeypatch.context() as patched:
            patched.setattr(Path, what, cut)
            try:
                restore(tmp_path / "b")
            except Cut:
                pass
            else:
                break
        outcomes.add(whole(home, two_states))
        if not ON_POSTGRESQL:
            shutil.rmtree(home)
            shutil.copytree(kept, home)
    else:
        raise AssertionError("it never came to its end")
    assert whole(home, two_states) == "当时"
    if what == "rename" and not ON_POSTGRESQL:
        assert outcomes == {"当时"}
    if what in ("replace", "mkdir") and not ON_POSTGRESQL:
        assert "后来" in outcomes


def test_killed_at_random_moments_it_is_all_or_nothing(
    home: Path, tmp_path: Path, two_states: dict[str, str]
) -> None:
    chance = random.Random(12)
    kept = tmp_path / "kept"
    shutil.copytree(home, kept)
    began = time.monotonic()
    restore(tmp_path / "b")
    usual = time.monotonic() - began
    outcomes = []
    for n in range(10 * KILLS):
        if n >= KILLS and ({*outcomes} == {"当时", "后来"} or ON_POSTGRESQL):
            break
        if not ON_POSTGRESQL:
            shutil.rmtree(home)
            shutil.copytree(kept, home)
        child = os.fork()
        if child == 0:
            restore(tmp_path / "b")
            os._exit(0)
        time.sleep(chance.uniform(0, usual * 2))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        outcomes.append(whole(home, two_states))
    if not ON_POSTGRESQL:
        assert {*outcomes} == {"当时", "后来"}, usual


def test_a_backup_that_is_killed_leaves_no_folder_that_looks_like_one(
    home: Path, tmp_path: Path
) -> None:
    registered()
    office.close()
    chance = random.Random(3)
    for n in range(KILLS):
        child = os.fork()
        if child == 0:
            backed_up(tmp_path / str(n))
            os._exit(0)
        time.sleep(chance.uniform(0, 0.3))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if (tmp_path / str(n)).exists():
            backup.read(tmp_path / str(n))
        assert numbers() == ["SQ202600001"]
        office.close()


def test_what_an_earlier_backup_left_half_done_is_named(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A copy of the register that nobody comes back for; theirs, and one under way, are not named."""
    registered()
    office.close()
    out = tmp_path / "copies"
    names = ("monday.part", "running.part", "theirs.part")
    for name, held in zip(names, ("register.db.part", "register.dump", "x.db"), strict=True):
        (out / name).mkdir(parents=True)
        (out / name / held).write_bytes(b"half")
    ago = (office.now() - timedelta(days=2)).timestamp()
    for name in ("monday.part", "theirs.part"):
        os.utime(out / name, (ago, ago))
    os.utime(out / "running.part", (office.now().timestamp(),) * 2)
    assert main(["backup", str(out / "tuesday")]) == 0
    told = capsys.readouterr().out
    assert f"{out / 'monday.part'} 是以前没有备份完的，内有登记簿的副本" in told
    assert "running.part" not in told
    assert "theirs.part" not in told
    assert (out / "monday.part").exists()


# ── links, and what is no file ──────────────────────────────────────────────────────────────────
def linked(path: Path, kind: str, target: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(target)


@pytest.mark.parametrize("kind", ["file", "folder", "pipe", "nothing"])
@pytest.mark.parametrize("place", ["materials", "materials/a/b", "annual", "annual/2025.toml"])
def test_no_link_is_followed_into_a_backup(
    home: Path, tmp_path: Path, place: str, kind: str
) -> None:
    """Another file of this machine, which the service may read, would lie in the backup."""
    registered()
    other = tmp_path / "other"
    if kind == "folder":
        other.mkdir()
        (other / "x").write_text("secret", "utf-8")
    elif kind == "file":
        other.write_text("secret", "utf-8")
    linked(home / place, kind, other)
    with pytest.raises(backup.NotBackedUp, match="是链接或者不是普通文件") as refused:
        backed_up(tmp_path / "b")
    assert str(home / place) in str(refused.value)
    assert not (tmp_path / "b").exists()
    assert not (tmp_path / "b.part").exists()
    (home / place).unlink()
    backed_up(tmp_path / "b")


@pytest.mark.parametrize("kind", ["file", "folder", "pipe"])
@pytest.mark.parametrize("place", ["materials/x", "annual", "x"])
def test_no_link_is_followed_out_of_a_backup(
    home: Path, tmp_path: Path, place: str, kind: str
) -> None:
    registered()
    backed_up(tmp_path / "b")
    (tmp_path / "other").mkdir()
    linked(tmp_path / "b" / place, kind, tmp_path / "other" if kind == "folder" else home / "key")
    office.close()
    with pytest.raises(backup.UnsoundBackup, match="是链接或者不是普通文件"):
        restore(tmp_path / "b")
    assert not (home / "restoring.part").exists()


@pytest.mark.parametrize(
    "said",
    [
        b"[" * 100_000, b"{}", b"[]", b"null", b"7",
        *(b'{"format": 1, "made_at": "", "structure": "", "register": %s, "head": "", "digest": "", '
          b'"key_proof": "", "files": %s}' % pair
          for pair in ((b'["register.db"]', b"{}"), (b'"register.db"', b'["register.db"]'),
                       (b'"register.db"', b'{"register.db": 5}'))),
    ],
    ids=lambda said: said[:50].decode(),
)  # fmt: skip
def test_what_is_no_manifest_is_said(home: Path, tmp_path: Path, said: bytes) -> None:
    registered()
    backed_up(tmp_path / "b")
    (tmp_path / "b" / backup.MANIFEST).write_bytes(said)
    with pytest.raises(backup.UnsoundBackup, match="无法读取"):
        backup.read(tmp_path / "b")


def test_a_manifest_is_bounded(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registered()
    backed_up(tmp_path / "b")
    size = (tmp_path / "b" / backup.MANIFEST).stat().st_size
    for most, fits in ((size, True), (size - 1, False)):
        monkeypatch.setattr(backup, "LARGEST_MANIFEST", most)
        if fits:
            backup.read(tmp_path / "b")
            continue
        with pytest.raises(backup.UnsoundBackup, match="过大"):
            backup.read(tmp_path / "b")


@on_sqlite
def test_what_the_disk_cannot_hold_is_not_begun(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered()
    backed_up(tmp_path / "b")
    office.close()
    names = [path for path in (tmp_path / "b").rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in names if path.name != backup.MANIFEST)
    usage = type(shutil.disk_usage(home))
    for free, fits in ((size - 1, False), (size, True)):
        with monkeypatch.context() as patch:
            patch.setattr(shutil, "disk_usage", lambda _, free=free: usage(size, 0, free))
            if fits:
                restore(tmp_path / "b")
                continue
            with pytest.raises(restoring.NotRestored, match="没有这么多空间"):
                restore(tmp_path / "b")
            assert not (home / "restoring.part").exists()
    assert numbers() == ["SQ202600001"]
