"""Every fault put into a year that balances is found, and the cases are named (条例第五十条)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from published_reports import FORMS, figures, lines, report
from sqlalchemy import text
from years import MEASURES, fact

from flows import office
from flows.commands.simulate import simulate
from flows.year import annual_report
from models.report_tables.form import form_for
from models.report_tables.identities import Check, checks
from models.report_tables.table2 import table2
from models.report_tables.table3 import CaseLine, Table3, summed_up, table3
from models.report_tables.table4 import ReviewLine, table4
from models.report_tables.tables_file import parse
from models.report_tables.text_checks import text_checks
from models.units.published import check_tables
from models.year.second_count import CHECK, recounted
from models.year.year_checks import plain_text
from models.year.year_figures import Tables
from tests.schemas import once

FORM = form_for(FORMS, 2023)
ONE_EACH = [
    CaseLine(f"{kind}-{code}", kind, date(2023, 3, 1), date(2023, 3, 20), code)
    for kind in ("自然人", "商业企业")
    for code in FORM.result_codes
]
VALID = table3(ONE_EACH, 2023, FORM)
MISFILED = [
    (kind, here, there)
    for kind in ("自然人", "商业企业")
    for here in FORM.result_codes
    for there in FORM.result_codes
    if here != there
]


def named(table: Table3, truth: Table3 = VALID) -> tuple[str, ...]:
    check = recounted(table, truth)
    return () if check.ok else check.cases


# ── misfiled: the sums do not tell, the histories do ──────────────────────────────────────────


@once
def test_every_misfiling_between_two_rows_is_found_and_the_case_named() -> None:
    assert named(VALID) == ()
    assert len(MISFILED) == 2 * 21 * 20 == 840
    for kind, here, there in MISFILED:
        cells = {code: {k: list(v) for k, v in row.items()} for code, row in VALID.cells.items()}
        [case] = cells[here][kind]
        cells[here][kind].remove(case)
        cells[there][kind].append(case)
        table = summed_up(cells, 2023, FORM)
        assert all(check.ok for check in checks(table)), "every sum is as it should be"
        assert named(table) == (case,), (kind, here, there)


def test_it_is_said_where_the_case_stands_and_where_it_should() -> None:
    cells = {code: {k: list(v) for k, v in row.items()} for code, row in VALID.cells.items()}
    cells["3.1"]["自然人"].append(cells["3.3.6"]["自然人"].pop())
    check = recounted(summed_up(cells, 2023, FORM), VALID)
    assert check.message.endswith(
        "自然人-3.3.6计在“一、三（一）”行“自然人”列，按办理经过应在“一、三（三）6”行“自然人”列"
    )


@pytest.mark.parametrize("of", ["商业企业", "其他"])
def test_a_case_in_another_column_is_found(of: str) -> None:
    moved = [one._replace(column=of) if one.number == "自然人-3.1" else one for one in ONE_EACH]
    assert named(table3(moved, 2023, FORM)) == ("自然人-3.1",)


@pytest.mark.parametrize(
    "change",
    [
        {"received_on": date(2022, 12, 30)},
        {"received_on": date(2024, 1, 3), "closed_on": None, "row": None},
        {"closed_on": date(2024, 1, 3)},
        {"closed_on": None, "row": None},
    ],
)
def test_a_case_in_the_wrong_year_is_found(change: dict[str, Any]) -> None:
    moved = [one._replace(**change) if one.number == "自然人-3.1" else one for one in ONE_EACH]
    assert named(table3(moved, 2023, FORM)) == ("自然人-3.1",)


def test_a_case_counted_in_two_years_is_found() -> None:
    later = [one._replace(received_on=date(2023, 1, 5)) for one in ONE_EACH[:1]]
    before = table3(
        [one._replace(received_on=date(2022, 3, 1), closed_on=date(2022, 4, 1)) for one in later],
        2022,
        FORM,
    )
    found = {one.id: one.cases for one in checks(table3(later, 2023, FORM), before) if not one.ok}
    assert found == {"cases.one_year": (later[0].number,)}


# ── figures ───────────────────────────────────────────────────────────────────────────────────


OWN_FACTS = (
    fact("规章", "in_force", 0, "2022-12-31"),
    fact("行政规范性文件", "in_force", 10, "2022-12-31"),
    fact("行政规范性文件", "made", 4, "2023-03-01"),
    fact("行政规范性文件", "repealed", 1, "2023-05-01"),
    fact("行政许可", "decisions", 550, "2023-12-31"),
    fact("行政处罚", "decisions", 70, "2023-06-30"),
    fact("行政处罚", "decisions", 49, "2023-12-31"),
    fact("行政强制", "decisions", 0, "2023-12-31"),
    fact("行政事业性收费", "collected", 7730_2800_00, "2023-12-31"),
)


def own_file() -> dict[str, Any]:
    """A file of our own: figures, the cases of every cell, the facts of table 二."""
    of_year = [
        ReviewLine(f"{group.key}{column}{n}", group.key, date(2023, 3, 1), date(2023, 6, 1), column)
        for group in FORM.review
        for m, column in enumerate(group.columns[:3])
        for n in range(m + 1)
    ]
    pending = [ReviewLine(f"{g.key}未结", g.key, date(2023, 12, 1)) for g in FORM.review]
    whole = Tables(
        table2(OWN_FACTS, 2023, FORM, MEASURES),
        table3(lines("hongze_district_2023"), 2023, FORM),
        table4([*of_year, *pending], 2023, FORM),
    )
    return json.loads(json.dumps(parse(plain_text("某局", whole).encode())))


def failing(data: dict[str, Any]) -> dict[str, Check]:
    return {check.id: check for check in check_tables(data, FORMS) if not check.ok}


def places2(data: dict[str, Any]) -> Iterator[tuple[str, int, str]]:
    """Every cell of table 二: its item, where in the item, and the id of its check."""
    for group, item in FORM.items():
        for n, column in enumerate(group.columns):
            yield item, n, f"table2.cells.{item}.{column}"


def put2(data: dict[str, Any], item: str, n: int, figure: Any) -> None:
    row = data["table2"][item]
    if isinstance(row, list):
        row[n] = figure
    else:
        data["table2"][item] = figure


def of2(data: dict[str, Any], item: str, n: int) -> Any:
    row = data["table2"][item]
    return row[n] if isinstance(row, list) else row


@once
@pytest.mark.parametrize("change", [1, -1, 7])
def test_every_single_cell_changed_is_found_and_its_cases_named(change: int) -> None:
    data = own_file()
    assert failing(data) == {}
    for code, row in data["table3"].items():
        for n, column in enumerate(FORM.columns):
            row[n] += change
            cell = failing(data)[f"table3.cells.{code}.{column}"]
            assert len(cell.cases) == row[n] - change
            row[n] -= change
    columns = [(group.key, column) for group in FORM.review for column in group.columns]
    for n, (group, column) in enumerate(columns):
        data["table4"][n] += change
        cell = failing(data)[f"table4.cells.{group}.{column}"]
        assert len(cell.cases) == data["table4"][n] - change
        data["table4"][n] -= change
    for item, n, check in places2(data):
        figure = of2(data, item, n)
        put2(data, item, n, figure + change)
        assert check in failing(data)
        put2(data, item, n, figure)
    assert failing(data) == {}


@once
def test_every_single_cell_left_blank_is_found() -> None:
    data = own_file()
    for row in (*data["table3"].values(), data["table4"]):
        for n, figure in enumerate(row):
            row[n] = None
            assert failing(data).keys() & {"table3.blank", "table4.blank"}
            row[n] = figure
    for item, n, _ in places2(data):
        figure = of2(data, item, n)
        put2(data, item, n, None)
        assert "table2.blank" in failing(data)
        put2(data, item, n, figure)


def test_an_item_of_table_two_left_out_or_in_words_is_found() -> None:
    for item in own_file()["table2"]:
        data = own_file()
        figures = data["table2"].pop(item)
        assert f"没有“{item}”" in failing(data)["table2.items"].message
        data["table2"][item] = "若干"
        assert f"“{item}”写的不是数" in failing(data)["table2.items"].message
        data["table2"][item] = figures if isinstance(figures, list) and figures.pop() else [1, 2]
        assert f"“{item}”应有" in failing(data)["table2.items"].message
    del data["table2"]
    assert "table2.present" in failing(data)


def test_a_fact_of_another_year_is_found() -> None:
    data = own_file()
    data["cells2"]["行政许可"]["本年处理决定数量"][0]["on"] = "2022-12-31"
    [found] = failing(data)
    assert found == "table2.cells.行政许可.本年处理决定数量"


@once
def test_every_review_in_two_cells_or_left_out_is_found_and_named() -> None:
    data = own_file()
    cells = [(g.key, column) for g in FORM.review for column in g.columns[:-1]]
    for group, column in cells:
        number = data["cells4"][group][column].pop()
        assert f"table4.cells.{group}.{column}" in failing(data)
        for other, there in cells:
            if (other, there) == (group, column):
                continue
            data["cells4"][other][there].append(number)
            assert f"table4.cells.{other}.{there}" in failing(data), "in another cell"
            data["cells4"][group][column].append(number)
            assert failing(data)["reviews.once"].cases == (number,), "in both"
            data["cells4"][group][column].pop()
            data["cells4"][other][there].pop()
        data["cells4"][group][column].append(number)
    assert failing(data) == {}


# ── words ─────────────────────────────────────────────────────────────────────────────────────

SAID = (
    "2023年，我局共受理政府信息公开申请21件，上年结转2件，办结20件，结转下年度继续办理3件。"
    "其中，予以公开4件，不予公开3件。通过电话等方式提供信息公开受理服务8人次。",
    "因政府信息公开申请，列入统计的行政复议3件、行政诉讼2件。",
    "全年我局收取信息公开处理费2件，共计800元。",
)
RIGHT = {
    "received": (21.0, 23.0),
    "carried_in": (2.0,),
    "closed": (20.0,),
    "carried_out": (3.0,),
    "granted": (4.0,),
    "refused": (3.0,),
    "reviews": (3.0,),
    "suits": (2.0,),
    "fees": (800.0,),
}


def test_words_that_agree_with_the_tables_hold() -> None:
    found = text_checks(SAID, RIGHT)
    assert {check.id for check in found} == {f"text.{name}" for name in RIGHT}
    assert {check.verdict for check in found} == {"成立"}


@pytest.mark.parametrize("name", RIGHT)
def test_every_figure_of_the_words_that_differs_is_found(name: str) -> None:
    wrong = RIGHT | {name: (999.0,)}
    [check] = [one for one in text_checks(SAID, wrong) if one.verdict != "成立"]
    assert check.id == f"text.{name}"
    assert "表格、登记簿为999" in check.message
    assert not check.ok or name in ("granted", "refused"), "“其中” speaks of a part"


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("共受理政府信息公开申请约20件。", "存疑"),
        ("办公室代表本级政府受理政府信息公开申请17件。", "存疑"),
        ("共受理政府信息公开申请20件。", "不成立"),
        ("全年未收取信息公开处理费。", "不成立"),
        ("主动公开政府信息1136条。", "无法判断"),
    ],
)
def test_a_rounded_figure_is_doubtful_and_silence_cannot_be_judged(
    words: str, verdict: str
) -> None:
    found = text_checks([words], {"received": (21.0,), "fees": (800.0,)})
    assert verdict in {check.verdict for check in found}


def test_what_the_published_reports_say_in_words_is_judged() -> None:
    doubted = {
        check.id: check.message
        for check in check_tables(report("hongze_district_2024"), FORMS)
        if check.verdict == "存疑"
    }
    assert doubted == {
        "text.received": "文字部分写“区政府办代表区政府受理政府信息公开申请17件”，表格为95"
        "（文字为约数或者只说其中一部分，请核实）"
    }
    spoken = [
        check.verdict
        for check in check_tables(report("suqian_city_2023"), FORMS)
        if check.id.startswith("text.")
    ]
    assert (spoken.count("成立"), spoken.count("无法判断")) == (10, 1)
    wrong = deepcopy(report("suqian_city_2023"))
    words = wrong["section1_figures"]["narrative"].replace("不予公开142件", "不予公开143件")
    wrong["section1_figures"]["narrative"] = words
    [found] = [check for check in check_tables(wrong, FORMS) if not check.ok]
    assert found.id == "text.refused"
    assert figures("suqian_city_2023")["3.7"][-1] == 3486


# ── in the register ───────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as environment:
        folder = tmp_path_factory.mktemp("faults")
        with empty_register(folder, environment):
            environment.setenv("DISCLOSURE_TODAY", "2025-03-01")
            simulate(2024, 120, 8, letters=False, advance=lambda *_: None)
            yield folder


def judged(session: Any) -> dict[str, tuple[str, ...]]:
    made = annual_report.gathered(session, 2024, date(2025, 3, 1))
    return {check.id: check.cases for check in made.verdicts.checks if not check.ok}


@pytest.mark.parametrize(
    "change",
    [
        "\"row\" = '3.5.5'",
        "applicant_kind = '其他'",
        "received_on = '2023-12-20', received_recorded_on = '2023-12-20'",
        "closed_on = NULL, closed_recorded_on = NULL",
        "received_on = '2025-01-10', closed_on = '2025-01-12'",
    ],
)
def test_a_row_that_somebody_changed_is_found_by_the_events(home: Path, change: str) -> None:
    with office.reading() as session:
        assert judged(session) == {}
        made = annual_report.gathered(session, 2024, date(2025, 3, 1)).figures.tables
        number = made.table3.cases("3.1", "自然人")[3]
        session.execute(text(f"UPDATE application SET {change} WHERE number = '{number}'"))
        assert judged(session)[CHECK] == (number,)
        session.rollback()
