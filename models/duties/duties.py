"""What is owed in a case or waited for, and by when? Each with its article, as of no day.

The limit for the reply (Art. 33), contact with the applicant (31), the notice of a correction (30),
and the time that others have: to correct (30), to give an opinion (32-34), to pay (42), to explain
(35), and offices of our own to supply records. Whether a day has passed is for whoever asks to compare.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from models.acts.intake.receipt import correction_due
from models.acts.procedure.excess import reasons_due
from models.acts.procedure.fee_owed import fee_due
from models.acts.procedure.opinions import counted_lapse
from models.acts.procedure.supplying import STAGES, unsupplied
from models.case.case import Case
from models.case.stage import Stage
from models.duties.limits import Limit
from models.errors import UNCOMPUTABLE
from models.law.consultation import PARTY_LABEL
from models.law.statute import Statute
from models.law.workdays import Reach


@dataclass(frozen=True)
class Duty:
    """Something owed or waited for, and its last day.

    kind         row of config/alerts.toml    ref  which of several (the number of a consultation)
    provisional  the day is 暂定               whom  who is waited for, or why a day cannot be told
    """

    kind: str
    due: date
    provisional: bool = False
    ref: str = ""
    whom: str = ""


@dataclass(frozen=True)
class Waiting:
    """What others owe the case: 补正, 缴费, 意见, 材料 (of an office of our own), 说明理由
    ("" = nothing), and until when.

    until = the day after which it is not waited for any more; None = not known, or not limited
    provisional = that day is 暂定: the latest it may be
    """

    what: str = ""
    until: date | None = None
    provisional: bool = False


NOTHING: Final = Waiting()


def limit(case: Case, law: Statute) -> Limit:
    """The last day for the reply of a case, also of a closed one; never raises.

    A ledger may hold days for which no rules are known (before 2019-05-15): then there is none.
    """
    try:
        found = case.deadline(law)
    except UNCOMPUTABLE:
        return Limit()
    return Limit(found.last_day, found.provisional) if found else Limit()


def waiting(case: Case, law: Statute) -> Waiting:
    """What the case waits for from others, as its stage and its open consultations say."""
    try:
        return _waiting(case, law)
    except UNCOMPUTABLE:
        return NOTHING


def _waiting(case: Case, law: Statute) -> Waiting:
    if case.stage is Stage.CORRECTION:
        return _until("补正", correction_due(case, law))
    if case.stage is Stage.FEE and case.fee is not None:
        return _until("缴费", fee_due(case.fee, law))
    if case.stage not in (Stage.JURISDICTION, Stage.DRAFTING):
        return NOTHING
    open_yet = [one for one in case.opinions if one.answered_on is None and not one.unreachable]
    lapses = [counted_lapse(one, law) for one in open_yet]
    if lapses:
        known = [lapse for lapse in lapses if lapse is not None]
        return _until("意见", max(known) if len(known) == len(lapses) else None)
    if asked := unsupplied(case):
        return Waiting("材料", max(one.supply_by for one in asked))
    if case.excess is not None and case.excess.given_on is None:
        return _until("说明理由", reasons_due(case.excess, law))
    return NOTHING


def _until(what: str, due: Reach | None) -> Waiting:
    return Waiting(what, due.day, due.provisional) if due else Waiting(what)


def duties(case: Case, law: Statute) -> tuple[Duty, ...]:
    """All that is owed or waited for in an open case; nothing in a closed one. Never raises."""
    if case.stage is Stage.CLOSED:
        return ()
    try:
        return tuple(_duties(case, law))
    except UNCOMPUTABLE as fault:
        return (Duty("unknown", case.received_on or case.arrived_on, whom=str(fault)),)


def _duties(case: Case, law: Statute) -> Iterator[Duty]:
    if case.stage is Stage.CONFIRMING:
        yield Duty("receipt", case.arrived_on)
    if case.stage is Stage.JURISDICTION and case.correction is None and case.received_on:
        days = law.period("correction_notice", case.received_on).days
        reach = law.calendar.reach(case.received_on, days)
        yield Duty("correction_notice", reach.day, reach.provisional)
    if case.stage is Stage.CORRECTION and case.correction is not None:
        due = correction_due(case, law)
        yield (
            Duty("correction", due.day, due.provisional)
            if due
            else Duty("correction_delivery", case.correction.requested_on)
        )
    if case.stage is Stage.FEE and case.fee is not None:
        due = fee_due(case.fee, law)
        yield (
            Duty("fee", due.day, due.provisional)
            if due
            else Duty("fee_delivery", case.fee.noticed_on)
        )
    excess = case.excess
    asked = excess is not None and excess.given_on is None
    if excess and asked and case.stage in (Stage.JURISDICTION, Stage.DRAFTING):
        due = reasons_due(excess, law)
        yield (
            Duty("reasons", due.day, due.provisional)
            if due
            else Duty("reasons_delivery", excess.asked_on)
        )
    if case.stage in STAGES:
        for one in unsupplied(case):
            yield Duty("supply", one.supply_by, ref=one.ref, whom=one.department)
    yield from _opinions(case, law)
    found = case.deadline(law)
    if found is not None and found.last_day is not None:
        yield Duty("reply", found.last_day, found.provisional)


def _opinions(case: Case, law: Statute) -> Iterator[Duty]:
    for one in case.opinions:
        if one.answered_on is not None or one.unreachable:
            continue
        whom = f"{PARTY_LABEL[one.party]}“{one.name}”"
        if one.delivered_on is None:
            yield Duty("opinion_delivery", one.resent_on or one.sent_on, ref=one.ref, whom=whom)
        if lapse := counted_lapse(one, law):
            yield Duty("opinion", lapse.day, lapse.provisional, one.ref, whom)
