"""Reading and writing the register of reviews and suits; `session` first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.agency.agency import Agency
from models.agency.remedy import remedy_of_parts
from models.case.act import Circumstances, blank
from models.case.case import Case
from models.case.review_case import (
    ReviewCase,
    ReviewKind,
    ReviewStage,
    redecision_due,
    review_first_warning,
)
from models.case.stage import Stage
from models.errors import ActRefused, NoSuchCase
from models.law.statute import Statute
from models.law.workdays import Reach
from models.neighbours.review_acts import REVIEWS, Lodge
from models.register import filed_letters, numbers_meant, register
from models.register.neighbour import enter, new_number, state
from models.store.happened import rows
from models.store.tables import Review


class Lodged(NamedTuple):
    """A review or suit that was registered, and what the officer should know of it."""

    case: ReviewCase
    warnings: tuple[str, ...]


class Redecision(NamedTuple):
    """A reply that is owed because a review or a judgment ordered it, and by when."""

    case: ReviewCase
    due: Reach


def lodge(
    session: Session, act: Lodge, now: Circumstances, at: datetime, submission: str | None = None
) -> Lodged:
    """Register a review or suit under a new number (Art. 51).

    The application is found by the letter, the authority by the date, where they are not stated.
    Raises ActRefused when they contradict the register, or the 案号 is registered already.
    """
    stated = numbers_meant.number_meant(session, act.application) or act.application
    application = stated or _about(session, act.letter_number)
    authority = act.authority or _authority(act, now.agency)
    act = act.model_copy(update={"application": application, "authority": authority})
    case = ReviewCase("")
    reasons = [*act.refusals(case, now), *_contradictions(session, act)]
    if reasons:
        raise ActRefused(reasons)
    case.number = new_number(session, REVIEWS, act.lodged_on.year, now)
    enter(session, REVIEWS, case, act, now, at, submission)
    warning = _warning(session, act, now) if application else None
    return Lodged(case, (warning,) if warning else ())


def _about(session: Session, letter: str) -> str:
    """The application that a letter of ours belongs to; "" if the register has no such letter."""
    if blank(letter):
        return ""
    found = filed_letters.letter_meant(session, letter)
    return found.case_number if found else ""


def _authority(act: Lodge, agency: Agency) -> str:
    """The review authority or court of that day, as far as there is only one."""
    if act.review_kind not in set(ReviewKind):
        return ""
    if act.review_kind != ReviewKind.REVIEW:
        return agency.court_on(act.lodged_on)
    authorities = agency.review_authorities(act.lodged_on)
    return authorities[0] if len(authorities) == 1 else ""


def _contradictions(session: Session, act: Lodge) -> Iterator[str]:
    """What the register knows better."""
    if act.application:
        try:
            replied = register.case(session, act.application)
        except NoSuchCase as unknown:
            yield str(unknown)
            return
        if act.lodged_on < (replied.received_on or replied.arrived_on):
            yield f"申请复议或者起诉的日期（{act.lodged_on}）早于收到申请 {act.application} 之日"
        owner = _about(session, act.letter_number)
        if owner and owner != act.application:
            yield f"告知书 {act.letter_number} 是申请 {owner} 的，不是申请 {act.application} 的"
    if not blank(act.authority_number):
        same = (
            Review.authority_number == act.authority_number,
            Review.stage != str(ReviewStage.VOID),
        )
        twin = session.exec(select(Review).where(*same)).first()
        if twin:
            yield f"案号 {act.authority_number} 已经登记为 {twin.number}，不能重复登记"
    if act.after_review:
        yield from _not_its_review(session, act)


def _not_its_review(session: Session, act: Lodge) -> Iterator[str]:
    before = session.get(Review, act.after_review)
    if before is None or before.kind != ReviewKind.REVIEW:
        yield f"登记簿中没有登记号为“{act.after_review}”的行政复议案件"
    elif act.application and before.application and before.application != act.application:
        yield f"复议案件 {before.number} 所涉的是申请 {before.application}，不是 {act.application}"


def _warning(session: Session, act: Lodge, now: Circumstances) -> str | None:
    replied = register.case(session, act.application)
    return review_first_warning(act.review_kind, reply_clauses(replied, now.law, now.agency))


def reply_clauses(replied: Case, law: Statute, agency: Agency) -> tuple[str, ...]:
    """The remedy clauses that the reply to an application carried; none before it is signed."""
    if replied.stage is not Stage.CLOSED or replied.draft is None or replied.signed_on is None:
        return ()
    draft = replied.draft
    stated = [draft.particulars, *(part.particulars for part in draft.parts)]
    parts = [
        (law.outcomes[outcome], law.outcomes.get(particulars.get("withheld_ground", "")))
        for outcome, particulars in zip(draft.outcomes, stated, strict=True)
    ]
    return remedy_of_parts(parts, replied.signed_on, law, agency).clauses


def against(session: Session, application: str) -> Sequence[Review]:
    """The reviews and suits about an application, by number."""
    statement = select(Review).where(Review.application == application)
    return session.exec(statement.order_by(col(Review.number))).all()


def _taken_up(session: Session, case: ReviewCase) -> bool:
    """Whether the application was opened again by order of this case."""
    if not case.application:
        return False
    ordered = register.case(session, case.application).redecisions
    return any(one.review == case.number for one in ordered)


_ORDERED = select(Review.number).where(
    col(Review.redecision_ordered), col(Review.redecided_on).is_(None)
)


def redecisions(session: Session, law: Statute) -> list[Redecision]:
    """The replies that are owed by order of a review or a judgment, the most urgent first.

    Not those whose application was opened again for it: from then on its own limit tells.
    """
    found = []
    for number in rows(session, _ORDERED).scalars():
        case = state(session, REVIEWS, number)
        due = redecision_due(case, law)
        if due and not _taken_up(session, case):
            found.append(Redecision(case, due))
    return sorted(found, key=lambda one: one.due.day)
