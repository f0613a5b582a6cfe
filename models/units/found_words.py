"""What does a unit's report say in words? Its title, whose it is, the year, and the text by section."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from models.report_tables.form import Form
from models.units.laid_out import Block, Grid, LaidOut, Paragraph, Picture, core, one_line

LONGEST_HEADING = 40
LONG = 20  # characters of a text that stands within one of the report's tables and is no label
SHORT = 8  # below that, a text in some other table says nothing
FIRST_YEAR, LAST_YEAR = 2008, 2100  # 条例施行

_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_YEAR = r"(?P<year>20\d\d|二[〇○零]\d?[〇○零一二三四五六七八九]{2})年?度?"
_TITLE = re.compile(
    rf"(?P<before>.*?)(?P<about>关于)?{_YEAR}(?P<after>.{{0,40}}?)(?:政府|政务)?信息公开(?:工作)?"
    r"(?:情况)?(?:的)?(?:年度)?(?:工作)?(?:报告|年报|情况)"
)
_REVERSED = re.compile(
    rf"(?P<before>.*?)政府信息公开(?:工作)?年度?报告?.{{0,2}}\(?{_YEAR}\)?(?P<after>)"
)
_PERIOD = re.compile(r"(20\d\d)年1月1日(?:起)?[至到—-].{0,6}?12月31日")
_MADE_BY = re.compile(r"(?:由|现公布|现将)([\u4e00-\u9fff（）()]{3,30}?)(?:编制|20\d\d|二[〇○零])")
_NOISE = re.compile(r"^(?:关于|现将|现公布|索引号.*|首页.*>|.*[>›»|｜_])")
_AN_AGENCY = re.compile(
    r"(?:局|委|厅|办|办公室|政府|委员会|处|所|院|中心|部|行|署|会|街道|镇|乡|站|队|区|市|县|校|集团|公司|本级\)?|全[市区县省]\))$"
)

_SAID_OF_ITSELF = re.compile(r"(?:本|我|该|各|全|市|区|县|省|分)[市区县省局委办厅镇乡]$")


class Named(NamedTuple):
    """Whose report it is, and of which year; "" and None where the file does not say."""

    agency: str
    year: int | None


class Words(NamedTuple):
    """The text by section: "0" what stands before the first; pictures = sections with pictures."""

    sections: dict[str, str]
    pictures: dict[str, list[str]]


def words_of(blocks: Iterable[Block], used: Sequence[Grid], form: Form) -> Words:
    """The text of a file by the sections of the form, without its tables."""
    titles = {core(title): str(n) for n, title in enumerate(form.sections, 1)}
    taken = {id(grid) for grid in used}
    section = "0"
    found: dict[str, list[str]] = {}
    pictures: dict[str, list[str]] = {}
    for block in blocks:
        match block:
            case Picture(place):
                pictures.setdefault(section, []).append(place)
            case Grid():
                for text, alone in _of_a_grid(block):
                    if alone and (next_one := _heading(text, titles)):
                        section = next_one
                    elif id(block) not in taken or (alone and len(text) >= LONG):
                        found.setdefault(section, []).append(text)
            case Paragraph(text):
                if next_one := _heading(text, titles):
                    section = next_one
                elif text.strip():
                    found.setdefault(section, []).append(text.strip())
    return Words({key: "\n".join(lines) for key, lines in found.items()}, pictures)


def _of_a_grid(grid: Grid) -> Iterator[tuple[str, bool]]:
    """The texts of a table, each once, and whether one stands alone in its row."""
    told: set[int] = set()
    for line in grid.lines:
        said = [cell for cell in line if cell.text.strip()]
        for cell in said:
            alone = len(said) == 1
            if id(cell) not in told and (alone or len(one_line(cell.text)) >= SHORT):
                told.add(id(cell))
                yield from ((one.strip(), alone) for one in cell.text.split("\n") if one.strip())


_SECTION_MARKS = {
    "1": ("总体情况",),
    "2": ("主动公开政府信息情况", "主动公开情况", "主动公开政府信息的情况"),
    "3": ("收到和处理政府信息公开申请", "收到和处理信息公开申请", "依申请公开政府信息情况"),
    "4": (
        "行政复议行政诉讼情况",
        "行政复议和行政诉讼",
        "行政复议和提起行政诉讼",
        "行政复议及行政诉讼",
    ),
    "5": ("存在的主要问题", "主要问题及改进", "存在问题及改进", "存在的问题和改进"),
    "6": ("其他需要报告的事项", "其他需要说明的事项", "需要说明的其他事项", "其他报告事项"),
}
_NUMBERED = re.compile(r"^[一二三四五六]、")


def _heading(text: str, titles: dict[str, str]) -> str | None:
    """The section that a line begins; None if it is no heading."""
    line = one_line(text)
    if not line or len(line) > LONGEST_HEADING or line.endswith(("。", "；", ";")):
        return None
    said = core(line)
    if said in titles:
        return titles[said]
    if not _NUMBERED.match(line):
        return None
    return next(
        (key for key, marks in _SECTION_MARKS.items() if any(mark in said for mark in marks)), None
    )


def named(laid_out: LaidOut, file: str) -> Named:
    """Whose report a file is and of which year: by its title, then by its first words, then its name."""
    lines = list(islice(_first_lines(laid_out.blocks), 40))
    agency, year = "", None
    titles = [one_line(laid_out.title), *lines]
    for n, line in enumerate(titles):
        if len(line) > 100 or not (found := _TITLE.search(line) or _REVERSED.search(line)):
            continue
        year = year or _year(found["year"])
        beside = (titles[n - 1] if n > 1 else "", found["before"], found["after"])
        agency = agency or next(
            (a for one in (beside[1], beside[2], beside[0]) if (a := _agency(one))), ""
        )
        if agency and year:
            break
    opening = "".join(lines[:12])
    if year is None and (period := _PERIOD.search(opening)):
        year = int(period[1])
    if not agency and (maker := _MADE_BY.search(opening)):
        agency = _agency(maker[1])
    stem = one_line(file.rpartition("/")[2].rpartition(".")[0])
    if year is None and (stated := re.search(r"20\d\d", stem)):
        year = _year(stated[0])
    if not agency:
        agency = _agency(re.split(r"[\d_\-—(（]|政府信息|政务公开|信息公开|年报|年度", stem)[0])
    return Named(agency, year)


def _first_lines(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        texts = (
            [block.text]
            if isinstance(block, Paragraph)
            else [text for text, alone in _of_a_grid(block) if alone]
            if isinstance(block, Grid)
            else []
        )
        yield from (line for text in texts if (line := one_line(text)))


def _year(stated: str) -> int | None:
    year = int(stated.translate(_DIGITS).replace("二", "2")) if stated else 0
    return year if FIRST_YEAR <= year <= LAST_YEAR else None


def _agency(text: str) -> str:
    """A name of an agency in a text; "" if there is none."""
    name = _NOISE.sub("", text).strip("《》“”\"'-—:：,，。 的")
    is_one = 1 < len(name) <= 40 and _AN_AGENCY.search(name) and not _SAID_OF_ITSELF.match(name)
    return name.replace("(", "（").replace(")", "）") if is_one else ""
