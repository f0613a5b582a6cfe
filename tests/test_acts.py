"""What may be done when, and why not: every act at every stage, every outcome to its end."""

from __future__ import annotations

import random
import re
from copy import deepcopy
from datetime import date, timedelta

import pytest
from histories import (
    ANSWERS,
    CONFIG,
    DRAFTER,
    FAMILY,
    HEAD,
    LAW,
    RECEIVED,
    History,
    particulars,
    standing,
    usual_officer,
)

from models.acts import catalogue
from models.acts.catalogue import ACTS, lawful
from models.acts.reply.outcome import CONDITIONS, DraftReply
from models.case.case import UNDO, Case
from models.case.stage import Stage
from models.errors import ActRefused, ImpossibleHistory
from models.report_tables.form import load_forms

DAY = timedelta(days=1)
NAMES_AN_ARTICLE = re.compile("条例第[一二三四五六七八九十]+条")

DRAFTS = {kind for kind, act in ACTS.items() if issubclass(act, DraftReply)}
ALLOWED = {
    Stage.CONFIRMING: {"received", "contact_tried", "entry_struck", "assigned"},
    Stage.JURISDICTION: {
        "found_ours",
        "found_elsewhere",
        "correction_requested",
        "consultation_started",
        "fee_noticed",
        "reasons_asked",
        "records_asked",
        "split",
        "extended",
        "assigned",
        "drafted_other",
    },
    Stage.CORRECTION: {"corrected", "correction_delivered", "assigned", "drafted_other"},
    Stage.FEE: {
        "fee_paid",
        "fee_notice_delivered",
        "fee_objected",
        "fee_cancelled",
        "assigned",
        "drafted_other",
    },
    Stage.DRAFTING: {
        *DRAFTS,
        "correction_requested",
        "consultation_started",
        "fee_noticed",
        "reasons_asked",
        "records_asked",
        "extended",
        "assigned",
    },
    Stage.REVIEW: {"approved", "another_part", "revised", "sent_back", "extended", "assigned"},
    Stage.SECRECY: {"secrecy_cleared", "sent_back", "extended", "assigned"},
    Stage.SIGNING: {"signed", "revised", "sent_back", "extended", "assigned"},
    Stage.DISPATCH: {"replied", "receipt_made_out", "letter_voided", "assigned"},
    Stage.CLOSED: {
        "letter_returned",
        "served_again",
        "letter_received",
        "reply_withdrawn",
        "redecision_ordered",
    },
}

for received in set(Stage) - {Stage.CONFIRMING}:
    ALLOWED[received].add("redecision_ordered")

ANYWHERE = {"erratum"}  # not by a tab: flows/counter/erratum.py
TAKEN_BACK = {Stage.DRAFTING, Stage.REVIEW, Stage.CLOSED}
"""Where the last step bears no number, and is the drafter's own: he may undo it (test_undoing.py)."""


def only(reasons: list[str]) -> str:
    assert len(reasons) == 1, reasons
    return reasons[0]


# ── every act at every stage ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("stage", Stage)
def test_the_tabs_are_the_acts_the_law_allows(stage: Stage) -> None:
    history = standing(stage)
    assert {act.kind for act in lawful(history.case, history.now())} == ALLOWED[stage]


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("kind", ACTS)
def test_an_act_is_done_or_refused_by_its_article(kind: str, stage: Stage) -> None:
    history = standing(stage)
    officer = usual_officer(ACTS[kind], stage)
    before = deepcopy(history.case)
    apart = {UNDO: TAKEN_BACK, "handed_to_archive": {Stage.CLOSED}}
    if kind in ALLOWED[stage] | ANYWHERE or stage in apart.get(kind, ()):
        history.usual(kind, officer)
        assert history.case.position == before.position + 1
        return
    with pytest.raises(ActRefused) as refused:
        history.usual(kind, officer)
    assert NAMES_AN_ARTICLE.search(only(refused.value.reasons))
    assert history.case == before


