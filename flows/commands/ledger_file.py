"""A ledger (台账) as a file: the applications that its sheets list, each with its place.

Which sheets, and which rows of them, are no applications (titles, 合计, 填表人, hidden ones) is
found out here, and told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice, takewhile
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple

from flows.commands.ledger_beside import ENOUGH, YEAR, Beside, heading_of, sums_up
from flows.commands.ledger_sheets import sheets
from flows.commands.ledger_split_days import PARTS, SplitDays, split_days
from flows.commands.ledger_split_names import SplitNames, split_names
from flows.commands.ledger_sums import DIFFERS, Sums
from flows.commands.ledger_ticks import Ticked, headed_ticks, ticked
from flows.commands.ledger_unsaid_kinds import UNDECIDED
from flows.commands.ledger_values import BadLedger, Number, RawRow, Sheet, Value, place
from models.agency.ledger_words import LedgerWords, head
from models.case.act import UNPRINTABLE
from models.words.written_days import written_day

DOUBTS = "存疑"
"""The column into which a copy of a ledger takes its doubts; of no meaning when it is read again."""
HEAD_WITHIN: Final = 40
"""Filled rows among which the head is the one that knows the most columns."""
HEAD_SOUGHT: Final = 1000
"""Filled rows within which a head is looked for, where none was found before."""
PLAINLY: Final = ("收到日期", "登记号", "申请人", "申请人类别", "申请内容")
FEWEST_NAMED: Final = 2  # of them are named as they are: then others may be told by their parts
SHOWN: Final = 12
OF_ONE: Final = frozenset({"登记号", "收到日期", "申请人", "申请内容"})
"""A sheet that has none of these lists no applications: it counts them, or lists the words to choose from."""
NOT_A_LEDGER: Final = "；这张工作表不是台账的，隐藏它再导入（隐藏的不导入，会说明）"
LONGEST_GROUP: Final = 8
_OF_GROUP: Final = re.compile("(?:基本)?(?:情况|信息|环节)$")
AS_ABOVE: Final = frozenset({"同上", "〃", "″", "同前"})
STRUCK: Final = "有删除线：这一件作废的，删去这一行；仍然算数的，去掉删除线"
OTHER_HEAD: Final = (
    "又是一行表头，各列的次序与第{}行不同；请把以下各行移到另一张工作表，或者调成一样的次序"
)
ON_ITS_SIDE: Final = (
    "表头竖着写在第一列，一件占一列；请在 Excel、WPS 中复制，用“选择性粘贴”的“转置”改成一件一行"
)
GARBLED: Final = "文字是乱码的，是另一种编码：用 Excel 打开原来的文件，另存为 XLSX 再导入"
"""What is said of a text of whose head nothing is known."""
_YEAR: Final = re.compile(r"(?<!\d)(20[0-4]\d)(?!\d)")
_CARRIED_IN: Final = re.compile("(?:上一?年度?|去年)(?:末|底)?结转(?!下)|结转自(?:上年|去年)")
_FILLED_IN: Final = re.compile("填表|填报|制表|打印|导出|报送")
"""Such a title says when the ledger was made, not of which year it is."""


@dataclass
class Told:
    """What was left out, changed or taken otherwise than written: what → where, as far as shown."""

    found: dict[str, list[str]] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)

    def tell(self, what: str, where: str = "", most: int = SHOWN) -> None:
        self.count[what] = self.count.get(what, 0) + 1
        places = self.found.setdefault(what, [])
        if where and len(places) < most:
            places.append(where)

    def lines(self) -> Iterator[str]:
        """One sentence for each kind of thing, with its places."""
        for what, places in self.found.items():
            more = f"等{self.count[what]}处" if self.count[what] > len(places) else ""
            yield f"{what}：{'、'.join(places)}{more}" if places else what


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
            elif not plainly and (said := self._beside.why_none(row)):
                where = place(self.sheet.name, row.line)
                told.tell(said, where)
                for one in sums.stated(row):
                    told.tell(DIFFERS, f"{where}{one}")
                if heading := heading_of(row):
                    sums.heading()
                    year = _only_year([heading]) or _before_where_carried(heading, of_sheet)
            elif not plainly and (fault := self._beside.why_doubtful(row)):
                yield Listed(self.sheet.name, row.line, {}, fault, displaced=True)
            else:
                sums.listed(row.cells)
                values = before = self._values(row, before, told)
                wide = self._too_wide(row)
                fault = wide or (STRUCK if row.struck else "")
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

    def _year(self) -> int | None:
        """The one year that the name of the sheet, or the title above its head, says; None if there is
        none, or several.
        """
        above = islice(self.sheet.rows(), HEAD_WITHIN)
        title = [
            cell
            for row in takewhile(lambda one: one.line < self.head_line, above)
            for cell in row.cells
            if isinstance(cell, str) and not _FILLED_IN.search(cell)
        ]
        of_name = [self.sheet.title] if _YEAR.search(self.sheet.title) else []
        return _only_year(of_name or title)

    def _other_head(self, row: RawRow) -> str:
        """What is wrong with a row that is a head, too, but has its columns otherwise; "" of all else:
        read by the first one, a telephone would be loaded as a name, and nobody told.
        """
        day = row.cells[at] if 0 <= (at := self.places.get("收到日期", -1)) < len(row.cells) else ""
        if not isinstance(day, str) or day[:1].isdigit() or row.own < ENOUGH:
            return ""  # no head: as nearly every row
        known = self.words.column_of
        named = [known.get(_folded_head(one)) for one in row.cells]  # "" of what is no text
        if len({one for one in named if one}) < ENOUGH:
            return ""
        said = {name: named[at] if at < len(named) else None for name, at in self.places.items()}
        other = any(one not in (None, name) for name, one in said.items())
        return OTHER_HEAD.format(self.head_line) if other else ""

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
        dated = not isinstance(day, str) or day[:1].isdigit()
        return dated and not sums_up(number)

    def _too_wide(self, row: RawRow) -> str:
        cells = row.cells
        if len(cells) != self.width if self.sheet.exact else any(map(bool, cells[self.width :])):
            return f"这一行有{len(cells)}格，表头有{self.width}格"
        return ""


def _before_where_carried(words: str, year: int | None) -> int | None:
    """The year of which the days are that bear none: of what was carried in, the one before."""
    return year - 1 if year is not None and _CARRIED_IN.search(words) else year


def _only_year(texts: Iterable[str]) -> int | None:
    """The one year that these texts name; None if none, or several."""
    years = {int(one) for text in texts for one in _YEAR.findall(text)}
    return years.pop() if len(years) == 1 else None


def _shown(value: Value) -> str:
    return value.digits if isinstance(value, Number) else value if isinstance(value, str) else ""


def _folded_head(value: Value) -> str:
    return head(value) if isinstance(value, str) else ""


def tables(
    path: Path, needed: Iterable[str], words: LedgerWords, told: Told, *, hidden: bool
) -> list[Table]:
    """The sheets of a ledger that list applications; those left out are told by name.

    BadLedger where there is none, or one that has most of the head, not all.
    """
    found, none, wanted = list[Table](), list[tuple[Sheet, int, list[str]]](), tuple(needed)
    half = list[tuple[Sheet, int, list[str]]]()
    for sheet in sheets(path):
        line, places, heads = _head(path, sheet, words)
        if names := split_names(sheet, line, heads, places, words):
            places |= names.places
        by_heads = headed_ticks(sheet, line, heads, places, words) if len(places) >= ENOUGH else {}
        places |= {name: parts[0][0] for name, parts in by_heads.items()}
        missing = [name for name in wanted if name not in places]
        if sheet.hidden and not hidden:
            told.tell("隐藏的工作表，未导入（一并导入的，加 --hidden）", f"“{sheet.name}”")
        elif missing and (len(places) < ENOUGH or OF_ONE.isdisjoint(places)):
            none.append((sheet, line, missing))
        elif missing:
            half.append((sheet, line, missing))
        else:
            at = _doubts_at(sheet, line)
            parts = ticked(sheet, line, heads, places)
            if by_heads:
                parts = Ticked(
                    parts.line if parts else line, {**(parts.under if parts else {}), **by_heads}
                )
            days = split_days(sheet, line, places)
            named = names.heads if names else tuple(heads)
            found.append(Table(sheet, line, places, named, at, words, parts, days, names))
    if half or not found:
        if not half and not none:
            raise BadLedger(path.name, None, "只有隐藏的工作表；要导入的，加 --hidden")
        hide = NOT_A_LEDGER if found else ""
        said = [
            (one, line, _lacking(one, line, lacks, words) + hide)
            for one, line, lacks in half or none[:1]
        ]
        sheet, line, first = said[0]
        more = (f"{place(other.name, at)}：{problem}" for other, at, problem in said[1:])
        raise BadLedger(path.name, line, "\n".join([first, *more]), sheet.name)
    for sheet, _, _ in none:
        told.tell(_why_left_out(sheet), f"“{sheet.name}”")
    _tell_left_out(found, told)
    for one in found:
        _tell_heads(one, told)
        _tell_hidden_columns(one, told)
        if one.sheet.remarks:
            told.tell("单元格的批注，未导入", f"“{one.sheet.name}”" if one.sheet.name else "")
    return found


def _filled(sheet: Sheet) -> Iterator[RawRow]:
    return (row for row in sheet.rows() if row.own)


def _why_left_out(sheet: Sheet) -> str:
    """What is said of a sheet in which no head was found: how far it was looked for, if not to its end."""
    if next(islice(_filled(sheet), HEAD_SOUGHT, None), None) is None:
        return "没有台账表头的工作表，未导入"
    return f"前{HEAD_SOUGHT}行没有台账表头的工作表，未导入（表头在更下面的，请删去它上面的行）"


def _lacking(sheet: Sheet, line: int, missing: Sequence[str], words: LedgerWords) -> str:
    """Which columns a head lacks, and what it has that is not known: one may be the other."""
    row = next((row for row in sheet.rows() if row.line == line), None)
    heads = [head(one) for one in (row.cells if row else []) if isinstance(one, str)]
    known = [one for one in heads if words.column_like(one) not in (None, *missing)]
    unknown = [one for one in heads if one and one not in words.column_of and one not in known]
    if _on_its_side(sheet, words):
        return ON_ITS_SIDE
    if row is None or not row.own:
        return "是空的"
    if len(missing) > ENOUGH and any(map(written_day, heads)):
        return f"没有表头；请在第一行写上各列的名称（{'、'.join(missing)}）"
    said = f"表头缺少：{'、'.join(missing)}"
    decide = f"；没有申请人类别一列的，{UNDECIDED}" if "申请人类别" in missing else ""
    if not unknown:
        open_ones = "，尚未办结的各行空着" if {*missing} <= {"办理结果", "办结日期"} else ""
        return said + (decide or f"；请在台账里加上这一列{open_ones}")
    if sheet.exact and len(unknown) == len([one for one in heads if one]):
        decide = f"；{GARBLED}{decide}"
    legible = (UNPRINTABLE.sub("\ufffd", one[:10]) for one in unknown[:SHOWN])
    shown = "、".join(f"“{one}”" for one in legible)
    return (
        f"{said}；没有认出的列：{shown}。就是所缺的列、只是叫法不同的，加 --column"
        f" {missing[0]}=表头 写明（每次都这样叫的，在 config/office/ledger.toml 的 [columns]"
        f" 补上）{'' if missing == ['申请人类别'] else '；台账里没有这一列的，请加上'}{decide}"
    )


def _on_its_side(sheet: Sheet, words: LedgerWords) -> bool:
    """Whether the head stands in the first column that says anything, one application in each further."""
    rows = [row.cells for row in islice(_filled(sheet), HEAD_WITHIN)]
    first = [next((one for one in cells if one != ""), "") for cells in rows]
    known = {words.column_of.get(_folded_head(one)) for one in first} - {None}
    return len(known) > ENOUGH


def _doubts_at(sheet: Sheet, head_line: int) -> int:
    head_row = next(row for row in sheet.rows() if row.line == head_line)
    return head_row.cells.index(DOUBTS) + 1 if DOUBTS in head_row.cells else 0


def _tell_left_out(found: Iterable[Table], told: Told) -> None:
    """Which columns nothing is taken of: one of them may be known by another name."""
    left = dict[str, None]()
    for table in found:
        taken = {*table.places.values(), *(table.names.taken if table.names else ())}
        taken |= table.ticked.taken if table.ticked else set()
        for at, stated in enumerate(table.heads):
            name = _folded_head(stated)
            if not name or name == DOUBTS or at in taken:
                continue
            column = table.words.column_of.get(name, "")
            if name != head(column) and (there := table.places.get(column, -1)) >= 0:
                of = _folded_head(table.heads[there])
                told.tell(f"又一列像“{column}”的，只取“{of}”一列，未导入", f"“{name[:20]}”")
            else:
                left[name] = None
    for name in left:
        told.tell(
            "没有导入的列（是登记簿的某一列、只是叫法不同的，加 --column 列=表头）",
            f"“{name[:20]}”",
            most=len(left),  # each is a decision: all are named
        )


def _tell_heads(table: Table, told: Told) -> None:
    """Which heads were told by their parts, and which columns by their ticks."""
    for line in table.ticked.lines(table.heads) if table.ticked else ():
        told.tell(line, f"“{table.sheet.name}”" if table.sheet.name else "")
    of_names = table.names.places if table.names else {}
    if table.names:
        told_of = f"“{table.sheet.name}”" if table.sheet.name else ""
        told.tell(table.names.told(), told_of)
    for name, at in table.places.items():
        if name in of_names or (table.ticked and name in table.ticked.under):
            continue
        stated = _folded_head(table.heads[at])
        if table.words.column_of.get(stated) != name:
            told.tell(
                f"表头“{stated}”按“{name}”", f"“{table.sheet.name}”" if table.sheet.name else ""
            )


def _tell_hidden_columns(table: Table, told: Told) -> None:
    hidden = table.sheet.hidden_columns()
    for name, at in table.places.items():
        if at in hidden:
            told.tell("隐藏的列，照常读取", f"{place(table.sheet.name, None)}{name}")


def _head(path: Path, sheet: Sheet, words: LedgerWords) -> tuple[int, dict[str, int], list[Value]]:
    """The line of a sheet's head, where its columns stand, and what it says: the row among the
    first that knows the most columns, by itself or with the one above it.
    """
    above: list[Value] = []
    best: tuple[int, dict[str, int], list[Value]] = (1, {}, [])
    first = True
    for n, row in enumerate(islice(_filled(sheet), HEAD_SOUGHT)):
        if n >= HEAD_WITHIN and len(best[1]) >= ENOUGH:
            break
        if first:
            best, first = (row.line, best[1], row.cells), False
        ways = row.cells, _two_lines(above, row.cells), _grouped(above, row.cells, words)
        faults = list[BadLedger]()
        for names in ways:
            try:
                places = _places(path, row.line, names, words, sheet.name)
            except BadLedger as twice:  # another way may tell the two apart
                faults.append(twice)
                continue
            if len(places) > len(best[1]):
                best = row.line, places, names
        if len(faults) == len(ways):
            raise faults[0]
        above = row.cells
    return best


def _two_lines(above: list[Value], below: list[Value]) -> list[Value]:
    """A head in two lines: what stands below, and above it where that is empty."""
    longer = chain(below, [""] * (len(above) - len(below)))
    return [
        one if one not in ("", *PARTS) else above[n] if n < len(above) else ""
        for n, one in enumerate(longer)
    ]


def _grouped(above: list[Value], below: list[Value], words: LedgerWords) -> list[Value]:
    """A head in two lines, of which the lower says but a part: 收到申请 over 日期 and 方式, 申请人信息
    over 姓名 and 电话. Where the two together are known, that is what the column is.
    """
    names, group = _two_lines(above, below), ""
    if sum(one != "" for one in above) < ENOUGH:  # a title, or nothing
        return names
    for at, part in enumerate(below):
        over = above[at] if at < len(above) else ""
        group = _folded_head(over) if over != "" else group
        if not isinstance(part, str) or part == "" or not 0 < len(group) <= LONGEST_GROUP:
            continue
        both = [f"{one}{head(part)}" for one in (group, _OF_GROUP.sub("", group))]
        if words.of_another_step(group):
            names[at] = both[0]
            continue
        exact = [one for one in both if one in words.column_of]
        like = [one for one in both if words.column_like(one)]
        own = _folded_head(part) in words.column_of
        names[at] = next(iter(exact if exact or own else like), part)
    return names


def _places(
    path: Path, line: int, names: list[Value], words: LedgerWords, sheet: str
) -> dict[str, int]:
    """Where each known column stands; of several names for one, the register's own goes first, then
    as ledger.toml has them.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    for at, name in enumerate(names):
        folded = _folded_head(name)
        column = words.column_of.get(folded)
        if column:
            found.setdefault(column, []).append((words.rank(column, folded), at))
    for column, there in found.items():
        there.sort()
        if len(found) >= ENOUGH and len(there) > 1 and there[0][0] == there[1][0]:
            raise BadLedger(path.name, line, _twice(column, names, there), sheet)
    named_so = {column: there[0][1] for column, there in found.items()}
    return _alike(names, words, named_so) if len(named_so) >= FEWEST_NAMED else named_so


def _twice(column: str, names: list[Value], there: Sequence[tuple[int, int]]) -> str:
    """What is wrong with a head that names a column twice; two ledgers may stand side by side."""
    (_, first), (_, second), *_ = there
    if _folded_head(names[first]) != head(column):
        return f"表头重复：{column}（有几列叫“{names[first]}”）；请在表头写明各是什么，不是的改成别的名称"
    if [_folded_head(one) for one in names].count(head("申请人")) > 1:
        return f"表头重复：{column}；左右并排两段的，请把右边一段移到左边一段的下面"
    return (
        f"表头重复：{column}（第{first + 1}列、第{second + 1}列）；请只留一列，或者改另一列的名称"
    )


def _alike(names: list[Value], words: LedgerWords, found: dict[str, int]) -> dict[str, int]:
    """Besides, the columns that a head means by its parts, if but one does."""
    meant: dict[str, list[int]] = {}
    for at, name in enumerate(names):
        column = words.column_like(_folded_head(name))
        if column and column not in found:
            meant.setdefault(column, []).append(at)
    return found | {column: there[0] for column, there in meant.items() if len(there) == 1}
