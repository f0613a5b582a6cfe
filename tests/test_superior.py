"""Many units' tables make the superior's, cell by cell; whoever is late, twice or wrong is named."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from published_reports import FORMS, report

from flows.__main__ import main
from models.errors import NoFormForYear
from models.report_tables.form import form_for
from models.units.published import check_tables
from models.units.superior import Merged, merge, sum_checks

NOUGHT = {"行政处罚": 0, "行政强制": 0, "行政事业性收费": 0.1}
TABLE2 = {"规章": [1, 2, 3], "行政规范性文件": [0, 0, 0], "行政许可": 4, **NOUGHT}
OTHER2 = {"规章": [0, 0, 5], "行政规范性文件": [1, 0, 1], "行政许可": 6, **NOUGHT}
RIGHT = report("shanghai_gov_office_2025") | {"table2": TABLE2}
OTHER = report("suqian_city_2023") | {"year": 2025, "table2": OTHER2}
OLD_ROW = report("hongze_district_2024") | {"year": 2025, "table2": TABLE2}
NAMES = (RIGHT["agency"], OTHER["agency"])
IN_TIME, LATE = date(2026, 1, 20), date(2026, 2, 1)


def merged(*units: dict[str, Any], expected: tuple[str, ...] = (), on: date = IN_TIME) -> Merged:
    files = [(f"{n}.json", json.dumps(unit).encode()) for n, unit in enumerate(units)]
    return merge(files, "某市", 2025, FORMS, expected, on)


def said(made: Merged) -> dict[str, str]:
    """What neither holds nor is always said where nobody says who owes a report."""
    found = {check.id: check.message for check in made.checks if check.short_of or not check.ok}
    return {check: message for check, message in found.items() if check != "merge.complete"}


def verdict(made: Merged, check: str = "merge.sum") -> str:
    return next(one.verdict for one in made.checks if one.id == check)


def in_2020(name: str, rows: tuple[str, ...]) -> dict[str, Any]:
    """A report on 2020 with a case in each of these rows."""
    codes = [*form_for(FORMS, 2020).rows.keys() - {"3.6"}, *rows]
    table = {code: [0] * 7 for code in codes}
    for code in rows:
        table[code] = [1, 0, 0, 0, 0, 0, 1]
    table["1"] = table["3.7"] = [len(rows), 0, 0, 0, 0, 0, len(rows)]
    return {"agency": name, "year": 2020, "table3": table, "table4": [0] * 15}


def of_2020(*units: dict[str, Any]) -> Merged:
    files = [(f"{n}.json", json.dumps(unit).encode()) for n, unit in enumerate(units)]
    return merge(files, "某市", 2020, FORMS, (), IN_TIME)


def test_every_cell_is_the_sum_of_the_units() -> None:
    made = merged(RIGHT, OTHER, expected=NAMES)
    assert said(made) == {}
    assert all(check.verdict == "成立" for check in made.checks)
    for code, row in made.table3.items():
        pairs = zip(RIGHT["table3"][code], OTHER["table3"][code], strict=True)
        assert row == [a + b for a, b in pairs], code
    assert made.table4 == [a + b for a, b in zip(RIGHT["table4"], OTHER["table4"], strict=True)]
    assert made.as_data()["table2"] == {
        "规章": [1, 2, 8],
        "行政规范性文件": [1, 0, 1],
        "行政许可": 10,
        "行政处罚": 0,
        "行政强制": 0,
        "行政事业性收费": 0.2,
    }


def test_the_sum_is_a_report_that_passes() -> None:
    data = json.loads(json.dumps(merged(RIGHT, OTHER).as_data()))
    assert [check.id for check in check_tables(data, FORMS) if not check.ok] == []
    units = data["units"].values()
    assert sum(unit["table3"]["3.1"][0] for unit in units) == data["table3"]["3.1"][0]
    assert sum(unit["table2"]["规章"][2] for unit in units) == data["table2"]["规章"][2]
    assert data["units"].keys() == {RIGHT["agency"], OTHER["agency"]}


def test_one_row_for_other_closures_is_added_as_the_last_of_three() -> None:
    unit = deepcopy(OLD_ROW)
    unit["table3"]["3.6"][0] = unit["table3"]["3.6"][6] = 2
    for code in ("3.7", "1"):
        for n in (0, 6):
            unit["table3"][code][n] += 2
    made = merged(RIGHT, unit)
    assert made.table3["3.6.3"][0] == RIGHT["table3"]["3.6.3"][0] + 2
    assert "只列一行，按其中的“其他”计入" in said(made)[f"unit.merged_row.{unit['agency']}"]


@pytest.mark.parametrize(
    ("on", "words"),
    [(IN_TIME, "某局尚未报送"), (LATE, "某局逾期未报送（应于2026-01-31前报送，条例第四十九条）")],
)
def test_who_has_not_reported_is_named(on: date, words: str) -> None:
    made = merged(RIGHT, expected=(RIGHT["agency"], "某局"), on=on)
    assert said(made) == {"unit.missing.某局": words}


def test_who_was_not_asked_is_named() -> None:
    made = merged(RIGHT, OTHER, expected=(RIGHT["agency"],))
    assert list(said(made)) == [f"unit.unasked.{OTHER['agency']}"]


@pytest.mark.parametrize(
    ("change", "words"), [(0, "内容相同，只计一次"), (1, "内容不同，按0.json计入")]
)
def test_who_reported_twice_is_added_once(change: int, words: str) -> None:
    again = deepcopy(RIGHT)
    again["table3"]["1"][0] += change
    made = merged(RIGHT, again)
    assert words in said(made)[f"unit.twice.{RIGHT['agency']}"]
    assert made.table3["1"] == RIGHT["table3"]["1"]


def test_whose_tables_do_not_balance_is_named_with_the_fault() -> None:
    unit = deepcopy(OTHER)
    unit["table3"]["3.1"][0] += 1
    found = said(merged(RIGHT, unit))
    name = f"unit.unbalanced.{OTHER['agency']}"
    assert "的表不平，已按原样计入：‘自然人’列：（一）至（六）各项之和为" in found[name]
    assert "table3.results.自然人" in found, "the sum does not balance either"


@pytest.mark.parametrize(
    ("unit", "check"),
    [
        (RIGHT | {"year": 2024}, f"unit.year.{RIGHT['agency']}"),
        (RIGHT | {"agency": " "}, "unit.unnamed.0.json"),
        (RIGHT | {"table3": 5}, "unit.unreadable.0.json"),
    ],
)
def test_a_report_that_cannot_be_added_is_named(unit: dict[str, Any], check: str) -> None:
    made = merged(unit, OTHER)
    assert list(said(made)) == [check, "merge.sum"]
    assert made.table3["1"] == OTHER["table3"]["1"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"规章": [1, None, 3]}, "有1格未填写：规章·本年废止件数"),
        ({"规章": [1, 2]}, "“规章”应有3个数，填了2个"),
        ({"规章": [1, 2, 3, 4]}, "“规章”应有3个数，填了4个"),
        ({"行政许可": "22（其中修订16件）"}, "“行政许可”写的不是数"),
        ({"行政检查": 5}, "2021年格式没有“行政检查”"),
    ],
)
def test_what_table_two_of_a_unit_does_not_state_is_named_and_not_taken_for_0(
    change: dict[str, Any], words: str
) -> None:
    made = merged(RIGHT | {"table2": TABLE2 | change}, OTHER)
    assert words in said(made)[f"unit.table2.{RIGHT['agency']}"]
    assert made.failed
    [item] = change
    if item in TABLE2:
        assert verdict(made) == "存疑"
        assert "有1个单位的表二数字不全" in said(made)["merge.sum"]
    elsewhere = {name: row for name, row in made.table2.items() if name != item}
    assert elsewhere.items() <= merged(RIGHT, OTHER).table2.items()


@pytest.mark.parametrize("table2", [None, {}, 5])
def test_a_unit_without_table_two_is_named(table2: object) -> None:
    made = merged(RIGHT | {"table2": table2}, OTHER)
    assert f"unit.table2.{RIGHT['agency']}" in said(made)
    assert made.table2 == merged(OTHER).table2
    alone = merged(RIGHT | {"table2": table2})
    assert alone.table2["行政许可"] == [None], "blank, where no unit states a figure"


@pytest.mark.parametrize("figure", [-1, 1.5])
def test_a_count_below_0_or_in_parts_is_named(figure: float) -> None:
    made = merged(RIGHT | {"table2": TABLE2 | {"行政许可": figure}}, OTHER)
    found = said(made)[f"unit.table2.{RIGHT['agency']}"]
    assert f"行政许可·本年处理决定数量为{figure}" in found
    unit = deepcopy(RIGHT)
    unit["table4"][0] = figure
    found = said(merged(unit, OTHER))[f"unit.unbalanced.{RIGHT['agency']}"]
    assert f"表四应填非负整数：行政复议‘结果维持’为{figure}" in found


def test_money_is_added_by_its_digits() -> None:
    units = [RIGHT | {"agency": f"第{n}局"} for n in range(1000)]
    made = merged(*units)
    assert made.table2["行政事业性收费"] == [100]
    assert isinstance(made.table2["行政事业性收费"][0], int)
    assert verdict(made) == "成立"


@pytest.mark.parametrize("name", ["行政许可 ", "行 政许可", "行政许可（件）"])
def test_an_item_under_its_name_in_another_width_is_added(name: str) -> None:
    table2 = {name if item == "行政许可" else item: one for item, one in TABLE2.items()}
    made = merged(RIGHT | {"table2": table2}, OTHER)
    assert (said(made), made.table2["行政许可"]) == ({}, [10])


@pytest.mark.parametrize(
    ("table", "check"),
    [
        ("table2", "merge.sum.表二.规章.本年制发件数"),
        ("table3", "merge.sum.表三.（一）予以公开.自然人"),
        ("table4", "merge.sum.表四.行政复议.结果维持"),
    ],
)
def test_a_cell_of_any_table_that_is_not_the_sum_fails(table: str, check: str) -> None:
    made = merged(RIGHT, OTHER)
    row = {"table2": made.table2["规章"], "table3": made.table3["3.1"], "table4": made.table4}
    row[table][0] += 1  # type: ignore[operator]
    found = {one.id: one.verdict for one in sum_checks(made)}
    assert found["merge.sum"] == found[check] == "不成立"


def test_in_2020_three_rows_and_one_are_added_and_no_case_is_lost() -> None:
    made = of_2020(in_2020("甲", ("3.6",)), in_2020("乙", ("3.6.1", "3.6.2", "3.6.3")))
    assert made.table3["3.6"][0] == 4
    assert made.table3["3.7"][0] == 4
    assert "table3.results.自然人" not in said(made)
    assert [check for check in said(made) if check.startswith("merge.sum.")] == []


def test_a_report_on_the_other_form_loses_no_case() -> None:
    unit = deepcopy(OLD_ROW) | {"format": "2019"}
    unit["table3"]["3.6"][0] = unit["table3"]["3.6"][6] = 2
    made = merged(unit)
    assert made.table3["3.6.3"][0] == 2
    found = said(made)
    assert "不适用所标明的2019年格式" in found[f"unit.unbalanced.{unit['agency']}"]
    assert "按其中的“其他”计入" in found[f"unit.merged_row.{unit['agency']}"]
    assert "按2019年格式填报" in found[f"unit.table2.{unit['agency']}"]
    assert made.table2["规章"] == [1, None, None], "本年新公开数量 is not 本年废止件数"


@pytest.mark.parametrize("code", ["3.8", "3.6"])
def test_a_unit_with_cases_in_a_row_that_has_no_place_is_named_and_not_added(code: str) -> None:
    unit = deepcopy(RIGHT)
    unit["table3"][code] = [3, 0, 0, 0, 0, 0, 3]
    made = merged(unit, OTHER)
    assert f"表三的“{code}”行" in said(made)[f"unit.rows.{RIGHT['agency']}"]
    assert made.table3 == merged(OTHER).table3
    assert verdict(made) == "存疑"
    assert "有1份报送的表未计入" in said(made)["merge.sum"]


def test_a_figure_too_large_to_add_leaves_the_unit_out() -> None:
    unit = deepcopy(RIGHT)
    unit["table4"][0] = "太大"
    text = json.dumps(unit, ensure_ascii=False).replace('"太大"', "1e999")
    made = merge([("a.json", text.encode())], "某市", 2025, FORMS, (), IN_TIME)
    assert "过大的数" in said(made)[f"unit.rows.{RIGHT['agency']}"]


@pytest.mark.parametrize("name", ["甲局 ", " 甲局", "甲 局", "甲局\u3000"])
def test_a_name_with_spaces_is_the_same_unit(name: str) -> None:
    units = RIGHT | {"agency": "甲局"}, RIGHT | {"agency": name}
    made = merged(*units, expected=("甲局",))
    assert said(made) == {"unit.twice.甲局": "甲局报送了两份（0.json、1.json），内容相同，只计一次"}
    assert said(merged(units[1], expected=("甲局",))) == {}


def test_without_a_list_of_units_it_is_said_that_nobody_knows_who_is_missing() -> None:
    assert verdict(merged(RIGHT), "merge.complete") == "无法判断"
    assert "merge.complete" not in {one.id for one in merged(RIGHT, expected=("甲",)).checks}


def test_a_year_without_a_form_has_no_report() -> None:
    with pytest.raises(NoFormForYear):
        merge([], "某市", 2010, FORMS, (), IN_TIME)


def test_the_command_reads_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-02-01")
    units, out = tmp_path / "units", str(tmp_path / "out")
    (units / "b").mkdir(parents=True)
    (units / "a.json").write_text(json.dumps(RIGHT), encoding="utf-8")
    (units / "b" / "tables.json").write_text(json.dumps(OTHER), encoding="utf-8")
    command = ["merge", str(units), "--year", "2025", "--out", out, "--agency", "某市"]
    assert main(command) == 0
    assert "已汇总2个单位" in capsys.readouterr().out
    data = json.loads((tmp_path / "out" / "tables.json").read_text(encoding="utf-8"))
    assert data["agency"] == "某市"
    assert main(["check", f"{out}/tables.json"]) == 0
    (units / "units.txt").write_text(f"{RIGHT['agency']}\n某局\n", encoding="utf-8")
    capsys.readouterr()
    assert main(command) == 1
    assert "不成立：某局逾期未报送" in capsys.readouterr().err


@pytest.mark.parametrize("out", ["units", "units/汇总", "units/../units/汇总"])
def test_merging_again_gives_the_same_and_counts_no_earlier_sum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("units").mkdir()
    Path("units/a.json").write_text(json.dumps(RIGHT), encoding="utf-8")
    command = ["merge", str(tmp_path / "units"), "--year", "2025", "--out", out, "--agency", "某市"]
    made = []
    for _ in range(3):
        main(command)
        made.append(Path(out, "tables.json").read_text(encoding="utf-8"))
    assert made[0] == made[1] == made[2]
    assert json.loads(made[2])["table3"]["1"] == RIGHT["table3"]["1"]


def test_an_earlier_sum_elsewhere_is_named_and_not_a_unit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    units = tmp_path / "units"
    units.mkdir()
    (units / "a.json").write_text(json.dumps(RIGHT), encoding="utf-8")
    (units / "notes.json").write_text('{"某": 1}', encoding="utf-8")
    command = ["merge", str(units), "--year", "2025", "--agency", "某市", "--out"]
    assert main([*command, str(units / "一")]) == 0
    assert "存疑：notes.json：没有表三，不是年度报告的表，未计入" in capsys.readouterr().err
    assert main([*command, str(units / "二")]) == 1
    assert "某市（一/tables.json）是汇总机关自己的表" in capsys.readouterr().err
    data = json.loads((units / "二" / "tables.json").read_text(encoding="utf-8"))
    assert data["table3"]["1"] == RIGHT["table3"]["1"]


def test_the_sum_is_written_as_a_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-02-01")
    units, out, words = tmp_path / "units", tmp_path / "out", tmp_path / "words.toml"
    units.mkdir()
    for n, unit in enumerate((RIGHT, OTHER)):
        (units / f"{n}.json").write_text(json.dumps(unit), encoding="utf-8")
    (units / "units.txt").write_text("\n".join([*NAMES, "某局"]), encoding="utf-8")
    words.write_text('problems = "{{ 年度 }}年，全市受理申请{{ 新收 }}件。"\n', encoding="utf-8")
    command = ["merge", str(units), "--year", "2025", "--out", str(out), "--agency", "某市"]
    assert main([*command, "--words", str(words)]) == 1
    told = capsys.readouterr()
    assert "不成立：某局逾期未报送" in told.err
    for what in ("六、其他需要报告的事项", "五、改进情况"):
        assert f"待补充：{what}\n" in told.err
    assert sorted(path.name for path in out.iterdir()) == [
        *("picture.png", "picture.svg", "report.docx", "report.html", "tables.json", "tables.xlsx")
    ]
    received = RIGHT["table3"]["1"][-1] + OTHER["table3"]["1"][-1]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert f"2025年，全市受理申请{received}件。" in page
    assert "由某市编制" in page
    for unknown in ("受理服务", "信息处理费", "申请渠道", "办理用时", "上海市政府信息公开规定"):
        assert unknown not in page, "the units' tables do not say it"
    paper = docx.Document(str(out / "report.docx"))
    assert [len(table.rows) for table in paper.tables] == [14, 28, 4]
    book = openpyxl.load_workbook(out / "tables.xlsx")
    assert book.sheetnames == ["表二", "表三", "表四", "校验", "各单位"]
    assert book["表三"]["J4"].value == received
    checks = {row[0]: row[1] for row in book["校验"].iter_rows(values_only=True)}
    assert checks["unit.missing.某局"] == "不成立"
    listed = list(book["各单位"].iter_rows(values_only=True))
    assert [row[0] for row in listed] == ["单位", *NAMES]
    assert [row[listed[0].index("一")] for row in listed[1:]] == [
        unit["table3"]["1"][-1] for unit in (RIGHT, OTHER)
    ]


def test_a_text_that_names_what_no_table_says_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    units, words = tmp_path / "units", tmp_path / "words.toml"
    units.mkdir()
    (units / "a.json").write_text(json.dumps(RIGHT), encoding="utf-8")
    words.write_text('other = "共收取{{ 收费金额 }}元。"\n', encoding="utf-8")
    command = ["merge", str(units), "--year", "2025", "--agency", "某市"]
    command += ["--out", str(tmp_path / "out"), "--words", str(words)]
    assert main(command) == 2
    assert "没有“收费金额”这个数字" in capsys.readouterr().err
    words.write_text(f'{words.read_text("utf-8")}[figures]\n"收费金额" = 400\n', encoding="utf-8")
    assert main(command) == 0
    assert "共收取400元。" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_sum_below_0_is_no_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unit = deepcopy(RIGHT)
    unit["table4"][0] = -1
    (tmp_path / "a.json").write_text(json.dumps(unit), encoding="utf-8")
    out = tmp_path / "out"
    assert (
        main(["merge", str(tmp_path), "--year", "2025", "--out", str(out), "--agency", "市"]) == 1
    )
    assert "无法判断：汇总的表三、表四有负数或者小数，没有生成报告" in capsys.readouterr().err
    assert [path.name for path in out.iterdir()] == ["tables.json"]


def test_a_units_report_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("甲", "乙"):
        (tmp_path / name).mkdir()
        text = json.dumps(RIGHT | {"agency": name})
        (tmp_path / name / "tables.json").write_text(text, encoding="utf-8")
    out = str(tmp_path / "甲")
    assert main(["merge", str(tmp_path), "--year", "2025", "--out", out, "--agency", "某市"]) == 2
    assert "不是某市以前的汇总，不覆盖" in capsys.readouterr().err
    kept = json.loads((tmp_path / "甲" / "tables.json").read_text(encoding="utf-8"))
    assert kept["agency"] == "甲"


@pytest.mark.parametrize("folder", ["nowhere", "empty"])
def test_a_folder_without_reports_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    (tmp_path / "empty").mkdir()
    given = str(tmp_path / folder)
    assert main(["merge", given, "--year", "2025", "--out", str(tmp_path / "out")]) == 2
    assert given in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
