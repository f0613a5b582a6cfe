"""May the limit be extended? Once, by at most 20 working days, told in time (Art. 33)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import Field

from models.agency.officers import NAME_LONGEST, Role, holding
from models.case.act import Act, Circumstances, blank, order_faults, own_decision
from models.case.case import Case
from models.case.matters import DraftedExtension, Extension
from models.case.stage import Stage
from models.law.deadline import ClockEvent, Deadline

EXTENDABLE = frozenset(
    {Stage.JURISDICTION, Stage.DRAFTING, Stage.REVIEW, Stage.SECRECY, Stage.SIGNING}
)


def left(limit: Deadline | None, now: Circumstances) -> int:
    """How many working days may still be added: once, or up to the total (practice.toml)."""
    most = now.law.period("extension", now.today).days
    if limit is None or limit.extended_on is None:
        return most
    once = now.law.choice("second_extension", now.today) == "once"
    return 0 if once else most - limit.extended_by


def extension_faults(
    days: int, reasons: str, on: date, case: Case, now: Circumstances
) -> list[str]:
    """What makes no sense in an extension: too long, or without a reason."""
    found = []
    if days > left(case.deadline(now.law), now):
        most = now.law.period("extension", on).days
        found.append(f"延长的期限合计最长不超过{most}个工作日（条例第三十三条）")
    if blank(reasons):
        found.append("请写明延期理由，告知书必须载明（条例第三十三条）")
    return found


class DraftExtension(Act):
    """拟延期: the handler's draft, for the head of the disclosure office to consent to (Art. 33).

    Where no officers are listed there is nobody to submit it to: 延期 is one act then.
    """

    kind: ClassVar[str] = "extension_drafted"
    title: ClassVar[str] = "拟延长答复期限，报公开机构负责人同意"
    tab: ClassVar[str] = "拟延期"
    article: ClassVar[str] = "33"
    stages: ClassVar[frozenset[Stage]] = EXTENDABLE
    procedural: ClassVar[bool] = True

    days: int = Field(title="拟延长天数（工作日）", description="不超过20个工作日", ge=1)
    reasons: str = Field(title="延期理由", max_length=5000)

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if not now.agency.officers:
            return "没有办理人员名单的，不另拟稿，直接办理“延期”（条例第三十三条）"
        return Extend.barred(case, now)

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"days": left(case.deadline(now.law), now)}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        return extension_faults(self.days, self.reasons, now.today, case, now)

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.extension_drafted = DraftedExtension(on, self.days, self.reasons, officer)


class Extend(Act):
    """延长答复期限: with consent of the head of the disclosure office, told to the applicant.

    Where the officers are listed, the consent is the head's own act, on the handler's draft or not.
    """

    kind: ClassVar[str] = "extended"
    title: ClassVar[str] = "延长答复期限"
    tab: ClassVar[str] = "延期"
    article: ClassVar[str] = "33"
    stages: ClassVar[frozenset[Stage]] = EXTENDABLE
    letter: ClassVar[str | None] = "extension"
    shown_first: ClassVar[bool] = True
    procedural: ClassVar[bool] = True
    role: ClassVar[Role] = Role.HEAD

    told_on: date = Field(title="告知申请人的日期")
    days: int = Field(title="延长天数（工作日）", description="不超过20个工作日", ge=1)
    reasons: str = Field(title="延期理由", max_length=5000)
    consented_by: str = Field(default="", title="同意延期的公开机构负责人", max_length=NAME_LONGEST)

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        limit = case.deadline(now.law)
        if case.deferral is not None:
            return f"已于{case.deferral.told_on}告知延迟答复的日期，不再延期（条例第三十五条）"
        if limit and limit.fixed(cls.kind):
            return "责令重新答复的决定已定期限，不能延期（条例第三十三条）"
        if limit and limit.extended_before:
            return f"已于{limit.extended_before}延期，自行撤回答复后不得再次延期（条例第三十三条）"
        if limit and limit.extended_on and not left(limit, now):
            return f"已于{limit.extended_on}延期一次，不得再次延期（条例第三十三条）"
        if limit and limit.suspended:
            return "期限停止计算期间没有可以延长的期限（条例第三十三条）"
        if limit and limit.last_day and now.today > limit.last_day:
            return f"答复期限已于{limit.last_day}届满，不能再延期（条例第三十三条）"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        heads = holding(now.agency.officers, (Role.HEAD,))
        drafted, most = case.extension_drafted, left(case.deadline(now.law), now)
        return {
            "told_on": now.today,
            "days": min(drafted.days, most) if drafted else most,
            **({"reasons": drafted.reasons} if drafted else {}),
            **({"consented_by": heads[0]} if len(heads) == 1 else {}),
        }

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = order_faults("告知日期", self.told_on, case, now)
        found += extension_faults(self.days, self.reasons, self.told_on, case, now)
        if blank(self.consented_by) and not now.agency.officers:
            found.append("延期须经政府信息公开工作机构负责人同意，请填写其姓名（条例第三十三条）")
        return [*found, *own_decision("延期", self.consented_by, now, self.article)]

    def effective_on(self, today: date) -> date:
        return self.told_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        consented_by = self.consented_by or officer
        case.extension = Extension(on, self.days, self.reasons, consented_by)
        case.extension_drafted = None
        case.clock.append(ClockEvent("extended", on, days=self.days))
