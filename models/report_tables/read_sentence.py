"""A sentence of a report, as far as it is read: what a figure in it may be of, and of which year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.report_tables import sentence_rules as rules
from models.words.written_numbers import Plain

_WIDE = str.maketrans(",;:()", "，；：（）")
_ASIDE = re.compile(r"（[^（）\d]*）|《[^《》]*》|（\d{1,2}）")
_WITH_PARTLY = re.compile(
    r"（(?:其中)?(?:含|包括|包含)(?P<partly>(?:予以)?部分(?:予以)?公开)(?:的)?）"
)
"""“予以公开（含部分公开）25件”: the two are counted together."""
_YEAR = re.compile(r"(?<![比较与和\d])(20\d\d)年")
TOTAL = r"(?:总计|共计|合计|总数|总量|数量|件数|总|共|计|数|为|有|是|达|了|的|各|均|分别|：)*"
"""What may stand between the name of a figure that is a total, and the figure."""


class Share(NamedTuple):
    """Of what a percentage is a share, and how exactly it is said.

    counts = the figures that it may be (none: those of the tables); step = how far off it may be, in points;
    whole = "all", "came" (of those that came), "closed", "" where nothing is said, else in its own words;
    beside = the figures that the words stated before, which it may be of
    """

    counts: tuple[float, ...]
    step: float
    whole: str
    beside: tuple[float, ...]


class Stated(NamedTuple):
    """A figure that a sentence states; hedged = rounded, of a part, or its subject only likely.

    reach = of what came in: "new" = it must be 新收 alone, "unsaid" = nothing says whether 上年结转 is in it;
    "part" = it is some of what is named, and no more; "all" = it is all of them, that came or were closed;
    share = set where the figure is a percentage
    """

    name: str
    figure: float
    sentence: str
    hedged: bool
    reach: str = ""
    share: Share | None = None


class Subject(NamedTuple):
    """What a figure is of; sure = beyond doubt. Without a name it is of something else."""

    name: str = ""
    sure: bool = True
    reach: str = ""


ELSE = Subject()
JOINED = "＋"
"""Between the names of those that one figure counts together: “不予公开和无法提供19件”."""


@dataclass
class Context:
    """What the sentences before were about: "disclosure", "else" or ""; which document, which suits.

    sure = it was said in so many words; linked = reviews and suits are of disclosure;
    theirs = documents that were named before, and not since, may be of others, too;
    last = what the figure before was of;
    part = figures are of a part of the applications; counted = the figures that were stated so far
    """

    about: str = ""
    sure: bool = False
    linked: bool = False
    group: str = ""
    document: str = ""
    theirs: bool = False
    last: str = ""
    part: bool = False
    counted: tuple[float, ...] = ()

    @property
    def of_all(self) -> bool:
        """Whether what is said is beyond doubt of all the year's applications."""
        return self.about == "disclosure" and self.sure and not self.part


def _counted_with(aside: re.Match[str]) -> str:
    """What stands in brackets as if it stood in the sentence, and as long."""
    return f"和{aside['partly']}".ljust(len(aside.group()), "\0")


class Sentence:
    """One sentence, read from the left; the context is left as the next one finds it."""

    def __init__(
        self,
        read: Plain,
        context: Context,
        rows: Sequence[tuple[str, re.Pattern[str]]],
        year: int | None,
    ) -> None:
        self.read, self.context, self.rows, self.year, self.at = read, context, rows, year, 0
        wide = _WITH_PARTLY.sub(_counted_with, read.text.translate(_WIDE))
        wide = f"{wide[:-1]}。" if wide.endswith(".") else wide
        self.text = _ASIDE.sub(lambda aside: "\0" * len(aside.group()), wide)
        years = [int(found[1]) for found in _YEAR.finditer(self.text)]
        self.years = years if year is None else []
        self.end = self.told = 0  # of the figure that is read; of the words that told what it is
        self._others_from = self._some_until = -1

    def turn(self, about: str, *, sure: bool = True) -> None:
        """From here on the sentence is about this."""
        self.context.about, self.context.sure = about, sure

    def segment(self) -> str:
        """The sentence so far, from the last semicolon on: set by the figure that is read."""
        return self.text[self.text.rfind("；", 0, self.at) + 1 : self.at]

    def turn_to_others(self) -> None:
        """From here to the semicolon the figures are of another agency, or of some of those meant."""
        self._others_from = self.at - len(self.segment())

    def turn_to_some(self) -> None:
        """From here to the comma the figures are of some applications: “经补正后予以公开5件、无法提供3件”."""
        stop = re.search("[，。；]", self.text[self.end :])
        self._some_until = self.end + stop.start() if stop else len(self.text)

    @property
    def of_some(self) -> bool:
        """Whether a figure is counted with one that is of some applications."""
        return self.at < self._some_until

    @property
    def of_others(self) -> bool:
        """Whether the words before say that a figure is of other agencies, or of some of those meant."""
        segment = self.segment()
        head = re.split(r"\d+[件宗份起项]", segment)[0]
        some = bool(re.search(rules.OTHERS, head)) and not re.search(rules.WHOLE, head)
        return some or self._others_from == self.at - len(segment)

    def behind(self) -> str:
        """What stands behind the figure that is read, to the next stop, with figures."""
        return re.split("[，。；：（）、]", self.text[self.end :], maxsplit=1)[0]

    @staticmethod
    def _of_a_carry(year: re.Match[str]) -> bool:
        """Whether a year only says from when, or to when, applications were carried."""
        before, behind = year.string[: year.start()], year.string[year.start() :]
        return bool(
            re.match(rules.CARRIED_FROM, behind)
            or re.search(r"(?:结转|转结|转入)(?:至|到|入)?$", before)
        )

    def of_another_year(self, at: int, phrase: str) -> bool:
        """Whether the figure is of another year than the report's, by the words before it."""
        clause = self.text[:at][max(self.text.rfind("；", 0, at), 0) :]
        aside = re.search(r"(20\d\d)年度?（[^（）]*$", self.text[:at])
        if aside and self.year and int(aside[1]) != self.year:
            return True  # “与2021年（收到71件、办结67件）相比”
        if re.search(rules.OTHER_YEAR, phrase):
            return True
        if re.search(rules.OTHER_YEAR, re.split("，", clause)[0]) and not _YEAR.search(clause):
            return True
        said = [
            int(found[1])
            for found in _YEAR.finditer(self.text[:at])
            if found.end() > at - len(phrase) or not self._of_a_carry(found)
        ]
        if not said:
            return False
        this = self.year or max(self.years, default=said[-1])
        into = said[-1] == this + 1 and re.search(r"结转|转入|继续办理", phrase)
        out_of = said[-1] == this - 1 and re.search(rules.CARRIED_FROM, phrase)
        return said[-1] != this and not (into or out_of)
