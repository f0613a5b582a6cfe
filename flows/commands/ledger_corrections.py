"""A row of a ledger that was loaded before, and says something else now: what, and how it is put
right: by an act, with who says so and why (条例第四十五条).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session

from flows import office
from flows.commands.ledger_said import LedgerRow
from models.acts.afterwards.erratum import Erratum
from models.acts.intake.imported import ImportedReceipt, ImportedResult
from models.acts.intake.receipt import Register
from models.case.act import Circumstances
from models.case.case import Case
from models.errors import ActRefused
from models.law.citing import row_label
from models.register import register

FIELDS = {
    "提交方式": ("0.channel",),
    "申请人类别": ("0.applicant_kind",),
    "申请人": ("0.applicant",),
    "申请内容": ("0.request",),
    "收到日期": ("0.arrived_on", "1.received_on"),
    "备注": ("1.note",),
    "办理结果": ("2.row",),
    "办结日期": ("2.closed_on",),
}
"""What a ledger states, and the entries that say it (models/acts/afterwards/erratum.py)."""
CONTACT = "联系方式"
PUT_RIGHT = "以台账为准的，加 --correct 理由 --officer 姓名，逐件登记更正（勘误）"


@dataclass(frozen=True)
class Differing:
    """A row that the register has otherwise.

    was, said = by column, as the register and as the ledger have it; barred = why no act helps
    closes = the register has it open since the ledger came in, and the ledger now has it closed
    """

    row: LedgerRow
    was: dict[str, str]
    said: dict[str, str]
    barred: str = ""
    closes: bool = False

    @property
    def can_be_put_right(self) -> bool:
        return not self.barred

    @property
    def short(self) -> str:
        """What the row says otherwise, for the one who imports."""
        said = f"登记号“{self.row.number}”已在登记簿中，且内容不同"
        if self.barred:
            return f"{said}：{self.barred}"
        if self.closes:
            what = f"登记簿尚未办结，台账已办结（{row_label(self.row.row or '')}，{self.row.closed_on}）"
        else:
            what = "；".join(
                f"{name}登记簿为“{_read(name, was)}”，台账为“{_read(name, self.said[name])}”"
                if name != CONTACT
                else f"{name}不同"
                for name, was in self.was.items()
            )
        return f"{said}：{what}"

    @property
    def advice(self) -> str:
        """How it may be put right; nothing where no act helps."""
        return "" if self.barred else f"。{PUT_RIGHT}"


def _read(name: str, value: str) -> str:
    """What a column states, as it is read: a row of table 三 as the form prints it."""
    return row_label(value) if name == "办理结果" and value else value


def difference(row: LedgerRow, case: Case, contact: str, now: Circumstances) -> Differing | None:
    """What the register says otherwise than a row; None if nothing: it may know more since.

    case, contact = what the register has under its number
    """
    acts = [step.act for step in case.steps]
    if len(acts) < 2 or not isinstance(acts[1], ImportedReceipt):
        ours = "是本机关在登记簿中另外登记的申请，编号相同；请核对，或者加 --prefix 前缀导入"
        return Differing(row, {}, {}, ours)
    recorded = dict(_stated(acts[0], acts[1], acts[2] if len(acts) > 2 else None, now))
    stated = dict(_stated(*_three(row), now))
    if case.particulars_destroyed_on is None:
        recorded[CONTACT], stated[CONTACT] = contact, row.contact
    if "办理结果" in stated and "办理结果" not in recorded:
        if len(acts) > 2:
            went_on = f"登记簿中已继续办理（{case.stage}），台账却已办结；请在办理系统办结"
            return Differing(row, {}, {}, went_on)
        return Differing(row, recorded, stated, closes=True)
    was = {name: said for name, said in recorded.items() if stated.get(name, said) != said}
    return Differing(row, was, stated) if was else None


def _three(row: LedgerRow) -> tuple[object, object, object]:
    acts = row.acts()
    return acts[0], acts[1], acts[2] if len(acts) > 2 else None


def _stated(
    registered: object, received: object, result: object, now: Circumstances
) -> Iterator[tuple[str, str]]:
    """What the acts of a ledger state, by its columns."""
    assert isinstance(registered, Register)
    assert isinstance(received, ImportedReceipt)
    yield "提交方式", now.law.channels[registered.channel].label
    yield "申请人类别", registered.applicant_kind
    yield "申请人", registered.applicant
    yield "申请内容", registered.request
    yield "收到日期", str(received.received_on)
    yield "备注", received.note
    if isinstance(result, ImportedResult):
        yield "办理结果", result.row
        yield "办结日期", str(result.closed_on)


def put_right(session: Session, differing: list[Differing], reason: str, officer: str) -> None:
    """Record an act for all that the ledger says otherwise; ActRefused, naming the case, for what
    cannot be put right so.
    """
    now = office.circumstances(officer)
    for one in differing:
        try:
            _put_right(session, one, reason, now)
        except ActRefused as fault:
            raise ActRefused([f"{one.row.number}：{said}" for said in fault.reasons]) from None


def _put_right(session: Session, one: Differing, reason: str, now: Circumstances) -> None:
    case = register.case(session, one.row.number)
    for name in one.was:
        if name == CONTACT or one.said.get(name) == one.was[name]:
            continue
        value = one.row.channel if name == "提交方式" else one.said[name]
        act = Erratum(entries=FIELDS[name], value=value, reason=reason)
        register.record(session, case, act, now, office.now())
    if one.said.get(CONTACT, "") != one.was.get(CONTACT, one.said.get(CONTACT, "")):
        register.applicant(session, one.row.number).contact = one.row.contact
    if one.closes:
        assert one.row.row is not None
        assert one.row.closed_on is not None
        result = ImportedResult(row=one.row.row, closed_on=one.row.closed_on)
        register.state_result(session, case, result, now, office.now())
