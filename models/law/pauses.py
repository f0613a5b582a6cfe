"""How long does a consultation stop the count? From sending to answer or lapse (Arts. 32-34)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from models.law.statute import Statute
from models.law.workdays import DAY, Reach, written

Party = Literal["third_party", "other_agency", "joint_agency"]

PARTY_LABEL: dict[Party, str] = {
    "third_party": "第三方",
    "other_agency": "其他机关",
    "joint_agency": "共同制作机关",
}

SILENCE: dict[Party, str] = {
    "third_party": "由本机关依照条例决定是否公开（条例第三十二条）",
    "other_agency": "由本机关依照条例决定是否公开",
    "joint_agency": "视为同意公开（条例第三十四条）",
}


@dataclass
class Consultation:
    """One letter that asks for an opinion; `ref` names it, `answered` None = no answer yet.

    delivered = the day the party had it, from which its 15 working days run; closed = the day our own
    reply went out, if it was not waited for any more.
    """

    ref: str
    party: Party
    sent: date
    delivered: date | None = None
    answered: date | None = None
    closed: date | None = None


@dataclass(frozen=True)
class Waited:
    """The days (begin, end] that a fee or a correction was waited for, where that restarts nothing."""

    label: str
    begin: date
    end: date


@dataclass(frozen=True)
class Pause:
    """The days (begin, end] that consultations in a row or side by side take: counted once.

    sent = the first letter; open = the last of them may still be answered, and end is its lapse;
    waiting = of each of those asked, whether its answer may still come; waited = waits among them.
    """

    sent: date
    begin: date
    end: date
    asked: tuple[Consultation, ...]
    open: bool
    waiting: tuple[bool, ...]
    waited: tuple[Waited, ...] = ()

    @property
    def movable(self) -> bool:
        """Whether its end can still move: an answer may come, or a delivery be recorded."""
        open_ended = (
            one.answered is None and one.delivered is None and one.closed is None
            for one in self.asked
        )
        return any(self.waiting) or any(open_ended)

    def joined(self, other: Pause) -> Pause:
        """Both as one pause: their union, never their sum."""
        end = max(self.end, other.end)
        still = any(one.open for one in (self, other) if one.end == end)
        asked, waiting = (*self.asked, *other.asked), (*self.waiting, *other.waiting)
        waited = (*self.waited, *other.waited)
        return replace(self, end=end, asked=asked, open=still, waiting=waiting, waited=waited)


def consultation_lapse(sent: date, delivered: date | None, law: Statute) -> date:
    """The last day for an opinion: 15 working days from delivery (Arts. 32, 34).

    The earliest that it may be: from then on our own limit runs again.
    """
    from_day = delivered or sent
    return law.calendar.reach(from_day, law.period("consultation", from_day).days).day


def lapse(one: Consultation, law: Statute) -> Reach:
    """The same for whoever is asked, the latest that it may be: the time is not over before."""
    from_day = one.delivered or one.sent
    return law.calendar.latest(from_day, law.period("consultation", from_day).days)


def lapses(one: Consultation, law: Statute) -> bool:
    """Whether the time for the opinion is limited; for other agencies a choice of practice.toml."""
    return one.party != "other_agency" or law.choice("other_agency_lapse", one.sent) != (
        "until_answer"
    )


def consultation_end(one: Consultation, law: Statute) -> date:
    """The day the consultation ends: the answer, our own reply, at the latest the lapse (32-34)."""
    over = min((day for day in (one.answered, one.closed) if day), default=None)
    if over and not lapses(one, law):
        return over
    lapse = consultation_lapse(one.sent, one.delivered, law)
    return min(over, lapse) if over else lapse


def pauses(
    asked: Iterable[Consultation],
    start: date,
    seen: date,
    law: Statute,
    waits: Iterable[Waited] = (),
) -> list[Pause]:
    """The consultations of a run that began on `start` as disjoint pauses, earliest first.

    seen = the latest day the history tells of: what has lapsed before it is over; waits = what
    pauses like a consultation besides
    """
    single = [_pause(one, start, seen, law) for one in asked if not _unproved(one, law)]
    single += [Pause(one.begin, one.begin, one.end, (), False, (), (one,)) for one in waits]
    found: list[Pause] = []
    for pause in sorted(single, key=lambda pause: pause.sent):
        if found and pause.begin <= found[-1].end:
            found[-1] = found[-1].joined(pause)
        else:
            found.append(pause)
    return found


def _pause(one: Consultation, start: date, seen: date, law: Statute) -> Pause:
    over = one.answered or one.closed
    waiting = over is None and (not lapses(one, law) or seen <= lapse(one, law).day)
    begin, end = _uncounted(one, consultation_end(one, law), law)
    return Pause(one.sent, max(begin, start), max(end, start), (one,), waiting, (waiting,))


def _unproved(one: Consultation, law: Statute) -> bool:
    """Neither delivered nor answered, where that excludes no time (practice.toml)."""
    if one.delivered or one.answered:
        return False
    return law.choice("undelivered_letter", one.sent) == "nothing"


def _uncounted(one: Consultation, ends: date, law: Statute) -> tuple[date, date]:
    """(begin, end]: which of the days at its ends count is a choice of practice.toml."""
    if law.choice("pause_boundary", one.sent) == "after_sending":
        return one.sent, ends
    lapsed = ends not in (one.answered, one.closed)
    whole = lapsed and law.choice("lapse_day", one.sent) == "not_counted"
    return one.sent - DAY, ends if whole else ends - DAY


def told(pause: Pause, law: Statute) -> str:
    """Whose opinion was asked for, and how each of them ended, for the officer."""
    waits = "；".join(f"{one.label}，等待至{written(one.end)}" for one in pause.waited)
    if not pause.asked:
        return waits
    asked = _told_of(pause, law)
    return f"{asked}；{waits}" if waits else asked


def _told_of(pause: Pause, law: Statute) -> str:
    parties = "、".join(dict.fromkeys(PARTY_LABEL[one.party] for one in pause.asked))
    if len(pause.asked) == 1:
        return f"征求{parties}意见，{_ending(pause.asked[0], pause.open, law)}"
    each = "；".join(
        f"{PARTY_LABEL[one.party]}（{written(one.sent)}发出）{_ending(one, waiting, law)}"
        for one, waiting in zip(pause.asked, pause.waiting, strict=True)
    )
    return f"征求{parties}意见（{len(pause.asked)}次，重叠的时间只扣除一次）：{each}"


def _ending(one: Consultation, waiting: bool, law: Statute) -> str:
    """How one consultation ended, by its own rule and at its own time (Arts. 32, 34; practice)."""
    end = consultation_end(one, law)
    if waiting:
        return f"尚未答复，暂计至意见期限届满之日（{written(end)}）"
    if end == one.answered:
        return f"{written(end)}收到答复"
    if end == one.closed:
        return f"至{written(end)}答复申请人时尚未答复，不再等待"
    ours = (
        f"（{law.practice('other_agency_lapse', one.sent)}）" if one.party == "other_agency" else ""
    )
    return f"意见期限至{lapse(one, law).written}届满{ours}，逾期未答复的，{SILENCE[one.party]}"


def doubts(pause: Pause, law: Statute) -> list[str]:
    """What the officer must know of a pause: no proof of delivery, or an end not yet known."""
    found = []
    for one in pause.asked:
        ends = consultation_lapse(one.sent, one.delivered, law)
        over = one.answered or one.closed
        if one.delivered is None and (over is None or over > ends):
            found.append(
                f"{written(one.sent)}发出的征求{PARTY_LABEL[one.party]}意见书未登记送达日期，"
                f"意见期限按发出当日送达计算（{law.practice('undelivered_letter', one.sent)}）"
            )
    if pause.open:
        found.append("征求意见尚未结束，最后期限按意见期限届满暂计，收到答复后重新计算")
    return found
