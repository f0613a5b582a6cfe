"""Damaged registers, backups and ledgers: each is named for what it is, none is taken for sound.

They are made here, each from a sound one in one way: files cut, overwritten, exchanged, rows changed
by other means. More of single rows is in test_evidence.py, of interrupted restorations in
test_backup.py.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from databases import empty_register
from openpyxl import Workbook
from schemas import ASKED
from sqlmodel import select

from flows import office
from flows.__main__ import main
from flows.installation import backup
from models.migrations import HEAD as HEAD_OF_STRUCTURE
from models.store.tables import Application

PAGE = 4096
HEAD = "登记号,收到日期,提交方式,申请人类别,申请人,联系方式,申请内容,办理结果,办结日期,备注\n"
ROW = "旧-{},2026-01-06,网络,自然人,周晓岚,021-1,某项目名单,3.1,2026-01-20,\n"
FIVE = HEAD + "".join(ROW.format(n) for n in range(1, 6))
DAMAGED = "登记簿文件已损坏，请停止使用，从备份恢复（disclosure restore）"
NO_REGISTER = "登记簿文件已损坏或者不是登记簿，请从备份恢复（disclosure restore）"
GONE = "登记簿不见了"
EMPTY = "：是空文件"
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


OF_SECOND = "case_number = 'SQ202600002'"
SECOND, PERSON = "申请 SQ202600002", "申请人的个人信息 SQ20260000{}"
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
    "an act is altered": (
        sql(f"UPDATE event SET facts = json_set(facts, '$.request', '甲') WHERE {OF_SECOND}"),
        f"{SECOND} 0：与登记时不符（登记链第3环）",
    ),
    "an act's day is altered": (
        sql(f"UPDATE event SET effective_on = '2026-02-01' WHERE {OF_SECOND}"),
        f"{SECOND} 0：与登记时不符（登记链第3环）",
    ),
    "an act is gone": (sql(f"DELETE FROM event WHERE {OF_SECOND}"), f"{SECOND} 0：已被删去"),
    "an act is no act": (
        sql(f"UPDATE event SET kind = 'unheard_of' WHERE {OF_SECOND}"),
        f"{SECOND} 0：与登记时不符",
    ),
    "an act's facts are no facts": (
        sql(f"UPDATE event SET facts = '{{' WHERE {OF_SECOND}"),
        f"{SECOND}：登记的事项不能重新推演（内容不能读取）",
    ),
    "an act stands in another place": (
        sql(f"UPDATE event SET position = 3 WHERE {OF_SECOND}"),
        f"{SECOND} 的第 0 步缺失",
    ),
    "a row is altered": (
        sql("UPDATE application SET stage = '已办结' WHERE number = 'SQ202600002'"),
        f"{SECOND}：与登记的事项不符（环节 应为 待确认收到，载为 已办结）",
    ),
    "a row is gone": (
        sql("DELETE FROM application WHERE number = 'SQ202600002'"),
        f"{SECOND}：有登记的事项，登记簿中没有这一件",
    ),
    "an applicant is gone": (
        sql(f"DELETE FROM applicant WHERE {OF_SECOND}"),
        f"{PERSON.format(2)}：已被删去",
    ),
    "the series is behind": (
        sql("UPDATE series SET last = 2 WHERE series = 'application'"),
        "（2026年，至2）：有没有发过的第3号",
    ),
    "the series is ahead": (
        sql("UPDATE series SET last = 5 WHERE series = 'application'"),
        "（2026年，至5）：缺第4、5号",
    ),
    "a link is gone": (sql("DELETE FROM link WHERE seq = 2"), "登记链第2环至第2环缺失"),
    "a link is altered": (
        sql("UPDATE link SET digest = zeroblob(32) WHERE seq = 2"),
        f"{PERSON.format(1)}：与登记时不符（登记链第2环）",
    ),
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


# ── backups ───────────────────────────────────────────────────────────────────────────────────


def in_manifest(was: str, now: str) -> Callable[[Path], None]:
    """Say something else in the manifest."""

    def damage(folder: Path) -> None:
        path = folder / backup.MANIFEST
        words = path.read_text("utf-8")
        assert was in words
        path.write_text(words.replace(was, now, 1), encoding="utf-8")

    return damage


def of(name: str, damage: Callable[[Path], None]) -> Callable[[Path], None]:
    return lambda folder: damage(folder / name)


def a_link(folder: Path) -> None:
    (folder / "register.db").rename(folder.parent / "register.db")
    (folder / "register.db").symlink_to(folder.parent / "register.db")


def a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("")


def another_register(folder: Path) -> None:
    """A register that was altered, with its digest in the manifest, but not its content's."""
    register = folder / "register.db"
    before = hashlib.sha256(register.read_bytes()).hexdigest()
    sql("UPDATE application SET request = '另一份'")(register)
    in_manifest(before, hashlib.sha256(register.read_bytes()).hexdigest())(folder)


