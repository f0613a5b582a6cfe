"""A ledger (台账) as a file: the rows of a CSV or an XLSX, each with its line number in the file."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from flows.arguments import MEGABYTE, UnreadableFile, content_of
from models.errors import DisclosureError

LONGEST_EXACT_NUMBER = 10**15  # Excel keeps fifteen digits

UNPACKED = 100 * MEGABYTE
LARGEST_PART = 80 * MEGABYTE  # a sheet of a hundred thousand rows of twenty columns
MOST_PARTS = 2000
MOST_ROWS = 200_000

SPOILT = (
    *(BadZipFile, InvalidFileException, zlib.error, SyntaxError, EOFError, OSError, RuntimeError),
    *(KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError),
)
"""What openpyxl raises on a file that is not an XLSX, or a damaged one; a ParseError of the XML is
a SyntaxError, a missing part a KeyError."""


class BadLedger(DisclosureError):
    """A ledger that cannot be read, or a row that cannot be true; nothing was loaded."""

    def __init__(self, file: str, line: int | None, problem: str) -> None:
        self.file, self.line, self.problem = file, line, problem
        where = f"第{line}行" if line else ""
        super().__init__(f"台账 {file} {where}：{problem}（未导入任何一行）")


@dataclass(frozen=True)
class Unreadable:
    """A cell that says nothing certain, and why."""

    why: str


Value = str | date | Unreadable


def rows(
    path: Path, needed: Iterable[str], known: Iterable[str]
) -> Iterator[tuple[int, Mapping[str, str | date]]]:
    """(line, column → value) for every row that says anything; columns in any order.

    line = where the row begins in the file; of the columns, only `known` ones are read.
    """
    table, exact = _table(path), not _is_xlsx(path)  # a row of a workbook may end early
    head_line, head = next(((line, row) for line, row in table if any(row)), (1, []))
    names = [str(name) for name in head]
    missing = [name for name in needed if name not in names]
    if missing:
        raise BadLedger(path.name, head_line, f"表头缺少：{'、'.join(missing)}")
    place = {name: names.index(name) for name in known if name in names}
    twice = [name for name in place if names.count(name) > 1]
    if twice:
        raise BadLedger(path.name, head_line, f"表头重复：{'、'.join(twice)}")
    for line, row in table:
        if not any(row):
            continue
        if len(row) != len(names) if exact else any(row[len(names) :]):
            raise BadLedger(path.name, line, f"这一行有{len(row)}格，表头有{len(names)}格")
        found = {name: row[n] if n < len(row) else "" for name, n in place.items()}
        yield line, {name: _readable(path, line, name, value) for name, value in found.items()}


def _readable(path: Path, line: int, name: str, value: Value) -> str | date:
    if isinstance(value, Unreadable):
        raise BadLedger(path.name, line, f"“{name}”{value.why}")
    return value


def _is_xlsx(path: Path) -> bool:
    return path.suffix.lower() in (".xlsx", ".xlsm")


def _table(path: Path) -> Iterator[tuple[int, list[Value]]]:
    if not path.is_file():
        raise BadLedger(path.name, None, "文件不存在")
    if path.suffix.lower() in (".xls", ".et", ".ods", ".numbers"):
        raise BadLedger(path.name, None, "请先另存为 XLSX 或 CSV")
    try:
        content = content_of(path)
    except UnreadableFile as fault:
        raise BadLedger(path.name, None, f"无法读取（{fault.problem}）") from None
    return _workbook(path, content) if _is_xlsx(path) else _csv(path, content)


# ── CSV ───────────────────────────────────────────────────────────────────────────────────────


def _csv(path: Path, content: bytes) -> Iterator[tuple[int, list[Value]]]:
    """The records of a CSV; a field in quotation marks may run over several lines."""
    reader = csv.reader(io.StringIO(_decoded(path, content), newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            why = "某一格过长" if "limit" in str(fault) else "引号不成对，或者引号之后还有文字"
            raise BadLedger(path.name, line, f"不是有效的 CSV：{why}") from None
        yield line, [value.strip() for value in record]


def _decoded(path: Path, content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadLedger(path.name, None, "编码应为 UTF-8 或 GB18030")


# ── XLSX ──────────────────────────────────────────────────────────────────────────────────────


def _workbook(path: Path, content: bytes) -> Iterator[tuple[int, list[Value]]]:
    """The rows of the first sheet. It is read twice: for values, and for where formulas stand."""
    try:
        _small_enough(path, content)
        with (
            closing(load_workbook(io.BytesIO(content), read_only=True, data_only=True)) as values,
            closing(load_workbook(io.BytesIO(content), read_only=True)) as written,
        ):
            sheets = [book.worksheets[0] for book in (values, written)]
            for sheet in sheets:
                sheet.reset_dimensions()  # what the file says of its size may be wrong
            for line, (cells, source) in enumerate(zip(*map(_cells, sheets), strict=True), 1):
                if line > MOST_ROWS:
                    raise BadLedger(path.name, line, f"超过{MOST_ROWS}行，请分成几个文件导入")
                yield line, [_value(*pair) for pair in zip(cells, source, strict=True)]
    except SPOILT:
        raise BadLedger(path.name, None, "不是有效的 XLSX 文件，或者文件已损坏") from None


def _small_enough(path: Path, content: bytes) -> None:
    """BadLedger for what would fill the memory once it is unpacked: a small file may hold a cell of
    hundreds of megabytes. No more is unpacked of a part than the file says that it has.
    """
    with ZipFile(io.BytesIO(content)) as packed:
        sizes = [part.file_size for part in packed.infolist()]
    if len(sizes) > MOST_PARTS or max(sizes, default=0) > LARGEST_PART or sum(sizes) > UNPACKED:
        largest = UNPACKED // MEGABYTE
        raise BadLedger(path.name, None, f"解压后过大（超过 {largest} MB），请只保留台账一张表")


def _cells(sheet: Any) -> Iterator[tuple[Any, ...]]:
    yield from sheet.iter_rows()


def _value(cell: Any, written: Any) -> Value:
    """A cell's text or day; a formula counts by the value that Excel stored for it."""
    value = cell.value
    if value is None:
        empty = written.data_type != "f"
        return "" if empty else Unreadable("是公式，文件中没有它的值（请在 Excel 中打开并保存）")
    if cell.data_type == "e":
        return Unreadable(f"的值是错误 {value}")
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) >= LONGEST_EXACT_NUMBER:
            return Unreadable("的数字过长，Excel 已丢失末尾几位（请把该列设为文本格式后重新填写）")
        return str(int(value)) if value == int(value) else str(value)
    return value if isinstance(value, date) else str(value).strip()
