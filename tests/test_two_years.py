"""A report beside last year's: every shifted carry-over, stock, pending review and leap is found."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from published_reports import FORMS
from sent_reports import as_docx, as_html, as_xlsx, whole

from flows.__main__ import main
from models.report_tables.annual_rules import Jump, load_jumps
from models.report_tables.form import form_for
from models.report_tables.tables_file import read_tables
from models.units.two_years import beside_last_year

CONFIG = Path(__file__).parents[1] / "config" / "annual"
JUMPS = load_jumps(CONFIG)


def year(number: int, **changes: Any) -> dict[str, Any]:
    """A report on a year: 9 carried out of 2023 and into 2024, stocks that follow."""
    data = whole("suqian_city_2023") | {"year": number, "agency": "某市人民政府"}
    data["table3"] = deepcopy(data["table3"])
    if number == 2024:
        data["table3"]["2"] = list(data["table3"]["4"])
        data["table2"] = data["table2"] | {"规章": [2, 0, 13], "行政规范性文件": [120, 400, 317]}
    return data | changes


def found(now: dict[str, Any], before: dict[str, Any]) -> dict[str, str]:
    tables = read_tables(now, FORMS), read_tables(before, FORMS)
    return {c.id: str(c.verdict) for c in beside_last_year(*tables, JUMPS)}


def wrong(now: dict[str, Any], before: dict[str, Any]) -> dict[str, str]:
    return {i: v for i, v in found(now, before).items() if v != "成立"}


def test_two_years_that_follow_hold() -> None:
    judged = found(year(2024), year(2023))
    assert set(judged.values()) == {"成立"}
    assert sum(i.startswith("last_year.carried") for i in judged) == 7
    assert sum(i.startswith("last_year.stock") for i in judged) == 2


@pytest.mark.parametrize("change", [1, -1])
def test_every_shifted_carry_over_is_found(change: int) -> None:
    for n, column in enumerate(form_for(FORMS, 2024).columns):
        now = year(2024)
        now["table3"]["2"][n] += change
        assert wrong(now, year(2023)) == {f"last_year.carried.{column}": "不成立"}


@pytest.mark.parametrize("item", ["规章", "行政规范性文件"])
@pytest.mark.parametrize("n", [0, 1, 2])
def test_every_changed_cell_of_a_stock_is_found(item: str, n: int) -> None:
    now = year(2024)
    row = list(now["table2"][item])
    row[n] += 1
    now["table2"] = now["table2"] | {item: row}
    assert wrong(now, year(2023)) == {f"last_year.stock.{item}.in_force": "存疑"}


def test_fewer_reviews_than_were_pending_is_doubtful() -> None:
    now = year(2024, table4=[*[0, 0, 0, 25, 25], *year(2023)["table4"][5:]])
    assert wrong(now, year(2023))["last_year.pending.行政复议"] == "存疑"
    now["table4"][3] = now["table4"][4] = 26
    assert "last_year.pending.行政复议" not in wrong(now, year(2023))


@pytest.mark.parametrize(
    ("before", "now", "leapt"),
    [(100, 300, True), (100, 299, False), (300, 100, True), (0, 20, True), (0, 19, False),
     (9, 28, False), (10, 30, True)],
)  # fmt: skip
def test_a_leap_is_three_times_as_many_and_twenty_more(
    before: float, now: float, leapt: bool
) -> None:
    assert Jump(key="k", label="", times=3, least=20).is_one(before, now) == leapt


def test_a_leap_is_said_with_its_ratio() -> None:
    now = year(2024)
    now["table2"] = now["table2"] | {"行政强制": 201630}
    tables = read_tables(now, FORMS), read_tables(year(2023), FORMS)
    [leap] = [c for c in beside_last_year(*tables, JUMPS) if c.verdict != "成立"]
    assert leap.message == (
        "表二‘行政强制·本年处理决定数量’：上年20163，本年201630（10.0倍），变化较大，请核实并说明原因"
    )


def test_the_year_before_that_is_not_compared() -> None:
    assert found(year(2024), year(2022)) == {"last_year.year": "无法判断"}


def test_another_agency_is_said() -> None:
    assert wrong(year(2024), year(2023, agency="某县人民政府")) == {"last_year.agency": "存疑"}


# ── the command ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("file", ["上年.docx", "上年.html", "上年.xlsx"])
def test_last_years_report_may_be_of_any_format(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, now = year(2023), year(2024)
    now["table3"]["2"][0] += 1
    write = {"docx": as_docx, "xlsx": as_xlsx, "html": lambda data: as_html(data).encode()}
    (tmp_path / file).write_bytes(write[file.partition(".")[2]](before))
    (tmp_path / "本年.docx").write_bytes(as_docx(now))
    arguments = ["check", str(tmp_path / "本年.docx"), "--previous", str(tmp_path / file)]
    assert main(arguments) == 1
    assert (
        "last_year.carried.自然人：‘自然人’列：上年结转为119，2023年度报告的结转下年度为118，相差1"
        in (capsys.readouterr().out)
    )


def test_a_folder_of_last_year_is_matched_by_agency_and_the_results_come_back_as_a_workbook(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    this, last = tmp_path / "本年", tmp_path / "上年"
    for folder in (this, last):
        folder.mkdir()
    now = year(2024)
    now["table3"]["2"][0] += 1
    (this / "市政府.docx").write_bytes(as_docx(now))
    (this / "扫描.jpg").write_bytes(b"\xff\xd8\xff")
    (last / "随便.html").write_text(as_html(year(2023)), "utf-8")
    out = tmp_path / "结果" / "核对.xlsx"
    assert main(["check", str(this), "--previous", str(last), "--out", str(out)]) == 1
    capsys.readouterr()
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["核对结果", "某市人民政府", "扫描.jpg"]
    rows = [[cell.value for cell in row] for row in book["核对结果"].iter_rows()]
    assert rows[0] == ["单位", "文件", "结论", "编号", "问题", "所在的格", "原句", "建议"]
    carried = next(row for row in rows if row[3] == "last_year.carried.自然人")
    assert (carried[0], carried[2], carried[5]) == ("某市人民政府", "不成立", "表三‘二’·自然人")
    page = out.with_suffix(".html").read_text("utf-8")
    assert "某市人民政府（2024年度）" in page
    assert "请报送 .docx、.xlsx、.html 或者有文字层的 .pdf" in page


def test_a_sentence_is_quoted_with_what_is_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = year(2023)
    said = data["section1_figures"]["narrative"].replace("不予公开142件", "不予公开143件")
    data["section1_figures"] = {"narrative": said}
    path, out = tmp_path / "=1+1.docx", tmp_path / "核对.xlsx"
    path.write_bytes(as_docx(data))
    assert main(["check", str(path), "--out", str(out)]) == 1
    capsys.readouterr()
    rows = [[c.value for c in row] for row in openpyxl.load_workbook(out)["核对结果"].iter_rows()]
    [row] = [row for row in rows if row[3] == "text.refused"]
    assert row[5:7] == ["表三‘三（三）’各行总计之和", "不予公开143件"]
    assert row[7] == "核对该句，与表格不一致的改为142；表格有误的改表格"
    assert row[1].startswith("/") or row[1] == str(path)
