"""When did the applicant have a notice that gives time? From the day after, never from its date.

A time given to the applicant (补正 30, 说明理由 35) is not over before it has run from receipt: while
the day of receipt is not on record, it has not begun (民法典 201; 行诉法 101 with 民诉法 85).
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, NamedTuple

from pydantic import Field

from models.case.act import Act, Circumstances, in_future
from models.case.case import Case
from models.law.citing import article_label
from models.law.statute import Statute

AT_ONCE = "当面、网上即时送达的填写；邮寄的送达后另行登记"


class Awaited(NamedTuple):
    """A notice that was sent: its date, and the day it was received, where that is known."""

    sent_on: date
    delivered_on: date | None


def delivery_faults(had: date, sent: str, sent_on: date, now: Circumstances) -> list[str]:
    """The two faults that a day of delivery can have: to come, or before the notice (its date's title)."""
    found = in_future("送达日期", had, now)
    return [*found, f"送达日期（{had}）早于{sent}（{sent_on}）"] if had < sent_on else found


def undelivered(
    notice: str, period: str, article: str, sent_on: date, today: date, law: Statute
) -> str | None:
    """That a notice has been without proof of delivery for days, so that its time has not begun."""
    waited = law.calendar.count(sent_on, today).fewest
    if waited < law.figure("undelivered", today).days:
        return None
    return (
        f"{notice}于{sent_on}发出，{waited}个工作日后仍未登记送达，"
        f"{period}不能起算（{article_label(article)}）"
    )


def short_times(case: Case, law: Statute) -> list[str]:
    """That a time given to the applicant is so short that it may be held unreasonable (30, 35)."""
    asked, excess = case.correction, case.excess
    given = []
    if asked is not None and asked.corrected_on is None:
        given.append(("补正", "30", asked.days, asked.requested_on))
    if excess is not None and excess.given_on is None:
        given.append(("说明理由", "35", excess.days, excess.asked_on))
    found = []
    for what, article, days, on in given:
        least = law.figure("applicant_time", on).days
        if days < least:
            found.append(
                f"所给的{what}期限只有{days}个工作日，短于{least}个工作日，可能被认为不合理"
                f"（{article_label(article)}）"
            )
    return found


class NoticeDelivered(Act):
    """登记送达: of a notice that gives the applicant time, which runs from the day after."""

    notice: ClassVar[str]

    delivered_on: date = Field(title="送达日期", description="所给的期限自次日起算")
    proof: str = Field(default="", title="凭证（邮件号、送达回证号）", max_length=100)

    @classmethod
    def awaited(cls, case: Case) -> Awaited | None:
        """The notice that this is about; None where none was sent."""
        raise NotImplementedError

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        sent = cls.awaited(case)
        if sent is None:
            return f"没有发出过{cls.notice}（{article_label(cls.article)}）"
        if sent.delivered_on:
            return f"{cls.notice}已登记于{sent.delivered_on}送达（{article_label(cls.article)}）"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"delivered_on": now.today}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        sent = self.awaited(case)
        if sent is None:
            return []
        return delivery_faults(self.delivered_on, "发出日期", sent.sent_on, now)

    def effective_on(self, today: date) -> date:
        return self.delivered_on
