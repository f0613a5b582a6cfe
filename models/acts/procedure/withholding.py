"""Whose information does a reply let out, whose does it keep, and what does each presuppose? (15, 32).

An objection is one person's, to what he was asked about. It carries a refusal for his sake only if
he neither agrees nor was judged unreasonable; whoever's information is let out against it is told in
writing first, whatever else is kept. Whose is kept the officer states by the numbers of the letters;
unless he does, they are those whose objection can carry it and of whom the words let out say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from models.acts.procedure.opinions import OBJECTING, awaited, lapse_of, third_parties
from models.case.act import Circumstances, blank
from models.case.case import Case
from models.case.matters import Draft, Opinion, Part
from models.words.names import same_name

RELEASING = ("granted", "partly_granted")
THIRD_PARTY = "third_party_rights"
REDACTION = {
    "": "不适用，或者按所写的内容判断",
    "personal": "只是自然人的身份证号码、住址、电话等（不需要征求意见的，见本机关的选择）",
    "other": "商业秘密或者其他信息",
}
PRIVATE = re.compile("身份证|证件号|住址|家庭地址|电话|手机|联系方式")
TRADE = re.compile("商业秘密|经营秘密|价款|报价|工艺|配方|技术|参数|客户")
NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True)
class Withheld:
    """What a draft keeps for the sake of third parties, as its form states it.

    words        what is kept               named        numbers of the letters to whose sake
    whole        nothing of it is given     unasked      why nobody could be asked
    redaction    key of REDACTION"""

    words: str
    named: str = ""
    whole: bool = True
    unasked: str = ""
    redaction: str = ""
    inseparable: str = ""


# ── whose information goes out ─────────────────────────────────────────────────────────────────


def releasing(case: Case) -> bool:
    """Whether the draft, or a part of it, gives information."""
    return case.draft is not None and any(one in RELEASING for one in case.draft.outcomes)


def for_third_party(part: Part) -> bool:
    """Whether a part of a reply keeps information for a third party's sake (Art. 15)."""
    return THIRD_PARTY in (part.outcome, part.particulars.get("withheld_ground"))


def carries(one: Opinion) -> bool:
    """Whether a refusal may rest on what this party said, or on its silence (Arts. 15, 32)."""
    return one.view != "agree" and not (one.view in OBJECTING and one.reasonable == "no")


def refs(named: str) -> tuple[str, ...]:
    """The numbers of consultations that an officer wrote: “1、3”."""
    return tuple(NUMBERS.findall(named))


def unknown_refs(named: str, case: Case) -> Iterator[str]:
    """The fault of naming consultations that there are not, or in words instead of numbers."""
    unknown = [ref for ref in refs(named) if case.opinion(ref) is None]
    if unknown or (named.strip() and not refs(named)):
        known = "、".join(f"{one.ref}（{one.name}）" for one in case.opinions) or "无"
        yield f"没有编号为“{'、'.join(unknown) or named}”的征求意见书；已发出的编号：{known}"


def protected(case: Case, part: Part) -> list[Opinion]:
    """Those whose information this part of the draft does not let out."""
    named = refs(part.particulars.get("protected", ""))
    if named:
        return [one for one in case.opinions if one.ref in named]
    if not for_third_party(part) or part.particulars.get("redaction") == "personal":
        return []
    given, kept = _given(case.draft), _kept(part)
    return [
        one
        for one in third_parties(case)
        if carries(one) and (speaks_of(kept, one) or not speaks_of(given, one))
    ]


def speaks_of(words: str, one: Opinion) -> bool:
    """Whether words name the party, or what it was asked about."""
    return one.name in words or one.information in words


def _given(draft: Draft | None) -> str:
    pieces = [part for part in draft.pieces if part.outcome in RELEASING] if draft else []
    return "\n".join(f"{part.item}\n{part.particulars.get('information', '')}" for part in pieces)


def _kept(part: Part) -> str:
    name = "withheld" if part.outcome in RELEASING else "information"
    item = "" if part.outcome in RELEASING else part.item
    return f"{item}\n{part.particulars.get(name, '')}"


def let_out(case: Case) -> list[Opinion]:
    """Those whose information the draft lets out."""
    if case.draft is None or not releasing(case):
        return []
    kept = {one.ref for part in case.draft.pieces for one in protected(case, part)}
    return [one for one in case.opinions if one.ref not in kept and not asked_again(case, one)]


def asked_again(case: Case, one: Opinion) -> bool:
    """Whether a later letter to the same party about the same took this one's place."""
    corrected = case.correction.corrected_on if case.correction else None
    before = corrected is not None and one.sent_on < corrected
    return any(
        same_name(later.name, one.name)
        and later.party == one.party
        and (before or later.information.strip() == one.information.strip())
        for later in case.opinions[case.opinions.index(one) + 1 :]
    )


