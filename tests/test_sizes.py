"""No file fills the memory: each that a command takes is bounded before it is read, in a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from flows import office
from flows.arguments import LARGEST_FILE, MEGABYTE, UnreadableFile, content_of
from flows.commands import ledger_sheets, ledger_workbook
from flows.commands.ledger_values import BadLedger
from flows.installation import keys, settings
from flows.reading import packed as packed_file
from flows.reading.packed import few_elements
from flows.reading.sent_files import opened
from flows.shown.deadlines import LONGEST_LINE
from models.errors import ConfigFault
from models.law.config_rows import LARGEST_TOML, read_toml
from models.store.sealing import new_key

CELL = 300 * MEGABYTE
SHEET = "xl/worksheets/sheet1.xml"
ROWS = (
    '<?xml version="1.0"?>{before}<worksheet xmlns="http://schemas.openxmlformats.org/'
    'spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>'
)
END = "</t></is></c></row></sheetData></worksheet>"


def workbook(path: Path, cell: str, times: int = 1, before: str = "") -> Path:
    """A workbook of one cell, that text so often."""
    plain = BytesIO()
    Workbook().save(plain)
    with ZipFile(plain) as parts, ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as packed:
        for name in parts.namelist():
            if name != SHEET:
                packed.writestr(name, parts.read(name))
        with packed.open(SHEET, "w", force_zip64=True) as sheet:
            sheet.write(ROWS.format(before=before).encode())
            for _ in range(times):
                sheet.write(cell.encode())
            sheet.write(END.encode())
    return path


def read(path: Path) -> list[object]:
    rows = (row for sheet in ledger_sheets.sheets(path) for row in sheet.rows())
    return [(row.line, row.cells) for row in rows]


def test_a_workbook_of_one_cell_is_read(tmp_path: Path) -> None:
    assert read(workbook(tmp_path / "a.xlsx", "甲")) == [(1, ["甲"])]


IMPORTED = """
import sys
from flows.__main__ import main