def test_every_act_has_a_stage_where_it_can_be_done() -> None:
    done = ANYWHERE.union(*ALLOWED.values())
    assert ACTS.keys() - done == {
        *("registered", "received_as_part", "imported_receipt", "imported_result"),
        *("reasons_notice_delivered", "reasons_given", "deferred"),  # test_excess.py
        "reply_bounced",  # test_letters_life.py
        "fee_refunded",  # test_fees.py
        "applicant_left",  # test_leaving.py
        "records_supplied",  # test_supplying.py
        "particulars_destroyed",  # test_retention.py
        "handed_to_archive",  # on a page of its own: test_archive.py
        "extension_drafted",  # where officers are listed: test_signoff.py
        *("answers_joined", "answered_together"),  # test_merging.py
        *("consultation_delivered", "consultation_returned"),  # test_consulting.py
        *("consultation_ended", "third_party_told"),
        "redecision_undone",  # test_review.py
        "step_undone",  # by whoever did the last step: TAKEN_BACK, test_undoing.py
    }
    assert set(ANSWERS) - {"decided"} <= set(ACTS)


# ── every outcome ───────────────────────────────────────────────────────────────────────────────
OBJECTION = {"view": "object", "reasons": "属于商业秘密", "reasonable": "yes"}


def ready_for(outcome: str) -> History:
    """A case in which this outcome is lawful."""
    if outcome == "not_corrected":
        history = standing(Stage.CORRECTION)
        history.today += 30 * DAY
    elif outcome == "still_unclear":
        history = standing(Stage.CORRECTION).usual("corrected").usual("found_ours")
    else:
        history = standing(Stage.DRAFTING)
    if outcome == "fee_unpaid":
        history.usual("fee_noticed", delivered_on=RECEIVED)
        history.today += 60 * DAY
    if outcome == "excessive":
        history.usual("reasons_asked").usual("reasons_given")
    if outcome == "third_party_rights":
        history.usual("consultation_started").usual("consultation_ended", **OBJECTION)
    return history


@pytest.mark.parametrize("outcome", LAW.outcomes)
def test_every_outcome_can_be_brought_to_its_end(outcome: str) -> None:
    history = ready_for(outcome).draft(outcome)
    assert history.case.stage is Stage.REVIEW
    history.approved().usual("signed", HEAD).usual("replied")
    case = history.case
    assert (case.stage, case.outcome) == (Stage.CLOSED, outcome)
    assert case.row(LAW) == LAW.row(outcome, history.today)
    assert (case.closed_on, case.signed_by) == (history.today, HEAD)
    assert case.draft is not None
    for name in LAW.outcomes[outcome].requires:
        assert case.draft.particulars[name]
    limit = case.deadline(LAW)
    assert limit is not None
    assert limit.replied_on == history.today


@pytest.mark.parametrize(
    ("outcome", "name"),
    [(key, name) for key, row in LAW.outcomes.items() for name in row.requires],
)
def test_what_the_letter_must_state_must_be_filled_in(outcome: str, name: str) -> None:
    history = ready_for(outcome)
    before = deepcopy(history.case)
    field = ACTS[FAMILY[LAW.outcomes[outcome].family]].model_fields[name]
    empty = "   " if field.annotation is str else None
    with pytest.raises(ActRefused) as refused:
        history.draft(outcome, **{name: empty})
    assert any(
        LAW.particulars[name] in reason or str(field.title) in reason
        for reason in refused.value.reasons
    ), refused.value.reasons
    assert history.case == before


@pytest.mark.parametrize("outcome", CONDITIONS)
def test_an_outcome_with_a_condition_is_not_offered_without_it(outcome: str) -> None:
    history = standing(Stage.DRAFTING)
    act = ACTS[FAMILY[LAW.outcomes[outcome].family]]
    assert outcome not in act.options(history.case, history.now())["outcome"]
    reasons = history.refusals(act.kind, **particulars(outcome))
    assert any(NAMES_AN_ARTICLE.search(reason) for reason in reasons)
    met = ready_for(outcome)
    assert outcome in act.options(met.case, met.now())["outcome"]


def test_the_families_of_outcomes_are_the_tabs() -> None:
    assert {row.family for row in LAW.outcomes.values()} == set(FAMILY)


