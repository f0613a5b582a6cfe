"""Did the letter reach the applicant, and when? Receipt, return, sending again (Art. 45).

The reply is in time if posted in time (国办公开办函〔2016〕235号): nothing here moves that day. The
time for review or suit runs from when the applicant really had the letter (复议法20, 行诉法46).
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from pydantic import Field

from models.act import Act, Circumstances, blank, in_future
from models.case import Stage
from models.history import Case, Served
from models.signoff import DELIVERY
from models.statute import Period, Statute
from models.workdays import DAY, Reach

AGAIN = {**DELIVERY, "left": "留置送达", "public_notice": "公告送达"}
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
            found.append(f"{what}（{on}）早于送出日期（{since}）")
        return found


class RecordReturned(AfterClosing):
    """登记退回: the letter came back; the day it was posted still decides (Art. 33)."""

    kind: ClassVar[str] = "letter_returned"
    title: ClassVar[str] = "登记告知书退回"
    tab: ClassVar[str] = "退回"

    returned_on: date = Field(title="退回日期")
    reason: str = Field(title="退回原因", description="查无此人、逾期未领、拒收等", max_length=500)

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

    sent_on: date = Field(title="重新送出日期")
    delivery: str = Field(title="送达方式", description="不得交由快递公司寄送（邮政法第五十五条）")
    handed_to: str = Field(default="", title="签收人", description="当面送达的必填", max_length=60)
    proof: str = Field(default="", title="凭证（邮件号、公告载体）", max_length=200)

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"delivery": AGAIN}

    @classmethod
    def needs(cls, case: Case, now: Circumstances) -> dict[str, dict[str, tuple[str, ...]]]:
        return {"delivery": {"in_person": ("handed_to",)}}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = self._faults("重新送出日期", self.sent_on, case, now)
        if self.delivery == "in_person" and blank(self.handed_to):
            found.append("当面送达的，请填写签收人")
        return found

    def effective_on(self, today: date) -> date:
        return self.sent_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        again = Served("again", on, self.delivery, self.handed_to, self.proof, officer)
        case.served.append(again)
        if self.delivery == "in_person":
            case.handover = Served("", on, self.delivery, self.handed_to, "", officer)

    def letters(self, case: Case) -> tuple[str, ...]:
        return ("service_receipt",) if self.delivery == "in_person" else ()


class RecordReceived(AfterClosing):
    """登记实际收到: from this day the time for review and suit runs (复议法20, 行诉法46)."""

    kind: ClassVar[str] = "letter_received"
    title: ClassVar[str] = "登记申请人实际收到"
    tab: ClassVar[str] = "实际收到"

    received_on: date = Field(title="申请人实际收到之日")
    proof: str = Field(default="", title="凭证（邮政签收记录等）", max_length=200)

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        had = had_on(case)
        if had:
            return f"已登记申请人于{had}收到（条例第四十五条）"
        return super().barred(case, now)

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        return self._faults("实际收到之日", self.received_on, case, now)

    def effective_on(self, today: date) -> date:
        return self.received_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.served.append(Served("received", on, note=self.proof, officer=officer))


def had_on(case: Case) -> date | None:
    """The day the applicant had the reply: handed over, or received as recorded; None = unknown."""
    for one in reversed(case.served):
        if one.what == "received" or one.delivery == "in_person":
            return one.on
    return case.closed_on if case.delivery == "in_person" else None


def served_lines(case: Case) -> list[str]:
    """What became of the reply after it was sent, a line each, for the officer."""
    lines = [f"{case.closed_on}　{DELIVERY[case.delivery]}"] if case.delivery in DELIVERY else []
    said = {"returned": "退回", "again": "重新送达", "received": "申请人实际收到"}
    for one in case.served:
        more = "，".join(x for x in (AGAIN.get(one.delivery, ""), one.person, one.note) if x)
        lines.append(f"{one.on}　{said[one.what]}" + (f"（{more}）" if more else ""))
    return lines


@dataclass(frozen=True)
class RemedyDays:
    """The last days for review and for a suit, from the day the applicant had the reply."""

    had: date
    review: Reach
    suit: Reach


def remedy_days(case: Case, law: Statute) -> RemedyDays | None:
    """Until when the reply may be challenged; None while nobody knows when it was received."""
    had = had_on(case)
    if had is None:
        return None
    review = calendar_end(had, law.period("administrative_review", had), law)
    return RemedyDays(had, review, calendar_end(had, law.period("suit", had), law))


def remedy_sentence(case: Case, law: Statute) -> str:
    """Until when the reply may be challenged, as far as is known, for the officer."""
    found = remedy_days(case, law)
    if found is None:
        return "申请人收到告知书的日期尚未登记，复议、诉讼期限不能计算"
    return (
        f"申请人于{found.had}收到；行政复议期限至{found.review}，直接起诉期限至{found.suit}"
        "（复议前置的，应当先申请复议）"
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
