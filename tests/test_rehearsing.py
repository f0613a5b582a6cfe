"""Before an office goes over to a new version, its register is replayed under it: nothing is written.

Runs on SQLite, and on PostgreSQL when DISCLOSURE_DATABASE_URL names one (tests/databases.py).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from databases import empty_register
from played import Played
from schemas import ASKED
from situations import SITUATIONS, reached
from sqlalchemy import create_engine, insert, select, text

from flows import office
from flows.__main__ import main
from flows.keeping import rehearsing
from models.migrations import FIRST, MARK
from models.migrations.versions.r0001_as_landed import SCHEMA
from models.soundness import replayed
from models.soundness.replayed import Rules
from models.store.tables import Application

CONFIG = Path(__file__).parents[1] / "config"
ON_POSTGRESQL = ASKED.startswith("postgresql")
on_sqlite = pytest.mark.skipif(ON_POSTGRESQL, reason="a file of SQLite")
OPEN, CLOSED, WAITING = "SQ202600001", "SQ202600002", "SQ202600003"
GIVEN = {
    OPEN: "2026-03-02　收到",
    CLOSED: "2026-03-02　收到　申请人姓名或名称＝李四\n2026-03-10　答复　办理结果＝予以公开（提供）",
    WAITING: "2026-03-02　收到　申请人姓名或名称＝王五\n2026-03-04　补正",
}
Told = tuple[int, str]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An office with an open case, a closed one, and one that waits for a correction; its config is
    its own.
    """
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copytree(CONFIG, tmp_path / "config")
    monkeypatch.setenv("DISCLOSURE_CONFIG", str(tmp_path / "config"))
    with empty_register(folder, monkeypatch):
        monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-16")
        with office.writing() as session:
            for given in GIVEN.values():
                play = Played(session)
                for line in given.splitlines():
                    play.line(line)
        office.close()
        yield folder


def configured(home: Path, file: str, was: str, now: str) -> None:
    path = home.parent / "config" / file
    words = path.read_text("utf-8")
    assert was in words
    path.write_text(words.replace(was, now), encoding="utf-8")


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    """What lies in a folder: names, times, contents."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def rehearsed(capsys: pytest.CaptureFixture[str], *more: object) -> Told:
    capsys.readouterr()
    status = main(["rehearse", *map(str, more)])
    said = capsys.readouterr()
    return status, said.out + said.err


def test_under_the_same_version_nothing_changes_and_nothing_is_written(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(home)
    status, said = rehearsed(capsys)
    assert status == 0
    assert "3件申请、" in said
    assert "都没有变化" in said
    assert "【" not in said
    assert everything(home) == before


def test_another_term_is_told_case_by_case_with_both_days(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configured(home, "statute/periods.toml", "days = 20\nunit", "days = 15\nunit")
    before = everything(home)
    status, said = rehearsed(capsys)
    assert status == 1
    limits = [line for line in said.splitlines() if line.startswith("【期限】")]
    assert limits == [f"【期限】申请 {OPEN}　答复期限：2026年3月30日 → 2026年3月23日"]
    assert CLOSED in next(line for line in said.splitlines() if "已办结的" in line)
    assert everything(home) == before


def test_another_row_is_told_with_the_cells_it_leaves_and_comes_into(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configured(
        home,
        "statute/outcomes.toml",
        'key = "granted"\nrow = "3.1"',
        'key = "granted"\nrow = "3.2"',
    )
    status, said = rehearsed(capsys)
    assert status == 1
    assert f"【登记簿】申请 {CLOSED}　表三的行：三（一） → 三（二）" in said
    assert f"【表三】2026年 三（一） 自然人：减1件（{CLOSED}）" in said
    assert f"【表三】2026年 三（二） 自然人：增1件（{CLOSED}）" in said
    assert "【期限】" not in said


def test_another_wording_is_told_letter_by_letter_with_both_texts(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configured(home, "office/agency.toml", "021-00000000", "021-11111111")
    status, said = rehearsed(capsys, "--out", tmp_path / "演练.txt")
    assert status == 1
    assert "【期限】" not in said
    assert "【表三】" not in said
    named = [line for line in said.splitlines() if line.startswith("【文书】")]
    assert all(any(number in line for line in named) for number in GIVEN)
    gone = [line for line in said.splitlines() if line.startswith("　　原：")]
    come = [line for line in said.splitlines() if line.startswith("　　新：")]
    assert [line.replace("00000000", "11111111")[4:] for line in gone] == [
        line[4:] for line in come
    ]
    assert gone
    assert (tmp_path / "演练.txt").read_text("utf-8").strip() in said


def test_a_choice_on_a_disputed_point_is_a_change_like_another(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the register points to and config/ has no more is named, too."""
    configured(home, "statute/channels.toml", 'key = "in_person"', 'key = "by_hand"')
    status, said = rehearsed(capsys)
    assert status == 1
    assert "【配置】" in said
    assert "in_person" in said


