"""核对结果: what was found of the reports that units sent, as a workbook and as a page.

A line a finding: whose, verdict, cell or sentence, what is to be changed. A sheet for each unit,
ready to be sent to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from letters.picture.markup import marked_up
from letters.report.workbook import Sheet, lists
from models.report_tables.identities import Check, Verdict

HEAD: Final = ("单位", "文件", "结论", "编号", "问题", "所在的格", "原句", "建议")
WIDTHS: Final = (30, 34, 8, 26, 70, 36, 40, 40)
LONGEST_SHEET_NAME: Final = 31  # characters; Excel takes no more
MOST_SHEETS: Final = 300  # units with a sheet of their own; the first sheet has all
_QUOTED: Final = re.compile(r"“([^”]+)”")
_CELL: Final = re.compile(r"‘([^’]+)’(?:列|行|栏)?")
_NO_SHEET: Final = re.compile(r"[\[\]:*?/\\']")


class Judged(NamedTuple):
    """A file as it was judged: whose it is, its checks; nothing is said of what holds."""

    file: str
    agency: str
    year: object
    checks: Sequence[Check]

    @property
    def called(self) -> str:
        return self.agency or self.file


def results_workbook(agency: str, on: date, judged: Iterable[Judged]) -> bytes:
    """All findings on the first sheet, each unit's on one of its own; who has none is said."""
    those = list(judged)
    sheets = [Sheet("核对结果", HEAD, WIDTHS, [line for one in those for line in _lines(one)])]
    taken = {"核对结果"}
    for one in [each for each in those if any(_lines(each))][:MOST_SHEETS]:
        name = _sheet_name(one.called, taken)
        taken.add(name)
        sheets.append(Sheet(name, HEAD[1:], WIDTHS[1:], [line[1:] for line in _lines(one)]))
    return lists(agency, on, sheets)


def results_page(on: date, judged: Iterable[Judged]) -> str:
    """The same as a page, a section a unit under its name and file; readable on a phone."""
    return marked_up(
        "check_results.html.j2",
        {
            "on": on,
            "head": HEAD[2:],
            "units": [(one, [line[2:] for line in _lines(one)]) for one in judged],
        },
    )


def _lines(one: Judged) -> Iterator[tuple[str, ...]]:
    for check in one.checks:
        if check.verdict == Verdict.HOLDS or _silent(check):
            continue
        verdict = str(check.verdict)
        yield (
            *(one.called, one.file, verdict, check.id, check.message),
            *(_cell(check), _sentence(check), _advice(check)),
        )


def _silent(check: Check) -> bool:
    """That the words do not mention a figure is no finding."""
    return check.id.startswith("text.") and check.verdict == Verdict.UNJUDGED


def _cell(check: Check) -> str:
    """The cell that a finding is of, as the message names it."""
    found = _CELL.search(check.message)
    return found[1] if found else ""


def _sentence(check: Check) -> str:
    """The words that a finding quotes."""
    if not check.id.startswith("text."):
        return ""
    return "；".join(_QUOTED.findall(check.message))


def _advice(check: Check) -> str:
    """What the unit should do about a finding."""
    kind, _, rest = check.id.partition(".")
    if kind == "text":
        right = re.search(r"表格、登记簿为([\d.或者]+)", check.message)
        return f"核对该句，与表格不一致的改为{right[1]}；表格有误的改表格" if right else ""
    if kind in ("table2", "table3", "table4") and rest.startswith("blank"):
        return "没有发生的填0"
    if kind in ("table2", "table3", "table4") and rest.startswith(("balance", "results", "total")):
        return "重新合计该列（行），改正错的一格"
    if kind == "cell":
        return "改为阿拉伯数字（半角整数）"
    if check.id.startswith("last_year.carried"):
        return "与上年报告核对，改正本年的上年结转；上年报告有误的说明原因"
    if check.id.startswith("last_year"):
        return "核实；属实的在报告中说明原因"
    if check.id == "file.unreadable":
        return "请报送 .docx、.xlsx、.html 或者有文字层的 .pdf"
    if check.id.startswith("unit.missing"):
        return "请报送"
    return "核实后改正"


def _sheet_name(name: str, taken: set[str]) -> str:
    plain = _NO_SHEET.sub("", name).strip() or "单位"
    for n in range(1, len(taken) + 2):
        tail = "" if n == 1 else f"（{n}）"
        one = plain[: LONGEST_SHEET_NAME - len(tail)] + tail
        if one not in taken:
            return one
    raise AssertionError(name)
