"""`disclosure deadline`: what is the last day, and why? For one date, or for a file of histories."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, Never

from models.errors import DisclosureError, ImpossibleHistory
from models.law.citing import article_label
from models.law.consultation import PARTY_LABEL
from models.law.deadline import ClockEvent, Deadline, Step, deadline
from models.law.statute import Statute
from models.law.workdays import WEEKEND, Calendar, Named, written

FIELDS = {"kind", "on", "days", "party", "ref", "delivered_on", "until"}
WEEKDAYS = "一二三四五六日"
LONGEST_LINE = 1_000_000
"""Bytes of a line of events: an application with a thousand has a tenth of it."""
KEPT: Final = 16_384
"""How many days as they are written, and pairs of days with what lies between them, are kept: in a file
the same come again.
"""


def answer(lines: Iterable[str | bytes], law: Statute, first: int = 1) -> Iterator[dict[str, Any]]:
    """One answer per line of JSON (contract: Events), as they come; a bad line says why.

    first = the number of the first of them in its file
    """
    for number, line in enumerate(lines, first):
        if line.strip():
            yield _answer_line(line, number, law)


def _answer_line(line: str | bytes, number: int, law: Statute) -> dict[str, Any]:
    identity: object = None
    try:
        if len(line) - ends(line) > LONGEST_LINE:
            raise ImpossibleHistory(f"这一行过长（超过 {LONGEST_LINE // 1000} KB）")
        asked = _json(line)
        if not isinstance(asked, dict):
            raise ImpossibleHistory("应为一个对象，如 {“id”: “a”, “events”: […]}")
        identity = asked.get("id")
        return {"id": identity, **as_json(deadline(events_of(asked.get("events")), law))}
    except DisclosureError as fault:
        return {"id": identity, "error": f"第{number}行：{fault}"}


def ends(line: str | bytes) -> bool:
    """Whether a line has its end."""
    return line[-1:] in ("\n", b"\n")


def _json(line: str | bytes) -> Any:
    try:
        text = line.decode() if isinstance(line, bytes) else line
        return _READER.decode(text.removeprefix("\ufeff"))
    except UnicodeDecodeError:
        raise ImpossibleHistory("编码应为 UTF-8") from None
    except json.JSONDecodeError as fault:
        raise ImpossibleHistory(f"不是有效的 JSON（第{fault.colno}个字符处）") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, brackets without end
        raise ImpossibleHistory("不是有效的 JSON（数值过大或嵌套过深）") from None


def _no_number(name: str) -> Never:
    raise ImpossibleHistory(f"不是有效的 JSON（{name} 不是数值）")


_READER = json.JSONDecoder(parse_constant=_no_number)  # made once, for files of a million lines
_WRITER = json.JSONEncoder(ensure_ascii=False, check_circular=False)  # what was read has no circle


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
    if not raw.keys() <= FIELDS:
        unknown = sorted(raw.keys() - FIELDS)
        raise ImpossibleHistory(f"{where}有未知的字段 {'、'.join(unknown)}")
    given = raw.get
    kind, days, party, ref = given("kind"), given("days"), given("party"), given("ref")
    if not isinstance(kind, str):
        raise ImpossibleHistory(f"{where}的 kind 应为事件名称，如 received，而不是 {kind!r}")
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or days < 1):
        raise ImpossibleHistory(f"{where}的 days 应为正整数，而不是 {days!r}")
    if party is not None and (not isinstance(party, str) or party not in PARTY_LABEL):
        raise ImpossibleHistory(f"{where}的 party 应为 {'、'.join(PARTY_LABEL)}，而不是 {party!r}")
    if ref is not None and (isinstance(ref, bool) or not isinstance(ref, str | int)):
        raise ImpossibleHistory(f"{where}的 ref 应为文字或整数，而不是 {ref!r}")
    delivered, until = given("delivered_on"), given("until")
    return ClockEvent(
        kind,
        _day(given("on"), where, "on"),
        days,
        party,
        "" if ref is None else str(ref),
        None if delivered is None else _day(delivered, where, "delivered_on"),
        None if until is None else _day(until, where, "until"),
    )


def _day(value: object, where: str, field: str) -> date:
    """A date written as in 2026-03-02, and in no other way."""
    day = _read(value) if isinstance(value, str) and len(value) == LENGTH else None
    if day is None:
        raise ImpossibleHistory(f"{where}的 {field} 应为日期（如 2026-03-02），而不是 {value!r}")
    return day


LENGTH: Final = len("2026-03-02")


@lru_cache(maxsize=KEPT)
def _read(value: str) -> date | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if day.isoformat() == value else None


def as_json(found: Deadline) -> dict[str, Any]:
    """A deadline in the shape of the contract; dates in ISO, sentences as an officer reads them."""
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
                "skipped": [*_skipped(step.calendar, step.start, step.end, step.others)],
                "why": step.why,
            }
            for step in found.steps
        ],
        "warnings": list(found.warnings),
    }


@lru_cache(maxsize=KEPT)
def _skipped(calendar: Calendar, start: date, end: date, fewest: bool) -> tuple[str, ...]:
    """The days off in (start, end] as they stand in JSON."""
    return tuple(rest.day.isoformat() for rest in calendar.rest_days(start, end, fewest=fewest))


def line_of(found: dict[str, Any]) -> str:
    """An answer as one line of JSON; half a character of an id is written as it was, escaped."""
    return _WRITER.encode(found).encode(errors="backslashreplace").decode()


def explain(found: Deadline) -> str:
    """A deadline as an officer reads it: the last day, then each step with its article."""
    lines = [headline(found)]
    lines += [f"  {n}. {sentence(step)}" for n, step in enumerate(found.steps, 1)]
    lines += [f"  注意：{warning}" for warning in found.warnings]
    return "\n".join(lines)


def headline(found: Deadline) -> str:
    """The last day and whether it is certain, or met; or why there is none."""
    if found.last_day is None:
        return "期限停止计算，目前没有届满日。"
    mark = "（暂定）" if found.provisional else ""
    weekday = WEEKDAYS[found.last_day.weekday()]
    met = f"；{written(found.replied_on)}已按期答复" if found.replied_on and found.timely else ""
    return f"答复期限届满日：{written(found.last_day)}，星期{weekday}{mark}{met}"


def sentence(step: Step) -> str:
    """One step: from when to when, why, which days off lie between, under which article."""
    days = _from_to(step.calendar, step.start, step.end, step.others)
    return f"{days}：{step.why}（{article_label(step.article)}）"


@lru_cache(maxsize=KEPT)
def _from_to(calendar: Calendar, start: date, end: date, fewest: bool) -> str:
    """The days (start, end] with what `_between` tells of them."""
    skipped = calendar.rest_days(start, end, fewest=fewest)
    worked = calendar.worked_weekends(start, end, fewest=fewest)
    return _span(start, end) + _between(skipped, worked)


def _span(start: date, end: date) -> str:
    if start == end:
        return written(start)
    return f"{written(start)}至{written(end) if end.year != start.year else _short(end)}"


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _between(skipped: Sequence[Named], worked: Sequence[Named]) -> str:
    """The days off by their holidays, and the weekend days worked."""
    rests = [rest for rest in skipped if rest.name != WEEKEND]
    named = [
        f"{name}{_days([one.day for one in days])}"
        for name, days in groupby(rests, key=attrgetter("name"))
    ]
    words = []
    if named:
        others = "等" if len(rests) < len(skipped) else ""
        words.append(f"其间{'、'.join(named)}{others}休息日{len(skipped)}天")
    elif skipped:
        words.append(f"其间周末{len(skipped)}天")
    if worked:
        words.append(f"{'、'.join(_short(one.day) for one in worked)}调休上班")
    return f"（{'，'.join(words)}）" if words else ""


def _days(days: list[date]) -> str:
    """Days in a row of one month or two: 4月4日至6日, 9月30日至10月2日."""
    first, last = days[0], days[-1]
    if first == last:
        return _short(first)
    return f"{_short(first)}至{f'{last.day}日' if last.month == first.month else _short(last)}"
