"""办结以后: what becomes of a reply that was sent (补登送达), and one that is withdrawn (撤回答复).

A closed case has no run on the desk; these forms record the act, and a reopened case is put back. An
order to reply (责令重新答复) may come while a case is open, too.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from prefect import flow
from pydantic import Field

from flows import office
from flows.counter.neighbours import answer
from flows.path import desk
from flows.path.recording import parsed, perform
from flows.path.signing import REHEARSING, Code, Rehearsed
from flows.path.start_forms import asked_again
from models.acts.afterwards.delivery import (
    RecordBounced,
    RecordReceived,
    RecordReturned,
    ServeAgain,
    remedy_sentence,
)
from models.acts.afterwards.redecision import HOLDS, MOVED_BY, NONE, SOURCES, UNITS, OrderRedecision
from models.acts.afterwards.voiding import WithdrawReply
from models.acts.procedure.consulting import JUDGED, LetterBack, RecordDelivery, RecordOpinion
from models.acts.procedure.opinions import VIEWS
from models.acts.reply.serving import AGAIN, LEFT
from models.case.case import Case
from models.case.stage import Stage
from models.errors import ActRefused
from models.register import register
from models.register.codes import Signature

Delivery = StrEnum("送达方式", AGAIN)  # type: ignore[misc]


Source = StrEnum("由谁责令", SOURCES)  # type: ignore[misc]
Unit = StrEnum("期限的单位", UNITS)  # type: ignore[misc]
Holds = StrEnum("原答复的效力", {k: words for k, words in HOLDS.items() if k != NONE})  # type: ignore[misc]
MovedBy = StrEnum(  # type: ignore[misc]
    "决定是否写明期限可以推迟", {key or "not_moved": words for key, words in MOVED_BY.items()}
)
View = StrEnum("意见", VIEWS)  # type: ignore[misc]
Judged = StrEnum(  # type: ignore[misc]
    "不同意的理由是否合理", {key or "not_asked": words for key, words in JUDGED.items()}
)
NOT_JUDGED = Judged(JUDGED[""])
NOT_MOVED = MovedBy(MOVED_BY[""])
WORKING_DAYS, SET_ASIDE = Unit(UNITS["workday"]), Holds(HOLDS["no"])


class Fact(StrEnum):
    """What can become of a reply after it was sent, and be found out of a consultation's letter."""

    RECEIVED = "申请人实际收到"
    RETURNED = "退回"
    AGAIN = "重新送达"
    BOUNCED = "退信（网上、电子邮件没有送出）"
    ASKED = "征求意见书送达"
    NOT_ASKED = "征求意见书退回，无法联系"
    ANSWERED = "收到第三方、其他机关的意见"


def do_once(number: str, kind: str, fields: dict[str, object], officer: str, code: str) -> Case:
    """Record an act beside the case's own forms; a run that is run again finds it done.

    Raises ActRefused with the reasons, NoSuchCase.
    """
    asked = parsed(kind, fields)
    with office.reading() as session:
        case = register.case(session, number)
    if case.steps[-1].act == asked:
        if REHEARSING.get():
            raise Rehearsed(Signature(officer, code, kind, number))
        return case
    done = perform(number, case.position, kind, fields, officer, code)
    if done.refused or done.came_late:
        raise ActRefused(list(done.reasons) or [f"申请 {number} 刚由他人办理，请核对后重新提交"])
    return done.case


@flow(name="补登送达", flow_run_name="补登送达")
@asked_again
def record_service(
    number: Annotated[str, Field(title="受理编号")],
    fact: Annotated[Fact, Field(title="登记事项")],
    on: Annotated[date, Field(title="日期")],
    officer: Annotated[str, Field(title="经办人")],
    note: Annotated[
        str,
        Field(
            title="原因或者凭证",
            description="退回原因、退信提示、邮件号、签收记录、公告载体、拒收事由和见证人；意见的理由",
        ),
    ] = "",
    delivery: Annotated[Delivery | None, Field(title="送达方式（重新送达的必填）")] = None,
    handed_to: Annotated[str, Field(title="签收人（当面、转交、委托送达的必填）")] = "",
    ref: Annotated[
        str,
        Field(title="征求意见书的编号", description="登记征求意见书的填写，见办理卷宗“征求意见”"),
    ] = "1",
    view: Annotated[View | None, Field(title="意见（收到意见的必填）")] = None,
    reasonable: Annotated[
        Judged, Field(title="不同意的理由是否合理", description="意见为不同意的必填")
    ] = NOT_JUDGED,
    judgment: Annotated[
        str, Field(title="判断的依据", description="认为机关不同意的理由不成立的必填")
    ] = "",
    one_time_code: Code = "",
) -> str:
    """补登告知书、征求意见书的送达和退回，以及其后收到的意见，不改变办结日期；退信的视为没有送出，回到待发出。"""
    match fact:
        case Fact.RECEIVED:
            kind, fields = RecordReceived.kind, {"received_on": on, "proof": note}
        case Fact.RETURNED:
            kind, fields = RecordReturned.kind, {"returned_on": on, "reason": note}
        case Fact.AGAIN:
            way = {str(label): key for key, label in AGAIN.items()}.get(str(delivery), "")
            left = way == LEFT
            fields = {"sent_on": on, "delivery": way, "handed_to": handed_to}
            fields |= {"refusal": note} if left else {"proof": note}
            kind = ServeAgain.kind
        case Fact.BOUNCED:
            kind, fields = RecordBounced.kind, {"bounced_on": on, "reason": note}
        case Fact.ASKED:
            kind, fields = RecordDelivery.kind, {"ref": ref, "delivered_on": on, "proof": note}
        case Fact.NOT_ASKED:
            fields = {"ref": ref, "returned_on": on, "reason": fact, "done": note}
            kind, fields = LetterBack.kind, {**fields, "then": "unreachable"}
        case Fact.ANSWERED:
            said = {"ref": ref, "answered_on": on, "reasons": note, "judgment": judgment}
            said["view"] = View(view).name if view else ""
            judged = Judged(reasonable)
            said["reasonable"] = "" if judged is NOT_JUDGED else judged.name
            kind, fields = RecordOpinion.kind, said
    found = do_once(number.strip(), kind, dict(fields), officer, one_time_code)
    if fact is Fact.BOUNCED:
        desk.put_on_desk(found)
        return answer(found.number, "已登记退信：告知书视为没有送出，请重新发出", [])
    return answer(found.number, f"已登记：{fact}", [remedy_sentence(found, office.law())])


