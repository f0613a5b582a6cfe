"""The 信息处理费: what it costs, when it may be asked for, what follows from paying or not (Art. 42)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from histories import DRAFTER, HEAD, LAW, RECEIVED, History, particulars, standing
from hypothesis import given
from hypothesis import strategies as st

from flows import office
from flows.path import intake, recording
from letters.letter.facts import letter_of
from models.acts.procedure.charging import NoticeFee
from models.acts.procedure.fee_owed import (
    earlier_this_month,
    fee_awaited,
    fee_due,
    fee_of,
    fee_overdue,
)
from models.acts.reply.nothing_given import DraftOther
from models.case.matters import OtherApplication
from models.case.stage import Stage
from models.errors import ActRefused, ConfigFault, NoRuleInForce
from models.law.fees import Fee, by_page, by_piece, rate_words
from models.law.statute_files import load
from models.register import register, same_applicant
from models.year import year_end

DAY = timedelta(days=1)
ON = date(2026, 3, 20)
TABLE = tomllib.loads((Path(__file__).parent / "cases" / "fees.toml").read_text("utf-8"))
CASES: list[dict[str, Any]] = TABLE["case"]


def fee(case: dict[str, Any]) -> Fee:
    if case["standard"] == "by_page":
        return by_page(case["units"], ON, LAW)
    return by_piece(case["before"], case["units"], ON, LAW)


# ── what it costs ───────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_table_holds(case: dict[str, Any]) -> None:
    found = fee(case)
    assert found.amount == case["yuan"]
    assert found.words == tuple(case["words"])


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8))
def test_it_does_not_matter_how_a_month_is_cut_into_applications(pieces: list[int]) -> None:
    before, paid = 0, 0
    for one in pieces:
        paid += by_piece(before, one, ON, LAW).amount
        before += one
    assert paid == by_piece(0, before, ON, LAW).amount


@given(st.integers(0, 900), st.integers(1, 900))
def test_more_pages_never_cost_less(pages: int, more: int) -> None:
    assert by_page(pages, ON, LAW).amount <= by_page(pages + more, ON, LAW).amount


def test_the_rates_are_stated_as_the_regulation_states_them() -> None:
    assert rate_words(LAW.tariff("by_piece", ON)) == (
        "10件以下（含10件）的，不收费；11至30件（含30件）的部分，100元/件；"
        "31件以上的部分，以10件为一档，首档200元/件，每增加一档提高100元/件"
    )
    assert rate_words(LAW.tariff("by_page", ON)) == (
        "30页以下（含30页）的，不收费；31至100页（含100页）的部分，10元/页；"
        "101至200页（含200页）的部分，20元/页；201页以上的部分，40元/页"
    )


def test_before_2021_there_is_no_tariff() -> None:
    with pytest.raises(NoRuleInForce):
        by_page(50, date(2020, 12, 31), LAW)


@pytest.mark.parametrize(
    "bands",
    ["[{ to = 30, yuan = 100 }, { to = 10, yuan = 0 }, { yuan = 9 }]", "[{ to = 9, yuan = 0 }]"],
)
def test_bands_out_of_order_or_without_an_open_end_are_a_fault(bands: str, tmp_path: Path) -> None:
    config = Path(__file__).parents[1] / "config"
    for path in config.rglob("*.toml"):
        copy = tmp_path / path.relative_to(config)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    fees = tmp_path / "statute" / "fees.toml"
    text = fees.read_text("utf-8").replace(
        "[{ to = 10, yuan = 0 }, { to = 30, yuan = 100 }, { yuan = 200, every = 10, rise = 100 }]",
        bands,
    )
    fees.write_text(text, "utf-8")
    with pytest.raises(ConfigFault, match=r"fees\.toml.*bands"):
        load(tmp_path)


# ── the notice ──────────────────────────────────────────────────────────────────────────────────
def test_the_limit_stops_with_the_notice_and_runs_afresh_from_payment() -> None:
    history = standing(Stage.DRAFTING)
    history.today = date(2026, 3, 26)  # the 18th working day
    limit = history.usual("fee_noticed", delivered_on=history.today).case.deadline(LAW)
    assert limit is not None
    assert limit.suspended
    history.today = date(2026, 4, 23)  # 19 working days later
    limit = history.usual("fee_paid").case.deadline(LAW)
    assert limit is not None
    assert limit.last_day == date(2026, 5, 25)
    assert history.case.stage is Stage.DRAFTING


def test_a_case_goes_on_after_payment_where_it_stood() -> None:
    history = standing(Stage.JURISDICTION).usual("fee_noticed")
    assert history.usual("fee_paid").case.stage is Stage.JURISDICTION


def test_the_time_to_pay_runs_from_receipt_of_the_notice_not_from_sending() -> None:
    history = standing(Stage.FEE)
    assert history.case.fee is not None
    assert fee_due(history.case.fee, LAW) is None
    history.today = date(2026, 3, 5)
    history.usual("fee_notice_delivered")
    assert fee_due(history.case.fee, LAW) == (date(2026, 4, 2), ())


def test_nothing_lapses_while_nobody_knows_when_the_notice_arrived() -> None:
    history = standing(Stage.FEE)
    history.today = date(2026, 9, 1)
    with pytest.raises(ActRefused, match=r"送达日期尚未登记.*条例第四十二条"):
        history.draft("fee_unpaid")


def test_who_does_not_pay_has_given_up_after_twenty_working_days() -> None:
    history = standing(Stage.FEE).usual("fee_notice_delivered")
    history.today = date(2026, 3, 31)
    assert "fee_unpaid" in DraftOther.possible(history.case, history.now())
    history.draft("fee_unpaid").usual("approved", HEAD).usual("signed", HEAD).usual("replied")
    assert history.case.row(LAW) == "3.6.2"


def test_the_lapse_states_the_day_the_notice_was_received() -> None:
    history = standing(Stage.FEE).usual("fee_notice_delivered")
    history.today = date(2026, 4, 20)
    answer = particulars("fee_unpaid") | {"noticed_on": date(2026, 3, 4)}
    assert "与登记的收费通知送达日期（2026-03-02）不符" in "".join(
        history.refusals("drafted_other", **answer)
    )


def test_a_draft_on_default_that_is_sent_back_waits_for_payment_again() -> None:
    history = standing(Stage.FEE).usual("fee_notice_delivered")
    history.today = date(2026, 4, 20)
    history.draft("fee_unpaid").usual("sent_back", HEAD)
    assert history.case.stage is Stage.FEE
    history.usual("fee_paid", late_reason="银行系统故障")
    assert history.case.stage is Stage.DRAFTING


def test_a_fee_is_asked_for_only_while_the_limit_runs() -> None:
    history = standing(Stage.DRAFTING)
    history.today = date(2026, 3, 30)
    assert history.refusals("fee_noticed", **history.answer("fee_noticed")) == []
    history.today += DAY
    with pytest.raises(ActRefused, match="期限已于2026-03-30届满（条例第四十二条、收费办法）"):
        history.usual("fee_noticed")


def test_an_application_is_charged_once() -> None:
    history = standing(Stage.FEE).usual("fee_paid")
    with pytest.raises(ActRefused, match="只能按一种标准收费一次"):
        history.usual("fee_noticed", standard="by_page", before=0, pages=68)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"pages": 68}, "只能适用一种标准（收费办法第三条）"),
        ({"standard": "by_page", "pages": 68, "pieces": 2}, "只能适用一种标准（收费办法第三条）"),
        ({"standard": "by_page", "pages": 30}, "不收费，不能发出收费通知（条例第四十二条）"),
        ({"before": 9}, "不收费，不能发出收费通知（条例第四十二条）"),
        ({"excess": " "}, "收费通知必须载明（条例第四十二条）"),
        ({"payment": " "}, "收费通知必须载明（条例第四十二条）"),
        ({"delivered_on": RECEIVED - DAY}, "早于发出通知的日期"),
        ({"standard": "both"}, "应从所列选项中选择"),
    ],
)
def test_a_notice_that_makes_no_sense_is_refused(answer: dict[str, object], words: str) -> None:
    with pytest.raises(ActRefused) as refused:
        standing(Stage.DRAFTING).usual("fee_noticed", **answer)
    assert any(words in reason for reason in refused.value.reasons), refused.value.reasons


def test_pieces_of_one_application_are_counted_where_they_are_not_registered_apart() -> None:
    history = standing(Stage.DRAFTING)
    with pytest.raises(ActRefused, match="应当另行登记"):
        history.usual("fee_noticed", pieces=5)
    history.law = LAW.under(split_parts="fee_only")
    history.usual("fee_noticed", pieces=5)
    assert history.case.fee is not None
    assert fee_of(history.case.fee, LAW).amount == 500


@pytest.mark.parametrize(("amount", "ok"), [(99, False), (100, True), (101, False)])
def test_only_the_whole_fee_is_payment(amount: int, ok: bool) -> None:
    history = standing(Stage.FEE)
    answer = history.answer("fee_paid") | {"amount": amount}
    assert (history.refusals("fee_paid", **answer) == []) == ok


def test_a_late_payment_needs_a_reason() -> None:
    history = standing(Stage.FEE).usual("fee_notice_delivered")
    history.today = date(2026, 3, 31)
    with pytest.raises(ActRefused, match=r"缴费期限已于2026-03-30届满.*收费办法"):
        history.usual("fee_paid")


def test_what_is_waited_for_is_told_until_it_is_paid_and_no_longer() -> None:
    history = standing(Stage.FEE)
    assert fee_awaited(standing(Stage.DRAFTING).case, LAW) is None
    undelivered = "等待缴纳信息处理费100元，送达日期尚未登记（条例第四十二条）"
    assert fee_awaited(history.case, LAW) == undelivered
    history.usual("fee_notice_delivered")
    assert fee_awaited(history.case, LAW) == (
        "等待缴纳信息处理费100元，缴费期限至2026-03-30（条例第四十二条）"
    )
    history.today = date(2026, 3, 30)  # the last day to pay
    assert fee_overdue(history.case, history.today, LAW) is None
    assert "缴费期限已于2026-03-30届满" in str(fee_overdue(history.case, history.today + DAY, LAW))
    history.usual("fee_paid")
    assert history.case.fee is not None
    assert fee_awaited(history.case, LAW) is None
    assert fee_overdue(history.case, history.today + DAY, LAW) is None


def test_an_objection_is_noted_and_stops_nothing() -> None:
    history = standing(Stage.FEE).usual("fee_notice_delivered")
    before = history.case.deadline(LAW)
    history.usual("fee_objected")
    assert history.case.deadline(LAW) == before
    assert history.case.fee is not None
    assert history.case.fee.objections == ["2026-03-02　其中两件不是本人提出"]


def test_after_a_notice_is_cancelled_the_limit_never_stopped() -> None:
    history = standing(Stage.DRAFTING)
    before = history.case.deadline(LAW)
    history.usual("fee_noticed").usual("fee_cancelled")
    assert history.case.deadline(LAW) == before
    assert (history.case.stage, history.case.fee) == (Stage.DRAFTING, None)


def test_an_extension_told_before_falls_with_the_payment() -> None:
    history = standing(Stage.DRAFTING).usual("extended").usual("fee_noticed").usual("fee_paid")
    assert history.case.extension is None
    assert history.refusals("extended", **history.answer("extended")) == []


# ── given back ──────────────────────────────────────────────────────────────────────────────────
def paid_by_page() -> History:
    pages = {"standard": "by_page", "before": 0, "pages": 68}
    return standing(Stage.DRAFTING).usual("fee_noticed", **pages).usual("fee_paid", amount=380)


GIVING = {key for key, row in LAW.outcomes.items() if row.secrecy_review == "given"}
WITHOUT = sorted(
    set(LAW.outcomes)
    - GIVING
    - {"still_unclear", "not_corrected", "fee_unpaid", "excessive", "third_party_rights"}
)


@pytest.mark.parametrize("outcome", WITHOUT)
def test_what_was_paid_by_the_page_goes_back_before_nothing_is_supplied(outcome: str) -> None:
    history = paid_by_page()
    with pytest.raises(ActRefused, match=r"已按量收取信息处理费380元.*先办理退费.*收费办法第五条"):
        history.draft(outcome)
    history.usual("fee_refunded", amount=380).draft(outcome)
    assert history.case.stage is Stage.REVIEW


@pytest.mark.parametrize("outcome", WITHOUT)
def test_a_fee_by_the_piece_is_for_every_kind_of_decision(outcome: str) -> None:
    history = standing(Stage.DRAFTING).usual("fee_noticed").usual("fee_paid")
    assert history.draft(outcome).case.stage is Stage.REVIEW


def test_a_draft_that_was_sent_back_supplies_nothing_any_more() -> None:
    history = paid_by_page().draft("granted").usual("sent_back", HEAD)
    with pytest.raises(ActRefused, match=r"先\s*办理退费"):
        history.draft("not_existing")


def test_who_gets_a_part_has_paid_for_it() -> None:
    for outcome in ("granted", "partly_granted"):
        assert paid_by_page().draft(outcome).case.stage is Stage.REVIEW
    history = paid_by_page().draft("granted").usual("another_part")
    assert history.draft("not_existing").case.stage is Stage.REVIEW


@pytest.mark.parametrize(
    ("supplied", "amount", "owed"),
    [(0, 380, 380), (30, 380, 380), (31, 370, 370), (67, 10, 10), (68, 1, 0), (69, 1, 0)],
)
def test_what_goes_back_is_what_the_pages_not_supplied_cost(
    supplied: int, amount: int, owed: int
) -> None:
    history = paid_by_page()
    for wrong in (-1, 1):
        if amount + wrong > 0:
            answer = history.answer("fee_refunded") | {
                "supplied": supplied,
                "amount": amount + wrong,
            }
            assert history.refusals("fee_refunded", **answer)
    answer = history.answer("fee_refunded") | {"supplied": supplied, "amount": amount}
    assert bool(history.refusals("fee_refunded", **answer)) == (owed == 0)


def test_a_refund_is_made_once_of_what_was_paid_and_never_of_more() -> None:
    with pytest.raises(ActRefused, match=r"没有收取信息处理费.*条例第四十二条"):
        standing(Stage.DRAFTING).usual("fee_refunded")
    history = standing(Stage.DRAFTING).usual("fee_noticed").usual("fee_paid")
    with pytest.raises(ActRefused, match="退还101元，多于实缴的100元"):
        history.usual("fee_refunded", amount=101)
    before = history.case.deadline(LAW)
    history.usual("fee_refunded", amount=100)
    assert history.case.deadline(LAW) == before
    with pytest.raises(ActRefused, match=r"已于2026-03-02告知退费"):
        history.usual("fee_refunded", amount=100)


@pytest.mark.parametrize("name", ["reasons", "way"])
def test_the_letter_of_a_refund_says_why_and_how(name: str) -> None:
    with pytest.raises(ActRefused, match="退费告知书必须载明"):
        paid_by_page().usual("fee_refunded", amount=380, **{name: " "})


# ── which application of the month ──────────────────────────────────────────────────────────────
def other(number: str, received: date | None) -> OtherApplication:
    return OtherApplication(number, Stage.DRAFTING, received, None, "某文件")


def test_only_earlier_applications_of_the_same_month_count() -> None:
    history = standing(Stage.DRAFTING)
    history.others = (
        other("SQ202500999", date(2026, 2, 28)),  # another month
        other("SQ202600000", RECEIVED),  # the same day, registered before
        other("SQ202600002", RECEIVED),  # the same day, registered after
        other("SQ202600003", RECEIVED - DAY),
        other("SQ202600004", RECEIVED + DAY),
        other("SQ202600005", None),  # not received yet
    )
    assert earlier_this_month(history.case, history.now()) == 2
    assert NoticeFee.proposal(history.case, history.now())["before"] == 2


# ── in the register ─────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with empty_register(tmp_path, monkeypatch):
        yield monkeypatch


def receive(**changed: Any) -> str:
    asked = {
        "channel": "当面提交",
        "kind": "自然人",
        "applicant": "周晓岚",
        "request": "某文件",
        "arrived_on": date(2026, 3, 2),
        "identity": "310101199001011234",
        "officer": DRAFTER,
    }
    return intake.receive(**(asked | changed)).number


def perform(number: str, kind: str, officer: str = DRAFTER, **answer: object) -> None:
    with office.reading() as session:
        position = register.case(session, number).position
    done = recording.perform(number, position, kind, answer, officer)
    assert done.reasons == ()


def charge(number: str, before: int) -> None:
    perform(number, "received", received_on="2026-03-02")
    perform(number, "found_ours")
    perform(
        number,
        "fee_noticed",
        noticed_on="2026-03-02",
        excess="一个月内提出十余件",
        standard="by_piece",
        before_reason="另有若干件在启用登记簿以前提出",
        before=before,
        payment="到银行缴纳",
    )


def test_the_eleventh_application_of_a_month_is_proposed_as_the_eleventh(
    empty: pytest.MonkeyPatch,
) -> None:
    numbers = [receive() for _ in range(11)]
    receive(applicant="周晓岚", identity="310101198505055678")  # another of the same name
    for number in numbers:
        perform(number, "received", received_on="2026-03-02")
    with office.reading() as session:
        case = register.case(session, numbers[-1])
        now = same_applicant.informed(session, case, office.circumstances(""))
    assert len(now.others) == 10
    assert earlier_this_month(case, now) == 10


def test_the_fees_of_a_year_are_added_up_as_of_a_day(empty: pytest.MonkeyPatch) -> None:
    first, second, third = receive(), receive(), receive()
    charge(first, 10)
    charge(second, 30)
    charge(third, 40)
    perform(third, "fee_cancelled", cancelled_on="2026-03-02", reasons="件数有误")
    empty.setenv("DISCLOSURE_TODAY", "2026-03-09")
    perform(second, "fee_paid", paid_on="2026-03-06", amount=200)
    given_back = {"amount": 50, "reasons": "件数有误", "way": "原路退回"}
    perform(second, "fee_refunded", refunded_on="2026-03-09", **given_back)
    with office.reading() as session:
        found = [
            year_end.fees_of(session, year, as_of, LAW)
            for year, as_of in (
                (2026, date(2026, 3, 9)),
                (2026, date(2026, 3, 8)),
                (2025, date(2026, 3, 9)),
            )
        ]
    assert found == [
        year_end.Fees(2, 300, 1, 150),
        year_end.Fees(2, 300, 0, 0),
        year_end.Fees(0, 0, 0, 0),
    ]


def test_the_notice_states_what_its_computation_gives(empty: pytest.MonkeyPatch) -> None:
    number = receive()
    charge(number, 41)
    with office.reading() as session:
        case = register.case(session, number)
    letter = letter_of("fee", case, "甲〔2026〕1号", ON, LAW, office.agency())
    text = "\n".join(each.text for each in letter.paragraphs)
    assert "为当月第42件。计算如下：第42件，1件×300元＝300元。以上共计300元。" in text
    assert "收到本通知次日起20个工作日内" in text


def test_the_number_of_earlier_applications_is_the_registers_or_has_its_reason() -> None:
    """A letter states no number that neither the register nor a reason on record bears out."""
    history = standing(Stage.DRAFTING)
    asked = history.answer("fee_noticed") | {"noticed_on": history.today}
    for before, reason, refused in (
        (10, "", True),
        (10, " ", True),
        (10, "另有10件在启用登记簿以前提出", False),
    ):
        found = history.refusals(
            "fee_noticed", **(asked | {"before": before, "before_reason": reason})
        )
        assert any("登记簿所载同一姓名当月先于本件的申请为0件" in one for one in found) is refused
    by_page = {"standard": "by_page", "pages": 68, "before_reason": ""}
    assert history.refusals("fee_noticed", **(asked | by_page)) == []


@pytest.mark.parametrize(("before", "refused"), [(10, True), (11, False), (12, True)])
def test_the_registers_own_number_needs_no_reason(before: int, refused: bool) -> None:
    history = standing(Stage.DRAFTING)
    history.others = tuple(
        OtherApplication(f"SQ20260{n:04d}", "待起草", RECEIVED, None, "名单") for n in range(11)
    )
    history.case.number = "SQ202699999"
    asked = history.answer("fee_noticed") | {"before": before, "before_reason": ""}
    assert bool(history.refusals("fee_noticed", **asked)) is refused
