"""The statutory limit for the reply: events + calendar + rules in force → last day, with its steps.

Articles 30 (correction restarts), 32-34 (consultation pauses), 33 (20 working days, one extension),
35 (a later day), 42 (fee stops, payment restarts) and 51 (a new reply is ordered) of the 条例.
Never stored: always computed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from models.law.clock import Clock, Wait, begun
from models.law.clock_events import ClockEvent, in_order
from models.law.clock_words import provisional_limit, provisional_term, replied_late, waiting
from models.law.statute import Statute
from models.law.walk import Step, others_step
from models.law.workdays import Calendar, Reach
from models.words.sentence import Sentence

__all__ = [
    "ClockEvent",
    "Deadline",
    "Step",
    "deadline",
]


class Deadline(NamedTuple):
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
    warned       what the officer must be warned of; `warnings`, as it is read
    movable      a consultation that is not over can still move the last day (Arts. 32-34)
    extended_before  the extension that bars another because our own reply was withdrawn since
    counted      refs of consultations whose time is counted in the limit all the same
    """

    last_day: date | None
    provisional: bool
    suspended: bool
    steps: tuple[Step, ...]
    warned: tuple[Sentence, ...]
    replied_on: date | None = None
    extended_on: date | None = None
    extended_by: int = 0
    allowed: int = 0
    ordered: bool = False
    moved_by: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()
    extended_before: date | None = None
    movable: bool = False

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the officer must be warned of, in sentences."""
        return tuple(map(str, self.warned))

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
    known = in_order(events, law)
    clock = begun(next(known, None), law)
    for event in known:
        clock.read(event)
    stopped = clock.stopped() if clock.waits else None
    return _suspended(clock, stopped) if stopped else _running(clock)


def _running(clock: Clock) -> Deadline:
    """The limit after all that was read."""
    run, walk, replied_on = clock.run, clock.walk(), clock.replied_on
    last = walk.finish()
    awaited = clock.calendar.awaits(run.start, max(last, walk.day))
    warnings = [*clock.warnings, *walk.warnings]
    if awaited:
        warnings.append(Sentence(provisional_limit, awaited, last))
    if replied_on is not None and replied_on > last:
        warnings.append(Sentence(replied_late, replied_on, last, bool(awaited)))
    return Deadline(
        last,
        bool(awaited),
        False,
        (*clock.steps, *walk.steps),
        tuple(warnings),
        replied_on,
        run.told_on,
        run.added,
        walk.whole + run.added,
        run.ordered,
        run.moved_by,
        clock.counted | walk.counted,
        run.extended_before,
        walk.movable,
    )


def _suspended(clock: Clock, wait: Wait) -> Deadline:
    """While a correction or a payment is waited for there is no limit; they have theirs."""
    due, warnings = clock.due(wait), list(clock.warnings)
    if due and due.provisional:
        warnings.append(Sentence(provisional_term, due))
    return Deadline(
        None,
        due is not None and due.provisional,
        True,
        (*clock.steps, _waiting(clock.calendar, wait, due)),
        tuple(warnings),
        clock.replied_on,
        counted=clock.counted,
    )


def _waiting(calendar: Calendar, wait: Wait, due: Reach | None) -> Step:
    """The step of a correction or payment still waited for."""
    notice, rule = wait.notice, wait.rule
    words = Sentence(waiting, notice, rule, wait.days, due)
    return others_step(calendar, rule.article, notice.on, due.day if due else notice.on, words)