def test_every_result_row_of_the_form_has_an_outcome() -> None:
    form = load_forms(CONFIG / "annual")[-1]
    results = {row.code for row in form.row if row.kind == "result"}
    assert {row.row for row in LAW.outcomes.values()} == results


# ── receipt (Arts. 29-31) ───────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["applicant", "request"])
def test_an_application_without_applicant_or_content_is_refused(name: str) -> None:
    assert "条例第二十九条" in only(refused_at_the_door(**{name: " "}))


def test_an_application_cannot_arrive_tomorrow() -> None:
    assert "晚于今天" in only(refused_at_the_door(arrived_on=RECEIVED + DAY))


def refused_at_the_door(**answer: object) -> list[str]:
    """Why a first application would not be registered."""
    history = History()
    act = ACTS["registered"].model_validate(history.answer("registered") | answer)
    return act.refusals(Case(""), history.now())


def test_an_application_handed_in_is_received_that_day() -> None:
    history = History()
    history.today += DAY
    reason = only(history.refusals("received", received_on=history.today))
    assert "当面提交的，到件之日（2026-03-02）即为收到申请之日（条例第三十一条）" in reason


def test_an_application_by_ordinary_post_is_received_when_confirmed() -> None:
    history = History(channel="ordinary_post")
    history.today += 3 * DAY
    now = history.now()
    assert ACTS["received"].proposal(history.case, now) == {"received_on": RECEIVED}
    history.usual("contact_tried", tried_on=RECEIVED)
    assert ACTS["received"].proposal(history.case, now) == {"received_on": history.today}
    history.usual("received")
    assert history.case.received_on == RECEIVED + 3 * DAY


@pytest.mark.parametrize(("days", "words"), [(-1, "早于到件日期"), (1, "晚于今天")])
def test_a_receipt_before_arrival_or_in_the_future_is_refused(days: int, words: str) -> None:
    history = History(channel="online")
    assert words in only(history.refusals("received", received_on=RECEIVED + days * DAY))


# ── correction (Art. 30) ────────────────────────────────────────────────────────────────────────
def test_correction_may_be_asked_only_once() -> None:
    history = standing(Stage.CORRECTION).usual("corrected")
    with pytest.raises(ActRefused, match="补正只能一次性告知（条例第三十条）"):
        history.usual("correction_requested")


def test_correction_restarts_the_clock() -> None:
    history = standing(Stage.CORRECTION)
    history.today = date(2026, 3, 12)
    limit = history.usual("corrected").case.deadline(LAW)
    assert limit is not None
    assert limit.last_day == date(2026, 4, 10)


def test_correction_must_say_what_and_how() -> None:
    history = standing(Stage.JURISDICTION)
    answer = history.answer("correction_requested")
    for name in ("unclear", "guidance"):
        reason = only(history.refusals("correction_requested", **(answer | {name: " "})))
        assert "条例第三十条" in reason


def test_a_late_correction_needs_a_reason() -> None:
    history = standing(Stage.CORRECTION).usual("correction_delivered")
    history.today = date(2026, 3, 17)  # ten working days end on 16 March
    with pytest.raises(ActRefused, match="补正期限已于2026-03-16届满"):
        history.usual("corrected")
    history.usual("corrected", late_reason="住院治疗")
    assert history.case.stage is Stage.JURISDICTION


def test_a_correction_in_time_is_not_yet_lapsed() -> None:
    history = standing(Stage.CORRECTION)
    history.today = date(2026, 3, 16)
    with pytest.raises(ActRefused, match="尚未届满"):
        history.draft("not_corrected")
    history.today += DAY
    assert history.draft("not_corrected").case.stage is Stage.REVIEW


@pytest.mark.parametrize("outcome", ["not_corrected", "withdrawn"])
def test_a_draft_sent_back_while_waiting_waits_again(outcome: str) -> None:
    history = standing(Stage.CORRECTION)
    history.today += 30 * DAY
    history.draft(outcome).usual("sent_back", HEAD)
    assert history.case.stage is Stage.CORRECTION
    history.usual("corrected", late_reason="邮路中断")
    assert history.case.stage is Stage.JURISDICTION


