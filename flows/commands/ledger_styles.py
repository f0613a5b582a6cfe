"""How does a workbook show its numbers? As a day, a month, with noughts before, rounded (2.02E+11)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any, Final

from openpyxl.styles.numbers import is_date_format, is_datetime
from openpyxl.utils.datetime import MAC_EPOCH

from flows.commands.ledger_values import ExcelDay, Number, Unreadable, Value

LONGEST_EXACT_NUMBER = 10**15  # Excel keeps fifteen digits
CHINESE_DATES: Final = frozenset({*range(27, 37), *range(50, 59)})
"""Excel's own formats of dates under a Chinese Windows: the file holds their numbers alone."""
WITHOUT_DAY: Final = frozenset({27, 36, 50, 52, 57, 17})
WITHOUT_YEAR: Final = frozenset({28, 29, 51, 53, 54, 58, 16})
SCIENTIFIC: Final = frozenset({11, 48})
SHORTENED_TO: Final = 6
"""Figures that Excel leaves of a long number, at most, where it writes it as 2.02401E+11 by itself."""
_PLACES: Final = re.compile("[0#?]")
_LITERAL: Final = re.compile(r'"([^"]*)"|\\(.)')
_PADDED: Final = re.compile(
    r'(?P<before>(?:"[^"]*"|\\.|-)*)(?P<figures>0+)(?P<behind>(?:"[^"]*"|\\.|-)*)(?:[;_].*)?'
)
"""A format of whole numbers with figures that Excel adds: 0000, "2024-"000."""


def _is_intact(digits: str, shown: int) -> bool:
    """Whether a whole number that is shown as 2.02E+11 has all its figures: it says more than is shown.
    One that ends in zeros, as many as are not shown, was perhaps read back from what was shown.
    """
    return len(digits.lstrip("-").rstrip("0")) > shown


class Styles:
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
