"""Cases that an experienced officer takes along a course where chance seldom leads: several acts on one
day, a payment on the day on which a reply is withdrawn, one letter for two applications, an order to
answer again, opinions that are still awaited when the reply goes out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from histories import ANSWERS, usual_officer
from histories_at_random import COURSE_ANSWERS

from flows import office
from flows.path import desk, intake, recording
from models.acts import catalogue
from models.acts.catalogue import ACTS
from models.case.stage import Stage
from models.errors import ActRefused
from models.register import register, same_applicant
from models.soundness.clock import ClockWentBack

if TYPE_CHECKING:
    from tests.office_year.world import Office

DAY = timedelta(days=1)
SAME_DAY = "+"  # before an act: on the day of the one before it
BEGUN = ("received", "found_ours")
SENT = ("approved", "secrecy_cleared", "signed", "third_party_told", "replied")
ASKED = ("consultation_started", "consultation_delivered")
CORRECTED = ("received", "correction_requested", "correction_delivered", "corrected")
AGAIN = ("redecision_ordered",)
RECEIPTED = ("approved", "secrecy_cleared", "signed", "receipt_made_out", "replied")
COURSES: tuple[tuple[str, ...], ...] = (
    ("received", "fee_noticed", "drafted_other", *SENT, "reply_withdrawn", "fee_paid"),
    (*BEGUN, "drafted_granted", *SENT, *AGAIN, "drafted_unable", *SENT),
    (
        *BEGUN,
        "drafted_unable",
        *SENT,
        *AGAIN,
        "drafted_granted",
        *SENT,
        *AGAIN,
        "drafted_granted",
        *SENT,
    ),
    (*BEGUN, *ASKED, "drafted_unable", *SENT),
    (*BEGUN, *ASKED, "consultation_ended", "drafted_granted", *SENT),
    ("received", "correction_requested"),
    (*CORRECTED, "found_ours", "drafted_unable", *SENT),
    (*BEGUN, "drafted_granted", *SENT, "letter_returned", "served_again"),
    (*BEGUN, "drafted_unable", *RECEIPTED),
    (
        *("received", "fee_noticed", "drafted_other", *SENT),
        *("redecision_ordered", f"{SAME_DAY}fee_noticed", f"{SAME_DAY}fee_paid"),
    ),
)
TOGETHER = (*BEGUN, "answers_joined", "drafted_granted", *SENT)
CHOICE = (*COURSES, TOGETHER, TOGETHER)
OTHER = ((*BEGUN, *ASKED), (*BEGUN, *ASKED, "consultation_ended"))
PAUSES = (0, 0, 0, 0, 1)  # days between one act and the next
LONGER = {"receipt_made_out": (2, 3, 4), "redecision_ordered": (1, 2)}
"""The same before what others do: who is to take a letter comes later, and so does a decision."""


@dataclass
class Course:
    """A case under way along a course: what is still to be done, and not before which day."""

    number: str
    todo: list[str]
    on: date
    answers: dict[str, dict[str, object]] = field(default_factory=dict)
    waits_for: tuple[str, ...] = ()
    place: int = 0  # of its history, after the last act that was done


def begin(one: Office) -> None:
    """Somebody applies whose case goes along one of the courses, now or with others of his."""
    chance = one.chance
    who = f"程{chance.choice('一二三四五六七八九')}{len(one.courses)}"
    one.deck = one.deck or chance.sample(CHOICE, len(CHOICE))
    course = one.deck.pop()
    if course is TOGETHER:
        _two_together(one, who)
        return
    if number := _received(one, who, "甲"):
        again = {"redecision_ordered": {"holds": chance.choice(["yes", "yes", "no"])}}
        one.courses.append(Course(number, [*course], one.day, again))


def _two_together(one: Office, who: str) -> None:
    first, other = _received(one, who, "甲"), _received(one, who, "乙")
    if not (first and other):
        return
    asked = Course(other, [*one.chance.choice(OTHER)], one.day)
    view = one.chance.choice(["object", "object", "agree"])
    reasonable = "no" if view == "object" else ""
    asked.answers["consultation_ended"] = {"view": view, "reasonable": reasonable}
    one.courses += [asked, Course(first, [*TOGETHER], one.day, waits_for=(other,))]


def _received(one: Office, who: str, what: str) -> str:
    submission = f"course {len(one.courses)} {one.day} {what}"
    fields: dict[str, Any] = {
        "channel": "in_person",
        "kind": one.chance.choice(["自然人", "商业企业"]),
        "applicant": who,
        "request": f"关于{who}的名单{what}",
        "arrived_on": one.day,
        "officer": "李起草",
        "contact": "021-1",
        "submission": submission,
    }
    try:
        case = intake.receive(**fields)
    except (ClockWentBack, ActRefused) as why:
        one.note(f"{submission}: {type(why).__name__}")
        return ""
    desk.put_on_desk(case)
    one.note(f"{submission} is {case.number}")
    one.arrived.add(submission)
    return case.number


def go_on(one: Office) -> None:
    """The next acts of every case that is under way; what is refused ends its course."""
    underway = {each.number for each in one.courses if each.todo}
    for course in one.courses:
        while course.todo and course.on <= one.day and not underway & {*course.waits_for}:
            kind = course.todo[0].removeprefix(SAME_DAY)
            try:
                stands = act(one, course, kind)
            except ClockWentBack:
                return
            course.todo = course.todo[1:] if stands else []
            then = course.todo[0] if course.todo else ""
            if not then.startswith(SAME_DAY):
                course.on = one.day + one.chance.choice(LONGER.get(then, PAUSES)) * DAY
        if not course.todo:
            underway.discard(course.number)


def act(one: Office, course: Course, kind: str) -> bool:
    """Perform one act with its usual answer, if it is lawful; False where it is refused. One that does
    not arise here is passed over.
    """
    with office.reading() as session:
        case = register.case(session, course.number)
        who = usual_officer(ACTS[kind], case.stage)
        now = same_applicant.informed(session, case, office.circumstances(who))
    if case.position > course.place > 0 and case.steps[-1].act.kind == kind:
        return True  # it was recorded when the power went
    if ACTS[kind] not in catalogue.lawful(case, now):
        return kind in ("secrecy_cleared", "third_party_told")
    asked = ACTS[kind]
    dates = [name for name, about in asked.model_fields.items() if about.annotation is date]
    answer = ANSWERS.get(kind, {}) | dict.fromkeys(dates, one.day)
    answer |= {name: one.day for name, value in answer.items() if isinstance(value, date)}
    answer |= {name: value for name, value in asked.proposal(case, now).items() if value != ""}
    answer |= COURSE_ANSWERS.get(kind, {}) | course.answers.get(kind, {})
    done = recording.perform(course.number, case.position, kind, _as_sent(answer), who, beside=True)
    if any(
        "无从计算" in why for why in done.reasons
    ):  # what is lawful, done on its day, can be counted
        one.surprises.append(f"{one.day} {course.number} {kind}：{'；'.join(done.reasons)}")
    course.place = done.case.position
    told = "refused" if done.refused else "done"
    one.note(f"{course.number} {kind} {told} {'；'.join(done.reasons)}")
    if done.case.stage is not Stage.CLOSED:
        desk.put_on_desk(done.case)
    else:
        desk.stand(done.case)
    return not done.refused


def _as_sent(answer: dict[str, object]) -> dict[str, object]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in answer.items()
    }
