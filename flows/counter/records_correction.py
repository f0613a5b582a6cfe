"""更正本人信息: the forms for records about oneself that are wrong (Art. 41); not in table 三."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field
from sqlmodel import Session

from flows import office
from flows.counter.neighbours import answer
from flows.path import desk, intake
from flows.path.entering import as_act, enter_once
from flows.path.form_fields import Answer, Asked, By, Group, Of, Person, Registered, Use
from flows.path.recording import filled, number_and_file, write_letters
from flows.path.start_forms import start_form
from letters.letter.preview import NUMBER
from letters.letter.records_letter import records_letter
from models.case.act import Circumstances
from models.neighbours.records_correction import (
    RECORDS,
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
from models.register import filed_letters
from models.register.neighbour import enter, state


@start_form(
    "登记更正申请",
    Use(Group.REGISTRATION, "有人要求更正与他本人有关的记录（条例第四十一条），不是要信息"),
)
def receive_request(given: Annotated[Answer, Of(ReceiveRequest)], person: Person, by: By) -> str:
    """登记一件要求更正与本人相关的政府信息记录的申请（条例第四十一条），不计入表三。"""
    now = office.circumstances(by.officer)
    act, requester = filled(ReceiveRequest, given), intake.person_of(None, **person)

    def enter_it(session: Session, submission: str | None) -> RecordsCase:
        return receive(session, act, requester, now, office.now(), submission)

    case = enter_once(RECORDS.key, by, enter_it, as_act(RECORDS))
    said = answer(case.number, act.title, [f"{case.stage}；请在“办理更正申请”中继续办理"])
    desk.forget_parameters()  # last: started again, the run needs them
    return said


@start_form(
    "办理更正申请",
    Use(Group.HANDLING, "更正申请登记以后，拟写更正、转送或者不予更正的答复"),
    officer="起草人",
)
def decide_request(
    number: Registered,
    given: Annotated[Answer, Of(DraftAnswer, {"contact": "agency_contact"})],
    by: By,
) -> str:
    """起草更正、转送、告知或者不予更正的答复；文书全文显示在办理页上，审核、签发后才发出（条例第四十一条）。"""
    return _done(number, filled(DraftAnswer, given), by)


class Step(StrEnum):
    """What becomes of a drafted answer."""

    APPROVE = "审核通过"
    BACK = "退回修改"
    SIGN = "签发"
    VOID = "作废已签发的告知书"


@start_form(
    "审核签发更正申请",
    Use(Group.HANDLING, "更正申请的答复拟好以后，审核、退回、签发或者作废"),
    officer="审核人、签发人",
)
def settle_request(
    number: Registered,
    step: Annotated[Step, Field(title="办理事项", description="文书全文见办理页")],
    by: By,
    on: Annotated[date | None, Asked(SignAnswer, "decided_on", "签发的必填")] = None,
    words: Annotated[
        str, Field(title="意见或者原因", description="退回的填修改意见，作废的填作废原因")
    ] = "",
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
    return _done(number, act, by)


def _done(number: str, act: RecordsAct, by: By) -> str:
    """One act on a request, with the letter that it issues or voids; the letter drafted is shown."""
    now = office.circumstances(by.officer)
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
            filed_letters.void_documents(session, number, entry.on, act.reason)
        return case

    case = enter_once(RECORDS.key, by, enter_it, as_act(RECORDS))
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
