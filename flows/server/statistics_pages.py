"""The page 统计 (/statistics): what any span of time counts, drawn and in tables; figures open cases.

Read from the register as it stood on a day. No applicant is named on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlencode

from sqlmodel import Session, col, select
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope

from flows import office
from flows.installation.entrance import Caller
from flows.server.our_pages import OurPages, asked_of, day_of
from flows.shown.framed import framed
from flows.shown.pages import READS, page_url, under_name
from flows.shown.span_files import FILES, drawn, summary
from flows.shown.span_tables import ALL, FIGURES, ROW, WAYS, Counted, counted, days_of, spans_near
from letters.pages.desk_page import page
from letters.report.page_tables import page_table
from letters.report.span_report import of_span
from letters.report.tables import layout3
from models.errors import NoFormForYear, UncountableCase
from models.store.tables import Application
from models.words.days_told import written
from models.words.numbers_in_order import in_order
from models.year.span_figures import Span

STATISTICS: Final = "/statistics"
TYPES: Final = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
HANDED_ON: Final = (ROW, "kind", "channel", "month", "days")
"""By what the files count: who of us handles what is for us alone."""
MOST_LISTED: Final = 2000
LONGEST: Final = 100
"""Years of a span, at most."""


@dataclass(frozen=True)
class Asked:
    """Which span is asked for, and as of which day; said = what is wrong with it."""

    span: Span
    as_of: date
    said: str = ""

    def address(self, below: str = "", **more: str) -> str:
        """Where this span stands, or something of it."""
        query = {"from": str(self.span.since), "to": str(self.span.until)}
        if self.as_of != office.today():
            query["as_of"] = str(self.as_of)
        return f"{STATISTICS}{below}?{urlencode({**query, **more})}"

    def cases(self, way: str, key: str, figure: str) -> str:
        """Where the cases of a figure are listed."""
        return self.address("/cases", by=way, key=key, figure=figure)


class StatisticsPages(OurPages):
    """Answers the pages of statistics; hands on everything else (ASGI)."""

    async def _answer(
        self, scope: Scope, caller: Caller, parts: list[str], receive: Receive
    ) -> Response | None:
        match parts:
            case ["statistics", *below] if scope["method"] in READS:
                return await run_in_threadpool(_answer, below, asked_of(scope), caller.officer)
            case ["statistics", *_]:
                return PlainTextResponse("这一页只能查看", HTTPStatus.METHOD_NOT_ALLOWED)
        return None


def _answer(parts: list[str], query: Mapping[str, str], officer: str) -> Response:
    asked = _asked(query)
    try:
        with office.reading() as session:
            found = counted(session, asked.span, asked.as_of)
            match parts:
                case []:
                    return _page("statistics", "统计", officer, _facts(asked, found))
                case ["cases"]:
                    facts = _cases(session, asked, found, query)
                    return _page("counted", "统计", officer, facts)
                case [name] if (kind := f".{name.rpartition('.')[2]}") in FILES:
                    return _file(found, kind)
    except (NoFormForYear, UncountableCase) as fault:
        return PlainTextResponse(str(fault), HTTPStatus.CONFLICT)
    return PlainTextResponse("没有这一页", HTTPStatus.NOT_FOUND)


def _page(template: str, title: str, officer: str, facts: Mapping[str, object]) -> Response:
    return HTMLResponse(page(template, framed(title, officer, STATISTICS), facts))


def _asked(query: Mapping[str, str]) -> Asked:
    """What an address asks for; the quarter that is on, where it asks for nothing that there is."""
    today, said = office.today(), ""
    named = dict(spans_near(today))
    span = named["本季度"]
    since, until = day_of(query.get("from", "")), day_of(query.get("to", ""))
    if since and until and since <= until and until.year - since.year < LONGEST:
        span = Span(since, until)
    elif query.get("from") or query.get("to"):
        said = "日期应如2026-03-02，开始日期不晚于结束日期，前后不到100年；以下是本季度的"
    as_of = day_of(query.get("as_of", "")) or today
    if as_of > today:
        as_of, said = today, f"{written(as_of)}的记载还没有，以下按今天的"
    return Asked(span, as_of, said)


def _facts(asked: Asked, found: Counted) -> dict[str, object]:
    whole, layout = found.whole, of_span(layout3(found.table3))
    form = found.table3.form
    links = {
        (code, column): asked.cases(ROW, code, column)
        for code in form.rows
        for column in form.columns
        if found.table3.cases(code, column)
    }
    today = office.today()
    tables = [_table(asked, found, way) for way in WAYS if way != ROW]
    return {
        "asked": {"from": asked.span.since, "to": asked.span.until, "as_of": asked.as_of},
        "said": asked.said,
        "title": asked.span.title,
        "unfinished": asked.span.until >= today,
        "numbers": [
            (label, len(getattr(whole, name)), asked.cases("kind", ALL, name))
            for name, label in FIGURES.items()
        ],
        "days": days_of(whole),
        "days_at": asked.cases("kind", ALL, "closed"),
        "spans": [(name, Asked(span, today).address()) for name, span in spans_near(today)],
        "summary": summary(found),
        "charts": drawn(found, address=asked.cases),
        "table3": page_table(layout, "table3", "表三各行（本期）", links),
        "tables": tables,
        "files": [
            (asked.address(f"/{quote(asked.span.report)}{kind}"), words)
            for kind, words in ((".docx", "下载 Word"), (".xlsx", "下载 Excel"))
        ],
    }


def _table(asked: Asked, found: Counted, way: str) -> dict[str, object]:
    """A table of groups, each figure with where its cases are."""
    head, rows = found.table(way)
    lines = []
    for key, *figures in rows:
        shown = [
            (figure, asked.cases(way, str(key), name) if figure else "")
            for name, figure in zip(FIGURES, figures, strict=False)
        ]
        lines.append((key or "（未登记）", shown, figures[len(FIGURES) :]))
    return {"key": way, "caption": f"按{WAYS[way]}", "head": head, "rows": lines}


def _cases(
    session: Session, asked: Asked, found: Counted, query: Mapping[str, str]
) -> dict[str, object]:
    """The cases of a figure: when they came and were closed, and how; nobody is named."""
    way, key, figure = (query.get(name, "") for name in ("by", "key", "figure"))
    known = way in (*WAYS, "result", "when")
    numbers = sorted(found.numbers(way, key, figure), key=in_order) if known else []
    shown = set(numbers[:MOST_LISTED])
    cases = {one.line.number: one for one in found.cases}
    cases |= {one.number: one for one in found.cases if one.number not in cases}
    rows = _rows(session, {cases[number].number for number in shown})
    law, form = office.law(), found.table3.form
    lines = []
    for number in numbers[:MOST_LISTED]:
        one = cases[number]
        row = rows[one.number]
        result = form.row_of.get(one.line.row or "", "")
        lines.append(
            {
                "number": number,
                "page": page_url(one.number),
                "received": one.line.received_on,
                "closed": one.line.closed_on or "",
                "result": form.rows[result].called if result else "",
                "channel": law.channels[row.channel].label
                if row.channel in law.channels
                else row.channel,
                "officer": one.officer,
                "days": "" if one.days is None else one.days,
                "limit": row.last_day or "",
                "late": one.late,
            }
        )
    what = FIGURES.get(figure, figure)
    place = f"第{key}行" if way == ROW else "" if key == ALL else key
    return {
        "heading": f"{asked.span.title}　{place}　{what}".replace("　　", "　"),
        "total": len(numbers),
        "lines": lines,
        "back": asked.address(),
        "as_of": asked.as_of,
    }


def _rows(session: Session, numbers: set[str]) -> dict[str, Application]:
    found: dict[str, Application] = {}
    ordered = sorted(numbers)
    for at in range(0, len(ordered), 500):
        some = col(Application.number).in_(ordered[at : at + 500])
        found |= {row.number: row for row in session.exec(select(Application).where(some))}
    return found


def _file(found: Counted, kind: str) -> Response:
    span = found.span
    name = f"{span.title}政府信息公开申请办理情况{span.report}{kind}"
    content = FILES[kind](found, HANDED_ON)
    return Response(content, media_type=TYPES[kind], headers=under_name(name))
