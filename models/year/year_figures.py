"""What does the report of a year say in figures? Everything, as the register knew it on a day.

Tables, texts and the picture all take their figures from here, so that none can differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, text
from sqlmodel import Session, col

from models.errors import CalendarNotPublished
from models.law.statute import Statute
from models.law.workdays import written
from models.neighbours import proactive, publication
from models.register.counted_in_table3 import counted
from models.report_tables.annual_rules import AnnualRules
from models.report_tables.form import Form
from models.report_tables.table2 import Table2, table2
from models.report_tables.table3 import Table3
from models.report_tables.table4 import Table4, table4
from models.report_tables.text_checks import allowed_by
from models.store.tables import Application
from models.year import year_end
from models.year.counted_in_blocks import in_year, scanned
from models.year.year_end import Fees


@dataclass(frozen=True)
class Tables:
    """Tables 二, 三 and 四 of a year."""

    table2: Table2
    table3: Table3
    table4: Table4

    @property
    def year(self) -> int:
        return self.table3.year

    @property
    def form(self) -> Form:
        return self.table3.form

    def figure(self, code: str, column: str = "") -> int:
        """A figure of table 三; by default of the column 总计."""
        return len(self.table3.cases(code, column or self.form.total))

    @property
    def known(self) -> bool:
        """Whether the register has an application of the year: without one it is taken to lack it."""
        return bool(self.received or self.carried_in)

    @property
    def received(self) -> int:
        return self.figure(self.form.code("received"))

    @property
    def carried_in(self) -> int:
        return self.figure(self.form.code("carried_in"))

    @property
    def closed(self) -> int:
        return self.figure(self.form.code("results"))

    @property
    def carried_out(self) -> int:
        return self.figure(self.form.code("carried_out"))


@dataclass(frozen=True)
class YearFigures:
    """The figures of a year beside its tables, from the same register on the same day.

    outcomes    applications closed, by outcome; None where a ledger states only the row
    advised     人次 of enquirers, by channel
    fees        信息处理费 asked for and collected
    channels    applications received, by the label of their channel
    days        applications closed, by the working days from receipt to reply; closings that
                reach back before the calendar are left out
    screened    given on request and screened for publication; published = found fit and published
    from_register  False = only the tables are known, all else is not (models/year/stated_year.py)
    """

    tables: Tables
    outcomes: Mapping[str | None, int]
    advised: Mapping[str, int]
    fees: Fees
    channels: Mapping[str, int]
    days: Mapping[int, int]
    screened: int
    published: int
    from_register: bool = True

    @property
    def average_days(self) -> float | None:
        """Working days needed on average; None if nothing was closed."""
        cases = sum(self.days.values())
        return sum(n * count for n, count in self.days.items()) / cases if cases else None

    def allowed_in_words(self) -> dict[str, tuple[float, ...]]:
        """The figures that the words of the report may state (models/report_tables/text_checks.py)."""
        tables = self.tables
        totals = {code: float(tables.figure(code)) for code in tables.form.rows}
        reviews = [float(figure) for figure in tables.table4.figures()]
        rows = [tables.form.code(kind) for kind in ("received", "carried_in")]
        kinds = {
            kind: (float(tables.figure(rows[0], kind)), float(tables.figure(rows[1], kind)))
            for kind in tables.form.kinds
        }
        known = {
            (item, key): float(cell.figure)
            for group, item in tables.form.items()
            for key, cell in zip(group.measures, tables.table2.cells[item], strict=True)
            if cell.figure is not None
        }
        found = allowed_by(tables.form, totals, reviews, kinds, known)
        if self.from_register:
            found["fees"] = (float(self.fees.paid),)
            found["advised"] = (float(sum(self.advised.values())),)
        if self.detailed:
            outcomes = ("already_public", "not_ours")
            found |= {name: (float(self.outcomes.get(name, 0)),) for name in outcomes}
        return found

    @property
    def detailed(self) -> bool:
        """Whether the outcome of every closing is known, not only its row."""
        return None not in self.outcomes


def not_over(year: int, known: date) -> str:
    """That a year is not over on the day of the register its figures are from; "" if it is."""
    if known > date(year, 12, 31):
        return ""
    return f"{year}年尚未结束，统计截至{written(known)}"


def tables_of(session: Session, year: int, as_of: date, law: Statute, rules: AnnualRules) -> Tables:
    """The tables of a year as the register knew it on `as_of`."""
    return tables_of_years(session, (year,), as_of, law, rules)[year]


def tables_of_years(
    session: Session,
    years: Iterable[int],
    as_of: date,
    law: Statute,
    rules: AnnualRules,
    *,
    listed: bool = False,
) -> dict[int, Tables]:
    """The tables of several years, table 三 of all of them from one scan of the register; listed = with the
    numbers of their cases, which will be asked for.
    """
    forms = {year: rules.form(year) for year in years}
    counted_in = year_end.tables(session, forms, as_of, law, listed=listed)
    return {
        year: Tables(
            table2(proactive.facts(session, year, as_of), year, form, rules.measures),
            counted_in[year],
            table4(year_end.review_lines(session, year, as_of, law), year, form),
        )
        for year, form in forms.items()
    }


def year_figures(session: Session, tables: Tables, as_of: date, law: Statute) -> YearFigures:
    """All other figures of the year that `tables` are of."""
    year = tables.year
    screened, published = publication.screened_in(session, year, as_of)
    return YearFigures(
        tables=tables,
        outcomes=year_end.closed_by_outcome(session, year, as_of, law),
        advised=year_end.advised_by_channel(session, year, as_of),
        fees=year_end.fees_of(session, year, as_of, law),
        channels=_channels(session, year, as_of, law),
        days=_days(session, year, as_of, law),
        screened=screened,
        published=published,
    )


def _channels(session: Session, year: int, as_of: date, law: Statute) -> dict[str, int]:
    """新收 by channel, the most used first."""
    statement = (
        select(col(Application.channel), func.count())
        .where(
            in_year(col(Application.received_on), year),
            col(Application.received_recorded_on) <= as_of,
            ~col(Application.by_history),
        )
        .group_by(col(Application.channel))
    )
    found = Counter(dict(session.execute(statement).tuples().all()))
    for case in year_end.histories(session, as_of):
        found.update(case.channel for one in counted(case, law) if one.received_on.year == year)
    labels: Counter[str] = Counter()
    for key, count in found.items():
        labels[law.channels[key].label if key in law.channels else key] += count
    return dict(labels.most_common())


def _days(session: Session, year: int, as_of: date, law: Statute) -> dict[int, int]:
    """Closings by working days from the day after receipt to the reply (条例第三十三条).

    Gross: the time of a correction, a consultation or a fee is not taken off.
    """
    received, closed = col(Application.received_on), col(Application.closed_on)
    statement = (
        select(scanned(received), scanned(closed), func.count())
        .where(
            in_year(closed, year),
            col(Application.closed_recorded_on) <= as_of,
            received <= closed,
            ~col(Application.by_history),
        )
        .group_by(text("1"), text("2"))  # as `grouped`: PostgreSQL tells two parameters apart
    )
    spans = Counter({(start, end): n for start, end, n in session.execute(statement).tuples()})
    for case in year_end.histories(session, as_of):
        for one in counted(case, law):
            if one.result.on and one.result.on.year == year:
                spans[one.received_on, one.result.on] += 1
    found: Counter[int] = Counter()
    for (start, end), count in spans.items():
        try:
            found[law.calendar.between(start, end)] += count
        except CalendarNotPublished:
            continue
    return dict(sorted(found.items()))
