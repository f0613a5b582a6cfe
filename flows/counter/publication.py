"""依申请公开转主动公开: the forms for screening what was given on request, and for publishing it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated

from prefect import flow
from pydantic import Field
from sqlmodel import Session

from flows import office
from flows.counter.neighbours import answer, once
from flows.path.recording import filled
from flows.path.signing import Code
from flows.path.start_forms import asked_again
from models.duties.duties import written_limit
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

SHOWN = 5  # numbers named of what is not screened yet

Finding = StrEnum("审查结论", FINDINGS)  # type: ignore[misc]


@flow(name="转主动公开审查", flow_run_name="转主动公开审查")
@asked_again
def screen(
    number: Annotated[str, Field(title="申请的受理编号")],
    finding: Annotated[Finding, Field(title="审查结论")],
    screened_on: Annotated[date, Field(title="审查日期")],
    officer: Annotated[str, Field(title="经办人")],
    reason: Annotated[str, Field(title="理由", description="不适合转为主动公开的必填")] = "",
    proposed: Annotated[bool, Field(title="申请人建议主动公开")] = False,
    one_time_code: Code = "",
) -> str:
    """审查依申请提供的信息是否转为主动公开（条例第四十四条）；适合的，20个工作日内公开。"""
    act = filled(
        Screen,
        {
            "finding": Finding(finding).name,
            "screened_on": screened_on,
            "reason": reason,
            "proposed": proposed,
        },
    )
    return _entered(number, act, (officer, one_time_code))


@flow(name="登记主动公开", flow_run_name="登记主动公开")
@asked_again
def publish(
    number: Annotated[str, Field(title="申请的受理编号")],
    published_on: Annotated[date, Field(title="公开日期")],
    place: Annotated[str, Field(title="公开的网址、栏目或者场所")],
    officer: Annotated[str, Field(title="经办人")],
    one_time_code: Code = "",
) -> str:
    """登记已经主动公开的信息：何时、在何处公开（条例第二十六条）。"""
    act = filled(Publish, {"published_on": published_on, "place": place})
    return _entered(number, act, (officer, one_time_code))


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
    last = written_limit(due.day, due.provisional)
    return f"{number}　转主动公开，最后期限{last}{late}（条例第二十六条）"


def _entered(number: str, act: PublicationAct, by: tuple[str, str]) -> str:
    now = office.circumstances(by[0])

    def enter_it(session: Session, submission: str | None) -> Screening:
        return decide(session, number, act, now, office.now(), submission)

    case = once(PUBLICATIONS, enter_it, by)
    return answer(case.number, act.title, [*_standing(case), *owed(now.today)])


def _standing(case: Screening) -> Iterator[str]:
    yield f"{case.stage}：{FINDINGS[case.finding]}"
    if case.published_on:
        yield f"已于{written(case.published_on)}公开：{case.place}"
