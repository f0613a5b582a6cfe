"""Damaged registers, backups and ledgers: each is named for what it is, none is taken for sound.

They are made here, each from a sound one in one way: files cut, overwritten, exchanged, rows changed
by other means. Beside each stands all that is said of it: an officer reads that and nothing
else. More of single rows is in test_evidence.py, of interrupted restorations in test_backup.py.
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
ROW = "旧-{0},2026-01-06,网络,自然人,周晓岚,021-{0},某项目名单,3.1,2026-01-20,\n"
FIVE = HEAD + "".join(ROW.format(n) for n in range(1, 6))
FROM_BACKUP = "请停止使用，从备份恢复（disclosure restore）"
OPENING = "disclosure：无法打开数据库 sqlite:///{home}/register.db："
AT_WORK = "disclosure：登记簿的数据库出错，未登记任何内容："
DAMAGED = f"登记簿文件已损坏，{FROM_BACKUP}"
NO_REGISTER = f"{OPENING}登记簿文件已损坏或者不是登记簿，请从备份恢复（disclosure restore）"
GONE = (
    "disclosure：登记簿不见了：{where}{home}/register.db 不存在或者是空的，而 key 表明这里办理过申请。"
    "请用 disclosure restore 从备份恢复，或者检查 DISCLOSURE_HOME 和 DISCLOSURE_DATABASE_URL；"
    "确实要另立新的登记簿的，请换一个 DISCLOSURE_HOME"
)
IS_GONE, IS_ANOTHER = GONE.replace("{where}", ""), GONE.replace("{where}", "sqlite:///")
MARK = (
    "disclosure：登记簿的结构标记不能读取，登记簿文件可能已损坏，未作任何改动；"
    "请从备份恢复（disclosure restore）"
)
HEAD_STATED = "登记链校验值 "

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


def found(*faults: str) -> str:
    """What `verify` says of so many faults, in this order."""
    return "\n".join([f"共{len(faults)}处不符", *faults])


OF_SECOND = "case_number = 'SQ202600002'"
ALTERED = "与登记时不符（登记链第{}环）"
SECOND, PERSON = "申请 SQ202600002", "申请人的个人信息 SQ20260000{}"
NOT_LINKED = "不在登记链上，不是经本系统登记的"
NOT_REPLAYED = f"{SECOND}：登记的事项不能重新推演（{{}}）"
NEWER = (
    "登记簿中的事项“unheard_of”是由更新的版本登记的（第1版），本版本不能读取；"
    "请改用当时的版本或者更新的版本"
)
REGISTERS: dict[str, tuple[Callable[[Path], None], str]] = {
    "the first bytes are zeros": (put(0, bytes(16)), NO_REGISTER),
    "the size of its pages is none": (put(16, b"\xff\xff"), NO_REGISTER),
    "its format is one to come": (put(18, b"\x09\x09"), NO_REGISTER),
    "half of it is left": (
        lambda one: left(one.stat().st_size // 2)(one),
        OPENING + DAMAGED,
    ),
    "one page is left": (left(PAGE), OPENING + DAMAGED),
    "its last page is cut": (left(-1000), MARK),
    "its last page is gone": (left(-PAGE), OPENING + DAMAGED),
    "nothing is left": (left(0), IS_GONE),
    "it is gone": (Path.unlink, IS_GONE),
    "some pages are zeros": (put(3 * PAGE, bytes(9 * PAGE)), AT_WORK + DAMAGED),
    "some pages are noise": (
        put(4 * PAGE, bytes(n * 7 % 251 for n in range(5 * PAGE))),
        AT_WORK + DAMAGED,
    ),
    "it is a text": (lambda one: one.write_text("登记簿" * 1000) and None, NO_REGISTER),
    "it is another database": (another_database, IS_ANOTHER),
    "it is a folder": (a_folder, f"{OPENING}登记簿文件无法打开，请检查目录是否存在、有无权限"),
    "its mark is no number": (sql("UPDATE alembic_version SET version_num = '七'"), MARK),
    "its mark is two": (
        sql("INSERT INTO alembic_version VALUES ('9999')"),
        f"disclosure：登记簿的结构（{HEAD_OF_STRUCTURE}、9999）比本程序所认识的（{HEAD_OF_STRUCTURE}）新，"
        "本程序不能打开，未作任何改动；请使用写成它的那个版本或者更新的版本",
    ),
    "its mark is gone": (
        sql("DROP TABLE alembic_version"),
        "disclosure：登记簿没有结构标记，又与任何版本的结构不符（表 entry 多出列 version、表 event 多出列 "
        "version、表 signedreport 多出列 head），未作任何改动；请从备份恢复，或者检查数据库地址是否写错",
    ),
    "its events are gone": (
        sql("DROP TABLE event"),
        f"{AT_WORK}登记簿中没有表 event，可能已损坏，{FROM_BACKUP}",
    ),
    "a column of its events is gone": (
        sql("ALTER TABLE event DROP COLUMN article"),
        f"{AT_WORK}登记簿中没有列 event.article，可能已损坏，{FROM_BACKUP}",
    ),
    "its chain is gone": (
        sql("DELETE FROM link"),
        found(
            *(f"申请 SQ20260000{n} 0：{NOT_LINKED}" for n in (1, 2, 3)),
            *(f"{PERSON.format(n)}：{NOT_LINKED}" for n in (1, 2, 3)),
        ),
    ),
    "an act is altered": (
        sql(f"UPDATE event SET facts = json_set(facts, '$.request', '甲') WHERE {OF_SECOND}"),
        found(
            f"{SECOND} 0：{ALTERED.format(3)}",
            f"{SECOND}：与登记的事项不符（申请内容 应为 甲，载为 第1份名单）",
        ),
    ),
    "an act's day is altered": (
        sql(f"UPDATE event SET effective_on = '2026-02-01' WHERE {OF_SECOND}"),
        found(f"{SECOND} 0：{ALTERED.format(3)}"),
    ),
    "an act is gone": (
        sql(f"DELETE FROM event WHERE {OF_SECOND}"),
        found(
            f"{SECOND} 0：已被删去（登记链第3环）",
            NOT_REPLAYED.format("登记簿中没有编号为“SQ202600002”的申请"),
        ),
    ),
    "an act is no act": (
        sql(f"UPDATE event SET kind = 'unheard_of' WHERE {OF_SECOND}"),
        found(f"{SECOND} 0：{ALTERED.format(3)}", NOT_REPLAYED.format(NEWER)),
    ),
    "an act's facts are no facts": (
        sql(f"UPDATE event SET facts = '{{' WHERE {OF_SECOND}"),
        found(f"{SECOND} 0：{ALTERED.format(3)}", NOT_REPLAYED.format("内容不能读取")),
    ),
    "an act stands in another place": (
        sql(f"UPDATE event SET position = 3 WHERE {OF_SECOND}"),
        found(
            f"{SECOND} 0：已被删去（登记链第3环）",
            f"{SECOND} 3：{NOT_LINKED}",
            NOT_REPLAYED.format(f"{SECOND} 的第 0 步缺失（找到第 3 步）"),
        ),
    ),
    "a row is altered": (
        sql("UPDATE application SET stage = '已办结' WHERE number = 'SQ202600002'"),
        found(f"{SECOND}：与登记的事项不符（环节 应为 待确认收到，载为 已办结）"),
    ),
    "a row is gone": (
        sql("DELETE FROM application WHERE number = 'SQ202600002'"),
        found(
            f"{SECOND}：有登记的事项，登记簿中没有这一件",
            "编号系列 application（2026年，至3）：缺第2号",
            f"{SECOND}：只有申请人的身份、联系方式，没有登记",
        ),
    ),
    "an applicant is gone": (
        sql(f"DELETE FROM applicant WHERE {OF_SECOND}"),
        found(
            f"{PERSON.format(2)}：已被删去（登记链第4环）",
            f"{SECOND}：申请人的身份、联系方式一行不见了",
        ),
    ),
    "the series is behind": (
        sql("UPDATE series SET last = 2 WHERE series = 'application'"),
        found("编号系列 application（2026年，至2）：有没有发过的第3号"),
    ),
    "the series is ahead": (
        sql("UPDATE series SET last = 5 WHERE series = 'application'"),
        found("编号系列 application（2026年，至5）：缺第4、5号"),
    ),
    "a link is gone": (
        sql("DELETE FROM link WHERE seq = 2"),
        found(
            "登记链第2环至第2环缺失：有登记被删去",
            "登记链第3环与前一环不相连：登记链被改动过",
            f"{PERSON.format(1)}：{NOT_LINKED}",
        ),
    ),
    "a link is altered": (
        sql("UPDATE link SET digest = zeroblob(32) WHERE seq = 2"),
        found(
            f"{PERSON.format(1)}：{ALTERED.format(2)}",
            "登记链第2环与前一环不相连：登记链被改动过",
        ),
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
    said = (told.err + told.out).splitlines()
    lines = [line for line in said if not line.startswith(HEAD_STATED)]
    assert lines == expected.replace("{home}", str(home)).splitlines()


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


def torn_database(folder: Path) -> None:
    register = folder / "register.db"
    before = hashlib.sha256(register.read_bytes()).hexdigest()
    put(4 * PAGE, bytes(n * 7 % 251 for n in range(5 * PAGE)))(register)
    in_manifest(before, hashlib.sha256(register.read_bytes()).hexdigest())(folder)


OTHER = "文件 {} 与备份时不同"
UNREADABLE = "manifest.json 无法读取"
BACKUPS: dict[str, tuple[Callable[[Path], None], str]] = {
    "its register is gone": (of("register.db", Path.unlink), "缺少文件 register.db"),
    "its register is cut": (of("register.db", left(PAGE)), OTHER.format("register.db")),
    "its register is altered": (
        of("register.db", put(2 * PAGE, b"noise")),
        OTHER.format("register.db"),
    ),
    "its register is another, its digest with it": (another_register, "登记簿的内容与摘要不符"),
    "its register is no database, its digest with it": (
        no_database,
        "登记簿 register.db 已损坏，不能打开",
    ),
    "its register is torn, its digest with it": (
        torn_database,
        "登记簿 register.db 已损坏，不能打开",
    ),
    "a file of its config is gone": (
        of("config/practice.toml", Path.unlink),
        "缺少文件 config/practice.toml",
    ),
    "a file of its config is altered": (
        of("config/practice.toml", put(0, b"!")),
        OTHER.format("config/practice.toml"),
    ),
    "a file was added": (
        of("config/more.toml", lambda one: one.write_text("") and None),
        OTHER.format("config/more.toml"),
    ),
    "its manifest is gone": (of(backup.MANIFEST, Path.unlink), "没有 manifest.json"),
    "its manifest is empty": (of(backup.MANIFEST, left(0)), UNREADABLE),
    "its manifest is cut": (of(backup.MANIFEST, left(-200)), UNREADABLE),
    "its manifest is noise": (
        of(backup.MANIFEST, lambda one: one.write_bytes(bytes(range(256))) and None),
        UNREADABLE,
    ),
    "its manifest is of another format": (
        in_manifest('"format": 1', '"format": 2'),
        "是另一版本的备份（格式 2）",
    ),
    "its manifest names no register": (
        in_manifest('"register": "register.db"', '"register": "config/practice.toml"'),
        "没有登记簿",
    ),
    "its manifest names a place elsewhere": (
        in_manifest('"register.db": "', '"../register.db": "'),
        "缺少文件 ../register.db",
    ),
    "its structure is one to come": (
        in_manifest(f'"structure": "{HEAD_OF_STRUCTURE}"', '"structure": "9999"'),
        f"disclosure：无法恢复，未作任何改动：备份的结构（9999）比本程序所认识的（{HEAD_OF_STRUCTURE}）新，"
        "请使用更新的版本",
    ),
    "its digest is another": (in_manifest('"digest": "', '"digest": "0'), "登记簿的内容与摘要不符"),
    "its register is a link": (a_link, "register.db 是链接或者不是普通文件"),
    "it is a file": (a_file, "manifest.json：其中有一级不是目录"),
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
        unsound = f"disclosure：{copy} 不是完好的备份，未作任何改动："
        assert told == (expected if expected.startswith("disclosure：") else unsound + expected)
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


NOT_SHOWN = "\ufffd"
LACKING = (
    " 第1行：表头缺少：登记号、收到日期、申请人类别、申请人、申请内容、办理结果、办结日期；"
    "没有认出的列："
)
WHAT_THEN = (
    "。就是所缺的列、只是叫法不同的，加 --column 登记号=表头 写明（每次都这样叫的，在 "
    "config/office/ledger.toml 的 [columns] 补上）；台账里没有这一列的，请加上；"
    "文字是乱码的，是另一种编码：用 Excel 打开原来的文件，另存为 XLSX 再导入；"
    "没有申请人类别一列的，由公开机构定一次，没有写的都是哪一类，加 --applicant-kind，如 --applicant-kind "
    "自然人：名称说明是公司、律师事务所的仍按名称，说不准的逐件问"
)
ENCODING = "：编码应为 UTF-8 或 GB18030；请用 Excel 打开，另存为 XLSX 再导入"
NO_WORKBOOK = "：不是有效的 XLSX 文件，或者文件已损坏"
ONE_DOUBT = (
    "；共1处存疑，已逐行写在副本 {folder}/台账-存疑.csv 的“存疑”一栏"
    "（副本只多这一栏，原台账没有改动；在副本里改好，再导入副本）"
)
LEDGERS: dict[str, tuple[str, Callable[[], bytes], str, str]] = {
    "empty": ("csv", lambda: b"", "：是空文件", ""),
    "zeros": ("csv", lambda: bytes(PAGE), f"{LACKING}“{NOT_SHOWN * 10}”{WHAT_THEN}", ""),
    "noise": ("csv", lambda: bytes(range(256)) * 20, ENCODING, ""),
    "cut within a character": ("csv", lambda: FIVE.encode()[:-60], ENCODING, ""),
    "cut within a row": ("csv", FIVE[:-25].encode, " 第6行：这一行有6格，表头有10格", ONE_DOUBT),
    "two encodings": (
        "csv",
        lambda: (HEAD + ROW.format(1)).encode() + ROW.format(2).encode("gb18030"),
        ENCODING,
        "",
    ),
    "an open quote": (
        "csv",
        lambda: FIVE.replace("某项目名单", '"某项目名单', 1).encode(),
        " 第2行：不是有效的 CSV：引号不成对，或者引号之后还有文字",
        "",
    ),
    "zeros within": (
        "csv",
        lambda: FIVE.replace("周晓岚", "\0\0\0", 1).encode(),
        " 第2行：“申请人”第1个字符是控制字符（U+0000）",
        ONE_DOUBT,
    ),
    "without its head": (
        "csv",
        lambda: FIVE.removeprefix(HEAD).encode(),
        " 第1行：没有表头；请在第一行写上各列的名称（登记号、收到日期、申请人类别、申请人、申请内容、"
        "办理结果、办结日期）",
        "",
    ),
    "its head alone": ("csv", HEAD.encode, "：没有可以导入的行", ""),
    "a number twice": (
        "csv",
        (FIVE + ROW.format(1)).encode,
        " 第7行：登记号“旧-1”与第2行重复；是同一件（几个人提出、分几次答复、登记了两遍）的，合为一行；"
        "是两件的，各写一个编号",
        ONE_DOUBT,
    ),
    "an empty workbook": ("xlsx", lambda: b"", "：是空文件", ""),
    "half a workbook": ("xlsx", lambda: book()[: len(book()) // 2], NO_WORKBOOK, ""),
    "noise as a workbook": ("xlsx", lambda: b"PK\3\4" + bytes(range(256)) * 10, NO_WORKBOOK, ""),
    "a text as a workbook": (
        "xlsx",
        FIVE.encode,
        "：其实是文本，不是工作簿；扩展名改为 .csv 再导入",
        "",
    ),
    "no sheet": ("xlsx", lambda: packed(sheet1=None), "：没有工作表", ""),
    "no list of sheets": ("xlsx", lambda: packed(workbook=None), NO_WORKBOOK, ""),
    "half a sheet": (
        "xlsx",
        lambda: packed(sheet1=b"<worksheet><sheetData><row>"),
        NO_WORKBOOK,
        "",
    ),
    "a page as a workbook": (
        "xlsx",
        lambda: b"<html><table></table></html>",
        "：其实是网页，不是工作簿；用 Excel 打开后，请先另存为 XLSX 或 CSV",
        "",
    ),
    "an old workbook": (
        "xls",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "：是 Excel 97—2003（.xls）或者 WPS（.et）的旧格式；请先另存为 XLSX 或 CSV",
        "",
    ),
}


@pytest.mark.parametrize("what", LEDGERS)
def test_a_damaged_ledger_is_named_and_nothing_of_it_is_loaded(
    what: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ending, content, expected, more = LEDGERS[what]
    path = tmp_path / f"台账.{ending}"
    path.write_bytes(content())
    with empty_register(tmp_path / "home", monkeypatch):
        assert main(["import", str(path), "--complete-since", "2026-01-01"]) == 2
        with office.reading() as session:
            assert session.exec(select(Application)).all() == []
    [told] = capsys.readouterr().err.splitlines()
    further = more.replace("{folder}", str(tmp_path))
    assert told == f"disclosure：台账 {path.name}{expected}（未导入任何一行）{further}"
