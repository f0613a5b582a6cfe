"""The statutory limit for the reply: events + calendar + rules in force → last day, with its steps.

Articles 30 (correction restarts), 32-34 (consultation pauses), 33 (20 working days, one extension),
35 (a later day), 42 (fee stops, payment restarts) and 51 (a new reply is ordered) of the 条例.
Never stored: always computed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from models.consultation import (
    PARTY_LABEL,
    Consultation,
    Party,
    consultation_end,
    consultation_lapse,
)
from models.counting import Run, Step, Walk, others_step, step
from models.errors import ImpossibleHistory
from models.statute import ClockRule, Statute, article_label
from models.workdays import DAY, Reach, written

__all__ = [
    "PARTY_LABEL",
    "ClockEvent",
    "Deadline",
    "Party",
    "Step",
    "consultation_end",
    "consultation_lapse",
    "deadline",
]


@dataclass(frozen=True)
class ClockEvent:
    """One event that the clock knows (kinds: config/statute/clock.toml), on its legal date.

    days          working days allowed, or added
    until         the day named instead of a number of days (Art. 35; a term in calendar days)
    delivered_on  the day the letter reached whoever it is for, if that is not `on`
    moved_by      kinds of events that may move the term of this order by its own words (Art. 51)
    """

    kind: str
    on: date
    days: int | None = None
    party: Party | None = None
    ref: str = ""
    delivered_on: date | None = None
    until: date | None = None
    moved_by: frozenset[str] = frozenset()

    @property
    def sets_term(self) -> bool:
        """Whether an order sets a term of its own; without one the statutory one counts."""
        return self.days is not None or self.until is not None


@dataclass(frozen=True)
class Deadline:
    """The last day for the reply, or why there is none just now.

    last_day     None while suspended (waiting for a correction or a payment)
    provisional  the calendar of a year it reaches into is not published: safe side, 暂定; while
                 suspended, of the time that is waited for
    replied_on   the day the reply was sent; timely says whether it was in time
    extended_on  the day the extension that holds was told; None if there is none, or it fell
    extended_by  its working days, of both where two are allowed (practice.toml)
    allowed      working days that the present run of the limit has: the 20 and the extension
    ordered      set by a court, a review authority or a superior (Art. 51), not by Art. 33
    moved_by     kinds of events that may move an ordered term, by the order's own words
    counted      refs of consultations whose time is counted in the limit all the same
    """

    last_day: date | None
    provisional: bool
    suspended: bool
    steps: tuple[Step, ...]
    warnings: tuple[str, ...]
    replied_on: date | None = None
    extended_on: date | None = None
    extended_by: int = 0
    allowed: int = 0
    ordered: bool = False
    moved_by: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()

    def fixed(self, kind: str) -> bool:
        """Whether the limit is an ordered one that this kind of event cannot move (Art. 51)."""
        return self.ordered and kind not in self.moved_by

    @property
    def timely(self) -> bool | None:
        """Whether the reply was sent in time; None while it is owed or cannot be judged."""
        if self.replied_on is None or self.last_day is None:
            return None
        return self.replied_on <= self.last_day


def deadline(events: Sequence[ClockEvent], law: Statute) -> Deadline:
    """The limit for the reply after these events, in order of date (Arts. 30-34, 42).

    Raises ImpossibleHistory for an order of events that cannot be, CalendarNotPublished when
    even a safe-side answer would be a guess, NoRuleInForce for a day before the rules held.
    """
    clock = _Clock(_first(events, law), law)
    for event in events[1:]:
        clock.read(event)
    return clock.answer()


def _first(events: Sequence[ClockEvent], law: Statute) -> Run:
    kind = events[0].kind if events else ""
    if kind not in law.clock or law.clock[kind].effect != "start":
        instead = f"，而不是 {kind}" if kind else ""
        raise ImpossibleHistory(f"第一个事件应为 received（收到申请）{instead}")
    return Run(events[0].on, law.clock[kind].label)


@dataclass
class _Wait:
    """Waiting for a correction (Art. 30) or a payment (Art. 42), allowed `days` working days.

    stops = no limit runs meanwhile; a notice given too late does not stop it.
    """

    notice: ClockEvent
    label: str
    days: int | None
    stops: bool


class _Clock:
    """The clock as the history is read: what runs, what it waits for, what has been explained."""

    def __init__(self, run: Run, law: Statute) -> None:
        self.run, self.law = run, law
        self.received = self.seen = run.start
        self.waits: dict[str, _Wait] = {}  # by article: 30, 42
        self.corrected_once = False
        self.fallen: list[Consultation] = []
        self.steps: list[Step] = []
        self.warnings: list[str] = []
        self.counted: set[str] = set()
        self.replied_on: date | None = None

    def read(self, event: ClockEvent) -> None:
        """Take in one event: what it does is its effect in clock.toml."""
        if event.on < self.seen:
            raise ImpossibleHistory(f"事件应按日期先后排列：{event.on} 早于 {self.seen}")
        book = self.law.clock
        rule = book.on(event.kind, event.on) if event.kind in book else None
        after = ("reopen", "resume")  # what may still happen once the reply is out
        if self.replied_on is not None and (rule is None or rule.effect not in after):
            raise ImpossibleHistory(f"{self.replied_on} 已经答复，之后不应再有事件")
        if rule is None:
            known = "、".join(self.law.clock)
            raise ImpossibleHistory(f"没有名为 {event.kind} 的事件；可用：{known}")
        stopped = self._stopped()
        if stopped and rule.effect not in ("restart", "resume", "stop", "reopen"):
            raise ImpossibleHistory(
                f"已{stopped.label}，期限停止计算期间不应有“{rule.label}”（{event.on}）"
            )
        self.seen = event.on
        if rule.effect in ("halt", "pause", "add", "defer") and not self._moves(rule):
            self._unmoved(event, rule)
        else:
            self._take(event, rule)

    def _moves(self, rule: ClockRule) -> bool:
        """Whether this kind of event moves the limit that runs (clock.toml; the order's words)."""
        limit = "ordered" if self.run.ordered else "statutory"
        return limit in rule.moves or rule.kind in self.run.moved_by

    def _unmoved(self, event: ClockEvent, rule: ClockRule) -> None:
        """What cannot move an ordered term is noted, and the term stands (Art. 51)."""
        self.warnings.append(
            f"{written(event.on)}{rule.label}，不推迟责令答复的决定所定的期限：该期限不是条例第三十三条"
            "规定的期限，决定也没有写明可以推迟"
        )
        if rule.effect == "pause":
            self._asked(event)
            self.counted.add(event.ref)
            self.fallen.append(self.run.asked.pop())
        elif rule.effect == "halt":
            self.corrected_once = self.corrected_once or rule.article == "30"
            self.waits[rule.article] = _Wait(event, rule.label, event.days, stops=False)

    def _take(self, event: ClockEvent, rule: ClockRule) -> None:
        match rule.effect:
            case "start":
                raise ImpossibleHistory(f"收到申请只能有一次（{event.on}）")
            case "halt" if rule.article == "42":
                self._fee_noticed(event, rule)
            case "halt":
                self._correction_requested(event, rule)
            case "restart":
                self._restart(event, rule)
            case "pause":
                self._asked(event)
            case "resume":
                self._answered(event)
            case "add":
                self._extend(event)
            case "defer":
                self._defer(event)
            case "stop":
                self.replied_on = event.on
            case "reopen":
                self._reopen(event, rule)
                if event.sets_term:
                    self.run.ordered, self.run.moved_by = True, event.moved_by

    def answer(self) -> Deadline:
        """The limit after all that was read."""
        stopped = self._stopped()
        if stopped:
            return self._suspended(stopped)
        walk = self._walk()
        last = walk.finish()
        awaited = self.law.calendar.awaits(self.run.start, max(last, walk.day))
        warnings = [*self.warnings, *walk.warnings]
        if awaited:
            warnings.append(
                f"{'、'.join(map(str, awaited))}年的放假安排尚未公布，"
                f"最后期限{written(last)}为暂定：公布后只会推后，不会提前"
            )
        if self.replied_on is not None and self.replied_on > last:
            limit = f"{'暂定的' if awaited else ''}最后期限{written(last)}"
            warnings.append(f"答复于{written(self.replied_on)}送出，晚于{limit}（条例第三十三条）")
        steps = (*self.steps, *walk.steps)
        return Deadline(
            last,
            bool(awaited),
            False,
            steps,
            tuple(warnings),
            self.replied_on,
            self.run.told_on,
            self.run.added,
            walk.whole + self.run.added,
            self.run.ordered,
            self.run.moved_by,
            frozenset(self.counted),
        )

    def _suspended(self, wait: _Wait) -> Deadline:
        """While a correction or a payment is waited for there is no limit; they have theirs."""
        due, warnings = self._due(wait), list(self.warnings)
        if due and due.provisional:
            warnings.append(
                f"{'、'.join(map(str, due.awaits))}年的放假安排尚未公布，"
                f"所给期限（{written(due.day)}）为暂定：公布后只会提前，不会推后"
            )
        provisional = due is not None and due.provisional
        steps = (*self.steps, self._waiting(wait, due))
        return Deadline(None, provisional, True, steps, tuple(warnings), self.replied_on)

    def _stopped(self) -> _Wait | None:
        return next((wait for wait in self.waits.values() if wait.stops), None)

    def _walk(self, until: date | None = None) -> Walk:
        return Walk(self.run, self.law, self.seen, until)

    def _passed(self, on: date) -> date | None:
        """The last day of the running limit, if it is over."""
        limit = self._walk().limit()
        return limit if on > limit else None

    def _correction_requested(self, event: ClockEvent, rule: ClockRule) -> None:
        """Asked to correct (Art. 30): once, within 7 working days; no limit runs until then."""
        if self.corrected_once:
            raise ImpossibleHistory(
                f"补正只能一次性告知（条例第三十条），{event.on} 不得再次要求补正"
            )
        self.corrected_once = True
        notice = self.law.period("correction_notice", self.received)
        latest = self.law.calendar.reach(self.received, notice.days)
        late = event.on > latest.day
        stops = not late or self.law.choice("late_correction_notice", event.on) == "restart"
        if late:
            effect = "期限仍停止计算" if stops else "期限不停止、不重新计算"
            self.warnings.append(
                f"补正告知（{written(event.on)}）晚于收到之日起第{notice.days}个工作日"
                f"（{latest.written}），程序有瑕疵；{effect}（条例第三十条）"
            )
        self._wait(_Wait(event, rule.label, event.days, stops), rule)

    def _fee_noticed(self, event: ClockEvent, rule: ClockRule) -> None:
        """Told to pay a fee (Art. 42): within the limit; no limit runs until the payment."""
        passed = self._passed(event.on)
        if passed:
            self.warnings.append(
                f"{written(event.on)}送达收费通知时答复期限已于{written(passed)}届满，"
                "期限不停止、不重新计算（条例第四十二条）"
            )
        days = self.law.period("fee_payment", event.on).days
        self._wait(_Wait(event, rule.label, days, not passed), rule)

    def _wait(self, wait: _Wait, rule: ClockRule) -> None:
        self.waits[rule.article] = wait
        if wait.stops:
            walk = self._walk(wait.notice.on)
            walk.use(wait.notice.on)
            self.steps += walk.steps
            self.warnings += walk.warnings

    def _restart(self, event: ClockEvent, rule: ClockRule) -> None:
        """Corrected application received (Art. 30) or fee paid (Art. 42): counted afresh."""
        wait = self.waits.pop(rule.article, None)
        if wait is None:
            cause = "收费通知" if rule.article == "42" else "补正告知"
            raise ImpossibleHistory(f"{event.on} {rule.label}之前没有{cause}")
        due = self._due(wait)
        if due and event.on > due.day:
            self.warnings.append(
                f"{written(event.on)}{rule.label}，已过所给的期限（{written(due.day)}）；"
                f"有正当理由的方可继续办理（{article_label(rule.article)}）"
            )
        if not wait.stops:
            return
        extension = "，此前告知的延期随之失效" if self.run.told_on else ""
        why = f"{wait.label}后期限停止计算，{rule.label}后重新计算{extension}"
        self.steps.append(step(self.law, rule.article, wait.notice.on, event.on, why))
        self.fallen += [one for one in self.run.asked if one.answered is None]
        self.run = Run(event.on, rule.label)

    def _due(self, wait: _Wait) -> Reach | None:
        """The last day of what is waited for, the latest that it may be."""
        had = wait.notice.delivered_on or wait.notice.on
        return self.law.calendar.latest(had, wait.days) if wait.days else None

    def _waiting(self, wait: _Wait, due: Reach | None) -> Step:
        """The step of a correction or payment still waited for."""
        allowed = f"；所给期限{wait.days}个工作日，至{due.written}" if due else ""
        why = f"{wait.label}，期限停止计算{allowed}"
        article = self.law.clock[wait.notice.kind].article
        last = due.day if due else wait.notice.on
        return others_step(self.law, article, wait.notice.on, last, why)

    def _asked(self, event: ClockEvent) -> None:
        """An opinion asked for (Arts. 32-34): the time it takes is not counted."""
        if event.party is None:
            raise ImpossibleHistory(
                f"{event.on} 征求意见应写明对象 party：{'、'.join(PARTY_LABEL)}"
            )
        if self.run.pending(event.ref):
            raise ImpossibleHistory(f"{event.on} 征求意见的编号 ref“{event.ref}”重复")
        if event.delivered_on is not None and event.delivered_on < event.on:
            raise ImpossibleHistory(
                f"征求意见书送达日期 {event.delivered_on} 早于发出日期 {event.on}"
            )
        self.run.asked.append(Consultation(event.ref, event.party, event.on, event.delivered_on))

    def _answered(self, event: ClockEvent) -> None:
        one = self.run.pending(event.ref)
        if one is not None:
            one.answered = event.on
            return
        one = next((each for each in self.fallen if each.ref == event.ref), None)
        if one is None:
            raise ImpossibleHistory(
                f"{event.on} 收到意见，但没有编号 ref 为“{event.ref}”、尚待答复的征求意见"
            )
        self.fallen.remove(one)
        if one.ref in self.counted:
            return
        self.warnings.append(
            f"{written(one.sent)}发出的征求意见早于期限重新计算，其后等待答复的时间不再扣除"
        )

    def _extend(self, event: ClockEvent) -> None:
        """Extended (Art. 33): once, at most 20 working days, told before the limit ends."""
        most = self.law.period("extension", event.on).days
        if event.days is None or not 1 <= event.days <= most:
            raise ImpossibleHistory(f"延长答复期限应为1至{most}个工作日，而不是 {event.days}")
        if self.run.told_on is not None:
            if self.law.choice("second_extension", event.on) == "once":
                raise ImpossibleHistory(
                    f"答复期限只能延长一次（条例第三十三条），{event.on} 不得再次延长"
                )
            if self.run.added + event.days > most:
                raise ImpossibleHistory(f"延长答复期限合计不得超过{most}个工作日（条例第三十三条）")
        passed = self._passed(event.on)
        if passed:
            self.warnings.append(
                f"{written(event.on)}告知延期时答复期限已于{written(passed)}届满，"
                "延期无效（条例第三十三条）"
            )
            return
        self.run.told_on, self.run.added = event.on, self.run.added + event.days

    def _defer(self, event: ClockEvent) -> None:
        """Put off to a reasonable later day (Art. 35), told before the limit ends."""
        if event.until is None or event.until <= event.on:
            raise ImpossibleHistory(
                f"{event.on} 告知延迟答复，应写明其后的答复日期 until（条例第三十五条）"
            )
        passed = self._passed(event.on)
        if passed:
            self.warnings.append(
                f"{written(event.on)}告知延迟答复时答复期限已于{written(passed)}届满，"
                "延迟无效（条例第三十五条）"
            )
            return
        self.run.deferred_on, self.run.until = event.on, event.until

    def _reopen(self, event: ClockEvent, rule: ClockRule) -> None:
        """A reply is owed: ordered (Art. 51), its term counted from receipt of the decision, or
        ours was withdrawn. The term a decision gives, in working days or up to a day, or the
        statutory one.
        """
        ours = event.kind == "reply_withdrawn"
        if self.replied_on is None:
            if ours:
                raise ImpossibleHistory(f"{event.on} {rule.label}之前没有答复")
            self._ordered(event, rule)
            return
        kept = self.law.choice("withdrawn_reply_limit", event.on) == "original"
        if ours and (kept or self._stopped()):  # a correction or payment is waited for as before
            self.replied_on = None
            return
        self._run_again(event, rule, self.replied_on, f"{written(self.replied_on)}已经答复")
        self.replied_on = None
        if not ours:
            self.waits.clear()

    def _ordered(self, event: ClockEvent, rule: ClockRule) -> None:
        """Ordered to reply before any reply (Art. 51): the term of the decision becomes the limit.

        Without a term, one that still runs goes on, unless chosen otherwise (practice.toml).
        """
        stopped, passed = self._stopped(), None if self._stopped() else self._passed(event.on)
        kept = self.law.choice("order_without_term", event.on) == "running"
        if kept and not (stopped or passed or event.days or event.until):
            return
        since = stopped.notice.on if stopped else self.run.start
        over = f"（期限已于{written(passed)}届满）" if passed else ""
        self._run_again(event, rule, since, f"尚未答复{over}")
        self.waits.clear()

    def _run_again(self, event: ClockEvent, rule: ClockRule, since: date, why: str) -> None:
        """A new run of the limit from an order, or from our own withdrawal."""
        days, term = self._term(event)
        words = f"{why}；{rule.label}，期限重新计算，{term}"
        self.steps.append(step(self.law, rule.article, since, event.on, words))
        self.fallen += [one for one in self.run.asked if one.answered is None]
        self.run = Run(event.on, rule.label, days=days)

    def _term(self, event: ClockEvent) -> tuple[int, str]:
        """The term of a new reply in working days, and in words.

        One that ends on a given day ends on the next working day if that is none (民法典203).
        """
        if event.until is None:
            days = event.days or self.law.period("redecision", event.on).days
            return days, f"{'所定的' if event.days else ''}{days}个工作日"
        if event.until <= event.on:
            raise ImpossibleHistory(f"{event.on} 所定的答复期限 {event.until} 不在其后")
        calendar = self.law.calendar
        last = calendar.reach(event.until - DAY, 1).day
        return max(1, calendar.used(event.on, last)), f"所定的期限至{written(event.until)}"
