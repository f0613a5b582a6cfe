"""What is the answer? One outcome of table 三, with what its letter must state (Arts. 14-16, 30-42).

One tab per family of outcomes. Which particulars an outcome requires is data (outcomes.toml);
when an outcome is lawful at all is a condition below, under the name a lawyer would give it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import ClassVar

from pydantic import Field
from pydantic.fields import FieldInfo

from models.acts.intake.receipt import correction_due
from models.acts.procedure.excess import NO_EXPLANATION, excess_unexplained
from models.acts.procedure.fee_owed import fee_lapsed, unsupplied_fee
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
from models.acts.reply.repeated import not_repeated
from models.agency.officers import Role, holding
from models.case.act import Act, Circumstances, blank, in_future
from models.case.case import Case, Correction, Draft, Part
from models.case.stage import Stage
from models.law.statute import Outcome, Statute
from models.law.workdays import written

Condition = Callable[[Case, Circumstances], str | None]


def corrected_and_still_unclear(case: Case, now: Circumstances) -> str | None:
    """“仍不明确” presupposes a correction that was made (Art. 30)."""
    if case.correction is None or case.correction.corrected_on is None:
        return "未经补正，不能以“补正后申请内容仍不明确”答复（条例第三十条）"
    if case.correction.lacking == "particulars":
        return "告知补正的不是申请内容，不能以“补正后申请内容仍不明确”答复（条例第三十条）"
    return None


def correction_lapsed(case: Case, now: Circumstances) -> str | None:
    """“逾期不补正” presupposes a time allowed that has passed in vain since receipt (Art. 30).

    Where the day of receipt is not on record yet, the draft states it, and is judged by it.
    """
    made = case.correction
    if made is None or case.stage is not Stage.CORRECTION:
        return "未告知补正或已经补正，不能以“逾期不补正”处理（条例第三十条）"
    due = correction_due(case, now.law) or now.law.calendar.latest(made.requested_on, made.days)
    if now.today <= due.day:
        return f"补正期限至{due}尚未届满，不能以“逾期不补正”处理（条例第三十条）"
    return None


CONDITIONS: dict[str, Condition] = {
    "still_unclear": corrected_and_still_unclear,
    "not_corrected": correction_lapsed,
    "fee_unpaid": fee_lapsed,
    "excessive": excess_unexplained,
}

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
WITHHELD_AS = {"information": "withheld"}
"""What the full refusal calls otherwise than the partial one."""


def separable(row: Outcome) -> bool:
    """Whether it may be the ground of a part withheld: a refusal, but no special inquiry (37)."""
    return row.family == "refused" and "36(7)" not in row.articles


def must_state(outcome: str, ground: str, law: Statute) -> tuple[str, ...]:
    """What a letter must state: for a part withheld, all that the full refusal must (Arts. 36, 37)."""
    own = law.outcomes[outcome].requires
    kept = law.outcomes.get(ground)
    return (*own, *(besides(kept, law.outcomes[outcome]) if kept else ()))


def besides(ground: Outcome, reply: Outcome) -> tuple[str, ...]:
    """What the full refusal on a ground must state, and this reply does not by itself."""
    names = (WITHHELD_AS.get(name, name) for name in ground.requires)
    return tuple(name for name in names if name not in reply.requires)


def unanswered(row: Outcome, answers: dict[str, str]) -> Iterator[str]:
    """The questions that a refusal on this ground presupposes, not answered, or the other way."""
    for name in row.asks:
        if answers[name] == "":
            yield UNANSWERED[name]
        elif answers[name] != FOUND[name]:
            yield CONTRARY[name]


GONE = re.compile("死亡|去世|病故|身故|亡故|注销|解散")


def unclear_rest(case: Case) -> Part | None:
    """The part that stayed unclear after a correction of the other parts: told with them (Art. 30)."""
    made = case.correction
    if made is None or made.corrected_on is None or not made.rest:
        return None
    history = f"{written(made.requested_on)}告知补正，{written(made.corrected_on)}收到补正材料"
    stated = {"correction_history": history, "reasons": made.rest_reasons}
    return Part(made.rest, "still_unclear", stated)


def no_signer_left(case: Case, now: Circumstances) -> list[str]:
    """The fault of writing at a draft that nobody could sign then: all who sign wrote at it."""
    signers = holding(now.agency.officers, (Role.SIGN,))
    wrote = (case.draft.drafters if case.draft else frozenset()) | {now.officer}
    if not signers or not wrote.issuperset(signers):
        return []
    return [
        f"能够签发的只有{'、'.join(signers)}，起草、改稿的人不能签发：请由他人起草，或者退回修改"
        "（条例第四十五条）"
    ]


class DraftReply(Act):
    """起草答复: common to the tabs; `family` picks the outcomes of one tab."""

    kind: ClassVar[str] = "drafted"
    article: ClassVar[str] = "36"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.DRAFTING})
    family: ClassVar[str]

    outcome: str = Field(title="办理结果（年报表三）")

    @classmethod
    def possible(cls, case: Case, now: Circumstances) -> list[str]:
        """The outcomes of this tab that the law allows in this case."""
        return [
            key
            for key, row in now.law.outcomes.offered(now.today).items()
            if row.family == cls.family
            and (key not in CONDITIONS or CONDITIONS[key](case, now) is None)
        ]

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        rows = {key: now.law.outcomes[key] for key in cls.possible(case, now)}
        return {
            "outcome": {
                key: f"{now.law.row(key, now.today)}　{row.label}"
                + (f"（{row.basis}）" if row.basis else "")
                for key, row in rows.items()
            }
        }

    @classmethod
    def needs(cls, case: Case, now: Circumstances) -> dict[str, dict[str, tuple[str, ...]]]:
        rows = now.law.outcomes
        return {"outcome": {key: rows[key].requires for key in cls.possible(case, now)}}

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if cls.possible(case, now):
            return None
        return "；".join(cls._excluded(case, now))

    @classmethod
    def not_offered(cls, case: Case, now: Circumstances) -> dict[str, tuple[str, ...]]:
        return {"outcome": tuple(cls._excluded(case, now))}

    @classmethod
    def _excluded(cls, case: Case, now: Circumstances) -> Iterator[str]:
        """Why outcomes of this tab are not possible yet, or not any more."""
        for key, row in now.law.outcomes.offered(now.today).items():
            reason = CONDITIONS[key](case, now) if key in CONDITIONS else None
            if row.family == cls.family and reason:
                yield reason

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        draft = case.draft if case.draft and not case.draft.remaining else None
        if draft and now.law.outcomes[draft.outcome].family == cls.family:
            known = {k: v for k, v in draft.particulars.items() if k in cls.model_fields}
            return {"outcome": draft.outcome, **known}
        possible = cls.possible(case, now)
        return {"outcome": possible[0]} if len(possible) == 1 else {}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        row = now.law.outcomes.get(self.outcome)
        if row is None or row.family != self.family:
            return []  # an unlisted option: said already
        condition = CONDITIONS.get(self.outcome)
        reason = condition(case, now) if condition else None
        if reason:
            return [reason]
        missing = [
            f"选择“{row.label}”时，告知书必须写明“{now.law.particulars[name]}”"
            for name in row.requires
            if blank(str(getattr(self, name) or ""))
        ]
        unsupplied = unsupplied_fee(case, self._supplies(case, now), now)
        return [*missing, *([unsupplied] if unsupplied else []), *no_signer_left(case, now)]

    def _supplies(self, case: Case, now: Circumstances) -> bool:
        """Whether this answer, or one to another part before it, gives information (36(2), 37)."""
        before = case.draft.outcomes if case.draft and case.draft.remaining else ()
        return any(
            now.law.outcomes[one].secrecy_review == "given" for one in (self.outcome, *before)
        )

    def particulars(self) -> dict[str, str]:
        """What the letter states: field → text, blank ones left out."""
        stated = {name: getattr(self, name) for name in type(self).model_fields}
        return {k: str(v) for k, v in stated.items() if k != "outcome" and v not in (None, "")}

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.stage = Stage.REVIEW
        before = case.draft
        if before and before.remaining and self.family != "other":
            part = Part(before.remaining, self.outcome, self.particulars(), officer)
            before.parts.append(part)
            before.remaining = ""
            before.cleared_by = ""
            return
        case.draft = Draft(
            self.outcome,
            self.particulars(),
            officer,
            before.comments if before else [],
            before=before.drafters if before else frozenset(),
        )
        rest = unclear_rest(case)
        if rest and self.outcome != rest.outcome and self.family != "other":
            case.draft.item = case.request
            case.draft.parts.append(rest)


def enclosed_though_public(draft: Draft) -> str:
    """The doubt of a reply that says where it is public, and encloses it all the same (Art. 36(1))."""
    public = [draft.outcome, *(part.outcome for part in draft.parts)]
    if "already_public" not in public or blank(draft.particulars.get("attachments", "")):
        return ""
    return (
        "答复为“已主动公开”，又随附材料：所附的就是所申请的信息的，应为“予以公开（提供）”；"
        "请核对（条例第三十六条第一项、第二项）"
    )


def _nobody_asked(case: Case) -> tuple[str, ...]:
    return () if third_parties(case) else (NOBODY_ASKED,)


VIEW_AS_RECORDED = "不需填写：告知书按登记的意见写"


def _asked_of(tab: type[DraftReply], case: Case) -> dict[str, FieldInfo]:
    """The fields of a tab: nobody writes what others said, and names none where none was asked."""
    hidden = {"third_party_view", *(() if case.opinions else ("protected",))}
    return {name: field for name, field in tab.model_fields.items() if name not in hidden}


class DraftGranted(DraftReply):
    """予以公开 (Art. 36(1), (2)): already public, or provided."""

    kind: ClassVar[str] = "drafted_granted"
    title: ClassVar[str] = "予以公开"
    tab: ClassVar[str] = "公开"
    family: ClassVar[str] = "granted"

    information: str = Field(title="信息名称（文件标题、文号）", max_length=5000)
    whereabouts: str = Field(
        title="获取方式和途径",
        description="已公开的写网址、公报期号或查阅地点；提供的写何时何地如何领取，或“随本告知书附送”",
        max_length=2000,
    )
    attachments: str = Field(default="", title="随附材料（每行一件）", max_length=5000)
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

    information: str = Field(title="予以公开的信息", max_length=5000)
    whereabouts: str = Field(title="获取方式和途径", max_length=2000)
    withheld: str = Field(title="不予公开的部分", max_length=5000)
    withheld_ground: str = Field(title="不予公开部分的理由类型")
    reasons: str = Field(title="不予公开部分的事实和理由", max_length=5000)
    ground: str = Field(
        default="",
        title="具体法律依据",
        description="国家秘密写定密依据（定密机关、密级、期限）；法律、行政法规禁止公开的写名称和条款",
        max_length=2000,
    )
    discretion: str = Field(
        default="",
        title="决定不予公开的裁量理由",
        description="内部事务、过程性信息、执法案卷的必填",
        max_length=2000,
    )
    open_by_law: str = Field(
        default="",
        title="是否有法律、法规、规章规定应当公开",
        description="内部事务、过程性信息、执法案卷的必答",
    )
    public_interest: str = Field(
        default="",
        title="不公开对公共利益的影响",
        description="保护第三方合法权益的必答",
    )
    redaction: str = Field(
        default="",
        title="隐去的第三方信息",
        description="商业秘密等应当先征求意见；隐去自然人身份证号码、住址、电话的不需要",
    )
    protected: str = Field(
        default="",
        title="为其不予公开的被征求意见者",
        description="征求意见书的编号，如“1、3”；没有填写的不同意者，发出前须先告知",
        max_length=200,
    )
    unasked: str = Field(
        default="",
        title="无法征求第三方意见的理由",
        description="没有征求而以保护第三方为由不予公开的必填，写入告知书",
        max_length=2000,
    )
    third_party_view: str = Field(
        default="", title="第三方意见", description=VIEW_AS_RECORDED, max_length=2000
    )
    attachments: str = Field(default="", title="随附材料（每行一件）", max_length=5000)

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
    tab: ClassVar[str] = "不公开"
    family: ClassVar[str] = "refused"

    information: str = Field(title="信息名称", max_length=5000)
    reasons: str = Field(
        default="",
        title="事实和理由",
        description="已移交国家档案馆的写明检索、核对移交清单的情况",
        max_length=5000,
    )
    ground: str = Field(
        default="",
        title="具体法律依据",
        description="国家秘密写定密依据，不写涉密内容，不能确定的先报有关主管部门或者保密行政管理部门确定"
        "（条例第十七条）；法律、行政法规禁止公开的写名称和条款",
        max_length=2000,
    )
    third_party_view: str = Field(
        default="", title="第三方意见", description=VIEW_AS_RECORDED, max_length=2000
    )
    public_interest: str = Field(
        default="",
        title="不公开对公共利益的影响",
        description="第三方合法权益的必答",
    )
    protected: str = Field(
        default="",
        title="为其不予公开的被征求意见者",
        description="第三方合法权益的填写征求意见书的编号，如“1、3”；不填写的，为不同意而理由合理的各方",
        max_length=200,
    )
    unasked: str = Field(
        default="",
        title="无法征求第三方意见的理由",
        description="没有征求而以保护第三方为由不予公开的必填，写入告知书",
        max_length=2000,
    )
    inseparable: str = Field(
        default="",
        title="第三方同意公开一部分而全部不予公开的理由",
        description="不能区分处理等（条例第三十七条）",
        max_length=2000,
    )
    discretion: str = Field(
        default="",
        title="决定不予公开的裁量理由",
        description="内部事务、过程性信息、执法案卷的必填",
        max_length=2000,
    )
    open_by_law: str = Field(
        default="",
        title="是否有法律、法规、规章规定应当公开",
        description="内部事务、过程性信息、执法案卷的必答",
    )
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


class DraftUnable(DraftReply):
    """无法提供 (Arts. 30, 36(4), 36(5), 38): not existing, not ours, to be made, still unclear."""

    kind: ClassVar[str] = "drafted_unable"
    title: ClassVar[str] = "无法提供"
    tab: ClassVar[str] = "无法提供"
    family: ClassVar[str] = "unable"

    reasons: str = Field(
        default="", title="事实和理由", description="信息不存在以外的情形必填", max_length=5000
    )
    responsible_agency: str = Field(
        default="",
        title="负责公开的机关",
        description="非本机关负责公开而尚不能确定由谁负责的留空，告知书写明尚不能确定",
        max_length=100,
    )
    responsible_contact: str = Field(default="", title="该机关的联系方式", max_length=300)
    search: str = Field(
        default="",
        title="检索情况",
        description="信息不存在的必填：检索范围、系统、关键词、日期",
        max_length=5000,
    )
    correction_history: str = Field(
        default="", title="补正经过", description="补正后仍不明确的必填", max_length=2000
    )

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        if case.draft is None and case.elsewhere:
            return {"outcome": "not_ours", **case.elsewhere}
        return super().proposal(case, now)

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = super().faults(case, now)
        if not blank(self.responsible_agency) and blank(self.responsible_contact):
            found.append("告知负责公开的机关时，应当一并告知其联系方式（条例第三十六条第五项）")
        return found


class DraftNotHandled(DraftReply):
    """不予处理 (Arts. 35, 36(6), 39): complaints, repetition, publications, excess."""

    kind: ClassVar[str] = "drafted_not_handled"
    title: ClassVar[str] = "不予处理"
    tab: ClassVar[str] = "不处理"
    family: ClassVar[str] = "not_handled"

    reasons: str = Field(
        default="",
        title="事实和理由",
        description="信访举报投诉、大量反复申请、要求确认或重新出具的必填",
        max_length=5000,
    )
    proper_channel: str = Field(
        default="",
        title="可以提出诉求的渠道",
        description="信访举报投诉的写明：向谁、怎样提出",
        max_length=500,
    )
    earlier_reply_on: date | None = Field(
        default=None, title="此前答复的日期", description="重复申请的必填"
    )
    earlier_reply_number: str = Field(
        default="",
        title="此前答复的文号",
        description="重复申请的必填；按登记簿核对，须为答复同一申请人、已经送出、现在有效的告知书",
        max_length=100,
    )
    earlier_reply_kept: str = Field(
        default="",
        title="登记簿启用前的答复存于何处",
        description="此前的答复作出于启用登记簿之前的填写案卷号、原登记号；其他的不填",
        max_length=200,
    )
    information: str = Field(
        default="", title="公开出版物名称", description="要求提供公开出版物的必填", max_length=2000
    )
    whereabouts: str = Field(
        default="", title="获取途径", description="要求提供公开出版物的必填", max_length=2000
    )
    counts: str = Field(
        default="", title="申请数量、频次", description="大量反复申请的必填", max_length=2000
    )
    explanation: str = Field(
        default="", title="申请人说明的理由", description="大量反复申请的必填", max_length=5000
    )

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = super().faults(case, now)
        if self.outcome in ("repeated", "reconfirmation"):
            number, kept = self.earlier_reply_number, self.earlier_reply_kept
            found += not_repeated(number, self.earlier_reply_on, kept, case, now)
        return found

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        found = super().proposal(case, now)
        if case.excess is None or found.get("outcome", "excessive") != "excessive":
            return found
        explanation = case.excess.explanation or NO_EXPLANATION
        return {"counts": case.excess.counts, "explanation": explanation, **found}


class DraftOther(DraftReply):
    """其他处理: lapse of a correction or a payment, withdrawal, not an application at all."""

    kind: ClassVar[str] = "drafted_other"
    title: ClassVar[str] = "其他处理（撤回、逾期不补正等）"
    tab: ClassVar[str] = "其他"
    family: ClassVar[str] = "other"
    stages: ClassVar[frozenset[Stage]] = frozenset(
        {Stage.JURISDICTION, Stage.CORRECTION, Stage.FEE, Stage.DRAFTING}
    )

    noticed_on: date | None = Field(
        default=None, title="告知书送达日期", description="逾期不补正、逾期不缴费的必填"
    )
    withdrawn_on: date | None = Field(
        default=None, title="申请人书面撤回的日期", description="撤回的必填"
    )
    excuse: str = Field(
        default="",
        title="申请人说明的逾期理由，以及为什么不正当",
        description="逾期不补正的：申请人没有说明过理由的留空，告知书写明没有收到说明",
        max_length=2000,
    )
    reasons: str = Field(
        default="",
        title="事实和理由",
        description="咨询、刑事司法、党务等不属于公开申请、其他情形终止办理的必填",
        max_length=5000,
    )
    recipient: str = Field(
        default="",
        title="收件人（申请人死亡、终止的）",
        description="近亲属、权利义务承受人；没有承受人的写明“已注销”等，告知书不以死亡、终止的申请人为收件人",
        max_length=200,
    )

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        had = _notice_had(case)
        return {**super().proposal(case, now), **({"noticed_on": had} if had else {})}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = super().faults(case, now)
        had, notices = _notice_had(case), {"fee_unpaid": "收费通知", "not_corrected": "补正告知书"}
        if self.outcome in notices and had and self.noticed_on not in (None, had):
            found.append(
                f"告知书送达日期（{self.noticed_on}）与登记的{notices[self.outcome]}送达日期（{had}）不符"
            )
        found += self._gone()
        if self.outcome == "not_corrected" and self.noticed_on and case.correction:
            found += self._not_lapsed(self.noticed_on, case.correction, now)
        if self.withdrawn_on is None:
            return found
        found += self._by_some(case)
        found += in_future("书面撤回的日期", self.withdrawn_on, now)
        if self.withdrawn_on < case.arrived_on:
            found.append(
                f"书面撤回的日期（{self.withdrawn_on}）早于申请送达日期（{case.arrived_on}）"
            )
        return found

    def _by_some(self, case: Case) -> Iterator[str]:
        """Who apply together each ask for himself: what some take back ends nothing for the rest."""
        everybody = (case.applicant, *case.co_applicants) if case.co_applicants else ()
        missing = [one for one in everybody if one not in self.reasons]
        if missing:
            yield (
                "共同申请的，全体申请人书面撤回才能终止，请在“事实和理由”中写明各人的撤回"
                f"（没有写到{'、'.join(missing)}）；只有一部分人撤回的，登记“共同申请人退出”"
                "（条例第二十七条）"
            )

    def _gone(self) -> Iterator[str]:
        """A letter is addressed neither to the dead and dissolved, nor past the living."""
        ended = self.outcome == "otherwise_closed"
        if not ended and not blank(self.recipient):
            yield "“收件人”只在因申请人死亡、终止而终止办理时填写"
        if ended and blank(self.recipient) and (gone := GONE.search(self.reasons)):
            yield f"申请人已经{gone.group()}的，告知书不能以其为收件人，请填写“收件人”"

    def _not_lapsed(self, had: date, made: Correction, now: Circumstances) -> list[str]:
        """The time to correct runs from when the applicant had the notice (Art. 30)."""
        if had < made.requested_on:
            return [f"告知书送达日期（{had}）早于告知补正的日期（{made.requested_on}）"]
        if had > now.today:
            return in_future("告知书送达日期", had, now)
        due = now.law.calendar.latest(had, made.days)
        if now.today > due.day:
            return []
        return [
            f"补正告知书于{had}送达，补正期限至{due}尚未届满，不能以“逾期不补正”处理（条例第三十条）"
        ]


def _notice_had(case: Case) -> date | None:
    """The day on record on which the applicant had the notice that is waited for an answer to."""
    if case.stage is Stage.FEE:
        return case.fee.delivered_on if case.fee else None
    if case.stage is Stage.CORRECTION:
        return case.correction.delivered_on if case.correction else None
    return None


DRAFTING_TABS: dict[str, type[DraftReply]] = {
    tab.family: tab
    for tab in (
        DraftGranted,
        DraftPartlyGranted,
        DraftRefused,
        DraftUnable,
        DraftNotHandled,
        DraftOther,
    )
}
"""The tab on which the outcomes of each family are drafted."""
