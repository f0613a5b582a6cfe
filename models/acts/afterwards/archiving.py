"""归档: is a closed case with the archive, since when, and under which receipt? (Art. 45; 档案法 13)

The register keeps the receipt. A case that is opened anew is with nobody but us again: it is bound and
handed over once more when it is closed.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import Field

from models.case.act import Act, Circumstances, blank, in_future
from models.case.case import Case
from models.case.matters import HandedOver
from models.case.stage import Stage


class HandToArchive(Act):
    """移交档案: the bound file is handed over, and the archive says that it has it (Art. 45)."""

    kind: ClassVar[str] = "handed_to_archive"
    title: ClassVar[str] = "移交档案"
    tab: ClassVar[str] = "移交档案"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.CLOSED})

    handed_on: date = Field(title="移交日期")
    receipt: str = Field(
        title="档案机构的回执号", description="移交清单、接收回执或者档号", max_length=100
    )
    to: str = Field(default="", title="接收的档案机构", max_length=100)
    bound: str = Field(
        default="",
        title="案卷 PDF 的摘要（SHA-256）",
        description="清单.sha256 中案卷.pdf 一行；以后可以核对所移交的就是这一份",
        pattern=r"^([0-9a-f]{64})?$",
    )

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.handed_over:
            one = case.handed_over
            return f"本件已于{one.on}移交档案（回执{one.receipt}；条例第四十五条）"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"handed_on": now.today}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = in_future("移交日期", self.handed_on, now)
        if case.closed_on and self.handed_on < case.closed_on:
            found.append(f"移交日期（{self.handed_on}）早于办结日期（{case.closed_on}）")
        if blank(self.receipt):
            found.append("请填写档案机构的回执号，没有回执的不登记移交（条例第四十五条）")
        return found

    def effective_on(self, today: date) -> date:
        return self.handed_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.handed_over = HandedOver(on, self.receipt, self.to, self.bound)
