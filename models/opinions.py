"""What did those say whose opinion was asked, and what follows from it? (Arts. 15, 32-34).

That the time to answer has passed is found, not recorded (models/consultation.py). Silence is not
consent of a third party (Art. 32), but is of an agency that made the information with us (Art.
34); for any other agency there is no rule.
"""

from __future__ import annotations

from datetime import date

from models.act import Circumstances
from models.consultation import PARTY_LABEL, SILENCE, Consultation, lapse, lapses
from models.history import Case, Opinion
from models.statute import Statute
from models.workdays import Reach

VIEWS = {
    "agree": "同意公开",
    "partly": "同意公开一部分，其余不同意",
    "object": "不同意公开",
    "none": "答复了，但未表明是否同意",
}
OBJECTING = ("object", "partly")
RELEASING = ("granted", "partly_granted")


def lapse_of(one: Opinion, law: Statute) -> Reach | None:
    """The last day to answer (Arts. 32, 34); None where the time is not limited."""
    asked = Consultation(one.ref, one.party, one.sent_on, one.delivered_on)
    return lapse(asked, law) if lapses(asked, law) else None


def awaited(one: Opinion, today: date, law: Statute) -> bool:
    """Whether the answer may still come: not answered, and the time not over."""
    if one.answered_on is not None:
        return False
    ends = lapse_of(one, law)
    return ends is None or today <= ends.day


def view_of(one: Opinion, today: date, law: Statute) -> str:
    """What the party said, or what its silence means, as an officer writes it."""
    if one.view:
        said = "未表明是否同意公开" if one.view == "none" else VIEWS[one.view]
        return f"{said}，理由是：{one.reasons}" if one.reasons else said
    if awaited(one, today, law):
        ends = lapse_of(one, law)
        return f"尚未答复，期限至{ends}" if ends else "尚未答复"
    return f"逾期未提出意见，{SILENCE[one.party]}"


def third_parties(case: Case) -> list[Opinion]:
    """The third parties whose opinion was asked."""
    return [one for one in case.opinions if one.party == "third_party"]


def third_party_view(case: Case, now: Circumstances) -> str:
    """What the third parties said, one a line, for the reply that refuses (Art. 32)."""
    return "\n".join(
        f"{one.name}：{view_of(one, now.today, now.law).removesuffix('（条例第三十二条）')}"
        for one in third_parties(case)
        if not awaited(one, now.today, now.law)
    )


def objecting(case: Case) -> list[Opinion]:
    """The third parties that do not agree, wholly or in part."""
    return [one for one in third_parties(case) if one.view in OBJECTING]


def releasing(case: Case) -> bool:
    """Whether the draft, or a part of it, gives information."""
    return case.draft is not None and any(one in RELEASING for one in case.draft.outcomes)


def untold(case: Case) -> list[Opinion]:
    """Objecting third parties not yet told that what they object to will be disclosed (Art. 32).

    A partial disclosure that withholds third parties' information respects the objection.
    """
    draft = case.draft
    if draft is None or not releasing(case):
        return []
    stated = [draft.particulars, *(part.particulars for part in draft.parts)]
    withheld = any(one.get("withheld_ground") == "third_party_rights" for one in stated)
    if withheld or "third_party_rights" in draft.outcomes:
        return []
    told = {one.ref for one in case.told}
    return [one for one in objecting(case) if one.ref not in told]


def third_party_heard(case: Case, now: Circumstances) -> str | None:
    """Refusing for a third party's sake presupposes that it was asked and did not agree (15, 32)."""
    asked = third_parties(case)
    if not asked:
        return "尚未书面征求第三方意见，不能以保护第三方合法权益为由不予公开（条例第三十二条）"
    waiting = [one for one in asked if awaited(one, now.today, now.law)]
    if any(one not in waiting and one.view != "agree" for one in asked):
        return None
    if waiting:
        until = "、".join(str(lapse_of(one, now.law)) for one in waiting)
        return f"第三方意见尚未收到，期限至{until}，届满前不能据此决定（条例第三十二条）"
    return "第三方同意公开的，不能再以保护其合法权益为由不予公开（条例第十五条）"


def redaction_allowed(case: Case, now: Circumstances) -> str | None:
    """The same for a part withheld, unless blacking out privacy needs no opinion (practice.toml)."""
    if now.law.choice("redaction_without_consultation", now.today) == "not_required":
        return None
    return third_party_heard(case, now)


def still_awaited(case: Case, now: Circumstances) -> str | None:
    """No decision to disclose while a third party or co-producer may still answer (32, 34)."""
    if not releasing(case):
        return None
    waiting = [
        one
        for one in case.opinions
        if one.party != "other_agency" and awaited(one, now.today, now.law)
    ]
    if not waiting:
        return None
    names = "、".join(f"{one.name}（至{lapse_of(one, now.law)}）" for one in waiting)
    return (
        f"正在征求{names}的意见，收到意见或者期限届满前不能决定公开（条例第三十二条、第三十四条）"
    )


def must_tell(case: Case) -> str | None:
    """Before what a third party objects to is released, the third party is told (Art. 32)."""
    names = "、".join(one.name for one in untold(case))
    if not names:
        return None
    return f"{names}不同意公开，决定公开的，发出前应当先书面告知该第三方（条例第三十二条）"


def lapses_found(case: Case, now: Circumstances) -> list[str]:
    """Consultations whose time is over without an answer, or whose delivery is not proved yet."""
    found = []
    for one in case.opinions:
        if one.answered_on is not None:
            continue
        whom = f"{PARTY_LABEL[one.party]}“{one.name}”"
        if not awaited(one, now.today, now.law):
            ends = lapse_of(one, now.law)
            found.append(f"{whom}的意见期限已于{ends}届满，{SILENCE[one.party]}，请继续办理")
        elif one.delivered_on is None and now.today > one.sent_on:
            found.append(f"{one.sent_on}发给{whom}的征求意见书尚未登记送达日期，请查询并补登")
    return found


def notes(case: Case, now: Circumstances) -> list[str]:
    """What stands of every consultation, for the officer and for the morning's sweep."""
    found = []
    for one in case.opinions:
        line = f"征求{PARTY_LABEL[one.party]}“{one.name}”意见（{one.sent_on}发出）："
        line += view_of(one, now.today, now.law)
        if one.answered_on is None and one.delivered_on is None:
            line += "；尚未登记送达日期"
        found.append(line)
    return found
