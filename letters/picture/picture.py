"""一图读懂: the year in one picture, as SVG; letters/picture/picture_png.py makes the PNG of it.

Lengths are pixels of a picture 1080 wide, as a telephone shows it. Python places and measures,
the template draws. What is longer than its place is set smaller or broken, never cut.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import pi
from typing import Final

from letters.picture.markup import marked_up
from letters.report.named_figures import days_written, group_totals
from models.agency.agency import Agency
from models.law.workdays import written
from models.year.held_in_part import COMPARED, UNCOMPARED
from models.year.wording import PRESENT
from models.year.year_figures import Tables, YearFigures, not_over

WIDTH: Final = 1080
_MARGIN, _PAD, _GAP = 48, 44, 28
_INNER: Final = WIDTH - 2 * _MARGIN
_HEADER: Final = 330  # with the agency's name in one line
_TITLE: Final = 104  # of a block, above its content
COLOURS: Final = ("#2563b8", "#16a394", "#e8a33d", "#7a6bc4", "#d65f5f", "#8894a6")
_STEPS: Final = (5, 10, 15, 20, 40)  # working days; 20 is the limit, 40 the extended one (33)
_RADIUS: Final = 118
_BAR: Final = 62  # a bar with its distance to the next
_LEAST_LABEL: Final = 21
_TILE: Final = 188  # room for the words of a tile
_MOST_CHANNELS: Final = 7
_MANY_TIMES: Final = 5  # from there on a percentage says less than a multiple
BRACKETED: Final = re.compile("（[^）]*）")


@dataclass(frozen=True, slots=True)
class Text:
    """Words in their place: lines that fit, and their size."""

    lines: tuple[str, ...]
    size: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: what it stands for, its figure, its length (share of the longest), its share in %."""

    label: Text
    count: int
    length: float
    percent: str
    colour: str


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice of the ring: where it begins and how long it is, on a circle of `_RADIUS`."""

    bar: Bar
    start: float
    arc: float


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure on its own: its name, number and unit."""

    label: Text
    number: Text
    unit: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure of this year and of the last: lengths, and how it changed."""

    label: str
    now: int
    before: int
    now_length: float
    before_length: float
    change: str


@dataclass(frozen=True, slots=True)
class Block:
    """A white block of the picture: which one, its title, its top and height, its content."""

    kind: str
    title: str
    top: float
    height: float
    content: object


def picture(
    agency: Agency,
    figures: YearFigures,
    before: Tables | None,
    dated: date,
    uncompared: str = "",
    wording: int = PRESENT,
) -> str:
    """The SVG of a year; with the year `before`, also what changed.

    uncompared = why the year before is not to be compared with (models/year/held_in_part.py)
    wording = of the report (models/year/wording.py): amounts were rounded in the first
    A year before without a single application is taken for one that the register does not hold.
    """
    tables = figures.tables
    name = fitted(agency.name, WIDTH - 2 * _MARGIN, 54, least=46, most_lines=2)
    header = _HEADER + 60 * (len(name.lines) - 1)
    known = before if before and before.known and not uncompared else None
    blocks = _stacked(_blocks(figures, known, wording), header + 190.0)
    foot = blocks[-1].top + blocks[-1].height + _GAP
    notes = _notes(figures, before, dated, uncompared)
    return marked_up(
        "picture.svg.j2",
        {
            "width": WIDTH,
            "height": round(foot + 60 + 38 * len(notes)),
            "margin": _MARGIN,
            "inner": _INNER,
            "pad": _PAD,
            "radius": _RADIUS,
            "circumference": round(2 * pi * _RADIUS, 2),
            "bar": _BAR,
            "colours": COLOURS,
            "header": header,
            "agency": name,
            "year": tables.year,
            "summary": _summary(agency, figures),
            "sum": _sum(tables),
            "blocks": blocks,
            "foot": foot,
            "notes": notes,
        },
    )


# ── the blocks ────────────────────────────────────────────────────────────────────────────────


def _stacked(blocks: Iterable[tuple[str, str, float, object]], top: float) -> list[Block]:
    """The blocks one below the other, the first at `top`."""
    placed: list[Block] = []
    for kind, title, height, content in blocks:
        placed.append(Block(kind, title, top, _TITLE + height + _PAD, content))
        top += placed[-1].height + _GAP
    return placed


def _blocks(
    figures: YearFigures, before: Tables | None, wording: int
) -> Iterator[tuple[str, str, float, object]]:
    """What each block shows, and how high it is below its title."""
    tables = figures.tables
    if before:
        compared = _compared(tables, before)
        yield "compared", COMPARED, 118 * len(compared) - 20, compared
    results = bars_of(group_totals(figures), 250)
    yield "results", "办理结果", 330, {"slices": _slices(results), "closed": tables.closed}
    kinds = {kind: tables.figure(tables.form.code("received"), kind) for kind in tables.form.kinds}
    person = kinds.pop(tables.form.person)
    yield (
        "applicants",
        "申请人",
        112 + _BAR * len(kinds),
        {
            "sides": _sides(tables.form.person, person, tables.form.organisations, kinds),
            "bars": bars_of(kinds, 240, of=tables.received),
        },
    )
    if figures.from_register:
        yield from _handling(figures)
    service = _tiles_of_service(figures)
    yield "tiles", "监督与服务", _tiles_high(service), service
    published = _tiles_of_table2(tables, wording)
    if published:
        yield "tiles", "主动公开", _tiles_high(published), published


def _handling(figures: YearFigures) -> Iterator[tuple[str, str, float, object]]:
    """How applications came in and how long they took: only a register knows."""
    channels = bars_of(_leading(figures.channels), 310, of=figures.tables.received)
    if channels:
        yield "bars", "申请渠道", _BAR * len(channels) - 18, channels
    else:
        yield "nothing", "申请渠道", 36, "本年没有收到申请"
    if figures.days:
        yield "days", "办理用时", 330, _days(figures)
    else:
        yield "nothing", "办理用时", 36, "本年没有办结的申请"


def _tiles_high(tiles: Sequence[Tile]) -> float:
    """How high tiles are, four in a row."""
    return 150 * -(-len(tiles) // 4) - 16


def _sum(tables: Tables) -> list[Tile]:
    """新收 ＋ 上年结转 ＝ 办结 ＋ 结转下年度: what the table balances."""
    parts = {
        "新收申请": tables.received,
        "上年结转": tables.carried_in,
        "已办结": tables.closed,
        "结转下年度": tables.carried_out,
    }
    return [_tile(label, count, "件", 175) for label, count in parts.items()]


def _summary(agency: Agency, figures: YearFigures) -> Text:
    """One sentence under the title."""
    tables, days = figures.tables, figures.average_days
    words = f"收到政府信息公开申请{tables.received}件，办结{tables.closed}件"
    if days is not None:
        words += f"，平均用时{days_written(days)}个工作日"
    return fitted(words, WIDTH - 2 * _MARGIN, 30)


def _compared(tables: Tables, before: Tables) -> list[Compared]:
    pairs = {
        "新收": (tables.received, before.received),
        "办结": (tables.closed, before.closed),
        "结转": (tables.carried_out, before.carried_out),
    }
    most = max(1, *(max(pair) for pair in pairs.values()))
    return [
        Compared(label, now, then, now / most, then / most, _change(now, then))
        for label, (now, then) in pairs.items()
    ]


def _change(now: int, then: int) -> str:
    """How a figure changed: ↑12.5%, ↓3.0%, 持平; from 0 there is no percentage."""
    if now == then:
        return "持平"
    if then and now >= _MANY_TIMES * then:
        return f"上年的{now / then:.0f}倍"
    arrow = "↑" if now > then else "↓"
    return f"{arrow}{abs(now - then) / then:.1%}" if then else f"{arrow}{now}件"


def _sides(person: str, persons: int, others: str, kinds: Mapping[str, int]) -> list[Bar]:
    """自然人 and 法人或其他组织 as the two ends of one bar."""
    organisations = sum(kinds.values())
    total = persons + organisations
    return [
        Bar(
            Text((label,), 28),
            count,
            count / total if total else 0.5,
            _percent(count, total),
            COLOURS[n],
        )
        for n, (label, count) in enumerate(((person, persons), (others, organisations)))
    ]


def _leading(channels: Mapping[str, int]) -> dict[str, int]:
    """The channels used most, by their short names; the rest of them together."""
    named: Counter[str] = Counter()
    for label, count in channels.items():
        named[BRACKETED.sub("", label)] += count
    ordered = named.most_common()
    shown = dict(ordered[:_MOST_CHANNELS])
    if rest := sum(count for _, count in ordered[_MOST_CHANNELS:]):
        shown["其余渠道"] = rest
    return shown


def bars_of(counts: Mapping[str, int], room: float, of: int | None = None) -> list[Bar]:
    """A bar for each count, as long as its share of the longest; labels fit into `room`."""
    most = max([1, *counts.values()])
    total = sum(counts.values()) if of is None else of
    return [
        Bar(
            fitted(label, room, 28, least=23, most_lines=2),
            count,
            count / most,
            _percent(count, total),
            COLOURS[n % len(COLOURS)],
        )
        for n, (label, count) in enumerate(counts.items())
    ]


def _slices(bars: Sequence[Bar]) -> list[Slice]:
    """The ring: each bar's share of the circle, a sliver of white between two of them."""
    circle, total = 2 * pi * _RADIUS, sum(bar.count for bar in bars)
    several = sum(bar.count > 0 for bar in bars) > 1
    found, start = [], 0.0
    for bar in bars:
        arc = circle * bar.count / total if total else 0.0
        found.append(Slice(bar, round(start, 2), round(max(arc - 3 * several, min(arc, 2)), 2)))
        start += arc
    return found


