"""What the letters on fees and on unusual volume state (条例第三十五条、第四十二条)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from letters.letter.phrases import length, one_line
from models.acts.procedure.fee_owed import fee_of
from models.agency.agency import Agency
from models.case.case import Case
from models.errors import FactMissing
from models.law.fees import METHOD, payment_due, payment_term, rate_words
from models.law.statute import Statute

Facts = dict[str, object]


def fee_notice(case: Case, law: Statute, agency: Agency, dated: date) -> Facts:
    """What is charged, by which standard, how it is computed, and how to pay (Art. 42)."""
    notice = case.fee
    if notice is None or case.received_on is None:
        raise FactMissing("fee", "excess")
    fee, term = fee_of(notice, law), payment_term(notice.noticed_on, law)
    if term is None:
        raise FactMissing("fee", "fee_period")
    return {
        "method": METHOD,
        "excess": one_line(notice.excess),
        "standard": fee.tariff.label,
        "standard_article": fee.tariff.article,
        "scope": fee.tariff.scope,
        "rates": rate_words(fee.tariff),
        "by_piece": "yes" if notice.standard == "by_piece" else "no",
        "month": f"{case.received_on.year}年{case.received_on.month}月",
        "before": notice.before,
        "units": notice.units,
        "first": notice.before + 1,
        "legs": fee.words,
        "amount": fee.amount,
        "payment": one_line(notice.payment),
        "fee_period": length(term),
    }


def fee_refund(case: Case, law: Statute, agency: Agency, dated: date) -> Facts:
    """What was paid, for what it is given back, how much and how (收费办法 5)."""
    notice = case.fee
    if notice is None or notice.paid_on is None or notice.refunded_on is None:
        raise FactMissing("fee_refund", "reasons")
    tariff = fee_of(notice, law).tariff
    return {
        "method": METHOD,
        "fee_noticed_on": notice.noticed_on,
        "standard": tariff.label,
        "standard_article": tariff.article,
        "by_piece": "yes" if notice.standard == "by_piece" else "no",
        "paid_on": notice.paid_on,
        "paid": notice.paid,
        "supplied": notice.supplied,
        "owed": notice.paid - notice.refunded,
        "refund": notice.refunded,
        "refund_reasons": one_line(notice.refund_reasons),
        "refund_way": one_line(notice.refund_way),
    }


def fee_unpaid(case: Case, stated: Mapping[str, str], law: Statute) -> Facts:
    """The time to pay, counted from the day after the notice was received (收费办法 6)."""
    had = date.fromisoformat(stated["noticed_on"])
    noticed_on = case.fee.noticed_on if case.fee else had
    term, due = payment_term(noticed_on, law), payment_due(noticed_on, had, law)
    if term is None or due is None:
        raise FactMissing("fee_unpaid", "fee_period")
    return {"fee_period": length(term), "fee_due": due.day}


def reasons_asked(case: Case, law: Statute, agency: Agency, dated: date) -> Facts:
    """How many applications, how often, and how long from receipt to explain them (Art. 35)."""
    excess = case.excess
    if excess is None:
        raise FactMissing("reasons", "counts")
    return {
        "counts": one_line(excess.counts),
        "reasons_days": excess.days,
    }


def deferral(case: Case, law: Statute, agency: Agency, dated: date) -> Facts:
    """That the reasons hold, why we cannot answer in time, and when we shall (Art. 35)."""
    later, excess = case.deferral, case.excess
    if later is None or excess is None or excess.given_on is None:
        raise FactMissing("deferral", "reasons")
    return {
        "asked_on": excess.asked_on,
        "given_on": excess.given_on,
        "explanation": one_line(excess.explanation),
        "deferral_reasons": one_line(later.reasons),
        "reply_by": later.reply_by,
    }
