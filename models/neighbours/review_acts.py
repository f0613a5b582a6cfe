"""What happens to a review or a suit: lodged, decided, appealed, in effect, replied anew (Art. 51)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import Field

from models.acts.afterwards.redecision import (
    HOLDS,
    MOVED_BY,
    NONE,
    Holds,
    MovedBy,
    MovedWords,
    TermUnit,
)
from models.case.act import Circumstances, RegisterAct, blank, in_future
from models.case.review_case import (
    FINAL_AT_ONCE,
    LIVING,
    REMANDED,
    TERMS,
    Decision,
    ReviewCase,
    ReviewKind,
    ReviewStage,
    Settled,
)
from models.neighbours.review_orders import order_reply
from models.register.neighbour import Neighbour
from models.report_tables.table4 import counted_in
from models.store.tables import Review


class ReviewAct(RegisterAct[ReviewCase]):
    """One act on a review or suit."""

    subject: ClassVar[str] = "复议诉讼案件"
    article: ClassVar[str] = "51"


class Lodge(ReviewAct):
    """登记复议诉讼: a review was applied for, or a suit brought, against us."""

    kind: ClassVar[str] = "lodged"
    title: ClassVar[str] = "登记复议诉讼案件"
    stages: ClassVar[frozenset[StrEnum]] = frozenset({ReviewStage.NEW})

    review_kind: str = Field(title="类别")
    application: str = Field(default="", title="所涉申请的申请编号", max_length=64)
    letter_number: str = Field(
        default="",
        title="所涉告知书的文号",
        description="申请编号和文号至少填写一项",
        max_length=80,
    )
    complaint: str = Field(default="", title="复议、诉讼请求", max_length=5000)
    lodged_on: date = Field(title="申请复议或者起诉的日期")
    authority: str = Field(
        default="",
        title="复议机关或者法院",
        description="不填的，为该日期本机关的复议机关、法院",
        max_length=100,
    )
    authority_number: str = Field(default="", title="复议、诉讼案号", max_length=100)
    after_review: str = Field(
        default="",
        title="此前复议案件的登记号",
        description="复议后起诉的填写",
        max_length=64,
    )

    @classmethod
    def choices(cls, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"review_kind": {str(kind): str(kind) for kind in ReviewKind}}

    def faults(self, case: ReviewCase, now: Circumstances) -> list[str]:
        found = in_future("申请复议或者起诉的日期", self.lodged_on, now)
        if blank(self.application) and blank(self.letter_number):
            found.append("请填写所涉申请的申请编号或者所涉告知书的文号，至少一项")
        if blank(self.authority):
            found.append("请填写复议机关或者法院")
        if not blank(self.after_review) and self.review_kind != ReviewKind.SUIT_AFTER_REVIEW:
            found.append(f"只有“{ReviewKind.SUIT_AFTER_REVIEW}”的，才填写此前复议案件的登记号")
        return found

    def effective_on(self, today: date) -> date:
        return self.lodged_on

    def apply(self, case: ReviewCase, on: date, officer: str) -> None:
        case.kind = self.review_kind
        case.application, case.letter = self.application, self.letter_number
        case.complaint = self.complaint
        case.lodged_on = on
        case.authority, case.authority_number = self.authority, self.authority_number
        case.after_review = self.after_review
        case.stage = ReviewStage.PENDING


class NoteCourse(ReviewAct):
    """登记进展: what happens on the way: accepted, answered, heard, suspended …"""

    kind: ClassVar[str] = "course_noted"
    title: ClassVar[str] = "登记进展"
    stages: ClassVar[frozenset[StrEnum]] = LIVING

    noted_on: date = Field(title="日期")
    what: str = Field(title="进展情况", max_length=2000)

    def faults(self, case: ReviewCase, now: Circumstances) -> list[str]:
        found = in_future("日期", self.noted_on, now)
        if self.noted_on < case.lodged_on:
            found.append(f"日期（{self.noted_on}）早于申请复议或者起诉的日期（{case.lodged_on}）")
        return [*found, "请写明进展情况"] if blank(self.what) else found

    def effective_on(self, today: date) -> date:
        return self.noted_on

    def apply(self, case: ReviewCase, on: date, officer: str) -> None:
        case.course.append(f"{on}　{self.what}")


class RecordResult(ReviewAct):
    """登记结果: a review decision, a judgment or ruling; a first judgment may still be appealed.

    A first judgment has effect when `TakeEffect` says so; a ruling that ends the suit, at once. An
    order to reply anew opens the application as soon as it has effect (models/neighbours/review_orders.py).
    """

    kind: ClassVar[str] = "decided"
    title: ClassVar[str] = "登记复议决定、裁判"
    stages: ClassVar[frozenset[StrEnum]] = frozenset(
        {ReviewStage.PENDING, ReviewStage.APPEALED, ReviewStage.RETRIED}
    )

    result: str = Field(
        title="结果", description="一审裁判未生效的，按裁判登记；再审的，生效后登记"
    )
    decided_on: date = Field(title="作出日期")
    received_on: date = Field(title="收到决定书、裁判文书之日")
    redecision: bool = Field(default=False, title="责令重新答复")
    term: int = Field(default=0, title="重新答复的期限", description="未定期限的填0", ge=0, le=365)
    term_unit: TermUnit = "工作日"
    number: str = Field(
        default="",
        title="决定书、裁判文书的文号（案号）",
        description="责令重新答复的写入告知书；不填的，为登记的案号",
        max_length=100,
    )
    holds: Holds = "no"
    moved_by: MovedBy = ""
    moved_words: MovedWords = ""

    @classmethod
    def choices(cls, now: Circumstances) -> dict[str, dict[str, str]]:
        offered = now.law.review_results.offered(now.today)
        return {
            "result": {key: f"{row.column}　{row.label}" for key, row in offered.items()},
            "term_unit": {unit: unit for unit in TERMS},
            "holds": {key: words for key, words in HOLDS.items() if key != NONE},
            "moved_by": MOVED_BY,
        }

    @classmethod
    def options(cls, case: ReviewCase, now: Circumstances) -> dict[str, dict[str, str]]:
        found, offered = cls.choices(now), now.law.review_results.offered(now.today)
        results = {
            key: words
            for key, words in found["result"].items()
            if case.instance in offered[key].instances
        }
        return found | {"result": results}

    def faults(self, case: ReviewCase, now: Circumstances) -> list[str]:
        found = [
            *in_future("作出日期", self.decided_on, now),
            *in_future("收到决定书、裁判文书之日", self.received_on, now),
        ]
        if self.decided_on < case.latest_day:
            found.append(f"作出日期（{self.decided_on}）早于上一事项的日期（{case.latest_day}）")
        if self.received_on < self.decided_on:
            found.append(f"收到之日（{self.received_on}）早于作出日期（{self.decided_on}）")
        row = now.law.review_results.get(self.result)
        if row and self.redecision and row.column != "结果纠正":
            found.append(f"结果为“{row.label}”的，没有责令重新答复")
        if self.term and not self.redecision:
            found.append("没有责令重新答复的，不填重新答复的期限")
        if self.moved_by and not self.term:
            found.append("决定没有定期限的，不填“决定是否写明期限可以推迟”")
        if bool(self.moved_by) == blank(self.moved_words):
            found.append("决定写明期限可以推迟的，请选择是哪一事项，并照抄其原话（条例第五十一条）")
        return found

    def effective_on(self, today: date) -> date:
        return self.decided_on

    def apply(self, case: ReviewCase, on: date, officer: str) -> None:
        decision = Decision(
            case.instance,
            self.result,
            on,
            self.received_on,
            self.redecision,
            self.term or None,
            TERMS[self.term_unit],
            self.number,
            self.holds,
            self.moved_by,
            self.moved_words,
        )
        case.decisions.append(decision)
        if self.result == REMANDED:
            case.stage = ReviewStage.PENDING
            return
        final = decision.instance != "一审" or self.result in FINAL_AT_ONCE
        case.effective_on = on if final else None
        case.stage = ReviewStage.SETTLED if final else ReviewStage.JUDGED


class Appeal(ReviewAct):
    """登记上诉: the first judgment is appealed, by whomever (行诉法85)."""

    kind: ClassVar[str] = "appealed"
    title: ClassVar[str] = "登记上诉"
    article: ClassVar[str] = "行诉法85"
    stages: ClassVar[frozenset[StrEnum]] = frozenset({ReviewStage.JUDGED})

    appealed_on: date = Field(title="上诉日期")
    appellant: str = Field(title="上诉人", max_length=200)

    def faults(self, case: ReviewCase, now: Circumstances) -> list[str]:
        found = in_future("上诉日期", self.appealed_on, now)
        if self.appealed_on < case.latest_day:
            found.append(f"上诉日期（{self.appealed_on}）早于一审裁判的日期（{case.latest_day}）")
        return [*found, "请填写上诉人"] if blank(self.appellant) else found

    def effective_on(self, today: date) -> date:
        return self.appealed_on

    def apply(self, case: ReviewCase, on: date, officer: str) -> None:
        case.appealed_on = on
        case.stage = ReviewStage.APPEALED
        case.course.append(f"{on}　{self.appellant}上诉")


class TakeEffect(ReviewAct):
    """一审裁判生效: nobody appealed in time (行诉法85)."""

    kind: ClassVar[str] = "took_effect"
    title: ClassVar[str] = "登记一审裁判生效"
    article: ClassVar[str] = "行诉法85"
    stages: ClassVar[frozenset[StrEnum]] = frozenset({ReviewStage.JUDGED})

    took_effect_on: date = Field(title="生效日期")

    def faults(self, case: ReviewCase, now: Circumstances) -> list[str]:
        found = in_future("生效日期", self.took_effect_on, now)
        if self.took_effect_on < case.latest_day:
            found.append(
                f"生效日期（{self.took_effect_on}）早于一审裁判的日期（{case.latest_day}）"
            )
        return found

    def effective_on(self, today: date) -> date:
        return self.took_effect_on

    def apply(self, case: ReviewCase, on: date, officer: str) -> None:
        case.effective_on = on
        case.stage = ReviewStage.SETTLED


class TryAgain(ReviewAct):
    """登记再审: a court orders that a suit which has ended be tried again (行诉法90-93).

    That somebody asks for it changes nothing; the order does, and the case is pending again.
    """

    kind: ClassVar[str] = "retried"
    title: ClassVar[str] = "登记再审"
    article: ClassVar[str] = "行诉法91"
    stages: ClassVar[frozenset[StrEnum]] = frozenset({ReviewStage.SETTLED})

    retried_on: date = Field(title="裁定再审（提审、指令再审）的日期")
    retrial_number: str = Field(default="", title="再审的法院和案号", max_length=200)

    @classmethod
    def barred(cls, case: ReviewCase, now: Circumstances) -> str | None:
        if case.kind == ReviewKind.REVIEW:
            return "行政复议案件没有再审（行诉法第九十一条）"
        return None

    def faults(self, case: ReviewCase, now: Circumstances) -> list[str]:
        found = in_future("裁定再审的日期", self.retried_on, now)
        before = max(case.latest_day, case.effective_on or date.min)
        if self.retried_on < before:
            found.append(f"裁定再审的日期（{self.retried_on}）早于裁判生效的日期（{before}）")
        return found

    def effective_on(self, today: date) -> date:
        return self.retried_on

    def apply(self, case: ReviewCase, on: date, officer: str) -> None:
        if case.effective_on is not None and case.holding is not None:
            case.ended.append(Settled(case.since, case.effective_on, case.holding))
        case.retried_on, case.effective_on = on, None
        case.stage = ReviewStage.RETRIED
        case.course.append(f"{on}　裁定再审　{self.retrial_number}".rstrip())


class Redecide(ReviewAct):
    """登记重新答复: the reply that the decision ordered has gone out."""

    kind: ClassVar[str] = "redecided"
    title: ClassVar[str] = "登记重新答复"
    stages: ClassVar[frozenset[StrEnum]] = frozenset({ReviewStage.SETTLED})

    redecided_on: date = Field(title="重新答复的日期")
    letter_number: str = Field(title="重新答复的文号", max_length=80)

    @classmethod
    def barred(cls, case: ReviewCase, now: Circumstances) -> str | None:
        if case.ordered is None:
            return "复议决定、裁判没有责令重新答复"
        if case.redecided_on is not None:
            return f"已于{case.redecided_on}以{case.redecided_by}重新答复"
        return None

    def faults(self, case: ReviewCase, now: Circumstances) -> list[str]:
        found = in_future("重新答复的日期", self.redecided_on, now)
        if self.redecided_on < case.latest_day:
            found.append(
                f"重新答复的日期（{self.redecided_on}）早于决定、裁判的日期（{case.latest_day}）"
            )
        return [*found, "请填写重新答复的文号"] if blank(self.letter_number) else found

    def effective_on(self, today: date) -> date:
        return self.redecided_on

    def apply(self, case: ReviewCase, on: date, officer: str) -> None:
        case.redecided_on, case.redecided_by = on, self.letter_number


class VoidReview(ReviewAct):
    """注销登记: entered by mistake; its number is kept, and it is counted nowhere."""

    kind: ClassVar[str] = "voided"
    title: ClassVar[str] = "注销登记"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[StrEnum]] = LIVING

    reason: str = Field(title="注销的原因", max_length=2000)

    def faults(self, case: ReviewCase, now: Circumstances) -> list[str]:
        return ["请写明注销的原因"] if blank(self.reason) else []

    def apply(self, case: ReviewCase, on: date, officer: str) -> None:
        case.stage = ReviewStage.VOID
        case.course.append(f"{on}　注销：{self.reason}")


def _columns(case: ReviewCase) -> dict[str, Any]:
    last = case.decisions[-1] if case.decisions else None
    return {
        "number": case.number,
        "position": case.position,
        "stage": str(case.stage),
        "kind": case.kind,
        "application": case.application,
        "letter": case.letter,
        "authority": case.authority,
        "authority_number": case.authority_number,
        "lodged_on": case.lodged_on,
        "result": last.result if last else None,
        "decided_on": last.decided_on if last else None,
        "effective_on": case.effective_on,
        "redecision_ordered": case.ordered is not None,
        "redecided_on": case.redecided_on,
    }


REVIEWS: Neighbour[ReviewCase] = Neighbour(
    key="review",
    label="行政复议、行政诉讼",
    acts={
        act.kind: act
        for act in (
            Lodge,
            NoteCourse,
            RecordResult,
            Appeal,
            TakeEffect,
            TryAgain,
            Redecide,
            VoidReview,
        )
    },
    begin=ReviewCase,
    row=Review,
    columns=_columns,
    counted=counted_in,
    follows=order_reply,
)
