"""A ledger as a CSV, or as a text with other marks between: its records, as they were typed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice, pairwise
from pathlib import Path
from typing import Final

from flows.arguments import content_of
from flows.commands.ledger_values import BadLedger, RawRow, Value

_SHIELD: Final = re.compile(r"^'(?=[=+\-@\d])")
"""Before a text of a CSV that Excel would take for a formula, or for a number."""
_QUOTED: Final = re.compile(r'^="([^"]*)"$')
"""How programs write a CSV's number so that Excel keeps all its figures: ="013800000001"."""
_SHIELDING: Final = ("=", "'")
_OTHER_MARKS: Final = "；，|;"
_TITLES: Final = 40
"""Lines within which a head stands, that says what stands between the fields."""
_FEWEST: Final = 4
_LONGEST: Final = 12
"""Fields of a head that has other marks between, and characters in each."""
_WINDOW: Final = 1 << 20


def rows(path: Path, text: str) -> Iterator[RawRow]:
    """The records of a CSV; a field in quotation marks may run over several lines."""
    for line, record in records(path, text):
        cells: list[Value] = [*map(_typed, record)]
        yield RawRow(line, cells, False, sum(map(bool, cells)))


def _typed(field: str) -> str:
    """A field of a CSV as it was typed, without what keeps its figures or shields it from Excel."""
    text = field.strip()
    return _SHIELD.sub("", _QUOTED.sub(r"\1", text)) if text[:1] in _SHIELDING else text


def records(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """The records of a CSV, or of a text with tabs or other marks between, each with its line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_between(text))
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            why = "某一格过长" if "limit" in str(fault) else "引号不成对，或者引号之后还有文字"
            raise BadLedger(path.name, line, f"不是有效的 CSV：{why}") from None
        yield line, record


def _between(text: str) -> str:
    """What stands between the fields: commas or tabs, by the first line that has several of either. Old
    systems put a tab behind each number of a CSV, and a text with tabs has commas in its words.
    """
    lines = [*islice(io.StringIO(text[:_WINDOW]), _TITLES + 1)]
    for line, below in pairwise([*lines, ""]):
        more = max(",\t", key=line.count)
        if line.count(more) > 1:
            return more
        other = max(_OTHER_MARKS, key=line.count)
        if _is_head(line.split(other)) and below.count(other) >= line.count(other):
            return other
    return next((one for one in _OTHER_MARKS if one in text[:_WINDOW]), ",")


def _is_head(fields: list[str]) -> bool:
    """Whether these are the names of columns, and no sentence."""
    return len(fields) > _FEWEST and all(0 < len(one.strip()) <= _LONGEST for one in fields)


def text_of(path: Path, content: bytes) -> str:
    """The text of such a file; BadLedger for one in an unknown encoding."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))  # Excel's “Unicode 文本”
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            return content.decode(encoding)
    raise BadLedger(
        path.name, None, "编码应为 UTF-8 或 GB18030；请用 Excel 打开，另存为 XLSX 再导入"
    )


def text_of_file(path: Path) -> str:
    """The text of a CSV that was read before."""
    return text_of(path, content_of(path))
