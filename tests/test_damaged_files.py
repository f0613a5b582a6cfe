"""Forty damaged registers and ledgers: each is named for what it is, none is taken for sound.

They are made here, each from a sound one in one way: files cut, overwritten, exchanged. Damage done
to single rows of a register is in test_evidence.py, to backups in test_backup.py.
"""

from __future__ import annotations

import io
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from databases import ASKED, empty_register
from openpyxl import Workbook
from sqlmodel import select

from flows import office
from flows.__main__ import main
from models.store.tables import Application

PAGE = 4096
HEAD = "登记号,收到日期,提交方式,申请人类别,申请人,联系方式,申请内容,办理结果,办结日期,备注\n"
ROW = "旧-{},2026-01-06,网络,自然人,周晓岚,021-1,某项目名单,3.1,2026-01-20,\n"
FIVE = HEAD + "".join(ROW.format(n) for n in range(1, 6))
DAMAGED = "登记簿文件已损坏，请停止使用，从备份恢复（disclosure restore）"
NO_REGISTER = "登记簿文件已损坏或者不是登记簿，请从备份恢复（disclosure restore）"
GONE = "登记簿不见了"
LACKING = "第1行：表头缺少：登记号、收到日期"
ENCODING = "编码应为 UTF-8 或 GB18030"
NO_WORKBOOK = "不是有效的 XLSX 文件，或者文件已损坏"

# ── registers ─────────────────────────────────────────────────────────────────────────────────


def put(at: int, content: bytes) -> Callable[[Path], None]:
    """Write these bytes over what stands at that place."""

    def damage(register: Path) -> None:
        with register.open("r+b") as file:
            file.seek(at)
            file.write(content)

    return damage


def left(size: int) -> Callable[[Path], None]:
    """Leave so many bytes; a negative number: so many are gone from the end."""

    def damage(register: Path) -> None:
        whole = register.read_bytes()
        register.write_bytes(whole[:size])

    return damage


def another_database(register: Path) -> None:
    register.unlink()
    with sqlite3.connect(register) as other:
        other.execute("CREATE TABLE notes (words)")
    other.close()


def a_folder(register: Path) -> None:
    register.unlink()
    register.mkdir()


def sql(*statements: str) -> Callable[[Path], None]:
    def damage(register: Path) -> None:
        with sqlite3.connect(register) as there:
            for one in statements:
                there.execute(one)
        there.close()

    return damage


