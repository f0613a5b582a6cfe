"""What an office or the law may decide otherwise stands in config, and is read in one place."""

from __future__ import annotations

from datetime import date

import pytest
from histories import AGENCY, DRAFTER, LAW, standing

from flows.shown import lists
from letters.letter.charges import fee_notice, fee_unpaid
from letters.letter.phrases import length
from models.acts.intake.receipt import RequestCorrection
from models.acts.procedure.excess import AskReasons
from models.acts.procedure.fee_owed import fee_due
from models.case.act import Act, Circumstances
from models.case.case import FeeNotice
from models.case.stage import Stage
from models.case.time_given import undelivered
from models.law.deadline import ClockEvent, deadline
from models.law.fees import payment_term
from models.law.statute import Statute
from models.store.tables import Application


def march(day: int) -> date:
    return date(2026, 3, day)


def with_figure(key: str, days: int, since: date) -> Statute:
    """The law with another figure from a day on."""
    row = LAW.figure(key, since).model_copy(update={"days": days, "in_force": since})
    return LAW.model_copy(update={"figures": (*LAW.figures, row)})


# ── the time to pay ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("noticed", "days", "last"),
    [
        (march(9), 20, date(2026, 4, 10)),  # the day before: the time of the old rule, all of it
        (march(10), 10, march(26)),
        (march(11), 10, march(26)),
    ],
)
def test_the_time_to_pay_is_that_of_the_day_of_the_notice_wherever_it_is_asked(
    noticed: date, days: int, last: date
) -> None:
    """Another period from 10 March; each notice is received on the 12th (收费办法 6)."""
    row = LAW.period("fee_payment", march(10))
    other = row.model_copy(update={"days": 10, "in_force": march(10)})
    law = LAW.model_copy(update={"periods": (*LAW.periods, other)})
    had = march(12)
    notice = FeeNotice(noticed, "by_piece", 10, 1, "当月第十一件", "扫码", delivered_on=had)
    case = standing(Stage.FEE).case
    case.fee = notice

    term = payment_term(noticed, law)
    assert term is not None
    assert term.days == days
    due = fee_due(notice, law)
    assert due is not None
    assert due.day == last
    events = [
        ClockEvent("received", march(2)),
        ClockEvent("fee_noticed", noticed, delivered_on=had),
    ]
    assert deadline(events, law).steps[-1].end == last
    assert fee_notice(case, law, AGENCY, noticed)["fee_period"] == length(term)
    stated = {"noticed_on": str(had)}
    assert fee_unpaid(case, stated, law) == {"fee_period": length(term), "fee_due": last}


def test_before_the_rules_of_the_fee_there_is_no_time_to_pay() -> None:
    since = LAW.since("fee_payment")
    assert payment_term(since - (march(2) - march(1)), LAW) is None
    assert payment_term(since, LAW) is not None


# ── what a form proposes ────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("act", "key"), [(RequestCorrection, "correction_time"), (AskReasons, "reasons_time")]
)
def test_the_time_that_a_form_proposes_is_the_office_s(act: type[Act], key: str) -> None:
    law, case = with_figure(key, 9, march(10)), standing(Stage.DRAFTING).case
    usual = LAW.figure(key, march(9)).days
    for day, days in ((march(9), usual), (march(10), 9), (march(11), 9)):
        now = Circumstances(day, DRAFTER, law, AGENCY)
        assert act.proposal(case, now)["days"] == days


# ── what is listed ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("on", "law", "listed"),
    [
        (march(6), LAW, False),  # four working days after Monday the 2nd
        (march(9), LAW, True),
        (march(10), LAW, True),
        (march(10), with_figure("undelivered", 7, march(1)), False),
        (march(11), with_figure("undelivered", 7, march(1)), True),
    ],
)
def test_a_notice_without_proof_of_delivery_is_listed_after_the_office_s_days(
    on: date, law: Statute, listed: bool
) -> None:
    found = undelivered("补正告知书", "补正期限", "30", march(2), on, law)
    assert (found is not None) is listed


@pytest.mark.parametrize(
    ("soon", "last", "belongs"),
    [
        (5, march(9), True),  # the fifth working day from Monday the 2nd
        (5, march(10), False),
        (3, march(5), True),
        (3, march(6), False),
        (3, march(1), False),  # over
    ],
)
def test_soon_is_the_same_on_the_desk_and_on_the_list_of_supervision(
    soon: int, last: date, belongs: bool
) -> None:
    law = LAW.model_copy(update={"soon": soon})
    now = Circumstances(march(2), DRAFTER, law, AGENCY)
    row = Application(number="甲", stage=str(Stage.DRAFTING), last_day=last)
    assert lists.soon_due(row, now) is belongs
    if last >= now.today:
        assert (last <= law.calendar.reach(now.today, soon).day) is belongs