code = main(["import", sys.argv[1]])
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
sys.exit(code)
"""
"""The import in a process of its own, and the most memory that it had: what it was forked from apart."""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="需要 /proc（Linux）")
def test_a_cell_of_300_megabytes_is_refused_without_being_unpacked(tmp_path: Path) -> None:
    """It took 934 MB of memory; the file itself has one and a half."""
    file = workbook(tmp_path / "large.xlsx", "x" * MEGABYTE, CELL // MEGABYTE)
    assert file.stat().st_size < 3 * MEGABYTE
    environment = {**os.environ, "DISCLOSURE_HOME": str(tmp_path / "home")}
    environment.pop("DISCLOSURE_DATABASE_URL", None)
    said = subprocess.run(
        [sys.executable, "-c", IMPORTED, str(file)],
        env=environment,
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 2
    assert "解压后过大（超过 100 MB）" in said.stderr
    took = int(said.stdout.split()[-1]) / 1024
    print(f"memory, MB: {took:.0f}")
    assert took < 300


COUNT = 500_000
PAGE = "<html><body><table><tr>"
DOCUMENT = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
)


def crowded(path: Path) -> Path:
    """A small file of half a million cells in one row, texts, rows or paragraphs: named for its kind."""
    match path.name:
        case "cells.html":
            path.write_text(PAGE + "<td>" * COUNT, "ascii")
        case "rows.html":
            path.write_text(PAGE + "<tr>" * COUNT, "ascii")
        case "unseen.html":
            path.write_text("<html><select>" + "<b>" * COUNT, "ascii")
        case "paragraphs.docx":
            with ZipFile(path, "w", ZIP_DEFLATED) as packed:
                packed.writestr("word/document.xml", DOCUMENT + "<w:p/>" * COUNT)
        case "texts.xlsx":
            workbook(path, "甲")
            with ZipFile(path, "a", ZIP_DEFLATED) as packed:
                packed.writestr("xl/texts.xml", f"<sst>{'<si/>' * 10 * COUNT}</sst>")
        case _:
            workbook(path, "甲</t></is></c>" + "<c/>" * COUNT + "<c><is><t>")
    return path


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="需要 /proc（Linux）")
@pytest.mark.parametrize(
    ("command", "name", "said"),
    [
        ("check", "cells.html", "网页过大（超过200000段、格）"),
        ("check", "cells.xlsx", "一行中的格过多（xl/worksheets/sheet1.xml）"),
        ("check", "paragraphs.docx", "内容过多（word/document.xml 超过400000项）"),
        ("import", "cells.xlsx", "一行中的格过多（xl/worksheets/sheet1.xml）"),
    ],
)
def test_what_is_small_packed_and_crowded_is_refused_before_it_is_built(
    command: str, name: str, said: str, tmp_path: Path
) -> None:
    """They took 285 to 470 MB; refused in a sentence, they take little more than the command does."""
    environment = {**os.environ, "DISCLOSURE_HOME": str(tmp_path / "home")}
    environment.pop("DISCLOSURE_DATABASE_URL", None)
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            IMPORTED.replace('"import"', f'"{command}"'),
            str(crowded(tmp_path / name)),
        ],
        env=environment,
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode != 0
    assert said in told.stdout + told.stderr
    took = int(told.stdout.split()[-1]) / 1024
    print(f"memory, MB: {took:.0f}")
    assert took < 220


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("rows.html", "网页过大"),
        ("unseen.html", "网页过大"),
        ("texts.xlsx", "内容过多（xl/texts.xml"),
    ],
)
def test_whatever_a_file_is_crowded_with_is_counted(name: str, said: str, tmp_path: Path) -> None:
    file = crowded(tmp_path / name)
    with pytest.raises(UnreadableFile, match=said):
        opened(file, name, file.read_bytes())


@pytest.mark.parametrize("over", [0, 1])
def test_as_many_cells_in_a_row_and_no_more(over: int, tmp_path: Path) -> None:
    held = packed_file.MOST_IN_ROW - 3 - 3 + over
    file = workbook(tmp_path / "a.xlsx", "甲</t></is></c>" + "<c/>" * held + "<c><is><t>")
    if over:
        with pytest.raises(UnreadableFile, match="一行中的格过多"):
            opened(file, "a", file.read_bytes())
    else:
        assert opened(file, "a", file.read_bytes()).blocks


def sheet_of(path: Path, markup: bytes) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as packed:
        packed.writestr(SHEET, markup)
    return path


NESTED = "<s>" + "<row>" + ("<row>" + "<c/>" * 900) * 90 + "</row>" * 91 + "</s>"
ENTITY = f'<!DOCTYPE s [<!ENTITY many "{"<c/>" * 900}">]><s><row>{"&many;" * 90}</row></s>'
BETWEEN = "<s>" + "<row/>" + "<x/>" * 450 + ("<row/>" + "<x/>" * 450) * 900 + "</s>"
CELLS = "<c><v>1</v></c>" * 9
PLAIN = f'<s>{f"""<row r="1">{CELLS}</row>""" * 3000}'
PLAINLY_BETWEEN = PLAIN + (f'<row r="1">{CELLS}</row>' + "<x/>" * 450) * 900 + "</s>"
UNFILLED_BETWEEN = PLAIN + (f'<row r="1"/>{"<x/>" * 450}<row>{CELLS}</row>') * 900 + "</s>"
MANY_PLAIN = f'<s>{"""<row r="1"><c/></row>""" * 400_001}</s>'
PADDING = "<s>" + " " * 400_000


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        (NESTED.encode(), "一行中的格过多"),
        (ENTITY.replace("<s>", PADDING).encode(), "一行中的格过多"),
        (NESTED.replace("<s>", PADDING).encode("utf-16"), "一行中的格过多"),
        (BETWEEN.encode(), "内容过多"),
        (PLAINLY_BETWEEN.encode(), "内容过多"),
        (UNFILLED_BETWEEN.encode(), "内容过多"),
        (MANY_PLAIN.encode(), "内容过多"),
        ((PLAIN + NESTED.removeprefix("<s>")).encode(), "一行中的格过多"),
    ],
    ids=[
        *("rows within a row", "entities", "utf-16", "between rows"),
        *("between plain rows", "between rows without cells", "many plain rows"),
        "rows within a row behind plain ones",
    ],
)
def test_rows_are_counted_however_they_are_written(
    markup: bytes, said: str, tmp_path: Path
) -> None:
    file = sheet_of(tmp_path / "a.xlsx", markup)
    with ZipFile(file) as packed, pytest.raises(UnreadableFile, match=said):
        few_elements("a.xlsx", packed, rows=400_000)


@pytest.mark.parametrize("before", ["", "\ufeff", '<?xml version="1.0" encoding="UTF-8"?>'])
def test_an_ordinary_sheet_is_counted_by_its_marks_alone(
    before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed_file, "_Count", None)  # it is not asked
    rows = "<row r='1'>" + "<c><v>1</v></c>" * 2000 + "</row>"
    markup = f"{before}<s>{rows * 60}</s>".encode()
    with ZipFile(sheet_of(tmp_path / "a.xlsx", markup)) as packed:
        few_elements("a.xlsx", packed)


@pytest.mark.parametrize(
    ("limit", "value"), [("LARGEST_PART", 1000), ("UNPACKED", 5000), ("MOST_PARTS", 4)]
)
def test_each_bound_of_a_workbook_holds(
    limit: str, value: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = workbook(tmp_path / "a.xlsx", "甲", 400)
    assert read(file)
    monkeypatch.setattr(ledger_workbook, limit, value)
    with pytest.raises(BadLedger, match="解压后过大"):
        read(file)


def test_so_many_rows_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two = '甲</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>乙'
    file = workbook(tmp_path / "a.xlsx", two)
    monkeypatch.setattr(ledger_workbook, "MOST_ROWS", 2)
    assert len(read(file)) == 2
    monkeypatch.setattr(ledger_workbook, "MOST_ROWS", 1)
    with pytest.raises(BadLedger, match="超过1行，请分成几个文件导入"):
        read(file)


def test_a_workbook_that_names_itself_over_and_over_is_no_workbook(tmp_path: Path) -> None:
    """Entities that grow into gigabytes: the parser of XML stops."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    before = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'
    with pytest.raises(BadLedger, match="已损坏"):
        read(workbook(tmp_path / "a.xlsx", "&l11;", before=before))


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"x" * 1000)
    assert len(content_of(file, 1000)) == 1000
    with pytest.raises(UnreadableFile, match="文件过大"):
        content_of(file, 999)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("import",), "台账.csv"),
        (("import",), "台账.xlsx"),
        (("check",), "tables.json"),
        (("calendar", "load"), "2027.toml"),
        (("calendar", "load"), "2027.json"),
    ],
)
def test_every_file_that_a_command_takes_is_bounded(
    command: tuple[str, ...],
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from flows.__main__ import main

    monkeypatch.setenv("DISCLOSURE_HOME", str(tmp_path / "home"))
    with (tmp_path / name).open("wb") as file:
        file.truncate(10 * LARGEST_FILE)  # a hole of 320 MB
    assert main([*command, str(tmp_path / name)]) == 2
    assert "文件过大" in capsys.readouterr().err


def _deep(path: Path) -> None:
    path.write_text(f"x = {'[' * 100_000}", "utf-8")


def _large(path: Path) -> None:
    path.write_text(f"# {'x' * LARGEST_TOML}\n", "utf-8")


@pytest.mark.parametrize(("make", "said"), [(_deep, "嵌套过深"), (_large, "文件过大")])
def test_a_toml_file_is_bounded(make: Callable[[Path], None], said: str, tmp_path: Path) -> None:
    make(tmp_path / "a.toml")
    with pytest.raises(ConfigFault, match=f"a.toml 的 全文 有误：.*{said}"):
        read_toml(tmp_path / "a.toml")


def _events(tmp_path: Path, *lines: bytes) -> Path:
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"\n".join(lines))
    return file


