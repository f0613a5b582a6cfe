"""Opinions of third parties and other agencies: what is asked, what silence means, what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from histories import AGENCY, DRAFTER, HEAD, LAW, History, particulars, standing
from letter_examples import case_for, written

from letters.letter.facts import letter_of
from letters.letter.words import Letter, plain_text
from models.acts.catalogue import barred, lawful
from models.acts.procedure.opinions import lapses_found, notes, view_of
from models.acts.reply.given_or_kept import ASKED, FOUND
from models.case.act import Circumstances
from models.case.stage import Stage
from models.errors import ActRefused
from models.law.statute import Statute

SENT, DELIVERED, ANSWERED = date(2026, 3, 10), date(2026, 3, 12), date(2026, 3, 25)


class Office(History):
    """A history under a law of one's choice."""

    law: Statute = LAW

    def now(self, officer: str = DRAFTER) -> Circumstances:
        return Circumstances(self.today, officer, self.law, self.agency)

    def last_day(self) -> date | None:
        found = self.case.deadline(self.law)
        return found.last_day if found else None

    def on(self, day: date) -> Office:
        self.today = day
        return self


def consulted(party: str = "third_party", *, law: Statute = LAW, delivered: bool = True) -> Office:
    """Received 2 March, asked on 10 March, with the party since 12 March."""
    office = Office()
    office.law = law
    office.usual("received").usual("found_ours").on(SENT)
    office.usual("consultation_started", party=party).on(DELIVERED)
    return office.usual("consultation_delivered") if delivered else office  # type: ignore[return-value]


def answered(view: str, reasons: str = "", reasonable: str = "") -> Office:
    office = consulted().on(ANSWERED)
    office.usual("consultation_ended", view=view, reasons=reasons, reasonable=reasonable)
    return office


def signed(office: Office, outcome: str = "granted", **answer: object) -> Office:
    office.draft(outcome, **answer).usual("approved", HEAD).usual("signed", HEAD)
    return office


def only(reasons: list[str]) -> str:
    assert len(reasons) == 1, reasons
    return reasons[0]


# ── the clock (Arts. 32-34; edge cases 9-11) ───────────────────────────────────────────────────


def test_the_time_asked_for_is_not_counted_from_sending_to_answer():
    assert consulted().last_day() == date(2026, 4, 23)  # as if nobody answers
    assert answered("agree").last_day() == date(2026, 4, 15)


def test_an_answer_after_two_days_ends_the_pause_at_once():
    office = consulted(delivered=False).on(date(2026, 3, 12))
    office.usual("consultation_ended", view="agree")
    assert office.last_day() == date(2026, 4, 1)


def test_without_a_recorded_delivery_the_fifteen_days_run_from_sending():
    office = consulted(delivered=False)
    assert office.last_day() == date(2026, 4, 21)
    office.usual("consultation_delivered", delivered_on=DELIVERED)
    assert office.last_day() == date(2026, 4, 23)


def test_an_extension_is_added_to_the_shifted_limit_and_told_before_it():
    office = answered("agree").on(date(2026, 4, 15))  # long after 30 March, the first limit
    office.usual("extended")
    assert office.last_day() == date(2026, 5, 15)


def test_several_are_asked_side_by_side_and_the_time_counts_once():
    office = consulted().on(date(2026, 3, 13))
    office.usual("consultation_started", name="另一公司")
    office.usual("consultation_delivered", ref="2")
    assert [one.ref for one in office.case.opinions] == ["1", "2"]
    office.on(ANSWERED).usual("consultation_ended", ref="1", view="agree")
    assert office.last_day() == date(2026, 4, 24)  # until the second one's lapse, 3 April
    office.usual("consultation_ended", ref="2", view="agree")
    assert office.last_day() == date(2026, 4, 15)


def test_an_answer_recorded_late_counts_from_the_day_it_came():
    office = consulted().on(date(2026, 4, 1))
    office.usual("extended", days=10)
    office.usual("consultation_ended", answered_on=ANSWERED, view="agree")
    kinds = [event.kind for event in office.case.clock]
    assert kinds == ["received", "consultation_started", "consultation_ended", "extended"]
    assert office.last_day() == date(2026, 4, 29)  # 10 more working days after 15 April


