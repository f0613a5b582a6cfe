"""What is doubtful about a ledger: all of it at once, and beside the rows in a copy of the file.

The copy is the file as it is, with one more column: what Excel keeps of it (formats, formulas, merged
cells, widths) stays.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import IO, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl.utils.cell import column_index_from_string, get_column_letter

from flows.commands.ledger_csv import records, text_of_file
from flows.commands.ledger_file import DOUBTS
from flows.commands.ledger_said import Doubt
from flows.commands.ledger_table import Table
from flows.commands.ledger_values import BadLedger, place
from flows.installation import files
from flows.reading.packed import pieces_of_sheet
from models.errors import DisclosureError
from models.words.disk_words import why

SHOWN: Final = 20
NUMBERED_ANEW: Final = "；编号每"
PLACES: Final = 8
_ROW: Final = re.compile(
    rb"<(?P<p>(?:\w+:)?)row\b(?P<a>[^>]*?)(?:/>|>(?P<cells>.*?)</(?P=p)row>)", re.DOTALL
)
_LINE: Final = re.compile(rb'\br="(\d+)"')
_CELL: Final = re.compile(
    rb'<(?P<p>(?:\w+:)?)c\b[^>]*?\br="(?P<column>[A-Z]+)\d+"[^>]*?(?:/>|>.*?</(?P=p)c>)', re.DOTALL
)
_USED: Final = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+)\d+"')


class DoubtfulLedger(BadLedger):
    """Rows of a ledger that cannot be loaded, each with what is doubtful about it.

    tables = the sheets they stand in; told = what else was noticed while they were read
    """

    def __init__(
        self,
        path: Path,
        doubts: Sequence[Doubt],
        tables: Sequence[Table],
        told: Iterable[str] = (),
    ) -> None:
        self.told = tuple(told)
        self.doubts, self.tables, self.path = tuple(doubts), tuple(tables), path
        (first, words), *more = _listed(doubts)
        lines = [words, *(f"{place(one.sheet, one.line)}：{said}" for one, said in more)]
        if len(lines) > SHOWN:
            lines[SHOWN:] = [f"……共{len(doubts)}处存疑"]
        super().__init__(path.name, first.line, "\n".join(lines), first.sheet)


def said_once(doubts: Iterable[Doubt]) -> Iterator[tuple[Doubt, str]]:
    """Each doubt in words; what is to be said of many rows alike stands with the first of them."""
    first: dict[str, Doubt] = {}
    for doubt in doubts:
        before = first.setdefault(doubt.advice, doubt) if doubt.advice else doubt
        where = place(before.sheet, before.line)
        yield doubt, doubt.problem if before is doubt else f"{doubt.short}（办法见{where}）"


def _listed(doubts: Sequence[Doubt]) -> list[tuple[Doubt, str]]:
    """The doubts for a screen: rows of which the same is to be said stand together."""
    alike: dict[str, list[Doubt]] = {}
    for doubt in doubts:
        alike.setdefault(_together(doubt), []).append(doubt)
    return [
        (one, words + _others(alike[_together(one)][1:]))
        for one, words in said_once(together[0] for together in alike.values())
    ]


def _together(doubt: Doubt) -> str:
    """What is alike of doubts that are one to whoever decides: numbers that begin again are so all."""
    return doubt.advice if doubt.advice.startswith(NUMBERED_ANEW) else doubt.problem


def _others(alike: Sequence[Doubt]) -> str:
    if not alike:
        return ""
    shown = "、".join(place(one.sheet, one.line) for one in alike[:PLACES])
    return f"（{shown}{f'等{len(alike)}行' if len(alike) > PLACES else ''}同此）"


class UnwritableCopy(DisclosureError):
    """The copy with the doubts beside the rows cannot be written."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        super().__init__(f"存疑之处无法写入 {path}（{why}）；用 --doubts 指明另一个文件")


def beside(path: Path) -> Path:
    """Where the copy goes if nothing else is said: beside the file, once and for all."""
    return path.with_stem(f"{path.stem.removesuffix(f'-{DOUBTS}')}-{DOUBTS}")


def write_copy(fault: DoubtfulLedger, out: Path) -> None:
    """Write a copy of the ledger with the doubts beside its rows; UnwritableCopy."""
    said: dict[tuple[str, int], list[str]] = {}
    for doubt, words in said_once(fault.doubts):
        said.setdefault((doubt.sheet, doubt.line), []).append(words)
    beside_rows = {where: "；".join(problems) for where, problems in said.items()}
    exact = fault.tables[0].sheet.exact
    write = _csv if exact else _workbook
    try:
        files.written(out, write(fault.path, fault.tables, beside_rows))
    except OSError as trouble:
        raise UnwritableCopy(out, why(trouble)) from None


