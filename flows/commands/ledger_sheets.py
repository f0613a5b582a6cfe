"""A ledger's file, sheet by sheet and row by row, as Excel or WPS kept it; nothing is judged here.

Of a workbook: every sheet, hidden or not; merged cells filled down; numbers as they were typed. One
row is in the memory at a time.
"""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, NamedTuple
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile, ZipFile, ZipInfo

from openpyxl.styles.numbers import is_date_format, is_datetime
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.datetime import MAC_EPOCH
from openpyxl.utils.exceptions import InvalidFileException

from flows.arguments import MEGABYTE, UnreadableFile, content_of
from flows.commands.ledger_foreign import IN_HAND, LOCKED, no_ledger
from flows.commands.ledger_markup import STRUCK, Workbook
from flows.commands.ledger_markup import rows as marked_rows
from flows.commands.ledger_plain_markup import Attributes, MarkedCell
from flows.reading.packed import few_elements, filled_size, is_sheet
from models.errors import DisclosureError

LONGEST_EXACT_NUMBER = 10**15  # Excel keeps fifteen digits

UNPACKED = 100 * MEGABYTE
LARGEST_PART = 80 * MEGABYTE  # a sheet of a hundred thousand rows of twenty columns
LARGEST_SHEET: Final = 400 * MEGABYTE
"""With rows that were formatted and never filled, down to the last of a million; those are passed over."""
MOST_PARTS = 2000
MOST_ROWS = 200_000
BESIDE_ROWS: Final = 200_000  # merged cells, marks, links of a sheet
MOST_STRINGS: Final = (
    4_000_000  # elements: two for each text that stands in a hundred thousand rows
)

SPOILT = (
    *(BadZipFile, InvalidFileException, zlib.error, ParseError, ExpatError, EOFError),
    *(OSError, RuntimeError),
    *(KeyError, IndexError, ValueError, TypeError, AttributeError, OverflowError, SyntaxError),
)
"""What reading a file raises that is no XLSX, or a damaged one; a missing part is a KeyError."""
CHINESE_DATES: Final = frozenset({*range(27, 37), *range(50, 59)})
"""Excel's own formats of dates under a Chinese Windows: the file holds their numbers alone."""
WITHOUT_DAY: Final = frozenset({27, 36, 50, 52, 57, 17})
WITHOUT_YEAR: Final = frozenset({28, 29, 51, 53, 54, 58, 16})
SCIENTIFIC: Final = frozenset({11, 48})
SHORTENED_TO: Final = 6
"""Figures that Excel leaves of a long number, at most, where it writes it as 2.02401E+11 by itself."""
_PLACES: Final = re.compile("[0#?]")
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_LITERAL: Final = re.compile(r'"([^"]*)"|\\(.)')
_PADDED: Final = re.compile(
    r'(?P<before>(?:"[^"]*"|\\.|-)*)(?P<figures>0+)(?P<behind>(?:"[^"]*"|\\.|-)*)(?:[;_].*)?'
)
"""A format of whole numbers with figures that Excel adds: 0000, "2024-"000."""
_ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
_LETTERS: Final = re.compile("[A-Z]+")
_SHIELD: Final = re.compile(r"^'(?=[=+\-@\d])")
"""Before a text of a CSV that Excel would take for a formula, or for a number."""
_QUOTED: Final = re.compile(r'^="([^"]*)"$')
"""How programs write a CSV's number so that Excel keeps all its figures: ="013800000001"."""
_SHIELDING: Final = ("=", "'")
_OTHER_MARKS: Final = "；，|;"
_TITLES: Final = 40
"""Lines within which a head stands, that says what stands between the fields."""
_WINDOW: Final = 1 << 20
_MOST_COLUMNS: Final = 1000
_TYPED: Final = frozenset({"inlineStr", "str"})
"""Kinds of cells that keep a text of their own."""
IN_PART: Final = "有的字带删除线；作废的，删去这些字，仍然算数的，去掉删除线"
MANY_EMPTY: Final = "多半是台账下面有大量带格式的空行：在 Excel 中选中这些行，删除后保存"