EVENTS = b'{"id": "a", "events": [{"kind": "received", "on": "2026-03-02"}]%s}'


def answers(given: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    from flows.__main__ import main

    assert main(["deadline", "--events", given]) == 1
    return [
        "过长" if "这一行过长" in line else line for line in capsys.readouterr().out.split("\n")
    ]


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_of_events_is_bounded_and_the_others_are_answered(
    end: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blank = LONGEST_LINE - len(EVENTS % b"")
    full, over = (EVENTS % (b" " * blanks) for blanks in (blank, blank + 1))
    assert len(full) == LONGEST_LINE
    file = _events(tmp_path, EVENTS % b"", over, full[:-1] + b"}", b"x" * 5 * LONGEST_LINE + end)
    said = [line for line in answers(str(file), capsys) if line]
    assert [line == "过长" for line in said] == [False, True, False, True]
    assert '"last_day"' in said[0]
    assert '"last_day"' in said[2]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="需要 /proc（Linux）")
def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    file = tmp_path / "endless.jsonl"
    with file.open("wb") as opened:
        opened.truncate(CELL)  # a hole
    command = IMPORTED.replace('["import", sys', '["deadline", "--events", sys')
    said = subprocess.run(
        [sys.executable, "-c", command, str(file)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    answer, took = said.stdout.strip().splitlines()
    assert "这一行过长" in answer
    assert int(took) / 1024 < 150


def test_the_file_of_the_key_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISCLOSURE_KEY", raising=False)
    monkeypatch.setenv("DISCLOSURE_KEY_FILE", str(tmp_path / "key"))
    key = new_key()
    for more, fits in ((keys.LONGEST - len(key), True), (keys.LONGEST - len(key) + 1, False)):
        (tmp_path / "key").write_text(key + "\n" * more, "ascii")
        if fits:
            assert keys.sealing(tmp_path).seal("x")
            continue
        with pytest.raises(keys.BadKey, match="文件过大"):
            keys.sealing(tmp_path)


def test_the_file_of_today_is_read_no_further_than_its_first_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISCLOSURE_TODAY", raising=False)
    monkeypatch.setenv("DISCLOSURE_TODAY_FILE", str(tmp_path / "today"))
    with (tmp_path / "today").open("wb") as opened:
        opened.write(b"2026-03-02\n")
        opened.truncate(10 * CELL)
    assert office.today() == date(2026, 3, 2)
    with (tmp_path / "today").open("wb") as opened:
        opened.truncate(10 * CELL)
    with pytest.raises(settings.BadSetting, match="应为日期") as refused:
        office.today()
    assert len(str(refused.value)) < 2 * office.LONGEST_SETTING
