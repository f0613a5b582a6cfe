"""Ledgers as offices keep them: sheets, titles, merged cells, sums, hidden rows, dates of every shape.

Each is made here, small; what must come of it stands beside it.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from databases import empty_register
from openpyxl import Workbook, load_workbook
from test_ledger import FORMS, GOOD, HEAD, as_csv, rows, text_of

from flows import office
from flows.__main__ import main
from flows.commands import ledger, ledger_export, simulate
from flows.commands.ledger import Asked, Imported
from flows.commands.ledger_commands import UNKEPT
from flows.commands.ledger_doubts import DoubtfulLedger, beside, write_copy
from flows.commands.ledger_sheets import sheets
from flows.commands.ledger_values import BadLedger
from flows.path import recording
from flows.path.form_fields import By
from flows.year.annual_report import gathered, produce
from models.agency.ledger_words import load_ledger_words
from models.errors import ActRefused, ConfigFault
from models.register import register
from models.register.complete_since import complete_since
from models.soundness import integrity
from models.words.days_told import told
from models.words.written_days import written_day
from models.year.year_figures import tables_of_years


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


def load(path: Path, **asked: Any) -> Imported:
    return ledger.import_ledger(path, FORMS, lambda *_: None, Asked(**asked))


def listed() -> list[tuple[str, date]]:
    return sorted((row["number"], row["received_on"]) for row in rows())


ROW = [
    "2024-1",
    date(2024, 3, 4),
    "网络",
    "自然人",
    "周晓岚",
    "021",
    "名单",
    "3.4.1",
    date(2024, 3, 20),
    "",
]


def row(number: str, **change: Any) -> list[Any]:
    return [(GOOD | {"登记号": number} | change)[name] for name in HEAD]


def book(folder: Path, *grid: Sequence[Any], name: str = "台账.xlsx") -> tuple[Path, Any, Any]:
    """A workbook with one sheet; returned to be changed and saved."""
    made = Workbook()
    sheet: Any = made.active
    for line in grid:
        sheet.append(line)
    return folder / name, made, sheet


def saved(path: Path, made: Any) -> Path:
    made.save(path)
    return path


# ── sheets ────────────────────────────────────────────────────────────────────────────────────


def test_every_visible_sheet_with_the_head_is_loaded_and_the_others_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, made, sheet = book(tmp_path, HEAD, row("2024-1"))
    sheet.title = "2024年"
    for title, numbers in {"2023年": ["2023-1", "2023-2"], "旧": ["2020-1"]}.items():
        other: Any = made.create_sheet(title)
        other.append(HEAD)
        for number in numbers:
            other.append(row(number))
    made["旧"].sheet_state = "hidden"
    made.create_sheet("填写说明").append(["登记号应当连续编排"])
    assert main(["import", str(saved(path, made))]) == 0
    said = capsys.readouterr()
    assert "工作表：“2024年”1件、“2023年”2件\n导入3件，已在登记簿中0件\n" in said.out
    assert "没有台账表头的工作表，未导入：“填写说明”" in said.err
    assert "隐藏的工作表，未导入（一并导入的，加 --hidden）：“旧”" in said.err
    assert load(path, hidden=True) == Imported(1, 3)


def test_a_sheet_with_half_a_head_stops_the_import_by_its_name(tmp_path: Path) -> None:
    path, made, sheet = book(tmp_path, HEAD, row("1"))
    sheet.title = "2024年"
    made.create_sheet("2023年").append([name for name in HEAD if name != "办结日期"])
    with pytest.raises(BadLedger, match="“2023年”第1行：表头缺少：办结日期"):
        load(saved(path, made))


def test_one_number_on_two_sheets_is_doubtful_and_a_prefix_tells_them_apart(tmp_path: Path) -> None:
    path, made, sheet = book(tmp_path, HEAD, row("1"))
    sheet.title = "2025年"
    other = made.create_sheet("2024年")
    other.append(HEAD)
    other.append(row("1", 收到日期="2024-03-04", 办结日期="2024-03-20"))
    with pytest.raises(BadLedger, match=r"“2024年”第2行：登记号“1”与“2025年”第2行重复；.*--prefix"):
        load(saved(path, made))
    load(path, prefix="{年}-")
    assert [number for number, _ in listed()] == ["2024-1", "2025-1"]
    load(path, prefix="{表}第")
    assert ("2024年第1", date(2024, 3, 4)) in listed()


def test_ledgers_that_begin_again_each_year_are_loaded_one_after_the_other(tmp_path: Path) -> None:
    for year in ("2023", "2024"):
        days = {"收到日期": f"{year}-03-06", "办结日期": f"{year}-03-20"}
        path = tmp_path / f"{year}.csv"
        path.write_text(text_of([GOOD | {"登记号": "1"} | days]), encoding="utf-8")
        assert load(path, prefix=f"{year}-") == Imported(1, 0)
        assert load(path, prefix=f"{year}-") == Imported(0, 1)
    assert [number for number, _ in listed()] == ["2023-1", "2024-1"]
    with pytest.raises(BadLedger, match=r"登记号加上前缀有6\d个字，最多64个字"):
        load(path, prefix="号" * 64)


# ── rows that are none ────────────────────────────────────────────────────────────────────────


def test_titles_stand_above_the_head_and_sums_below_the_rows(tmp_path: Path) -> None:
    path, made, sheet = book(
        tmp_path,
        ["某局2025年依申请公开台账"],
        ["填报单位：某局", *[""] * 8, "单位：件"],
        HEAD,
        ["一、第一季度"],
        row("1"),
        ["小计", *[""] * 5, "1件"],
        HEAD,
        row("2", 申请内容="共同申请的合计数据", 备注="合计"),
        ["", "", "", "", "", "", "合计：2件"],
        ["填表人：陈静", "", "", "", "审核人：李明", "", "填表日期：2025-12-31"],
        ["备注：以上各件均已归档"],
    )
    sheet.merge_cells("A1:J1")
    done = load(saved(path, made))
    assert done == Imported(2, 0)
    said = "\n".join(done.told)
    for line in (4, 6, 7, 9, 10, 11):
        assert f"第{line}行" in said, said
    assert "“小计”行，未导入：第6行" in said
    assert "重复的表头，未导入：第7行" in said


def test_a_csv_may_end_in_a_sum_that_is_narrower_than_the_head(tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    path.write_text(f"某局台账\n{text_of([GOOD])}合计,,1件\n", encoding="utf-8")
    done = load(path)
    assert done == Imported(1, 0)
    assert "“合计”行，未导入：第4行" in done.told


def test_an_application_whose_words_look_like_a_sum_is_one(tmp_path: Path) -> None:
    odd = {
        "申请内容": "合计：2024年专利资助金额",
        "备注": "说明：已电话告知",
        "申请人": "总计科技公司",
    }
    assert load(as_csv(tmp_path, GOOD | odd)) == Imported(1, 0)


def test_hidden_rows_are_told_and_loaded_when_asked(tmp_path: Path) -> None:
    path, made, sheet = book(tmp_path, HEAD, row("1"), row("2", 备注="已作废"))
    sheet.row_dimensions[3].hidden = True
    done = load(saved(path, made))
    assert done == Imported(1, 0)
    assert done.told == ("隐藏的行，未导入（一并导入的，加 --hidden）：第3行",)
    assert load(path, hidden=True) == Imported(1, 1)


def test_a_hidden_column_is_read_and_told(tmp_path: Path) -> None:
    path, made, sheet = book(tmp_path, HEAD, row("1"))
    sheet.column_dimensions["F"].hidden = True
    assert "隐藏的列，照常读取：联系方式" in load(saved(path, made)).told


def test_merged_cells_are_filled_down(tmp_path: Path) -> None:
    path, made, sheet = book(
        tmp_path, HEAD, row("1"), ["2", "", "", "", "", "", "另一项", "3.1", "2025-03-20"]
    )
    for column in "BCDEF":
        sheet.merge_cells(f"{column}2:{column}3")
    load(saved(path, made))
    assert {(r["number"], r["applicant"], r["request"]) for r in rows()} == {
        ("1", "周晓岚", GOOD["申请内容"]),
        ("2", "周晓岚", "另一项"),
    }


def test_one_application_merged_over_two_rows_is_one(tmp_path: Path) -> None:
    path, made, sheet = book(tmp_path, HEAD, row("1"), [""] * 10, row("2"))
    for column in "ABCDEFGHIJ":
        sheet.merge_cells(f"{column}2:{column}3")
    assert load(saved(path, made)) == Imported(2, 0)


# ── heads ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "head",
    [
        {"收到日期": " 收到日期\u3000"},
        {"收到日期": "收到\n日期"},
        {"收到日期": "*收到日期"},
        {"收到日期": "收到日期（必填）", "申请人": "申请人（姓名或名称）"},
        {"收到日期": "收 到 日 期", "登记号": "登记编号"},
        {"登记号": "＊登记号【必填】".replace("【", "[").replace("】", "]")},
        {"登记号": "受理编号", "收到日期": "收到申请时间", "办结日期": "答复日期"},
        {"登记号": "1.登记号", "收到日期": "2、收到日期", "申请人类别": "申请人类型："},
    ],
)
def test_heads_are_known_however_they_are_written(head: dict[str, str], tmp_path: Path) -> None:
    path, made, _ = book(tmp_path, [head.get(name, name) for name in HEAD], row("1"))
    assert load(saved(path, made)) == Imported(1, 0)


def test_a_head_may_stand_in_two_lines(tmp_path: Path) -> None:
    above = [
        "登记号",
        "收到日期",
        "提交方式",
        "申请人信息",
        "",
        "",
        "申请内容",
        "办理情况",
        "",
        "备注",
    ]
    below = ["", "", "", "申请人类别", "申请人", "联系方式", "", "办理结果", "办结日期", ""]
    path, made, sheet = book(tmp_path, above, below, row("1"))
    assert load(saved(path, made)) == Imported(1, 0)
    for column in "ABCGJ":
        sheet.merge_cells(f"{column}1:{column}2")
    assert load(saved(path, made)) == Imported(0, 1)


def test_of_two_names_for_a_column_the_registers_own_goes_first(tmp_path: Path) -> None:
    path, made, _ = book(tmp_path, [*HEAD, "手机", "类别"], [*row("1"), "13800000000", "甲"])
    load(saved(path, made))
    with office.reading() as session:
        assert register.applicant(session, "1").contact == "021-00000000"


# ── days ──────────────────────────────────────────────────────────────────────────────────────

FOURTH = date(2024, 3, 4)


@pytest.mark.parametrize(
    "words",
    [
        *("2024-3-4", "2024/03/04", "2024.3.4", "2024年3月4日", "2024年03月04号", "20240304"),
        *(
            "２０２４－３－４",
            "２０２４／３／４",
            "２０２４．３．４",
            "２０２４年３月４日",
            "2024 年 3 月 4 日",
        ),
        *("2024/3/4 0:00", "2024-03-04 09:30:00", "2024-03-04T00:00:00", "2024/3/4 上午 9:30"),
        *(
            "2024年3月4日 9时30分",
            "2024-3-4 星期一",
            "2024年3月4日（周一）",
            "2024、3、4",
            "2024—3—4",
        ),
        *(
            "二〇二四年三月四日",
            "二零二四年三月四日",
            "二○二四年三月四日",
            "二O二四年三月四日",
            "'2024-3-4",
        ),
        *("二〇二四年03月04日", "2024年三月四日", "2024-03-04 00:00:00.000"),
    ],
)
def test_a_day_is_read_as_it_is_written(words: str) -> None:
    assert written_day(words) == FOURTH


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("二〇二三年十二月三十一日", date(2023, 12, 31)),
        ("二〇二三年十月十日", date(2023, 10, 10)),
        ("二〇二三年十一月二十日", date(2023, 11, 20)),
        ("二〇二四年元月廿一日", date(2024, 1, 21)),
        ("20240229", date(2024, 2, 29)),
    ],
)
def test_days_in_words(words: str, day: date) -> None:
    assert written_day(words) == day


@pytest.mark.parametrize(
    "words",
    ["24-3-4", "3/4/2024", "2024-3", "2024年3月", "3月4日", "2024-13-1", "2024-2-30", "20240230", "45355",
     "二〇二四年十三月一日", "二〇二四年二月三十日", "三月", "", "2024-3-4-5", "2024-3-4起"],
)  # fmt: skip
def test_what_names_no_day_for_certain_is_none(words: str) -> None:
    assert written_day(words) is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("农历二月初三", "是农历，请换算成公历的日期"),
        ("甲辰年正月十五", "是农历，请换算成公历的日期"),
        ("2024年腊月廿三", "是农历，请换算成公历的日期"),
        ("2024-3-4 星期二", "那一天是星期一，请核对日期"),
        ("2024年3月3日（周天）", ""),
        ("2024.3.4星期一", ""),
    ],
)
def test_a_day_of_another_calendar_or_of_another_weekday_is_asked(
    words: str, said: str, tmp_path: Path
) -> None:
    path, made, _ = book(tmp_path, HEAD, ["1", words, *ROW[2:]])
    if not said:
        assert load(saved(path, made)) == Imported(1, 0)
        return
    with pytest.raises(BadLedger) as fault:
        load(saved(path, made))
    assert f"“收到日期”（{words}）{said}" in str(fault.value)


CHINESE_DATES = (*range(27, 32), 36, 50, 51, 52, 53, 54, 57, 58)


@pytest.mark.parametrize("number_format", [0, 14, 22, *CHINESE_DATES])
def test_a_number_in_a_column_of_days_is_the_day_that_excel_shows(
    number_format: int, tmp_path: Path
) -> None:
    path, made, _ = book(tmp_path, HEAD, ["1", 45355, *ROW[2:8], 45371, ""])
    with_formats(saved(path, made), number_format)
    done = load(path)
    assert listed() == [("1", FOURTH)]
    month = number_format in (27, 36, 50, 52, 57)
    assert any("只显示年月" in said for said in done.told) == month
    assert any("日期序号" in said for said in done.told) == (number_format == 0)


def with_formats(path: Path, number_format: int) -> None:
    """Show the numbers of the second row in one of Excel's own formats, as its file does."""
    parts: dict[str, bytes] = {}
    with ZipFile(path) as archive:
        for name in archive.namelist():
            parts[name] = archive.read(name)
    style = f'<xf numFmtId="{number_format}" fontId="0" fillId="0" borderId="0"/></cellXfs>'
    parts["xl/styles.xml"] = parts["xl/styles.xml"].replace(b"</cellXfs>", style.encode())
    sheet = parts["xl/worksheets/sheet1.xml"]
    for cell in (b'<c r="B2"', b'<c r="I2"'):
        sheet = sheet.replace(cell, cell + b' s="1"')
    parts["xl/worksheets/sheet1.xml"] = sheet
    with ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_days_of_a_workbook_that_counts_from_1904(tmp_path: Path) -> None:
    path, made, _ = book(tmp_path, HEAD, ["1", FOURTH, *ROW[2:8], date(2024, 3, 20), ""])
    from openpyxl.utils.datetime import MAC_EPOCH

    made.epoch = MAC_EPOCH
    load(saved(path, made))
    assert listed() == [("1", FOURTH)]


