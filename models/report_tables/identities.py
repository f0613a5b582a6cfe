"""Does table 三 balance? Judged on the sets of cases, so that a fault is answered with numbers.

The only identity the form prints is 一＋二＝三（七）＋四, in every column; the others follow from
what the rows mean. For tables of which only figures are known see models/units/published.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain

from models.errors import WrongPreviousYear
from models.report_tables.blocks import CaseList, in_both, none_twice, same_blocks, together
from models.report_tables.table3 import Table3

Side = tuple[str, Sequence[str]]

SHOWN = 5  # case numbers named in a message; `cases` has them all


class Verdict(StrEnum):
    """What is found of an identity; the value is what the officer reads."""

    HOLDS = "成立"
    FAILS = "不成立"
    DOUBTFUL = "存疑"
    UNJUDGED = "无法判断"


@dataclass(frozen=True, slots=True)
class Overruled:
    """A person's verdict in place of what was found: who, when, why (models/year/overruling.py)."""

    found: Verdict
    verdict: Verdict
    by: str
    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Check:
    """One identity: what is found of it, in words for an officer, and the cases that break it.

    id = stable, for programs: "cases.balance.自然人"; ok = it does not fail; short_of = DOUBTFUL or
    UNJUDGED, where it neither holds nor fails; overruled = a person judged otherwise
    blank = what it misses is blank in print: a judgment may let it be signed, and fills nothing
    """

    id: str
    ok: bool
    message: str
    cases: tuple[str, ...] = ()
    short_of: Verdict | None = None
    overruled: Overruled | None = None
    blank: bool = False

    @property
    def verdict(self) -> Verdict:
        """The verdict that counts: the person's, if there is one."""
        if self.overruled:
            return self.overruled.verdict
        return self.short_of or (Verdict.HOLDS if self.ok else Verdict.FAILS)

    def as_data(self) -> dict[str, object]:
        """As `tables.json` has it."""
        data: dict[str, object] = {
            "id": self.id,
            "ok": self.ok,
            "message": self.message,
            "cases": list(self.cases),
            "verdict": str(self.verdict),
        }
        if self.overruled:
            one = self.overruled
            data["overruled"] = {
                "found": str(one.found),
                "by": one.by,
                "on": one.on.isoformat(),
                "reason": one.reason,
            }
        return data


def checks(table: Table3, previous: Table3 | None = None) -> list[Check]:
    """Every identity of table 三 on the sets of its cases; with last year's table, the carry-over.

    Each case is taken in once and ends once (a result or 结转); both are the same cases in every
    column; （七）总计 and 总计 hold exactly the cases they add up. Without `previous` the
    carry-over cannot be judged. Raises WrongPreviousYear if `previous` is not of the year before.
    """
    found = [*_once(table), *_balance(table), *_results(table), *_totals(table)]
    if previous is not None:
        return [*found, *carried_over(table, previous), _new_once(table, previous)]
    message = f"没有{table.year - 1}年度的表三，无法逐件核对上年结转"
    return [*found, Check("cases.carried", True, message, short_of=Verdict.UNJUDGED)]


def carried_over(table: Table3, previous: Table3) -> list[Check]:
    """上年结转 is, case by case, what last year's table carried out."""
    if previous.year != table.year - 1:
        raise WrongPreviousYear(table.year, previous.year)
    here, there = table.form.code("carried_in"), previous.form.code("carried_out")
    return [
        _same(
            f"cases.carried.{column}",
            f"‘{column}’列：上年结转与{previous.year}年度表三的结转下年度",
            (f"{table.year}年度上年结转", table.cases(here, column)),
            (f"{previous.year}年度结转下年度", previous.cases(there, column)),
        )
        for column in table.form.columns
    ]


def _new_once(table: Table3, previous: Table3) -> Check:
    """A case is 新收 in one year, and ends in one: none of the table is last year's already."""
    ours, theirs = table.form, previous.form
    intake = (theirs.code("received"), theirs.code("carried_in"))
    sides = (
        (table.cases(ours.code("received"), ours.total), _in_rows(previous, intake)),
        (
            table.cases(ours.code("results"), ours.total),
            previous.cases(theirs.code("results"), theirs.total),
        ),
    )
    again = sorted({number for now, then in sides for number in _common(now, then)})
    if not again:
        message = f"本年新收、办结的申请均未计入{previous.year}年度的新收、办结"
        return Check("cases.one_year", ok=True, message=message)
    message = (
        f"{len(again)}件申请已计入{previous.year}年度，又计为本年新收或者办结：{_named(again)}"
    )
    return Check("cases.one_year", ok=False, message=message, cases=tuple(again))


