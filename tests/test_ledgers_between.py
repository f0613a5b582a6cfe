"""What stands between the applications of a ledger: sums of a month, who signed, notes of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from test_clerks_ledgers import doubts, kept, load
from test_ledger import rows

HEAD = ["登记号", "收到日期", "申请人类别", "申请人", "申请内容", "办理结果", "办结日期"]


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


def one(number: int | str) -> list[Any]:
    return [number, "2022-5-2", "自然人", "张三", "批文", "公开", "2022-5-20"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["一月小计", None, None, 2], "“一月小计”行，未导入：第4行"),
        (["1月合计", None, None, None, 2], "“1月合计”行，未导入：第4行"),
        (["上半年合计", 2], "“上半年合计”行，未导入：第4行"),
        (["全年合计：2件"], "“全年合计”等合计、填表说明行，未导入：第4行"),
        (["1-6月共计", None, None, "2"], "“1-6月共计”行，未导入：第4行"),
        (["东区分局小计", None, "2件"], "“东区分局小计”行，未导入：第4行"),
        (["2022年度总计（件）", None, None, 2], "“2022年度总计(件)”行，未导入：第4行"),
        (["填表人：", "李", "审核人：", "王"], "“填表人”等合计、填表说明行，未导入：第4行"),
        (
            ["分管领导（签字）：", None, None, "王五"],
            "“分管领导(签字)”等合计、填表说明行，未导入：第4行",
        ),
        (["填报日期：", "2022年12月31日"], "“填报日期”等合计、填表说明行，未导入：第4行"),
        (["其中：网络2件"], "“其中”等合计、填表说明行，未导入：第4行"),
        (["其中网络1件，信函1件"], "“其中网络”等合计、填表说明行，未导入：第4行"),
        (["总件数：3"], "“总件数”等合计、填表说明行，未导入：第4行"),
        (["打印日期：2022/12/31"], "“打印日期”等合计、填表说明行，未导入：第4行"),
        (["数据来源：办公室"], "“数据来源”等合计、填表说明行，未导入：第4行"),
        (["（以下无正文）"], "“(以下无正文)”等合计、填表说明行，未导入：第4行"),
        (
            ["2.由办公室存档，一式两份"],
            "“2.由办公室存档,一式两份”是台账的说明、落款，未导入：第4行",
        ),
        (
            ["本表由办公室保存，不得外传。"],
            "“本表由办公室保存,不得外传。”是台账的说明、落款，未导入：第4行",
        ),
    ],
)
def test_what_is_no_application_is_told_and_not_loaded(
    line: list[Any], told: str, tmp_path: Path
) -> None:
    done = load(kept(tmp_path, [HEAD, one(1), one(2), line, one(3)]))
    assert done.added == 3
    assert told in done.told
    assert not any("不符" in said for said in done.told)


def test_the_sum_of_a_month_is_held_against_its_rows(tmp_path: Path) -> None:
    lines = [HEAD, one(1), one(2), ["五月小计", None, None, 2], one(3), ["六月小计", None, None, 2]]
    told = load(kept(tmp_path, lines)).told
    assert told[-1] == "“六月小计”行，未导入：第6行"
    assert told[0] == "合计的件数与所列的行数不符，请核对：第6行写有2件，以上所列1件"


@pytest.mark.parametrize(
    ("line", "doubt"),
    [
        ([None, None, None, None, "（3月20日补充材料）"], "申请内容"),
        ([None, None, None, "同上人另提一件"], "申请人"),
        ([None, None, "自然人", "李四"], "申请人类别”“申请人"),
    ],
)
def test_a_line_that_is_part_of_another_is_asked_in_one_sentence(
    line: list[Any], doubt: str, tmp_path: Path
) -> None:
    assert doubts(kept(tmp_path, [HEAD, one(1), line])) == [
        f"3：这一行只写了“{doubt}”，不像一件申请；是上一行的，并到上一行；不是申请的，删去这一行"
    ]
    assert rows() == []


@pytest.mark.parametrize(
    "line",
    [
        ["2022-7"],  # a number that was given, and of which nothing was written down
        ["依申请〔2022〕7号（空号，未使用）"],
        ["7、依申请公开第7号"],
        ["小计", "2022-5-2", None, "张三"],
        [7, None, None, "费用合计", "批文"],
        ["2022-7", None, None, "王五合计"],
    ],
)
def test_what_may_be_an_application_is_asked(line: list[Any], tmp_path: Path) -> None:
    assert doubts(kept(tmp_path, [HEAD, one(1), line]))[0].startswith("3：")
    assert rows() == []


@pytest.mark.parametrize(
    "line",
    [
        ["2022-7"],
        [7, "作废"],
        [7, None, None, None, None, None, None, "空号"],
    ],
)
def test_a_number_alone_is_asked_in_one_sentence(line: list[Any], tmp_path: Path) -> None:
    head = [*HEAD, "备注"]
    assert doubts(kept(tmp_path, [head, one(1), line])) == [
        "3：这一行只写了登记号；空号、作废的，删去这一行，漏填的请补填"
    ]


@pytest.mark.parametrize("words", ["（此页无正文）", "临河市某局办公室", "打印：张三　校对：李四"])
def test_what_stands_below_the_last_is_told(words: str, tmp_path: Path) -> None:
    done = load(kept(tmp_path, [HEAD, one(1), [words]]))
    assert done.added == 1
    assert any(said.endswith("未导入：第3行") for said in done.told)