@on_sqlite
def test_a_backup_is_rehearsed_like_the_register(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backup", str(tmp_path / "copy")]) == 0
    office.close()
    configured(home, "statute/periods.toml", "days = 20\nunit", "days = 15\nunit")
    before = everything(tmp_path / "copy")
    shutil.rmtree(home)
    status, said = rehearsed(capsys, tmp_path / "copy")
    assert status == 1
    assert f"申请 {OPEN}　答复期限：2026年3月30日 → 2026年3月23日" in said
    assert everything(tmp_path / "copy") == before


@on_sqlite
def test_an_office_at_work_and_one_that_was_cut_off_are_read_with_what_they_wrote_last(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with office.writing() as session:
        Played(session).line("2026-03-11　收到　申请人姓名或名称＝赵六")
    assert (home / "register.db-wal").stat().st_size
    assert "4件申请" in rehearsed(capsys)[1]
    cut = tmp_path / "cut"
    shutil.copytree(home, cut)
    (cut / "register.db-shm").unlink()
    os.environ["DISCLOSURE_DATABASE_URL"] = f"sqlite:///{cut / 'register.db'}"
    before = everything(cut)
    assert "4件申请" in rehearsed(capsys)[1]
    assert everything(cut) == before


@on_sqlite
def test_a_register_of_the_first_release_is_brought_up_aside(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only what it knew is compared; the register itself stays of its structure."""
    old = tmp_path / "old.db"
    source, target = (create_engine(f"sqlite:///{path}") for path in (home / "register.db", old))
    with source.connect() as there, target.begin() as here:
        SCHEMA.create_all(here)
        for table in SCHEMA.sorted_tables:
            kept = {
                one["name"]
                for one in there.execute(text(f"PRAGMA table_info({table.name})")).mappings()
            }
            columns = [column for column in table.columns if column.name in kept]
            rows = (
                [dict(row) for row in there.execute(select(*columns)).mappings()] if columns else []
            )
            if rows:
                here.execute(insert(table), rows)
        MARK.create(here)
        here.execute(insert(MARK).values(version_num=FIRST))
    source.dispose()
    target.dispose()
    monkeypatch.setenv("DISCLOSURE_DATABASE_URL", f"sqlite:///{old}")
    before = old.read_bytes()
    status, said = rehearsed(capsys)
    assert status == 0, said
    assert "结构须升级" in said
    assert "3件申请" in said
    assert old.read_bytes() == before


@on_sqlite
def test_what_is_no_register_is_told_in_a_sentence(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rehearsed(capsys, tmp_path / "nothing")[0] == 2
    with closing(sqlite3.connect(home / "register.db")) as there:
        there.execute("UPDATE alembic_version SET version_num = '9999'")
        there.commit()
    status, said = rehearsed(capsys)
    assert status == 2
    assert "9999" in said
    (home / "register.db").write_bytes(b"no register" * 1000)
    for left in ("-wal", "-shm"):
        (home / f"register.db{left}").unlink(missing_ok=True)
    status, said = rehearsed(capsys)
    assert (status, "登记簿" in said, len(said.splitlines())) == (2, True, 1)
    (home / "register.db").unlink()
    status, said = rehearsed(capsys)
    assert (status, "没有登记簿" in said) == (2, True)


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_situation_comes_out_as_it_was_recorded(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No difference where there is none, also for letters: each reads again as it was signed."""
    with empty_register(tmp_path, monkeypatch):
        with office.writing() as session:
            reached(session, name)
        found = rehearsing.Rehearsed()
        with office.reading() as session:
            columns = frozenset(Application.model_fields)
            forms = office.annual_rules().forms
            rules = Rules(office.law(), forms, date(2026, 3, 10), columns, {})
            for row, events in replayed.each_case(session):
                case = replayed.replay(found.replayed, row, events, rules)
                assert case is not None
                rehearsing._letters(found, session, case, events)
        assert list(rehearsing.lines(found))[1:] == ["换用本版本，期限、表三、文书都没有变化"]
