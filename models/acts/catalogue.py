"""Every act there is, in the order officers see them; what is lawful now; replaying a history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date
from typing import TYPE_CHECKING

from models.acts.afterwards.archiving import HandToArchive
from models.acts.afterwards.delivery import (
    MakeOutReceipt,
    RecordBounced,
    RecordReceived,
    RecordReturned,
    ServeAgain,
)
from models.acts.afterwards.erratum import Erratum
from models.acts.afterwards.merging import AnsweredTogether, JoinAnswer
from models.acts.afterwards.redecision import OrderRedecision, UndoOrder
from models.acts.afterwards.retention import DestroyParticulars
from models.acts.afterwards.splitting import ReceivedAsPart, Split
from models.acts.afterwards.undoing import Undo
from models.acts.afterwards.voiding import VoidLetter, WithdrawReply
from models.acts.intake.assignment import Assign
from models.acts.intake.imported import ImportedReceipt, ImportedResult
from models.acts.intake.jurisdiction import FoundElsewhere, FoundOurs
from models.acts.intake.receipt import (
    ConfirmReceipt,
    CorrectionDelivered,
    RecordCorrection,
    Register,
    RequestCorrection,
)
from models.acts.intake.unconfirmed import ContactApplicant, StrikeEntry
from models.acts.procedure.charging import (
    CancelFee,
    FeeNoticeDelivered,
    FeeObjection,
    NoticeFee,
    RecordPayment,
    RefundFee,
)
from models.acts.procedure.consulting import (
    Consult,
    LetterBack,
    RecordDelivery,
    RecordOpinion,
    TellThirdParty,
)
from models.acts.procedure.excess import AskReasons, Defer, ReasonsNoticeDelivered, RecordReasons
from models.acts.procedure.extension import DraftExtension, Extend
from models.acts.procedure.leaving import Leave
from models.acts.procedure.supplying import AskSupply, RecordSupply
from models.acts.reply.given_or_kept import DraftGranted, DraftPartlyGranted, DraftRefused
from models.acts.reply.nothing_given import DraftNotHandled, DraftOther, DraftUnable
from models.acts.reply.parts import AnotherPart
from models.acts.reply.revising import Revise
from models.acts.reply.secrecy import ClearSecrecy
from models.acts.reply.signoff import Approve, Dispatch, SendBack, Sign
from models.case import recorded
from models.case.act import Act, Circumstances
from models.case.case import Case, Step
from models.errors import ImpossibleHistory, RecordedByNewer

if TYPE_CHECKING:
    from models.store.happened import AnyEvent
    from models.store.tables import Event

ACTS: dict[str, type[Act]] = {
    act.kind: act
    for act in (
        Register,
        ConfirmReceipt,
        ContactApplicant,
        StrikeEntry,
        FoundOurs,
        FoundElsewhere,
        RecordCorrection,
        CorrectionDelivered,
        RecordPayment,
        FeeNoticeDelivered,
        FeeObjection,
        CancelFee,
        DraftGranted,
        DraftPartlyGranted,
        DraftRefused,
        DraftUnable,
        DraftNotHandled,
        RequestCorrection,
        Consult,
        RecordDelivery,
        LetterBack,
        RecordOpinion,
        NoticeFee,
        RefundFee,
        AskReasons,
        ReasonsNoticeDelivered,
        RecordReasons,
        Defer,
        AskSupply,
        RecordSupply,
        JoinAnswer,
        AnsweredTogether,
        Split,
        Approve,
        AnotherPart,
        ClearSecrecy,
        Sign,
        Revise,
        SendBack,
        TellThirdParty,
        Dispatch,
        MakeOutReceipt,
        VoidLetter,
        RecordReceived,
        RecordReturned,
        RecordBounced,
        ServeAgain,
        WithdrawReply,
        OrderRedecision,
        UndoOrder,
        DraftExtension,
        Extend,
        Assign,
        DraftOther,
        ImportedReceipt,
        ImportedResult,
        ReceivedAsPart,
        Leave,
        Erratum,
        Undo,
        HandToArchive,
        DestroyParticulars,
    )
}


APART = (Register, ImportedResult, Erratum, Undo, HandToArchive, DestroyParticulars, UndoOrder)
OFFERED = [act for act in ACTS.values() if act not in APART]


def lawful(case: Case, now: Circumstances) -> list[type[Act]]:
    """The acts the law allows now, in the order of their tabs."""
    return [act for act in OFFERED if case.stage in act.stages and not act.barred(case, now)]


def tabs(case: Case, now: Circumstances) -> list[type[Act]]:
    """Those of them that stand on the case's own form."""
    return [act for act in lawful(case, now) if not act.apart]


def barred(case: Case, now: Circumstances) -> dict[str, str]:
    """The acts of this stage that the law does not allow now: title → why."""
    here = {act.title: act.barred(case, now) for act in OFFERED if case.stage in act.stages}
    return {title: reason for title, reason in here.items() if reason}


def act_of(event: AnyEvent) -> Act:
    """The act that was recorded as this event."""
    act = ACTS.get(event.kind)
    if act is None:
        raise RecordedByNewer(event.kind, event.version)
    return recorded.read(act, event.facts, event.version)


def apply(case: Case, event: AnyEvent) -> None:
    """One recorded event's effect on the case; ImpossibleHistory for a position out of turn."""
    if event.position != case.position:
        raise ImpossibleHistory(
            f"申请 {case.number} 的第 {case.position} 步缺失（找到第 {event.position} 步）"
        )
    take_effect(case, act_of(event), event)


def take_effect(case: Case, act: Act, event: AnyEvent) -> None:
    """The effect of an act that was recorded as this event, whose position is the case's next."""
    letters = [
        (one["kind"], one["number"], date.fromisoformat(one["dated"])) for one in event.letters
    ]
    at = event.recorded_at.replace(tzinfo=event.recorded_at.tzinfo or UTC)
    case.take(Step(act, event.on, event.recorded_on, event.officer, tuple(letters), at))


def issued(case: Case, event: Event, kind: str, number: str, dated: date) -> None:
    """Note a letter that an event just recorded has issued: with the event, and with the case."""
    letter = {"kind": kind, "number": number, "dated": dated.isoformat()}
    event.letters = [*event.letters, letter]
    case.issued(kind, number, dated)


def replay(number: str, events: Iterable[AnyEvent]) -> Case:
    """The case its events add up to."""
    case = Case(number)
    for event in events:
        apply(case, event)
    return case
