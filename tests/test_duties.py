"""What is owed or waited for, by when, and on which days is it told? Facts: config/alerts.toml."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice, takewhile

import pytest
from histories import CONFIG, LAW, RECEIVED, History
from hypothesis import given
from hypothesis import strategies as st

from models.alerts.due_alerts import owed
from models.duties.alert_days import first_after, look_on, thresholds
from models.duties.duties import Duty, Waiting, duties, limit, waiting
from models.duties.limits import Limit
from models.law.workdays import Calendar

DAY = timedelta(days=1)
SOURCES = "".join(
    path.read_text(encoding="utf-8") for path in (CONFIG.parent / "models").rglob("*.py")
)
MONDAY = date(2026, 3, 2)


def on(month: int, day: int) -> date:
    return date(2026, month, day)


def confirmed() -> History:
    return History().usual("received")


def told(duty: Duty, most: int = 8) -> list[tuple[int, date]]:
    return [tuple(one) for one in islice(thresholds(duty, LAW), most)]


def test_the_reply_is_told_before_on_and_after_its_last_day() -> None:
    case = confirmed().case
    assert duties(case, LAW) == (
        Duty("correction_notice", on(3, 11)),
        Duty("reply", on(3, 30)),
    )
    assert told(Duty("reply", on(3, 30))) == [
        (10, on(3, 16)),
        (5, on(3, 23)),
        (3, on(3, 25)),
        (1, on(3, 27)),
        (0, on(3, 30)),
        (-1, on(3, 31)),
        (-2, on(4, 1)),
        (-3, on(4, 2)),
    ]


def test_alerts_step_over_a_festival() -> None:
    assert told(Duty("reply", on(10, 8)), 6) == [
        (10, on(9, 17)),  # 20 September is worked, 25 to 27 are 中秋
        (5, on(9, 23)),
        (3, on(9, 28)),
        (1, on(9, 30)),
        (0, on(10, 8)),
        (-1, on(10, 9)),
    ]


@pytest.mark.parametrize(
    ("step", "expected", "wait"),
    [
        ("registered", [Duty("receipt", RECEIVED)], Waiting()),
        (
            "correction_requested",
            [Duty("correction_delivery", RECEIVED)],
            Waiting("补正", None),
        ),
        (
            ("correction_requested", "correction_delivered"),
            [Duty("correction", on(3, 16))],
            Waiting("补正", on(3, 16)),
        ),
        (
            "consultation_started",
            [
                Duty("opinion_delivery", RECEIVED, ref="1", whom="第三方“某某科技有限公司”"),
                Duty("opinion", on(3, 23), ref="1", whom="第三方“某某科技有限公司”"),
                Duty("reply", on(4, 21)),
            ],
            Waiting("意见", on(3, 23)),
        ),
        ("fee_noticed", [Duty("fee_delivery", RECEIVED)], Waiting("缴费", None)),
        (
            "reasons_asked",
            [
                Duty("reasons_delivery", RECEIVED),
                Duty("correction_notice", on(3, 11)),
                Duty("reply", on(3, 30)),
            ],
            Waiting("说明理由", None),
        ),
        (
            ("reasons_asked", "reasons_notice_delivered"),
            [
                Duty("reasons", on(3, 11)),
                Duty("correction_notice", on(3, 11)),
                Duty("reply", on(3, 30)),
            ],
            Waiting("说明理由", on(3, 11)),
        ),
    ],
)
def test_what_each_step_leaves_owed(
    step: str | tuple[str, ...], expected: list[Duty], wait: Waiting
) -> None:
    history = History() if step == "registered" else confirmed()
    if step == "fee_noticed":
        history.usual("found_ours")
    for each in () if step == "registered" else (step,) if isinstance(step, str) else step:
        history.usual(each)
    found = duties(history.case, LAW)
    assert set(found) - {Duty("correction_notice", on(3, 11))} == set(expected) - {
        Duty("correction_notice", on(3, 11))
    }
    assert waiting(history.case, LAW) == wait


def test_a_closed_case_owes_nothing_and_keeps_its_limit() -> None:
    history = confirmed().usual("found_ours").draft("granted")
    for step in ("approved", "signed", "replied"):
        history.usual(step, officer="王主任")
    assert history.case.closed_on is not None
    assert duties(history.case, LAW) == ()
    assert limit(history.case, LAW) == Limit(on(3, 30), provisional=False)
    assert look_on((), None, LAW) is None


def test_a_day_without_rules_is_told_not_raised() -> None:
    history = confirmed()
    history.case.clock[0] = type(history.case.clock[0])("received", date(2019, 5, 1))
    history.case.received_on = date(2019, 5, 1)
    (duty,) = duties(history.case, LAW)
    assert (duty.kind, duty.due) == ("unknown", date(2019, 5, 1))
    assert "没有生效的规定" in duty.whom
    assert limit(history.case, LAW) == Limit()


def test_a_correction_is_asked_for_once_and_its_notice_owed_no_more() -> None:
    history = confirmed()
    assert "correction_notice" in {one.kind for one in duties(history.case, LAW)}
    history.usual("correction_requested").usual("corrected")
    assert {one.kind for one in duties(history.case, LAW)} == {"reply"}


def test_what_is_waited_for_beyond_the_calendar_is_left_open_not_raised() -> None:
    history = confirmed().usual("correction_requested", delivered_on=RECEIVED)
    assert history.case.correction is not None
    history.case.correction.delivered_on = date(2090, 1, 2)
    assert waiting(history.case, LAW) == Waiting()
    (duty,) = duties(history.case, LAW)
    assert (duty.kind, duty.due) == ("unknown", RECEIVED)


def test_look_on_is_the_first_day_with_anything_to_tell() -> None:
    owed = (Duty("correction_notice", on(3, 11)), Duty("reply", on(3, 30)))
    assert look_on(owed, None, LAW) == on(3, 9)
    assert look_on(owed, on(3, 9), LAW) == on(3, 11)
    assert look_on(owed, on(3, 11), LAW) == on(3, 16)
    assert look_on(owed, on(3, 30), LAW) == on(3, 31)


def test_every_kind_of_duty_has_its_alerts_and_no_row_is_left_over() -> None:
    owed_in_cases = {"receipt", "correction_notice", "correction", "fee", "fee_delivery", "reasons"}
    owed_in_cases |= {
        "correction_delivery",
        "reasons_delivery",
        "supply",
        "opinion",
        "opinion_delivery",
        "reply",
        "unknown",
    }
    beside = {"redecision", "publication", "service", "notice", "festivals"}
    assert set(LAW.alerts) == owed_in_cases | beside | {"moved"}
    written = set(re.findall(r'Duty\(\s*"(\w+)"', SOURCES))
    assert written == set(LAW.alerts)


SPAN = st.dates(date(2025, 11, 1), date(2026, 12, 20))


@given(due=SPAN, n=st.integers(0, 12))
def test_before_leaves_n_working_days(due: date, n: int) -> None:
    day = LAW.calendar.before(due, n)
    assert LAW.calendar.is_workday(day)
    assert LAW.calendar.between(day, due) == n
    later = list(takewhile(lambda one: one <= due, (day + DAY * k for k in range(1, 30))))
    assert all(LAW.calendar.between(one, due) < n for one in later if LAW.calendar.is_workday(one))


@given(due=SPAN, n=st.integers(0, 12))
def test_before_a_notice_no_alert_comes_later_than_after_it(due: date, n: int) -> None:
    unknown = Calendar.load(CONFIG / "workdays", hide=[2026])
    assert unknown.before(due, n) <= LAW.calendar.before(due, n)


@given(due=SPAN, first=SPAN, kind=st.sampled_from(sorted(LAW.alerts)))
def test_those_from_a_day_on_are_the_same_without_those_before(
    due: date, first: date, kind: str
) -> None:
    duty = Duty(kind, due)
    every = list(thresholds(duty, LAW)) if not LAW.alerts[kind].every else None
    some = every or list(islice(thresholds(duty, LAW), 200))
    found = list(islice(thresholds(duty, LAW, first), 200))
    expected = [one for one in some if one.day >= first]
    assert found[: len(expected)] == expected
    assert every is None or found == expected


@given(due=SPAN, after=SPAN)
def test_the_first_after_a_day_is_the_first_of_all_that_follow(due: date, after: date) -> None:
    duty = Duty("reply", due)
    upto = takewhile(lambda one: one.day <= date(2026, 12, 25), thresholds(duty, LAW))
    days = [one.day for one in upto]
    assert days == sorted(days)
    assert first_after(duty, None, LAW) == days[0]
    if later := [day for day in days if day > after]:
        assert first_after(duty, after, LAW) == later[0]


@pytest.mark.parametrize(
    ("since", "told"),
    [
        (on(3, 16), [(10, on(3, 16)), (5, on(3, 23)), (3, on(3, 25))]),
        (on(3, 24), [(5, on(3, 24)), (3, on(3, 25))]),  # came to be between two of its days
        (on(3, 25), [(3, on(3, 25))]),
        (on(3, 26), [(3, on(3, 26))]),
    ],
)
def test_of_the_days_before_a_limit_came_to_be_the_last_is_told(
    since: date, told: list[tuple[int, date]]
) -> None:
    duty = Duty("reply", on(3, 30))
    assert [tuple(one) for one in owed(duty, since, on(3, 26), LAW)] == told


@pytest.mark.parametrize(
    ("since", "told"),
    [
        (on(2, 12), [(3, on(2, 12)), (1, on(2, 13)), (0, on(2, 13))]),
        (on(2, 13), [(1, on(2, 13)), (0, on(2, 13))]),  # both are due the day it came to be
        (on(2, 14), [(0, on(2, 14))]),
    ],
)
def test_two_days_that_the_unknown_notice_may_make_one_are_both_told(
    since: date, told: list[tuple[int, date]]
) -> None:
    """A limit within the Spring Festival of a year whose notice is not out."""
    unknown = Calendar.load(CONFIG / "workdays", hide=[2026])
    law = replace(LAW, calendar=unknown)
    found = owed(Duty("reply", on(2, 17)), since, on(2, 14), law)
    assert [tuple(one) for one in found] == told