def test_an_answer_after_the_lapse_is_recorded_and_gains_no_time():
    office = consulted().on(date(2026, 4, 10))
    office.usual("consultation_ended", view="object", reasons="商业秘密", reasonable="yes")
    assert office.last_day() == date(2026, 4, 23)
    assert office.case.opinions[0].view == "object"


def test_another_agency_may_be_waited_for_longer_where_practice_says_so():
    until_answer = LAW.under(other_agency_lapse="until_answer")
    for law, last in ((LAW, date(2026, 4, 23)), (until_answer, date(2026, 4, 29))):
        office = consulted("other_agency", law=law).on(date(2026, 4, 9))
        office.usual("consultation_ended", view="agree")
        assert office.last_day() == last


def test_nobody_is_consulted_while_the_limit_stands_still():
    office = Office()
    office.usual("received").usual("correction_requested")
    assert "consultation_started" not in {act.kind for act in lawful(office.case, office.now())}


# ── asking ─────────────────────────────────────────────────────────────────────────────────────


def test_the_letter_asks_without_naming_the_applicant_unless_a_reason_is_given():
    office = Office()
    office.usual("received").usual("found_ours")
    named = {"information": "张三申请公开的补贴材料"}
    reason = only(office.refusals("consultation_started", **(_asked() | named)))
    assert "张三" in reason
    assert "个人信息保护法" in reason
    office.usual("consultation_started", **named, applicant_named="第三方须核对是否为合作方")
    assert [one.kind for one in office.case.letters][-2:] == [
        "consultation_third_party",
        "consultation_told",
    ]


def _asked() -> dict[str, object]:
    return {
        "party": "third_party",
        "name": "甲公司",
        "information": "客户名单",
        "why": "商业秘密",
        "sent_on": date(2026, 3, 2),
    }


@pytest.mark.parametrize("name", ["name", "information", "why"])
def test_what_the_letter_must_state_must_be_filled_in(name):
    office = Office()
    office.usual("received").usual("found_ours")
    assert "必须载明" in only(office.refusals("consultation_started", **(_asked() | {name: " "})))


def test_the_same_party_is_not_asked_twice_while_it_may_still_answer():
    office = consulted()
    again = only(office.refusals("consultation_started", **(_asked() | _usual_name(office))))
    assert "尚待答复" in again
    office.on(date(2026, 4, 3))  # the day after the lapse
    assert not office.refusals("consultation_started", **(_asked() | _usual_name(office)))


def _usual_name(office: Office) -> dict[str, object]:
    return {"name": office.case.opinions[0].name, "sent_on": office.today}


def test_a_corrected_application_may_be_asked_about_anew():
    office = Office()
    office.usual("received").usual("found_ours").usual("consultation_started")
    office.usual("correction_requested").on(date(2026, 3, 4)).usual("corrected")
    office.usual("found_ours").usual("consultation_started")
    assert len(office.case.opinions) == 2


def test_the_applicant_is_told_or_not_as_the_officer_says():
    office = Office()
    office.usual("received").usual("found_ours")
    office.usual("consultation_started", party="other_agency", tell_applicant="no")
    assert [one.kind for one in office.case.letters] == ["receipt", "consultation_agency"]


# ── answering, and saying nothing ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("party", "means"),
    [
        ("third_party", "由本机关依照条例决定是否公开（条例第三十二条）"),
        ("joint_agency", "视为同意公开（条例第三十四条）"),
        ("other_agency", "由本机关依照条例决定是否公开"),
    ],
)
def test_silence_is_consent_of_a_co_producer_only(party, means):
    office = consulted(party)
    one = office.case.opinions[0]
    assert "尚未答复，期限至2026年4月2日" in view_of(one, date(2026, 4, 2), LAW)
    assert view_of(one, date(2026, 4, 3), LAW) == f"逾期未提出意见，{means}"
    lapsed = only(lapses_found(office.case, office.on(date(2026, 4, 3)).now()))
    assert f"届满，{means}" in lapsed


