"""Any span of time is counted as table 三 counts a year: quarters add up to it, cell for cell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from databases import empty_register
from openpyxl import load_workbook
from test_ledger import GOOD, as_csv, load

from flows import office
from flows.__main__ import main
from flows.commands import simulate
from flows.year.annual_report import produce
from models.report_tables.table3 import CaseLine
from models.year.span_figures import Span, by_row, grouped, lines_of, step_of


@pytest.fixture(autouse=True)
def _empty_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_register(tmp_path, monkeypatch):
        yield


def cells(span: Span) -> dict[tuple[str, str], list[str]]:
    law, form = office.law(), office.annual_rules().form(span.until.year)
    with office.reading() as session:
        return by_row(lines_of(session, span, office.today(), law), span, form)


def test_the_quarters_of_a_year_add_up_to_its_table_cell_for_cell(tmp_path: Path) -> None:
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
    groups = grouped([line] if span.counts(line) else [], span, lambda _: "", office.law(), {})
    found = groups.get("")
    counts = (
        (found.received, found.carried_in, found.closed, found.carried_out) if found else ((),) * 4
    )
    assert tuple(map(len, counts)) == (received, carried, closed, left)


def test_days_used_have_a_middle_and_nine_tenths_and_late_ones() -> None:
    span = Span(date(2025, 3, 1), date(2025, 3, 31))
    lines = [
        CaseLine(str(n), "自然人", date(2025, 3, 3), date(2025, 3, 3 + n), "3.1")
        for n in range(1, 5)
    ]
    limits = {"3": date(2025, 3, 6), "4": date(2025, 3, 6)}
    group = grouped(lines, span, lambda _: "", office.law(), limits)[""]
    assert sorted(group.days) == [1, 2, 3, 4]
    assert (group.middle, group.late) == (2.5, ["4"])
    assert group.nine_tenths is not None
    assert 4 <= group.nine_tenths <= 5
    assert [step_of(n) for n in (0, 5, 6, 40, 41, None)] == [
        "0—5个工作日", "0—5个工作日", "6—10个工作日", "21—40个工作日", "40个工作日以上", "未办结"
    ]  # fmt: skip


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
    assert "1\t一、本年新收政府信息公开申请数量\t1\t1\t0\t0\t0\t0\t2\n" in said
    assert "自然人\t1\t0\t1\t0\t0\t13\t13\n" in said
    assert "互联网渠道\t2\t0\t2\t0" in said
    assert "2025-03\t2\t0\t2\t0" in said
    book = load_workbook(out)
    assert len(book.sheetnames) == 12
    listed = [cell.value for row in book["表三办件清单"].iter_rows() for cell in row]
    assert listed.count("2025-17") == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "2025-02-01", "--to", "2025-01-31"], "晚于结束日期"),
        (["--from", "2025-01-01", "--to", "2025-01-31", "--by", "weather"], "而不是“weather”"),
        (["--from", "2025-01-01", "--to", "2025-01-31", "--out", "甲.doc"], "应以 .xlsx 结尾"),
    ],
)
def test_what_cannot_be_counted_is_said(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["statistics", *arguments]) == 2
    assert said in capsys.readouterr().err
