"""Ledgers as other hands keep them: numbers that Excel made days, rows that nobody sees, other words."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from databases import empty_register
from openpyxl import Workbook
from test_clerks_ledgers import doubts, load
from test_ledger import HEAD, as_csv, rows

ROW = {
    "登记号": "2024-1",
    "收到日期": "2024-03-04",
    "提交方式": "网络",
    "申请人类别": "自然人",
    "申请人": "周晓岚",
    "联系方式": "021-00000000",
    "申请内容": "名单",
    "办理结果": "3.4.1",
    "办结日期": "2024-03-20",
    "备注": "",
}


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


# ── numbers that are lost ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "number",
    ["Jan-24", "24-Jan", "1-Jan", "Sep-2024", "2024年1月", "2024年1月2日", "1月1日", "2024/1/1"],
)
def test_a_number_that_excel_made_a_day_is_asked(tmp_path: Path, number: str) -> None:
    found = doubts(as_csv(tmp_path, ROW | {"登记号": number}))
    how = "；请按原件重新填写，并把该列设为文本格式"
    assert found == [f"2：登记号“{number}”像是表格软件把编号改成的日期{how}"]


@pytest.mark.parametrize("number", ["2024-01-01", "2024-1", "Jan2024", "A-24", "2024年第1号"])
def test_a_number_that_is_like_a_day_and_none_is_taken(tmp_path: Path, number: str) -> None:
    load(as_csv(tmp_path, ROW | {"登记号": number}))
    assert [row["number"] for row in rows()] == [number]


@pytest.mark.parametrize("column", ["登记号", "联系方式", "申请人", "收到日期", "办理结果"])
def test_what_a_narrow_column_did_not_show_is_asked(tmp_path: Path, column: str) -> None:
    (found,) = doubts(as_csv(tmp_path, ROW | {column: "#######"}))
    assert "列太窄，另存时原来的数字没有保存下来" in found
    assert found.startswith(f"2：“{column}”是一串#号")


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("联系方式", "1．38123Ｅ+10"),
        ("联系方式", "电话 1.38123E+10"),
        ("备注", "手机1.38123E+10"),
        ("申请内容", "1.38123E+10"),
    ],
)
def test_scientific_notation_is_refused_however_wide(
    tmp_path: Path, column: str, words: str
) -> None:
    (found,) = doubts(as_csv(tmp_path, ROW | {column: words}))
    assert f"“{column}”是科学计数法（{words}），末尾几位数字已经丢失" in found


# ── what is not seen ────────────────────────────────────────────────────────────────────────────


def ledger_of_three(folder: Path, height: str = "15", width: str = "12") -> Path:
    """A ledger of three rows; the height of the second, and the width of 申请内容, as the file says them."""
    made = Workbook()
    sheet: Any = made.active
    sheet.append(HEAD)
    for n in (1, 2, 3):
        sheet.append(list((ROW | {"登记号": f"2024-{n}", "申请内容": f"名单{n}"}).values()))
    sheet.row_dimensions[3].height, sheet.column_dimensions["G"].width = 77.5, 88.5
    kept = io.BytesIO()
    made.save(kept)
    path = folder / "台账.xlsx"
    with ZipFile(kept) as before, ZipFile(path, "w", ZIP_DEFLATED) as after:
        for part in before.namelist():
            words = before.read(part).replace(b'"77.5"', f'"{height}"'.encode())
            after.writestr(part, words.replace(b'"88.5"', f'"{width}"'.encode()))
    return path


@pytest.mark.parametrize("height", ["0", "0.0"])
def test_a_row_of_no_height_is_hidden(tmp_path: Path, height: str) -> None:
    told = load(ledger_of_three(tmp_path, height)).told
    assert sorted(row["number"] for row in rows()) == ["2024-1", "2024-3"]
    assert "隐藏的行，未导入（一并导入的，加 --hidden）：第3行" in told


@pytest.mark.parametrize("height", ["0.5", "15"])
def test_a_row_of_little_height_is_loaded(tmp_path: Path, height: str) -> None:
    told = load(ledger_of_three(tmp_path, height)).told
    assert sorted(row["number"] for row in rows()) == ["2024-1", "2024-2", "2024-3"]
    assert not any("隐藏" in line for line in told)


@pytest.mark.parametrize(("width", "hidden"), [("0", True), ("0.7", False)])
def test_a_column_of_no_width_is_told(tmp_path: Path, width: str, *, hidden: bool) -> None:
    told = load(ledger_of_three(tmp_path, width=width)).told
    assert any("隐藏的列" in line and "申请内容" in line for line in told) is hidden


# ── words ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("column", "words", "field", "meant"),
    [
        ("办理结果", "全文公开", "row", "3.1"),
        ("办理结果", "查询事项", "row", "3.3.8"),
        ("办理结果", "需加工", "row", "3.4.2"),
        ("办理结果", "补正不明确", "row", "3.4.3"),
        ("办理结果", "大量反复", "row", "3.5.4"),
        ("提交方式", "柜台", "channel", "in_person"),
        ("提交方式", "普通信件", "channel", "ordinary_post"),
        ("申请人类别", "老年人", "applicant_kind", "自然人"),
        ("申请人类别", "房地产公司", "applicant_kind", "商业企业"),
    ],
)
def test_words_that_can_mean_one_thing_are_read(
    tmp_path: Path, column: str, words: str, field: str, meant: str
) -> None:
    load(as_csv(tmp_path, ROW | {column: words, "申请人": "周晓岚"}))
    assert [row[field] for row in rows()] == [meant]


@pytest.mark.parametrize("words", ["不宜公开", "拒绝", "不受理", "视同放弃"])
def test_words_that_can_mean_several_are_asked_with_what_they_can_mean(
    tmp_path: Path, words: str
) -> None:
    (found,) = doubts(as_csv(tmp_path, ROW | {"办理结果": words}))
    assert f"办理结果“{words}”可能是" in found


def test_every_day_stays_as_it_was_written(tmp_path: Path) -> None:
    load(as_csv(tmp_path, ROW))
    assert [(r["received_on"], r["closed_on"]) for r in rows()] == [
        (date(2024, 3, 4), date(2024, 3, 20))
    ]


# ── days ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "written",
    [
        "2024_3_4",
        "2024年3.4",
        "2024年3-4",
        "4-Mar-2024",
        "Mar 4, 2024",
        "March 4, 2024",
        "04 MAR 2024",
        "4/Mar/2024",
    ],
)
def test_a_day_is_read_as_other_programs_write_it(tmp_path: Path, written: str) -> None:
    load(as_csv(tmp_path, ROW | {"收到日期": written}))
    assert [row["received_on"] for row in rows()] == [date(2024, 3, 4)]


@pytest.mark.parametrize(
    ("written", "day"),
    [("3/13/2024", date(2024, 3, 13)), ("13/3/2024", date(2024, 3, 13))],
)
def test_what_can_be_no_month_is_the_day(tmp_path: Path, written: str, day: date) -> None:
    load(as_csv(tmp_path, ROW | {"收到日期": written}))
    assert [row["received_on"] for row in rows()] == [day]


@pytest.mark.parametrize("written", ["3/12/2024", "12/3/2024"])
def test_of_two_that_can_be_months_it_is_asked(tmp_path: Path, written: str) -> None:
    (found,) = doubts(as_csv(tmp_path, ROW | {"收到日期": written}))
    assert found.endswith("看不出哪个是月、哪个是日，请按年、月、日的先后写明")


@pytest.mark.parametrize("written", ["Mai 4, 2024", "4-Mär-2024", "13/13/2024", "31-Feb-2024"])
def test_what_is_no_day_in_any_order_is_asked(tmp_path: Path, written: str) -> None:
    (found,) = doubts(as_csv(tmp_path, ROW | {"收到日期": written}))
    assert "应为日期（如 2026-03-02）" in found


@pytest.mark.parametrize(
    "written", ["2024-3-4（补正3-10）", "3.4（补正3.10）", "2024年3月4日收，3月10日补正"]
)
def test_of_several_days_without_their_year_one_is_asked_for(tmp_path: Path, written: str) -> None:
    (found,) = doubts(as_csv(tmp_path, ROW | {"收到日期": written}))
    assert "写有2个日期" in found
    assert found.endswith("请只留收到申请的那一天，其余的记入备注")


@pytest.mark.parametrize("mark", ['"', "”", "同上一行", "''"])
def test_marks_for_as_above_are_known(tmp_path: Path, mark: str) -> None:
    below = ROW | {"登记号": "2024-2", "申请内容": "另一项", "申请人": mark, "收到日期": mark}
    told = load(as_csv(tmp_path, ROW, below)).told
    assert [(r["applicant"], r["received_on"]) for r in rows()] == 2 * [
        ("周晓岚", date(2024, 3, 4))
    ]
    assert "“同上”按上一行：第3行收到日期、第3行申请人" in told


@pytest.mark.parametrize(
    ("remark", "found"),
    [
        ("与2024-5号重复", "与2024-5号重复"),
        ("与2024-5系同一件", "与2024-5系同一件"),
        ("已并入2024-5", "并入"),
        ("登记号已注销", "注销"),
        ("空号", "空号"),
        ("此件无效", "此件无效"),
        ("无效", "无效"),
        ("与申请人电话沟通", ""),
        ("合并答复", ""),
        ("申请人认为合同无效", ""),
    ],
)
def test_a_remark_that_says_it_is_none_is_told(tmp_path: Path, remark: str, found: str) -> None:
    told = load(as_csv(tmp_path, ROW | {"备注": remark})).told
    said = [one for one in told if one.startswith("备注写有")]
    assert said == ([f"备注写有“{found}”的，照所写的导入，请核对：第2行"] if found else [])
