"""One of several applicants leaves: the others are answered, and nobody is told what he did not do."""

from __future__ import annotations

import re
from datetime import date

import pytest
from histories import DRAFTER, LAW
from played import Played, lines
from sqlalchemy import create_engine
from sqlmodel import Session, SQLModel
from test_edge_cases import last_letter, text_of

from models.acts.afterwards.merging import joinable
from models.case.case import Case
from models.case.stage import Stage
from models.errors import ActRefused
from models.register import register, same_applicant
from models.store.sealing import Sealing, keyed, new_key

ENGINE = keyed(create_engine("sqlite://"), Sealing([new_key()]))
SQLModel.metadata.create_all(ENGINE)
THREE = "2026-03-02　收到　申请人姓名或名称＝张三；其他共同申请人＝李四／王五"
REPLY = "2026-03-30　答复　办理结果＝予以公开（提供）"


def play_of(*acts: str) -> Played:
    with Session(ENGINE) as session:
        play = Played(session)
        for line in lines("\n".join(acts)):
            play.line(line)
        return play


def played(*acts: str) -> Case:
    with Session(ENGINE) as session:
        play = Played(session)
        for line in lines("\n".join(acts)):
            play.line(line)
        return play.case()


def known(*acts: str) -> list[str]:
    """The first applicants of the other applications that are taken for the same person's."""
    with Session(ENGINE) as session:
        play = Played(session)
        for line in lines("\n".join(acts)):
            play.line(line)
        now = same_applicant.informed(session, play.case(), play.now(DRAFTER))
        return [name for one in now.others for name in one.applicants]


def test_who_left_is_not_answered_and_the_others_are() -> None:
    play = play_of(THREE, "2026-03-10　共同申请人退出　退出的申请人＝李四", REPLY)
    letter = last_letter(play)
    assert "张三、王五" in letter
    assert "李四" not in letter
    assert "各位申请人" in letter


def test_who_is_left_alone_is_addressed_as_what_he_is() -> None:
    firm = "2026-03-02　收到　申请人姓名或名称＝某公司；申请人类别＝商业企业；其他共同申请人＝李四"
    left = "2026-03-10　共同申请人退出　退出的申请人＝某公司"
    with pytest.raises(ActRefused, match="请填写其后第一申请人（李四）的类别"):
        played(firm, left)
    letter = last_letter(play_of(firm, f"{left}；其后第一申请人的类别＝自然人", REPLY))
    assert "李四" in letter
    assert "某公司" not in letter
    assert "您" in letter
    assert "贵单位" not in letter


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("2026-03-10　共同申请人退出　收到其书面退出的日期＝2026-03-11", "晚于"),
        ("2026-03-10　共同申请人退出　收到其书面退出的日期＝2026-03-01", "早于到件日期"),
        ("2026-03-10　共同申请人退出　退出的申请人＝赵六", "应从所列选项中选择"),
        ("2026-03-10　共同申请人退出　其后第一申请人的类别＝自然人", "只在第一申请人退出时填写"),
    ],
)
def test_leaving_is_on_a_day_and_by_one_of_them(line: str, why: str) -> None:
    with pytest.raises(ActRefused, match=why):
        played(THREE, line)


AT = {
    Stage.CONFIRMING: "2026-03-02　登记　提交方式＝电子邮件",
    Stage.JURISDICTION: "2026-03-02　收到",
    Stage.CORRECTION: "2026-03-02　收到\n2026-03-03　补正　告知日期＝2026-03-03",
    Stage.FEE: "2026-03-02　收到\n2026-03-03　本机关\n2026-03-03　收费　按件：本自然月此前的申请件数＝10",
    Stage.DRAFTING: "2026-03-02　收到\n2026-03-03　本机关",
    Stage.REVIEW: "2026-03-02　收到\n2026-03-03　起草　办理结果＝予以公开（提供）",
    Stage.SIGNING: "2026-03-02　收到\n2026-03-03　起草　办理结果＝予以公开（提供）\n2026-03-04　审核通过",
    Stage.DISPATCH: "2026-03-02　收到\n2026-03-03　起草　办理结果＝予以公开（提供）\n"
    "2026-03-04　审核通过\n2026-03-04　签发",
}
TWO = "申请人姓名或名称＝甲公司；申请人类别＝商业企业；其他共同申请人＝李四"
FIRST_LEFT = "2026-03-05　共同申请人退出　退出的申请人＝甲公司；其后第一申请人的类别＝自然人"


