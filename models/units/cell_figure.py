"""What figure stands in a cell, however it was typed? “4.0”, “减4”, “１２”, “1,008”, “/”.

A cell is never refused: what is not plainly a figure is read as far as it can be, and said.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from models.units.laid_out import one_line
from models.words.written_numbers import plain

Number = int | float | None

LONGEST = 15  # digits that a workbook keeps
SHOWN = 20  # characters of a cell quoted

_WHOLE = re.compile(r"-?(?:0|[1-9]\d*)")
_DECIMAL = re.compile(r"-?(?:0|[1-9]\d*)\.\d+")
_NOTHING = re.compile(
    r"[/\\~〇○OoXx×]|[-–—―─_﹣]+|暂?无|空|没有|不涉及|[未无]发生|NULL|N/?A|NA", re.IGNORECASE
)
_SIGN = re.compile(r"(?P<sign>减少?|负|[-−–—]|增加?|\+)(?P<rest>\d[\d,]*(?:\.\d+)?)")
_UNIT = re.compile(r"(?P<rest>-?\d[\d,]*(?:\.\d+)?)(?:件次?|条|个|项|份|宗|起|部|次|万元|元)")
_ASIDE = re.compile(r"(?P<rest>-?\d[\d,]*(?:\.\d+)?)(?:件|个|项|万元)?\(.+\)")
_STOPPED = re.compile(r"(?<=[\d无])[。、,;:.]+$")
_APART = re.compile(r"\d[ \u3000\xa0]+\d")
_COMMAS = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_NUMERAL = re.compile(r"[零一二三四五六七八九十百千万两]+")


class CellFigure(NamedTuple):
    """The figure of a cell; said = what is to be said of how it is written; wrong = it is none."""

    figure: Number
    said: str = ""
    wrong: bool = False


def cell_figure(text: str, *, money: bool = False) -> CellFigure:
    """The figure in a cell's text; `money` = it may have decimals."""
    written, read = "".join(text.split()), _STOPPED.sub("", one_line(text))
    if _APART.search(text):  # two figures in one cell, or one that is set apart
        written = " ".join(text.split())
    if not read:
        return CellFigure(None)
    shown = f"“{written[:SHOWN]}{'…' if len(written) > SHOWN else ''}”"
    if len(re.sub(r"\D", "", read)) > LONGEST:
        return CellFigure(None, f"写的是{shown}，数字过长", wrong=True)
    if _NOTHING.fullmatch(read):
        return CellFigure(None, f"写的是{shown}（没有发生的应填0）")
    if _WHOLE.fullmatch(read) or (money and _DECIMAL.fullmatch(read)):
        figure = _value(read)
        said = "" if written == read else f"写作{shown}，按{figure}核对"
        return CellFigure(figure, said)
    if (value := _otherwise(read)) is None:
        return CellFigure(None, f"写的是{shown}，不是数", wrong=True)
    return CellFigure(value, f"写作{shown}，按{value}核对")


def _otherwise(read: str) -> int | float | None:
    """A figure written in another way; None if it is none."""
    if _COMMAS.fullmatch(read) or _DECIMAL.fullmatch(read) or re.fullmatch(r"-?\d+", read):
        return _value(read)
    if found := _SIGN.fullmatch(read):
        value = _value(found["rest"])
        return value if found["sign"] in ("增", "增加", "+") else -value
    if found := _UNIT.fullmatch(read) or _ASIDE.fullmatch(read):
        return _value(found["rest"])
    if _NUMERAL.fullmatch(read):
        digits = plain(f"{read}件").text.removesuffix("件")
        return int(digits) if digits.isdigit() else None
    return None


def _value(digits: str) -> int | float:
    number = float(digits.replace(",", ""))
    return int(number) if number.is_integer() else number
