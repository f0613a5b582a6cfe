"""The files in which a span of time is handed to a superior: a workbook, or a document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from flows import office
from flows.shown.span_tables import FIGURES, MOVED, RESULT, ROW, WAYS, WHEN, Counted, days_of
from letters.picture import charts
from letters.picture.picture_png import png
from letters.report.span_report import SpanReport, span_report
from letters.report.workbook import Sheet, lists
from models.law.workdays import written
from models.year.span_figures import Group

_LISTED: Final = 3
"""Columns of a list of cases: what they are counted by, as what, their numbers."""
Charts = list[tuple[str, str]]


def workbook(counted: Counted, ways: Sequence[str]) -> bytes:
    """Each table, and the cases of its figures, on sheets of their own; what they count, and as of
    which day, stands on every page that is printed.
    """
    agency, span, known, sheets = office.agency().name, counted.span, written(counted.as_of), []
    of = f"{agency}　{span.title}（{written(span.since)}至{written(span.until)}，按{known}的记载）"
    for way in ways:
        for name, (head, rows), ruled in (
            (WAYS[way], counted.table(way), True),
            (f"{WAYS[way]}办件清单", counted.listed(way), False),
        ):
            widths = _widths(name, len(head))
            sheets.append(Sheet(name, tuple(map(str, head)), widths, rows, ruled, f"{of}　{name}"))
    return lists(agency, counted.as_of, sheets)


def _widths(name: str, columns: int) -> tuple[int, ...]:
    """Of the columns of a sheet, in characters: what they are counted by needs most."""
    if name == WAYS[ROW]:
        return (12, 54, *[13] * (columns - 2))
    if columns == _LISTED:
        return (54, 14, 26)
    return (26, *[11] * (columns - 1))


def document(counted: Counted, ways: Sequence[str]) -> bytes:
    """The report of the span: words, charts, tables; no application is named."""
    tables = []
    for way in ways:
        if way != ROW:
            head, rows = counted.table(way)
            tables.append((f"按{WAYS[way]}", tuple(map(str, head)), rows))
    report = SpanReport(
        agency=office.agency().name,
        title=counted.span.title,
        kind=counted.span.report,
        dated=office.today(),
        as_of=counted.as_of,
        unfinished=counted.unfinished,
        summary=summary(counted),
        table3=counted.table3 if ROW in ways else None,
        tables=tables,
        charts=[(title, png(svg)) for title, svg in drawn(counted, charts.PAPER)],
    )
    return span_report(report)


def summary(counted: Counted) -> list[str]:
    """What a span counts, in sentences."""
    whole, we = counted.whole, office.agency().calls_itself
    figures = {name: len(getattr(whole, name)) for name in FIGURES}
    still = f"（截至{written(counted.as_of)}）" if counted.unfinished else ""
    left = "尚未办结" if counted.unfinished else "结转下期"
    said = (
        f"{counted.span.title}{still}，{we}新收政府信息公开申请{figures['received']}件，上期结转"
        f"{figures['carried_in']}件；办结{figures['closed']}件，{left}{figures['carried_out']}件。"
    )
    untimed = sum(one.untimed for one in counted.cases)
    unknown = f"其中{untimed}件的结果取自台账，台账不载办理步骤，是否逾期未计。" if untimed else ""
    return [said, _of_time(whole, figures) + unknown]


def _of_time(whole: Group, figures: Mapping[str, int]) -> str:
    middle, most = days_of(whole)
    days = f"办结用时中位数为{middle}个工作日，九成在{most}个工作日以内；" if middle else ""
    late = f"逾期办结{figures['late']}件" if figures["late"] else "没有逾期办结的"
    steps = [
        f"{said}{figures[name]}件"
        for name, said in (("extended", "告知延期"), ("corrected", "要求补正"))
        if figures[name]
    ]
    contested = f"申请行政复议、提起行政诉讼涉及{figures['reviewed']}件。"
    return f"{days}{'，'.join([*steps, late])}。{contested if figures['reviewed'] else ''}"


def drawn(
    counted: Counted,
    ink: tuple[str, str, str] = charts.PAGE,
    address: Callable[[str, str, str], str] = lambda *_: "",
) -> Charts:
    """The charts of a span, by title; address = where a figure leads, by its way, key and figure."""
    times = counted.by_time
    moved = {when: tuple(map(len, each)) for when, each in times.items()}
    leads = {
        (when, name): address(WHEN, when, name)
        for when, each in times.items()
        for name, cases in zip(MOVED, each, strict=True)
        if cases
    }
    title = f"{'逐年' if counted.year_by_year else '逐月'}新收、办结"
    found: Charts = [(title, charts.columns(title, MOVED, moved, leads, ink))]
    for title, way, figure, counts in _sorts(counted):
        links = {key: address(way, key, figure) for key, count in counts.items() if count}
        found.append((title, charts.bars(title, counts, links, ink)))
    return found


def _sorts(counted: Counted) -> list[tuple[str, str, str, Mapping[str, int]]]:
    """What is drawn as bars: title, way, figure, and the counts."""
    found: list[tuple[str, str, str, Mapping[str, int]]] = []
    results = {key: len(cases) for key, cases in counted.results.items()}
    if any(results.values()):
        found.append(("办理结果（办结的）", RESULT, "closed", results))
    for title, way, figure in (
        ("所用工作日（办结的）", "days", "closed"),
        ("申请人类别（新收的）", "kind", "received"),
        ("提交方式（新收的）", "channel", "received"),
    ):
        counts = {key: len(getattr(group, figure)) for key, group in counted.groups(way).items()}
        counts = {key: count for key, count in counts.items() if count}
        if counts:
            found.append((title, way, figure, counts))
    return found


FILES: Final[Mapping[str, Callable[[Counted, Sequence[str]], bytes]]] = {
    ".xlsx": workbook,
    ".docx": document,
}
"""How each kind of file is made."""
