"""The year before this one: its last cases, its report signed in January, and what would change it.

A correction that arrives in January may move an intake out of the signed year, a review registered
twice is struck out: neither may change what was signed before a correction was recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session
from whole_years import fill

from flows import office
from flows.path import desk, intake, recording
from flows.year import annual_report, closing_year
from models.errors import ActRefused
from models.neighbours.review_acts import REVIEWS, Lodge, VoidReview
from models.neighbours.review_register import lodge
from models.register import closed_years, neighbour, register
from tests.office_year.courses import Course, act

if TYPE_CHECKING:
    from tests.office_year.world import Office

DAY = timedelta(days=1)
ANSWERED = ("received", "found_ours", "drafted_unable", "approved", "signed", "replied")
REVIEW = "FS{}001"


def before(one: Office) -> None:
    """The last weeks of the year before, and the signing of its report."""
    then = one.year - 1
    one.day = date(then, 12, 3)
    answered = _case(one, "上年甲")
    for day, kind in zip((3, 4, 9, 9, 10, 10), ANSWERED, strict=True):
        one.day = date(then, 12, day)
        _do(one, answered, kind)
    one.day = date(then, 12, 23)
    waiting = _case(one, "上年乙")
    _do(one, waiting, "received")
    one.day = date(then, 12, 26)
    _do(one, waiting, "correction_requested")
    _lodged(one, answered)
    one.day = date(one.year, 1, 6)
    fill(then, "王主任")
    one.disk.unsynced.discard(str(annual_report.text_file(then)))  # an editor has saved it
    report = closing_year.sign(then, "王主任")
    one.note(f"{then} is signed: {report.digest[:12]}")
    one.day = date(one.year, 1, 8)
    one.beat("strike out", lambda: _struck_out(one))
    one.beat("corrected", lambda: _corrected(one, waiting))


def _case(one: Office, who: str) -> str:
    submission = f"before {who}"
    case = intake.receive(
        channel="in_person",
        kind="自然人",
        applicant=who,
        request=f"{who}的名单",
        arrived_on=one.day,
        officer="李起草",
        contact="021-1",
        submission=submission,
    )
    desk.put_on_desk(case)
    one.arrived.add(submission)
    return case.number


def _do(one: Office, number: str, kind: str) -> None:
    if not act(one, Course(number, [], one.day), kind):
        one.surprises.append(f"{one.day} {number} {kind} 没有登记")


def _lodged(one: Office, number: str) -> None:
    asked = Lodge(review_kind="行政复议", application=number, lodged_on=one.day)
    asked = asked.model_copy(update={"authority": "上海市人民政府"})
    with office.writing() as session:
        lodge(session, asked, office.circumstances("李起草"), office.now())


def _struck_out(one: Office) -> None:
    """A review was registered twice: it is struck out, after a correction or without one."""
    number = REVIEW.format(one.year - 1)
    if one.chance.random() < 0.5:
        _correct(one, number)
    with office.writing() as session:
        case = neighbour.state(session, REVIEWS, number)
        now = office.circumstances("李起草")
        try:
            neighbour.enter(
                session, REVIEWS, case, VoidReview(reason="重复登记"), now, office.now()
            )
        except ActRefused as refused:
            one.note(f"{number} is not struck out: {refused.reasons[0][:30]}")


def _corrected(one: Office, number: str) -> None:
    """The corrected application comes in January."""
    if one.chance.random() < 0.5:
        _correct(one, number)
    with office.reading() as session:
        case = register.case(session, number)
    answer: dict[str, object] = {"corrected_on": one.day.isoformat(), "request": "上年乙的名单"}
    done = recording.perform(number, case.position, "corrected", answer, "李起草")
    one.note(f"{number} corrected: {'；'.join(done.reasons)[:30]}")
    desk.put_on_desk(done.case)


def _correct(one: Office, number: str) -> None:
    entry = closing_year.correct(one.year - 1, number, "核对后更正", "王主任")
    one.note(f"a correction of {entry.year} is recorded: {number}")


def signed_year_stands(one: Office, session: Session) -> Iterator[str]:
    """What was signed is what the register says of that year, but for what a correction names."""
    then = one.year - 1
    report = closed_years.signed(session, then)
    if report is None:
        return
    now = annual_report.gathered(session, then, one.day)
    corrected = {each.number for each in closed_years.corrections(session, then, one.day)}
    if not corrected and not closed_years.same_text(report, now.text()):
        yield f"{then}年度报告签发后变了，没有登记更正"
    for each in now.verdicts.differences:
        for number in {*each.added, *each.removed} - corrected:
            yield f"{then}年度报告签发后变了：{number}（{each}）"
