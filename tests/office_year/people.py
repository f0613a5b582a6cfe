"""Who comes to the office, and who works there: applications, officers, the worker that runs flows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from histories_at_random import ONWARD, arrival, random_answer
from prefect.client.schemas.objects import FlowRun

from flows import office
from flows.commands.robot_officer import filled
from flows.path import application, desk, forms, intake, recording
from models.acts import catalogue
from models.agency.officers import holding
from models.case.act import Act, Circumstances
from models.case.case import Case
from models.errors import ActRefused
from models.register import register, same_applicant
from models.soundness.clock import ClockWentBack
from tests.office_year.fake_desk import Suspend

if TYPE_CHECKING:
    from tests.office_year.world import Office

DAY = timedelta(days=1)
LEFT_ALONE = 0.9
APPLICANTS = [f"{first}{then}" for first in "赵钱孙李周吴郑王" for then in ("某", "明华", "晓岚")]


@dataclass(frozen=True)
class Accepted:
    """What an officer was told has been taken: it must be in the register in the end, once, as of the
    day on which he submitted it.
    """

    number: str
    position: int
    kind: str
    day: date


@dataclass(frozen=True)
class Offered:
    """The acts that a form offered, on which day, at which place of the case's history, and what stood
    above it; first = nothing was answered there before.
    """

    number: str
    position: int
    day: date
    kinds: frozenset[str]
    first: bool
    words: str


# who comes ────────────────────────────────────────────────────────────────────────────────────
def arrives(one: Office) -> None:
    """Somebody applies; his form is registered when the office comes to it."""
    submission = f"form {len(one.arriving) + len(one.arrived)}"
    marker = f"身份{one.chance.getrandbits(64):x}"
    one.markers.append(marker)
    asked = arrival(one.day, one.chance, len(one.arrived))
    one.arriving[submission] = {
        "channel": asked["channel"],
        "arrived_on": asked["arrived_on"],
        "kind": asked["applicant_kind"],
        "applicant": one.chance.choice(APPLICANTS),
        "request": asked["request"],
        "identity": marker,
        "contact": f"{marker}电话",
        "officer": "李起草",
        "submission": submission,
    }


def taken_in(one: Office) -> None:
    """What was submitted is registered, however often that is begun."""
    for submission, fields in [*one.arriving.items()]:
        try:
            case = intake.receive(**fields)
        except ClockWentBack:
            return
        except ActRefused as refused:
            one.note(f"{submission} refused: {refused}")
            del one.arriving[submission]
            continue
        desk.put_on_desk(case)
        one.note(f"{submission} is {case.number}")
        del one.arriving[submission]
        one.arrived.add(submission)


# who works ────────────────────────────────────────────────────────────────────────────────────
def officer_works(one: Office) -> None:
    """Somebody opens a form that waits, and submits an answer; sometimes two do, of one form. What is
    under way along a course is mostly left to who is at it.
    """
    left = {each.number for each in one.courses if each.todo and one.chance.random() < LEFT_ALONE}
    waiting = [run for run in one.desk.waiting() if run.parameters["number"] not in left]
    if not waiting:
        return
    run = one.chance.choice(waiting)
    number = str(run.parameters["number"])
    with office.reading() as session:
        case = register.case(session, number)
        key = forms.key(session, case)
    state = run.state
    if state is None or state.state_details.pause_key != key:
        return  # the door says that the form is past
    chosen = _chosen(one, case)
    if chosen is None:
        return
    act, answer, officer = chosen
    if _turned_away(case, act, answer, officer) and one.chance.random() < 0.9:
        one.note(f"{number} {act.kind} turned away")
        return
    one.desk.answer(run.id, filled(number, act.kind, answer, officer), one.now())
    one.accepted.append(Accepted(number, case.position, act.kind, one.day))
    one.note(f"{number} {case.position} {act.kind} by {officer}")


def _chosen(one: Office, case: Case) -> tuple[type[Act], dict[str, object], str] | None:
    officers = office.agency().officers
    who = one.chance.choice([each.name for each in officers])
    with office.reading() as session:
        now = same_applicant.informed(session, case, office.circumstances(who))
    offered = [act for act in catalogue.lawful(case, now) if act.kind != "erratum"]
    if not offered:
        return None
    onward = [act for act in offered if act.kind in ONWARD]
    act = one.chance.choice(onward if onward and one.chance.random() < 0.8 else offered)
    entitled = holding(officers, act.roles_at(case.stage))
    if entitled and one.chance.random() < 0.95:
        who = one.chance.choice(list(entitled))
    return act, _plain(one, act, case, now), who


def _plain(one: Office, act: type[Act], case: Case, now: Circumstances) -> dict[str, object]:
    """An answer to the act, as a form sends it."""
    answer = random_answer(act, case, now, one.chance)
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in answer.items()
        if name in act.model_fields
    }


def _turned_away(case: Case, act: type[Act], answer: dict[str, object], officer: str) -> bool:
    with office.reading() as session:
        return bool(recording.judged(session, case, act.kind, dict(answer), officer))


# what runs ────────────────────────────────────────────────────────────────────────────────────
def worker_works(one: Office) -> None:
    """The worker takes up what is scheduled, in any order."""
    runs = one.desk.scheduled()
    one.chance.shuffle(runs)
    for run in runs:
        _run(one, run)


def _run(one: Office, run: FlowRun) -> None:
    number = str(run.parameters["number"])
    one.desk.take(run.id)
    try:
        with _in_run(one, run.id):
            application.handle.fn(number)
    except Suspend:
        one.note(f"{number} asks")
        return
    except ClockWentBack:
        one.desk.end(run.id, None)
        one.note(f"{number} waits for the clock")
        return
    except Exception as fault:  # noqa: BLE001 whatever a flow raises is a finding here
        one.desk.end(run.id, fault)
        one.surprises.append(f"{one.day} {number}: {type(fault).__name__}: {fault}")
        return
    one.desk.end(run.id)
    one.note(f"{number} is closed")


@contextmanager
def _in_run(one: Office, run: UUID) -> Iterator[None]:
    """What asks and what wants to know when it was answered is told by the desk of this office."""

    def ask(made: Any, *, key: str, new: bool, after: Any) -> dict[str, object]:
        if not new and (said := one.desk.said(run, key)) is not None:
            return said
        schema, words = made()
        tabs = schema.get("anyOf", [schema])
        kinds = {name.partition(".")[0] for tab in tabs for name in tab["properties"]}
        place, _, attempt = key.partition("-")
        number = str(one.desk.runs[run].parameters["number"])
        asked = Offered(number, int(place), one.day, frozenset(kinds), attempt == "0", words)
        one.offered.append(asked)
        return one.desk.ask(run, schema, key, after)

    before = application.ask, desk.submitted_at, desk.submitted_on
    application.ask = ask
    desk.submitted_at = lambda: one.desk.submitted.get(run) or office.now()
    desk.submitted_on = lambda: min(office.today(), office.day_of(desk.submitted_at()))
    try:
        yield
    finally:
        application.ask, desk.submitted_at, desk.submitted_on = before