class BadLedger(DisclosureError):
    """A ledger that cannot be read, or a row that cannot be true; nothing was loaded.

    sheet = "" where there is but one
    """

    def __init__(self, file: str, line: int | None, problem: str, sheet: str = "") -> None:
        self.file, self.line, self.problem, self.sheet = file, line, problem, sheet
        where = " ".join(filter(None, ("台账", str(file), place(sheet, line))))
        super().__init__(f"{where}：{problem}（未导入任何一行）")


def place(sheet: str, line: int | None) -> str:
    """Where in a ledger: “2023年”第5行."""
    return f"{f'“{sheet}”' if sheet else ''}{f'第{line}行' if line else ''}"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell that says nothing certain, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class ExcelDay:
    """A cell that Excel shows as a date; whole = with its day, not “2024年3月”; with_year = not “3月4日”:
    then its year is that in which it was typed.
    """

    day: date
    whole: bool
    with_year: bool = True


@dataclass(frozen=True, slots=True)
class Number:
    """A cell that holds a number, by its digits; serial = the day it is in a column of dates;
    shown = its digits with what its format puts before and behind them (007, 2024-007).
    """

    digits: str
    serial: date | None
    scientific: bool
    shown: str


Value = str | ExcelDay | Number | Unreadable


class RawRow(NamedTuple):
    """A row as the file has it. own = how many of its cells are its own, not filled down; struck =
    one of them is struck through.
    """

    line: int
    cells: list[Value]
    hidden: bool
    own: int
    struck: bool = False


@dataclass(frozen=True)
class Sheet:
    """A sheet of a ledger: `rows` reads it from the top. exact = every row has as many cells as the
    head; hidden_columns = counted from 0; remarks = it has notes beside its cells (批注);
    title = its name, also where it is the only one; part = of the workbook's file, that holds it.
    """

    name: str
    hidden: bool
    exact: bool
    rows: Callable[[], Iterator[RawRow]]
    hidden_columns: Callable[[], frozenset[int]] = frozenset
    remarks: bool = False
    title: str = ""
    part: str = ""


def sheets(path: Path) -> list[Sheet]:
    """The sheets of a ledger's file; BadLedger for what is none, with what to do about it."""
    if not path.is_file():
        raise BadLedger(path.name, None, "文件不存在")
    try:
        content = content_of(path)
    except UnreadableFile as fault:
        raise BadLedger(path.name, None, f"无法读取（{fault.problem}）") from None
    if path.name.startswith(LOCKED):
        raise BadLedger(path.name, None, IN_HAND)
    workbook = path.suffix.lower() in (".xlsx", ".xlsm", ".et", ".xls")
    if said := no_ledger(path.suffix.lower(), content):
        raise BadLedger(path.name, None, said)
    if workbook or content.startswith(b"PK\x03\x04"):
        return _workbook(path, content)
    decoded = _decoded(path, content)
    return [Sheet("", False, True, lambda: _csv(path, decoded))]


# ── CSV ───────────────────────────────────────────────────────────────────────────────────────


def _csv(path: Path, text: str) -> Iterator[RawRow]:
    """The records of a CSV; a field in quotation marks may run over several lines."""
    for line, record in records(path, text):
        cells: list[Value] = [*map(_typed, record)]
        yield RawRow(line, cells, False, sum(map(bool, cells)))


def _typed(field: str) -> str:
    """A field of a CSV as it was typed, without what keeps its figures or shields it from Excel."""
    text = field.strip()
    return _SHIELD.sub("", _QUOTED.sub(r"\1", text)) if text[:1] in _SHIELDING else text


