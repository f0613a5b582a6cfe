"""更正本人信息: the forms for records about oneself that are wrong (Art. 41); not in table 三."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from prefect import flow
from pydantic import Field
from sqlmodel import Session

from flows import desk, intake, office
from flows.asked_again import asked_again
from flows.neighbours import answer, once
from flows.recording import filled, number_and_file, write_letters
from flows.signing import Code
from letters.records import records_letter
from models.neighbour import enter, state
from models.personal import PARTICULARS
from models.records_correction import (
    RECORDS,
    RESULTS,
    DecideRequest,
    ReceiveRequest,
    RecordsCase,
    receive,
)

Result = StrEnum("办理结果", RESULTS)  # type: ignore[misc]


@flow(name="登记更正申请", flow_run_name="登记更正申请")
@asked_again
def receive_request(
    requester: Annotated[str, Field(title="申请人姓名或名称")],
    received_on: Annotated[date, Field(title="收到日期")],
    record: Annotated[str, Field(title="要求更正的记录")],
    error: Annotated[str, Field(title="不准确之处")],
    evidence: Annotated[str, Field(title="证据", description="条例第四十一条：有证据证明")],
    officer: Annotated[str, Field(title="经办人")],
    is_person: Annotated[bool, Field(title="申请人是自然人")] = True,
    identity: Annotated[str, Field(title=PARTICULARS["identity"])] = "",
    contact: Annotated[str, Field(title=PARTICULARS["contact"])] = "",
    address: Annotated[str, Field(title=PARTICULARS["address"])] = "",
    one_time_code: Code = "",
) -> str:
    """登记一件要求更正与本人相关的政府信息记录的申请（条例第四十一条），不计入表三。"""
    now = office.circumstances(officer)
    act = filled(
        ReceiveRequest,
        {
            "requester": requester,
            "is_person": is_person,
            "received_on": received_on,
            "record": record,
            "error": error,
            "evidence": evidence,
        },
    )
    person = intake.person_of(None, identity=identity, contact=contact, address=address)

    def enter_it(session: Session, submission: str | None) -> RecordsCase:
        return receive(session, act, person, now, office.now(), submission)

    case = once(RECORDS, enter_it, (officer, one_time_code))
    said = answer(case.number, act.title, [f"{case.stage}；请在“办理更正申请”中继续办理"])
    desk.forget_parameters()  # last: started again, the run needs them
    return said


@flow(name="办理更正申请", flow_run_name="办理更正申请")
@asked_again
def decide_request(
    number: Annotated[str, Field(title="登记号")],
    result: Annotated[Result, Field(title="办理结果")],
    decided_on: Annotated[date, Field(title="告知日期", description="告知书的落款日期")],
    officer: Annotated[str, Field(title="经办人")],
    action: Annotated[str, Field(title="更正情况", description="予以更正的必填")] = "",
    agency: Annotated[str, Field(title="有权更正的机关", description="转送、告知的必填")] = "",
    agency_contact: Annotated[str, Field(title="该机关的联系方式", description="告知的必填")] = "",
    reasons: Annotated[str, Field(title="理由", description="不予更正的必填")] = "",
    one_time_code: Code = "",
) -> str:
    """更正、转送、告知或者不予更正，并制作告知书（条例第四十一条）。"""
    now = office.circumstances(officer)
    act = filled(
        DecideRequest,
        {
            "result": Result(result).name,
            "decided_on": decided_on,
            "action": action,
            "agency": agency,
            "contact": agency_contact,
            "reasons": reasons,
        },
    )
    row = now.law.letters["records_correction"]

    def enter_it(session: Session, submission: str | None) -> RecordsCase:
        case = state(session, RECORDS, number, lock=True)
        entry = enter(session, RECORDS, case, act, now, office.now(), submission)
        number_and_file(
            session,
            entry,
            (row.key, row.series, act.decided_on),
            lambda numbered: records_letter(case, numbered, act.decided_on, now.law, now.agency),
            now,
        )
        return case

    case = once(RECORDS, enter_it, (officer, one_time_code))
    letters = write_letters(case.number)
    return answer(case.number, act.title, [], [path.stem for path in letters])
