"""The words of reports: no true sentence is 不成立, nine of ten altered figures are found."""

from __future__ import annotations

import tomllib

import pytest
from sentence_benchmark import FOLDER, altered, measured, narratives, said_of, tables, whole

BESIDE = "全年收到政府信息公开申请45件，办结46件。"
TOTALS = {
    **{"1": 45, "2": 5, "3.1": 20, "3.2": 5, "3.3.6": 5, "3.4.1": 10, "3.5.1": 4, "3.6.3": 2},
    "4": 4,
}
OURS = tables({"year": 2022, "totals": TOTALS, "kinds": {"自然人": 45}})
OTHER_MATTERS = tomllib.loads((FOLDER / "other_matters.toml").read_text("utf-8"))["sentences"]


def verdicts(text: str) -> dict[str, str]:
    return {i: v for i, (v, _) in said_of(BESIDE + text, OURS).items() if v != "成立"}


@pytest.mark.parametrize("sentence", OTHER_MATTERS)
def test_a_sentence_about_something_else_is_not_held_against_the_report(sentence: str) -> None:
    assert "不成立" not in verdicts(sentence).values()


# one figure is wrong
WRONG = [
    ("全年收到8份政府信息公开申请。", "received"),
    ("本年度办理政府信息公开申请61件。", "handled"),
    ("依申请公开政府信息4项。", "on_request"),
    ("答复申请22件。", "replied"),
    ("现已答复22件。", "replied"),
    ("办结47件，其中予以公开20件。", "closed"),
    ("办结46件，其中予以公开21件。", "granted"),
    ("5件结转下年度继续办理。", "carried_out"),
    ("上年结转4件。", "carried_in"),
    ("属于过程性信息的1件。", "属于四类过程性信息"),
    ("不掌握相关信息的11件。", "本机关不掌握相关政府信息"),
    ("其他处理1件（申请人主动撤回）。", "other"),
    ("其他1件（申请人自主撤销）。", "其他处理之其他"),
    ("企业申请1件。", "申请人：商业企业"),
    ("自然人申请44件。", "申请人：自然人"),
    ("全年制发行政规范性文件6个。", "表二.行政规范性文件.made"),
    ("废止规范性文件2件。", "表二.行政规范性文件.repealed"),
    ("现行有效的行政规范性文件12件。", "表二.行政规范性文件.in_force"),
    ("行政处罚决定803件。", "表二.行政处罚.decisions"),
    ("作出行政许可决定12件次。", "表二.行政许可.decisions"),
    ("因政府信息公开被申请行政复议2件。", "reviews"),
    ("涉及政府信息公开的行政诉讼2起。", "suits"),
    ("因政府信息公开被申请行政复议0件，结果纠正1件。", "reviews.结果纠正"),
    ("全年未收到政府信息公开申请。", "received"),
    # the subject stands behind, or apart, or is named in another way
    ("办理答复47件，其中同意公开20件。", "replied"),
    ("同意公开20件，信访类5件，其他2件。", "信访举报投诉类申请"),
    ("处理信访投诉举报类申请5件、重复申请0件。", "信访举报投诉类申请"),
    ("信访举报投诉类申请不予处理5件。", "信访举报投诉类申请"),
    ("涉及四类过程性信息不予公开6件。", "属于四类过程性信息"),
    ("截至2022年12月31日，已办结46件，尚有5件结转下年度办理。", "carried_out"),
    ("共有47件政府信息公开申请按期办结。", "closed"),
    ("本机关收到的46件申请中，20件予以公开。", "received"),
    ("本机关收到的45件申请中，20件予以公开、6件部分公开、10件无法提供。", "partly"),
    ("本机关收到的45件申请中，20件予以公开、5件部分公开、11件无法提供。", "unable"),
    ("去年结转6件，今年新增45件。", "carried_in"),
    ("去年结转5件，今年新增46件。", "received"),
    ("2021年结转6件。", "carried"),
    ("属于信访事项5件，属于重复申请0件。", "信访举报投诉类申请"),
    ("另有5件申请因未到答复期限结转下一年度办理。", "carried_out"),
    ("经补正仍不明确1件。", "补正后申请内容仍不明确"),
    ("收到公民、法人和其他组织政府信息公开申请46件。", "received"),
    ("全年应办51件，实际办结46件。", "handled"),
    ("申请量46件，办结量46件。", "applied"),
    ("申请人中，自然人45件，其他1件。", "申请人：其他"),
    ("宣布失效和废止行政规范性文件2个。", "表二.行政规范性文件.repealed"),
    ("作出行政许可0件，行政处罚1件。", "表二.行政处罚.decisions"),
]
DOUBTED = [
    ("收到信息公开申请表45份，5份正在办理中。", "carried_out"),
    ("上年结转5件，共51件。", "handled"),
    ("延期答复政府信息公开申请3件。", "replied"),
    ("上年结转的5件中，予以公开3件。", "granted"),
    ("上年结转的5件全部办结，其中予以公开3件。", "granted"),
    ("新收的申请中，已办结41件。", "closed"),
    ("自然人提出的申请中，不予公开4件。", "refused"),
    ("行政事业性收费356.2万元。", "表二.行政事业性收费.collected"),
    ("行政处罚3件。", "表二.行政处罚.decisions"),
    ("因征地引起的行政复议5件，其中维持2件、其他3件。", "reviews.其他结果"),
]


