"""No file fills the memory: each that a command takes is bounded before it is read, in a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from flows.arguments import LARGEST_FILE, MEGABYTE, UnreadableFile, content_of
from flows.commands import ledger_file
from flows.commands.ledger_file import BadLedger
from models.errors import ConfigFault
from models.law.notices import LARGEST_TOML, toml_of

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
    return list(ledger_file._table(path))


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


@pytest.mark.parametrize(
    ("limit", "value"), [("LARGEST_PART", 1000), ("UNPACKED", 5000), ("MOST_PARTS", 4)]
)
def test_each_bound_of_a_workbook_holds(
    limit: str, value: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = workbook(tmp_path / "a.xlsx", "甲", 400)
    assert read(file)
    monkeypatch.setattr(ledger_file, limit, value)
    with pytest.raises(BadLedger, match="解压后过大"):
        read(file)


def test_so_many_rows_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two = '甲</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>乙'
    file = workbook(tmp_path / "a.xlsx", two)
    monkeypatch.setattr(ledger_file, "MOST_ROWS", 2)
    assert len(read(file)) == 2
    monkeypatch.setattr(ledger_file, "MOST_ROWS", 1)
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
        toml_of(tmp_path / "a.toml")
