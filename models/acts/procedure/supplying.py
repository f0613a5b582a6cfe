"""Which office of our own is to supply records, and by when? (内设处室协办; Arts. 4, 33).

The reply is the agency's: asking an office of its own stops no clock. The term is ours to set; the
search it answers for is the evidence that what is not there was looked for (指导案例101号).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from models.agency.officers import Role
from models.case.act import Act, Circumstances, blank, in_future, order_faults
from models.case.case import Case
from models.case.matters import Supply
from models.case.stage import Stage
from models.law.workdays import written
from models.words.names import one_name

FOUND = {"supplied": "已提供", "none": "经检索，没有该信息"}
STAGES = frozenset({Stage.JURISDICTION, Stage.DRAFTING})
UNANSWERED = "没有请处室提供材料，或者都已答复（条例第三十三条）"


def unsupplied(case: Case) -> list[Supply]:
    """The offices that have not answered yet."""
    return [one for one in case.supplies if one.supplied_on is None]


def may_answer_for(department: str, now: Circumstances) -> bool:
    """Whether this officer may say what a department found: who only supplies, of his own alone."""
    mine = [one for one in now.agency.officers if one.name == now.officer and one.only_supplies]
    return all(one.department == department for one in mine)


def _named_in(words: str, case: Case) -> str:
    """Which of those who ask, or who act for them, is named in words, however it is typed; "" if none."""
    said = one_name(words)
    those = (case.applicant, *case.co_applicants, case.agent)
    return next((who for who in those if len(one_name(who)) > 1 and one_name(who) in said), "")


class AskSupply(Act):
    """请处室提供材料: which office, what, by when; the alert before its day goes to it, too."""

    kind: ClassVar[str] = "records_asked"
    title: ClassVar[str] = "请业务处室检索、提供材料"
    tab: ClassVar[str] = "请处室提供"
    article: ClassVar[str] = "33"
    stages: ClassVar[frozenset[Stage]] = STAGES
    procedural: ClassVar[bool] = True

    department: str = Field(
        title="处室",
        description="与办理人员名单上的处室名称一致的，届满前提醒该处室，有人提供材料的在系统里答复；其他的打印协办单送去",
        max_length=60,
    )
    records: str = Field(
        title="需要检索、提供的材料", description="不写申请人的身份信息", max_length=2000
    )
    asked_on: date = Field(title="转办日期", description="答复期限不因此停止计算")
    supply_by: date = Field(title="最迟何日提供", description="应在答复期限之前")

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        proposed = now.law.calendar.reach(now.today, now.law.supply_days).day
        limit = case.deadline(now.law)
        last = limit.last_day if limit else None
        late = last is not None and now.today < last <= proposed
        return {"asked_on": now.today, "supply_by": last if late else proposed}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = order_faults("转办日期", self.asked_on, case, now)
        if blank(self.department):
            found.append("请填写处室")
        if blank(self.records):
            found.append("请写明需要检索、提供的材料")
        if who := _named_in(self.records, case):
            found.append(f"材料中不应写明申请人（“{who}”），处室检索不需要（个人信息保护法第六条）")
        if self.supply_by < self.asked_on:
            found.append(f"最迟提供的日期（{self.supply_by}）早于转办日期（{self.asked_on}）")
        limit = case.deadline(now.law)
        last = limit.last_day if limit else None
        if last and self.asked_on <= last < self.supply_by:
            found.append(
                f"最迟提供的日期（{self.supply_by}）晚于答复期限（{last}）（条例第三十三条）"
            )
        return found

    def effective_on(self, today: date) -> date:
        return self.asked_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        ref = str(len(case.supplies) + 1)
        case.supplies.append(Supply(ref, self.department, self.records, on, self.supply_by))


class RecordSupply(Act):
    """处室答复: what it found, kept as evidence of the search."""

    kind: ClassVar[str] = "records_supplied"
    title: ClassVar[str] = "登记处室的检索结果"
    tab: ClassVar[str] = "处室答复"
    article: ClassVar[str] = "33"
    stages: ClassVar[frozenset[Stage]] = STAGES
    procedural: ClassVar[bool] = True
    coded: ClassVar[frozenset[str]] = frozenset({"ref", "result"})

    @classmethod
    def roles_at(cls, stage: StrEnum) -> tuple[Role, ...]:
        return (Role.HANDLE, Role.SUPPLY)

    ref: str = Field(title="哪个处室")
    supplied_on: date = Field(title="答复日期")
    result: str = Field(title="检索结果")
    note: str = Field(
        default="", title="检索的范围、方法", description="没有该信息的必须填写", max_length=2000
    )

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        refs = {
            one.ref: f"{one.department}（{written(one.asked_on)}转办，最迟{written(one.supply_by)}）"
            for one in unsupplied(case)
        }
        return {"ref": refs, "result": FOUND}

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        return None if unsupplied(case) else UNANSWERED

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        waiting = [one.ref for one in unsupplied(case)]
        first = {"ref": waiting[0]} if waiting else {}
        return {**first, "supplied_on": now.today}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = in_future("答复日期", self.supplied_on, now)
        one = next((one for one in case.supplies if one.ref == self.ref), None)
        if one and self.supplied_on < one.asked_on:
            found.append(f"答复日期（{self.supplied_on}）早于转办日期（{one.asked_on}）")
        if one and not may_answer_for(one.department, now):
            found.append(f"{now.officer}只能答复请本处室提供的材料，不能答复{one.department}的")
        if self.result == "none" and blank(self.note):
            found.append("没有该信息的，请写明检索的范围和方法，作为已尽检索义务的证据")
        return found

    def effective_on(self, today: date) -> date:
        return self.supplied_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        one = next((one for one in case.supplies if one.ref == self.ref), None)
        if one is not None:
            one.supplied_on, one.result, one.note = on, self.result, self.note
