"""May an officer take back what he has just done? For some minutes, by one more act (Art. 45).

The register only grows: the step stays in the record, and so does that it was undone. From then on
the case stands, is limited and counted as it did before the step. What has left the office, or bears
a number, is not taken back so: a letter is voided, a reply withdrawn, an entry put right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import ClassVar

from pydantic import Field

from models.acts.afterwards.erratum import retold
from models.agency.officers import Role
from models.case.act import Act, Circumstances
from models.case.case import UNDO, Case, Step
from models.case.stage import Stage
from models.words.names import same_name

FIGURE = "undo"
RULE = "（条例第四十五条）"


def last_step(case: Case) -> int:
    """The place of the last step that stands, counted from 0; -1 if there is none."""
    places = (n for n, step in enumerate(case.steps) if _stands(step))
    return max(places, default=-1)


def _stands(step: Step) -> bool:
    return not step.undone and step.act.kind != UNDO


def undone_last(case: Case) -> Act | None:
    """The act that was undone by the case's last step; None if that undid nothing."""
    last = case.steps[-1].act if case.steps else None
    return case.steps[last.step - 1].act if isinstance(last, Undo) else None


def until(case: Case, now: Circumstances) -> datetime | None:
    """Up to which moment, included, the last step may be undone; None if nobody knows its own."""
    place = last_step(case)
    recorded_at = case.steps[place].recorded_at if place >= 0 else None
    minutes = now.law.figure(FIGURE, now.today).minutes
    return recorded_at + timedelta(minutes=minutes) if recorded_at else None


class Undo(Act):
    """撤销: the last step of a case, by whoever did it, while nothing rests on it yet (Art. 45).

    Until somebody else acted, a number was allotted, or the minutes of practice.toml (`undo`) passed.
    """

    kind: ClassVar[str] = UNDO
    title: ClassVar[str] = "撤销刚才一步"
    tab: ClassVar[str] = "撤销"
    article: ClassVar[str] = "45"
    stages: ClassVar[frozenset[Stage]] = frozenset(Stage)
    apart: ClassVar[bool] = True

    step: int = Field(
        title="要撤销的步骤", description="案卷“办理经过”中的序号；只能是最后一步", ge=1
    )
    reason: str = Field(default="", title="撤销的原因", description="可以不填", max_length=1000)

    @classmethod
    def roles_at(cls, stage: Stage) -> tuple[Role, ...]:  # type: ignore[override]
        """Whoever could do the step may undo it."""
        return tuple(Role)

    @classmethod
    def barred(cls, case: Case, now: Circumstances) -> str | None:
        place = last_step(case)
        if place < 0:
            return f"没有可以撤销的步骤{RULE}"
        return next(_reasons(case, place, now), None)

    @classmethod
    def proposal(cls, case: Case, now: Circumstances) -> dict[str, object]:
        return {"step": last_step(case) + 1}

    def said(self, case: Case, now: Circumstances) -> Iterator[tuple[str, str]]:
        yield "撤销的步骤", f"第{self.step}步“{case.steps[self.step - 1].act.title}”"
        if self.reason:
            yield "撤销的原因", self.reason

    def faults(self, case: Case, now: Circumstances) -> list[str]:
        last = last_step(case) + 1
        if self.step == last:
            return []
        return [f"第{self.step}步不是最后一步，最后一步是第{last}步，请核对后再撤销{RULE}"]

    def touches(self, case: Case, on: date) -> list[tuple[str, date]]:
        step = case.steps[self.step - 1]
        return [(self.kind, on), (step.act.kind, step.on), *step.act.touches(case, step.on)]

    def apply(self, case: Case, on: date, officer: str) -> None:
        told = [*case.steps]
        told[self.step - 1] = replace(told[self.step - 1], undone=True)
        case.become(retold(case.number, told))


def _reasons(case: Case, place: int, now: Circumstances) -> Iterator[str]:
    """Why the step at this place is not undone, the one that will not go away first."""
    step = case.steps[place]
    what = f"第{place + 1}步“{step.act.title}”"
    if final := step.act.not_undone():
        yield f"{what}不能撤销：{final}{RULE}"
    if step.letters:
        numbers = "、".join(number for _, number, _ in step.letters)
        yield f"{what}已经编了文号（{numbers}），不能撤销；文书有误的，作废后重新制作{RULE}"
    others = [one.officer for one in case.steps[place:] if not same_name(one.officer, now.officer)]
    if now.officer and not same_name(step.officer, now.officer):
        yield f"{what}是{step.officer}办理的，只能由本人撤销{RULE}"
    elif now.officer and others:
        yield f"{what}之后，{others[-1]}已经办理过本件，不能撤销{RULE}"
    if now.built_on:
        yield f"{what}之后已经办理了{'、'.join(now.built_on)}，不能撤销{RULE}"
    end = until(case, now)
    if now.moment and end and now.moment > end:
        minutes = now.law.figure(FIGURE, now.today).minutes
        yield f"{what}登记已满{minutes}分钟，不能撤销；登记有误的，办理勘误{RULE}"
