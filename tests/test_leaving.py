"""One of several applicants leaves: the others are answered, and nobody is told what he did not do."""

from __future__ import annotations

import pytest
from played import Played, lines
from sqlalchemy import create_engine
from sqlmodel import Session, SQLModel
from test_edge_cases import last_letter

from models.errors import ActRefused
from models.sealing import Sealing, keyed, new_key

ENGINE = keyed(create_engine("sqlite://"), Sealing([new_key()]))
SQLModel.metadata.create_all(ENGINE)
THREE = "2026-03-02　收到　申请人姓名或名称＝张三；其他共同申请人＝李四／王五"
REPLY = "2026-03-30　答复　办理结果＝予以公开（提供）"


def played(*acts: str) -> Played:
    with Session(ENGINE) as session:
        play = Played(session)
        for line in lines("\n".join(acts)):
            play.line(line)
        return play


def test_who_left_is_not_answered_and_the_others_are() -> None:
    play = played(THREE, "2026-03-10　共同申请人退出　退出的申请人＝李四", REPLY)
    letter = last_letter(play)
    assert "张三、王五" in letter
    assert "李四" not in letter
    assert "各位申请人" in letter


def test_who_is_left_alone_is_addressed_as_what_he_is() -> None:
    firm = "2026-03-02　收到　申请人姓名或名称＝某公司；申请人类别＝商业企业；其他共同申请人＝李四"
    left = "2026-03-10　共同申请人退出　退出的申请人＝某公司"
    with pytest.raises(ActRefused, match="请填写其后第一申请人（李四）的类别"):
        played(firm, left)
    letter = last_letter(played(firm, f"{left}；其后第一申请人的类别＝自然人", REPLY))
    assert "李四" in letter
    assert "某公司" not in letter
    assert "您" in letter
    assert "贵单位" not in letter


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("2026-03-10　共同申请人退出　收到其书面退出的日期＝2026-03-11", "晚于"),
        ("2026-03-10　共同申请人退出　收到其书面退出的日期＝2026-03-01", "早于申请送达日期"),
        ("2026-03-10　共同申请人退出　退出的申请人＝赵六", "应从所列选项中选择"),
        ("2026-03-10　共同申请人退出　其后第一申请人的类别＝自然人", "只在第一申请人退出时填写"),
    ],
)
def test_leaving_is_on_a_day_and_by_one_of_them(line: str, why: str) -> None:
    with pytest.raises(ActRefused, match=why):
        played(THREE, line)


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
    letter = last_letter(played(THREE, back + "张三、李四、王五均书面撤回"))
    assert "各位申请人于2026年3月10日以书面形式向本机关撤回" in letter
