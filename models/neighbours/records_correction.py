"""Records about oneself that are wrong (Art. 41): another kind of case, not in table 三.

The competent agency corrects the record and tells; any other may send the request on and tell, or
tell where to go. The 条例 sets no limit for it. The letter is drafted, reviewed and signed as a reply
is (Art. 45), and can be voided; its number stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import Field
from sqlmodel import Session

from models.agency.agency import not_confirmed
from models.agency.officers import Role
from models.case.act import Circumstances, RegisterAct, blank, in_future, unprintable
from models.case.personal import PARTICULARS
from models.errors import ActRefused
from models.register.neighbour import Neighbour, enter, new_number
from models.store.tables import Applicant, RecordsCorrection


class RecordsStage(StrEnum):
    """Where a request for correction stands; the value is what the officer reads."""

    NEW = "未登记"
    RECEIVED = "待办理"
    REVIEW = "待审核"
    SIGNING = "待签发"
    DECIDED = "已办结"


RESULTS = {
    "corrected": "予以更正",
    "transferred": "转送有权更正的机关，并告知",
    "directed": "告知向有权更正的机关提出",
    "refused": "不予更正",
}


@dataclass
class RecordsCase:
    """One request as its entries leave it.

    drafted_by = whoever wrote the answer as it stands; comments = what others said of it
    """

    number: str
    position: int = 0
    stage: RecordsStage = RecordsStage.NEW
    last_act: str = ""
    requester: str = ""
    is_person: bool = True
    received_on: date = date.min
    record: str = ""
    error: str = ""
    evidence: str = ""
    result: str | None = None
    decided_on: date | None = None
    action: str = ""
    agency: str = ""
    contact: str = ""
    reasons: str = ""
    drafted_by: str = ""
    comments: list[str] = field(default_factory=list)

    def comment(self, officer: str, words: str) -> None:
        """Note what an officer says of the draft, if anything."""
        if words.strip():
            self.comments.append(f"{officer}：{words.strip()}")


class RecordsAct(RegisterAct[RecordsCase]):
    """One act on a request to correct a record about oneself."""

    subject: ClassVar[str] = "更正申请"
    article: ClassVar[str] = "41"


class ReceiveRequest(RecordsAct):
    """登记更正申请: which record about the requester is wrong, and what proves it (Art. 41)."""

    kind: ClassVar[str] = "requested"
    title: ClassVar[str] = "登记更正申请"
    stages: ClassVar[frozenset[StrEnum]] = frozenset({RecordsStage.NEW})

    requester: str = Field(title="申请人姓名或名称", max_length=200)
    is_person: bool = Field(default=True, title="申请人是自然人")
    received_on: date = Field(title="收到日期")
    record: str = Field(title="要求更正的记录", max_length=5000)
    error: str = Field(title="不准确之处", max_length=5000)
    evidence: str = Field(title="证据", description="条例第四十一条：有证据证明", max_length=5000)

    def faults(self, case: RecordsCase, now: Circumstances) -> list[str]:
        found = in_future("收到日期", self.received_on, now)
        for name in ("requester", "record", "error", "evidence"):
            if blank(getattr(self, name)):
                found.append(f"请填写{type(self).model_fields[name].title}（条例第四十一条）")
        return found

    def effective_on(self, today: date) -> date:
        return self.received_on

    def apply(self, case: RecordsCase, on: date, officer: str) -> None:
        case.requester, case.is_person = self.requester, self.is_person
        case.received_on = on
        case.record, case.error, case.evidence = self.record, self.error, self.evidence
        case.stage = RecordsStage.RECEIVED


class DraftAnswer(RecordsAct):
    """起草答复: corrected; sent on and told; told where to go; or refused with reasons (41)."""

    kind: ClassVar[str] = "drafted"
    title: ClassVar[str] = "办理更正申请"
    stages: ClassVar[frozenset[StrEnum]] = frozenset(
        {RecordsStage.RECEIVED, RecordsStage.REVIEW, RecordsStage.SIGNING}
    )

    result: str = Field(title="办理结果")
    action: str = Field(default="", title="更正情况", description="予以更正的必填", max_length=5000)
    agency: str = Field(
        default="", title="有权更正的机关", description="转送、告知的必填", max_length=100
    )
    contact: str = Field(
        default="", title="该机关的联系方式", description="告知的必填", max_length=300
    )
    reasons: str = Field(default="", title="理由", description="不予更正的必填", max_length=5000)

    @classmethod
    def choices(cls, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"result": RESULTS}

    def faults(self, case: RecordsCase, now: Circumstances) -> list[str]:
        found = []
        for name in REQUIRED.get(self.result, ()):
            if blank(getattr(self, name)):
                title = type(self).model_fields[name].title
                found.append(f"{RESULTS[self.result]}的，请填写“{title}”（条例第四十一条）")
        return found

    def apply(self, case: RecordsCase, on: date, officer: str) -> None:
        case.result = self.result
        case.action, case.reasons = self.action, self.reasons
        case.agency, case.contact = self.agency, self.contact
        case.drafted_by = officer
        case.stage = RecordsStage.REVIEW


class DecideRequest(DraftAnswer):
    """Drafted, signed and told in one act, as it was recorded before there was a review of it."""

    kind: ClassVar[str] = "decided"
    stages: ClassVar[frozenset[StrEnum]] = frozenset()
    letter: ClassVar[str | None] = "records_correction"

    decided_on: date = Field(title="告知日期", description="告知书的落款日期")

    def effective_on(self, today: date) -> date:
        return self.decided_on

    def apply(self, case: RecordsCase, on: date, officer: str) -> None:
        super().apply(case, on, officer)
        case.decided_on = on
        case.stage = RecordsStage.DECIDED


class ApproveAnswer(RecordsAct):
    """审核通过: the answer goes to the leader who signs (Art. 45)."""

    kind: ClassVar[str] = "approved"
    title: ClassVar[str] = "审核通过更正申请的答复"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[StrEnum]] = frozenset({RecordsStage.REVIEW})
    role: ClassVar[Role] = Role.REVIEW

    comment: str = Field(default="", title="审核意见", max_length=2000)

    def faults(self, case: RecordsCase, now: Circumstances) -> list[str]:
        allowed = now.law.choice("drafter_reviews", now.today) == "allowed"
        if now.officer != case.drafted_by or allowed:
            return []
        return [f"起草人（{now.officer}）不能审核自己起草的答复（条例第四十五条）"]

    def apply(self, case: RecordsCase, on: date, officer: str) -> None:
        case.comment(officer, self.comment)
        case.stage = RecordsStage.SIGNING


class SendAnswerBack(RecordsAct):
    """退回修改: back to whoever drafts, with comments, as often as needed (Art. 45)."""

    kind: ClassVar[str] = "sent_back"
    title: ClassVar[str] = "退回更正申请的答复"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[StrEnum]] = frozenset({RecordsStage.REVIEW, RecordsStage.SIGNING})
    role: ClassVar[Role] = Role.REVIEW

    comment: str = Field(title="修改意见", max_length=2000)

    @classmethod
    def roles_at(cls, stage: StrEnum) -> tuple[Role, ...]:
        return (Role.SIGN,) if stage is RecordsStage.SIGNING else (cls.role,)

    def faults(self, case: RecordsCase, now: Circumstances) -> list[str]:
        return ["请写明修改意见"] if blank(self.comment) else []

    def apply(self, case: RecordsCase, on: date, officer: str) -> None:
        case.comment(officer, self.comment)
        case.stage = RecordsStage.RECEIVED


class SignAnswer(RecordsAct):
    """签发: the letter gets its number and date, and is told; the drafter cannot sign (Art. 45)."""

    kind: ClassVar[str] = "signed"
    title: ClassVar[str] = "签发更正申请的告知书"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[StrEnum]] = frozenset({RecordsStage.SIGNING})
    letter: ClassVar[str | None] = "records_correction"
    role: ClassVar[Role] = Role.SIGN

    decided_on: date = Field(title="告知日期", description="告知书的落款日期")

    def faults(self, case: RecordsCase, now: Circumstances) -> list[str]:
        found = in_future("告知日期", self.decided_on, now)
        if self.decided_on < case.received_on:
            found.append(f"告知日期（{self.decided_on}）早于收到日期（{case.received_on}）")
        if now.officer == case.drafted_by:
            found.append(f"起草人（{now.officer}）不能签发自己起草的告知书（条例第四十五条）")
        unsure = not_confirmed(now.agency, self.decided_on) if case.result == "refused" else None
        return [*found, unsure] if unsure else found

    def effective_on(self, today: date) -> date:
        return self.decided_on

    def apply(self, case: RecordsCase, on: date, officer: str) -> None:
        case.decided_on = on
        case.stage = RecordsStage.DECIDED


class VoidAnswer(RecordsAct):
    """作废告知书: its number stays and is not used again; the request is answered anew (Art. 45)."""

    kind: ClassVar[str] = "voided"
    title: ClassVar[str] = "作废更正申请的告知书"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[StrEnum]] = frozenset({RecordsStage.DECIDED})
    role: ClassVar[Role] = Role.SIGN

    reason: str = Field(title="作废原因", description="原文号保留、不再使用", max_length=2000)

    def faults(self, case: RecordsCase, now: Circumstances) -> list[str]:
        return ["请写明作废原因，登记簿须载明（条例第四十五条）"] if blank(self.reason) else []

    def apply(self, case: RecordsCase, on: date, officer: str) -> None:
        case.comment(officer, f"告知书作废，{self.reason}")
        case.result, case.decided_on = None, None
        case.stage = RecordsStage.RECEIVED


REQUIRED = {
    "corrected": ("action",),
    "transferred": ("agency",),
    "directed": ("agency", "contact"),
    "refused": ("reasons",),
}


def _columns(case: RecordsCase) -> dict[str, Any]:
    return {
        "number": case.number,
        "position": case.position,
        "stage": str(case.stage),
        "requester": case.requester,
        "record": case.record,
        "received_on": case.received_on,
        "decided_on": case.decided_on,
        "result": case.result,
    }


RECORDS: Neighbour[RecordsCase] = Neighbour(
    key="records_correction",
    label="更正本人信息",
    acts={
        act.kind: act
        for act in (
            ReceiveRequest,
            DraftAnswer,
            ApproveAnswer,
            SendAnswerBack,
            SignAnswer,
            VoidAnswer,
            DecideRequest,
        )
    },
    begin=RecordsCase,
    row=RecordsCorrection,
    columns=_columns,
)


def receive(
    session: Session,
    act: ReceiveRequest,
    person: Applicant,
    now: Circumstances,
    at: datetime,
    submission: str | None = None,
) -> RecordsCase:
    """Register a request under a new number; identity and contact are kept apart, as always."""
    case = RecordsCase("")
    particulars = {title: getattr(person, name) for name, title in PARTICULARS.items()}
    reasons = [*act.refusals(case, now), *unprintable(particulars)]
    if reasons:
        raise ActRefused(reasons)
    case.number = new_number(session, RECORDS, act.received_on.year, now)
    person.case_number = case.number
    session.add(person)
    enter(session, RECORDS, case, act, now, at, submission)
    return case
