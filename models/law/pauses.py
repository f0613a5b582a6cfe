"""What stops the count for a time, and how long? Each cause by its own rule, in its own words.

An opinion asked for is one cause (Arts. 32-34, models/law/consultation.py), a wait after our own
withdrawal another. Here causes become pauses: the union of their days, never the sum. A new cause is
a class of its own and, where events tell of it, a row in `BEGUN_BY` (models/law/clock_events.py).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

from models.law.statute import Statute
from models.law.workdays import written
from models.words.sentence import Sentence

if TYPE_CHECKING:
    from models.law.clock_events import ClockEvent


class Cause(ABC):
    """Something that stops the count for a time, with what an officer is told of it. It never changes:
    the sentences of it are written later.

    sent     the day it began
    name     what is done (征求意见)       time  what its days are called (意见期间)
    begun    how it begins (发出)          unended, at_last  what is said while nobody knows its end,
             and where it began besides on the last day of the limit
    """

    name: ClassVar[str]
    time: ClassVar[str]
    begun: ClassVar[str] = "开始"
    unended: ClassVar[str] = ""
    at_last: ClassVar[str] = ""

    sent: date

    @abstractmethod
    def days(self, law: Statute) -> tuple[date, date] | None:
        """(begin, end]: the days that are not counted, as far as is known; None if there are none."""

    @abstractmethod
    def told(self, waiting: bool, law: Statute) -> str:
        """What it was and how it ended; waiting = its end may still come."""

    @classmethod
    def told_together(cls, each: Sequence[tuple[Self, bool]], law: Statute) -> str:
        """The same of several of this kind that are one pause."""
        return "；".join(one.told(waiting, law) for one, waiting in each)

    def waiting(self, seen: date, law: Statute) -> bool:
        """Whether its end may still come, after a history that tells up to `seen`."""
        return False

    @property
    def movable(self) -> bool:
        """Whether its end may turn out to be another, once more is recorded of it."""
        return False

    def doubts(self, law: Statute) -> list[Sentence]:
        """What the officer must know of it: what is taken for granted without proof."""
        return []


class Decided(NamedTuple):
    """Whether something is so, and by what: an article, or a choice of practice.toml."""

    so: bool
    by: str


class OpenCause(Cause):
    """A cause that one event begins and another ends (clock.toml: pause, resume).

    ref names it among its kind; answered = the day what it waits for came, None: not yet; closed =
    the day our own reply went out, if it was not waited for any more; ended_by = kind of the event
    that ends it
    """

    ended_by: ClassVar[str]
    ref: str
    answered: date | None
    closed: date | None

    @classmethod
    @abstractmethod
    def of(cls, event: ClockEvent) -> Self:
        """The cause that an event begins; ImpossibleHistory names the field that it lacks."""

    @abstractmethod
    def goes_on(self, article: str, on: date, law: Statute) -> Decided:
        """Whether its time stays uncounted once the count has begun anew: a correction (30), a payment."""

    @abstractmethod
    def puts_off(self, told_on: date, law: Statute) -> Decided:
        """Whether it puts off a later day that was told before it began (Art. 35)."""

    @abstractmethod
    def open_after(self, on: date, law: Statute) -> bool:
        """Whether it is still waited for after a day, where nothing has come."""

    def ending(self, answered: date | None, closed: date | None) -> Self:
        """The same with what is known of its end."""
        one = copy(self)
        one.answered, one.closed = answered, closed
        return one

    def is_called(self, ref: str, ended_by: str) -> bool:
        """Whether an event of that kind, of this name, may end it still."""
        return self.answered is None and self.ref == ref and self.ended_by == ended_by

    @classmethod
    def called(cls, ones: Sequence[Self]) -> str:
        """Several of this kind by what they are and their days."""
        return f"{cls.name}（{'、'.join(f'{written(one.sent)}{cls.begun}' for one in ones)}）"


@dataclass(slots=True)
class Waited(Cause):
    """The days (sent, end] that a fee or a correction was waited for, where that restarts nothing."""

    name: ClassVar[str] = "等待"
    time: ClassVar[str] = "等待期间"

    label: str
    sent: date
    end: date

    def days(self, law: Statute) -> tuple[date, date]:
        return self.sent, self.end

    def told(self, waiting: bool, law: Statute) -> str:
        return f"{self.label}，等待至{written(self.end)}"


_MOVABLE, _NAME, _TIME = attrgetter("movable"), attrgetter("name"), attrgetter("time")


@dataclass(slots=True)
class Pause:
    """The days (begin, end] that causes in a row or side by side take: counted once.

    sent = the first of them began; open = the last may still end, and end is when it does without;
    waiting = of each cause, whether its end may still come. It never changes.
    """

    sent: date
    begin: date
    end: date
    causes: tuple[Cause, ...]
    open: bool
    waiting: tuple[bool, ...]

    @property
    def movable(self) -> bool:
        """Whether its end can still move: an answer may come, or a delivery be recorded."""
        return True in self.waiting or any(map(_MOVABLE, self.causes))

    @property
    def name(self) -> str:
        """What was done."""
        return "、".join(dict.fromkeys(map(_NAME, self.causes)))

    @property
    def time(self) -> str:
        """What its days are called."""
        return "、".join(dict.fromkeys(map(_TIME, self.causes)))

    def open_kinds(self) -> list[type[Cause]]:
        """The kinds of those whose end may still come, while the pause's own is not known."""
        if not self.open:
            return []
        awaited = zip(self.causes, self.waiting, strict=True)
        return [*dict.fromkeys(type(one) for one, waiting in awaited if waiting)]

    def joined(self, other: Pause) -> Pause:
        """Both as one pause: their union, never their sum."""
        end = max(self.end, other.end)
        still = any(one.open for one in (self, other) if one.end == end)
        causes, waiting = (*self.causes, *other.causes), (*self.waiting, *other.waiting)
        return replace(self, end=end, causes=causes, open=still, waiting=waiting)


def pauses(causes: Iterable[Cause], start: date, seen: date, law: Statute) -> list[Pause]:
    """The causes of a run that began on `start` as disjoint pauses, earliest first.

    seen = the latest day the history tells of: what has ended by itself before it is over
    """
    single: list[Pause] = []
    for one in causes:
        if days := one.days(law):
            begin, end = days
            waiting = one.waiting(seen, law)
            begin, end = max(begin, start), max(end, start)
            single.append(Pause(one.sent, begin, end, (one,), waiting, (waiting,)))
    if len(single) < 2:
        return single
    found: list[Pause] = []
    for pause in sorted(single, key=attrgetter("sent")):
        if found and pause.begin <= found[-1].end:
            found[-1] = found[-1].joined(pause)
        else:
            found.append(pause)
    return found


def told(pause: Pause, law: Statute) -> str:
    """What stopped the count, and how each of it ended, for the officer."""
    if len(pause.causes) == 1:
        return pause.causes[0].told(pause.waiting[0], law)
    each = list(zip(pause.causes, pause.waiting, strict=True))
    kinds = dict.fromkeys(type(one) for one in pause.causes)
    return "；".join(
        kind.told_together([(one, w) for one, w in each if type(one) is kind], law)
        for kind in kinds
    )


def doubts(pause: Pause, law: Statute) -> list[Sentence]:
    """What the officer must know of a pause: no proof of a day, or an end not yet known."""
    found = [words for one in pause.causes for words in one.doubts(law)]
    if pause.open:
        found += [Sentence(str, kind.unended) for kind in pause.open_kinds() if kind.unended]
    return found
