"""The annual report, word for word: six sections, their texts and tables (条例第五十条, 年报格式).

What the office has written stands as it wrote it, with the registers' figures in their places. A
part it has not written is made from the registers where they can say it; where they cannot, the
report says in that place what is missing. Nothing is invented.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from letters.letter.words import PLACES, passage
from letters.report.named_figures import Figure, days_written, filled_in, named_figures
from letters.report.tables import Layout, layout2, layout3, layout4
from models.agency.agency import Agency
from models.law.workdays import written
from models.year.wording import PRESENT
from models.year.year_figures import YearFigures, not_over
from models.year.year_text import MATTERS, PARTS, Passage, YearText

SUBJECT: Final = "政府信息公开工作年度报告"


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph: its heading run in (（一）…), its text; missing = it says what is missing."""

    text: str
    heading: str = ""
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A section: its official title, its paragraphs, and its table with the table's name."""

    title: str
    words: tuple[Words, ...]
    table: Layout | None = None
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The report before it is put on paper or on a page.

    dated = the day of the register it was made from; unwritten, blanks = what is still to be
    written, and to be recorded for table 二, in words for the office; wording = in which it is
    written (models/year/wording.py)
    """

    agency: str
    title: str
    year: int
    dated: date
    preamble: tuple[Words, ...]
    sections: tuple[Section, ...]
    unwritten: tuple[str, ...]
    blanks: tuple[str, ...]
    wording: int = PRESENT

    @property
    def missing(self) -> tuple[str, ...]:
        """All that is still to be written or recorded."""
        return self.unwritten + self.blanks

    def paragraphs(self) -> Iterator[str]:
        """All its text, without the tables: a line a paragraph, headings included."""
        yield from (each.text for each in self.preamble)
        for section in self.sections:
            yield section.title
            yield from (each.heading + each.text for each in section.words)

    def around(self, part: str) -> Iterator[str]:
        """The paragraphs of the section that a part (a key of PARTS) stands in."""
        words = self.sections[_SECTION_OF.get(part, 0)].words
        for each in self.preamble if part == "preamble" else words:
            if not each.missing:
                yield each.heading + each.text


_SECTION_OF: Final = {
    "proactive": 1,
    "applications": 2,
    "reviews": 3,
    "problems": 4,
    "improvements": 4,
    "changes": 5,
    "other": 5,
}


def seal(head: str, edition: int) -> str:
    """What a signed report bears beside its text: the head of the register's chain as it stood when
    it was signed (models/store/evidence.py); nothing where the release that signed it wrote none.
    """
    if not head.strip("0"):
        return ""
    again = f"，第{edition}次签发" if edition > 1 else ""
    return f"登记簿校验值 {head}{again}"


def compose(
    agency: Agency, figures: YearFigures, text: YearText, dated: date, wording: int = PRESENT
) -> Report:
    """The report of the year that `figures` are of. TextFault where a text names no figure."""
    tables, form = figures.tables, figures.tables.form
    author = _Author(agency, figures, text, wording)
    sections = (
        Section(form.sections[0], tuple(author.overall())),
        Section(
            form.sections[1],
            tuple(author.proactive()),
            layout2(tables.table2.figures(), form),
            "表二　主动公开政府信息情况",
        ),
        Section(
            form.sections[2],
            tuple(author.part("applications", author.applications())),
            layout3(tables.table3),
            "表三　收到和处理政府信息公开申请情况",
        ),
        Section(
            form.sections[3],
            tuple(author.part("reviews", author.reviews())),
            layout4(tables.table4.figures(), form),
            "表四　政府信息公开行政复议、行政诉讼情况",
        ),
        Section(form.sections[4], (*author.part("problems"), *author.part("improvements"))),
        Section(form.sections[5], tuple(author.other())),
    )
    preamble = tuple(author.before_all())
    title = f"{tables.year}年{SUBJECT}"
    if unfinished := not_over(tables.year, dated):
        preamble = (Words(f"{unfinished}，仅供内部参考，不是正式的年度报告。"), *preamble)
        title += f"（统计截至{written(dated)}）"
    said = (*preamble, *(each for section in sections for each in section.words))
    unwritten = tuple(each.text for each in said if each.missing)
    blanks = tuple(f"表二：{cell}" for cell in tables.table2.blanks())
    return Report(
        agency.name, title, tables.year, dated, preamble, sections, unwritten, blanks, wording
    )


def report_facts(agency: Agency, figures: YearFigures) -> dict[str, object]:
    """What the templates of the report state: the figures of the year, by their English names."""
    tables, fees, reviews = figures.tables, figures.fees, figures.tables.table4
    totals = [(g, reviews.cells[g.key]) for g in reviews.form.review]
    ended, pending, all_of = 0, 0, []
    for group, cells in totals:
        open_, total = (len(cells[column]) for column in group.columns[-2:])
        ended, pending = ended + total - open_, pending + open_
        all_of.append(total)
    return {
        "agency": agency.name,
        "we": agency.calls_itself,
        "rules": agency.disclosure_rules,
        "format": f"{tables.form.title}（{tables.form.notice}）",
        "year": tables.year,
        "received": tables.received,
        "carried_in": tables.carried_in,
        "closed": tables.closed,
        "carried_out": tables.carried_out,
        "advised": sum(figures.advised.values()) if figures.from_register else None,
        "detailed": figures.detailed,
        "already_public": figures.outcomes.get("already_public", 0),
        "not_ours": figures.outcomes.get("not_ours", 0),
        "days": "" if figures.average_days is None else days_written(figures.average_days),
        "screened": figures.screened,
        "published": figures.published,
        "decided": ended,
        "pending": pending,
        "overturned": sum(len(cells[group.columns[1]]) for group, cells in totals),
        "reviews": all_of[0],
        "suits": sum(all_of[1:]),
        "payments": fees.payments,
        "paid": fees.paid,
    }


@dataclass(frozen=True)
class _Author:
    """Whoever writes the report: in the office's words, or in the registers' figures."""

    agency: Agency
    figures: YearFigures
    written: YearText
    wording: int

    @property
    def names(self) -> dict[str, Figure]:
        """What a text may name; the office's own figures cannot take the place of a register's."""
        return {**self.written.figures, **named_figures(self.figures)}

    def part(self, key: str, otherwise: Sequence[str] | None = None) -> Iterator[Words]:
        """A part as the office wrote it, else `otherwise`; None = it is missing then.

        A part written as empty is left out, if it is not one that must be there.
        """
        own = self.written.parts.get(key)
        if own is not None and (own.strip() or otherwise is not None):
            yield from map(Words, self._lines(PARTS[key], own))
        elif otherwise is None:
            yield Words(PARTS[key], missing=True)
        else:
            yield from map(Words, otherwise)

    def overall(self) -> Iterator[Words]:
        """Section 一 by its five matters, whoever wrote of them; what is of none of them last.

        An office that wrote its items in an order of its own may keep it (YearText.as_written).
        """
        items = [(_rank(one), self._item(one.heading, one.text)) for one in self.written.overall]
        for rank, (key, label) in enumerate(MATTERS.items()):
            if key in self.written.covered():
                continue
            said = "".join(self._say(f"report_{key}")) if key in _SAID_BY_REGISTERS else ""
            one = Words(said, f"{label}。") if said else Words(PARTS[key], missing=True)
            items.append((rank, [one]))
        if self.wording > 1 and not self.written.as_written:
            items.sort(key=lambda item: item[0])
        numbered = 0
        for first, *more in (item for _, item in items if item):
            if first.missing:
                yield first
                continue
            yield Words(first.text, f"{_place(numbered)}{first.heading}")
            yield from more
            numbered += 1

    def before_all(self) -> Iterator[Words]:
        """前言; where the office wrote none of its own, with whom to turn to at its end."""
        yield from self.part("preamble", self.preamble())
        if self.wording == 1 or "preamble" in self.written.parts:
            return
        if self.agency.unfilled(_CONTACT) or not all(getattr(self.agency, one) for one in _CONTACT):
            yield Words("前言：对报告有疑问的联系处室、地址、邮政编码、电话", missing=True)
        else:
            yield from map(Words, passage("report_contact", {"agency": self.agency.model_dump()}))

    def preamble(self) -> Sequence[str]:
        titles = [title.partition("、")[2] for title in self.figures.tables.form.sections]
        listed = "、".join([*titles[:-1], f"{titles[-1]}等"])
        return self._say("report_preamble", sections=listed)

    def proactive(self) -> Iterator[Words]:
        """Section 二; without words of the office it says what table 二 says, if it is whole."""
        whole = not self.figures.tables.table2.blanks()
        return self.part("proactive", self._table2_said() if whole else None)

    def applications(self) -> Sequence[str]:
        return self._say("report_applications")

    def reviews(self) -> Sequence[str]:
        return self._say("report_reviews")

    def other(self) -> Iterator[Words]:
        """Section 六: what was collected, always from the register if there is one (收费办法); why
        figures leapt, where the office gives reasons."""
        if not self.figures.from_register:
            yield from self.part("changes", ())
            yield from self.part("other")
            return
        yield from map(Words, self._say("report_fees"))
        yield from self.part("changes", ())
        yield from self.part("other", ())

    def _table2_said(self) -> Sequence[str]:
        table = self.figures.tables.table2
        items = [
            (item, {m: c.figure for m, c in zip(group.measures, table.cells[item], strict=True)})
            for group in table.form.proactive
            for item in group.items
        ]
        return self._say("report_proactive", items=items)

    def _say(self, template: str, **more: object) -> tuple[str, ...]:
        return passage(template, report_facts(self.agency, self.figures) | more)

    def _item(self, heading: str, text: str) -> list[Words]:
        where = heading.rstrip("。") or "一、总体情况"
        first, *more = self._lines(where, text) or [""]
        return [Words(first, heading), *map(Words, more)] if heading or first else []

    def _lines(self, part: str, text: str) -> list[str]:
        whole = filled_in(part, text, self.names)
        return [line.strip() for line in whole.splitlines() if line.strip()]


_CONTACT: Final = ("office", "address", "postcode", "phone")
_SAID_BY_REGISTERS: Final[Mapping[str, str]] = {
    key: MATTERS[key] for key in ("on_request", "management", "oversight")
}


def _rank(passage: Passage) -> int:
    """Where an item of section 一 stands: by the first of the five matters that it covers."""
    return min((list(MATTERS).index(key) for key in passage.matters), default=len(MATTERS))


def _place(n: int) -> str:
    """（一）, （二） … （十一）: the number of an item of section 一."""
    tens, ones = divmod(n + 1, 10)
    numeral = PLACES[n] if n < len(PLACES) else ""
    if not numeral:
        numeral = (PLACES[tens - 1] if tens > 1 else "") + "十" + (PLACES[ones - 1] if ones else "")
    return f"（{numeral}）"
