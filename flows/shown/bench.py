"""我的工作台: what waits for an officer, what for others, what is due this week, the month's numbers.

Read from the register's columns for look-up, once; nothing here decides. Each case stands in one
place: with whoever may do the next thing.
"""

from __future__ import annotations

from calendar import Calendar as Weeks
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from typing import Final

from sqlmodel import Session

from flows import office
from flows.keeping import letting_go
from flows.shown import lists, row_words
from flows.shown.opened import opened_by_others
from flows.shown.pages import form_url, list_url, page_url
from models.acts.afterwards.delivery import RecordBounced, RecordReturned
from models.acts.afterwards.undoing import FIGURE, Undo, last_step, until
from models.acts.catalogue import ACTS
from models.acts.former_words import form_now
from models.acts.procedure.extension import DraftExtension, Extend
from models.acts.reply.secrecy import ClearSecrecy
from models.acts.reply.signoff import Approve, SendBack, Sign
from models.agency.officers import Role, acting, holding, standing_in
from models.case.act import Act, Circumstances
from models.case.stage import Stage
from models.duties.limits import Limit, written_limit
from models.errors import CalendarNotPublished
from models.law.arrangement import SATURDAY
from models.law.workdays import DAY, written
from models.register import refused_forms, register, same_applicant
from models.register.open_cases import (
    OpenCase,
    in_span,
    letters_returned,
    open_cases,
    open_with,
)
from models.register.undone_steps import recorded_since, to_undo
from models.store.tables import Application, RefusedForm

SHOWN: Final = 100
"""Lines of a list on the page, the most pressing first."""
UNDO_SHOWN: Final = 3
"""Steps that are offered to be undone; any other on its case's page."""
BACK: Final = {SendBack.kind: "退回修改", RecordBounced.kind: "退信", RecordReturned.kind: "退回"}
"""The last act of what came back, and how it is called here."""
NEXT: Final[Mapping[Stage, type[Act]]] = {
    Stage.REVIEW: Approve,
    Stage.SECRECY: ClearSecrecy,
    Stage.SIGNING: Sign,
}
"""The stages at which it is not whoever handles the case who goes on, and by which act."""


@dataclass(frozen=True)
class Line:
    """One case on the page: leads to its form, or to its own page.

    left = of the limit, in words; pressing = how it is coloured; who = whom it waits for;
    note = what came back, or was not recorded, and why; opened = who has its form open
    """

    number: str
    form: str
    page: str
    applicant: str
    stage: str
    last_day: str
    left: str
    pressing: str
    who: str
    note: str = ""
    opened: str = ""


@dataclass(frozen=True)
class List:
    """One list of the page, its first lines; total = how many there are."""

    key: str
    title: str
    purpose: str
    lines: tuple[Line, ...]
    total: int


@dataclass(frozen=True)
class JustDone:
    """A case's last step, which its officer may still undo, up to a time of the day."""

    number: str
    page: str
    title: str
    until: str


@dataclass(frozen=True)
class Form:
    """A form to begin with that was not accepted: nothing is registered of it yet."""

    name: str
    address: str
    reason: str
    officer: str
    kept_until: date


@dataclass(frozen=True)
class Day:
    """A day of the calendar: cases = whose last day it is; pressing = as of a line."""

    on: date
    in_month: bool
    rests: bool
    cases: int
    pressing: str


@dataclass(frozen=True)
class Month:
    """A month of last days, in weeks from Monday on."""

    title: str
    before: str
    after: str
    weeks: tuple[tuple[Day, ...], ...]


@dataclass(frozen=True)
class Bench:
    """What stands on the page."""

    refused: tuple[Form, ...]
    lists: tuple[List, ...]
    month: Month
    numbers: tuple[tuple[str, int, str, str], ...]
    of_day: List | None = None
    just_done: tuple[JustDone, ...] = ()


def bench(session: Session, now: Circumstances, month: date, day: date | None = None) -> Bench:
    """The page of whoever is in `now` ("" = of everybody), with a month's calendar and, asked for,
    the cases of a day.
    """
    asked = _to_consent(session, now)
    found = [replace(one, asked=asked.get(one.row.number, "")) for one in open_cases(session)]
    sorted_out = _sorted_out(found, now)
    back = [*sorted_out["back"], *letters_returned(session, now.today)]
    back = [one for one in back if is_his(one.row, now)]
    week = [one for one in found if lists.this_week(one.row, now) or lists.overdue(one.row, now)]
    shown = (
        _list("back", "退回的", "退回修改、退信和没有办成的表单，改好再办。", back, now),
        _list("mine", "等我办的", "轮到您办理，届满日早的在前。", sorted_out["mine"], now),
        _list("week", "本周到期和已逾期的", "不论等谁；逾期的仍应答复（第三十三条）。", week, now),
        _list("others", "等同事办的", "您承办的，在别的环节。", sorted_out["colleagues"], now),
        _list(
            "outside",
            "等申请人、第三方、处室的",
            "期限一过即回到待办。",
            sorted_out["outside"],
            now,
        ),
    )
    of_day = [one for one in found if day and one.row.last_day == day]
    opened = opened_by_others(session, now.officer)
    return Bench(
        refused=tuple(_refused(refused_forms.unsettled(session), now)),
        lists=tuple(_with_opened(one, opened) for one in shown),
        month=month_of(found, month, now),
        numbers=_numbers(session, found, now),
        of_day=_list("day", f"{_written(day)}到期的", "", of_day, now) if day else None,
        just_done=tuple(islice(_just_done(session, now), UNDO_SHOWN)),
    )