def test_a_letter_whose_delivery_is_not_recorded_is_pointed_out():
    office = consulted(delivered=False)
    assert "尚未登记送达日期" in only(lapses_found(office.case, office.now()))
    assert "尚未登记送达日期" in only(notes(office.case, office.now()))


RETURNED = {"reason": "地址不详", "then": "again", "done": "按登记住所重新邮寄"}


@pytest.mark.parametrize(
    ("returned", "again", "words"),
    [
        (9, 12, "退回日期（2026-03-09）早于发出日期（2026-03-10）"),
        (10, 12, ""),
        (12, 12, ""),
        (13, 13, "退回日期（2026-03-13）晚于今天"),
        (11, 10, "重新发出日期（2026-03-10）早于退回日期（2026-03-11）"),
        (11, 11, ""),
        (11, 13, "重新发出日期（2026-03-13）晚于今天"),
    ],
)
def test_a_letter_comes_back_between_sending_and_today(returned, again, words):
    office = consulted(delivered=False)
    days = {"returned_on": date(2026, 3, returned), "sent_on": date(2026, 3, again)}
    found = office.refusals("consultation_returned", ref="1", **RETURNED, **days)
    assert any(words in one for one in found) if words else found == []


def test_a_letter_sent_again_is_awaited_anew_from_its_own_day():
    office = consulted(delivered=False)
    office.usual("consultation_returned", **RETURNED, sent_on=DELIVERED)
    early = {"ref": "1", "delivered_on": SENT}
    assert "早于发出日期（2026-03-12）" in only(office.refusals("consultation_delivered", **early))
    assert "退回后于2026年3月12日重新发出；尚未登记送达日期" in only(
        notes(office.case, office.now())
    )
    office.on(date(2026, 3, 16)).usual("consultation_delivered")
    assert "期限至2026年4月7日" in view_of(office.case.opinions[0], office.today, LAW)


@pytest.mark.parametrize("name", ["reason", "done"])
def test_why_it_came_back_and_what_was_done_must_be_said(name):
    office = consulted(delivered=False)
    answer = office.answer("consultation_returned") | {name: " "}
    assert "请写明" in only(office.refusals("consultation_returned", **answer))


def test_who_cannot_be_reached_may_still_turn_up():
    office = consulted(delivered=False).usual("consultation_returned")
    assert "无法联系（按登记地址查询" in view_of(office.case.opinions[0], office.today, LAW)
    office.usual("consultation_ended", view="agree")
    assert view_of(office.case.opinions[0], office.today, LAW) == "同意公开"
    assert not office.case.opinions[0].unreachable


def test_an_agency_objects_with_its_reason_and_is_passed_over_with_ours():
    office = consulted("other_agency").on(ANSWERED)
    objects = {"ref": "1", "answered_on": ANSWERED, "view": "object"}
    assert "请写明其理由和依据" in only(office.refusals("consultation_ended", **objects))
    objects |= {"reasons": "尚在会签"}
    assert not office.refusals("consultation_ended", **objects)
    judged = objects | {"reasonable": "no"}
    assert "请写明判断的依据" in only(office.refusals("consultation_ended", **judged))
    assert not office.refusals("consultation_ended", **judged, judgment="已经对外执行")


@pytest.mark.parametrize("party", ["other_agency", "joint_agency"])
def test_what_an_agency_objects_to_is_agreed_with_it_before_it_is_disclosed(party):
    office = consulted(party).on(ANSWERED)
    office.usual("consultation_ended", view="object", reasons="尚在会签")
    office.draft("granted").usual("approved", HEAD)
    with pytest.raises(ActRefused, match="请先协商、确认"):
        office.usual("signed", HEAD)
    office.usual("consultation_ended", view="agree").usual("signed", HEAD)


def test_an_objection_is_judged_and_one_without_reasons_is_not_reasonable():
    office = consulted().on(ANSWERED)
    said = {"ref": "1", "answered_on": ANSWERED, "view": "object"}
    assert "请判断" in only(office.refusals("consultation_ended", **said))
    assert "没有说明理由" in only(office.refusals("consultation_ended", **said, reasonable="yes"))
    assert not office.refusals("consultation_ended", **said, reasonable="no")


