"""大宗邮件清单: what is handed to the post in one go, a line an envelope (.xlsx).

The post writes its numbers into 邮件号 and stamps the list; filled in, it is read by the page 送达
(config/office/post.toml names its columns).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.worksheet import Worksheet

from letters.letter.envelopes import Envelope, Sender
from letters.letter.words import chinese_date

COLUMNS: Final = (
    *(("序号", 6), ("邮件号", 18), ("收件人", 24), ("收件地址", 44), ("邮编", 10)),
    *(("内件文号", 30), ("备注", 18)),
)
TITLE: Final = "大宗邮件清单"
_HEAD: Final = 4  # the row of the columns' names
_THIN: Final = Side(style="thin")


def write(envelopes: Sequence[Envelope], sender: Sender, day: date) -> bytes:
    """The list as an .xlsx; every value is text, whatever it looks like."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = TITLE
    sheet["A1"], sheet["A2"] = (
        TITLE,
        f"寄件单位：{sender.name}　{sender.address}　{sender.postcode}",
    )
    sheet["A3"] = f"交寄日期：{chinese_date(day)}　共{len(envelopes)}件"
    for n, (name, wide) in enumerate(COLUMNS, 1):
        _cell(sheet, _HEAD, n, name, bold=True)
        sheet.column_dimensions[sheet.cell(_HEAD, n).column_letter].width = wide
    for n, one in enumerate(envelopes, 1):
        lacking = f"{one.lacking}待填" if one.lacking else ""
        numbers = "、".join(one.numbers)
        row = (str(n), "", one.name, one.address, one.postcode, numbers, lacking)
        for column, words in enumerate(row, 1):
            _cell(sheet, _HEAD + n, column, words)
    sheet.cell(_HEAD + len(envelopes) + 2, 1, "交寄人：　　　　　　　　收寄人（日戳）：")
    sheet["A1"].font = Font(size=16, bold=True)
    for over in (1, 2, 3):
        sheet.merge_cells(start_row=over, end_row=over, start_column=1, end_column=len(COLUMNS))
    sheet["A1"].alignment = Alignment(horizontal="center")
    sheet.print_title_rows = f"{_HEAD}:{_HEAD}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", "9"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    book.properties.creator = sender.name
    book.properties.created = datetime(day.year, day.month, day.day, tzinfo=UTC).replace(
        tzinfo=None
    )
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def _cell(sheet: Worksheet, row: int, column: int, words: str, *, bold: bool = False) -> None:
    cell = sheet.cell(row, column)
    cell.value, cell.data_type = words, "s"  # a name that begins with = is no formula
    cell.border = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    cell.font = Font(bold=bold)