def test_still_unclear_needs_a_correction_that_was_made() -> None:
    with pytest.raises(ActRefused, match=r"未经补正.*条例第三十条"):
        standing(Stage.DRAFTING).draft("still_unclear")


# ── fees (Art. 42) ──────────────────────────────────────────────────────────────────────────────
def test_an_unpaid_fee_needs_a_notice_and_twenty_working_days() -> None:
    history = standing(Stage.DRAFTING)
    with pytest.raises(ActRefused, match=r"未送达收费通知.*条例第四十二条"):
        history.draft("fee_unpaid")
    history.usual("fee_noticed", delivered_on=RECEIVED)
    history.today = date(2026, 3, 30)
    with pytest.raises(ActRefused, match="缴费期限至2026-03-30尚未届满"):
        history.draft("fee_unpaid")
    history.today += DAY
    assert history.refusals("drafted_other", **particulars("fee_unpaid")) == []
    history.usual("fee_paid", late_reason="银行系统故障")
    with pytest.raises(ActRefused, match="已经缴费"):
        history.draft("fee_unpaid")


# ── jurisdiction (Arts. 10, 36(5)) ──────────────────────────────────────────────────────────────
def test_another_agency_is_named_with_its_contact() -> None:
    history = standing(Stage.JURISDICTION)
    with pytest.raises(ActRefused, match="应当一并告知其联系方式（条例第三十六条第五项）"):
        history.usual("found_elsewhere", responsible_agency="国家知识产权局")
    history.usual(
        "found_elsewhere", responsible_agency="国家知识产权局", responsible_contact="西土城路6号"
    )
    now = history.now()
    assert ACTS["drafted_unable"].proposal(history.case, now) == {
        "outcome": "not_ours",
        "responsible_agency": "国家知识产权局",
        "responsible_contact": "西土城路6号",
        "reasons": "由国家知识产权局制作并保存",
    }


def test_another_agency_needs_reasons() -> None:
    with pytest.raises(ActRefused, match="理由（条例第三十六条第五项）"):
        standing(Stage.JURISDICTION).usual("found_elsewhere", reasons=" ")


# ── extension (Art. 33) ─────────────────────────────────────────────────────────────────────────
def test_the_limit_is_extended_only_once() -> None:
    history = standing(Stage.DRAFTING).usual("extended", days=5)
    with pytest.raises(ActRefused, match=r"已于2026-03-02延期一次.*条例第三十三条"):
        history.usual("extended", days=5)


def test_an_extension_has_at_most_twenty_working_days() -> None:
    with pytest.raises(ActRefused, match="最长不超过20个工作日（条例第三十三条）"):
        standing(Stage.DRAFTING).usual("extended", days=21)


def test_an_extension_is_told_before_the_limit_ends() -> None:
    history = standing(Stage.DRAFTING)
    history.today = date(2026, 3, 30)
    assert history.refusals("extended", **history.answer("extended")) == []
    history.today += DAY
    with pytest.raises(ActRefused, match="答复期限已于2026-03-30届满"):
        history.usual("extended")


def test_nothing_is_extended_while_no_limit_runs() -> None:
    history = standing(Stage.CORRECTION).draft("withdrawn")
    with pytest.raises(ActRefused, match="没有可以延长的期限（条例第三十三条）"):
        history.usual("extended")


@pytest.mark.parametrize("name", ["reasons", "consented_by"])
def test_an_extension_needs_reasons_and_consent(name: str) -> None:
    with pytest.raises(ActRefused, match="条例第三十三条"):
        standing(Stage.DRAFTING).usual("extended", **{name: " "})


def test_a_correction_ends_the_extension_and_allows_another() -> None:
    history = standing(Stage.DRAFTING).usual("extended").usual("correction_requested")
    history.usual("corrected")
    assert history.case.extension is None
    assert history.usual("extended", days=3).case.extension is not None


def test_a_late_correction_ends_no_extension() -> None:
    history = standing(Stage.DRAFTING).usual("extended")
    history.today = date(2026, 3, 12)  # the eighth working day: nothing is restarted
    history.usual("correction_requested").usual("corrected")
    with pytest.raises(ActRefused, match=r"已于2026-03-02延期一次.*条例第三十三条"):
        history.usual("extended")


