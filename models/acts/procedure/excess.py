"""Is there a reason for so many applications? Reasons asked, judged, a later day set (Art. 35).

No number of applications and no time to explain is fixed by law, and asking stops no clock. The time
given to explain is the applicant's: it runs from the day the notice was received. Reasons that do not
hold, or none at all, allow 不予处理; good reasons that leave too little time allow a reasonable later
day, told to the applicant before the limit ends.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import Field

from models.case.act import Act, Circumstances, blank, order_faults
from models.case.case import Case
from models.case.matters import Deferral, Excess
from models.case.stage import Stage
from models.case.time_given import AT_ONCE, Awaited, NoticeDelivered, delivery_faults, undelivered
from models.law.deadline import ClockEvent
from models.law.statute import Statute
from models.law.workdays import DAY, Reach

JUDGED = {"no": "理由不合理", "yes": "理由合理"}
NO_EXPLANATION = "逾期未说明理由"


def reasons_due(excess: Excess, law: Statute) -> Reach | None:
    """The last day to explain, in working days from the day after receipt; None until it is received.

    The latest that it may be: the applicant's time is not over before.
    """
    if excess.delivered_on is None:
        return None
    return law.calendar.latest(excess.delivered_on, excess.days)


def reasons_overdue(case: Case, today: date, law: Statute) -> str | None:
    """That the time to explain has passed in vain, or cannot be counted; None otherwise."""
    excess = case.excess
    if excess is None or excess.given_on or case.stage not in (Stage.JURISDICTION, Stage.DRAFTING):
        return None
    due = reasons_due(excess, law)
    if due is None:
        return undelivered("说明理由通知", "说明理由的期限", "35", excess.asked_on, today, law)
    if today <= due.day:
        return None
    return f"说明理由的期限已于{due}届满，申请人未说明理由，请决定如何处理（条例第三十五条）"


def excess_unexplained(case: Case, now: Circumstances) -> str | None:
    """“无正当理由大量反复” presupposes reasons asked for, and none given in time or none that hold."""
    excess = case.excess
    if excess is None:
        return "未要求申请人说明理由，不能以“无正当理由大量反复申请”处理（条例第三十五条）"
    if excess.reasonable:
        return "已认定申请理由合理，不能以“无正当理由大量反复申请”处理（条例第三十五条）"
    if excess.given_on is None:
        due = reasons_due(excess, now.law)
        if due is None:
            return (
                "说明理由通知的送达日期尚未登记，说明理由的期限不能起算，不能以“无正当理由大量反复申请”处理"
                "（条例第三十五条）"
            )
        if now.today <= due.day:
            return (
                f"说明理由的期限至{due}尚未届满，不能以“无正当理由大量反复申请”处理"
                "（条例第三十五条）"
            )
    return None


class AskReasons(Act):
    """说明理由通知: counts and frequency found, time to explain, consequence (Art. 35)."""

    kind: ClassVar[str] = "reasons_asked"
    title: ClassVar[str] = "申请数量、频次过多，要求说明理由"
    tab: ClassVar[str] = "说明理由"
    article: ClassVar[str] = "35"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.JURISDICTION, Stage.DRAFTING})
    letter: ClassVar[str | None] = "reasons"
    shown_first: ClassVar[bool] = True
    procedural: ClassVar[bool] = True

    asked_on: date = Field(title="通知日期", description="答复期限不因此停止计算")
    delivered_on: date | None = Field(default=None, title="送达日期", description=AT_ONCE)
    counts: str = Field(title="申请数量、频次", max_length=2000)
    days: int = Field(
        title="说明理由的期限（工作日）",
        description="条例未定长短，应当合理；自申请人收到通知次日起算",
        ge=1,
        le=60,
    )

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.excess is not None:
            return f"已于{case.excess.asked_on}要求说明理由（条例第三十五条）"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"asked_on": now.today, "days": now.law.figure("reasons_time", now.today).days}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = order_faults("通知日期", self.asked_on, case, now)
        if self.delivered_on:
            found += delivery_faults(self.delivered_on, "通知日期", self.asked_on, now)
        if blank(self.counts):
            found.append("请写明申请的数量、频次，通知必须载明（条例第三十五条）")
        return found

    def effective_on(self, today: date) -> date:
        return self.asked_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.excess = Excess(on, self.days, self.counts, delivered_on=self.delivered_on)


class ReasonsNoticeDelivered(NoticeDelivered):
    """说明理由通知送达: the time to explain runs from the day after (Art. 35)."""

    kind: ClassVar[str] = "reasons_notice_delivered"
    title: ClassVar[str] = "登记说明理由通知送达"
    tab: ClassVar[str] = "理由通知送达"
    article: ClassVar[str] = "35"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.JURISDICTION, Stage.DRAFTING})
    procedural: ClassVar[bool] = True
    notice: ClassVar[str] = "说明理由通知"

    @classmethod
    def awaited(cls, case: Case) -> Awaited | None:
        excess = case.excess
        return Awaited(excess.asked_on, excess.delivered_on) if excess else None

    def apply(self, case: Case, on: date, officer: str) -> None:
        if case.excess:
            case.excess.delivered_on = on


class RecordReasons(Act):
    """收到理由: what the applicant says, and whether it holds (Art. 35)."""

    kind: ClassVar[str] = "reasons_given"
    title: ClassVar[str] = "登记申请人说明的理由"
    tab: ClassVar[str] = "收到理由"
    article: ClassVar[str] = "35"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.JURISDICTION, Stage.DRAFTING})
    procedural: ClassVar[bool] = True
    coded: ClassVar[frozenset[str]] = frozenset({"reasonable"})

    given_on: date = Field(title="收到说明之日")
    explanation: str = Field(title="申请人说明的理由", max_length=5000)
    reasonable: str = Field(title="理由是否合理（承办人判断）")
    judgment: str = Field(title="判断的依据", max_length=5000)

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"reasonable": JUDGED}

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.excess is None:
            return "没有要求申请人说明理由（条例第三十五条）"
        if case.deferral is not None:
            return "已认定理由合理并告知延迟答复（条例第三十五条）"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"given_on": now.today}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = []
        if self.given_on > now.today:
            found.append(f"收到说明之日（{self.given_on}）晚于今天（{now.today}）")
        if case.excess and self.given_on < case.excess.asked_on:
            found.append(f"收到说明之日（{self.given_on}）早于通知日期（{case.excess.asked_on}）")
        if blank(self.explanation):
            found.append("请填写申请人说明的理由")
        if blank(self.judgment):
            found.append("请填写判断的依据（条例第三十五条）")
        return found

    def effective_on(self, today: date) -> date:
        return self.given_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        if case.excess is None:
            return
        case.excess.given_on, case.excess.explanation = on, self.explanation
        case.excess.reasonable = self.reasonable == "yes"
        case.excess.judgment = self.judgment


class Defer(Act):
    """延迟答复: good reasons, but not within the limit of Art. 33; a reasonable later day (Art. 35)."""

    kind: ClassVar[str] = "deferred"
    title: ClassVar[str] = "理由合理但不能按期答复，告知延迟"
    tab: ClassVar[str] = "延迟答复"
    article: ClassVar[str] = "35"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.JURISDICTION, Stage.DRAFTING})
    letter: ClassVar[str | None] = "deferral"
    shown_first: ClassVar[bool] = True
    procedural: ClassVar[bool] = True

    told_on: date = Field(title="告知申请人的日期")
    reply_by: date = Field(title="延迟至何日答复", description="应当合理，且为工作日")
    reasons: str = Field(title="不能按期答复的理由", max_length=5000)

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.excess is None or not case.excess.reasonable:
            return "未认定申请理由合理，不能延迟答复（条例第三十五条）"
        if case.deferral is not None:
            return f"已于{case.deferral.told_on}告知延迟答复（条例第三十五条）"
        limit = case.deadline(now.law)
        if limit and limit.fixed(cls.kind):
            return "责令重新答复的决定已定期限，不能延迟（条例第三十五条）"
        if limit and limit.last_day and now.today > limit.last_day:
            return f"答复期限已于{limit.last_day}届满，不能再延迟（条例第三十五条）"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"told_on": now.today}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = order_faults("告知日期", self.told_on, case, now)
        limit = case.deadline(now.law)
        last = limit.last_day if limit else None
        most = now.law.figure("deferral", now.today)
        if last and self.reply_by <= last:
            found.append(f"延迟至的日期（{self.reply_by}）应晚于现有期限（{last}）")
        elif now.law.calendar.last_workday_by(self.reply_by) != self.reply_by:
            nearest = now.law.calendar.reach(self.reply_by - DAY, 1).day
            found.append(f"延迟至的日期（{self.reply_by}）不是工作日，其后的工作日是{nearest}")
        if last and (latest := now.law.calendar.reach(last, most.days)).day < self.reply_by:
            found.append(
                f"延迟至的日期（{self.reply_by}）超过现有期限之后{most.days}个工作日（{latest}），"
                "不是合理期限；可以分批答复（条例第三十五条）"
            )
        if blank(self.reasons):
            found.append("请写明不能按期答复的理由，告知书必须载明（条例第三十五条）")
        return found

    def effective_on(self, today: date) -> date:
        return self.told_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.deferral = Deferral(on, self.reply_by, self.reasons)
        case.on_clock(ClockEvent("deferred", on, until=self.reply_by))
