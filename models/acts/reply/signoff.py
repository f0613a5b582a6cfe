"""Who answers for the letter, and when was it sent? Review, signature, dispatch (Arts. 33, 45).

拟稿 → 审核 → 保密审查, where the ground asks for it (models/acts/reply/secrecy.py) → 签发; from
each it may be sent back with comments, as often as needed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from models.acts.procedure.withholding import (
    must_tell,
    no_longer_founded,
    undecided,
    unheard_elsewhere,
)
from models.acts.reply.secrecy import not_reviewed, own_draft
from models.acts.reply.serving import (
    DELIVERY,
    NEEDED,
    PROOF,
    RECEIPTED,
    REFUSAL,
    not_for_him,
    online_channel_missing,
    way_faults,
)
from models.agency.agency import not_confirmed
from models.agency.officers import Role
from models.case.act import Act, Circumstances, blank, order_faults
from models.case.case import Case
from models.case.matters import Served
from models.case.stage import Stage
from models.law.deadline import ClockEvent

NEXT = {"signing": "签发", "secrecy": "保密审查"}


class Approve(Act):
    """审核通过: the draft goes to the leader who signs, by way of secrecy review if need be (17)."""

    kind: ClassVar[str] = "approved"
    title: ClassVar[str] = "审核通过"
    tab: ClassVar[str] = "审核通过"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.REVIEW})
    role: ClassVar[Role] = Role.REVIEW
    coded: ClassVar[frozenset[str]] = frozenset({"next"})

    next: str = Field(
        default="signing",
        title="通过后送",
        description="以国家秘密、“三安全一稳定”为由不予公开的，先送保密审查（条例第十七条）",
    )
    comment: str = Field(default="", title="审核意见", max_length=2000)

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"next": NEXT}

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"next": "secrecy" if not_reviewed(case, now.law, now.today) else "signing"}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = own_draft(case, now, "审核")
        why = not_reviewed(case, now.law, now.today) if self.next == "signing" else None
        return [*found, why] if why else found

    def apply(self, case: Case, on: date, officer: str) -> None:
        if case.draft is not None:
            case.draft.comment(officer, self.comment)
        case.stage = Stage.SECRECY if self.next == "secrecy" else Stage.SIGNING


class SendBack(Act):
    """退回修改: back to the drafter, with comments, as often as needed."""

    kind: ClassVar[str] = "sent_back"
    title: ClassVar[str] = "退回修改"
    tab: ClassVar[str] = "退回修改"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.REVIEW, Stage.SECRECY, Stage.SIGNING})
    role: ClassVar[Role] = Role.REVIEW

    comment: str = Field(title="修改意见", max_length=2000)

    @classmethod
    def roles_at(cls, stage: StrEnum) -> tuple[Role, ...]:
        before_them = {Stage.SECRECY: Role.SECRECY, Stage.SIGNING: Role.SIGN}
        return (before_them.get(Stage(stage), cls.role),)

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        return ["请写明修改意见"] if blank(self.comment) else []

    def apply(self, case: Case, on: date, officer: str) -> None:
        if case.draft is not None:
            case.draft.comment(officer, self.comment)
            case.draft.cleared_by = ""
        case.stage = case.redrafting


class Sign(Act):
    """签发: the letter gets its number and date; the drafter cannot sign."""

    kind: ClassVar[str] = "signed"
    title: ClassVar[str] = "签发"
    tab: ClassVar[str] = "签发"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.SIGNING})
    letter: ClassVar[str | None] = "reply"
    role: ClassVar[Role] = Role.SIGN

    signed_on: date = Field(title="签发日期", description="告知书的落款日期")

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        unsure = not_confirmed(now.agency, now.today)
        early = undecided(case, now) or unheard_elsewhere(case, now)
        return unsure or not_reviewed(case, now.law, now.today) or early

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"signed_on": now.today}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = order_faults("签发日期", self.signed_on, case, now)
        unsure = None if found else not_confirmed(now.agency, self.signed_on)
        found += [unsure] if unsure else []
        if case.draft and now.officer in case.draft.drafters:
            found.append(f"起草人（{now.officer}）不能签发自己起草的告知书")
        then = replace(now, today=self.signed_on)  # as of the day it bears
        early = undecided(case, then) or unheard_elsewhere(case, then)
        return [*found, early] if early and not found else found

    def effective_on(self, today: date) -> date:
        return self.signed_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.signed_on = on
        case.signed_by = officer
        case.receipt_made_out = False
        case.stage = Stage.DISPATCH


class Dispatch(Act):
    """发出: posted, handed over or sent; this day decides whether the reply is in time (Art. 33)."""

    kind: ClassVar[str] = "replied"
    title: ClassVar[str] = "发出告知书"
    tab: ClassVar[str] = "发出"
    article: ClassVar[str] = "33"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.DISPATCH})
    coded: ClassVar[frozenset[str]] = frozenset({"delivery"})

    delivery: str = Field(title="送达方式", description="不得交由快递公司寄送（邮政法第五十五条）")
    sent_on: date = Field(
        title="发出日期", description="交邮、网上发送之日；当面、转交、委托的，收件人签收之日"
    )
    handed_to: str = Field(
        default="", title="签收人", description="当面送达、转交、委托的必填", max_length=60
    )
    proof: str = Field(
        default="", title="凭证（邮件号、送达回证号）", description=PROOF, max_length=100
    )
    refusal: str = Field(default="", title="拒收事由、见证人", description=REFUSAL, max_length=1000)

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        return must_tell(case) or no_longer_founded(case, now) or unheard_elsewhere(case, now)

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"delivery": DELIVERY}

    @classmethod
    def needs(cls, case: Case, now: Circumstances) -> dict[str, dict[str, tuple[str, ...]]]:
        return {"delivery": {way: NEEDED[way] for way in DELIVERY if way in NEEDED}}

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"sent_on": now.today}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        if case.signed_on and self.sent_on < case.signed_on:
            return [f"发出日期（{self.sent_on}）早于签发日期（{case.signed_on}）"]
        found = order_faults("发出日期", self.sent_on, case, now)
        found += way_faults(self.delivery, self.handed_to, self.proof, self.refusal)
        found += not_for_him(case, self.handed_to)
        channel = online_channel_missing(case, self.delivery, case.signed_on or self.sent_on, now)
        found += [channel] if channel else []
        found += [
            f"发出日期（{self.sent_on}）早于告知第三方之日（{told.on}）（条例第三十二条）"
            for told in case.told
            if self.sent_on < told.on
        ]
        found += [
            f"已书面告知第三方：{told.given_on}起向申请人提供，发出日期（{self.sent_on}）早于该日"
            "（条例第三十二条）"
            for told in case.told
            if told.given_on and self.sent_on < told.given_on
        ]
        return found

    def effective_on(self, today: date) -> date:
        return self.sent_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.clock.append(ClockEvent("replied", on))
        case.closed_on = on
        case.delivery, case.handed_to, case.served = self.delivery, self.handed_to, []
        if self.delivery in RECEIPTED and not case.receipt_made_out:
            case.handover = Served(
                "", on, self.delivery, self.handed_to, officer=officer, refusal=self.refusal
            )
        case.stage = Stage.CLOSED

    def letters(self, case: Case) -> tuple[str, ...]:
        made_out = case.receipt_made_out or self.delivery not in RECEIPTED
        return () if made_out else ("service_receipt",)
