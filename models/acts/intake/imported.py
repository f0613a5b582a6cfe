"""What is taken over from an earlier ledger: receipt and result, without the steps between them."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import Field

from models.acts.intake.receipt import ConfirmReceipt
from models.case.act import Act, Circumstances
from models.case.case import Case
from models.case.stage import Stage
from models.law.citing import row_label

OF_LEDGER = "取自台账的，以台账更正"
MONTH_ALONE = "原表只记到月"
"""How the remark of an application begins to say which of its days the ledger knew by the month alone."""


class ImportedReceipt(ConfirmReceipt):
    """台账所载收到日期: only on import of a ledger; never offered to an officer, and no letter."""

    kind: ClassVar[str] = "imported_receipt"
    title: ClassVar[str] = "台账所载收到日期"
    tab: ClassVar[str] = "台账"
    stages: ClassVar[frozenset[Stage]] = frozenset()
    letter: ClassVar[str | None] = None

    note: str = Field(default="", title="备注")

    @property
    def by_month(self) -> bool:
        """Whether the ledger knew a day of it by its month alone."""
        return MONTH_ALONE in self.note

    def not_undone(self) -> str:
        return OF_LEDGER


class ImportedResult(Act):
    """台账所载结果: only on import of a ledger; never offered to an officer."""

    kind: ClassVar[str] = "imported_result"
    title: ClassVar[str] = "台账所载办理结果"
    tab: ClassVar[str] = "台账"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[Stage]] = frozenset()
    coded: ClassVar[frozenset[str]] = frozenset({"row"})

    row: str = Field(title="办理结果")
    closed_on: date = Field(title="办结日期")

    @classmethod
    def stored_words(cls, now: Circumstances) -> dict[str, dict[str, str]]:
        rows = {row.row for row in now.law.outcomes.rows}
        rows |= {row.rpartition(".")[0] for row in rows}
        return {"row": {row: row_label(row) for row in rows}}

    def not_undone(self) -> str:
        return OF_LEDGER

    def effective_on(self, today: date) -> date:
        return self.closed_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.imported_row = self.row
        case.closed_on = on
        case.stage = Stage.CLOSED
