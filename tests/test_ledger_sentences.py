"""What officers write in a ledger's cell beside the word that is asked for: whole sentences, boxes, remarks.

What the sentence says of the result is taken; what may be something else is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from histories import CONFIG, LAW
from openpyxl import Workbook
from test_clerks_ledgers import ANSWERED, doubts, kept, load
from test_ledger import FORMS, rows

from flows.commands.ledger_cells import Doubtful
from flows.commands.ledger_meanings import Meanings
from flows.commands.ledger_told import Told
from models.agency.ledger_words import load_ledger_words

HEAD = [
    "登记号",
    "收到日期",
    "申请人类别",
    "申请人",
    "申请方式",
    "申请内容",
    "答复情况",
    "答复日期",
]


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


@pytest.fixture(scope="module")
def meanings() -> Meanings:
    return Meanings(FORMS, LAW, load_ledger_words(CONFIG / "office"), Told())


def line(number: str, **said: Any) -> list[Any]:
    """A row as it should be, but for what is said of it."""
    usual = [number, "2024-03-04", "公民", "周晓岚", "网上", "批文", "公开", "2024-03-20"]
    places = {"on": 1, "kind": 2, "name": 3, "channel": 4, "result": 6, "closed": 7}
    for what, words in said.items():
        usual[places[what]] = words
    return usual


# ── a result that is a sentence ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("words", "row"),
    [
        ("经审查，您申请公开的信息属于主动公开范围，已告知获取方式", "3.1"),
        ("您申请的信息已主动公开，可在区政府网站查询", "3.1"),
        ("已通过政府网站公开，告知网址", "3.1"),
        ("予以公开，提供复印件3页", "3.1"),
        ("予以公开1件", "3.1"),
        ("延期后予以公开", "3.1"),
        ("2024年3月5日答复，予以公开", "3.1"),
        ("已按时答复，予以公开", "3.1"),
        ("同意公开，已当面领取", "3.1"),
        (
            "根据《中华人民共和国政府信息公开条例》第三十六条第（一）项，您申请公开的信息已主动公开，"
            "网址：http://www.xx.gov.cn/art/1.html",
            "3.1",
        ),
        ("公开（部分）", "3.2"),
        ("部分不予公开", "3.2"),
        ("已于2024年4月2日作出答复：部分公开", "3.2"),
        ("依据《条例》第十五条，涉及第三方商业秘密，第三方不同意公开，决定不予公开", "3.3.4"),
        ("根据《条例》第十六条第一款，属于内部事务信息，不予公开", "3.3.5"),
        ("补正后不予公开（过程性信息）", "3.3.6"),
        ("依据《条例》第十六条第二款，属行政执法案卷信息，可以不予公开", "3.3.7"),
        ("经检索，我街道未制作该信息，该信息不存在", "3.4.1"),
        ("经检索，未找到相关信息，已书面告知申请人", "3.4.1"),
        ("您申请的信息由区住建局负责公开，建议向其申请", "3.4.1"),
        ("不属于我局职责，属于区城管局职责", "3.4.1"),
        ("申请人要求加工汇总，无法提供", "3.4.2"),
        ("该申请属于信访事项，告知通过信访渠道反映", "3.5.1"),
        ("转交区信访局", "3.5.1"),
        ("按信访件办理", "3.5.1"),
        ("该申请为重复申请", "3.5.2"),
        ("补正后逾期未补", "3.6.1"),
        ("补正后逾期未补，终止办理", "3.6.1"),
        ("因申请人未补正材料，本机关终止办理", "3.6.1"),
        ("未缴费，不再处理", "3.6.2"),
        ("申请人于2024年3月5日主动撤回申请", "3.6.3"),
        ("申请人电话要求撤回", "3.6.3"),
    ],
)
def test_a_sentence_is_read_by_what_it_says_of_the_result(
    words: str, row: str, meanings: Meanings
) -> None:
    assert meanings.row(words, ANSWERED) == row


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        # the form's choice was left open
        ("予以公开/部分公开/不予公开", "可能是三（一）　予以公开、三（二）　部分公开"),
        ("公开/部分公开", "可能是三（一）　予以公开、三（二）　部分公开"),
        # what is sure of it is said, what is not is asked
        ("经审查，不予公开", "可能是三（三）1"),
        ("不属于政府信息，作咨询答复", "可能是三（六）3"),
        ("电话沟通后申请人放弃", "可能是三（六）1"),
        ("转住建局办理", "可能是三（四）1"),
        ("第三方不同意公开，本机关决定予以公开", "可能是三（二）"),
        ("予以公开2项、不予公开1项", "可能是三（二）"),
        # several applications, or one
        ("部分公开1件，不予公开1件", "不是表三的行"),
        ("公开2件", "不是表三的行"),
        # not yet, by another, not so, and what came after
        ("拟不予公开，征求意见中", "不是表三的行"),
        ("申请人要求公开", "不是表三的行"),
        ("申请信息公开", "不是表三的行"),
        ("申请人拟撤回", "不是表三的行"),
        ("申请人不同意撤回", "不是表三的行"),
        ("第三方要求不公开", "不是表三的行"),
        ("属于我局职责", "不是表三的行"),
        ("由档案局保管", "不是表三的行"),
        ("未在网站公开", "不是表三的行"),
        ("已在网站公开征求意见", "不是表三的行"),
        ("已提供材料", "不是表三的行"),
        ("先不予公开，后予以公开", "不是表三的行"),
        ("被复议撤销，重新答复予以公开", "不是表三的行"),
        ("不予公开，复议维持", "不是表三的行"),
        ("不按信访处理", "不是表三的行"),
        ("不属于主动公开范围", "不是表三的行"),
        ("告知书已送达", "不是表三的行"),
        ("予以公开，不予处理", "不是表三的行"),
    ],
)
def test_a_sentence_that_may_mean_something_else_is_asked(
    words: str, asked: str, meanings: Meanings
) -> None:
    with pytest.raises(Doubtful) as found:
        meanings.row(words, ANSWERED)
    assert asked in str(found.value)


@pytest.mark.parametrize("words", ["延期答复 2024.4.5", "延期答复", "待答复", "延期20个工作日"])
def test_that_it_was_put_off_is_no_result(words: str, tmp_path: Path) -> None:
    assert doubts(kept(tmp_path, [HEAD, line("1", result=words)])) == [
        f"2：办理结果“{words}”没有说答复了什么；已经答复的，写明结果和办结日期；还没有答复的，"
        "办结日期空着，延期至何日写在备注里"
    ]


def test_one_put_off_is_open(tmp_path: Path) -> None:
    load(kept(tmp_path, [HEAD, line("1", result="延期答复", closed=None)]))
    assert [one["row"] for one in rows()] == [None]


# ── boxes ───────────────────────────────────────────────────────────────────────────────────────


def test_of_boxes_in_a_cell_the_ticked_one_is_taken(tmp_path: Path) -> None:
    results = (
        "□予以公开 ☑部分公开 □不予公开",
        "☐予以公开☑不予公开（过程性信息）",
        "予以公开√ 部分公开□",
        "（√）予以公开 （ ）不予公开",
        "■予以公开",
    )
    lines = [line(str(n), result=words) for n, words in enumerate(results, 1)]
    lines.append(line("6", kind="☑公民 □法人", channel="□当面 ☑信函 □网络"))
    load(kept(tmp_path, [HEAD, *lines]))
    found = {one["number"]: (one["row"], one["applicant_kind"], one["channel"]) for one in rows()}
    assert [found[n][0] for n in "12345"] == ["3.2", "3.3.6", "3.1", "3.1", "3.1"]
    assert found["6"][1:] == ("自然人", "ordinary_post")


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("□予以公开□部分公开", "“办理结果”（□予以公开□部分公开）一项也没有勾选；请写明是哪一种"),
        ("☑予以公开☑部分公开", "“办理结果”勾选了几项（予以公开、部分公开）；请只留一项"),
    ],
)
def test_no_tick_and_several_are_asked(words: str, asked: str, tmp_path: Path) -> None:
    assert doubts(kept(tmp_path, [HEAD, line("1", result=words)])) == [f"2：{asked}"]


# ── days ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "words",
    ["2024.3.20（当面）", "2024年3月20日（EMS）", "2024.3.20邮寄", "2024-03-20 当面领取", "2024 3 20",
     "2024.3.20（延期）", "240320", "24.3.20"],
)  # fmt: skip
def test_how_it_went_out_may_stand_behind_a_day(words: str, tmp_path: Path) -> None:
    load(kept(tmp_path, [["2024年台账"], HEAD, line("1", closed=words)]))
    assert [one["closed_on"] for one in rows()] == [date(2024, 3, 20)]


def test_of_several_days_in_a_cell_one_is_asked_for(tmp_path: Path) -> None:
    lines = [line("1", on="2024-03-04至2024-03-05"), line("2", closed="2024.3.9、2024.3.12")]
    assert doubts(kept(tmp_path, [HEAD, *lines])) == [
        "2：“收到日期”写有2个日期（2024-03-04至2024-03-05）；请只留收到申请的那一天，其余的记入备注",
        "3：“办结日期”写有2个日期（2024.3.9、2024.3.12）；请只留答复（办结）的那一天，其余的记入备注",
    ]


def test_six_figures_are_a_day_or_a_month_by_the_year_of_the_sheet(tmp_path: Path) -> None:
    """201003 is 2020-10-03, or 2010年3月; 240304 can be but a day."""
    assert doubts(kept(tmp_path, [HEAD, line("1", on="240304")])) == [
        "2：“收到日期”（240304）的年份只有两位，请写四位（如 2024.3.4）"
    ]
    said = doubts(kept(tmp_path, [HEAD, line("1", on="201003")]))
    assert said == ["2：“收到日期”（201003）可能是2010年3月，也可能是2020-10-03，请写明"]
    load(kept(tmp_path, [["2020年台账"], HEAD, line("1", on="201003", closed="201020")]))
    assert [one["received_on"] for one in rows()] == [date(2020, 10, 3)]


@pytest.mark.parametrize("title", ["二〇二四年度台账", "24年度依申请公开台账", "2024台账"])
def test_a_title_may_say_its_year_in_characters_or_in_two_figures(
    title: str, tmp_path: Path
) -> None:
    load(kept(tmp_path, [[title], HEAD, line("1", on="3月4日", closed="3月20日")]))
    assert [one["received_on"] for one in rows()] == [date(2024, 3, 4)]


def test_a_year_that_may_be_mistyped_is_told(tmp_path: Path) -> None:
    lines = [
        line("2024-1", on="2014-03-04"),
        line("2024-2", closed="2025-03-20"),
        line("〔2024〕3号", on="2025-03-04", closed="2025-03-20"),
        line("2024-4", on="2023-12-30", closed="2024-01-20"),  # carried in
    ]
    told = load(kept(tmp_path, [["2024年台账"], HEAD, *lines])).told
    assert [one for one in told if "请核对日期" in one] == [
        "收到以后半年多才办结的，照所写的导入，请核对日期：第3行（2014-03-04，2024-03-20）、第4行（2024-03-04，2025-03-20）",
        "日期与工作表写明的年份不符的，照所写的导入，请核对日期：第3行（2014-03-04，工作表是2024年的）、第5行（2025-03-04，工作表是2024年的）",
        "收到日期与登记号中的年份不符的，照所写的导入，请核对日期：第3行（2024-1，2014-03-04）、第5行（〔2024〕3号，2025-03-04）",
    ]


# ── names ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "name",
    ["XXX", "本人", "公民", "网民", "见附件", "不愿透露", "测试", "zhangsan@example.com",
     "委托代理人：王律师", "法定代表人李四"],
)  # fmt: skip
def test_what_names_nobody_is_asked(name: str, tmp_path: Path) -> None:
    assert doubts(kept(tmp_path, [HEAD, line("1", name=name)])) == [
        f"2：“申请人”写的“{name}”不是姓名、名称；请补填，照原样导入的，加 --names-as-they-are"
    ]


@pytest.mark.parametrize("what", ["撤回", "重复", "作废", "已撤回"])
def test_what_became_of_it_is_no_part_of_a_name(what: str, tmp_path: Path) -> None:
    path = kept(tmp_path, [HEAD, line("1", name=f"张三（{what}）")])
    assert doubts(path) == [
        f"2：“申请人”（张三（{what}））后面写有“{what}”；作废、测试的，删去这一行，撤回、重复的，写在"
        "办理结果里；照原样导入的，加 --names-as-they-are"
    ]
    assert load(path, named=True).added == 1


def test_the_label_before_a_name_is_no_part_of_it(tmp_path: Path) -> None:
    load(kept(tmp_path, [HEAD, line("1", name="申请人：张三")]))
    assert [one["applicant"] for one in rows()] == ["张三"]


# ── words of columns, kinds, channels ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("words", "channel"),
    [
        ("浙江政务服务网", "online"),
        ("市政府信息公开平台", "online"),
        ("门户网站依申请公开系统", "online"),
        ("邮政EMS特快专递", "registered_post"),
        ("来函", "ordinary_post"),
        ("亲自递交", "in_person"),
    ],
)
def test_a_channel_is_told_by_its_parts(words: str, channel: str, meanings: Meanings) -> None:
    assert meanings.channel(words) == channel


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("市政府办转", "可能是其他已公布的渠道、误寄本机关其他处室、人员"),
        ("中通快递", "可能是其他已公布的渠道、挂号信、邮政快递（需签收）"),
        ("信函、省政务服务网", "应为当面提交"),  # several: nobody says which came first
        ("邮寄和网站", "应为当面提交"),
    ],
)
def test_a_channel_that_may_be_several_is_asked(words: str, asked: str, meanings: Meanings) -> None:
    with pytest.raises(Doubtful) as found:
        meanings.channel(words)
    assert asked in str(found.value)


@pytest.mark.parametrize("words", ["公民3人", "自然人。", "本市公民", "学生", "居民（2人）"])
def test_persons_are_known_however_they_are_called(words: str, meanings: Meanings) -> None:
    assert meanings.kind(words) == "自然人"


def test_a_text_with_semicolons_may_have_commas_in_its_words(tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    lines = [";".join(HEAD), "1;2024-03-04;公民;周晓岚;网上;a,b,c,d;公开;2024-03-20"]
    path.write_text("\n".join(["注：一，二，三，四，五，六", *lines]), "utf-8")
    load(path)
    assert [one["request"] for one in rows()] == ["a,b,c,d"]


def test_columns_are_known_by_the_words_of_small_offices(tmp_path: Path) -> None:
    head = ["序", "收到日", "来信人", "主体", "事项", "答复", "完成时间"]
    load(
        kept(tmp_path, [head, ["1", "2024-03-04", "周晓岚", "公民", "批文", "公开", "2024-03-20"]])
    )
    assert [(one["applicant"], one["row"]) for one in rows()] == [("周晓岚", "3.1")]


# ── other lists in the same file, and rows that may be none ─────────────────────────────────────


def test_a_list_of_something_else_below_the_first_is_asked_about(tmp_path: Path) -> None:
    """Nobody would notice that those who enquired are counted as applicants."""
    other = [*HEAD[:3], "咨询人", HEAD[4], "咨询内容", *HEAD[6:]]
    lines = [HEAD, line("1"), [], ["二、咨询登记"], other, line("2"), line("3")]
    assert doubts(kept(tmp_path, lines)) == [
        "5：又是一行表头，“咨询人”不是“申请人”；以下各行是别的登记（咨询、信访）的，移到另一张工作表，"
        "是申请的，把表头改成一样"
    ]


def test_parts_and_sheets_of_another_matter_are_told(tmp_path: Path) -> None:
    told = load(kept(tmp_path, [HEAD, line("1"), ["二、信访转办"], line("2")])).told
    assert (
        "像是别的事项的各行，照申请导入了，请核对（不是的，移到另一张工作表）：第3行“二、信访转办”"
        in told
    )
    made = Workbook()
    for name, number in (("依申请公开", "3"), ("信访登记", "4"), ("信访类依申请公开", "5")):
        sheet: Any = made.create_sheet(name)
        sheet.append(HEAD)
        sheet.append(line(number))
    del made["Sheet"]
    path = tmp_path / "几张.xlsx"
    made.save(path)
    found = [one for one in load(path).told if "别的事项" in one]
    assert found == [
        "像是别的事项（信访、咨询、复议）的工作表，照申请导入了，请核对（不是的，隐藏它再导入）：“信访登记”"
    ]


def test_what_a_remark_says_against_a_row_is_told(tmp_path: Path) -> None:
    rows_of = [
        [*line("1"), "此件作废"],
        [*line("2"), "申请人已撤回"],
        [*line("3"), "申请人撤回复议申请"],
        [*line("4", result="撤回"), "申请人已撤回"],
    ]
    told = load(kept(tmp_path, [[*HEAD, "备注"], *rows_of])).told
    assert [one for one in told if "备注" in one] == [
        "备注写有“作废”的，照所写的导入，请核对：第2行",
        "备注写有“撤回”而办理结果不是的，照所写的导入，请核对：第3行",
    ]


def test_an_application_that_says_nothing_is_told(tmp_path: Path) -> None:
    asked = ["测试", "/", "1", "批文"]
    lines = [[*line(str(n))[:5], words, *line("")[6:]] for n, words in enumerate(asked, 1)]
    told = load(kept(tmp_path, [HEAD, *lines])).told
    assert (
        "申请内容没有写申请的是什么的，照所写的导入，请核对：第2行“测试”、第3行“/”、第4行“1”"
        in told
    )


def test_rows_that_are_alike_but_for_their_number_are_told(tmp_path: Path) -> None:
    same = [[*line(n)[:5], "某路段征收批文", *line("")[6:]] for n in ("1", "2", "3")]
    same[1][3] = "李明"
    done = load(kept(tmp_path, [HEAD, *same]))
    assert done.added == 3
    assert "除登记号外各栏都相同的，都导入了，请核对是不是登记了两遍：第4行同第2行" in done.told


# ── the ground in a column of its own, or in the remark ─────────────────────────────────────────


@pytest.mark.parametrize("column", ["答复子类", "具体情形", "答复理由", "备注"])
def test_the_ground_may_stand_in_another_column(column: str, tmp_path: Path) -> None:
    """Where the result alone may be several rows; one that is certain is not read by it."""
    said = [
        ("不予公开", "四类过程性信息", "3.3.6"),
        ("不予公开", "第三方不同意公开", "3.3.4"),
        ("无法提供", "信息不存在", "3.4.1"),
        ("不予处理", "信访", "3.5.1"),
        ("书面答复", "予以公开", "3.1"),
        ("公开", "信息不存在", "3.1"),
    ]
    lines = [[*line(str(n), result=words), why] for n, (words, why, _) in enumerate(said, 1)]
    load(kept(tmp_path, [[*HEAD, column], *lines]))
    assert [one["row"] for one in rows()] == [row for *_, row in said]


def test_a_remark_that_says_something_else_leaves_the_result_open(tmp_path: Path) -> None:
    remarks = ["已电话告知", "公开", "档案室存", ""]
    lines = [[*line(str(n), result="不予公开"), why] for n, why in enumerate(remarks)]
    said = doubts(kept(tmp_path, [[*HEAD, "备注"], *lines]))
    assert [one.partition("可能是")[0] for one in said] == [
        f"{n}：办理结果“不予公开”" for n in range(2, 6)
    ]


def test_a_remark_that_means_another_row_is_told(tmp_path: Path) -> None:
    said = [("其他", "信访"), ("部分公开", "商业秘密"), ("公开", "公开"), ("公开", "延期")]
    lines = [[*line(str(n), result=words), why] for n, (words, why) in enumerate(said, 1)]
    told = load(kept(tmp_path, [[*HEAD, "备注"], *lines])).told
    assert [one for one in told if "另一种" in one] == [
        "理由、备注说的是另一种办理结果的，照办理结果导入，请核对：第2行（信访）"
    ]


def test_a_day_in_the_result_that_is_not_that_of_closing_is_told(tmp_path: Path) -> None:
    said = ["已于2024年3月25日答复，予以公开", "已于2024年3月20日答复，予以公开", "公开"]
    lines = [line(str(n), result=words) for n, words in enumerate(said, 1)]
    told = load(kept(tmp_path, [HEAD, *lines])).told
    assert told[0] == (
        "办理结果里写的日期与办结日期不同的，按办结日期导入，请核对：第2行（2024-03-25，2024-03-20）"
    )  # what is to be looked at stands first
