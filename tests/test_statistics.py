"""Any span of time is counted as table 三 counts a year: quarters add up to it, cell for cell."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from docx import Document
from openpyxl import load_workbook
from test_ledger import FORMS, GOOD, as_csv, load
from test_supervision import answered
from test_sweep import received

from flows import office
from flows.__main__ import main
from flows.commands import simulate
from flows.commands.ledger import Asked, import_ledger
from flows.shown import span_files, span_tables, supervision
from flows.shown.span_tables import spans_near
from flows.year.annual_report import produce
from models.neighbours.review_acts import REVIEWS
from models.register import neighbour, register
from models.report_tables.table3 import CaseLine
from models.year.span_figures import Span, SpanCase, by_row, days_used, grouped, lines_of, step_of
from tests.our_pages import Desk


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


def cells(span: Span) -> dict[tuple[str, str], list[str]]:
    law, form = office.law(), office.annual_rules().form(span.until.year)
    with office.reading() as session:
        return by_row(lines_of(session, span, office.today(), law), span, form)


def test_the_quarters_of_a_year_add_up_to_its_table_cell_for_cell_and_each_figure_is_right(
    tmp_path: Path,
) -> None:
    simulate.simulate(2025, 150, 3, letters=False, advance=lambda *_: None)
    table = produce(2025, tmp_path / "out", None).table
    begins = [date(2025, month, 1) for month in (1, 4, 7, 10)]
    ends = [date(2025, 3, 31), date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31)]
    quarters = [cells(Span(*days)) for days in zip(begins, ends, strict=True)]
    whole = cells(Span(date(2025, 1, 1), date(2025, 12, 31)))
    form = table.form
    first, last = form.code("carried_in"), form.code("carried_out")
    some = 0
    for code in form.rows:
        for column in form.columns:
            place, counted = (code, column), sorted(table.cases(code, column))
            of = {first: quarters[:1], last: quarters[3:]}.get(code, quarters)
            assert sorted(n for one in of for n in one.get(place, [])) == counted, place
            assert sorted(whole.get(place, [])) == counted, place
            some += bool(counted)
    assert some > 20
    for earlier, later in pairwise(quarters):
        for column in form.columns:
            assert sorted(earlier.get((last, column), [])) == sorted(later.get((first, column), []))
    each_figure_is_counted_as_by_hand()
    the_page_shows_what_is_counted()


@pytest.mark.parametrize(
    ("since", "until", "received", "carried", "closed", "left"),
    [
        ((2025, 3, 3), (2025, 3, 20), 1, 0, 1, 0),
        ((2025, 3, 4), (2025, 3, 20), 0, 1, 1, 0),
        ((2025, 3, 3), (2025, 3, 19), 1, 0, 0, 1),
        ((2025, 3, 4), (2025, 3, 19), 0, 1, 0, 1),
        ((2025, 3, 21), (2025, 3, 31), 0, 0, 0, 0),
        ((2025, 2, 1), (2025, 3, 2), 0, 0, 0, 0),
    ],
)
def test_each_end_of_a_span_counts(
    since: tuple[int, int, int],
    until: tuple[int, int, int],
    received: int,
    carried: int,
    closed: int,
    left: int,
) -> None:
    span = Span(date(*since), date(*until))
    line = CaseLine("1", "自然人", date(2025, 3, 3), date(2025, 3, 20), "3.1")
    found = grouped([case(line)] if span.counts(line) else [], span, lambda _: "").get("")
    counts = (
        (found.received, found.carried_in, found.closed, found.carried_out) if found else ((),) * 4
    )
    assert tuple(map(len, counts)) == (received, carried, closed, left)


def case(line: CaseLine, **told: Any) -> SpanCase:
    return SpanCase(line, line.number, "website", "陈静", **told)


def test_days_used_have_a_middle_and_nine_tenths() -> None:
    span, law = Span(date(2025, 3, 1), date(2025, 3, 31)), office.law()
    lines = [
        CaseLine(str(n), "自然人", date(2025, 3, 3), date(2025, 3, 3 + n), "3.1")
        for n in range(1, 5)
    ]
    group = grouped([case(one, days=days_used(one, law)) for one in lines], span, lambda _: "")[""]
    assert sorted(group.days) == [1, 2, 3, 4]
    assert (group.middle, group.nine_tenths) == (2.5, 4)
    for count, within in ((1, 1), (9, 9), (10, 9), (11, 10), (20, 18)):  # of ten closings nine
        tenth = grouped([case(lines[0], days=n) for n in range(1, count + 1)], span, lambda _: "")
        assert tenth[""].nine_tenths == within, count
    steps = [step_of(case(lines[0], days=n), span) for n in (0, 5, 6, 40, 41, None)]
    assert steps == [
        "0—5个工作日", "0—5个工作日", "6—10个工作日", "21—40个工作日", "40个工作日以上", "天数不详"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("closed", "told", "step"),
    [
        (None, {}, "未办结"),
        (date(2025, 4, 1), {}, "未办结"),
        (date(2025, 2, 28), {"counted": False, "reviewed": True}, "此前已办结"),
        (None, {"counted": False, "reviewed": True}, "未办结"),
        (date(2025, 3, 7), {"by_month": True}, "天数不详（原表只记到月）"),
    ],
)
def test_what_took_no_days_in_a_span_is_called_open_only_where_it_is(
    closed: date | None, told: dict[str, Any], step: str
) -> None:
    """A reply of last year that was contested this quarter stood among what was not closed."""
    line = CaseLine("1", "自然人", date(2025, 2, 3), closed, "3.1")
    assert step_of(case(line, **told), Span(date(2025, 3, 1), date(2025, 3, 31))) == step


@pytest.mark.parametrize(
    ("since", "until", "title", "report"),
    [
        ((2026, 3, 1), (2026, 3, 31), "2026年3月", "月报"),
        ((2024, 2, 1), (2024, 2, 29), "2024年2月", "月报"),
        ((2024, 2, 1), (2024, 2, 28), "2024年2月1日至2024年2月28日", "统计"),
        ((2026, 4, 1), (2026, 6, 30), "2026年第二季度", "季报"),
        ((2026, 5, 1), (2026, 7, 31), "2026年5月1日至2026年7月31日", "统计"),
        ((2026, 7, 1), (2026, 12, 31), "2026年下半年", "半年报"),
        ((2026, 1, 1), (2026, 12, 31), "2026年", "年报"),
        ((2025, 1, 1), (2026, 12, 31), "2025年1月1日至2026年12月31日", "统计"),
    ],
)
def test_a_span_is_called_as_offices_call_it(
    since: tuple[int, int, int], until: tuple[int, int, int], title: str, report: str
) -> None:
    span = Span(date(*since), date(*until))
    assert (span.title, span.report) == (title, report)


def test_the_spans_that_are_asked_for_most_begin_and_end_with_months() -> None:
    near = {name: (str(one.since), str(one.until)) for name, one in spans_near(date(2026, 1, 5))}
    assert near["本月"] == ("2026-01-01", "2026-01-31")
    assert near["上月"] == ("2025-12-01", "2025-12-31")
    assert near["上季度"] == ("2025-10-01", "2025-12-31")
    assert near["下半年"] == ("2025-07-01", "2025-12-31")
    assert near["去年"] == ("2025-01-01", "2025-12-31")
    later = {name: str(one.since) for name, one in spans_near(date(2026, 7, 1))}
    assert (later["本季度"], later["上季度"], later["下半年"]) == (
        "2026-07-01", "2026-04-01", "2026-07-01"
    )  # fmt: skip


FIGURE = re.compile('href="(/statistics/cases[^"]+)"[^>]*>([0-9]+)<')


def the_page_shows_what_is_counted() -> None:
    """Each figure of the page opens so many cases as it says; the files say the same."""
    desk = Desk()
    page = desk.get("/statistics?from=2025-01-01&to=2025-03-31")
    figures = {html.unescape(at): int(count) for at, count in FIGURE.findall(page)}
    assert len(figures) > 60
    some = sorted(figures)[:: max(1, len(figures) // 25)]
    for at in some:
        assert f'<span class="total">{figures[at]}件</span>' in desk.get(at), at
    used = re.findall('<a href="([^"]+)">(?:用时中位数|九成以内)（工作日）</a>', page)
    assert len(used) == 2
    closed = desk.get(html.unescape(used[0]))
    with office.reading() as session:
        span = Span(date(2025, 1, 1), date(2025, 3, 31))
        days = span_tables.counted(session, span, office.today()).whole.days
    listed = re.findall(r'<td class="number">(\d+)</td>', closed)
    assert sorted(map(int, listed)) == sorted(days), "the days of each, of which half is told"
    assert page.count("<svg") == 5
    drawn = {
        html.unescape(at) for at in re.findall('<a href="(/statistics/cases[^"]+)" aria', page)
    }
    month = next(at for at in drawn if "2025-02" in at)
    assert 'class="total">' in desk.get(month)
    assert re.findall("<script[^>]*>", page) == ['<script src="/login/fields.js" defer>'], (
        "no chart"
    )
    assert "style=" not in page
    with office.reading() as session:
        names = {row.applicant for row in register.applications(session)}
    assert not [name for name in names if len(name) > 1 and name in page]
    paper = Document(BytesIO(desk.content("/statistics/季报.docx?from=2025-01-01&to=2025-03-31")))
    words = "\n".join(one.text for one in paper.paragraphs)
    assert "2025年第一季度，我局新收" in words
    assert "政府信息公开申请办理情况季报" in words
    assert "一、本期新收政府信息公开申请数量" in paper.tables[0].cell(3, 0).text
    assert len(paper.inline_shapes) == 5
    assert not [name for name in names if len(name) > 1 and name in words]


def test_a_page_counts_its_table_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was counted anew for each of its cells, two hundred times over all cases of the span."""
    counts = list[Span]()
    counting = span_tables.table3_of

    def counted(lines: Any, span: Span, form: Any) -> Any:
        counts.append(span)
        return counting(lines, span, form)

    monkeypatch.setattr(span_tables, "table3_of", counted)
    Desk().get("/statistics?from=2025-01-01&to=2025-03-31")
    assert len(counts) == 1


