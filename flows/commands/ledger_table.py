"""Which rows of a sheet are applications, and what does each say in its columns? The others (titles, 合计,
填表人, hidden ones) are told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, takewhile
from operator import itemgetter
from typing import Final, NamedTuple

from flows.commands.ledger_beside import ENOUGH, YEAR, Beside, heading_of, sums_up
from flows.commands.ledger_heads import HEAD_WITHIN, folded_head
from flows.commands.ledger_split_days import SplitDays
from flows.commands.ledger_split_names import SplitNames
from flows.commands.ledger_sums import DIFFERS, Sums
from flows.commands.ledger_ticks import Ticked
from flows.commands.ledger_told import Told
from flows.commands.ledger_values import Number, RawRow, Sheet, Value, place
from models.agency.ledger_words import LedgerWords
from models.words.written_days import years_named

PLAINLY: Final = ("收到日期", "登记号", "申请人", "申请人类别", "申请内容")
AS_ABOVE: Final = frozenset(
    {"同上", "〃", "″", "同前", '"', "＂", "”", "“", "''", "同上行", "同上一行", "同上件"}
)
STRUCK: Final = "有删除线：这一件作废的，删去这一行；仍然算数的，去掉删除线"
OTHER_HEAD: Final = (
    "又是一行表头，各列的次序与第{}行不同；请把以下各行移到另一张工作表，或者调成一样的次序"
)
OTHER_LIST: Final = (
    "又是一行表头，“{}”不是“{}”；以下各行是别的登记（咨询、信访）的，移到另一张工作表，"
    "是申请的，把表头改成一样"
)
SHORTEST_DAY: Final = 3  # 3.4; a number alone may be that of the column
OF_SEVERAL: Final = (
    "“{}”写有{}：一行只能是一件；是几件的，请一件一行，各写一个编号，是一件的，改为1"
)
ACROSS: Final = "“{}”至“{}”合并成了一格，看不出写的是哪一栏；请取消合并，分别填写"
_HOW_MANY: Final = re.compile("(?:申请)?(?:件数|数量)|申请数")
OTHER_PART: Final = "像是别的事项的各行，照申请导入了，请核对（不是的，移到另一张工作表）"
_OTHER_MATTER: Final = re.compile(
    "信访|12345|热线|工单|咨询|投诉|举报|提案|议案|复议|诉讼|应诉|主动公开|依职权|留言"
)
_OF_APPLICATIONS: Final = re.compile("依申请|信息公开申请|申请公开|公开申请")
_CARRIED_IN: Final = re.compile("(?:上一?年度?|去年)(?:末|底)?结转(?!下)|结转自(?:上年|去年)")
_FILLED_IN: Final = re.compile("填表|填报|制表|打印|导出|报送")
"""Such a title says when the ledger was made, not of which year it is."""


class Listed(NamedTuple):
    """A row of a ledger that lists an application: where it stands, and what each column says.

    fault = why it cannot be loaded as it stands; displaced = nor read by its columns
    year = the one that its sheet says it is of
    """

    sheet: str
    line: int
    values: Mapping[str, Value]
    fault: str = ""
    year: int | None = None
    displaced: bool = False

    @property
    def place(self) -> str:
        return place(self.sheet, self.line)


@dataclass(frozen=True)
class Table:
    """A sheet that lists applications.

    places = the columns that are known → where they stand; heads = what the head says
    doubts_at = the column of doubts of an earlier copy, counted from 1; 0 = it has none
    ticked = the columns of which one is ticked; split = the days that stand in three columns;
    names = the applicants that stand in a column for each kind
    """

    sheet: Sheet
    head_line: int
    places: Mapping[str, int]
    heads: tuple[Value, ...]
    doubts_at: int
    words: LedgerWords
    ticked: Ticked | None = None
    split: SplitDays | None = None
    names: SplitNames | None = None

    @cached_property
    def width(self) -> int:
        """How many columns its head has, with those that only its last line names."""
        of_days = self.split.under.values() if self.split else ()
        of_names = self.names.taken if self.names else ()
        of_ticks = self.ticked.taken if self.ticked else ()
        parted = (*(at + 2 for at in of_days), *of_names, *of_ticks)
        last: int = max(parted, default=-1)
        return max(len(self.heads), last + 1)

    def rows(self, told: Told, *, hidden: bool) -> Iterator[Listed]:
        """Its applications; whatever else stands below its head is told."""
        year, before = (of_sheet := self._year()), dict[str, Value]()
        sums = Sums(self.places, self.ticked, self.names)
        parted = self.ticked, self.split, self.names
        below = max(self.head_line, *(one.line for one in parted if one), 0)
        for row in self.sheet.rows():
            if row.line <= below or not row.own:
                continue
            plainly = self._plainly_one(row.cells)
            if row.hidden and not hidden:
                where = place(self.sheet.name, row.line)
                told.tell("隐藏的行，未导入（一并导入的，加 --hidden）", where)
                sums.hidden += 1
            elif not plainly and (other := self._other_head(row)):
                yield Listed(self.sheet.name, row.line, {}, other, displaced=True)
                return  # what stands below is read by it, not by this one
            elif not plainly and (other := self._head_of_others(row)):
                yield Listed(self.sheet.name, row.line, {}, other, displaced=True)
                return
            elif not plainly and (said := self._beside.why_none(row)):
                where = place(self.sheet.name, row.line)
                told.tell(said, where)
                for one in sums.stated(row):
                    told.tell(DIFFERS, f"{where}{one}")
                if heading := heading_of(row):
                    sums.heading()
                    if of_other_matter(heading):
                        told.tell(OTHER_PART, f"{where}“{heading}”")
                    year = _only_year([heading]) or _before_where_carried(heading, of_sheet)
            elif not plainly and (fault := self._beside.why_doubtful(row)):
                yield Listed(self.sheet.name, row.line, {}, fault, displaced=True)
            else:
                sums.listed(row.cells)
                values = before = self._values(row, before, told)
                wide = self._too_wide(row)
                fault = wide or (STRUCK if row.struck else self._of_several(row.cells))
                fault = fault or self._across(row)
                said_year = _only_year([_shown(values[YEAR])]) if YEAR in values else None
                remark = _shown(values.get("备注", ""))
                of = said_year or (
                    _before_where_carried(remark, year) if year == of_sheet else year
                )
                yield Listed(self.sheet.name, row.line, values, fault, of, bool(wide))

    def _values(self, row: RawRow, before: Mapping[str, Value], told: Told) -> dict[str, Value]:
        """What each column says: as ticked, or as the row above where it says 同上."""
        cells = row.cells
        values = {n: cells[at] if at < len(cells) else "" for n, at in self.places.items()}
        if self.ticked:
            values |= {name: self.ticked.value(name, cells) for name in self.ticked.under}
        if self.split:
            values |= {name: self.split.value(name, cells) for name in self.split.under}
        if self.names:
            values |= self.names.values(cells)
        for name, value in values.items():
            if isinstance(value, str) and value in AS_ABOVE and before.get(name, "") != "":
                values[name] = before[name]
                told.tell("“同上”按上一行", f"{place(self.sheet.name, row.line)}{name}")
        return values

    def title(self) -> list[str]:
        """What stands above its head, but for when it was filled in."""
        above = islice(self.sheet.rows(), HEAD_WITHIN)
        return [
            cell
            for row in takewhile(lambda one: one.line < self.head_line, above)
            for cell in row.cells
            if isinstance(cell, str) and not _FILLED_IN.search(cell)
        ]

    def _year(self) -> int | None:
        """The one year that the name of the sheet, or the title above its head, says; None if there is
        none, or several.
        """
        title = self.title()
        of_name = [self.sheet.title] if any(years_named(self.sheet.title)) else []
        return _only_year(of_name or title)

    def _other_head(self, row: RawRow) -> str:
        """What is wrong with a row that is a head, too, but has its columns otherwise; "" of all else:
        read by the first one, a telephone would be loaded as a name, and nobody told.
        """
        day = row.cells[at] if 0 <= (at := self.places.get("收到日期", -1)) < len(row.cells) else ""
        if not isinstance(day, str) or day[:1].isdigit() or row.own < ENOUGH:
            return ""  # no head: as nearly every row
        known = self.words.column_of
        named = [known.get(folded_head(one)) for one in row.cells]  # "" of what is no text
        if len({one for one in named if one}) < ENOUGH:
            return ""
        said = {name: named[at] if at < len(named) else None for name, at in self.places.items()}
        other = any(one not in (None, name) for name, one in said.items())
        return OTHER_HEAD.format(self.head_line) if other else ""

    def _head_of_others(self, row: RawRow) -> str:
        """What is wrong with a head that is repeated but for who applied, or for what: 咨询人, 信访事项.
        Below it stand no applications.
        """
        if not self._beside.is_head(row.cells):
            return ""
        for name in ("申请人", "申请内容"):
            at = self.places.get(name, -1)
            stated = folded_head(row.cells[at]) if 0 <= at < len(row.cells) else ""
            known = self.words.column_of.get(stated) or self.words.column_like(stated)
            if stated and known != name and stated != folded_head(self.heads[at]):
                return OTHER_LIST.format(stated[:10], name)
        return ""

    @cached_property
    def _beside(self) -> Beside:
        return Beside(self.places, self.words.column_of)

    @cached_property
    def _telling(self) -> tuple[int, Callable[[Sequence[Value]], tuple[Value, ...]]] | None:
        """How far right the columns stand that a row which is plainly an application has filled in, and
        what they say; None where the head lacks one.
        """
        there = [self.places.get(name, -1) for name in PLAINLY]
        return None if min(there) < 0 else (max(there), itemgetter(*there))

    def _plainly_one(self, cells: Sequence[Value]) -> bool:
        """Whether a row is so plainly an application that nothing more need be looked at."""
        if self._telling is None:
            return False
        last, said = self._telling
        if last >= len(cells) or not all(told := said(cells)):
            return False
        day, number, *_ = told
        short = isinstance(day, str | Number) and len(_shown(day)) < SHORTEST_DAY
        dated = not short and (not isinstance(day, str) or day[:1].isdigit())
        return dated and not sums_up(number)

    def _of_several(self, cells: Sequence[Value]) -> str:
        """What is wrong with a row that says it stands for several applications; "" of one."""
        if self._counted_at is None or self._counted_at >= len(cells):
            return ""
        count = _shown(cells[self._counted_at]).removesuffix("件").strip()
        several = count.isdecimal() and int(count) > 1
        return OF_SEVERAL.format(self.heads[self._counted_at], count) if several else ""

    def _across(self, row: RawRow) -> str:
        """What is wrong with a row of which a cell is merged over several known columns; "" of all else:
        what is said in the first of them would be taken as its alone.
        """
        for first, last in row.across:
            named = sorted((at, name) for name, at in self.places.items() if first <= at <= last)
            if len(named) > 1 and first < len(row.cells) and row.cells[first] != "":
                return ACROSS.format(named[0][1], named[-1][1])
        return ""

    @cached_property
    def _counted_at(self) -> int | None:
        """Where the column stands that says of how many applications a row is."""
        heads = (folded_head(one) for one in self.heads)
        return next((at for at, one in enumerate(heads) if _HOW_MANY.fullmatch(one)), None)

    def _too_wide(self, row: RawRow) -> str:
        cells = row.cells
        if len(cells) != self.width if self.sheet.exact else any(map(bool, cells[self.width :])):
            return f"这一行有{len(cells)}格，表头有{self.width}格"
        return ""


def of_other_matter(words: str) -> bool:
    """Whether a title names another matter than applications: 信访登记, 咨询台账."""
    return bool(_OTHER_MATTER.search(words)) and not _OF_APPLICATIONS.search(words)


def _before_where_carried(words: str, year: int | None) -> int | None:
    """The year of which the days are that bear none: of what was carried in, the one before."""
    return year - 1 if year is not None and _CARRIED_IN.search(words) else year


def _only_year(texts: Iterable[str]) -> int | None:
    """The one year that these texts name; None if none, or several."""
    years = {year for text in texts for year in years_named(text)}
    return years.pop() if len(years) == 1 else None


def _shown(value: Value) -> str:
    return value.digits if isinstance(value, Number) else value if isinstance(value, str) else ""
