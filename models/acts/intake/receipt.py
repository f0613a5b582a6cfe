"""When is an application received? By the way it came in (Art. 31; 国办公开办函〔2015〕207号)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import ClassVar

from pydantic import Field

from models.case.act import Act, Circumstances, blank, order_faults
from models.case.case import Case
from models.case.matters import Correction
from models.case.stage import ApplicantKind, Stage
from models.case.time_given import AT_ONCE, Awaited, NoticeDelivered, delivery_faults, undelivered
from models.errors import UNCOMPUTABLE
from models.law.deadline import ClockEvent
from models.law.statute import Statute
from models.law.workdays import DAY, Reach

LEAP_YEAR = timedelta(days=366)


def received_on(case: Case, confirmed_on: date, law: Statute) -> date:
    """The legal date of receipt of what is confirmed on a day: arrival, or confirmation (Art. 31).

    Confirmation is due on the day of arrival (on a day of rest: the next working day). What we delay
    moves nothing; who was tried in time and could not be reached has applied on the day he is.
    """
    rule, arrived = law.receipt_rule(case.channel, case.arrived_on), case.arrived_on
    if rule == "arrival":
        return arrived
    due = law.calendar.reach(arrived - DAY, 1).day
    if rule == "handed_on" or confirmed_on <= due:
        return confirmed_on
    in_time = law.calendar.reach(arrived, 1).day
    failed = [one.on for one in case.contacts if not one.reached and one.on <= in_time]
    if not failed:
        return due
    found = (one.on for one in case.contacts if one.reached and one.on >= min(failed))
    return min((*found, confirmed_on))


def channels(now: Circumstances) -> dict[str, str]:
    """The channels an application may have come by: today's, and those closed not long ago."""
    lately = LEAP_YEAR * now.law.figure("closed_channel", now.today).years
    still = {
        row.named: row.label
        for row in now.law.channels.rows
        if row.in_force <= now.today and (row.until or now.today) >= now.today - lately
    }
    return {key: still[key] for key in now.law.channels if key in still}


class Register(Act):
    """登记申请: take an application into the register (Arts. 27-29, 45)."""

    kind: ClassVar[str] = "registered"
    title: ClassVar[str] = "登记申请"
    tab: ClassVar[str] = "登记"
    article: ClassVar[str] = "29"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.CONFIRMING})
    coded: ClassVar[frozenset[str]] = frozenset({"channel"})

    channel: str = Field(title="提交方式")
    arrived_on: date = Field(
        title="到件日期", description="递交、签收或系统收到之日，不论何时打开、转交"
    )
    applicant_kind: str = Field(title="申请人类别", description="年报表三的列")
    applicant: str = Field(title="申请人姓名或名称", max_length=200)
    request: str = Field(
        title="申请内容", description="所需信息的名称、文号或者其他特征描述", max_length=20000
    )
    form_wanted: str = Field(
        default="",
        title="获取信息的方式",
        description="方式、途径，如邮寄纸质、电子邮件。条例第二十九条要求写明",
        max_length=200,
    )
    co_applicants: str = Field(
        default="",
        title="其他共同申请人（每行一人）",
        description="共同申请为一件，按第一申请人的类别计数",
        max_length=2000,
    )
    written_by: str = Field(
        default="",
        title="代填写人（口头提出的）",
        description="采用书面形式确有困难而口头提出的，写明公开工作机构由谁代为填写",
        max_length=60,
    )
    agent: str = Field(
        default="",
        title="代理人姓名",
        description="文书写给申请人，注明代理人；类别、计数按申请人",
        max_length=200,
    )
    authority: str = Field(
        default="",
        title="委托手续（授权委托书的日期、权限）",
        description="没有的先行登记，告知补正（条例第二十九条、第三十条）",
        max_length=1000,
    )

    @classmethod
    def choices(cls, now: Circumstances) -> dict[str, dict[str, str]]:
        return {
            "channel": channels(now),
            "applicant_kind": {str(kind): str(kind) for kind in ApplicantKind},
        }

    @classmethod
    def stored_words(cls, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"channel": {key: one.label for key, one in now.law.channels.items()}}

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        return "该申请已经登记，不能重复登记（条例第四十五条）" if case.position else None

    def not_undone(self) -> str:
        return "登记时已经编了申请编号"

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = []
        if self.arrived_on > now.today:
            found.append(f"到件日期（{self.arrived_on}）晚于今天（{now.today}）")
        elif not _announced(self.channel, self.arrived_on, now):
            label = now.law.channels[self.channel].label
            found.append(
                f"{self.arrived_on}不能以“{label}”提交申请（该渠道当日尚未启用或者已经停用）"
            )
        elif not _within_rules(self.arrived_on, now):
            found.append(f"到件日期（{self.arrived_on}）早于本系统所载规定的施行日期，请核对年份")
        if blank(self.applicant):
            found.append("请填写申请人姓名或名称（条例第二十九条）")
        if blank(self.request):
            found.append("请填写申请内容（条例第二十九条）")
        return [*found, *self._not_oral(now), *self._not_by_agent()]

    def _not_oral(self, now: Circumstances) -> Iterator[str]:
        """Why it cannot have been made orally, and written down by our office (Art. 29)."""
        if blank(self.written_by):
            return
        channel = now.law.channels.get(self.channel)
        if channel and not channel.oral:
            oral = "、".join(row.label for row in now.law.channels.values() if row.oral)
            yield (
                f"“{channel.label}”的申请是书面提出的，不填写代填写人；口头提出的，提交方式为{oral}"
                "（条例第二十九条）"
            )
        if self.written_by.strip() in _lines(f"{self.applicant}\n{self.co_applicants}"):
            yield "代填写人是政府信息公开工作机构的人员，不是申请人（条例第二十九条）"

    def _not_by_agent(self) -> Iterator[str]:
        """Why it cannot have been made by an agent; without authority it is made, and incomplete."""
        if blank(self.agent) and not blank(self.authority):
            yield "填写了委托手续的，请填写代理人姓名（条例第二十九条）"
        if self.agent.strip() in _lines(f"{self.applicant}\n{self.co_applicants}"):
            yield "代理人姓名不能就是申请人的：代理人以申请人的名义提出申请（条例第二十九条）"

    def effective_on(self, today: date) -> date:
        return self.arrived_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.stage = Stage.CONFIRMING
        case.officer = officer
        case.channel = self.channel
        case.arrived_on = self.arrived_on
        case.applicant_kind = self.applicant_kind
        case.applicant = self.applicant
        case.request = self.request
        case.form_wanted = self.form_wanted
        case.co_applicants = tuple(_lines(self.co_applicants))
        case.written_by = self.written_by.strip()
        case.agent, case.authority = self.agent.strip(), self.authority.strip()


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip())