def test_an_answer_lies_between_delivery_and_today():
    office = consulted().on(ANSWERED)
    early = {"ref": "1", "answered_on": date(2026, 3, 11), "view": "agree"}
    assert "早于" in only(office.refusals("consultation_ended", **early))
    late = early | {"answered_on": date(2026, 3, 26)}
    assert "晚于今天" in only(office.refusals("consultation_ended", **late))


def test_a_change_of_mind_is_recorded_and_leaves_the_limit():
    office = answered("object", "商业秘密", "yes").on(date(2026, 4, 1))
    before = office.last_day()
    office.usual("consultation_ended", view="agree")
    assert office.case.opinions[0].view == "agree"
    assert office.last_day() == before


def test_delivery_and_answers_can_be_recorded_at_every_later_stage():
    office = consulted(delivered=False)
    office.draft("not_existing").usual("approved", HEAD).usual("signed", HEAD)
    assert office.case.stage is Stage.DISPATCH
    kinds = {act.kind for act in lawful(office.case, office.now())}
    assert {"consultation_delivered", "consultation_ended"} <= kinds


# ── what follows (Arts. 15, 32; edge cases 11, 12) ─────────────────────────────────────────────

REFUSED = particulars("third_party_rights")


def test_refusing_for_a_third_partys_sake_presupposes_that_it_was_asked():
    office = standing(Stage.DRAFTING)
    assert "尚未书面征求第三方意见" in office.refusals("drafted_refused", **REFUSED)[-1]


def test_it_presupposes_the_answer_or_the_lapse():
    office = consulted().on(date(2026, 4, 2))
    assert "期限至2026-04-02" in office.refusals("drafted_refused", **REFUSED)[-1]
    assert not office.on(date(2026, 4, 3)).refusals("drafted_refused", **REFUSED)


def test_a_third_party_that_agrees_is_no_ground_for_refusing():
    assert "同意公开的，不能再" in answered("agree").refusals("drafted_refused", **REFUSED)[-1]
    assert not answered("none").refusals("drafted_refused", **REFUSED)


@pytest.mark.parametrize(("option", "allowed"), [("not_required", True), ("required", False)])
def test_blacking_out_privacy_needs_an_opinion_only_where_practice_says_so(option, allowed):
    office = Office()
    office.law = LAW.under(redaction_without_consultation=option)
    office.usual("received").usual("found_ours")
    answer = particulars("partly_granted", "third_party_rights")
    assert (office.refusals("drafted_partly_granted", **answer) == []) is allowed


@pytest.mark.parametrize("party", ["third_party", "joint_agency"])
def test_disclosure_is_not_decided_while_an_opinion_may_still_come(party):
    office = consulted(party)
    office.draft("granted").usual("approved", HEAD)
    with pytest.raises(ActRefused, match="期限届满前不能决定公开（条例第三十二条"):
        office.usual("signed", HEAD)
    office.on(date(2026, 4, 3)).usual("signed", HEAD)


def test_a_refusal_on_other_grounds_need_not_wait_for_an_opinion():
    office = consulted()
    office.draft("process_information").usual("approved", HEAD).usual("signed", HEAD)
    assert office.case.stage is Stage.DISPATCH


@pytest.mark.parametrize(
    ("sent", "refused"), [(30, "2026-03-31起向申请人提供"), (31, ""), (32, "")]
)
def test_the_applicant_gets_it_from_the_day_that_the_third_party_was_told(sent, refused):
    office = signed(answered("object", "商业秘密", "no")).on(date(2026, 3, 26))
    early = office.refusals(
        "third_party_told", **office.answer("third_party_told"), given_on=date(2026, 3, 25)
    )
    assert "早于告知日期（2026-03-26）" in only(early)
    office.usual("third_party_told", ground="unreasonable", given_on=date(2026, 3, 31))
    told = letter_of("third_party_told", office.case, "文号", office.today, LAW, AGENCY)
    assert "本机关将于2026年3月31日以后（含当日）向申请人提供上述信息。" in text(told)
    day = date(2026, 3, 1) + timedelta(days=sent - 1)
    found = office.on(day).refusals("replied", **office.answer("replied"))
    assert (refused in only(found)) if refused else not found


