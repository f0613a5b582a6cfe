"""Table 四 of the annual report (条例第五十条第一款第二项): a cell is its list of reviews and suits.

A case is counted with its result in the year it was decided, and as 尚未审结 at the end of each
year it was pending; there is no carry-over row. When a judgment that may be, or was, appealed
counts as decided is a disputed point (config/practice.toml, first_instance_judgment). By the same
choice a suit that is tried again is pending again from the order on, and counted in the year of the
retrial's judgment, or not again; years before the order stay as they were.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from models.case.review_case import Decision, ReviewCase, ReviewStage
from models.errors import UncountableReview
from models.report_tables.form import Form
from models.report_tables.identities import Check

if TYPE_CHECKING:
    from models.law.statute import Statute

PENDING = "尚未审结"
Cells = dict[str, dict[str, Sequence[str]]]


class ReviewLine(NamedTuple):
    """What table 四 needs to know of a review or suit; settled_on, column = None while pending."""

    number: str
    group: str
    lodged_on: date  # or to be tried again
    settled_on: date | None = None
    column: str | None = None


@dataclass(frozen=True)
class Table4:
    """Table 四 of one year: for every group and column of the form its case numbers.

    earlier = those that were lodged before the year
    """

    year: int
    form: Form
    cells: Cells
    earlier: frozenset[str] = frozenset()

    def listed(self) -> dict[str, dict[str, Sequence[str]]]:
        """The cases of every cell that has any, without the totals, which hold them again."""
        return {
            group.key: cells
            for group in self.form.review
            if (cells := {c: own for c in group.columns[:-1] if (own := self.cells[group.key][c])})
        }

    def figures(self) -> list[int]:
        """The table as printed: the columns of its three groups in a row, 15 integers."""
        groups = self.form.review
        return [len(self.cells[group.key][column]) for group in groups for column in group.columns]


def line(case: ReviewCase, year: int, law: Statute) -> ReviewLine | None:
    """What table 四 of a year counts of a case; None if it was entered by mistake."""
    if case.stage is ReviewStage.VOID:
        return None
    rule = law.choice("first_instance_judgment", date(year, 12, 31))
    since, settled_on, decision = _settled(case, year, rule)
    results = law.review_results
    column = results.on(decision.result, decision.decided_on).column if decision else None
    return ReviewLine(case.number, case.kind, since, settled_on, column)


def _settled(case: ReviewCase, year: int, rule: str) -> tuple[date, date | None, Decision | None]:
    """Since when a case is pending, when it counts as decided, and with which decision.

    As at the end of the year: a retrial ordered after it is not known to it.
    """
    if rule == "first" and case.decisions:
        return case.lodged_on, case.decisions[0].decided_on, case.decisions[0]
    if case.since.year > year and case.ended:
        one = next((o for o in reversed(case.ended) if o.since.year <= year), case.ended[0])
        return one.since, one.effective_on, one.decision
    settled = case.effective_on is not None
    return case.since, case.effective_on, case.holding if settled else None


def counted_in(case: ReviewCase, year: int, law: Statute) -> tuple[str, str] | None:
    """The cell of table 四 that counts a case in a year: group and column; None if none does."""
    found = line(case, year, law) if case.stage is not ReviewStage.NEW else None
    return _cell(found, year) if found else None


def _cell(one: ReviewLine, year: int) -> tuple[str, str] | None:
    first, last = date(year, 1, 1), date(year, 12, 31)
    settled = one.settled_on
    if one.lodged_on > last or (settled is not None and settled < first):
        return None
    return one.group, PENDING if settled is None or settled > last else one.column or ""


def table4(lines: Iterable[ReviewLine], year: int, form: Form) -> Table4:
    """Count the reviews and suits of `year`; a cell lists them in the order of `lines`.

    Raises UncountableReview for a line that fits no cell.
    """
    cells: dict[str, dict[str, list[str]]] = {
        g.key: {column: [] for column in g.columns} for g in form.review
    }
    earlier = set()
    for one in lines:
        cell = _cell(one, year)
        if cell is None:
            continue
        group, column = cell
        if group not in cells or column not in cells[group]:
            raise UncountableReview(one.number, f"“{group}”组没有“{column}”栏")
        cells[group][column].append(one.number)
        if one.lodged_on.year < year:
            earlier.add(one.number)
    return reviews_listed(cells, year, form, frozenset(earlier))


def reviews_listed(
    cells: Mapping[str, Mapping[str, Sequence[str]]],
    year: int,
    form: Form,
    earlier: frozenset[str] = frozenset(),
) -> Table4:
    """The whole table from cases that are grouped already; a 总计 that lists none is added up."""
    whole: Cells = {}
    for group in form.review:
        row = {column: list(cells.get(group.key, {}).get(column, ())) for column in group.columns}
        *parts, total = group.columns
        row[total] = row[total] or list(chain.from_iterable(row[column] for column in parts))
        whole[group.key] = {**row}
    return Table4(year, form, whole, earlier)


def review_checks(table: Table4, previous: Table4 | None = None) -> list[Check]:
    """Every identity of table 四 on the sets of its cases.

    Each case once; in every group 总计 is the sum of the others; with last year's table, what was
    尚未审结 then is in the same group now, and what was lodged earlier was 尚未审结 then.
    """
    found = [_once(table), *(_total(table, group.key) for group in table.form.review)]
    if previous is None:
        return found
    return [*found, *_still_there(table, previous), *_there_before(table, previous)]


def _once(table: Table4) -> Check:
    numbers = [
        number
        for group in table.form.review
        for column in group.columns[:-1]
        for number in table.cells[group.key][column]
    ]
    twice = tuple(number for number, n in Counter(numbers).items() if n > 1)
    said = "重复计数：" + "、".join(twice) if twice else f"只计一次，共{len(numbers)}件"
    message = f"表四：每件复议诉讼案件{said}"
    return Check("reviews.once", ok=not twice, message=message, cases=twice)


def _total(table: Table4, group: str) -> Check:
    columns = next(each.columns for each in table.form.review if each.key == group)
    row = table.cells[group]
    parts = Counter(chain.from_iterable(row[column] for column in columns[:-1]))
    whole = Counter(row[columns[-1]])
    apart = (*(parts - whole), *(whole - parts))
    said = f"不是同样的案件：{'、'.join(apart)}" if apart else f"一致，均为{whole.total()}件"
    message = f"表四‘{group}’：各结果之和与总计{said}"
    return Check(f"reviews.total.{group}", ok=not apart, message=message, cases=apart)


def _still_there(table: Table4, previous: Table4) -> list[Check]:
    found = []
    for group in table.form.review:
        pending = previous.cells[group.key][PENDING]
        here = set(table.cells[group.key][group.columns[-1]])
        lost = tuple(number for number in pending if number not in here)
        said = f"本年表四未计：{'、'.join(lost)}" if lost else f"本年均已计入，共{len(pending)}件"
        message = f"表四‘{group.key}’：{previous.year}年度尚未审结的{said}"
        name = f"reviews.pending.{group.key}"
        found.append(Check(name, ok=not lost, message=message, cases=lost))
    return found


def _there_before(table: Table4, previous: Table4) -> list[Check]:
    found = []
    for group in table.form.review:
        pending = set(previous.cells[group.key][PENDING])
        here = [n for n in table.cells[group.key][group.columns[-1]] if n in table.earlier]
        new = tuple(number for number in here if number not in pending)
        said = (
            f"上年未列为尚未审结：{'、'.join(new)}" if new else f"上年均为尚未审结，共{len(here)}件"
        )
        message = f"表四‘{group.key}’：{previous.year}年度及以前申请或者起诉、计入本年的{said}"
        name = f"reviews.earlier.{group.key}"
        found.append(Check(name, ok=not new, message=message, cases=new))
    return found
