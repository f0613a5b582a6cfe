"""What if a signed letter is wrong? Its number is never used again; the case counts once (45).

Before it is sent it is voided; after, the reply is withdrawn and given anew: the new letter says
so, and table 三 still counts the application once (models/register/counted_in_table3.py).
"""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import ClassVar

from pydantic import Field

from models.agency.officers import Role
from models.case.act import Act, Circumstances, blank, order_faults, own_decision
from models.case.case import Case
from models.case.matters import FirstReply, Issued
from models.case.stage import Stage
from models.law.deadline import ClockEvent

AGAIN = {
    "drafting": "内容有误，退回起草",
    "signing": "内容无误，仅落款、印制等有误，重新签发",
}


def void_reply(case: Case, on: date, reason: str) -> Issued | None:
    """Void the reply that stands, with the 送达回证 made out for it; their numbers stay."""
    reply = case.reply_letter()
    if reply is None:
        return None
    for letter in case.letters[case.letters.index(reply) :]:
        if letter is reply or letter.kind == "service_receipt":
            letter.voided_on, letter.void_reason = on, reason
    case.signed_on, case.signed_by, case.receipt_made_out = None, "", False
    return reply


class VoidLetter(Act):
    """作废: a letter that is signed but not sent; its number stays in the series (Art. 45)."""

    kind: ClassVar[str] = "letter_voided"
    title: ClassVar[str] = "作废已签发、未发出的告知书"
    tab: ClassVar[str] = "作废"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.DISPATCH})
    coded: ClassVar[frozenset[str]] = frozenset({"again"})

    reason: str = Field(title="作废原因", description="原文号保留、不再使用", max_length=2000)
    again: str = Field(title="作废后")

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"again": AGAIN}

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"again": "drafting"}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        return ["请写明作废原因，登记簿须载明（条例第四十五条）"] if blank(self.reason) else []

    def apply(self, case: Case, on: date, officer: str) -> None:
        void_reply(case, on, self.reason)
        if case.draft:
            case.draft.comment(officer, f"告知书作废，{self.reason}")
        if self.again == "signing":
            case.stage = Stage.SIGNING
            return
        case.told = []
        case.stage = case.redrafting


class WithdrawReply(Act):
    """撤回答复: a reply that was sent is withdrawn by us and given anew, as one case (Art. 36)."""

    kind: ClassVar[str] = "reply_withdrawn"
    title: ClassVar[str] = "撤回已发出的答复，重新办理"
    tab: ClassVar[str] = "撤回答复"
    article: ClassVar[str] = "36"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.CLOSED})
    role: ClassVar[Role] = Role.SIGN

    withdrawn_on: date = Field(title="撤回日期")
    reason: str = Field(
        title="撤回的理由",
        description="写入新的告知书：“因……，现予撤销，重新答复如下”",
        max_length=2000,
    )
    decided_by: str = Field(
        default="",
        title="决定撤回的签发人",
        description="有办理人员名单的，由其本人办理，可以不填",
        max_length=60,
    )

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.reply_letter() is None:
            return "本件没有可以撤回的告知书（条例第三十六条）"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"withdrawn_on": now.today}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = order_faults("撤回日期", self.withdrawn_on, case, now)
        if blank(self.reason):
            found.append("请写明撤回的理由，新的告知书必须载明（条例第三十六条）")
        if blank(self.decided_by) and not now.agency.officers:
            found.append("撤回已发出的答复须经签发人决定，请填写其姓名（条例第四十五条）")
        return [*found, *own_decision("撤回", self.decided_by, now, "45")]

    def effective_on(self, today: date) -> date:
        return self.withdrawn_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        closed_on, outcome = case.closed_on, case.outcome
        letter = void_reply(case, on, f"已发出后撤回：{self.reason}")
        if letter is not None and closed_on is not None and outcome is not None:
            case.first_replies.append(
                FirstReply(
                    letter.number,
                    letter.dated,
                    closed_on,
                    case.closed_recorded_on,
                    outcome,
                    on,
                    self.reason,
                    draft=deepcopy(case.draft),
                )
            )
        case.closed_on = case.closed_recorded_on = None
        case.told = []
        case.clock.append(ClockEvent("reply_withdrawn", on))
        case.stage = case.redrafting