def test_a_third_party_that_was_told_no_day_is_promised_none():
    assert "以后（含当日）" not in text(written("third_party_told"))


@pytest.mark.parametrize("view", ["object", "partly"])
def test_against_an_objection_the_third_party_is_told_before_the_reply_goes_out(view):
    office = signed(answered(view, "商业秘密", "no"))
    with pytest.raises(ActRefused, match="应当先书面告知该第三方（条例第三十二条）"):
        office.usual("replied")
    assert "发出告知书" in barred(office.case, office.now())
    office.on(date(2026, 3, 26)).usual("third_party_told", ground="unreasonable")
    assert office.case.letters[-1].kind == "third_party_told"
    sent = {"delivery": "ems", "proof": "1", "sent_on": date(2026, 3, 25)}
    assert "早于告知第三方之日" in only(office.refusals("replied", **sent))
    office.usual("replied")
    assert office.case.stage is Stage.CLOSED


def test_a_reasonable_objection_yields_only_to_a_grave_public_interest():
    office = signed(answered("object", "商业秘密", "yes"))
    told = {"ref": "1", "told_on": ANSWERED, "content": "名单", "reasons": "理由"}
    refused = only(office.refusals("third_party_told", **told, ground="unreasonable"))
    assert "公共利益造成重大影响" in refused
    assert not office.refusals("third_party_told", **told, ground="public_interest")


@pytest.mark.parametrize("name", ["content", "reasons"])
def test_the_third_party_is_told_what_and_why(name):
    office = signed(answered("object", "商业秘密", "no"))
    told = {"ref": "1", "told_on": ANSWERED, "content": "名单", "reasons": "理由"}
    told["ground"] = "unreasonable"
    assert "必须载明" in only(office.refusals("third_party_told", **(told | {name: " "})))


def test_withholding_what_was_objected_to_needs_no_telling():
    office = signed(
        answered("object", "商业秘密", "yes"),
        "partly_granted",
        withheld_ground="third_party_rights",
    )
    office.usual("replied")
    assert office.case.stage is Stage.CLOSED


@pytest.mark.parametrize("view", ["agree", "none"])
def test_without_an_objection_nobody_is_told(view):
    office = signed(answered(view))
    assert "没有不同意公开" in only(
        office.refusals(
            "third_party_told",
            ref="1",
            told_on=office.today,
            ground="unreasonable",
            content="甲",
            reasons="乙",
        )
    )
    office.usual("replied")


# ── the letters ────────────────────────────────────────────────────────────────────────────────


def text(letter: Letter) -> str:
    return plain_text(letter)


@pytest.mark.parametrize(
    "kind", ["consultation_third_party", "consultation_agency", "third_party_told"]
)
def test_no_letter_to_others_tells_who_applied_or_what_they_wrote(kind):
    said = text(written(kind))
    assert "张三" not in said
    assert "某某科技有限公司的有关材料" not in said  # the request


def test_the_applicant_is_named_only_with_the_reason():
    case = case_for("consultation_third_party")
    case.opinions = [replace(case.opinions[0], applicant_named="第三方须核对申请人是否为合作方")]
    said = text(written("consultation_third_party", case))
    assert "申请人为：张三。告知其身份的理由为：第三方须核对申请人是否为合作方。" in said


def test_the_third_party_is_told_its_time_how_to_answer_and_what_silence_means():
    letter = written("consultation_third_party")
    said = text(letter)
    for stated in (
        "第三十二条",
        "自收到本征求意见书之日起15个工作日内",
        "逐项写明不同意公开的内容和理由",
        "逾期未提出意见的，由本机关依照该条例的规定决定是否公开",
        "可以决定予以公开，并将决定公开的政府信息内容和理由书面告知贵单位",
    ):
        assert stated in said
    assert letter.form_title == "征求意见回执"
    assert letter.attachments == ("征求意见回执",)
    assert ("签名或者盖章", "") in letter.form