def not_agreeing(one: Opinion) -> bool:
    """Who objects, wholly or in part, or could not be reached at all: neither agreed (Art. 15)."""
    return one.view in OBJECTING or (bool(one.unreachable) and one.answered_on is None)


def untold(case: Case) -> list[Opinion]:
    """Third parties who do not agree and are not told yet that theirs is let out (Art. 32)."""
    told = {one.ref for one in case.told}
    third = [one for one in let_out(case) if one.party == "third_party"]
    return [one for one in third if not_agreeing(one) and one.ref not in told]


def must_tell(case: Case) -> str | None:
    """Before what a third party objects to is released, the third party is told (Art. 32)."""
    names = "、".join(one.name for one in untold(case))
    if not names:
        return None
    return f"{names}没有同意公开，决定公开的，发出前应当先书面告知该第三方（条例第三十二条）"


# ── when it may be decided ─────────────────────────────────────────────────────────────────────


def still_awaited(case: Case, now: Circumstances) -> str | None:
    """No decision to disclose while a third party or co-producer may still answer (32, 34)."""
    waiting = [
        one
        for one in let_out(case)
        if one.party != "other_agency" and awaited(one, now.today, now.law)
    ]
    if not waiting:
        return None
    names = "、".join(f"{one.name}（{_until(one, now)}）" for one in waiting)
    return (
        f"正在征求{names}的意见，收到意见或者期限届满前不能决定公开（条例第三十二条、第三十四条）"
    )


def _until(one: Opinion, now: Circumstances) -> str:
    ends = lapse_of(one, now.law)
    return f"至{ends}" if ends else "尚未登记送达，期限不起算"


def not_agreed(case: Case) -> str | None:
    """What another agency objects to is agreed with it first, or its objection is judged (11, 34)."""
    agencies = [one for one in let_out(case) if one.party != "third_party"]
    against = [one for one in agencies if one.view in OBJECTING and one.reasonable != "no"]
    if not against:
        return None
    names = "、".join(one.name for one in against)
    return (
        f"{names}不同意公开：请先协商、确认，登记更改后的意见；认为其理由不成立的，"
        "登记判断和依据（条例第十一条、第三十四条）"
    )


def undecided(case: Case, now: Circumstances) -> str | None:
    """Why it cannot be decided, as of a day, to let out or to keep what others were asked about."""
    return still_awaited(case, now) or not_agreed(case) or no_longer_founded(case, now)


def unheard_elsewhere(case: Case, now: Circumstances) -> str | None:
    """Why a letter that answers other applications, too, cannot give information: what others were
    asked about in those is protected there (Arts. 15, 32).
    """
    joined = {one.number for one in case.together}
    asked = {one.number: one.unheard_on(now.today) for one in now.others if one.number in joined}
    found = {number: names for number, names in asked.items() if names}
    if not found or not releasing(case):
        return None
    whom = "；".join(
        f"申请编号为{number}的申请：{'、'.join(names)}" for number, names in found.items()
    )
    return (
        f"一并答复的申请征求过意见，未同意公开或者尚待答复（{whom}）：不能在一份告知书中提供信息，"
        "请将其从一并答复中删去，单独答复（条例第十五条、第三十二条）"
    )


# ── keeping it for a third party's sake ────────────────────────────────────────────────────────


NOBODY_ASKED = (
    "尚未书面征求第三方意见，不能以保护第三方合法权益为由不予公开（条例第三十二条）；"
    "确实无法征求的，请填写无法征求的理由"
)


def unfounded(it: Withheld, case: Case, now: Circumstances) -> list[str]:
    """Why information cannot be kept for these third parties' sake, as sentences (Arts. 15, 32)."""
    if it.redaction == "personal" and TRADE.search(it.words):
        return ["写明的内容不只是自然人的身份证号码、住址、电话等，请改选“商业秘密或者其他信息”"]
    if it.redaction == "personal" or _plainly_private(it, case):
        choice = now.law.choice("redaction_without_consultation", now.today)
        if choice == "not_required" and not it.whole:
            return []
    asked = third_parties(case)
    named = [one for one in asked if one.ref in refs(it.named)]
    if named:
        return list(_not_carried(named, now))
    if not blank(it.unasked):
        return []
    if not asked:
        return [NOBODY_ASKED]
    return list(_nobody_carries(it, case, now))


def kept_of(part: Part) -> Withheld:
    """What a part of a reply keeps for third parties' sake, as it was drafted."""
    told, whole = part.particulars, part.outcome == THIRD_PARTY
    words = [told.get("withheld", "")]
    if whole:
        words = [part.item, told.get("information", "")]
    elif not told.get("redaction"):
        words.append(told.get("reasons", ""))
    return Withheld(
        "\n".join(words),
        told.get("protected", ""),
        whole,
        told.get("unasked", ""),
        told.get("redaction", ""),
        told.get("inseparable", ""),
    )


