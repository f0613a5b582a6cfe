"""复议诉讼: the forms by which reviews and suits are registered, and their course and result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field
from sqlmodel import Session

from flows import office
from flows.counter.neighbours import answer
from flows.path import desk
from flows.path.entering import as_act, enter_once
from flows.path.form_fields import Answer, By, Group, Of, On, Registered, Use
from flows.path.recording import filled
from flows.path.start_forms import start_form
from models.case.review_case import ReviewCase, redecision_due
from models.case.stage import Stage
from models.duties.limits import written_limit
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
from models.words.days_told import told


class Step(StrEnum):
    """What can happen to a review or a suit besides its result."""

    COURSE = "进展（受理、答复、听证、开庭等）"
    APPEAL = "上诉"
    EFFECT = "一审裁判生效"
    RETRIAL = "裁定再审（提审、指令再审）"
    REDECISION = "已重新答复"
    VOID = "注销登记（登记有误）"


STEPS: Final[Mapping[Step, type[ReviewAct]]] = {
    Step.COURSE: NoteCourse,
    Step.APPEAL: Appeal,
    Step.EFFECT: TakeEffect,
    Step.RETRIAL: TryAgain,
    Step.REDECISION: Redecide,
    Step.VOID: VoidReview,
}
"""The act by which each is recorded."""


@start_form(
    "登记复议诉讼",
    Use(Group.CLOSED, "收到行政复议申请书副本或者法院的起诉状副本"),
)
def lodge_review(
    given: Annotated[Answer, Of(Lodge, {"review_kind": "kind", "letter_number": "letter"})],
    by: By,
) -> str:
    """登记一件因政府信息公开引起的行政复议或者行政诉讼，计入年度报告表四。"""
    now = office.circumstances(by.officer)
    act = filled(Lodge, given)
    warnings: list[str] = []

    def enter_it(session: Session, submission: str | None) -> ReviewCase:
        lodged = lodge(session, act, now, office.now(), submission)
        warnings.extend(lodged.warnings)
        return lodged.case

    case = enter_once(REVIEWS.key, by, enter_it, as_act(REVIEWS))
    return answer(case.number, "复议诉讼登记", [*_standing(case), *warnings])


@start_form(
    "复议诉讼结果",
    Use(Group.CLOSED, "收到复议决定书、判决书、裁定书"),
)
def record_result(
    number: Registered,
    given: Annotated[Answer, Of(RecordResult, {"number": "decision"})],
    by: By,
) -> str:
    """登记复议决定或者裁判；责令重新答复的，生效时申请随即重新办理，从其期限。"""
    return _entered(number, filled(RecordResult, given), by)


@start_form(
    "复议诉讼进展",
    Use(Group.CLOSED, "复议、诉讼有了进展：受理、开庭、上诉、再审、已重新答复；或者登记错了要注销"),
)
def record_course(
    number: Registered,
    step: Annotated[Step, Field(title="事项")],
    on: On,
    by: By,
    words: Annotated[
        str,
        Field(
            title="事项的说明",
            description="进展情况；上诉的填上诉人；再审的填法院和案号；重新答复的填文号；注销的填原因；生效的不填",
        ),
    ] = "",
) -> str:
    """登记复议诉讼的进展、上诉、生效、再审、重新答复，或者注销有误的登记。"""
    return _entered(number, _course(step, on, words), by)


def owed(on: date) -> list[str]:
    """The replies that are owed by order of a review or a judgment, as sentences."""
    with office.reading() as session:
        found = redecisions(session, office.law())
    return [
        f"{one.case.number}　责令重新答复（申请 {one.case.application or one.case.letter}），"
        f"届满日{told([written_limit(one.due.day, one.due.provisional)])}"
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


def _entered(number: str, act: ReviewAct, by: By) -> str:
    now = office.circumstances(by.officer)

    def enter_it(session: Session, submission: str | None) -> ReviewCase:
        case = state(session, REVIEWS, number, lock=True)
        enter(session, REVIEWS, case, act, now, office.now(), submission)
        return case

    case = enter_once(REVIEWS.key, by, enter_it, as_act(REVIEWS))
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
    until = f"，届满日{written_limit(limit.last_day, limit.provisional)}" if limit else ""
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
        yield f"责令重新答复，届满日：{written(due.day)}{provisional}"
