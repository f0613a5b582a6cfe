"""What does one unit's `tables.json` add to the superior's report? Its figures, in that form.

Rows of the other form are brought to those of this one, so that no case is lost; where they cannot
be, the unit is not added, and why is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite

from models.report_tables.form import Form, FormRow
from models.report_tables.identities import Check, Verdict
from models.report_tables.table2_file import Stated2, table2_checks
from models.report_tables.tables_file import PublishedTables

Number = int | float
Exact = int | Decimal


@dataclass(frozen=True)
class Unit:
    """One unit's report: its file, its tables as stated, its figures in the superior's form.

    table2 = None where it states no figure; as_last = rows of the other form that were taken as
    the last of several; nested = the units that it is itself the sum of, as its file has them
    """

    file: str
    tables: PublishedTables
    table2: Mapping[str, tuple[Number | None, ...]]
    table3: Mapping[str, tuple[Number, ...]]
    table4: tuple[Number, ...]
    as_last: tuple[FormRow, ...]
    nested: Mapping[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.tables.agency.strip()

    @property
    def called(self) -> str:
        """How it is named in a sentence: 某局（a.json）."""
        return f"{self.name}（{self.file}）"

    @property
    def gaps(self) -> list[str]:
        """The items of table 二 of which it does not state every figure."""
        return [item for item, row in self.table2.items() if None in row]

    def stated3(self) -> list[Exact]:
        """The sum of each column of table 三 over all rows of the file."""
        columns = range(len(self.tables.form.columns))
        return [sum_of(row[n] for row in self.tables.table3.values()) for n in columns]

    def as_data(self) -> dict[str, object]:
        """Its part in every cell of the sum, as `tables.json` has it."""
        return {
            "file": self.file,
            "table2": as_stated(self.table2),
            "table3": self.table3,
            "table4": self.table4,
            **({"units": self.nested} if self.nested else {}),
        }


def unit_of(
    file: str, tables: PublishedTables, form: Form, forms: Sequence[Form]
) -> Unit | list[str]:
    """The unit's figures in `form`; or why they cannot be added."""
    rows, as_last, lost = _rows(tables, form, forms)
    reasons = [f"表三的“{code}”行在{form.key}年格式中没有相应的行" for code in lost]
    figures = [*(one for row in tables.table3.values() for one in row), *(tables.table4 or ())]
    if not all(isfinite(one) for one in figures if one is not None):
        reasons.append("表三、表四中有过大的数")
    if reasons:
        return reasons
    width = sum(len(group.columns) for group in form.review)
    return Unit(
        file,
        tables,
        _table2(tables.table2, form),
        rows,
        tuple(one or 0 for one in tables.table4 or (0,) * width),
        tuple(as_last),
    )


def _rows(
    tables: PublishedTables, form: Form, forms: Sequence[Form]
) -> tuple[dict[str, tuple[Number, ...]], list[FormRow], list[str]]:
    """Table 三 in the rows of the form; rows taken as the last of several; rows with no place."""
    rows: dict[str, tuple[Number, ...]] = {code: (0,) * len(form.columns) for code in form.rows}
    as_last, lost = [], []
    for code, stated in tables.table3.items():
        figures = tuple(one or 0 for one in stated)
        whole = _whole(code, form, forms)
        to = whole.takes[-1] if whole else form.row_of.get(code, code)
        beside = whole.takes if whole else () if to == code else (to,)
        if to not in rows or not tables.table3.keys().isdisjoint(beside):
            if any(figures):
                lost.append(code)
            continue
        rows[to] = tuple(a + b for a, b in zip(rows[to], figures, strict=True))
        if whole and any(figures):
            as_last.append(whole)
    return rows, as_last, lost


def _whole(code: str, form: Form, forms: Iterable[Form]) -> FormRow | None:
    """The row of another form that is several rows of this one."""
    if code in form.rows:
        return None
    rows = (each.rows[code] for each in forms if code in each.rows)
    return next((row for row in rows if row.takes and form.rows.keys() >= {*row.takes}), None)


def _table2(stated: Stated2, form: Form) -> dict[str, tuple[Number | None, ...]]:
    """Table 二 in the items and columns of the form: figures of the same kind of the same item."""
    found = {
        item: tuple(stated.figure(item, measure) for measure in group.measures)
        for group, item in form.items()
    }
    return {
        item: tuple(one if one is not None and isfinite(one) else None for one in row)
        for item, row in found.items()
    }


def faults_of(unit: Unit, found: Iterable[Check], form: Form, shown: int) -> Iterator[Check]:
    """What is wrong with a unit's tables, given every check of them."""
    faults = [one for one in found if not one.ok and not one.id.startswith("table2.")]
    if faults:
        told = "；".join(one.message for one in faults[:shown])
        more = f"等{len(faults)}处" if len(faults) > shown else ""
        message = f"{unit.called}的表不平，已按原样计入：{told}{more}"
        cases = tuple(dict.fromkeys(case for one in faults for case in one.cases))
        yield Check(f"unit.unbalanced.{unit.name}", False, message, cases)
    for row in unit.as_last:
        message = f"{unit.called}的“{row.full_label}”只列一行，按其中的“其他”计入"
        name = f"unit.merged_row.{unit.name}"
        yield Check(name, True, message, short_of=Verdict.DOUBTFUL)
    yield from _of_table2(unit, form)


def _of_table2(unit: Unit, form: Form) -> Iterator[Check]:
    """What table 二 of a unit lacks or has wrong; what it does not state is not in the sum."""
    open_ = [one for one in table2_checks(unit.tables.table2) if one.verdict is not Verdict.HOLDS]
    told = [one.message.removeprefix("表二") for one in open_]
    if unit.tables.form.key != form.key:
        which = f"，{'、'.join(unit.gaps)}缺数" if unit.gaps else ""
        told.append(f"按{unit.tables.form.key}年格式填报，只计两种格式相同的栏{which}")
    if told:
        fails = bool(unit.gaps) or not all(one.ok for one in open_)
        short = None if fails else Verdict.DOUBTFUL
        message = f"{unit.called}的表二：{'；'.join(told)}"
        yield Check(f"unit.table2.{unit.name}", not fails, message, short_of=short)


def as_stated(
    rows: Mapping[str, Sequence[Number | None]],
) -> dict[str, Number | list[Number | None] | None]:
    """Table 二 as `tables.json` has it: a figure for each item, or a list of several."""
    return {item: row[0] if len(row) == 1 else list(row) for item, row in rows.items()}


def sum_of(figures: Iterable[Number | Decimal | None]) -> Exact:
    """The sum by the digits as they are written, a blank as 0: a thousand times 0.1 is 100."""
    return sum((_exact(one) for one in figures if one is not None), 0)


def _exact(figure: Number | Decimal) -> Exact:
    return Decimal(str(figure)) if isinstance(figure, float) else figure


def plain(exact: Exact) -> Number:
    """The sum as it is written: without a fraction where it has none."""
    return int(exact) if exact == int(exact) else float(exact)
