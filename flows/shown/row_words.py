"""A case on one line of a list: whose it is, its limit, its result."""

from __future__ import annotations

from collections.abc import Iterator

from models.agency.officers import absence
from models.case.act import Circumstances
from models.case.case import Case
from models.duties.limits import Limit, written_limit
from models.errors import CalendarNotPublished
from models.law.citing import row_label
from models.law.deadline import Deadline
from models.law.workdays import written
from models.report_tables.form import Form, form_nearest
from models.store.tables import Application
from models.words.days_told import told


def masked(name: str) -> str:
    """A name as lists and run names show it: the first character, the rest hidden."""
    return name[:1] + "*" * min(len(name) - 1, 3)


def applicants(case: Case) -> str:
    """All who ask together, and the kind that table 三 has the first of them as: 张三、李四（自然人）."""
    return f"{'、'.join((case.applicant, *case.co_applicants))}（{case.kind_now}）"


def days_left(found: Deadline | Limit | None, now: Circumstances) -> str:
    """How much of the limit is left today, in working days, as an officer says it."""
    if found is None:
        return "尚未起算"
    if found.last_day is None:
        return "停止计算"
    if now.today == found.last_day:
        return "今天到期"
    late = now.today > found.last_day
    between = (found.last_day, now.today) if late else (now.today, found.last_day)
    try:
        days = now.law.calendar.count(*between).fewest
    except CalendarNotPublished:  # years without a notice: it is late all the same
        return "已逾期" if late else "尚未到期"
    return f"已逾期{days}个工作日" if late else f"还剩{days}个工作日"


def stood_in(case: Case, now: Circumstances) -> Iterator[tuple[str, str]]:
    """Who stands in for whoever handles it, where he is away."""
    if away := absence(now.agency.officers, case.officer, now.today):
        gone = f"不在岗至{written(away.until)}"
        yield (
            "承办人",
            f"{case.officer}，{gone}，由{away.deputy}代理，所办的记为“代{case.officer}”",
        )


def limit_words(found: Deadline | Limit | None, now: Circumstances) -> str:
    """The limit on one line: last day (暂定 if provisional) and what is left of it."""
    if found is None or found.last_day is None:
        return days_left(found, now)
    return told([f"{written_limit(found.last_day, found.provisional)}，{days_left(found, now)}"])


def row_limit_words(row: Application, now: Circumstances) -> str:
    """The limit as `limit_words` says it, from the register row of an open case."""
    return limit_words(Limit(row.last_day, row.provisional) if row.received_on else None, now)


def row_result_words(row: Application, forms: tuple[Form, ...]) -> str:
    """As which row of table 三 a closed case is counted, from its register row; "" while it is open."""
    if row.closed_on is None:
        return ""
    if not row.row:
        return "不计入年报"
    form = form_nearest(forms, row.closed_on.year)
    code = form.row_of.get(row.row, "")
    return form.rows[code].called if code else row_label(row.row)
