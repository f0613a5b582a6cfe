"""Did the letter reach the applicant, and when? Receipt, return, sending again (Art. 45).

The reply is in time if posted in time (国办公开办函〔2016〕235号): nothing here moves that day. The
time for review or suit runs from when the applicant really had the letter (复议法20, 行诉法46).
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar

from pydantic import Field

from models.acts.reply.serving import (
    AGAIN,
    DELIVERY,
    IN_PERSON,
    LEFT,
    NEEDED,
    ONLINE,
    PROOF,
    PUBLIC_NOTICE,
    RECEIPTED,
    REFUSAL,
    SIGNED,
    not_for_him,
    online_channel_missing,
    way_faults,
)
from models.case.act import Act, Circumstances, blank, in_future
from models.case.case import Case
from models.case.matters import Served
from models.case.stage import Stage
from models.law.rules import Period
from models.law.statute import Statute
from models.law.workdays import DAY, Reach, written
from models.words.days_told import told

CLOSED = frozenset({Stage.CLOSED})


class MakeOutReceipt(Act):
    """制作送达回证: the form that who takes the letter signs by hand, made out beforehand."""

    kind: ClassVar[str] = "receipt_made_out"
    title: ClassVar[str] = "制作送达回证"
    tab: ClassVar[str] = "送达回证"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.DISPATCH})
    letter: ClassVar[str | None] = "service_receipt"

    place: str = Field(default="", title="送达地点", description="可留空，由送达人填写")

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.receipt_made_out:
            return "本告知书的送达回证已经制作（条例第四十五条）"
        return None

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.receipt_made_out = True
        case.handover = Served("", on, "in_person", "", self.place, officer)


class AfterClosing(Act):
    """What happens to a reply that was sent; the case stays closed, and so does its day."""

    stages: ClassVar[frozenset[Stage]] = CLOSED
    article: ClassVar[str] = "45"

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.reply_letter() is None:
            return "本件没有可以补登送达的告知书（条例第四十五条）"
        return None

    def _faults(self, what: str, on: date, case: Case, now: Circumstances) -> list[str]:
        found = in_future(what, on, now)
        days = [case.closed_on, *(one.on for one in case.served if one.what == "again")]
        since = max(day for day in days if day is not None)
        if on < since:
            found.append(f"{what}（{on}）早于发出日期（{since}）")
        return found


class RecordReturned(AfterClosing):
    """登记退回: the letter came back; the day it was posted still decides (Art. 33)."""

    kind: ClassVar[str] = "letter_returned"
    title: ClassVar[str] = "登记告知书退回"
    tab: ClassVar[str] = "退回"

    returned_on: date = Field(title="退回日期")
    reason: str = Field(title="退回原因", description="查无此人、逾期未领、拒收等", max_length=500)

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.delivery in ONLINE and not case.served:
            return (
                f"以{AGAIN[case.delivery]}送达被退信的视为没有发出，请登记“退信”（条例第四十五条）"
            )
        return super().barred(case, now)

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = self._faults("退回日期", self.returned_on, case, now)
        return [*found, "请写明退回原因"] if blank(self.reason) else found

    def effective_on(self, today: date) -> date:
        return self.returned_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.served.append(Served("returned", on, note=self.reason, officer=officer))


class ServeAgain(AfterClosing):
    """重新送达: the same letter, under the same number, sent once more."""

    kind: ClassVar[str] = "served_again"
    title: ClassVar[str] = "重新送达"
    tab: ClassVar[str] = "重新送达"
    coded: ClassVar[frozenset[str]] = frozenset({"delivery"})

    sent_on: date = Field(title="重新发出日期")
    delivery: str = Field(title="送达方式", description="不得交由快递公司寄送（邮政法第五十五条）")
    handed_to: str = Field(
        default="", title="签收人", description="当面送达、转交、委托的必填", max_length=60
    )
    proof: str = Field(
        default="", title="凭证（邮件号、公告载体）", description=PROOF, max_length=200
    )
    refusal: str = Field(default="", title="拒收事由、见证人", description=REFUSAL, max_length=1000)

    @classmethod
    def choices(cls, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"delivery": AGAIN}

    @classmethod
    def needs(cls, case: Case, now: Circumstances) -> dict[str, dict[str, tuple[str, ...]]]:
        return {"delivery": NEEDED}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = self._faults("重新发出日期", self.sent_on, case, now)
        found += way_faults(self.delivery, self.handed_to, self.proof, self.refusal)
        found += not_for_him(case, self.handed_to)
        channel = online_channel_missing(case, self.delivery, case.signed_on or self.sent_on, now)
        return [*found, channel] if channel else found

    def effective_on(self, today: date) -> date:
        return self.sent_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        again = Served(
            "again", on, self.delivery, self.handed_to, self.proof, officer, self.refusal
        )
        case.served.append(again)
        if self.delivery in RECEIPTED:
            case.handover = replace(again, what="", note="")

    def letters(self, case: Case) -> tuple[str, ...]:
        return ("service_receipt",) if self.delivery in RECEIPTED else ()


class RecordReceived(AfterClosing):
    """登记实际收到: from this day the time for review and suit runs (复议法20, 行诉法46)."""

    kind: ClassVar[str] = "letter_received"
    title: ClassVar[str] = "登记申请人实际收到"
    tab: ClassVar[str] = "实际收到"

    received_on: date = Field(title="申请人实际收到之日")
    proof: str = Field(default="", title="凭证（邮政签收记录等）", max_length=200)

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        had = had_on(case, now.law)
        if had:
            return f"已登记申请人于{had}收到（条例第四十五条）"
        return super().barred(case, now)

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        return self._faults("实际收到之日", self.received_on, case, now)

    def effective_on(self, today: date) -> date:
        return self.received_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.served.append(Served("received", on, note=self.proof, officer=officer))


class RecordBounced(AfterClosing):
    """退信: a mail that bounced was never sent; the reply is owed as before, and sent again (33)."""

    kind: ClassVar[str] = "reply_bounced"
    title: ClassVar[str] = "登记退信，重新发出"
    tab: ClassVar[str] = "退信"
    article: ClassVar[str] = "33"

    bounced_on: date = Field(title="退信日期", description="系统提示退信、发送失败之日")
    reason: str = Field(title="退信提示", max_length=500)

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.delivery not in ONLINE:
            return "不是以网上平台、电子邮件送达的，没有退信可以登记（条例第三十三条）"
        if case.served:
            return "发出以后已经登记过送达情况，不能再按没有发出处理（条例第三十三条）"
        return super().barred(case, now)

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = self._faults("退信日期", self.bounced_on, case, now)
        return [*found, "请写明退信提示"] if blank(self.reason) else found

    def effective_on(self, today: date) -> date:
        return self.bounced_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        assert case.closed_on is not None
        sent = Served("bounced", case.closed_on, case.delivery, note=self.reason, officer=officer)
        case.bounced.append(sent)
        last = max(n for n, event in enumerate(case.clock) if event.kind == "replied")
        del case.clock[last]
        case.closed_on = case.closed_recorded_on = None
        case.delivery = case.handed_to = ""
        case.stage = Stage.DISPATCH


def had_on(case: Case, law: Statute) -> date | None:
    """The day the applicant had the reply, as recorded or as the law takes it; None = unknown.

    Signed for or left behind on its day; by public notice when its days have passed (民诉法 89, 95).
    """
    for one in reversed(case.served):
        if one.what == "received":
            return one.on
        had = _had(one.delivery, one.on, one.person, law)
        if had:
            return had
    return _had(case.delivery, case.closed_on, case.handed_to, law) if case.closed_on else None


def _had(way: str, on: date, signed_by: str, law: Statute) -> date | None:
    """When what was served in that way on a day was had; None where that has yet to be recorded."""
    if way in (IN_PERSON, LEFT) or (way in SIGNED and signed_by):
        return on
    if way == PUBLIC_NOTICE:
        return calendar_end(on, law.period("public_notice", on), law).day
    return None


def served_lines(case: Case) -> list[str]:
    """What became of the reply after it was sent, a line each, for the officer."""
    lines = [f"{written(one.on)}　{AGAIN[one.delivery]}，退信：{one.note}" for one in case.bounced]
    if case.closed_on and case.delivery in DELIVERY:
        lines.append(f"{written(case.closed_on)}　{DELIVERY[case.delivery]}")
    said = {"returned": "退回", "again": "重新送达", "received": "申请人实际收到"}
    for one in case.served:
        more_said = (AGAIN.get(one.delivery, ""), one.person, one.note, one.refusal)
        more = "，".join(words for words in more_said if words)
        lines.append(f"{written(one.on)}　{said[one.what]}" + (f"（{more}）" if more else ""))
    return lines


@dataclass(frozen=True)
class RemedyDays:
    """The last days for review and for a suit, from the day the applicant had the reply."""

    had: date
    review: Reach
    suit: Reach


def remedy_days(case: Case, law: Statute) -> RemedyDays | None:
    """Until when the reply may be challenged; None while nobody knows when it was received."""
    had = had_on(case, law)
    if had is None:
        return None
    review = calendar_end(had, law.period("administrative_review", had), law)
    return RemedyDays(had, review, calendar_end(had, law.period("suit", had), law))


def remedy_sentence(case: Case, law: Statute) -> str:
    """Until when the reply may be challenged, as far as is known, for the officer."""
    found = remedy_days(case, law)
    if found is None:
        return "申请人收到告知书的日期尚未登记，复议、诉讼期限不能计算"
    return told(
        [
            f"申请人于{found.had}收到；行政复议期限至{found.review}，直接起诉期限至{found.suit}"
            "（复议前置的，应当先申请复议）"
        ]
    )


def calendar_end(start: date, period: Period, law: Statute) -> Reach:
    """The last day of a period in days or months; a day of rest moves it on (民法典200-203).

    The latest that it may be: the applicant's time is not over before.
    """
    if period.unit == "workday":
        return law.calendar.latest(start, period.days)
    if period.unit == "day":
        last = start + timedelta(days=period.days)
    else:
        years, month = divmod(start.month - 1 + period.days, 12)
        year = start.year + years
        last = date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
    return law.calendar.latest(last - DAY, 1)
