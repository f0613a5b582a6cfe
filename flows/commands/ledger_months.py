"""Days that a ledger knows by their month alone (2016年3月): one day is decided on for all of them.

Which one it was nobody knows any more. What is taken stays within the month and in order with the
other day of the row; it is kept in the record that the month alone was known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

from models.acts.intake.imported import MONTH_ALONE
from models.words.written_days import Month

FIRST, LAST = "first", "last"
Stated = date | Month | None
"""What a cell says of a day: the day, the month alone, or nothing (certain)."""
NO_YEAR: Final = "；工作表名、表题没有写明是哪一年的，加 --year 年份，如 --year 2024"
UNDECIDED: Final = (
    "；全部这样的日期，按该月第一天的加 --month-only first，按最后一天的加 --month-only last"
    f"（记录中注明“{MONTH_ALONE}”）；查得到是哪一天的，请写明"
)
_CALLED: Final = {FIRST: "第一天", LAST: "最后一天"}


class Days(NamedTuple):
    """The days of a row. received_in = the month of receipt, where that alone is known.

    told = what the record keeps of it; how = what is told to the one who imports, and of what
    asked = what has to be decided: in short, of which column, the advice
    """

    received_on: date | None
    closed_on: date | None
    received_in: Month | None = None
    told: str = ""
    how: tuple[tuple[str, str], ...] = ()
    asked: tuple[tuple[str, str, str], ...] = ()


def settled(stated: Mapping[str, Stated], decided: str, today: date) -> Days:
    """The days of receipt and of closing (收到日期, 办结日期), where one is known by its month."""
    received, closed = stated.values()
    if not isinstance(received, Month) and not isinstance(closed, Month):
        return Days(received, closed)
    asked = (
        _asked(name, one, decided, today) for name, one in stated.items() if isinstance(one, Month)
    )
    undecided = tuple(one for one in asked if one is not None)
    month = received if isinstance(received, Month) else None
    if undecided:
        known, over = (None if isinstance(one, Month) else one for one in (received, closed))
        return Days(known, over, month, asked=undecided)
    if isinstance(received, Month):
        received_on: date | None = _received(received, closed, decided, today)
    else:
        received_on = received
    closed_on = (
        _closed(closed, received_on, decided, today) if isinstance(closed, Month) else closed
    )
    found = {"收到日期": received_on, "办结日期": closed_on}
    months = {name: one for name, one in stated.items() if isinstance(one, Month)}
    how = f"只写到月的日期，按该月{_CALLED[decided]}"
    return Days(
        received_on,
        closed_on,
        month,
        f"{MONTH_ALONE}：{'、'.join(f'{name}{one}' for name, one in months.items())}",
        tuple((how, f"{name} {found[name]}") for name in months),
    )


def _asked(name: str, month: Month, decided: str, today: date) -> tuple[str, str, str] | None:
    """What is to be asked of a month; None where it is decided."""
    if not month.year:
        more = "" if decided else UNDECIDED
        return f"“{name}”没有年份{'' if decided else '，也只写到月'}", name, NO_YEAR + more
    if month.first > today:
        return f"{name} {month}晚于今天（{today}）", name, ""
    return None if decided else (f"“{name}”只写到月", name, UNDECIDED)


def _received(month: Month, closed: Stated, decided: str, today: date) -> date:
    if decided == FIRST:
        return month.first
    latest = min(month.last, today)
    return min(latest, closed) if isinstance(closed, date) and month.has(closed) else latest


def _closed(month: Month, received: date | None, decided: str, today: date) -> date:
    if decided == LAST:
        return min(month.last, today)
    return max(month.first, received) if received and month.has(received) else month.first
