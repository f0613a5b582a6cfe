"""Is a fee asked for, paid, objected to, cancelled? The acts of the 信息处理费 (Art. 42, 收费办法).

Charging is optional. The notice goes out while the limit runs; the applicant has 20 working days
from the day after it was received; payment counts the limit afresh, default is taken as giving up.
What it costs is computed in models/law/fees.py. An order to reply (Art. 51) waits for no payment: what
comes in after it is recorded, or the notice cancelled, and its term stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from pydantic import Field

from models.acts.procedure.fee_owed import earlier_this_month, fee_due, fee_of
from models.case.act import Act, Circumstances, blank, in_future, order_faults
from models.case.case import Case
from models.case.matters import FeeNotice
from models.case.stage import Stage
from models.errors import NoRuleInForce
from models.law.deadline import ClockEvent
from models.law.fees import BY_PAGE, BY_PIECE, by_page

OWED: frozenset[Stage] = frozenset(Stage) - {Stage.CONFIRMING, Stage.CORRECTION, Stage.CLOSED}


def _not_owed(case: Case) -> str | None:
    """Why there is nothing to pay or to cancel: a notice that is waited for, or was until an order."""
    if case.stage is Stage.FEE or (case.fee and case.fee.unpaid):
        return None
    return "没有尚未缴纳的信息处理费（条例第四十二条）"


class NoticeFee(Act):
    """收费通知: basis, standard, computation, amount, how to pay, by when, what follows (Art. 42)."""

    kind: ClassVar[str] = "fee_noticed"
    title: ClassVar[str] = "通知缴纳信息处理费"
    tab: ClassVar[str] = "收费"
    article: ClassVar[str] = "42"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.JURISDICTION, Stage.DRAFTING})
    letter: ClassVar[str | None] = "fee"
    shown_first: ClassVar[bool] = True
    procedural: ClassVar[bool] = True
    coded: ClassVar[frozenset[str]] = frozenset({"standard"})

    noticed_on: date = Field(title="发出通知的日期", description="应在答复期限内发出")
    delivered_on: date | None = Field(
        default=None, title="送达日期", description="当面、网上即时送达的填写；邮寄的送达后另行登记"
    )
    excess: str = Field(title="数量、频次明显超过合理范围的情况", max_length=5000)
    standard: str = Field(title="收费标准", description="每件申请只能适用一种标准")
    before: int = Field(
        default=0,
        title="按件：本自然月此前的申请件数",
        description="同一申请人当月向本机关提出、先于本件的申请；按姓名检索，请核对身份后填写",
        ge=0,
        le=100_000,
    )
    before_reason: str = Field(
        default="",
        title="件数与登记簿不同的理由",
        description="所填的此前件数与登记簿所载不同的必填：另有哪些件、为什么不计哪些件",
        max_length=1000,
    )
    pieces: int = Field(
        default=1,
        title="按件：本件计为几件",
        description="按“一事一申请”拆分计费的，填写拆分后的件数",
        ge=1,
        le=1000,
    )
    pages: int = Field(
        default=0,
        title="按量：提供信息的页数",
        description="A4及以下单面为1页；已主动公开的不适用按量计收",
        ge=0,
        le=1_000_000,
    )
    payment: str = Field(title="缴纳方式", max_length=1000)

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        labels = {
            str(row.standard): f"{row.label}（收费办法{row.article}）" for row in now.law.tariffs
        }
        return {"standard": labels}

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.fee is not None:
            return "每件申请只能按一种标准收费一次，已经通知缴费（条例第四十二条）"
        limit = case.deadline(now.law)
        if limit and limit.suspended:
            return "期限停止计算期间不通知缴费（条例第四十二条）"
        if limit and limit.last_day and now.today > limit.last_day:
            return f"收费通知应在答复期限内发出，期限已于{limit.last_day}届满（条例第四十二条、收费办法）"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {
            "noticed_on": now.today,
            "before": earlier_this_month(case, now),
            "payment": now.agency.fee_payment,
        }

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = order_faults("发出通知的日期", self.noticed_on, case, now)
        if self.delivered_on is not None:
            found += in_future("送达日期", self.delivered_on, now)
            if self.delivered_on < self.noticed_on:
                found.append(
                    f"送达日期（{self.delivered_on}）早于发出通知的日期（{self.noticed_on}）"
                )
        for name in ("excess", "payment"):
            if blank(getattr(self, name)):
                found.append(
                    f"请填写“{type(self).model_fields[name].title}”，收费通知必须载明"
                    "（条例第四十二条）"
                )
        return [*found, *self._counted_otherwise(case, now), *self._standard_faults(now)]

    def _counted_otherwise(self, case: Case, now: Circumstances) -> Iterator[str]:
        """The number before this one is the register's; another one needs its reason (收费办法 4)."""
        known = earlier_this_month(case, now)
        if self.standard == BY_PIECE and self.before != known and blank(self.before_reason):
            yield (
                f"登记簿所载同一姓名当月先于本件的申请为{known}件，所填为{self.before}件："
                "请更正，或者填写“件数与登记簿不同的理由”（收费办法第四条）"
            )

    def _standard_faults(self, now: Circumstances) -> list[str]:
        if self.standard == BY_PIECE and self.pages:
            return ["按件计收的不填页数：每件申请只能适用一种标准（收费办法第三条）"]
        if self.standard == BY_PAGE and self.pieces > 1:
            return ["按量计收的不拆分件数：每件申请只能适用一种标准（收费办法第三条）"]
        try:
            separately = now.law.choice("split_parts", self.noticed_on) == "registered"
            fee = fee_of(self.notice(self.noticed_on), now.law)
        except NoRuleInForce as gap:
            return [str(gap)]
        if self.pieces > 1 and separately:
            return ["按本机关的做法，拆分的各项应当另行登记、各为一件，不在收费时拆分计件"]
        return [] if fee.amount else ["按所填的数量计算不收费，不能发出收费通知（条例第四十二条）"]

    def notice(self, on: date) -> FeeNotice:
        """The notice as it stands on its day."""
        by_pages = self.standard == BY_PAGE
        return FeeNotice(
            noticed_on=on,
            standard="by_page" if by_pages else "by_piece",
            before=0 if by_pages else self.before,
            units=self.pages if by_pages else self.pieces,
            excess=self.excess,
            payment=self.payment,
            delivered_on=self.delivered_on,
        )

    def effective_on(self, today: date) -> date:
        return self.noticed_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.fee = self.notice(on)
        case.fee.stage = case.stage
        case.on_clock(ClockEvent("fee_noticed", on, delivered_on=self.delivered_on))
        case.stage = Stage.FEE


