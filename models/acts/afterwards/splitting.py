"""May one application be split? By 一事一申请, into the smallest reasonable units (收费办法 4).

By choice of practice.toml (`split_parts`) each part is an application of its own, so that what
comes in and what goes out match one to one: the number there was keeps the first part, the others
get numbers of their own, with the same day of receipt and the same clock. Nothing is closed by the
splitting, and nothing counts twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from pydantic import Field

from models.acts.intake.receipt import ConfirmReceipt, Register
from models.case.act import Act, Circumstances, blank
from models.case.case import Case
from models.case.matters import Correction
from models.case.stage import Stage
from models.law.deadline import ClockEvent

MOST = 50


class Split(Act):
    """拆分: the number there was keeps one part; the others become applications of their own."""

    kind: ClassVar[str] = "split"
    title: ClassVar[str] = "按“一事一申请”拆分登记"
    tab: ClassVar[str] = "拆分"
    article: ClassVar[str] = "收费办法第四条（条例第四十二条）"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.JURISDICTION})
    procedural: ClassVar[bool] = True

    kept: str = Field(title="本申请编号保留的内容", max_length=20000)
    others: str = Field(
        title="另行登记的各项内容（每行一项）",
        description="每项为一件申请：收到申请之日不变，各有申请编号、答复和期限",
        max_length=100_000,
    )

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if now.law.choice("split_parts", now.today) == "fee_only":
            return "按本机关的做法，拆分只用于计算收费，不另行登记（条例第四十二条）"
        if {event.kind for event in case.clock} - {"received", "correction_requested", "corrected"}:
            return "已经征求意见、延期或者收费的，不再拆分登记（条例第四十二条）"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"kept": case.request}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        items = list(_items(self.others))
        found = ["请填写本申请编号保留的内容"] if blank(self.kept) else []
        if not items:
            found.append("请至少列出一项另行登记的内容")
        if len(items) > MOST:
            found.append(f"一次最多另行登记{MOST}项")
        found += [f"“{one[:20]}……”超过20000个字" for one in items if len(one) > 20000]
        return found

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.request = self.kept

    def not_undone(self) -> str:
        return "拆分出的申请已经编了申请编号"

    def begets(self, case: Case) -> list[tuple[Act, ...]]:
        """The acts that make up each of the other parts."""
        assert case.received_on is not None
        made = case.correction
        receipt = ReceivedAsPart(
            received_on=case.received_on,
            origin=case.number,
            asked_on=made.requested_on if made else None,
            days=made.days if made else 0,
            lacking=made.lacking if made else "content",
            unclear=made.unclear if made else "",
            guidance=made.guidance if made else "",
            corrected_on=made.corrected_on if made else None,
        )
        return [
            (
                Register(
                    channel=case.channel,
                    arrived_on=case.arrived_on,
                    applicant_kind=case.kind_now,
                    applicant=case.applicant,
                    request=item,
                    form_wanted=case.form_wanted,
                    co_applicants="\n".join(case.co_applicants),
                    written_by=case.written_by,
                    agent=case.agent,
                    authority=case.authority,
                ),
                receipt,
            )
            for item in _items(self.others)
        ]


def _items(lines: str) -> Iterator[str]:
    return (line.strip() for line in lines.splitlines() if line.strip())


class ReceivedAsPart(ConfirmReceipt):
    """拆分登记: received with the application it was a part of; never offered to an officer."""

    kind: ClassVar[str] = "received_as_part"
    title: ClassVar[str] = "拆分登记，随原申请收到"
    tab: ClassVar[str] = "拆分"
    stages: ClassVar[frozenset[Stage]] = frozenset()
    coded: ClassVar[frozenset[str]] = frozenset({"lacking"})

    origin: str = Field(title="原申请编号")
    asked_on: date | None = Field(default=None, title="告知补正日期")
    days: int = Field(default=0, title="补正期限（工作日）")
    lacking: str = Field(default="content", title="需要补正的方面")
    unclear: str = Field(default="", title="不明确之处")
    guidance: str = Field(default="", title="如何补正")
    corrected_on: date | None = Field(default=None, title="收到补正材料之日")

    def not_undone(self) -> str:
        return "拆分登记时已经编了申请编号"

    def apply(self, case: Case, on: date, officer: str) -> None:
        super().apply(case, on, officer)
        case.split_from = self.origin
        if self.asked_on and self.corrected_on:
            case.correction = Correction(
                self.asked_on,
                self.days,
                self.unclear,
                self.guidance,
                self.corrected_on,
                lacking=self.lacking,
            )
            case.clock += [
                ClockEvent("correction_requested", self.asked_on, days=self.days),
                ClockEvent("corrected", self.corrected_on),
            ]
