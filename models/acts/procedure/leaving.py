"""What if one of several applicants takes the application back? The others' stays (Art. 27).

Each of those who apply together has asked for himself: who leaves is no longer answered, and ends
nothing for the rest. The application stays one, and its clock runs on; in which column it is
counted once the first of them has left is a choice (`kind_after_leaving`,
models/register/counted_in_table3.py). What identifies and reaches the one who left is used no more.
Only when all of them take it back is it withdrawn (models/acts/reply/nothing_given.py).
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import Field

from models.acts.afterwards.voiding import void_reply
from models.case.act import Act, Circumstances, blank, in_future
from models.case.case import Case
from models.case.matters import Draft
from models.case.stage import ApplicantKind, Stage
from models.errors import ImpossibleHistory

DRAFTED = (Stage.REVIEW, Stage.SECRECY, Stage.SIGNING)
AGENT = {
    "": "（不适用）",
    "yes": "仍代理其余申请人",
    "no": "只代理退出的申请人，以后的文书不再注明",
}


class Leave(Act):
    """共同申请人退出: one of several applicants leaves in writing; it goes on for the others."""

    kind: ClassVar[str] = "applicant_left"
    title: ClassVar[str] = "登记共同申请人退出"
    tab: ClassVar[str] = "共同申请人退出"
    article: ClassVar[str] = "27"
    stages: ClassVar[frozenset[Stage]] = frozenset(Stage) - {Stage.CLOSED}
    procedural: ClassVar[bool] = True
    coded: ClassVar[frozenset[str]] = frozenset({"agent"})

    who: str = Field(title="退出的申请人", max_length=200)
    left_on: date = Field(
        title="收到其书面退出的日期",
        description="其余申请人的申请照常办理，答复期限不变；已经签发、尚未发出的告知书作废，重新签发；"
        "全部撤回的，按“申请人撤回”办理",
    )
    first_kind: str = Field(
        default="",
        title="其后第一申请人的类别",
        description="第一申请人退出的必填：告知书据以称呼；年报按哪一类别计数由本机关选定",
    )
    agent: str = Field(
        default="",
        title="代理人是否仍代理其余申请人",
        description="有代理人而第一申请人退出的必填",
    )

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        return {
            "who": {one: one for one in (case.applicant, *case.co_applicants)},
            "first_kind": {"": "（不适用）"} | {str(kind): str(kind) for kind in ApplicantKind},
            "agent": AGENT,
        }

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if not case.co_applicants:
            return "只有一名申请人：其撤回的，按“申请人撤回”办理（条例第二十七条）"
        return None

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = in_future("收到书面退出的日期", self.left_on, now)
        if self.left_on < case.arrived_on:
            found.append(f"收到书面退出的日期（{self.left_on}）早于到件日期（{case.arrived_on}）")
        first = self.who == case.applicant
        if first and blank(self.first_kind):
            found.append(f"第一申请人退出的，请填写其后第一申请人（{case.co_applicants[0]}）的类别")
        if not first and not blank(self.first_kind):
            found.append("“其后第一申请人的类别”只在第一申请人退出时填写")
        asked = first and bool(case.agent)
        if asked and not self.agent:
            found.append(
                f"请写明代理人（{case.agent}）是否仍代理其余申请人（民法典第一百六十一条）"
            )
        if self.agent and not asked:
            found.append("“代理人是否仍代理其余申请人”只在有代理人、第一申请人退出时填写")
        return found

    def effective_on(self, today: date) -> date:
        return self.left_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        everybody = [case.applicant, *case.co_applicants]
        if len(everybody) < 2 or self.who not in everybody:  # an erratum would have it so
            raise ImpossibleHistory(f"“{self.who}”不是可以退出的共同申请人")
        if self.who == case.applicant:
            case.later_firsts.append((on, self.first_kind))
        if self.agent == "no":
            case.agent = case.authority = ""
        everybody.remove(self.who)
        case.applicant, case.co_applicants = everybody[0], tuple(everybody[1:])
        self._as_written(case, on, officer)

    def _as_written(self, case: Case, on: date, officer: str) -> None:
        """A letter signed to him, too, is signed anew; a draft that names him, drafted anew."""
        why = f"共同申请人{self.who}退出"
        if case.stage is Stage.DISPATCH:
            void_reply(case, on, f"{why}，重新签发")
            case.stage = Stage.SIGNING
        if case.draft and case.stage in DRAFTED and self._named_in(case.draft):
            case.draft.comment(officer, f"{why}，告知书中写到的应当改写")
            case.stage = case.redrafting

    def _named_in(self, draft: Draft) -> bool:
        return any(self.who in text for part in draft.pieces for text in part.particulars.values())
