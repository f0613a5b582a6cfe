"""A case that can be given away: its acts on other days, under other names, with filler for words.

What makes it a test is kept: at every step the same stage, the same working days used and left, the
same warnings, and as many reasons against the act as the rules see in the original. If no way to
move its days keeps all of it, there is no such case.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from random import Random
from typing import Any

from models.acts import catalogue
from models.agency.agency import Agency
from models.case.act import Circumstances
from models.case.case import Case
from models.errors import UNCOMPUTABLE, DisclosureError
from models.law.statute import Statute
from models.soundness import masked, moved_days
from models.soundness.masked import Mask
from models.store.tables import Event

FORMAT = 1
SHORTEST = 2  # characters by which somebody could be known
NOON = time(4)  # in UTC, of Shanghai
MOST_TRIED = 40


class NotAnonymised(DisclosureError):
    """A case cannot be given away as a test; nothing is written."""

    def __init__(self, number: str, problem: str) -> None:
        self.number, self.problem = number, problem
        super().__init__(f"申请 {number} 不能导出：{problem}")


def anonymised(
    number: str, events: Sequence[Event], law: Statute, agency: Agency, chance: Random
) -> dict[str, Any]:
    """The case as the content of a file. Raises NotAnonymised."""
    original = [_row(event) for event in events]
    try:
        stood = [*standings(original, law, agency)]
    except UNCOMPUTABLE as fault:
        raise NotAnonymised(number, str(fault)) from None
    days = sorted({date.fromisoformat(day) for day in _days(original)})
    for moved in islice(moved_days.ways(days, law.calendar, chance), MOST_TRIED):
        iso = {day.isoformat(): other.isoformat() for day, other in moved.items()}
        mask = Mask(_numbers(number, events), _officers(events, agency), iso)
        rows = [*_masked(original, law, agency, mask, iso)]
        try:
            same = [*standings(rows, law, agency)] == stood
        except UNCOMPUTABLE:
            same = False
        if same:
            if left := found_again(rows, mask, days):
                raise NotAnonymised(number, f"去除个人信息后仍能找到原来的内容（{len(left)}处）")
            return sealed(rows, law, stood)
    raise NotAnonymised(
        number, "找不到另一段日期，使各日期之间的工作日数、期限和各环节都与原来相同"
    )


def sealed(
    rows: list[dict[str, Any]], law: Statute, stood: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The content of the file, with the digest by which it is known to be as it was exported."""
    content = {
        "format": FORMAT,
        "practice": {row.key: row.chosen for row in law.choices},
        "events": rows,
        "stood": [*stood],
    }
    return content | {"digest": digest(content)}


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of what the file holds besides."""
    plain = {name: value for name, value in content.items() if name != "digest"}
    words = json.dumps(plain, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(words.encode()).hexdigest()


def standings(
    rows: Sequence[Mapping[str, Any]], law: Statute, agency: Agency
) -> Iterator[dict[str, Any]]:
    """Where the case stood after each step, on the day it was recorded: stage, limit in working days
    used and left, warnings, and how many reasons the rules see against the act.
    """
    case, nobody = Case(str(rows[0]["case_number"])), agency.model_copy(update={"officers": ()})
    for row in rows:
        event = as_event(row)
        act, today = catalogue.act_of(event), event.recorded_on
        reasons = act.refusals(case, Circumstances(today, event.officer, law, nobody))
        catalogue.apply(case, event)
        limit = case.deadline(law)
        yield {
            "stage": str(case.stage),
            "against": len(reasons),
            "row": case.row(law),
            **(_counted(limit, case, law, today) if limit else {}),
        }


def _counted(limit: Any, case: Case, law: Statute, today: date) -> dict[str, Any]:
    last, begun = limit.last_day, case.received_on
    count = law.calendar.count
    return {
        "steps": [step.working_days for step in limit.steps],
        "suspended": limit.suspended,
        "provisional": limit.provisional,
        "extended_by": limit.extended_by,
        "used": count(begun, today).most if begun else None,
        "left": count(today, last).fewest if last else None,
        "over": count(last, today).most if last else None,
        "warnings": len(limit.warnings),
    }


def as_event(row: Mapping[str, Any]) -> Event:
    """The event of a row of the file."""
    days = {name: date.fromisoformat(row[name]) for name in ("on", "recorded_on")}
    return Event(**{**row, **days, "recorded_at": datetime.fromisoformat(row["recorded_at"])})


def found_again(rows: Sequence[Mapping[str, Any]], mask: Mask, days: Sequence[date]) -> list[str]:
    """What was hidden and can still be found: words, numbers, names, days."""
    text = "\n".join(masked.words_in([*rows]))
    hidden = {words for words in mask.hidden if len(words) >= SHORTEST}
    return sorted(one for one in {*hidden, *(day.isoformat() for day in days)} if one in text)


def _row(event: Event) -> dict[str, Any]:
    row = event.model_dump()
    return row | {name: row[name].isoformat() for name in ("on", "recorded_on", "recorded_at")}


def _days(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield from (row["on"], row["recorded_on"])
        yield from (letter["dated"] for letter in row["letters"])
        yield from masked.days_in(row["facts"])


def _masked(
    rows: Sequence[Mapping[str, Any]],
    law: Statute,
    agency: Agency,
    mask: Mask,
    iso: Mapping[str, str],
) -> Iterator[dict[str, Any]]:
    """The events, masked; which words are a choice's keys is asked where the original case stood."""
    case, keys = Case(str(rows[0]["case_number"])), masked.keys_of(law)
    for row in rows:
        event = as_event(row)
        now = Circumstances(event.recorded_on, event.officer, law, agency)
        options = catalogue.act_of(event).options(case, now)
        catalogue.apply(case, event)
        day = date.fromisoformat(iso[row["recorded_on"]])
        at = datetime.combine(day, NOON, UTC) + timedelta(seconds=event.position)
        yield {
            **row,
            "case_number": mask.text(event.case_number),
            "on": iso[row["on"]],
            "recorded_on": iso[row["recorded_on"]],
            "recorded_at": at.isoformat(),
            "officer": mask.officer(event.officer),
            "facts": masked.facts(row["facts"], options, keys, mask),
            "letters": [
                {**one, "number": mask.text(one["number"]), "dated": iso[one["dated"]]}
                for one in row["letters"]
            ],
        }


def _numbers(number: str, events: Sequence[Event]) -> dict[str, str]:
    letters = [one["number"] for event in events for one in event.letters]
    return {number: "样例1"} | {one: f"样例文〔1〕{n}号" for n, one in enumerate(letters, 1)}


def _officers(events: Sequence[Event], agency: Agency) -> dict[str, str]:
    names = dict.fromkeys([*(one.officer for one in events), *(o.name for o in agency.officers)])
    return {name: f"样例人{n}" for n, name in enumerate(filter(None, names), 1)}
