"""Which cases stand behind each figure: the lists of the workbook, and where a figure's cases are.

A million rows are written as they stand in the file: by way of openpyxl's cells they took ten times
as long. What people have typed stays text there (inline strings, never formulas).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter

if TYPE_CHECKING:
    from models.report_tables.form import Form
    from models.report_tables.table2 import Table2
    from models.report_tables.table3 import Table3
    from models.report_tables.table4 import Table4

CASES_A_SHEET: Final = 1_000_000  # Excel has 1,048,576 rows
_HEAD: Final = 1
_AT_A_TIME: Final = 10_000

Place = tuple[str, str]  # row and column of table 三, group of 四 or item of 二 and its column
Said = tuple[str, ...]


@dataclass(frozen=True)
class CaseList:
    """A list of cases, or of facts: a sheet, or several; its head, and what each place counts.

    groups = for each place what its rows say before the number, and the numbers
    spans  = places that count several of the groups: their names, and which ones, all in a row
    """

    name: str
    head: tuple[str, ...]
    widths: tuple[int, ...]
    groups: Mapping[Place, tuple[Said, Sequence[str]]]
    spans: Mapping[Place, tuple[Said, Sequence[Place]]]

    def sheets(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """The names of the sheets, each with the rows below its head as they stand in the file."""
        total = sum(len(numbers) for _, numbers in self.groups.values())
        for n in range(max(1, -(-total // CASES_A_SHEET))):
            yield self._sheet(n), self._pieces(n)

    def summed(self) -> Iterator[tuple[Place, Said, int, Iterator[str]]]:
        """The places that count several groups: what each is of, how many, and their numbers."""
        for place, (said, members) in self.spans.items():
            lists = [self.groups[one][1] for one in members]
            yield place, said, sum(map(len, lists)), chain.from_iterable(lists)

    def ranges(self) -> dict[Place, str]:
        """For each place that counts cases, where they are: '办件清单'!A2:D9."""
        begins: dict[Place, int] = {}
        at = 0
        for place, (_, numbers) in self.groups.items():
            begins[place], at = at, at + len(numbers)
        found = {place: (begins[place], len(nums)) for place, (_, nums) in self.groups.items()}
        for place, (_, members) in self.spans.items():
            found[place] = (begins[members[0]], sum(found[one][1] for one in members))
        return {place: self._range(*where) for place, where in found.items() if where[1]}

    def _range(self, begin: int, length: int) -> str:
        n, first = divmod(begin, CASES_A_SHEET)
        last = min(first + length, CASES_A_SHEET)
        columns = get_column_letter(len(self.head))
        return f"'{self._sheet(n)}'!A{first + _HEAD + 1}:{columns}{last + _HEAD}"

    def _sheet(self, n: int) -> str:
        return self.name if n == 0 else f"{self.name}{n + 1}"

    def _pieces(self, n: int) -> Iterator[bytes]:
        rows = islice(self._rows(), n * CASES_A_SHEET, (n + 1) * CASES_A_SHEET)
        numbered = (
            f"{str(at).join(before)}{last}{_END}"
            for at, (before, last) in enumerate(rows, _HEAD + 1)
        )
        while piece := "".join(islice(numbered, _AT_A_TIME)):
            yield piece.encode()

    def _rows(self) -> Iterator[tuple[list[str], str]]:
        """Every row in SpreadsheetML: what stands between its number, time and again, and its last
        words.
        """
        for said, numbers in self.groups.values():
            cells = (_cell(column, text) for column, text in zip("ABC", said, strict=False))
            before = f'<row r="\x00">{"".join(cells)}{_OPEN.format("ABCD"[len(said)])}'.split(
                "\x00"
            )
            for words in _written(list(numbers)):
                yield before, words


_OPEN: Final = '<c r="{}\x00" t="inlineStr"><is>'
_CLOSE: Final = "</is></c>"
_END: Final = f"{_CLOSE}</row>"
_NOT_PLAIN: Final = re.compile(r"[&<>\s\x00-\x1f]")


def _cell(column: str, text: str) -> str:
    """A cell, with U+0000 in place of its row's number."""
    return f"{_OPEN.format(column)}{_text(text)}{_CLOSE}"


def _text(text: str) -> str:
    clean = escape(ILLEGAL_CHARACTERS_RE.sub("\ufffd", text))
    space = "" if clean == clean.strip() else ' xml:space="preserve"'
    return f"<t{space}>{clean}</t>"


def _written(texts: Sequence[str]) -> Iterator[str]:
    """Texts as a cell has them. Where none has a character to be escaped, as numbers of cases have
    none, they are not gone through one by one.
    """
    if _NOT_PLAIN.search("".join(texts)):
        return map(_text, texts)
    return (f"<t>{text}</t>" for text in texts)


def case_list(table: Table3) -> CaseList:
    """办件清单: the cases of every cell of table 三; sums open the cases they add up.

    But for （七）总计 of one kind of applicant: see `result_list`.
    """
    form = table.form
    counted = [(code, row) for code, row in form.rows.items() if row.kind != "results"]
    groups = {
        (code, kind): ((row.ordinal, row.full_label, kind), table.cases(code, kind))
        for code, row in counted
        for kind in form.kinds
    }
    spans: dict[Place, tuple[Said, list[Place]]] = {
        (code, form.total): (
            (row.ordinal, row.full_label, form.total),
            [(code, kind) for kind in form.kinds],
        )
        for code, row in counted
    }
    results = [(code, kind) for code in form.result_codes for kind in form.kinds]
    spans[form.code("results"), form.total] = (_results_of(form, form.total), results)
    head = ("行次", "表三项目", "申请人类别", "登记号")
    return CaseList("办件清单", head, (12, 70, 16, 28), groups, spans)


def result_list(table: Table3) -> CaseList:
    """办结清单: the results once more, by kind of applicant, as （七）总计 adds them up."""
    form = table.form
    groups = {
        (code, kind): (
            (kind, form.rows[code].ordinal, form.rows[code].full_label),
            table.cases(code, kind),
        )
        for kind in form.kinds
        for code in form.result_codes
    }
    spans = {
        (form.code("results"), kind): (
            _results_of(form, kind),
            [(code, kind) for code in form.result_codes],
        )
        for kind in form.kinds
    }
    head = ("申请人类别", "行次", "表三项目", "登记号")
    return CaseList("办结清单", head, (16, 12, 70, 28), groups, spans)


def _results_of(form: Form, column: str) -> Said:
    row = form.rows[form.code("results")]
    return row.ordinal, row.full_label, column


def fact_list(table: Table2 | None) -> CaseList:
    """表二清单: the facts that every cell of table 二 was counted from."""
    told = table.told() if table else {}
    groups = {place: (place, facts) for place, facts in told.items()}
    return CaseList("表二清单", ("项目", "栏目", "登记的事实"), (24, 28, 90), groups, {})


def review_list(table: Table4 | None) -> CaseList:
    """复议诉讼清单: the reviews and suits of every cell of table 四."""
    found = table.form.review if table else ()
    cells = table.cells if table else {}
    groups = {
        (group.key, column): ((group.key, column), cells[group.key][column])
        for group in found
        for column in group.columns[:-1]
    }
    spans = {
        (group.key, group.columns[-1]): (
            (group.key, group.columns[-1]),
            [(group.key, column) for column in group.columns[:-1]],
        )
        for group in found
    }
    return CaseList("复议诉讼清单", ("类别", "结果", "登记号"), (24, 16, 28), groups, spans)