def at(stage: Stage) -> list[str]:
    """A case of two applicants that has come to this stage."""
    first, *others = AT[stage].splitlines()
    return [f"{first}{'；' if '＝' in first else '　'}{TWO}", *others]


@pytest.mark.parametrize("stage", AT)
def test_he_leaves_wherever_an_application_is_open(stage: Stage) -> None:
    before, after = played(*at(stage)), played(*at(stage), FIRST_LEFT)
    assert before.stage is stage
    assert (after.applicant, after.co_applicants, after.kind_now) == ("李四", (), "自然人")
    assert after.stage is (Stage.SIGNING if stage is Stage.DISPATCH else stage)
    assert after.deadline(LAW) == before.deadline(LAW)


def test_a_letter_signed_to_him_too_is_signed_anew() -> None:
    play = play_of(*at(Stage.DISPATCH), FIRST_LEFT, "2026-03-06　签发", "2026-03-06　发出")
    old, new = [one for one in play.documents if one.series == "reply"]
    assert old.voided_on == date(2026, 3, 5)
    assert "甲公司" in text_of(old)
    assert "甲公司" not in text_of(new)
    assert old.number != new.number


@pytest.mark.parametrize("stage", [Stage.REVIEW, Stage.SIGNING, Stage.DISPATCH])
def test_a_draft_that_names_him_is_drafted_anew(stage: Stage) -> None:
    named = [
        line.replace("（提供）", "（提供）；信息名称＝甲公司获补贴的文件") for line in at(stage)
    ]
    after = played(*named, FIRST_LEFT)
    assert after.stage is Stage.DRAFTING
    assert after.draft is not None
    assert "共同申请人甲公司退出" in after.draft.comments[-1]


def test_nobody_leaves_once_it_is_answered() -> None:
    with pytest.raises(ActRefused, match="已办结"):
        played(*at(Stage.DISPATCH), "2026-03-05　发出", FIRST_LEFT)


@pytest.mark.parametrize(
    ("stays", "agent", "why"),
    [
        ("yes", "律师赵", ""),
        ("no", "", ""),
        ("", "", "请写明代理人（律师赵）是否仍代理其余申请人"),
    ],
)
def test_his_agent_is_the_others_only_if_they_say_so(stays: str, agent: str, why: str) -> None:
    first = f"2026-03-02　收到　{TWO}；代理人姓名＝律师赵；委托手续＝2026年3月1日委托书"
    left = f"{FIRST_LEFT}；代理人是否仍代理其余申请人＝{stays}"
    if why:
        with pytest.raises(ActRefused, match=re.escape(why)):
            played(first, left)
        return
    assert played(first, left).agent == agent
    assert ("律师赵" in last_letter(play_of(first, left, REPLY))) is bool(agent)


def test_what_identifies_who_left_is_used_no_more() -> None:
    """Two known identities that differ are two persons: his says nothing of who is first now (29)."""
    mine = "2026-03-02　收到　申请人姓名或名称＝李四；身份证明号码＝1"
    other = f"2026-03-02　【乙】收到　{TWO}；身份证明号码＝2"
    left = FIRST_LEFT.replace("　共同", "　【乙】共同")
    assert not known(mine, other)
    assert known(mine, other, left) == ["李四"]


@pytest.mark.parametrize(
    ("left", "contact", "kind"),
    [((), "甲公司总机", "商业企业"), ((FIRST_LEFT,), "", "自然人")],
)
def test_a_split_part_does_not_take_over_what_reached_him(
    left: tuple[str, ...], contact: str, kind: str
) -> None:
    first = f"2026-03-02　收到　{TWO}；联系方式＝甲公司总机"
    split = "2026-03-06　拆分　本登记号保留的内容＝名单；另行登记的各项内容＝评审意见"
    with Session(ENGINE) as session:
        play = Played(session)
        for line in lines("\n".join((first, *left, split))):
            play.line(line)
        part = play.case("甲之二")
        assert register.applicant(session, part.number).contact == contact
        assert part.applicant_kind == kind


