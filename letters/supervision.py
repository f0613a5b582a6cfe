"""督办清单 as a workbook: how many each officer has, and the three lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from letters.workbook import Sheet, lists
from models.duties import written_limit
from models.supervision import Concern, Listed, by_officer

HEAD = (
    "受理编号",
    "申请人",
    "承办人",
    "环节",
    "等待",
    "最后期限",
    "已用工作日",
    "剩余工作日",
    "办结日期",
)
WIDTHS = (20, 16, 12, 14, 12, 20, 12, 12, 14)


def supervision_workbook(agency: str, on: date, found: Sequence[Listed]) -> bytes:
    """The lists of a day; applicants as they were given (masked). The same lists, the same bytes."""
    summary: list[tuple[str | int, ...]] = [
        (officer or "（未登记）", *(counted[concern] for concern in Concern))
        for officer, counted in by_officer(found)
    ]
    sheets = [Sheet("汇总", ("承办人", *Concern), (16, 12, 12, 12), summary)]
    sheets += [
        Sheet(str(concern), HEAD, WIDTHS, [row(one) for one in found if one.concern is concern])
        for concern in Concern
    ]
    return lists(agency, on, sheets)


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