def _just_done(session: Session, now: Circumstances) -> Iterator[JustDone]:
    """What whoever is in `now` has just done and may still undo, the latest first."""
    moment, minutes = office.now(), now.law.figure(FIGURE, now.today).minutes
    since = moment - timedelta(minutes=minutes)
    day = min(office.day_of(since), now.today)  # a training office has a day of its own
    for number in recorded_since(session, now.officer, day, since):
        case = register.case(session, number)
        end = until(case, now)
        if end is None or Undo.impeded(case, replace(now, moment=moment)):
            continue
        known = same_applicant.informed(session, case, now)
        if not Undo.impeded(case, to_undo(session, case, known, moment)):
            title = case.steps[last_step(case)].act.title
            at = end.astimezone(office.SHANGHAI)
            yield JustDone(number, page_url(number), title, f"{at:%H:%M}")


def _to_consent(session: Session, now: Circumstances) -> dict[str, str]:
    """The extensions that were drafted, for the head of the office to consent to (Art. 33), by number;
    nothing for anybody else.
    """
    officers = now.agency.officers
    heads = acting(officers, holding(officers, (Role.HEAD,)), now.today)
    if officers and now.officer not in ("", *heads):
        return {}
    cases = (register.case(session, one) for one in open_with(session, DraftExtension.kind))
    return {
        case.number: f"{one.drafted_by}拟延期{one.days}个工作日，请负责人决定"
        for case in cases
        if (one := case.extension_drafted)
        and case.stage in Extend.stages
        and Extend.barred(case, now) is None
    }


def _sorted_out(found: Sequence[OpenCase], now: Circumstances) -> dict[str, list[OpenCase]]:
    """Each open case where it belongs: back, mine, colleagues', outside; nobody's of another's."""
    sorted_out = defaultdict[str, list[OpenCase]](list)
    for one in found:
        if lists.waits(one.row, now):
            place = "outside" if concerns(one.row, now) else ""
        elif not is_his(one.row, now):
            place = "mine" if one.asked else "colleagues" if concerns(one.row, now) else ""
        else:
            place = "back" if one.act in BACK or one.refused else "mine"
        sorted_out[place].append(one)
    return sorted_out


def stands_in(now: Circumstances) -> list[tuple[str, date]]:
    """For whom the officer of the page stands in today, and until when."""
    return list(standing_in(now.agency.officers, now.officer, now.today).items())


def turn_of(row: Application, now: Circumstances) -> tuple[str, ...]:
    """Who may do the next thing, of those listed; () = nobody is listed, and everybody may."""
    return acting(now.agency.officers, _whose_turn(row, now), now.today)


def _whose_turn(row: Application, now: Circumstances) -> tuple[str, ...]:
    """The same, whoever of them is away."""
    officers = now.agency.officers
    act = NEXT.get(Stage(row.stage))
    if act is not None:
        return holding(officers, act.roles_at(Stage(row.stage)))
    handlers = holding(officers, (Role.HANDLE,))
    return (row.officer,) if row.officer in handlers else handlers


def _waits_for(row: Application, now: Circumstances) -> str:
    """Whom it waits for, in words: a deputy with whom he stands in for."""
    absent = dict[str, list[str]]()
    for name in _whose_turn(row, now):
        (acts,) = acting(now.agency.officers, (name,), now.today)
        absent.setdefault(acts, []).extend([name] if acts != name else [])
    return "、".join(f"{one}（代{'、'.join(of)}）" if of else one for one, of in absent.items())


def is_his(row: Application, now: Circumstances) -> bool:
    """Whether the next thing is for the officer of the page to do; everything is nobody's in particular."""
    if not now.officer:
        return True
    if now.agency.officers:
        return now.officer in turn_of(row, now)
    return Stage(row.stage) in NEXT or row.officer in ("", now.officer)


def concerns(row: Application, now: Circumstances) -> bool:
    """Whether a case that is not his to go on with is his all the same: he handles it, or stands in
    for whoever does.
    """
    return not now.officer or row.officer == now.officer or bool(absent_handler(row, now))


def absent_handler(row: Application, now: Circumstances) -> str:
    """Whoever handles a case, where he is away and the officer of the page stands in for him; else ""."""
    return row.officer if row.officer in dict(stands_in(now)) else ""