def records(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """The records of a CSV, or of a text with tabs or other marks between, each with its line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_between(text))
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            why = "某一格过长" if "limit" in str(fault) else "引号不成对，或者引号之后还有文字"
            raise BadLedger(path.name, line, f"不是有效的 CSV：{why}") from None
        yield line, record


def _between(text: str) -> str:
    """What stands between the fields: commas or tabs, by the first line that has several of either. Old
    systems put a tab behind each number of a CSV, and a text with tabs has commas in its words.
    """
    for line in islice(io.StringIO(text[:_WINDOW]), _TITLES):
        more = max(",\t", key=line.count)
        if line.count(more) > 1:
            return more
    return next((one for one in _OTHER_MARKS if one in text[:_WINDOW]), ",")


def _decoded(path: Path, content: bytes) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))  # Excel's “Unicode 文本”
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            return content.decode(encoding)
    raise BadLedger(
        path.name, None, "编码应为 UTF-8 或 GB18030；请用 Excel 打开，另存为 XLSX 再导入"
    )


def decoded(path: Path) -> str:
    """The text of a CSV that was read before."""
    return _decoded(path, content_of(path))


# ── XLSX ──────────────────────────────────────────────────────────────────────────────────────


def _workbook(path: Path, content: bytes) -> list[Sheet]:
    try:
        _small_enough(path, content)
        reader = Workbook(io.BytesIO(content), read_only=True)
        reader.read()
        book = reader.wb
        if not book.worksheets:
            raise BadLedger(path.name, None, "没有工作表")
        styles = _Styles(book)
        return [_sheet(path, book, one, styles, reader.struck) for one in book.worksheets]
    except SPOILT:
        raise BadLedger(path.name, None, "不是有效的 XLSX 文件，或者文件已损坏") from None


def _sheet(path: Path, book: Any, sheet: Any, styles: _Styles, struck: frozenset[int]) -> Sheet:
    several = len(book.worksheets) > 1
    reading = _SheetXml(book, sheet, styles, struck)

    def rows() -> Iterator[RawRow]:
        filled = 0
        try:
            for row in reading.rows():
                filled += row.own > 0
                if filled > MOST_ROWS:
                    said = f"超过{MOST_ROWS}行，请分成几个文件导入"
                    raise BadLedger(path.name, row.line, said, sheet.title if several else "")
                yield row
        except SPOILT:
            raise BadLedger(path.name, None, "不是有效的 XLSX 文件，或者文件已损坏") from None

    name = sheet.title if several else ""
    hidden, remarks = sheet.sheet_state != "visible", _remarks(book, sheet)
    of_columns, part = lambda: reading.hidden_columns, str(sheet._worksheet_path)
    return Sheet(name, hidden, False, rows, of_columns, remarks, str(sheet.title), part)


def _remarks(book: Any, sheet: Any) -> bool:
    """Whether a sheet has notes beside its cells: its relations name a part for them."""
    folder, _, name = sheet._worksheet_path.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    packed: ZipFile = book._archive
    return relations in packed.namelist() and b"/comments" in packed.read(relations)


def _small_enough(path: Path, content: bytes) -> None:
    """BadLedger for what would fill the memory once it is unpacked: a small file may hold a cell of
    hundreds of megabytes. No more is unpacked of a part than the file says that it has.
    """
    with ZipFile(io.BytesIO(content)) as packed:
        sizes = [_size(packed, part) for part in packed.infolist()]
        if len(sizes) > MOST_PARTS or max(sizes, default=0) > LARGEST_PART or sum(sizes) > UNPACKED:
            largest = UNPACKED // MEGABYTE
            said = f"解压后过大（超过 {largest} MB），请只保留台账一张表；{MANY_EMPTY}"
            raise BadLedger(path.name, None, said)
        try:
            few_elements(path.name, packed, MOST_STRINGS, MOST_ROWS + BESIDE_ROWS)
        except UnreadableFile as fault:
            raise BadLedger(path.name, None, f"{fault.problem}；{MANY_EMPTY}") from None


def _size(packed: ZipFile, part: ZipInfo) -> int:
    """How much of a part of a workbook has to be read, unpacked."""
    if LARGEST_PART < part.file_size <= LARGEST_SHEET and is_sheet(part.filename):
        return filled_size(packed, part.filename)
    return part.file_size


def _is_intact(digits: str, shown: int) -> bool:
    """Whether a whole number that is shown as 2.02E+11 has all its figures: it says more than is shown.
    One that ends in zeros, as many as are not shown, was perhaps read back from what was shown.
    """
    return len(digits.lstrip("-").rstrip("0")) > shown


class _Styles:
    """How a workbook shows its numbers, by the style of a cell."""

    def __init__(self, book: Any) -> None:
        self.shown = [self._kind(book, style.numFmtId) for style in book._cell_styles]
        self.rounded = [self._rounding(book, style.numFmtId) for style in book._cell_styles]
        self.padded = [self._padding(book, style.numFmtId) for style in book._cell_styles]
        fonts = [font.strike for font in book._fonts]
        self.struck = {n for n, style in enumerate(book._cell_styles) if fonts[style.fontId]}
        self.begin = date(1904, 1, 1) if book.epoch == MAC_EPOCH else date(1899, 12, 30)

    @staticmethod
    def _kind(book: Any, number_format: int) -> str:
        """date, month (a date without its day), yearless, time, scientific, or "" for all else."""
        if number_format in WITHOUT_DAY:
            return "month"
        if number_format in WITHOUT_YEAR:
            return "yearless"
        if number_format in CHINESE_DATES:
            return "date"
        if number_format in SCIENTIFIC:
            return "scientific"
        if number_format < 164:
            return "date" if number_format in (14, 15, 16, 22) else ""
        code = book._number_formats[number_format - 164]
        if "E+" in code.upper():
            return "scientific"
        if not is_date_format(code):
            return ""
        bare = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", code).lower()
        if is_datetime(code) == "time":
            return "time"
        if "d" not in bare:
            return "month"
        return "date" if "y" in bare or "e" in bare else "yearless"

    @staticmethod
    def _rounding(book: Any, number_format: int) -> int:
        """How many figures of a number a scientific format shows, at most."""
        code = "" if number_format < 164 else book._number_formats[number_format - 164]
        return max(SHORTENED_TO, len(_PLACES.findall(code.upper().partition("E+")[0])))

    @staticmethod
    def _padding(book: Any, number_format: int) -> tuple[str, int, str]:
        """What a format puts before a whole number, how many figures it shows at least, and what it
        puts behind; 0 figures = it does neither (General, 0.00, #,##0).
        """
        if number_format < 164:
            return "", 0, ""
        found = _PADDED.fullmatch(book._number_formats[number_format - 164])
        if found is None:
            return "", 0, ""
        before, behind = (_LITERAL.sub(r"\1\2", found[one]) for one in ("before", "behind"))
        return before, len(found["figures"]), behind

    @cached_property
    def value(self) -> Callable[[str, int], Value]:
        """What a number says, by how it is shown; that of the last thousands is kept: days come again."""
        return lru_cache(maxsize=4096)(self._value)

    def _value(self, text: str, style: int) -> Value:
        kind, number = self.shown[style], float(text)
        day = self._day(number)
        if kind in ("date", "month", "yearless"):
            if day is None:
                return Unreadable(f"显示为日期，其值 {text} 却不是日期")
            return ExcelDay(day, kind != "month", kind != "yearless")
        if abs(number) >= LONGEST_EXACT_NUMBER:
            return Unreadable("的数字过长，Excel 已丢失末尾几位（请把该列设为文本格式后重新填写）")
        whole = number == int(number)
        digits = str(int(number)) if whole else repr(number)
        before, width, behind = self.padded[style]
        scientific = kind == "scientific" and not (
            whole and _is_intact(digits, self.rounded[style])
        )
        shown = f"{before}{digits.zfill(width)}{behind}" if whole and width else digits
        return Number(digits, day, scientific, shown)

    def _day(self, number: float) -> date | None:
        if not 1 <= number < 2_958_466:  # 9999-12-31
            return None
        return self.begin + timedelta(days=int(number))


class _SheetXml:
    """The rows of one sheet, read from its XML; struck = the shared strings that are so in part."""

    def __init__(self, book: Any, sheet: Any, styles: _Styles, struck: frozenset[int]) -> None:
        self._book, self._part = book, sheet._worksheet_path
        self._strings: Sequence[Any] = sheet._shared_strings
        self._styles = styles
        self._in_part = struck
        self.hidden_columns: frozenset[int] = frozenset()

    def rows(self) -> Iterator[RawRow]:
        """The rows that the sheet has, from the top; what is merged over several is in each."""
        spread, held = self._merged, dict[int, tuple[int, Value]]()
        line, struck = 0, self._styles.struck
        for told, marked in marked_rows(self._opened, self._column):
            line = int(float(told.get("r") or line + 1))
            cells, own = self._cells(marked)
            through = own > 0 and bool(struck) and self._struck(marked)
            if spread or held:
                self._fill_down(line, cells, spread, held)
            yield RawRow(line, cells, told.get("hidden") in ("1", "true"), own, through)

    def _opened(self) -> IO[bytes]:
        part: IO[bytes] = self._book._archive.open(self._part)
        return part

    @cached_property
    def _merged(self) -> dict[int, dict[int, int]]:
        """Cells merged over several rows: first row → {column: last row}."""
        found: dict[int, dict[int, int]] = {}
        with self._opened() as source:
            kept = b""
            while part := source.read(_WINDOW):
                text = kept + part
                for first, top, _, bottom in _MERGED.findall(text) if b"mergeCell" in text else ():
                    if bottom != top:
                        column = column_index_from_string(first.decode()) - 1
                        found.setdefault(int(top), {})[column] = int(bottom)
                kept = text[-200:]
        return found

    @staticmethod
    def _fill_down(
        line: int,
        cells: list[Value],
        spread: dict[int, dict[int, int]],
        held: dict[int, tuple[int, Value]],
    ) -> None:
        for column, (bottom, value) in list(held.items()):
            if line > bottom:
                del held[column]
                continue
            cells.extend([""] * (column + 1 - len(cells)))
            if cells[column] == "":
                cells[column] = value
        for column, bottom in spread.get(line, {}).items():
            if column < len(cells):
                held[column] = bottom, cells[column]

    def _struck(self, cells: Iterable[MarkedCell]) -> bool:
        """Whether a cell of a row that says something is struck through."""
        struck = self._styles.struck
        return any(
            int(style or 0) in struck and (formula or text is not None)
            for _, style, _, formula, text in cells
        )

    def _column(self, told: Attributes) -> None:
        if told.get("hidden") in ("1", "true"):
            first, last = int(told.get("min", 1)), min(int(told.get("max", 1)), 200)
            self.hidden_columns |= frozenset(range(first - 1, last))

    def _cells(self, marked: Iterable[MarkedCell]) -> tuple[list[Value], int]:
        """The cells of a row, and how many of them say something."""
        cells: list[Value] = []
        at, own, standing = -1, 0, _COLUMNS
        for letters, style, kind, formula, text in marked:
            stated = standing[letters] if letters else None
            at = at + 1 if stated is None else stated
            if text and kind in _TYPED:
                value: Value = _unescaped(text) if "_x" in text else text.strip()
            else:
                value = self._value(style, kind, formula, text)
            if value:  # all but an empty text is true
                if at > len(cells):
                    cells.extend([""] * (at - len(cells)))
                cells.append(value)
                own += 1
        return cells, own

    def _value(
        self, style: str | None, kind: str | None, formula: str | None, text: str | None
    ) -> Value:
        """A cell's text, day or number; a formula counts by the value that Excel stored for it."""
        if not text:
            lacking = formula and kind != "str"
            return (
                Unreadable("是公式，文件中没有它的值（请在 Excel 中打开并保存）") if lacking else ""
            )
        if kind == STRUCK or (self._in_part and kind == "s" and int(text) in self._in_part):
            return Unreadable(IN_PART)
        if kind == "s":
            return _unescaped(str(self._strings[int(text)]))
        if not kind or kind == "n":
            return self._styles.value(text, int(style or 0))
        if kind == "e":
            return Unreadable(f"的值是错误 {text}")
        if kind == "b":
            return str(text == "1")
        if kind == "d":
            return ExcelDay(datetime.fromisoformat(text).date(), True)
        return _unescaped(text)


class _Columns(dict[str, int | None]):
    """Where a column stands, counted from 0, by its letters; None if these are no letters of one."""

    def __missing__(self, letters: str) -> int | None:
        found = column_index_from_string(letters) - 1 if _LETTERS.fullmatch(letters) else None
        if len(self) < _MOST_COLUMNS:
            self[letters] = found
        return found


_COLUMNS: Final = _Columns()


def _unescaped(text: str) -> str:
    """A text as it was typed: Excel writes some characters as _x000D_."""
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    return text.strip()
