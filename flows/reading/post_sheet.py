"""The post's list of deliveries (.xlsx, .csv), row by row: number, day, signer, what became of it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Final

from flows.arguments import UnreadableFile
from flows.reading.sheets import MOST_ROWS, sheets
from models.agency.ledger_words import head, plain
from models.agency.post_words import NEEDED, PostWords
from models.units.laid_out import Grid

LOOKED_FOR: Final = 10  # rows before the one with the heads
_DAY: Final = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})(?!\d)")
_SERIAL: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")


@dataclass(frozen=True)
class Row:
    """One row as it was read. state = received, returned, pending; fault = why it cannot be taken."""

    line: int
    mail: str
    on: date | None
    signer: str = ""
    state: str = "received"
    reason: str = ""
    fault: str = ""


def rows_of(name: str, content: bytes, words: PostWords) -> list[Row]:
    """The rows of a list; UnreadableFile where it is none."""
    grid = _grid(name, content)
    for at, line in enumerate(grid[:LOOKED_FOR]):
        columns = {words.column_of[head(cell)]: n for n, cell in _last_first(line, words)}
        if all(one in columns for one in NEEDED):
            told = enumerate(grid[at + 1 :], at + 2)
            return [_row(n, line, columns, words) for n, line in told if any(map(str.strip, line))]
    raise UnreadableFile(name, "没有找到“邮件号”“日期”两栏的表头（写法见 config/office/post.toml）")


def _last_first(line: Sequence[str], words: PostWords) -> Iterator[tuple[int, str]]:
    """The cells that are heads, so that of two of one meaning the first stands."""
    for n in range(len(line) - 1, -1, -1):
        if head(line[n]) in words.column_of:
            yield n, line[n]


def _grid(name: str, content: bytes) -> list[list[str]]:
    if content.startswith(b"PK"):
        found = [one for one in sheets(name, content).blocks if isinstance(one, Grid)]
        made: list[list[str]] = []
        for cell in found[0].cells if found else ():
            while len(made) <= cell.row:
                made.append([])
            line = made[cell.row]
            line += [""] * (cell.column + 1 - len(line))
            line[cell.column] = cell.text
        return made
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            told = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        lines = list(csv.reader(StringIO(told)))
        if len(lines) > MOST_ROWS:
            raise UnreadableFile(name, f"超过{MOST_ROWS}行，请分几份")
        return lines
    raise UnreadableFile(name, "不是 .xlsx，也不是 .csv")


def _row(n: int, line: Sequence[str], columns: dict[str, int], words: PostWords) -> Row:
    def cell(column: str) -> str:
        at = columns.get(column, len(line))
        return line[at].strip() if at < len(line) else ""

    mail, said = cell("mail"), cell("on")
    on, signer = _day(said), cell("signer")
    state, reason, fault = _became(cell("state"), cell("returned"), words)
    if not mail:
        fault = fault or "没有邮件号"
    elif on is None and state != "pending":
        fault = fault or (f"日期“{said}”不能读取" if said else "没有日期")
    return Row(n, mail, on, signer, state, reason, fault)


def _became(state: str, returned: str, words: PostWords) -> tuple[str, str, str]:
    """What became of a letter, why it came back, and what is not understood."""
    known = words.state_of
    if returned and known.get(plain(returned)) not in ("pending", "received"):
        whole = known.get(plain(returned)) == "returned" and plain(returned) in ("是", "√", "退回")
        return "returned", (state if whole and state else returned), ""
    if not state:
        return "received", "", ""
    if plain(state) not in known:
        return "pending", "", f"投递结果“{state}”不知道是什么意思（写法见 config/office/post.toml）"
    became = known[plain(state)]
    return became, state if became == "returned" else "", ""


def _day(words: str) -> date | None:
    """A day in any of the usual ways, a time of day after it or not."""
    found = _SERIAL.fullmatch(words) or _DAY.match(words)
    if found is None:
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None
