"""A form's words with boxes in one cell, of which one is ticked: □予以公开 ☑部分公开 □不予公开."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from flows.commands.ledger_cells import Doubtful

_EMPTY: Final = "□☐○◯"
_FULL: Final = "☑☒✓✔√■▣"
_MARK: Final = re.compile(f"([{_EMPTY}{_FULL}])")
_IN_BRACKETS: Final = (
    (re.compile(rf"[(（\[]\s*[{_FULL}]\s*[)）\]]"), "☑"),
    (re.compile(r"[(（\[]\s*[)）\]]"), "□"),
)
_AROUND: Final = " \t\n　,，、;；/|。"


def chosen(name: str, words: str) -> str:
    """The one that is ticked; the words as they are where they have no boxes. Doubtful where none is
    ticked, or several.
    """
    for pattern, mark in _IN_BRACKETS if any(one in words for one in "(（[") else ():
        words = pattern.sub(mark, words)
    pieces = [one.strip(_AROUND) for one in _MARK.split(words)]
    if len(pieces) < 2 or not any(one and not _MARK.fullmatch(one) for one in pieces):
        return words
    pieces = [one for one in pieces if one]
    behind = not _MARK.fullmatch(pieces[0])
    if behind:
        pieces.reverse()
    ticked = [
        word for mark, word in pairwise(pieces) if mark in _FULL and not _MARK.fullmatch(word)
    ]
    marks = [one for one in pieces if _MARK.fullmatch(one)]
    if len(marks) * 2 != len(pieces):  # a mark for each, or it is not certain whose it is
        return words
    if len(ticked) == 1:
        return ticked[0]
    if not ticked:
        raise Doubtful(f"“{name}”（{words}）一项也没有勾选", "；请写明是哪一种")
    several = "、".join(reversed(ticked) if behind else ticked)
    raise Doubtful(f"“{name}”勾选了几项（{several}）", "；请只留一项")
