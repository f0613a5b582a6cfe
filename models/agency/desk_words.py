"""What do the desk's own pages say in Chinese? config/desk_words/: one file for each Prefect version.

A word is a whole text of the page, a pattern one with a number, a day or a name in it. Nothing that is
put in the page may itself be looked up again: it would be replaced for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from pydantic import Field

from models.errors import ConfigFault
from models.law.config_rows import Row, read_toml, validate_row

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December", "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep"),
    *("Oct", "Nov", "Dec"),
)
HELD: Final = {
    "n": ("number", r"(\d[\d,]*(?:\.\d+)?)"),
    "month": ("month", f"({'|'.join(MONTHS)})"),
    "clock": ("clock", r"(\d{1,2}:\d{2}(?::\d{2})? [AP]M)"),
    "word": ("word", "(.+?)"),
    "text": ("text", "(.+?)"),
    "s": ("", "s?"),
    "th": ("", "(?:st|nd|rd|th)"),
}
"""What may stand in a pattern: how it is brought over, and how it is told ("" = left out)."""
_PLACE: Final = re.compile(r"\{(\w+)\}")
_FILE: Final = re.compile(r"prefect_(\d+\.\d+)\.toml")


class Pattern(Row):
    """A text with something in it: `{n} run{s}` → `{1}个流程`; {1} is the first that is held."""

    english: str = Field(min_length=3)
    chinese: str

    @cached_property
    def held(self) -> tuple[str, ...]:
        """How each thing it holds is brought over, in order."""
        return tuple(kind for name in _PLACE.findall(self.english) if (kind := HELD[name][0]))

    @cached_property
    def source(self) -> str:
        """The whole text as a regular expression, read alike by Python and by a browser."""
        parts = _PLACE.split(self.english)
        return "".join(
            HELD[part][1] if place % 2 else re.sub(r"([.*+?^${}()|[\]\\/])", r"\\\1", part)
            for place, part in enumerate(parts)
        )


@dataclass(frozen=True)
class DeskWords:
    """The words of one version of Prefect's pages."""

    words: Mapping[str, str]
    patterns: tuple[Pattern, ...] = ()

    def looks_up(self, text: str) -> bool:
        """Whether a text of the page would be replaced."""
        key = _plain(text)
        return key in self.words or any(re.fullmatch(one.source, key) for one in self.patterns)


def _plain(text: str) -> str:
    """A text as it is looked up: broken lines joined, no spaces at its ends; a Chinese space stays."""
    return re.sub("[ \t\r\n]+", " ", text).strip(" ")


def load_desk_words(folder: Path) -> dict[str, DeskWords]:
    """The words of every version that has some, by version such as 3.8; ConfigFault names the file
    and the word.
    """
    found = {}
    for path in sorted(folder.glob("*.toml")):
        version = _FILE.fullmatch(path.name)
        if version is None:
            raise ConfigFault(path.name, "文件名", "应如 prefect_3.8.toml，数字为 Prefect 的版本")
        found[version[1]] = _of(path)
    return found


def _of(path: Path) -> DeskWords:
    content = read_toml(path)
    words, rows = content.pop("words", {}), content.pop("pattern", [])
    if content or not isinstance(words, dict) or not isinstance(rows, list):
        raise ConfigFault(path.name, "全文", "只应有 [words] 和若干个 [[pattern]]")
    for english, chinese in words.items():
        if not isinstance(chinese, str) or english != _plain(english) or not english:
            raise ConfigFault(path.name, f"[words] 的“{english}”", "应为一句话，两头没有空格")
    patterns = tuple(
        _whole(path, n, validate_row(path, f"第 {n} 个 [[pattern]]", Pattern, raw))
        for n, raw in enumerate(rows, 1)
    )
    made = DeskWords(words, patterns)
    for where, put in _put(made):
        if made.looks_up(put):
            expected = f"译文“{put}”又是要翻译的原文，页面会没完没了地翻译下去"
            raise ConfigFault(path.name, where, expected)
    return made


def _whole(path: Path, n: int, pattern: Pattern) -> Pattern:
    """The pattern, if what stands in it is known, and its Chinese names nothing that it does not hold."""
    where = f"第 {n} 个 [[pattern]]"
    if unknown := [name for name in _PLACE.findall(pattern.english) if name not in HELD]:
        known = "、".join(f"{{{name}}}" for name in HELD)
        raise ConfigFault(path.name, f"{where} 的 english", f"没有 {{{unknown[0]}}}，只有 {known}")
    places = {str(place) for place in range(1, len(pattern.held) + 1)}
    if not set(_PLACE.findall(pattern.chinese)) <= places:
        expected = f"只能用 {{1}} 至 {{{len(places)}}}" if places else "原文里没有可以代入的"
        raise ConfigFault(path.name, f"{where} 的 chinese", expected)
    worded = {"month", "clock"} & set(pattern.held)
    if not worded and not re.search("[A-Za-z]", _PLACE.sub("", pattern.english)):
        raise ConfigFault(path.name, f"{where} 的 english", "应有英文：只有数字的会误改登记的内容")
    return pattern


def _put(made: DeskWords) -> Iterator[tuple[str, str]]:
    """Everything that may be put in the page, and where it stands in the file."""
    for english, chinese in made.words.items():
        yield f"[words] 的“{english}”", chinese
    for n, pattern in enumerate(made.patterns, 1):
        sample = {"number": "8", "month": "8", "clock": "8:08", "word": "八", "text": "八"}
        held = [sample[kind] for kind in pattern.held]
        words = _PLACE.sub(lambda place, held=held: held[int(place[1]) - 1], pattern.chinese)  # type: ignore[misc]
        yield f"第 {n} 个 [[pattern]]", words
