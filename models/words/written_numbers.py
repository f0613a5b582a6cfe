"""How are numbers written in a text? 1,008, ４ 件, 一百零八件, 百分之五: all of them as plain digits."""

from __future__ import annotations

import re
from dataclasses import dataclass

UNITS = "件|起|宗|人次|万元|元"
_WIDE = str.maketrans("０１２３４５６７８９％", "0123456789%")
_DIGITS = {char: n for n, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = f"[{''.join(_DIGITS)}{''.join(_TENS)}]"
_WRITTEN = re.compile(
    r"(?P<commas>(?<!\d)\d{1,3}(?:,\d{3})+(?!\d))"
    rf"|百分之(?P<percent>\d+(?:\.\d+)?|{_NUMERAL}+(?:点{_NUMERAL}+)?)"
    rf"|(?P<numeral>(?:{_NUMERAL}+万)?{_NUMERAL}+(?=\s*(?:{UNITS})))"
    r"|(?P<space>\s+)"
)


@dataclass(frozen=True)
class Plain:
    """A text with its numbers in plain digits and without spaces; `quoted` = as it was written."""

    text: str
    places: tuple[int, ...]
    original: str

    def quoted(self, start: int, end: int) -> str:
        """What stands in the original in place of text[start:end]."""
        return self.original[self.places[start] : self.places[end]].strip()


def plain(text: str) -> Plain:
    """The text as it is read; a space stays only between two numbers."""
    found, at, wide = "", 0, text.translate(_WIDE)
    places: list[int] = []
    for one in _WRITTEN.finditer(wide):
        kept = wide[at : one.start()]
        found, places = found + kept, [*places, *range(at, one.start())]
        read = _read(one, wide)
        found, places = found + read, [*places, *[one.start()] * len(read)]
        at = one.end()
    places += [*range(at, len(wide)), len(wide)]
    return Plain(found + wide[at:], tuple(places), text)


def _read(one: re.Match[str], text: str) -> str:
    if one["commas"]:
        return one["commas"].replace(",", "")
    if one["percent"]:
        return f"{_percent(one['percent'])}%"
    if one["numeral"]:
        return str(_value(one["numeral"]))
    around = text[max(one.start() - 1, 0) : one.start()] + text[one.end() : one.end() + 1]
    return " " if len(around) == 2 and around.isdigit() else ""


def _percent(written: str) -> str:
    """四十五点五 → 45.5."""
    if written[0].isdecimal():
        return written
    whole, _, behind = written.partition("点")
    digits = "".join(str(_DIGITS.get(char, char)) for char in behind)
    return f"{_value(whole)}.{digits}" if digits else str(_value(whole))


def _value(numeral: str) -> int:
    """一百零八 → 108."""
    upper, _, lower = numeral.rpartition("万")
    return 10_000 * _below(upper) + _below(lower)


def _below(numeral: str) -> int:
    total, digit = 0, 0
    for char in numeral:
        if char in _TENS:
            total += (digit or 1) * _TENS[char]
            digit = 0
        else:
            digit = 10 * digit + _DIGITS[char]
    return total + digit
