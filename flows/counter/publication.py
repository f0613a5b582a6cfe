"""依申请公开转主动公开: the forms for screening what was given on request, and for publishing it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import Field
from sqlmodel import Session

from flows import office
from flows.counter.neighbours import answer
from flows.path.entering import as_act, enter_once
from flows.path.form_fields import Answer, By, Group, Of, Use
from flows.path.recording import filled
from flows.path.start_forms import start_form
from models.duties.limits import written_limit
from models.law.workdays import Reach, written
from models.neighbours.publication import (
    FINDINGS,
    PUBLICATIONS,
    PublicationAct,
    Publish,
    Screen,
    Screening,
    decide,
    to_publish,
    to_screen,
)
from models.words.days_told import told

SHOWN = 5  # numbers named of what is not screened yet

Given = Annotated[str, Field(title="申请的申请编号")]


@start_form(
    "转主动公开审查",
    Use(Group.CLOSED, "依申请给出了信息，审查它是否应当主动公开（条例第四十四条）"),
)
def screen(number: Given, given: Annotated[Answer, Of(Screen)], by: By) -> str:
    """审查依申请提供的信息是否转为主动公开（条例第四十四条）；适合的，20个工作日内公开。"""
    return _entered(number, filled(Screen, given), by)


@start_form(
    "登记主动公开",
    Use(Group.CLOSED, "审查为应当主动公开的，已经在网站等处公开了"),
)
def publish(number: Given, given: Annotated[Answer, Of(Publish)], by: By) -> str:
    """登记已经主动公开的信息：何时、在何处公开（条例第二十六条）。"""
    return _entered(number, filled(Publish, given), by)


def owed(on: date) -> list[str]:
    """What is owed, as sentences: each publication by its last day; how many screenings."""
    with office.reading() as session:
        found = [(task.number, task.due) for task in to_publish(session, office.law()) if task.due]
    lines = [_sentence(*one, on) for one in sorted(found, key=lambda one: one[1].day)]
    return [*lines, *unscreened()]


def unscreened() -> list[str]:
    """How much was given on request that nobody has screened yet, as a sentence; none = nothing."""
    with office.reading() as session:
        number, oldest = to_screen(session, SHOWN)
    if not number:
        return []
    shown = "、".join(oldest) + ("等" if number > SHOWN else "")
    return [f"转主动公开待审查{number}件：{shown}（条例第四十四条）"]


def _sentence(number: str, due: Reach, on: date) -> str:
    late = "，已逾期" if on > due.day else ""
    last = told([written_limit(due.day, due.provisional)])
    return f"{number}　转主动公开，届满日{last}{late}（条例第二十六条）"


def _entered(number: str, act: PublicationAct, by: By) -> str:
    now = office.circumstances(by.officer)

    def enter_it(session: Session, submission: str | None) -> Screening:
        return decide(session, number, act, now, office.now(), submission)

    case = enter_once(PUBLICATIONS.key, by, enter_it, as_act(PUBLICATIONS))
    return answer(case.number, act.title, [*_standing(case), *owed(now.today)])


def _standing(case: Screening) -> Iterator[str]:
    yield f"{case.stage}：{FINDINGS[case.finding]}"
    if case.published_on:
        yield f"已于{written(case.published_on)}公开：{case.place}"