@flow(name="撤回答复", flow_run_name="撤回答复")
@asked_again
def withdraw_reply(
    number: Annotated[str, Field(title="受理编号")],
    withdrawn_on: Annotated[date, Field(title="撤回日期")],
    reason: Annotated[str, Field(title="撤回的理由", description="写入新的告知书")],
    decided_by: Annotated[str, Field(title="决定撤回的负责人")],
    officer: Annotated[str, Field(title="经办人")],
    one_time_code: Code = "",
) -> str:
    """撤回已经发出的答复，原文号作废，申请回到“待起草”重新办理；年报仍只计一件。"""
    fields: dict[str, object] = {
        "withdrawn_on": withdrawn_on,
        "reason": reason,
        "decided_by": decided_by,
    }
    found = do_once(number.strip(), WithdrawReply.kind, fields, officer, one_time_code)
    desk.put_on_desk(found)
    limit = found.deadline(office.law())
    due = f"重新答复的最后期限：{limit.last_day}" if limit else ""
    return answer(found.number, "已撤回答复，重新办理", [due])


@flow(name="责令重新答复", flow_run_name="责令重新答复")
@asked_again
def order_redecision(
    number: Annotated[str, Field(title="受理编号")],
    received_on: Annotated[date, Field(title="收到决定书、生效判决之日")],
    source: Annotated[Source, Field(title="由谁责令")],
    decision: Annotated[str, Field(title="决定书、判决书的文号（案号）")],
    officer: Annotated[str, Field(title="经办人")],
    term: Annotated[
        int, Field(title="决定书所定的期限", description="没有定期限的填0：20个工作日")
    ] = 0,
    unit: Annotated[Unit, Field(title="期限的单位")] = WORKING_DAYS,
    holds: Annotated[
        Holds, Field(title="原答复的效力", description="尚未答复的，不必选择")
    ] = SET_ASIDE,
    moved_by: Annotated[
        MovedBy,
        Field(title="决定是否写明期限可以推迟", description="只有决定自己写明的才能推迟"),
    ] = NOT_MOVED,
    moved_words: Annotated[
        str, Field(title="决定书、判决书写明可以推迟的原话", description="照抄")
    ] = "",
    review: Annotated[str, Field(title="复议诉讼案件的登记号")] = "",
    note: Annotated[str, Field(title="决定的要点")] = "",
    authority: Annotated[
        str, Field(title="责令机关的名称", description="复议机关、法院、上级机关的全称")
    ] = "",
    one_time_code: Code = "",
) -> str:
    """责令答复、重新答复：已办结的回到“待起草”，另有期限和文号；尚未答复的继续办理，从其期限。"""
    with office.reading() as session:
        is_open = register.case(session, number.strip()).stage is not Stage.CLOSED
    fields: dict[str, object] = {
        "received_on": received_on,
        "source": Source(source).name,
        "number": decision,
        "review": review,
        "term": term,
        "unit": Unit(unit).name,
        "holds": NONE if is_open else Holds(holds).name,
        "note": note,
        "authority": authority,
        "moved_by": "" if MovedBy(moved_by) is NOT_MOVED else MovedBy(moved_by).name,
        "moved_words": moved_words,
    }
    found = do_once(number.strip(), OrderRedecision.kind, fields, officer, one_time_code)
    desk.put_on_desk(found)
    limit = found.deadline(office.law())
    due = f"答复的最后期限：{limit.last_day}" if limit else ""
    return answer(found.number, "已登记，须按期答复", [due])