def submitted(case: Case, law: Statute) -> str:
    """How it was submitted, in the words of the form; if orally, who wrote it down (Art. 29)."""
    label = law.channels[case.channel].label
    return f"{label}（口头提出，由{case.written_by}代为填写）" if case.written_by else label


def _within_rules(day: date, now: Circumstances) -> bool:
    """Whether the law and the calendar of that day are known."""
    try:
        now.law.period("reply", day)
        now.law.calendar.count(day, now.today)
    except UNCOMPUTABLE:
        return False
    return True


def _announced(channel: str, arrived_on: date, now: Circumstances) -> bool:
    rows = now.law.channels.rows
    return any(row.covers(arrived_on) for row in rows if row.named == channel)


class ConfirmReceipt(Act):
    """确认收到: fix the date of receipt, from which the 20 working days run (Arts. 31, 33)."""

    kind: ClassVar[str] = "received"
    title: ClassVar[str] = "确认收到申请"
    tab: ClassVar[str] = "确认收到"
    article: ClassVar[str] = "31"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.CONFIRMING})
    letter: ClassVar[str | None] = "receipt"

    received_on: date = Field(
        title="收到申请之日",
        description="当面提交、签收、网站提交的为到件之日；其他方式应当当日确认，"
        "当日联系不上的为联系上之日，本机关迟延的不推后",
    )
    delay: str = Field(
        default="",
        title="未及时确认的原因",
        description="到件当日未与申请人联系、也无联系记录的，必须填写",
        max_length=1000,
    )

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"received_on": received_on(case, now.today, now.law)}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        channel = now.law.channels.on(case.channel, case.arrived_on)
        if self.received_on > now.today:
            return [f"收到申请之日（{self.received_on}）晚于今天（{now.today}）"]
        if self.received_on < case.arrived_on:
            return [f"收到申请之日（{self.received_on}）早于到件日期（{case.arrived_on}）"]
        rule = now.law.receipt_rule(case.channel, case.arrived_on)
        if rule == "arrival":
            if self.received_on == case.arrived_on:
                return []
            return [
                f"{channel.label}的，到件之日（{case.arrived_on}）即为收到申请之日"
                f"（条例第三十一条），不能填写{self.received_on}"
            ]
        due = received_on(case, self.received_on, now.law)
        if self.received_on != due:
            return [
                f"应当当日与申请人确认；没有当日联系未果的记录，收到申请之日仍为{due}，"
                f"不因本机关迟延、内部流转而推后，不能填写{self.received_on}（条例第三十一条）"
            ]
        waited = now.law.calendar.count(case.arrived_on, now.today).fewest
        if waited > 1 and not case.contacts and blank(self.delay):
            return [
                f"到件{waited}个工作日后才确认，又没有联系申请人的记录：收到申请之日不因本机关迟延而推后，"
                "请先登记联系情况，或者填写未及时确认的原因（条例第三十一条）"
            ]
        return []

    def effective_on(self, today: date) -> date:
        return self.received_on

    def letter_on(self, today: date) -> date:
        return today

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.received_on = on
        case.clock.append(ClockEvent("received", on))
        case.stage = Stage.JURISDICTION


