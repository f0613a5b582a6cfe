"""`disclosure import`: an existing ledger (台账), CSV or XLSX, into the register; all rows or none."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from sqlmodel import Session

from flows import office
from models import register
from models.act import UNPRINTABLE, Circumstances
from models.annual_form import Form
from models.case import Applicant, ApplicantKind, Application
from models.errors import DisclosureError
from models.history import Case
from models.imported import ImportedResult
from models.receipt import ConfirmReceipt, Register

OFFICER = "台账导入"
NEEDED = ("登记号", "收到日期", "申请人类别", "申请人", "申请内容", "办理结果", "办结日期")
COLUMNS = (*NEEDED, "提交方式", "联系方式", "备注")
NUMBERING = re.compile(r"^[（(]?[0-9一二三四五六七八九十]+[）)]?[.．、]?\s*")


class BadLedger(DisclosureError):
    """A ledger that cannot be read, or a row that cannot be true; nothing was loaded."""

    def __init__(self, file: str, line: int | None, problem: str) -> None:
        self.file, self.line, self.problem = file, line, problem
        where = f"第{line}行" if line else ""
        super().__init__(f"台账 {file} {where}：{problem}（未导入任何一行）")


@dataclass(frozen=True)
class LedgerRow:
    """One row of a ledger, checked: what it says of one application."""

    line: int
    number: str
    received_on: date
    channel: str
    kind: ApplicantKind
    applicant: str
    contact: str
    request: str
    row: str | None
    closed_on: date | None
    note: str


@dataclass(frozen=True)
class Imported:
    """How many rows were added, and how many the register had already."""

    added: int
    known: int


def import_ledger(path: Path, form: Form, progress: Callable[[int, int], None]) -> Imported:
    """Load a ledger in one transaction; importing it again adds nothing.

    Raises BadLedger with the line of the first row that cannot be loaded.
    """
    now = office.circumstances(OFFICER)
    rows = list(read(path, form, now))
    added = 0
    with office.writing() as session:
        for done, row in enumerate(rows, 1):
            added += _load(session, row, path.name, now)
            progress(done, len(rows))
    return Imported(added, len(rows) - added)


def read(path: Path, form: Form, now: Circumstances) -> Iterator[LedgerRow]:
    """The rows of a ledger, each checked; BadLedger names the line."""
    seen: dict[str, int] = {}
    for line, raw in _lines(path):
        row = _checked(path.name, line, raw, form, now)
        if row.number in seen:
            raise BadLedger(path.name, line, f"登记号“{row.number}”与第{seen[row.number]}行重复")
        seen[row.number] = line
        yield row


def _lines(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    """(line, header → value) for every row that says anything, CSV or XLSX."""
    if not path.is_file():
        raise BadLedger(path.name, None, "文件不存在")
    table = _workbook(path) if path.suffix.lower() == ".xlsx" else _csv(path)
    header = [str(name or "").strip() for name in next(table, [])]
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise BadLedger(path.name, 1, f"表头缺少：{'、'.join(missing)}")
    for line, values in enumerate(table, 2):
        if any(str(value or "").strip() for value in values):
            yield line, dict(zip(header, values, strict=False))


def _csv(path: Path) -> Iterator[list[object]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise BadLedger(path.name, None, "编码应为 UTF-8 或 GB18030") from None
    try:
        yield from (list(row) for row in csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as fault:
        raise BadLedger(path.name, None, f"不是有效的 CSV（{fault}）") from None


def _workbook(path: Path) -> Iterator[list[object]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError):
        raise BadLedger(path.name, None, "不是有效的 XLSX 文件") from None
    sheet = book.worksheets[0]
    yield from (list(row) for row in sheet.iter_rows(values_only=True))


def _checked(
    file: str, line: int, raw: Mapping[str, object], form: Form, now: Circumstances
) -> LedgerRow:
    text = {name: _text(file, line, name, raw.get(name)) for name in COLUMNS}
    for name in ("登记号", "申请人", "申请内容"):
        if not text[name]:
            raise BadLedger(file, line, f"“{name}”为空")
    if len(text["登记号"]) > 64 or re.search(r"[/\\]|^\.", text["登记号"]):
        raise BadLedger(
            file, line, f"登记号“{text['登记号']}”不能用作编号（不得含斜杠，不超过64字）"
        )
    if text["申请人类别"] not in list(ApplicantKind):
        kinds = "、".join(ApplicantKind)
        raise BadLedger(file, line, f"申请人类别“{text['申请人类别']}”应为{kinds}之一")
    received_on = _day(file, line, "收到日期", raw.get("收到日期"))
    row = _row(file, line, text["办理结果"], form)
    closed_on = _day(file, line, "办结日期", raw.get("办结日期")) if text["办结日期"] else None
    if (row is None) != (closed_on is None):
        raise BadLedger(file, line, "办理结果和办结日期应同时填写，或同时留空（未办结）")
    if received_on > now.today:
        raise BadLedger(file, line, f"收到日期 {received_on} 晚于今天（{now.today}）")
    if closed_on and closed_on < received_on:
        raise BadLedger(file, line, f"办结日期 {closed_on} 早于收到日期 {received_on}")
    if closed_on and closed_on > now.today:
        raise BadLedger(file, line, f"办结日期 {closed_on} 晚于今天（{now.today}）")
    return LedgerRow(
        line=line,
        number=text["登记号"],
        received_on=received_on,
        channel=_channel(file, line, text["提交方式"], now),
        kind=ApplicantKind(text["申请人类别"]),
        applicant=text["申请人"],
        contact=text["联系方式"],
        request=text["申请内容"],
        row=row,
        closed_on=closed_on,
        note=text["备注"],
    )


def _text(file: str, line: int, name: str, value: object) -> str:
    words = str(value if value is not None else "").strip()
    found = UNPRINTABLE.search(words)
    if found:
        code = f"U+{ord(found.group()):04X}"
        raise BadLedger(file, line, f"“{name}”第{found.start() + 1}个字符是控制字符（{code}）")
    return words


def _day(file: str, line: int, name: str, value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    words = str(value or "").strip()
    parts = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", words)
    try:
        if parts:
            return date(*(int(part) for part in parts.groups()))
    except ValueError:
        pass
    raise BadLedger(file, line, f"“{name}”应为日期（如 2026-03-02），而不是“{words}”")


def _row(file: str, line: int, words: str, form: Form) -> str | None:
    """The row of table 三 that a ledger's result means: its code, or its label as written."""
    if not words:
        return None
    if words in form.result_codes:
        return words
    wanted = _plain(words)
    for code in form.result_codes:
        row = form.rows[code]
        if wanted in (_plain(row.label), _plain(row.group + row.label)):
            return code
    raise BadLedger(file, line, f"办理结果“{words}”不是表三的行；应为行次（如 3.4.1）或该行的名称")


