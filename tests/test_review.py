"""Reviews and suits: course, result, the reply they may order, and table 四 (Art. 51).

The worked cases are in tests/cases/reviews.toml. The register runs on SQLite, and on PostgreSQL
when DISCLOSURE_DATABASE_URL names one (tests/databases.py).
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from histories import BEFORE_2027
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select
from test_register import advance, receive
from whole_years import fill

from flows import office
from flows.counter import reviews
from flows.counter.reviews import Step
from flows.path import recording
from flows.path.entering import as_act, enter_once
from flows.path.form_fields import By
from flows.year import annual_report
from models.acts.afterwards.redecision import HOLDS
from models.agency.agency import load_agency
from models.case.act import Circumstances
from models.case.case import Case
from models.case.review_case import (
    APPEAL_DISMISSED,
    FINAL_AT_ONCE,
    REMANDED,
    RETRIAL_UPHELD,
    Decision,
    ReviewCase,
    ReviewKind,
    ReviewStage,
    redecision_due,
    review_first_warning,
)
from models.case.stage import Stage
from models.errors import ActRefused, ImpossibleHistory, NotRegistered, UncountableReview
from models.neighbours import review_register
from models.neighbours.review_acts import REVIEWS, Lodge, RecordResult
from models.neighbours.review_orders import order_reply
from models.register import neighbour, register
from models.report_tables.form import form_for, load_forms
from models.report_tables.table4 import (
    PENDING,
    ReviewLine,
    Table4,
    line,
    review_checks,
    reviews_listed,
    table4,
)
from models.soundness import integrity
from models.store.tables import Document, Entry, Event, Review

ROOT = Path(__file__).resolve().parents[1]
LAW = BEFORE_2027  # as the cases were: the notice of 2027 is not out
AGENCY = load_agency(ROOT / "config" / "office")
FORMS = load_forms(ROOT / "config" / "annual")
CASES: list[dict[str, Any]] = tomllib.loads(
    (ROOT / "tests" / "cases" / "reviews.toml").read_text(encoding="utf-8")
)["case"]
NOW = Circumstances(date(2027, 1, 31), "陈静", LAW, AGENCY)
RESULT = RecordResult.choices(NOW)["result"]
YEARS = range(2023, 2027)
DAY_OF = {
    "lodged": "lodged_on",
    "course_noted": "noted_on",
    "decided": "decided_on",
    "appealed": "appealed_on",
    "took_effect": "took_effect_on",
    "retried": "retried_on",
    "redecided": "redecided_on",
}
WORDS_OF = {
    "course_noted": "what",
    "appealed": "appellant",
    "retried": "retrial_number",
    "redecided": "letter_number",
    "voided": "reason",
}


def played(worked: dict[str, Any], number: str = "FS2026001") -> ReviewCase:
    """A worked case as its acts leave it; every one of them is lawful when its turn comes."""
    case = ReviewCase(number)
    for step in worked["acts"]:
        kind, answer = step["act"], {}
        if kind in DAY_OF:
            answer[DAY_OF[kind]] = step["on"]
        if "words" in step:
            answer[WORDS_OF[kind]] = step["words"]
        if kind == "lodged":
            about = {"letter_number": "沪知公开告〔2023〕8号", "authority": "上海市人民政府"}
            answer |= {"review_kind": worked["kind"], **about}
        if kind == "decided":
            answer |= {"received_on": step["received"], "result": step["result"]}
            answer |= {name: step[name] for name in ("redecision", "term") if name in step}
            answer |= {"term_unit": step["unit"]} if "unit" in step else {}
        act = REVIEWS.acts[kind].model_validate(answer)
        assert act.refusals(case, NOW) == []
        act.apply(case, act.effective_on(NOW.today), NOW.officer)
    return case


def places(case: ReviewCase, law=LAW) -> dict[int, str]:
    """In which column of its group a case stands, by year."""
    found = {}
    for year in YEARS:
        counted = line(case, year, law)
        cells = table4([counted] if counted else [], year, form_for(FORMS, year)).cells
        columns = [c for c, numbers in cells[case.kind].items() if numbers and c != "总计"]
        if columns:
            (found[year],) = columns
    return found


# ── the worked cases ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("worked", CASES, ids=lambda worked: worked["name"])
def test_each_worked_case_stands_in_its_column_of_table_four(worked):
    case = played(worked)
    expected = {int(year): column for year, column in worked["table4"].items()}
    assert places(case) == expected
    disputed = {int(year): column for year, column in worked.get("disputed", expected).items()}
    assert places(case, LAW.under(first_instance_judgment="first")) == disputed


@pytest.mark.parametrize("worked", CASES, ids=lambda worked: worked["name"])
def test_each_worked_case_orders_a_new_reply_by_its_day_or_none(worked):
    case = played(worked)
    due = redecision_due(case, LAW) if case.redecided_on is None else None
    expected = worked.get("redecision")
    if expected is None:
        assert due is None
    else:
        assert due is not None
        assert (due.day, due.provisional) == (expected["last_day"], expected["provisional"])


# ── closed world ───────────────────────────────────────────────────────────────────────────────


def test_the_kinds_of_review_are_the_groups_of_every_form():
    for form in FORMS:
        assert [group.key for group in form.review] == [str(kind) for kind in ReviewKind]


def test_every_result_has_a_column_in_every_form_or_is_about_the_first_judgment():
    rows = LAW.review_results
    assert {key for key, row in rows.items() if row.column == "同一审"} == {APPEAL_DISMISSED}
    assert {key for key, row in rows.items() if row.column == "同原裁判"} == {RETRIAL_UPHELD}
    assert {key for key, row in rows.items() if row.column == PENDING} == {REMANDED}
    assert set(rows) > FINAL_AT_ONCE
    for form in FORMS:
        for group in form.review:
            columns = {row.column for row in rows.values()} - {"同一审", "同原裁判"}
            assert columns == set(group.columns[:-1])
    for instance in ("复议", "一审"):
        assert not {APPEAL_DISMISSED, RETRIAL_UPHELD, REMANDED} & {
            key for key, row in rows.items() if instance in row.instances
        }


def test_every_act_and_every_column_occurs_in_a_worked_case():
    steps = [step for worked in CASES for step in worked["acts"]]
    assert {step["act"] for step in steps} == set(REVIEWS.acts)
    columns = {LAW.review_results[step["result"]].column for step in steps if "result" in step}
    assert columns == {row.column for row in LAW.review_results.values()}


# ── what is refused ────────────────────────────────────────────────────────────────────────────


def lodged(kind: str = "行政复议") -> ReviewCase:
    return played({"kind": kind, "acts": [{"act": "lodged", "on": date(2026, 1, 5)}]})


def test_a_review_says_what_it_is_about():
    act = Lodge(review_kind="行政复议", lodged_on=date(2026, 1, 5), authority="上海市人民政府")
    (reason,) = act.refusals(ReviewCase(""), NOW)
    assert "申请编号" in reason
    assert "文号" in reason


def test_a_day_that_has_not_come_cannot_be_recorded():
    act = Lodge(
        review_kind="行政复议", letter_number="甲", lodged_on=date(2027, 2, 1), authority="乙"
    )
    assert "晚于今天" in act.refusals(ReviewCase(""), NOW)[0]


@pytest.mark.parametrize(
    ("kind", "result", "words"),
    [
        ("行政复议", "suit_rejected", "应从所列选项中选择"),
        ("未经复议直接起诉", "claim_rejected", "应从所列选项中选择"),
        ("未经复议直接起诉", "appeal_dismissed", "应从所列选项中选择"),
        ("行政复议", "无此结果", "应从所列选项中选择"),
    ],
)
def test_a_result_of_another_procedure_is_refused(kind, result, words):
    act = RecordResult(result=result, decided_on=date(2026, 2, 2), received_on=date(2026, 2, 3))
    assert words in "；".join(act.refusals(lodged(kind), NOW))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"decided_on": date(2026, 1, 4)}, "早于上一事项的日期"),
        ({"received_on": date(2026, 2, 1)}, "早于作出日期"),
        ({"result": "upheld", "redecision": True}, "没有责令重新答复"),
        ({"term": 15}, "不填重新答复的期限"),
        ({"redecision": True, "term": 15, "term_unit": "月"}, "应从所列选项中选择"),
    ],
)
def test_a_result_that_makes_no_sense_is_refused(changed, words):
    answer = {
        "result": "revoked",
        "decided_on": date(2026, 2, 2),
        "received_on": date(2026, 2, 3),
    }
    act = RecordResult.model_validate(answer | changed)
    assert words in "；".join(act.refusals(lodged(), NOW))


def test_a_case_that_is_over_takes_no_further_result_and_no_appeal():
    case = played(CASES[0])
    for kind, answer in (
        ("decided", {"result": "upheld", "decided_on": NOW.today, "received_on": NOW.today}),
        ("appealed", {"appealed_on": NOW.today, "appellant": "甲"}),
        ("took_effect", {"took_effect_on": NOW.today}),
        ("redecided", {"redecided_on": NOW.today, "letter_number": "甲"}),
    ):
        reasons = REVIEWS.acts[kind].model_validate(answer).refusals(case, NOW)
        assert len(reasons) == 1, kind
        assert reasons[0].startswith(("复议诉讼案件处于“已审结”环节", "复议决定、裁判没有责令"))


def test_a_history_with_a_gap_is_impossible():
    entry = Entry(
        register_key="review",
        case_number="FS2026001",
        position=1,
        kind="lodged",
        on=date(2026, 1, 5),
        officer="陈静",
        facts={},
    )
    with pytest.raises(ImpossibleHistory, match="第 0 步缺失"):
        REVIEWS.replay("FS2026001", [entry])


# ── the warning ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "clauses", "words"),
    [
        ("未经复议直接起诉", ("review_first",), "该答复以条例第十四条"),
        ("未经复议直接起诉", ("review_first_part", "choice_part"), "不予公开的部分以条例"),
        ("未经复议直接起诉", ("choice",), None),
        ("未经复议直接起诉", (), None),
        ("复议后起诉", ("review_first",), None),
        ("行政复议", ("review_first",), None),
    ],
)
def test_a_direct_suit_where_review_comes_first_is_doubted(kind, clauses, words):
    warning = review_first_warning(kind, clauses)
    assert warning is None if words is None else warning is not None and words in warning


# ── table 四 on the sets ───────────────────────────────────────────────────────────────────────

FORM = form_for(FORMS, 2025)
RESULTS = ("结果维持", "结果纠正", "其他结果")


@st.composite
def many_lines(draw) -> list[ReviewLine]:
    found = []
    for n in range(draw(st.integers(0, 12))):
        lodged_on = draw(st.dates(date(2023, 1, 1), date(2026, 12, 31)))
        settled = draw(st.none() | st.dates(lodged_on, date(2027, 12, 31)))
        column = draw(st.sampled_from(RESULTS)) if settled else None
        group = str(draw(st.sampled_from(list(ReviewKind))))
        found.append(ReviewLine(str(n), group, lodged_on, settled, column))
    return found


@given(many_lines())
def test_every_identity_of_table_four_holds_whatever_happened(lines):
    this, before = table4(lines, 2025, FORM), table4(lines, 2024, FORM)
    assert all(check.ok for check in review_checks(this, before))
    figures = this.figures()
    assert len(figures) == 15
    for start in (0, 5, 10):
        assert sum(figures[start : start + 4]) == figures[start + 4]


def _changed(table: Table4, group: str, column: str, numbers: list[str]) -> Table4:
    cells = {**table.cells, group: {**table.cells[group], column: numbers}}
    return replace(table, cells=cells)


def test_what_does_not_balance_in_table_four_is_answered_with_case_numbers():
    lines = [
        ReviewLine("甲", "行政复议", date(2024, 5, 6), date(2025, 2, 3), "结果维持"),
        ReviewLine("乙", "复议后起诉", date(2025, 5, 6)),
    ]
    table, before = table4(lines, 2025, FORM), table4(lines, 2024, FORM)
    assert not [check for check in review_checks(table, before) if not check.ok]

    twice = _changed(table, "复议后起诉", PENDING, ["乙", "甲"])
    found = {check.id: check.cases for check in review_checks(twice, before) if not check.ok}
    assert found == {"reviews.once": ("甲",), "reviews.total.复议后起诉": ("甲",)}

    lost = table4(lines[1:], 2025, FORM)
    found = {check.id: check.cases for check in review_checks(lost, before) if not check.ok}
    assert found == {"reviews.pending.行政复议": ("甲",)}

    of_nowhere = table4([], 2024, FORM)
    found = {check.id: check for check in review_checks(table, of_nowhere) if not check.ok}
    assert {i: check.cases for i, check in found.items()} == {"reviews.earlier.行政复议": ("甲",)}
    assert found["reviews.earlier.行政复议"].message == (
        "表四‘行政复议’：2024年度及以前申请或者起诉、计入本年的上年未列为尚未审结：甲"
    )
    assert reviews_listed(table.listed(), 2025, FORM).cells == table.cells


def test_a_review_that_fits_no_cell_is_an_error_with_its_number():
    wrong = ReviewLine("甲", "行政裁决", date(2025, 1, 6), date(2025, 2, 3), "结果维持")
    with pytest.raises(UncountableReview, match="甲"):
        table4([wrong], 2025, FORM)


# ── the register ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with empty_register(tmp_path, monkeypatch):
        yield monkeypatch


def on(desk: pytest.MonkeyPatch, day: str) -> None:
    desk.setenv("DISCLOSURE_TODAY", day)


def lodge(**changed: Any) -> str:
    asked = {
        "kind": ReviewKind.REVIEW,
        "lodged_on": date(2026, 3, 2),
        "officer": "陈静",
        "letter": "沪知公开告〔2019〕1号",
    }
    return reviews.lodge_review.fn(**(asked | changed))


def decide(number: str, **changed: Any) -> str:
    asked = {
        "number": number,
        "result": RESULT["revoked"],
        "decided_on": date(2026, 4, 1),
        "received_on": date(2026, 4, 2),
        "officer": "陈静",
    }
    return reviews.record_result.fn(**(asked | changed))


def course(number: str, step: Step, day: date, words: str = "") -> str:
    asked = {"number": number, "step": step, "on": day, "words": words}
    return reviews.record_course.fn(officer="陈静", **asked)


def held(number: str) -> ReviewCase:
    with office.reading() as session:
        return neighbour.state(session, REVIEWS, number)


def rows() -> list[Review]:
    with office.reading() as session:
        return list(session.exec(select(Review).order_by(col(Review.number))))


def closed_application() -> tuple[str, str]:
    """A closed application and the number of its letter."""
    number = receive()
    advance(number)
    with office.reading() as session:
        found = select(Document).where(Document.case_number == number, Document.kind == "not_ours")
        return number, session.exec(found).one().number


def test_reviews_are_numbered_by_year_without_gaps(desk):
    on(desk, "2026-03-09")
    assert [lodge(), lodge(lodged_on=date(2025, 12, 30)), lodge()] == [
        "FS2026001",
        "FS2025001",
        "FS2026002",
    ]


def test_the_letter_tells_the_application_and_the_day_tells_the_authority(desk):
    number, letter = closed_application()
    case = held(lodge(letter=letter))
    assert (case.application, case.authority) == (number, "上海市人民政府")
    assert held(lodge(kind=ReviewKind.DIRECT_SUIT, letter=letter)).authority == "上海铁路运输法院"
    with office.reading() as session:
        assert [row.number for row in review_register.against(session, number)] == [
            "FS2026001",
            "FS2026002",
        ]


def test_where_two_authorities_were_possible_the_officer_says_which(desk):
    with pytest.raises(ActRefused, match="请填写复议机关或者法院"):
        lodge(lodged_on=date(2023, 5, 4))
    assert held(lodge(lodged_on=date(2023, 5, 4), authority="国家知识产权局")).authority


def test_what_contradicts_the_register_is_refused_and_nothing_is_written(desk):
    number, letter = closed_application()
    other = receive()
    review = lodge(application=number, authority_number="沪府复〔2026〕12号")
    for asked, words in (
        ({"application": "SQ999999999"}, "没有编号为“SQ999999999”的申请"),
        ({"application": number, "lodged_on": date(2026, 3, 1)}, "早于收到申请"),
        ({"application": other, "letter": letter}, f"是申请 {number} 的"),
        ({"authority_number": "沪府复〔2026〕12号"}, f"已经登记为 {review}"),
        ({"kind": ReviewKind.SUIT_AFTER_REVIEW, "after_review": "FS2026099"}, "没有登记号为"),
        ({"after_review": review}, "才填写此前复议案件的登记号"),
        (
            {"kind": ReviewKind.SUIT_AFTER_REVIEW, "after_review": review, "application": other},
            f"所涉的是申请 {number}",
        ),
        ({"complaint": "甲\u202e乙"}, "控制字符"),
        ({"complaint": "甲" * 5001}, "最多5000个字"),
    ):
        with pytest.raises(ActRefused, match=words):
            lodge(**asked)
    assert [row.number for row in rows()] == [review]
    assert lodge() == "FS2026002"  # the refused ones took no number


def test_a_suit_after_review_names_its_review(desk):
    number, _ = closed_application()
    review = lodge(application=number)
    suit = lodge(kind=ReviewKind.SUIT_AFTER_REVIEW, application=number, after_review=review)
    assert held(suit).after_review == review


def test_a_case_goes_from_lodging_to_the_new_reply_it_ordered(desk):
    on(desk, "2026-03-02")
    number = lodge()
    on(desk, "2026-04-03")
    course(number, Step.COURSE, date(2026, 3, 9), "提出行政复议答复书")
    decide(number, redecision=True, term=15, term_unit="工作日")
    assert reviews.owed(date(2026, 4, 3)) == [
        f"{number}　责令重新答复（申请 沪知公开告〔2019〕1号），届满日2026年4月24日"
    ]
    assert reviews.owed(date(2026, 4, 27))[0].endswith("，已逾期")
    on(desk, "2026-04-20")
    course(number, Step.REDECISION, date(2026, 4, 20), "沪知公开告〔2026〕9号")
    assert reviews.owed(date(2026, 4, 27)) == []
    with pytest.raises(ActRefused, match="已于2026-04-20"):
        course(number, Step.REDECISION, date(2026, 4, 20), "又一号")


ORDERED = {
    "redecision": True,
    "term": 15,
    "term_unit": "工作日",
    "decision": "沪府复〔2026〕12号",
}


def opened(number: str) -> Case:
    with office.reading() as session:
        return register.case(session, number)


def test_a_decision_that_orders_a_reply_opens_the_application_in_the_same_act(desk):
    number, _ = closed_application()
    on(desk, "2026-04-03")
    put = []
    desk.setattr("flows.path.desk.put_on_desk", lambda case: put.append(case.number))
    review = lodge(application=number)
    before = opened(number).position
    with pytest.raises(ActRefused, match="请填写决定书、裁判文书的文号（案号）"):
        decide(review, redecision=True)
    assert (opened(number).position, held(review).decisions, put) == (before, [], [])
    decide(review, **ORDERED)
    case = opened(number)
    (order,) = case.redecisions
    assert (case.stage, case.position) == (Stage.DRAFTING, before + 1)
    assert (order.cited, order.review) == (
        "上海市人民政府行政复议决定（沪府复〔2026〕12号）",
        review,
    )
    assert case.deadline(LAW).last_day == date(2026, 4, 24)
    assert put == [number]
    assert reviews.owed(date(2026, 4, 3)) == []


def strike(review: str) -> None:
    course(review, Step.VOID, date(2026, 4, 3), "重复登记")


def test_a_review_struck_out_orders_nothing_any_more(desk):
    """The application, its letter and its count are again what they were before the order (45)."""
    number, _ = closed_application()
    before = opened(number)
    on(desk, "2026-04-03")
    desk.setattr("flows.path.desk.put_on_desk", lambda _: None)
    review = lodge(application=number)
    decide(review, **ORDERED)
    assert opened(number).stage is Stage.DRAFTING
    course(review, Step.COURSE, date(2026, 4, 3), "已向承办人转送")
    strike(review)
    with office.reading() as session:
        undone = session.exec(select(Event).where(Event.kind == "redecision_undone")).one()
    assert undone.facts["reason"] == "2026-04-03　注销：重复登记"
    case = opened(number)
    assert (case.stage, case.redecisions, case.first_replies) == (Stage.CLOSED, [], [])
    assert (case.closed_on, case.outcome) == (before.closed_on, before.outcome)
    assert case.deadline(LAW) == before.deadline(LAW)
    assert [one.voided_on for one in case.letters] == [one.voided_on for one in before.letters]
    with office.reading() as session:
        assert list(integrity.faults(session, office.law(), office.agency())) == []


def test_an_order_on_which_we_acted_is_not_struck_out_unnoticed(desk):
    number, _ = closed_application()
    on(desk, "2026-04-03")
    desk.setattr("flows.path.desk.put_on_desk", lambda _: None)
    review = lodge(application=number)
    decide(review, **ORDERED)
    case = opened(number)
    recording.perform(number, case.position, "assigned", {"handler": "赵敏"}, "陈静")
    with pytest.raises(ActRefused, match="以后已经继续办理"):
        strike(review)
    assert opened(number).stage is Stage.DRAFTING


@pytest.mark.parametrize(
    ("result", "holds", "stands"), [("revoked", "no", 0), ("revoked", "yes", 1)]
)
def test_what_the_decision_says_of_the_reply_reaches_the_application(desk, result, holds, stands):
    number, _ = closed_application()
    on(desk, "2026-04-03")
    desk.setattr("flows.path.desk.put_on_desk", lambda _: None)
    decide(lodge(application=number), **ORDERED, holds=HOLDS[holds], result=RESULT[result])
    case = opened(number)
    assert case.first_replies[0].order.stands == bool(stands)
    assert sum(one.kind == "reply" and one.voided_on is None for one in case.letters) == stands


def test_a_judgment_opens_the_application_when_it_has_effect(desk):
    number, _ = closed_application()
    on(desk, "2026-06-01")
    desk.setattr("flows.path.desk.put_on_desk", lambda _: None)
    suit = lodge(kind=ReviewKind.DIRECT_SUIT, application=number)
    decide(suit, **ORDERED)
    assert opened(number).stage is Stage.CLOSED
    course(suit, Step.EFFECT, date(2026, 4, 20))
    case = opened(number)
    assert (case.stage, case.redecisions[0].received_on) == (Stage.DRAFTING, date(2026, 4, 20))
    assert case.deadline(LAW).last_day == date(2026, 5, 13)


def test_what_was_answered_since_is_not_opened_again(desk):
    """Entered after the new reply went out: the day of the reply is opened again, an earlier not."""
    desk.setattr("flows.path.desk.put_on_desk", lambda _: None)
    for before, stage in ((1, Stage.CLOSED), (0, Stage.DRAFTING)):
        on(desk, "2026-03-02")
        number, _ = closed_application()
        sent = opened(number).closed_on
        on(desk, "2026-06-01")
        review = lodge(application=number, lodged_on=date(2026, 3, 2))
        with office.writing() as session:
            case = neighbour.state(session, REVIEWS, review)
            case.effective_on = received = sent - before * timedelta(days=1)
            case.stage = ReviewStage.SETTLED
            decision = Decision("复议", "revoked", received, received, True, number="甲号")
            case.decisions.append(decision)
            order_reply(session, case, office.circumstances("陈静"), office.now())
        assert opened(number).stage is stage


def test_every_step_of_the_course_form_is_an_act(desk):
    on(desk, "2026-06-01")
    number = lodge(kind=ReviewKind.DIRECT_SUIT)
    decide(number)
    course(number, Step.APPEAL, date(2026, 4, 10), "原告")
    assert held(number).stage is ReviewStage.APPEALED
    decide(number, result=RESULT["appeal_dismissed"], decided_on=date(2026, 5, 6),
           received_on=date(2026, 5, 8))  # fmt: skip
    assert held(number).stage is ReviewStage.SETTLED
    other = lodge(kind=ReviewKind.DIRECT_SUIT)
    decide(other)
    course(other, Step.EFFECT, date(2026, 4, 20))
    assert held(other).effective_on == date(2026, 4, 20)
    course(other, Step.VOID, date(2026, 6, 1), "重复登记")
    assert held(other).stage is ReviewStage.VOID
    with pytest.raises(ActRefused, match="“已注销”环节"):
        course(other, Step.COURSE, date(2026, 6, 1), "开庭")


def test_an_unknown_number_is_said_to_be_unknown(desk):
    with pytest.raises(NotRegistered, match="“FS2026009”"):
        decide("FS2026009")


def test_a_form_that_runs_again_registers_nothing_new(desk):
    desk.setattr("flows.path.desk.submission", lambda: "run-1")
    now = office.circumstances("陈静")
    act = Lodge(review_kind="行政复议", letter_number="甲", lodged_on=now.today)

    def enter_it(session, submission):
        return review_register.lodge(session, act, now, office.now(), submission).case

    first, again = (
        enter_once(REVIEWS.key, By("陈静"), enter_it, as_act(REVIEWS)) for _ in range(2)
    )
    assert first == again
    assert [row.number for row in rows()] == ["FS2026001"]


def test_the_rows_equal_their_rebuild_from_the_entries(desk):
    on(desk, "2026-06-01")
    number = lodge()
    decide(number, redecision=True)
    lodge(kind=ReviewKind.DIRECT_SUIT)
    with office.reading() as session:
        pairs = list(neighbour.rebuilt(session, REVIEWS))
    assert len(pairs) == 2
    assert all(row.model_dump() == columns for row, columns in pairs)


# ── the annual report ──────────────────────────────────────────────────────────────────────────


def test_table_four_of_the_annual_report_counts_what_was_known_on_the_day(desk, tmp_path):
    on(desk, "2026-03-02")
    first, second = lodge(), lodge(kind=ReviewKind.DIRECT_SUIT)
    on(desk, "2026-12-30")
    fill(2026)
    decide(second, result=RESULT["withdrawn"])
    on(desk, "2027-01-12")
    decide(first)  # decided in April, entered only now

    def tables(as_of: date) -> list[int]:
        made = annual_report.produce(2026, tmp_path / str(as_of), as_of)
        assert not made.failed
        written = json.loads((tmp_path / str(as_of) / "tables.json").read_text(encoding="utf-8"))
        return written["table4"]

    assert tables(date(2026, 12, 31)) == [0, 0, 0, 1, 1] + [0, 0, 1, 0, 1] + [0] * 5
    assert tables(date(2027, 1, 12)) == [0, 1, 0, 0, 1] + [0, 0, 1, 0, 1] + [0] * 5
