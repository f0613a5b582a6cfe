"""★ THE PATH of one application, readable top to bottom.

register → confirm receipt (31) → jurisdiction (10, 36(5)) → draft (32-40) → review → sign →
dispatch (33) → closed; correction (30) and extension (33) on the way.

Which acts are lawful at a point is said by the acts themselves (models/acts/catalogue.py). The run is
suspended while an officer's act is awaited; on resume it starts at the top, reads the register,
and takes the answer for exactly the point where the case stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Annotated

from prefect import flow
from pydantic import Field

from flows import office
from flows.path import desk, forms, intake
from flows.path.recording import look, perform, write_missing_letters
from flows.path.signing import Code
from flows.path.start_forms import asked_again
from flows.prefect_side.one_form import ask
from flows.prefect_side.worker import Listed
from models.acts.intake.receipt import channels
from models.case.case import Case
from models.case.personal import PARTICULARS
from models.case.stage import ApplicantKind, Stage
from models.errors import ActRefused
from models.register import register

Kind = StrEnum("申请人类别", {kind.name: kind.value for kind in ApplicantKind})  # type: ignore[misc]


def _channels() -> Iterable[str]:
    return channels(office.circumstances("")).values()


@flow(name="登记申请", flow_run_name="登记申请")
@asked_again
def register_application(
    channel: Annotated[str, Field(title="提交方式"), Listed(_channels)],
    arrived_on: Annotated[date, Field(title="送达日期", description="递交、签收或系统收到之日")],
    kind: Annotated[Kind, Field(title="申请人类别")],
    applicant: Annotated[str, Field(title="申请人姓名或名称")],
    request: Annotated[str, Field(title="申请内容", description="名称、文号或者其他特征描述")],
    officer: Annotated[str, Field(title="经办人")],
    form_wanted: Annotated[str, Field(title="获取信息的方式")] = "",
    co_applicants: Annotated[
        str, Field(title="其他共同申请人（每行一人）", description="共同申请为一件")
    ] = "",
    written_by: Annotated[
        str, Field(title="代填写人（口头提出的）", description="公开工作机构由谁代为填写")
    ] = "",
    agent: Annotated[str, Field(title="代理人姓名", description="身份证明号码仍填申请人的")] = "",
    authority: Annotated[
        str, Field(title="委托手续（授权委托书的日期、权限）", description="没有的先登记，告知补正")
    ] = "",
    identity: Annotated[str, Field(title=PARTICULARS["identity"])] = "",
    contact: Annotated[str, Field(title=PARTICULARS["contact"])] = "",
    address: Annotated[str, Field(title=PARTICULARS["address"])] = "",
    one_time_code: Code = "",
) -> str:
    """登记一件政府信息公开申请（条例第二十九条）。登记后在“办理申请”中继续办理。"""
    case = intake.receive(
        channel=channel,
        kind=str(kind),
        applicant=applicant,
        request=request,
        arrived_on=arrived_on,
        identity=identity,
        contact=contact,
        address=address,
        form_wanted=form_wanted,
        co_applicants=co_applicants,
        written_by=written_by,
        agent=agent,
        authority=authority,
        officer=officer,
        code=one_time_code,
        submission=desk.submission(),
    )
    desk.put_on_desk(case)
    desk.name_registration(case.number)
    desk.forget_parameters()  # last: started again, the run needs them to find its case
    return case.number


@flow(name=desk.HANDLE)
def handle(number: str) -> str:
    """办理一件政府信息公开申请：每一步由承办人在表单中办理，直至办结。"""
    write_missing_letters(number)  # what a killed run had no time to write
    new = False
    while (case := read(number)).stage is not Stage.CLOSED:
        with office.reading() as session:
            point = forms.point(session, case)
        shown = partial(desk.present_beside, case)
        said = ask(point.schema, point.description, key=point.key, new=new, after=shown)
        with office.as_of(desk.submitted_on()):
            submit(case, said)
        new = True
    desk.present(case)
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
        _ask_again(case, "", str(refusal))
        return
    if answer.kind == forms.CHOOSE:
        _ask_again(case, f"{forms.CHOOSE}:{answer.fields['procedure']}", "")
        return
    if answer.read_first:
        look(case.number, case.position, answer.kind, answer.fields, answer.officer)
        return
    done = perform(
        case.number, case.position, answer.kind, answer.fields, answer.officer, answer.code
    )
    for number in done.begotten:
        desk.put_on_desk(read(number))


def _ask_again(case: Case, kind: str, reason: str) -> None:
    """Keep an answer that records no act: the same point is asked again, in its light."""
    with office.writing() as session:
        register.refuse(session, case, kind, reason, "", office.now())