class FeeNoticeDelivered(Act):
    """收费通知送达: the 20 working days to pay run from the day after (收费办法 6)."""

    kind: ClassVar[str] = "fee_notice_delivered"
    title: ClassVar[str] = "登记收费通知送达"
    tab: ClassVar[str] = "通知送达"
    article: ClassVar[str] = "42"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.FEE})

    delivered_on: date = Field(title="送达日期", description="20个工作日自次日起算")
    proof: str = Field(default="", title="凭证（邮件号、送达回证号）", max_length=100)

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.fee and case.fee.delivered_on:
            return f"收费通知已登记于{case.fee.delivered_on}送达（条例第四十二条）"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"delivered_on": now.today}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = in_future("送达日期", self.delivered_on, now)
        if case.fee and self.delivered_on < case.fee.noticed_on:
            found.append(
                f"送达日期（{self.delivered_on}）早于发出通知的日期（{case.fee.noticed_on}）"
            )
        return found

    def effective_on(self, today: date) -> date:
        return self.delivered_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        if case.fee:
            case.fee.delivered_on = on
        place = _noticed_at(case)
        case.clock[place] = case.clock[place]._replace(delivered_on=on)


class RecordPayment(Act):
    """收到缴费: the limit is counted afresh from the day after payment (收费办法 6)."""

    kind: ClassVar[str] = "fee_paid"
    title: ClassVar[str] = "登记缴纳信息处理费"
    tab: ClassVar[str] = "已缴费"
    article: ClassVar[str] = "42"
    stages: ClassVar[frozenset[Stage]] = OWED

    paid_on: date = Field(title="完成缴费之日", description="答复期限自次日起重新计算")
    amount: int = Field(title="实缴金额（元）", ge=1, le=100_000_000)
    receipt: str = Field(default="", title="票据号", max_length=100)
    late_reason: str = Field(
        default="",
        title="逾期缴费仍继续办理的理由",
        description="逾期缴费的必须填写",
        max_length=2000,
    )

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        return _not_owed(case)

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        amount = {"amount": fee_of(case.fee, now.law).amount} if case.fee else {}
        return {"paid_on": now.today, **amount}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        if case.fee is None:
            return order_faults("完成缴费之日", self.paid_on, case, now)
        found = _since_noticed("完成缴费之日", self.paid_on, case, case.fee, now)
        asked, due = fee_of(case.fee, now.law).amount, fee_due(case.fee, now.law)
        if self.amount != asked:
            found.append(f"应缴{asked}元，实缴{self.amount}元，金额不符的不能登记为完成缴费")
        if due and self.paid_on > due.day and blank(self.late_reason):
            found.append(f"缴费期限已于{due}届满；逾期缴费仍继续办理的，请填写理由（收费办法）")
        return found

    def effective_on(self, today: date) -> date:
        return self.paid_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        if case.fee:
            case.fee.paid_on, case.fee.paid = on, self.amount
        case.on_clock(ClockEvent("fee_paid", on))
        if case.stage is not Stage.FEE:  # ordered to reply meanwhile: nothing waits for it
            return
        case.extension = case.deferral = None
        case.stage = case.fee.stage if case.fee else Stage.DRAFTING


