"""更正本人信息: the forms for records about oneself that are wrong (Art. 41); not in table 三."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from prefect import flow
from pydantic import Field
from sqlmodel import Session

from flows import office
from flows.counter.neighbours import answer, once
from flows.path import desk, intake
from flows.path.recording import filled, number_and_file, write_letters
from flows.path.signing import Code
from flows.path.start_forms import asked_again
from letters.letter.preview import NUMBER
from letters.letter.records_letter import records_letter
from models.case.act import Circumstances
from models.case.personal import PARTICULARS
from models.neighbours.records_correction import (
    RECORDS,
    RESULTS,
    ApproveAnswer,
    DraftAnswer,
    ReceiveRequest,
    RecordsAct,
    RecordsCase,
    RecordsStage,
    SendAnswerBack,
    SignAnswer,
    VoidAnswer,
    receive,
)
from models.register import register
from models.register.neighbour import enter, state

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
    officer: Annotated[str, Field(title="起草人")],
    action: Annotated[str, Field(title="更正情况", description="予以更正的必填")] = "",
    agency: Annotated[str, Field(title="有权更正的机关", description="转送、告知的必填")] = "",
    agency_contact: Annotated[str, Field(title="该机关的联系方式", description="告知的必填")] = "",
    reasons: Annotated[str, Field(title="理由", description="不予更正的必填")] = "",
    one_time_code: Code = "",
) -> str:
    """起草更正、转送、告知或者不予更正的答复；文书全文显示在办理页上，审核、签发后才发出（条例第四十一条）。"""
    act = filled(
        DraftAnswer,
        {
            "result": Result(result).name,
            "action": action,
            "agency": agency,
            "contact": agency_contact,
            "reasons": reasons,
        },
    )
    return _done(number, act, (officer, one_time_code))


class Step(StrEnum):
    """What becomes of a drafted answer."""

    APPROVE = "审核通过"
    BACK = "退回修改"
    SIGN = "签发"
    VOID = "作废已签发的告知书"


@flow(name="审核签发更正申请", flow_run_name="审核签发更正申请")
@asked_again
def settle_request(
    number: Annotated[str, Field(title="登记号")],
    step: Annotated[Step, Field(title="事项", description="文书全文见办理页")],
    officer: Annotated[str, Field(title="审核人、签发人")],
    on: Annotated[date | None, Field(title="告知日期（签发的必填）")] = None,
    words: Annotated[
        str, Field(title="意见", description="退回的填修改意见，作废的填作废原因")
    ] = "",
    one_time_code: Code = "",
) -> str:
    """审核、退回、签发更正申请的告知书，或者作废已签发的（条例第四十一条、第四十五条）。"""
    match step:
        case Step.APPROVE:
            act: RecordsAct = filled(ApproveAnswer, {"comment": words})
        case Step.BACK:
            act = filled(SendAnswerBack, {"comment": words})
        case Step.SIGN:
            act = filled(SignAnswer, {"decided_on": on} if on else {})
        case Step.VOID:
            act = filled(VoidAnswer, {"reason": words})
    return _done(number, act, (officer, one_time_code))


def _done(number: str, act: RecordsAct, by: tuple[str, str]) -> str:
    """One act on a request, with the letter that it issues or voids; the letter drafted is shown."""
    now = office.circumstances(by[0])
    row = now.law.letters["records_correction"]

    def enter_it(session: Session, submission: str | None) -> RecordsCase:
        case = state(session, RECORDS, number, lock=True)
        entry = enter(session, RECORDS, case, act, now, office.now(), submission)
        if act.letter is not None:
            dated = act.letter_on(now.today)
            number_and_file(
                session,
                entry,
                (row.key, row.series, dated),
                lambda numbered: records_letter(case, numbered, dated, now.law, now.agency),
                now,
            )
        if isinstance(act, VoidAnswer):
            register.void_documents(session, number, entry.on, act.reason)
        return case

    case = once(RECORDS, enter_it, by)
    letters = write_letters(case.number)
    standing = [] if isinstance(act, VoidAnswer) else [path.stem for path in letters]
    issued = [name for name in standing if not name.endswith("（作废）")]
    return answer(case.number, act.title, _standing(case, now), issued)


def _standing(case: RecordsCase, now: Circumstances) -> list[str]:
    """Where a request stands, what was said of the answer, and its letter before it is signed."""
    lines = [str(case.stage), *case.comments]
    if case.stage in (RecordsStage.REVIEW, RecordsStage.SIGNING):
        drafted = records_letter(case, NUMBER, now.today, now.law, now.agency)
        lines.append("文书全文（尚未发出，文号和成文日期在签发时确定）：")
        lines += [each.text for each in drafted.paragraphs]
    return lines