LACKING = {
    "content": "申请内容不明确",
    "particulars": "缺少身份证明、联系方式、委托手续等事项",
    "both": "内容不明确，也缺少事项",
}
PARTICULARS_LACKING = re.compile(
    r"(?:未|没有|缺少?|欠缺)(?:提供|提交|附有?|写明|填写|注明|载明)?(?:申请人|代理人|本人|有效)?的?"
    r"(?:姓名|名称和联系方式|身份证|身份证明|联系方式|联系电话|通信地址|通讯地址|授权|委托)[^，。；]{0,6}"
)
"""Words of an officer that name what Art. 29 asks for: never an unclear content."""


class RequestCorrection(Act):
    """告知补正: content unclear (30) or particulars lacking (29); once, within 7 working days, how
    and by when.
    """

    kind: ClassVar[str] = "correction_requested"
    title: ClassVar[str] = "告知补正"
    tab: ClassVar[str] = "补正"
    article: ClassVar[str] = "30"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.JURISDICTION, Stage.DRAFTING})
    letter: ClassVar[str | None] = "correction"
    shown_first: ClassVar[bool] = True
    procedural: ClassVar[bool] = True
    coded: ClassVar[frozenset[str]] = frozenset({"lacking"})

    requested_on: date = Field(title="告知日期")
    delivered_on: date | None = Field(default=None, title="送达日期", description=AT_ONCE)
    lacking: str = Field(
        default="content",
        title="需要补正的方面",
        description="内容不明确的依第三十条；身份证明、联系方式、委托手续等事项不全的依第二十九条",
    )
    unclear: str = Field(
        title="不明确之处", description="缺少事项的，写明缺少什么", max_length=5000
    )
    guidance: str = Field(title="如何补正", description="给予指导和释明", max_length=5000)
    days: int = Field(
        title="补正期限（工作日）",
        description="应当合理；自申请人收到补正告知书次日起算",
        ge=1,
        le=60,
    )

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"lacking": LACKING}

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.correction is not None:
            return "补正只能一次性告知（条例第三十条）；补正后仍不明确的，按“无法提供”答复"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        lacking = "particulars" if case.unauthorised else "content"
        days = now.law.figure("correction_time", now.today).days
        return {"requested_on": now.today, "lacking": lacking, "days": days}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = order_faults("告知日期", self.requested_on, case, now)
        if self.delivered_on:
            found += delivery_faults(self.delivered_on, "告知日期", self.requested_on, now)
        if blank(self.unclear):
            found.append("请写明不明确之处，或者缺少的事项（条例第三十条）")
        elif self.lacking == "content" and (named := PARTICULARS_LACKING.search(self.unclear)):
            found.append(
                f"“{named.group()}”是申请缺少应当包括的事项，不是申请内容不明确："
                f"“需要补正的方面”请选“{LACKING['particulars']}”（条例第二十九条第二款）"
            )
        if case.unauthorised and self.lacking == "content":
            found.append(
                f"代理人（{case.agent}）没有委托手续，补正又只能一次性告知：“需要补正的方面”"
                "应当包括缺少的事项（条例第二十九条第二款、第三十条）"
            )
        if blank(self.guidance):
            found.append("请写明如何补正，给予指导和释明（条例第三十条）")
        return found

    def effective_on(self, today: date) -> date:
        return self.requested_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.correction = Correction(
            on,
            self.days,
            self.unclear,
            self.guidance,
            delivered_on=self.delivered_on,
            lacking=self.lacking,
        )
        case.clock.append(
            ClockEvent("correction_requested", on, days=self.days, delivered_on=self.delivered_on)
        )
        case.stage = Stage.CORRECTION


