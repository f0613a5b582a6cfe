"""复议诉讼: the forms by which reviews and suits are registered, and their course and result."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated

from prefect import flow
from pydantic import Field
from sqlmodel import Session

from flows import office
from flows.counter.after_closing import NOT_MOVED, SET_ASIDE, Holds, MovedBy
from flows.counter.neighbours import answer, once
from flows.path import desk
from flows.path.recording import filled
from flows.path.signing import Code
from flows.path.start_forms import asked_again
from flows.prefect_side.worker import Listed
from models.case.review_case import ReviewCase, ReviewKind, redecision_due
from models.case.stage import Stage
from models.duties.duties import written_limit
from models.law.workdays import written
from models.neighbours.review_acts import (
    REVIEWS,
    Appeal,
    Lodge,
    NoteCourse,
    RecordResult,
    Redecide,
    ReviewAct,
    TakeEffect,
    TryAgain,
    VoidReview,
)
from models.neighbours.review_register import lodge, redecisions
from models.register import register
from models.register.neighbour import enter, state


def results() -> dict[str, str]:
    """How a review or a suit may end by today's tables, as the form says it (table 四)."""
    offered = office.law().review_results.offered(office.today())
    return {key: f"{row.column}　{row.label}" for key, row in offered.items()}


class Unit(StrEnum):
    """The unit of a term given for a new reply."""

    WORKDAY = "工作日"
    DAY = "日"


class Step(StrEnum):
    """What can happen to a review or a suit besides its result."""

    COURSE = "进展（受理、答复、听证、开庭等）"
    APPEAL = "上诉"
    EFFECT = "一审裁判生效"
    RETRIAL = "裁定再审（提审、指令再审）"
    REDECISION = "已重新答复"
    VOID = "注销登记（登记有误）"


@flow(name="登记复议诉讼", flow_run_name="登记复议诉讼")
@asked_again
def lodge_review(
    kind: Annotated[ReviewKind, Field(title="类别")],
    lodged_on: Annotated[date, Field(title="申请复议或者起诉的日期")],
    officer: Annotated[str, Field(title="经办人")],
    application: Annotated[str, Field(title="所涉申请的受理编号")] = "",
    letter: Annotated[
        str, Field(title="所涉告知书的文号", description="受理编号和文号至少填写一项")
    ] = "",
    authority: Annotated[
        str, Field(title="复议机关或者法院", description="不填的，为该日期本机关的复议机关、法院")
    ] = "",
    authority_number: Annotated[str, Field(title="复议、诉讼案号")] = "",
    complaint: Annotated[str, Field(title="复议、诉讼请求")] = "",
    after_review: Annotated[
        str, Field(title="此前复议案件的登记号", description="复议后起诉的填写")
    ] = "",
    one_time_code: Code = "",
) -> str:
    """登记一件因政府信息公开引起的行政复议或者行政诉讼，计入年度报告表四。"""
    now = office.circumstances(officer)
    act = filled(
        Lodge,
        {
            "review_kind": str(kind),
            "application": application,
            "letter_number": letter,
            "complaint": complaint,
            "lodged_on": lodged_on,
            "authority": authority,
            "authority_number": authority_number,
            "after_review": after_review,
        },
    )
    warnings: list[str] = []

    def enter_it(session: Session, submission: str | None) -> ReviewCase:
        lodged = lodge(session, act, now, office.now(), submission)
        warnings.extend(lodged.warnings)
        return lodged.case

    case = once(REVIEWS, enter_it, (officer, one_time_code))
    return answer(case.number, "复议诉讼登记", [*_standing(case), *warnings])


