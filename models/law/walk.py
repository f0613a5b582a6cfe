"""How are the working days of one run counted? Used up, not counted, what is left (Art. 33).

A run begins with the receipt, with the corrected application (Art. 30) or with the payment (42).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

from models.law.pauses import Cause, OpenCause, Pause, doubts, pauses, told
from models.law.statute import Statute
from models.law.workdays import DAY, Calendar, Named, written
from models.words.sentence import Sentence


class Step(NamedTuple):
    """One leg of the computation: the days (start, end] and how many working days they have.

    said = why; others = it is a time that others have, counted to the latest day it may end on. What is
    told of it is made when it is read.
    """

    article: str
    start: date
    end: date
    working_days: int
    said: Sentence
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


def step(calendar: Calendar, article: str, start: date, end: date, said: Sentence) -> Step:
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
    asked: list[OpenCause] = field(default_factory=list)
    told_on: date | None = None
    added: int = 0
    days: int | None = None
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

    def __init__(self, run: Run, law: Statute, seen: date, until: date | None = None) -> None:
        self.run, self.law = run, law
        period = law.period("reply", run.start)
        self.day = run.start
        self.since: str | Sentence = run.since
        self.whole = run.days or period.days
        self.article = "51" if run.ordered else period.article
        self.left, self.added = self.whole, run.added
        self.steps: list[Step] = []
        self.warnings: list[Sentence] = []
        self.counted: set[str] = set()
        self.movable = False  # by a pause: its answer, or the day something was delivered, may come
        self.paused: Pause | None = None  # the last
        self.most = self._most(run.origin, seen) if run.origin else None
        self.until_told = self._put_off(seen) if run.until else None
        stopping = [*run.asked, *run.waits]
        for pause in pauses(stopping, run.start, seen, law) if stopping else ():
            if until is not None and pause.begin >= until:
                break
            limit = self.limit()
            if pause.sent > limit:
                self.warnings.append(_too_late(pause, limit))
                self.counted |= {one.ref for one in run.asked if one.sent >= pause.sent}
                break
            self.use(pause.begin)
            self._skip(pause, until)

    def _most(self, first: Run, seen: date) -> date:
        """The latest that a limit can be which our own withdrawal began: 20 and 20 working days
        from where the first began, and what others' time excludes (Art. 33).
        """
        whole = (first.days or self._days("reply", first.start)) + self._days(
            "extension", first.start
        )
        asked = [*first.asked, *self.run.asked]
        both = Run(first.start, first.since, asked=asked, days=whole, waits=self.run.waits)
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
            if pause.begin <= until and (free := self.law.calendar.used(pause.begin, pause.end)):
                until = self.law.calendar.reach(until, free).day
        return until

    def _days(self, key: str, on: date) -> int:
        return self.law.period(key, on).days

    def limit(self) -> date:
        """The last day as it stands."""
        return self._moved(self._counted())

    def _moved(self, counted: date) -> date:
        """The last day, by what is counted and what stands instead.

        When a letter goes out on the very last day nothing is left after the pause: the limit ends
        with it (practice.toml, on a rest day). A later day told (Art. 35) stands instead.
        """
        if self.most is not None and self.most < counted:
            return self.most
        if self.until_told is None:
            return counted
        return max(counted, self.law.calendar.reach(self.until_told - DAY, 1).day)

    def _counted(self) -> date:
        calendar, left = self.law.calendar, self.left + self.added
        if left:
            return calendar.reach(self.day, left).day
        if self.law.choice("pause_over_on_rest_day", self.day) == "last_workday":
            return calendar.last_workday_by(self.day)
        return calendar.reach(self.day - DAY, 1).day

    def use(self, day: date) -> None:
        """Use up the working days to `day`: first those of the reply, then the extension's."""
        used = min(self.law.calendar.used(self.day, day), self.left + self.added)
        since = self.since
        if not used and self.left + self.added and day > self.day:
            self._leg(day, 0, Sentence(lambda: f"自{since}次日起只有休息日，没有用去工作日"))
            return
        own = min(used, self.left)
        extra = used - own
        again = "已" if self.left == self.whole else "又"
        self._spend(
            day,
            own,
            extra,
            Sentence(lambda: f"自{since}次日起{again}用{own}个工作日"),
            lambda: f"延长的期限已用{extra}个工作日",
        )

    def finish(self) -> date:
        """Use up all that is left: the last day for the reply."""
        last = self._counted()
        later = self._moved(last)
        if later < last:
            self.use(max(later, self.day))
            self.warnings.append(_ended_early(later, self.run.start, self.law))
            return later
        since, left, added = self.since, self.left, self.added
        own = f"第{left}个" if left == self.whole else f"剩余的{left}个"
        whole = added == self.run.added
        self._spend(
            last,
            left,
            added,
            Sentence(lambda: f"自{since}次日起，{own}工作日届满"),
            lambda: f"{'延长' if whole else '延长的期限剩余'}{added}个工作日",
        )
        if last > self.day and self.paused:
            why = _over_on_rest_day(self.paused, self.day, self.law)
            self.steps.append(step(self.law.calendar, "民法典203", self.day, last, why))
        if later > last and self.run.deferred_on:
            why = self._put_off_why(self.run.deferred_on)
            self.steps.append(step(self.law.calendar, "35", last, later, why))
        return later

    def _put_off_why(self, told_on: date) -> Sentence:
        law, as_told = self.law, self._as_told()
        later = [one for one in self.run.asked if one.sent > told_on]

        def why() -> str:
            since = (f"；其后又{one.name}（{one.puts_off(told_on, law).by}）" for one in later)
            return (
                f"{written(told_on)}告知延迟至{written(as_told)}答复{''.join(dict.fromkeys(since))}"
            )

        return Sentence(why)

    def _as_told(self) -> date:
        assert self.run.until is not None, "asked of a day told"
        return self.law.calendar.reach(self.run.until - DAY, 1).day

    def _spend(
        self, day: date, own: int, extra: int, own_why: Sentence, extra_why: Callable[[], str]
    ) -> None:
        """The leg to `day`: `own` working days of the reply's and `extra` of the extension's."""
        if own:
            end = self.law.calendar.reach(self.day, own).day if extra else day
            self._leg(end, own, own_why)
            self.left -= own
        told_on = self.run.told_on
        if extra and told_on:
            self._leg(day, extra, Sentence(lambda: f"{written(told_on)}告知延期，{extra_why()}"))
            self.added -= extra

    def _leg(self, end: date, days: int, why: Sentence) -> None:
        self.steps.append(Step(self.article, self.day, end, days, why, self.law.calendar))
        self.day = end

    def _skip(self, pause: Pause, until: date | None) -> None:
        law, cut = self.law, until is not None and until < pause.end
        end = until if until and cut else pause.end
        days = law.calendar.used(pause.begin, end)
        used_up = not self.left and not self.added
        said = _not_counted(pause, days, cut, used_up, law)
        self.steps.append(Step(self.article, pause.begin, end, days, said, law.calendar))
        if not cut:
            self.movable |= pause.movable
            self.warnings += doubts(pause, law)
            if used_up:
                self.warnings += _at_last(pause, law)
        self.day, self.paused = end, pause
        self.since = Sentence(lambda: f"{pause.name}结束")