def test_numbers_of_days_in_texts(tmp_path: Path) -> None:
    done = load(as_csv(tmp_path, GOOD | {"收到日期": "45719", "办结日期": "20250320"}))
    assert listed() == [("2025-17", date(2025, 3, 3))]
    assert done.told == ("Excel 的日期序号，按日期：第2行收到日期 2025-03-03",)


def test_a_date_in_chinese_format_is_no_number_of_an_application(tmp_path: Path) -> None:
    path, made, _ = book(tmp_path, HEAD, [45355, 45355, *ROW[2:8], 45371, ""])
    with_formats(saved(path, made), 31)
    sheet_xml = "xl/worksheets/sheet1.xml"
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[sheet_xml] = parts[sheet_xml].replace(b'<c r="A2"', b'<c r="A2" s="1"')
    with ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(BadLedger, match="“登记号”是日期（2024-03-04）"):
        load(path)


# ── spoilt numbers, unseen characters ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("联系方式", "1.38123E+10"),
        ("联系方式", "电话1.38E+10"),
        ("登记号", "2.02403E+11"),
        ("备注", "1E+10"),
        ("申请内容", "1.5e+8"),
        ("收到日期", "4.5355E+4"),
    ],
)
def test_a_number_spoilt_by_excel_is_refused_everywhere(
    name: str, value: str, tmp_path: Path
) -> None:
    with pytest.raises(BadLedger, match=f"第2行：“{name}”是科学计数法"):
        load(as_csv(tmp_path, GOOD | {name: value}))
    assert rows() == []


