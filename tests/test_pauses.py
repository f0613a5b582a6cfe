"""What stops the count for a time has a cause of its own: the law may find another than an opinion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar, Self

import pytest

from models.errors import ImpossibleHistory
from models.law.clock_events import BEGUN_BY, ClockEvent
from models.law.consultation import Consultation
from models.law.dated_rows import Book
from models.law.deadline import Deadline, deadline
from models.law.pauses import Decided, OpenCause, Waited, pauses, told
from models.law.statute import Statute
from models.law.statute_files import load
from models.law.workdays import written

CONFIG = Path(__file__).parents[1] / "config"
LAW = load(CONFIG)
DAY = timedelta(days=1)


@dataclass
class Appraisal(OpenCause):
    """A cause of no law yet: the information is with experts until they report, at most 5 days."""

    name: ClassVar[str] = "专家评审"
    time: ClassVar[str] = "评审期间"
    begun: ClassVar[str] = "送审"
    unended: ClassVar[str] = "专家评审尚未结束，届满日按评审5日暂计"
    at_last: ClassVar[str] = "在届满日送审，没有剩余的工作日：收到评审报告之日即须答复申请人"
    ended_by: ClassVar[str] = "appraised"

    ref: str
    sent: date
    answered: date | None = None
    closed: date | None = None

    @classmethod
    def of(cls, event: ClockEvent) -> Self:
        if not event.ref:
            raise ImpossibleHistory(f"{event.on} 送专家评审应写明编号 ref")
        return cls(event.ref, event.on)

    def _end(self) -> date:
        return min(filter(None, (self.answered, self.closed, self.sent + 5 * DAY)))

    def days(self, law: Statute) -> tuple[date, date]:
        return self.sent, self._end()

    def waiting(self, seen: date, law: Statute) -> bool:
        return self.answered is None and self.closed is None and seen <= self._end()

    def goes_on(self, article: str, on: date, law: Statute) -> Decided:
        return Decided(True, "评审办法第五条")

    def puts_off(self, told_on: date, law: Statute) -> Decided:
        return Decided(True, "评审办法第六条")

    def open_after(self, on: date, law: Statute) -> bool:
        return self._end() > on

    def told(self, waiting: bool, law: Statute) -> str:
        how = "尚未报告" if waiting else f"至{written(self._end())}"
        return f"专家评审（{written(self.sent)}送审），{how}"


@pytest.fixture
def law(monkeypatch: pytest.MonkeyPatch) -> Statute:
    """The law as if it knew of an appraisal by experts: two rows of clock.toml and its class."""
    monkeypatch.setitem(BEGUN_BY, "appraisal_begun", Appraisal)
    paused = LAW.clock.on("consultation_started", date(2026, 3, 2))
    ended = LAW.clock.on("consultation_ended", date(2026, 3, 2))
    begun = paused.model_copy(update={"kind": "appraisal_begun", "label": "送专家评审"})
    over = ended.model_copy(update={"kind": "appraised", "label": "收到评审报告"})
    return replace(LAW, clock=Book([*LAW.clock.rows, begun, over]))


def on(month: int, day: int) -> date:
    return date(2026, month, day)


def said(found: Deadline) -> str:
    return "\n".join([*(step.why for step in found.steps), *found.warnings])


RECEIVED = ClockEvent("received", on(3, 2))  # the twentieth working day: 30 March


def sent(day: date, ref: str = "1") -> ClockEvent:
    return ClockEvent("appraisal_begun", day, ref=ref)


def asked(day: date, ref: str = "1") -> ClockEvent:
    return ClockEvent("consultation_started", day, party="third_party", ref=ref, delivered_on=day)


def test_a_cause_of_its_own_is_told_in_its_own_words(law: Statute) -> None:
    events = [RECEIVED, sent(on(3, 9)), ClockEvent("appraised", on(3, 12), ref="1")]
    found = deadline(events, law)
    assert (found.last_day, found.movable) == (on(4, 2), False)  # 10, 11, 12 March are not counted
    assert "专家评审（2026年3月9日送审），至2026年3月12日，所需的3个工作日不计入期限" in said(found)
    assert "自专家评审结束次日起，剩余的15个工作日届满" in said(found)
    assert "征求" not in said(found)
    assert "意见" not in said(found)


def test_beside_a_consultation_its_days_are_counted_once_and_each_is_named(law: Statute) -> None:
    """The opinion takes (10, 16] March, the experts (9, 12]: five working days, not seven."""
    ends = [
        ClockEvent("appraised", on(3, 12), ref="1"),
        ClockEvent("consultation_ended", on(3, 16), ref="1"),
    ]
    found = deadline([RECEIVED, sent(on(3, 9)), asked(on(3, 10)), *ends], law)
    assert found.last_day == on(4, 7)  # 4 to 6 April: a holiday
    both = "专家评审（2026年3月9日送审），至2026年3月12日；征求第三方意见，2026年3月16日收到答复"
    assert both in said(found)
    assert "自专家评审、征求意见结束次日起" in said(found)


@pytest.mark.parametrize(
    ("begun", "last", "words"),
    [
        (on(3, 27), on(4, 2), "专家评审尚未结束，届满日按评审5日暂计"),
        (on(3, 30), on(4, 7), "在届满日送审，没有剩余的工作日：收到评审报告之日即须答复申请人"),
        (on(3, 30), on(4, 7), "评审期间结束之日是休息日"),  # 4 April, a holiday until the 6th
        (on(3, 31), on(3, 30), "2026年3月31日专家评审时答复期限已于2026年3月30日届满，不再扣除"),
    ],
)
def test_a_cause_whose_end_nobody_knows_says_so_itself(
    begun: date, last: date, words: str, law: Statute
) -> None:
    found = deadline([RECEIVED, sent(begun)], law)
    assert (found.last_day, found.movable) == (last, begun <= on(3, 30))
    assert words in said(found)
    assert "征求" not in said(found)


def test_open_when_the_count_restarts_it_is_called_by_its_name(law: Statute) -> None:
    corrected = [ClockEvent("correction_requested", on(3, 5), days=10),
                 ClockEvent("corrected", on(3, 6))]  # fmt: skip
    words = said(deadline([RECEIVED, sent(on(3, 4)), *corrected], law))
    assert "收到补正材料时专家评审（2026年3月4日送审）尚未结束" in words
    assert "其后等待答复的时间继续不计入期限（评审办法第五条）" in words
    assert "征求" not in words
    both = said(deadline([RECEIVED, sent(on(3, 4)), asked(on(3, 4)), *corrected], law))
    assert "时专家评审（2026年3月4日送审）尚未结束" in both
    assert "时征求第三方（2026年3月4日发出）意见尚未结束：其后等待答复的时间不再扣除" in both


def test_after_a_later_day_was_told_it_says_by_what_it_puts_that_off(law: Statute) -> None:
    told_on = ClockEvent("deferred", on(3, 20), until=on(4, 10))
    for since, last in (([], on(4, 10)), ([sent(on(3, 23))], on(4, 16))):
        found = deadline([RECEIVED, told_on, *since], law)
        assert found.last_day == last  # 24 to 27 March are not counted: four working days more
        assert ("其后又专家评审（评审办法第六条）" in said(found)) is bool(since)


def test_two_kinds_may_bear_the_same_reference_and_each_is_ended_by_its_own(law: Statute) -> None:
    events = [RECEIVED, asked(on(3, 9)), sent(on(3, 9)),
              ClockEvent("appraised", on(3, 12), ref="1")]  # fmt: skip
    assert "尚未答复，暂计至意见期限届满之日" in said(deadline(events, law))
    with pytest.raises(
        ImpossibleHistory, match="收到评审报告，但没有编号 ref 为“1”、尚待答复的专家评审"
    ):
        deadline([*events, ClockEvent("appraised", on(3, 13), ref="1")], law)
    with pytest.raises(ImpossibleHistory, match="送专家评审，编号 ref“1”重复"):
        deadline([RECEIVED, sent(on(3, 9)), sent(on(3, 10))], law)
    with pytest.raises(ImpossibleHistory, match="送专家评审应写明编号 ref"):
        deadline([RECEIVED, sent(on(3, 9), ref="")], law)


def test_a_wait_beside_it_is_one_pause_with_it(law: Statute) -> None:
    begun = Appraisal("1", on(3, 9), answered=on(3, 12))
    wait = Waited("送达收费通知", on(3, 11), on(3, 17))
    apart = Waited("送达收费通知", on(3, 20), on(3, 23))
    first, second = pauses([wait, begun, apart], on(3, 2), on(3, 23), law)
    assert (first.begin, first.end) == (on(3, 9), on(3, 17))
    assert told(first, law) == (
        "专家评审（2026年3月9日送审），至2026年3月12日；送达收费通知，等待至2026年3月17日"
    )
    assert (second.name, second.time) == ("等待", "等待期间")


def test_every_event_that_pauses_has_its_cause_and_every_cause_the_event_that_ends_it() -> None:
    by_effect = {
        effect: {kind for kind in LAW.clock if LAW.clock[kind].effect == effect}
        for effect in ("pause", "resume")
    }
    assert BEGUN_BY.keys() == by_effect["pause"]
    assert {cause.ended_by for cause in BEGUN_BY.values()} == by_effect["resume"]
    assert BEGUN_BY["consultation_started"] is Consultation
