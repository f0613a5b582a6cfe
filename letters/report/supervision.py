"""督办清单 as a workbook: how many by officer and by stage, and the three lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from models.duties.limits import written_limit
from models.watch.supervision import Concern, Listed, by_officer, by_stage

HEAD = (
    "申请编号",
    "申请人",
    "承办人",
    "环节",
    "等待",
    "届满日",
    "已用工作日",
    "剩余工作日",
    "办结日期",
)
WIDTHS = (20, 16, 12, 14, 12, 20, 12, 12, 14)


def supervision_workbook(agency: str, on: date, found: Sequence[Listed]) -> bytes:
    """The lists of a day; applicants as they were given (masked). The same lists, the same bytes."""
    from letters.report.workbook import Sheet, lists  # Excel: who reads the lists does not wait

    sheets = [
        Sheet(name, (head, *Concern), (16, 12, 12, 12), summary(counted))
        for name, head, counted in (
            ("按承办人", "承办人", by_officer(found)),
            ("按环节", "环节", by_stage(found)),
        )
    ]
    sheets += [
        Sheet(str(concern), HEAD, WIDTHS, [row(one) for one in found if one.concern is concern])
        for concern in Concern
    ]
    return lists(agency, on, sheets)


def summary(counted: Iterable[tuple[str, Counter[Concern]]]) -> list[tuple[str | int, ...]]:
    """How many of each list, a row for each officer or stage."""
    return [(key, *(numbers[concern] for concern in Concern)) for key, numbers in counted]


def row(one: Listed) -> tuple[str | int, ...]:
    """One case in the columns of HEAD; what is over is negative."""
    return (
        one.number,
        one.applicant,
        one.officer,
        one.stage,
        one.waiting,
        written_limit(one.last_day, one.provisional),
        one.used,
        one.left,
        str(one.closed_on or ""),
    )
