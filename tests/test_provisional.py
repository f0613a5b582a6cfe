"""A year whose notice is not out: the time of others is over only where it is over in any case."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from histories import CONFIG, DRAFTER, LAW, History

from letters.letter.facts import letter_of
from letters.letter.words import plain_text
from models.acts.intake.receipt import correction_due
from models.acts.procedure.excess import reasons_due, reasons_overdue
from models.acts.procedure.fee_owed import fee_due, fee_lapsed, fee_overdue
from models.acts.procedure.opinions import lapses_found, view_of
from models.acts.reply.outcome import correction_lapsed
from models.duties.duties import Duty, Waiting, duties, waiting
from models.errors import ActRefused
from models.law.consultation import Consultation, lapse
from models.law.deadline import ClockEvent, deadline
from models.law.pauses import pauses
from models.law.statute import Statute
from models.law.workdays import Calendar, Reach
from models.words.days_told import told

DAY = timedelta(days=1)
UNKNOWN = LAW.with_calendar(Calendar.load(CONFIG / "workdays", hide=[2026, 2027]))
SATURDAY = date(2026, 2, 14)  # before 春节, whose make-up days are not known yet


def at(*steps: str, law: Statute = UNKNOWN) -> History:
    """A case received on that Saturday, with all these steps on the same day."""
    history = History(SATURDAY)
    history.law = law
    for step in ("received", *steps):
        history.usual(step)
    return history


def apart(due: Reach | None, days: int) -> Reach:
    """The day by which it is over in any case; our own would be reckoned earlier."""
    assert due is not None
    assert due.awaits == (2026,)
    assert due.day == UNKNOWN.calendar.reach(SATURDAY, days).day + DAY
    assert str(due) == f"{due.day}（暂定）"
    return due


@pytest.mark.parametrize("hidden", [2021, 2023, 2024, 2026])  # not amended later
def test_what_will_be_the_day_lies_between_the_earliest_and_the_latest(hidden: int) -> None:
    unknown = Calendar.load(CONFIG / "workdays", hide=range(hidden, 2028))
    day, differing = date(hidden - 1, 11, 20), 0
    while day < date(hidden, 12, 1):
        first, last = unknown.reach(day, 15), unknown.latest(day, 15)
        published = LAW.calendar.nth_workday(day, 15) if day < date(2026, 11, 20) else last.day
        assert first.day <= published <= last.day, day
        assert unknown.count(day, last.day).fewest >= 15 > unknown.count(day, last.day - DAY)[0]
        differing += first.day != last.day
        day += DAY
    assert differing


def test_where_the_notice_is_out_earliest_and_latest_are_the_day() -> None:
    for n in (1, 15, 40):
        day = LAW.calendar.nth_workday(SATURDAY, n)
        assert LAW.calendar.latest(SATURDAY, n) == LAW.calendar.reach(SATURDAY, n) == (day, ())


def test_a_correction_is_not_overdue_while_it_may_be_in_time() -> None:
    history = at("correction_requested", "correction_delivered")
    due = apart(correction_due(history.case, UNKNOWN), 10)
    history.today = due.day
    refused = correction_lapsed(history.case, history.now())
    assert refused is not None
    assert f"至{due.day}（暂定）尚未届满" in refused
    answer = {"corrected_on": due.day, "request": "某文件"}
    assert history.refusals("corrected", **answer) == []
    history.today = due.day + DAY
    assert correction_lapsed(history.case, history.now()) is None
    late = history.refusals("corrected", **(answer | {"corrected_on": history.today}))
    assert any(f"补正期限已于{due}届满" in one for one in late)


def test_the_case_of_a_correction_received_later_is_judged_by_the_latest_day_too() -> None:
    history = at("correction_requested", "correction_delivered")
    due = apart(correction_due(history.case, UNKNOWN), 10)
    history.today = due.day
    with pytest.raises(ActRefused, match="尚未届满"):
        history.draft("not_corrected", noticed_on=SATURDAY)
    history.today = due.day + DAY
    history.draft("not_corrected", noticed_on=SATURDAY)
    letter = letter_of(
        "not_corrected", history.case, "沪知公开〔2026〕9号", history.today, UNKNOWN, history.agency
    )
    assert f"至{due.day.year}年{due.day.month}月{due.day.day}日届满" in plain_text(letter)


def test_a_payment_is_not_overdue_while_it_may_be_in_time() -> None:
    history = at("found_ours", "fee_noticed", "fee_notice_delivered")
    assert history.case.fee is not None
    due = apart(fee_due(history.case.fee, UNKNOWN), 20)
    history.today = due.day
    assert fee_overdue(history.case, due.day, UNKNOWN) is None
    assert "尚未届满" in (fee_lapsed(history.case, history.now()) or "")
    amount = history.answer("fee_paid")["amount"]
    assert history.refusals("fee_paid", paid_on=due.day, amount=amount) == []
    history.today = due.day + DAY
    assert f"{due}届满" in (fee_overdue(history.case, history.today, UNKNOWN) or "")
    assert fee_lapsed(history.case, history.now()) is None
    stated = history.draft("fee_unpaid", noticed_on=SATURDAY)
    letter = letter_of(
        "fee_unpaid", stated.case, "沪知公开〔2026〕9号", history.today, UNKNOWN, history.agency
    )
    assert f"至{due.day.year}年{due.day.month}月{due.day.day}日届满" in plain_text(letter)


def test_reasons_are_not_overdue_while_they_may_be_in_time() -> None:
    history = at("found_ours", "reasons_asked", "reasons_notice_delivered")
    assert history.case.excess is not None
    due = apart(reasons_due(history.case.excess, UNKNOWN), 7)
    assert reasons_overdue(history.case, due.day, UNKNOWN) is None
    history.today = due.day
    with pytest.raises(ActRefused, match="尚未届满"):
        history.draft("excessive")
    assert f"{due}届满" in (reasons_overdue(history.case, due.day + DAY, UNKNOWN) or "")


def test_silence_of_a_third_party_is_not_found_while_it_may_answer_in_time() -> None:
    history = at("found_ours", "consultation_started", "consultation_delivered")
    (one,) = history.case.opinions
    due = apart(lapse(Consultation("1", "third_party", SATURDAY, SATURDAY), UNKNOWN), 15)
    history.today = due.day
    assert lapses_found(history.case, history.now()) == []
    assert view_of(one, due.day, UNKNOWN) == told([f"尚未答复，期限至{due}"])
    with pytest.raises(ActRefused, match=r"届满前不能据此决定"):
        history.draft("third_party_rights")
    history.today = due.day + DAY
    assert f"已于{due}届满" in lapses_found(history.case, history.now())[0]
    history.draft("third_party_rights")


def test_our_own_limit_runs_again_from_the_earliest_day() -> None:
    asked = Consultation("1", "third_party", SATURDAY, SATURDAY)
    due = lapse(asked, UNKNOWN)
    (pause,) = pauses([asked], SATURDAY, due.day, UNKNOWN)
    assert pause.open
    assert pause.end == UNKNOWN.calendar.reach(SATURDAY, 15).day == due.day - DAY
    (pause,) = pauses([asked], SATURDAY, due.day + DAY, UNKNOWN)
    assert not pause.open


@pytest.mark.parametrize(
    ("steps", "kind", "what"),
    [
        (["correction_requested", "correction_delivered"], "correction", "补正"),
        (["found_ours", "fee_noticed", "fee_notice_delivered"], "fee", "缴费"),
        (["found_ours", "reasons_asked", "reasons_notice_delivered"], "reasons", "说明理由"),
        (["found_ours", "consultation_started"], "opinion", "意见"),
    ],
)
def test_the_time_of_others_is_provisional_too(steps: list[str], kind: str, what: str) -> None:
    case = at(*steps).case
    (duty,) = (one for one in duties(case, UNKNOWN) if one.kind == kind)
    assert duty == Duty(kind, duty.due, True, duty.ref, duty.whom)
    assert waiting(case, UNKNOWN) == Waiting(what, duty.due, True)
    settled = at(*steps, law=LAW).case
    assert not any(one.provisional for one in duties(settled, LAW))
    assert not waiting(settled, LAW).provisional


def test_a_stopped_limit_says_that_the_time_waited_for_is_provisional() -> None:
    events = [ClockEvent("received", SATURDAY), ClockEvent("correction_requested", SATURDAY, 10)]
    found = deadline(events, UNKNOWN)
    assert (found.last_day, found.provisional, found.suspended) == (None, True, True)
    last = UNKNOWN.calendar.latest(SATURDAY, 10)
    assert found.steps[-1].why.endswith(
        f"所给期限10个工作日，至{last.written}（送达尚未登记，暂自通知之日起算）"
    )
    assert found.steps[-1].working_days == 10
    assert len(found.steps[-1].skipped) == (last.day - SATURDAY).days - 10
    assert found.warnings == (
        f"2026年的放假安排尚未公布，所给期限（{last.day.year}年{last.day.month}月{last.day.day}日）"
        "为暂定：公布后只会提前，不会推后",
    )
    assert not deadline(events, LAW).provisional


def test_a_notice_that_is_out_changes_nothing_for_others() -> None:
    history = at("correction_requested", "correction_delivered", law=LAW)
    assert correction_due(history.case, LAW) == (LAW.calendar.nth_workday(SATURDAY, 10), ())
    assert history.now(DRAFTER).law is LAW
