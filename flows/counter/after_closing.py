"""办结以后: what becomes of a reply that was sent (补登送达), and one that is withdrawn (撤回答复).

A closed case has no run on the desk; these forms record the act, and a reopened case is put back. An
order to reply (责令重新答复) may come while a case is open, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from flows import office
from flows.counter.neighbours import answer
from flows.path import desk
from flows.path.form_fields import Answer, Asked, By, Group, Number, Of, On, Use
from flows.path.recording import perform_now
from flows.path.start_forms import start_form
from flows.shown.row_words import limit_words
from models.acts.afterwards.delivery import (
    RecordBounced,
    RecordReceived,
    RecordReturned,
    ServeAgain,
    remedy_sentence,
)
from models.acts.afterwards.redecision import NONE, OrderRedecision
from models.acts.afterwards.voiding import WithdrawReply
from models.acts.procedure.consulting import LetterBack, RecordDelivery, RecordOpinion
from models.acts.reply.serving import LEFT
from models.case.act import Act
from models.case.stage import Stage
from models.register import numbers_meant, register


class Fact(StrEnum):
    """What can become of a reply after it was sent, and be found out of a consultation's letter."""

    RECEIVED = "申请人实际收到"
    RETURNED = "退回"
    AGAIN = "重新送达"
    BOUNCED = "退信（网上、电子邮件没有发出）"
    ASKED = "征求意见书送达"
    NOT_ASKED = "征求意见书退回，无法联系"
    ANSWERED = "收到第三方、其他机关的意见"


ACT_OF: Mapping[Fact, type[Act]] = {
    Fact.RECEIVED: RecordReceived,
    Fact.RETURNED: RecordReturned,
    Fact.AGAIN: ServeAgain,
    Fact.BOUNCED: RecordBounced,
    Fact.ASKED: RecordDelivery,
    Fact.NOT_ASKED: LetterBack,
    Fact.ANSWERED: RecordOpinion,
}
"""The act as which each is recorded."""


@start_form(
    "补登送达",
    Use(Group.CLOSED, "告知书、征求意见书发出以后，知道了哪天签收、被退回，或者收到意见"),
)
def record_service(
    number: Number,
    fact: Annotated[Fact, Field(title="登记事项")],
    on: On,
    by: By,
    note: Annotated[
        str,
        Field(
            title="原因或者凭证",
            description="退回原因、退信提示、邮件号、签收记录、公告载体、拒收事由和见证人；意见的理由",
        ),
    ] = "",
    delivery: Annotated[str, Asked(ServeAgain, also="重新送达的必填")] = "",
    handed_to: Annotated[str, Asked(ServeAgain)] = "",
    ref: Annotated[
        str,
        Field(title="征求意见书的编号", description="登记征求意见书的填写，见办理卷宗“征求意见”"),
    ] = "1",
    view: Annotated[str, Asked(RecordOpinion, also="收到意见的必填")] = "",
    reasonable: Annotated[str, Asked(RecordOpinion)] = "",
    judgment: Annotated[str, Asked(RecordOpinion)] = "",
) -> str:
    """补登告知书、征求意见书的送达和退回，以及其后收到的意见，不改变办结日期；退信的视为没有发出，回到待发出。"""
    match fact:
        case Fact.RECEIVED:
            kind, fields = RecordReceived.kind, {"received_on": on, "proof": note}
        case Fact.RETURNED:
            kind, fields = RecordReturned.kind, {"returned_on": on, "reason": note}
        case Fact.AGAIN:
            fields = {"sent_on": on, "delivery": delivery, "handed_to": handed_to}
            fields |= {"refusal": note} if delivery == LEFT else {"proof": note}
            kind = ServeAgain.kind
        case Fact.BOUNCED:
            kind, fields = RecordBounced.kind, {"bounced_on": on, "reason": note}
        case Fact.ASKED:
            kind, fields = RecordDelivery.kind, {"ref": ref, "delivered_on": on, "proof": note}
        case Fact.NOT_ASKED:
            fields = {"ref": ref, "returned_on": on, "reason": fact, "done": note}
            kind, fields = LetterBack.kind, {**fields, "then": "unreachable"}
        case Fact.ANSWERED:
            fields = {"ref": ref, "answered_on": on, "reasons": note, "judgment": judgment}
            kind, fields = RecordOpinion.kind, {**fields, "view": view, "reasonable": reasonable}
    found = perform_now(number, kind, dict(fields), by)
    if fact is Fact.BOUNCED:
        desk.put_on_desk(found)
        return answer(found.number, "已登记退信：告知书视为没有发出，请重新发出", [])
    return answer(found.number, f"已登记：{fact}", [remedy_sentence(found, office.law())])


@start_form(
    "撤回答复",
    Use(Group.CLOSED, "自己发现已经发出的答复错了，要撤回重新答复"),
)
def withdraw_reply(number: Number, given: Annotated[Answer, Of(WithdrawReply)], by: By) -> str:
    """撤回已经发出的答复，原文号作废，申请回到“待起草”重新办理；年报仍只计一件。"""
    found = perform_now(number, WithdrawReply.kind, given, by)
    desk.put_on_desk(found)
    limit, now = found.deadline(office.law()), office.circumstances(by.officer)
    due = f"重新答复期限届满日：{limit_words(limit, now)}" if limit else ""
    return answer(found.number, "已撤回答复，重新办理", [due])


@start_form(
    "责令重新答复",
    Use(Group.CLOSED, "复议机关、法院或者上级责令本机关答复、重新答复"),
)
def order_redecision(
    number: Number, given: Annotated[Answer, Of(OrderRedecision, {"number": "decision"})], by: By
) -> str:
    """责令答复、重新答复：已办结的回到“待起草”，另有期限和文号；尚未答复的继续办理，从其期限。"""
    with office.reading() as session:
        meant = numbers_meant.number_meant(session, number) or number.strip()
        is_open = register.case(session, meant).stage is not Stage.CLOSED
    asked = given | ({"holds": NONE} if is_open else {})
    found = perform_now(number, OrderRedecision.kind, asked, by)
    desk.put_on_desk(found)
    limit, now = found.deadline(office.law()), office.circumstances(by.officer)
    due = f"答复期限届满日：{limit_words(limit, now)}" if limit else ""
    return answer(found.number, "已登记，须按期答复", [due])