def _too_late(pause: Pause, limit: date) -> Sentence:
    return Sentence(
        lambda: f"{written(pause.sent)}{pause.name}时答复期限已于{written(limit)}届满，不再扣除"
    )


def _ended_early(later: date, start: date, law: Statute) -> Sentence:
    return Sentence(
        lambda: (
            f"自行撤回答复后的期限止于{written(later)}"
            f"（{law.practice('withdrawn_reply_limit', start)}）"
        )
    )


def _over_on_rest_day(pause: Pause, day: date, law: Statute) -> Sentence:
    return Sentence(
        lambda: (
            f"{pause.time}结束之日是休息日，没有剩余的工作日"
            f"（{law.practice('pause_over_on_rest_day', day)}）"
        )
    )


def _not_counted(pause: Pause, days: int, cut: bool, used_up: bool, law: Statute) -> Sentence:
    """That the days of a pause are not counted; cut = it was not over when the limit was stopped."""

    def why() -> str:
        span = "此前" if cut else "所需"
        free = f"{span}的{days}个工作日不计入期限" if days else "其间没有工作日，期限不变"
        last = f"；{pause.causes[0].begun}当日即届满日，期限止于{pause.time}结束之时"
        return f"{told(pause, law)}，{free}{last if used_up else ''}"

    return Sentence(why)


def _at_last(pause: Pause, law: Statute) -> list[Sentence]:
    """What is to be known where nothing was left when it began, and nobody knows its end."""
    said = [kind.at_last for kind in pause.open_kinds() if kind.at_last]
    end = pause.end
    return [Sentence(_with_practice, words, "pause_over_on_rest_day", end, law) for words in said]


def _with_practice(words: str, key: str, on: date, law: Statute) -> str:
    return f"{words}（{law.practice(key, on)}）"