# ── review, signature, dispatch (Arts. 33, 45) ──────────────────────────────────────────────────
def test_drafter_cannot_sign() -> None:
    history = standing(Stage.SIGNING)
    with pytest.raises(ActRefused, match="起草人（李起草）不能签发自己起草的告知书"):
        history.usual("signed", DRAFTER)
    assert history.usual("signed", HEAD).case.stage is Stage.DISPATCH


def test_reply_dated_before_receipt_is_refused() -> None:
    history = standing(Stage.SIGNING)
    with pytest.raises(ActRefused, match="签发日期（2026-03-01）早于收到申请之日（2026-03-02）"):
        history.usual("signed", HEAD, signed_on=RECEIVED - DAY)


def test_reply_dated_before_the_extension_is_refused() -> None:
    history = standing(Stage.SIGNING)
    history.today += 3 * DAY
    history.usual("extended")
    with pytest.raises(ActRefused, match="早于上一事项的日期（2026-03-05）"):
        history.usual("signed", HEAD, signed_on=RECEIVED)


def test_reply_is_not_sent_before_it_is_signed() -> None:
    history = standing(Stage.SIGNING)
    history.today += 3 * DAY
    history.usual("signed", HEAD)
    with pytest.raises(ActRefused, match="早于签发日期"):
        history.usual("replied", sent_on=RECEIVED)


@pytest.mark.parametrize(("stage", "kind", "name"), [
    (Stage.JURISDICTION, "correction_requested", "requested_on"),
    (Stage.CORRECTION, "corrected", "corrected_on"),
    (Stage.DRAFTING, "extended", "told_on"),
    (Stage.SIGNING, "signed", "signed_on"),
    (Stage.DISPATCH, "replied", "sent_on"),
])  # fmt: skip
def test_what_has_not_happened_cannot_be_recorded(stage: Stage, kind: str, name: str) -> None:
    history = standing(stage)
    with pytest.raises(ActRefused, match="尚未发生的事项不能登记"):
        history.usual(kind, HEAD, **{name: history.today + DAY})


def test_a_private_courier_is_not_offered() -> None:
    history = standing(Stage.DISPATCH)
    with pytest.raises(ActRefused, match="“送达方式”应从所列选项中选择"):
        history.usual("replied", delivery="courier")


def test_a_draft_is_sent_back_as_often_as_needed_and_keeps_the_comments() -> None:
    history = standing(Stage.REVIEW)
    for words in ("请补充理由", "请核对文号"):
        history.usual("sent_back", HEAD, comment=words).usual("drafted_granted")
    assert history.case.draft is not None
    assert history.case.draft.comments == ["王主任：请补充理由", "王主任：请核对文号"]
    with pytest.raises(ActRefused, match="请写明修改意见"):
        history.usual("sent_back", HEAD, comment=" ")


def test_a_draft_sent_back_is_proposed_again() -> None:
    history = standing(Stage.REVIEW).usual("sent_back", HEAD)
    proposal = ACTS["drafted_granted"].proposal(history.case, history.now())
    assert proposal == particulars("granted")


# ── what may be written ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\u202e", "\u200e"])
def test_an_invisible_character_is_named_with_its_place(character: str) -> None:
    history = standing(Stage.JURISDICTION)
    reason = only(history.refusals("found_ours", note=f"经核{character}属本机关"))
    assert f"第3个字符是不可见的控制字符（U+{ord(character):04X}）" in reason


def test_only_what_is_listed_can_be_chosen() -> None:
    history = standing(Stage.DRAFTING)
    for outcome in ("granted", "no_such_outcome"):
        reasons = history.refusals(
            "drafted_refused", **(particulars("process_information") | {"outcome": outcome})
        )
        assert any("应从所列选项中选择" in reason for reason in reasons)


# ── histories ───────────────────────────────────────────────────────────────────────────────────
AGAIN = {
    "assigned",
    *("sent_back", "revised", "letter_voided", "another_part", "redecision_ordered"),
    *("consultation_started", "consultation_ended"),
}


