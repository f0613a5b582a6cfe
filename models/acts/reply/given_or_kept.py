"""Is the information given, in part, or kept? With what must be found out before it is kept.

In whole or in part (Arts. 36(1), (2), 37), or refused on its exact ground (Arts. 14-16, 36(3), (7)).
What both refusals ask is asked in the same words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field
from pydantic.fields import FieldInfo

from models.acts.procedure.opinions import third_parties
from models.acts.procedure.withholding import (
    NOBODY_ASKED,
    REDACTION,
    THIRD_PARTY,
    agreed_in_part,
    kept_of,
    unfounded,
    unknown_refs,
)
from models.acts.reply.outcome import DraftReply, besides, separable
from models.case.act import Circumstances, blank
from models.case.case import Case
from models.case.matters import Part
from models.law.rules import Outcome

PUBLIC_INTEREST = {
    "": "没有审查，或者不适用",
    "no": "已审查：不公开不会对公共利益造成重大影响",
    "yes": "已审查：不公开会对公共利益造成重大影响",
}
OPEN_BY_LAW = {
    "": "没有查，或者不适用",
    "none": "已查：没有法律、法规、规章规定应当公开",
    "some": "已查：有法律、法规或者规章规定应当公开",
}
ASKED = {"public_interest": PUBLIC_INTEREST, "open_by_law": OPEN_BY_LAW}
FOUND = {"public_interest": "no", "open_by_law": "none"}
"""The answers under which information may be kept (Arts. 15, 16): the letter states these alone."""
UNANSWERED = {
    "public_interest": "请先审查不公开是否会对公共利益造成重大影响，并选择结论（条例第十五条）",
    "open_by_law": "请先查明是否有法律、法规、规章规定应当公开，并选择结论（条例第十六条）",
}
CONTRARY = {
    "public_interest": "不公开会对公共利益造成重大影响的，应当予以公开（条例第十五条）",
    "open_by_law": "法律、法规、规章规定应当公开的，从其规定，不能不予公开（条例第十六条）",
}


def unanswered(row: Outcome, answers: dict[str, str]) -> Iterator[str]:
    """The questions that a refusal on this ground presupposes, not answered, or the other way."""
    for name in row.asks:
        if answers[name] == "":
            yield UNANSWERED[name]
        elif answers[name] != FOUND[name]:
            yield CONTRARY[name]


def _nobody_asked(case: Case) -> tuple[str, ...]:
    return () if third_parties(case) else (NOBODY_ASKED,)


VIEW_AS_RECORDED = "不需填写：告知书按登记的意见写"


def _asked_of(tab: type[DraftReply], case: Case) -> dict[str, FieldInfo]:
    """The fields of a tab: nobody writes what others said, and names none where none was asked."""
    hidden = {"third_party_view", *(() if case.opinions else ("protected",))}
    return {name: field for name, field in tab.model_fields.items() if name not in hidden}


Attachments = Annotated[str, Field(title="随附材料（每行一件）", max_length=5000)]
Ground = Annotated[str, Field(title="具体法律依据", max_length=2000)]
Discretion = Annotated[
    str,
    Field(
        title="决定不予公开的裁量理由",
        description="内部事务、过程性信息、执法案卷的必填",
        max_length=2000,
    ),
]
OpenByLaw = Annotated[
    str,
    Field(
        title="是否有法律、法规、规章规定应当公开",
        description="内部事务、过程性信息、执法案卷的必答",
    ),
]
PublicInterest = Annotated[
    str, Field(title="不公开对公共利益的影响", description="保护第三方合法权益的必答")
]
Protected = Annotated[str, Field(title="为其不予公开的被征求意见者", max_length=200)]
Unasked = Annotated[
    str,
    Field(
        title="无法征求第三方意见的理由",
        description="没有征求而以保护第三方为由不予公开的必填，写入告知书",
        max_length=2000,
    ),
]
ThirdPartyView = Annotated[
    str, Field(title="第三方意见", description=VIEW_AS_RECORDED, max_length=2000)
]


class DraftGranted(DraftReply):
    """予以公开 (Art. 36(1), (2)): already public, or provided."""

    kind: ClassVar[str] = "drafted_granted"
    title: ClassVar[str] = "予以公开"
    tab: ClassVar[str] = "公开"
    family: ClassVar[str] = "granted"

    information: str = Field(title="信息名称（文件标题、文号）", max_length=5000)
    whereabouts: str = Field(
        title="获取方式和途径",
        description="已公开的写网址、公报期号或查阅地点；提供的写何时何地如何领取，或“随文附送”",
        max_length=2000,
    )
    attachments: Attachments = ""
    protected: str = Field(
        default="",
        title="不含其信息的被征求意见者",
        description="征求意见书的编号，如“1、3”；所公开的信息不含其信息的填写，其余不同意的须先告知",
        max_length=200,
    )

    @classmethod
    def questions(cls, case: Case, now: Circumstances) -> dict[str, FieldInfo]:
        return _asked_of(cls, case)

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = super().faults(case, now)
        return found or list(unknown_refs(self.protected, case))


class DraftPartlyGranted(DraftReply):
    """部分公开 (Art. 37): what can be separated is given, the rest refused with reasons."""

    kind: ClassVar[str] = "drafted_partly_granted"
    title: ClassVar[str] = "部分公开"
    tab: ClassVar[str] = "部分公开"
    family: ClassVar[str] = "partly_granted"
    coded: ClassVar[frozenset[str]] = frozenset(
        {"outcome", "open_by_law", "public_interest", "redaction", "withheld_ground"}
    )

    information: str = Field(title="予以公开的信息", max_length=5000)
    whereabouts: str = Field(title="获取方式和途径", max_length=2000)
    withheld: str = Field(title="不予公开的部分", max_length=5000)
    withheld_ground: str = Field(title="不予公开部分的理由类型")
    reasons: str = Field(title="不予公开部分的事实和理由", max_length=5000)
    ground: Annotated[
        Ground,
        Field(
            description="国家秘密写定密依据（定密机关、密级、期限）；法律、行政法规禁止公开的写名称和条款"
        ),
    ] = ""
    discretion: Discretion = ""
    open_by_law: OpenByLaw = ""
    public_interest: PublicInterest = ""
    redaction: str = Field(
        default="",
        title="隐去的第三方信息",
        description="商业秘密等应当先征求意见；隐去自然人身份证号码、住址、电话的不需要",
    )
    protected: Annotated[
        Protected,
        Field(description="征求意见书的编号，如“1、3”；没有填写的不同意者，发出前须先告知"),
    ] = ""
    unasked: Unasked = ""
    third_party_view: ThirdPartyView = ""
    attachments: Attachments = ""

    @classmethod
    def questions(cls, case: Case, now: Circumstances) -> dict[str, FieldInfo]:
        return _asked_of(cls, case)

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        grounds = {
            key: f"{row.label}（{row.basis}）"
            for key, row in now.law.outcomes.offered(now.today).items()
            if separable(row)
        }
        chosen = {"withheld_ground": grounds, "redaction": REDACTION, **ASKED}
        return {**super().options(case, now), **chosen}

    @classmethod
    def not_offered(cls, case: Case, now: Circumstances) -> dict[str, tuple[str, ...]]:
        return {**super().not_offered(case, now), "withheld_ground": _nobody_asked(case)}

    @classmethod
    def needs(cls, case: Case, now: Circumstances) -> dict[str, dict[str, tuple[str, ...]]]:
        grounds = {
            key: besides(row, now.law.outcomes["partly_granted"])
            for key, row in now.law.outcomes.items()
            if separable(row)
        }
        return {**super().needs(case, now), "withheld_ground": grounds}

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {**dict.fromkeys((*ASKED, "redaction"), ""), **super().proposal(case, now)}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = super().faults(case, now)
        row = now.law.outcomes.get(self.withheld_ground)
        if row and row.family == "refused" and not separable(row):
            return [
                f"“{row.label}”不是部分不予公开的理由：这部分内容请分项答复"
                "（条例第三十六条第七项、第三十七条）"
            ]
        if row is None:
            return found
        found += [
            f"以“{row.label}”为由的，告知书必须写明“{now.law.particulars[name]}”"
            for name in besides(row, now.law.outcomes["partly_granted"])
            if blank(getattr(self, name))
        ]
        if found:
            return found
        found += unanswered(row, self.model_dump())
        found += unknown_refs(self.protected, case)
        if self.withheld_ground == THIRD_PARTY:
            found += unfounded(kept_of(Part("", self.outcome, self.particulars())), case, now)
        return found


class DraftRefused(DraftReply):
    """不予公开 (Arts. 14-16, 36(3), 36(7)): the exact ground and why it applies."""

    kind: ClassVar[str] = "drafted_refused"
    title: ClassVar[str] = "不予公开"
    tab: ClassVar[str] = "不予公开"
    family: ClassVar[str] = "refused"
    coded: ClassVar[frozenset[str]] = frozenset({"outcome", "open_by_law", "public_interest"})

    information: str = Field(title="信息名称", max_length=5000)
    reasons: str = Field(
        default="",
        title="事实和理由",
        description="已移交国家档案馆的写明检索、核对移交清单的情况",
        max_length=5000,
    )
    ground: Annotated[
        Ground,
        Field(
            description="国家秘密写定密依据，不写涉密内容，不能确定的先报有关主管部门或者保密行政管理部门确定"
            "（条例第十七条）；法律、行政法规禁止公开的写名称和条款"
        ),
    ] = ""
    third_party_view: ThirdPartyView = ""
    public_interest: PublicInterest = ""
    protected: Annotated[
        Protected,
        Field(
            description="第三方合法权益的填写征求意见书的编号，如“1、3”；不填写的，为不同意而理由合理的各方"
        ),
    ] = ""
    unasked: Unasked = ""
    inseparable: str = Field(
        default="",
        title="第三方同意公开一部分而全部不予公开的理由",
        description="不能区分处理等（条例第三十七条）",
        max_length=2000,
    )
    discretion: Discretion = ""
    open_by_law: OpenByLaw = ""
    special_law: str = Field(
        default="", title="适用的法律、行政法规", description="行政查询事项的必填", max_length=500
    )
    transfer: str = Field(
        default="",
        title="移交清单",
        description="已移交国家档案馆的必填：移交清单的名称、日期、编号，所申请的信息在其中的位置",
        max_length=2000,
    )
    window: str = Field(
        default="", title="办理查询的机关或窗口", description="行政查询事项的必填", max_length=500
    )

    @classmethod
    def questions(cls, case: Case, now: Circumstances) -> dict[str, FieldInfo]:
        return _asked_of(cls, case)

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        return {**super().options(case, now), **ASKED}

    @classmethod
    def not_offered(cls, case: Case, now: Circumstances) -> dict[str, tuple[str, ...]]:
        found = super().not_offered(case, now)
        return {**found, "outcome": (*found["outcome"], *_nobody_asked(case))}

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {**dict.fromkeys(ASKED, ""), **super().proposal(case, now)}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = super().faults(case, now)
        row = now.law.outcomes.get(self.outcome)
        if row is None or found:
            return found
        found += unanswered(row, self.model_dump())
        found += unknown_refs(self.protected, case)
        if self.outcome != THIRD_PARTY:
            return found
        still_to_answer = case.draft.remaining if case.draft else ""
        kept = kept_of(Part(still_to_answer, self.outcome, self.particulars()))
        found += unfounded(kept, case, now)
        if blank(self.inseparable):
            found += [
                f"{one.name}同意公开一部分，全部不予公开的，请写明"
                f"“{now.law.particulars['inseparable']}”（条例第三十七条）"
                for one in agreed_in_part(kept, case)
            ]
        return found