def test_a_number_shown_in_scientific_notation_is_refused(tmp_path: Path) -> None:
    path, made, sheet = book(tmp_path, HEAD, row("1", 联系方式=13812300000))
    assert load(saved(path, made)) == Imported(1, 0)
    sheet["A2"], sheet["F2"].number_format = "2", "0.00E+00"
    with pytest.raises(BadLedger, match=r"第2行：“联系方式”是科学计数法（13812300000）"):
        load(saved(path, made))


@pytest.mark.parametrize(
    ("name", "number", "shown", "whole"),
    [
        ("联系方式", 13812345678, "0.00E+00", True),
        ("登记号", 202400000001, "0.00E+00", True),
        ("登记号", 202400000001, "##0.0E+0", True),
        ("收到日期", 20240304, "0.00E+00", True),
        ("登记号", 202401000000, "0.00E+00", False),  # as read back from 2.02401E+11
        ("登记号", 12345678901, "0.0000000000E+00", False),
        ("登记号", 123456789012, "0.0000000000E+00", True),
        ("登记号", 1234567.5, "0.00E+00", False),
    ],
)
def test_a_number_that_says_more_than_its_scientific_notation_shows_is_read(
    name: str, number: float, shown: str, *, whole: bool, tmp_path: Path
) -> None:
    """Excel keeps all figures of it; one that ends in zeros may have been read back without its end."""
    path, made, sheet = book(tmp_path, HEAD, row("1", **{name: number}))
    sheet.cell(2, HEAD.index(name) + 1).number_format = shown
    if whole:
        assert load(saved(path, made)) == Imported(1, 0)
        (found,) = listed()
        said = {"登记号": found[0], "收到日期": f"{found[1]:%Y%m%d}", "联系方式": contact(found[0])}
        assert said[name] == str(number)
        return
    with pytest.raises(BadLedger, match=f"第2行：“{name}”是科学计数法"):
        load(saved(path, made))


