"""Shares in the words of a report: “予以公开20件，占总数的43.5%” is held against the tables, too."""

from __future__ import annotations

import pytest
from sentence_benchmark import said_of, tables
from test_sentences import FULL, OURS

from models.words.written_numbers import plain

# 46 closed, 45 received, 50 with those carried in, 44 without 其他处理
BESIDE = "全年收到政府信息公开申请45件，办结46件。"


def of_shares(words: str, data: dict[str, object] = OURS) -> dict[str, tuple[str, str]]:
    found = said_of(BESIDE + words, data)
    return {i.removeprefix("text.share."): said for i, said in found.items() if ".share." in i}


# with the right share in a bracket, and a wrong one
SAYINGS = [
    ("granted", "予以公开20件，占总数的{}。", "43.5%", "42.5%"),
    ("granted", "予以公开20件，占总数的{}。", "44.4%", "44.6%"),  # of 45 that came
    ("granted", "予以公开20件，占办结总数的{}。", "43.48%", "43.50%"),
    ("granted", "予以公开20件，占{}。", "45.5%", "45.7%"),  # of 44, without 其他处理
    ("granted", "予以公开20件，占比为{}。", "43%", "52%"),
    ("granted", "予以公开20件，占百分之{}。", "四十三点五", "五十三点五"),
    ("granted", "予以公开20件（占{}）。", "43.5％", "53.5％"),
    ("partly", "予以公开20件，占43.5%；部分公开5件，占{}。", "10.9%", "20.9%"),
    ("granted", "其中，予以公开的占总数的{}，部分公开的占10.9%。", "43.5%", "53.5%"),
    ("partly", "其中，予以公开的占43.5%，部分公开的占办结数的{}。", "10.9%", "9.0%"),
    ("partly", "予以公开20件、部分公开5件，分别占43.5%、{}。", "10.9%", "20.9%"),
    ("granted", "予以公开、部分公开、不予公开占比分别为{}、10.9%、10.9%。", "43.5%", "53.5%"),
    ("granted", "公开、部分公开、不予公开占比分别为{}、10.9%、10.9%。", "43.5%", "53.5%"),
    ("unable", "无法提供的10件，占全年办结申请的{}。", "21.7%", "31.7%"),
    ("unable", "10件无法提供，占{}。", "21.7%", "31.7%"),
    ("属于四类过程性信息", "不予公开5件，其中过程性信息5件，占{}。", "100%", "90%"),
    ("本机关不掌握相关政府信息", "不掌握10件，占无法提供件数的{}。", "100%", "90%"),
    ("申请人：自然人", "自然人申请45件，占{}。", "100%", "85%"),
    ("carried_out", "结转下年度4件，占{}。", "8%", "12%"),
]


@pytest.mark.parametrize(("name", "words", "right", "wrong"), SAYINGS)
def test_a_share_is_held_against_the_tables(name: str, words: str, right: str, wrong: str) -> None:
    assert of_shares(words.format(right))[name][0] == "成立"
    assert of_shares(words.format(wrong))[name][0] == "不成立"


@pytest.mark.parametrize(
    ("name", "words", "verdict"),
    [
        # one unit of its last digit, rounded or cut off, either side
        ("granted", "予以公开20件，占办结总数的43.4%。", "成立"),
        ("granted", "予以公开20件，占办结总数的43.3%。", "不成立"),
        ("granted", "予以公开20件，占办结总数的43.5%。", "成立"),
        ("granted", "予以公开20件，占办结总数的43.6%。", "不成立"),
        # it is said to be of all, and is of those that were answered
        ("granted", "予以公开20件，占总数的45.5%。", "存疑"),
        # rounded
        ("granted", "予以公开20件，占比约44%。", "成立"),
        ("granted", "予以公开20件，占比约53%。", "存疑"),
        # without a figure, and of what is not said
        ("granted", "其中，予以公开的占43.5%，部分公开的占10.9%。", "成立"),
        ("granted", "其中，予以公开的占53.5%，部分公开的占10.9%。", "存疑"),
        # together
        ("granted＋partly", "予以公开20件，部分公开5件，合计占54.3%。", "成立"),
        ("granted＋partly", "予以公开20件，部分公开5件，合计占64.3%。", "存疑"),
        # how a rate was counted nobody knows
        ("closed", "办结率92%。", "成立"),
        ("closed", "办结率82%。", "存疑"),
        ("granted", "予以公开率43.48%。", "成立"),
        ("granted", "予以公开率53.48%。", "存疑"),
    ],
)
def test_what_a_share_may_be_of(name: str, words: str, verdict: str) -> None:
    assert of_shares(words)[name][0] == verdict


@pytest.mark.parametrize(
    "words",
    [
        "予以公开20件，占比由上年的40%提高到53.5%。",
        "予以公开20件，占主动公开信息的12%。",
        "予以公开20件，占全市的3%。",
        "2021年予以公开12件，占70%。",
        "去年予以公开占40%。",
        "通过网络申请40件，占68.9%。",
        "按时办结率100%。",
        "依申请公开收件45件，占全区总量的3.5%。",
        "工单46件，办结率92.1%。",
    ],
)
def test_a_share_of_something_else_is_not_judged(words: str) -> None:
    assert of_shares(words) == {}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("百分之百", "100%"),
        ("百分之一百", "100%"),
        ("百分之四十五点五", "45.5%"),
        ("百分之零点五", "0.5%"),
        ("百分之十", "10%"),
        ("百分之0.5", "0.5%"),
        ("43.5％", "43.5%"),
        ("百分之几", "百分之几"),
    ],
)
def test_percentages_are_read_in_words_and_in_figures(written: str, read: str) -> None:
    assert plain(f"占{written}。").text == f"占{read}。"


def test_a_share_of_reviews_is_of_reviews() -> None:
    words = "因政府信息公开被申请行政复议5件，其中维持2件，占{}。"
    assert of_shares(words.format("40%"), FULL)["reviews.结果维持"][0] == "成立"
    assert of_shares(words.format("45%"), FULL)["reviews.结果维持"][0] == "不成立"


def test_the_message_says_what_would_be_right() -> None:
    _, message = of_shares("予以公开20件，占总数的53.5%。")["granted"]
    right = "46件中的20件占43.5%、45件中的20件占44.4%"
    assert message == f"文字部分写“予以公开20件，占总数的53.5%”，按表格，{right}"


def test_a_share_is_not_judged_beside_a_table_without_any_application() -> None:
    none = tables({"year": 2022, "totals": {}})
    assert said_of("予以公开0件，占0%。", none)["text.granted"][0] == "成立"