def by_hand(span: Span) -> dict[str, set[str]]:
    """Each figure of a span, counted over the histories one by one."""
    law, found = office.law(), {name: set[str]() for name in span_tables.FIGURES}
    with office.reading() as session:
        rows = [row for row in register.applications(session) if not row.by_history]
        histories = [register.case(session, row.number) for row in rows]
        reviews = list(neighbour.states(session, REVIEWS))
    for one in histories:
        over = one.closed_on is not None and one.closed_on < span.since
        if one.received_on is None or one.received_on > span.until or over:
            continue
        kinds = {step.act.kind for step in one.steps if span.has(step.on)}
        limit, ended = one.deadline(law), span.has(one.closed_on)
        last = (limit and limit.last_day) or date.max
        for name, holds in (
            ("received", span.has(one.received_on)),
            ("carried_in", one.received_on < span.since),
            ("closed", ended),
            ("carried_out", not ended),
            ("extended", "extended" in kinds),
            ("corrected", "correction_requested" in kinds),
            ("late", ended and (one.closed_on or date.min) > last),
        ):
            if holds:
                found[name].add(one.number)
    found["reviewed"] = {one.application for one in reviews if span.has(one.lodged_on)} - {""}
    return found


def every_way_adds_up(span: Span) -> None:
    """Each way of counting parts the same cases; received and closed are those of table 三."""
    with office.reading() as session:
        counted = span_tables.counted(session, span, office.today())
    table = counted.table3
    for way in (one for one in span_tables.WAYS if one != span_tables.ROW):
        groups = counted.groups(way)
        for name in span_tables.FIGURES:
            parts = [number for group in groups.values() for number in getattr(group, name)]
            assert sorted(parts) == sorted(getattr(counted.whole, name)), (span, way, name)
        days = [one for group in groups.values() for one in group.days]
        assert sorted(days) == sorted(counted.whole.days), (span, way)
    for kind, group in counted.groups("kind").items():
        for name, row in (("received", "received"), ("carried_out", "carried_out")):
            there = table.cases(table.form.code(row), kind)
            assert sorted(getattr(group, name)) == sorted(there), (span, kind, name)


