"""The figures in a report's words: read however they are written, placed only where that is certain."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from published_reports import FORMS, report
from years import NO_FEES, seed, suqian

from models.report_tables.form import form_for
from models.report_tables.text_checks import text_checks
from models.units.published import check_tables
from models.words.written_numbers import plain
from models.year.year_figures import YearFigures


def register() -> YearFigures:
    """The published year of a city, and what else a register of it could hold."""
    outcomes = {"already_public": 391, "not_ours": 447}
    fees = replace(NO_FEES, payments=25, paid=2950)
    return replace(suqian(), outcomes=outcomes, advised={"电话": 5, "信函": 3}, fees=fees)


ALLOWED = register().allowed_in_words() | {"reviews": (440.0,), "suits": (113.0,)}


def verdicts(words: str) -> dict[str, str]:
    """What is found of each figure that the words state."""
    silent = {"text.received", "text.closed"}
    found = {one.id: str(one.verdict) for one in text_checks([words], ALLOWED)}
    return {i: v for i, v in found.items() if i not in silent or v != "无法判断"}


# words with the right figure in a bracket, and a wrong one
SAYINGS = [
    ("text.advised", "通过电话等方式提供信息公开受理服务{}人次。", "8", "9"),
    ("text.already_public", "其中属于已主动公开信息的申请{}件。", "391", "390"),
    ("text.not_ours", "“非本机关职责权限范围”信息的申请{}件。", "447", "7"),
    ("text.received", "本年新收政府信息公开申请{}件。", "3511", "3607"),
    ("text.received", "我局共受理申请{}件，上年结转96件。", "3511", "3607"),
    ("text.received", "我局共受理申请{}件（含上年结转96件）。", "3607", "3608"),
    ("text.received", "我局共受理申请 {} 件。", "3511", "3512"),
    ("text.received", "我局共受理申请{}件。", "3,511", "3,512"),
    ("text.received", "我局共受理申请{}件。", "３５１１", "３５１２"),
    ("text.received", "我局共受理申请{}件。", "三千五百一十一", "三千五百一十二"),
    ("text.received", "我局共收到申请{}宗。", "3511", "9"),
    ("text.reviews", "因政府信息公开引起的行政复议{}起。", "440", "3"),
    ("text.suits", "发生政府信息公开行政诉讼案件 {} 件。", "113", "112"),
    ("text.fees", "五、收取政府信息公开信息处理费{}元。", "2,950", "2,951"),
    ("text.fees", "信息处理费共计{}万元。", "0.295", "0.3"),
    ("text.fees", "收取信息处理费{}元。", "二千九百五十", "三千"),
    ("text.申请人：自然人", "自然人申请{}件。", "3493", "3494"),
    ("text.申请人：法人或其他组织", "其中，自然人申请3493件，法人或其他组织申请{}件。", "114", "1"),
    ("text.本机关不掌握相关政府信息", "本机关不掌握相关政府信息的{}件。", "1047", "1048"),
    ("text.重复申请", "其中重复申请{}件。", "39", "40"),
    ("text.disclosed", "答复：1519/{}/1078/406/341。", "142", "143"),
]


@pytest.mark.parametrize(("name", "words", "right", "wrong"), SAYINGS)
def test_a_figure_is_read_as_it_is_written(name: str, words: str, right: str, wrong: str) -> None:
    assert set(verdicts(words.format(right)).values()) == {"成立"}
    name = "text.refused" if name == "text.disclosed" else name
    assert verdicts(words.format(wrong))[name] == "不成立"


@pytest.mark.parametrize(
    "words",
    [
        "收到申请人提交的补正材料5件，受理信访7件，办结建议提案13件。",
        "已主动公开规范性文件34件。",
        "受理申请比上年增加50件，办结申请减少三件，不予公开同比增加2件。",
        "一网通办政务服务办结300件。",
        "深化“一件事”改革，推进两件大事。",
        "信息公开咨询30件。",
    ],
)
def test_what_cannot_be_placed_is_not_judged(words: str) -> None:
    assert verdicts(words) == {}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("text.received", "我局共受理申请3607件。"),
        ("text.granted", "网络申请3000件，予以公开1000件。"),
        ("text.advised", "提供窗口咨询服务300人次。"),
        ("text.申请人：自然人", "予以公开1191件，其中自然人申请1100件。"),
        ("text.fees", "信息处理费按每件100元收取。"),
        ("text.received", "受理申请数十件，约3500件。"),
    ],
)
def test_a_figure_that_may_be_of_a_part_is_doubtful(name: str, words: str) -> None:
    found = verdicts(words)
    assert found.get(name, "存疑") == "存疑"
    assert "不成立" not in found.values()


def test_reviews_that_came_in_are_not_taken_for_applications() -> None:
    words = "2024年，收到行政复议申请54件，收到行政诉讼应诉通知9件。"
    assert verdicts(words) == {"text.reviews": "存疑", "text.suits": "存疑"}


def test_the_figures_in_a_row_of_a_published_report_are_compared() -> None:
    data = report("shanghai_gov_office_2025")
    words = data["section1_figures"]["narrative"]
    data["section1_figures"]["narrative"] = words.replace("208/20/", "208/21/")
    failed = {one.id: one.message for one in check_tables(data, FORMS) if not one.ok}
    assert failed == {
        "text.refused": "文字部分写“208/21/564/80/319”，表格为20",
    }


def test_a_finding_quotes_the_words_as_they_stand() -> None:
    [found, *_] = [one for one in text_checks(["全年共受理申请 九 件。"], ALLOWED) if not one.ok]
    assert found.message == "文字部分写“全年共受理申请 九 件”，表格、登记簿为3511或者3607"


def test_the_words_of_the_seed_are_held_against_its_register() -> None:
    said = "其中属于已主动公开信息的申请0件；“非本机关职责权限范围”信息的申请{}件。"
    for figure, ok in ((8, True), (7, False)):
        found = text_checks([said.format(figure)], seed().allowed_in_words())
        assert {one.id: one.ok for one in found}["text.not_ours"] is ok


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1,008 件", "1008件"),
        ("１２ 件", "12件"),
        ("一百零八件", "108件"),
        ("十二宗", "12宗"),
        ("两万三千零五元", "23005元"),
        ("二〇件", "20件"),
        ("2024 12 31", "2024 12 31"),
        ("三年来", "三年来"),
    ],
)
def test_numbers_are_read_as_digits(written: str, read: str) -> None:
    made = plain(written)
    assert made.text == read
    assert made.quoted(0, len(read)) == written


def test_every_label_that_is_read_is_one_of_the_form() -> None:
    form = form_for(FORMS, 2023)
    labels = {row.label for row in form.row} | set(form.kinds) | {form.organisations}
    made = re.compile(r"表二\.|reviews|suits|其他处理之其他")
    ours = [
        name.removeprefix("申请人：")
        for name in ALLOWED
        if not name.isascii() and not made.match(name)
    ]
    assert len(ours) > 20
    assert all(any(one in label for label in labels) for one in ours)
