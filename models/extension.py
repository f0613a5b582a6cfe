"""May the limit be extended? Once, by at most 20 working days, told in time (Art. 33)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import Field

from models.act import Act, Circumstances, blank, order_faults
from models.case import Stage
from models.deadline import ClockEvent
from models.history import Case, Extension


class Extend(Act):
    """延长答复期限: with consent of the head of the disclosure office, told to the applicant."""

    kind: ClassVar[str] = "extended"
    title: ClassVar[str] = "延长答复期限"
    tab: ClassVar[str] = "延期"
    article: ClassVar[str] = "33"
    stages: ClassVar[frozenset[Stage]] = frozenset(
        {Stage.JURISDICTION, Stage.DRAFTING, Stage.REVIEW, Stage.SIGNING}
    )
    letter: ClassVar[str | None] = "extension"

    told_on: date = Field(title="告知申请人的日期")
    days: int = Field(title="延长天数（工作日）", description="不超过20个工作日", ge=1)
    reasons: str = Field(title="延期理由", max_length=5000)
    consented_by: str = Field(title="同意延期的公开机构负责人", max_length=60)

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.extension is not None:
            return f"已于{case.extension.told_on}延期一次，不得再次延期（条例第三十三条）"
        limit = case.deadline(now.law)
        if limit and limit.last_day and now.today > limit.last_day:
            return f"答复期限已于{limit.last_day}届满，不能再延期（条例第三十三条）"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"told_on": now.today, "days": now.law.period("extension", now.today).days}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = order_faults("告知日期", self.told_on, case, now)
        most = now.law.period("extension", self.told_on).days
        if self.days > most:
            found.append(f"延长的期限最长不超过{most}个工作日（条例第三十三条）")
        if blank(self.reasons):
            found.append("请写明延期理由，告知书必须载明（条例第三十三条）")
        if blank(self.consented_by):
            found.append("延期须经政府信息公开工作机构负责人同意，请填写其姓名（条例第三十三条）")
        return found

    def effective_on(self, now: Circumstances) -> date:
        return self.told_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.extension = Extension(on, self.days, self.reasons, self.consented_by)
        case.clock.append(ClockEvent("extended", on, days=self.days))