def each_figure_is_counted_as_by_hand() -> None:
    some: Counter[str] = Counter()
    for since, until in ((1, 12), (2, 2), (4, 6), (7, 12)):
        span = Span(date(2025, since, 1), date(2025, until, 28))
        with office.reading() as session:
            whole = span_tables.counted(session, span, office.today()).whole
            plain = {one.number for one in register.applications(session) if not one.by_history}
        every_way_adds_up(span)
        for name, numbers in by_hand(span).items():
            counted = set(getattr(whole, name))
            assert (counted if name == "reviewed" else counted & plain) == numbers, (span, name)
            some[name] += len(numbers)
    assert all(some[name] for name in span_tables.FIGURES if name != "late"), some


@pytest.mark.parametrize(
    ("closed", "late"), [("2026-03-29", 0), ("2026-03-30", 0), ("2026-03-31", 1)]
)
def test_late_is_what_was_closed_after_its_last_day(
    closed: str, late: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = received(date(2026, 3, 2))
    monkeypatch.setenv("DISCLOSURE_TODAY", closed)
    answered(number, closed)
    with office.reading() as session:
        counted = span_tables.counted(
            session, Span(date(2026, 1, 1), date(2026, 12, 31)), office.today()
        )
    assert len(counted.whole.late) == late
    assert len(counted.whole.closed) == 1
    assert "是否逾期未计" not in span_files.summary(counted)[1]


def test_of_what_a_ledger_closed_nobody_says_whether_it_was_late(tmp_path: Path) -> None:
    """It does not tell an extension, a correction, a pause: the case's own page says so, too."""
    load(as_csv(tmp_path, GOOD | {"收到日期": "2025-03-03", "办结日期": "2025-06-30"}))
    with office.reading() as session:
        span = Span(date(2025, 1, 1), date(2025, 12, 31))
        counted = span_tables.counted(session, span, office.today())
    assert (len(counted.whole.late), len(counted.whole.closed)) == (0, 1)
    said = span_files.summary(counted)[1]
    assert "其中1件的结果取自台账，台账不载办理步骤，是否逾期未计。" in said
    assert supervision.listed(date(2025, 1, 1)) == []


def test_of_days_known_by_their_month_nobody_counts_how_many_were_used(tmp_path: Path) -> None:
    path = as_csv(
        tmp_path, GOOD, GOOD | {"登记号": "2", "收到日期": "2025年3月", "办结日期": "2025-03-31"}
    )
    import_ledger(path, FORMS, lambda *_: None, Asked(month_only="first"))
    with office.reading() as session:
        span = Span(date(2025, 1, 1), date(2025, 12, 31))
        counted = span_tables.counted(session, span, office.today())
    assert (len(counted.whole.closed), counted.whole.days) == (2, [13])
    by_days = {key: list(group.closed) for key, group in counted.groups("days").items()}
    assert by_days == {"11—15个工作日": ["2025-17"], "天数不详（原表只记到月）": ["2"]}


def test_a_period_that_is_over_stays_as_it_was_on_a_day(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    load(as_csv(tmp_path, GOOD))
    span = Span(date(2025, 3, 1), date(2025, 3, 31))
    with office.reading() as session:
        now = span_tables.counted(session, span, office.today()).whole
        before = span_tables.counted(session, span, office.today() - timedelta(days=1)).whole
    assert (len(now.received), len(before.received)) == (1, 0)


def test_the_command_prints_and_writes_each_figure_with_its_cases(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(
        as_csv(tmp_path, GOOD, GOOD | {"登记号": "2", "申请人类别": "商业企业", "办理结果": "3.1"})
    )
    out = tmp_path / "季报.xlsx"
    span = ["statistics", "--from", "2025-01-01", "--to", "2025-03-31"]
    by = "row,kind,channel,officer,month,days"
    assert main([*span, "--by", by, "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "一\t一、本期新收政府信息公开申请数量\t1\t1\t0\t0\t0\t0\t2\n" in said
    assert "自然人\t1\t0\t1\t0\t0\t0\t0\t0\t13\t13\n" in said
    kinds = said.partition("申请人类别\t新收")[2]
    assert kinds.index("自然人") < kinds.index("商业企业"), "in the order of table 三"
    assert "互联网渠道\t2\t0\t2\t0" in said
    assert "2025-03\t2\t0\t2\t0" in said
    book = load_workbook(out)
    assert len(book.sheetnames) == 12
    table = book["表三"]
    assert [cell.value for cell in table[2]][:4] == ["一", "一、本期新收政府信息公开申请数量", 1, 1]
    assert (table.column_dimensions["B"].width, table.print_title_rows) == (54, "$1:$1")
    assert str(table.oddHeader.center.text).endswith(
        "2025年第一季度（2025年1月1日至2025年3月31日，按2026年3月2日的记载）　表三"
    )
    kinds = [cell.value for cell in book["申请人类别"][2]]
    assert kinds == ["自然人", 1, 0, 1, 0, 0, 0, 0, 0, 13, 13], "days are figures, not text"
    listed = [cell.value for row in book["表三办件清单"].iter_rows() for cell in row]
    assert listed.count("2025-17") == 3
    assert listed[3:6] == ["一、本期新收政府信息公开申请数量", "自然人", "2025-17"]


def test_a_span_that_goes_on_says_as_of_which_day_and_a_long_table_comes_after_the_signature(
    tmp_path: Path,
) -> None:
    """It was handed in as if the half year were over; and the signature stood on a page of its own."""
    load(as_csv(tmp_path, GOOD))
    span = Span(date(2025, 1, 1), date(2025, 6, 30))
    said = {}
    for day in (date(2025, 6, 29), date(2025, 6, 30)):
        with office.reading() as session:
            found = span_tables.counted(session, span, day)
        paper = Document(BytesIO(span_files.document(found, ["row", "kind"])))
        said[day] = [one.text for one in paper.paragraphs if one.text]
    running, over = said.values()
    assert "（2025年上半年，截至2025年6月29日）" in running
    assert any(one.startswith("2025年上半年（截至2025年6月29日），我局新收") for one in running)
    assert "尚未办结0件" in "".join(running)
    assert "（2025年上半年）" in over
    assert "截至2025年6月30日），" not in "".join(over)
    assert "结转下期0件" in "".join(over)
    agency = office.agency().name
    assert [*over].index("附表1　办理结果") > len(over) - 1 - [*reversed(over)].index(agency)
    assert "附表2　分类情况" in over


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "2025-02-01", "--to", "2025-01-31"], "晚于结束日期"),
        (["--from", "2025-01-01", "--to", "2025-01-31", "--by", "weather"], "而不是“weather”"),
        (
            ["--from", "2025-01-01", "--to", "2025-01-31", "--out", "甲.doc"],
            "应以 .xlsx 或 .docx 结尾",
        ),
        (
            ["--from", "2025-01-01", "--to", "2025-01-31", "--as-of", "2099-01-01"],
            "--as-of 2099年1月1日晚于今天",
        ),
    ],
)
def test_what_cannot_be_counted_is_said(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["statistics", *arguments]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert not told.out, "nothing is counted before"
