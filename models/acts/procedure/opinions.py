"""What did those say whose opinion was asked, and what follows from it? (Arts. 15, 32-34).

That the time to answer has passed is found, not recorded (models/law/consultation.py). Silence is not
consent of a third party (Art. 32), but is of an agency that made the information with us (Art.
34); for any other agency there is no rule.
"""

from __future__ import annotations

from datetime import date, timedelta

from models.case.act import Circumstances
from models.case.case import Case
from models.case.matters import Opinion
from models.law.consultation import PARTY_LABEL, SILENCE, Consultation, lapse, lapses
from models.law.statute import Statute
from models.law.workdays import Reach, written
from models.words.days_told import told

VIEWS = {
    "agree": "同意公开",
    "partly": "同意公开一部分，其余不同意",
    "object": "不同意公开",
    "none": "答复了，但未表明是否同意",
}
OBJECTING = ("object", "partly")


def lapse_of(one: Opinion, law: Statute) -> Reach | None:
    """The last day to answer, from the day the party had the letter (Arts. 32, 34).

    None where no delivery is recorded, or the time is not limited. What silence allows is asked of
    this day alone; our own limit is counted by another (`counted_lapse`).
    """
    return counted_lapse(one, law) if one.delivered_on else None


def counted_lapse(one: Opinion, law: Statute) -> Reach | None:
    """The same as our own limit counts it: from sending, until a delivery is recorded (Art. 33).

    On the applicant's side of safety, never on the third party's: it permits nothing.
    """
    asked = Consultation(one.ref, one.party, one.sent_on, one.delivered_on)
    return lapse(asked, law) if lapses(asked, law) else None


def awaited(one: Opinion, today: date, law: Statute) -> bool:
    """Whether the answer may still come: who has not had the letter has not been asked (Art. 32)."""
    if one.unreachable or (one.answered_on is not None and one.answered_on <= today):
        return False
    ends = lapse_of(one, law)
    return ends is None or today <= ends.day


def awaited_until(one: Opinion, law: Statute) -> date | None:
    """The last day on which the answer may still come, as `awaited` says of each; None = without end.

    Of somebody whom no letter reached it is not asked: nobody waits for him.
    """
    ends = lapse_of(one, law)
    last = ends.day if ends else None
    if one.answered_on is None:
        return last
    before = one.answered_on - timedelta(days=1)
    return before if last is None else min(before, last)


def view_of(one: Opinion, today: date, law: Statute) -> str:
    """What the party said, or what its silence means, as an officer writes it."""
    if one.view:
        return said(one)
    if one.unreachable:
        return f"征求意见书未能送达，无法联系（{one.unreachable}）"
    if awaited(one, today, law):
        ends = lapse_of(one, law)
        return told([f"尚未答复，期限至{ends}"]) if ends else "尚未答复"
    return f"逾期未提出意见，{SILENCE[one.party]}"


def said(one: Opinion) -> str:
    """What the party answered, with its reasons, or that it gave none for what it objects to."""
    view = "未表明是否同意公开" if one.view == "none" else VIEWS[one.view]
    if one.reasons:
        return f"{view}，理由是：{one.reasons}"
    return f"{view}，未说明理由" if one.view in OBJECTING else view


def third_parties(case: Case) -> list[Opinion]:
    """The third parties whose opinion was asked."""
    return [one for one in case.opinions if one.party == "third_party"]


def lapses_found(case: Case, now: Circumstances, ref: str = "") -> list[str]:
    """Consultations whose time is over without an answer, or whose delivery is not proved yet; with a
    ref this one alone: of one party more than one opinion may be asked.
    """
    found = []
    for one in case.opinions:
        if one.answered_on is not None or one.unreachable or (ref and one.ref != ref):
            continue
        whom = f"{PARTY_LABEL[one.party]}“{one.name}”"
        if not awaited(one, now.today, now.law):
            ends = lapse_of(one, now.law)
            found.append(f"{whom}的意见期限已于{ends}届满，{SILENCE[one.party]}，请继续办理")
        elif one.delivered_on is None and now.today > (one.resent_on or one.sent_on):
            found.append(
                f"{one.resent_on or one.sent_on}发给{whom}的征求意见书尚未登记送达日期，请查询并补登；"
                "未送达的视为尚未征求，意见期限不起算"
            )
    return found


def notes(case: Case, now: Circumstances) -> list[str]:
    """What stands of every consultation, for the officer and for the morning's sweep."""
    found = []
    for one in case.opinions:
        line = f"编号{one.ref}　征求{PARTY_LABEL[one.party]}“{one.name}”意见（{written(one.sent_on)}发出）："
        line += view_of(one, now.today, now.law)
        if one.resent_on:
            line += f"；退回后于{written(one.resent_on)}重新发出"
        if one.answered_on is None and one.delivered_on is None and not one.unreachable:
            line += "；尚未登记送达日期"
        found.append(line)
    return found