def _days(figures: YearFigures) -> dict[str, object]:
    """How many replies took how many working days; in which share the limit of 20 sufficed."""
    steps = {f"{_STEPS[0]}以内": sum(n for days, n in figures.days.items() if days <= _STEPS[0])}
    steps |= {
        f"{low + 1}—{high}": sum(n for days, n in figures.days.items() if low < days <= high)
        for low, high in pairwise(_STEPS)
    }
    steps[f"{_STEPS[-1]}以上"] = sum(n for days, n in figures.days.items() if days > _STEPS[-1])
    total = sum(steps.values())
    within = sum(n for days, n in figures.days.items() if days <= _STEPS[3])
    average = "—" if figures.average_days is None else days_written(figures.average_days)
    return {
        "average": fitted(average, 230, 92),
        "within": _percent(within, total),
        "bars": bars_of(steps, 130),
    }


def _tiles_of_service(figures: YearFigures) -> list[Tile]:
    groups = [
        (group.key, figures.tables.table4.cells[group.key][group.columns[-1]])
        for group in figures.tables.form.review
    ]
    counts = {
        groups[0][0]: (len(groups[0][1]), "件"),
        "行政诉讼": (sum(len(cases) for _, cases in groups[1:]), "件"),
    }
    if figures.from_register:
        counts["咨询服务"] = sum(figures.advised.values()), "人次"
        counts["收取信息处理费"] = figures.fees.paid, "元"
    return [_tile(label, count, unit, _TILE) for label, (count, unit) in counts.items()]


