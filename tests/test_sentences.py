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
]


@pytest.mark.parametrize(("sentence", "name"), WRONG)
def test_a_wrong_figure_of_the_tables_is_held_against_the_report(sentence: str, name: str) -> None:
    assert verdicts(sentence)[f"text.{name}"] == "不成立"


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