Said = dict[tuple[str, int], str]


def _csv(path: Path, tables: Sequence[Table], said: Said) -> bytes:
    (table,) = tables
    written = io.StringIO()
    out = csv.writer(written)
    at = table.width
    for line, record in records(path, text_of_file(path)):
        if line == table.head_line:
            at = record.index(DOUBTS) if DOUBTS in record else len(record)
        here = DOUBTS if line == table.head_line else said.get(("", line), "")
        if len(record) > at + 1 or not any(record):  # not as wide as the head: it stays as it is
            out.writerow([*record, *([here] if here else [])])
            continue
        padded = [*record, *[""] * (at - len(record))]
        out.writerow([*padded[:at], here] if len(record) >= at or here else record)
    return written.getvalue().encode("utf-8-sig")


def _workbook(path: Path, tables: Sequence[Table], said: Said) -> bytes:
    parts = {table.sheet.part: table for table in tables}
    written = io.BytesIO()
    with ZipFile(path) as source, ZipFile(written, "w", ZIP_DEFLATED) as out:
        for part in source.infolist():
            table = parts.get(part.filename)
            if table is None:
                out.writestr(part, source.read(part))
                continue
            made = ZipInfo(part.filename, part.date_time)
            made.compress_type = ZIP_DEFLATED
            with out.open(made, "w") as sheet:
                sheet.writelines(_marked(partial(source.open, part), table, said))
    return written.getvalue()


def _marked(opened: Callable[[], IO[bytes]], table: Table, said: Said) -> Iterator[bytes]:
    """A sheet's XML with the doubts in a column of their own. Rows of empty cells stay as they are; they
    may be a hundred times what is filled, which alone is kept in the memory.
    """
    with opened() as sheet:
        filled = (run for run, empty in _runs(sheet) if not empty)
        used = {column for run in filled for column in _USED.findall(run)}
    last = max((column_index_from_string(one.decode()) for one in used), default=table.width)
    marking = _Marking(table, said, table.doubts_at or last + 1)
    with opened() as sheet:
        for run, empty in _runs(sheet):
            yield run if empty else _ROW.sub(marking.row, run)
            if empty and (stated := _LINE.search(run, run.rindex(b"<row "))):
                marking.before = int(stated[1])


def _runs(sheet: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """A sheet by turns: what holds anything, as a whole, and rows of empty cells, piece by piece."""
    kept = list[bytes]()
    for piece, empty in pieces_of_sheet(sheet):
        if not empty:
            kept.append(piece)
            continue
        if kept:
            yield b"".join(kept), False
            kept.clear()
        yield piece, True
    yield b"".join(kept), False


class _Marking:
    """Puts doubts beside the rows of a sheet, in one column; before = the line of the last row."""

    def __init__(self, table: Table, said: Said, column: int) -> None:
        self.table, self.said, self.column = table, said, column
        self.before = 0

    def row(self, found: re.Match[bytes]) -> bytes:
        """The row, with its doubts if it has any."""
        stated, table = _LINE.search(found["a"]), self.table
        self.before = line = int(stated[1]) if stated else self.before + 1
        of_row = self.said.get((table.sheet.name, line), "")
        words = DOUBTS if line == table.head_line else of_row
        cells = found["cells"]
        if cells is None or not (words or table.doubts_at):
            return found[0]
        inner = _with_cell(cells, found["p"], line, self.column, words)
        attributes = re.sub(rb'\s+spans="[^"]*"', b"", found["a"])
        return b"<%brow%b>%b</%brow>" % (found["p"], attributes, inner, found["p"])


def _with_cell(cells: bytes, prefix: bytes, line: int, column: int, words: str) -> bytes:
    """A row's cells with a text in one column, in place of what was there; in the order of columns."""
    letter = get_column_letter(column)
    p = prefix.decode()
    text = escape(words, quote=False)
    made = (
        f'<{p}c r="{letter}{line}" t="inlineStr"><{p}is><{p}t xml:space="preserve">{text}</{p}t>'
        f"</{p}is></{p}c>"
    ).encode()
    at = len(cells)
    for found in _CELL.finditer(cells):
        there = column_index_from_string(found["column"].decode())
        if there == column:
            cells = cells[: found.start()] + cells[found.end() :]
            at = found.start()
            break
        if there > column:
            at = found.start()
            break
    return cells[:at] + (made if words else b"") + cells[at:]
