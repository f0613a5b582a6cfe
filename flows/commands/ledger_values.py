"""What a ledger's file holds: its sheets, their rows and cells, as Excel or WPS kept them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from models.errors import DisclosureError


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
    one of them is struck through; across = the first and last columns of cells merged over several.
    """

    line: int
    cells: list[Value]
    hidden: bool
    own: int
    struck: bool = False
    across: tuple[tuple[int, int], ...] = ()


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
