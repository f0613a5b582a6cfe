"""期限日历: on which day does which limit end? A month of the open cases, and an officer's feed of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlmodel import Session

from flows.shown.bench import Month, absent_handler, concerns, is_his, month_of, pressing
from flows.shown.pages import page_url
from letters.pages.calendar_file import Entry
from models.case.act import Circumstances
from models.duties.limits import written_limit
from models.register.open_cases import OpenCase, open_cases

A_DAY: Final = 6
"""Cases named on a day of the page; the rest open from their number."""


@dataclass(frozen=True)
class Item:
    """A limit on a day: of which case, what ends, how pressing it is; absent = for whom it is his."""

    number: str
    page: str
    what: str
    pressing: str
    absent: str = ""


@dataclass(frozen=True)
class Limits:
    """A month, and what ends on each of its days."""

    month: Month
    items: dict[date, list[Item]]
    others: dict[date, int]


def limits(session: Session, now: Circumstances, first: date, mine: bool) -> Limits:
    """The month; mine = only what the officer of the page handles, or is to go on with."""
    found = [one for one in open_cases(session) if not mine or _his(one, now)]
    items = defaultdict[date, list[Item]](list)
    for one in found:
        for on, what in _ends(one):
            row = one.row
            how = pressing(row, now) if on == row.last_day else ""
            absent = absent_handler(row, now)
            items[on].append(Item(row.number, page_url(row.number), what, how, absent))
    shown = {on: those[:A_DAY] for on, those in items.items()}
    others = {on: len(those) - A_DAY for on, those in items.items() if len(those) > A_DAY}
    return Limits(month_of(found, first, now), shown, others)


def entries(session: Session, now: Circumstances) -> Iterator[Entry]:
    """The limits of an officer's open cases, and of whoever he stands in for today, for his own calendar
    program; no applicant is named.
    """
    for one in open_cases(session):
        if not _his(one, now):
            continue
        row = one.row
        for on, what in _ends(one):
            sure = on != row.last_day or not row.provisional
            words = f"环节：{row.stage}" + (f"，等待：{row.waiting}" if row.waiting else "")
            if row.last_day:
                words += f"，答复期限：{written_limit(row.last_day, row.provisional)}"
            uid = f"{row.number}-{'reply' if on == row.last_day else 'waiting'}@disclosure"
            absent = absent_handler(row, now)
            title = f"{what}　{row.number}" + (f"（代{absent}）" if absent else "")
            title += "" if sure else "（暂定）"
            yield Entry(uid, on, title, words, sure, row.position)


def _ends(one: OpenCase) -> Iterator[tuple[date, str]]:
    """What ends of a case, and when: its own limit, and that of what others owe it."""
    row = one.row
    if row.last_day:
        yield row.last_day, "答复期限"
    if row.waiting and row.waiting_until and row.waiting_until != row.last_day:
        yield row.waiting_until, f"等{row.waiting}"


def _his(one: OpenCase, now: Circumstances) -> bool:
    return concerns(one.row, now) or is_his(one.row, now)
