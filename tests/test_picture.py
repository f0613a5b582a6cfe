"""一图读懂: right figures, words that fit, Chinese drawn without the system's fonts."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from published_reports import FORMS
from years import ROOT, WHOLE, figures, seed, suqian

from flows import office
from letters.picture import picture_png
from letters.picture.picture import WIDTH, _wide, fitted, picture
from letters.picture.picture_png import png
from models.report_tables.form import form_for
from models.report_tables.table3 import CaseLine
from models.year.year_figures import Tables, YearFigures

DAY = date(2023, 1, 31)
LONG = (
    "新疆维吾尔自治区伊犁哈萨克自治州察布查尔锡伯自治县农业农村和水利、林业草原与畜牧兽医事业发展局"
)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def painted_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_png, "ZOOM", 1.5)


def drawn(found: YearFigures, before: Tables | None = None, name: str = "") -> str:
    agency = office.agency()
    return picture(agency.model_copy(update={"name": name or agency.name}), found, before, DAY)


def many() -> YearFigures:
    """40,000 applications in every cell, with channels of long names."""
    day, form = date(2022, 3, 1), form_for(FORMS, 2022)
    kinds, codes = form.kinds, form.result_codes
    cases = [CaseLine(str(n), kinds[n % 6], day, day, codes[n % len(codes)]) for n in range(40_000)]
    channels = {f"某某镇人民政府便民服务中心第{n}号窗口": 4000 - n for n in range(10)}
    found = figures(cases=cases, facts=WHOLE)
    return replace(found, channels=channels, days={3: 30_000, 25: 9_000, 60: 1_000})


def texts(svg: str) -> Iterator[tuple[ElementTree.Element, str]]:
    for element in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        yield element, "".join(element.itertext())


YEARS = {
    "nothing": (figures, lambda: None, ""),
    "nothing before": (figures, lambda: figures(2021).tables, ""),
    "seed": (seed, lambda: None, ""),
    "city": (suqian, lambda: suqian().tables, LONG),
    "many": (many, lambda: seed().tables, LONG),
}


class Place(NamedTuple):
    """Where words stand: left and right edge, base line and size."""

    words: str
    left: float
    right: float
    y: float
    size: float


def place(element: ElementTree.Element, words: str) -> Place:
    """As wide as its parts, each in its own size (a unit is smaller than its number)."""
    x, y, size = (float(element.attrib[key]) for key in ("x", "y", "font-size"))
    wide = _wide(element.text or "") * size
    for part in element:
        wide += _wide(part.text or "") * float(part.get("font-size", size))
        wide += float(part.get("dx", 0)) + _wide((part.tail or "").strip()) * size
    left = x - wide * {"middle": 0.5, "end": 1.0}.get(element.get("text-anchor", ""), 0.0)
    return Place(words, left, left + wide, y, size)


@pytest.mark.parametrize("name", YEARS)
def test_every_word_stands_inside_the_picture_and_on_no_other(name: str) -> None:
    found, before, agency = YEARS[name]
    svg = drawn(found(), before(), agency)
    height = float(ElementTree.fromstring(svg).attrib["height"])
    places = [place(element, words) for element, words in texts(svg)]
    for one in places:
        assert one.left >= 20, one
        assert one.right <= WIDTH - 20, one
        assert 20 <= one.size < one.y < height, one
    for one, other in combinations(places, 2):
        on_one_line = abs(one.y - other.y) < 0.95 * min(one.size, other.size)
        apart = one.right <= other.left or other.right <= one.left
        assert not on_one_line or apart, (one, other)


def test_the_picture_says_the_figures_of_the_tables() -> None:
    found = replace(suqian(), channels={"互联网渠道": 3511}, days={8: 3000, 25: 486})
    svg = drawn(found)
    words = [said for _, said in texts(svg)]
    tables = found.tables
    for figure in (tables.received, tables.carried_in, tables.closed, tables.carried_out):
        assert f"{figure}件" in words
    for label, count in (("予以公开", 1191), ("无法提供", 1078), ("其他处理", 341)):
        assert f"{count}件" in words[words.index(label) + 1 :]
    assert "自然人　3402件　96.9%" in words
    assert "10.4" in words  # (8 × 3000 + 25 × 486) / 3486
    assert "86.1%" in words  # 3000 of 3486 within 20 working days
    assert "收到政府信息公开申请3511件，办结3486件，平均用时10.4个工作日" in words


@pytest.mark.parametrize(("wording", "amount"), [(1, "59237.24"), (2, "59237.2449")])
def test_an_amount_is_that_of_the_table_but_in_a_year_signed_when_it_was_rounded(
    wording: int, amount: str
) -> None:
    found = figures(facts=WHOLE)
    svg = picture(office.agency(), found, None, DAY, wording=wording)
    assert f"{amount}万元" in [said for _, said in texts(svg)]
    [cell] = found.tables.table2.cells["行政事业性收费"]
    assert cell.figure == 59237.2449


def test_the_year_before_is_compared_if_the_register_holds_it() -> None:
    twelve = replace(seed().tables, table3=many().tables.table3)
    assert "与上年相比" in drawn(seed(), twelve)
    assert "↓100.0%" in drawn(figures(), seed().tables)
    assert "持平" in drawn(seed(), seed().tables)
    assert "上年的5000倍" in drawn(many(), seed().tables)
    without = drawn(seed(), figures(2021).tables)
    assert "与上年相比" not in without
    assert "登记簿没有2021年的申请，不与上年比较。" in without
    assert "不与上年比较" not in drawn(seed(), None)


def test_a_year_without_applications_says_so() -> None:
    svg = drawn(figures())
    assert "本年没有收到申请" in svg
    assert "本年没有办结的申请" in svg


def test_the_ring_is_closed_by_its_slices() -> None:
    arcs = [float(a) for a in re.findall(r'stroke-dasharray="([\d.]+) ', drawn(suqian()))]
    circle = float(re.findall(r'stroke-dasharray="[\d.]+ ([\d.]+)"', drawn(suqian()))[0])
    assert len(arcs) == 6
    assert circle - 3 * 6 - 0.1 <= sum(arcs) <= circle
    assert re.findall(r'stroke-dasharray="([\d.]+) ', drawn(seed())) == [str(circle)]


def test_what_a_name_holds_is_words_and_not_markup() -> None:
    name = "甲&乙<script>alert(1)</script>局"
    svg = drawn(seed(), name=name)
    assert "<script>" not in svg
    assert any(name in said for _, said in texts(svg))


def test_the_picture_is_told_to_those_who_do_not_see_it() -> None:
    root = ElementTree.fromstring(drawn(seed()))
    assert root.attrib["role"] == "img"
    ids = {element.attrib["id"] for element in root.iter() if "id" in element.attrib}
    assert set(root.attrib["aria-labelledby"].split()) <= ids
    assert (
        root.findtext(f"{SVG}title") == "一图读懂：上海市知识产权局2022年政府信息公开工作年度报告"
    )


@pytest.mark.parametrize(("room", "lines"), [(600, 1), (300, 1), (200, 2), (60, 2)])
def test_words_are_set_smaller_and_then_broken_but_never_cut(room: int, lines: int) -> None:
    words = fitted("行政规范性文件制发", room, 28, least=23, most_lines=2)
    assert "".join(words.lines) == "行政规范性文件制发"
    assert len(words.lines) == lines
    assert max(map(_wide, words.lines)) * words.size <= room + 1


# ── as PNG ────────────────────────────────────────────────────────────────────────────────────


def test_the_png_is_the_picture_one_and_a_half_times_and_always_the_same() -> None:
    svg = drawn(seed())
    image = png(svg)
    width, height = struct.unpack(">II", image[16:24])
    root = ElementTree.fromstring(svg)
    assert (width, height) == tuple(round(float(root.attrib[k]) * 1.5) for k in ("width", "height"))
    assert png(svg) == image


def small(words: str, weight: int = 400) -> bytes:
    return png(
        '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="30" font-size="20" '
        f'font-family="PingFang SC,sans-serif"><text y="22" font-weight="{weight}">{words}</text></svg>'
    )


def test_chinese_is_drawn_by_our_own_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    render = picture_png.resvg_py.svg_to_bytes

    def watched(**settings: object) -> bytes:
        asked.append(settings["skip_system_fonts"] is True)
        return render(**settings)  # type: ignore[arg-type]

    monkeypatch.setattr(picture_png.resvg_py, "svg_to_bytes", watched)
    images = [small("政"), small("府"), small("政", 700), small("府", 700), small("")]
    assert len(set(images)) == 5  # a character that is not there would be the same box each time
    assert asked == [True] * 5


def test_a_character_our_fonts_lack_is_looked_for_in_the_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(
        picture_png.resvg_py,
        "svg_to_bytes",
        lambda **s: asked.append(s["skip_system_fonts"]) or b"",
    )
    small("𠮷野")
    assert asked == [False]


def test_our_fonts_have_every_character_that_the_picture_may_say() -> None:
    glyphs = set(
        (Path(picture_png.__file__).parent.parent / "fonts" / "glyphs.txt").read_text("utf-8")
    )
    words = [
        *(ROOT / "letters" / "templates").glob("picture.svg.j2"),
        ROOT / "letters" / "picture" / "picture.py",
        *(ROOT / "config" / "annual").glob("form_*.toml"),
        ROOT / "config" / "statute" / "channels.toml",
        ROOT / "config" / "office" / "agency.toml",
    ]
    said = {c for path in words for c in path.read_text(encoding="utf-8") if not c.isspace()}
    assert {c for c in said - glyphs if ord(c) > 0x2000} <= {"─", "★"}
