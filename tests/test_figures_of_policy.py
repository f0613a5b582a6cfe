"""What an office or the law may decide otherwise stands in config, and is read in one place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from histories import AGENCY, DRAFTER, LAW, standing
from sqlmodel import Session, SQLModel, create_engine

from flows.shown import lists
from flows.shown.hints import hints
from letters.letter.charges import fee_notice, fee_unpaid
from letters.letter.phrases import length
from models.acts.intake.receipt import RequestCorrection, channels
from models.acts.procedure.excess import AskReasons
from models.acts.procedure.fee_owed import fee_due
from models.case.act import Act, Circumstances
from models.case.matters import FeeNotice, OtherApplication
from models.case.stage import Stage
from models.case.time_given import undelivered
from models.law.dated_rows import Book, DatedRows
from models.law.deadline import ClockEvent, deadline
from models.law.fees import payment_term
from models.law.statute import Statute
from models.neighbours.published_already import published_alike
from models.store.tables import Application, ProactiveFigure
from models.words.alike import contained, likeness


def march(day: int) -> date:
    return date(2026, 3, day)


def with_figure(key: str, days: int, since: date) -> Statute:
    """The law with another figure from a day on."""
    row = LAW.figure(key, since).model_copy(update={"days": days, "in_force": since})
    return replace(LAW, figures=DatedRows((*LAW.figures, row)))


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
    law = replace(LAW, periods=DatedRows((*LAW.periods, other)))
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


# ── what an officer is asked to look at ─────────────────────────────────────────────────────────
def percent(key: str, enough: int) -> Statute:
    """The law with another likeness from which on an officer is asked."""
    row = LAW.figure(key, march(1)).model_copy(update={"percent": enough})
    return replace(LAW, figures=DatedRows((*(o for o in LAW.figures if o.key != key), row)))


@pytest.mark.parametrize(("more", "asked"), [(-1, True), (0, True), (1, False)])
def test_who_asks_alike_is_shown_from_the_office_s_likeness_on(more: int, *, asked: bool) -> None:
    mine, other = "某重点项目的评审意见", "某重点项目专家评审的意见书"
    case = standing(Stage.DRAFTING).case
    case.request = mine
    another = OtherApplication("他案", Stage.DRAFTING, march(2), None, other)
    law = percent("alike", likeness(mine, other).percent + more)
    now = replace(Circumstances(march(9), DRAFTER, law, AGENCY), others=(another,))
    assert any("内容相近的其他申请" in hint for hint in hints(case, now, ())) is asked


@pytest.mark.parametrize("key", ["alike", "named"])
@pytest.mark.parametrize(("more", "asked"), [(-1, True), (0, True), (1, False)])
def test_what_is_published_is_shown_from_the_office_s_likeness_on(
    key: str, more: int, *, asked: bool
) -> None:
    title, request = "上海市专利资助管理办法", "上海市专利资助的办法"
    measured = likeness(request, title).percent if key == "alike" else contained(title, request)
    law = percent("named" if key == "alike" else "alike", 100)
    row = LAW.figure(key, march(1)).model_copy(update={"percent": measured + more})
    law = replace(law, figures=DatedRows((*(o for o in law.figures if o.key != key), row)))
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(
            ProactiveFigure(
                on=march(2),
                item="规章",
                measure="made",
                amount=1,
                note=title,
                recorded_on=march(2),
                recorded_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
            )
        )
        session.commit()
        now = Circumstances(march(9), DRAFTER, law, AGENCY)
        assert bool(published_alike(session, request, now)) is asked


# ── by what channel ─────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("today", "years", "offered"),
    [
        (date(2026, 3, 2), 1, True),  # 366 days after the last day
        (date(2026, 3, 3), 1, False),
        (date(2027, 3, 3), 2, True),
        (date(2027, 3, 4), 2, False),
    ],
)
def test_a_closed_channel_is_offered_for_the_office_s_years(
    today: date, years: int, *, offered: bool
) -> None:
    last = date(2025, 3, 1)
    rows = [
        row.model_copy(update={"until": last}) if row.named == "email" else row
        for row in LAW.channels.rows
    ]
    row = LAW.figure("closed_channel", today).model_copy(update={"years": years})
    kept = (one for one in LAW.figures if one.key != row.key)
    law = replace(LAW, channels=Book(rows), figures=DatedRows((*kept, row)))
    assert ("email" in channels(Circumstances(today, DRAFTER, law, AGENCY))) is offered


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
    law = replace(LAW, soon=soon)
    now = Circumstances(march(2), DRAFTER, law, AGENCY)
    row = Application(number="甲", stage=str(Stage.DRAFTING), last_day=last)
    assert lists.soon_due(row, now) is belongs
    if last >= now.today:
        assert (last <= law.calendar.reach(now.today, soon).day) is belongs
