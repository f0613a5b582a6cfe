"""勘误: what was recorded wrongly of an application is put right, on the desk or closed (Art. 45)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from flows import office
from flows.counter.neighbours import answer
from flows.path import desk
from flows.path.form_fields import Asked, By, Group, Number, Use
from flows.path.recording import perform_now
from flows.path.start_forms import start_form
from flows.prefect_side.deployments import Listed
from flows.shown.row_words import limit_words
from models.acts.afterwards.erratum import Erratum, may_be_wrong, wrong_entries
from models.acts.catalogue import ACTS
from models.case.stage import Stage
from models.register import numbers_meant, register

TITLES = dict.fromkeys(
    field.title or name for act in ACTS.values() for name, field in may_be_wrong(act)
)


@start_form(
    "勘误",
    Use(Group.CLOSED, "登记时写错了日期、申请人或者申请内容，在办、办结的都可以改正"),
    officer="办理人（公开机构负责人）",
)
def put_right(
    number: Number,
    wrong: Annotated[str, Field(title="登记有误的项目"), Listed(lambda: TITLES)],
    value: Annotated[str, Asked(Erratum)],
    reason: Annotated[str, Asked(Erratum)],
    by: By,
    step: Annotated[
        int, Field(title="步骤序号", description="卷宗“办理经过”中的序号；只有一处的填0", ge=0)
    ] = 0,
) -> str:
    """登记时写错的日期、申请人、申请内容，在这里改正：原来的记载保留，期限和年报按改正后的计算。"""
    value = value.strip()
    with office.reading() as session:
        number = numbers_meant.number_meant(session, number) or number.strip()
        case = register.case(session, number)
    before = case.deadline(office.law())
    entries = wrong_entries(case, wrong, step, office.law())
    fields: dict[str, object] = {"entries": entries, "value": value, "reason": reason}
    found = perform_now(number, Erratum.kind, fields, by)
    if found.stage is not Stage.CLOSED:
        desk.put_on_desk(found)
    now, after = office.circumstances(by.officer), found.deadline(office.law())
    moved = f"届满日：{limit_words(after, now)}"
    if before and after and before.last_day != after.last_day:
        moved += f"（勘误前为{before.last_day or '停止计算'}）"
    return answer(number, f"已勘误：{wrong}", [f"{wrong}：{value}", *([moved] if after else [])])
