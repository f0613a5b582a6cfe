"""Does the reply say several things? One application, several parts, one letter (Arts. 36, 37).

Each part is drafted on its own tab; the letter answers them one after the other; the application
counts once (models/law/mixed_reply.py). What cannot be separated within one part is not a case of this.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from pydantic import Field

from models.case.act import Act, Circumstances, blank
from models.case.case import Case
from models.case.stage import Stage

COUNTED = {
    "before": "按已经起草的部分",
    "next": "按接下来起草的部分",
}


class AnotherPart(Act):
    """另有一部分: the draft answers a part of the request; another is still to be drafted (36)."""

    kind: ClassVar[str] = "another_part"
    title: ClassVar[str] = "申请的另一部分须另行答复（分项答复）"
    tab: ClassVar[str] = "分项"
    article: ClassVar[str] = "36"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.REVIEW})
    coded: ClassVar[frozenset[str]] = frozenset({"counted"})

    answered: str = Field(
        default="",
        title="已起草的答复针对的内容",
        description="第一次分项时填写，写入告知书的小标题",
        max_length=2000,
    )
    remaining: str = Field(title="尚待起草的部分", max_length=2000)
    counted: str = Field(
        title="全部不能提供时按哪一部分计入年报",
        description="有公开内容的一律计入部分公开，不受这里的选择影响",
    )
    counted_reason: str = Field(default="", title="选择的理由", max_length=1000)

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"counted": COUNTED}

    @classmethod
    def needs(cls, case: Case, now: Circumstances) -> dict[str, dict[str, tuple[str, ...]]]:
        by_officer = now.law.choice("mixed_negative_row", now.today) == "officer"
        return {"counted": {"next": ("counted_reason",)}} if by_officer else {}

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if case.draft and now.law.outcomes[case.draft.outcome].family == "other":
            return "终止办理的申请没有其他部分可以答复（条例第三十六条）"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        item = case.draft.item if case.draft else ""
        return {"answered": item, "counted": "before"}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = []
        if case.draft and not case.draft.item and blank(self.answered):
            found.append("请写明已起草的答复针对申请的哪一部分，告知书须分项载明")
        if blank(self.remaining):
            found.append("请写明尚待起草的部分")
        officer = now.law.choice("mixed_negative_row", now.today) == "officer"
        if officer and self.counted == "next" and blank(self.counted_reason):
            found.append("按接下来起草的部分计入年报的，请填写选择的理由")
        return found

    def apply(self, case: Case, on: date, officer: str) -> None:
        if case.draft is None:
            return
        case.draft.item = self.answered or case.draft.item
        case.draft.remaining = self.remaining
        if self.counted == "next":
            case.draft.counted = len(case.draft.outcomes)
            case.draft.counted_reason = self.counted_reason
        case.stage = Stage.DRAFTING
