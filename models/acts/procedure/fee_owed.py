"""What is owed for an application, by when, and has the time to pay passed in vain? (Art. 42, 收费办法)."""

from __future__ import annotations

from datetime import date

from models.case.act import Circumstances
from models.case.case import Case
from models.case.matters import FeeNotice
from models.case.stage import Stage
from models.case.time_given import undelivered
from models.law.fees import BY_PAGE, Fee, by_page, by_piece, payment_due
from models.law.statute import Statute
from models.law.workdays import Reach


def fee_of(notice: FeeNotice, law: Statute) -> Fee:
    """What a notice asks for, by the tariff in force on its day."""
    if notice.standard == BY_PAGE:
        return by_page(notice.units, notice.noticed_on, law)
    return by_piece(notice.before, notice.units, notice.noticed_on, law)


def fee_due(notice: FeeNotice, law: Statute) -> Reach | None:
    """The last day to pay; None until the notice is received (models/law/fees.py)."""
    if notice.delivered_on is None:
        return None
    return payment_due(notice.noticed_on, notice.delivered_on, law)


def fee_overdue(case: Case, today: date, law: Statute) -> str | None:
    """What needs attention in a case that waits for payment: lapsed, or no proof of delivery."""
    if case.stage is not Stage.FEE or case.fee is None:
        return None
    due = fee_due(case.fee, law)
    if due is None:
        return undelivered("收费通知", "缴费期限", "42", case.fee.noticed_on, today, law)
    if today > due.day:
        return f"缴费期限已于{due}届满，请决定是否按逾期不缴费处理（收费办法）"
    return None


def fee_awaited(case: Case, law: Statute) -> str | None:
    """What a case waiting for payment waits for; None for any other."""
    if case.stage is not Stage.FEE or case.fee is None:
        return None
    amount, due = fee_of(case.fee, law).amount, fee_due(case.fee, law)
    until = f"缴费期限至{due}" if due else "送达日期尚未登记"
    return f"等待缴纳信息处理费{amount}元，{until}（条例第四十二条）"


def fee_lapsed(case: Case, now: Circumstances) -> str | None:
    """“逾期不缴费” presupposes a notice received, and a time to pay that has passed in vain."""
    if case.stage is not Stage.FEE or case.fee is None:
        return "未送达收费通知或已经缴费，不能以“逾期未缴费”处理（条例第四十二条）"
    due = fee_due(case.fee, now.law)
    if due is None:
        return "收费通知的送达日期尚未登记，不能以“逾期未缴费”处理（条例第四十二条）"
    if now.today <= due.day:
        return f"缴费期限至{due}尚未届满，不能以“逾期未缴费”处理（收费办法）"
    return None


def unsupplied_fee(case: Case, supplies: bool, now: Circumstances) -> str | None:
    """A fee by the page is for pages: where none are supplied it goes back first (收费办法 5).

    supplies = whether this answer, or a part drafted before, gives information
    """
    fee = case.fee
    if supplies or fee is None or fee.standard != BY_PAGE or not fee.paid_on or fee.refunded_on:
        return None
    return (
        f"已按量收取信息处理费{fee.paid}元，按量计收以提供信息为前提（已主动公开的也不适用）：不提供信息的，"
        "先办理退费；另有部分提供信息的，先起草该部分（收费办法第五条）"
    )


def earlier_this_month(case: Case, now: Circumstances) -> int:
    """How many applications of the same name came before this one in its month (收费办法 4)."""
    mine = case.received_on
    if mine is None:
        return 0
    return sum(
        (one.received_on, one.number) < (mine, case.number)
        for one in now.others
        if one.received_on and one.received_on.replace(day=1) == mine.replace(day=1)
    )
