"""The statutory limit for the reply: events + calendar + rules in force → last day, with its steps.

Articles 30 (correction restarts), 32-34 (consultation pauses), 33 (20 working days, one extension)
and 42 (fee stops, payment restarts) of the 条例. Never stored: always computed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

from models.errors import ImpossibleHistory
from models.statute import Statute
from models.workdays import Calendar

Party = Literal["third_party", "other_agency", "joint_agency"]

PARTY_LABEL: dict[Party, str] = {
    "third_party": "第三方",
    "other_agency": "其他机关",
    "joint_agency": "共同制作机关",
}


@dataclass(frozen=True)
class ClockEvent:
    """One event that the clock knows (kinds: config/statute/clock.toml), on its legal date."""

    kind: str
    on: date
    days: int | None = None
    party: Party | None = None
    ref: str = ""
    delivered_on: date | None = None


@dataclass(frozen=True)
class Step:
    """One leg of the computation: working days counted from `start` (exclusive) to `end`."""

    article: str
    start: date
    end: date
    working_days: int
    skipped: tuple[date, ...]
    why: str


@dataclass(frozen=True)
class Deadline:
    """The last day for the reply, or why there is none just now.

    last_day     None while suspended (waiting for a correction or a payment)
    provisional  the calendar of a year it reaches into is not published: safe side, 暂定
    replied_on   the day the reply was sent; timely says whether it was in time
    """

    last_day: date | None
    provisional: bool
    suspended: bool
    steps: tuple[Step, ...]
    warnings: tuple[str, ...]
    replied_on: date | None = None

    @property
    def timely(self) -> bool | None:
        """Whether the reply was sent in time; None while it is owed or cannot be judged."""
        if self.replied_on is None or self.last_day is None:
            return None
        return self.replied_on <= self.last_day


@dataclass
class _Consultation:
    """A consultation: the time from sending to the answer or lapse is not counted (Art. 33)."""

    sent: date
    party: Party
    delivered: date | None
    answered: date | None = None


@dataclass
class _Run:
    """One run of the clock: from receipt, from the corrected application or from payment."""

    start: date
    why: str
    article: str
    consultations: dict[str, _Consultation] = field(default_factory=dict)
    extension: tuple[date, int] | None = None


@dataclass
class _Clock:
    """Where the clock stands while the history is read."""

    run: _Run
    halted: str = ""
    correction_open: bool = False
    fee_open: bool = False
    corrections: int = 0
    steps: list[Step] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    replied_on: date | None = None


def deadline(events: Sequence[ClockEvent], law: Statute) -> Deadline:
    """The limit for the reply after these events, in order of date (Arts. 30-34, 42).

    Raises ImpossibleHistory for an order of events that cannot be, CalendarNotPublished when
    even a safe-side answer would be a guess, NoRuleInForce for a day before the rules held.
    """
    clock = _start(events, law)
    previous = clock.run.start
    for event in events[1:]:
        if event.on < previous:
            raise ImpossibleHistory(f"事件应按日期先后排列：{event.on} 早于 {previous}")
        previous = event.on
        if clock.replied_on is not None:
            raise ImpossibleHistory(f"{clock.replied_on} 已经答复，之后不应再有事件")
        _read(clock, event, law)
    return _conclude(clock, law)


def _start(events: Sequence[ClockEvent], law: Statute) -> _Clock:
    if not events or law.clock.get(events[0].kind) is None:
        raise ImpossibleHistory("第一个事件应为 received（收到申请）")
    first = events[0]
    if law.clock[first.kind].effect != "start":
        raise ImpossibleHistory(f"第一个事件应为 received（收到申请），而不是 {first.kind}")
    return _Clock(_Run(first.on, "收到申请", law.clock[first.kind].article))


def _read(clock: _Clock, event: ClockEvent, law: Statute) -> None:
    """Take in one event: what it does is its effect in clock.toml."""
    rule = law.clock.get(event.kind)
    if rule is None:
        raise ImpossibleHistory(f"没有名为 {event.kind} 的事件；可用：{'、'.join(law.clock)}")
    if clock.halted and rule.effect not in ("restart", "resume", "stop"):
        raise ImpossibleHistory(f"{clock.halted}期间不应有“{rule.label}”（{event.on}）")
    match rule.effect:
        case "start":
            raise ImpossibleHistory(f"收到申请只能有一次（{event.on}）")
        case "halt":
            _halt(clock, event, law)
        case "restart":
            _restart(clock, event, law)
        case "pause":
            _pause(clock, event)
        case "resume":
            _resume(clock, event)
        case "add":
            _extend(clock, event, law)
        case "stop":
            clock.replied_on = event.on


def _halt(clock: _Clock, event: ClockEvent, law: Statute) -> None:
    """Correction asked (Art. 30) or fee noticed (Art. 42): no limit runs until the answer."""
    if event.kind == "fee_noticed":
        clock.fee_open = True
        clock.halted = "等待缴费"
        due = law.calendar.reach(event.on, law.period("fee_payment", event.on).days).day
        clock.steps.append(
            Step("42", event.on, event.on, 0, (), f"送达收费通知，期限停止计算；应于{due}前缴费")
        )
        return
    if clock.corrections:
        raise ImpossibleHistory(f"补正只能一次性告知（条例第三十条），{event.on} 不得再次要求补正")
    clock.corrections += 1
    clock.correction_open = True
    notice = law.period("correction_notice", clock.run.start)
    latest = law.calendar.reach(clock.run.start, notice.days).day
    late = event.on > latest
    if late:
        clock.warnings.append(
            f"补正告知晚于收到之日起第{notice.days}个工作日（{latest}），程序有瑕疵（条例第三十条）"
        )
    if late and law.choice("late_correction_notice", event.on) == "no_restart":
        clock.warnings.append("迟延告知补正的，答复期限不停止、不重新计算（practice.toml）")
        return
    clock.halted = "等待补正"
    allowed = ""
    if event.days is not None:
        allowed = (
            f"，补正期限{event.days}个工作日，至{law.calendar.reach(event.on, event.days).day}"
        )
    clock.steps.append(Step("30", event.on, event.on, 0, (), f"告知补正，期限停止计算{allowed}"))


def _restart(clock: _Clock, event: ClockEvent, law: Statute) -> None:
    """Corrected application received (Art. 30) or fee paid: the limit is counted afresh."""
    label = law.clock[event.kind].label
    is_payment = event.kind == "fee_paid"
    if not (clock.fee_open if is_payment else clock.correction_open):
        cause = "收费通知" if is_payment else "补正告知"
        raise ImpossibleHistory(f"{event.on} {label}之前没有{cause}")
    if is_payment:
        clock.fee_open = False
    else:
        clock.correction_open = False
    if clock.halted:
        clock.halted = ""
        clock.run = _Run(event.on, label, law.clock[event.kind].article)


def _pause(clock: _Clock, event: ClockEvent) -> None:
    if event.party is None:
        raise ImpossibleHistory(f"{event.on} 征求意见应写明对象 party：{'、'.join(PARTY_LABEL)}")
    if event.ref in clock.run.consultations:
        raise ImpossibleHistory(f"{event.on} 征求意见的编号 ref“{event.ref}”重复")
    if event.delivered_on is not None and event.delivered_on < event.on:
        raise ImpossibleHistory(f"征求意见书送达日期 {event.delivered_on} 早于发出日期 {event.on}")
    clock.run.consultations[event.ref] = _Consultation(event.on, event.party, event.delivered_on)


def _resume(clock: _Clock, event: ClockEvent) -> None:
    consultation = clock.run.consultations.get(event.ref)
    if consultation is None:
        if clock.steps and clock.run.start <= event.on and clock.run.article in ("30", "42"):
            return  # asked before the restart; its pause fell away with the old run
        raise ImpossibleHistory(f"{event.on} 收到意见，但没有编号 ref 为“{event.ref}”的征求意见")
    if consultation.answered is not None:
        raise ImpossibleHistory(f"{event.on} 编号 ref 为“{event.ref}”的征求意见已经结束")
    consultation.answered = event.on


def _extend(clock: _Clock, event: ClockEvent, law: Statute) -> None:
    """An extension (Art. 33): once, at most 20 working days, told before the running limit ends."""
    most = law.period("extension", event.on).days
    if event.days is None or not 1 <= event.days <= most:
        raise ImpossibleHistory(f"延长答复期限应为1至{most}个工作日，而不是 {event.days}")
    if clock.run.extension is not None:
        raise ImpossibleHistory(f"答复期限只能延长一次（条例第三十三条），{event.on} 不得再次延长")
    limit = _count(clock.run, law)
    if limit.last_day is not None and event.on > limit.last_day:
        clock.warnings.append(
            f"{event.on} 告知延期时答复期限已于{limit.last_day}届满，延期无效（条例第三十三条）"
        )
        return
    clock.run.extension = (event.on, event.days)


def _conclude(clock: _Clock, law: Statute) -> Deadline:
    if clock.halted:
        return Deadline(
            None, False, True, tuple(clock.steps), tuple(clock.warnings), clock.replied_on
        )
    answer = _count(clock.run, law)
    warnings = [*clock.warnings, *answer.warnings]
    if clock.replied_on is not None and answer.last_day and clock.replied_on > answer.last_day:
        warnings.append(f"答复于{clock.replied_on}送出，晚于最后期限{answer.last_day}")
    if answer.provisional:
        warnings.append(
            f"期限跨入尚未公布放假安排的年份，{answer.last_day} 为暂定，只会推后、不会提前"
        )
    steps = (*clock.steps, *answer.steps)
    return replace(answer, steps=steps, warnings=tuple(warnings), replied_on=clock.replied_on)


def _count(run: _Run, law: Statute) -> Deadline:
    """Count one run: 20 working days, less what is used before each pause, plus the extension.

    Counting goes from leg to leg, so that only the calendar after the last pause decides;
    overlapping consultations are one pause (union), never added twice.
    """
    calendar = law.calendar
    steps: list[Step] = []
    warnings: list[str] = []
    period = law.period("reply", run.start)
    remaining, cursor, why = period.days, run.start, run.why
    for begin, end, open_end, label in _pauses(run, law, warnings):
        limit = calendar.reach(cursor, remaining).day if remaining else cursor
        if begin > limit:
            warnings.append(f"{begin} 征求{label}意见时答复期限已于{limit}届满，不再扣除")
            break
        used, paused = calendar.used(cursor, begin), calendar.used(begin, end)
        remaining -= used
        done = f"{why}次日起已用{used}个工作日"
        steps.append(_step(calendar, period.article, cursor, begin, used, done))
        until = "（按意见期限届满暂计，提前答复的最后期限相应提前）" if open_end else ""
        free = f"征求{label}意见，{begin}至{end}{until}的{paused}个工作日不计入期限"
        steps.append(_step(calendar, "33", begin, end, paused, free))
        if open_end:
            warnings.append(f"征求{label}意见尚未结束，最后期限按意见期限届满（{end}）暂计")
        # Sent on the very last day, the limit moves along to the last working day of the pause.
        cursor = end if remaining else calendar.last_workday_by(end)
        why = "意见期间结束"
    if run.extension is not None:
        told, days = run.extension
        remaining += days
        steps.append(Step("33", told, told, 0, (), f"告知延长答复期限{days}个工作日"))
    if remaining == 0:
        return Deadline(cursor, False, False, tuple(steps), tuple(warnings))
    reached = calendar.reach(cursor, remaining)
    mark = "（暂定）" if reached.provisional else ""
    last = f"{why}次日起第{remaining}个工作日为答复期限最后一日{mark}"
    steps.append(_step(calendar, period.article, cursor, reached.day, remaining, last))
    return Deadline(reached.day, reached.provisional, False, tuple(steps), tuple(warnings))


def _pauses(run: _Run, law: Statute, warnings: list[str]) -> Iterable[tuple[date, date, bool, str]]:
    """The consultations of a run as disjoint pauses (begin, end], earliest first (Art. 33).

    A pause ends with the answer, at the latest when the 15 working days from delivery are over.
    """
    spans = sorted(_span(one, law, warnings) for one in run.consultations.values())
    merged: list[tuple[date, date, bool, str]] = []
    for begin, end, open_end, label in spans:
        if merged and begin <= merged[-1][1]:
            first, last, was_open, labels = merged[-1]
            joint = labels if label in labels else f"{labels}、{label}"
            open_now = open_end if end > last else was_open if last > end else open_end or was_open
            merged[-1] = (first, max(last, end), open_now, joint)
        else:
            merged.append((begin, end, open_end, label))
    return merged


def _span(one: _Consultation, law: Statute, warnings: list[str]) -> tuple[date, date, bool, str]:
    """One pause (begin, end]: which day is used and which is free is a choice of practice.toml."""
    label = PARTY_LABEL[one.party]
    begin, end, open_end = one.sent, consultation_end(one, law), one.answered is None
    if one.delivered is None:
        warnings.append(f"征求{label}意见书（{one.sent}发出）的送达日期未登记，按发出当日送达计算")
    if law.choice("pause_boundary", one.sent) == "from_sending":
        begin, end = begin - timedelta(days=1), end - timedelta(days=1)
    return begin, end, open_end, label


def consultation_lapse(sent: date, delivered: date | None, law: Statute) -> date:
    """The last day for an opinion: 15 working days from delivery (Arts. 32, 34)."""
    from_day = delivered or sent
    return law.calendar.reach(from_day, law.period("consultation", from_day).days).day


def consultation_end(one: _Consultation, law: Statute) -> date:
    """The day the pause ends: the answer, at the latest the lapse (Arts. 32-34)."""
    lapse = consultation_lapse(one.sent, one.delivered, law)
    if one.answered is None:
        return lapse
    unlimited = law.choice("other_agency_lapse", one.sent) == "until_answer"
    if one.party == "other_agency" and unlimited:
        return one.answered
    return min(one.answered, lapse)


def _step(
    calendar: Calendar, article: str, start: date, end: date, working_days: int, why: str
) -> Step:
    return Step(
        article,
        start,
        end,
        working_days,
        tuple(rest.day for rest in calendar.rest_days(start, end)),
        why,
    )