def _list(
    key: str, title: str, purpose: str, found: Sequence[OpenCase], now: Circumstances
) -> List:
    lines = tuple(_line(one, now) for one in found[:SHOWN])
    return List(key, title, purpose, lines, len(found))


def _with_opened(shown: List, opened: Mapping[str, str]) -> List:
    """The list with who has a form of it open just now."""
    lines = (replace(one, opened=opened.get(one.number, "")) for one in shown.lines)
    return replace(shown, lines=tuple(lines))


def _line(one: OpenCase, now: Circumstances) -> Line:
    row = one.row
    closed = row.stage == Stage.CLOSED
    waiting = lists.waits(row, now)
    who = row.waiting if waiting else _waits_for(row, now) or row.officer
    absent = absent_handler(row, now)
    notes = [f"代{absent}"] if absent and f"代{absent}" not in who else []
    page = page_url(row.number)
    known = row.last_day is not None and not closed
    return Line(
        number=row.number,
        form=page if closed else form_url(row.number),
        page=page,
        applicant=row_words.masked(row.applicant),
        stage=row.stage,
        last_day=written_limit(row.last_day, row.provisional) if known else "—",
        left=row_words.days_left(Limit(row.last_day), now) if known else "",
        pressing="" if closed else pressing(row, now),
        who=who or "—",
        note="；".join(filter(None, [*notes, _note(one)])),
    )


def _note(one: OpenCase) -> str:
    """What came back, when and from whom; why an answer was not recorded."""
    if one.refused:
        return f"上次提交没有办成：{one.refused}"
    if one.act in BACK:
        return f"{written(one.on)}　{BACK[one.act]}（{ACTS[one.act].title}，{one.by}）"
    return one.asked


def pressing(row: Application, now: Circumstances) -> str:
    """How pressing a case is: late, today, soon, week, or "" for what has time."""
    if row.last_day is None:
        return ""
    if lists.overdue(row, now):
        return "late"
    if row.last_day == now.today:
        return "today"
    if lists.soon_due(row, now):
        return "soon"
    return "week" if lists.this_week(row, now) else ""


def _refused(forms: Sequence[RefusedForm], now: Circumstances) -> Iterator[Form]:
    """The forms to begin with that were refused: the officer's, those of whoever he stands in for, and
    those that name nobody.
    """
    his = ("", now.officer, *dict(stands_in(now)))
    for one in forms:
        if not now.officer or one.officer in his:
            until = letting_go.kept_until(one)
            address = f"{lists.run_url(one.run)}?form"
            yield Form(form_now(one.form), address, one.reason, one.officer or "—", until)


def month_of(found: Sequence[OpenCase], month: date, now: Circumstances) -> Month:
    """The month in which a day is, with how many limits end on each of its days."""
    first = month.replace(day=1)
    by_day = defaultdict[date, list[OpenCase]](list)
    for one in found:
        if one.row.last_day:
            by_day[one.row.last_day].append(one)
    weeks = Weeks().monthdatescalendar(first.year, first.month)
    rests = _days_off(weeks[0][0], weeks[-1][-1], now)
    drawn = tuple(
        tuple(_day(day, first, rests, by_day.get(day, []), now) for day in week) for week in weeks
    )
    before, after = first - DAY, first + 31 * DAY
    return Month(f"{first.year}年{first.month}月", f"{before:%Y-%m}", f"{after:%Y-%m}", drawn)


def _days_off(first: date, last: date, now: Circumstances) -> set[date]:
    """The days off of a span; in years of which nothing is known its weekends, and no limit is there."""
    try:
        return {one.day for one in now.law.calendar.rest_days(first - DAY, last)}
    except CalendarNotPublished:
        span = (first + n * DAY for n in range((last - first).days + 1))
        return {day for day in span if day.weekday() >= SATURDAY}


def _day(
    day: date, first: date, off: set[date], cases: Sequence[OpenCase], now: Circumstances
) -> Day:
    how = next((found for one in cases if (found := pressing(one.row, now))), "")
    return Day(day, day.month == first.month, day in off, len(cases), how)


def _numbers(
    session: Session, found: Sequence[OpenCase], now: Circumstances
) -> tuple[tuple[str, int, str, str], ...]:
    """The numbers on top: what it counts, how many, how pressing that is, where they are listed."""
    received, closed = in_span(session, now.today.replace(day=1), now.today)
    rows = [one.row for one in found]
    late = sum(lists.overdue(row, now) for row in rows)
    week = sum(lists.this_week(row, now) for row in rows)
    return (
        ("在办", len(rows), "", list_url("todo")),
        ("本周到期", week, "soon" if week else "", "#week"),
        ("已逾期", late, "late" if late else "", list_url("overdue")),
        ("本月收到", received, "", ""),
        ("本月办结", closed, "", ""),
    )


def _written(day: date | None) -> str:
    return f"{day.month}月{day.day}日" if day else ""
