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
    # sums, lists, other words for the same
    ("全年共收到和办理依申请公开44件，全部为自然人申请。", "handled"),
    ("处理结果中，予以公开20件，部分公开6件。", "partly"),
    ("处理结果中，因信息不存在的11件。", "unable"),
    ("上年度结转政府信息公开申请6件。", "carried_in"),
    ("结转至下一年度办理5件。", "carried_out"),
    ("同意公开及部分公开26件。", "granted＋partly"),
    ("无法提供的11件，均为本机关不掌握相关政府信息。", "unable"),
    ("不予公开6件，均属过程性信息。", "refused"),
    ("不予处理5件，均为信访举报投诉类。", "not_handled"),
    ("新收申请45件，加上2021年结转的5件，共办理51件。", "handled"),
    ("共办理50件，办结45件。", "closed"),
    ("办结46件，3件结转2023年办理。", "carried_out"),
    ("全年共办理依申请公开信息49件（含上年结转5件）。", "handled"),
    ("因政府信息公开引发的行政复议2件。", "reviews"),
    ("涉及政府信息公开的行政诉讼1件，败诉1件。", "suits"),
    ("其中，予以公开21件，占45.7%。", "granted"),
    ("因申请人撤回终止办理3件。", "其他处理之其他"),
    ("我局新收依申请公开申请54件。", "received"),
    ("依申请公开方面，共收到申请四十六件。", "received"),
    ("依申请公开方面，收到申请共计46宗，办结46宗。", "received"),
    ("依法公开20件、部分公开5件、不予公开4件。", "refused"),
    ("作出不予公开决定6件，无法提供9件。", "refused"),
    ("全年共办结政府信息公开申请46件，其中全部公开22件。", "granted"),
    ("收到公民申请43件、企业申请2件。", "申请人：商业企业"),
    ("信访举报投诉类申请4件，重复申请1件。", "重复申请"),
    ("没有现成信息、需要另行制作1件。", "没有现成信息需要另行制作"),
    ("补正后申请内容仍不明确的2件。", "补正后申请内容仍不明确"),
    ("属于行政查询事项的3件。", "属于行政查询事项"),
    ("危及“三安全一稳定”不予公开1件。", "危及“三安全一稳定”"),
    ("保护第三方合法权益不予公开1件。", "保护第三方合法权益"),
    (
        "申请人逾期未补正、不再处理其申请1件。",
        "申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
    ),
    ("要求提供公开出版物1件。", "要求提供公开出版物"),
    ("无正当理由大量反复申请1件。", "无正当理由大量反复申请"),
    ("要求确认或重新出具已获取信息1件。", "要求行政机关确认或重新出具已获取信息"),
    ("属于内部事务信息的2件。", "属于三类内部事务信息"),
    ("行政执法案卷不予公开1件。", "属于行政执法案卷"),
    ("法律行政法规禁止公开1件。", "其他法律行政法规禁止公开"),
    ("属于国家秘密1件。", "属于国家秘密"),
    (
        "申请人逾期未按收费通知要求缴纳费用1件。",
        "申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
    ),
    ("本年新收45件，上年结转4件。", "carried_in"),
    ("法律服务机构申请2件。", "申请人：法律服务机构"),
    ("社会公益组织申请1件，科研机构申请1件。", "申请人：社会公益组织"),
    ("全年共登记依申请公开申请44件。", "on_request"),
    ("今年以来，我局共接到依申请公开申请54件，内容涉及专利资助、行政执法等。", "received"),
    ("2022年新收政府信息公开申请46件，同比上升50%；办结45件。", "closed"),
    ("按申请人类型分，自然人44件、商业企业1件、科研机构0件。", "申请人：商业企业"),
    ("予以公开20件，部分公开5件，不予公开5件，无法提供10件，不予处理4件，其他处理3件。", "other"),
    ("予以公开或部分公开的共26件。", "granted＋partly"),
    ("不予公开、无法提供、不予处理共20件。", "refused＋unable＋not_handled"),
    ("“本机关不掌握”类11件，“过程性信息”类5件。", "本机关不掌握相关政府信息"),
    ("无法提供11件（均系不掌握）。", "unable"),
    ("4件结转申请之外，办结45件。", "closed"),
    ("部分公开（区分处理）6件。", "partly"),
    ("决定予以公开的21件。", "granted"),
    ("答复予以公开21件、部分公开5件。", "granted"),
    ("作出予以公开答复21件。", "granted"),
    ("作出“予以公开”决定21件。", "granted"),
    ("其中：予以公开21件；部分公开5件；不予公开5件。", "granted"),
    ("其中，①予以公开21件，②部分公开5件。", "granted"),
    ("（1）予以公开21件；（2）部分公开5件。", "granted"),
    ("一是予以公开21件；二是部分公开5件。", "granted"),
    ("予以公开的有21件，部分公开的有5件。", "granted"),
    ("有21件予以公开，5件部分公开。", "granted"),
    ("21件申请予以公开。", "granted"),
    ("对21件申请作出予以公开决定。", "granted"),
    ("其中11件因本机关不掌握相关信息无法提供。", "本机关不掌握相关政府信息"),
    ("其中6件属于过程性信息，不予公开。", "属于四类过程性信息"),
    ("5件属于信访举报投诉类申请，不予处理。", "信访举报投诉类申请"),
    ("结转到2023年的有5件。", "carried_out"),
    ("有5件转入下年办理。", "carried_out"),
    ("5件将在2023年继续办理。", "carried_out"),
    ("2021年结转6件，已全部办结。", "carried"),
    ("自2021年结转的6件申请均已答复。", "carried"),
    ("上年度遗留6件。", "carried_in"),
    ("全年依申请公开总量为55件，其中上年结转5件。", "on_request"),
    ("依申请公开受理量为46件。", "received"),
    ("全年依申请公开申请量46件，办结量46件。", "applied"),
    ("受理量46件、办结率92%。", "received"),
    ("年度内办结政府信息公开申请共计47件。", "closed"),
    ("办结47件（其中上年结转5件）。", "closed"),
    ("本年制发行政规范性文件1件，废止0件，现行有效0件。", "表二.行政规范性文件.made"),
    ("规章制发1件。", "表二.规章.made"),
    ("行政许可处理决定数量5件。", "表二.行政许可.decisions"),
    ("行政强制决定3件。", "表二.行政强制.decisions"),
    ("收到信息公开行政复议申请1件。", "reviews"),
    ("信息公开类行政诉讼2件，其中维持1件。", "suits"),
    ("政府信息公开行政复议案件3件，其中维持2件、纠正1件。", "reviews"),
    ("因信息公开产生的行政复议1起，尚未审结1起。", "reviews"),
    ("依申请公开被诉1件。", "suits"),
    ("我局2022年共收到公民、法人和其他组织政府信息公开申请44件，均为自然人申请。", "received"),
    (
        "2022年度，本机关新收到政府信息公开申请45件，上年结转6件；本年度办理结果：予以公开20件。",
        "carried_in",
    ),
    ("本年度办理结果：予以公开22件，部分公开5件，不予公开5件。", "granted"),
    (
        "本年度办理结果：予以公开20件，部分公开5件，不予公开5件，无法提供10件，不予处理4件，其他处理2件；结转下年度继续办理3件。",
        "carried_out",
    ),
    ("2022年申请量为46件，2021年为30件。", "applied"),
    ("主动公开政府信息4500条，依申请公开政府信息24条。", "on_request"),
    ("政府信息依申请公开答复48件。", "replied"),
    ("完成依申请公开44件的登记和46件的答复工作。", "handled"),
    ("因政府信息公开被申请复议、提起诉讼共1件。", "reviews_and_suits"),
    ("政府信息公开申请44件，同比增长50%。", "on_request"),
    ("予以公开政府信息申请21件。", "granted"),
    ("依法予以公开的申请21件。", "granted"),
    ("依法不予公开申请6件。", "refused"),
    ("依法不予处理6件。", "not_handled"),
    ("无法提供相关信息9件。", "unable"),
    ("不掌握信息9件。", "本机关不掌握相关政府信息"),
    ("过程性信息不予公开4件。", "属于四类过程性信息"),
    ("信访类申请3件，已告知。", "信访举报投诉类申请"),
    ("其他类处理3件。", "other"),
    ("申请公开45件，答复公开21件。", "granted"),
    ("接收申请表44份。", "received"),
    ("全年收到申请书44份。", "received"),
    ("全年收悉依申请公开44件。", "received"),
    ("共收到群众依申请公开44件。", "received"),
    ("受理公众申请公开政府信息44件。", "received"),
    ("公众提出政府信息公开申请44件。", "on_request"),
    ("公民提出申请44件。", "申请人：自然人"),
    ("自然人提出政府信息公开申请44件，法人提出1件。", "申请人：自然人"),
    ("来自企业的申请1件。", "申请人：商业企业"),
    ("商业企业提出申请2件。", "申请人：商业企业"),
    ("律所提出申请1件。", "申请人：法律服务机构"),
    ("结转至2023年5件。", "carried_out"),
    ("转入2023年办理5件。", "carried_out"),
    ("顺延至下一年度办理5件。", "carried_out"),
    ("跨年办理5件。", "carried_out"),
    ("上年度转入6件。", "carried_in"),
    ("从2021年结转6件。", "carried"),
    ("已办结45件，待办结4件。", "closed"),
    ("办理完成47件。", "closed"),
    ("处理完毕47件。", "closed"),
    ("结案47件。", "closed"),
    ("按期答复47件。", "replied"),
    ("均依法按时答复47件申请。", "replied"),
    ("制定规范性文件1件。", "表二.行政规范性文件.made"),
    ("出台规章1部。", "表二.规章.made"),
    ("废止文件0件，废止规范性文件1件。", "表二.行政规范性文件.repealed"),
]
DOUBTED = [
    ("收到信息公开申请表45份，5份正在办理中。", "carried_out"),
    ("上年结转5件，共51件。", "handled"),
    ("上年结转的5件中，予以公开3件。", "granted"),
    ("上年结转的5件全部办结，其中予以公开3件。", "granted"),
    ("新收的申请中，已办结41件。", "closed"),
    ("自然人提出的申请中，不予公开4件。", "refused"),
    ("行政事业性收费356.2万元。", "表二.行政事业性收费.collected"),
    ("行政处罚3件。", "表二.行政处罚.decisions"),
    ("因征地引起的行政复议5件，其中维持2件、其他3件。", "reviews.其他结果"),
    ("45件申请中自然人40件、企业5件。", "申请人：商业企业"),
    ("截至2022年底，尚有3件正在办理之中。", "carried_out"),
    ("全年未发生结转。", "carried"),
    ("无上年结转件。", "carried_in"),
    ("申请均已办结，无结转。", "carried"),
    ("申请人全部为企业。", "申请人：自然人"),
    ("截至12月31日，未办结5件。", "carried_out"),
    ("被提起行政诉讼1起，被申请行政复议0起。", "suits"),
    ("累计答复依申请公开申请48件。", "replied"),
    ("全市各级行政机关新收申请46件。", "received"),
    ("行政复议1件，行政诉讼0件，均为政府信息公开类。", "reviews"),
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
