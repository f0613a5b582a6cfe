"""Must we reply, or reply anew? Ordered by a review decision, a judgment, a superior (Art. 51).

The limit is the term the decision gives, else 20 working days, from the day after it was received.
A closed case is opened again: its letter is new and has a new number, and how often table 三 counts
it is a choice of practice.toml (`redecision_count`, models/register/counted_in_table3.py). An open
one, never answered, goes on where it stands, under that limit. A reply that we withdraw ourselves
is in models/acts/afterwards/voiding.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, ClassVar

from pydantic import Field, PrivateAttr

from models.acts.afterwards.erratum import retold
from models.acts.afterwards.undoing import last_step
from models.acts.afterwards.voiding import void_reply
from models.case.act import Act, Circumstances, blank, order_faults
from models.case.case import Case, Step
from models.case.matters import FirstReply, Redecision
from models.case.stage import Stage
from models.law.citing import article_label
from models.law.deadline import ClockEvent

SOURCES = {
    "review": "行政复议决定",
    "judgment": "人民法院判决",
    "superior": "上级行政机关或者政府信息公开工作主管部门责令",
}
UNITS = {"workday": "工作日", "day": "日（自然日）"}
ANY = "any"
MOVED_BY = {
    "": "没有写明：征求意见、收费、补正、延期、延迟答复都不推迟所定的期限",
    "consultation_started": "写明征求第三方、其他机关意见的时间不计算在内",
    "fee_noticed": "写明收费、缴费的时间不计算在内",
    "correction_requested": "写明补正的时间不计算在内",
    "extended": "写明可以延期",
    "deferred": "写明可以延迟答复",
    ANY: "写明上述各项都依照条例办理",
}
DECISIONS = {"review": "行政复议决定", "judgment": "行政判决", "superior": "责令答复的决定"}
NONE = "none"
HOLDS = {
    "no": "原答复已被撤销、变更或者确认违法，不再有效",
    "yes": "原答复继续有效，另作补充答复",
    NONE: "尚未作出（新的）答复",
}


TermUnit = Annotated[str, Field(title="期限的单位")]
MovedBy = Annotated[
    str,
    Field(
        title="决定是否写明期限可以推迟",
        description="复议机关、法院、上级所定的期限，只有决定自己写明的才能推迟",
    ),
]
MovedWords = Annotated[
    str,
    Field(
        title="决定书、判决书写明可以推迟的原话",
        description="写明可以推迟的，必须照抄",
        max_length=1000,
    ),
]
Holds = Annotated[str, Field(title="原答复的效力", description="尚未答复的，不必选择")]
"""What a decision says of our reply and of the time for a new one, asked alike of whoever records it."""


def cited(source: str, number: str, authority: str = "") -> str:
    """A decision as a letter cites it: by whom as far as it is known, and its number."""
    whose = f"{authority}{DECISIONS[source]}" if authority else SOURCES[source]
    return f"{whose}{number}" if number.startswith("（") else f"{whose}（{number}）"


class OrderRedecision(Act):
    """收到责令（重新）答复的决定: a limit of its own; a closed case is opened again (Art. 51)."""

    kind: ClassVar[str] = "redecision_ordered"
    title: ClassVar[str] = "收到责令（重新）答复的决定"
    tab: ClassVar[str] = "重新答复"
    article: ClassVar[str] = "51"
    stages: ClassVar[frozenset[Stage]] = frozenset(Stage)
    apart: ClassVar[bool] = True
    coded: ClassVar[frozenset[str]] = frozenset({"holds", "moved_by", "source", "unit"})

    received_on: date = Field(
        title="收到决定书之日", description="判决以收到生效判决之日为准；期限自次日起算"
    )
    source: str = Field(title="由谁责令")
    number: str = Field(title="决定书、判决书的文号（案号）", max_length=100)
    review: str = Field(default="", title="复议诉讼案件的登记号", max_length=64)
    term: int = Field(
        default=0,
        title="决定书所定的期限",
        description="没有定期限或者只写“法定期限”的填0：20个工作日",
        ge=0,
        le=365,
    )
    unit: TermUnit = "workday"
    moved_by: MovedBy = ""
    moved_words: MovedWords = ""
    holds: Holds = "no"
    note: str = Field(default="", title="决定的要点", max_length=5000)
    authority: str = Field(
        default="",
        title="责令机关的名称",
        description="复议机关、法院、上级机关的全称，写入告知书",
        max_length=100,
    )
    _undone: bool = PrivateAttr(default=False)

    @classmethod
    def choices(cls, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"source": SOURCES, "unit": UNITS, "holds": HOLDS, "moved_by": MOVED_BY}

    @classmethod
    def needs(cls, case: Case, now: Circumstances) -> dict[str, dict[str, tuple[str, ...]]]:
        return {"moved_by": {key: ("moved_words",) for key in MOVED_BY if key}}

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.stage is Stage.CONFIRMING:
            return (
                "请先确认收到，登记收到申请之日，再登记责令答复的决定"
                f"（{article_label('31')}、{article_label(cls.article)}）"
            )
        if case.received_on is None:
            return "已注销的登记没有可以重新答复的申请（条例第五十一条）"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        holds = "no" if case.stage is Stage.CLOSED else NONE
        return {"received_on": now.today, "unit": "workday", "holds": holds}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = order_faults("收到决定书之日", self.received_on, case, now)
        if case.closed_on and self.received_on < case.closed_on:
            found.append(f"收到决定书之日（{self.received_on}）早于办结之日（{case.closed_on}）")
        if blank(self.number):
            found.append("请填写决定书、判决书的文号（案号），新的告知书须载明（条例第五十一条）")
        if self.moved_by and not self.term:
            found.append("决定没有定期限的，法定期限依照条例推迟，不填“决定是否写明期限可以推迟”")
        if bool(self.moved_by) == blank(self.moved_words):
            found.append("决定写明期限可以推迟的，请选择是哪一事项，并照抄其原话（条例第五十一条）")
        if (self.holds == NONE) is (case.stage is Stage.CLOSED):
            answered = f"本件已于{case.closed_on}答复" if case.closed_on else "本件尚待答复"
            found.append(
                f"{answered}，原答复的效力不是“{HOLDS.get(self.holds, self.holds)}”（条例第五十一条）"
            )
        return found

    def effective_on(self, today: date) -> date:
        return self.received_on

    def not_undone(self) -> str:
        return f"随复议诉讼案件{self.review}登记的，在该案件中注销" if self.review else ""

    def undone(self) -> OrderRedecision:
        """The same order as one that was never given: it stays in the record, without effect."""
        made = self.model_copy()
        made._undone = True
        return made

    def apply(self, case: Case, on: date, officer: str) -> None:
        if self._undone:
            return
        days = self.term if self.term and self.unit == "workday" else None
        until = on + timedelta(days=self.term) if self.term and self.unit == "day" else None
        words = cited(self.source, self.number, self.authority)
        order = Redecision(
            on, self.source, self.number, self.review, days, until, self.holds, words
        )
        if case.stage is Stage.CLOSED:
            self._open_again(case, on, order)
        else:
            self._go_on(case, on, order)
        moved_by = frozenset(MOVED_BY if self.moved_by == ANY else (self.moved_by,)) - {"", ANY}
        case.clock.append(
            ClockEvent("redecision_ordered", on, days=days, until=until, moved_by=moved_by)
        )

    def _open_again(self, case: Case, on: date, order: Redecision) -> None:
        """Nothing of the run before is left; its closing is kept (models/register/counted_in_table3.py)."""
        self._set_aside(case, on, order)
        case.redecisions.append(order)
        if not any(event.kind == "replied" for event in case.clock) and case.closed_on:
            case.clock.append(ClockEvent("replied", case.closed_on))  # from an earlier ledger
        case.closed_on = case.closed_recorded_on = None
        case.imported_row, case.answered_in = None, ""
        case.draft, case.told, case.together = None, [], ()
        case.extension = case.extension_drafted = case.deferral = None
        case.fee = case.fee if case.fee and case.fee.paid_on else None  # once an application (42)
        if case.correction:
            case.correction.over = True
        case.stage = Stage.DRAFTING

    def _go_on(self, case: Case, on: date, order: Redecision) -> None:
        """Not answered yet: it goes on where it stands, and waits for nobody any more.

        A letter that is signed and not sent does not tell of the order: it is signed anew. The same
        order received twice on a day (review or suit, and by itself) is one.
        """
        last = case.redecisions[-1] if case.redecisions else None
        if last and (last.received_on, last.source) == (on, order.source):
            order = replace(order, review=order.review or last.review, holds=last.holds)
            case.redecisions.remove(last)
            case.first_replies = [
                replace(one, order=order, reason=order.cited) if one.order == last else one
                for one in case.first_replies
            ]
        case.redecisions.append(order)
        if order.days or order.until:
            case.extension = case.deferral = None
        if case.correction and case.correction.corrected_on is None:
            case.correction.over = True
        if case.fee and case.fee.paid_on is None:
            case.fee.over = True
        if case.stage in (Stage.CORRECTION, Stage.FEE):
            case.stage = Stage.DRAFTING
        if case.stage is Stage.DISPATCH:
            void_reply(case, on, f"{order.cited}，须载明后重新签发")
            case.stage = Stage.SIGNING

    def _set_aside(self, case: Case, on: date, order: Redecision) -> None:
        """Keep the closing that there was: what it is counted by is asked at the year's end."""
        assert case.closed_on is not None
        outcome, row, draft = case.outcome, case.imported_row, case.draft
        letter = case.reply_letter() if order.stands else void_reply(case, on, order.cited)
        case.first_replies.append(
            FirstReply(
                letter.number if letter else "",
                letter.dated if letter else case.closed_on,
                case.closed_on,
                case.closed_recorded_on,
                outcome,
                on,
                order.cited,
                row,
                order=order,
                draft=draft,
            )
        )
        case.signed_on, case.signed_by = None, ""


