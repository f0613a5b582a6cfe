"""`tables.json`, written and read; a file that cannot be read says where."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from published_reports import FORMS, lines, report

from models.errors import MalformedTables, NoFormForYear
from models.report_tables import tables_file
from models.report_tables.blocks import SEPARATOR, Block, CaseList
from models.report_tables.form import form_for
from models.report_tables.identities import checks
from models.report_tables.table3 import Table3, table3
from models.report_tables.tables_file import parse, read_tables, write_tables
from models.units.published import check_tables

FORM = form_for(FORMS, 2023)
TABLE = table3(lines("shuyang_county_drc_2023"), 2023, FORM)


def written(table: Table3) -> str:
    figures = {"table2": {"行政许可": 3}, "table4": [0] * 15}
    return "".join(write_tables("沭阳县发展和改革局", table, checks(table), **figures))


TEXT = written(TABLE)


def test_the_file_has_what_the_contract_says() -> None:
    data = json.loads(TEXT)
    assert list(data) == [
        *("agency", "year", "format", "table2", "table3", "table4", "cells", "checks")
    ]
    assert (data["agency"], data["year"], data["format"]) == ("沭阳县发展和改革局", 2023, "2021")
    assert list(data["table3"]) == [*FORM.rows]
    assert data["table3"]["3.1"] == [26, 0, 0, 0, 0, 0, 26]
    assert len(data["cells"]["3.1"]["自然人"]) == 26
    assert set(data["cells"]) == {"1", "3.1"}
    assert set(data["checks"][0]) == {"id", "ok", "message", "cases", "verdict"}


def test_the_same_tables_are_written_the_same_to_the_byte() -> None:
    again = table3(lines("shuyang_county_drc_2023"), 2023, FORM)
    assert written(again) == TEXT
    assert '\n  "3.1": [26, 0, 0, 0, 0, 0, 26],\n' in TEXT


def test_a_cell_of_a_large_register_is_written_as_its_list_is_however_it_is_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed = {
        code: {
            kind: CaseList([Block(len(cases), SEPARATOR.join(cases))])
            for kind, cases in row.items()
        }
        for code, row in TABLE.cells.items()
    }
    listed = {
        code: {kind: sorted(cases) for kind, cases in row.items()}
        for code, row in TABLE.cells.items()
    }
    whole = written(replace(TABLE, cells=listed))
    for at_a_time in (1, 2, 25, 26, 27):
        monkeypatch.setattr(tables_file, "_AT_A_TIME", at_a_time)
        assert written(replace(TABLE, cells=closed)) == whole


def test_what_was_written_is_read_back() -> None:
    tables = read_tables(parse(TEXT.encode()), FORMS)
    assert tables.form == FORM
    assert tables.table3 == TABLE.figures()
    assert tables.case_table == TABLE


def test_a_byte_order_mark_is_accepted() -> None:
    assert parse(TEXT.encode("utf-8-sig")) == parse(TEXT.encode())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "第1行第1列：不是有效的 JSON"),
        (b'{\n"year": 2023,\n"table3": {"1": [1,2,}}', "第3行第22列：不是有效的 JSON"),
        (b"[1, 2]", "全文：应为一个 JSON 对象"),
        ('{"agency": "某局"}'.encode("gb18030"), "第15个字节：文件应为 UTF-8 编码"),
        (b'{"year": NaN}', "NaN：不是数字"),
        (b'{"table3": {"3.1": [], "3.1": []}}', '"3.1"：同一层中出现两次'),
        (b'{"agency": "\\ud800"}', "全文：含有不成对的转义字符"),
        (b"[" * 100_000, "全文：不是有效的 JSON"),
        (b'{"year": ' + b"9" * 5000 + b"}", "全文：不是有效的 JSON"),
    ],
)
def test_a_file_that_is_not_json_says_where(text: bytes, said: str) -> None:
    with pytest.raises(MalformedTables) as fault:
        parse(text)
    assert str(fault.value).startswith(said)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"agency": 5}, "agency：应为机关名称"),
        ({"year": "2023"}, "year：应为报告年度"),
        ({"year": True}, "year：应为报告年度"),
        ({"format": "2008"}, "format：应为“2019”（国办公开办函〔2019〕60号）、“2021”"),
        ({"format": ["2021"]}, "format：应为“2019”"),
        ({"columns": ["自然人"]}, "columns：七列应依次为自然人、商业企业"),
        ({"table3": None}, "table3：缺少表三"),
        ({"table3": [[1] * 7]}, "table3：缺少表三"),
        ({"table3": {"1": [1] * 6}}, 'table3 的"1"行：应为7个数的列表'),
        ({"table3": {"1": [1, "2", 0, 0, 0, 0, 3]}}, 'table3 的"1"行第2个（商业企业）：应为整数'),
        ({"table3": {"1": [1, False, 0, 0, 0, 0, 3]}}, 'table3 的"1"行第2个（商业企业）：应为整数'),
        ({"table4": [0] * 14}, "table4：应为15个数的列表"),
        ({"table4": [0, {}] + [0] * 13}, "table4第2个（行政复议·结果纠正）：应为整数"),
        ({"cells": ["1"]}, "cells：应为按行、列列出"),
        ({"cells": {"9": {}}}, 'cells 的"9"：表三没有这一行'),
        ({"cells": {"1": ["a"]}}, 'cells 的"1"：应为按列列出'),
        ({"cells": {"1": {"个人": []}}}, 'cells 的"1"行“个人”列：表三没有这一列'),
        ({"cells": {"1": {"自然人": [7]}}}, 'cells 的"1"行“自然人”列：应为申请编号'),
        ({"cells": {"1": {"自然人": "7"}}}, 'cells 的"1"行“自然人”列：应为申请编号'),
    ],
)
def test_a_file_with_values_of_the_wrong_kind_says_which(
    change: dict[str, object], said: str
) -> None:
    with pytest.raises(MalformedTables) as fault:
        read_tables(report("suqian_city_2023") | change, FORMS)
    assert str(fault.value).startswith(said)


def test_a_file_that_names_no_form_is_read_on_that_of_its_year() -> None:
    data = report("suqian_city_2023")
    del data["format"]
    assert read_tables(data, FORMS).form == FORM
    with pytest.raises(NoFormForYear):
        read_tables(data | {"year": 2015}, FORMS)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)
ROW = st.lists(st.none() | st.integers() | st.floats(), min_size=7, max_size=7)


@given(
    st.fixed_dictionaries(
        {
            "year": st.integers(2018, 2030) | JSON,
            "table3": st.dictionaries(st.sampled_from([*FORM.rows, "3.6", "5"]), ROW | JSON) | JSON,
        },
        optional={
            "agency": st.text() | JSON,
            "format": st.sampled_from(["2019", "2021"]) | JSON,
            "table4": st.lists(st.none() | st.integers(), min_size=15, max_size=15) | JSON,
            "cells": JSON,
            "columns": JSON,
        },
    )
)
def test_any_file_is_judged_or_refused_by_name(data: dict[str, Any]) -> None:
    try:
        found = check_tables(data, FORMS)
    except (MalformedTables, NoFormForYear):
        return
    assert any(not check.ok for check in found)  # no such table is complete
