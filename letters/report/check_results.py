"""核对结果: what was found of the reports that units sent, as a workbook and as a page.

A line a finding: whose, verdict, cell or sentence, what is to be changed. A sheet for each unit,
ready to be sent to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from models.report_tables.identities import Check, Verdict
from models.report_tables.read_sentence import JOINED

HEAD: Final = ("单位", "文件", "结论", "编号", "问题", "所在的格", "原句", "建议")
WIDTHS: Final = (20, 20, 9, 18, 44, 26, 28, 28)
LONGEST_SHEET_NAME: Final = 31  # characters; Excel takes no more
MOST_SHEETS: Final = 300  # units with a sheet of their own; the first sheet has all
_TEXT_CELLS: Final = {
    "received": "表三‘一’总计（含上年结转的，为‘一、二’总计之和）",
    "applied": "表三‘一’总计（含上年结转的，为‘一、二’总计之和）",
    "handled": "表三‘一、二’总计之和",
    "on_request": "表三‘一’总计",
    "replied": "表三‘三（七）’总计",
    "closed": "表三‘三（七）’总计",
    "carried_in": "表三‘二’总计",
    "carried_out": "表三‘四’总计",
    "carried": "表三‘二’、‘四’总计",
    "granted": "表三‘三（一）’总计",
    "partly": "表三‘三（二）’总计",
    "disclosed": "表三‘三（一）’、‘三（二）’总计之和",
    "refused": "表三‘三（三）’各行总计之和",
    "unable": "表三‘三（四）’各行总计之和",
    "not_handled": "表三‘三（五）’各行总计之和",
    "other": "表三‘三（六）’总计",
    "其他处理之其他": "表三‘三（六）’其他·总计",
    "reviews": "表四‘行政复议’总计",
    "suits": "表四‘行政诉讼’总计",
    "suits_direct": "表四‘未经复议直接起诉’总计",
    "suits_after": "表四‘复议后起诉’总计",
    "reviews_and_suits": "表四‘行政复议’、‘行政诉讼’总计之和",
}
_MEASURES: Final = {
    "made": "本年制发件数",
    "repealed": "本年废止件数",
    "in_force": "现行有效件数",
    "decisions": "本年处理决定数量",
    "collected": "本年收费金额",
}
_TABLES: Final = {"table2": "表二", "table3": "表三", "table4": "表四"}
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
    from letters.report.workbook import Sheet, lists  # who wants no workbook does not wait for it

    those = list(judged)
    every = [line for one in those for line in (list(_lines(one)) or [_nothing(one)])]
    sheets = [Sheet("核对结果", HEAD, WIDTHS, every, ruled=True)]
    taken = {"核对结果"}
    for one in [each for each in those if any(_lines(each))][:MOST_SHEETS]:
        name = _sheet_name(one.called, taken)
        taken.add(name)
        own = [line[1:] for line in _lines(one)]
        sheets.append(Sheet(name, HEAD[1:], WIDTHS[1:], own, ruled=True))
    return lists(agency, on, sheets)


def results_page(on: date, judged: Iterable[Judged]) -> str:
    """The same as a page, a section a unit under its name and file; readable on a phone."""
    from letters.picture.markup import marked_up

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


def _nothing(one: Judged) -> tuple[str, ...]:
    """The line of a unit of which there is nothing to say: it was judged all the same."""
    return one.called, one.file, str(Verdict.HOLDS), "", "没有发现问题", "", "", ""


def _silent(check: Check) -> bool:
    """That the words do not mention a figure is no finding."""
    return check.id.startswith("text.") and check.verdict == Verdict.UNJUDGED


def _cell(check: Check) -> str:
    """The cell that a finding is of: table, row, column."""
    kind, _, rest = check.id.partition(".")
    if kind == "text":
        return _cell_of_words(rest)
    listed = re.search(r"[：:](.+?)(?:（没有发生|$)", check.message)
    if listed and rest in ("blank", "whole"):
        return f"{_TABLES.get(kind, '')} {listed[1]}".strip()
    named = _CELL.search(check.message)
    if named is None:
        return ""
    if rest.startswith("carried."):
        return f"表三‘二’·{named[1]}"
    table = re.match(r"表[二三四]", check.message)
    where = table.group() if table else _TABLES.get(kind, "")
    part = {"balance": "列‘一、二、三（七）、四’", "results": "列‘三（七）’", "total": "·总计"}
    return f"{where} {named[1]}{part.get(rest.partition('.')[0], '') if kind == 'table3' else ''}"


def _cell_of_words(name: str) -> str:
    """The cell that a figure in the words is compared with; of some counted together, each."""
    if JOINED in name:
        return "、".join(map(_cell_of_words, name.split(JOINED))) + "，合计"
    if name in _TEXT_CELLS:
        return _TEXT_CELLS[name]
    group, _, column = name.partition(".")
    if group == "表二":
        item, _, measure = column.partition(".")
        return f"表二 {item}·{_MEASURES.get(measure, measure)}"
    if column and group in _TEXT_CELLS:
        return f"{_TEXT_CELLS[group].removesuffix('总计')}{column}"
    if name.startswith("申请人："):
        return f"表三‘一’·{name.removeprefix('申请人：')}"
    return "" if name in ("fees", "advised", "already_public", "not_ours") else f"表三 {name}·总计"


def _sentence(check: Check) -> str:
    """The words that a finding quotes."""
    if not check.id.startswith("text."):
        return ""
    return "；".join(_QUOTED.findall(check.message))


def _advice(check: Check) -> str:
    """What the unit should do about a finding."""
    kind, _, rest = check.id.partition(".")
    if kind == "text":
        right = re.search(r"表格(?:、登记簿)?为([\d.或者]+)", check.message)
        return f"核对该句，与表格不一致的改为{right[1]}；表格有误的改表格" if right else ""
    if kind in ("table2", "table3", "table4") and rest.startswith("blank"):
        return "没有发生的填0"
    if kind in ("table2", "table3", "table4") and rest.startswith(("balance", "results", "total")):
        return _sum_advised(check)
    if kind in ("table2", "table3", "table4") and rest.startswith("whole"):
        return "改为非负整数"
    if kind == "cell":
        return _cell_advised(check)
    if check.id.startswith("last_year.carried"):
        due = re.search(r"结转下年度为(\d+)", check.message)
        what = f"改为{due[1]}" if due else "改正本年的上年结转"
        return f"与上年报告核对，{what}；上年报告有误的说明原因"
    if check.id.startswith("last_year.stock"):
        due = re.search(r"应为(-?\d+)", check.message)
        return f"核实；应为{due[1]}的改正，属实的说明原因" if due else "核实"
    if check.id.startswith("last_year"):
        return "核实；属实的在报告中说明原因"
    if check.id == "file.unreadable":
        return "请报送 .docx、.xlsx、.html 或者有文字层的 .pdf"
    if check.id.startswith("unit.missing"):
        return "请报送"
    return "核实后改正"


def _sum_advised(check: Check) -> str:
    """What a total should be, unless one of its parts is wrong."""
    if found := re.search(r"之和为([\d.]+)，.*总计为", check.message):
        return f"总计应为{found[1]}；总计无误的，改正其中错的一格"
    if found := re.search(r"＝(\d+)，总计为", check.message):
        return f"总计应为{found[1]}；总计无误的，改正其中错的一格"
    return "重新合计该列（行），改正错的一格"


def _cell_advised(check: Check) -> str:
    if "没有发生的应填0" in check.message:
        return "没有发生的填0"
    if found := re.search(r"按([\d.]+)核对", check.message):
        return f"改为{found[1]}"
    return "核实后改为阿拉伯数字（半角，非负整数）"


def _sheet_name(name: str, taken: set[str]) -> str:
    plain = _NO_SHEET.sub("", name).strip() or "单位"
    for n in range(1, len(taken) + 2):
        tail = "" if n == 1 else f"（{n}）"
        one = plain[: LONGEST_SHEET_NAME - len(tail)] + tail
        if one not in taken:
            return one
    raise AssertionError(name)
