"""Files for the service's own user alone; no link is followed, and none is left half written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from flows import office
from flows.installation import copying, files
from flows.installation.entrance import Entrance
from flows.installation.files import Linked
from flows.keeping import drafts
from flows.path import recording
from flows.shown import report_files, search_index, supervision
from tests.databases import empty_register, registered
from tests.test_doors import asked

ELSEWHERE = "别处的内容"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "home"
    folder.mkdir()
    with empty_register(folder, monkeypatch):
        yield folder


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another file of the same user, to which a link points."""
    file = tmp_path / "elsewhere"
    file.write_text(ELSEWHERE, "utf-8")
    return file


def confirmed() -> str:
    """The number of an application whose receipt is written."""
    number = registered()
    received = {"received_on": "2026-03-02"}
    assert not recording.perform(number, 1, "received", received, "陈静").refused
    return number


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# ── links ───────────────────────────────────────────────────────────────────────────────────────
def written_by(what: str, home: Path, number: str) -> tuple[Path, Callable[[], object]]:
    """A file that the office writes, and how it does."""
    match what:
        case "letter":
            (letter,) = (home / "letters" / number).glob("*.docx")
            return letter, lambda: recording.write_letters(number)
        case "report":
            out = report_files.folder(2022)
            return out / "report.html", lambda: report_files.written(out, {"report.html": b"<p>"})
        case "list":
            file = home / "supervision" / "x.xlsx"
            return file, lambda: supervision.write(file, [], home)
        case _:
            file = home / "register.db"
            return file, lambda: copying.whole(file, lambda part: part.write_bytes(b"x"))


WHAT = ["letter", "report", "list", "copy"]


@pytest.mark.parametrize("what", WHAT)
@pytest.mark.parametrize("place", ["itself", "beside"])
def test_a_link_in_the_place_of_a_file_is_not_written_through(
    what: str, place: str, home: Path, other: Path
) -> None:
    file, write = written_by(what, home, confirmed())
    file.parent.mkdir(parents=True, exist_ok=True)
    at = file if place == "itself" else file.with_name(f"{file.name}.part")
    at.unlink(missing_ok=True)
    at.symlink_to(other)
    write()
    assert other.read_text("utf-8") == ELSEWHERE
    assert file.is_file()
    assert not file.is_symlink()
    assert not list(file.parent.glob("*.part"))


@pytest.mark.parametrize("what", ["letter", "report", "list"])
def test_a_folder_that_is_a_link_is_not_written_into(
    what: str, home: Path, other: Path, tmp_path: Path
) -> None:
    file, write = written_by(what, home, confirmed())
    away = tmp_path / "away"
    if file.parent.exists():
        file.parent.rename(away)
    else:
        file.parent.parent.mkdir(parents=True, exist_ok=True)
        away.mkdir()
    before = sorted(away.iterdir())
    file.parent.symlink_to(away)
    with pytest.raises((Linked, report_files.NotAFolder, supervision.UnwritableList)) as refused:
        write()
    assert "指向别处的链接" in str(refused.value)
    assert sorted(away.iterdir()) == before


def test_no_index_is_written_and_no_draft_deleted_where_a_folder_is_linked(
    home: Path, tmp_path: Path
) -> None:
    away = tmp_path / "away"
    away.mkdir()
    (away / "theirs.draft").write_bytes(b"not ours")
    for name in ("search", drafts.FOLDER):
        (home / name).symlink_to(away)
    with pytest.raises(Linked, match="指向别处的链接"), office.reading() as session:
        search_index.read_on(session)
    with pytest.raises(Linked):
        drafts.keep("陈静", "登记申请", "", {"applicant": "甲"})
    drafts.drop("陈静", "登记申请", "")
    assert (list(drafts.over()), drafts.of("陈静")) == ([], [])
    assert [one.name for one in away.iterdir()] == ["theirs.draft"]


def test_a_log_is_not_written_through_a_link(home: Path, other: Path) -> None:
    before, log = other.read_bytes(), home / "server.log"
    log.symlink_to(other)
    with files.log(log) as written:
        written.write("启动\n".encode())
    assert (other.read_bytes(), log.read_text("utf-8")) == (before, "启动\n")
    assert (log.is_symlink(), mode(log)) == (False, 0o600)


def test_a_link_is_not_shown(home: Path, other: Path) -> None:
    shown = report_files.folder(2022) / "report.html"
    shown.parent.mkdir(parents=True)
    shown.symlink_to(other)
    told = asked(Entrance(), "/reports/2022/report.html")
    assert (told.status_code, ELSEWHERE in told.text) == (404, False)
    shown.unlink()
    shown.write_text("<h1>报告</h1>", "utf-8")
    assert asked(Entrance(), "/reports/2022/report.html").status_code == 200
    shown.parent.rename(other.parent / "moved")
    shown.parent.symlink_to(other.parent / "moved")
    assert asked(Entrance(), "/reports/2022/report.html").status_code == 404


