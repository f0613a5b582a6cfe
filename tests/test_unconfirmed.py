"""Receipt by every channel: what fixes its day, and what if nobody can be reached (Art. 31)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from databases import empty_register
from histories import DRAFTER, LAW, History

from flows import office
from flows.morning import sweep
from flows.path import intake, recording
from flows.shown.brief import brief
from models.acts.intake.receipt import ConfirmReceipt
from models.acts.intake.unconfirmed import Unconfirmed, unconfirmed
from models.case.stage import Stage
from models.duties.duties import duties
from models.errors import ActRefused
from models.register import register

DAY = timedelta(days=1)
MONDAY = date(2026, 3, 2)

RULES = {key: LAW.receipt_rule(key, MONDAY) for key in LAW.channels}
ARRIVAL = [key for key, rule in RULES.items() if rule == "arrival"]
CONFIRMED = [key for key, rule in RULES.items() if rule == "confirmation"]


def limit(history: History) -> date | None:
    found = history.case.deadline(LAW)
    return found.last_day if found else None


def test_the_channels_are_those_of_the_law() -> None:
    assert ARRIVAL == ["in_person", "registered_post", "online"]
    assert CONFIRMED == ["ordinary_post", "email", "fax", "other"]
    assert [key for key in RULES if key not in ARRIVAL + CONFIRMED] == ["other_office"]


# ── the day of receipt ──────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("channel", CONFIRMED)
@pytest.mark.parametrize(
    ("arrived", "confirmed", "received"),
    [
        (MONDAY, MONDAY, MONDAY),
        (MONDAY, MONDAY + DAY, MONDAY),  # a day late by ourselves
        (date(2026, 3, 7), date(2026, 3, 7), date(2026, 3, 7)),  # a Saturday, answered at once
        (date(2026, 3, 7), date(2026, 3, 9), date(2026, 3, 9)),  # the working day after
        (date(2026, 3, 7), date(2026, 3, 10), date(2026, 3, 9)),
    ],
)
def test_what_we_delay_does_not_move_the_day_of_receipt(
    channel: str, arrived: date, confirmed: date, received: date
) -> None:
    history = History(arrived, channel)
    history.today = confirmed
    proposed = ConfirmReceipt.proposal(history.case, history.now())
    assert proposed == {"received_on": received}
    if confirmed != received:
        with pytest.raises(ActRefused, match=f"收到申请之日仍为{received}，不因本机关迟延"):
            history.usual("received", received_on=confirmed, delay="人手不足")
    history.usual("received", delay="人手不足", **proposed)
    assert history.case.received_on == received


@pytest.mark.parametrize("channel", ARRIVAL)
def test_where_arrival_is_receipt_nothing_moves_it(channel: str) -> None:
    history = History(MONDAY, channel).usual("contact_tried")
    history.today = MONDAY + 8 * DAY
    with pytest.raises(ActRefused, match="到件之日（2026-03-02）即为收到申请之日"):
        history.usual("received", delay="内外网隔离")
    history.usual("received", **ConfirmReceipt.proposal(history.case, history.now()))
    assert limit(history) == date(2026, 3, 30)


@pytest.mark.parametrize(
    ("choice", "key"), [("website_receipt", "online"), ("email_receipt", "email")]
)
@pytest.mark.parametrize(
    ("option", "received"), [("arrival", MONDAY), ("confirmation", MONDAY + 3 * DAY)]
)
def test_the_rule_for_website_and_mail_is_a_choice(
    choice: str, key: str, option: str, received: date
) -> None:
    history = History(MONDAY, key)
    history.law = LAW.under(**{choice: option})
    history.usual("contact_tried")
    history.today = MONDAY + 3 * DAY
    proposed = ConfirmReceipt.proposal(history.case, history.now())
    assert history.usual("received", **proposed).case.received_on == received


@pytest.mark.parametrize(
    ("tried", "received"),
    [
        ((), MONDAY),
        (((0, "no"),), MONDAY + 9 * DAY),
        (((1, "no"),), MONDAY + 9 * DAY),  # the working day after is in time
        (((2, "no"),), MONDAY),
        (((0, "yes"),), MONDAY),  # reached, and left lying
        (((0, "no"), (2, "yes")), MONDAY + 2 * DAY),
        (((0, "no"), (2, "no"), (4, "yes"), (5, "yes")), MONDAY + 4 * DAY),
    ],
)
def test_only_who_could_not_be_reached_in_time_applies_later(
    tried: tuple[tuple[int, str], ...], received: date
) -> None:
    history = History(MONDAY, "ordinary_post")
    for days, reached in tried:
        history.today = MONDAY + days * DAY
        history.usual("contact_tried", reached=reached)
    history.today = MONDAY + 9 * DAY
    proposed = ConfirmReceipt.proposal(history.case, history.now())
    assert proposed == {"received_on": received}
    history.usual("received", delay="人手不足", **proposed)


def test_the_notice_of_a_correction_is_due_from_the_legal_day() -> None:
    history = History(MONDAY, "email")
    history.today = MONDAY + 4 * DAY
    history.usual("received", received_on=MONDAY, delay="未及时查看邮箱")
    (notice,) = (one for one in duties(history.case, LAW) if one.kind == "correction_notice")
    assert notice.due == date(2026, 3, 11)


def test_one_confirmed_on_a_holiday_is_received_that_day() -> None:
    history = History(date(2026, 10, 3), "online").usual("received")
    assert (history.case.received_on, limit(history)) == (date(2026, 10, 3), date(2026, 11, 3))


def test_one_sent_to_the_wrong_office_is_received_when_ours_has_it_and_confirms() -> None:
    history = History(MONDAY, "other_office")
    history.today = date(2026, 3, 5)
    history.usual("contact_tried", tried_on=date(2026, 3, 5)).usual("received")
    assert history.case.received_on == date(2026, 3, 5)


def test_one_whom_nobody_can_reach_waits_until_contact_is_restored() -> None:
    history = History(MONDAY, "ordinary_post")
    for day in (MONDAY, date(2026, 3, 4), date(2026, 3, 9)):
        history.today = day
        history.usual("contact_tried")
    assert history.case.deadline(LAW) is None
    history.today = date(2026, 4, 20)
    history.usual("received")
    assert limit(history) == date(2026, 5, 20)


@pytest.mark.parametrize(("days", "asked"), [(0, False), (1, False), (2, True)])
def test_a_confirmation_that_we_delayed_needs_its_reason(days: int, asked: bool) -> None:
    history = History(MONDAY, "email")
    history.today = MONDAY + days * DAY
    answer = history.answer("received") | {"received_on": MONDAY}
    assert bool(history.refusals("received", **answer)) == asked
    assert history.refusals("received", **(answer | {"delay": "邮箱故障"})) == []


def test_a_delay_is_no_matter_once_contact_was_tried() -> None:
    history = History(MONDAY, "email").usual("contact_tried")
    history.today = MONDAY + 9 * DAY
    assert history.refusals("received", **history.answer("received")) == []


@pytest.mark.parametrize("name", ["how", "result"])
def test_contact_is_noted_with_how_and_what_came_of_it(name: str) -> None:
    with pytest.raises(ActRefused):
        History(MONDAY, "email").usual("contact_tried", **{name: " "})


def test_contact_before_arrival_or_tomorrow_is_refused() -> None:
    for day in (MONDAY - DAY, MONDAY + DAY):
        with pytest.raises(ActRefused, match=r"早于到件日期|晚于今天"):
            History(MONDAY, "email").usual("contact_tried", tried_on=day)


# ── the alarm ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("today", "working_days"),
    [
        (date(2026, 3, 6), None),  # the day it arrived
        (date(2026, 3, 8), None),  # the Sunday after
        (date(2026, 3, 9), 1),
        (date(2026, 3, 13), 5),
    ],
)
def test_an_unconfirmed_receipt_is_an_alarm_from_the_first_working_day_after(
    today: date, working_days: int | None
) -> None:
    friday = date(2026, 3, 6)
    history = History(friday, "email")
    history.case.officer = DRAFTER
    found = unconfirmed(history.case, today, LAW)
    if working_days is None:
        assert found is None
        return
    assert found == Unconfirmed("SQ202600001", DRAFTER, "电子邮件", friday, working_days, 0, friday)
    assert f"{working_days}个工作日后仍未确认收到，尚无联系申请人的记录" in found.sentence


def test_the_alarm_says_how_often_contact_was_tried() -> None:
    history = History(MONDAY, "email").usual("contact_tried").usual("contact_tried")
    found = unconfirmed(history.case, MONDAY + DAY, LAW)
    assert found is not None
    assert "已联系2次" in found.sentence
    assert "仍为" not in found.sentence


@pytest.mark.parametrize("kind", ["received", "entry_struck"])
def test_there_is_no_alarm_once_it_is_settled(kind: str) -> None:
    history = History(MONDAY, "email").usual(kind)
    assert unconfirmed(history.case, MONDAY + 30 * DAY, LAW) is None


def test_an_entry_is_struck_with_a_reason_and_never_after_receipt() -> None:
    history = History(MONDAY, "email")
    with pytest.raises(ActRefused, match="请写明注销的原因"):
        history.usual("entry_struck", reason=" ")
    history.usual("received")
    with pytest.raises(ActRefused, match="条例第三十一条"):
        history.usual("entry_struck")


@pytest.mark.parametrize(
    ("channel", "option", "struck"),
    [
        ("ordinary_post", "struck", True),
        ("ordinary_post", "counted", False),
        ("in_person", "struck", False),
        ("online", "struck", False),
    ],
)
def test_what_is_taken_back_before_receipt_was_never_received_unless_arrival_is(
    channel: str, option: str, struck: bool
) -> None:
    history = History(MONDAY, channel)
    history.law = LAW.under(withdrawn_before_receipt=option)
    answer = history.answer("entry_struck") | {"ground": "withdrawn"}
    found = history.refusals("entry_struck", **answer)
    assert (found == []) == struck
    assert struck or "再按“申请人撤回”办理（条例第三十一条）" in found[0]
    assert history.refusals("entry_struck", **history.answer("entry_struck")) == []


# ── in the office ───────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with empty_register(tmp_path, monkeypatch):
        yield monkeypatch


def receive(channel: str, arrived_on: date) -> str:
    return intake.receive(
        channel=channel,
        kind="自然人",
        applicant="周晓岚",
        request="某文件",
        arrived_on=arrived_on,
        officer=DRAFTER,
    ).number


def test_the_sweep_names_receipts_unconfirmed_fees_unpaid_and_reasons_not_given(
    today: pytest.MonkeyPatch,
) -> None:
    def done(number: str, kind: str, **answer: object) -> None:
        with office.reading() as session:
            position = register.case(session, number).position
        assert recording.perform(number, position, kind, answer, DRAFTER).reasons == ()

    waiting, charged, asked = (receive(c, MONDAY) for c in ("电子邮件", "当面", "当面"))
    for number in (charged, asked):
        done(number, "received", received_on="2026-03-02")
        done(number, "found_ours")
    fee = {
        "excess": "过多",
        "standard": "by_piece",
        "before": 10,
        "before_reason": "另有十件",
        "payment": "银行",
    }
    done(charged, "fee_noticed", noticed_on="2026-03-02", delivered_on="2026-03-02", **fee)
    given = {"asked_on": "2026-03-02", "delivered_on": "2026-03-02", "days": 7}
    done(asked, "reasons_asked", counts="过多", **given)
    early, late = sweep.sweep(date(2026, 3, 3)), sweep.sweep(date(2026, 3, 31))
    assert [line[:11] for line in early] == [waiting]
    assert any(
        line.startswith(charged) and "缴费期限已于2026年3月30日届满" in line for line in late
    )
    assert any(
        line.startswith(asked) and "2026年3月11日届满，申请人未说明" in line for line in late
    )


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_the_day_changes_at_midnight_in_shanghai(
    moment: datetime, day: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return moment.astimezone(tz)  # type: ignore[arg-type]

    monkeypatch.delenv("DISCLOSURE_TODAY", raising=False)
    monkeypatch.setattr(office, "datetime", Clock)
    assert office.today() == day


def test_one_confirmed_late_on_31_december_is_of_that_year(today: pytest.MonkeyPatch) -> None:
    today.setenv("DISCLOSURE_TODAY", "2026-12-31")
    number = receive("网上", date(2026, 12, 31))
    assert (
        recording.perform(number, 1, "received", {"received_on": "2026-12-31"}, DRAFTER).reasons
        == ()
    )
    with office.reading() as session:
        case = register.case(session, number)
    assert (case.received_on, case.stage) == (date(2026, 12, 31), Stage.JURISDICTION)


def test_the_form_shows_the_latest_attempts_and_says_how_many_there_were_before() -> None:
    history = History(MONDAY, "email")
    for place in range(7):
        history.usual("contact_tried", result=f"第{place}次无人接听")
    shown = brief(history.case, history.now())
    assert [place for place in range(7) if f"第{place}次" in shown] == [2, 3, 4, 5, 6]
    assert "**与申请人联系的情况**　此前另有2次，见办理卷宗" in shown
