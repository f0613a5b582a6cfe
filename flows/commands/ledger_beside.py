"""What stands between and below the applications of a ledger: titles, sums, who filled it in, dates.

It is told, and not loaded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flows.commands.ledger_values import ExcelDay, Number, RawRow, Value
from models.agency.ledger_words import MARKS, head, plain
from models.words.written_days import written_day
from models.words.written_numbers import plain as in_figures

YEAR: Final = "年份"
BESIDE: Final = frozenset({YEAR, "办理状态", "不予公开理由"})
"""Columns that say nothing of an application by themselves."""
ENOUGH: Final = 3  # columns that are known: fewer make no head
_SUMS: Final = re.compile(
    r"(?:本?[页月季年]度?)?(?:合计|总计|小计|共计|累计|总数|总和|汇总)|(?:(?:本|全)[页月季年]度?|以上|总)?共(?:计|有)?\d*件"
    r"|(?:填表|制表|填报|统计|经办|审核|复核|审批|报送|联系|录入)(?:(?:单位|人员?|日期|时间):?|:)"
    r"|\(?(?:单位)?\(?盖?章|(?:单位|部门|分管)?(?:负责人|领导):?|(?:填表|制表|打印)说明"
    r"|其中:?.{0,12}?\d+件|总?件数:?\d|(?:打印|导出)(?:日期|时间|人)?:|(?:数据|资料)来源:|\(?以下无正文"
    r"|结转(?:下|到|至|入).{0,8}\d+件?|截[至止].{1,12}共.{0,4}?\d+件|(?:联系电话|注\d*|备注|说明):|[-—]*以[上下]|本[月季年]度?(?:无|没有|未)(?!关).{0,20}"
)
_COUNTED: Final = re.compile(r"[:\d]")
"""Where the label of such a row ends, and what it counts or says begins."""
_SUM: Final = re.compile(
    r".{0,15}(?:合计|总计|小计|共计|累计|总数|总和|汇总)(?:件数)?(?:[(]件[)])?:?(?:\d+件?[.。]?)?"
)
"""Of what period or unit it is stands before: 一月小计, 上半年合计, 东区分局小计."""
_LONGEST_COUNT: Final = 4  # a day has more figures
_COUNT_BEHIND: Final = re.compile(r":?\d+件?[.。]?$")
_SIGNED: Final = re.compile(
    "(?:(?:填表|制表|填报|统计|经办|审核|复核|审批|报送|联系|录入|主管|分管|单位|部门)?"
    "(?:单位|人员?|负责人|领导|日期|时间|电话)|打印|校对|抄送)(?:[(]?(?:签字|签名|签章|盖章)[)]?)?:.{0,30}"
)
"""Who filled in a ledger, in a cell of its own; the name may stand in the next."""
_HEADINGS: Final = re.compile(
    r"[(]?[一二三四五六七八九十]+[)、.].{0,20}|第?[一二三四五六七八九十\d]+(?:季度|月份?|年度?)"
    r"|\d{4}年.{0,20}|(?:上年度?|去年)结转.{0,6}|本年度?(?:新收|收到).{0,6}"
)
_ORDINAL: Final = re.compile(r"[(]?[一二三四五六七八九十]+[)、.]?")
_TITLE: Final = re.compile(
    r".{0,40}(?:台账|登记(?:表|簿|册)|一览表|明细表|统计表|情况表|记录表|清单)(?:\(.{0,20}\))?|\(?第\d+页.{0,10}"
)
"""What stands on top of each page that is printed."""
_REMARK: Final = re.compile(
    r"[(]?(?:\d{1,2}|[一二三四五六七八九十])[.、)](?!\d)[^〔\[号]{5,}|[^〔\[]{6,}[。;]"
)
"""A note of the ledger in one cell, where the number of an application should stand: 2.由办公室存档."""
_HINT: Final = re.compile(r"[(][^()]{1,30}[)]")
"""How a column is filled in, below its head: （年月日）."""
_PARTS: Final = frozenset(
    {"申请内容", "备注", "办理结果", "申请人", "提交方式", "申请人类别", "联系方式"}
)
_FIGURE: Final = re.compile("[0-9A-Za-z〇一二三四五六七八九十百甲乙丙丁]")
_NUMBERED: Final = frozenset({"登记号", "收到日期", "备注"})
_NUMBER_ALONE: Final = "这一行只写了登记号；空号、作废的，删去这一行，漏填的请补填"
_OF_NONE: Final = "这一行只写了“{}”，不像一件申请；是上一行的，并到上一行；不是申请的，删去这一行"


@dataclass(frozen=True)
class Beside:
    """Tells what is no application; places = the columns that are known, and where they stand;
    known = what a head means.
    """

    places: Mapping[str, int]
    known: Mapping[str, str]

    def why_none(self, row: RawRow) -> str | None:
        """Why a row is none, in words for the one who imports; None if it is one."""
        said = self._said(row.cells)
        texts = _texts(row.cells)
        first = texts[0] if texts else ""
        leads = self._leads(row.cells) and not self._dated(said)
        if leads and _SUM.fullmatch(first):
            label = _COUNT_BEHIND.sub("", first)
            return f"“{label}”{'行' if label == first else '等合计、填表说明行'}，未导入"
        if leads and _SIGNED.fullmatch(first):
            return f"“{first.partition(':')[0]}”等合计、填表说明行，未导入"
        if self.is_head(row.cells):
            return "重复的表头，未导入"
        if _numbers_columns(row.cells):
            return "各列的序号行，未导入"
        if len(texts) == row.own > 1 and all(map(_HINT.fullmatch, texts)):
            return "表头下的说明行，未导入"
        if "申请人" in said or "申请人类别" in said:
            return None
        among = any(map(_SUMS.match, texts)) and not {"收到日期", "申请内容"} & said.keys()
        if _SUMS.match(first) or among:
            label = _COUNTED.split(first, maxsplit=1)[0][:10] or first[:10]
            return f"“{label}”等合计、填表说明行，未导入"
        if not said:
            return "登记簿的各列都是空的行，未导入"
        if heading := heading_of(row):
            return f"“{heading[:20]}”是分栏的标题，未导入"
        return _alone(row, said)

    def is_head(self, cells: Sequence[Value]) -> bool:
        """Whether a row is the head again: some of its columns are named as there."""
        said = self._said(cells)
        return sum(self._head(one) == name for name, one in said.items()) >= ENOUGH

    def why_doubtful(self, row: RawRow) -> str:
        """What is wrong with a row that has but some of an application's words, neither its number nor
        its day, and is no application by itself; "" of all else.
        """
        said = self._said(row.cells)
        if "登记号" in said and said.keys() <= _NUMBERED and not self._dated(said):
            return _NUMBER_ALONE
        if not said or not said.keys() <= _PARTS or {"申请人", "申请内容"} <= said.keys():
            return ""
        return _OF_NONE.format("”“".join(said))

    def _leads(self, cells: Sequence[Value]) -> bool:
        """Whether a row begins with a text, and it does not stand where the words of an application do."""
        at, first = next(((n, one) for n, one in enumerate(cells) if one != ""), (0, ""))
        return isinstance(first, str) and at not in {self.places.get(one, -1) for one in _PARTS}

    @staticmethod
    def _dated(said: Mapping[str, Value]) -> bool:
        """Whether it is said when an application was received."""
        day = said.get("收到日期", "")
        if isinstance(day, Number):
            return len(day.digits) > _LONGEST_COUNT
        return isinstance(day, ExcelDay) or (isinstance(day, str) and bool(written_day(day)))

    def _said(self, cells: Sequence[Value]) -> dict[str, Value]:
        """What the known columns say, sums left out."""
        there = ((name, cells[at]) for name, at in self.places.items() if at < len(cells))
        return {
            name: value
            for name, value in there
            if value != "" and name not in BESIDE and not sums_up(value)
        }

    def _head(self, value: Value) -> str | None:
        return self.known.get(head(value)) if isinstance(value, str) else None


def _numbers_columns(cells: Sequence[Value]) -> bool:
    """Whether a row numbers the columns, as in printed forms: 1, 2, 3 …, or 甲, 1, 2 …."""
    said = [
        one.digits if isinstance(one, Number) else plain(one) if isinstance(one, str) else "-"
        for one in cells
        if one != ""
    ]
    numbers = [one.strip("()") for one in said if one not in ("甲", "乙", "丙", "丁")]
    return len(numbers) > ENOUGH and numbers == [str(n + 1) for n in range(len(numbers))]


def heading_of(row: RawRow) -> str:
    """The words of a row that heads a part of the sheet (2024年1月; 一 | 上年结转); "" if it does not."""
    texts = [folded(one) for one in row.cells if isinstance(one, str) and one]
    if row.own == 2 and len(texts) == 2 and _ORDINAL.fullmatch(texts[0]):
        texts = texts[1:]
    elif row.own != 1:
        return ""
    return texts[0] if texts and _HEADINGS.fullmatch(texts[0]) else ""


def _alone(row: RawRow, said: Mapping[str, Value]) -> str | None:
    """What a row of one cell is that is no application: the title of a page, the day of a signature, a
    note where the number should stand.
    """
    cells = [one for one in row.cells if one != ""]
    if len(cells) != 1:
        return None
    [only] = cells
    if isinstance(only, ExcelDay) or (isinstance(only, str) and written_day(only)):
        return "只有一个日期的行，未导入"
    if isinstance(only, str) and _TITLE.fullmatch(folded(only)):
        return f"“{folded(only)[:20]}”是每页的标题，未导入"
    if isinstance(only, str) and [*said] == ["登记号"]:
        words = folded(only)
        if _REMARK.fullmatch(words) or not _FIGURE.search(words):
            return f"“{words[:20]}”是台账的说明、落款，未导入"
    return None


def sums_up(value: Value) -> bool:
    """Whether a cell adds up others, or says who filled in the ledger."""
    if not isinstance(value, str) or value.isascii():
        return False
    return bool(_SUMS.match(folded(value)))


def folded(cell: str) -> str:
    """The beginning of a text without blanks and marks, in half width."""
    return plain(MARKS.sub("", cell[:80]))


def _texts(cells: Sequence[Value]) -> list[str]:
    """The texts of a row, with the numbers in them in figures."""
    written = (folded(cell) for cell in cells if isinstance(cell, str) and cell)
    return [in_figures(one).text for one in written]