def _tiles_of_table2(tables: Tables, wording: int) -> list[Tile]:
    """What table 二 states, as far as it is known."""
    table = tables.table2
    found = [
        (item, column, cell.figure)
        for group in table.form.proactive
        for item in group.items
        for column, cell in zip(group.columns, table.cells[item], strict=True)
    ]
    return [
        _tile(
            item, _number(figure, wording), _UNITS.get(column, "件"), _TILE, _SHORT.get(column, "")
        )
        for item, column, figure in found
        if figure is not None and column in (*_SHORT, *_UNITS)
    ]


_SHORT: Final = {
    "本年制发件数": "制发",
    "本年废止件数": "废止",
    "现行有效件数": "现行有效",
    "本年新制作数量": "制作",
    "处理决定数量": "决定",
    "本年处理决定数量": "决定",
}
_UNITS: Final = {"本年收费金额（单位：万元）": "万元"}


def _notes(figures: YearFigures, before: Tables | None, dated: date, uncompared: str) -> list[Text]:
    year = figures.tables.year
    source = "政府信息公开申请登记簿" if figures.from_register else "各单位年度报告的汇总"
    unfinished = not_over(year, dated)
    lines = [
        f"{unfinished or f'统计期限：{year}年1月1日至12月31日'}。数据来源：{source}"
        f"（{written(dated)}）。",
    ]
    if figures.from_register:
        lines.append(
            "办理用时自收到申请的次日起计算至答复之日，含补正、征求意见等依法不计入期限的时间。"
        )
    if uncompared:
        lines.append(uncompared)
    elif before and not before.known:
        lines.append(f"登记簿没有{year - 1}年的申请，{UNCOMPARED}")
    return [fitted(line, _INNER, 24) for line in lines]


# ── words that fit ────────────────────────────────────────────────────────────────────────────


def _tile(label: str, figure: int | str, unit: str, room: float, what: str = "") -> Tile:
    """A figure with its label; `what` follows it, or stands below where both are too long."""
    name = fitted(label + what, room, 26)
    if name.size < _LEAST_LABEL and what:
        name = Text((label, what), min(23.0, fitted(label, room, 23).size))
    return Tile(name, fitted(str(figure), room - 30 * len(unit), 58), unit)


def _number(figure: float, wording: int) -> str:
    """A figure as table 二 prints it: to the yuan where it is in 万元."""
    if wording > 1 or isinstance(figure, int):
        return str(figure)
    return f"{figure:.2f}".rstrip("0").rstrip(".")


def _percent(count: int, total: int) -> str:
    return f"{count / total:.1%}" if total else "—"


def _wide(text: str) -> float:
    """How wide a text is in characters: a Chinese one is 1, a figure or Latin one 0.6 (bold)."""
    return sum(0.6 if character.isascii() else 1.0 for character in text)


def fitted(text: str, room: float, size: float, *, least: float = 0, most_lines: int = 1) -> Text:
    """The text in as few lines as it needs, set smaller down to `least` before it is broken.

    In its last line it is set as small as it must be: nothing is cut.
    """
    for lines in range(1, most_lines + 1):
        broken = _broken(text, lines)
        fits = min(size, room / max(1.0, *map(_wide, broken)))
        if fits >= least:
            break
    return Text(broken, round(min(fits, least + 2) if lines > 1 else fits, 1))


def _broken(text: str, lines: int) -> tuple[str, ...]:
    """The text in so many lines of about the same length."""
    if lines == 1:
        return (text,)
    wanted, cuts, done = _wide(text) / lines, [0], 0.0
    for n, character in enumerate(text):
        if done >= wanted * len(cuts) and len(cuts) < lines:
            cuts.append(n)
        done += _wide(character)
    return tuple(text[a:b] for a, b in pairwise([*cuts, len(text)]))
