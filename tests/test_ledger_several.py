"""A row of a ledger is one application: one that says it is several is asked, one that only numbers or
explains the columns is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import empty_register
from openpyxl import load_workbook
from test_clerks_ledgers import doubts, kept, load
from test_ledger import rows
from test_ledger_as_kept import HEAD, row


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


@pytest.mark.parametrize(
    "number",
    ["2024-001至2024-003", "2024-004、2024-005", "2024-006~008", "1号、2号", "7及8", "001,002"],
)
def test_a_row_with_several_numbers_is_asked(tmp_path: Path, number: str) -> None:
    assert doubts(kept(tmp_path, [HEAD, row("1"), row(number)])) == [
        f"3：登记号“{number}”像是几个编号；一行只能是一件：是几件的，请一件一行，各写一个编号"
    ]
    assert not rows()


@pytest.mark.parametrize("number", ["2024-001-2", "沪知公开〔2024〕12号", "A—17"])
def test_a_number_with_a_stroke_is_one(tmp_path: Path, number: str) -> None:
    assert load(kept(tmp_path, [HEAD, row(number)])).added == 1


@pytest.mark.parametrize(("head", "count"), [("件数", 3), ("申请件数", "2件"), ("数量", "10")])
def test_a_row_that_counts_several_is_asked(tmp_path: Path, head: str, count: object) -> None:
    shown = str(count).removesuffix("件")
    path = kept(tmp_path, [[*HEAD, head], [*row("1"), 1], [*row("2"), count], [*row("3"), ""]])
    assert doubts(path) == [
        f"3：“{head}”写有{shown}：一行只能是一件；是几件的，请一件一行，各写一个编号，是一件的，改为1"
    ]


@pytest.mark.parametrize(
    "numbers",
    [
        [1, 2, 3, 4, 5, 6, 7, 8],
        ["1", "2", "3", "4", "5", "6", "7", "8"],
        ["（1）", "（2）", "（3）", "（4）", "（5）", "（6）", "（7）", "（8）"],
        ["甲", "乙", 1, 2, 3, 4, 5, 6],
    ],
)
def test_a_row_that_numbers_the_columns_is_told_and_not_loaded(
    tmp_path: Path, numbers: list[object]
) -> None:
    hints = ["", "（年月日）", "", "", "", "", "", "（年月日）"]
    found = load(kept(tmp_path, [HEAD, numbers, hints, row("A1")]))
    assert found.added == 1
    assert {"各列的序号行，未导入：第2行", "表头下的说明行，未导入：第3行"} <= {*found.told}


def test_an_application_that_was_carried_over_is_open(tmp_path: Path) -> None:
    carried = [row("1", 办理结果="结转下年", 办结日期=""), row("3", 办理结果="未到期", 办结日期="")]
    assert load(kept(tmp_path, [HEAD, *carried, row("2", 办理结果="补正逾期")])).added == 3
    assert {one["number"]: one["row"] for one in rows()} == {
        "1": None,
        "2": "3.6.1",
        "3": None,
    }


@pytest.mark.parametrize(
    ("remark", "said"),
    [("共3件", "共3件"), ("含五件申请", "含五件"), ("提供材料共3件材料", ""), ("共1件", "")],
)
def test_a_remark_that_counts_several_is_told(tmp_path: Path, remark: str, said: str) -> None:
    found = load(kept(tmp_path, [[*HEAD, "备注"], [*row("1"), remark]]))
    told = [one for one in found.told if one.startswith("备注写有")]
    assert told == ([f"备注写有“{said}”的，照所写的导入，请核对：第2行"] if said else [])


def test_a_cell_over_several_columns_of_an_application_is_asked(tmp_path: Path) -> None:
    withdrawn = row("2", 申请内容="申请人撤回", 办理结果="", 办结日期="")
    path = kept(tmp_path, [["2024年度台账"], HEAD, row("1"), withdrawn, ["合计", "2件"]])
    book = load_workbook(path)
    sheet = book.worksheets[0]
    for merged in ("A1:H1", "F4:H4", "B5:H5"):
        sheet.merge_cells(merged)
    book.save(path)
    assert doubts(path) == [
        "4：“申请内容”至“办结日期”合并成了一格，看不出写的是哪一栏；请取消合并，分别填写"
    ]


def test_a_blank_cell_over_several_columns_says_nothing(tmp_path: Path) -> None:
    path = kept(tmp_path, [HEAD, row("1", 办理结果="", 办结日期="")])
    book = load_workbook(path)
    book.worksheets[0].merge_cells("G2:H2")
    book.save(path)
    assert load(path).added == 1