BEFORE = (
    f"2026-02-02　收到　{TWO}；申请内容＝2025年度名单\n2026-02-03　答复　办理结果＝予以公开（提供）"
)
AGAIN = "起草　办理结果＝重复申请；此前答复的日期＝2026-02-03；登记簿启用前的答复存于何处＝；此前答复的文号＝"


def repeated(before: str, applicant: str) -> str:
    """Why the same asked again by this applicant is no repeat; "" if it is one."""
    with Session(ENGINE) as session:
        play = Played(session)
        for line in lines(before):
            play.line(line)
        number = play.documents[-1].number
        play.line(f"2026-03-02　【乙】收到　申请内容＝2025年度名单；{applicant}")
        try:
            play.line(f"2026-03-03　【乙】{AGAIN}{number}")
        except ActRefused as refused:
            return str(refused)
        return ""


def test_a_repeat_by_one_who_applied_together_with_others_is_found() -> None:
    """Every one of them had the answer: who asks again alone has been answered before (36(6))."""
    assert repeated(BEFORE, "申请人姓名或名称＝李四") == ""
    assert repeated(BEFORE, "申请人姓名或名称＝甲公司") == ""
    assert "没有答复同一申请人" in repeated(BEFORE, "申请人姓名或名称＝王五")


def test_who_left_before_the_answer_had_none() -> None:
    first, answered = BEFORE.splitlines()
    left = f"{first}\n{FIRST_LEFT.replace('2026-03-05', '2026-02-03')}\n{answered}"
    assert repeated(left, "申请人姓名或名称＝李四") == ""
    assert "没有答复同一申请人" in repeated(left, "申请人姓名或名称＝甲公司")


def test_it_is_no_repeat_of_whoever_joins_in_now() -> None:
    both = "申请人姓名或名称＝甲公司；申请人类别＝商业企业；其他共同申请人＝王五"
    assert "没有答复王五，对其不是重复申请" in repeated(BEFORE, both)
    same = "申请人姓名或名称＝李四；其他共同申请人＝甲公司"
    assert repeated(BEFORE, same) == ""


@pytest.mark.parametrize(
    ("other", "joined"),
    [("", False), ("；其他共同申请人＝王五", False), ("；其他共同申请人＝李四", True)],
)
def test_nobody_is_shown_in_one_letter_what_another_asked(other: str, joined: bool) -> None:
    mine = f"2026-03-02　收到　{TWO}\n2026-03-03　本机关"
    theirs = f"2026-03-02　【乙】收到　申请人姓名或名称＝甲公司；申请人类别＝商业企业{other}"
    with Session(ENGINE) as session:
        play = Played(session)
        for line in lines(f"{mine}\n{theirs}"):
            play.line(line)
        now = same_applicant.informed(session, play.case(), play.now(DRAFTER))
        assert bool(joinable(play.case(), now)) is joined


def test_the_last_applicant_does_not_leave_but_withdraws() -> None:
    one = "2026-03-11　共同申请人退出　退出的申请人＝张三"
    two = "2026-03-02　收到　申请人姓名或名称＝张三；其他共同申请人＝李四"
    with pytest.raises(ActRefused, match="只有一名申请人"):
        played(two, "2026-03-10　共同申请人退出　退出的申请人＝李四", one)


def test_it_is_taken_back_by_all_or_goes_on() -> None:
    back = "2026-03-10　答复　办理结果＝其他：申请人撤回；申请人书面撤回的日期＝2026-03-10；事实和理由＝"
    with pytest.raises(ActRefused, match="没有写到张三、王五"):
        played(THREE, back + "李四撤回")
    with pytest.raises(ActRefused, match="没有写到王五"):
        played(THREE, back + "张三、李四书面撤回")
    letter = last_letter(play_of(THREE, back + "张三、李四、王五均书面撤回"))
    assert "各位申请人于2026年3月10日以书面形式向本机关撤回" in letter