def test_a_head_far_down_is_found_and_of_one_beyond_it_is_said_where_it_was_looked_for(
    tmp_path: Path,
) -> None:
    above = [["填写说明"]] * 60
    path, made, _ = book(tmp_path, *above, HEAD, row("1"))
    other = made.create_sheet("更早的")
    for line in ([["填写说明"]] * 1000, [HEAD], [row("2")]):
        for one in line:
            other.append(one)
    told = load(saved(path, made)).told
    assert [number for number, _ in listed()] == ["1"]
    said = "前1000行没有台账表头的工作表，未导入（表头在更下面的，请删去它上面的行）：“更早的”"
    assert said in told


def test_marks_that_nobody_sees_are_taken_out_and_told(tmp_path: Path) -> None:
    spoilt = {
        "登记号": "2025-17\u202c",
        "申请人": "周\u200b晓\u202d岚\u202c",
        "联系方式": "\u202d138\u202c",
    }
    done = load(as_csv(tmp_path, GOOD | spoilt))
    assert done.told == ("去除看不见的字符：第2行登记号、第2行申请人、第2行联系方式",)
    assert (rows()[0]["number"], rows()[0]["applicant"]) == ("2025-17", "周晓岚")
    assert load(as_csv(tmp_path, GOOD | {"联系方式": "138"})) == Imported(0, 1)
    with pytest.raises(BadLedger, match="“申请人”为空"):
        load(as_csv(tmp_path, GOOD | {"登记号": "2", "申请人": "\u200b"}))


# ── words ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "words", "column", "meant"),
    [
        ("申请人类别", "公民", "applicant_kind", "自然人"),
        ("申请人类别", " 企 业 ", "applicant_kind", "商业企业"),
        ("提交方式", "互联网", "channel", "online"),
        ("提交方式", "政府网站", "channel", "online"),
        ("提交方式", "ＥＭＳ", "channel", "registered_post"),
        ("提交方式", "当面提交（窗口）", "channel", "in_person"),
        ("提交方式", "网上申请-政府网站", "channel", "online"),
        ("提交方式", "/", "channel", "other"),
        ("办理结果", "信息不存在", "row", "3.4.1"),
        ("办理结果", "过程性信息", "row", "3.3.6"),
        ("办理结果", "申请人撤回", "row", "3.6.3"),
    ],
)
def test_the_usual_words_are_known(
    name: str, words: str, column: str, meant: str, tmp_path: Path
) -> None:
    done = load(as_csv(tmp_path, GOOD | {name: words}))
    assert rows()[0][column] == meant
    told = "\n".join(done.told)
    assert (name in told) == (words not in ("互联网", "ＥＭＳ", "/")), told


def test_a_result_of_before_the_form_had_three_rows_is_its_one_row(tmp_path: Path) -> None:
    early = {"收到日期": "2020-03-02", "办结日期": "2020-03-09", "办理结果": "撤回申请"}
    load(as_csv(tmp_path, GOOD | early))
    assert rows()[0]["row"] == "3.6"


@pytest.mark.parametrize(
    ("year", "row_"), [(2018, "3.6"), (2019, "3.6"), (2020, "3.6"), (2021, "3.6.3")]
)
def test_a_result_before_any_form_is_read_by_the_oldest(
    year: int, row_: str, tmp_path: Path
) -> None:
    days = {"收到日期": f"{year}-03-05", "办结日期": f"{year}-03-15"}
    load(as_csv(tmp_path, GOOD | days | {"办理结果": "撤回"}))
    assert rows()[0]["row"] == row_


