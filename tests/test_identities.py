"""Every fault put into a year that balances is found, and answered with case numbers."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest
from published_reports import FORMS, KINDS, lines

from models.errors import WrongPreviousYear
from models.report_tables.form import form_for
from models.report_tables.identities import carried_over, checks
from models.report_tables.table3 import Table3, table3

FORM = form_for(FORMS, 2023)
LINES = lines("suqian_city_2023")
TABLE = table3(LINES, 2023, FORM)
PREVIOUS = table3(LINES, 2022, FORM)
FILLED = [(code, kind) for code in FORM.rows for kind in FORM.columns if TABLE.cases(code, kind)]


def faults(table: Table3, previous: Table3 | None = None) -> dict[str, tuple[str, ...]]:
    """The checks that fail, with the cases they name."""
    return {check.id: check.cases for check in checks(table, previous) if not check.ok}


def damaged() -> Table3:
    return replace(TABLE, cells=deepcopy(TABLE.cells))


def test_a_year_that_balances_has_no_fault() -> None:
    assert faults(TABLE, PREVIOUS) == {}


@pytest.mark.parametrize(("code", "column"), FILLED)
def test_a_case_taken_out_of_any_one_cell_is_named(code: str, column: str) -> None:
    table = damaged()
    lost = table.cases(code, column).pop()
    named = [case for cases in faults(table).values() for case in cases]
    assert lost in named


@pytest.mark.parametrize("code", FORM.rows)
@pytest.mark.parametrize("column", FORM.columns)
def test_a_case_put_into_any_one_cell_is_named(code: str, column: str) -> None:
    table = damaged()
    table.cases(code, column).append("多余的1号")
    found = faults(table)
    assert found
    assert set().union(*found.values()) == {"多余的1号"}


@pytest.mark.parametrize("code", [*FORM.result_codes, "4"])
def test_a_case_counted_under_two_ends_is_named(code: str) -> None:
    table = damaged()
    other = "3.1" if code != "3.1" else "3.2"
    twice = table.cases(other, "自然人")[0]
    table.cases(code, "自然人").append(twice)
    assert faults(table)["cases.ended_once"] == (twice,)


def test_a_case_in_two_columns_is_named() -> None:
    table = table3([*LINES, next(x for x in LINES if x.row)._replace(column="其他")], 2023, FORM)
    assert set(faults(table)) == {"cases.received_once", "cases.ended_once"}


@pytest.mark.parametrize("code", ["1", "3.1", "3.4.1", "4"])
def test_a_case_in_the_wrong_column_of_one_row_breaks_both_columns(code: str) -> None:
    table = damaged()
    moved = table.cases(code, "自然人").pop()
    table.cases(code, "其他").append(moved)
    for other in (*FORM.result_codes, "3.7"):
        table.cells[other][FORM.total] = [n for k in KINDS for n in table.cases(other, k)]
    found = faults(table)
    assert found
    assert all(cases == (moved,) for cases in found.values())


def test_a_result_moved_to_the_row_of_open_cases_is_named() -> None:
    table = damaged()
    for column in ("商业企业", FORM.total):
        case = TABLE.cases("3.1", "商业企业")[0]
        table.cases("3.1", column).remove(case)
        table.cases("4", column).append(case)
    assert faults(table) == {
        f"cases.{identity}.{column}": (case,)
        for identity in ("balance", "results")
        for column in ("商业企业", FORM.total)
    }


def test_the_carry_over_is_compared_case_by_case() -> None:
    swapped = replace(PREVIOUS, cells=deepcopy(PREVIOUS.cells))
    out = swapped.cases("4", "自然人").pop()
    swapped.cases("4", "自然人").append("2022-自然人-999")
    [found] = [check for check in carried_over(TABLE, swapped) if not check.ok]
    assert found.id == "cases.carried.自然人"
    assert set(found.cases) == {out, "2022-自然人-999"}
    assert found.message == (
        "‘自然人’列：上年结转与2022年度表三的结转下年度不是同样的申请（均为91件）；"
        f"2023年度上年结转多出{out}；2022年度结转下年度多出2022-自然人-999"
    )


def test_only_the_year_before_can_be_compared() -> None:
    with pytest.raises(WrongPreviousYear, match="2022 年度而不是 2021 年度"):
        carried_over(TABLE, replace(PREVIOUS, year=2021))


def test_a_long_list_of_cases_is_cut_in_the_message_and_whole_in_the_data() -> None:
    table = damaged()
    table.cells["3.7"]["自然人"] = []
    [check] = [c for c in checks(table) if c.id == "cases.results.自然人"]
    assert len(check.cases) == 3375
    assert check.message.endswith("等3375件")
    assert len(check.message) < 200


def test_the_names_of_the_checks_do_not_depend_on_the_outcome() -> None:
    empty = table3([], 2023, FORM)
    assert [c.id for c in checks(empty)] == [c.id for c in checks(TABLE)]
    assert len({c.id for c in checks(TABLE, PREVIOUS)}) == len(checks(TABLE, PREVIOUS)) == 49
