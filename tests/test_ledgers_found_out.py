"""What a ledger's looks do not say: letters struck out, years that are not shown, ticks under results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from databases import empty_register
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from test_clerks_ledgers import HEAD, doubts, kept, load, one
from test_ledger import rows

from flows.commands.ledger_sheets import sheets
from flows.commands.ledger_values import BadLedger


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


def results() -> dict[str, str]:
    return {row["number"]: row["row"] for row in rows()}


def changed(
    folder: Path, lines: Sequence[Sequence[Any]], change: Callable[[Any], None], name: str = "台账"
) -> Path:
    made = Workbook()
    sheet: Any = made.active
    sheet.title = name
    for line in lines:
        sheet.append(line)
    change(sheet)
    path = folder / "台账.xlsx"
    made.save(path)
    return path


# ── letters that are struck out ─────────────────────────────────────────────────────────────────

STRUCK = "有的字带删除线；作废的，删去这些字，仍然算数的，去掉删除线"


def struck(words: str, rest: str) -> CellRichText:
    return CellRichText(TextBlock(InlineFont(strike=True), words), rest)


@pytest.mark.parametrize(
    ("cell", "column", "words"),
    [("D2", "申请人", "李四"), ("E2", "申请内容", "甲"), ("F2", "办理结果", "不存在")],
)
def test_a_cell_of_which_some_letters_are_struck_out_is_asked(
    cell: str, column: str, words: str, tmp_path: Path
) -> None:
    def strike(sheet: Any) -> None:
        sheet[cell] = struck(words, "王五")

    path = changed(tmp_path, [HEAD, one(1, "自然人", "张三"), one(2, "自然人", "张三")], strike)
    assert doubts(path) == [f"2：“{column}”{STRUCK}"]
    assert rows() == []


def test_letters_that_stand_among_the_shared_ones_may_be_struck_out_too(tmp_path: Path) -> None:
    path = kept(tmp_path, [HEAD, one(1, "自然人", "张三"), one(2, "自然人", "张三")])
    with ZipFile(path) as packed:
        parts = {name: packed.read(name).decode() for name in packed.namelist()}
    sheet, space = "xl/worksheets/sheet1.xml", "http://schemas.openxmlformats.org/"
    run = "<r><rPr><strike{}/></rPr><t>{}</t></r>"
    texts = (
        "李四",
        "甲",
        run.format("", "李四") + "<r><t>王五</t></r>",
        run.format(' val="0"', "乙"),
    )
    strings = (f"<si>{one if '<' in one else f'<t>{one}</t>'}</si>" for one in texts)
    for row, name, said in ((2, 2, 1), (3, 0, 3)):
        for letter, text in (("D", name), ("E", said)):
            begin = parts[sheet].index(f'<c r="{letter}{row}"')
            end = parts[sheet].index("</c>", begin)
            cell = f'<c r="{letter}{row}" t="s"><v>{text}</v>'
            parts[sheet] = parts[sheet][:begin] + cell + parts[sheet][end:]
    parts["xl/sharedStrings.xml"] = (
        f'<sst xmlns="{space}spreadsheetml/2006/main">{"".join(strings)}</sst>'
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        "</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    )
    with ZipFile(path, "w", ZIP_DEFLATED) as packed:
        for part, content in parts.items():
            packed.writestr(part, content)
    [found] = sheets(path)
    assert [row.cells[4] for row in found.rows()][1:] == ["甲", "乙"]
    assert doubts(path) == [f"2：“申请人”{STRUCK}"]


# ── days whose year is not shown ────────────────────────────────────────────────────────────────


def test_a_day_whose_year_is_not_shown_is_held_against_that_of_its_sheet(tmp_path: Path) -> None:
    def days(sheet: Any) -> None:
        for line, (received, closed) in enumerate(
            [
                (date(2022, 3, 1), date(2022, 3, 20)),
                (date(2023, 12, 30), date(2023, 12, 31)),  # typed in January of the year after
                (date(2022, 12, 30), date(2023, 1, 10)),  # answered in the year after
                (date(2022, 12, 30), date(2024, 1, 10)),
            ],
            start=2,
        ):
            sheet.cell(line, 2).value, sheet.cell(line, 7).value = received, closed
            for column in (2, 7):
                sheet.cell(line, column).number_format = 'm"月"d"日"'

    path = changed(
        tmp_path, [HEAD, *(one(n, "自然人", "张三") for n in range(1, 5))], days, "2022年"
    )
    more = "，请核对，并把年份显示出来"
    assert doubts(path) == [
        f"3：“收到日期”只显示12月30日，其值却是 2023-12-30，与工作表写明的2022年不符{more}",
        f"5：“办结日期”只显示1月10日，其值却是 2024-01-10，与工作表写明的2022年不符{more}",
    ]


def test_where_no_year_is_said_it_is_told_which_is_taken(tmp_path: Path) -> None:
    def day(sheet: Any) -> None:
        sheet["B2"].value, sheet["B2"].number_format = date(2022, 5, 2), "m/d"

    path = changed(tmp_path, [HEAD, one(1, "自然人", "张三")], day)
    assert "只显示月日的日期，按其值：第2行收到日期 2022-05-02" in load(path).told


# ── ticks ───────────────────────────────────────────────────────────────────────────────────────

TICKED = [
    "编号",
    "收到日期",
    "申请人",
    "自然人",
    "商业企业",
    "申请内容",
    "公开",
    "部分公开",
    "不存在",
    "其他",
]


def ticks(number: int, kind: int, result: int) -> list[Any]:
    def row(at: int, of: int) -> list[str | None]:
        return ["√" if n == at else None for n in range(of)]

    before = [number, "2023-3-1", "甲公司" if kind else "张三", *row(kind, 2), "批文"]
    return [*before, *row(result, 4), None, "2023-3-9"]


def test_results_and_kinds_may_be_ticked_without_a_head_over_them(tmp_path: Path) -> None:
    head = [*TICKED, "是否延期", "答复日期"]
    done = load(kept(tmp_path, [head, ticks(1, 0, 0), ticks(2, 1, 2), ticks(3, 0, 1)]))
    assert results() == {"1": "3.1", "2": "3.4.1", "3": "3.2"}
    assert [row["applicant_kind"] for row in rows()] == ["自然人", "商业企业", "自然人"]
    assert "没有“办理结果”一列，打勾的各列按所勾的一列（公开、部分公开、不存在、其他）" in done.told
    assert "没有“申请人类别”一列，打勾的各列按所勾的一列（自然人、商业企业）" in done.told
    assert sum("没有导入的列" in said for said in done.told) == 1


def test_two_results_ticked_are_asked(tmp_path: Path) -> None:
    twice = ticks(1, 0, 0)
    twice[8] = "√"
    head = [*TICKED, "是否延期", "答复日期"]
    assert doubts(kept(tmp_path, [head, twice])) == [
        "2：“办理结果”打了几个勾（公开、不存在），请只留一个；有的公开、有的不公开的，是“部分公开”"
    ]


# ── heads ───────────────────────────────────────────────────────────────────────────────────────


def refused(path: Path) -> str:
    with pytest.raises(BadLedger) as found:
        load(path)
    return found.value.problem


def test_a_ledger_that_stands_on_its_side_is_said_to(tmp_path: Path) -> None:
    lines = [HEAD, one(1, "自然人", "张三"), one(2, "自然人", "李四")]
    assert refused(kept(tmp_path, [list(one) for one in zip(*lines, strict=True)])) == (
        "表头竖着写在第一列，一件占一列；请在 Excel、WPS 中复制，用“选择性粘贴”的“转置”改成一件一行"
    )


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ([*HEAD, None, *HEAD], "表头重复：登记号；左右并排两段的，请把右边一段移到左边一段的下面"),
        (
            [*HEAD, "收到日期"],
            "表头重复：收到日期（第2列、第8列）；请只留一列，或者改另一列的名称",
        ),
        (HEAD[:5], "表头缺少：办理结果、办结日期；请在台账里加上这一列，尚未办结的各行空着"),
        ([*HEAD[:4], *HEAD[5:]], "表头缺少：申请内容；请在台账里加上这一列"),
    ],
)
def test_what_a_head_lacks_or_has_twice_is_said_with_what_to_do(
    head: list[Any], said: str, tmp_path: Path
) -> None:
    assert refused(kept(tmp_path, [head, one(1, "自然人", "张三")])) == said


def test_of_two_columns_for_one_the_other_is_told_to_be_left_out(tmp_path: Path) -> None:
    head = [*HEAD[:5], "答复结果", "办结日期", "办理情况"]
    done = load(kept(tmp_path, [head, [*one(1, "自然人", "张三"), "信息不存在"]]))
    assert "又一列像“办理结果”的，只取“答复结果”一列，未导入：“办理情况”" in done.told


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("办结日期", "法定答复时间"),
        ("收到日期", "科室收到时间"),
        ("收到日期", "受理回执日期"),
        ("登记号", "答复书编号"),
        ("登记号", "挂号信编号"),
    ],
)
def test_another_step_is_never_taken_for_a_column(column: str, other: str, tmp_path: Path) -> None:
    head = [other if one == column else one for one in HEAD]
    assert refused(kept(tmp_path, [head, one(1, "自然人", "张三")])).startswith(
        f"表头缺少：{column}；没有认出的列：“{other}”"
    )


@pytest.mark.parametrize("said", ["无", "—", "/"])
def test_a_mark_is_no_number(said: str, tmp_path: Path) -> None:
    path = kept(tmp_path, [HEAD, one(1, "自然人", "张三"), [said, *one(2, "自然人", "李")[1:]]])
    assert doubts(path) == ["3：“登记号”为空"]


def test_a_page_with_its_pictures_is_said_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "台账.xls"
    path.write_text("MIME-Version: 1.0\nX-Document-Type: Workbook\n", encoding="ascii")
    assert refused(path) == "其实是网页，不是工作簿；用 Excel 打开后，请先另存为 XLSX 或 CSV"


# ── sheets ──────────────────────────────────────────────────────────────────────────────────────


def test_sheets_that_count_or_list_words_are_left_out_by_name(tmp_path: Path) -> None:
    def more(sheet: Any) -> None:
        book = sheet.parent
        book.create_sheet("统计").append(["申请方式", "申请人类别", "办理结果", "数量"])
        book.create_sheet("选项").append(["申请人类别", "提交方式", "办理结果"])
        book.create_chartsheet("图")

    done = load(changed(tmp_path, [HEAD, one(1, "自然人", "张三")], more))
    assert done.added == 1
    assert "没有台账表头的工作表，未导入：“统计”、“选项”" in done.told


def test_a_sheet_of_something_else_may_be_hidden(tmp_path: Path) -> None:
    def more(sheet: Any) -> None:
        sheet.parent.create_sheet("复议").append(["序号", "申请人", "结果", "备注"])

    path = changed(tmp_path, [HEAD, one(1, "自然人", "张三")], more)
    assert refused(path).endswith("；这张工作表不是台账的，隐藏它再导入（隐藏的不导入，会说明）")


def test_where_all_rows_are_hidden_it_is_said(tmp_path: Path) -> None:
    def hide(sheet: Any) -> None:
        sheet.row_dimensions[2].hidden = True

    assert "隐藏的行，未导入（一并导入的，加 --hidden）：第2行" in refused(
        changed(tmp_path, [HEAD, one(1, "自然人", "张三")], hide)
    )


def test_rows_without_a_head_are_said_to_have_none(tmp_path: Path) -> None:
    assert refused(kept(tmp_path, [one(1, "自然人", "张三")])).startswith(
        "没有表头；请在第一行写上各列的名称（登记号、收到日期"
    )
    assert refused(kept(tmp_path, [])) == "是空的"


# ── numbers and names ───────────────────────────────────────────────────────────────────────────


def test_a_number_that_cannot_be_one_is_said_how_to_be_put_right(tmp_path: Path) -> None:
    lines = [one(said, "自然人", "张三") for said in ("依申请 2023 第 1 号", "2023/2")]
    assert [said.partition("；")[2] for said in doubts(kept(tmp_path, [HEAD, *lines]))] == [
        "用“查找和替换”去掉整列的空格，把斜杠换成“-”"
    ] * 2


def test_numbers_that_differ_by_their_width_alone_are_asked(tmp_path: Path) -> None:
    lines = [one("2023-1", "自然人", "张三"), one("２０２３－１", "自然人", "李四")]
    assert doubts(kept(tmp_path, [HEAD, *lines])) == [
        "3：登记号“２０２３－１”与第2行的“2023-1”只是全角、半角不同；"
        "是同一件（几个人提出、分几次答复、登记了两遍）的，合为一行；是两件的，各写一个编号"
    ]


@pytest.mark.parametrize(
    ("there", "here"), [("2023-1", "２０２３－１"), ("２０２３－１", "2023-1")]
)
def test_a_number_that_the_register_has_in_the_other_width_is_asked(
    there: str, here: str, tmp_path: Path
) -> None:
    load(kept(tmp_path, [HEAD, one(there, "自然人", "张三")]))
    assert load(kept(tmp_path, [HEAD, one(there, "自然人", "张三")])).known == 1
    assert doubts(kept(tmp_path, [HEAD, one(here, "自然人", "张三")])) == [
        f"2：登记号“{here}”与登记簿中的“{there}”只是全角、半角不同；是同一件的，照登记簿写"
    ]


@pytest.mark.parametrize(
    ("name", "doubt"),
    [
        (
            "张三\n李四",
            "“申请人”分成几行（张三／李四）；是一个名称的，去掉换行，是几个人的，用“、”隔开",
        ),
        ("12345", "“申请人”写的“12345”不是姓名、名称；请补填"),
        ("310101750101123", "“申请人”中有电话或者证件号码（310……），请移到“联系方式”"),
    ],
)
def test_what_is_no_name_is_asked(name: str, doubt: str, tmp_path: Path) -> None:
    path = kept(tmp_path, [HEAD, one(1, "自然人", name)])
    [said] = doubts(path)
    assert said.startswith(f"2：{doubt}")
    assert load(path, named=True).added == 1


@pytest.mark.parametrize(
    ("words", "row"),
    [
        ("不予公开\n商业秘密", "3.3.4"),
        ("不公开 涉及国家秘密", "3.3.1"),
        ("【公开】", "3.1"),
        ("“信息不存在”", "3.4.1"),
        ("不予公开，理由：涉及商业秘密", "3.3.4"),
        ("信息\n不存在", "3.4.1"),
    ],
)
def test_a_result_may_stand_in_lines_or_between_marks(words: str, row: str, tmp_path: Path) -> None:
    line = one(1, "自然人", "张三")
    line[5] = words
    load(kept(tmp_path, [HEAD, line]))
    assert results() == {"1": row}


# ── what was carried in, and kinds that do not fit ──────────────────────────────────────────────


def received() -> dict[str, str]:
    return {row["number"]: row["received_on"] for row in rows()}


@pytest.mark.parametrize("heading", [True, False])
def test_what_was_carried_in_is_of_the_year_before(heading: bool, tmp_path: Path) -> None:
    head = [*HEAD, "备注"]
    carried = [1, "12.25", "自然人", "张三", "批文", "公开", "1.10", "" if heading else "上年结转"]
    own = [2, "1.5", "自然人", "李四", "批文", "公开", "1.20", ""]
    last = [3, "12.28", "自然人", "王五", "批文", "公开", "1.12", "结转下年"]
    above, below = ([["上年结转"]], [["本年新收"]]) if heading else ([], [])
    load(kept(tmp_path, [["2023年度台账"], head, *above, carried, *below, own, last]))
    assert {number: str(day) for number, day in received().items()} == {
        "1": "2022-12-25",
        "2": "2023-01-05",
        "3": "2023-12-28",
    }
    assert {row["number"]: str(row["closed_on"]) for row in rows()} == {
        "1": "2023-01-10",
        "2": "2023-01-20",
        "3": "2024-01-12",
    }


def test_a_kind_that_the_name_speaks_against_is_told(tmp_path: Path) -> None:
    lines = [
        one(1, "自然人", "临河律师事务所"),
        one(2, "商业企业", "临河建设有限公司"),
        one(3, "自然人", "欧阳娜娜"),
        one(4, "其他", "临河建设有限公司"),
    ]
    assert (
        "申请人类别与名称不像同一类，按所写的导入，请核对：第2行写“自然人”，名称像“法律服务机构”、"
        "第5行写“其他”，名称像“商业企业”"
    ) in load(kept(tmp_path, [HEAD, *lines])).told


def test_a_day_below_a_result_is_that_of_closing(tmp_path: Path) -> None:
    heads = [[*HEAD[:5], "办理结果", None], [None] * 5 + ["结果", "日期"]]
    load(kept(tmp_path, [*heads, one(1, "自然人", "张三")]))
    assert [str(row["closed_on"]) for row in rows()] == ["2022-05-20"]
