"""Must the answer pass secrecy review before it is signed? Where its ground asks for it (Art. 17).

Art. 17 has the agency review what it means to disclose under the secrecy law, and refer what it
cannot decide to the competent or the secrecy authority. Which answers pass through this stage is
data (`secrecy_review` in outcomes.toml) and a choice of practice.toml (`secrecy_review_scope`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from pydantic import Field

from models.agency.officers import Role
from models.case.act import Act, Circumstances
from models.case.case import Case
from models.case.matters import Draft
from models.case.stage import Stage
from models.law.rules import Outcome
from models.law.statute import Statute


def secrecy_grounds(draft: Draft, law: Statute, on: date) -> tuple[Outcome, ...]:
    """The outcomes and grounds of an answer, or of a part of it, for which it must be reviewed."""
    scope = law.choice("secrecy_review_scope", on)
    asked = {"ground", "given"} if scope == "grounds_and_given" else {"ground"}
    found = [row for row in _stated(draft, law) if row.secrecy_review in asked]
    return tuple(dict.fromkeys(found))


def _stated(draft: Draft, law: Statute) -> Iterator[Outcome]:
    """The outcomes of all parts, and the grounds on which they withhold a part (Art. 37)."""
    for outcome, particulars in draft.stated:
        yield law.outcomes[outcome]
        withheld = law.outcomes.get(particulars.get("withheld_ground", ""))
        if withheld:
            yield withheld


def not_reviewed(case: Case, law: Statute, on: date) -> str | None:
    """Why the answer cannot go on without secrecy review, as a sentence; None if it can."""
    if case.draft is None or case.draft.cleared_by:
        return None
    grounds = secrecy_grounds(case.draft, law, on)
    if not grounds:
        return None
    named = "、".join(f"“{row.label}”" for row in grounds)
    return f"答复涉及{named}，签发前须经保密审查（条例第十七条）"


class ClearSecrecy(Act):
    """保密审查通过: reviewed under the secrecy law; the draft goes to the leader who signs (17)."""

    kind: ClassVar[str] = "secrecy_cleared"
    title: ClassVar[str] = "保密审查通过，送签发"
    tab: ClassVar[str] = "保密通过"
    article: ClassVar[str] = "17"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.SECRECY})
    role: ClassVar[Role] = Role.SECRECY

    comment: str = Field(
        default="",
        title="保密审查意见",
        description="不写涉密内容；认为定密依据不足或者应当公开的，退回修改",
        max_length=2000,
    )
    referral: str = Field(
        default="",
        title="报请确定的情况",
        description="本机关不能确定的，写明报哪一机关、何时、如何确定（条例第十七条第二款）",
        max_length=1000,
    )

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        return own_draft(case, now, "保密审查")

    def apply(self, case: Case, on: date, officer: str) -> None:
        if case.draft is not None:
            case.draft.cleared_by = officer
            case.draft.comment(officer, self.comment)
            case.draft.comment(officer, f"报请确定：{self.referral}" if self.referral else "")
        case.stage = Stage.SIGNING


def own_draft(case: Case, now: Circumstances, what: str) -> list[str]:
    """The fault of reviewing one's own draft, where the agency does not allow it."""
    if case.draft is None or now.officer not in case.draft.authors:
        return []
    if now.law.choice("drafter_reviews", now.today) == "allowed":
        return []
    return [f"起草人（{now.officer}）不能{what}自己起草的答复（条例第四十五条）"]