@flow(name="复议诉讼结果", flow_run_name="复议诉讼结果")
@asked_again
def record_result(
    number: Annotated[str, Field(title="登记号")],
    result: Annotated[
        str,
        Field(title="结果", description="一审裁判未生效的，按裁判登记；再审的，生效后登记"),
        Listed(lambda: results().values()),
    ],
    decided_on: Annotated[date, Field(title="作出日期")],
    received_on: Annotated[date, Field(title="收到决定书、裁判文书之日")],
    officer: Annotated[str, Field(title="经办人")],
    redecision: Annotated[bool, Field(title="责令重新答复")] = False,
    term: Annotated[int, Field(title="重新答复的期限", description="未定期限的填0", ge=0)] = 0,
    term_unit: Annotated[Unit, Field(title="期限的单位")] = Unit.WORKDAY,
    decision: Annotated[
        str,
        Field(title="决定书、裁判文书的文号（案号）", description="责令重新答复的写入告知书"),
    ] = "",
    holds: Annotated[Holds, Field(title="原答复的效力")] = SET_ASIDE,
    moved_by: Annotated[
        MovedBy,
        Field(title="决定是否写明期限可以推迟", description="只有决定自己写明的才能推迟"),
    ] = NOT_MOVED,
    moved_words: Annotated[
        str, Field(title="决定书、判决书写明可以推迟的原话", description="照抄")
    ] = "",
    one_time_code: Code = "",
) -> str:
    """登记复议决定或者裁判；责令重新答复的，生效时申请随即重新办理，从其期限。"""
    act = filled(
        RecordResult,
        {
            "result": next((key for key, words in results().items() if words == result), result),
            "decided_on": decided_on,
            "received_on": received_on,
            "redecision": redecision,
            "term": term,
            "term_unit": str(term_unit),
            "number": decision,
            "holds": Holds(holds).name,
            "moved_by": "" if MovedBy(moved_by) is NOT_MOVED else MovedBy(moved_by).name,
            "moved_words": moved_words,
        },
    )
    return _entered(number, act, (officer, one_time_code))


@flow(name="复议诉讼进展", flow_run_name="复议诉讼进展")
@asked_again
def record_course(
    number: Annotated[str, Field(title="登记号")],
    step: Annotated[Step, Field(title="事项")],
    on: Annotated[date, Field(title="日期")],
    officer: Annotated[str, Field(title="经办人")],
    words: Annotated[
        str,
        Field(
            title="说明",
            description="进展情况；上诉的填上诉人；再审的填法院和案号；重新答复的填文号；注销的填原因；生效的不填",
        ),
    ] = "",
    one_time_code: Code = "",
) -> str:
    """登记复议诉讼的进展、上诉、生效、再审、重新答复，或者注销有误的登记。"""
    return _entered(number, _course(step, on, words), (officer, one_time_code))


def owed(on: date) -> list[str]:
    """The replies that are owed by order of a review or a judgment, as sentences."""
    with office.reading() as session:
        found = redecisions(session, office.law())
    return [
        f"{one.case.number}　责令重新答复（申请 {one.case.application or one.case.letter}），"
        f"最后期限{written_limit(one.due.day, one.due.provisional)}"
        f"{'，已逾期' if on > one.due.day else ''}"
        for one in found
    ]


def _course(step: Step, on: date, words: str) -> ReviewAct:
    match step:
        case Step.COURSE:
            return filled(NoteCourse, {"noted_on": on, "what": words})
        case Step.APPEAL:
            return filled(Appeal, {"appealed_on": on, "appellant": words})
        case Step.EFFECT:
            return filled(TakeEffect, {"took_effect_on": on})
        case Step.RETRIAL:
            return filled(TryAgain, {"retried_on": on, "retrial_number": words})
        case Step.REDECISION:
            return filled(Redecide, {"redecided_on": on, "letter_number": words})
        case Step.VOID:
            return filled(VoidReview, {"reason": words})


def _entered(number: str, act: ReviewAct, by: tuple[str, str]) -> str:
    now = office.circumstances(by[0])

    def enter_it(session: Session, submission: str | None) -> ReviewCase:
        case = state(session, REVIEWS, number, lock=True)
        enter(session, REVIEWS, case, act, now, office.now(), submission)
        return case

    case = once(REVIEWS, enter_it, by)
    return answer(case.number, act.title, [*_standing(case), *_opened(case)])


def _opened(case: ReviewCase) -> Iterator[str]:
    """The application that the decision opened, or gave a term, put on the desk with its limit."""
    if not case.application:
        return
    with office.reading() as session:
        found = register.case(session, case.application)
    if found.stage is Stage.CLOSED or not any(o.review == case.number for o in found.redecisions):
        return
    desk.put_on_desk(found)
    limit = found.deadline(office.law())
    until = f"，最后期限{written_limit(limit.last_day, limit.provisional)}" if limit else ""
    yield f"申请 {found.number} 已经重新办理（{found.stage}）{until}"


def _standing(case: ReviewCase) -> Iterator[str]:
    """How the case stands, as an officer reads it."""
    yield f"{case.kind}，{case.stage}；{case.authority} {case.authority_number}".rstrip()
    about = "、".join(words for words in (case.application, case.letter) if words)
    yield f"所涉申请或者告知书：{about}"
    due = redecision_due(case, office.law())
    if case.redecided_on:
        yield f"已于{written(case.redecided_on)}重新答复：{case.redecided_by}"
    elif due:
        provisional = "（暂定）" if due.provisional else ""
        yield f"责令重新答复，最后期限：{written(due.day)}{provisional}"
