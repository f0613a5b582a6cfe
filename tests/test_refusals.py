"""What may be done where, and why not elsewhere: every situation × every act (Arts. 27-45, 51).

A situation is reached by real acts (lines as in cases/edge_cases.toml). Of the acts of its stage,
those it lists are barred, with these words; all others can be done with the usual answer. Whatever
is refused names the article, and changes nothing: neither the case nor the register.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from histories import AGENCY, DRAFTER, HEAD, LAW
from played import AT, FIRST, Played, lines
from sqlalchemy import create_engine
from sqlmodel import Session, SQLModel, select

from flows import office, recording
from letters.facts import letter_of
from models import acts, register, related
from models.act import Act, Circumstances
from models.acts import ACTS
from models.case import Applicant, Event, Refusal, Stage
from models.history import Case
from models.imported import ImportedReceipt, ImportedResult
from models.outcome import DraftReply
from models.receipt import Register

DAY = timedelta(days=1)
NAMES_AN_ARTICLE = re.compile("第[一二三四五六七八九十]+条")
ENGINE = create_engine("sqlite://")
SQLModel.metadata.create_all(ENGINE)

THIRD = "征求对象＝第三方；对象的姓名或名称＝某公司；征求意见的信息＝合同；为什么征求其意见＝可能涉及商业秘密"
PAGES = "数量、频次明显超过合理范围的情况＝一次68页；收费标准＝按量；按量：提供信息的页数＝68"
OBJECTS = "意见＝不同意公开；不同意的理由是否合理＝理由不合理"
DRAFTED = "2026-03-10　起草　办理结果＝予以公开（提供）\n2026-03-10　审核通过"

NO_LETTER_OUT = {"consultation_delivered": "没有尚待登记送达"}
NOBODY_ASKED = NO_LETTER_OUT | {"consultation_ended": "没有征求过意见"}
NO_EXCESS = {
    "reasons_given": "没有要求申请人说明理由",
    "deferred": "未认定申请理由合理",
}
ALONE = {"answered_together": "没有已签发、并写明一并答复本件的告知书"}
DRAFTING_ALONE = ALONE | {"answers_joined": "没有同一申请人待答复的其他申请"}
PLAIN = NOBODY_ASKED | NO_EXCESS

SITUATIONS: dict[str, tuple[str, dict[str, str]]] = {
    "待确认收到": (
        "2026-03-02　登记　提交方式＝互联网渠道",
        {"registered": "该申请已经登记"},
    ),
    "待判断权属": ("2026-03-02　收到", PLAIN | ALONE),
    "等待补正": ("2026-03-02　收到\n2026-03-04　补正", NOBODY_ASKED),
    "等待补正，已过所给的期限": (
        "2026-03-02　收到\n2026-03-04　补正　补正期限＝3\n2026-03-20　期限　⇒ 停止计算",
        NOBODY_ASKED,
    ),
    "已补正，待判断权属": (
        "2026-03-02　收到\n2026-03-04　补正\n2026-03-06　收到补正",
        PLAIN | ALONE | {"correction_requested": "补正只能一次性告知"},
    ),
    "待起草": ("2026-03-02　收到\n2026-03-02　本机关", PLAIN | DRAFTING_ALONE),
    "属于其他机关，待起草": (
        "2026-03-02　收到\n2026-03-02　其他机关",
        PLAIN | DRAFTING_ALONE,
    ),
    "待起草，已经逾期": (
        "2026-03-02　收到\n2026-03-02　本机关\n2026-03-31　期限　⇒ 2026-03-30",
        PLAIN
        | DRAFTING_ALONE
        | {"extended": "答复期限已于2026-03-30届满", "fee_noticed": "期限已于2026-03-30届满"},
    ),
    "待起草，已延期": (
        "2026-03-02　收到\n2026-03-02　本机关\n2026-03-04　延期",
        PLAIN | DRAFTING_ALONE | {"extended": "已于2026-03-04延期一次"},
    ),
    "征求意见，尚未送达": (
        f"2026-03-02　收到\n2026-03-04　征求意见　{THIRD}",
        NO_EXCESS | ALONE | {"split": "不再拆分登记"},
    ),
    "征求意见，已经答复": (
        f"2026-03-02　收到\n2026-03-04　征求意见　{THIRD}\n2026-03-04　意见书送达\n"
        "2026-03-06　登记意见　意见＝同意公开\n2026-03-06　本机关",
        NO_LETTER_OUT | NO_EXCESS | DRAFTING_ALONE,
    ),
    "等待缴费": (f"2026-03-02　收到\n2026-03-04　收费　{PAGES}", NOBODY_ASKED),
    "等待缴费，通知已送达": (
        f"2026-03-02　收到\n2026-03-04　收费　{PAGES}\n2026-03-05　通知送达",
        NOBODY_ASKED | {"fee_notice_delivered": "收费通知已登记于2026-03-05送达"},
    ),
    "已缴费": (
        f"2026-03-02　收到\n2026-03-04　收费　{PAGES}；送达日期＝2026-03-04\n2026-03-06　已缴费",
        PLAIN | ALONE | {"fee_noticed": "只能按一种标准收费一次", "split": "不再拆分登记"},
    ),
    "已要求说明理由": (
        "2026-03-02　收到\n2026-03-02　本机关\n2026-03-04　说明理由",
        NOBODY_ASKED
        | DRAFTING_ALONE
        | {"reasons_asked": "已于2026-03-04要求说明理由", "deferred": "未认定申请理由合理"},
    ),
    "理由合理，尚未告知延迟": (
        "2026-03-02　收到\n2026-03-02　本机关\n2026-03-04　说明理由\n"
        "2026-03-06　收到理由　理由是否合理＝理由合理",
        NOBODY_ASKED | DRAFTING_ALONE | {"reasons_asked": "已于2026-03-04要求说明理由"},
    ),
    "理由合理、已经逾期": (
        "2026-03-02　收到\n2026-03-02　本机关\n2026-03-04　说明理由\n"
        "2026-03-06　收到理由　理由是否合理＝理由合理\n2026-03-31　期限　⇒ 2026-03-30",
        NOBODY_ASKED
        | DRAFTING_ALONE
        | {
            "reasons_asked": "已于2026-03-04要求说明理由",
            "extended": "答复期限已于2026-03-30届满",
            "fee_noticed": "期限已于2026-03-30届满",
            "deferred": "答复期限已于2026-03-30届满，不能再延迟",
        },
    ),
    "理由合理，已告知延迟答复": (
        "2026-03-02　收到\n2026-03-02　本机关\n2026-03-04　说明理由\n"
        "2026-03-06　收到理由　理由是否合理＝理由合理\n2026-03-06　延迟答复　延迟至何日答复＝2026-06-01",
        NOBODY_ASKED
        | DRAFTING_ALONE
        | {
            "reasons_asked": "已于2026-03-04要求说明理由",
            "reasons_given": "已认定理由合理并告知延迟答复",
            "deferred": "已于2026-03-06告知延迟答复",
            "extended": "不再延期",
        },
    ),
    "待审核": (
        "2026-03-02　收到\n2026-03-10　起草　办理结果＝予以公开（提供）",
        NOBODY_ASKED,
    ),
    "撤回的申请，待审核": (
        "2026-03-02　收到\n2026-03-10　起草　办理结果＝其他：申请人撤回",
        NOBODY_ASKED | {"another_part": "终止办理的申请没有其他部分"},
    ),
    "等待补正时撤回，待审核": (
        "2026-03-02　收到\n2026-03-04　补正\n2026-03-10　起草　办理结果＝其他：申请人撤回",
        NOBODY_ASKED
        | {"another_part": "终止办理的申请没有其他部分", "extended": "期限停止计算期间"},
    ),
    "分项答复，另一部分待起草": (
        "2026-03-02　收到\n2026-03-10　起草　办理结果＝予以公开（提供）\n2026-03-10　分项",
        PLAIN | DRAFTING_ALONE,
    ),
    "待签发": (f"2026-03-02　收到\n{DRAFTED}", NOBODY_ASKED),
    "待签发，第三方意见未到": (
        f"2026-03-02　收到\n2026-03-04　征求意见　{THIRD}\n2026-03-04　意见书送达\n{DRAFTED}",
        NO_LETTER_OUT | {"signed": "收到意见或者期限届满前不能决定公开"},
    ),
    "待发出": (
        f"2026-03-02　收到\n{DRAFTED}\n2026-03-10　签发",
        NOBODY_ASKED | {"third_party_told": "没有不同意公开而决定公开、尚未告知的第三方"},
    ),
    "待发出，送达回证已制作": (
        f"2026-03-02　收到\n{DRAFTED}\n2026-03-10　签发\n2026-03-10　送达回证",
        NOBODY_ASKED
        | {
            "third_party_told": "没有不同意公开而决定公开、尚未告知的第三方",
            "receipt_made_out": "送达回证已经制作",
        },
    ),
    "待发出，第三方不同意": (
        f"2026-03-02　收到\n2026-03-04　征求意见　{THIRD}\n2026-03-04　意见书送达\n"
        f"2026-03-06　登记意见　{OBJECTS}\n{DRAFTED}\n2026-03-10　签发",
        NO_LETTER_OUT | {"replied": "发出前应当先书面告知该第三方"},
    ),
    "已办结，邮寄": ("2026-03-02　收到\n2026-03-10　答复　办理结果＝予以公开（提供）", {}),
    "已办结，当面送达": (
        "2026-03-02　收到\n"
        "2026-03-10　答复　办理结果＝予以公开（提供）；送达方式＝当面送达；签收人＝张三",
        {"letter_received": "已登记申请人于2026-03-10收到"},
    ),
    "撤回答复，重新办理": (
        "2026-03-02　收到\n2026-03-10　答复　办理结果＝予以公开（提供）\n2026-03-20　撤回答复",
        PLAIN | DRAFTING_ALONE,
    ),
    "责令重新答复，重新办理": (
        "2026-03-02　收到\n2026-03-10　答复　办理结果＝予以公开（提供）\n2026-06-08　重新答复",
        PLAIN | DRAFTING_ALONE,
    ),
    "已注销登记": (
        "2026-03-02　登记\n2026-03-02　注销",
        {
            "letter_returned": "没有可以补登送达的告知书",
            "served_again": "没有可以补登送达的告知书",
            "letter_received": "没有可以补登送达的告知书",
            "reply_withdrawn": "没有可以撤回的告知书",
            "redecision_ordered": "已注销的登记没有可以重新答复的申请",
        },
    ),
    "另一件待答复，可以一并答复": (
        "2026-03-02　【乙】收到\n2026-03-02　收到\n2026-03-02　本机关",
        PLAIN | ALONE,
    ),
    "另一件的告知书已写明一并答复本件": (
        "2026-03-02　收到\n2026-03-02　本机关\n2026-03-02　【乙】收到\n2026-03-02　【乙】本机关\n"
        "2026-03-10　【乙】一并答复\n2026-03-10　【乙】答复　办理结果＝予以公开（提供）",
        PLAIN | {"answers_joined": "没有同一申请人待答复的其他申请"},
    ),
    "台账所载、已办结": (
        "",
        {
            "letter_returned": "没有可以补登送达的告知书",
            "served_again": "没有可以补登送达的告知书",
            "letter_received": "没有可以补登送达的告知书",
            "reply_withdrawn": "没有可以撤回的告知书",
        },
    ),
}


FITTING: dict[str, dict[str, object]] = {
    "corrected": {"late_reason": "住院治疗"},
    "fee_noticed": {"before": 10},
    "extended": {"days": 5},
    "deferred": {"reply_by": date(2026, 6, 1)},
}
"""What fits every situation, where the form proposes what fits one."""


def reached(session: Session, name: str) -> Played:
    """The situation, reached by real acts; what an earlier ledger states is taken over."""
    play = Played(session, today=date(2026, 3, 10))
    for line in lines(SITUATIONS[name][0]):
        play.line(line)
    if FIRST not in play.numbers:
        first = Register(
            channel="in_person",
            arrived_on=date(2026, 3, 2),
            applicant_kind="自然人",
            applicant="张三",
            request="2025年度专利资助名单",
        )
        stated = [
            first,
            ImportedReceipt(received_on=date(2026, 3, 2)),
            ImportedResult(row="3.1", closed_on=date(2026, 3, 9)),
        ]
        person = Applicant(case_number="台账1")
        register.take_over(session, [(person, stated)], play.now(DRAFTER), AT)
        play.numbers[FIRST] = ["台账1"]
    return play


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(ENGINE) as session:
        yield session


def allowed(case: Case, name: str) -> list[str]:
    """The acts of the stage that this situation does not bar."""
    return [
        k for k, act in ACTS.items() if case.stage in act.stages and k not in SITUATIONS[name][1]
    ]


def asked(play: Played, kind: str) -> tuple[Case, Circumstances, Act]:
    """An act with the usual answer, and what it is judged by."""
    case = play.case()
    officer = HEAD if kind == "signed" else DRAFTER
    now = related.informed(play.session, case, play.now(officer))
    answer = play.answer(ACTS[kind], case, now, {}) | FITTING.get(kind, {})
    return case, now, ACTS[kind].model_validate(answer)


# ── allowed and forbidden ───────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", SITUATIONS)
def test_what_the_law_allows_can_be_done(name: str, session: Session) -> None:
    play = reached(session, name)
    for kind in allowed(play.case(), name):
        case, now, act = asked(play, kind)
        assert act.refusals(case, now) == [], kind
        before = case.position
        acts.apply(case, event_of(case, act, now))
        assert case.position == before + 1
        for letter in act.letters(case):
            draft = case.draft.outcome if case.draft else ""
            key = draft if letter == "reply" else letter
            assert letter_of(key, case, "文号", act.letter_on(now), LAW, AGENCY).paragraphs or key


def event_of(case: Case, act: Act, now: Circumstances) -> Event:
    return Event(case_number=case.number, position=case.position, **register.stamp(act, now, AT))


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_the_law_forbids_is_refused_by_its_article(name: str, session: Session) -> None:
    play = reached(session, name)
    barred = SITUATIONS[name][1]
    assert barred.keys() <= {k for k, act in ACTS.items() if play.case().stage in act.stages}
    for kind in ACTS.keys() - set(allowed(play.case(), name)):
        case, now, act = asked(play, kind)
        untouched = deepcopy(case)
        reasons = act.refusals(case, now)
        assert len(reasons) == 1, (kind, reasons)
        assert NAMES_AN_ARTICLE.search(reasons[0]), (kind, reasons)
        assert barred.get(kind, f"处于“{case.stage}”环节") in reasons[0], (kind, reasons)
        assert case == untouched


@pytest.mark.parametrize("name", SITUATIONS)
def test_the_register_is_untouched_by_what_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with empty_register(tmp_path, monkeypatch):
        with office.writing() as session:
            play = reached(session, name)
            numbers, today = play.numbers[FIRST], play.today
        monkeypatch.setenv("DISCLOSURE_TODAY", str(today))
        with office.reading() as session:
            play = Played(session, today=today, numbers={FIRST: numbers})
            before, case = play.everything(), play.case()
            forbidden = sorted(ACTS.keys() - set(allowed(case, name)))
            answers = {kind: asked(play, kind)[2].model_dump(mode="json") for kind in forbidden}
        for kind, answer in answers.items():
            officer = HEAD if kind == "signed" else DRAFTER
            done = recording.perform(case.number, case.position, kind, answer, officer)
            assert done.refused, kind
            assert not done.letters
        with office.reading() as session:
            play = Played(session, today=today, numbers={FIRST: numbers})
            assert play.everything() == before
            assert play.case() == case
            kept = session.exec(select(Refusal).where(Refusal.case_number == case.number)).all()
            assert [one.kind for one in kept] == list(answers)
            assert list((tmp_path / "letters").glob("*/*")) == []


# ── the sense of an answer ──────────────────────────────────────────────────────────────────────
LATER_BY_NATURE = {("deferred", "reply_by")}  # the day the reply is put off to
EARLIER_BY_NATURE = {("drafted_not_handled", "earlier_reply_on")}


def sensible(play: Played, name: str) -> Iterator[tuple[str, Case, Circumstances, dict[str, Any]]]:
    """The acts allowed in a situation, each with its usual answer."""
    for kind in allowed(play.case(), name):
        case, now, act = asked(play, kind)
        answer = act.model_dump()
        if isinstance(act, DraftReply):  # what else the form shows is another outcome's
            stated = {"outcome", *LAW.outcomes[act.outcome].requires}
            answer = {field: value for field, value in answer.items() if field in stated}
        yield kind, case, now, answer


@pytest.mark.parametrize("name", SITUATIONS)
def test_no_act_happened_tomorrow(name: str, session: Session) -> None:
    play = reached(session, name)
    for kind, case, now, answer in sensible(play, name):
        for field, value in answer.items():
            if not isinstance(value, date) or (kind, field) in LATER_BY_NATURE:
                continue
            act = ACTS[kind].model_validate(answer | {field: now.today + DAY})
            assert act.refusals(case, now), (kind, field)


@pytest.mark.parametrize("name", SITUATIONS)
def test_no_act_happened_before_the_application_came(name: str, session: Session) -> None:
    play = reached(session, name)
    for kind, case, now, answer in sensible(play, name):
        for field, value in answer.items():
            if isinstance(value, date) and (kind, field) not in EARLIER_BY_NATURE:
                act = ACTS[kind].model_validate(answer | {field: case.arrived_on - DAY})
                assert act.refusals(case, now), (kind, field)


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_an_act_cannot_do_without_is_asked_for(name: str, session: Session) -> None:
    play = reached(session, name)
    for kind, case, now, answer in sensible(play, name):
        for field, info in ACTS[kind].model_fields.items():
            if info.is_required() and info.annotation is str:
                act = ACTS[kind].model_validate(answer | {field: " \n "})
                assert act.refusals(case, now), (kind, field)


# ── the world is closed ─────────────────────────────────────────────────────────────────────────
def test_every_act_is_allowed_somewhere_and_barred_somewhere(session: Session) -> None:
    done: set[str] = set()
    for name in SITUATIONS:
        done |= set(allowed(reached(session, name).case(), name))
        session.rollback()
    never_offered = {"registered", "received_as_part", "imported_receipt", "imported_result"}
    assert ACTS.keys() - done == never_offered
    stopped = set().union(*(barred for _, barred in SITUATIONS.values()))
    with_conditions = {k for k, a in ACTS.items() if a.barred.__func__ is not Act.barred.__func__}
    assert with_conditions - stopped == UNBARRED


UNBARRED = {
    "drafted_granted",  # every tab of outcomes has one that needs no condition
    "drafted_partly_granted",
    "drafted_refused",
    "drafted_unable",
    "drafted_not_handled",
    "drafted_other",
    "consultation_started",  # not while the clock stands still: no stage of its own then
}


def test_every_stage_is_reached(session: Session) -> None:
    stages = set()
    for name in SITUATIONS:
        stages.add(reached(session, name).case().stage)
        session.rollback()
    assert stages == set(Stage)