def opinion(kind: str, turn: int, history: History) -> dict[str, object]:
    """The answer to an act of consultation: another party each time, the first letter open."""
    if kind == "consultation_started":
        return {"name": f"第{turn}公司"}
    if kind == "consultation_ended" and turn % 2:
        return {"ref": first_ref(kind, history), **OBJECTION}
    if kind in ("consultation_delivered", "consultation_returned"):
        return ACTS[kind].proposal(history.case, history.now())
    if kind in ("consultation_ended", "third_party_told"):
        return {"ref": first_ref(kind, history)}
    return {}


def first_ref(kind: str, history: History) -> str:
    return next(iter(ACTS[kind].options(history.case, history.now())["ref"]))


def walk(seed: int) -> History:
    """A case that officers bring to its end by any way the law allows, drawn by lot."""
    lot = random.Random(seed)
    history = History(date(2025, 1, 2) + lot.randrange(400) * DAY)
    for turn in range(60):
        if history.case.stage is Stage.CLOSED:
            break
        history.today += lot.choice((0, 0, 1, 2, 7)) * DAY if turn else 0 * DAY
        kinds = [act.kind for act in lawful(history.case, history.now())]
        if turn > 30:  # come to an end
            kinds = [kind for kind in kinds if kind not in AGAIN] or kinds
        kind = lot.choice(sorted(kinds))
        more = {"late_reason": "有正当理由"} if kind in ("corrected", "fee_paid") else {}
        more |= opinion(kind, turn, history)
        if kind == "drafted_other":
            more["withdrawn_on"] = history.today
        if kind == "received":
            more["received_on"] = history.case.arrived_on
        if kind == "reasons_given" and turn % 2:
            more["reasonable"] = "yes"
        if kind == "records_supplied":
            more["ref"] = next(iter(ACTS[kind].options(history.case, history.now())["ref"]))
        if kind == "deferred":
            last = history.case.deadline(LAW)
            assert last is not None
            assert last.last_day is not None
            more["reply_by"] = LAW.calendar.reach(last.last_day, 60).day
        if kind == "approved":
            due = ACTS[kind].proposal(history.case, history.now(HEAD))
            more |= {"next": "secrecy"} if turn % 2 else due  # also where it need not
        history.usual(kind, **more)
    return history


WALKS = range(300)


@pytest.fixture(scope="module")
def walks() -> list[History]:
    return [walk(seed) for seed in WALKS]


def test_any_lawful_way_comes_to_an_end(walks: list[History]) -> None:
    assert {history.case.stage for history in walks} == {Stage.CLOSED}
    used = {event.kind for history in walks for event in history.events}
    afterwards = {kind for kind, act in ACTS.items() if act.stages <= {Stage.CLOSED}}
    with_others = {"answers_joined", "answered_together", "received_as_part", "extension_drafted"}
    with_others |= {"applicant_left", "redecision_undone", UNDO}
    assert used == ACTS.keys() - afterwards - with_others - ANYWHERE


def test_a_case_is_what_its_events_add_up_to(walks: list[History]) -> None:
    for history in walks:
        assert catalogue.replay(history.case.number, history.events) == history.case


def test_at_every_point_there_is_a_limit_or_a_reason_for_none(walks: list[History]) -> None:
    for history in walks:
        for end in range(2, len(history.events) + 1):
            case = catalogue.replay(history.case.number, history.events[:end])
            limit = case.deadline(LAW)
            if case.received_on is None:
                assert limit is None
                continue
            assert limit is not None
            assert limit.suspended == (limit.last_day is None)
            assert limit.steps
            if case.stage is Stage.CLOSED:
                assert limit.replied_on == case.closed_on


def test_a_case_still_open_has_something_to_do(walks: list[History]) -> None:
    for history in walks:
        for end in range(1, len(history.events)):
            case = catalogue.replay(history.case.number, history.events[:end])
            assert lawful(case, history.now())


def test_an_event_out_of_turn_is_not_applied() -> None:
    history = standing(Stage.DRAFTING)
    with pytest.raises(ImpossibleHistory, match="第 1 步缺失（找到第 2 步）"):
        catalogue.replay("SQ202600001", [history.events[0], history.events[2]])
