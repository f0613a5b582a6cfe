"""Does a report follow from last year's? Carry-over, stocks, pending reviews, and what leaps.

What last year carried out is what this year carries in, column by column: 不成立 where it is not. A
stock follows from last year's, and what was made and repealed: 存疑 where it does not, for a count or
a lapse may explain it. A leap says nothing but that a reason should be given (config/annual/jumps.toml).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from models.report_tables.annual_rules import Jump
from models.report_tables.form import Form
from models.report_tables.identities import Check, Verdict
from models.report_tables.tables_file import Number, PublishedTables
from models.words.names import one_name

DOUBTFUL, UNJUDGED = Verdict.DOUBTFUL, Verdict.UNJUDGED


def beside_last_year(
    now: PublishedTables, before: PublishedTables, jumps: Mapping[str, Jump]
) -> Iterator[Check]:
    """Every check of a report beside that of the year before, of the same agency."""
    if before.year != now.year - 1:
        message = f"所给的上年报告是{before.year}年度的，不是{now.year - 1}年度的，没有与它核对"
        yield Check("last_year.year", True, message, short_of=UNJUDGED)
        return
    if one_name(before.agency) != one_name(now.agency):
        message = f"上年报告的机关名称是“{before.agency}”，本年是“{now.agency}”，请核实是否同一机关"
        yield Check("last_year.agency", True, message, short_of=DOUBTFUL)
    if before.form.key != now.form.key:
        message = (
            f"上年报告用{before.form.key}年格式，本年用{now.form.key}年格式，只核对两种格式都有的"
        )
        yield Check("last_year.form", True, message)
    yield from _carried(now, before)
    yield from _stocks(now, before)
    yield from _pending(now, before)
    for one in leaps(now, before, jumps):
        message = f"{one.said}，变化较大，请核实并说明原因"
        yield Check(f"last_year.jump.{one.name}", True, message, short_of=DOUBTFUL)


def _carried(now: PublishedTables, before: PublishedTables) -> Iterator[Check]:
    """上年结转 of this year is 结转下年度 of the last, in every column."""
    ours, theirs = now.form, before.form
    here = _row(now, ours.code("carried_in"))
    there = _row(before, theirs.code("carried_out"))
    for column in (each for each in ours.columns if each in theirs.columns):
        left, right = here[ours.columns.index(column)], there[theirs.columns.index(column)]
        what = f"‘{column}’列：上年结转为{_shown(left)}，{before.year}年度报告的结转下年度为{_shown(right)}"
        same = (left or 0) == (right or 0)
        apart = "" if same else f"，相差{abs((left or 0) - (right or 0))}"
        yield Check(f"last_year.carried.{column}", same, what + apart)


def _stocks(now: PublishedTables, before: PublishedTables) -> Iterator[Check]:
    """现行有效 = last year's + 制发 − 废止; 上一年项目数量 = what last year's lead to."""
    for group, item in now.table2.form.items():
        for column, key in zip(group.columns, group.measures, strict=True):
            measure = now.form.measures[key]
            figure = now.table2.figure(item, key)
            if measure.counts == "end":
                last = _last(before, item, key)
                gains = [now.table2.figure(item, one) for one in measure.gains]
                losses = [now.table2.figure(item, one) for one in measure.losses]
            elif measure.counts == "before":
                last = before.table2.figure(item, key)
                stock = now.form.measures[measure.of]
                gains = [before.table2.figure(item, one) for one in stock.gains]
                losses = [before.table2.figure(item, one) for one in stock.losses]
            else:
                continue
            if figure is None or last is None or None in gains or None in losses:
                continue
            due = last + sum(one or 0 for one in gains) - sum(one or 0 for one in losses)
            what = f"表二‘{item}·{column}’：上年的{last}，加增加的、减减少的，应为{due}，写的是{figure}"
            short = None if due == figure else DOUBTFUL
            yield Check(f"last_year.stock.{item}.{key}", True, what, short_of=short)


def _last(before: PublishedTables, item: str, key: str) -> Number:
    """Last year's stock of an item, under the name that last year's form has for it."""
    if (figure := before.table2.figure(item, key)) is not None:
        return figure
    other = {"行政规范性文件": "规范性文件", "规范性文件": "行政规范性文件"}.get(item, "")
    return before.table2.figure(other, key)


def _pending(now: PublishedTables, before: PublishedTables) -> Iterator[Check]:
    """What was pending in table 四 last year ended this year, or is pending still: it is counted."""
    ours, theirs = _groups(now), _groups(before)
    for key in ours.keys() & theirs.keys():
        pending, total = theirs[key][-2], ours[key][-1]
        if pending is None or total is None:
            continue
        what = f"表四‘{key}’：上年尚未审结{pending}件，本年总计{total}件"
        short = DOUBTFUL if total < pending else None
        said = what + ("，少于上年尚未审结的，请核实" if short else "")
        yield Check(f"last_year.pending.{key}", True, said, short_of=short)


class Leap(NamedTuple):
    """A figure that leapt: its name in a check, and what it was and is, in words."""

    name: str
    said: str


def leaps(
    now: PublishedTables, before: PublishedTables, jumps: Mapping[str, Jump]
) -> Iterator[Leap]:
    """The figures that leapt from one year to the next, table by table."""
    for name, label, kind, last, figure in _pairs(now, before):
        jump = jumps.get(kind)
        if jump is None or last is None or figure is None or not jump.is_one(last, figure):
            continue
        times = f"{figure / last:.1f}倍" if last else "从0起"
        yield Leap(name, f"{label}：上年{last}，本年{figure}（{times}）")


def _pairs(
    now: PublishedTables, before: PublishedTables
) -> Iterator[tuple[str, str, str, Number, Number]]:
    """Figures of both years: name, label, kind of leap, last year's, this year's."""
    for code, row in now.form.rows.items():
        if code in before.form.rows:
            last, figure = _row(before, code)[-1], _row(now, code)[-1]
            yield code, f"表三‘{row.full_label}’总计", "applications", last, figure
    ours, theirs = _groups(now), _groups(before)
    for key in ours.keys() & theirs.keys():
        yield f"表四.{key}", f"表四‘{key}’总计", "reviews", theirs[key][-1], ours[key][-1]
    for group, item in now.table2.form.items():
        for column, key in zip(group.columns, group.measures, strict=True):
            measure = now.form.measures[key]
            if measure.counts == "year":
                kind = "money" if measure.money else "decisions"
                last, figure = _last(before, item, key), now.table2.figure(item, key)
                yield f"表二.{item}.{key}", f"表二‘{item}·{column}’", kind, last, figure


def _row(tables: PublishedTables, code: str) -> tuple[Number, ...]:
    return tables.table3.get(code, (None,) * len(tables.form.columns))


def _groups(tables: PublishedTables) -> dict[str, list[Number]]:
    """The figures of table 四 by group."""
    if tables.table4 is None:
        return {}
    values = iter(tables.table4)
    form: Form = tables.form
    return {group.key: [next(values) for _ in group.columns] for group in form.review}


def _shown(figure: Number) -> str:
    return "空白" if figure is None else str(figure)
