"""年度报告: the yearly flow: register as of a day → figures → the report and its files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from sqlmodel import Session

from flows import office
from flows.shown import report_files
from letters.picture.picture import picture
from letters.picture.picture_png import png
from letters.report.cells_page import cells_page
from letters.report.printed import printed
from letters.report.report import Report, compose, seal
from letters.report.report_page import page
from letters.report.report_paper import on_paper
from letters.report.workbook import workbook
from models.errors import DisclosureError
from models.law.workdays import written
from models.report_tables.differences import Difference
from models.report_tables.identities import Check, Verdict
from models.report_tables.table3 import Table3
from models.report_tables.tables_file import digest
from models.report_tables.text_checks import text_checks
from models.store.tables import SignedReport
from models.year import year_end
from models.year.held_in_part import UNSTATED, uncompared
from models.year.wording import wording_of
from models.year.year_checks import MOST_RECOUNTED, Judged, in_pieces, judged, plain_text
from models.year.year_end import Later
from models.year.year_figures import Tables, YearFigures, tables_of, tables_of_years, year_figures
from models.year.year_leaps import REASONS, leapt
from models.year.year_text import YearText, read_year_file, recorded_texts, written_check, year_text

STATE: Final = "由维护人员用 disclosure import --complete-since 日期 写明以后，就有比较。"


class NotYet(DisclosureError):
    """A report of a year that has not begun, or by a record that is not made yet."""

    def __init__(self, year: int, as_of: date, today: date) -> None:
        self.year, self.as_of, self.today = year, as_of, today
        super().__init__(
            f"登记簿的记载只到今天（{written(today)}），不能按{written(as_of)}的记载编制年度报告"
            if as_of > today
            else f"{year}年在{written(as_of)}尚未开始，不能编制该年度的报告"
        )


@dataclass(frozen=True)
class Produced:
    """The files of a report, its figures and words, and every identity that was checked.

    differences = from the report as it was signed, if it was
    later = applications of the year that were recorded, or closed, only after the day of the report
    uncompared = why its picture does not compare it with last year, if it does not
    """

    figures: YearFigures
    report: Report
    files: tuple[Path, ...]
    checks: tuple[Check, ...]
    differences: tuple[Difference, ...]
    later: Later
    uncompared: str

    @property
    def note(self) -> str:
        """Why its picture compares it with no year before, and what is to be done; "" if it does."""
        to_do = STATE if self.uncompared.endswith(UNSTATED) else ""
        return self.uncompared + to_do

    @property
    def table(self) -> Table3:
        return self.figures.tables.table3

    @property
    def failed(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.ok)

    @property
    def doubtful(self) -> tuple[Check, ...]:
        """What neither holds nor fails, and nobody has judged."""
        short = (Verdict.DOUBTFUL, Verdict.UNJUDGED)
        return tuple(check for check in self.checks if check.verdict in short)


@dataclass(frozen=True)
class Gathered:
    """What a report is made of: figures, words, last year's tables, the verdicts on its checks.

    uncompared = why its picture does not compare it with last year, if it does not
    """

    figures: YearFigures
    words: Report
    before: Tables | None
    uncompared: str
    verdicts: Judged
    later: Later
    printed: Mapping[str, object]

    @property
    def as_signed(self) -> SignedReport | None:
        """The signature that holds for it: nothing differs from what was signed."""
        report = self.verdicts.signed
        return report if report and digest(self.text()) == report.digest else None

    def text(self) -> str:
        """What signing seals: the text of `tables.json` without checks and signature."""
        return plain_text(office.agency().name, self.figures.tables, self.printed)

    def file(self, checks: Iterable[Check], signed: Mapping[str, object] | None) -> bytes:
        """`tables.json`: nearly all of it are numbers of cases, none of which takes two bytes so."""
        name = office.agency().name
        pieces = in_pieces(name, self.figures.tables, checks, self.printed, signed)
        return b"".join(piece.encode() for piece in pieces)


def produce(year: int, out: Path, as_of: date | None) -> Produced:
    """Write the report of `year` as the register knew it on `as_of` (default today) into `out`."""
    today = office.today()
    known = as_of or today
    if known > today or year > known.year:
        raise NotYet(year, known, today)
    with office.reading() as session:  # until the lists are written: what was counted is listed
        made = gathered(session, year, known, listed=True)
        contents = _contents(made, known)
    files = report_files.written(out, contents)
    verdicts = made.verdicts
    return Produced(
        made.figures,
        made.words,
        files,
        verdicts.checks,
        verdicts.differences,
        made.later,
        made.uncompared,
    )


def _contents(made: Gathered, known: date) -> dict[str, bytes]:
    """The files of a report, by name."""
    agency, tables, found = office.agency(), made.figures.tables, made.verdicts.checks
    report = made.as_signed  # printed again, it bears the day of its signature
    dated = report.recorded_on if report else known
    sealed = seal(report.head, report.edition) if report else ""
    compared = (made.before, dated, made.uncompared)
    svg = picture(agency, made.figures, *compared, made.words.wording)
    drawn = png(svg)  # before the lists: it needs 60 MB while it is drawn
    return {
        "report.docx": on_paper(replace(made.words, dated=dated), sealed),
        "tables.xlsx": workbook(
            agency.name,
            tables.table3,
            found,
            table2=tables.table2.figures(),
            table4=tables.table4.figures(),
            reviews=tables.table4,
            facts=tables.table2,
        ),
        "tables.json": made.file(found, _signature(report)),
        "report.html": page(made.words, svg, sealed).encode(),
        "picture.svg": svg.encode(),
        "picture.png": drawn,
        "cells.html": cells_page(agency.name, tables).encode(),
    }


def _signature(report: SignedReport | None) -> dict[str, object] | None:
    """The signature as `tables.json` has it; None if it is not, or not any more, signed as it is."""
    if report is None:
        return None
    return {
        "digest": report.digest,
        "by": report.officer,
        "on": report.recorded_on.isoformat(),
        "edition": report.edition,
        "head": report.head,
    }


def gathered(
    session: Session,
    year: int,
    known: date,
    most_recounted: int = MOST_RECOUNTED,
    *,
    listed: bool = False,
) -> Gathered:
    """What the report of a year is made of, as the register knew it on a day; most_recounted as in
    year_checks.judged, listed as in tables_of_years.
    """
    rules, law = office.annual_rules(), office.law()
    years = [each for each in (year, year - 1) if each == year or rules.covers(each)]
    found = tables_of_years(session, years, known, law, rules, listed=listed)
    before = found.get(year - 1)
    figures, text, words = _in_words(session, found[year], known)
    said = [
        written_check(words.unwritten),
        *text_checks(words.paragraphs(), figures.allowed_in_words(), year),
    ]
    agency = office.agency()
    why_not = uncompared(session, year, before, known)
    if words.wording > 1:
        whole = None if why_not else before
        said += leapt(session, figures.tables, whole, rules, text.parts.get(REASONS, ""))
    seen = printed(agency, figures, words, before, why_not)
    verdicts = judged(
        session, agency.name, figures.tables, before, known, rules, law, said, seen, most_recounted
    )
    later = year_end.recorded_later(session, year, known, law)
    return Gathered(figures, words, before, why_not, verdicts, later, seen)


def drafted(
    session: Session, year: int, known: date, as_if: Mapping[str, str] | None = None
) -> tuple[YearFigures, Report]:
    """The figures of a year and the report in words, as the register knew them on a day.

    as_if = parts as they would be worded (keys of PARTS), before they are recorded
    """
    tables = tables_of(session, year, known, office.law(), office.annual_rules())
    figures, _, words = _in_words(session, tables, known, as_if)
    return figures, words


def _in_words(
    session: Session, tables: Tables, known: date, as_if: Mapping[str, str] | None = None
) -> tuple[YearFigures, YearText, Report]:
    figures = year_figures(session, tables, known, office.law())
    recorded = {**recorded_texts(session, tables.year, known), **(as_if or {})}
    text = year_text(read_year_file(text_file(tables.year)), recorded)
    wording = wording_of(session, tables.year)
    return figures, text, compose(office.agency(), figures, text, known, wording)


def text_file(year: int) -> Path:
    """The file of the year's words, if the office writes one: annual/2022.toml under its folder."""
    return office.home() / "annual" / f"{year}.toml"