def no_database(folder: Path) -> None:
    register = folder / "register.db"
    before = hashlib.sha256(register.read_bytes()).hexdigest()
    register.write_bytes(b"no database" * 1000)
    in_manifest(before, hashlib.sha256(register.read_bytes()).hexdigest())(folder)


BACKUPS: dict[str, tuple[Callable[[Path], None], str]] = {
    "its register is gone": (of("register.db", Path.unlink), "缺少文件 register.db"),
    "its register is cut": (of("register.db", left(PAGE)), "文件 register.db 与备份时不同"),
    "its register is altered": (
        of("register.db", put(2 * PAGE, b"noise")),
        "文件 register.db 与备份时不同",
    ),
    "its register is another, its digest with it": (another_register, "登记簿的内容与摘要不符"),
    "its register is no database, its digest with it": (no_database, "register.db"),
    "a file of its config is gone": (
        of("config/practice.toml", Path.unlink),
        "缺少文件 config/practice.toml",
    ),
    "a file of its config is altered": (
        of("config/practice.toml", put(0, b"!")),
        "文件 config/practice.toml 与备份时不同",
    ),
    "a file was added": (
        of("config/more.toml", lambda one: one.write_text("") and None),
        "文件 config/more.toml 与备份时不同",
    ),
    "its manifest is gone": (of(backup.MANIFEST, Path.unlink), "没有 manifest.json"),
    "its manifest is empty": (of(backup.MANIFEST, left(0)), "manifest.json 无法读取"),
    "its manifest is cut": (of(backup.MANIFEST, left(-200)), "manifest.json 无法读取"),
    "its manifest is noise": (
        of(backup.MANIFEST, lambda one: one.write_bytes(bytes(range(256))) and None),
        "manifest.json 无法读取",
    ),
    "its manifest is of another format": (in_manifest('"format": 1', '"format": 2'), "格式 2"),
    "its manifest names no register": (
        in_manifest('"register": "register.db"', '"register": "config/practice.toml"'),
        "没有登记簿",
    ),
    "its manifest names a place elsewhere": (
        in_manifest('"register.db": "', '"../register.db": "'),
        "register.db",
    ),
    "its structure is one to come": (
        in_manifest(f'"structure": "{HEAD_OF_STRUCTURE}"', '"structure": "9999"'),
        "9999",
    ),
    "its digest is another": (in_manifest('"digest": "', '"digest": "0'), "登记簿的内容与摘要不符"),
    "its register is a link": (a_link, "register.db 是链接或者不是普通文件"),
    "it is a file": (
        a_file,
        "不是完好的备份",
    ),
}


@pytest.mark.skipif(ASKED.startswith("postgresql"), reason="the files are SQLite's")
@pytest.mark.parametrize("what", BACKUPS)
def test_a_damaged_backup_is_named_and_nothing_of_it_is_restored(
    what: str,
    sound: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home, copy = tmp_path / "home", tmp_path / "copy"
    shutil.copytree(sound, home)
    damage, expected = BACKUPS[what]
    with empty_register(home, monkeypatch, made=False):
        assert main(["backup", str(copy)]) == 0
        damage(copy)
        office.close()
        before = (home / "register.db").read_bytes()
        capsys.readouterr()
        assert main(["restore", str(copy)]) == 2
        [told] = capsys.readouterr().err.splitlines()
        assert expected in told
        assert "未作任何改动" in told
        office.close()
        assert (home / "register.db").read_bytes() == before
        assert not (home / "backups").exists()


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
    "empty": ("csv", lambda: b"", EMPTY),
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
    "an empty workbook": ("xlsx", lambda: b"", EMPTY),
    "half a workbook": ("xlsx", lambda: book()[: len(book()) // 2], NO_WORKBOOK),
    "noise as a workbook": ("xlsx", lambda: b"PK\3\4" + bytes(range(256)) * 10, NO_WORKBOOK),
    "a text as a workbook": ("xlsx", FIVE.encode, "其实是文本，不是工作簿"),
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
