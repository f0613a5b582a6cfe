"""Where does a case stand after these acts? Cases built act by act, without a register or a desk."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from models.acts import catalogue
from models.acts.catalogue import ACTS
from models.acts.reply.given_or_kept import FOUND
from models.acts.reply.outcome import DraftReply, separable
from models.agency.agency import load_agency
from models.agency.officers import Role
from models.case.act import Act, Circumstances
from models.case.case import UNDO, Case
from models.case.matters import OtherApplication
from models.case.stage import Stage
from models.errors import ActRefused
from models.law.statute_files import load
from models.law.workdays import Calendar
from models.store.tables import Event

CONFIG = Path(__file__).parents[1] / "config"
LAW = load(CONFIG)
BEFORE_2027 = LAW.with_calendar(Calendar.load(CONFIG / "workdays", hide=[2027]))
"""The law before the notice of 2027 was out, for what is provisional then."""
AGENCY = load_agency(CONFIG / "office")
RECEIVED = date(2026, 3, 2)
DRAFTER, HEAD = "李起草", "王主任"
POSTED = "1012345678901"  # 邮件号
FAMILY = {act.family: kind for kind, act in ACTS.items() if issubclass(act, DraftReply)}


class History:
    """A case and the events that made it; `today` is the day the next act is done."""

    def __init__(self, today: date = RECEIVED, channel: str = "in_person") -> None:
        self.case, self.events, self.today = Case("SQ202600001"), list[Event](), today
        self.law, self.agency, self.others = LAW, AGENCY, tuple[OtherApplication, ...]()
        self.usual("registered", channel=channel)

    def now(self, officer: str = DRAFTER) -> Circumstances:
        return Circumstances(self.today, officer, self.law, self.agency, self.others)

    def refusals(self, kind: str, officer: str = DRAFTER, **answer: object) -> list[str]:
        """Why this act would be refused; empty if it would not."""
        return self._made(kind, answer).refusals(self.case, self.now(officer))

    def act(self, kind: str, officer: str = DRAFTER, **answer: object) -> History:
        """Perform one act; raises ActRefused with the reasons."""
        made, now = self._made(kind, answer), self.now(officer)
        reasons = made.refusals(self.case, now)
        if reasons:
            raise ActRefused(reasons)
        event = Event(
            case_number=self.case.number,
            position=self.case.position,
            kind=kind,
            on=made.effective_on(now.today),
            recorded_on=self.today,
            recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
            officer=officer,
            article=made.article,
            facts=made.model_dump(mode="json"),
        )
        catalogue.apply(self.case, event)
        for letter in made.letters(self.case):
            serial = len(self.case.letters) + 1
            catalogue.issued(self.case, event, letter, f"沪知公开〔2026〕{serial}号", self.today)
        self.events.append(event)
        return self

    def usual(self, kind: str, officer: str = "", **answer: object) -> History:
        """Perform one act with the usual answer, today, as its usual officer."""
        who = officer or usual_officer(ACTS[kind], self.case.stage)
        return self.act(kind, who, **(self.answer(kind) | answer))

    def approved(self) -> History:
        """Review the draft, and have it cleared where its ground asks for it."""
        act, now = ACTS["approved"], self.now(HEAD)
        self.act("approved", HEAD, **act.proposal(self.case, now))
        return self.usual("secrecy_cleared") if self.case.stage is Stage.SECRECY else self

    def answer(self, kind: str) -> dict[str, object]:
        """The usual answer to one act: everything it asks for, every date today."""
        act = ACTS[kind]
        if kind == "revised":
            return reworded(self.case, self.now())
        if kind == UNDO:
            return act.proposal(self.case, self.now())
        dates = [name for name, field in act.model_fields.items() if field.annotation is date]
        usual = ANSWERS.get(kind, {}) | dict.fromkeys(dates, self.today)
        if kind == "redecision_ordered":  # an open case has no reply that could hold
            usual |= {"holds": act.proposal(self.case, self.now())["holds"]}
        return usual

    def draft(self, outcome: str, **answer: object) -> History:
        """Draft this outcome with everything its letter must state."""
        kind = FAMILY[LAW.outcomes[outcome].family]
        ground = str(answer.get("withheld_ground", ""))
        return self.act(kind, **(particulars(outcome, ground) | KEPT.get(outcome, {}) | answer))

    def _made(self, kind: str, answer: dict[str, object]) -> Act:
        return ACTS[kind].model_validate(answer)


def reworded(case: Case, now: Circumstances) -> dict[str, object]:
    """Every text of the draft in other words."""
    texts = ACTS["revised"].proposal(case, now)
    return {key: f"{text}（经改稿）" for key, text in texts.items()}


def usual_officer(act: type[Act], stage: Stage) -> str:
    """Who usually does it: what others are to look at is not for the drafter."""
    roles = set(act.roles_at(stage))
    return DRAFTER if roles & {Role.HANDLE, Role.HEAD} else HEAD


def particulars(outcome: str, ground: str = "") -> dict[str, object]:
    """What the letter of an outcome must state, and what its form cannot do without.

    ground = of the part withheld, where it is another than usual
    """
    if outcome == "partly_granted":
        return _partly(ground if ground in LAW.outcomes else str(STATED["withheld_ground"]))
    return {**_stated(outcome), **_answered(outcome)}


def _partly(ground: str) -> dict[str, object]:
    """A part withheld states all that the full refusal of the same ground states."""
    row = LAW.outcomes[ground]
    required = {name: f"（{LAW.particulars[name]}）" for name in row.requires if separable(row)}
    stated = _stated("partly_granted") | {"withheld_ground": ground}
    kept = {"withheld": PRIVATE} if ground == "third_party_rights" else {}
    return {**required, **stated, **kept, **_answered(ground)}


def _answered(outcome: str) -> dict[str, object]:
    """The answers to what is asked before refusing: those under which it may be refused."""
    return {name: FOUND[name] for name in LAW.outcomes[outcome].asks}


def _stated(outcome: str) -> dict[str, object]:
    fields = ACTS[FAMILY[LAW.outcomes[outcome].family]].model_fields
    named = {name for name, field in fields.items() if field.is_required()} - {"outcome"}
    stated: dict[str, object] = {
        name: STATED.get(name, f"（{LAW.particulars[name]}）")
        for name in named | set(LAW.outcomes[outcome].requires)
    }
    return {"outcome": outcome, **stated}


PRIVATE = "登记表所载自然人的身份证号码、住址"
KEPT: dict[str, dict[str, object]] = {"repeated": {"earlier_reply_kept": "2018年度卷宗第12号"}}
"""What a draft without a register says of the reply before it."""
STATED: dict[str, object] = {
    "withheld_ground": "process_information",
    "earlier_reply_on": date(2026, 1, 5),
    "noticed_on": RECEIVED,
    "withdrawn_on": RECEIVED,
}

ANSWERS: dict[str, dict[str, object]] = {
    "registered": {
        "channel": "in_person",
        "applicant_kind": "自然人",
        "applicant": "张三",
        "request": "2025年度专利资助名单",
    },
    "found_elsewhere": {"reasons": "由国家知识产权局制作并保存"},
    "correction_requested": {"unclear": "未写明年度", "guidance": "请写明年度", "days": 10},
    "erratum": {"entries": ("0.form_wanted",), "value": "纸质", "reason": "核对申请原件"},
    "corrected": {"request": "2025年度专利资助名单"},
    "sent_back": {"comment": "请补充理由"},
    "replied": {"delivery": "ems", "proof": POSTED},
    "consultation_started": {
        "party": "third_party",
        "name": "某某科技有限公司",
        "information": "补贴申报材料中的客户名单",
        "why": "可能属于其商业秘密",
    },
    "consultation_delivered": {"ref": "1"},
    "consultation_returned": {
        "ref": "1",
        "reason": "查无此人",
        "then": "unreachable",
        "done": "按登记地址查询、电话联系，均未找到",
    },
    "consultation_ended": {"ref": "1", "view": "agree"},
    "third_party_told": {
        "ref": "1",
        "ground": "public_interest",
        "content": "获补贴企业名称、金额",
        "reasons": "涉及公共资金使用，须接受监督",
    },
    "letter_voided": {"reason": "落款日期有误", "again": "drafting"},
    "letter_returned": {"reason": "查无此人"},
    "served_again": {"delivery": "registered_post", "proof": POSTED},
    "reply_bounced": {"reason": "550 用户不存在"},
    "reply_withdrawn": {"reason": "所附材料有误", "decided_by": HEAD},
    "contact_tried": {"how": "电话", "result": "无人接听"},
    "entry_struck": {"reason": "与先前登记的是同一件"},
    "fee_noticed": {
        "excess": "一个月内提出11件",
        "standard": "by_piece",
        "before": 10,
        "before_reason": "另有10件在启用登记簿以前提出",
        "payment": "凭缴款通知书到银行缴纳",
    },
    "fee_paid": {"amount": 100},
    "fee_objected": {"objection": "其中两件不是本人提出"},
    "fee_refunded": {
        "amount": 100,
        "reasons": "所申请的信息已经主动公开",
        "way": "原路退回缴款账户",
    },
    "fee_cancelled": {"reasons": "其中两件不是本人提出"},
    "records_asked": {"department": "规划发展处", "records": "2025年度专利资助名单"},
    "records_supplied": {"ref": "1", "result": "supplied"},
    "reasons_asked": {"counts": "三个月内提出126件", "days": 7},
    "reasons_given": {
        "explanation": "想多了解情况",
        "reasonable": "no",
        "judgment": "与申请的内容和数量没有合理联系",
    },
    "deferred": {"reasons": "须逐卷查阅"},
    "answers_joined": {"together": "SQ202600002　2026-03-02　另一份名单"},
    "answered_together": {"lead": "SQ202600002", "outcome": "granted"},
    "split": {"kept": "2025年度名单", "others": "2024年度名单"},
    "received_as_part": {"origin": "SQ202600009"},
    "another_part": {"answered": "名单", "remaining": "评审意见", "counted": "before"},
    "redecision_ordered": {
        "source": "review",
        "number": "沪府复字〔2026〕12号",
        "unit": "workday",
        "holds": "no",
    },
    "redecision_undone": {"review": "FY202600001", "reason": "重复登记"},
    "decided": {"number": "沪府复字〔2026〕12号"},
    "extension_drafted": {"days": 20, "reasons": "需要检索的档案较多"},
    "extended": {"days": 20, "reasons": "需要检索的档案较多", "consented_by": HEAD},
    "assigned": {"handler": "赵敏"},
    "applicant_left": {"who": "李四"},
    "handed_to_archive": {"receipt": "档2026-15"},
    "particulars_destroyed": {},
    "imported_result": {"row": "3.1"},
    "drafted_granted": particulars("granted"),
    "drafted_partly_granted": particulars("partly_granted"),
    "drafted_refused": particulars("process_information"),
    "drafted_unable": particulars("not_existing"),
    "drafted_not_handled": particulars("petition"),
    "drafted_other": particulars("withdrawn"),
}


def standing(stage: Stage) -> History:
    """A case that has come to this stage by the usual way."""
    if stage is Stage.SECRECY:
        return standing(Stage.REVIEW).usual("approved", next="secrecy")
    history = History()
    steps = {
        Stage.JURISDICTION: [("received", DRAFTER)],
        Stage.CORRECTION: [("received", DRAFTER), ("correction_requested", DRAFTER)],
        Stage.FEE: [("received", DRAFTER), ("found_ours", DRAFTER), ("fee_noticed", DRAFTER)],
        Stage.DRAFTING: [("received", DRAFTER), ("found_ours", DRAFTER)],
        Stage.REVIEW: [("drafted_granted", DRAFTER)],
        Stage.SIGNING: [("approved", HEAD)],
        Stage.DISPATCH: [("signed", HEAD)],
        Stage.CLOSED: [("replied", DRAFTER)],
    }
    later = [Stage.REVIEW, Stage.SIGNING, Stage.DISPATCH, Stage.CLOSED]
    way = steps.get(stage, [])
    if stage in later:
        before = [step for one in later[: later.index(stage) + 1] for step in steps[one]]
        way = [*steps[Stage.DRAFTING], *before]
    for kind, officer in way:
        history.usual(kind, officer)
    assert history.case.stage is stage
    return history
