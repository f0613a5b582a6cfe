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

from flows import annual_report, office
from flows.simulate import simulate
from models.annual import CaseLine, Table3, summed_up, table3
from models.annual_form import form_for
from models.identities import checks
from models.published import check_tables
from models.recount import CHECK, recounted
from models.tables_file import parse, write_tables
from models.text_figures import text_checks

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


def own_file() -> dict[str, Any]:
    """A file of our own: figures, and the cases of every cell."""
    name = "hongze_district_2023"
    table = table3(lines(name), 2023, FORM)
    table4 = [*report(name)["table4"][:10], 5, 0, 0, 0, 5]
    written = write_tables("某局", table, [], table2={}, table4=table4)
    return json.loads(json.dumps(parse(written.encode())))


@pytest.mark.parametrize("change", [1, -1, 7])
def test_every_single_cell_changed_is_found_and_its_cases_named(change: int) -> None:
    data = own_file()
    data["table4"][4] = sum(data["table4"][:4])
    assert all(check.ok for check in check_tables(data, FORMS))
    for code, row in data["table3"].items():
        for n, column in enumerate(FORM.columns):
            row[n] += change
            found = {c.id: c for c in check_tables(data, FORMS) if not c.ok}
            cell = found[f"table3.cells.{code}.{column}"]
            assert len(cell.cases) == row[n] - change
            row[n] -= change
    for n in range(15):
        data["table4"][n] += change
        assert [c.id for c in check_tables(data, FORMS) if not c.ok]
        data["table4"][n] -= change


def test_every_single_cell_left_blank_is_found() -> None:
    data = own_file()
    for row in (*data["table3"].values(), data["table4"]):
        for n, figure in enumerate(row):
            row[n] = None
            failed = {c.id for c in check_tables(data, FORMS) if not c.ok}
            assert failed & {"table3.blank", "table4.blank"}
            row[n] = figure


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
        "text.received": "文字部分写“受理政府信息公开申请17件”，表格、登记簿为95"
        "（文字为约数或者只说其中一部分，请核实）"
    }
    spoken = [
        check.verdict
        for check in check_tables(report("suqian_city_2023"), FORMS)
        if check.id.startswith("text.")
    ]
    assert (spoken.count("成立"), spoken.count("无法判断")) == (8, 1)
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
