"""What if receipt cannot be confirmed? Contact tried, the alarm, an entry that never was received.

Where confirmation fixes the date of receipt (Art. 31; 国办公开办函〔2015〕207号) the office must
contact the applicant the day it has the application, and may not gain time by waiting: what we
leave lying is received all the same (models/acts/intake/receipt.py). Who cannot be reached is
registered; handling and the limit begin on the day contact is restored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from pydantic import Field

from models.acts.intake.receipt import received_on
from models.case.act import Act, Circumstances, blank, in_future
from models.case.case import Case
from models.case.matters import Contact
from models.case.stage import Stage
from models.law.statute import Statute
from models.law.workdays import written


@dataclass(frozen=True)
class Unconfirmed:
    """A receipt left unconfirmed: who has it, and for how many working days since it arrived.

    since = the day of receipt if it were confirmed now; None = today
    """

    number: str
    officer: str
    channel: str
    arrived_on: date
    working_days: int
    attempts: int
    since: date | None = None

    @property
    def sentence(self) -> str:
        """What the officer is told."""
        tried = f"，已联系{self.attempts}次" if self.attempts else "，尚无联系申请人的记录"
        runs = (
            f"；收到申请之日仍为{written(self.since)}，不因本机关迟延而推后" if self.since else ""
        )
        return (
            f"{self.number}　{self.channel}，{written(self.arrived_on)}到件，{self.working_days}个工作日后"
            f"仍未确认收到{tried}（承办人：{self.officer}），请尽快确认{runs}（条例第三十一条）"
        )


def unconfirmed(case: Case, today: date, law: Statute) -> Unconfirmed | None:
    """The alarm for a receipt that was not confirmed on the day it arrived; None if there is none."""
    if case.stage is not Stage.CONFIRMING:
        return None
    waited = law.calendar.count(case.arrived_on, today).fewest
    if waited < 1:
        return None
    channel = law.channels[case.channel].label
    since = received_on(case, today, law)
    return Unconfirmed(
        case.number,
        case.officer,
        channel,
        case.arrived_on,
        waited,
        len(case.contacts),
        since if since < today else None,
    )


REACHED = {"no": "未能联系上", "yes": "已联系上"}
MEANS = ("电话", "短信", "电子邮件", "信函", "当面", "网络平台", "其他")
"""How an applicant is reached: the means alone, for the form passes through Prefect."""


class ContactApplicant(Act):
    """联系申请人: tried, and with what result; kept to show that we did not let time pass (31)."""

    kind: ClassVar[str] = "contact_tried"
    title: ClassVar[str] = "登记与申请人联系的情况"
    tab: ClassVar[str] = "联系情况"
    article: ClassVar[str] = "31"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.CONFIRMING})
    coded: ClassVar[frozenset[str]] = frozenset({"reached"})

    tried_on: date = Field(title="联系日期")
    how: str = Field(title="联系方式", description="号码、地址已在登记簿中，这里不写")
    result: str = Field(
        title="结果",
        description="联系上的，另行确认收到；无法联系、未留电话的写明情况；不写号码、地址",
        max_length=1000,
    )
    reached: str = Field(
        default="no",
        title="是否联系上",
        description="当日联系不上的，以联系上之日为收到申请之日",
    )

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"how": {means: means for means in MEANS}, "reached": REACHED}

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"tried_on": now.today, "reached": "no"}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = in_future("联系日期", self.tried_on, now)
        if self.tried_on < case.arrived_on:
            found.append(f"联系日期（{self.tried_on}）早于到件日期（{case.arrived_on}）")
        return [*found, "请填写联系的结果"] if blank(self.result) else found

    def effective_on(self, today: date) -> date:
        return self.tried_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.contacts.append(Contact(on, self.how, self.result, self.reached == "yes"))


STRUCK_AS = {
    "mistake": "误登",
    "duplicate": "重复登记",
    "withdrawn": "申请人在确认收到之前撤回",
}


def _received_already(case: Case, now: Circumstances) -> list[str]:
    """Why what was taken back counts as received and withdrawn all the same (Art. 31)."""
    if now.law.receipt_rule(case.channel, case.arrived_on) == "arrival":
        why = f"{now.law.channels[case.channel].label}的，到件之日即已收到"
    elif now.law.choice("withdrawn_before_receipt", now.today) == "counted":
        why = "按本机关的做法，确认收到之前撤回的也计数"
    else:
        return []
    return [f"{why}，不能注销：请先确认收到，再按“申请人撤回”办理（条例第三十一条）"]


class StrikeEntry(Act):
    """注销登记: never received in law (entered twice, by mistake, taken back before confirmation).

    Its number is kept; it is counted nowhere.
    """

    kind: ClassVar[str] = "entry_struck"
    title: ClassVar[str] = "注销登记（误登、重复登记、确认前撤回）"
    tab: ClassVar[str] = "注销"
    article: ClassVar[str] = "31"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.CONFIRMING})
    coded: ClassVar[frozenset[str]] = frozenset({"ground"})

    struck_on: date = Field(title="注销日期")
    ground: str = Field(default="mistake", title="注销的情形")
    reason: str = Field(
        title="注销的原因",
        description="无法联系申请人的不得注销：保留登记，恢复联系之日起办理",
        max_length=2000,
    )

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"ground": STRUCK_AS}

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"struck_on": now.today, "ground": "mistake"}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = in_future("注销日期", self.struck_on, now)
        if self.struck_on < case.arrived_on:
            found.append(f"注销日期（{self.struck_on}）早于到件日期（{case.arrived_on}）")
        if self.ground == "withdrawn":
            found += _received_already(case, now)
        return [*found, "请写明注销的原因（条例第四十五条）"] if blank(self.reason) else found

    def effective_on(self, today: date) -> date:
        return self.struck_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.closed_on = on
        case.stage = Stage.CLOSED