@pytest.mark.parametrize("words", ["在办", "办理中", "未办结"])
def test_a_word_may_say_that_it_is_open(words: str, tmp_path: Path) -> None:
    load(as_csv(tmp_path, GOOD | {"办理结果": words, "办结日期": "—"}))
    assert rows()[0]["closed_on"] is None


@pytest.mark.parametrize(
    ("name", "words", "asked"),
    [
        ("办理结果", "不予公开", "可能是三（三）1　不予公开：属于国家秘密、三（三）2"),
        ("申请人类别", "单位", "可能是商业企业、科研机构"),
        ("提交方式", "微信", "可能是互联网渠道、其他已公布的渠道"),
    ],
)
def test_a_word_that_may_mean_several_things_is_asked_about(
    name: str, words: str, asked: str, tmp_path: Path
) -> None:
    with pytest.raises(BadLedger, match=f"第2行：{name}“{words}”{asked}.*ledger.toml"):
        load(as_csv(tmp_path, GOOD | {name: words}))


def test_an_office_completes_the_table_of_words_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = load_ledger_words(office.SHIPPED / "office").model_dump()
    own["results"] |= {"不予公开": "三（三）5", "另函告知": "3.6.3", "错": "9.9"}
    words = type(load_ledger_words(office.SHIPPED / "office")).model_validate(own)
    monkeypatch.setattr(office, "ledger_words", lambda: words)
    load(
        as_csv(
            tmp_path,
            GOOD | {"办理结果": "不予公开"},
            GOOD | {"登记号": "2", "办理结果": "另函告知"},
        )
    )
    assert sorted(row["row"] for row in rows()) == ["3.3.5", "3.6.3"]
    with pytest.raises(BadLedger, match=r"ledger.toml \[results\] 中“错”的意思（9.9）不存在"):
        load(as_csv(tmp_path, GOOD | {"登记号": "3", "办理结果": "错"}))


def test_a_head_cannot_mean_two_columns(tmp_path: Path) -> None:
    text = (office.SHIPPED / "office" / "ledger.toml").read_text("utf-8")
    (tmp_path / "ledger.toml").write_text(text.replace('["说明"', '["电话", "说明"'), "utf-8")
    with pytest.raises(ConfigFault, match="“电话”不能既是"):
        load_ledger_words(tmp_path)


def test_every_word_of_the_table_means_something_there_is() -> None:
    words, law = load_ledger_words(office.SHIPPED / "office"), office.law()
    rows_ = {code for form in FORMS for code in form.row_of} | {""}
    means = {
        "kinds": {str(kind) for form in FORMS for kind in form.kinds},
        "channels": {channel.label for channel in law.channels.values()},
        "results": rows_,
    }
    for table, known in means.items():
        for word, meant in getattr(words, table).items():
            assert {meant} if isinstance(meant, str) else {*meant} <= known, word
            assert isinstance(meant, str) or len(meant) > 1, word


# ── files that are none ───────────────────────────────────────────────────────────────────────

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("旧.xls", OLD, "旧格式；请先另存为 XLSX 或 CSV"),
        ("旧.et", OLD, "旧格式；请先另存为 XLSX 或 CSV"),
        ("加密.xlsx", OLD + "EncryptedPackage".encode("utf-16-le"), "文件设有打开密码"),
        ("网页.xls", b"<html><table><tr><td>1</td></tr></table></html>", "其实是网页"),
        ("文本.xls", "登记号\t收到日期".encode(), "其实是文本，不是工作簿；扩展名改为 .csv"),
        ("台账.ods", b"PK\x03\x04", "请先另存为 XLSX 或 CSV"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadLedger, match=said):
        sheets(tmp_path / name)


def test_a_workbook_under_an_old_name_is_read(tmp_path: Path) -> None:
    path, made, _ = book(tmp_path, HEAD, row("1"), name="台账.xlsx")
    renamed = saved(path, made).rename(tmp_path / "台账.xls")
    assert load(renamed) == Imported(1, 0)


def test_a_text_with_tabs_is_read(tmp_path: Path) -> None:
    path = tmp_path / "台账.txt"
    path.write_text("\n".join("\t".join(map(str, one)) for one in (HEAD, row("1"))), "utf-8")
    assert load(path) == Imported(1, 0)


# ── all doubts at once ────────────────────────────────────────────────────────────────────────


def doubtful(path: Path) -> DoubtfulLedger:
    with pytest.raises(DoubtfulLedger) as refused:
        load(path)
    assert rows() == []
    return refused.value


def test_all_doubts_are_found_at_once_and_stand_beside_the_rows(tmp_path: Path) -> None:
    path, made, sheet = book(
        tmp_path,
        ["某局台账"],
        HEAD,
        row("1", 收到日期="春天", 申请人类别="某人", 办理结果="不予公开"),
        row("2"),
        row("2", 申请人=""),
        row("1", 备注="好"),
    )
    sheet["G4"].number_format, sheet.column_dimensions["G"].width = "@", 50
    sheet["L4"].number_format = "@"  # an empty cell with a format, right of the head
    fault = doubtful(saved(path, made))
    problems = [(one.line, one.problem.partition("；")[0][:12]) for one in fault.doubts]
    assert [line for line, _ in problems] == [3, 3, 3, 5, 5, 6]
    assert problems[4:] == [(5, "登记号“2”与第4行重复"), (6, "登记号“1”与第3行重复")]
    out = beside(path)
    write_copy(fault, out)
    copy = load_workbook(out).active
    assert copy is not None
    column = [cell.value for cell in copy["M"]]
    assert column[1] == "存疑"
    assert "“收到日期”应为日期" in str(column[2])
    assert "申请人类别“某人”" in str(column[2])
    assert "可能是三（三）1　" in str(column[2])
    assert column[3] is None
    assert "“申请人”为空" in str(column[4])
    assert (copy["G4"].number_format, copy.column_dimensions["G"].width) == ("@", 50)
    assert [cell.value or "" for cell in copy[4]][:10] == row("2")


