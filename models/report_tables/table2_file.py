"""Table 二 as a file states it: its items by their names, a figure for each column of the form.

A name is the form's also in another width or with spaces, and with the unit of its figures in
brackets: “行政事业性收费(万元)”. What cannot be placed is named, never cut or guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite

from models.errors import MalformedTables
from models.report_tables.form import Form, ProactiveGroup
from models.report_tables.identities import Check, Verdict
from models.report_tables.table2 import Fact, Number, recounted_cell
from models.words.names import one_name

Facts = Mapping[tuple[str, str], tuple[Fact, ...]]

SHOWN = 10  # cells named in one message
_UNIT = re.compile(r"\(单位:(.+)\)$")


@dataclass(frozen=True)
class Stated2:
    """Table 二 of a file, in the items and columns of its form.

    rows     = by item, a figure or a blank for each column; only of items that could be placed
    unplaced = what could not be, in words: no such item, twice, another number of figures
    wordy    = items and cells that hold words in place of a figure
    absent   = items that the file does not have
    facts    = by item and column what stands behind a figure; None if the file does not say
    """

    year: int
    form: Form
    given: bool
    rows: Mapping[str, tuple[Number, ...]]
    unplaced: tuple[str, ...]
    wordy: tuple[str, ...]
    absent: tuple[str, ...]
    facts: Facts | None

    def figure(self, item: str, measure: str) -> Number:
        """The figure of one kind for an item; None where the file, or its form, has none."""
        group = next((group for group, own in self.form.items() if own == item), None)
        if group is None or measure not in group.measures or item not in self.rows:
            return None
        return self.rows[item][group.measures.index(measure)]


def read_table2(raw: object, facts: object, year: int, form: Form) -> Stated2:
    """What `table2` and `cells2` of a file state; MalformedTables if `cells2` is no list of facts."""
    content = raw if isinstance(raw, dict) else {}
    rows: dict[str, tuple[Number, ...]] = {}
    unplaced, wordy, seen = [], [], set[str]()
    for name, stated in content.items():
        place = _place(str(name), form)
        if place is None:
            unplaced.append(f"{form.key}年格式没有“{name}”")
            continue
        group, item = place
        if item in seen:
            unplaced.append(f"“{item}”列了两次（“{name}”）")
            continue
        seen.add(item)
        if isinstance(stated, str):
            wordy.append(item)
            continue
        figures = stated if isinstance(stated, list) else [stated]
        if len(figures) != len(group.columns):
            unplaced.append(f"“{item}”应有{len(group.columns)}个数，填了{len(figures)}个")
            continue
        rows[item] = tuple(one if _is_number(one) else None for one in figures)
        wordy += [
            f"{item}·{column}"
            for column, one in zip(group.columns, figures, strict=True)
            if one is not None and not _is_number(one)
        ]
    absent = tuple(item for _, item in form.items() if item not in seen)
    listed = _facts(facts, form)
    given = isinstance(raw, dict)
    return Stated2(year, form, given, rows, tuple(unplaced), tuple(wordy), absent, listed)


def table2_checks(stated: Stated2) -> Iterator[Check]:
    """Whether table 二 is whole and its figures can be; where facts are listed, whether they agree.

    A report of others may be known in part only: what it does not state cannot be judged.
    """
    if not stated.given:
        yield _lacking(stated, "table2.present", "没有表二，无法核对（没有发生的应填0）")
        return
    yield _items(stated)
    yield _blank(stated)
    yield _possible(stated)
    yield from _stocks(stated)
    yield from _as_listed(stated)


def _lacking(stated: Stated2, check_id: str, message: str) -> Check:
    """What a file of our own must have, and of others may not be known."""
    if stated.facts is not None:
        return Check(check_id, False, message)
    return Check(check_id, True, message, short_of=Verdict.UNJUDGED)


def _items(stated: Stated2) -> Check:
    faults = list(stated.unplaced)
    short = [f"没有“{item}”" for item in stated.absent]
    short += [f"“{place}”写的不是数" for place in stated.wordy]
    if faults:
        return Check("table2.items", False, f"表二{'；'.join([*faults, *short])}")
    if short:
        return _lacking(stated, "table2.items", f"表二{'；'.join(short)}")
    return Check("table2.items", True, f"表二{len(stated.rows)}个项目齐全")


def _blank(stated: Stated2) -> Check:
    blanks = [p for p, one, _ in _cells(stated) if one is None and p not in stated.wordy]
    if not blanks:
        return Check("table2.blank", True, "表二没有未填写的格")
    named = f"{'、'.join(blanks[:SHOWN])}{'等' if len(blanks) > SHOWN else ''}"
    message = f"表二有{len(blanks)}格未填写：{named}（没有发生的应填0）"
    return Check("table2.blank", False, message)


def _possible(stated: Stated2) -> Check:
    """Counts are whole and not below 0; money is not below 0."""
    wrong = []
    for place, one, key in _cells(stated):
        measure = stated.form.measures[key]
        if one is not None and not (
            isfinite(one)
            and (measure.money or isinstance(one, int))
            and (measure.signed or one >= 0)
        ):
            wrong.append(f"{place}为{one}")
    if not wrong:
        return Check("table2.whole", True, "表二各格均为非负整数（金额可以有小数）")
    more = f"等{len(wrong)}格" if len(wrong) > SHOWN else ""
    message = f"表二应填非负整数（金额可以有小数）：{'；'.join(wrong[:SHOWN])}{more}"
    return Check("table2.whole", False, message)


def _stocks(stated: Stated2) -> Iterator[Check]:
    """What is in force cannot be less than what was made in the year, less what was repealed.

    Doubtful only: what was made may come into force later.
    """
    for group, item in stated.form.items():
        for column, key in zip(group.columns, group.measures, strict=True):
            measure = stated.form.measures[key]
            stock = stated.figure(item, key)
            came = [stated.figure(item, one) for one in measure.gains if one in group.measures]
            went = [stated.figure(item, one) for one in measure.losses if one in group.measures]
            if not came or stock is None or None in came or None in went:
                continue
            least = sum(one or 0 for one in came) - sum(one or 0 for one in went)
            if stock < least:
                message = f"表二‘{item}’：{column}为{stock}，少于本年增加的减去减少的（{least}）"
                name = f"table2.stock.{item}"
                yield Check(name, True, message, short_of=Verdict.DOUBTFUL)


def _as_listed(stated: Stated2) -> Iterator[Check]:
    """Where the file lists facts: each figure is what they add up to."""
    if stated.facts is None:
        return
    measures, agree = stated.form.measures, True
    for group, item in stated.form.items():
        for n, (column, key) in enumerate(zip(group.columns, group.measures, strict=True)):
            figure = stated.rows[item][n] if item in stated.rows else None
            facts = stated.facts.get((item, column), ())
            counted = recounted_cell(facts, stated.year, measures[key], measures)
            if figure == counted or (figure is None and not facts):
                continue
            agree = False
            told = "没有登记" if counted is None else f"合计为{counted}"
            what = f"表二‘{item}·{column}’：数字为{'空白' if figure is None else figure}，"
            message = f"{what}所列登记的事实{told}"
            yield Check(f"table2.cells.{item}.{column}", False, message)
    if agree:
        yield Check("table2.cells", True, "表二各格数字与所列登记的事实一致")


def _cells(stated: Stated2) -> Iterator[tuple[str, Number, str]]:
    """Every figure with its place and the key of its measure."""
    for group, item in stated.form.items():
        for column, key, one in zip(
            group.columns, group.measures, stated.rows.get(item, ()), strict=False
        ):
            yield f"{item}·{column}", one, key


def _place(name: str, form: Form) -> tuple[ProactiveGroup, str] | None:
    """The item of the form that a name stands for, with its block."""
    bare = one_name(name)
    for group, item in form.items():
        own, unit = one_name(item), _unit(group, form)
        if bare in (own, f"{own}({unit})", f"{own}(单位:{unit})"):
            return group, item
    return None


def _unit(group: ProactiveGroup, form: Form) -> str:
    """The unit of a block's figures as the form says it: 万元, else 件."""
    stated = (_UNIT.search(one_name(column)) for column in group.columns)
    return next((found.group(1) for found in stated if found), "件")


def _is_number(one: object) -> bool:
    return isinstance(one, int | float) and not isinstance(one, bool)


def _facts(raw: object, form: Form) -> Facts | None:
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise MalformedTables("cells2", "应为按项目、栏列出登记事实的对象")
    columns = {item: group.columns for group, item in form.items()}
    found = {}
    for item, cells in raw.items():
        if item not in columns or not isinstance(cells, dict):
            raise MalformedTables(f'cells2 的"{item}"', "应为表二的项目，按栏列出登记的事实")
        for column, facts in cells.items():
            where = f'cells2 的"{item}"“{column}”栏'
            if column not in columns[item] or not isinstance(facts, list):
                raise MalformedTables(where, f"应为{'、'.join(columns[item])}之一，值为列表")
            found[item, column] = tuple(_fact(where, item, one) for one in facts)
    return found


def _fact(where: str, item: str, raw: object) -> Fact:
    match raw:
        case {"on": str(day), "measure": str(measure), "amount": int(amount)}:
            try:
                return Fact(date.fromisoformat(day), item, measure, amount)
            except ValueError:
                raise MalformedTables(where, f"日期“{day}”有误") from None
    raise MalformedTables(where, "每项应有 on（日期）、measure、amount（整数）")