class UndoOrder(Act):
    """注销责令: the review or suit that ordered it was entered by mistake, and is struck out (Art. 45).

    The application stands again as it did before the order; one on which we have acted since does not.
    """

    kind: ClassVar[str] = "redecision_undone"
    title: ClassVar[str] = "注销责令（重新）答复的登记"
    tab: ClassVar[str] = "注销责令"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[Stage]] = frozenset(Stage) - {Stage.CONFIRMING}
    apart: ClassVar[bool] = True

    review: str = Field(title="复议诉讼案件的登记号", max_length=64)
    reason: str = Field(title="注销的原因", max_length=2000)

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        last = case.steps[last_step(case)].act if case.steps else None
        if isinstance(last, OrderRedecision) and last.review:
            return None
        if any(one.review for one in case.redecisions):
            return (
                "登记责令答复的决定以后已经继续办理，不能随复议诉讼案件注销；决定登记有误的，"
                "请先退回其后的办理或者勘误（条例第四十五条）"
            )
        return "没有由复议诉讼案件登记的责令答复（条例第四十五条）"

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        ordered = case.steps[last_step(case)].act.review
        found = [] if self.review == ordered else ["责令答复的不是这一案件"]
        return [*found, "请写明注销的原因"] if blank(self.reason) else found

    def touches(self, case: Case, on: date) -> list[tuple[str, date]]:
        return [(self.kind, on), (OrderRedecision.kind, case.steps[last_step(case)].on)]

    def not_undone(self) -> str:
        return "随复议诉讼案件的注销登记的"

    def apply(self, case: Case, on: date, officer: str) -> None:
        place = max(
            n
            for n, step in enumerate(case.steps)
            if isinstance(step.act, OrderRedecision) and step.act.review == self.review
        )
        order = case.steps[place]
        told: list[Step] = [*case.steps]
        told[place] = replace(order, act=order.act.undone())
        case.become(retold(case.number, told))
