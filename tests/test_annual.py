"""Table 三 from cases: where each is counted, and that the published tables come out again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published_reports import FORMS, KINDS, NAMES, figures, lines, report

from models.errors import UncountableCase
from models.report_tables.form import form_for
from models.report_tables.identities import checks
from models.report_tables.table3 import CaseLine, Table3, summed_up, table3

FORM = form_for(FORMS, 2023)
PERSON = "自然人"


def counted(line: CaseLine, year: int = 2023) -> list[str]:
    """The rows in which one application is counted, sums left out."""
    table = table3([line], year, form_for(FORMS, year))
    return [
        code
        for code, row in table.form.rows.items()
        if row.kind != "results" and table.cases(code, line.column)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_the_cases_of_a_published_year_give_its_table_cell_by_cell(name: str) -> None:
    year = report(name)["year"]
    found = table3(lines(name), year, form_for(FORMS, year)).figures()
    published = figures(name)
    if "3.6" in published:
        rows = zip(found.pop("3.6.1"), found.pop("3.6.2"), found.pop("3.6.3"), strict=True)
        found["3.6"] = tuple(map(sum, rows))
    assert found == published


@pytest.mark.parametrize(
    ("received", "closed", "row", "expected"),
    [
        pytest.param("2023-01-01", "2023-01-01", "3.1", ["1", "3.1"], id="all on 1 January"),
        pytest.param("2023-12-31", "2023-12-31", "3.2", ["1", "3.2"], id="all on 31 December"),
        pytest.param("2022-12-31", "2023-01-01", "3.4.1", ["2", "3.4.1"], id="carried in"),
        pytest.param("2022-12-31", "2022-12-31", "3.1", [], id="closed before the year"),
        pytest.param("2022-01-04", "2023-12-31", "3.1", ["2", "3.1"], id="long overdue, closed"),
        pytest.param("2023-12-31", None, None, ["1", "4"], id="open on 31 December"),
        pytest.param("2023-12-01", "2024-01-01", "3.1", ["1", "4"], id="closed on 1 January after"),
        pytest.param("2022-02-01", None, None, ["2", "4"], id="overdue for a year: still open"),
        pytest.param("2022-02-01", "2024-05-01", "3.1", ["2", "4"], id="open all year"),
        pytest.param("2024-01-01", None, None, [], id="received after the year"),
        pytest.param("2024-01-01", "2024-01-02", "3.1", [], id="all after the year"),
    ],
)
def test_an_application_is_counted_where_it_stood_on_31_december(
    received: str, closed: str | None, row: str | None, expected: list[str]
) -> None:
    line = CaseLine(
        "1", PERSON, date.fromisoformat(received), closed and date.fromisoformat(closed), row
    )
    assert counted(line) == expected


def test_the_form_of_2019_has_one_row_for_other_closures() -> None:
    for row in ("3.6.1", "3.6.2", "3.6.3", "3.6"):
        line = CaseLine("1", PERSON, date(2020, 3, 2), date(2020, 4, 1), row)
        assert counted(line, 2020) == ["1", "3.6"]


def test_a_cell_lists_its_cases_in_the_order_of_the_register() -> None:
    day = date(2023, 3, 1)
    table = table3([CaseLine(n, PERSON, day, day, "3.1") for n in ("9", "10", "2")], 2023, FORM)
    assert table.cases("3.1", PERSON) == table.cases("3.7", "总计") == ["9", "10", "2"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"column": "个人"}, "申请人类别“个人”不是表三的列"),
        ({"column": "总计"}, "申请人类别“总计”不是表三的列"),
        ({"row": "3.9"}, "办理结果“3.9”不是表三的行"),
        ({"row": "3.7"}, "办理结果“3.7”不是表三的行"),
        ({"row": None}, "已于 2023年4月1日 办结，但没有办理结果"),
        ({"closed_on": date(2023, 3, 1)}, "办结日期 2023年3月1日 早于收到日期 2023年3月2日"),
        ({"closed_on": date(2021, 3, 1)}, "办结日期 2021年3月1日 早于收到日期 2023年3月2日"),
    ],
)
def test_a_case_that_fits_no_cell_is_named(wrong: dict[str, object], why: str) -> None:
    right = CaseLine("沪依〔2023〕7号", PERSON, date(2023, 3, 2), date(2023, 4, 1), "3.1")
    with pytest.raises(UncountableCase) as fault:
        table3([right._replace(**wrong)], 2023, FORM)
    assert fault.value.number == "沪依〔2023〕7号"
    assert why in str(fault.value)


DAYS = st.dates(date(2021, 11, 1), date(2025, 2, 1))


@st.composite
def registers(draw: st.DrawFn) -> list[CaseLine]:
    """Any register: cases open and closed, in any column, over three years."""
    found = []
    for n in range(draw(st.integers(0, 40))):
        received = draw(DAYS)
        days = draw(st.none() | st.integers(0, 500))
        row = None if days is None else draw(st.sampled_from(FORM.result_codes))
        closed = None if days is None else received + timedelta(days)
        found.append(CaseLine(str(n), draw(st.sampled_from(KINDS)), received, closed, row))
    return found


@given(registers())
def test_every_identity_holds_for_any_register(register: list[CaseLine]) -> None:
    before, after = (table3(register, year, FORM) for year in (2023, 2024))
    faults = [check for check in checks(after, before) if not check.ok]
    assert faults == []


@given(registers(), st.randoms(use_true_random=False))
def test_the_table_does_not_depend_on_when_or_in_what_order_it_is_made(
    register: list[CaseLine], chance: object
) -> None:
    table = table3(register, 2023, FORM)
    assert table3(list(register), 2023, FORM) == table
    chance.shuffle(register)  # type: ignore[attr-defined]
    assert as_sets(table3(register, 2023, FORM)) == as_sets(table)


@settings(max_examples=30)
@given(registers())
def test_cases_already_grouped_give_the_same_table(register: list[CaseLine]) -> None:
    table = table3(register, 2023, FORM)
    grouped = {
        code: {kind: cells[kind] for kind in KINDS if cells[kind]}
        for code, cells in table.cells.items()
        if code != "3.7"
    }
    assert summed_up(grouped, 2023, FORM) == table


def test_what_is_recorded_after_the_year_does_not_change_its_table() -> None:
    open_case = CaseLine("1", PERSON, date(2023, 12, 20), None, None)
    closed_since = open_case._replace(closed_on=date(2024, 1, 10), row="3.4.1")
    assert table3([open_case], 2023, FORM) == table3([closed_since], 2023, FORM)


def test_the_figures_are_the_lengths_of_the_lists() -> None:
    table = table3(lines("suqian_city_2023"), 2023, FORM)
    longer = replace(table, cells=table.cells | {"4": {k: ["x"] * 9 for k in FORM.columns}})
    assert longer.figures()["4"] == (9,) * 7


def as_sets(table: Table3) -> dict[tuple[str, str], set[str]]:
    return {
        (code, column): set(cases)
        for code, cells in table.cells.items()
        for column, cases in cells.items()
    }
