"""What does each event do to the clock? It starts, halts, pauses and ends as clock.toml says.

Articles 30 (correction restarts), 32-34 (consultation pauses), 33 (20 working days, one extension),
35 (a later day), 42 (fee stops, payment restarts) and 51 (a new reply is ordered) of the 条例.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from models.errors import ImpossibleHistory
from models.law.clock_events import BEGUN_BY, CHECKED, MOVING, ClockEvent, check
from models.law.clock_words import (
    corrected_twice,
    late_correction,
    past_term,
    restarted,
    run_again,
    still_asked,
    went_on,
)
from models.law.fees import payment_term
from models.law.pauses import OpenCause, Waited
from models.law.rules import ClockEffect, ClockRule
from models.law.statute import Statute
from models.law.void_steps import (
    void_deferral,
    void_extension,
    void_fee,
    void_ordered,
    void_stopped,
)
from models.law.walk import NOTHING, Run, Step, Walk, step
from models.law.workdays import DAY, Reach, written
from models.words.sentence import Sentence

AFTER_REPLY: frozenset[ClockEffect] = frozenset({"reopen", "resume"})
"""What may still happen once the reply is out."""


@dataclass(slots=True)
class Wait:
    """Waiting for a correction (Art. 30) or a payment (收费办法), allowed `days` working days.

    stops = no limit runs meanwhile; a notice that was given too late, or is void, does not stop it.
    walked = what was counted to the notice: its steps and warnings; withdrawn = we had replied before,
    and withdrawn that.
    """

    notice: ClockEvent
    rule: ClockRule
    days: int | None
    stops: bool
    walked: Walk | None = None
    withdrawn: bool = False


class Clock:
    """The clock as the history is read: what runs, what it waits for, what has been explained."""

    def __init__(self, run: Run, law: Statute) -> None:
        self.run, self.law, self.calendar = run, law, law.calendar
        self.received = self.seen = run.start
        self.waits: list[Wait] = []
        self.corrected_once = False
        self.fallen: list[OpenCause] = []
        self.steps: list[Step] = []
        self.warnings: list[Sentence] = []
        self.counted = NOTHING
        self.replied_on: date | None = None

    def read(self, event: ClockEvent) -> None:
        """Take in one event: what it does is its effect in clock.toml.

        What cannot have happened is an error; what happened against the law is void and warned of.
        """
        kind, on, book = event.kind, event.on, self.law.clock
        if on < self.seen:
            raise ImpossibleHistory(f"事件应按日期先后排列：{on} 早于 {self.seen}")
        rule = book.always.get(kind) or (book.on(kind, on) if kind in book else None)
        effect = rule.effect if rule else None
        if self.replied_on is not None and effect not in AFTER_REPLY:
            raise ImpossibleHistory(f"{self.replied_on} 已经答复，之后不应再有事件")
        if rule is None or effect is None:
            raise ImpossibleHistory(f"没有名为 {kind} 的事件；可用：{'、'.join(book)}")
        if effect in CHECKED:
            check(event, rule, self.law)
        self.seen = on
        void = self._void(event, rule) if effect in MOVING else None
        if void is None:
            TAKE[effect](self, event, rule)
        else:
            self.warnings.append(void)
            self._note(event, rule)

    def _void(self, event: ClockEvent, rule: ClockRule) -> Sentence | None:
        """Why what would move the limit leaves it where it is, as a sentence; None if it moves it."""
        stopped = self.stopped() if self.waits else None
        if stopped:
            return void_stopped(event, rule, stopped.notice.on, stopped.rule)
        if not self._moves(rule):
            return void_ordered(event, rule)
        match rule.effect:
            case "add":
                return void_extension(event, self.run, self._passed(event.on), self.law)
            case "defer":
                return void_deferral(event, self.run, self._passed(event.on))
            case "halt" if rule.article == "42":
                return void_fee(event, self._passed(event.on), self.law)
            case "halt":
                return self._void_correction(event)
        return None

    def _moves(self, rule: ClockRule) -> bool:
        """Whether this kind of event moves the limit that runs (clock.toml; the order's words)."""
        limit = "ordered" if self.run.ordered else "statutory"
        return limit in rule.moves or rule.kind in self.run.moved_by

    def _note(self, event: ClockEvent, rule: ClockRule) -> None:
        """Keep what had no effect: it may still be answered, without effect."""
        if rule.effect == "pause":
            self.pause(event, rule)
            self.counted |= {event.ref}
            self.fallen.append(self.run.asked.pop())
        elif rule.effect == "halt":
            self.corrected_once = self.corrected_once or rule.article == "30"
            self.waits.append(Wait(event, rule, self._allowed(event, rule), stops=False))

    def stopped(self) -> Wait | None:
        """What is waited for so that no limit runs; None if one runs."""
        for wait in self.waits:
            if wait.stops:
                return wait
        return None

    def walk(self, until: date | None = None) -> Walk:
        """The walk through the run as it is known; until = the day it is stopped."""
        return Walk(self.run, self.law, self.seen, until)

    def _passed(self, on: date) -> date | None:
        """The last day of the running limit, if it is over: never before its own working days are."""
        run = self.run
        if run.origin is None:
            whole = run.days or self.law.period("reply", run.start).days
            own = self.calendar.reach(run.start, whole)
            if on <= own.day and not own.awaits:
                return None
        limit = self.walk().limit()
        return limit if on > limit else None

    def _void_correction(self, event: ClockEvent) -> Sentence | None:
        """Asked to correct (Art. 30): once, within 7 working days; no limit runs until then."""
        if self.corrected_once:
            return Sentence(corrected_twice, event.on)
        notice = self.law.period("correction_notice", self.received)
        latest = self.calendar.reach(self.received, notice.days)
        if event.on <= latest.day:
            return None
        restart = self.law.choice("late_correction_notice", event.on) == "restart"
        stops = restart and not self._passed(event.on)  # a limit that is over is not revived
        late = Sentence(late_correction, event.on, notice.days, latest, stops, self.law)
        if not stops:
            return late
        self.warnings.append(late)
        return None

    def start(self, event: ClockEvent, _: ClockRule) -> None:
        """A second receipt cannot be."""
        raise ImpossibleHistory(f"收到申请只能有一次（{event.on}）")

    def add(self, event: ClockEvent, _: ClockRule) -> None:
        """The reply is extended (Art. 33)."""
        self.run.told_on = event.on
        self.run.added += event.days or 0

    def defer(self, event: ClockEvent, _: ClockRule) -> None:
        """The reply is put off to a day told (Art. 35)."""
        self.run.deferred_on, self.run.until = event.on, event.until

    def stop(self, event: ClockEvent, _: ClockRule) -> None:
        """The reply is out."""
        self.replied_on = event.on
        self._close(event.on)

    def reopen(self, event: ClockEvent, rule: ClockRule) -> None:
        """A reply is owed again, or by an order; the order may set its own term (Art. 51)."""
        self._owe(event, rule)
        if event.sets_term:
            self.run.ordered, self.run.moved_by = True, event.moved_by

    def halt(self, event: ClockEvent, rule: ClockRule) -> None:
        """A correction or a payment is waited for: no limit runs (Art. 30, 收费办法)."""
        self.corrected_once = self.corrected_once or rule.article == "30"
        walk = self.walk(event.on)
        walk.use(event.on)
        ours = self.run.withdrawn or self.run.origin is not None
        self.waits.append(Wait(event, rule, self._allowed(event, rule), True, walk, ours))
        self.steps += walk.steps
        self.warnings += walk.warnings
        self.counted |= walk.counted

    def _allowed(self, event: ClockEvent, rule: ClockRule) -> int | None:
        """The working days that the applicant has: as told (Art. 30), or by the 收费办法."""
        if rule.article == "30":
            return event.days
        term = payment_term(event.on, self.law)
        return term.days if term else None

    def restart(self, event: ClockEvent, rule: ClockRule) -> None:
        """Corrected application received (Art. 30) or fee paid (收费办法): counted afresh."""
        waits = [one for one in self.waits if one.rule.article == rule.article]
        if not waits:
            cause = "收费通知" if rule.article == "42" else "补正告知"
            raise ImpossibleHistory(f"{event.on} {rule.label}之前没有{cause}")
        wait = next((one for one in waits if one.stops), waits[0])
        self.waits.remove(wait)
        due = self.due(wait)
        if due and event.on > due.day:
            self.warnings.append(Sentence(past_term, event.on, rule, due.day))
        if not wait.stops or self._goes_on(wait, event, rule):
            return
        old, self.run = self.run, self._run_afresh(event, rule)
        told = "延期" if old.told_on else "延迟答复" if old.deferred_on else ""
        words = Sentence(restarted, wait.rule, rule, told, event.on, self.law)
        self._leap(rule, wait.notice.on, event.on, words)

    def _goes_on(self, wait: Wait, event: ClockEvent, rule: ClockRule) -> bool:
        """Whether what was left goes on: our own withdrawal is no way to twenty new days (Art. 33)."""
        if not wait.withdrawn or self.law.choice("restart_after_withdrawal", event.on) == "fresh":
            return False
        if wait.walked:  # it is counted again, from where the run began
            self.steps = [one for one in self.steps if one not in wait.walked.steps]
            self.warnings = [one for one in self.warnings if one not in wait.walked.warnings]
        self.run.waits.append(Waited(wait.rule.label, wait.notice.on, event.on))
        self.warnings.append(Sentence(went_on, event, rule, self.law))
        return True

    def _close(self, on: date | None) -> None:
        """Our own reply waits for no answer that is still open; withdrawn, it is waited for again."""
        self.run.asked = [
            one.ending(one.answered, on if one.answered is None else None) for one in self.run.asked
        ]

    def _run_afresh(self, event: ClockEvent, rule: ClockRule) -> Run:
        """The run that a correction or a payment begins."""
        old, new = self.run, Run(event.on, rule.label)
        if old.asked:
            new.asked, rest = self._carried(event, rule)
            self.fallen += rest
        new.ordered, new.moved_by = old.ordered, old.moved_by
        new.told_before = old.extended_before
        told = old.told_on or old.deferred_on
        if told and self.law.choice("extension_after_restart", event.on) == "stands":
            new.told_on, new.added = old.told_on, old.added
            new.deferred_on, new.until = old.deferred_on, old.until
        return new

    def _leap(self, rule: ClockRule, since: date, on: date, words: Sentence) -> None:
        """The step from where the limit stopped to where a new run begins."""
        self.steps.append(step(self.calendar, rule.article, since, on, words))

    def _carried(
        self, event: ClockEvent, rule: ClockRule
    ) -> tuple[list[OpenCause], list[OpenCause]]:
        """What is still waited for at a restart: what goes on pausing, and the others."""
        awaited = [one for one in self.run.asked if one.answered is None]
        today = [one for one in awaited if one.sent == event.on]
        before = [
            one for one in awaited if one.sent < event.on and one.open_after(event.on, self.law)
        ]
        over = [one for one in awaited if one not in today and one not in before]
        kept: list[OpenCause] = []
        for kind in dict.fromkeys(type(one) for one in before):
            ones = [one for one in before if type(one) is kind]
            self.warnings.append(Sentence(still_asked, event.on, rule, ones, self.law))
            if ones[0].goes_on(rule.article, event.on, self.law).so:
                kept += ones
            else:
                self.counted |= {one.ref for one in ones}
                over += ones
        return [*kept, *today], over

    def due(self, wait: Wait) -> Reach | None:
        """The last day of what is waited for, the latest that it may be."""
        had = wait.notice.delivered_on or wait.notice.on
        return self.calendar.latest(had, wait.days) if wait.days else None

    def pause(self, event: ClockEvent, rule: ClockRule) -> None:
        """What is waited for, as an opinion asked for (Arts. 32-34): its time is not counted."""
        made = BEGUN_BY[event.kind].of(event)
        if self.run.pending(made.ref, made.ended_by):
            raise ImpossibleHistory(f"{event.on} {rule.label}，编号 ref“{event.ref}”重复")
        self.run.asked.append(made)

    def resume(self, event: ClockEvent, rule: ClockRule) -> None:
        """The answer to what was waited for, also to what stops nothing any more."""
        one = self.run.pending(event.ref, event.kind)
        if one is not None:
            asked = self.run.asked
            asked[asked.index(one)] = one.ending(event.on, one.closed)
            return
        one = next((each for each in self.fallen if each.is_called(event.ref, event.kind)), None)
        if one is None:
            (name,) = {each.name for each in BEGUN_BY.values() if each.ended_by == event.kind}
            raise ImpossibleHistory(
                f"{event.on} {rule.label}，但没有编号 ref 为“{event.ref}”、尚待答复的{name}"
            )
        self.fallen.remove(one)

    def _owe(self, event: ClockEvent, rule: ClockRule) -> None:
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
        self._close(None)
        if ours and (kept or self.stopped() or not self._moves(rule)):
            self.replied_on, self.run.withdrawn = None, True  # what is waited for is, as before
            return
        old, replied_on, self.replied_on = self.run, self.replied_on, None
        self._run_again(event, rule, replied_on, f"{written(replied_on)}已经答复")
        if ours:
            self.run.follow(old)
        else:
            self._wait_no_more()

    def _ordered(self, event: ClockEvent, rule: ClockRule) -> None:
        """Ordered to reply before any reply (Art. 51): the term of the decision becomes the limit.

        Without a term, one that still runs goes on, unless chosen otherwise (practice.toml).
        """
        stopped, passed = self.stopped(), None if self.stopped() else self._passed(event.on)
        kept = self.law.choice("order_without_term", event.on) == "running"
        if kept and not (stopped or passed or event.days or event.until):
            return
        since = stopped.notice.on if stopped else self.run.start
        over = f"（期限已于{written(passed)}届满）" if passed else ""
        self._run_again(event, rule, since, f"尚未答复{over}")
        self._wait_no_more()

    def _wait_no_more(self) -> None:
        """An order does not wait for a correction or a payment; either may still come in."""
        for wait in self.waits:
            wait.stops = False

    def _run_again(self, event: ClockEvent, rule: ClockRule, since: date, why: str) -> None:
        """A new run of the limit from an order, or from our own withdrawal."""
        days = self._term(event)
        self._leap(rule, since, event.on, Sentence(run_again, why, event, rule, days))
        self.fallen += [one for one in self.run.asked if one.answered is None]
        self.run = Run(event.on, rule.label, days)

    def _term(self, event: ClockEvent) -> int:
        """The term of a new reply in working days.

        One that ends on a given day ends on the next working day if that is none (民法典203).
        """
        if event.until is None:
            return event.days or self.law.period("redecision", event.on).days
        if event.until <= event.on:
            raise ImpossibleHistory(f"{event.on} 所定的答复期限 {event.until} 不在其后")
        calendar = self.calendar
        return max(1, calendar.used(event.on, calendar.last(event.until - DAY, 1)))


def begun(event: ClockEvent | None, law: Statute) -> Clock:
    """The clock that the receipt starts (Art. 31); ImpossibleHistory for any other first event."""
    kind = event.kind if event else ""
    if event is None or kind not in law.clock or law.clock[kind].effect != "start":
        instead = f"，而不是 {kind}" if kind else ""
        raise ImpossibleHistory(f"第一个事件应为 received（收到申请）{instead}")
    return Clock(Run(event.on, law.clock[kind].label), law)


TAKE: dict[ClockEffect, Callable[[Clock, ClockEvent, ClockRule], None]] = {
    "start": Clock.start,
    "halt": Clock.halt,
    "restart": Clock.restart,
    "pause": Clock.pause,
    "resume": Clock.resume,
    "add": Clock.add,
    "defer": Clock.defer,
    "stop": Clock.stop,
    "reopen": Clock.reopen,
}
"""What an event with this effect (clock.toml) does to the clock, where it is not void."""