def test_what_is_no_file_is_not_waited_for(home: Path) -> None:
    os.mkfifo(home / "pipe")
    with pytest.raises(OSError, match="不是文件"):
        files.read(home / "pipe", home)


def test_a_file_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = files.written(tmp_path / "a" / "b.txt", b"before")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.written(file, b"after")
    assert file.read_bytes() == b"before"
    assert list(file.parent.iterdir()) == [file]


# ── other accounts ──────────────────────────────────────────────────────────────────────────────
def test_a_home_that_was_open_is_closed_with_all_in_it_and_that_is_said(
    tmp_path: Path, other: Path
) -> None:
    other.chmod(0o644)
    folder = tmp_path / "home"
    (folder / "letters").mkdir(parents=True)
    for name in ("register.db", "register.db-wal", "letters/a.docx"):
        (folder / name).write_bytes(b"x")
        (folder / name).chmod(0o644)
    (folder / "link").symlink_to(other)
    folder.chmod(0o755)
    assert list(files.closed(folder)) == [f"{folder} 原对本机其他用户开放，已改为只供本用户使用"]
    assert mode(folder) == 0o700
    assert mode(folder / "letters") & 0o077 == 0
    assert {mode(folder / n) for n in ("register.db", "register.db-wal", "letters/a.docx")} == {
        0o600
    }
    assert mode(other) == 0o644
    assert list(files.closed(folder)) == []


def test_whatever_a_command_writes_is_its_users_alone(tmp_path: Path) -> None:
    """The register with what SQLite keeps beside it, the key, letters, lists; under any umask."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    settings = {"DISCLOSURE_HOME": str(home), "DISCLOSURE_TODAY": "2026-03-02"}
    kept = {n: v for n, v in os.environ.items() if not n.startswith("DISCLOSURE_")}

    def run(*command: str) -> None:
        line = [sys.executable, "-m", "flows", *command]
        root = Path(__file__).parents[1]
        subprocess.run(
            line, env=kept | settings, cwd=root, check=True, umask=0o000, capture_output=True
        )

    applicant = ("--channel", "当面", "--kind", "自然人", "--applicant", "张三", "--request", "甲")
    run("receive", *applicant)
    run("supervision", "--out", str(home / "list.xlsx"))
    run("backup", str(tmp_path / "backup"))
    (tmp_path / "backup").rename(home / "backup")
    found = [path for path in home.rglob("*") if path.is_file()]
    assert {path.name for path in found} >= {"register.db", "key", "list.xlsx", "manifest.json"}
    copied = home / "backup" / "config"  # with its own modes, in a folder that is closed
    assert mode(copied.parent) == 0o700
    ours = [path for path in home.rglob("*") if not path.is_relative_to(copied)]
    assert [path for path in ours if mode(path) & 0o077] == []


def packed(path: Path, words: str = "正文") -> Path:
    with ZipFile(path, "w") as file:
        file.writestr("document.xml", words * 1000)
    return path


def test_a_packed_file_is_read_through_once_for_as_long_as_it_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter, read = packed(tmp_path / "a.docx"), list[Path]()
    whole = files.is_whole_package
    monkeypatch.setattr(files, "is_whole_package", lambda path: read.append(path) or whole(path))
    assert files.is_still_whole(letter)
    assert files.is_still_whole(letter)
    assert read == [letter] * 2  # it was written just before
    monkeypatch.setattr(files, "JUST_WRITTEN", 0)
    assert files.is_still_whole(letter)
    assert files.is_still_whole(letter)
    assert read == [letter] * 3


@pytest.mark.parametrize("torn", [0, 3000, "same size", "gone"])
def test_one_that_is_not_whole_any_more_is_never_taken_for_whole(
    torn: int | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "JUST_WRITTEN", 0)
    letter = packed(tmp_path / "a.docx")
    assert files.is_still_whole(letter)
    stated = letter.stat()
    match torn:
        case "gone":
            letter.unlink()
        case "same size":
            time.sleep(0.02)  # a tick of the disk's clock
            with letter.open("r+b") as file:
                file.seek(200)
                file.write(bytes(50))
            os.utime(letter, ns=(stated.st_atime_ns, stated.st_mtime_ns))
            assert letter.stat().st_size == stated.st_size
        case int():
            os.truncate(letter, torn)
    assert not files.is_still_whole(letter)
    assert not files.is_still_whole(letter)
    packed(letter)
    assert files.is_still_whole(letter)
