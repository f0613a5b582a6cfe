"""A date or a name recorded wrongly is put right, and what counted before is still known (Art. 45)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from databases import empty_register
from histories import AGENCY, ANSWERS, HEAD, LAW, History, standing
from officers import STAFFED
from published_reports import FORMS
from test_annual_report import NOT_OURS, PUBLIC, Day, close, perform, receive
from whole_years import fill

from flows import office
from flows.counter import erratum
from flows.path import recording
from flows.shown.dossier import dossier
from flows.year import annual_report, closing_year
from models.acts import catalogue
from models.acts.afterwards.erratum import entries, wrong_entries
from models.case.case import Case
from models.case.stage import Stage
from models.errors import ActRefused
from models.register import register
from models.report_tables.form import form_for
from models.year import year_end

MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)
REASON = "核对信封邮戳和登记原件"


def put_right(
    history: History, title: str, value: str, step: int = 0, reason: str = REASON
) -> History:
    wrong = wrong_entries(history.case, title, step, LAW)
    return history.act("erratum", HEAD, entries=wrong, value=value, reason=reason)


def last_day(history: History) -> date | None:
    limit = history.case.deadline(LAW)
    return limit.last_day if limit else None


def by_another_office() -> History:
    """At another office of ours on Monday, handed on and confirmed on Tuesday."""
    history = History(MONDAY, "other_office")
    history.today = MONDAY + DAY
    return history.usual("received")


# ── what it does ────────────────────────────────────────────────────────────────────────────────
def test_the_limit_counts_from_the_day_that_is_right() -> None:
    history = by_another_office()
    assert last_day(history) == date(2026, 3, 31)
    put_right(history, "收到申请之日", "2026-03-02")
    assert last_day(history) == date(2026, 3, 30)
    assert history.case.received_on == MONDAY
    assert history.case.position == 3
    assert history.case.stage is Stage.JURISDICTION


def test_where_arrival_is_receipt_both_are_put_right_by_either() -> None:
    for title in ("到件日期", "收到申请之日"):
        history = History(MONDAY).usual("received")
        put_right(history, title, "2026-02-27")
        assert history.case.arrived_on == history.case.received_on == date(2026, 2, 27)


def test_what_happened_since_still_stands() -> None:
    history = standing(Stage.DISPATCH)
    letters, signed_on = list(history.case.letters), history.case.signed_on
    put_right(history, "申请人姓名或名称", "张珊")
    assert history.case.applicant == "张珊"
    assert (history.case.letters, history.case.signed_on) == (letters, signed_on)
    assert history.case.stage is Stage.DISPATCH
    history.usual("replied")
    assert history.case.stage is Stage.CLOSED


def test_a_letter_issued_after_it_stays_when_something_else_is_put_right() -> None:
    history = put_right(by_another_office(), "申请人姓名或名称", "张珊")
    history.usual("found_ours").draft("granted").approved().usual("signed")
    issued = [one.number for one in history.case.letters]
    put_right(history, "申请内容", "2025年度专利资助明细")
    assert [one.number for one in history.case.letters] == issued
    assert (history.case.applicant, history.case.request) == ("张珊", "2025年度专利资助明细")


def test_put_right_twice_the_last_one_counts() -> None:
    history = by_another_office()
    put_right(history, "申请人姓名或名称", "张珊")
    put_right(history, "申请人姓名或名称", "张姗")
    put_right(history, "收到申请之日", "2026-03-02")
    assert (history.case.applicant, history.case.received_on) == ("张姗", MONDAY)
    assert catalogue.replay(history.case.number, history.events) == history.case


def test_of_several_steps_of_a_kind_the_one_meant_is_put_right() -> None:
    history = History(MONDAY, "email")
    history.today += 3 * DAY
    history.usual("contact_tried", tried_on=MONDAY).usual("contact_tried")
    with pytest.raises(ActRefused, match=r"“联系日期”不止一处，请填写步骤序号.*第2步.*第3步"):
        put_right(history, "联系日期", "2026-03-03")
    put_right(history, "联系日期", "2026-03-03", step=2)
    assert [str(one.on) for one in history.case.contacts] == ["2026-03-03", "2026-03-05"]


# ── what it does not ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("title", "value", "why"),
    [
        ("收到申请之日", "三月二日", "“收到申请之日”应为日期，如 2026-03-02"),
        ("收到申请之日", "20260302", "“收到申请之日”应为日期，如 2026-03-02"),
        ("收到申请之日", "2026-02-30", "“收到申请之日”应为日期，如 2026-03-02"),
        ("收到申请之日", "2026-03-03", "登记簿所载就是“2026年3月3日”，没有可以勘误的"),
        ("收到申请之日", "2026-02-27", "第2步“确认收到申请”就不能成立：.*早于到件日期"),
        ("收到申请之日", "2026-03-04", "第2步“确认收到申请”就不能成立：.*晚于今天"),
        ("申请人类别", "外星人", "第1步“登记申请”就不能成立：“申请人类别”应从所列选项中选择"),
        ("申请人姓名或名称", " ", "第1步“登记申请”就不能成立：请填写申请人姓名或名称"),
        ("申请人姓名或名称", "张" * 201, "“申请人姓名或名称”不能这样填写"),
        ("申请人姓名或名称", "张\x00", "不可见的控制字符"),
        ("缴费日期", "2026-03-02", "“缴费日期”没有登记过。可以勘误的：第1步“到件日期”"),
    ],
)
def test_what_cannot_be_right_is_refused_and_changes_nothing(
    title: str, value: str, why: str
) -> None:
    history = by_another_office()
    before = history.case.position, history.case.applicant, history.case.received_on
    with pytest.raises(ActRefused, match=why):
        put_right(history, title, value)
    assert before == (history.case.position, history.case.applicant, history.case.received_on)


def test_a_step_that_was_possible_stays_possible() -> None:
    history = by_another_office().usual("found_ours").draft("granted").approved()
    history.usual("signed").usual("replied")
    history.today += 9 * DAY
    with pytest.raises(ActRefused, match=r"第7步“发出告知书”就不能成立：.*早于"):
        put_right(history, "发出日期", "2026-03-02")
    assert history.case.closed_on == MONDAY + DAY


def test_the_date_of_a_letter_is_not_put_right_but_the_letter_voided() -> None:
    history = standing(Stage.DISPATCH)
    with pytest.raises(
        ActRefused, match="是文书的落款日期，不能勘误；文书有误的，应当作废后重新制作"
    ):
        put_right(history, "签发日期", str(history.today - DAY))


def test_it_needs_a_reason_and_the_head_of_the_office() -> None:
    with pytest.raises(ActRefused, match="请填写勘误的理由"):
        put_right(by_another_office(), "收到申请之日", "2026-03-02", reason=" ")
    history = by_another_office()
    history.agency = STAFFED
    handler = next(one.name for one in STAFFED.officers if "head" not in one.roles)
    wrong = wrong_entries(history.case, "收到申请之日", 0, LAW)
    answer = {"entries": wrong, "value": "2026-03-02", "reason": REASON}
    [reason] = history.refusals("erratum", handler, **answer)
    assert "公开机构负责人" in reason


def test_only_days_and_who_applied_for_what_are_entries() -> None:
    history = by_another_office().usual("found_ours").draft("granted")
    assert [(one.place, one.name) for one in entries(history.case)] == [
        (0, "arrived_on"),
        (0, "applicant_kind"),
        (0, "applicant"),
        (0, "request"),
        (0, "form_wanted"),
        (0, "co_applicants"),
        (0, "written_by"),
        (0, "agent"),
        (0, "authority"),
        (1, "received_on"),
    ]


def test_every_title_an_officer_may_pick_is_of_an_entry_and_the_other_way_round() -> None:
    assert {"到件日期", "收到申请之日", "申请人类别", "发出日期"} <= erratum.TITLES.keys()
    assert AGENCY.officers == ()
    assert all(one.title in erratum.TITLES for one in entries(standing(Stage.DISPATCH).case))


def test_no_erratum_takes_away_an_applicant_who_left() -> None:
    history = History()
    history.case = Case(history.case.number)
    history.events.clear()
    history.usual("registered", co_applicants="李四").usual("received").usual("applicant_left")
    answer = {"entries": ("0.co_applicants",), "value": "王五", "reason": REASON}
    assert any(
        "“李四”不是可以退出的共同申请人" in one for one in history.refusals("erratum", **answer)
    )
    assert history.refusals("erratum", **(answer | {"value": "李四\n王五"})) == []


# ── in the register ─────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    """An empty register, and the day it is: `on("2023-03-02")`."""
    with empty_register(tmp_path, monkeypatch):
        yield lambda day: monkeypatch.setenv("DISCLOSURE_TODAY", day)


def corrected(number: str, title: str, value: str, step: int = 0) -> recording.Recorded:
    with office.reading() as session:
        case = register.case(session, number)
    wrong = wrong_entries(case, title, step, office.law())
    answer: dict[str, object] = {"entries": wrong, "value": value, "reason": REASON}
    return recording.perform(number, case.position, "erratum", answer, HEAD)


def counted(year: int, as_of: str) -> dict[tuple[str, str], tuple[str, ...]]:
    form = form_for(FORMS, year)
    with office.reading() as session:
        table = year_end.table(session, year, date.fromisoformat(as_of), office.law(), form)
        return {
            (code, kind): tuple(table.cases(code, kind))
            for code in form.rows
            for kind in form.kinds
            if table.cases(code, kind)
        }


def test_the_row_of_the_register_and_the_dossier_say_what_is_right_and_what_was_recorded(
    on: Day,
) -> None:
    number = receive(on, "2026-03-02", "自然人")
    on("2026-03-04")
    assert corrected(number, "收到申请之日", "2026-02-27").reasons == ()
    with office.reading() as session:
        row = register.row(session, number)
        assert (row.received_on, row.arrived_on) == (date(2026, 2, 27), date(2026, 2, 27))
        assert row.last_day == date(2026, 3, 26)  # Saturday the 28th is worked
        assert row.by_history
        told = dossier(session, number, office.circumstances("")).text()
    assert "2. 2026年3月2日　确认收到申请" in told
    assert "3. 2026年3月4日　勘误" in told
    assert "登记有误的事项：第2步“收到申请之日”（2026年3月2日）" in told
    assert "应为：2026年2月27日" in told
    assert f"勘误的理由：{REASON}" in told
    assert "收到申请之日：2026年2月27日" in told


def test_a_report_as_of_an_earlier_day_counts_what_was_known_then(on: Day) -> None:
    wrong_kind = receive(on, "2023-12-28", "自然人")
    wrong_year = receive(on, "2024-01-02", "自然人")
    on("2024-01-10")
    before = {year: counted(year, "2024-01-10") for year in (2023, 2024)}
    on("2024-02-01")
    assert corrected(wrong_kind, "申请人类别", "商业企业").reasons == ()
    assert corrected(wrong_year, "收到申请之日", "2023-12-29").reasons == ()
    assert {year: counted(year, "2024-01-10") for year in (2023, 2024)} == before
    assert before[2023]["1", "自然人"] == (wrong_kind,)
    assert before[2024]["1", "自然人"] == (wrong_year,)
    now = {year: counted(year, "2024-02-01") for year in (2023, 2024)}
    assert now[2023]["1", "商业企业"] == (wrong_kind,)
    assert now[2023]["1", "自然人"] == (wrong_year,)
    assert ("1", "自然人") not in now[2024]
    assert (now[2024]["2", "商业企业"], now[2024]["2", "自然人"]) == ((wrong_kind,), (wrong_year,))


def test_a_signed_year_changes_only_after_a_recorded_correction(on: Day, tmp_path: Path) -> None:
    number = receive(on, "2023-03-02", "自然人")
    close(on, number, "2023-03-20", PUBLIC)
    on("2024-01-31")
    fill(2023)
    closing_year.sign(2023, HEAD)
    for title, value in (("申请人类别", "商业企业"), ("收到申请之日", "2022-12-30")):
        [reason] = corrected(number, title, value).reasons
        assert "该年度已经封账" in reason
    assert corrected(number, "申请人姓名或名称", "周晓兰").reasons == ()  # counts for nothing
    closing_year.correct(2023, number, "申请人类别登记有误", HEAD)
    assert corrected(number, "申请人类别", "商业企业").reasons == ()
    made = annual_report.produce(2023, tmp_path, None)
    assert made.failed == ()
    assert {case for one in made.differences for case in one.added} == {number}
    moved = "表三‘（一）予以公开’行‘商业企业’列由0变为1"
    assert f"{moved}（增加{number}）" in [one.sentence for one in made.differences]


def test_a_fee_counts_in_the_year_in_which_it_was_really_paid(on: Day) -> None:
    number = receive(on, "2023-12-01", "自然人")
    perform(number, 2, "found_ours", {})
    on("2023-12-04")
    fee = ANSWERS["fee_noticed"] | {"noticed_on": "2023-12-04", "delivered_on": "2023-12-04"}
    perform(number, 3, "fee_noticed", fee)
    on("2024-01-03")
    perform(number, 4, "fee_paid", {"paid_on": "2024-01-02", "amount": 100})
    assert _paid(2023, "2024-01-31") == 0
    assert corrected(number, "完成缴费之日", "2023-12-29").reasons == ()
    on("2024-01-31")
    assert (_paid(2023, "2024-01-31"), _paid(2024, "2024-01-31")) == (100, 0)
    fill(2023)
    closing_year.sign(2023, HEAD)
    [reason] = corrected(number, "完成缴费之日", "2024-01-02").reasons
    assert "信息处理费" in reason


def _paid(year: int, as_of: str) -> int:
    with office.reading() as session:
        return year_end.fees_of(session, year, date.fromisoformat(as_of), office.law()).paid


def test_one_taken_over_from_a_ledger_cannot_be_closed_before_it_came(on: Day) -> None:
    number = receive(on, "2023-03-02", "自然人")
    close(on, number, "2023-03-20", NOT_OURS)
    assert corrected(number, "收到申请之日", "2023-03-25").reasons
