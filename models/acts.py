"""Every act there is, in the order officers see them; what is lawful now; replaying a history."""

from __future__ import annotations

from collections.abc import Iterable

from models.act import Act, Circumstances
from models.case import Event, Stage
from models.errors import ImpossibleHistory
from models.extension import Extend
from models.history import Case
from models.imported import ImportedResult
from models.jurisdiction import FoundElsewhere, FoundOurs
from models.outcome import (
    DraftGranted,
    DraftNotHandled,
    DraftOther,
    DraftPartlyGranted,
    DraftRefused,
    DraftUnable,
)
from models.receipt import ConfirmReceipt, RecordCorrection, Register, RequestCorrection
from models.signoff import Approve, Dispatch, SendBack, Sign

ACTS: dict[str, type[Act]] = {
    act.kind: act
    for act in (
        Register,
        ConfirmReceipt,
        FoundOurs,
        FoundElsewhere,
        RecordCorrection,
        DraftGranted,
        DraftPartlyGranted,
        DraftRefused,
        DraftUnable,
        DraftNotHandled,
        RequestCorrection,
        Approve,
        Sign,
        SendBack,
        Dispatch,
        Extend,
        DraftOther,
        ImportedResult,
    )
}


def lawful(case: Case, now: Circumstances) -> list[type[Act]]:
    """The acts the law allows now, in the order of their tabs."""
    if case.stage is Stage.CLOSED:
        return []
    return [
        act for act in ACTS.values() if case.stage in act.stages and act.barred(case, now) is None
    ]


def barred(case: Case, now: Circumstances) -> dict[str, str]:
    """The acts of this stage that the law does not allow now: title → why."""
    here = {act.title: act.barred(case, now) for act in ACTS.values() if case.stage in act.stages}
    return {title: reason for title, reason in here.items() if reason and case.position}


def apply(case: Case, event: Event) -> None:
    """One recorded event's effect on the case; ImpossibleHistory for a position out of turn."""
    if event.position != case.position:
        raise ImpossibleHistory(
            f"申请 {case.number} 的第 {case.position} 步缺失（找到第 {event.position} 步）"
        )
    act = ACTS[event.kind].model_validate(event.facts)
    act.apply(case, event.on, event.officer)
    case.position += 1
    if case.received_on and case.received_recorded_on is None:
        case.received_recorded_on = event.recorded_on
    if case.closed_on and case.closed_recorded_on is None:
        case.closed_recorded_on = event.recorded_on
    case.last_act = f"{event.on}　{act.title}（{event.officer}）"


def replay(number: str, events: Iterable[Event]) -> Case:
    """The case its events add up to."""
    case = Case(number)
    for event in events:
        apply(case, event)
    return case
