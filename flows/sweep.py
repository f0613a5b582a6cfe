"""每日巡检: lapses and overdue limits found, lost runs put back. Idempotent; decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from flows import desk, office, publication, reviews
from flows.brief import days_left
from models import register
from models.act import Circumstances
from models.case import Stage
from models.excess import reasons_overdue
from models.fee_owed import fee_overdue
from models.history import Case
from models.opinions import lapses_found
from models.receipt import correction_due
from models.unconfirmed import unconfirmed

SOON = 5  # working days before the last day from which a case is listed


@flow(name="每日巡检")
def morning() -> list[str]:
    """每日巡检：列出即将到期、已逾期和期限届满的申请，并把丢失的办理流程放回。"""
    found = [*sweep(), *desk.put_right()]
    lines = [f"- {line}" for line in found] or ["没有需要处理的事项。"]
    create_markdown_artifact(
        "\n".join(lines), key="sweep", description=f"{office.today()} 每日巡检"
    )
    return found


def sweep(on: date | None = None) -> list[str]:
    """What needs attention on that day (default: today), as sentences, by case number."""
    now = Circumstances(on or office.today(), "", office.law(), office.agency())
    found: list[str] = []
    with office.reading() as session:
        for row in register.applications(session, is_open=True):
            found += _findings(register.case(session, row.number), now)
    return [*found, *reviews.owed(now.today), *publication.owed(now.today)]


def _findings(case: Case, now: Circumstances) -> Iterator[str]:
    alarm = unconfirmed(case, now.today, now.law)
    if alarm:
        yield alarm.sentence
    due = correction_due(case, now.law)
    if case.stage is Stage.CORRECTION and due and now.today > due:
        yield f"{case.number}　补正期限已于{due}届满，请决定是否按逾期不补正处理（条例第三十条）"
    for overdue in (fee_overdue, reasons_overdue):
        if found := overdue(case, now.today, now.law):
            yield f"{case.number}　{found}"
    for lapsed in lapses_found(case, now):
        yield f"{case.number}　{lapsed}"
    limit = case.deadline(now.law)
    if limit is None or limit.last_day is None:
        return
    if now.today > limit.last_day:
        yield f"{case.number}　{case.stage}　{days_left(limit, now)}（{limit.last_day}），仍应答复"
    elif now.law.calendar.count(now.today, limit.last_day).fewest <= SOON:
        yield f"{case.number}　{case.stage}　{days_left(limit, now)}（{limit.last_day}）"
