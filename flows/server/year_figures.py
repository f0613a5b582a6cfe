"""Table 二 of a year to be filled in whole: what stands there, last year's beside it, what to record.

An officer states what the year comes to; recorded is what is lacking to it (登记表二数字), so that what
was recorded before stays, and a figure that is right already is not recorded again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from sqlmodel import Session

from flows import office
from models.neighbours import proactive
from models.report_tables.form import Form
from models.report_tables.measures import Measure
from models.report_tables.table2 import Table2, table2
from models.year.held_in_part import holds_whole

FORM: Final = "登记表二数字"
DOWN: Final = "按全年合计更正：原登记合计{before}，应为{after}"
NO_NUMBER: Final = "应为数字，如 12 或者 1200.50"
NO_LESS: Final = "不能是负数"
UNITS: Final = 100  # fen of a yuan


@dataclass(frozen=True)
class Cell:
    """One figure: key = of the field; now, last = what is recorded, in pieces or yuan (None = blank);
    asks = whether it is recorded at all, or follows from others.
    """

    key: str
    column: str
    now: str
    last: str
    asks: bool
    money: bool
    counted: bool


@dataclass(frozen=True)
class Row:
    """An item of the table with its cells."""

    item: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Group:
    """A block of the table: of which item of Article 20."""

    article: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Entry:
    """What is to be recorded for one field, as its form asks it; wrong = why it cannot be."""

    key: str
    given: Mapping[str, object]
    wrong: str = ""


def groups(session: Session, year: int) -> list[Group]:
    """The table of a year, block by block; NoFormForYear where no form covers it."""
    rules, known = office.annual_rules(), office.today()
    form = rules.form(year)
    facts = proactive.facts(session, year, known)
    now = table2(facts, year, form, rules.measures)
    before = _last(session, year, known, form)
    whole = holds_whole(session, year - 1, known)
    return [
        Group(
            group.article,
            tuple(map(_headed, group.columns, group.measures)),
            tuple(
                Row(
                    item,
                    tuple(_cells(item, group.columns, group.measures, (now, before), whole)),
                )
                for item in group.items
            ),
        )
        for group in form.proactive
    ]


def _headed(column: str, key: str) -> str:
    """What stands over a column: money is typed in yuan, whatever the unit of the printed table."""
    money = office.annual_rules().measures[key].money
    return f"{column.partition('（')[0]}（元）" if money else column


def _last(session: Session, year: int, known: date, form: Form) -> Table2 | None:
    """Last year's table by the same form; None where it was another."""
    rules = office.annual_rules()
    if not rules.covers(year - 1) or rules.form(year - 1) != form:
        return None
    return table2(proactive.facts(session, year - 1, known), year - 1, form, rules.measures)


def _cells(
    item: str,
    columns: tuple[str, ...],
    measures: tuple[str, ...],
    tables: tuple[Table2, Table2 | None],
    whole: bool,
) -> Iterator[Cell]:
    """The cells of an item; what a year added up to is not shown where `whole` is False."""
    now, before = tables
    for place, (column, key) in enumerate(zip(columns, measures, strict=True)):
        measure = office.annual_rules().measures[key]
        yield Cell(
            f"{item}|{key}",
            _headed(column, key),
            _shown(now.cells[item][place].figure, measure),
            _shown(before.cells[item][place].figure, measure)
            if before and (whole or measure.counts != "year")
            else "",
            asks=not measure.of,
            money=measure.money,
            counted=measure.counts == "end",
        )


def _shown(figure: float | None, measure: Measure) -> str:
    """A figure as it is typed: pieces, or yuan of money."""
    if figure is None:
        return ""
    if not measure.money:
        return str(figure)
    yuan = Decimal(str(figure)) * measure.scale
    return f"{yuan:.2f}".removesuffix(".00")


def entries(
    session: Session, year: int, typed: Mapping[str, str], by: Mapping[str, str]
) -> list[Entry]:
    """What is to be recorded so that the year comes to what was typed, field by field; nothing for
    what it comes to already. by = officer and code, as the form names them.
    """
    rules, known = office.annual_rules(), office.today()
    form = rules.form(year)
    facts = proactive.facts(session, year, known)
    now = table2(facts, year, form, rules.measures)
    on = min(date(year, 12, 31), known)
    found = []
    for group, item in form.items():
        for place, key in enumerate(group.measures):
            measure, name = rules.measures[key], f"{item}|{key}"
            words = typed.get(name, "").strip().replace(",", "").replace("，", "")
            stands = _shown(now.cells[item][place].figure, measure)
            if measure.of or not words:
                continue
            asked = {"what": f"{item}：{measure.label}", "on": on.isoformat(), **by}
            entry = _entry(name, words, stands, measure, asked)
            found += [entry] if entry else []
    return found


def _entry(
    name: str, words: str, stands: str, measure: Measure, asked: Mapping[str, object]
) -> Entry | None:
    try:
        wanted = Decimal(words)
    except InvalidOperation:
        return Entry(name, {}, NO_NUMBER)
    if wanted < 0 and not measure.signed:
        return Entry(name, {}, NO_LESS)
    if stands and wanted == Decimal(stands):
        return None
    if measure.counts == "end":  # counted anew
        return Entry(name, {**asked, "amount": float(wanted)})
    more = wanted - Decimal(stands or 0)
    note = DOWN.format(before=stands, after=words) if more < 0 and stands else ""
    return Entry(name, {**asked, "amount": float(more), **({"note": note} if note else {})})
