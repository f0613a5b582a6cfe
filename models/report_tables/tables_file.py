"""`tables.json`: the tables of an annual report as data, written and read.

Our own reports are written with the cases of every cell. Any agency's file can be read, with or
without them, in the wording of either national form; a blank (null) stays a blank.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import NoReturn

from models.errors import MalformedTables
from models.report_tables.blocks import CaseList
from models.report_tables.form import Form, FormRow, form_for
from models.report_tables.identities import Check
from models.report_tables.table2_file import Stated2, read_table2
from models.report_tables.table3 import Table3, empty_cells, summed_up
from models.report_tables.table4 import Table4, reviews_listed

_AT_A_TIME = 10_000
Number = int | float | None
Row = tuple[Number, ...]


def or_0(value: Number) -> int | float:
    """A figure as the arithmetic takes it: a blank is 0."""
    return 0 if value is None else value


Merged = tuple[Form, FormRow]  # a row, and the other form that it belongs to


@dataclass(frozen=True)
class PublishedTables:
    """The tables of a report as an agency published them.

    form       = the form as printed: with one row （六）其他处理 where the file has one
    right_form = whether the file's `format` is the one that holds for its year
    merged     = rows of the other form that the file has in place of several of its own
    split      = rows of its own form in place of which the file has several
    table3     = by row code, a number or a blank for each column
    table4     = None if the file has none
    case_table, review_table = the cases of tables 三 and 四, if the file lists them
    """

    agency: str
    year: int
    form: Form
    right_form: bool
    merged: tuple[Merged, ...]
    split: tuple[FormRow, ...]
    table3: dict[str, Row]
    table4: Row | None
    case_table: Table3 | None
    table2: Stated2
    review_table: Table4 | None

    def listed(self) -> Table3:
        """Table 三 of the cases the file lists; without a single case if it lists none."""
        return self.case_table or summed_up({}, self.year, self.form)


def write_tables(
    agency: str,
    table: Table3,
    checks: Iterable[Check],
    *,
    table2: Mapping[str, object],
    table4: Sequence[int | None],
    cells2: Mapping[str, object] | None = None,
    cells4: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    printed: Mapping[str, object] | None = None,
    signed: Mapping[str, object] | None = None,
) -> Iterator[str]:
    """The text of `tables.json`, piece by piece; the same for the same tables, to the byte.

    `cells` lists the cases of every cell that has any, without the sums (3.7 and 总计), which hold
    the same cases again; cells2 and cells4 the facts and the cases of tables 二 and 四; printed =
    what the report prints besides (letters/report/printed.py); signed = its signature, once it has one.
    """
    form = table.form
    counted = [code for code, row in form.rows.items() if row.kind != "results"]
    listed = {
        code: {kind: cases for kind in form.kinds if (cases := table.cases(code, kind))}
        for code in counted
    }
    content: dict[str, object] = {
        "agency": agency,
        "year": table.year,
        "format": form.key,
        "table2": table2,
        "table3": table.figures(),
        "table4": list(table4),
        "cells": {code: cells for code, cells in listed.items() if cells},
        **({} if cells2 is None else {"cells2": cells2}),
        **({} if cells4 is None else {"cells4": cells4}),
        **(printed or {}),
        **({"signed": signed} if signed else {}),
        "checks": [check.as_data() for check in checks],
    }
    return chain(_laid_out(content, depth=2), "\n")


def digest(tables: str) -> str:
    """What identifies a report: the SHA-256 of the text that its signature seals."""
    return hashlib.sha256(tables.encode()).hexdigest()


def sealed_text(data: Mapping[str, object]) -> str:
    """What a signature seals of the content of a `tables.json`: all but checks and signature."""
    content = {name: value for name, value in data.items() if name != "signed"}
    return "".join(_laid_out(content | {"checks": []}, depth=2)) + "\n"


def parse(text: bytes) -> Mapping[str, object]:
    """The content of a `tables.json`; MalformedTables says where it is not a JSON object."""
    try:
        content = json.loads(
            text.decode("utf-8-sig"), object_pairs_hook=_no_key_twice, parse_constant=_no_constant
        )
        json.dumps(content, ensure_ascii=False).encode()
    except json.JSONDecodeError as fault:
        where = f"第{fault.lineno}行第{fault.colno}列"
        raise MalformedTables(where, "不是有效的 JSON") from None
    except UnicodeDecodeError as fault:
        where = f"第{fault.start + 1}个字节"
        raise MalformedTables(where, "文件应为 UTF-8 编码的 JSON") from None
    except UnicodeEncodeError:
        raise MalformedTables("全文", "含有不成对的转义字符（\\ud800 至 \\udfff）") from None
    except (RecursionError, ValueError):
        raise MalformedTables("全文", "不是有效的 JSON（嵌套过深或数字过长）") from None
    if not isinstance(content, dict):
        raise MalformedTables("全文", "应为一个 JSON 对象（{…}）")
    return content


def read_tables(data: Mapping[str, object], forms: Sequence[Form]) -> PublishedTables:
    """The tables in `data`, each value of the right type; MalformedTables says which is not."""
    agency, year = data.get("agency", ""), data.get("year")
    if not isinstance(agency, str):
        raise MalformedTables("agency", "应为机关名称（文字）")
    if not isinstance(year, int) or isinstance(year, bool):
        raise MalformedTables("year", "应为报告年度（整数，如2023）")
    form = _form(data.get("format"), year, forms)
    if "columns" in data and data["columns"] != list(form.columns):
        raise MalformedTables("columns", f"七列应依次为{'、'.join(form.columns)}")
    raw = data.get("table3")
    if not isinstance(raw, dict):
        raise MalformedTables("table3", '缺少表三（应为按行列出的对象，如{"1": [7个整数]}）')
    as_printed, merged, split = _as_printed(form, forms, raw.keys())
    rows = {
        str(code): _numbers(f'table3 的"{code}"行', row, as_printed.columns)
        for code, row in raw.items()
    }
    review_columns = [f"{group.key}·{column}" for group in form.review for column in group.columns]
    table4 = data.get("table4")
    return PublishedTables(
        agency=agency,
        year=year,
        form=as_printed,
        right_form=form.covers(year),
        merged=merged,
        split=split,
        table3=rows,
        table4=None if table4 is None else _numbers("table4", table4, review_columns),
        case_table=_case_table(data.get("cells"), year, as_printed),
        table2=read_table2(data.get("table2"), data.get("cells2"), year, form),
        review_table=_review_table(data.get("cells4"), year, form),
    )


def _form(stated: object, year: int, forms: Sequence[Form]) -> Form:
    if stated is None:
        return form_for(tuple(forms), year)
    for form in forms:
        if stated in (form.key, form.notice):
            return form
    known = "、".join(f"“{form.key}”（{form.notice}）" for form in forms)
    raise MalformedTables("format", f"应为{known}之一")


def _as_printed(
    form: Form, forms: Sequence[Form], present: Iterable[object]
) -> tuple[Form, tuple[Merged, ...], tuple[FormRow, ...]]:
    """The form with its rows merged, or split, as the file has them; and which rows those are."""
    codes = set(present)
    rows = list(form.row)
    merged: list[Merged] = []
    split: list[FormRow] = []
    for other, row in ((each, row) for each in forms if each != form for row in each.row):
        at = [n for n, own in enumerate(rows) if own.code in row.takes]
        if at and row.code in codes and codes.isdisjoint(row.takes):
            rows[at[0] : at[-1] + 1] = [replace(row, takes=())]
            merged.append((other, row))
    for own in form.row:
        if own.code not in codes and not codes.isdisjoint(own.takes):
            at_own = rows.index(own)
            rows[at_own : at_own + 1] = _apart(own, forms)
            split.append(own)
    return replace(form, row=tuple(rows)), tuple(merged), tuple(split)


def _apart(own: FormRow, forms: Sequence[Form]) -> list[FormRow]:
    """The rows that are one in this form, as the oldest form that tells them apart has them."""
    apart: dict[str, FormRow] = {}
    for row in (row for each in forms for row in each.row):
        if row.code in own.takes:
            apart.setdefault(row.code, row)
    return [apart[code] for code in own.takes if code in apart]


def _numbers(where: str, raw: object, columns: Sequence[str]) -> Row:
    """One row of figures: as many as there are columns, each a number or null."""
    if not isinstance(raw, list) or len(raw) != len(columns):
        raise MalformedTables(where, f"应为{len(columns)}个数的列表")
    for n, (value, column) in enumerate(zip(raw, columns, strict=True), 1):
        if isinstance(value, bool) or not isinstance(value, int | float | None):
            raise MalformedTables(f"{where}第{n}个（{column}）", "应为整数，未填写的为 null")
    return tuple(raw)


def _case_table(raw: object, year: int, form: Form) -> Table3 | None:
    """The table that the file's lists of cases make; None if it lists none."""
    if raw is None or raw == {}:
        return None
    if not isinstance(raw, dict):
        raise MalformedTables("cells", "应为按行、列列出申请编号的对象")
    cells, sums = empty_cells(form), []
    for code, columns in raw.items():
        if code not in form.rows:
            raise MalformedTables(f'cells 的"{code}"', "表三没有这一行")
        if not isinstance(columns, dict):
            raise MalformedTables(f'cells 的"{code}"', "应为按列列出申请编号的对象")
        for column, numbers in columns.items():
            where = f'cells 的"{code}"行“{column}”列'
            if column not in form.columns:
                raise MalformedTables(where, f"表三没有这一列（应为{'、'.join(form.columns)}之一）")
            if not isinstance(numbers, list) or not all(isinstance(n, str) for n in numbers):
                raise MalformedTables(where, "应为申请编号（文字）的列表")
            if column == form.total or form.rows[code].kind == "results":
                sums.append((code, column, numbers))
            else:
                cells[code][column] = numbers
    table = summed_up(cells, year, form)
    for code, column, numbers in sums:
        table.cells[code][column] = numbers
    return table


