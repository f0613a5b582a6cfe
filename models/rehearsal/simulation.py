"""A whole invented year through the real rules, day by day: for rehearsal, and for tests.

`cases` applications count as received in the year. Those of the last weeks before it come in at the
same pace, so that there is something carried in; what is open at the end is carried out. The same
year, number and seed give the same year, act by act.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from heapq import heappop, heappush
from random import Random
from typing import Any

from models.case.act import Circumstances
from models.law.workdays import DAY
from models.rehearsal.mix import Mix
from models.rehearsal.simulated_case import TEN_O_CLOCK, Course, Office, SimulatedCase, Words
from models.report_tables.form import Form
from models.report_tables.measures import Measure
from models.store.tables import Enquiry, ProactiveFigure, ReportText

NOTE = "演练虚构"
WEEKS_BEFORE = 45 * DAY  # longer than a reply and its extension usually take


@dataclass
class Simulation:
    """One simulated year; `run` yields each application once, when nothing more happens to it.

    until = the last day on which anything is recorded
    """

    year: int
    cases: int
    seed: int
    until: date
    now: Circumstances
    mix: Mix
    words: Words | None = None
    serials: Counter[tuple[str, int]] = field(default_factory=Counter)

    def run(self) -> Iterator[SimulatedCase]:
        """Day by day: who arrives, arrives; who was to go on today, goes on."""
        chance = Random(f"{self.year} {self.cases} {self.seed}")
        agency = self.now.agency.model_copy(update={"officers": ()})  # invented people act
        now = replace(self.now, agency=agency, others=())
        office = Office(now, self.mix, chance, self._serial, self.words)
        waiting: list[tuple[date, int, SimulatedCase, Course]] = []
        arriving = self._arrivals(office)
        for order, (day, case) in enumerate(arriving):
            while waiting and waiting[0][0] < day:
                yield from self._on(office, waiting)
            heappush(waiting, (day, order, case, case.course()))
        while waiting:
            yield from self._on(office, waiting)

    def enquiries(self) -> Iterator[Enquiry]:
        """Advice given in the year, by telephone and the other ways."""
        chance = Random(f"{self.year} {self.cases} {self.seed} enquiries")
        days = self._workdays(date(self.year, 1, 1), min(date(self.year, 12, 31), self.until))
        for _ in range(round(self.cases * self.mix.rates.enquiries)):
            on = chance.choice(days)
            yield Enquiry(
                on=on,
                channel=chance.choice(self.now.agency.enquiry_channels),
                persons=chance.choice((1, 1, 1, 2)),
                subject=self.mix.texts.enquiry,
                officer=chance.choice(self.mix.staff.drafters),
                recorded_on=on,
                recorded_at=datetime.combine(on, TEN_O_CLOCK),
            )

    def figures(self, form: Form, measures: Mapping[str, Measure]) -> Iterator[ProactiveFigure]:
        """All that table 二 of the year asks for by this form: counts before it, events in it."""
        chance = Random(f"{self.year} {self.cases} {self.seed} figures")
        before, end = date(self.year - 1, 12, 31), min(date(self.year, 12, 31), self.until)
        for group in form.proactive:
            for column in group.measures:
                measure = measures[measures[column].of or column]
                for item in group.items:
                    yield ProactiveFigure(
                        on=end if measure.counts == "year" else before,
                        item=item,
                        measure=measure.key,
                        amount=self.mix.an_amount(measure, chance),
                        note=NOTE,
                        **self._recorded(chance),
                    )

    def texts(self) -> Iterator[ReportText]:
        """The words of the year's report, as far as they are to be written."""
        chance = Random(f"{self.year} {self.cases} {self.seed} texts")
        for part, words in self.mix.words.items():
            yield ReportText(year=self.year, part=part, text=words, **self._recorded(chance))

    def _recorded(self, chance: Random) -> dict[str, Any]:
        """On the last day, by one of the drafters."""
        at = datetime.combine(self.until, TEN_O_CLOCK)
        officer = chance.choice(self.mix.staff.drafters)
        return {"officer": officer, "recorded_on": self.until, "recorded_at": at}

    def _on(
        self, office: Office, waiting: list[tuple[date, int, SimulatedCase, Course]]
    ) -> Iterator[SimulatedCase]:
        """The next course goes on by one step; beyond the last day it stays as it stands."""
        day, order, case, course = heappop(waiting)
        if day > self.until:
            course.close()
            if case.events:
                yield case
            return
        office.now = replace(office.now, today=day)
        following = next(course, None)
        if following is None:
            yield case
        else:
            heappush(waiting, (max(following, day), order, case, course))

    def _serial(self, series: str, year: int) -> int:
        together = self.now.agency.counted_together(series)
        serial = max(self.serials[name, year] for name in together) + 1
        for name in together:
            self.serials[name, year] = serial
        return serial

    def _arrivals(self, office: Office) -> list[tuple[date, SimulatedCase]]:
        """Who comes in, and the day it is registered: a working day; in order."""
        first, last = date(self.year, 1, 1), date(self.year, 12, 31)
        within = self._workdays(first, last)
        before = self._workdays(first - WEEKS_BEFORE, first - DAY)
        share = round(self.cases * len(before) / len(within))
        days = office.chance.choices(within, k=self.cases) + office.chance.choices(before, k=share)
        return [(day, self._arrival(day, office)) for day in sorted(days)]

    def _arrival(self, day: date, office: Office) -> SimulatedCase:
        channel = self.mix.a_channel(office.chance)
        law = self.now.law
        rests = not law.calendar.is_workday(day - DAY)
        confirmed = law.receipt_rule(channel, day) == "confirmation"
        earlier = day - DAY if confirmed and rests and office.happens(0.3) else day
        arrives = earlier if earlier.year == day.year else day
        return SimulatedCase(office, arrives, day, channel, self.mix.an_outcome(office.chance))

    def _workdays(self, first: date, last: date) -> list[date]:
        days = (first + n * DAY for n in range((last - first).days + 1))
        return [day for day in days if self.now.law.calendar.is_workday(day)]