def _in_rows(table: Table3, codes: Sequence[str]) -> Sequence[str]:
    return together([table.cases(code, table.form.total) for code in codes])


def _common(now: Sequence[str], then: Sequence[str]) -> set[str]:
    """The cases on both sides; of one register, those of the blocks on both."""
    if isinstance(now, CaseList) and isinstance(then, CaseList):
        return set(in_both(now, then))
    return set(now) & set(then)


def _once(table: Table3) -> list[Check]:
    """Each application is counted once on either side of the table."""
    form = table.form
    intake = (form.code("received"), form.code("carried_in"))
    ends = (*form.result_codes, form.code("carried_out"))
    return [
        _no_twice(table, "cases.received_once", "在“一、二”两行中", intake),
        _no_twice(table, "cases.ended_once", "在各项办理结果和“四、结转下年度继续办理”中", ends),
    ]


def _no_twice(table: Table3, check_id: str, where: str, codes: Sequence[str]) -> Check:
    cells = [table.cases(code, kind) for code in codes for kind in table.form.kinds]
    total = sum(map(len, cells))
    if none_twice(cells) or len(set(chain.from_iterable(cells))) == total:
        return Check(check_id, ok=True, message=f"每件申请{where}只计一次，共{total}件")
    twice = [number for number, n in Counter(chain.from_iterable(cells)).items() if n > 1]
    message = f"{len(twice)}件申请{where}重复计数：{_named(twice)}"
    return Check(check_id, ok=False, message=message, cases=tuple(twice))


def _balance(table: Table3) -> list[Check]:
    """一＋二＝三（七）＋四 in every column, as sets."""
    code = table.form.code
    return [
        _same(
            f"cases.balance.{column}",
            f"‘{column}’列：一＋二与三（七）＋四",
            ("一、二", _joined(table, (code("received"), code("carried_in")), column)),
            ("三（七）、四", _joined(table, (code("results"), code("carried_out")), column)),
        )
        for column in table.form.columns
    ]


def _results(table: Table3) -> list[Check]:
    """（七）总计 is the disjoint union of the results in every column."""
    return [
        _same(
            f"cases.results.{column}",
            f"‘{column}’列：（一）至（六）之和与（七）总计",
            ("（一）至（六）", _joined(table, table.form.result_codes, column)),
            ("（七）总计", table.cases(table.form.code("results"), column)),
        )
        for column in table.form.columns
    ]


def _totals(table: Table3) -> list[Check]:
    """总计 is the disjoint union of the six kinds of applicant in every row."""
    form = table.form
    return [
        _same(
            f"cases.total.{code}",
            f"‘{row.full_label}’行：六类申请人之和与总计",
            ("六类申请人", together([table.cases(code, kind) for kind in form.kinds])),
            ("总计", table.cases(code, form.total)),
        )
        for code, row in form.rows.items()
    ]


def _joined(table: Table3, codes: Iterable[str], column: str) -> Sequence[str]:
    return together([table.cases(code, column) for code in codes])


def _same(check_id: str, what: str, left: Side, right: Side) -> Check:
    """Whether both sides hold the same cases, each as often."""
    (left_name, ours), (right_name, theirs) = left, right
    agreed = Check(check_id, ok=True, message=f"{what}一致，均为{len(ours)}件")
    if same_blocks(ours, theirs):
        return agreed
    every = set(ours)
    if len(every) == len(ours) == len(theirs) and every == set(theirs):
        return agreed  # no case twice: as sets, several times faster than counting
    left_count, right_count = Counter(ours), Counter(theirs)
    only_left, only_right = left_count - right_count, right_count - left_count
    if not only_left and not only_right:
        return agreed
    apart = abs(len(ours) - len(theirs))
    counts = f"{len(ours)}件与{len(theirs)}件，相差{apart}件" if apart else f"均为{len(ours)}件"
    parts = [f"{what}不是同样的申请（{counts}）"]
    parts += [
        f"{name}多出{_named(list(only))}"
        for name, only in ((left_name, only_left), (right_name, only_right))
        if only
    ]
    return Check(check_id, ok=False, message="；".join(parts), cases=(*only_left, *only_right))


def _named(numbers: Sequence[str]) -> str:
    """Some case numbers, and how many more there are."""
    shown = "、".join(numbers[:SHOWN])
    return shown if len(numbers) <= SHOWN else f"{shown}等{len(numbers)}件"
