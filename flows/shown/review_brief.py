"""One review or suit in brief: whose it is, how it stands, what was decided, what we still owe (Art. 51)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import quote

from sqlmodel import Session, col, select

from models.case.act import Circumstances
from models.case.review_case import Decision, ReviewCase, ReviewStage, redecision_due
from models.duties.limits import written_limit
from models.law.workdays import Reach, written
from models.neighbours.review_register import redecisions
from models.store.tables import Review

REVIEWED: Final = "/reviews"
OVER: Final = (ReviewStage.SETTLED, ReviewStage.VOID)


@dataclass(frozen=True)
class Line:
    """A review in a list: due = the last day of the reply that it orders, in words; late = it is over."""

    number: str
    kind: str
    stage: str
    before: str
    application: str
    lodged_on: date
    due: str = ""
    late: bool = False


def review_url(number: str) -> str:
    """Where everything of one review or suit stands (flows/server/review_pages.py)."""
    return f"{REVIEWED}/{quote(number, safe='')}"


def in_hand(session: Session, now: Circumstances) -> tuple[list[Line], list[Line]]:
    """Those that still ask something of us, the reply that is ordered first; and the others, the
    latest first.
    """
    owed = {one.case.number: one.due for one in redecisions(session, now.law)}
    rows = session.exec(select(Review).order_by(col(Review.lodged_on).desc())).all()
    lines = [_line(row, owed.get(row.number), now) for row in rows]
    open_now = [one for one in lines if one.due or one.stage not in {str(s) for s in OVER}]
    over = [one for one in lines if one not in open_now]
    return sorted(open_now, key=lambda one: (not one.due, one.due)), over


def _line(row: Review, due: Reach | None, now: Circumstances) -> Line:
    return Line(
        row.number,
        row.kind,
        row.stage,
        " ".join(filter(None, (row.authority, row.authority_number))),
        row.application,
        row.lodged_on,
        written_limit(due.day, due.provisional) if due else "",
        bool(due and now.today > due.day),
    )


def review_facts(case: ReviewCase, now: Circumstances) -> list[tuple[str, str]]:
    """A review as it stands: title and words, line by line."""
    due = redecision_due(case, now.law) if not case.redecided_on else None
    return [
        ("登记号", case.number),
        ("类别", case.kind),
        ("环节", str(case.stage)),
        ("复议机关、法院", " ".join(filter(None, (case.authority, case.authority_number)))),
        ("申请复议、起诉", str(case.lodged_on)),
        *([("所涉申请", case.application)] if case.application else []),
        *([("所涉告知书", case.letter)] if case.letter else []),
        *([("此前复议案件", case.after_review)] if case.after_review else []),
        *([("请求", case.complaint)] if case.complaint else []),
        *(("结果", words) for words in decided(case, now)),
        *([("裁判生效", str(case.effective_on))] if case.effective_on else []),
        *([("重新答复届满日", written_limit(due.day, due.provisional))] if due else []),
        *(
            [("已重新答复", f"{written(case.redecided_on)}　{case.redecided_by}")]
            if case.redecided_on
            else []
        ),
    ]  # fmt: skip


def decided(case: ReviewCase, now: Circumstances) -> Iterator[str]:
    """Each decision in the words of table 四."""
    for one in [*(ended.decision for ended in case.ended), *case.decisions]:
        yield _words(one, now)


def _words(one: Decision, now: Circumstances) -> str:
    row = now.law.review_results[one.result]
    ordered = "，责令重新答复" if one.redecision else ""
    said = f"{one.instance}　{row.label}（{row.column}）　{written(one.decided_on)}{ordered}"
    return f"{said}　{one.number}".rstrip()
