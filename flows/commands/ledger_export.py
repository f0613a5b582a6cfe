"""`disclosure export`: the register as a ledger that `disclosure import` takes.

Into an empty register it gives the same applications and the same table 三. What the register counts
by a case's history (answered anew, put right) is written as it is counted.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from sqlmodel import Session, col, func, select

from flows import office
from flows.commands.ledger_cells import LOST
from flows.commands.ledger_names import IN_NAME, NO_NAME
from flows.commands.ledger_told import Told
from flows.installation import files
from flows.shown.access_lines import noted_in_terminal
from models.acts.intake.imported import ImportedReceipt
from models.errors import DisclosureError
from models.law.statute import Statute
from models.register import register
from models.register.counted_in_table3 import lines
from models.store.tables import Applicant, Application, Event
from models.words.disk_words import why

HEAD: Final = (
    *("登记号", "收到日期", "提交方式", "申请人类别", "申请人"),
    *("联系方式", "申请内容", "办理结果", "办结日期", "备注"),
)
WIDTHS: Final = (20, 12, 20, 14, 24, 24, 60, 10, 12, 30)
BATCH: Final = 500
FORMULA: Final = ("=", "+", "-", "@")
"""How Excel takes a text of a CSV for a formula; written with a ' before it, which import takes off."""
UNREGISTERED = "尚未确认收到的申请，未导出"
NUMBER_IN_NAME = (
    "申请人姓名中有电话、证件号码、问号，或者没有写姓名的，照登记簿导出"
    "（再导入时加 --names-as-they-are）"
)
UNCOUNTED = "表三不计的申请（删除的登记等），未导出"
Cells = tuple[str | date, ...]


class UnwritableLedger(DisclosureError):
    """The ledger cannot be written where, or as what, it was asked for."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"无法写入文件 {path}：{problem}")


@dataclass
class Exported:
    """How many rows were written, of which cases, and what was left out."""

    written: int = 0
    numbers: dict[str, None] = field(default_factory=dict)
    told: tuple[str, ...] = ()
    left_out: Told = field(default_factory=Told)


def export(
    path: Path, since: date | None, until: date | None, progress: Callable[[int, int], None]
) -> Exported:
    """Write the register, or what was received within a span, by the ending of the name; reading it
    leaves a line in the log of access.
    """
    write = {".csv": _csv, ".xlsx": _workbook}.get(path.suffix.lower())
    if write is None:
        raise UnwritableLedger(path, "文件名应以 .csv 或者 .xlsx 结尾")
    done, law = Exported(), office.law()
    with office.reading() as session:
        whole = session.exec(select(func.count()).select_from(Application)).one()

        def told() -> Iterator[Cells]:
            for cells in _rows(session, law, since, until, done.left_out):
                done.written += 1
                done.numbers[str(cells[0])] = None
                if done.written % BATCH == 0:
                    progress(done.written, whole)
                yield cells

        content = write(told())
    try:
        files.written(path, content)
    except OSError as fault:
        raise UnwritableLedger(path, why(fault)) from None
    noted_in_terminal(f"导出台账（{done.written}件）", list(done.numbers))
    done.told = tuple(done.left_out.lines())
    return done


def _rows(
    session: Session, law: Statute, since: date | None, until: date | None, told: Told
) -> Iterator[Cells]:
    """The applications as rows of a ledger, by day of receipt."""
    statement = select(Application).order_by(col(Application.received_on), Application.number)
    if since is not None:
        statement = statement.where(col(Application.received_on) >= since)
    if until is not None:
        statement = statement.where(col(Application.received_on) <= until)
    for batch in session.exec(statement.execution_options(yield_per=BATCH)).partitions():
        numbers = [row.number for row in batch]
        contacts = _contacts(session, numbers)
        notes = _notes(session, numbers)
        for row in batch:
            beside = contacts.get(row.number, ""), notes.get(row.number, "")
            yield from _of_case(session, row, law, told, *beside)


def _of_case(
    session: Session, row: Application, law: Statute, told: Told, contact: str, note: str
) -> Iterator[Cells]:
    """The rows of one application: one, unless it is counted otherwise by its history."""
    if row.received_on is None:
        told.tell(UNREGISTERED, row.number)
        return
    counted: Sequence[Any] = [row]
    if row.by_history:
        case = register.case(session, row.number)
        notes = [step.act.note for step in case.steps if isinstance(step.act, ImportedReceipt)]
        counted, note = lines(case, law), notes[0] if notes else ""
    if not counted or (row.closed_on and not row.row):
        told.tell(UNCOUNTED, row.number)
        return
    label = law.channels[row.channel].label
    name = row.applicant
    if name in NO_NAME or IN_NAME.search(name) or LOST.search(name):
        told.tell(NUMBER_IN_NAME, row.number)
    for one in counted:
        kind = one.column if row.by_history else row.applicant_kind
        what = (label, kind, row.applicant, contact, row.request)
        yield one.number, one.received_on, *what, one.row or "", one.closed_on or "", note


def _contacts(session: Session, numbers: Sequence[str]) -> dict[str, str]:
    statement = select(Applicant.case_number, Applicant.contact)
    return dict(session.exec(statement.where(col(Applicant.case_number).in_(numbers))).all())


def _notes(session: Session, numbers: Sequence[str]) -> dict[str, str]:
    """The remarks that an earlier ledger made."""
    statement = select(Event.case_number, Event.facts).where(
        Event.kind == ImportedReceipt.kind,
        col(Event.case_number).in_(numbers),
        Event.position == 1,
    )
    return {number: facts.get("note", "") for number, facts in session.exec(statement)}


def _csv(rows: Iterator[Cells]) -> bytes:
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(HEAD)
    table.writerows([_harmless(str(cell)) for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _workbook(rows: Iterator[Cells]) -> bytes:
    """A sheet for each year of receipt; texts that look like formulas stay texts."""
    book = Workbook(write_only=True)
    for year, of_year in groupby(rows, key=_year):
        sheet: Any = book.create_sheet(f"{year}年")
        sheet.freeze_panes = "A2"
        for at, width in enumerate(WIDTHS):
            sheet.column_dimensions["ABCDEFGHIJ"[at]].width = width
        sheet.append(HEAD)
        for row in of_year:
            sheet.append([_cell(sheet, value) for value in row])
    if not book.worksheets:
        book.create_sheet("台账").append(HEAD)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _year(row: Cells) -> int:
    received_on = row[1]
    assert isinstance(received_on, date)
    return received_on.year


def _cell(sheet: Any, value: str | date) -> Any:
    """A text stays one, also where Excel would take it for a formula or for an error (#N/A)."""
    if isinstance(value, date) or not value.startswith(("=", "#")):
        return value
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    return cell
