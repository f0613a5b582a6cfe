"""What is left of what was written when nobody may be known by it: its length, kind, and the words that
rules look at.

The same text is always masked alike and another one otherwise, as far as its length allows: two
persons stay two.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from models.case.recorded import ACTED_FOR
from models.case.stage import ApplicantKind, Stage
from models.law.statute import Statute
from models.words.names import one_name

HAN, SMALL, FIGURES = "某甲乙丙丁戊己庚辛壬", "xabcdefghi", "0123456789"
KEPT = re.compile(  # words of rules: none of them names anybody
    "死亡|去世|病故|身故|亡故|注销|解散"
    "|身份证明|身份证|证件号|住址|家庭地址|联系电话|电话|手机|联系方式|通信地址|通讯地址"
    "|商业秘密|经营秘密|价款|报价|工艺|配方|技术|参数|客户"
    "|没有|缺少|欠缺|提供|提交|写明|填写|注明|载明|申请人|代理人|姓名|名称和|授权|委托"
)
DAY = re.compile(r"(?<![0-9-])\d{4}-[01]\d-[0-3]\d(?![0-9-])", re.ASCII)
STANDS = re.compile(f"{DAY.pattern}|{KEPT.pattern}")
KEY = re.compile(r"[a-z][a-z0-9_]*|\d+(-[a-z_]+)?|\d(\.\d)+", re.ASCII)
CODES = re.compile(r"(\d(\.\d)*)?", re.ASCII)


class Mask:
    """Replaces what was written, each time alike.

    numbers, officers  what stands in the place of a number of a case or letter, of an officer
    moved   the other days, by the day as it is written (2026-03-02)
    hidden             all that was replaced: none of it may be found afterwards
    """

    def __init__(
        self, numbers: Mapping[str, str], officers: Mapping[str, str], moved: Mapping[str, str]
    ) -> None:
        self._numbers, self._officers, self._moved = dict(numbers), dict(officers), moved
        self._known: dict[str, int] = {}
        self.hidden: set[str] = {*numbers, *officers}

    def text(self, words: str) -> str:
        """The words masked; a number or an officer as it was named anew."""
        bare = words.strip()
        if bare in self._numbers:
            return self._numbers[bare]
        if bare in self._officers:
            return self._officers[bare]
        several = bare.split("、")
        if len(several) > 1 and all(one in self._officers for one in several):
            return "、".join(self._officers[one] for one in several)
        made = self._filler(words)
        if made != words:
            self.hidden.add(bare)
        return made

    def officer(self, name: str) -> str:
        """An officer as he is named anew; nobody stays nobody."""
        return self._officers.get(name) or (self.text(name) if name else "")

    def _filler(self, words: str) -> str:
        nth = self._known.setdefault(one_name(words), len(self._known) + 1)
        figures = iter(str(nth)[::-1])
        made, place = list[str](), 0
        for kept in STANDS.finditer(words):
            made += _filled(words[place : kept.start()], figures)
            made.append(self._moved.get(kept.group(), kept.group()))
            place = kept.end()
        return "".join([*made, *_filled(words[place:], figures)])


def _filled(words: str, figures: Iterator[str]) -> Iterator[str]:
    for sign in words:
        if sign.isdigit():
            yield FIGURES[int(next(figures, "0"))]
        elif sign.isascii() and sign.isalpha():
            yield SMALL[int(next(figures, "0"))]
        elif sign.isalpha():
            yield HAN[int(next(figures, "0"))]
        else:
            yield sign


def keys_of(law: Statute) -> frozenset[str]:
    """The values that are keys of config/, not anybody's words."""
    listed = (law.channels, law.outcomes, law.letters)
    own = {str(key) for keys in listed for key in keys}
    return frozenset(own | {str(kind) for kind in (*ApplicantKind, *Stage)})


def facts(
    stated: Mapping[str, Any],
    options: Mapping[str, Collection[str]],
    keys: Collection[str],
    mask: Mask,
) -> dict[str, Any]:
    """The facts of an act, masked; options = the values that a field offers to choose from."""

    def one(name: str, value: Any) -> Any:
        match value:
            case dict():
                return {key: one(name, each) for key, each in value.items()}
            case list() | tuple():
                return [one(name, each) for each in value]
            case str() if value in keys or CODES.fullmatch(value):
                return value
            case str() if value in options.get(name, ()) and KEY.fullmatch(value):
                return value
            case str():
                return mask.text(value)
            case _:
                return value

    return {
        name: one(name, value) if name != ACTED_FOR else mask.text(value)
        for name, value in stated.items()
    }


def days_in(value: Any) -> Iterator[str]:
    """Every day that stands in some facts, as it is written."""
    for words in words_in(value):
        yield from DAY.findall(words)


def words_in(value: Any) -> Iterator[str]:
    """Every text that stands in something, keys apart."""
    match value:
        case dict():
            for each in value.values():
                yield from words_in(each)
        case list() | tuple():
            for each in value:
                yield from words_in(each)
        case str():
            yield value
