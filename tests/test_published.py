"""Published tables are judged rightly: of the wrong ones the cells that are wrong are named."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from published_reports import FORMS, NAMES, lines, report

from models.report_tables.form import form_for
from models.report_tables.table3 import table3
from models.report_tables.tables_file import parse, read_tables, write_tables
from models.units.published import check_tables

WRONG = {
    "hongze_district_2023": {
        "table4.total.行政复议": (
            "表四‘行政复议’：结果维持＋结果纠正＋其他结果＋尚未审结＝10＋1＋0＋0＝11，总计为0，相差11"
        ),
        "table4.total.复议后起诉": (
            "表四‘复议后起诉’：结果维持＋结果纠正＋其他结果＋尚未审结＝5＋0＋0＋0＝5，总计为0，相差5"
        ),
    },
    "shuyang_county_drc_2023": {
        "table3.blank": (
            "表三有125格未填写：全部25行的‘商业企业’‘科研机构’‘社会公益组织’‘法律服务机构’‘其他’"
            "（没有发生的应填0，以下按0核对）"
        ),
    },
}
"""The faults of the published reports, found by hand; the others have none."""

RIGHT = "shanghai_gov_office_2025"


def faults(data: dict[str, Any]) -> dict[str, str]:
    return {check.id: check.message for check in check_tables(data, FORMS) if not check.ok}


def written(year: int = 2023, name: str = "suqian_city_2023") -> dict[str, Any]:
    """A file of our own, with its cases, as anyone would read it."""
    table = table3(lines(name), year, form_for(FORMS, year))
    return dict(
        parse("".join(write_tables("某局", table, [], table2={}, table4=[0] * 15)).encode())
    )


@pytest.mark.parametrize("name", NAMES)
def test_exactly_the_wrong_cells_of_the_published_reports_are_named(name: str) -> None:
    assert faults(report(name)) == WRONG.get(name, {})


@pytest.mark.parametrize("change", [1, -1])
def test_every_change_of_one_figure_is_found(change: int) -> None:
    data = report(RIGHT)
    for code, row in data["table3"].items():
        for n, column in enumerate(data["columns"]):
            row[n] += change
            found = faults(data)
            assert found, (code, column)
            cells = {i: m for i, m in found.items() if not i.startswith("text.")}
            assert all(column in m or code in i for i, m in cells.items()), (code, column)
            row[n] -= change
    for n in range(15):
        data["table4"][n] += change
        assert len([i for i in faults(data) if i.startswith("table4.total")]) == 1
        data["table4"][n] -= change
    assert faults(data) == {}


def test_the_message_shows_both_sides_of_the_sum() -> None:
    data = report("hongze_district_2023")
    data["table3"]["3.7"][0] = 20
    found = faults(data)
    assert found["table3.balance.自然人"] == (
        "‘自然人’列：一＋二＝21＋0＝21，三（七）＋四＝20＋0＝20，相差1"
    )
    assert found["table3.results.自然人"] == (
        "‘自然人’列：（一）至（六）各项之和为21，（七）总计为20，相差1"
    )
    assert found["table3.total.3.7"] == "‘（七）总计’行：六类申请人之和为20，总计为21，相差1"


def test_one_row_for_other_closures_is_accepted_and_said() -> None:
    [rows] = [
        c for c in check_tables(report("hongze_district_2024"), FORMS) if c.id == "table3.rows"
    ]
    assert rows.ok
    assert rows.message == (
        "表三23行齐全；“（六）其他处理”按2019年格式只列一行，2021年格式分列3行，不影响核对"
    )


def test_three_rows_for_other_closures_are_accepted_in_a_report_on_2020() -> None:
    data = report(RIGHT) | {"year": 2020, "format": "2019", "table2": None}
    assert faults(data) == {}


def test_a_row_and_its_parts_together_are_a_fault() -> None:
    data = report(RIGHT)
    data["table3"]["3.6"] = [0] * 7
    assert faults(data) == {"table3.rows": "表三没有这样的行：3.6"}


@pytest.mark.parametrize(
    ("code", "judged"),
    [
        ("1", {"text.closed", "text.granted"}),
        ("2", {"text.closed", "text.granted"}),
        ("3.1", {"text.received", "text.closed"}),
        ("3.7", {"text.received", "text.granted"}),
        ("4", {"text.received", "text.closed", "text.granted"}),
    ],
)
def test_words_are_not_compared_with_a_row_that_is_not_there(code: str, judged: set[str]) -> None:
    data = report("hongze_district_2024")
    words = "全年收到政府信息公开申请1000件，办结1001件，其中予以公开1002件。"
    data["section1_figures"] = {"narrative": words}
    del data["table3"][code]
    found = {check.id for check in check_tables(data, FORMS) if not check.ok}
    assert {one for one in found if one.startswith("text.")} == judged


@pytest.mark.parametrize("key", ["words", "section1_figures"])
@pytest.mark.parametrize("of", ["{}", ["总体情况。", "{}"], {"1": "{}"}])
def test_words_are_read_with_their_sections_and_without(key: str, of: Any) -> None:
    data = report("suqian_city_2023")
    data.pop("section1_figures", None)
    for figure, verdict in ((3511, "成立"), (3512, "不成立")):
        said = f"本年新收政府信息公开申请{figure}件。"
        if isinstance(of, str):
            data[key] = said
        else:
            data[key] = ["总体情况。", said] if isinstance(of, list) else {"1": said}
        found = {check.id: check.verdict for check in check_tables(data, FORMS)}
        assert found["text.received"] == verdict


def test_a_missing_row_is_named_and_the_rest_still_judged() -> None:
    data = report(RIGHT)
    del data["table3"]["3.3.2"], data["table3"]["4"]
    found = faults(data)
    assert found["table3.rows"] == (
        "表三缺少2行（以下按0核对）：（三）不予公开 2.其他法律行政法规禁止公开；"
        "四、结转下年度继续办理"
    )
    assert set(found) == {"table3.rows"} | {
        f"table3.balance.{column}" for column in ("自然人", "商业企业", "总计")
    }


def test_the_arithmetic_is_judged_with_blanks_as_0() -> None:
    data = report("shuyang_county_drc_2023")
    data["table3"]["3.1"][0] = None
    found = faults(data)
    assert found["table3.results.自然人"].endswith("各项之和为0，（七）总计为26，相差26")
    assert "表三有126格未填写：一、二、三（二）、" in found["table3.blank"]


def test_a_blank_in_table_four_is_a_fault() -> None:
    data = report(RIGHT)
    data["table4"][1] = None
    assert faults(data) == {
        "table4.blank": "表四有1格未填写：行政复议的‘结果纠正’（没有发生的应填0，以下按0核对）"
    }


def test_a_report_without_table_four_is_not_passed() -> None:
    data = report(RIGHT)
    del data["table4"]
    assert faults(data) == {"table4.present": "没有表四，无法核对（没有发生的应填0）"}


@pytest.mark.parametrize("wrong", [-1, 1.5, float("inf")])
def test_a_figure_that_is_no_whole_number_is_named(wrong: float) -> None:
    data = report(RIGHT)
    data["table3"]["3.4.1"][2] = wrong
    assert faults(data)["table3.whole"] == f"表三应填非负整数：三（四）1‘科研机构’为{wrong}"


@pytest.mark.parametrize(
    ("year", "stated", "said"),
    [
        (2020, "2021", "2020年度报告不适用所标明的2021年格式（国办公开办函〔2021〕30号）"),
        (2023, "国办公开办函〔2019〕60号", "2023年度报告不适用所标明的2019年格式"),
        (2010, "2021", "2010年度报告不适用所标明的2021年格式"),
    ],
)
def test_a_report_on_the_form_of_another_year_is_a_fault(year: int, stated: str, said: str) -> None:
    found = faults(report(RIGHT) | {"year": year, "format": stated, "table2": None})
    assert list(found) == ["report.form"]
    assert found["report.form"].startswith(said)


@pytest.mark.parametrize(
    ("change", "check", "said"),
    [
        ({"行政许可": None}, "blank", "表二有1格未填写：行政许可·本年处理决定数量（"),
        (
            {"行政许可": -1},
            "whole",
            "表二应填非负整数（金额可以有小数）：行政许可·本年处理决定数量为-1",
        ),
        ({"行政许可": 1.5}, "whole", "行政许可·本年处理决定数量为1.5"),
        (
            {"行政事业性收费(万元)": -0.1},
            "whole",
            "行政事业性收费·本年收费金额（单位：万元）为-0.1",
        ),
        ({"规章": [1, 2]}, "items", "表二“规章”应有3个数，填了2个"),
        ({"规章": 1}, "items", "表二“规章”应有3个数，填了1个"),
        ({"行政检查": 1}, "items", "表二2021年格式没有“行政检查”"),
        ({"行政许可 ": 1}, "items", "表二“行政许可”列了两次（“行政许可 ”）"),
    ],
)
def test_a_fault_in_table_two_of_anybodys_report_is_named(
    change: dict[str, Any], check: str, said: str
) -> None:
    data = report("hongze_district_2023")
    data["table2"] |= change
    assert said in faults(data)[f"table2.{check}"]


@pytest.mark.parametrize(
    "name",
    [
        "行政事业性收费（万元）",
        "行政事业性收费 (单位：万元)",
        " 行政 事业性收费",
        "行政事业性收费(万元)",
    ],
)
def test_an_item_of_table_two_is_known_by_its_name_in_any_width(name: str) -> None:
    data = report("hongze_district_2023")
    data["table2"][name] = data["table2"].pop("行政事业性收费(万元)")
    tables = read_tables(data, FORMS)
    assert tables.table2.figure("行政事业性收费", "collected") == 7730.28
    assert (tables.table2.absent, tables.table2.unplaced) == ((), ())


def test_a_fee_in_another_unit_is_not_taken_for_one_in_ten_thousands() -> None:
    data = report("hongze_district_2023")
    data["table2"]["行政事业性收费(元)"] = data["table2"].pop("行政事业性收费(万元)")
    assert "没有“行政事业性收费(元)”" in faults(data)["table2.items"]


def test_what_a_report_of_others_does_not_state_of_table_two_cannot_be_judged() -> None:
    found = {c.id: c for c in check_tables(report(RIGHT), FORMS)}["table2.items"]
    assert found.verdict == "无法判断"
    assert found.message == (
        "表二没有“行政事业性收费”；“规章”写的不是数；“行政规范性文件”写的不是数"
    )


def test_more_documents_made_than_are_in_force_is_doubtful() -> None:
    data = report("hongze_district_2023")
    data["table2"]["规章"] = [5, 1, 3]
    [found] = [c for c in check_tables(data, FORMS) if c.verdict == "存疑"]
    assert found.id == "table2.stock.规章"


def test_of_counts_only_a_change_may_be_below_0() -> None:
    data = report("hongze_district_2023") | {"year": 2020, "format": "2019"}
    data["table2"] = {
        "规章": [0, 0, 0],
        "规范性文件": [3, 3, 9],
        "行政许可": [9, -2, 40],
        "其他对外管理服务事项": [0, 0, 0],
        "行政处罚": [5, 1, 7],
        "行政强制": [1, 0, 0],
        "行政事业性收费": [2, -1],
        "政府集中采购": [4, 1200.5],
    }
    assert [check for check in faults(data) if check.startswith("table2")] == []
    data["table2"]["行政许可"][0] = -9
    assert "行政许可·上一年项目数量为-9" in faults(data)["table2.whole"]


def test_our_own_file_passes_with_its_cases() -> None:
    data = written()
    assert data["cells"]["3.3.7"]["自然人"]
    assert faults(data) == {}
    assert any(check.id.startswith("cases.") for check in check_tables(data, FORMS))


def test_a_figure_that_is_not_the_number_of_its_cases_is_named() -> None:
    data = written()
    data["cells"]["3.4.2"]["商业企业"].pop()
    found = faults(data)
    assert found["table3.cells.3.4.2.商业企业"] == (
        "‘商业企业’列‘（四）无法提供 2.没有现成信息需要另行制作’：数字为2，所列申请1件"
    )
    assert not any(check.startswith("table3.balance") for check in found)


def test_figures_that_balance_over_cases_that_do_not_are_found() -> None:
    data = written()
    twice, other = data["cells"]["3.1"]["自然人"][:2]
    data["cells"]["3.1"]["自然人"][1] = twice
    named = {c.id: c.cases for c in check_tables(data, FORMS) if not c.ok}
    assert named["cases.ended_once"] == (twice,)
    assert set(named["cases.balance.自然人"]) == {twice, other}
    assert not any(check.startswith("table3.") for check in named)


def test_checking_changes_nothing() -> None:
    data = written()
    before = deepcopy(data)
    check_tables(data, FORMS)
    assert data == before


def test_sums_that_list_their_cases_are_compared_too() -> None:
    data = written()
    summed = [n for code in ("3.1", "3.4.1") for n in data["cells"][code]["社会公益组织"]]
    data["cells"]["3.7"] = {"社会公益组织": summed}
    assert faults(data) == {}
    left_out = summed.pop()
    named = {c.id: c.cases for c in check_tables(data, FORMS) if not c.ok}
    assert named["cases.results.社会公益组织"] == (left_out,)
    assert named["table3.cells.3.7.社会公益组织"] == tuple(summed)


def test_a_kind_of_applicant_misstated_in_words_is_found() -> None:
    data = deepcopy(report("suqian_city_2023"))
    before = faults(data)
    told = data["section1_figures"]["narrative"]
    data["section1_figures"]["narrative"] = told.replace("自然人申请3493件", "自然人申请3000件")
    assert faults(data).keys() - before.keys() == {"text.申请人：自然人"}


@pytest.mark.parametrize(("yuan", "verdict"), [(77302800, None), (77302801, "存疑")])
def test_more_information_fees_in_words_than_all_fees_together_is_doubtful(
    yuan: int, verdict: str | None
) -> None:
    data = report("hongze_district_2023")
    data["section1_figures"] = {"fees": f"全年收取政府信息公开信息处理费{yuan}元"}
    found = {c.id: str(c.verdict) for c in check_tables(data, FORMS)}
    assert found.get("text.fees") == verdict
