"""Ledgers that clerks of several offices made from the guide alone: what they say is taken whole, or asked.

Applicants in a column for each kind, results in several pieces, what is printed on every page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from histories import CONFIG, LAW
from openpyxl import Workbook
from test_ledger import FORMS, rows

from flows import office
from flows.commands import ledger
from flows.commands.ledger import Asked, Imported
from flows.commands.ledger_cells import Doubtful
from flows.commands.ledger_doubts import DoubtfulLedger
from flows.commands.ledger_meanings import Meanings
from flows.commands.ledger_told import Told
from flows.commands.ledger_values import BadLedger
from models.agency.ledger_words import load_ledger_words
from models.register import register

ANSWERED = date(2023, 3, 20)


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


def load(path: Path, **asked: Any) -> Imported:
    return ledger.import_ledger(path, FORMS, lambda *_: None, Asked(**asked))


def doubts(path: Path) -> list[str]:
    with pytest.raises(DoubtfulLedger) as found:
        load(path)
    return [f"{one.line}：{one.problem}" for one in found.value.doubts]


def kept(folder: Path, lines: Sequence[Sequence[Any]]) -> Path:
    made = Workbook()
    sheet: Any = made.active
    for line in lines:
        sheet.append(line)
    path = folder / "台账.xlsx"
    made.save(path)
    return path


def kinds() -> dict[str, str]:
    return {row["number"]: row["applicant_kind"] for row in rows()}


# ── a result in several pieces ──────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def meanings() -> Meanings:
    return Meanings(FORMS, LAW, load_ledger_words(CONFIG / "office"), Told())


@pytest.mark.parametrize(
    ("words", "row"),
    [
        # 区分处理的，只计这一情形，不计其他情形
        ("部分公开，部分不存在", "3.2"),
        ("部分信息公开，部分信息不存在", "3.2"),
        ("部分公开、部分不予公开", "3.2"),
        ("部分公开（其余不存在）", "3.2"),
        ("部分公开（个人隐私）", "3.2"),
        ("部分予以公开，其余属过程性信息", "3.2"),
        ("信息不存在，部分公开", "3.2"),
        ("公开，公开", "3.1"),
        # whose it is
        ("不属于我局", "3.4.1"),
        ("不属于我委职责", "3.4.1"),
        ("不属于本镇公开", "3.4.1"),
        ("非本机关职责范围", "3.4.1"),
        # the ground first
        ("属内部管理信息不予公开", "3.3.5"),
        ("因涉及商业秘密，不予公开", "3.3.4"),
        ("涉及个人隐私的不予公开", "3.3.4"),
        # as the reports of before 2019 had them
        ("同意公开答复", "3.1"),
        ("同意部分公开答复", "3.2"),
        ("申请信息不存在", "3.4.1"),
        # asides
        ("予以公开（延期答复）", "3.1"),
        ("公开（复印件）", "3.1"),
        ("主动公开，已告知网址", "3.1"),
        ("信息不存在（已电话告知申请人）", "3.4.1"),
        ("公开（沪知公开告〔2023〕12号）", "3.1"),
        ("一、予以公开", "3.1"),
        ("需补正，逾期未补", "3.6.1"),
        ("补正，申请人未补正，视为放弃", "3.6.1"),
        ("申请人未缴费，视为撤回申请", "3.6.2"),
        ("部分公开（隐去账号）", "3.2"),
        ("部分可以公开，已遮盖手机号码", "3.2"),
        ("查无此件", "3.4.1"),
        ("已在网站公开", "3.1"),
        # whom the applicant was told to ask, and nothing else
        ("建议向区城管局申请", "3.4.1"),
        ("告知其向市规划局另行提出申请", "3.4.1"),
    ],
)
def test_a_result_is_read_as_offices_write_it(words: str, row: str, meanings: Meanings) -> None:
    assert meanings.row(words, ANSWERED) == row


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("公开、信息不存在", "可能是三（二）　"),  # given in part, or two applications
        ("公开和不予公开", "可能是三（二）　"),
        ("部分公开，已撤回", "不是表三的行"),
        ("不予公开，已告知", "可能是三（三）1　"),
        ("沪知公开告〔2023〕12号", "不是表三的行"),
        ("不同意公开答复", "可能是三（三）1　"),
        ("告知作出更改补充", "可能是三（四）3　"),
        ("在办，延期未答复", "不是表三的行"),
        ("予以公开（隐去账号）", "不是表三的行"),  # in part, or all of it
        ("建议向档案馆申请", "不是表三的行"),  # an inquiry of another kind, or none of ours
        ("建议向我局重新申请", "不是表三的行"),
        ("公开，" * 2000, "不是表三的行"),
    ],
)
def test_a_result_that_is_not_certain_is_asked(words: str, asked: str, meanings: Meanings) -> None:
    with pytest.raises(Doubtful) as found:
        meanings.row(words, ANSWERED)
    assert asked in str(found.value)


# ── who applied ─────────────────────────────────────────────────────────────────────────────────

HEAD = ["登记号", "收到日期", "申请人类别", "申请人", "申请内容", "办理结果", "办结日期"]


def one(number: int | str, kind: str, name: str) -> list[Any]:
    return [number, "2022-5-2", kind, name, "批文", "公开", "2022-5-20"]


def test_who_acts_for_an_applicant_is_no_part_of_his_name(tmp_path: Path) -> None:
    rows_of = one(1, "公民", "王大海（代理人：刘洋）"), one(2, "公民", "李四(委托代理人 陈律师)")
    firm = one(3, "企业", "临河建设（集团）有限公司")
    done = load(kept(tmp_path, [HEAD, *rows_of, firm]))
    assert [row["applicant"] for row in rows()] == ["王大海", "李四", "临河建设（集团）有限公司"]
    assert any("代理人记入备注" in one for one in done.told)
    with office.reading() as session:
        notes = [register.case(session, n).steps[1].act.note for n in ("1", "2", "3")]  # type: ignore[attr-defined]
    assert notes == ["代理人：刘洋", "委托代理人 陈律师", ""]


@pytest.mark.parametrize("said", ["2022年4月31日", "2022.2.29", "2022/6/31", "2022-9-31"])
def test_a_day_that_its_month_does_not_have_is_named_as_such(said: str, tmp_path: Path) -> None:
    with pytest.raises(BadLedger, match=f"“收到日期”写的“{said}”，那个月没有这一天"):
        load(kept(tmp_path, [HEAD, [1, said, *one(1, "公民", "周晓岚")[2:]]]))


def test_by_which_form_it_came_is_the_channel(tmp_path: Path) -> None:
    for n, head in enumerate(("递交形式", "收件形式", "来文方式"), 1):
        load(kept(tmp_path, [[*HEAD, head], [*one(n, "公民", "周晓岚"), "当面"]]))
    assert [row["channel"] for row in rows()] == ["in_person"] * 3


def test_a_kind_that_may_be_several_is_the_one_that_the_name_says(tmp_path: Path) -> None:
    firms = one(1, "法人", "临河建设有限公司"), one(2, "法人或其他组织", "临河律师事务所")
    path = kept(tmp_path, [HEAD, *firms, one(3, "公民", "周晓岚")])
    assert load(path).added == 3
    assert kinds() == {"1": "商业企业", "2": "法律服务机构", "3": "自然人"}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("法人", "临河大学"),  # a name that may be several itself
        ("法人", "周晓岚"),
        ("社会组织", "临河建设有限公司"),  # a name that the kind does not allow
    ],
)
def test_a_kind_that_the_name_leaves_open_is_asked(kind: str, name: str, tmp_path: Path) -> None:
    [said] = doubts(kept(tmp_path, [HEAD, one(1, kind, name)]))
    assert said.startswith(f"2：申请人类别“{kind}”可能是")


SPLIT = {
    "a head over both": [
        ["登记号", "收到日期", "申请人", "", "申请内容", "办理结果", "办结日期"],
        ["", "", "公民", "法人或其他组织"],
    ],
    "their own heads": [
        ["登记号", "收到日期", "公民姓名", "法人/其他组织名称", "申请内容", "办理结果", "办结日期"]
    ],
    "under 申请人基本情况": [
        ["登记号", "收到日期", "申请人基本情况", "", "申请内容", "办理结果", "办结日期"],
        ["", "", "公民姓名", "法人或其他组织名称"],
    ],
}


@pytest.mark.parametrize("head", SPLIT.values(), ids=SPLIT)
def test_an_applicant_may_stand_in_a_column_for_each_kind(
    head: list[list[str]], tmp_path: Path
) -> None:
    path = kept(
        tmp_path,
        [
            *head,
            ["1", "2022-5-1", "周晓岚", "", "批文", "公开", "2022-5-20"],
            ["2", "2022-5-2", "/", "临河建设有限公司", "批文", "不存在", "2022-5-20"],
            ["合计", "", 1, 1],
        ],
    )
    done = load(path)
    assert (done.added, kinds()) == (2, {"1": "自然人", "2": "商业企业"})
    assert {row["number"]: row["applicant"] for row in rows()} == {
        "1": "周晓岚",
        "2": "临河建设有限公司",
    }
    assert not any("不符" in line for line in done.told)


def test_each_kind_may_have_its_own_telephone(tmp_path: Path) -> None:
    lines = [
        ["登记号", "收到日期", "公民", "", "", "法人或其他组织", "", "", "申请内容", "办理结果", "办结日期"],
        ["", "", "姓名", "证件号码", "电话", "名称", "联系人", "电话"],
        ["1", "2022-5-1", "周晓岚", "", "13800000001", "", "", "", "批文", "公开", "2022-5-20"],
        ["2", "2022-5-2", "", "", "", "某某建设公司", "李某", "0516-5550101", "批文", "公开", "2022-5-20"],
    ]  # fmt: skip
    path = kept(tmp_path, lines)
    done = load(path)
    [left] = [line for line in done.told if line.startswith("没有导入的列")]
    assert left.endswith("“公民证件号码”、“法人或其他组织联系人”")
    with office.reading() as session:
        reached = register.applicants(session, ["1", "2"])
    assert {n: who.contact for n, who in reached.items()} == {
        "1": "13800000001",
        "2": "0516-5550101",
    }
    lines[2][5] = "临河建设有限公司"
    assert doubts(kept(tmp_path, lines)) == [
        "3：“申请人”写了几个（公民、法人或其他组织），请只留申请人"
    ]


def test_a_tick_may_have_its_ground_behind_it(tmp_path: Path) -> None:
    lines = [
        ["登记号", "收到日期", "申请人类别", "申请人", "申请内容", "办结日期", "办理结果", ""],
        ["", "", "", "", "", "", "公开", "不公开"],
        ["1", "2022-5-1", "公民", "周晓岚", "批文", "2022-5-20", "√", ""],
        ["2", "2022-5-1", "公民", "周晓岚", "批文", "2022-5-20", "", "√（个人隐私）"],
    ]
    load(kept(tmp_path, lines))
    assert {row["number"]: row["row"] for row in rows()} == {"1": "3.1", "2": "3.3.4"}


# ── what stands between the rows ────────────────────────────────────────────────────────────────


def test_what_is_printed_on_every_page_is_told_and_not_loaded(tmp_path: Path) -> None:
    between = {
        "依申请公开台账（第2页 共3页）": "每页的标题",
        date(2022, 6, 30): "只有一个日期的行",
        "结转下年度1件": "“结转下年度”等合计、填表说明行",
        "汇总": "“汇总”行",
    }
    path = kept(tmp_path, [HEAD, one(1, "公民", "周晓岚"), *([words] for words in between)])
    done = load(path)
    assert done.added == 1
    for why in between.values():
        assert [line for line in done.told if why in line], why


def test_a_heading_may_have_its_number_in_a_column_of_its_own(tmp_path: Path) -> None:
    carried = ["1", "12月20日", "公民", "周晓岚", "批文", "公开", "2023-1-9"]
    lines = [HEAD, ["一", "2022年结转"], carried, ["二、", "2023年新收"], one(2, "公民", "李某")]
    done = load(kept(tmp_path, lines))
    assert done.added == 2
    assert {row["number"]: row["received_on"] for row in rows()}["1"] == date(2022, 12, 20)


def test_one_application_in_two_rows_is_asked_to_be_one(tmp_path: Path) -> None:
    path = kept(tmp_path, [HEAD, one(1, "公民", "周晓岚"), one(1, "公民", "周晓岚")])
    assert doubts(path) == [
        "3：登记号“1”与第2行重复；是同一件（几个人提出、分几次答复、登记了两遍）的，合为一行；是两件的，各写一个编号"
    ]


def test_a_text_of_another_encoding_is_told_what_to_do(tmp_path: Path) -> None:
    """Kept in Big5 it reads as other characters of GB18030."""
    path = tmp_path / "台账.csv"
    path.write_bytes("編號,收到日期,申請人,申請內容\r\n1,2022-5-1,周某,名單\r\n".encode("big5"))
    with pytest.raises(BadLedger, match="文字是乱码的，是另一种编码"):
        load(path)
