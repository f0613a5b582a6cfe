"""Charts of a span of time, in the hand of the year's picture: bars as SVG, on a page or on paper.

Lengths are pixels of a chart 720 wide. Python places and measures, the template draws; a bar that
has cases leads to them. Nothing is cut: what is longer than its place is set smaller or broken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from letters.picture.markup import marked_up, safe
from letters.picture.picture import BRACKETED, COLOURS, Text, bars_of, fitted

WIDTH: Final = 720
PAPER: Final = ("#1d2a3a", "#5a6878", "#edf1f7")
PAGE: Final = ("var(--ink)", "var(--quiet)", "var(--raised)")
"""Ink, quiet ink and the ground of a bar: on paper, and on our pages, dark or light (desk.css)."""
_ROW, _LABEL, _FIGURE, _FOOT = 46, 220, 150, 34
_COLUMNS: Final = 220  # height of the columns
_TOP: Final = 40  # room for the legend above them


@dataclass(frozen=True)
class Rod:
    """A bar of a chart: its label, figure, length (share of the longest), share in %, where it leads."""

    label: Text
    count: int
    length: float
    percent: str
    href: str


@dataclass(frozen=True)
class Column:
    """What stands side by side over one label: figures, their heights in pixels, where each leads."""

    label: Text
    figures: Sequence[tuple[int, float, str]]


def bars(
    title: str,
    counts: Mapping[str, int],
    links: Mapping[str, str] | None = None,
    ink: tuple[str, str, str] = PAGE,
) -> Markup:
    """A bar for each count, one below the other; links = where a bar leads, by its label."""
    rods = [
        Rod(_named(name), bar.count, bar.length, bar.percent, (links or {}).get(name, ""))
        for name, bar in zip(counts, bars_of(counts, _LABEL - 16), strict=True)
    ]
    facts = {"kind": "bars", "rods": rods, "row": _ROW, "label": _LABEL, "figure": _FIGURE}
    said = "，".join(f"{name}{count}件" for name, count in counts.items())
    return _drawn(title, said, _ROW * len(rods), ink, facts)


def columns(
    title: str,
    names: Sequence[str],
    counts: Mapping[str, Sequence[int]],
    links: Mapping[tuple[str, str], str] | None = None,
    ink: tuple[str, str, str] = PAGE,
) -> Markup:
    """Figures by time: for each label so many columns side by side as there are names.

    links = where a column leads, by its label and name
    """
    most = max([1, *(figure for each in counts.values() for figure in each)])
    room = WIDTH / max(1, len(counts))
    drawn = [
        Column(
            fitted(label, room - 6, 20, least=13, most_lines=2),
            [
                (figure, round(_COLUMNS * figure / most, 1), (links or {}).get((label, name), ""))
                for name, figure in zip(names, each, strict=True)
            ],
        )
        for label, each in counts.items()
    ]
    wide = min(34.0, room / (len(names) + 1))
    facts = {
        "kind": "columns",
        "columns": drawn,
        "names": names,
        "room": round(room, 1),
        "wide": round(wide, 1),
        "base": _TOP + _COLUMNS + 24,
    }
    said = "；".join(
        label + "，".join(f"{name}{figure}件" for name, figure in zip(names, each, strict=True))
        for label, each in counts.items()
    )
    return _drawn(title, said, _TOP + _COLUMNS + 24 + 2 * _FOOT, ink, facts)


def _named(name: str) -> Text:
    """The label of a bar, without what it says in brackets; in two lines, if need be."""
    return fitted(BRACKETED.sub("", name), _LABEL - 16, 24, least=16, most_lines=2)


def _drawn(
    title: str, said: str, height: int, ink: tuple[str, str, str], facts: Mapping[str, object]
) -> Markup:
    given = {
        "title": title,
        "said": said,
        "width": WIDTH,
        "height": height,
        "ink": ink[0],
        "quiet": ink[1],
        "ground": ink[2],
        "colours": COLOURS,
    }
    return safe(marked_up("chart.svg.j2", {**given, **facts}))