def correction_due(case: Case, law: Statute) -> Reach | None:
    """The last day to correct, in working days from the day after receipt; None until it is received.

    The latest that it may be: the applicant's time is not over before (Art. 30).
    """
    made = case.correction
    if made is None or made.delivered_on is None:
        return None
    return law.calendar.latest(made.delivered_on, made.days)


def correction_overdue(case: Case, today: date, law: Statute) -> str | None:
    """That the time to correct has passed in vain, or cannot be counted; None otherwise (Art. 30)."""
    made = case.correction
    if case.stage is not Stage.CORRECTION or made is None:
        return None
    due = correction_due(case, law)
    if due is None:
        return undelivered("补正告知书", "补正期限", "30", made.requested_on, today, law)
    if today <= due.day:
        return None
    return f"补正期限已于{due}届满，请决定是否按逾期不补正处理（条例第三十条）"


class CorrectionDelivered(NoticeDelivered):
    """补正告知书送达: the time to correct runs from the day after (Art. 30)."""

    kind: ClassVar[str] = "correction_delivered"
    title: ClassVar[str] = "登记补正告知书送达"
    tab: ClassVar[str] = "补正书送达"
    article: ClassVar[str] = "30"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.CORRECTION})
    notice: ClassVar[str] = "补正告知书"

    @classmethod
    def awaited(cls, case: Case) -> Awaited | None:
        made = case.correction
        return Awaited(made.requested_on, made.delivered_on) if made else None

    def apply(self, case: Case, on: date, officer: str) -> None:
        if case.correction:
            case.correction.delivered_on = on
        place = max(n for n, one in enumerate(case.clock) if one.kind == RequestCorrection.kind)
        case.clock[place] = case.clock[place]._replace(delivered_on=on)


class RecordCorrection(Act):
    """收到补正: the 20 working days run afresh from its receipt (Art. 30).

    Not where a reply was ordered meanwhile (Art. 51): what still comes in is recorded, its term stays.
    """

    kind: ClassVar[str] = "corrected"
    title: ClassVar[str] = "收到补正材料"
    tab: ClassVar[str] = "收到补正"
    article: ClassVar[str] = "30"
    stages: ClassVar[frozenset[Stage]] = frozenset(
        {Stage.CORRECTION, Stage.JURISDICTION, Stage.DRAFTING}
    )

    corrected_on: date = Field(title="收到补正材料之日")
    request: str = Field(title="补正后的申请内容", max_length=20000)
    late_reason: str = Field(
        default="", title="逾期补正的正当理由", description="逾期补正仍予受理的，必须填写"
    )
    rest: str = Field(
        default="",
        title="仍不明确的部分",
        description="只补正了一部分的填写：其余照常办理，这一部分一并告知无法提供",
        max_length=5000,
    )
    rest_reasons: str = Field(default="", title="该部分仍不明确的理由", max_length=5000)
    authority: str = Field(
        default="",
        title="补交的委托手续",
        description="由代理人提出而没有委托手续的：授权委托书的日期、权限",
        max_length=1000,
    )

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        asked = case.correction
        if case.stage is Stage.CORRECTION or (asked and asked.over and not asked.corrected_on):
            return None
        return "没有尚待补正的内容（条例第三十条）"

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"corrected_on": now.today, "request": case.request}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = order_faults("收到补正材料之日", self.corrected_on, case, now)
        due = correction_due(case, now.law)
        over = case.correction is not None and case.correction.over
        if due and not over and self.corrected_on > due.day and blank(self.late_reason):
            found.append(
                f"补正期限已于{due}届满；逾期补正仍予受理的，请填写正当理由（条例第三十条）"
            )
        if blank(self.request):
            found.append("请填写补正后的申请内容")
        if blank(self.rest) != blank(self.rest_reasons):
            found.append("只补正了一部分的，请一并填写仍不明确的部分和理由（条例第三十条）")
        if not blank(self.authority) and not case.unauthorised:
            found.append("没有缺委托手续的代理人，不填写补交的委托手续（条例第二十九条）")
        return found

    def effective_on(self, today: date) -> date:
        return self.corrected_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        if case.correction is not None:
            case.correction.corrected_on = on
            case.correction.rest = self.rest
            case.correction.rest_reasons = self.rest_reasons
        case.authority = self.authority.strip() or case.authority
        case.request = self.request
        case.clock.append(ClockEvent("corrected", on))
        if case.stage is not Stage.CORRECTION:  # ordered to reply meanwhile: nothing waits for it
            return
        case.extension = case.deferral = None
        case.stage = Stage.JURISDICTION
