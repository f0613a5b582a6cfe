"""Table 二 of the annual report (条例第五十条第一款第一项): a cell is its list of facts.

Rules and normative documents made, repealed and in force; licences, penalties, coercive measures;
fees. What a column counts, and how it follows from the facts, stands in config/annual/measures.toml.
What nobody has recorded is a blank, never 0: an office without such powers records a 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from models.report_tables.form import Form, ProactiveGroup
from models.report_tables.identities import Check
from models.report_tables.measures import Measure

Number = int | float | None


class Fact(NamedTuple):
    """A recorded fact: `amount` in pieces, or in fen where the measure is money."""

    on: date
    item: str
    measure: str
    amount: int
    note: str = ""

    def as_data(self) -> dict[str, object]:
        """As `tables.json` has it."""
        return {
            "on": self.on.isoformat(),
            "measure": self.measure,
            "amount": self.amount,
            "note": self.note,
        }


@dataclass(frozen=True)
class Cell:
    """A cell of table 二: its figure (None = blank), and the facts it was counted from."""

    figure: Number
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Table2:
    """Table 二 of one year: for every item the cells of its block's columns, in their order."""

    year: int
    form: Form
    cells: Mapping[str, tuple[Cell, ...]]

    def figures(self) -> dict[str, Number | list[Number]]:
        """The table as `tables.json` has it: a figure for each item, or a list of several."""
        found = {item: [cell.figure for cell in cells] for item, cells in self.cells.items()}
        return {item: row if len(row) > 1 else row[0] for item, row in found.items()}

    def listed(self) -> dict[str, dict[str, list[dict[str, object]]]]:
        """The facts of every cell that has any: day, what, how much (fen for money), remark."""
        return {
            item: cells
            for group, item in self.form.items()
            if (
                cells := {
                    column: [fact.as_data() for fact in cell.facts]
                    for column, cell in zip(group.columns, self.cells[item], strict=True)
                    if cell.facts
                }
            )
        }

    def told(self) -> dict[tuple[str, str], list[str]]:
        """The facts of every cell, by item and column, each as a line: day, what, how much, remark."""
        return {
            (item, column): [self._line(fact) for fact in cell.facts]
            for group, item in self.form.items()
            for column, cell in zip(group.columns, self.cells[item], strict=True)
        }

    def _line(self, fact: Fact) -> str:
        measure = self.form.measures[fact.measure]
        amount = f"{fact.amount / 100:.2f}" if measure.money else str(fact.amount)
        return f"{fact.on}　{measure.label}：{amount}{f'　{fact.note}' if fact.note else ''}"

    def blanks(self) -> list[str]:
        """The cells without a figure: “行政许可·本年处理决定数量”."""
        return [
            f"{item}·{column}"
            for group, item in self.form.items()
            for column, cell in zip(group.columns, self.cells[item], strict=True)
            if cell.figure is None
        ]


def recordable(
    forms: Sequence[Form], measures: Mapping[str, Measure]
) -> dict[tuple[str, str], Measure]:
    """What may be recorded: (item, key of measure) of any form → the measure."""
    return {
        (item, key): measures[key]
        for form in forms
        for group, item in form.items()
        for key in (measures[column].of or column for column in group.measures)
    }


def table2(facts: Sequence[Fact], year: int, form: Form, measures: Mapping[str, Measure]) -> Table2:
    """Count the facts of `year`, given all that happened until its end, earliest first."""
    by_item: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.on.year <= year:
            by_item.setdefault(fact.item, []).append(fact)
    cells = {
        item: tuple(
            _cell(by_item.get(item, []), year, measures[key], group, measures)
            for key in group.measures
        )
        for group, item in form.items()
    }
    return Table2(year, form, cells)


def proactive_checks(table: Table2, previous: Table2 | None) -> list[Check]:
    """No cell is blank; what is in force is what was, and what was made, less what was repealed.

    The second is asked where both years have the figures: it fails where a count taken in the year
    found other documents than the register of those made and repealed leads to.
    """
    return [_no_blank(table), *(_in_force(table, previous) if previous else ())]


def _no_blank(table: Table2) -> Check:
    blanks = table.blanks()
    said = f"有{len(blanks)}格空白：{'、'.join(blanks)}（没有的登记为0）" if blanks else "没有空白"
    return Check("proactive.blank", not blanks, f"表二{said}", blank=True)


def _in_force(table: Table2, previous: Table2) -> Iterator[Check]:
    for group, item in table.form.items():
        if group.measures != ("made", "repealed", "in_force") or item not in previous.cells:
            continue
        before = previous.cells[item][-1].figure
        made, repealed, now = (cell.figure for cell in table.cells[item])
        if previous.form != table.form or None in (before, made, repealed, now):
            continue
        due = (before or 0) + (made or 0) - (repealed or 0)
        terms = f"上年现行有效{before}件，加本年制发{made}件，减本年废止{repealed}件"
        said = f"等于{now}件" if due == now else f"等于{due}件，而表中现行有效为{now}件"
        yield Check(
            f"proactive.in_force.{item}", ok=due == now, message=f"表二‘{item}’：{terms}，{said}"
        )


def _cell(
    facts: list[Fact],
    year: int,
    measure: Measure,
    group: ProactiveGroup,
    measures: Mapping[str, Measure],
) -> Cell:
    """The cell of one measure, from the facts of its item until the end of the year."""
    if measure.counts == "before":
        earlier = [fact for fact in facts if fact.on.year < year]
        return _stock(earlier, measures[measure.of])
    if measure.counts == "end":
        return _stock(facts, measure)
    own = tuple(fact for fact in facts if fact.measure == measure.key and fact.on.year == year)
    kept = own or _counted(facts, measure, group, measures)
    return Cell(_scaled(sum(fact.amount for fact in own), measure) if kept else None, own)


def recounted_cell(
    facts: Sequence[Fact], year: int, measure: Measure, measures: Mapping[str, Measure]
) -> Number:
    """The figure that the facts listed for a cell lead to; without any, 0 in a year, no stock."""
    if measure.counts == "year":
        own = [f.amount for f in facts if f.measure == measure.key and f.on.year == year]
        return _scaled(sum(own), measure)
    last = year if measure.counts == "end" else year - 1
    kept = [fact for fact in facts if fact.on.year <= last]
    return _stock(kept, measures[measure.of] if measure.of else measure).figure


def _counted(
    facts: list[Fact], measure: Measure, group: ProactiveGroup, measures: Mapping[str, Measure]
) -> bool:
    """Whether a register of the documents is kept: then a year without any has 0 of them."""
    stocks = {
        key for key in group.measures if measure.key in measures[key].gains + measures[key].losses
    }
    return any(fact.measure in stocks for fact in facts)


def _stock(facts: Sequence[Fact], measure: Measure) -> Cell:
    """The last count, and what came and went after its day; blank if it was never counted."""
    counts = [fact for fact in facts if fact.measure == measure.key]
    if not counts:
        return Cell(None)
    counted = counts[-1]
    moves = [
        fact
        for fact in facts
        if fact.measure in measure.gains + measure.losses and fact.on > counted.on
    ]
    found = counted.amount + sum(
        fact.amount if fact.measure in measure.gains else -fact.amount for fact in moves
    )
    return Cell(_scaled(found, measure), (counted, *moves))


def _scaled(amount: int, measure: Measure) -> Number:
    """The amount in the unit of the table: fen become 万元 (or yuan)."""
    if not measure.money:
        return amount
    value = Fraction(amount, 100 * measure.scale)
    return value.numerator if value.denominator == 1 else float(value)
