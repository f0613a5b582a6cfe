"""Do the tables that an agency published balance? Judged on figures, and on cases where listed.

For our own register, where every cell has its cases, see models/report_tables/identities.py; a file
that lists cases is put to those checks as well. A blank cell is a fault, and counts as 0 in the
arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from models.report_tables.form import Form, ReviewGroup, RowKind
from models.report_tables.identities import Check, checks
from models.report_tables.table2_file import table2_checks
from models.report_tables.table4 import review_checks
from models.report_tables.tables_file import (
    Number,
    PublishedTables,
    digest,
    or_0,
    read_tables,
    sealed_text,
)

Rows = Mapping[str, Mapping[str, int | float]]
Cell = tuple[str, str, Number]  # row, column, figure

SHOWN = 10  # cells named in one message


def check_tables(data: Mapping[str, object], forms: Sequence[Form]) -> list[Check]:
    """Every identity of tables 二, 三 and 四 in the content of a `tables.json`, of any agency.

    Raises MalformedTables if it cannot be read as tables, NoFormForYear if it names no form and
    none covers its year.
    """
    found = published_checks(read_tables(data, forms), _said(data))
    return [*found, *_seal(data)]


def _said(data: Mapping[str, object]) -> dict[str, object]:
    """What the report says in words, by section: `words`, or the quotations of an older file.

    A text by itself, or several, without their sections, are read, too.
    """
    found: dict[str, object] = {}
    for key in ("words", "section1_figures"):
        stated = data.get(key)
        if isinstance(stated, str):
            stated = [stated]
        if isinstance(stated, list):
            stated = {f"{key}.{n}": text for n, text in enumerate(stated, 1)}
        found |= stated if isinstance(stated, dict) else {}
    return found


def _seal(data: Mapping[str, object]) -> list[Check]:
    """Whether a signed file is still what was signed: its digest is of what it says."""
    signed = data.get("signed")
    if not isinstance(signed, dict) or "digest" not in signed:
        return []
    same = signed["digest"] == digest(sealed_text(data))
    who = f"{signed.get('on', '')}由{signed.get('by', '')}签发"
    said = "一致" if same else "不一致：文件在签发以后被改动"
    return [Check("report.sealed", same, f"{who}，内容与签发时的校验值{said}")]


def published_checks(tables: PublishedTables, words: object = None) -> list[Check]:
    """Every identity of tables that were read; `words` = what the report says, by section."""
    return [
        _right_form(tables),
        *table2_checks(tables.table2),
        *_table3(tables),
        *_cases(tables),
        *_table4(tables),
        *_reviews(tables),
        *_text(tables, words),
    ]


def _text(tables: PublishedTables, words: object) -> list[Check]:
    """What the report says in words, if the file quotes it, against its tables."""
    if not isinstance(words, dict) or not words:
        return []
    from models.units.published_words import words_checks

    return words_checks(tables, words)


def _right_form(tables: PublishedTables) -> Check:
    form, does = tables.form, "适用" if tables.right_form else "不适用所标明的"
    message = f"{tables.year}年度报告{does}{form.key}年格式（{form.notice}）"
    return Check("report.form", tables.right_form, message)


# ── table 三 ──────────────────────────────────────────────────────────────────────────────────


def _table3(tables: PublishedTables) -> list[Check]:
    form = tables.form
    printed = {code: tables.table3.get(code, (0,) * len(form.columns)) for code in form.rows}
    cells = [
        (form.rows[code].ordinal, column, value)
        for code, row in printed.items()
        for column, value in zip(form.columns, row, strict=True)
    ]
    rows = {
        code: dict(zip(form.columns, map(or_0, row), strict=True)) for code, row in printed.items()
    }
    return [
        _all_rows(tables),
        _blank("table3.blank", "表三", cells, len(rows)),
        _whole("table3.whole", "表三", cells),
        *(_balance(form, rows, column) for column in form.columns),
        *(_results(form, rows, column) for column in form.columns),
        *(_row_total(form, code, row) for code, row in rows.items()),
    ]


def _all_rows(tables: PublishedTables) -> Check:
    """The rows of the form and no others; one row （六）其他处理 is taken for its three."""
    form, faults = tables.form, []
    missing = [row.full_label for code, row in form.rows.items() if code not in tables.table3]
    unknown = [code for code in tables.table3 if code not in form.rows]
    if missing:
        faults.append(f"表三缺少{len(missing)}行（以下按0核对）：{'；'.join(missing)}")
    if unknown:
        faults.append(f"表三没有这样的行：{'、'.join(unknown)}")
    notes = [
        f"“{row.full_label}”按{other.key}年格式只列一行，{form.key}年格式分列{len(row.takes)}行"
        for other, row in tables.merged
    ]
    notes += [
        f"“{row.full_label}”分列{len(row.takes)}行，{form.key}年格式只列一行"
        for row in tables.split
    ]
    message = "；".join([*(faults or [f"表三{len(form.rows)}行齐全"]), *notes])
    return Check("table3.rows", not faults, message + ("，不影响核对" if notes else ""))


def _balance(form: Form, rows: Rows, column: str) -> Check:
    """一＋二＝三（七）＋四, the identity that the form prints."""
    kinds: tuple[RowKind, ...] = ("received", "carried_in", "results", "carried_out")
    new, old, done, left = (rows[form.code(kind)][column] for kind in kinds)
    sides = f"一＋二＝{new}＋{old}＝{new + old}，三（七）＋四＝{done}＋{left}＝{done + left}"
    return _equal(f"table3.balance.{column}", f"‘{column}’列：{sides}", new + old, done + left)


def _results(form: Form, rows: Rows, column: str) -> Check:
    """（七）总计 is the sum of the results."""
    added = sum(rows[code][column] for code in form.result_codes)
    stated = rows[form.code("results")][column]
    what = f"‘{column}’列：（一）至（六）各项之和为{added}，（七）总计为{stated}"
    return _equal(f"table3.results.{column}", what, added, stated)


def _row_total(form: Form, code: str, row: Mapping[str, float]) -> Check:
    """总计 is the sum of the six kinds of applicant."""
    added, stated = sum(row[kind] for kind in form.kinds), row[form.total]
    label = form.rows[code].full_label
    what = f"‘{label}’行：六类申请人之和为{added}，总计为{stated}"
    return _equal(f"table3.total.{code}", what, added, stated)


def _cases(tables: PublishedTables) -> list[Check]:
    """Where the file lists cases: each figure is their number, and they balance as sets."""
    listed = tables.case_table
    if listed is None:
        return []
    found = []
    for code, row in tables.form.rows.items():
        figures = tables.table3.get(code, (0,) * len(tables.form.columns))
        for column, figure in zip(tables.form.columns, figures, strict=True):
            cases = listed.cases(code, column)
            if or_0(figure) != len(cases):
                what = f"‘{column}’列‘{row.full_label}’：数字为{figure}，所列申请{len(cases)}件"
                found.append(Check(f"table3.cells.{code}.{column}", False, what, tuple(cases)))
    agree = Check("table3.cells", True, "表三各格数字与所列申请件数一致")
    return [*(found or [agree]), *checks(listed)]


# ── table 四 ──────────────────────────────────────────────────────────────────────────────────


def _table4(tables: PublishedTables) -> list[Check]:
    if tables.table4 is None:
        return [Check("table4.present", False, "没有表四，无法核对（没有发生的应填0）")]
    values = iter(tables.table4)
    groups = [(each, [next(values) for _ in each.columns]) for each in tables.form.review]
    cells = [
        (group.key, column, value)
        for group, row in groups
        for column, value in zip(group.columns, row, strict=True)
    ]
    return [
        _blank("table4.blank", "表四", cells, len(groups)),
        _whole("table4.whole", "表四", cells),
        *(_review_total(group, row) for group, row in groups),
    ]


def _review_total(group: ReviewGroup, row: Sequence[Number]) -> Check:
    """总计 of a group is the sum of its other columns."""
    *parts, stated = map(or_0, row)
    terms, added = "＋".join(map(str, parts)), sum(parts)
    names, total = "＋".join(group.columns[:-1]), group.columns[-1]
    what = f"表四‘{group.key}’：{names}＝{terms}＝{added}，{total}为{stated}"
    return _equal(f"table4.total.{group.key}", what, added, stated)


def _reviews(tables: PublishedTables) -> list[Check]:
    """Where the file lists reviews and suits: each figure is their number, each case once."""
    listed = tables.review_table
    if listed is None:
        return []
    places = [(group.key, column) for group in listed.form.review for column in group.columns]
    figures = tables.table4 or (None,) * len(places)
    found = []
    for (group, column), figure in zip(places, figures, strict=True):
        cases = listed.cells[group][column]
        if or_0(figure) != len(cases):
            what = f"表四‘{group}·{column}’：数字为{figure}，所列案件{len(cases)}件"
            found.append(Check(f"table4.cells.{group}.{column}", False, what, tuple(cases)))
    agree = Check("table4.cells", True, "表四各格数字与所列案件数一致")
    return [*(found or [agree]), *review_checks(listed)]


# ── both ──────────────────────────────────────────────────────────────────────────────────────


def _equal(check_id: str, what: str, left: float, right: float) -> Check:
    if left == right:
        return Check(check_id, True, what)
    return Check(check_id, False, f"{what}，相差{abs(left - right)}")


def _blank(check_id: str, table: str, cells: Sequence[Cell], row_count: int) -> Check:
    """No cell is blank; those that are, in one message, rows with the same blanks together."""
    blanks = [(row, column) for row, column, value in cells if value is None]
    if not blanks:
        return Check(check_id, True, f"{table}没有未填写的格")
    rows_with: dict[tuple[str, ...], list[str]] = {}
    for row, group in groupby(blanks, key=lambda blank: blank[0]):
        rows_with.setdefault(tuple(column for _, column in group), []).append(row)
    places = "；".join(
        f"{_rows_named(rows, row_count)}的{''.join(f'‘{column}’' for column in columns)}"
        for columns, rows in rows_with.items()
    )
    message = f"{table}有{len(blanks)}格未填写：{places}（没有发生的应填0，以下按0核对）"
    return Check(check_id, False, message)


def _rows_named(rows: Sequence[str], row_count: int) -> str:
    return f"全部{row_count}行" if len(rows) == row_count else "、".join(rows)


def _whole(check_id: str, table: str, cells: Iterable[Cell]) -> Check:
    """Every figure is a whole number, 0 or more."""
    wrong = [
        f"{row}‘{column}’为{value}"
        for row, column, value in cells
        if value is not None and (not isinstance(value, int) or value < 0)
    ]
    if not wrong:
        return Check(check_id, True, f"{table}各格均为非负整数")
    more = f"等{len(wrong)}格" if len(wrong) > SHOWN else ""
    return Check(check_id, False, f"{table}应填非负整数：{'；'.join(wrong[:SHOWN])}{more}")
