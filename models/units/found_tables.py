"""Where in a unit's file are tables 二, 三 and 四? Found by what their rows and heads say.

Not by their place, nor by how the columns are merged: a row belongs to table 三 because it is called
“（一）予以公开”, whichever page, sheet or layout it stands in. What is found is laid out as
`tables.json` has it, so that every file is judged by the same checks.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from models.report_tables.form import Form, ProactiveGroup
from models.report_tables.identities import Check, Verdict
from models.units.cell_figure import Number, cell_figure
from models.units.laid_out import Cell, Grid, core, one_line, short_core

ENOUGH_ROWS = 3  # of table 三 in a grid, for it to be one
LONGEST_LABEL = 80
LIKE = 0.8  # of a mistyped label to the form's


@dataclass
class Tables:
    """What was found of the three tables, and of every cell what is to be said.

    table2 = by item; table3 = by row code; places = of each table where in the file it stands
    """

    table2: dict[str, list[Number]] = field(default_factory=dict)
    table3: dict[str, list[Number]] = field(default_factory=dict)
    table4: list[Number] = field(default_factory=list)
    findings: list[Check] = field(default_factory=list)
    used: list[Grid] = field(default_factory=list)

    def figure(
        self, table: str, row: str, column: str, text: str, *, money: bool = False
    ) -> Number:
        """The figure of a cell; what is to be said of it is noted."""
        found = cell_figure(text, money=money)
        if found.said:
            message = f"{table}‘{row}·{column}’{found.said}"
            short = None if found.wrong else Verdict.DOUBTFUL
            name = f"cell.{table}.{row}.{column}"
            self.findings.append(Check(name, not found.wrong, message, short_of=short))
        return found.figure


@dataclass(frozen=True)
class Reader:
    """Reads the tables of a file on `form`; forms = the rows that it may have besides."""

    form: Form
    forms: Sequence[Form]

    def read(self, grids: Sequence[Grid]) -> Tables:
        """The tables in the grids of a file, each row where it is found first."""
        found = Tables()
        self._all3(grids, found)
        for grid in grids:
            used = [self._table2(grid, found), self._table4(grid, found)]
            if any(used):
                found.used.append(grid)
        return found

    # ── table 三 ──

    @cached_property
    def _codes(self) -> dict[str, str]:
        """The codes of the rows by what their labels say, the form's own first."""
        codes: dict[str, str] = {}
        for form in (self.form, *self.forms):
            for row in form.row:
                for key in (core(row.label), core(row.group + row.label)):
                    codes.setdefault(key, row.code)
        for form in (self.form, *self.forms):
            for row in form.row:
                codes.setdefault(short_core(row.label), row.code)
        return codes

    def _all3(self, grids: Sequence[Grid], found: Tables) -> None:
        """The rows of table 三: where any grid has one with all its figures, no other begins the table,
        as a list of cases does not that names the row of each.
        """
        read = [(grid, list(self._rows3(grid))) for grid in grids]
        figures = [grid for grid, rows in read if any(map(_has_figures, rows))]
        begun = False
        for grid, rows in read:
            new = [row for row in rows if row[0] not in found.table3]
            begins = len(rows) >= ENOUGH_ROWS and (grid in figures or not figures)
            if begins or (begun and new and len(new) == len(rows)):
                begun = True
                found.used.append(grid)
                for code, cells in rows:
                    self._row3(code, cells, found)

    def _rows3(self, grid: Grid) -> Iterator[tuple[str, list[Cell | None]]]:
        """The rows of table 三 in a grid: the code of each, and its seven cells."""
        heads: dict[str, Cell] = {}
        for line in grid.lines:
            if self._is_head(line):
                heads = heads | self._heads3(line)
                continue
            if placed := self._label(line):
                code, label = placed
                yield code, self._cells3(line, label, heads)

    def _is_head(self, line: Sequence[Cell]) -> bool:
        """Whether a row of the grid is the head of one of the tables."""
        names = {core(cell.text) for cell in line}
        kinds = {core(each) for each in (self.form.person, *self.form.organisation_kinds)}
        review = {core(one) for group in self.form.review for one in group.columns[:2]}
        return len(names & kinds) > 1 or core(self.form.person) in names or bool(names & review)

    def _heads3(self, line: Sequence[Cell]) -> dict[str, Cell]:
        named = {core(column): column for column in self.form.columns}
        return {named[key]: cell for cell in line if (key := core(cell.text)) in named}

    def _label(self, line: Sequence[Cell]) -> tuple[str, Cell] | None:
        """Which row of table 三 a line is, and the cell that says so: the last that does."""
        for known in (self._exactly, self._nearly):
            for cell in reversed(line[:-1]):
                if len(cell.text) <= LONGEST_LABEL and (code := known(cell.text)):
                    return code, cell
        return None

    def _exactly(self, text: str) -> str | None:
        return self._codes.get(core(text)) or self._codes.get(short_core(text))

    def _nearly(self, text: str) -> str | None:
        said = core(text)
        if len(said) < 6:
            return None
        like = difflib.get_close_matches(said, self._codes, 1, LIKE)
        return self._codes[like[0]] if like else None

    def _cells3(
        self, line: Sequence[Cell], label: Cell, heads: Mapping[str, Cell]
    ) -> list[Cell | None]:
        """The cells of the form's columns: below their heads, else the last seven of the line."""
        columns, right = self.form.columns, label.column + label.columns
        if len(heads) == len(columns):
            below = [_at(line, heads[column].column) for column in columns]
            distinct = {id(cell) for cell in below if cell}
            if len(distinct) == len(columns) and all(c and c.column >= right for c in below):
                return below
        beside = [cell for cell in line if cell.column >= right]
        while len(beside) > len(columns) and not one_line(beside[-1].text):
            beside.pop()
        if len(beside) > len(columns):
            beside = beside[-len(columns) :]
        return [*beside, *[None] * (len(columns) - len(beside))]

    def _row3(self, code: str, cells: Sequence[Cell | None], found: Tables) -> None:
        label = self._called(code)
        missing = sum(cell is None for cell in cells)
        if missing:
            message = f"表三‘{label}’行只有{len(cells) - missing}格，应有{len(cells)}格"
            found.findings.append(Check(f"cell.表三.{code}.格数", False, message))
        again = code in found.table3
        noted = len(found.findings)
        row = [
            None if cell is None else found.figure("表三", label, column, cell.text)
            for cell, column in zip(cells, self.form.columns, strict=True)
        ]
        if not again:
            found.table3[code] = row
            return
        del found.findings[noted:]
        if row != found.table3[code]:
            message = f"表三‘{label}’行出现两次，数字不同，按先出现的核对"
            check = Check(f"cell.表三.{code}.重复", True, message, short_of=Verdict.DOUBTFUL)
            found.findings.append(check)

    def _called(self, code: str) -> str:
        rows = [form.rows[code] for form in (self.form, *self.forms) if code in form.rows]
        return rows[0].ordinal

    # ── table 二 ──

    def _table2(self, grid: Grid, found: Tables) -> bool:
        items = {core(item): (group, item) for group, item in self.form.items()}
        seen = {key for line in grid.lines for cell in line if (key := _item(cell.text)) in items}
        text = "".join(core(cell.text) for cell in grid.cells[:60])
        marked = "第二十条" in text or core(self.form.proactive_content) in text
        if not seen or not (marked or len(seen) > 1):
            return False
        heads: dict[str, Cell] = {}
        for line in grid.lines:
            named = next((cell for cell in line[:-1] if _item(cell.text) in items), None)
            if named is None:
                own = {one_line(cell.text): cell for cell in line if one_line(cell.text)}
                heads = own if len(own) > 1 else heads
                continue
            group, item = items[_item(named.text)]
            if item not in found.table2:
                cells = self._cells2(line, named, group, heads)
                found.table2[item] = self._row2(item, group, cells, found)
        return True

    def _cells2(
        self,
        line: Sequence[Cell],
        named: Cell,
        group: ProactiveGroup,
        heads: Mapping[str, Cell],
    ) -> list[Cell | None]:
        right = named.column + named.columns
        keyed = {short_core(text): cell for text, cell in heads.items()}
        over = [keyed.get(short_core(column)) for column in group.columns]
        below = [_at(line, head.column) for head in over if head]
        distinct = {id(cell) for cell in below if cell and cell.column >= right}
        if len(distinct) == len(group.columns):
            return below
        beside = [cell for cell in line if cell.column >= right]
        while len(beside) > len(group.columns) and not one_line(beside[-1].text):
            beside.pop()
        if len(beside) > len(group.columns):
            said = [cell for cell in beside if one_line(cell.text)]
            beside = said if len(said) == len(group.columns) else beside[: len(group.columns)]
        return [*beside, *[None] * (len(group.columns) - len(beside))]

    def _row2(
        self, item: str, group: ProactiveGroup, cells: Sequence[Cell | None], found: Tables
    ) -> list[Number]:
        row = []
        for cell, column, key in zip(cells, group.columns, group.measures, strict=True):
            money = self.form.measures[key].money
            text = cell.text if cell else ""
            row.append(found.figure("表二", item, column, text, money=money))
        return row

    # ── table 四 ──

    def _table4(self, grid: Grid, found: Tables) -> bool:
        """The figures below the heads 结果维持 … 总计, group after group."""
        wanted = [column for group in self.form.review for column in group.columns]
        names = [core(column) for column in wanted]
        before = len(found.table4)
        heads: list[Cell] = []
        for line in grid.lines:
            if names[0] in {core(cell.text) for cell in line}:
                known = {
                    cell.column for cell in heads
                }  # a label that is repeated where it is merged
                own = [one for one in line if core(one.text) in names and one.column not in known]
                heads = sorted([*heads, *own], key=lambda cell: cell.column)
                continue
            if not heads or any(cell in line for cell in heads):
                continue
            if any(core(cell.text) and not _figure(cell.text) for cell in line):
                continue
            if len(line) < len(heads) and not any(one_line(cell.text) for cell in line):
                continue  # a row that only sets widths, as Word writes it into a page
            cells = self._cells4(line, heads)
            if len(found.table4) < len(wanted):
                self._row4(cells, wanted, found)
            heads = []
        return len(found.table4) > before

    def _cells4(self, line: Sequence[Cell], heads: Sequence[Cell]) -> list[Cell | None]:
        if len(line) == len(heads):
            return list(line)
        return [_at(line, head.column) for head in heads]

    def _row4(self, cells: Sequence[Cell | None], wanted: Sequence[str], found: Tables) -> None:
        keys = [group.key for group in self.form.review for _ in group.columns]
        for cell in cells:
            n = len(found.table4)
            if n == len(wanted):
                break
            text = cell.text if cell else ""
            found.table4.append(found.figure("表四", keys[n], wanted[n], text))


def _item(text: str) -> str:
    """What an item of table 二 is called, without the explanation that some print behind it."""
    return core(one_line(text).partition(":")[0])


def _at(line: Sequence[Cell], column: int) -> Cell | None:
    return next((cell for cell in line if cell.covers(column)), None)


def _figure(text: str) -> bool:
    """Whether a cell is a figure, or what stands in place of one."""
    return not cell_figure(text, money=True).wrong


def _has_figures(row: tuple[str, Sequence[Cell | None]]) -> bool:
    """Whether a row of table 三 has a figure in each of its cells, or a nought left blank."""
    return all(cell is not None and _figure(cell.text) for cell in row[1])
