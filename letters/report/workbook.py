"""The tables of the annual report as a workbook (`tables.xlsx`): figures, checks, cases.

Figures are plain numbers, not SUM formulas: a formula has no value until somebody's Excel works it
out (previews and other programs show nothing), and the sheet 校验 says what balances and what does
not. Whatever people have typed stays text, also when it begins with “=”.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import date, datetime
from io import BytesIO
from itertools import chain, islice
from math import ceil
from typing import TYPE_CHECKING, Final, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.writer.excel import ExcelWriter

from letters.letter.stationery import width
from letters.report.case_lists import case_list, fact_list, result_list, review_list
from letters.report.tables import Figure, Layout, Values, layout2, layout3, layout4
from models.law.workdays import written

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

    from models.report_tables.identities import Check
    from models.report_tables.table2 import Table2
    from models.report_tables.table3 import Table3
    from models.report_tables.table4 import Table4

_CASES_NAMED: Final = 100  # of a check that fails; 办件清单 has them all
_LINE_POINTS: Final = 15  # a line of 10 points with room above and below
_MOST_LINES: Final = 27  # Excel has no rows higher than 409 points
_LINE: Final = Side(style="thin")
_RULED = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_FONT: Final = Font(name="宋体", size=10)
_HEAD: Final = Font(name="宋体", size=10, bold=True)
_LINKED: Final = Font(name="宋体", size=10, color="0B57B0")
_WRAPPED: Final = Alignment(vertical="top", wrap_text=True)
_ALIGNED: Final = {
    align: Alignment(align, "center", wrap_text=True) for align in ("left", "center", "right")
}
_A4: Final = 9  # paper size, as Excel numbers them
_QUICK: Final = 2  # of zlib: lists of cases are as small as with its 6, in a quarter of the time
_CHARACTERS: Final = 170  # the width of a table on its sheet: the heads stand on one line


def workbook(
    agency: str,
    table: Table3,
    checks: Iterable[Check],
    *,
    table2: Mapping[str, Values] | None = None,
    table4: Sequence[Figure] | None = None,
    reviews: Table4 | None = None,
    facts: Table2 | None = None,
    instead: Sheet | None = None,
) -> bytes:
    """表二, 表三, 表四 as the form prints them, 校验, and the cases of each cell.

    A figure of 表三 opens its cases in 办件清单 or 办结清单, one of 表四 those in 复议诉讼清单 if
    `reviews` is given, one of 表二 what it was counted from in 表二清单 if `facts` is given. Tables
    二 and 四 are left out if not given; `instead` = a list in place of the cases, where they are
    not known. The same tables give the same bytes.
    """
    book, form = _Book(write_only=True), table.form
    cases, ended = case_list(table), result_list(table)
    appeals, recorded = review_list(reviews), fact_list(facts)
    if table2 is not None:
        sheet = book.create_sheet("表二")
        _print(sheet, layout2(table2, form), form.sections[1], recorded.ranges())
    opens = {} if instead else ended.ranges() | cases.ranges()
    _print(book.create_sheet("表三"), layout3(table), form.sections[2], opens)
    if table4 is not None:
        sheet = book.create_sheet("表四")
        _print(sheet, layout4(table4, form), form.sections[3], appeals.ranges())
    _list_checks(book.create_sheet("校验"), checks)
    rows: dict[str, Iterable[bytes]] = {}
    further = [*([appeals] if reviews else []), *([recorded] if facts else [])]
    for each in () if instead else (cases, ended, *further):
        for name, lines in each.sheets():
            _head(book.create_sheet(name), each.head, each.widths)
            rows[name] = lines
    if instead:
        _list(book, instead)
    book.active = book.sheetnames.index("表三")
    title = f"{agency}{table.year}年政府信息公开工作年度报告"
    return _bytes(book, agency, date(table.year, 12, 31), rows, title)


class Sheet(NamedTuple):
    """A list on a sheet of its own: title, head, widths of the columns in characters, rows.

    ruled = made to be printed and sent: long texts over several lines, every cell with its lines
    above = what stands above each printed page, if not the title
    """

    title: str
    head: Sequence[str]
    widths: Sequence[int]
    rows: Iterable[Sequence[str | Figure]]
    ruled: bool = False
    above: str = ""


def lists(agency: str, on: date, sheets: Iterable[Sheet]) -> bytes:
    """A workbook of lists as of a day; the same lists give the same bytes."""
    book = _Book(write_only=True)
    for one in sheets:
        _list(book, one)
    return _bytes(book, agency, on)


class _Book(Workbook):  # type: ignore[misc] # openpyxl has no types
    """A workbook that finds each look of a cell once: openpyxl goes through all of a font, its borders
    and its alignment to find them again, for every cell anew.
    """

    def __init__(self, write_only: bool = False) -> None:
        super().__init__(write_only=write_only)
        self._found: dict[tuple[int, int, int], StyleArray] = {}

    def dress(
        self, cell: WriteOnlyCell, font: Font, border: Border | None, alignment: Alignment | None
    ) -> None:
        """Give a cell of this book its look."""
        look = id(font), id(border), id(alignment)  # constants of this module: they stay
        if look not in self._found:
            for each in (_FONT, font):  # what is usual stands first in the file
                cell.font = each
            if border:
                cell.border = border
            if alignment:
                cell.alignment = alignment
            self._found[look] = copy(cell._style)
        cell._style = self._found[look]


def _list(book: _Book, one: Sheet) -> None:
    sheet = book.create_sheet(one.title)
    _head(sheet, one.head, one.widths, ruled=one.ruled)
    sheet.print_title_rows = "1:1"
    sheet.oddHeader.center.text = _in_header(one.above or one.title)
    if one.ruled:
        _rule(sheet, one)
        return
    for row in one.rows:
        sheet.append([_text(sheet, value) for value in row])


def _rule(sheet: WriteOnlyWorksheet, one: Sheet) -> None:
    """The rows of a list as they are printed: as high as their words."""
    for y, row in enumerate(one.rows, 2):
        lines = min(max(map(_lines, row, one.widths)), _MOST_LINES)
        sheet.row_dimensions[y].height = _LINE_POINTS * lines
        sheet.append([_text(sheet, words, border=_RULED, alignment=_WRAPPED) for words in row])


def _print(
    sheet: WriteOnlyWorksheet,
    layout: Layout,
    title: str,
    opens: Mapping[tuple[str, str], str] | None = None,
) -> None:
    """A table as the form prints it, its upper left corner in A1; `opens` = where a figure leads."""
    unit = _CHARACTERS / sum(layout.widths)
    widths = [share * unit for share in layout.widths]
    _set_up(sheet, widths, title)
    if layout.head:
        sheet.freeze_panes = f"A{layout.head + 1}"
    for box in layout.boxes:
        if box.rows > 1 or box.columns > 1:
            sheet.merged_cells.add(
                f"{get_column_letter(box.column + 1)}{box.row + 1}:"
                f"{get_column_letter(box.column + box.columns)}{box.row + box.rows}"
            )
    for y in range(layout.height):
        crossing = [box for box in layout.boxes if box.row <= y < box.row + box.rows]
        sheet.row_dimensions[y + 1].height = _LINE_POINTS * max(
            _lines(box.text, sum(widths[box.column : box.column + box.columns]))
            for box in crossing
            if box.rows == 1
        )
        row = []
        for box in sorted(crossing, key=lambda box: box.column):
            for x in range(box.columns):
                target = (opens or {}).get(box.counts or ("", ""))
                words = box.text if (y, x) == (box.row, 0) else None
                font = _LINKED if target else _FONT
                cell = _text(sheet, words, font, _RULED, _ALIGNED[box.align])
                if target:
                    cell.hyperlink = Hyperlink(ref="", location=target)
                row.append(cell)
        sheet.append(row)


def _in_header(words: str) -> str:
    """Words as a header takes them: & would begin a code."""
    return words.replace("&", "&&")


def _set_up(sheet: WriteOnlyWorksheet, widths: Sequence[float], title: str) -> None:
    """Columns of these widths, and printing on A4 across, as wide as the paper."""
    for n, wide in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(n)].width = wide
    sheet.oddHeader.center.text = title
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
    sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage = 0, True


def _lines(text: str | Figure, wide: float) -> int:
    """How many lines a text takes: Excel does not fit rows to merged cells."""
    return ceil(2 * width(str(text)) / wide)


def _head(
    sheet: WriteOnlyWorksheet, head: Sequence[str], widths: Sequence[int], *, ruled: bool = False
) -> None:
    """The head of a list, which stays in sight."""
    _set_up(sheet, widths, sheet.title)
    sheet.freeze_panes = "A2"
    sheet.append([_text(sheet, name, _HEAD, _RULED if ruled else None) for name in head])


def _list_checks(sheet: WriteOnlyWorksheet, checks: Iterable[Check]) -> None:
    """校验: every identity with its verdict, in rows as high as their words."""
    widths = (32, 8, 90, 60)
    _head(sheet, ("编号", "结论", "说明", "涉及的申请"), widths)
    for y, check in enumerate(checks, 2):
        row = (check.id, str(check.verdict), _finding(check), _cases_named(check))
        lines = min(max(map(_lines, row, widths)), _MOST_LINES)
        sheet.row_dimensions[y].height = _LINE_POINTS * lines
        sheet.append([_text(sheet, words, alignment=_WRAPPED) for words in row])


def _text(
    sheet: WriteOnlyWorksheet,
    value: str | Figure,
    font: Font = _FONT,
    border: Border | None = None,
    alignment: Alignment | None = None,
) -> WriteOnlyCell:
    """A cell with a figure, or with text that stays text."""
    clean = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value) if isinstance(value, str) else value
    cell = WriteOnlyCell(sheet, clean)
    sheet.parent.dress(cell, font, border, alignment)
    if isinstance(clean, str):
        cell.data_type = "s"
    return cell


def _finding(check: Check) -> str:
    """What was found, and who judged otherwise and why."""
    one = check.overruled
    if one is None:
        return check.message
    return f"{check.message}\n{written(one.on)}　{one.by}由“{one.found}”核定为“{one.verdict}”：{one.reason}"


def _cases_named(check: Check) -> str:
    named = "、".join(islice(check.cases, _CASES_NAMED))
    return named if len(check.cases) <= _CASES_NAMED else f"{named}等{len(check.cases)}件"


def _bytes(
    book: Workbook,
    agency: str,
    on: date,
    rows: Mapping[str, Iterable[bytes]] | None = None,
    title: str = "",
) -> bytes:
    """The file, without the clock: openpyxl would stamp the time of writing on it.

    rows = what follows the head of a sheet, by the sheet's name, as it stands in the file
    """
    about = book.properties
    about.creator = about.lastModifiedBy = ILLEGAL_CHARACTERS_RE.sub("\ufffd", agency)
    if title:
        about.title = ILLEGAL_CHARACTERS_RE.sub("\ufffd", title)
    about.created = about.modified = datetime(on.year, on.month, on.day)  # noqa: DTZ001 — a day, as the format has it
    written, fixed = BytesIO(), BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).write_data()
    numbers = {name: n for n, name in enumerate(book.sheetnames, 1)}
    more = {
        f"xl/worksheets/sheet{numbers[name]}.xml": pieces for name, pieces in (rows or {}).items()
    }
    with ZipFile(written) as source, ZipFile(fixed, "w", ZIP_DEFLATED) as target:
        for part in source.infolist():
            entry = ZipInfo(part.filename, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system = ZIP_DEFLATED, 0
            content = source.read(part)
            if part.filename not in more:
                target.writestr(entry, content)
                continue
            entry._compresslevel = _QUICK  # type: ignore[attr-defined] # public from Python 3.13 on
            before, end, after = content.partition(b"</sheetData>")
            with target.open(entry, "w") as sheet:
                for piece in chain([before], more[part.filename], [end, after]):
                    sheet.write(piece)
    return fixed.getvalue()
