"""Do the tables that an agency published balance? Judged on figures, and on cases where listed.

For our own register, where every cell has its cases, see models/identities.py; a file that lists
cases is put to those checks as well. A blank cell is a fault, and counts as 0 in the arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from models.annual_form import Form
from models.identities import Check, checks
from models.tables_file import Number, PublishedTables, Row, read_tables

SHOWN = 10  # cells named in one message


def check_tables(data: Mapping[str, object], forms: Sequence[Form]) -> list[Check]:
    """Every identity of tables 三 and 四 in the content of a `tables.json`, of any agency.

    Raises MalformedTables if it cannot be read as tables, NoFormForYear if it names no form and
    none covers its year.
    """
    tables = read_tables(data, forms)
    return [
        _right_form(tables),
        *_table3(tables),
        *([] if tables.case_table is None else [*_cells(tables), *checks(tables.case_table)]),
        *_table4(tables),
    ]


def _right_form(tables: PublishedTables) -> Check:
    form = tables.form
    if tables.right_form:
        message = f"{tables.year}年度报告适用{form.key}年格式（{form.notice}）"
    else:
        message = f"{tables.year}年度报告不适用所标明的{form.key}年格式（{form.notice}）"
    return Check("report.form", ok=tables.right_form, message=message)


# ── table 三 ───────────────────────────────────────────────────────────────────────────────────


def _table3(tables: PublishedTables) -> list[Check]:
    form = tables.form
    missing: Row = (0,) * len(form.columns)
    rows = {code: tables.table3.get(code, missing) for code in form.rows}
    cells = [
        (form.rows[code].ordinal, column, value)
        for code in form.rows
        for column, value in zip(form.columns, rows[code], strict=True)
    ]
    counted = {
        code: dict(zip(form.columns, map(_or_0, row), strict=True)) for code, row in rows.items()
    }
    return [
        _rows(tables),
        _blank("table3.blank", "表三", cells, len(form.rows)),
        _whole("table3.whole", "表三", cells),
        *(_balance(form, counted, column) for column in form.columns),
        *(_results(form, counted, column) for column in form.columns),
        *(_row_total(form, counted, code) for code in form.rows),
    ]


def _rows(tables: PublishedTables) -> Check:
    """All rows of the form are there and no others; one row （六）其他处理 is taken for its three."""
    form = tables.form
    missing = [row.full_label for code, row in form.rows.items() if code not in tables.table3]
    unknown = [code for code in tables.table3 if code not in form.rows]
    faults = [
        *([f"表三缺少{len(missing)}行（以下按0核对）：{'；'.join(missing)}"] if missing else []),
        *([f"表三没有这样的行：{'、'.join(unknown)}"] if unknown else []),
    ]
    notes = [
        f"“{row.full_label}”只列一行（2019年格式的写法），{form.key}年格式应分列{len(row.takes)}行，不影响核对"
        for row in tables.merged
    ] + [
        f"“{row.full_label}”分列{len(row.takes)}行，{form.key}年格式只列一行，不影响核对"
        for row in tables.split
    ]
    message = "；".join([*(faults or [f"表三{len(form.rows)}行齐全"]), *notes])
    return Check("table3.rows", ok=not faults, message=message)


def _balance(form: Form, rows: Mapping[str, Mapping[str, int | float]], column: str) -> Check:
    """一＋二＝三（七）＋四, the identity that the form prints."""
    kinds = ("received", "carried_in", "results", "carried_out")
    new, old, done, left = (rows[form.code(kind)][column] for kind in kinds)
    sides = f"一＋二＝{new}＋{old}＝{new + old}，三（七）＋四＝{done}＋{left}＝{done + left}"
    return _equal(f"table3.balance.{column}", f"‘{column}’列：{sides}", new + old, done + left)


def _results(form: Form, rows: Mapping[str, Mapping[str, int | float]], column: str) -> Check:
    """（七）总计 is the sum of the results."""
    added = sum(rows[code][column] for code in form.result_codes)
    stated = rows[form.code("results")][column]
    sides = f"（一）至（六）各项之和为{added}，（七）总计为{stated}"
    return _equal(f"table3.results.{column}", f"‘{column}’列：{sides}", added, stated)


def _row_total(form: Form, rows: Mapping[str, Mapping[str, int | float]], code: str) -> Check:
    """总计 is the sum of the six kinds of applicant."""
    added = sum(rows[code][kind] for kind in form.kinds)
    stated = rows[code][form.total]
    sides = f"六类申请人之和为{added}，总计为{stated}"
    return _equal(
        f"table3.total.{code}", f"‘{form.rows[code].full_label}’行：{sides}", added, stated
    )


def _cells(tables: PublishedTables) -> list[Check]:
    """Every figure is the number of the cases listed for its cell."""
    assert tables.case_table is not None
    found = []
    for code, row in tables.form.rows.items():
        figures = tables.table3.get(code, (0,) * len(tables.form.columns))
        for column, figure in zip(tables.form.columns, figures, strict=True):
            cases = tables.case_table.cases(code, column)
            if _or_0(figure) != len(cases):
                what = f"‘{column}’列‘{row.full_label}’：数字为{figure}，所列申请{len(cases)}件"
                found.append(Check(f"table3.cells.{code}.{column}", False, what, tuple(cases)))
    return found or [Check("table3.cells", ok=True, message="表三各格数字与所列申请件数一致")]


# ── table 四 ───────────────────────────────────────────────────────────────────────────────────


def _table4(tables: PublishedTables) -> list[Check]:
    if tables.table4 is None:
        return [Check("table4.present", ok=False, message="没有表四，无法核对（没有发生的应填0）")]
    groups, values = tables.form.review, iter(tables.table4)
    filled = [(group, [next(values) for _ in group.columns]) for group in groups]
    cells = [
        (group.key, column, value)
        for group, row in filled
        for column, value in zip(group.columns, row, strict=True)
    ]
    found = [
        _blank("table4.blank", "表四", cells, len(groups)),
        _whole("table4.whole", "表四", cells),
    ]
    for group, row in filled:
        *parts, stated = map(_or_0, row)
        names = "、".join(group.columns[:-1])
        sides = f"{names}之和为{'＋'.join(map(str, parts))}＝{sum(parts)}，{group.columns[-1]}为{stated}"
        what = f"表四‘{group.key}’：{sides}"
        found.append(_equal(f"table4.total.{group.key}", what, sum(parts), stated))
    return found


# ── both ───────────────────────────────────────────────────────────────────────────────────────

Cell = tuple[str, str, Number]  # row, column, figure


def _equal(check_id: str, what: str, left: float, right: float) -> Check:
    if left == right:
        return Check(check_id, ok=True, message=what)
    return Check(check_id, ok=False, message=f"{what}，相差{abs(left - right)}")


def _blank(check_id: str, table: str, cells: Sequence[Cell], row_count: int) -> Check:
    """No cell is blank; those that are, in one message, rows with the same blanks together."""
    blanks = [(row, column) for row, column, value in cells if value is None]
    if not blanks:
        return Check(check_id, ok=True, message=f"{table}没有未填写的格")
    rows_by_columns: dict[tuple[str, ...], list[str]] = {}
    for row, group in groupby(blanks, key=lambda blank: blank[0]):
        rows_by_columns.setdefault(tuple(column for _, column in group), []).append(row)
    parts = [
        f"{_some(rows, row_count)}的{''.join(f'‘{column}’' for column in columns)}"
        for columns, rows in rows_by_columns.items()
    ]
    message = f"{table}有{len(blanks)}格未填写：{'；'.join(parts)}（没有发生的应填0，以下按0核对）"
    return Check(check_id, ok=False, message=message)


def _some(rows: Sequence[str], row_count: int) -> str:
    return f"全部{row_count}行" if len(rows) == row_count > 3 else "、".join(rows)


def _whole(check_id: str, table: str, cells: Iterable[Cell]) -> Check:
    """Every figure is a whole number, 0 or more."""
    wrong = [
        f"{row}‘{column}’为{value}"
        for row, column, value in cells
        if value is not None and (not isinstance(value, int) or value < 0)
    ]
    if not wrong:
        return Check(check_id, ok=True, message=f"{table}各格均为非负整数")
    more = f"等{len(wrong)}格" if len(wrong) > SHOWN else ""
    return Check(
        check_id, ok=False, message=f"{table}应填非负整数：{'；'.join(wrong[:SHOWN])}{more}"
    )


def _or_0(value: Number) -> int | float:
    return 0 if value is None else value
