"""What does a decision on a review or suit that orders a reply do to the application? (Art. 51).

Recorded once, it is recorded of the application, too, in the same transaction: opened again, or
given its term, from the day the decision reached us and had effect. One answered since, or opened
for it already, is left alone; one that the register does not have is told by `redecisions`.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from models.acts.afterwards.redecision import NONE, OrderRedecision, UndoOrder
from models.case.act import Circumstances
from models.case.case import Case
from models.case.review_case import Decision, ReviewCase, ReviewKind, ReviewStage
from models.case.stage import Stage
from models.errors import ActRefused
from models.register import filed_letters, register

NUMBER_MISSING = (
    "责令答复的，请填写决定书、裁判文书的文号（案号）："
    "申请随即重新办理，新的告知书须载明（条例第五十一条）"
)


def order_reply(session: Session, case: ReviewCase, now: Circumstances, at: datetime) -> None:
    """Record of the application what the decision that holds orders, if it has not been yet.

    Raises ActRefused with the reasons if the application cannot take it.
    """
    if case.stage is ReviewStage.VOID:
        _undo(session, case, now, at)
        return
    held = case.ordered
    if held is None or not case.application or case.redecided_on is not None:
        return
    application = register.case(session, case.application)
    order = _order(case, held, application)
    known = any(one.review == case.number for one in application.redecisions)
    closed_on = application.closed_on
    if known or application.received_on is None or (closed_on and closed_on > order.received_on):
        return
    if not order.number:
        raise ActRefused([NUMBER_MISSING])
    try:
        register.record(session, application, order, now, at)
    except ActRefused as refused:
        reasons = [f"申请 {application.number}：{one}" for one in refused.reasons]
        raise ActRefused(reasons) from None
    filed_letters.mark_voided(session, application)


def _undo(session: Session, case: ReviewCase, now: Circumstances, at: datetime) -> None:
    """A review struck out orders nothing: the application stands as it did before (Art. 45)."""
    if not case.application:
        return
    application = register.case(session, case.application)
    if not any(one.review == case.number for one in application.redecisions):
        return
    undone = UndoOrder(review=case.number, reason=case.course[-1])
    try:
        register.record(session, application, undone, now, at)
    except ActRefused as refused:
        reasons = [f"申请 {application.number}：{one}" for one in refused.reasons]
        raise ActRefused(reasons) from None
    filed_letters.mark_voided(session, application)


def _order(case: ReviewCase, held: Decision, application: Case) -> OrderRedecision:
    assert case.effective_on is not None
    latest = case.decisions[-1]
    return OrderRedecision(
        received_on=max(latest.received_on, case.effective_on),
        source="review" if case.kind == ReviewKind.REVIEW else "judgment",
        number=latest.number or case.authority_number,
        review=case.number,
        term=held.term or 0,
        unit=held.unit,
        holds=held.holds if application.stage is Stage.CLOSED else NONE,
        authority=case.authority,
        moved_by=held.moved_by,
        moved_words=held.moved_words,
    )
