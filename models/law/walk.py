"""How are the working days of one run counted? Used up, not counted, what is left (Art. 33).

A run begins with the receipt, with the corrected application (Art. 30) or with the payment (42).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date

from models.law.pauses import Cause, OpenCause, Pause, doubts, pauses
from models.law.statute import Statute
from models.law.walk_words import (
    ended_early,
    extension_ran_out,
    extension_used,
    not_counted,
    only_rest,
    over_on_rest_day,
    pause_over,
    put_off,
    ran_out,
    too_late,
    used_up,
    with_practice,
)
from models.law.workdays import DAY, Calendar, Named
from models.words.sentence import Sentence

NOTHING: frozenset[str] = frozenset()


@dataclass(slots=True, unsafe_hash=True)
class Step:
    """One leg of the computation: the days (start, end] and how many working days they have.

    said = why; others = it is a time that others have, counted to the latest day it may end on. What is
    told of it is made when it is read. It never changes.
    """

    article: str
    start: date
    end: date
    working_days: int
    said: str | Sentence
    calendar: Calendar
    others: bool = False

    @property
    def skipped(self) -> tuple[Named, ...]:
        """The days off among them, each with its holiday."""
        return tuple(self.calendar.rest_days(self.start, self.end, fewest=self.others))

    @property
    def worked(self) -> tuple[Named, ...]:
        """The weekend days worked among them, likewise."""
        return tuple(self.calendar.worked_weekends(self.start, self.end, fewest=self.others))

    @property
    def why(self) -> str:
        """Why it is there, as a sentence."""
        return str(self.said)


def step(calendar: Calendar, article: str, start: date, end: date, said: str | Sentence) -> Step:
    """The leg from `start` to `end` with its working days."""
    return Step(article, start, end, calendar.used(start, end), said, calendar)


def others_step(calendar: Calendar, article: str, start: date, end: date, said: Sentence) -> Step:
    """The leg of a time that others have, to the latest day it may end on."""
    return Step(article, start, end, calendar.count(start, end).fewest, said, calendar, others=True)


@dataclass(slots=True)
class Run:
    """One run of the 20 working days: its first event, what stops it for a time, its extension.

    since = the label of the first event; told_on = the day the extension of `added` was told;
    days = its length where a decision gives it; until = the later day told on deferred_on (Art. 35);
    ordered = a decision set its term (Art. 51), which only what it says itself can move: moved_by.
    withdrawn = our reply in it was withdrawn; origin = the run in which we first replied, where the
    withdrawal began this one, and told_before = the extension told by then (practice.toml).
    asked = what stops it until others have answered; waits = for a fee or a correction after our own
    withdrawal: they pause it, and restart nothing.
    """

    start: date
    since: str
    days: int | None = None
    asked: list[OpenCause] = field(default_factory=list)
    told_on: date | None = None
    added: int = 0
    deferred_on: date | None = None
    until: date | None = None
    ordered: bool = False
    moved_by: frozenset[str] = frozenset()
    withdrawn: bool = False
    origin: Run | None = None
    told_before: date | None = None
    waits: list[Cause] = field(default_factory=list)

    @property
    def extended_before(self) -> date | None:
        """The extension that bars another, because we withdrew our own reply since (Art. 33)."""
        return self.told_before or (self.told_on if self.withdrawn else None)

    def follow(self, old: Run) -> None:
        """Begin because our own reply in the run before was withdrawn: bounded by both together."""
        first = old.origin or old
        asked = first.asked if old.origin is None else [*first.asked, *old.asked]
        self.origin = replace(first, asked=asked)
        self.waits = list(old.waits)
        self.told_before = old.told_on or old.told_before

    def pending(self, ref: str, ended_by: str) -> OpenCause | None:
        """What of this name is not answered yet, and ended by events of that kind."""
        for one in self.asked:
            if one.is_called(ref, ended_by):
                return one
        return None


class Walk:
    """A walk through a run from leg to leg, on the safe side where a calendar is not published.

    Only the calendar after the last pause decides; `seen` = the latest day the history tells of,
    `until` = the day the run is stopped, if it is.
    """

    __slots__ = (
        *("run", "law", "calendar", "day", "since", "whole", "article", "left", "added", "steps"),
        *("warnings", "counted", "movable", "paused", "most", "until_told"),
    )

    def __init__(self, run: Run, law: Statute, seen: date, until: date | None = None) -> None:
        self.run, self.law, self.calendar = run, law, law.calendar
        period = law.period("reply", run.start)
        self.day, self.since = run.start, run.since
        self.whole = self.left = run.days or period.days
        self.added = run.added
        self.article = "51" if run.ordered else period.article
        self.steps: list[Step] = []
        self.warnings: list[Sentence] = []
        self.counted = NOTHING
        self.movable = False  # by a pause: its answer, or the day something was delivered, may come
        self.paused: Pause | None = None  # the last
        self.most = self._most(run.origin, seen) if run.origin else None
        self.until_told = self._put_off(seen) if run.until else None
        if run.asked or run.waits:
            self._through_pauses(seen, until)

    def _through_pauses(self, seen: date, until: date | None) -> None:
        """To the end of the last pause that began within the limit."""
        run = self.run
        for pause in pauses([*run.asked, *run.waits], run.start, seen, self.law):
            if until is not None and pause.begin >= until:
                break
            limit = self.limit()
            if pause.sent > limit:
                self.warnings.append(Sentence(too_late, pause, limit))
                self.counted |= {one.ref for one in run.asked if one.sent >= pause.sent}
                break
            self.use(pause.begin)
            self._skip(pause, until)

    def _most(self, first: Run, seen: date) -> date:
        """The latest that a limit can be which our own withdrawal began: 20 and 20 working days
        from where the first began, and what others' time excludes (Art. 33).
        """
        start, period = first.start, self.law.period
        whole = (first.days or period("reply", start).days) + period("extension", start).days
        both = Run(start, first.since, whole)
        both.asked, both.waits = [*first.asked, *self.run.asked], self.run.waits
        return Walk(both, self.law, seen).limit()

    def _put_off(self, seen: date) -> date | None:
        """The later day told (Art. 35); put off by what was asked of others since, where that is so."""
        until, told_on = self.run.until, self.run.deferred_on
        if until is None or told_on is None:
            return until
        later = [
            one
            for one in self.run.asked
            if one.sent > told_on and one.puts_off(told_on, self.law).so
        ]
        for pause in pauses(later, self.run.start, seen, self.law):
            if pause.begin <= until and (free := self.calendar.used(pause.begin, pause.end)):
                until = self.calendar.last(until, free)
        return until

    def limit(self) -> date:
        """The last day as it stands."""
        counted = self._counted()
        return self._moved(counted) if self.most or self.until_told else counted

    def _moved(self, counted: date) -> date:
        """The last day, by what is counted and what stands instead.

        When a letter goes out on the very last day nothing is left after the pause: the limit ends
        with it (practice.toml, on a rest day). A later day told (Art. 35) stands instead.
        """
        if self.most is not None and self.most < counted:
            return self.most
        if self.until_told is None:
            return counted
        return max(counted, self.calendar.last(self.until_told - DAY, 1))

    def _counted(self) -> date:
        calendar, left = self.calendar, self.left + self.added
        if left:
            return calendar.last(self.day, left)
        if self.law.choice("pause_over_on_rest_day", self.day) == "last_workday":
            return calendar.last_workday_by(self.day)
        return calendar.last(self.day - DAY, 1)

    def use(self, day: date) -> None:
        """Use up the working days to `day`: first those of the reply, then the extension's."""
        left, used = self.left + self.added, self.calendar.used(self.day, day)
        if used:
            own = min(used, self.left)
            self._spend(day, own, min(used, left) - own, used_up, extension_used)
        elif left and day > self.day:
            self._leg(day, 0, only_rest(self.since))

    def finish(self) -> date:
        """Use up all that is left: the last day for the reply."""
        last = later = self._counted()
        if self.most or self.until_told:
            later = self._moved(last)
        if later < last:
            self.use(max(later, self.day))
            self.warnings.append(Sentence(ended_early, later, self.run.start, self.law))
            return later
        self._spend(last, self.left, self.added, ran_out, extension_ran_out)
        if last > self.day and self.paused:
            why = Sentence(over_on_rest_day, self.paused, self.day, self.law)
            self.steps.append(step(self.calendar, "民法典203", self.day, last, why))
        if later > last and self.run.deferred_on:
            why = self._put_off_why(self.run.deferred_on)
            self.steps.append(step(self.calendar, "35", last, later, why))
        return later

    def _put_off_why(self, told_on: date) -> Sentence:
        later = [one for one in self.run.asked if one.sent > told_on]
        return Sentence(put_off, told_on, self._as_told(), later, self.law)

    def _as_told(self) -> date:
        assert self.run.until is not None, "asked of a day told"
        return self.calendar.last(self.run.until - DAY, 1)

    def _spend(
        self,
        day: date,
        own: int,
        extra: int,
        words: Callable[[str, int, bool], str],
        extra_words: Callable[[date, int, bool], str],
    ) -> None:
        """The leg to `day`: `own` working days of the reply's and `extra` of the extension's."""
        if own:
            end = self.calendar.last(self.day, own) if extra else day
            self._leg(end, own, words(self.since, own, self.left == self.whole))
            self.left -= own
        if extra and (told_on := self.run.told_on):
            whole = self.added == self.run.added
            self._leg(day, extra, Sentence(extra_words, told_on, extra, whole))
            self.added -= extra

    def _leg(self, end: date, days: int, why: str | Sentence) -> None:
        self.steps.append(Step(self.article, self.day, end, days, why, self.calendar))
        self.day = end

    def _skip(self, pause: Pause, until: date | None) -> None:
        law, cut = self.law, until is not None and until < pause.end
        end = until if until and cut else pause.end
        days = self.calendar.used(pause.begin, end)
        nothing_left = not self.left and not self.added
        said = Sentence(not_counted, pause, days, cut, nothing_left, law)
        self.steps.append(Step(self.article, pause.begin, end, days, said, self.calendar))
        if not cut:
            self.movable |= pause.movable
            self.warnings += doubts(pause, law)
            if nothing_left:
                self.warnings += _at_last(pause, law)
        self.day, self.paused = end, pause
        self.since = pause_over(pause.name)


def _at_last(pause: Pause, law: Statute) -> list[Sentence]:
    """What is to be known where nothing was left when it began, and nobody knows its end."""
    said = [kind.at_last for kind in pause.open_kinds() if kind.at_last]
    end = pause.end
    return [Sentence(with_practice, words, "pause_over_on_rest_day", end, law) for words in said]
