"""★ THE PATH of one application, readable top to bottom.

register → confirm receipt (31) → jurisdiction (10, 36(5)) → draft (32-40) → review → sign →
dispatch (33) → closed; correction (30) and extension (33) on the way.

Which acts are lawful at a point is said by the acts themselves (models/acts/catalogue.py). The run is
suspended while an officer's act is awaited; on resume it starts at the top, reads the register,
and takes the answer for exactly the point where the case stands.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Annotated, NamedTuple

from prefect import flow

from flows import office
from flows.path import desk, forms, intake, presenting, signing
from flows.path.form_fields import Answer, By, Group, Of, Person, Use
from flows.path.recording import filled, look, perform, take_in, write_missing_letters
from flows.path.start_forms import start_form
from flows.prefect_side.one_form import Asked, ask
from models.acts.intake.receipt import Register
from models.case.case import Case
from models.case.stage import Stage
from models.errors import ActRefused
from models.register import refusals, register


@start_form(
    "登记申请",
    Use(
        Group.REGISTRATION, "收到一件公开申请，不论当面、来信、网上，都先在这里登记；登记后随即办理"
    ),
)
def register_application(
    given: Annotated[Answer, Of(Register, {"applicant_kind": "kind"})], person: Person, by: By
) -> str:
    """登记一件政府信息公开申请（条例第二十九条）。登记后在“办理申请”中继续办理。"""
    channel = intake.channel_named(str(given["channel"]))
    act = filled(Register, given | {"channel": channel})
    case = take_in(act, intake.person_of(desk.submission(), **person), *by)
    desk.put_on_desk(case)
    desk.name_registration(case.number)
    desk.forget_parameters()  # last: started again, the run needs them to find its case
    return case.number


@flow(name=desk.HANDLE)
def handle(number: str) -> str:
    """办理一件政府信息公开申请：每一步由承办人在表单中办理，直至办结。"""
    write_missing_letters(number)  # what a killed run had no time to write
    new = False
    while (stands := standing(number)).case.stage is not Stage.CLOSED:
        case, key = stands
        shown = partial(presenting.present_beside, case)
        said = ask(partial(form, case), key=key, new=new, after=shown)
        with office.as_of(desk.submitted_on()):
            submit(case, said, key)
        new = True
    presenting.present(stands.case)
    return f"{number} {stands.case.stage}"


class Standing(NamedTuple):
    """Where a case stands, and the key of that point (forms.Point.key)."""

    case: Case
    key: str


def standing(number: str) -> Standing:
    """The case as the register has it now, and its point."""
    with office.reading() as session:
        case = register.case(session, number)
        return Standing(case, forms.key(session, case))


def read(number: str) -> Case:
    """The case as the register has it now."""
    with office.reading() as session:
        return register.case(session, number)


def form(case: Case) -> Asked:
    """What is asked at the point where a case stands."""
    with office.reading() as session:
        point = forms.point(session, case)
    return point.schema, point.description


def submit(case: Case, raw: dict[str, object], key: str = "") -> None:
    """Take an officer's answer for this point: an act recorded, or a refusal kept.

    key = of the point (forms.Point.key)
    """
    submitted_at = cache(desk.submitted_at)
    try:
        answer = forms.read(raw, case, key, submitted_at)
    except ActRefused as refusal:
        _ask_again(case, "", str(refusal))
        return
    if answer.kind == forms.CHOOSE:
        _ask_again(case, f"{forms.CHOOSE}:{answer.fields['procedure']}", "")
        return
    if answer.read_first:
        look(case.number, case.position, answer.kind, answer.fields, answer.officer)
        return
    with signing.logged_in(answer.officer, submitted_at):
        done = perform(
            case.number, case.position, answer.kind, answer.fields, answer.officer, answer.code
        )
    for number in done.begotten:
        desk.put_on_desk(read(number))


def _ask_again(case: Case, kind: str, reason: str) -> None:
    """Keep an answer that records no act: the same point is asked again, in its light."""
    with office.writing() as session:
        refusals.refuse(session, case, kind, reason, "", office.now())
