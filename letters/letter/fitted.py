"""How a letter falls on its pages, and how its lines are set so that the signature has text beside it.

GB/T 9704-2012, 7.3.5.5: where what is left of a page cannot hold the seal and the date, the spacing of
lines is adjusted. Counted from the words: 28 characters a line, 22 lines a page as long as nothing is
adjusted; a program that lays the text out a little otherwise finds the same pages, or one line less.
Lengths are twips (1/20 point).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Final

from letters.letter.stationery import LINE, LINE_LENGTH, width
from letters.letter.words import Letter

PAGE: Final = 12_755  # of 225 mm
EMPTY: Final = 4_200  # a third of it, less what programs differ by
DIGIT: Final = (0.5, 0.56)
"""How wide a digit is in characters: in the fonts of the standard, and in what stands in for them."""
TITLE: Final = (660, 637)
"""How high a line of the title is: as it is set, and in a program that gives it whole lines of the text
by the font's own height."""
_USUAL, _CLOSE = (2.0, 1.0, 2.0), (1.0, 0.5, 1.0)
_LINES: Final = (22, 23, 21, 24, 20, 25, 26, 19, 27)  # of a page, the least adjusted first
_INDENT: Final = 2.0
_TITLE_LENGTH: Final = 20  # characters of 22 points
_WORDS: Final = re.compile("[!-~]+|.")
_HANGING: Final = "，。、；："  # may stand beyond the end of a line


@dataclass(frozen=True, slots=True)
class Setting:
    """How the lines of a letter are set.

    line = from one to the next; above, below the title, over the signature, gap over the enclosures =
    in lines
    """

    line: int = LINE
    above: float = _USUAL[0]
    below: float = _USUAL[1]
    over: float = _USUAL[2]
    gap: int = 1


STANDARD: Final = Setting()
_CLOSEST: Final = (1.0, 0.0, 1.0, 0)
_MOST: Final = 25  # lines of the first page: with more they are lower than what stands in is high


@lru_cache(maxsize=64)
def _settings(first_page: float) -> tuple[Setting, ...]:
    """The settings that may be chosen, the least adjusted first."""
    return (
        STANDARD,
        Setting(LINE, *_CLOSE),
        *(
            Setting(PAGE // lines, *spaces)
            for lines in _LINES[1:]
            for spaces in (_USUAL, _CLOSE)
            if spaces == _USUAL or lines > _LINES[0]
        ),
        Setting(int(first_page // _MOST), *_CLOSEST),
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """The lines of a letter's parts as a program lays them out: number and addressee, title, each
    paragraph, what follows.

    whole = whether a line of the title takes whole lines of the text
    """

    head: int
    titles: int
    whole: bool
    texts: tuple[int, ...]
    attached: bool
    after: int

    def title(self, line: int) -> float:
        """The height of the title, in lines of the text."""
        one = ceil(TITLE[1] / line) if self.whole else TITLE[0] / line
        return self.titles * one


def setting_of(letter: Letter, first_page: float) -> Setting:
    """The setting of a letter: the standard's own, or the nearest to it in which the letter ends well,
    whichever fonts it is laid out with; with a form behind it, on the front of one sheet if it can be.

    first_page = height of the text on the first page, under the letterhead
    """
    if not letter.addressee:
        return STANDARD
    counted = [_counted(letter, digit, whole=digit != DIGIT[0]) for digit in DIGIT]
    found = (
        how
        for how in _settings(first_page)
        if all(_ends_well(_pages(one, how, first_page)) for one in counted)
    )
    on_one = (
        how
        for how in _settings(first_page)
        if letter.form and all(len(_pages(one, how, first_page)) == 1 for one in counted)
    )
    return next(on_one, None) or next(found, STANDARD)


def _ends_well(pages: Sequence[tuple[float, int]]) -> bool:
    """Whether no page before the last is left a third empty, and two lines of text stand on the page of
    the signature.
    """
    return all(left <= EMPTY for left, _ in pages[:-1]) and pages[-1][1] >= 2


def _pages(counted: _Counted, how: Setting, first_page: float) -> list[tuple[float, int]]:
    """Each page: what is left empty of it, and how many lines of the text stand on it.

    A page takes whole lines alone, and the last paragraph stays with what follows it.
    """
    full = PAGE // how.line * how.line
    over = counted.head + how.above + counted.title(how.line) + how.below
    left = first_page // how.line * how.line - how.line * over
    pages, on_page = list[tuple[float, int]](), 0
    for _ in range(sum(counted.texts[:-1])):
        if left < how.line:
            pages.append((left, on_page))
            left, on_page = full, 0
        left, on_page = left - how.line, on_page + 1
    kept = counted.texts[-1]
    block = how.line * (kept + how.over + how.gap * counted.attached + counted.after)
    if left < block:
        pages.append((left, on_page))
        left, on_page = full, 0
    return [*pages, (left - block, on_page + kept)]


def _counted(letter: Letter, digit: float, *, whole: bool) -> _Counted:
    titles = ceil(width(letter.title) / _TITLE_LENGTH)
    number, addressed = 1, _lines(letter.addressee, digit, indent=0)
    texts = tuple(_lines(each.text, digit) for each in letter.paragraphs)
    after = sum(_after(letter, digit))
    attached = bool(letter.attachments)
    return _Counted(number + addressed, titles, whole, texts, attached, after)


def _after(letter: Letter, digit: float) -> Iterator[int]:
    """The lines of what follows the text: enclosures, signature, notes."""
    for label, name in letter.attachment_lines:
        before = 2 + width("附件：") + width(label.removeprefix("附件："))
        yield _lines(name, digit, indent=0, length=LINE_LENGTH - before)
    yield from (ceil(width(letter.signed_by) / LINE_LENGTH), 1)
    yield from (_lines(each, digit) for each in (*letter.contact, *letter.remarks))


def _lines(text: str, digit: float, *, indent: float = _INDENT, length: float = LINE_LENGTH) -> int:
    """How many lines a paragraph takes; a word of Latin letters or digits is not parted."""
    lines, place = 1, indent
    for word in _WORDS.findall(text):
        wide = digit * len(word) if word.isascii() else 1.0
        if place + wide > length and word not in _HANGING:
            further = max(0, ceil(wide / length) - 1)
            lines, place = lines + 1 + further, wide - further * length
        else:
            place += wide
    return lines
