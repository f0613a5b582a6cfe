"""Why is there nothing to give? Not there, not ours, not to be handled, not pursued any more.

Unable (Arts. 30, 36(4), 36(5), 38), not handled (35, 36(6), 39), lapsed or withdrawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from pydantic import Field

from models.acts.procedure.excess import NO_EXPLANATION
from models.acts.reply.outcome import DraftReply
from models.acts.reply.repeated import not_repeated
from models.case.act import Circumstances, blank, in_future
from models.case.case import Case
from models.case.matters import Correction
from models.case.stage import Stage

GONE = re.compile("死亡|去世|病故|身故|亡故|注销|解散")


class DraftUnable(DraftReply):
    """无法提供 (Arts. 30, 36(4), 36(5), 38): not existing, not ours, to be made, still unclear."""

    kind: ClassVar[str] = "drafted_unable"
    title: ClassVar[str] = "无法提供"
    tab: ClassVar[str] = "无法提供"
    family: ClassVar[str] = "unable"

    reasons: str = Field(
        default="", title="事实和理由", description="信息不存在以外的情形必填", max_length=5000
    )
    responsible_agency: str = Field(
        default="",
        title="负责公开的机关",
        description="非本机关负责公开而尚不能确定由谁负责的留空，告知书写明尚不能确定",
        max_length=100,
    )
    responsible_contact: str = Field(default="", title="该机关的联系方式", max_length=300)
    search: str = Field(
        default="",
        title="检索情况",
        description="信息不存在的必填：检索范围、系统、关键词、日期",
        max_length=5000,
    )
    correction_history: str = Field(
        default="", title="补正经过", description="补正后仍不明确的必填", max_length=2000
    )

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        if case.draft is None and case.elsewhere:
            return {"outcome": "not_ours", **case.elsewhere}
        return super().proposal(case, now)

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = super().faults(case, now)
        if not blank(self.responsible_agency) and blank(self.responsible_contact):
            found.append("告知负责公开的机关时，应当一并告知其联系方式（条例第三十六条第五项）")
        return found


class DraftNotHandled(DraftReply):
    """不予处理 (Arts. 35, 36(6), 39): complaints, repetition, publications, excess."""

    kind: ClassVar[str] = "drafted_not_handled"
    title: ClassVar[str] = "不予处理"
    tab: ClassVar[str] = "不予处理"
    family: ClassVar[str] = "not_handled"

    reasons: str = Field(
        default="",
        title="事实和理由",
        description="信访举报投诉、大量反复申请、要求确认或重新出具的必填",
        max_length=5000,
    )
    proper_channel: str = Field(
        default="",
        title="可以提出诉求的渠道",
        description="信访举报投诉的写明：向谁、怎样提出",
        max_length=500,
    )
    earlier_reply_on: date | None = Field(
        default=None, title="此前答复的日期", description="重复申请的必填"
    )
    earlier_reply_number: str = Field(
        default="",
        title="此前答复的文号",
        description="重复申请的必填；按登记簿核对，须为答复同一申请人、已经发出、现在有效的告知书",
        max_length=100,
    )
    earlier_reply_kept: str = Field(
        default="",
        title="登记簿启用前的答复存于何处",
        description="此前的答复作出于启用登记簿之前的填写案卷号、原登记号；其他的不填",
        max_length=200,
    )
    information: str = Field(
        default="", title="公开出版物名称", description="要求提供公开出版物的必填", max_length=2000
    )
    whereabouts: str = Field(
        default="", title="获取途径", description="要求提供公开出版物的必填", max_length=2000
    )
    counts: str = Field(
        default="", title="申请数量、频次", description="大量反复申请的必填", max_length=2000
    )
    explanation: str = Field(
        default="", title="申请人说明的理由", description="大量反复申请的必填", max_length=5000
    )

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = super().faults(case, now)
        if self.outcome in ("repeated", "reconfirmation"):
            number, kept = self.earlier_reply_number, self.earlier_reply_kept
            found += not_repeated(number, self.earlier_reply_on, kept, case, now)
        return found

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        found = super().proposal(case, now)
        if case.excess is None or found.get("outcome", "excessive") != "excessive":
            return found
        explanation = case.excess.explanation or NO_EXPLANATION
        return {"counts": case.excess.counts, "explanation": explanation, **found}


class DraftOther(DraftReply):
    """其他处理: lapse of a correction or a payment, withdrawal, not an application at all."""

    kind: ClassVar[str] = "drafted_other"
    title: ClassVar[str] = "其他处理（撤回、逾期不补正等）"
    tab: ClassVar[str] = "其他"
    family: ClassVar[str] = "other"
    stages: ClassVar[frozenset[Stage]] = frozenset(
        {Stage.JURISDICTION, Stage.CORRECTION, Stage.FEE, Stage.DRAFTING}
    )

    noticed_on: date | None = Field(
        default=None, title="告知书送达日期", description="逾期不补正、逾期不缴费的必填"
    )
    withdrawn_on: date | None = Field(
        default=None, title="申请人书面撤回的日期", description="撤回的必填"
    )
    excuse: str = Field(
        default="",
        title="申请人说明的逾期理由，以及为什么不正当",
        description="逾期不补正的：申请人没有说明过理由的留空，告知书写明没有收到说明",
        max_length=2000,
    )
    reasons: str = Field(
        default="",
        title="事实和理由",
        description="咨询、刑事司法、党务等不属于公开申请、其他情形终止办理的必填",
        max_length=5000,
    )
    recipient: str = Field(
        default="",
        title="收件人（申请人死亡、终止的）",
        description="近亲属、权利义务承受人；没有承受人的写明“已注销”等，告知书不以死亡、终止的申请人为收件人",
        max_length=200,
    )

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        had = _notice_had(case)
        return {**super().proposal(case, now), **({"noticed_on": had} if had else {})}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = super().faults(case, now)
        had, notices = _notice_had(case), {"fee_unpaid": "收费通知", "not_corrected": "补正告知书"}
        if self.outcome in notices and had and self.noticed_on not in (None, had):
            found.append(
                f"告知书送达日期（{self.noticed_on}）与登记的{notices[self.outcome]}送达日期（{had}）不符"
            )
        found += self._gone()
        if self.outcome == "not_corrected" and self.noticed_on and case.correction:
            found += self._not_lapsed(self.noticed_on, case.correction, now)
        if self.withdrawn_on is None:
            return found
        found += self._by_some(case)
        found += in_future("书面撤回的日期", self.withdrawn_on, now)
        if self.withdrawn_on < case.arrived_on:
            found.append(f"书面撤回的日期（{self.withdrawn_on}）早于到件日期（{case.arrived_on}）")
        return found

    def _by_some(self, case: Case) -> Iterator[str]:
        """Who apply together each ask for himself: what some take back ends nothing for the rest."""
        everybody = (case.applicant, *case.co_applicants) if case.co_applicants else ()
        missing = [one for one in everybody if one not in self.reasons]
        if missing:
            yield (
                "共同申请的，全体申请人书面撤回才能终止，请在“事实和理由”中写明各人的撤回"
                f"（没有写到{'、'.join(missing)}）；只有一部分人撤回的，登记“共同申请人退出”"
                "（条例第二十七条）"
            )

    def _gone(self) -> Iterator[str]:
        """A letter is addressed neither to the dead and dissolved, nor past the living."""
        ended = self.outcome == "otherwise_closed"
        if not ended and not blank(self.recipient):
            yield "“收件人”只在因申请人死亡、终止而终止办理时填写"
        if ended and blank(self.recipient) and (gone := GONE.search(self.reasons)):
            yield f"申请人已经{gone.group()}的，告知书不能以其为收件人，请填写“收件人”"

    def _not_lapsed(self, had: date, made: Correction, now: Circumstances) -> list[str]:
        """The time to correct runs from when the applicant had the notice (Art. 30)."""
        if had < made.requested_on:
            return [f"告知书送达日期（{had}）早于告知补正的日期（{made.requested_on}）"]
        if had > now.today:
            return in_future("告知书送达日期", had, now)
        due = now.law.calendar.latest(had, made.days)
        if now.today > due.day:
            return []
        return [
            f"补正告知书于{had}送达，补正期限至{due}尚未届满，不能以“逾期不补正”处理（条例第三十条）"
        ]


def _notice_had(case: Case) -> date | None:
    """The day on record on which the applicant had the notice that is waited for an answer to."""
    if case.stage is Stage.FEE:
        return case.fee.delivered_on if case.fee else None
    if case.stage is Stage.CORRECTION:
        return case.correction.delivered_on if case.correction else None
    return None
