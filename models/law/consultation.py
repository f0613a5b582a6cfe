"""How long does a consultation stop the count? From sending to answer or lapse (Arts. 32-34)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from models.errors import ImpossibleHistory
from models.law.pauses import Decided, OpenCause
from models.law.statute import Statute
from models.law.workdays import DAY, Reach, written
from models.words.sentence import Sentence

if TYPE_CHECKING:
    from models.law.clock_events import ClockEvent

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


@dataclass(slots=True, unsafe_hash=True)
class Consultation(OpenCause):
    """One letter that asks for an opinion; `ref` names it, `answered` None = no answer yet.

    delivered = the day the party had it, from which its 15 working days run
    """

    name: ClassVar[str] = "征求意见"
    time: ClassVar[str] = "意见期间"
    begun: ClassVar[str] = "发出"
    unended: ClassVar[str] = "征求意见尚未结束，届满日按意见期限届满暂计，收到答复后重新计算"
    at_last: ClassVar[str] = "征求意见书在届满日发出，没有剩余的工作日：收到答复之日即须答复申请人"
    ended_by: ClassVar[str] = "consultation_ended"

    ref: str
    party: Party
    sent: date
    delivered: date | None = None
    answered: date | None = None
    closed: date | None = None

    @classmethod
    def of(cls, event: ClockEvent) -> Self:
        on, party, ref, delivered = event.on, event.party, event.ref, event.delivered_on
        if party is None:
            known = "、".join(PARTY_LABEL)
            raise ImpossibleHistory(f"{on} 征求意见应写明对象 party：{known}")
        if not ref:
            raise ImpossibleHistory(f"{on} 征求意见应写明编号 ref，收到的意见以此对应")
        if delivered is not None and delivered < on:
            raise ImpossibleHistory(f"征求意见书送达日期 {delivered} 早于发出日期 {on}")
        return cls(ref, party, on, delivered)

    def ending(self, answered: date | None, closed: date | None) -> Self:
        return type(self)(self.ref, self.party, self.sent, self.delivered, answered, closed)

    def days(self, law: Statute) -> tuple[date, date] | None:
        """Which of the days at its ends count, and whether a letter counts that nobody can show to
        have arrived, are choices of practice.toml.
        """
        if not (self.delivered or self.answered) and (
            law.choice("undelivered_letter", self.sent) == "nothing"
        ):
            return None
        ends = consultation_end(self, law)
        if law.choice("pause_boundary", self.sent) == "after_sending":
            return self.sent, ends
        lapsed = ends not in (self.answered, self.closed)
        whole = lapsed and law.choice("lapse_day", self.sent) == "not_counted"
        return self.sent - DAY, ends if whole else ends - DAY

    def waiting(self, seen: date, law: Statute) -> bool:
        over = self.answered or self.closed
        return over is None and (not lapses(self, law) or seen <= lapse(self, law).day)

    def goes_on(self, article: str, on: date, law: Statute) -> Decided:
        key = "pause_over_payment" if article == "42" else "pause_over_correction"
        return Decided(law.choice(key, on) == "not_counted", law.practice(key, on))

    def puts_off(self, told_on: date, law: Statute) -> Decided:
        key = "consultation_after_deferral"
        return Decided(law.choice(key, told_on) != "fixed", law.practice(key, told_on))

    def open_after(self, on: date, law: Statute) -> bool:
        return not lapses(self, law) or lapse(self, law).day > on

    @property
    def movable(self) -> bool:
        return self.answered is None and self.delivered is None and self.closed is None

    def told(self, waiting: bool, law: Statute) -> str:
        return f"征求{PARTY_LABEL[self.party]}意见，{self._ending(waiting, law)}"

    @classmethod
    def told_together(cls, each: Sequence[tuple[Self, bool]], law: Statute) -> str:
        if len(each) == 1:  # beside causes of another kind
            return each[0][0].told(each[0][1], law)
        parties = "、".join(dict.fromkeys(PARTY_LABEL[one.party] for one, _ in each))
        ends = "；".join(
            f"{PARTY_LABEL[one.party]}（{written(one.sent)}发出）{one._ending(waiting, law)}"
            for one, waiting in each
        )
        return f"征求{parties}意见（{len(each)}次，重叠的时间只扣除一次）：{ends}"

    @classmethod
    def called(cls, ones: Sequence[Self]) -> str:
        each = (f"{PARTY_LABEL[one.party]}（{written(one.sent)}发出）" for one in ones)
        return f"征求{'、'.join(each)}意见"

    def _ending(self, waiting: bool, law: Statute) -> str:
        """How it ended, by its own rule and at its own time (Arts. 32, 34; practice)."""
        end = consultation_end(self, law)
        if waiting:
            return f"尚未答复，暂计至意见期限届满之日（{written(end)}）"
        if end == self.answered:
            return f"{written(end)}收到答复"
        if end == self.closed:
            return f"至{written(end)}答复申请人时尚未答复，不再等待"
        agency = self.party == "other_agency"
        ours = f"（{law.practice('other_agency_lapse', self.sent)}）" if agency else ""
        return (
            f"意见期限至{lapse(self, law).written}届满{ours}，逾期未答复的，{SILENCE[self.party]}"
        )

    def doubts(self, law: Statute) -> list[Sentence]:
        if self.delivered is not None:
            return []
        over = self.answered or self.closed
        if over is not None and over <= consultation_lapse(self.sent, None, law):
            return []
        return [Sentence(self._undelivered, law)]

    def _undelivered(self, law: Statute) -> str:
        return (
            f"{written(self.sent)}发出的征求{PARTY_LABEL[self.party]}意见书未登记送达日期，"
            f"意见期限按发出当日送达计算（{law.practice('undelivered_letter', self.sent)}）"
        )


def consultation_lapse(sent: date, delivered: date | None, law: Statute) -> date:
    """The last day for an opinion: 15 working days from delivery (Arts. 32, 34).

    The earliest that it may be: from then on our own limit runs again.
    """
    from_day = delivered or sent
    return law.calendar.last(from_day, law.period("consultation", from_day).days)


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
    over = one.answered or one.closed
    if one.answered and one.closed:
        over = min(one.answered, one.closed)
    if over and not lapses(one, law):
        return over
    lapse = consultation_lapse(one.sent, one.delivered, law)
    return min(over, lapse) if over else lapse
