"""`disclosure import`: an existing ledger (台账), CSV or XLSX, into the register; all rows or none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from sqlmodel import Session

from flows import office
from flows.commands.ledger_file import BadLedger, rows
from models.acts.catalogue import act_of
from models.acts.intake.imported import ImportedReceipt, ImportedResult
from models.acts.intake.receipt import Register
from models.case.act import UNPRINTABLE, Act, Circumstances
from models.case.stage import ApplicantKind
from models.errors import DisclosureError, NoFormForYear
from models.law.deadline import ClockEvent, deadline
from models.register import register
from models.report_tables.form import Form, form_for
from models.store.tables import Applicant

OFFICER = "台账导入"
NEEDED = ("登记号", "收到日期", "申请人类别", "申请人", "申请内容", "办理结果", "办结日期")
LONGEST = {
    "登记号": 64, "提交方式": 40, "申请人": 200, "联系方式": 500, "申请内容": 20000, "备注": 20000,
}  # fmt: skip
COLUMNS = (*NEEDED, "提交方式", "联系方式", "备注")
BATCH = 500
TAKEN_AS_CLOSED = "台账未载办理结果，导入时按已办结处理（2019年5月15日前收到）"
NOT_A_NUMBER = re.compile(r"[\s/\\]|^\.")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
ORNAMENT = re.compile(r"\(区分.*?\)|\([一二三四五六七八九十]+\)|\d+[.、]|[\s\"'“”‘’:\-—/]")
"""What a label may be written without: the remark, numbering, blanks, quotation marks, dashes."""


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

    def acts(self) -> tuple[Act, ...]:
        """The acts that the row says were done."""
        registered = Register(
            channel=self.channel,
            arrived_on=self.received_on,
            applicant_kind=self.kind,
            applicant=self.applicant,
            request=self.request,
        )
        received = ImportedReceipt(received_on=self.received_on, note=self.note)
        if self.row is None or self.closed_on is None:
            return registered, received
        return registered, received, ImportedResult(row=self.row, closed_on=self.closed_on)

    def person(self) -> Applicant:
        """Who applied, as far as a ledger tells."""
        return Applicant(case_number=self.number, contact=self.contact)


@dataclass(frozen=True)
class Imported:
    """How many rows were added, and how many the register had already."""

    added: int
    known: int


def import_ledger(
    path: Path,
    forms: tuple[Form, ...],
    progress: Callable[[int, int], None],
    old_closed: date | None = None,
) -> Imported:
    """Load a ledger in one transaction; importing it again adds nothing.

    Raises BadLedger with the line of the first row that cannot be loaded.
    """
    now = office.circumstances(OFFICER)
    found = list(read(path, forms, now, old_closed))
    done = added = 0
    with office.writing() as session:
        for batch in (found[n : n + BATCH] for n in range(0, len(found), BATCH)):
            new = list(_new(session, batch, path.name))
            stated = ((row.person(), row.acts()) for row in new)
            register.take_over(session, stated, now, office.now())
            done, added = done + len(batch), added + len(new)
            progress(done, len(found))
    return Imported(added, len(found) - added)


def read(
    path: Path, forms: tuple[Form, ...], now: Circumstances, old_closed: date | None = None
) -> Iterator[LedgerRow]:
    """The rows of a ledger, each checked; BadLedger names the line.

    old_closed = the day on which open rows from before the rules we hold are taken as closed
    """
    seen: dict[str, int] = {}
    for line, raw in rows(path, NEEDED, COLUMNS):
        try:
            row = _checked(line, raw, forms, now, old_closed)
        except Doubt as doubt:
            raise BadLedger(path.name, line, str(doubt)) from None
        if row.number in seen:
            raise BadLedger(path.name, line, f"登记号“{row.number}”与第{seen[row.number]}行重复")
        seen[row.number] = line
        yield row


# ── one row ───────────────────────────────────────────────────────────────────────────────────


class Doubt(DisclosureError):
    """What is wrong with a row, before its line is known."""


def _checked(
    line: int,
    raw: Mapping[str, str | date],
    forms: tuple[Form, ...],
    now: Circumstances,
    old_closed: date | None,
) -> LedgerRow:
    text = {name: _text(name, raw.get(name, "")) for name in COLUMNS if not name.endswith("日期")}
    for name in ("登记号", "申请人", "申请内容"):
        if not text[name]:
            raise Doubt(f"“{name}”为空")
    if NOT_A_NUMBER.search(text["登记号"]):
        raise Doubt(f"登记号“{text['登记号']}”不能用作编号（不得含空白、斜杠，不得以点开头）")
    if text["申请人类别"] not in list(ApplicantKind):
        raise Doubt(f"申请人类别“{text['申请人类别']}”应为{'、'.join(ApplicantKind)}之一")
    received_on = _day("收到日期", raw["收到日期"], now)
    closed_on = _day("办结日期", raw["办结日期"], now) if raw["办结日期"] else None
    if bool(text["办理结果"]) != bool(closed_on):
        raise Doubt("办理结果和办结日期应同时填写，或同时留空（未办结）")
    if closed_on and closed_on < received_on:
        raise Doubt(f"办结日期 {closed_on} 早于收到日期 {received_on}")
    if closed_on is None and old_closed and not _known(received_on, now):
        closed_on = max(old_closed, received_on)
        text["办理结果"] = _form(forms, closed_on).result_codes[-1]
        text["备注"] = f"{text['备注']}　{TAKEN_AS_CLOSED}".strip()
    if closed_on is None:
        _limit_is_known(received_on, now)
    return LedgerRow(
        line=line,
        number=text["登记号"],
        received_on=received_on,
        channel=_channel(text["提交方式"], now),
        kind=ApplicantKind(text["申请人类别"]),
        applicant=text["申请人"],
        contact=text["联系方式"],
        request=text["申请内容"],
        row=_row(text["办理结果"], _form(forms, closed_on)) if closed_on else None,
        closed_on=closed_on,
        note=text["备注"],
    )


def _text(name: str, value: str | date) -> str:
    if isinstance(value, date):
        raise Doubt(f"“{name}”是日期（{value}）；如系表格软件自动转换，请把该列设为文本格式")
    found = UNPRINTABLE.search(value)
    if found:
        raise Doubt(f"“{name}”第{found.start() + 1}个字符是控制字符（U+{ord(found.group()):04X}）")
    longest = LONGEST.get(name)
    if longest and len(value) > longest:
        raise Doubt(f"“{name}”有{len(value)}个字，最多{longest}个字")
    return value


def _day(name: str, value: str | date, now: Circumstances) -> date:
    day = value if isinstance(value, date) else _written_day(value)
    if day is None:
        raise Doubt(f"“{name}”应为日期（如 2026-03-02），而不是“{value}”")
    if day > now.today:
        raise Doubt(f"{name} {day} 晚于今天（{now.today}）")
    return day


def _written_day(words: str) -> date | None:
    parts = DAY.fullmatch(words)
    try:
        return date(*map(int, parts.groups())) if parts else None
    except ValueError:
        return None


def _limit_is_known(received_on: date, now: Circumstances) -> None:
    """An open application goes on the desk: the law must know its limit."""
    try:
        deadline([ClockEvent("received", received_on)], now.law)
    except DisclosureError as fault:
        raise Doubt(
            f"尚未办结，但收到日期 {received_on} 的答复期限无法计算：{fault}。已经办结的，"
            "请补填办理结果和办结日期；按已办结导入全部这样的行，用 --old-closed 办结日期，"
            "结果计入“其他”并在备注中写明"
        ) from None


def _known(received_on: date, now: Circumstances) -> bool:
    """Whether the limit of an application received on that day can be counted."""
    try:
        _limit_is_known(received_on, now)
    except Doubt:
        return False
    return True


def _channel(words: str, now: Circumstances) -> str:
    for key, channel in now.law.channels.items():
        if words in (key, channel.label, *channel.aliases):
            return key
    known = "、".join(channel.label for channel in now.law.channels.values())
    raise Doubt(f"提交方式“{words}”应为{known}之一")


# ── the result ────────────────────────────────────────────────────────────────────────────────


def _form(forms: tuple[Form, ...], closed_on: date) -> Form:
    """The form whose rows a result is one of; for years before any form, the newest."""
    try:
        return form_for(forms, closed_on.year)
    except NoFormForYear:
        return forms[-1]


def _row(words: str, form: Form) -> str:
    """The row of table 三 that a ledger's result means: its code, or its label as written."""
    if words in form.row_of:
        return words
    code = _codes(form).get(_plain(words))
    if code is None:
        raise Doubt(f"办理结果“{words}”不是表三的行；应为行次（如 3.4.1）或该行的名称")
    return code


@cache
def _codes(form: Form) -> dict[str, str]:
    """The results of a form by label, with and without the label of their group."""
    results = [form.rows[code] for code in form.result_codes]
    return {_plain(words): r.code for r in results for words in (r.label, r.group + r.label)}


def _plain(label: str) -> str:
    """A label without its ornaments, in half-width characters where there are any."""
    return ORNAMENT.sub("", unicodedata.normalize("NFKC", label))


# ── what the register has already ─────────────────────────────────────────────────────────────


def _new(session: Session, batch: Sequence[LedgerRow], file: str) -> Iterator[LedgerRow]:
    """The rows that the register has not; BadLedger where it says something else."""
    known = register.known(session, [row.number for row in batch])
    for row in batch:
        if row.number not in known:
            yield row
        elif not _says(session, row):
            problem = f"登记号“{row.number}”已在登记簿中，且内容不同"
            raise BadLedger(file, row.line, problem)


def _says(session: Session, row: LedgerRow) -> bool:
    """Whether the register has every act of the row, word for word; it may know more since."""
    stated = list(row.acts())
    recorded = [*map(act_of, register.events(session, row.number))]
    contact = register.applicant(session, row.number).contact
    return contact == row.contact and recorded[: len(stated)] == stated
