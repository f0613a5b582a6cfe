"""登记表二数字: the form for what table 二 counts, rules made, decisions taken, fees collected (年报 二)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlmodel import Session

from flows import office
from flows.counter.neighbours import answer
from flows.path.entering import as_row, enter_once
from flows.path.form_fields import By, Group, On, Use
from flows.path.start_forms import start_form
from flows.prefect_side.deployments import Listed
from models.errors import ActRefused
from models.neighbours import proactive
from models.neighbours.proactive import enter_figure
from models.report_tables.measures import Measure
from models.report_tables.table2 import recordable, table2
from models.store.tables import ProactiveFigure


def recorded_here() -> dict[tuple[str, str], Measure]:
    """What table 二 has recorded: (item, key of measure) → the measure, today's form first."""
    rules = office.annual_rules()
    return recordable(tuple(reversed(rules.forms)), rules.measures)


def named() -> dict[str, tuple[str, str]]:
    """The same by the words of the form."""
    found = recorded_here().items()
    return {f"{item}：{one.label}": (item, key) for (item, key), one in found}


@start_form(
    "登记表二数字",
    Use(Group.YEAR, "登记表二的一个数字：规章、规范性文件、行政许可、收费"),
)
def record_figure(
    what: Annotated[str, Field(title="登记什么"), Listed(named)],
    on: Annotated[On, Field(description="按月、按年汇总登记的，为该期间的最后一天")],
    amount: Annotated[
        float,
        Field(
            title="件数或者金额（元）",
            description="没有的登记为 0；清点数为该日终了时的总数；更正以前登记的数字，填写差额，可以是负数",
        ),
    ],
    by: By,
    note: Annotated[
        str,
        Field(title="数字的说明", description="文件名称和文号、统计口径、更正的理由等"),
    ] = "",
) -> str:
    """登记年度报告表二所列的事项（条例第二十条第一、五、六、八项）；没有登记的，表二留空并提示。"""
    listed, known = recorded_here(), named()
    if what not in known:
        raise ActRefused([f"“登记什么”应从所列选项中选择，而不是“{what}”"])
    item, key = known[what]
    now = office.circumstances(by.officer)
    units = _units(amount, listed[item, key])

    def enter_it(session: Session, submission: str | None) -> ProactiveFigure:
        entry = ProactiveFigure(
            submission=submission,
            on=on,
            item=item,
            measure=key,
            amount=units,
            note=note,
            officer=by.officer,
            recorded_on=now.today,
            recorded_at=office.now(),
        )
        return enter_figure(session, entry, now, listed)

    enter_once("proactive_figure", by, enter_it, as_row(ProactiveFigure))
    with office.reading() as session:
        lines = _standing(session, on.year, now.today)
    return answer(f"{on.year}年 {what}", "登记表二数字", lines)


def _units(amount: float, measure: Measure) -> int:
    """Pieces, or fen of money; ActRefused for half a piece, or part of a fen."""
    units = Decimal(str(amount)) * (100 if measure.money else 1)
    if units != int(units):
        raise ActRefused(["金额最多写到分" if measure.money else "件数应为整数"])
    return int(units)


def _standing(session: Session, year: int, known: date) -> list[str]:
    """Table 二 of the year as it stands now."""
    rules = office.annual_rules()
    form = rules.form(year)
    found = table2(proactive.facts(session, year, known), year, form, rules.measures)
    return [
        f"{item}　{column}：{'尚未登记' if cell.figure is None else cell.figure}"
        for group in form.proactive
        for item in group.items
        for column, cell in zip(group.columns, found.cells[item], strict=True)
    ]
