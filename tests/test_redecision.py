"""A reply ordered anew: its limit, its letter, and how often the application counts (Art. 51)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from histories import DRAFTER, HEAD, LAW, RECEIVED, History, particulars, standing

from flows import office
from flows.path import intake, recording
from letters.letter.facts import letter_of
from models.case.stage import Stage
from models.errors import ActRefused
from models.law.statute import Statute
from models.register import filed_letters, register
from models.register.counted_in_table3 import counted, counted_by_history, lines
from models.report_tables.form import form_for, load_forms
from models.report_tables.identities import checks
from models.report_tables.table3 import table3
from models.store.tables import Application
from models.year import year_end
from models.year.second_count import lines_by_events, recounted

DAY = timedelta(days=1)


def ordered(**answer: object) -> History:
    """A case closed on 2 March and opened again on 1 June."""
    history = standing(Stage.CLOSED)
    history.today = date(2026, 6, 1)
    return history.usual("redecision_ordered", **answer)


def again(history: History, outcome: str, on: date | None = None) -> History:
    """Answer the reopened case."""
    history.today = on or history.today
    history.draft(outcome).usual("approved", HEAD).usual("signed", HEAD)
    return history.usual("replied")


def limit(history: History) -> date | None:
    found = history.case.deadline(LAW)
    return found.last_day if found else None


# ── the limit ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("answer", "last_day"),
    [
        ({}, date(2026, 6, 30)),
        ({"term": 15}, date(2026, 6, 23)),
        ({"term": 15, "unit": "day"}, date(2026, 6, 16)),
        ({"term": 18, "unit": "day"}, date(2026, 6, 22)),  # 19 June is 端午节
        ({"term": 60, "unit": "day"}, date(2026, 7, 31)),
    ],
)
def test_the_term_of_the_decision_counts_else_twenty_working_days(
    answer: dict[str, object], last_day: date
) -> None:
    assert limit(ordered(**answer)) == last_day


def test_a_closed_case_is_open_again_with_nothing_of_the_first_run_left() -> None:
    case = ordered().case
    assert (case.stage, case.closed_on, case.draft) == (Stage.DRAFTING, None, None)
    assert (case.extension, case.signed_on, case.outcome) == (None, None, None)


def test_the_term_of_a_decision_is_not_extended() -> None:
    with pytest.raises(ActRefused, match=r"已定期限，不能延期（条例第三十三条）"):
        ordered(term=15).usual("extended")
    assert ordered().usual("extended").case.extension is not None


KEPT = "2026-06-30"  # fifteen working days from 8 June: 19 June is 端午节


def moved(kind: str, **answer: object) -> History:
    """A judgment with a term of fifteen working days, and then an act on the way."""
    history = standing(Stage.CLOSED)
    history.today = date(2026, 6, 8)
    history.usual("redecision_ordered", source="judgment", term=15, **answer)
    history.today = date(2026, 6, 10)
    if kind == "deferred":
        history.usual("reasons_asked").usual("reasons_given", reasonable="yes")
        return history.usual(kind, reply_by=date(2026, 7, 31))
    return history.usual(kind)


@pytest.mark.parametrize("kind", ["fee_noticed", "consultation_started"])
def test_no_act_moves_the_term_of_a_judgment(kind: str) -> None:
    history = moved(kind)
    assert str(limit(history)) == KEPT
    found = history.case.deadline(LAW)
    assert found is not None
    assert "不推迟责令答复的决定所定的期限" in found.warnings[0]


def test_a_fee_paid_under_a_judgment_counts_nothing_afresh() -> None:
    history = moved("fee_noticed")
    history.today = date(2026, 6, 20)
    assert str(limit(history.usual("fee_paid"))) == KEPT


TERM = "2026-04-08"  # fifteen working days from 17 March: 6 April is 清明节


def ordered_while(stage: Stage, **answer: object) -> History:
    """A fee or a correction is asked for on 2 March; a reply is ordered by a term on 17 March."""
    history = standing(stage)
    history.today = date(2026, 3, 17)
    history.usual("redecision_ordered", **({"source": "judgment", "term": 15} | answer))
    assert history.case.stage is Stage.DRAFTING
    history.today = date(2026, 3, 20)
    return history


@pytest.mark.parametrize("kind", ["fee_paid", "fee_cancelled"])
@pytest.mark.parametrize("on", [date(2026, 3, 16), date(2026, 3, 17), date(2026, 3, 18)])
def test_what_becomes_of_a_fee_after_an_order_is_recorded_and_moves_no_term(
    kind: str, on: date
) -> None:
    """Paid the day before the order came, that day, the day after: known of later (收费办法 6)."""
    history = ordered_while(Stage.FEE)
    day = {"fee_paid": "paid_on", "fee_cancelled": "cancelled_on"}[kind]
    history.usual(kind, **{day: on})
    assert str(limit(history)) == TERM
    assert history.case.stage is Stage.DRAFTING
    assert history.refusals("fee_paid", **history.answer("fee_paid")) != []


@pytest.mark.parametrize("kind", ["fee_paid", "fee_cancelled"])
def test_without_a_term_the_twenty_days_of_the_order_stay(kind: str) -> None:
    history = ordered_while(Stage.FEE, term=0)
    before = limit(history)
    assert str(before) == "2026-04-15"
    assert limit(history.usual(kind)) == before


def test_the_money_is_counted_and_given_back_like_any_other() -> None:
    history = ordered_while(Stage.FEE).usual("fee_paid")
    assert history.case.fee is not None
    assert (history.case.fee.paid, history.case.fee.paid_on) == (100, date(2026, 3, 20))
    history.usual("fee_refunded", amount=100)
    assert history.case.fee.refunded == 100


def test_no_second_fee_is_asked_for_by_accident() -> None:
    """Once for an application (Art. 42): only where the first notice was cancelled."""
    history = ordered_while(Stage.FEE)
    for _ in range(2):  # unpaid, and paid
        assert any("已经通知缴费" in why for why in again_asked(history))
        history = ordered_while(Stage.FEE).usual("fee_paid")
    assert again_asked(ordered_while(Stage.FEE).usual("fee_cancelled")) == []


def test_a_fee_paid_is_paid_also_when_the_reply_is_ordered_anew() -> None:
    history = standing(Stage.FEE).usual("fee_paid")
    again(history, "granted", date(2026, 3, 20))
    history.today = date(2026, 6, 1)
    history.usual("redecision_ordered")
    assert any("已经通知缴费" in why for why in again_asked(history))


def again_asked(history: History) -> list[str]:
    return history.refusals("fee_noticed", **history.answer("fee_noticed"))


def test_after_an_order_a_draft_is_sent_back_to_drafting_and_not_to_waiting() -> None:
    history = ordered_while(Stage.FEE).draft("granted").usual("sent_back", HEAD)
    assert history.case.stage is Stage.DRAFTING


def test_money_came_no_sooner_than_it_was_asked_for() -> None:
    history = ordered_while(Stage.FEE)
    early = history.answer("fee_paid") | {"paid_on": date(2026, 3, 1)}
    assert any("早于发出通知的日期" in why for why in history.refusals("fee_paid", **early))


def test_a_correction_that_comes_after_an_order_is_recorded_and_moves_no_term() -> None:
    history = ordered_while(Stage.CORRECTION)
    history.usual("corrected", request="2024年度名单")
    assert str(limit(history)) == TERM
    assert (history.case.request, history.case.stage) == ("2024年度名单", Stage.DRAFTING)
    assert history.refusals("corrected", **history.answer("corrected")) == [
        "没有尚待补正的内容（条例第三十条）"
    ]


@pytest.mark.parametrize(
    ("kind", "words"),
    [("extended", "不能延期（条例第三十三条）"), ("deferred", "不能延迟（条例第三十五条）")],
)
def test_what_only_puts_off_the_limit_is_refused(kind: str, words: str) -> None:
    with pytest.raises(ActRefused, match=words):
        moved(kind)
    said = {"moved_by": kind, "moved_words": "可以依法延长"}
    assert str(limit(moved(kind, **said))) > KEPT


@pytest.mark.parametrize("named", ["consultation_started", "any"])
def test_the_words_of_the_decision_let_its_term_be_moved(named: str) -> None:
    history = moved(
        "consultation_started", moved_by=named, moved_words="征求意见所需时间不计算在内"
    )
    history.today = date(2026, 6, 17)
    assert limit(history.usual("consultation_ended")) == date(2026, 7, 7)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"term": 15, "moved_by": "extended"}, "照抄其原话（条例第五十一条）"),
        ({"term": 15, "moved_words": "可以延期"}, "请选择是哪一事项"),
        ({"term": 0, "moved_by": "extended", "moved_words": "可以延期"}, "决定没有定期限的"),
    ],
)
def test_what_moves_the_term_is_recorded_in_the_decision_s_words(
    answer: dict[str, object], words: str
) -> None:
    with pytest.raises(ActRefused) as refused:
        ordered(**answer)
    assert any(words in reason for reason in refused.value.reasons)


def test_the_letters_promise_nothing_that_the_term_does_not_allow() -> None:
    for kind, letter, promise in (
        ("fee_noticed", "fee", "完成缴费次日起重新计算"),
        ("consultation_started", "consultation_told", "不计算在答复期限内"),
    ):
        history = moved(kind)
        told = letter_of(letter, history.case, "1", RECEIVED, LAW, history.now().agency)
        assert promise not in "\n".join(each.text for each in told.paragraphs)
        history = standing(Stage.DRAFTING).usual(kind)
        told = letter_of(letter, history.case, "1", RECEIVED, LAW, history.now().agency)
        assert promise in "\n".join(each.text for each in told.paragraphs)


def test_the_reply_claims_no_time_that_the_term_does_not_exclude() -> None:
    for answer, claimed in (({}, False), ({"moved_by": "any", "moved_words": "不计"}, True)):
        history = moved("consultation_started", **answer)
        history.today = date(2026, 6, 17)
        history.usual("consultation_ended").draft("granted")
        told = letter_of("granted", history.case, "1", history.today, LAW, history.now().agency)
        text = "\n".join(each.text for each in told.paragraphs)
        assert "征求了第三方的意见" in text
        assert ("不计算在答复期限内" in text) is claimed


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.CONFIRMING])
def test_a_reply_may_be_ordered_wherever_a_case_stands(stage: Stage) -> None:
    history = standing(stage)
    history.today = date(2026, 6, 8)
    history.usual("redecision_ordered", source="judgment", term=15)
    waited = {Stage.CORRECTION, Stage.FEE, Stage.CLOSED}
    signed = {Stage.DISPATCH: Stage.SIGNING}
    goes_on = Stage.DRAFTING if stage in waited else signed.get(stage, stage)
    assert history.case.stage is goes_on
    assert limit(history) == date(2026, 6, 30)
    assert len(history.case.first_replies) == (stage is Stage.CLOSED)
    with pytest.raises(ActRefused, match=r"环节，不能办理|已定期限，不能延期（条例第三十三条）"):
        history.usual("extended")


def test_what_no_reply_was_given_to_cannot_hold() -> None:
    for history, holds in ((standing(Stage.DRAFTING), "no"), (standing(Stage.CLOSED), "none")):
        with pytest.raises(ActRefused, match=r"原答复的效力不是“.*（条例第五十一条）"):
            history.usual("redecision_ordered", holds=holds)


def test_an_order_that_is_recorded_twice_on_a_day_is_cited_once() -> None:
    history = ordered().usual("redecision_ordered", number="沪府复字〔2026〕21号", term=15)
    assert [one.number for one in history.case.redecisions] == ["沪府复字〔2026〕21号"]
    assert limit(history) == date(2026, 6, 23)
    history.draft("granted")
    letter = letter_of("granted", history.case, "新文号", RECEIVED, LAW, history.now().agency)
    text = "\n".join(each.text for each in letter.paragraphs)
    assert (
        "（沪府复字〔2026〕21号），须重新作出答复。原答复依该决定不再有效，现重新答复如下。" in text
    )
    assert "又收到" not in text


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"number": " "}, "新的告知书须载明（条例第五十一条）"),
        ({"received_on": date(2026, 6, 2)}, "晚于今天"),
        ({"received_on": RECEIVED - DAY}, "早于"),
        ({"source": "rumour"}, "应从所列选项中选择"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(answer: dict[str, object], words: str) -> None:
    with pytest.raises(ActRefused) as refused:
        ordered(**answer)
    assert any(words in reason for reason in refused.value.reasons), refused.value.reasons


@pytest.mark.parametrize(
    ("stage", "outcome"), [(Stage.CORRECTION, "not_corrected"), (Stage.FEE, "fee_unpaid")]
)
def test_a_lapse_that_was_set_aside_is_answered_on_the_merits(stage: Stage, outcome: str) -> None:
    history = standing(stage)
    if stage is Stage.FEE:
        history.usual("fee_notice_delivered")
    again(history, outcome, date(2026, 5, 20))
    history.today = date(2026, 6, 1)
    history.usual("redecision_ordered")
    assert limit(history) == date(2026, 6, 30)
    history.draft("granted").usual("sent_back", HEAD)
    assert history.case.stage is Stage.DRAFTING
    assert again(history, "granted").case.row(LAW) == "3.1"


# ── the letter ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("holds", "words"),
    [
        ("no", "原答复依该决定不再有效，现重新答复如下。"),
        ("yes", "原答复继续有效，现补充答复如下。"),
    ],
)
def test_the_new_letter_tells_of_the_decision(holds: str, words: str) -> None:
    history = ordered(holds=holds).draft("granted")
    letter = letter_of("granted", history.case, "新文号", RECEIVED, LAW, history.now().agency)
    text = "\n".join(each.text for each in letter.paragraphs)
    assert "2026年6月1日，本机关收到行政复议决定（沪府复字〔2026〕12号），须重新作出答复。" in text
    assert words in text


# ── how often it counts ─────────────────────────────────────────────────────────────────────────
def rows(history: History, option: str) -> list[tuple[int, int | None, str | None]]:
    """(year of receipt, year of result, row) of every line that table 三 counts."""
    law = LAW.under(redecision_count=option)
    return [
        (line.received_on.year, line.closed_on.year if line.closed_on else None, line.row)
        for line in lines(history.case, law)
    ]


NEXT = date(2027, 2, 1)


@pytest.mark.parametrize(
    ("option", "open_", "same_year", "next_year"),
    [
        (
            "final",
            [(2026, 2026, "3.1")],
            [(2026, 2026, "3.4.1")],
            [(2026, 2026, "3.1")],
        ),
        (
            "first",
            [(2026, 2026, "3.1")],
            [(2026, 2026, "3.1")],
            [(2026, 2026, "3.1")],
        ),
        (
            "again",
            [(2026, 2026, "3.1"), (2026, None, None)],
            [(2026, 2026, "3.1"), (2026, 2026, "3.4.1")],
            [(2026, 2026, "3.1"), (2026, 2027, "3.4.1")],
        ),
    ],
)
def test_a_new_reply_counts_by_the_choice_made(
    option: str, open_: Any, same_year: Any, next_year: Any
) -> None:
    assert rows(ordered(), option) == open_
    assert rows(again(ordered(), "not_existing"), option) == same_year
    assert rows(again(ordered(), "not_existing", NEXT), option) == next_year


def test_a_case_ordered_twice_is_counted_by_the_last_reply_of_its_year() -> None:
    history = again(ordered(), "not_existing", date(2026, 6, 15))
    history.today = date(2026, 9, 1)
    again(history.usual("redecision_ordered"), "process_information", date(2026, 9, 20))
    assert rows(history, "final") == [(2026, 2026, "3.3.6")]
    assert rows(history, "first") == [(2026, 2026, "3.1")]
    assert [row for _, _, row in rows(history, "again")] == ["3.1", "3.4.1", "3.3.6"]


@pytest.mark.parametrize(
    ("first", "second", "row"),
    [
        ("partly_granted", "not_existing", "3.2"),
        ("granted", "process_information", "3.2"),
        ("granted", "granted", "3.1"),
        ("not_existing", "granted", "3.2"),
        ("not_existing", "process_information", "3.4.1"),  # by the main reason, the first one's
        ("process_information", "not_existing", "3.3.6"),
    ],
)
def test_a_supplement_does_not_replace_the_reply_that_stands(
    first: str, second: str, row: str
) -> None:
    history = again(standing(Stage.DRAFTING), first)
    history.today = date(2026, 6, 1)
    history.usual("redecision_ordered", holds="yes")
    again(history, second, date(2026, 6, 20))
    assert rows(history, "final") == [(2026, 2026, row)]
    assert history.case.row(LAW) == row
    first_row, second_row = LAW.row(first, RECEIVED), LAW.row(second, RECEIVED)
    assert rows(history, "first") == [(2026, 2026, first_row)]
    assert [each for *_, each in rows(history, "again")] == [first_row, second_row]


def test_a_reply_set_aside_counts_no_more_beside_the_new_one() -> None:
    assert rows(again(ordered(holds="no"), "not_existing"), "final") == [(2026, 2026, "3.4.1")]
    assert rows(again(ordered(holds="yes"), "not_existing"), "final") == [(2026, 2026, "3.2")]


def test_two_supplements_are_counted_with_the_reply_they_supplement() -> None:
    history = again(ordered(holds="yes"), "not_existing", date(2026, 6, 15))
    history.today = date(2026, 9, 1)
    again(history.usual("redecision_ordered", holds="yes"), "granted", date(2026, 9, 20))
    assert rows(history, "final") == [(2026, 2026, "3.2")]
    history.today = date(2026, 10, 9)
    again(history.usual("redecision_ordered", holds="no"), "granted", date(2026, 10, 20))
    assert rows(history, "final") == [(2026, 2026, "3.1")]


def test_what_an_earlier_ledger_granted_stands_beside_a_supplement() -> None:
    history = standing(Stage.JURISDICTION)
    history.case.imported_row, history.case.closed_on = "3.1", RECEIVED
    history.case.stage = Stage.CLOSED
    history.today = date(2026, 6, 1)
    history.usual("redecision_ordered", holds="yes")
    assert rows(again(history, "not_existing"), "final") == [(2026, 2026, "3.2")]


def test_our_own_withdrawal_has_a_choice_of_its_own() -> None:
    history = standing(Stage.CLOSED).usual("reply_withdrawn")
    again(history, "not_existing")
    for option, row in (("final", "3.4.1"), ("first", "3.1")):
        (line,) = lines(history.case, LAW.under(reissued_reply_count=option))
        assert line.row == row


def test_a_case_from_an_earlier_ledger_may_be_ordered_anew() -> None:
    history = standing(Stage.JURISDICTION)
    history.case.imported_row, history.case.closed_on = "3.3.4", RECEIVED
    history.case.stage = Stage.CLOSED
    history.today = date(2026, 6, 1)
    history.usual("redecision_ordered")
    assert limit(history) == date(2026, 6, 30)
    assert rows(history, "final") == [(2026, 2026, "3.3.4")]
    assert rows(again(history, "granted"), "final") == [(2026, 2026, "3.1")]


# ── in the register ─────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with empty_register(tmp_path, monkeypatch):
        yield monkeypatch


def on(today: pytest.MonkeyPatch, day: str) -> None:
    today.setenv("DISCLOSURE_TODAY", day)


def receive(arrived_on: date = RECEIVED) -> str:
    return intake.receive(
        channel="当面提交",
        kind="自然人",
        applicant="周晓岚",
        request="某文件",
        arrived_on=arrived_on,
        officer=DRAFTER,
    ).number


def perform(number: str, kind: str, officer: str = DRAFTER, /, **answer: object) -> None:
    with office.reading() as session:
        position = register.case(session, number).position
    assert recording.perform(number, position, kind, answer, officer).reasons == ()


def reply(number: str, outcome: str, day: str) -> None:
    kinds = {"granted": "drafted_granted", "not_existing": "drafted_unable"}
    perform(number, kinds[outcome], **particulars(outcome))
    perform(number, "approved", HEAD)
    perform(number, "signed", HEAD, signed_on=day)
    perform(number, "replied", delivery="ems", sent_on=day, proof="1012345678901")


def order(number: str, day: str, holds: str = "no") -> None:
    perform(
        number,
        "redecision_ordered",
        received_on=day,
        source="review",
        number="沪府复字〔2026〕12号",
        unit="workday",
        holds=holds,
    )


def figures(year: int, as_of: str, law: Statute = LAW) -> dict[str, int]:
    """The rows of table 三 that count anything, as the register knew it on a day."""
    forms = load_forms(office.config() / "annual")
    with office.reading() as session:
        this, last = (
            table3(
                year_end.case_lines(session, each, date.fromisoformat(as_of), law),
                each,
                form_for(forms, each),
            )
            for each in (year, year - 1)
        )
        assert all(check.ok for check in checks(this, last))
        outcomes = year_end.closed_by_outcome(session, year, date.fromisoformat(as_of), law)
    found = {code: figures[-1] for code, figures in this.figures().items() if figures[-1]}
    assert sum(outcomes.values()) == found.get("3.7", 0)
    return found


def play(today: pytest.MonkeyPatch, new_reply: str, holds: str = "no") -> str:
    number = receive()
    perform(number, "received", received_on="2026-03-02")
    perform(number, "found_ours")
    reply(number, "not_existing", "2026-03-02")
    on(today, "2026-11-02")
    order(number, "2026-11-02", holds)
    on(today, new_reply)
    reply(number, "granted", new_reply)
    return number


def test_a_report_as_of_a_day_never_changes(today: pytest.MonkeyPatch) -> None:
    play(today, "2026-11-20")
    on(today, "2027-01-20")
    assert figures(2026, "2026-03-01") == {}
    assert figures(2026, "2026-10-31") == {"1": 1, "3.4.1": 1, "3.7": 1}
    assert figures(2026, "2026-11-10") == {"1": 1, "3.4.1": 1, "3.7": 1}
    assert figures(2026, "2027-01-20") == {"1": 1, "3.1": 1, "3.7": 1}


def test_a_supplement_reaches_the_register_and_every_report_of_it(
    today: pytest.MonkeyPatch,
) -> None:
    number = play(today, "2026-11-20", holds="yes")
    on(today, "2027-01-20")
    assert figures(2026, "2026-11-10") == {"1": 1, "3.4.1": 1, "3.7": 1}
    assert figures(2026, "2027-01-20") == {"1": 1, "3.2": 1, "3.7": 1}
    with office.reading() as session:
        form = form_for(load_forms(office.config() / "annual"), 2026)
        table = year_end.table(session, 2026, date(2027, 1, 20), LAW, form)
        assert table.cases("3.2", "总计") == [number]
        again_ = table3(lines_by_events(session, 2026, date(2027, 1, 20), LAW), 2026, form)
        assert recounted(table, again_).ok
        assert session.get(Application, number).row == "3.2"


def test_what_an_earlier_report_counted_is_not_counted_again(today: pytest.MonkeyPatch) -> None:
    play(today, "2027-01-11")
    on(today, "2028-01-20")
    assert figures(2026, "2027-01-05") == {"1": 1, "3.4.1": 1, "3.7": 1}
    assert figures(2026, "2028-01-20") == {"1": 1, "3.4.1": 1, "3.7": 1}
    assert figures(2027, "2028-01-20") == {}


def test_counted_again_it_comes_in_and_goes_out_twice(today: pytest.MonkeyPatch) -> None:
    play(today, "2027-01-11")
    on(today, "2028-01-20")
    law = LAW.under(redecision_count="again")
    assert figures(2026, "2028-01-20", law) == {"1": 2, "3.4.1": 1, "3.7": 1, "4": 1}
    assert figures(2027, "2028-01-20", law) == {"2": 1, "3.1": 1, "3.7": 1}


def test_the_register_shows_a_reopened_case_as_it_stands(today: pytest.MonkeyPatch) -> None:
    number = play(today, "2026-11-20")
    order(number, "2026-11-20")
    with office.reading() as session:
        row = session.get(Application, number)
        assert row is not None
        assert (row.stage, row.closed_on, row.row) == (Stage.DRAFTING, None, None)
        assert row.by_history
        assert [found.number for found in register.applications(session, is_open=True)] == [number]
        assert all(row.model_dump() == columns for row, columns in register.rebuilt(session, LAW))
        letters = filed_letters.documents(session, number)
    replies = [letter for letter in letters if letter.series == "reply"]
    assert [letter.serial for letter in replies] == [1, 2]
    assert all(letter.voided_on for letter in replies)


# ── withdrawal, correction across the year's end, an entry struck out ───────────────────────────
@pytest.mark.parametrize(
    ("closed", "counted_", "dropped"),
    [
        (date(2026, 3, 10), [(2026, "3.6.3")], []),
        (date(2027, 1, 5), [(2026, "3.6.3")], [(2026, "3.6.3")]),
    ],
)
def test_a_withdrawal_counts_or_not_by_the_choice_made(
    closed: date, counted_: Any, dropped: Any
) -> None:
    history = standing(Stage.DRAFTING)
    again(history, "withdrawn", closed)
    assert counted_by_history(history.case)
    for option, expected in (("counted", counted_), ("dropped", dropped)):
        found = counted(history.case, LAW.under(withdrawn_count=option))
        assert [(one.received_on.year, one.result.row) for one in found] == expected


def test_a_dropped_withdrawal_stands_on_neither_side(today: pytest.MonkeyPatch) -> None:
    number = receive()
    perform(number, "received", received_on="2026-03-02")
    perform(number, "found_ours")
    on(today, "2026-03-05")
    perform(number, "drafted_other", outcome="withdrawn", withdrawn_on="2026-03-04")
    perform(number, "approved", HEAD)
    perform(number, "signed", HEAD, signed_on="2026-03-05")
    perform(number, "replied", delivery="ems", sent_on="2026-03-05", proof="1012345678901")
    dropped = LAW.under(withdrawn_count="dropped")
    assert figures(2026, "2026-03-05") == {"1": 1, "3.6.3": 1, "3.7": 1}
    assert figures(2026, "2026-03-05", dropped) == {}
    assert figures(2026, "2026-03-04", dropped) == {"1": 1, "4": 1}


def corrected_across_the_year() -> History:
    history = History(date(2025, 12, 30))
    history.usual("received").usual("correction_requested")
    history.today = date(2026, 1, 10)
    return history.usual("corrected").usual("found_ours")


@pytest.mark.parametrize(("option", "year"), [("received", 2025), ("corrected", 2026)])
def test_an_application_corrected_in_the_next_year_comes_in_by_the_choice_made(
    option: str, year: int
) -> None:
    history = corrected_across_the_year()
    assert counted_by_history(history.case)
    (found,) = counted(history.case, LAW.under(corrected_year=option))
    assert found.received_on.year == year


@pytest.mark.parametrize(
    ("option", "before", "first", "second"),
    [
        ("received", {"1": 1, "4": 1}, {"1": 1, "4": 1}, {"2": 1, "3.1": 1, "3.7": 1}),
        ("corrected", {"1": 1, "4": 1}, {}, {"1": 1, "3.1": 1, "3.7": 1}),
    ],
)
def test_the_year_of_a_corrected_application_as_of_a_day(
    today: pytest.MonkeyPatch,
    option: str,
    before: dict[str, int],
    first: dict[str, int],
    second: dict[str, int],
) -> None:
    law = LAW.under(corrected_year=option)
    on(today, "2025-12-31")
    number = receive(date(2025, 12, 30))
    perform(number, "received", received_on="2025-12-30")
    perform(
        number,
        "correction_requested",
        requested_on="2025-12-31",
        unclear="甲",
        guidance="乙",
        days=10,
    )
    on(today, "2026-01-10")
    perform(number, "corrected", corrected_on="2026-01-10", request="某文件")
    perform(number, "found_ours")
    reply(number, "granted", "2026-01-10")
    assert figures(2025, "2026-01-05", law) == before
    assert figures(2025, "2026-01-20", law) == first
    assert figures(2026, "2026-01-20", law) == second


def test_an_entry_struck_out_counts_nowhere(today: pytest.MonkeyPatch) -> None:
    number = receive()
    perform(number, "entry_struck", struck_on="2026-03-02", reason="与前一件重复登记")
    assert figures(2026, "2026-03-02") == {}
    with office.reading() as session:
        assert register.case(session, number).stage is Stage.CLOSED
        assert None not in year_end.closed_by_outcome(session, 2026, date(2026, 3, 2), LAW)


# ── rows that are disputed ──────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("outcome", "key", "options"),
    [
        ("not_government_information", "consultation_row", ["3.6.3", "3.5.1"]),
        ("archived", "archived_row", ["3.3.8", "3.4.1"]),
    ],
)
def test_a_disputed_row_is_the_one_chosen(outcome: str, key: str, options: list[str]) -> None:
    history = again(standing(Stage.DRAFTING), outcome)
    assert set(options) == set(next(row for row in LAW.choices if row.key == key).options)
    for row in options:
        assert history.case.row(LAW.under(**{key: row})) == row
        assert lines(history.case, LAW.under(**{key: row}))[0].row == row
    form = form_for(load_forms(office.config() / "annual"), 2026)
    assert set(options) <= form.rows.keys()
