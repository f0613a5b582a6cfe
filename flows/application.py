"""★ THE PATH of one application, readable top to bottom.

register → confirm receipt (31) → jurisdiction (10, 36(5)) → draft (32-40) → review → sign →
dispatch (33) → closed; correction (30) and extension (33) on the way.

Which acts are lawful at a point is said by the acts themselves (models/acts.py). The run is
suspended while an officer's act is awaited; on resume it starts at the top, reads the register,
and takes the answer for exactly the point where the case stands.
"""

from __future__ import annotations

from prefect import flow

from flows import desk, forms, office
from flows.asking import ask
from flows.recording import perform, write_letters
from models import register
from models.case import Stage
from models.errors import ActRefused
from models.history import Case

FLOW = "办理申请"


@flow(name=FLOW, flow_run_name="{number}")
def handle(number: str) -> str:
    """办理一件政府信息公开申请：每一步由承办人在表单中办理，直至办结。"""
    write_letters(number)  # what a killed run had no time to write
    while (case := read(number)).stage is not Stage.CLOSED:
        desk.show(case)
        with office.reading() as session:
            point = forms.point(session, case)
        raw = ask(point.schema, point.description, key=point.key)
        submit(case, raw)
    desk.show(case)
    return f"{number} {case.stage}"


def read(number: str) -> Case:
    """The case as the register has it now."""
    with office.reading() as session:
        return register.case(session, number)


def submit(case: Case, raw: dict[str, object]) -> None:
    """Take an officer's answer for this point: an act recorded, or a refusal kept."""
    try:
        answer = forms.read(raw, case)
    except ActRefused as refusal:
        with office.writing() as session:
            register.refuse(session, case, "", str(refusal), "", office.now())
        return
    perform(case.number, case.position, answer.kind, answer.fields, answer.officer)