def _plain(label: str) -> str:
    """A label without numbering, blanks and the remark in brackets."""
    words = re.sub(r"\s|（区分.*?）", "", label)
    return "".join(NUMBERING.sub("", part) for part in re.split(r"(?<=）)", words) if part)


def _channel(file: str, line: int, words: str, now: Circumstances) -> str:
    for key, channel in now.law.channels.items():
        if words in (key, channel.label, *channel.aliases):
            return key
    known = "、".join(channel.label for channel in now.law.channels.values())
    raise BadLedger(file, line, f"提交方式“{words}”应为{known}之一")


def _load(session: Session, row: LedgerRow, file: str, now: Circumstances) -> bool:
    """Add one row's application; False if the register has it already, word for word."""
    known = session.get(Application, row.number)
    if known is not None:
        same = (
            known.applicant == row.applicant
            and known.request == row.request
            and known.received_on == row.received_on
            and known.applicant_kind == row.kind
        )
        if not same:
            raise BadLedger(file, row.line, f"登记号“{row.number}”已在登记簿中，且内容不同")
        return False
    at = office.now()
    act = Register(
        channel=row.channel,
        arrived_on=row.received_on,
        applicant_kind=row.kind,
        applicant=row.applicant,
        request=row.request,
    )
    applicant = Applicant(case_number=row.number, contact=row.contact)
    case: Case = register.register(session, act, applicant, now, at)
    register.take_over(session, case, ConfirmReceipt(received_on=row.received_on), now, at)
    if row.row and row.closed_on:
        result = ImportedResult(row=row.row, closed_on=row.closed_on, note=row.note)
        register.take_over(session, case, result, now, at)
    return True