class FeeObjection(Act):
    """对收费的异议: noted and answered; not reviewable by itself while payment is due (收费办法 7)."""

    kind: ClassVar[str] = "fee_objected"
    title: ClassVar[str] = "登记对收费的异议"
    tab: ClassVar[str] = "收费异议"
    article: ClassVar[str] = "42"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.FEE})

    objected_on: date = Field(title="提出异议的日期")
    objection: str = Field(title="异议内容", max_length=5000)
    handling: str = Field(
        default="",
        title="核对情况",
        description="计算有误的，另行撤销收费通知；缴费期限不因异议停止",
        max_length=5000,
    )

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"objected_on": now.today}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = in_future("提出异议的日期", self.objected_on, now)
        if case.fee and self.objected_on < case.fee.noticed_on:
            found.append(
                f"提出异议的日期（{self.objected_on}）早于发出通知的日期（{case.fee.noticed_on}）"
            )
        return [*found, "请填写异议内容"] if blank(self.objection) else found

    def effective_on(self, today: date) -> date:
        return self.objected_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        if case.fee:
            case.fee.objections.append(f"{on}　{self.objection}")


class CancelFee(Act):
    """撤销收费通知: no fee after all; the limit counts as if it had never stopped (safe side)."""

    kind: ClassVar[str] = "fee_cancelled"
    title: ClassVar[str] = "撤销收费通知"
    tab: ClassVar[str] = "撤销收费"
    article: ClassVar[str] = "42"
    stages: ClassVar[frozenset[Stage]] = OWED

    cancelled_on: date = Field(title="撤销并告知申请人的日期")
    reasons: str = Field(
        title="撤销的理由",
        description="撤销后答复期限视为没有停止过，仍按原来的起算日计算",
        max_length=2000,
    )

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        return _not_owed(case)

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"cancelled_on": now.today}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        if case.fee is None:
            return order_faults("撤销日期", self.cancelled_on, case, now)
        found = _since_noticed("撤销日期", self.cancelled_on, case, case.fee, now)
        return [*found, "请填写撤销的理由"] if blank(self.reasons) else found

    def effective_on(self, today: date) -> date:
        return self.cancelled_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        ordered = case.fee is not None and case.fee.over
        waited, case.fee = case.fee, None
        if ordered:  # the order's limit stays as it is
            return
        case.stage = waited.stage if waited else Stage.DRAFTING
        del case.clock[_noticed_at(case)]