@pytest.mark.parametrize(
    ("nature", "you"), [("", "某某科技有限公司"), ("person", "您"), ("unit", "贵单位")]
)
@pytest.mark.parametrize("kind", ["consultation_third_party", "third_party_told"])
def test_a_person_and_a_unit_are_each_addressed_as_what_they_are(kind, nature, you):
    case = case_for(kind)
    case.opinions[0].nature = nature
    letter = text(written(kind, case))
    assert f"涉及{you}" in letter
    assert not [one for one in ("贵方", "您", "贵单位", "你") if one != you and one in letter]


@pytest.mark.parametrize(("nature", "named"), [("", True), ("unit", True), ("person", False)])
def test_a_reply_does_not_name_the_person_whom_it_protects(nature, named):
    case = case_for("third_party_rights")
    case.opinions[0].nature = nature
    letter = text(written("third_party_rights", case))
    assert ("意见为：某某科技有限公司：不同意" in letter) == named
    assert ("意见为：该自然人：不同意" in letter) != named


@pytest.mark.parametrize("silent", ["third_party", "other_agency", "joint_agency"])
@pytest.mark.parametrize("kind", ["third_party_rights", "partly_granted", "granted"])
def test_in_a_mixed_consultation_no_reply_says_that_silence_is_consent(kind, silent):
    office = consulted(silent).on(DELIVERED)
    for party in ("third_party", "other_agency", "joint_agency"):
        office.usual("consultation_started", party=party, name=f"另一{party}")
        ref = str(len(office.case.opinions))
        office.usual("consultation_delivered", ref=ref)
    office.on(date(2026, 4, 7))
    ground = {"withheld_ground": "third_party_rights"} if kind == "partly_granted" else {}
    office.draft(kind, **ground)
    made = letter_of(kind, office.case, "文号", office.today, LAW, AGENCY)
    assert "视为同意" not in text(made)
    for line in (*lapses_found(office.case, office.now()), *notes(office.case, office.now())):
        assert ("视为同意" in line) == ("共同制作机关" in line)


def test_a_third_party_that_was_not_reached_is_told_so():
    case = case_for("third_party_told")
    case.opinions[0] = replace(
        case.opinions[0], answered_on=None, view="", reasons="", unreachable="查询登记住所"
    )
    case.told[0].ground = "public_interest"
    letter = text(written("third_party_told", case))
    assert "向贵单位发出征求意见书，未能送达，没有取得贵单位的意见" in letter
    assert "收到贵单位的意见" not in letter


# ── what must be found out before refusing (Arts. 15, 16) ──────────────────────────────────────

ASKING = {
    "third_party_rights": ("public_interest", "经审查，不公开该信息不会对公共利益造成重大影响"),
    "internal_affairs": ("open_by_law", "经查，没有法律、法规、规章规定该信息应当公开"),
    "process_information": ("open_by_law", "经查，没有法律、法规、规章规定该信息应当公开"),
    "enforcement_file": ("open_by_law", "经查，没有法律、法规、规章规定该信息应当公开"),
}


def test_every_ground_that_asks_is_known_and_every_question_has_its_answers():
    assert {key: row.asks for key, row in LAW.outcomes.items() if row.asks} == {
        key: (question,) for key, (question, _) in ASKING.items()
    }
    for name, answers in ASKED.items():
        assert set(answers) == {"", FOUND[name], next(iter(set(answers) - {"", FOUND[name]}))}


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("ground", ASKING)
def test_the_question_is_answered_once_and_only_then_told(ground, whole):
    question, sentence = ASKING[ground]
    office = answered("object", "商业秘密", "yes")
    tab, outcome = ("refused", ground) if whole else ("partly_granted", "partly_granted")
    stated = particulars(outcome, "" if whole else ground)
    contrary = next(iter(set(ASKED[question]) - {"", FOUND[question]}))
    for answer, words in (("", "请先"), (contrary, "应当")):
        found = only(office.refusals(f"drafted_{tab}", **(stated | {question: answer})))
        assert words in found
    office.act(f"drafted_{tab}", **stated)
    draft = office.case.draft
    assert draft is not None
    letter = text(letter_of(outcome, office.case, "文号", office.today, LAW, AGENCY))
    assert sentence in letter
    del draft.particulars[question]  # as a draft of an earlier release
    letter = text(letter_of(outcome, office.case, "文号", office.today, LAW, AGENCY))
    assert sentence not in letter


