"""The register of what table 二 counts: facts with the day they happened and the day recorded.

As in models/neighbours/enquiry.py: an entry is never changed. A mistake is put right by an entry with the
difference, which may be negative and says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from sqlmodel import Session, col, select

from models.agency.officers import Role, signed_as
from models.case.act import Circumstances, blank, in_future, not_handling, unprintable
from models.errors import ActRefused
from models.register.closed_years import TABLE2, closed_years, guard
from models.register.register import officer_faults
from models.report_tables.measures import Measure
from models.report_tables.table2 import Fact
from models.store.submissions import became
from models.store.tables import ProactiveFigure

MOST, LONGEST_NOTE = 10**15, 2000  # in fen ten thousand milliard yuan

Recordable = Mapping[tuple[str, str], Measure]


def enter_figure(
    session: Session, entry: ProactiveFigure, now: Circumstances, allowed: Recordable
) -> ProactiveFigure:
    """Record one fact; the same submission recorded twice is one fact.

    Raises ActRefused with the reasons when it makes no sense.
    """
    known = became(session, ProactiveFigure, entry.submission)
    if known:
        return known
    reasons = [
        *not_handling(now, "登记表二数字"),
        *_faults(entry, now, allowed),
        *officer_faults(now),
    ]
    if reasons:
        raise ActRefused(reasons)
    for year in closed_years(session, entry.on.year):
        guard(session, year, TABLE2, f"表二“{entry.item}”的数字")
    entry.officer = signed_as(now.agency.officers, now.officer, (Role.HANDLE,))
    session.add(entry)
    session.flush()
    return entry


def facts(session: Session, year: int, as_of: date) -> list[Fact]:
    """What happened until the end of `year`, as recorded by `as_of`, earliest first."""
    statement = (
        select(ProactiveFigure)
        .where(
            col(ProactiveFigure.on) <= date(year, 12, 31),
            col(ProactiveFigure.recorded_on) <= as_of,
        )
        .order_by(col(ProactiveFigure.on), col(ProactiveFigure.id))
    )
    return [
        Fact(one.on, one.item, one.measure, one.amount, one.note) for one in session.exec(statement)
    ]


def _faults(entry: ProactiveFigure, now: Circumstances, allowed: Recordable) -> Iterator[str]:
    measure = allowed.get((entry.item, entry.measure))
    if measure is None:
        labels = [m.label for (item, _), m in allowed.items() if item == entry.item]
        if not labels:
            yield f"表二没有“{entry.item}”这一项目"
        else:
            yield f"“{entry.item}”登记的应为{'、'.join(dict.fromkeys(labels))}"
        return
    yield from in_future("日期", entry.on, now)
    if abs(entry.amount) > MOST:
        yield "数量或者金额过大"
    if entry.amount < 0 and measure.counts == "end":
        yield f"“{measure.label}”不能是负数"
    elif entry.amount < 0 and measure.key != "projects_change" and blank(entry.note):
        yield "负数用于更正以前登记的数字，请在说明中写明更正什么"
    if len(entry.note) > LONGEST_NOTE:
        yield f"“说明”最多{LONGEST_NOTE}个字"
    yield from unprintable({"说明": entry.note})