class RefundFee(Act):
    """退费: what was paid by the page for pages that are not supplied goes back (收费办法 5)."""

    kind: ClassVar[str] = "fee_refunded"
    title: ClassVar[str] = "退还信息处理费"
    tab: ClassVar[str] = "退费"
    article: ClassVar[str] = "42"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.JURISDICTION, Stage.DRAFTING})
    letter: ClassVar[str | None] = "fee_refund"
    shown_first: ClassVar[bool] = True
    procedural: ClassVar[bool] = True

    refunded_on: date = Field(title="告知退费的日期", description="答复期限不因退费变动")
    supplied: int = Field(
        default=0,
        title="按量：实际提供的页数",
        description="没有提供信息、已经主动公开的填0",
        ge=0,
        le=1_000_000,
    )
    amount: int = Field(
        title="退还金额（元）",
        description="按量计收的，为实缴金额与实际提供页数应缴金额之差；按件计收适用于所有处理决定，"
        "计算有误才退",
        ge=1,
        le=100_000_000,
    )
    reasons: str = Field(title="退费的事实和理由", max_length=2000)
    way: str = Field(title="退付方式", max_length=1000)

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.fee is None or case.fee.paid_on is None:
            return "没有收取信息处理费，不需要退费（条例第四十二条）"
        if case.fee.refunded_on:
            return f"已于{case.fee.refunded_on}告知退费（条例第四十二条）"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        whole = {}
        if case.fee and case.fee.standard == BY_PAGE and case.fee.paid:
            whole = {"amount": case.fee.paid}
        return {"refunded_on": now.today, **whole}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = order_faults("告知退费的日期", self.refunded_on, case, now)
        if blank(self.reasons):
            found.append("请填写退费的事实和理由，退费告知书必须载明（条例第四十二条）")
        if blank(self.way):
            found.append("请填写退付方式，退费告知书必须载明（条例第四十二条）")
        return [*found, *self._amount_faults(case.fee, now)] if case.fee else found

    def _amount_faults(self, fee: FeeNotice, now: Circumstances) -> list[str]:
        if fee.standard == BY_PIECE:
            if self.supplied:
                return ["按件计收的不填页数（收费办法第三条）"]
            over = self.amount > fee.paid
            return [f"退还{self.amount}元，多于实缴的{fee.paid}元"] if over else []
        owed = fee.paid - by_page(self.supplied, fee.noticed_on, now.law).amount
        if owed <= 0:
            return [
                f"实际提供{self.supplied}页，实缴{fee.paid}元，没有应当退还的（收费办法第五条）"
            ]
        if self.amount != owed:
            return [
                f"实缴{fee.paid}元，实际提供{self.supplied}页，应退{owed}元，而不是{self.amount}元"
                "（收费办法第五条）"
            ]
        return []

    def effective_on(self, today: date) -> date:
        return self.refunded_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        if case.fee is None:
            return
        case.fee.refunded_on, case.fee.refunded = on, self.amount
        case.fee.supplied = self.supplied
        case.fee.refund_reasons, case.fee.refund_way = self.reasons, self.way


def _since_noticed(
    what: str, on: date, case: Case, fee: FeeNotice, now: Circumstances
) -> list[str]:
    """The faults of a day on which a notice was paid or cancelled; after an order it may be before it."""
    if not fee.over:
        return order_faults(what, on, case, now)
    if on < fee.noticed_on:
        return [f"{what}（{on}）早于发出通知的日期（{fee.noticed_on}）"]
    return in_future(what, on, now)


def _noticed_at(case: Case) -> int:
    """The place on the clock of the notice that is waited for: the last one there is."""
    return max(n for n, event in enumerate(case.clock) if event.kind == NoticeFee.kind)