REFUSALS = [key for key, row in LAW.outcomes.items() if row.family == "refused"]


@pytest.mark.parametrize("ground", REFUSALS)
def test_a_part_refused_asks_for_all_that_the_whole_asks_for(ground):
    office = answered("object", "商业秘密", "yes")
    stated = particulars("partly_granted", ground)
    if "36(7)" in LAW.outcomes[ground].articles:
        assert any(
            "请分项答复" in one for one in office.refusals("drafted_partly_granted", **stated)
        )
        return
    assert office.refusals("drafted_partly_granted", **stated) == []
    for name in set(LAW.outcomes[ground].requires) - {"information"}:
        missing = office.refusals("drafted_partly_granted", **(stated | {name: " "}))
        assert LAW.particulars[name] in only(missing)


def test_a_co_producers_silence_is_consent_and_another_agencys_is_not():
    joint = text(written("consultation_agency"))
    assert "第三十四条" in joint
    assert "逾期未提出意见的，视为同意公开" in joint
    case = case_for("consultation_agency")
    case.opinions = [replace(case.opinions[0], party="other_agency")]
    other = text(written("consultation_agency", case))
    assert "第十一条、第三十三条第三款" in other
    assert "公开该信息需要批准的，请一并写明" in other
    assert "视为同意" not in other


def test_the_applicant_is_told_that_the_time_is_not_counted_and_not_who_is_asked():
    said = text(written("consultation_told"))
    assert "所需时间不计算在答复期限内" in said
    assert "某某科技有限公司，" not in said


@pytest.mark.parametrize(
    ("ground", "words"),
    [
        ("unreasonable", "贵单位不同意公开的理由不合理"),
        ("public_interest", "不公开该信息可能对公共利益造成重大影响"),
    ],
)
def test_the_third_party_is_told_ground_content_and_remedies(ground, words):
    case = case_for("third_party_told")
    case.told[0].ground = ground
    said = text(written("third_party_told", case))
    assert f"本机关认为{words}" in said
    assert "第十五条、第三十二条" in said
    assert "决定对下列政府信息予以公开：2025年度专利质押融资补贴的获补贴企业名称" in said
    assert "贵单位可以自收到本告知书之日起60日内" in said
    assert "应当先" not in said


def test_a_partial_reply_for_a_third_partys_sake_says_what_it_said():
    case = case_for("partly_granted")
    assert case.draft is not None
    stated = {"withheld_ground": "third_party_rights", "third_party_view": "甲公司：不同意公开"}
    case.draft = replace(case.draft, particulars={**case.draft.particulars, **stated})
    case.opinions = case_for("third_party_rights").opinions
    case.opinions[0].view, case.opinions[0].reasons = "partly", "报价属于商业秘密"
    letter = text(written("partly_granted", case))
    assert (
        "第三方的意见为：某某科技有限公司：同意公开一部分，其余不同意，理由是：报价属于商业秘密。"
        in letter
    )
    assert "甲公司" not in letter  # what was recorded, not what was typed
    assert "第三方的意见" not in text(written("partly_granted"))


FORGED = "甲<w:p>{{ 7*7 }}\n一、伪造的标题：乙\r\n\u2028特此告知\u202e"


@pytest.mark.parametrize("field", ["name", "information", "why", "applicant_named", "reasons"])
@pytest.mark.parametrize(
    "kind", ["consultation_third_party", "consultation_agency", "third_party_told"]
)
def test_nothing_an_officer_or_party_writes_can_forge_a_paragraph_or_a_row(kind, field):
    def letter(value: str) -> Letter:
        case = case_for(kind)
        case.opinions = [replace(case.opinions[0], **{field: value})]
        return written(kind, case)

    plain, hostile = letter("甲"), letter(FORGED)
    assert [each.style for each in hostile.paragraphs] == [each.style for each in plain.paragraphs]
    assert [label for label, _ in hostile.form] == [label for label, _ in plain.form]
