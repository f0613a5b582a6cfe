"""`disclosure deadline`: what is the last day, and why? For one date, or for a file of histories."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from models.deadline import PARTY_LABEL, ClockEvent, Deadline, deadline
from models.errors import DisclosureError, ImpossibleHistory
from models.statute import Statute, article_label

FIELDS = {"kind", "on", "days", "party", "ref", "delivered_on"}


def answer(lines: Iterable[str], law: Statute) -> Iterator[dict[str, Any]]:
    """One answer per line of JSON (contract: Events); what cannot be answered says why."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _answer_line(line, number, law)


def _answer_line(line: str, number: int, law: Statute) -> dict[str, Any]:
    identity: object = None
    try:
        asked = json.loads(line)
        if not isinstance(asked, dict):
            raise ImpossibleHistory("应为一个对象 {“id”: …, “events”: […]}")
        identity = asked.get("id")
        return {"id": identity, **as_json(deadline(events_of(asked.get("events")), law))}
    except json.JSONDecodeError as fault:
        return {"id": identity, "error": f"第{number}行不是有效的 JSON（第{fault.colno}个字符）"}
    except DisclosureError as fault:
        return {"id": identity, "error": f"第{number}行：{fault}"}


def events_of(raw: object) -> list[ClockEvent]:
    """The events of one line, typed; ImpossibleHistory names the event and the field."""
    if not isinstance(raw, list) or not raw:
        raise ImpossibleHistory("events 应为非空的事件列表")
    return [_event(one, place) for place, one in enumerate(raw, 1)]


def _event(raw: object, place: int) -> ClockEvent:
    where = f"第{place}个事件"
    if not isinstance(raw, dict):
        raise ImpossibleHistory(
            f"{where}应为一个对象，如 {{“kind”: “received”, “on”: “2026-03-02”}}"
        )
    unknown = sorted(raw.keys() - FIELDS)
    if unknown:
        raise ImpossibleHistory(f"{where}有未知的字段 {'、'.join(unknown)}")
    if not isinstance(raw.get("kind"), str):
        raise ImpossibleHistory(f"{where}缺少 kind")
    days, party = raw.get("days"), raw.get("party")
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or days < 1):
        raise ImpossibleHistory(f"{where}的 days 应为正整数，而不是 {days!r}")
    if party is not None and party not in PARTY_LABEL:
        raise ImpossibleHistory(f"{where}的 party 应为 {'、'.join(PARTY_LABEL)}，而不是 {party!r}")
    delivered = raw.get("delivered_on")
    return ClockEvent(
        kind=raw["kind"],
        on=_day(raw.get("on"), where, "on"),
        days=days,
        party=party,
        ref=str(raw.get("ref") or ""),
        delivered_on=None if delivered is None else _day(delivered, where, "delivered_on"),
    )


def _day(value: object, where: str, field: str) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ImpossibleHistory(
            f"{where}的 {field} 应为日期（如 2026-03-02），而不是 {value!r}"
        ) from None


def as_json(found: Deadline) -> dict[str, Any]:
    """A deadline in the shape of the contract; dates in ISO."""
    return {
        "last_day": found.last_day.isoformat() if found.last_day else None,
        "provisional": found.provisional,
        "suspended": found.suspended,
        "steps": [
            {
                "article": step.article,
                "from": step.start.isoformat(),
                "to": step.end.isoformat(),
                "working_days": step.working_days,
                "skipped": [day.isoformat() for day in step.skipped],
                "why": step.why,
            }
            for step in found.steps
        ],
        "warnings": list(found.warnings),
    }


def explain(found: Deadline) -> str:
    """A deadline as an officer reads it: the last day, then each step with its article."""
    if found.suspended:
        head = "期限停止计算，目前没有最后期限。"
    else:
        mark = "（暂定）" if found.provisional else ""
        head = f"答复的最后期限：{found.last_day}{mark}"
    lines = [head, *(f"  {n}. {_line(step)}" for n, step in enumerate(found.steps, 1))]
    lines += [f"  注意：{warning}" for warning in found.warnings]
    return "\n".join(lines)


def _line(step: Any) -> str:
    rest = f"，其间休息日{len(step.skipped)}天不计" if step.skipped else ""
    return f"{step.start} → {step.end}　{step.why}{rest}（{article_label(step.article)}）"