@pytest.mark.parametrize(("sentence", "name"), WRONG)
def test_a_wrong_figure_of_the_tables_is_held_against_the_report(sentence: str, name: str) -> None:
    assert verdicts(sentence)[f"text.{name}"] == "不成立"


@pytest.mark.parametrize(("sentence", "name"), DOUBTED)
def test_a_figure_that_may_be_of_a_part_is_doubted_and_no_more(sentence: str, name: str) -> None:
    assert verdicts(sentence)[f"text.{name}"] == "存疑"


def test_a_heading_says_what_the_paragraph_after_it_is_of() -> None:
    words = "全年共收到46件，办结46件。"
    assert said_of(words, OURS)["text.received"][0] == "无法判断"
    for heading in ("（二）依申请公开情况\n", "二是依法办理依申请公开。"):
        assert said_of(heading + words, OURS)["text.received"][0] == "不成立"
    assert said_of(f"（三）平台建设\n{words}", OURS)["text.received"][0] == "无法判断"


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("全年收到45份政府信息公开申请。", "received"),
        ("依申请公开政府信息45项。", "on_request"),
        ("4件结转下年度继续办理。", "carried_out"),
        ("其他2件（申请人自主撤销）。", "其他处理之其他"),
        ("现行有效的行政规范性文件0件。", "表二.行政规范性文件.in_force"),
        ("行政处罚决定0件。", "表二.行政处罚.decisions"),
    ],
)
def test_the_right_figure_is_read_and_holds(sentence: str, name: str) -> None:
    assert said_of(sentence, OURS)[f"text.{name}"][0] == "成立"


@pytest.mark.parametrize("half", ["rules", "held", "fresh"])
def test_nine_of_ten_altered_figures_are_found_and_no_true_sentence_is_stopped(half: str) -> None:
    found, stopped = measured(half)
    assert stopped == []
    assert len(found) > 20
    assert sum(one.found for one in found) >= 0.9 * len(found)
    assert sum(one.certain for one in found) >= 0.9 * len(found)


def test_every_narrative_has_figures_to_alter_and_holds_as_it_stands() -> None:
    for one in narratives():
        found = said_of(whole(one["text"]), tables(one))
        assert not any(v == "不成立" for v, _ in found.values()), one["text"]
        assert sum(1 for _ in altered(one["text"])) == one["text"].count("{")


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ("2021年收到政府信息公开申请30件。", None),
        ("2022年收到政府信息公开申请30件。", "不成立"),
        ("2023年收到政府信息公开申请30件。", None),
    ],
)
def test_the_year_before_and_the_year_after_are_not_this_year(
    words: str, verdict: str | None
) -> None:
    assert said_of(words, OURS).get("text.received", ("无法判断", ""))[0] in (
        (verdict,) if verdict else ("无法判断",)
    )
