"""Is the same asked as before? Shared pairs of characters, with years and numbers compared apart.

Two requests that differ in a year alone share nearly all their characters, and ask for different
things; “二〇二五年度” and “2025年度” share few, and ask for the same. So numbers are written in
digits, what every request says is left out, and numbers are compared as numbers. This proposes a
pair to an officer, who decides (条例第三十六条第六项); it decides nothing.
"""

from __future__ import annotations

import heapq
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise

NUMERALS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
IN_NUMERALS = re.compile("[〇○零一二三四五六七八九]{2,}")
OPENING = re.compile(
    "^(?:本人|我们?|现|依法|特|兹|(?:根据|依据|按照).{0,30}?条例[^申请公提]{0,10}?)*[,，、》 ]*"
    "(?:向?(?:贵|你)(?:局|机关|单位|委|厅|办))?(?:申请|请求|要求|希望|请)*"
    "(?:(?:贵|你)(?:局|机关|单位|委|厅|办))?(?:依法|予以)*(?:公开|提供|获取|查询)*"
)
FILLING = re.compile(
    "政府信息公开|(?:相关|有关|全部|所有|以下|如下|关于)|(?<=年)度|等材料|的?复印件|"
    "[(]?加盖公章[)]?|请?以?(?:纸质|书面|电子)形式(?:提供)?|谢谢|[的了]"
)
TOKEN = re.compile(r"[0-9]+|[^\W_]")
SHOWN = 20  # characters of a difference
COMPARED = 400  # tokens, from where two requests part: what it costs grows with their square
KEPT = 20_000  # requests and titles whose pairs are kept in memory: the same ones are asked again


@dataclass(frozen=True)
class Likeness:
    """How alike two requests are: percent of shared pairs, and the numbers that only one names."""

    percent: int
    only_here: tuple[str, ...]
    only_there: tuple[str, ...]

    @property
    def same_numbers(self) -> bool:
        """Whether both name the same years, document numbers, addresses."""
        return not self.only_here and not self.only_there


@lru_cache(maxsize=KEPT)
def tokens(request: str) -> tuple[str, ...]:
    """What a request asks for, without what every request says: characters, and whole numbers."""
    text = unicodedata.normalize("NFKC", request).lower()
    text = IN_NUMERALS.sub(lambda found: found[0].translate(NUMERALS), text)
    short = FILLING.sub("", OPENING.sub("", text.strip()))
    return tuple(TOKEN.findall(short) or TOKEN.findall(text))


def likeness(here: str, there: str) -> Likeness:
    """How alike two requests are."""
    mine, other = numbers(here), numbers(there)
    ours, theirs = _pairs(here), _pairs(there)
    shared = 200 * (ours & theirs).total() / (ours.total() + theirs.total())
    return Likeness(
        round(shared), tuple((mine - other).elements()), tuple((other - mine).elements())
    )


@lru_cache(maxsize=KEPT)
def numbers(request: str) -> Counter[str]:
    """The years, document numbers, addresses … that a request names."""
    return Counter(filter(str.isdecimal, tokens(request)))


@lru_cache(maxsize=KEPT)
def _pairs(request: str) -> Counter[tuple[str, str]]:
    """The pairs of neighbours, beginning and end included; any number is as good as another."""
    text = ["#" if token.isdecimal() else token for token in tokens(request)]
    return Counter(zip(["^", *text], [*text, "$"], strict=True))


def foremost(request: str, others: Mapping[str, str], most: int) -> list[str]:
    """The names of so many of the others that have most of a request's pairs and numbers, as they stand
    there: to compare each in full costs ten times as much.
    """
    if len(others) <= most:
        return list(others)
    said = tokens(request)
    sought = {f"{one}{other}" for one, other in pairwise(said)} | {*filter(str.isdecimal, said)}
    had = {
        name: sum(map(text.translate(NUMERALS).__contains__, sought))
        for name, text in others.items()
    }
    return heapq.nlargest(most, had, key=had.__getitem__)


def contained(title: str, request: str) -> int:
    """How much of a title a request names, in percent of the title's pairs; 0 for other numbers."""
    if numbers(title).keys() - numbers(request).keys():
        return 0
    named, asked = _inner_pairs(title), _inner_pairs(request)
    return round(100 * (named & asked).total() / named.total()) if named else 0


@lru_cache(maxsize=KEPT)
def _inner_pairs(request: str) -> Counter[tuple[str, str]]:
    return Counter({pair: n for pair, n in _pairs(request).items() if not {*pair} & {"^", "$"}})


def difference(here: str, there: str) -> tuple[str, str]:
    """What only the one says, and what only the other says, in a few words each; of long requests
    the first that differs, however alike the rest is.
    """
    ours, theirs = _parting(tokens(here), tokens(there))
    cut = max(len(ours), len(theirs)) > COMPARED
    ours, theirs = ours[:COMPARED], theirs[:COMPARED]
    found = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    if cut and len(found) > 1 and found[-1][0] != "equal":
        found.pop()  # where the looking ends, not where the requests do
    only_here, only_there = [], []
    for what, a, b, c, d in found:
        if what != "equal":
            only_here.append("".join(ours[a:b]))
            only_there.append("".join(theirs[c:d]))
    return _few(only_here, cut=cut), _few(only_there, cut=cut)


def _parting(
    ours: tuple[str, ...], theirs: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Both without what they begin with and end with alike."""
    shorter = min(len(ours), len(theirs))
    start = next((n for n in range(shorter) if ours[n] != theirs[n]), shorter)
    ours, theirs = ours[start:], theirs[start:]
    shorter = min(len(ours), len(theirs))
    end = next((n for n in range(shorter) if ours[-1 - n] != theirs[-1 - n]), shorter)
    return ours[: len(ours) - end], theirs[: len(theirs) - end]


def _few(pieces: list[str], *, cut: bool = False) -> str:
    said = "、".join(piece for piece in pieces if piece)
    return f"{said[:SHOWN]}……" if said and (cut or len(said) > SHOWN) else said