def _review_table(raw: object, year: int, form: Form) -> Table4 | None:
    """Table 四 of the cases that the file lists; None if it does not."""
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise MalformedTables("cells4", "应为按组、栏列出案件登记号的对象")
    columns = {group.key: group.columns for group in form.review}
    for group, cells in raw.items():
        if group not in columns or not isinstance(cells, dict):
            raise MalformedTables(f'cells4 的"{group}"', "应为表四的组，按栏列出案件登记号")
        for column, numbers in cells.items():
            where = f'cells4 的"{group}"“{column}”栏'
            if column not in columns[group]:
                raise MalformedTables(where, f"应为{'、'.join(columns[group])}之一")
            if not isinstance(numbers, list) or not all(isinstance(n, str) for n in numbers):
                raise MalformedTables(where, "应为案件登记号（文字）的列表")
    return reviews_listed(raw, year, form)


def _no_key_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        twice = next(key for key, n in Counter(key for key, _ in pairs).items() if n > 1)
        raise MalformedTables(f'"{twice}"', "同一层中出现两次")
    return content


def _no_constant(constant: str) -> NoReturn:
    raise MalformedTables(constant, "不是数字")


def _laid_out(value: object, depth: int, indent: str = "") -> Iterator[str]:
    """JSON in pieces, with a line for each row of a table: objects are broken over `depth` levels."""
    inner = indent + " "
    if depth and value and isinstance(value, Mapping):
        named = (
            chain((f"{_dumped(k)}: ",), _laid_out(v, depth - 1, inner)) for k, v in value.items()
        )
        yield from _enclosed("{\n", named, ",\n", f"\n{indent}}}", inner)
    elif depth and value and isinstance(value, list) and isinstance(value[0], Mapping):
        yield from _enclosed("[\n", map(_compact, value), ",\n", f"\n{indent}]", inner)
    else:
        yield from _compact(value)


def _compact(value: object) -> Iterator[str]:
    """JSON on one line; a cell is opened when it is its turn, and written some cases at a time."""
    if isinstance(value, Mapping) and any(isinstance(each, CaseList) for each in value.values()):
        named = (chain((f"{_dumped(k)}: ",), _compact(v)) for k, v in value.items())
        yield from _enclosed("{", named, ", ", "}")
    elif isinstance(value, CaseList):
        cases = list(value)
        some = (cases[at : at + _AT_A_TIME] for at in range(0, len(cases), _AT_A_TIME))
        yield from _enclosed("[", ((_dumped(part)[1:-1],) for part in some), ", ", "]")
    else:
        yield _dumped(value)


def _enclosed(
    begin: str, items: Iterable[Iterable[str]], between: str, end: str, indent: str = ""
) -> Iterator[str]:
    yield begin
    for n, pieces in enumerate(items):
        yield f"{between if n else ''}{indent}"
        yield from pieces
    yield end


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
