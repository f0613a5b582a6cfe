"""The hints on top of the form: asked before by the same person? published already? (36(1), 36(6))."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from histories import AGENCY, DRAFTER, LAW, History, standing
from hypothesis import given
from hypothesis import strategies as st
from situations import reached
from sqlmodel import Session, SQLModel, create_engine

from flows.path.forms import _tab
from flows.shown.brief import _draft, brief
from flows.shown.hints import hints
from models.acts import catalogue
from models.acts.intake.receipt import correction_due
from models.acts.procedure.withholding import NOBODY_ASKED
from models.acts.reply.outcome import CONDITIONS, DraftReply
from models.case.act import Circumstances
from models.case.matters import OtherApplication
from models.case.stage import Stage
from models.errors import ActRefused
from models.law.citing import row_label
from models.neighbours.published_already import Published, published_alike
from models.register import register
from models.store.tables import ProactiveFigure, Publication
from models.words.alike import contained, difference, likeness, tokens
from models.words.days_told import told

TODAY = Circumstances(date(2026, 3, 20), DRAFTER, LAW, AGENCY)
ALIKE = LAW.figure("alike", TODAY.today).percent
ENGINE = create_engine("sqlite://")
SQLModel.metadata.create_all(ENGINE)


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(ENGINE) as session:
        yield session


# ── is it the same? ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("here", "there", "look", "numbers"),
    [
        ("申请公开2025年度专利资助名单", "请公开二〇二五年度专利资助名单", True, True),
        ("本人向贵局申请公开沪知局〔2023〕12号文件", "沪知局[2023]12号", True, True),
        ("2025年度专利资助名单", "2024年度专利资助名单", True, False),
        ("某路12号地块征收补偿方案", "某路21号地块征收补偿方案", True, False),
        ("某重点项目的评审意见", "某重点项目专家评审的意见书", True, True),
        ("上海市专利资助管理办法", "《上海市专利资助办法》全文", True, True),
        ("商标注册档案材料", "2025年度专利资助名单", False, False),
        ("专利审查档案", "局领导公务接待费用明细", False, True),
    ],
)
def test_requests_are_compared_by_what_they_ask(
    here: str, there: str, look: bool, numbers: bool
) -> None:
    for found in (likeness(here, there), likeness(there, here)):
        assert (found.percent >= ALIKE, found.same_numbers) == (look, numbers), found


def test_the_numbers_that_differ_are_named() -> None:
    found = likeness("2025年度名单", "2024年度名单，2023年度名单")
    assert (found.only_here, found.only_there) == (("2025",), ("2024", "2023"))
    assert difference("2025年度专利资助名单", "2024年度专利资助名册") == ("2025、单", "2024、册")


def test_a_long_difference_is_cut() -> None:
    here, there = difference("甲" * 100, "乙")
    assert here == "甲" * 20 + "……"
    assert there == "乙"


@pytest.mark.parametrize("seed", range(3))
def test_two_long_requests_that_look_alike_are_compared_at_once(seed: int) -> None:
    """It took 20 to 54 seconds, in each form of either."""
    chance = random.Random(seed)
    one, other = ("".join(chance.choices("专利资助名单年度", k=20_000)) for _ in range(2))
    tokens(one), tokens(other)
    began = time.process_time()
    assert all(said.endswith("……") for said in difference(one, other))
    for place in (0, 9_999, 19_999):
        changed = f"{one[:place]}甲{one[place + 1 :]}"
        assert difference(one, changed) == (one[place], "甲"), place
        assert difference(one, f"{one[:place]}乙{one[place:]}") == ("", "乙"), place
    assert time.process_time() - began < 2


def test_of_requests_that_differ_at_both_ends_the_first_difference_is_shown() -> None:
    middle = "资助名单" * 500
    here, there = difference(f"甲{middle}丙", f"乙{middle}丁")
    assert (here, there) == ("甲……", "乙……")


@given(st.text(), st.text())
def test_whatever_is_written_likeness_is_a_percentage_the_same_both_ways(one, other) -> None:
    found = likeness(one, other)
    assert 0 <= found.percent <= 100
    assert found.percent == likeness(other, one).percent
    assert likeness(one, one).percent == 100
    assert likeness(one, one).same_numbers


def test_a_title_may_be_named_within_a_longer_request() -> None:
    request = "申请公开上海市专利资助管理办法的制定依据和起草过程中的征求意见汇总"
    assert contained("上海市专利资助管理办法", request) == 100
    assert contained("上海市专利资助管理办法（2024年）", request) == 0
    assert contained("名", "名") == 0


# ── asked before by the same person ─────────────────────────────────────────────────────────────
def lines(*others: OtherApplication, request: str = "2025年度专利资助名单") -> list[str]:
    history = standing(Stage.DRAFTING)
    history.case.request, history.others = request, others
    return [one.replace("\\", "") for one in hints(history.case, history.now(), [])]


BEFORE = OtherApplication(
    "SQ202500007",
    "已办结",
    date(2025, 12, 1),
    date(2025, 12, 20),
    "申请公开2025年度专利资助名单",
    "沪知公开告〔2025〕9号",
)


def test_a_repetition_is_proposed_with_the_pair_and_the_letter_that_answered() -> None:
    assert lines(BEFORE)[0] == (
        "**可能重复申请**　SQ202500007：“申请公开2025年度专利资助名单”，"
        "已由沪知公开告〔2025〕9号答复。除套语外文字相同"
    )


def test_another_year_is_told_as_another_year() -> None:
    other = replace(BEFORE, request="2024年度专利资助名单")
    assert lines(other)[0] == (
        "**相似，但年份或者编号不同**　SQ202500007：“2024年度专利资助名单”，"
        "已由沪知公开告〔2025〕9号答复。相同100%，本件另有“2025”，该件另有“2024”"
    )


def test_what_is_not_answered_yet_is_no_repetition() -> None:
    other = replace(BEFORE, stage="待起草", closed_on=None, reply="")
    assert "待起草，不是重复申请，可以一并答复" in lines(other)[0]
    signing = replace(other, stage="待签发")
    assert lines(signing)[0].endswith("，待签发，不是重复申请。除套语外文字相同")
    struck = replace(BEFORE, reply="")
    assert "，没有以告知书答复。" in lines(struck)[0]


def test_what_is_not_alike_is_listed_only() -> None:
    found = lines(replace(BEFORE, request="局领导公务接待费用明细"))
    assert found[0] == "**同名申请人的其他申请**　1件（请核对身份）"
    assert found[1].startswith(f"{BEFORE.number}　2025年12月1日收到，已办结")
    arrived = replace(BEFORE, request="别的", received_on=None, stage="待确认收到", reply="")
    assert lines(arrived)[1] == f"{BEFORE.number}　待确认收到　别的"


def test_a_decided_case_is_not_asked_again_whether_it_is_a_repetition() -> None:
    history = standing(Stage.SIGNING)
    history.case.request, history.others = BEFORE.request, (BEFORE,)
    assert not any("重复" in one for one in hints(history.case, history.now(), []))


# ── published already ───────────────────────────────────────────────────────────────────────────
NOW = datetime(2026, 3, 2, tzinfo=UTC)
PLACE = "本机关网站“专利资助”栏目"


def published(session: Session) -> None:
    """What was given on request and then published; what a reply said is public; a rule made."""
    play = reached(session, "已办结，邮寄")
    number = play.case().number
    row = register.applications(session)[-1]
    row.request = "2025年度专利资助名单"
    session.add(
        Publication(
            number=number,
            position=1,
            stage="已主动公开",
            finding="fit",
            screened_on=date(2026, 3, 2),
            published_on=date(2026, 3, 3),
            place=PLACE,
        )
    )
    session.add(
        ProactiveFigure(
            on=date(2026, 1, 5),
            item="行政规范性文件",
            measure="made",
            amount=1,
            note="《上海市专利资助管理办法》沪知局规〔2026〕1号",
            recorded_on=date(2026, 1, 5),
            recorded_at=NOW,
        )
    )
    session.flush()


@pytest.mark.parametrize(
    ("request_", "sources"),
    [
        ("请公开二〇二五年度专利资助名单", ["转主动公开"]),
        ("2024年度专利资助名单", []),
        ("上海市专利资助管理办法（沪知局规〔2026〕1号）", ["登记的行政规范性文件"]),
        ("局领导公务接待费用明细", []),
    ],
)
def test_what_was_published_is_found_by_the_words_of_the_request(
    session: Session, request_: str, sources: list[str]
) -> None:
    published(session)
    found = published_alike(session, request_, TODAY)
    assert len(found) == len(sources)
    assert all(source in one.source for source, one in zip(sources, found, strict=True))


def test_what_a_reply_said_is_public_is_found(session: Session) -> None:
    play = reached(session, "待起草")
    play.line(
        "2026-03-10　答复　办理结果＝已主动公开；信息名称＝专利资助名单；获取方式和途径＝网站首页"
    )
    (found,) = published_alike(session, "专利资助名单", TODAY)
    assert (found.title, found.place) == ("专利资助名单", "网站首页")
    assert found.source == f"申请{play.case().number}的答复"


def test_each_consultation_says_what_it_still_lacks(session: Session) -> None:
    third = "征求对象＝第三方；征求意见的信息＝合同{0}；为什么征求其意见＝商业秘密；对象的姓名或名称＝{0}公司"
    play = reached(session, "待起草")
    for name in "甲乙丙丁戊":
        play.line(f"2026-03-04　征求意见　{third.format(name)}")
    for ref in (2, 3, 4):
        play.line(f"2026-03-05　意见书送达　征求意见书＝{ref}")
    play.line("2026-03-06　登记意见　谁的意见＝3；意见＝同意公开")
    objects = "意见＝不同意公开；不同意的理由是否合理＝理由不合理"
    play.line(f"2026-03-06　登记意见　谁的意见＝4；{objects}")
    play.line("2026-03-06　意见书退回　征求意见书＝5")

    def lacking() -> list[str]:
        said = hints(play.case(), play.now("李起草"), [])
        return [one for one in said if one.startswith("**征求意见尚缺**")]

    assert [one.removeprefix("**征求意见尚缺**　") for one in lacking()] == [
        "甲公司：未登记送达，视为尚未征求，意见期限不起算；请登记送达，退回的登记退回",
        "乙公司：未答复，期限至2026年3月26日，届满前不能决定公开",
        "丁公司：理由不合理，不能据以不予公开；公开的，发出前先书面告知",
        "戊公司：无法联系，没有同意：公开的，须有重大公共利益并先书面告知",
    ]
    play.line("2026-03-06　意见书送达　征求意见书＝1")
    play.line("2026-03-30　起草　办理结果＝予以公开（提供）")
    assert [one.removeprefix("**征求意见尚缺**　") for one in lacking()] == [
        "丁公司：没有同意，答复公开其信息：发出前应当书面告知",
        "戊公司：没有同意，答复公开其信息：发出前应当书面告知",
    ]
    play.line("2026-03-30　审核通过")
    play.line("2026-03-30　签发")
    play.line("2026-03-30　告知第三方　第三方＝4；决定公开的理由＝合同不含商业秘密")
    assert len(lacking()) == 1


def test_the_hint_says_where_and_from_where_it_is_known() -> None:
    history = standing(Stage.DRAFTING)
    one = Published("专利资助名单", "https://例.cn/*1*", "申请SQ1的答复")
    text = brief(history.case, history.now(), [one])
    assert (
        "**可能已经公开**　专利资助名单，https\\:\\/\\/例\\.cn\\/\\*1\\*（申请SQ1的答复）。" in text
    )


# ── why not ─────────────────────────────────────────────────────────────────────────────────────
def _told(session: Session, situation: str, day: date | None = None) -> str:
    """What the drafting forms of a situation say beside their drop-downs."""
    play = reached(session, situation)
    case, now = play.case(), play.now("陈静")
    now = replace(now, today=day or now.today)
    tabs = [
        _tab(act, case, now) for act in catalogue.lawful(case, now) if issubclass(act, DraftReply)
    ]
    asked = (entry for tab in tabs for entry in tab["properties"].values())
    return "；".join(entry.get("description", "") for entry in asked)


def test_an_outcome_that_is_missing_says_what_it_waits_for(session: Session) -> None:
    """The last day of the time to correct, and the day after it (Art. 30)."""
    play = reached(session, "等待补正")
    case = play.case()
    last = correction_due(case, play.law) or play.law.calendar.latest(
        case.correction.requested_on, case.correction.days
    )
    session.rollback()
    words = told([f"补正期限至{last}尚未届满，不能以“逾期不补正”处理"])
    assert f"暂不能选：{words}" in _told(session, "等待补正", last.day)
    session.rollback()
    assert "逾期不补正”处理" not in _told(session, "等待补正", last.day + timedelta(1))


def test_a_refusal_for_a_third_party_says_that_it_is_to_be_asked_first(session: Session) -> None:
    assert "暂不能选：尚未书面征求第三方意见" in _told(session, "待起草")
    session.rollback()
    assert "尚未书面征求第三方意见" not in _told(session, "征求意见，已经答复")


def test_the_sentence_beside_a_drop_down_is_that_of_the_refusal(session: Session) -> None:
    case, now = (play := reached(session, "待起草")).case(), play.now("陈静")
    for act in DraftReply.__subclasses__():
        for words in act.not_offered(case, now).get("outcome", ()):
            assert any(words == check(case, now) for check in CONDITIONS.values()) or (
                words == NOBODY_ASKED
            )


@pytest.mark.parametrize(
    ("outcome", "attachments", "doubted"),
    [
        ("already_public", "名单", True),
        ("already_public", " ", False),
        ("granted", "名单", False),
    ],
)
def test_a_reply_that_it_is_public_already_with_enclosures_is_questioned(
    outcome: str, attachments: str, doubted: bool
) -> None:
    history = standing(Stage.DRAFTING)
    history.draft(outcome, attachments=attachments)
    assert ("又随附材料" in brief(history.case, history.now())) is doubted


# ── an agent without authority (Art. 29) ────────────────────────────────────────────────────────
def test_an_agent_without_authority_is_asked_for_it_in_the_one_correction() -> None:
    history = History()
    history.case.agent = "李律师"
    history.usual("received")
    assert any(
        "**代理人没有委托手续**　李律师" in one for one in hints(history.case, history.now(), ())
    )
    assert catalogue.ACTS["correction_requested"].proposal(history.case, history.now())[
        "lacking"
    ] == ("particulars")
    history.usual("correction_requested", unclear="未提交授权委托书", lacking="particulars")
    history.usual("corrected", authority="2026-03-01授权委托书")
    assert history.case.authority == "2026-03-01授权委托书"
    assert not any("委托手续" in one for one in hints(history.case, history.now(), ()))


def test_no_authority_is_taken_where_none_is_lacking() -> None:
    history = History().usual("received").usual("correction_requested")
    with pytest.raises(ActRefused, match="没有缺委托手续的代理人"):
        history.usual("corrected", authority="2026-03-01授权委托书")
    assert history.usual("corrected").case.authority == ""


# ── the row that a draft stands in ──────────────────────────────────────────────────────────────
@pytest.mark.parametrize("row", ["3.3.8", "3.4.1"])
def test_a_draft_is_shown_in_the_row_that_the_office_has_chosen(row: str) -> None:
    history = standing(Stage.DRAFTING).draft("archived")
    now = replace(history.now(), law=history.law.under(archived_row=row))
    assert f"**拟答复**　{row_label(row)}　" in brief(history.case, now)


def test_a_draft_of_an_outcome_that_is_offered_no_more_can_still_be_read() -> None:
    history = standing(Stage.DRAFTING).draft("archived")
    now = replace(history.now(), today=date(1999, 1, 4))
    assert "**拟答复**　三（三）8　" in "".join(_draft(history.case.draft, now))
