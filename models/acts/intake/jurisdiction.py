"""Is it ours to disclose? Who made or obtained the information is responsible (Arts. 10, 36(5))."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from models.agency.agency import Agency, OtherAgency
from models.case.act import Act, Circumstances, blank
from models.case.case import Case
from models.case.stage import Stage


@dataclass(frozen=True)
class Proposal:
    """Another agency whose remit the request touches, and the words that say so."""

    agency: OtherAgency
    words: tuple[str, ...]


def proposals(request: str, agency: Agency) -> list[Proposal]:
    """Agencies whose remit is touched by the request, most words first; the officer decides."""
    found = [
        Proposal(other, tuple(word for word in other.remit if word in request))
        for other in agency.others
    ]
    return sorted((one for one in found if one.words), key=lambda one: -len("".join(one.words)))


class FoundOurs(Act):
    """属于本机关: this agency made or keeps the information (Art. 10)."""

    kind: ClassVar[str] = "found_ours"
    title: ClassVar[str] = "属于本机关负责公开"
    tab: ClassVar[str] = "本机关"
    article: ClassVar[str] = "10"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.JURISDICTION})

    note: str = Field(default="", title="判断说明", max_length=2000)

    def apply(self, case: Case, on: object, officer: str) -> None:
        case.elsewhere = {}
        case.stage = Stage.DRAFTING


class FoundElsewhere(Act):
    """属于其他机关: to be told, with the responsible agency's name and contact (Art. 36(5))."""

    kind: ClassVar[str] = "found_elsewhere"
    title: ClassVar[str] = "属于其他机关负责公开"
    tab: ClassVar[str] = "其他机关"
    article: ClassVar[str] = "36(5)"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.JURISDICTION})

    responsible_agency: str = Field(
        default="", title="负责公开的机关", description="能够确定的，应当告知名称", max_length=100
    )
    responsible_contact: str = Field(default="", title="该机关的联系方式", max_length=300)
    reasons: str = Field(title="不属于本机关负责公开的理由", max_length=5000)

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        for one in proposals(case.request, now.agency):
            return {
                "responsible_agency": one.agency.name,
                "responsible_contact": one.agency.contact,
                "reasons": one.agency.reason,
            }
        return {}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = []
        if blank(self.reasons):
            found.append("请说明不属于本机关负责公开的理由（条例第三十六条第五项）")
        if not blank(self.responsible_agency) and blank(self.responsible_contact):
            found.append("告知负责公开的机关时，应当一并告知其联系方式（条例第三十六条第五项）")
        return found

    def apply(self, case: Case, on: object, officer: str) -> None:
        case.elsewhere = {
            "responsible_agency": self.responsible_agency,
            "responsible_contact": self.responsible_contact,
            "reasons": self.reasons,
        }
        case.stage = Stage.DRAFTING
