"""Too many applications: reasons asked, judged, refused or a later day (Art. 35)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from histories import HEAD, LAW, RECEIVED, History, particulars, standing

from models.acts.procedure.excess import reasons_due, reasons_overdue
from models.acts.reply.nothing_given import DraftNotHandled
from models.case.stage import Stage
from models.errors import ActRefused

DAY = timedelta(days=1)
LATER = date(2026, 6, 26)  # the 60th working day after 30 March
UNREASONABLE = {"reasonable": "no"}
REASONABLE = {"reasonable": "yes", "judgment": "编写行业史确需逐年数据"}


def asked() -> History:
    return standing(Stage.DRAFTING).usual("reasons_asked", delivered_on=RECEIVED)


def limit(history: History) -> date | None:
    found = history.case.deadline(LAW)
    return found.last_day if found else None


def test_asking_for_reasons_stops_no_clock() -> None:
    history = standing(Stage.DRAFTING)
    before = limit(history)
    assert limit(history.usual("reasons_asked")) == before == date(2026, 3, 30)


def test_reasons_are_asked_once() -> None:
    with pytest.raises(ActRefused, match=r"已于2026-03-02要求说明理由（条例第三十五条）"):
        asked().usual("reasons_asked")


def test_the_notice_states_the_counts() -> None:
    with pytest.raises(ActRefused, match=r"通知必须载明（条例第三十五条）"):
        standing(Stage.DRAFTING).usual("reasons_asked", counts=" ")


def test_the_time_to_explain_is_counted_in_working_days_from_the_day_after_receipt() -> None:
    history = standing(Stage.DRAFTING).usual("reasons_asked")
    assert history.case.excess is not None
    assert reasons_due(history.case.excess, LAW) is None
    history.today = date(2026, 3, 5)
    history.usual("reasons_notice_delivered")
    assert reasons_due(history.case.excess, LAW) == (date(2026, 3, 16), ())
    with pytest.raises(ActRefused, match=r"已登记于2026-03-05送达（条例第三十五条）"):
        history.usual("reasons_notice_delivered")


def test_nothing_lapses_while_nobody_knows_when_the_notice_arrived() -> None:
    history = standing(Stage.DRAFTING).usual("reasons_asked")
    history.today = date(2026, 3, 27)
    with pytest.raises(ActRefused, match=r"送达日期尚未登记.*条例第三十五条"):
        history.draft("excessive")
    overdue = (reasons_overdue(history.case, RECEIVED + n * DAY, LAW) for n in (4, 6, 7))
    assert [bool(words) for words in overdue] == [False, False, True]
    answered = history.usual("reasons_given", **UNREASONABLE).draft("excessive")
    assert answered.case.stage is Stage.REVIEW


@pytest.mark.parametrize(("days", "words"), [(-1, "早于"), (0, ""), (1, "晚于今天")])
def test_a_notice_is_received_neither_before_it_was_sent_nor_tomorrow(
    days: int, words: str
) -> None:
    answer = standing(Stage.DRAFTING).answer("reasons_asked")
    had = {"delivered_on": RECEIVED + days * DAY}
    at_once = standing(Stage.DRAFTING).refusals("reasons_asked", **(answer | had))
    later = standing(Stage.DRAFTING).usual("reasons_asked")
    for found in (at_once, later.refusals("reasons_notice_delivered", **had)):
        assert (words in "".join(found)) if words else found == []


# ── 不予处理 ────────────────────────────────────────────────────────────────────────────────────
def test_nobody_is_refused_as_excessive_unasked() -> None:
    with pytest.raises(ActRefused, match=r"未要求申请人说明理由.*条例第三十五条"):
        standing(Stage.DRAFTING).draft("excessive")


def test_nobody_is_refused_while_the_time_to_explain_runs() -> None:
    history = asked()
    history.today = date(2026, 3, 11)
    with pytest.raises(ActRefused, match=r"期限至2026-03-11尚未届满.*条例第三十五条"):
        history.draft("excessive")
    history.today += DAY
    assert history.draft("excessive").case.stage is Stage.REVIEW


def test_who_explains_without_good_reason_may_be_refused_at_once() -> None:
    history = asked().usual("reasons_given", **UNREASONABLE).draft("excessive")
    history.usual("approved", HEAD).usual("signed", HEAD).usual("replied")
    assert history.case.row(LAW) == "3.5.4"


def test_good_reasons_bar_the_refusal() -> None:
    history = asked().usual("reasons_given", **REASONABLE)
    history.today = date(2026, 3, 20)
    with pytest.raises(ActRefused, match=r"已认定申请理由合理.*条例第三十五条"):
        history.draft("excessive")


def test_reasons_given_late_are_still_judged() -> None:
    history = asked()
    history.today = date(2026, 3, 20)
    history.usual("reasons_given", **REASONABLE)
    assert history.case.excess is not None
    assert history.case.excess.reasonable is True


@pytest.mark.parametrize(
    ("given", "explanation"), [(True, "想多了解情况"), (False, "逾期未说明理由")]
)
def test_the_refusal_is_proposed_with_the_counts_and_what_was_explained(
    given: bool, explanation: str
) -> None:
    history = asked()
    if given:
        history.usual("reasons_given", **UNREASONABLE)
    history.today = date(2026, 3, 20)
    proposal = DraftNotHandled.proposal(history.case, history.now())
    assert proposal == {"counts": "三个月内提出126件", "explanation": explanation}


@pytest.mark.parametrize("name", ["explanation", "judgment"])
def test_what_was_said_and_why_it_is_judged_so_are_both_recorded(name: str) -> None:
    with pytest.raises(ActRefused):
        asked().usual("reasons_given", **{name: " "})


# ── a later day ─────────────────────────────────────────────────────────────────────────────────
def reasonable() -> History:
    return asked().usual("reasons_given", **REASONABLE)


def test_a_later_day_told_in_time_is_the_limit() -> None:
    history = reasonable()
    history.today = date(2026, 3, 30)
    assert limit(history.usual("deferred", reply_by=LATER)) == LATER


@pytest.mark.parametrize("before", [asked, lambda: asked().usual("reasons_given", **UNREASONABLE)])
def test_a_later_day_presupposes_good_reasons(before: object) -> None:
    history = before()  # type: ignore[operator]
    with pytest.raises(ActRefused, match=r"未认定申请理由合理.*条例第三十五条"):
        history.usual("deferred", reply_by=LATER)


def test_a_later_day_is_told_before_the_limit_ends() -> None:
    history = reasonable()
    history.today = date(2026, 3, 31)
    with pytest.raises(ActRefused, match=r"期限已于2026-03-30届满.*条例第三十五条"):
        history.usual("deferred", reply_by=LATER)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 3, 27), "应晚于现有期限（2026-03-30）"),
        (date(2026, 3, 30), "应晚于现有期限（2026-03-30）"),
        (date(2026, 6, 28), "不是工作日，其后的工作日是2026-06-29"),
        (date(2026, 10, 1), "不是工作日，其后的工作日是2026-10-08"),
    ],
)
def test_the_later_day_is_a_working_day_after_the_limit(day: date, words: str) -> None:
    with pytest.raises(ActRefused, match=words):
        reasonable().usual("deferred", reply_by=day)


@pytest.mark.parametrize("day", [date(2026, 3, 31), date(2026, 4, 1)])
def test_the_first_working_day_after_the_limit_is_a_later_day(day: date) -> None:
    assert limit(reasonable().usual("deferred", reply_by=day)) == day


@pytest.mark.parametrize(("day", "told"), [(LATER, True), (LATER + 3 * DAY, False)])
def test_the_later_day_is_no_later_than_the_figure_of_the_office(day: date, told: bool) -> None:
    assert LAW.calendar.between(date(2026, 3, 30), day) == 60 + (not told)
    answer = {"told_on": RECEIVED, "reply_by": day, "reasons": "须逐卷查阅"}
    found = reasonable().refusals("deferred", **answer)
    assert (found == []) == told
    assert told or "超过现有期限之后60个工作日（2026-06-26）" in found[0]


def test_it_is_told_once_and_not_extended_on_top() -> None:
    history = reasonable().usual("deferred", reply_by=LATER)
    for kind in ("deferred", "extended"):
        with pytest.raises(ActRefused, match=r"条例第三十五条"):
            history.usual(kind, **({"reply_by": LATER} if kind == "deferred" else {}))


def test_a_correction_begins_anew_without_the_later_day() -> None:
    history = reasonable().usual("deferred", reply_by=LATER).usual("correction_requested")
    history.today = date(2026, 3, 12)
    history.usual("corrected")
    assert history.case.deferral is None
    assert limit(history) == date(2026, 4, 10)


def test_the_letter_of_refusal_must_state_counts_explanation_and_reasons() -> None:
    history = asked().usual("reasons_given", **UNREASONABLE)
    for name in ("counts", "explanation", "reasons"):
        assert history.refusals("drafted_not_handled", **(particulars("excessive") | {name: " "}))
