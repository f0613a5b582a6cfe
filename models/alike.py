"""Is the same asked as before? Shared pairs of characters, with years and numbers compared apart.

Two requests that differ in a year alone share nearly all their characters, and ask for different
things; “二〇二五年度” and “2025年度” share few, and ask for the same. So numbers are written in
digits, what every request says is left out, and numbers are compared as numbers. This proposes a
pair to an officer, who decides (条例第三十六条第六项); it decides nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

NUMERALS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
IN_NUMERALS = re.compile("[〇○零一二三四五六七八九]{2,}")
OPENING = re.compile(
    "^(?:本人|我们?|现|依法|特|兹|根据.{0,30}?条例.{0,10}?)*(?:向?(?:贵|你)(?:局|机关|单位|委|厅|办))?"
    "(?:申请|请求|要求|希望|请)*(?:依法|予以)*(?:公开|提供|获取|查询)*"
)
FILLING = re.compile("政府信息公开|(?:相关|有关|全部|所有|以下|如下)|[的了]")
TOKEN = re.compile(r"[0-9]+|[^\W_]")
ENOUGH = 60  # percent of shared pairs from which two requests are worth an officer's look
SHOWN = 20  # characters of a difference


@dataclass(frozen=True)
class Likeness:
    """How alike two requests are: percent of shared pairs, and the numbers that only one names."""

    percent: int
    only_here: tuple[str, ...]
    only_there: tuple[str, ...]

    @property
    def worth_a_look(self) -> bool:
        """Whether an officer should see the pair, if only to see that the years differ."""
        return self.percent >= ENOUGH

    @property
    def same_numbers(self) -> bool:
        """Whether both name the same years, document numbers, addresses."""
        return not self.only_here and not self.only_there


def tokens(request: str) -> list[str]:
    """What a request asks for, without what every request says: characters, and whole numbers."""
    text = unicodedata.normalize("NFKC", request).lower()
    text = IN_NUMERALS.sub(lambda found: found[0].translate(NUMERALS), text)
    short = FILLING.sub("", OPENING.sub("", text.strip()))
    return TOKEN.findall(short) or TOKEN.findall(text)


def likeness(here: str, there: str) -> Likeness:
    """How alike two requests are."""
    ours, theirs = tokens(here), tokens(there)
    mine, other = Counter(filter(str.isdecimal, ours)), Counter(filter(str.isdecimal, theirs))
    return Likeness(
        _shared(ours, theirs),
        tuple((mine - other).elements()),
        tuple((other - mine).elements()),
    )


def _shared(one: list[str], other: list[str]) -> int:
    """Shared pairs of neighbours, any number as good as another, in percent of all (Dice)."""
    texts = [["#" if token.isdecimal() else token for token in each] for each in (one, other)]
    pairs = [Counter(zip(["^", *text], [*text, "$"], strict=True)) for text in texts]
    total = sum(map(Counter.total, pairs))
    return round(200 * (pairs[0] & pairs[1]).total() / total)


def contained(title: str, request: str) -> int:
    """How much of a title a request names, in percent of the title's pairs; 0 for other numbers."""
    named, asked = tokens(title), tokens(request)
    if not {one for one in named if one.isdecimal()} <= set(asked):
        return 0
    pairs = [Counter(pairwise(each)) for each in (named, asked)]
    total = pairs[0].total()
    return round(100 * (pairs[0] & pairs[1]).total() / total) if total else 0


def difference(here: str, there: str) -> tuple[str, str]:
    """What only the one says, and what only the other says, in a few words each."""
    ours, theirs = tokens(here), tokens(there)
    only_here, only_there = [], []
    for what, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if what != "equal":
            only_here.append("".join(ours[a:b]))
            only_there.append("".join(theirs[c:d]))
    return _few(only_here), _few(only_there)


def _few(pieces: list[str]) -> str:
    said = "、".join(piece for piece in pieces if piece)
    return said if len(said) <= SHOWN else f"{said[:SHOWN]}……"
