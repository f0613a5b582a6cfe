"""A report that a unit sent as a document: its tables and words as `tables.json` has them.

Every file is brought to the one form that the checks read (models/units/published.py); what its
format made doubtful is a finding beside them, with the place.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.report_tables.form import Form, form_for
from models.report_tables.identities import Check, Verdict
from models.units.found_tables import Reader, Tables
from models.units.found_words import Words, named, words_of
from models.units.laid_out import Grid, LaidOut, Paragraph, core
from models.units.sent_report import NotAReport, SentReport


def sent_report(file: str, laid_out: LaidOut, forms: Sequence[Form]) -> SentReport:
    """The report that an opened file holds. NotAReport says why it is none; NoFormForYear."""
    who = named(laid_out, file)
    grids = [block for block in laid_out.blocks if isinstance(block, Grid)]
    form = _form(grids, who.year, forms)
    tables = Reader(form, forms).read(grids)
    words = words_of(laid_out.blocks, tables.used, form)
    if not tables.table3:
        raise NotAReport(_no_table3(laid_out, words))
    if who.year is None:
        raise NotAReport("没有写明是哪一年度的报告（标题应如“2023年政府信息公开工作年度报告”）")
    data: dict[str, object] = {
        "agency": who.agency,
        "year": who.year,
        "format": form.key,
        "table3": tables.table3,
    }
    if tables.table2:
        data["table2"] = tables.table2
    if tables.table4:
        width = sum(len(group.columns) for group in form.review)
        data["table4"] = [*tables.table4, *[None] * (width - len(tables.table4))]
    data["words"] = words.sections
    unread = [
        Check(f"file.unread.{n}", True, one, short_of=Verdict.DOUBTFUL)
        for n, one in enumerate(laid_out.unread, 1)
    ]
    findings = [*unread, *_unnamed(who.agency), *tables.findings, *_lacking(tables, words)]
    return SentReport(file, data, tuple(findings))


def _unnamed(agency: str) -> list[Check]:
    if agency:
        return []
    message = "没有找到机关名称（标题、文件名中都没有）"
    return [Check("file.agency", True, message, short_of=Verdict.DOUBTFUL)]


def _no_table3(laid_out: LaidOut, words: Words) -> str:
    pictures = words.pictures.get("3") or [p for each in words.pictures.values() for p in each]
    if pictures:
        return f"没有可读的表三；{pictures[0]}有图片，可能是表格的图片，无法读取其中的数字"
    if laid_out.attached:
        listed = "、".join(f"“{file}”" for file in laid_out.attached[:3])
        return f"网页上没有可读的表三；所附的 {listed} 可能是报告，请报送这个文件"
    if not any(isinstance(block, Paragraph | Grid) for block in laid_out.blocks):
        return "；".join(laid_out.unread) or "文件中没有文字"
    return "没有找到表三（“一、本年新收政府信息公开申请数量”等各行），不是年度报告或者表格不完整"


def _lacking(tables: Tables, words: Words) -> list[Check]:
    """Where a table is missing and a picture stands in its section: that may be the table."""
    found = []
    for key, name, there in (("2", "表二", tables.table2), ("4", "表四", tables.table4)):
        if not there and (pictures := words.pictures.get(key)):
            message = f"没有可读的{name}；{pictures[0]}有图片，可能是表格的图片，无法读取其中的数字"
            found.append(Check(f"file.picture.{name}", True, message, short_of=Verdict.DOUBTFUL))
    return found


def _form(grids: Sequence[Grid], year: int | None, forms: Sequence[Form]) -> Form:
    """The form that a file is made on: the year's, unless its tables bear more of another's names."""
    said = {core(cell.text) for grid in grids for cell in grid.cells if len(cell.text) < 60}
    own = form_for(tuple(forms), year) if year is not None else forms[-1]
    return max(forms, key=lambda form: (_borne(form, said), form == own, form.first_year))


def _borne(form: Form, said: set[str]) -> int:
    """How many of the names of a form's table 二 and rows are there."""
    names = {core(column) for group in form.proactive for column in group.columns}
    names |= {core(item) for _, item in form.items()} | {core(row.label) for row in form.row}
    return len(names & said)