def test_the_copy_is_put_right_and_loaded(tmp_path: Path) -> None:
    path, made, _ = book(tmp_path, HEAD, row("1", 申请人类别="某人"), row("2", 收到日期="不详"))
    write_copy(doubtful(saved(path, made)), beside(path))
    copy = load_workbook(beside(path))
    copy.worksheets[0]["D2"] = "自然人"
    copy.save(beside(path))
    again = doubtful(beside(path))
    assert [one.line for one in again.doubts] == [3]
    write_copy(again, beside(beside(path)))
    assert beside(beside(path)) == beside(path)
    copy = load_workbook(beside(path))
    marks = [cell.value for cell in copy.worksheets[0]["K"]]
    assert marks[:2] == ["存疑", None]
    assert "“收到日期”应为日期" in str(marks[2])
    assert copy.worksheets[0].max_column == 11
    copy.worksheets[0]["B3"] = "2025-03-03"
    copy.save(beside(path))
    assert load(beside(path)) == Imported(2, 0)


def test_a_csv_gets_its_doubts_in_a_last_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = as_csv(tmp_path, GOOD, GOOD | {"登记号": "2", "申请人类别": "某人"}, encoding="gb18030")
    assert main(["import", str(path)]) == 2
    said = capsys.readouterr().err
    assert "共1处存疑，已逐行写在" in said
    assert "台账 台账.csv 第3行：申请人类别“某人”" in said
    assert "（未导入任何一行）" in said
    table = list(csv.reader(io.StringIO(beside(path).read_text("utf-8-sig"), newline="")))
    assert table[0] == [*HEAD, "存疑"]
    assert table[1][:10] == list(row("2025-17"))
    assert "“某人”" in table[2][10]
    text = beside(path).read_text("utf-8-sig").replace(",某人", ",自然人", 1)
    assert text.count("某人") >= 1
    fixed = text.replace("2,2025-03-03,网络,某人", "2,2025-03-03,网络,自然人")
    beside(path).write_text(fixed, "utf-8-sig")
    assert load(beside(path)) == Imported(2, 0)


def test_a_place_for_the_copy_can_be_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = as_csv(tmp_path, GOOD | {"申请人": ""})
    out = tmp_path / "存疑" / "甲.csv"
    assert main(["import", str(path), "--doubts", str(out)]) == 2
    assert "“申请人”为空" in out.read_text("utf-8-sig")
    assert not beside(path).exists()
    assert main(["import", str(path), "--doubts", str(path / "甲.csv")]) == 2
    assert "存疑之处无法写入" in capsys.readouterr().err


# ── trying it ─────────────────────────────────────────────────────────────────────────────────