def no_longer_founded(case: Case, now: Circumstances) -> str | None:
    """What those asked said since the draft was made may carry it no more (Arts. 15, 32)."""
    if case.draft is None or not third_parties(case):
        return None
    kept = [kept_of(part) for part in case.draft.pieces if for_third_party(part)]
    return next((reason for it in kept for reason in unfounded(it, case, now)), None)


def _plainly_private(it: Withheld, case: Case) -> bool:
    """Nobody was asked, and what is written names identity numbers, addresses, telephones alone."""
    if it.redaction or third_parties(case):
        return False
    return PRIVATE.search(it.words) is not None and TRADE.search(it.words) is None


def _not_carried(named: list[Opinion], now: Circumstances) -> Iterator[str]:
    for one in named:
        if awaited(one, now.today, now.law):
            yield _not_heard([one], now)
        elif not carries(one):
            yield _no_ground(one)


def _nobody_carries(it: Withheld, case: Case, now: Circumstances) -> Iterator[str]:
    """The same where nobody is named: one at least must carry it, and nobody's item be carried
    along by another's objection.
    """
    asked = third_parties(case)
    waiting = [one for one in asked if awaited(one, now.today, now.law)]
    against = [one for one in asked if one not in waiting and carries(one)]
    if not against:
        yield _not_heard(waiting, now) if waiting else _no_ground(asked[0])
        return
    if not it.whole:
        return
    about_some = any(speaks_of(it.words, one) for one in asked)
    for one in asked:
        elsewhere = about_some and not speaks_of(it.words, one)
        same = any(one.information.strip() == other.information.strip() for other in against)
        if one not in waiting and not carries(one) and not elsewhere and not same:
            yield f"{_no_ground(one)}；其余部分不予公开的，请部分公开或者分项答复"


def _no_ground(one: Opinion) -> str:
    what = f"{one.name}就“{one.information}”"
    if one.view == "agree":
        return (
            f"第三方同意公开的，不能再以保护其合法权益为由不予公开：{what}同意公开（条例第十五条）"
        )
    return (
        f"第三方不同意公开的理由不合理的，不能以保护其合法权益为由不予公开：{what}提出的理由"
        "已认定不合理或者没有说明（条例第三十二条）"
    )


def _not_heard(waiting: list[Opinion], now: Circumstances) -> str:
    if one := next((one for one in waiting if one.delivered_on is None), None):
        return (
            f"向{one.name}发出的征求意见书尚未登记送达，未送达的视为尚未征求，不能据此决定；"
            "无法送达的，请登记退回和已经采取的措施（条例第三十二条）"
        )
    until = "、".join(str(lapse_of(one, now.law)) for one in waiting)
    return f"第三方意见尚未收到，期限至{until}，届满前不能据此决定（条例第三十二条）"


def agreed_in_part(it: Withheld, case: Case) -> list[Opinion]:
    """Third parties who agree to a part of what is kept as a whole: why all of it? (Arts. 32, 37)."""
    if not it.whole:
        return []
    part = Part("", THIRD_PARTY, {"information": it.words, "protected": it.named})
    return [one for one in protected(case, part) if one.view == "partly"]


# ── what each consultation still lacks ─────────────────────────────────────────────────────────


def lacking(case: Case, now: Circumstances) -> Iterator[str]:
    """What each consultation still lacks before a decision may rest on it, for the officer."""
    out = {one.ref for one in let_out(case)}
    told = {one.ref for one in case.told}
    for one in case.opinions:
        if asked_again(case, one):
            continue
        if words := _lacks(one, one.ref in out, one.ref in told, now):
            yield f"{one.name}：{words}"


def _lacks(one: Opinion, out: bool, told: bool, now: Circumstances) -> str:
    third = one.party == "third_party"
    if one.answered_on is None and one.delivered_on is None and not one.unreachable:
        return "未登记送达，视为尚未征求，意见期限不起算；请登记送达，退回的登记退回"
    if awaited(one, now.today, now.law):
        ends = lapse_of(one, now.law)
        return f"未答复，期限至{ends}，届满前不能决定公开" if ends else "未答复，请催办"
    if not third and one.view in OBJECTING and one.reasonable != "no":
        return "不同意公开，尚待协商、确认，或者登记对其理由的判断"
    if not third or not not_agreeing(one) or told:
        return ""
    if out:
        return "没有同意，答复公开其信息：发出前应当书面告知"
    if one.unreachable and one.answered_on is None:
        return "无法联系，没有同意：公开的，须有重大公共利益并先书面告知"
    if one.reasonable == "no":
        return "理由不合理，不能据以不予公开；公开的，发出前先书面告知"
    return "理由合理，不予公开；为重大公共利益公开的，发出前先书面告知"
