"""How is an opinion asked for, and its answer recorded? Acts of consultation (Arts. 11, 32-34).

What follows from what was said is in models/acts/procedure/opinions.py; what it does to the limit, in
models/law/consultation.py. Consulting an office of our own stops nothing and is not recorded here.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, cast

from pydantic import Field

from models.acts.procedure.opinions import OBJECTING, VIEWS, awaited
from models.acts.procedure.withholding import RELEASING, untold
from models.agency.agency import not_confirmed
from models.case.act import Act, Circumstances, blank, in_future, order_faults
from models.case.case import Case
from models.case.matters import Opinion, Told
from models.case.stage import Stage
from models.law.consultation import PARTY_LABEL, SILENCE, Party
from models.law.deadline import ClockEvent
from models.law.workdays import written
from models.words.names import same_name

JUDGED = {"": "不适用（没有不同意的内容）", "yes": "理由合理", "no": "理由不合理或者没有说明理由"}
GROUNDS = {
    "unreasonable": "第三方不同意公开的理由不合理",
    "public_interest": "不公开可能对公共利益造成重大影响",
}
TELL = {"yes": "告知", "no": "不告知"}
NATURES = {
    "": "不是第三方，或者尚不清楚",
    "person": "自然人（答复申请人的告知书不写其姓名）",
    "unit": "法人或者其他组织",
}
BACK = {
    "again": "重新发出",
    "unreachable": "无法联系该方，不再发出",
}
ASKED = frozenset(Stage) - {
    Stage.CONFIRMING
}  # what became of a letter is recorded after closing, too


def _shown(one: Opinion) -> str:
    return f"{one.ref}　{one.name}（{PARTY_LABEL[one.party]}，{written(one.sent_on)}发出）"


class Consult(Act):
    """征求意见: third party, other agency, co-producer; each by its own letter (Arts. 11, 32-34)."""

    kind: ClassVar[str] = "consultation_started"
    title: ClassVar[str] = "征求第三方、其他机关意见"
    tab: ClassVar[str] = "征求意见"
    article: ClassVar[str] = "32"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.JURISDICTION, Stage.DRAFTING})
    procedural: ClassVar[bool] = True
    shown_first: ClassVar[bool] = True
    coded: ClassVar[frozenset[str]] = frozenset({"nature", "party", "tell_applicant"})

    party: str = Field(
        title="征求对象", description="征求本机关内设处室的意见不暂停期限，不在这里登记"
    )
    name: str = Field(title="对象的姓名或名称", max_length=100)
    information: str = Field(
        title="征求意见的信息",
        description="名称和要点；不写申请人身份，不照抄申请书",
        max_length=5000,
    )
    why: str = Field(
        title="为什么征求其意见",
        description="第三方：公开可能损害其哪些合法权益；机关：与该信息的关系",
        max_length=2000,
    )
    sent_on: date = Field(title="发出日期", description="自次日起暂停计算答复期限")
    applicant_named: str = Field(
        default="",
        title="必须告知申请人身份的理由",
        description="一般不填；填写的，征求意见书将写明申请人",
        max_length=500,
    )
    tell_applicant: str = Field(default="yes", title="是否书面告知申请人正在征求意见")
    nature: str = Field(
        default="",
        title="第三方是自然人还是单位",
        description="征求意见书、第三方告知书据以称“您”“贵单位”；没有选的，一律写其姓名、名称",
    )

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        parties = {
            str(key): f"{label}（逾期不答复：{SILENCE[key]}）" for key, label in PARTY_LABEL.items()
        }
        return {"party": parties, "tell_applicant": TELL, "nature": NATURES}

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        limit = case.deadline(now.law)
        if limit and limit.suspended:
            return "期限停止计算期间不征求意见（条例第三十三条）"
        return None

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"sent_on": now.today, "tell_applicant": "yes", "nature": ""}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = order_faults("发出日期", self.sent_on, case, now)
        for name in ("name", "information", "why"):
            if blank(getattr(self, name)):
                found.append(f"请填写“{type(self).model_fields[name].title}”，征求意见书必须载明")
        who = case.applicant.strip()
        written = f"{self.information}\n{self.why}"
        if len(who) > 1 and who in written and blank(self.applicant_named):
            found.append(
                f"征求意见书不应写明申请人（“{who}”）；确有必要的，请填写理由"
                "（个人信息保护法第三十四条）"
            )
        found += [
            f"已于{one.sent_on}向“{one.name}”征求意见，尚待答复，不必重复征求"
            for one in self._pending(case, now)
            if same_name(one.name, self.name) and one.party == self.party
        ]
        return found

    def _pending(self, case: Case, now: Circumstances) -> list[Opinion]:
        """Consultations on the application as it is now: a correction begins anew."""
        corrected = case.correction.corrected_on if case.correction else None
        return [
            one
            for one in case.opinions
            if awaited(one, now.today, now.law) and (corrected is None or one.sent_on >= corrected)
        ]

    def effective_on(self, today: date) -> date:
        return self.sent_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        ref, party = str(len(case.opinions) + 1), cast("Party", self.party)
        asked = (ref, party, self.name, self.information, self.why, on, self.applicant_named)
        case.opinions.append(Opinion(*asked, nature=self.nature))
        case.on_clock(ClockEvent("consultation_started", on, party=party, ref=ref))

    def letters(self, case: Case) -> tuple[str, ...]:
        asked = "third_party" if self.party == "third_party" else "agency"
        told = ("consultation_told",) if self.tell_applicant == "yes" else ()
        return (f"consultation_{asked}", *told)


class RecordDelivery(Act):
    """登记征求意见书送达: the 15 working days run from the day the party had it (Arts. 32, 34)."""

    kind: ClassVar[str] = "consultation_delivered"
    title: ClassVar[str] = "登记征求意见书送达"
    tab: ClassVar[str] = "征求意见书送达"
    article: ClassVar[str] = "32"
    stages: ClassVar[frozenset[Stage]] = ASKED
    procedural: ClassVar[bool] = True
    coded: ClassVar[frozenset[str]] = frozenset({"ref"})

    ref: str = Field(title="征求意见书")
    delivered_on: date = Field(title="送达日期", description="签收之日；15个工作日自次日起算")
    proof: str = Field(default="", title="凭证（邮件号、回执）", max_length=100)

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"ref": {one.ref: _shown(one) for one in cls._undelivered(case)}}

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if cls._undelivered(case):
            return None
        return "没有尚待登记送达的征求意见书（条例第三十二条）"

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        for one in cls._undelivered(case):
            return {"ref": one.ref, "delivered_on": one.answered_on or now.today}
        return {}

    @staticmethod
    def _undelivered(case: Case) -> list[Opinion]:
        return [one for one in case.opinions if one.delivered_on is None]

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        one = case.opinion(self.ref)
        found = in_future("送达日期", self.delivered_on, now)
        sent = one and (one.resent_on or one.sent_on)
        if sent and self.delivered_on < sent:
            found.append(f"送达日期（{self.delivered_on}）早于发出日期（{sent}）")
        if one and one.answered_on and self.delivered_on > one.answered_on:
            found.append(f"送达日期（{self.delivered_on}）晚于其答复日期（{one.answered_on}）")
        return found

    def effective_on(self, today: date) -> date:
        return self.delivered_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        one = case.opinion(self.ref)
        if one is not None:
            one.delivered_on, one.unreachable = on, ""
        case.clock = [
            event._replace(delivered_on=on)
            if event.kind == Consult.kind and event.ref == self.ref
            else event
            for event in case.clock
        ]


class LetterBack(Act):
    """意见书退回: who has not had it has not been asked; sent again, or not to be reached (Art. 32)."""

    kind: ClassVar[str] = "consultation_returned"
    title: ClassVar[str] = "登记征求意见书退回"
    tab: ClassVar[str] = "征求意见书退回"
    article: ClassVar[str] = "32"
    stages: ClassVar[frozenset[Stage]] = ASKED
    procedural: ClassVar[bool] = True
    coded: ClassVar[frozenset[str]] = frozenset({"ref", "then"})

    ref: str = Field(title="征求意见书")
    returned_on: date = Field(title="退回日期", description="查明未能送达之日")
    reason: str = Field(title="退回原因", description="查无此人、地址不详、拒收等", max_length=500)
    then: str = Field(
        title="怎样处理",
        description="重新发出的，意见期限自重新送达之日起算；无法联系的，不能视为同意",
    )
    sent_on: date | None = Field(default=None, title="重新发出日期", description="重新发出的必填")
    done: str = Field(
        title="已经采取的措施",
        description="重新发出的地址和方式；无法联系的，写明查询登记地址、电话联系等经过",
        max_length=2000,
    )

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"ref": {one.ref: _shown(one) for one in cls._out(case)}, "then": BACK}

    @classmethod
    def needs(cls, case: Case, now: Circumstances) -> dict[str, dict[str, tuple[str, ...]]]:
        return {"then": {"again": ("sent_on",)}}

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        return None if cls._out(case) else "没有尚未送达的征求意见书（条例第三十二条）"

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"ref": cls._out(case)[0].ref, "returned_on": now.today} if cls._out(case) else {}

    @staticmethod
    def _out(case: Case) -> list[Opinion]:
        """The letters that may still come back: neither delivered, nor answered, nor given up."""
        return [
            one
            for one in case.opinions
            if one.delivered_on is None and one.answered_on is None and not one.unreachable
        ]

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        one = case.opinion(self.ref)
        found = in_future("退回日期", self.returned_on, now)
        sent = one and (one.resent_on or one.sent_on)
        if sent and self.returned_on < sent:
            found.append(f"退回日期（{self.returned_on}）早于发出日期（{sent}）")
        for name in ("reason", "done"):
            if blank(getattr(self, name)):
                found.append(f"请写明“{type(self).model_fields[name].title}”")
        if self.then == "again" and self.sent_on is None:
            found.append("重新发出的，请填写重新发出日期")
        if self.then != "again" and self.sent_on is not None:
            found.append("没有重新发出的，不填写重新发出日期")
        if self.sent_on is not None:
            found += in_future("重新发出日期", self.sent_on, now)
            if self.sent_on < self.returned_on:
                found.append(f"重新发出日期（{self.sent_on}）早于退回日期（{self.returned_on}）")
        return found

    def effective_on(self, today: date) -> date:
        return self.returned_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        one = case.opinion(self.ref)
        if one is None:
            return
        if self.then == "again":
            one.resent_on = self.sent_on
        else:
            one.unreachable = self.done


class RecordOpinion(Act):
    """登记意见: the answer ends the pause; a later change of mind is recorded too (Arts. 32-34)."""

    kind: ClassVar[str] = "consultation_ended"
    title: ClassVar[str] = "登记收到的意见"
    tab: ClassVar[str] = "登记意见"
    article: ClassVar[str] = "32"
    stages: ClassVar[frozenset[Stage]] = ASKED
    procedural: ClassVar[bool] = True
    coded: ClassVar[frozenset[str]] = frozenset({"ref", "view", "reasonable"})

    ref: str = Field(title="谁的意见")
    answered_on: date = Field(title="收到意见之日")
    view: str = Field(title="意见")
    reasons: str = Field(default="", title="其说明的理由", max_length=5000)
    reasonable: str = Field(
        default="",
        title="不同意的理由是否合理（承办人判断）",
        description="第三方有合理理由的，不予公开（条例第三十二条）；其他机关不同意的，应当协商、确认",
    )
    judgment: str = Field(
        default="",
        title="判断的依据",
        description="其他机关、共同制作机关的理由不成立而决定公开的必填（条例第十一条、第三十四条）",
        max_length=2000,
    )

    @classmethod
    def choices(cls, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"view": VIEWS, "reasonable": JUDGED}

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        refs = {
            one.ref: _shown(one) + ("，更改意见" if one.answered_on else "")
            for one in sorted(case.opinions, key=lambda one: one.answered_on is not None)
        }
        return {"ref": refs, **cls.choices(now)}

    @classmethod
    def needs(cls, case: Case, now: Circumstances) -> dict[str, dict[str, tuple[str, ...]]]:
        return {"reasonable": {"yes": ("reasons",)}}

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        return None if case.opinions else "没有征求过意见（条例第三十二条）"

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        waiting = [one.ref for one in case.opinions if one.answered_on is None]
        first = {"ref": waiting[0]} if waiting else {}
        return {**first, "answered_on": now.today, "reasonable": ""}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        one = case.opinion(self.ref)
        found = in_future("收到意见之日", self.answered_on, now)
        since = one and (one.answered_on or one.delivered_on or one.resent_on or one.sent_on)
        if since and self.answered_on < since:
            found.append(f"收到意见之日（{self.answered_on}）早于此前的日期（{since}）")
        objects, agency = self.view in OBJECTING, one is not None and one.party != "third_party"
        if objects and agency:
            found += self._agency_faults()
        elif objects and self.reasonable == "":
            found.append("不同意公开的，请判断其理由是否合理（条例第三十二条）")
        if not objects and self.reasonable:
            found.append("没有不同意的内容，不需要判断理由是否合理")
        if self.reasonable == "yes" and blank(self.reasons):
            found.append("没有说明理由的，不能认定为理由合理（条例第三十二条）")
        return found

    def _agency_faults(self) -> list[str]:
        """An agency states its reason; only against reasons of our own is it passed over (11, 34)."""
        found = []
        if blank(self.reasons):
            found.append("机关不同意公开的，请写明其理由和依据（条例第十一条、第三十四条）")
        if self.reasonable == "no" and blank(self.judgment):
            found.append("认为机关不同意的理由不成立的，请写明判断的依据（条例第十一条）")
        return found

    def effective_on(self, today: date) -> date:
        return self.answered_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        one = case.opinion(self.ref)
        if one is None:
            return
        if one.answered_on is None:
            one.answered_on = on
            case.on_clock(ClockEvent("consultation_ended", on, ref=self.ref))
        one.view, one.reasons, one.reasonable = self.view, self.reasons, self.reasonable
        one.judgment, one.unreachable = self.judgment, ""


class TellThirdParty(Act):
    """告知第三方决定公开: what will be disclosed against its objection, and why, first (Art. 32)."""

    kind: ClassVar[str] = "third_party_told"
    title: ClassVar[str] = "书面告知第三方决定公开"
    tab: ClassVar[str] = "告知第三方"
    article: ClassVar[str] = "32"
    stages: ClassVar[frozenset[Stage]] = frozenset({Stage.DISPATCH})
    letter: ClassVar[str | None] = "third_party_told"
    shown_first: ClassVar[bool] = True
    coded: ClassVar[frozenset[str]] = frozenset({"ref", "ground"})

    ref: str = Field(title="第三方")
    told_on: date = Field(
        title="告知日期", description="条例未规定等候时间；宜为第三方寻求救济留出时间"
    )
    ground: str = Field(title="决定公开的依据")
    content: str = Field(title="决定公开的信息内容", max_length=5000)
    reasons: str = Field(title="决定公开的理由", max_length=5000)
    given_on: date | None = Field(
        default=None,
        title="何日起向申请人提供",
        description="写入告知书；填写的，此日以前不能发出答复。留空的，告知书不写日期",
    )

    @classmethod
    def options(cls, case: Case, now: Circumstances) -> dict[str, dict[str, str]]:
        return {"ref": {one.ref: _shown(one) for one in untold(case)}, "ground": GROUNDS}

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        if untold(case):
            return not_confirmed(now.agency, now.today)
        return "没有不同意公开而决定公开、尚未告知的第三方（条例第三十二条）"

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        waiting = untold(case)
        if not waiting or case.draft is None:
            return {}
        one = waiting[0]
        ground = "unreasonable" if one.reasonable == "no" else "public_interest"
        given = (part for part in case.draft.pieces if part.outcome in RELEASING)
        content = "；".join(part.particulars.get("information", "") for part in given)
        return {"ref": one.ref, "told_on": now.today, "ground": ground, "content": content}

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        found = in_future("告知日期", self.told_on, now)
        if self.given_on and self.given_on < self.told_on:
            found.append(
                f"何日起向申请人提供（{self.given_on}）早于告知日期（{self.told_on}）（条例第三十二条）"
            )
        if case.signed_on and self.told_on < case.signed_on:
            found.append(f"告知日期（{self.told_on}）早于决定签发之日（{case.signed_on}）")
        one = case.opinion(self.ref)
        if one and one.reasonable != "no" and self.ground == "unreasonable":
            why = "已认定其理由合理" if one.answered_on else "无法联系，没有取得其同意"
            found.append(
                f"{why}：除不公开可能对公共利益造成重大影响外，不得公开（条例第十五条、第三十二条）"
            )
        for name in ("content", "reasons"):
            if blank(getattr(self, name)):
                title = type(self).model_fields[name].title
                found.append(f"请写明“{title}”，告知书必须载明（条例第三十二条）")
        return found

    def effective_on(self, today: date) -> date:
        return self.told_on

    def apply(self, case: Case, on: date, officer: str) -> None:
        case.told.append(Told(self.ref, on, self.ground, self.content, self.reasons, self.given_on))