MARK = "登记簿的结构标记不能读取"
REGISTERS: dict[str, tuple[Callable[[Path], None], str]] = {
    "the first bytes are zeros": (put(0, bytes(16)), NO_REGISTER),
    "the size of its pages is none": (put(16, b"\xff\xff"), NO_REGISTER),
    "its format is one to come": (put(18, b"\x09\x09"), "登记簿"),
    "half of it is left": (lambda one: left(one.stat().st_size // 2)(one), DAMAGED),
    "one page is left": (left(PAGE), DAMAGED),
    "its last page is cut": (left(-1000), "登记簿"),
    "its last page is gone": (left(-PAGE), "登记簿"),
    "nothing is left": (left(0), GONE),
    "it is gone": (Path.unlink, GONE),
    "some pages are zeros": (put(3 * PAGE, bytes(9 * PAGE)), DAMAGED),
    "some pages are noise": (put(4 * PAGE, bytes(n * 7 % 251 for n in range(5 * PAGE))), DAMAGED),
    "it is a text": (lambda one: one.write_text("登记簿" * 1000) and None, NO_REGISTER),
    "it is another database": (another_database, GONE),
    "it is a folder": (a_folder, "登记簿文件无法打开"),
    "its mark is no number": (sql("UPDATE alembic_version SET version_num = '七'"), MARK),
    "its mark is two": (sql("INSERT INTO alembic_version VALUES ('9999')"), "比本程序所认识的"),
    "its mark is gone": (sql("DROP TABLE alembic_version"), "登记簿没有结构标记"),
    "its events are gone": (sql("DROP TABLE event"), "登记簿"),
    "its chain is gone": (sql("DELETE FROM link"), "不在登记链上"),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register in which three applications are."""
    folder = tmp_path_factory.mktemp("sound")
    with pytest.MonkeyPatch.context() as environment, empty_register(folder, environment):
        environment.setenv("DISCLOSURE_PORT", "1")  # where no office answers
        for n in range(3):
            who = ("--channel", "当面", "--kind", "自然人", "--applicant", "周晓岚")
            assert main(["receive", *who, "--request", f"第{n}份名单"]) == 0
    return folder


@pytest.mark.skipif(ASKED.startswith("postgresql"), reason="the files are SQLite's")
@pytest.mark.parametrize("what", REGISTERS)
def test_a_damaged_register_is_named(
    what: str,
    sound: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = tmp_path / "home"
    shutil.copytree(sound, home)
    (home / "key").touch()  # as an office has that has worked; the key itself is given by the tests
    damage, expected = REGISTERS[what]
    damage(home / "register.db")
    with empty_register(home, monkeypatch, made=False):
        assert main(["verify"]) in (1, 2)
    told = capsys.readouterr()
    assert expected in told.err + told.out
    assert "Traceback" not in told.err


# ── ledgers ───────────────────────────────────────────────────────────────────────────────────


def book() -> bytes:
    made = Workbook()
    for line in FIVE.splitlines():
        made.active.append(line.split(","))  # type: ignore[union-attr]
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def packed(**parts: bytes | None) -> bytes:
    """A workbook whose parts are these instead; None = without it."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(book())) as whole, ZipFile(out, "w") as made:
        for name in whole.namelist():
            content = parts.get(name.rpartition("/")[2].partition(".")[0], whole.read(name))
            if content is not None:
                made.writestr(name, content)
    return out.getvalue()


LEDGERS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": ("csv", lambda: b"", LACKING),
    "zeros": ("csv", lambda: bytes(PAGE), LACKING),
    "noise": ("csv", lambda: bytes(range(256)) * 20, ENCODING),
    "cut within a character": ("csv", lambda: FIVE.encode()[:-60], ENCODING),
    "cut within a row": ("csv", FIVE[:-25].encode, "第6行：这一行有6格，表头有10格"),
    "two encodings": (
        "csv",
        lambda: (HEAD + ROW.format(1)).encode() + ROW.format(2).encode("gb18030"),
        ENCODING,
    ),
    "an open quote": (
        "csv",
        lambda: FIVE.replace("某项目名单", '"某项目名单', 1).encode(),
        "第2行：不是有效的 CSV：引号不成对",
    ),
    "zeros within": (
        "csv",
        lambda: FIVE.replace("周晓岚", "\0\0\0", 1).encode(),
        "第2行：“申请人”第1个字符是控制字符（U+0000）",
    ),
    "without its head": ("csv", lambda: FIVE.removeprefix(HEAD).encode(), LACKING),
    "its head alone": ("csv", HEAD.encode, "没有可以导入的行"),
    "a number twice": (
        "csv",
        (FIVE + ROW.format(1)).encode,
        "第7行：登记号“旧-1”与第2行重复",
    ),
    "an empty workbook": ("xlsx", lambda: b"", NO_WORKBOOK),
    "half a workbook": ("xlsx", lambda: book()[: len(book()) // 2], NO_WORKBOOK),
    "noise as a workbook": ("xlsx", lambda: b"PK\3\4" + bytes(range(256)) * 10, NO_WORKBOOK),
    "a text as a workbook": ("xlsx", FIVE.encode, NO_WORKBOOK),
    "no sheet": ("xlsx", lambda: packed(sheet1=None), "没有工作表"),
    "no list of sheets": ("xlsx", lambda: packed(workbook=None), NO_WORKBOOK),
    "half a sheet": ("xlsx", lambda: packed(sheet1=b"<worksheet><sheetData><row>"), NO_WORKBOOK),
    "a page as a workbook": ("xlsx", lambda: b"<html><table></table></html>", "其实是网页"),
    "an old workbook": (
        "xls",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "旧格式；请先另存为 XLSX 或 CSV",
    ),
}


@pytest.mark.parametrize("what", LEDGERS)
def test_a_damaged_ledger_is_named_and_nothing_of_it_is_loaded(
    what: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ending, content, expected = LEDGERS[what]
    path = tmp_path / f"台账.{ending}"
    path.write_bytes(content())
    with empty_register(tmp_path / "home", monkeypatch):
        assert main(["import", str(path), "--complete-since", "2026-01-01"]) == 2
        with office.reading() as session:
            assert session.exec(select(Application)).all() == []
    [told] = capsys.readouterr().err.splitlines()
    assert expected in told
    assert "未导入任何一行" in told
