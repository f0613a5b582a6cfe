"""Who did what, and who read what? Acts from the register, logins and reading from the log of access."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from flows import office
from flows.installation import files
from letters.report.workbook import Sheet, lists
from models.acts.catalogue import ACTS
from models.case.recorded import by_whom
from models.errors import DisclosureError
from models.register import access_log
from models.store.tables import (
    Enquiry,
    Entry,
    Event,
    ProactiveFigure,
    ReportText,
    SignedReport,
    VerdictOverruled,
    YearCorrection,
)
from models.words.disk_words import why

HEAD = ("时间", "人员", "事项", "对象", "来源地址")
WIDTHS = (22, 14, 24, 40, 18)
RECORDED: dict[type[SQLModel], tuple[str, str]] = {
    Enquiry: ("登记咨询", "channel"),
    ProactiveFigure: ("登记表二数字", "item"),
    ReportText: ("年度报告文字", "year"),
    SignedReport: ("签发年度报告", "year"),
    YearCorrection: ("更正已签发的年度报告", "year"),
    VerdictOverruled: ("人工核定勾稽结论", "year"),
}
"""What is recorded beside the cases: as it is listed, and the column that says of what."""
NEIGHBOURS = {
    "review": "复议诉讼",
    "records_correction": "更正申请",
    "publication": "转主动公开",
    "papers": "案卷材料",
    "complete": "登记簿自何日起完整",
}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a spreadsheet takes a text for a formula: what was typed at the login may begin so."""

Line = tuple[datetime, str, str, str, str]


class UnwritableLog(DisclosureError):
    """The list cannot be written where it was asked for, or as what it was asked for."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"无法写入文件 {path}：{problem}")


def trail(session: Session, first: date, last: date) -> list[Line]:
    """Every act, login and reading from one day to another (both included), in order of time."""
    since = datetime.combine(first, time(), office.SHANGHAI).astimezone(UTC)
    until = datetime.combine(last + timedelta(days=1), time(), office.SHANGHAI).astimezone(UTC)
    found = [*_acts(session, since, until), *_access(session, since, until)]
    return sorted(found, key=lambda line: line[0])


def _acts(session: Session, since: datetime, until: datetime) -> Iterator[Line]:
    for event in _between(session, Event, since, until):
        act = ACTS.get(event.kind)
        title = act.title if act else event.kind
        yield event.recorded_at, by_whom(event.officer, event.facts), title, event.case_number, ""
    for entry in _between(session, Entry, since, until):
        named = NEIGHBOURS.get(entry.register_key, entry.register_key)
        who = by_whom(entry.officer, entry.facts)
        yield entry.recorded_at, who, f"{named}：{entry.kind}", entry.case_number, ""
    for table, (title, of) in RECORDED.items():
        for row in _between(session, table, since, until):
            yield row.recorded_at, row.officer, title, str(getattr(row, of)), ""


def _between(session: Session, table: Any, since: datetime, until: datetime) -> Sequence[Any]:
    moment = col(table.recorded_at)
    return session.exec(select(table).where(moment >= since, moment < until)).all()


def _access(session: Session, since: datetime, until: datetime) -> Iterator[Line]:
    for line in access_log.lines(session, since, until):
        yield line.at, line.officer, access_log.KINDS[line.kind], line.what, line.address


def write(path: Path, found: Sequence[Line]) -> None:
    """Write the list as a table by the name's ending; UnwritableLog."""
    rows = [(f"{at.astimezone(office.SHANGHAI):%Y-%m-%d %H:%M:%S}", *rest) for at, *rest in found]
    match path.suffix.lower():
        case ".csv":
            content = csv_of(HEAD, rows)
        case ".xlsx":
            sheet = Sheet("办理和查阅记录", HEAD, WIDTHS, rows)
            content = lists(office.agency().name, office.today(), [sheet])
        case _:
            raise UnwritableLog(path, "文件名应以 .csv 或者 .xlsx 结尾")
    try:
        files.written(path, content)
    except OSError as fault:
        raise UnwritableLog(path, why(fault)) from None


def csv_of(head: Sequence[str], rows: Sequence[tuple[str, ...]]) -> bytes:
    """A table as Excel opens it; nothing that was typed is a formula to it."""
    written = StringIO()
    table = csv.writer(written)
    table.writerow(head)
    table.writerows([_harmless(cell) for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
