"""A ledger (台账) as a file: its sheets that list applications; those left out, and why.

What a head lacks, which columns nothing is taken of, and what was told by its parts is said here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from flows.commands.ledger_beside import ENOUGH
from flows.commands.ledger_heads import HEAD_SOUGHT, HEAD_WITHIN, filled, find_head, folded_head
from flows.commands.ledger_sheets import sheets
from flows.commands.ledger_split_days import split_days
from flows.commands.ledger_split_names import split_names
from flows.commands.ledger_table import Table, of_other_matter
from flows.commands.ledger_ticks import Ticked, headed_ticks, ticked
from flows.commands.ledger_told import SHOWN, Told
from flows.commands.ledger_unsaid_kinds import UNDECIDED
from flows.commands.ledger_values import BadLedger, Sheet, place
from models.agency.ledger_words import LedgerWords, head
from models.case.act import UNPRINTABLE
from models.words.written_days import written_day

DOUBTS = "存疑"
"""The column into which a copy of a ledger takes its doubts; of no meaning when it is read again."""
OF_ONE: Final = frozenset({"登记号", "收到日期", "申请人", "申请内容"})
"""A sheet that has none of these lists no applications: it counts them, or lists the words to choose from."""
NOT_A_LEDGER: Final = "；这张工作表不是台账的，隐藏它再导入（隐藏的不导入，会说明）"
OTHER_SHEET: Final = (
    "像是别的事项（信访、咨询、复议）的工作表，照申请导入了，请核对（不是的，隐藏它再导入）"
)
ON_ITS_SIDE: Final = (
    "表头竖着写在第一列，一件占一列；请在 Excel、WPS 中复制，用“选择性粘贴”的“转置”改成一件一行"
)
GARBLED: Final = "文字是乱码的，是另一种编码：用 Excel 打开原来的文件，另存为 XLSX 再导入"
"""What is said of a text of whose head nothing is known."""


def tables(
    path: Path, needed: Iterable[str], words: LedgerWords, told: Told, *, hidden: bool
) -> list[Table]:
    """The sheets of a ledger that list applications; those left out are told by name.

    BadLedger where there is none, or one that has most of the head, not all.
    """
    found, none, wanted = list[Table](), list[tuple[Sheet, int, list[str]]](), tuple(needed)
    half = list[tuple[Sheet, int, list[str]]]()
    for sheet in sheets(path):
        line, places, heads = find_head(path, sheet, words)
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


def _why_left_out(sheet: Sheet) -> str:
    """What is said of a sheet in which no head was found: how far it was looked for, if not to its end."""
    if next(islice(filled(sheet), HEAD_SOUGHT, None), None) is None:
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
    rows = [row.cells for row in islice(filled(sheet), HEAD_WITHIN)]
    first = [next((one for one in cells if one != ""), "") for cells in rows]
    known = {words.column_of.get(folded_head(one)) for one in first} - {None}
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
            name = folded_head(stated)
            if not name or name == DOUBTS or at in taken:
                continue
            column = table.words.column_of.get(name, "")
            if name != head(column) and (there := table.places.get(column, -1)) >= 0:
                of = folded_head(table.heads[there])
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
    """Which heads were told by their parts, and which columns by their ticks; that a sheet is named as
    one of another matter.
    """
    if of_other_matter("".join([table.sheet.title, *table.title()])):
        told.tell(OTHER_SHEET, f"“{table.sheet.title}”")
    for line in table.ticked.lines(table.heads) if table.ticked else ():
        told.tell(line, f"“{table.sheet.name}”" if table.sheet.name else "")
    of_names = table.names.places if table.names else {}
    if table.names:
        told_of = f"“{table.sheet.name}”" if table.sheet.name else ""
        told.tell(table.names.told(), told_of)
    for name, at in table.places.items():
        if name in of_names or (table.ticked and name in table.ticked.under):
            continue
        stated = folded_head(table.heads[at])
        if table.words.column_of.get(stated) != name:
            told.tell(
                f"表头“{stated}”按“{name}”", f"“{table.sheet.name}”" if table.sheet.name else ""
            )


def _tell_hidden_columns(table: Table, told: Told) -> None:
    hidden = table.sheet.hidden_columns()
    for name, at in table.places.items():
        if at in hidden:
            told.tell("隐藏的列，照常读取", f"{place(table.sheet.name, None)}{name}")