def test_a_dry_run_says_what_it_would_give_and_loads_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = as_csv(tmp_path, GOOD, GOOD | {"登记号": "2", "办理结果": "3.1"})
    assert main(["import", str(path), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "将导入2件，已在登记簿中0件" in said
    assert "一\t一、本年新收政府信息公开申请数量\t2\t0\t0\t0\t0\t0\t2\n" in said
    assert "三（一）\t（一）予以公开\t1\t0\t0\t0\t0\t0\t1\n" in said
    assert rows() == []
    load(path)
    figures = produce(2025, tmp_path / "out", None).table.figures()
    assert (figures["1"][-1], figures["3.1"][-1]) == (2, 1)


# ── corrected rows ────────────────────────────────────────────────────────────────────────────

CORRECTED = {
    "申请人": "周小岚",
    "申请人类别": "商业企业",
    "申请内容": "另一份名单",
    "收到日期": "2025-03-04",
    "提交方式": "当面",
    "办理结果": "3.1",
    "办结日期": "2025-03-21",
    "备注": "更正",
    "联系方式": "13800000000",
}


@pytest.mark.parametrize("name", CORRECTED)
def test_a_corrected_row_says_what_differs_and_is_put_right_by_an_act(
    name: str, tmp_path: Path
) -> None:
    load(as_csv(tmp_path, GOOD))
    path = as_csv(tmp_path, GOOD | {name: CORRECTED[name]})
    with pytest.raises(BadLedger, match=f"已在登记簿中，且内容不同：{name}.*--correct"):
        load(path)
    asked, by = Asked(correct="与原件核对"), By("李明", "")
    done = ledger.import_ledger(path, FORMS, lambda *_: None, asked, by)
    assert (done.added, done.known, done.corrected) == (0, 1, 1)
    assert load(path) == Imported(0, 1)
    with office.reading() as session:
        events = register.events(session, "2025-17")
        errata = [e for e in events if e.kind == "erratum"]
        assert [e.facts["reason"] for e in errata] == ["与原件核对"] * (name != "联系方式")
        assert list(integrity.faults(session, office.law(), office.agency())) == []
    with pytest.raises(BadLedger, match="内容不同"):
        load(as_csv(tmp_path, GOOD))


def test_a_result_of_a_ledger_is_put_right_by_the_name_of_its_row(tmp_path: Path) -> None:
    load(as_csv(tmp_path, GOOD))

    def put_right(value: str) -> tuple[str, ...]:
        fields = {"entries": ("2.row",), "value": value, "reason": "与原件核对"}
        return tuple(recording.perform("2025-17", 3, "erratum", fields, "李明").reasons)

    assert "应为表三的行次（如 三（四）1），而不是“三（九）”" in "".join(put_right("三（九）"))
    assert "登记簿所载就是“三（四）1”" in "".join(put_right("三（四）1"))
    assert put_right("三（一）") == ()
    assert rows()[0]["row"] == "3.1"


def test_what_was_open_in_an_earlier_ledger_is_closed_by_a_later_one(tmp_path: Path) -> None:
    load(as_csv(tmp_path, GOOD | {"办理结果": "", "办结日期": ""}))
    path = as_csv(tmp_path, GOOD)
    with pytest.raises(BadLedger, match=r"登记簿尚未办结，台账已办结（三（四）1，2025-03-20）"):
        load(path)
    ledger.import_ledger(path, FORMS, lambda *_: None, Asked(correct="已办结"), By("李明", ""))
    assert (rows()[0]["row"], rows()[0]["closed_on"]) == ("3.4.1", date(2025, 3, 20))
    assert load(path) == Imported(0, 1)


def test_what_cannot_be_put_right_names_its_case_and_leaves_all_as_it_was(tmp_path: Path) -> None:
    load(as_csv(tmp_path, GOOD, GOOD | {"登记号": "2"}))
    change = [GOOD | {"申请人": "甲"}, GOOD | {"登记号": "2", "申请人": "乙"}]
    path = as_csv(tmp_path, *change)
    with pytest.raises(ActRefused, match="2025-17：请填写勘误的理由"):
        ledger.import_ledger(path, FORMS, lambda *_: None, Asked(correct=" "), By("李明", ""))
    assert {r["applicant"] for r in rows()} == {"周晓岚"}


def test_putting_right_needs_an_officer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = as_csv(tmp_path, GOOD)
    assert main(["import", str(path), "--correct", "核对"]) == 2
    assert "--officer" in capsys.readouterr().err


# ── the day from which the register is complete ───────────────────────────────────────────────


def carried(folder: Path) -> Path:
    """The ledger of 2025, with what was carried in from 2024 and nothing else of that year."""
    before = {"收到日期": "2024-12-20", "办结日期": "2025-01-10"}
    many = [GOOD | {"登记号": str(n)} for n in range(7)]
    return as_csv(folder, GOOD | {"登记号": "旧1"} | before, *many)


def uncompared() -> str:
    with office.reading() as session:
        return gathered(session, 2025, office.today()).uncompared


def test_a_year_that_is_held_in_part_is_compared_with_none(tmp_path: Path) -> None:
    load(carried(tmp_path))
    assert uncompared() == "登记簿中2024年的申请只有结转下来的，不与上年比较。"
    svg = produce(2025, tmp_path / "out", None).files
    picture = next(path for path in svg if path.name == "picture.svg").read_text("utf-8")
    assert "与上年相比" not in picture
    assert "上年的7倍" not in picture
    whole = {"登记号": "整", "收到日期": "2024-02-01", "办结日期": "2024-02-20"}
    load(as_csv(tmp_path, GOOD | whole))
    assert uncompared() == "登记簿自哪一天起是完整的，还没有写明，不与上年比较。"
    picture = produce(2025, tmp_path / "again", None).files[-1].parent / "picture.svg"
    assert "还没有写明，不与上年比较" in picture.read_text("utf-8")
    assert "与上年相比" not in picture.read_text("utf-8")
    assert ledger.keep_complete_since(date(2024, 1, 1), "李明")
    assert uncompared() == ""


@pytest.mark.parametrize(
    ("since", "compared"),
    [("2023-12-31", True), ("2024-01-01", True), ("2024-01-02", False), ("2025-01-01", False)],
)
def test_the_day_from_which_the_register_is_complete_is_kept(
    since: str, compared: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = carried(tmp_path)
    assert main(["import", str(path), "--dry-run"]) == 0
    assert "--complete-since" in capsys.readouterr().out
    assert main(["import", str(path)]) == 0
    assert main(["import", "--complete-since", since]) == 0
    assert told([f"已记下：登记簿自{since}起完整"]) in capsys.readouterr().out
    with office.reading() as session:
        assert complete_since(session) == date.fromisoformat(since)
        assert list(integrity.faults(session, office.law(), office.agency())) == []
    assert (uncompared() == "") == compared
    assert not ledger.keep_complete_since(date.fromisoformat(since), "")
    assert ledger.keep_complete_since(date(2020, 1, 1), "李明")
    assert uncompared() == ""


def test_what_was_stated_holds_of_the_days_before_it_was_stated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A report as of an earlier day called the year before, of which little was held, a leap."""
    first, other = date(2024, 1, 1), date(2020, 1, 1)
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-02")
    assert ledger.keep_complete_since(first, "李明")
    monkeypatch.setenv("DISCLOSURE_TODAY", "2026-03-05")
    assert ledger.keep_complete_since(other, "李明")
    with office.reading() as session:
        as_of = {day: complete_since(session, date(2026, 3, day)) for day in (1, 2, 4, 5)}
    assert as_of == {1: first, 2: first, 4: first, 5: other}


def test_whoever_loads_a_ledger_without_a_terminal_is_told_what_is_still_to_be_stated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = as_csv(tmp_path, GOOD)
    assert main(["import", str(path), "--dry-run", "--complete-since", "2025-01-01"]) == 0
    said = capsys.readouterr().out
    assert told(["将记下：登记簿自2025-01-01起完整"]) in said
    assert "请用 --complete-since" not in said
    assert main(["import", str(path)]) == 0
    assert UNKEPT in capsys.readouterr().err
    assert main(["import", "--complete-since", "2025-01-01"]) == 0
    assert main(["import", str(path)]) == 0
    assert UNKEPT not in capsys.readouterr().err


def test_a_day_to_come_is_none_from_which_it_is_complete(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["import", "--complete-since", "2026-03-03"]) == 2
    assert "晚于今天" in capsys.readouterr().err
    assert main(["import", "--complete-since", "2026-03-02"]) == 0
    assert main(["import"]) == 2


# ── out again ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_what_is_exported_gives_the_same_register_in_an_empty_home(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = {
        "申请内容": '=HYPERLINK("x")',
        "备注": "-2+3",
        "联系方式": "+86 138",
        "申请人": "'@甲",
    }
    path = as_csv(
        tmp_path,
        GOOD,
        GOOD | {"登记号": "2"} | hostile,
        GOOD | {"登记号": "3", "办理结果": "", "办结日期": "", "提交方式": "挂号信"},
        GOOD | {"登记号": "4", "收到日期": "2024-12-20", "申请人类别": "其他", "办理结果": "3.6.1"},
        GOOD | {"登记号": "5", "申请内容": "第一行\n第二行", "备注": "#N/A", "申请人": "周?岚"},
    )
    ledger.import_ledger(path, FORMS, lambda *_: None, Asked(named=True))
    wrong = as_csv(tmp_path, GOOD | {"收到日期": "2024-12-31"})
    ledger.import_ledger(wrong, FORMS, lambda *_: None, Asked(correct="核对"), By("李明", ""))
    before = {r["number"]: comparable(r) for r in rows()}
    contacts = {number: contact(number) for number in before}
    tables = [produce(year, tmp_path / "a", None).table.figures() for year in (2024, 2025)]
    out = tmp_path / f"导出{ending}"
    done = ledger_export.export(out, None, None, lambda *_: None)
    assert done.written == 5
    written = out.read_text("utf-8-sig") if ending == ".csv" else str(cells_of(out))
    assert "3.6.1" in written  # a ledger states rows by their codes, for other programs, too
    assert "3.4.1" in written
    assert "三（四）1" not in written
    assert done.told == (
        "申请人姓名中有电话、证件号码、问号，或者没有写姓名的，照登记簿导出"
        "（再导入时加 --names-as-they-are）：5",
    )
    with empty_register(tmp_path / "空", monkeypatch):
        again_as_it_is = Asked(named=True)
        done_again = ledger.import_ledger(out, FORMS, lambda *_: None, again_as_it_is)
        assert done_again == Imported(5, 0)
        assert {r["number"]: comparable(r) for r in rows()} == before
        assert {number: contact(number) for number in before} == contacts
        again = [produce(year, tmp_path / "b", None).table.figures() for year in (2024, 2025)]
        assert again == tables
        assert ledger.import_ledger(out, FORMS, lambda *_: None, again_as_it_is) == Imported(0, 5)


def test_a_simulated_year_goes_out_and_comes_in_again_with_the_same_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate.simulate(2025, 60, 5, letters=False, advance=lambda *_: None)
    years = (2024, 2025)
    before, tables = counted_by_year(), table3_of(years)
    out = tmp_path / "导出.xlsx"
    done = ledger_export.export(out, None, None, lambda *_: None)
    assert done.written > 60
    with empty_register(tmp_path / "空", monkeypatch):
        assert load(out) == Imported(done.written, 0)
        assert counted_by_year() == before
        assert table3_of(years) == tables


def counted_by_year() -> Counter[tuple[int, int | None, str | None]]:
    """How many applications came and were closed in which year, and in which row they count."""
    found = [row for row in rows() if row["received_on"] and (row["row"] or not row["closed_on"])]
    return Counter(
        (one["received_on"].year, one["closed_on"] and one["closed_on"].year, one["row"])
        for one in found
    )


def table3_of(years: Sequence[int]) -> list[dict[str, list[int]]]:
    with office.reading() as session:
        law, rules = office.law(), office.annual_rules()
        found = tables_of_years(session, years, office.today(), law, rules)
    return [found[year].table3.figures() for year in years]


def cells_of(path: Path) -> list[object]:
    """Every cell of a workbook."""
    sheets = load_workbook(path).worksheets
    return [cell.value for sheet in sheets for row in sheet for cell in row]


def comparable(found: dict[str, Any]) -> dict[str, Any]:
    names = ("channel", "applicant_kind", "applicant", "request", "received_on", "closed_on", "row")
    return {name: found[name] for name in names}


def contact(number: str) -> str:
    with office.reading() as session:
        return register.applicant(session, number).contact


def test_an_export_leaves_a_line_and_what_it_leaves_out_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(as_csv(tmp_path, GOOD, GOOD | {"登记号": "2", "收到日期": "2025-03-04"}))
    asked = ["--channel", "网络", "--kind", "自然人", "--applicant", "甲", "--request", "名单"]
    assert main(["receive", *asked]) == 0
    assert main(["export", str(tmp_path / "甲.xlsx")]) == 0
    said = capsys.readouterr()
    assert "导出2件" in said.out
    assert "尚未确认收到的申请，未导出：SQ2026" in said.err
    assert (
        main(["export", str(tmp_path / "甲.csv"), "--from", "2025-03-04", "--to", "2025-03-04"])
        == 0
    )
    assert "导出1件" in capsys.readouterr().out
    assert (
        main(
            ["log", "--from", "2020-01-01", "--to", "2099-01-01", "--out", str(tmp_path / "l.csv")]
        )
        == 0
    )
    written = (tmp_path / "l.csv").read_text("utf-8-sig")
    assert "导出台账（2件） 2025-17、2" in written, "which, each by its number"
    assert "导出台账（1件） 2," in written
    assert main(["export", str(tmp_path / "甲.doc")]) == 2
