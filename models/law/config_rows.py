"""The files of config/ as rows: one read whole, each of its rows validated; a fault names its place.

What only asks for rows does not load the whole law (models/law/statute_files.py).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from models.errors import ConfigFault

LARGEST_TOML = 2_000_000
"""Bytes: of all of config/ and a year's words together there is a tenth."""


class Row(BaseModel):
    """One row of a table under config/: unknown fields are faults, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Dated(Row):
    """A row that is law from `in_force` to `until` (both inclusive; `until` None = still)."""

    in_force: date
    until: date | None = None

    def covers(self, day: date) -> bool:
        return self.in_force <= day and (self.until is None or day <= self.until)


R = TypeVar("R", bound=Row)


def read_toml(path: Path) -> dict[str, object]:
    """A TOML file as a dictionary; ConfigFault names the file when it is broken, or too large."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_TOML + 1)
        if len(content) > LARGEST_TOML:
            raise ConfigFault(path.name, "全文", f"文件过大（超过 {LARGEST_TOML // 1000} KB）")
        return tomllib.loads(content.decode("utf-8"))
    except FileNotFoundError:
        raise ConfigFault(path.name, "全文", f"文件不存在（{path.parent.name}/）") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ConfigFault(path.name, "全文", f"不是有效的 TOML（{fault}）") from fault
    except RecursionError:
        raise ConfigFault(path.name, "全文", "不是有效的 TOML（嵌套过深）") from None


def read_rows(path: Path, table: str, row: type[R], *, continued: bool = False) -> tuple[R, ...]:
    """The rows of one array of tables, each validated; ConfigFault names file, row and field.

    continued = a later row of the same key states only what differs from the one before it
    """
    return rows_in(read_toml(path), path, table, row, continued=continued)


def rows_in(
    content: Mapping[str, object], path: Path, table: str, row: type[R], *, continued: bool = False
) -> tuple[R, ...]:
    """As `read_rows`, of a file that has been read."""
    rows = content.get(table)
    if not isinstance(rows, list) or not rows:
        raise ConfigFault(path.name, f"[[{table}]]", "至少应有一行")
    return tuple(
        validate_row(path, f"第 {n} 个 [[{table}]]", row, raw)
        for n, raw in enumerate(_whole_rows(rows) if continued else rows, 1)
    )


def _whole_rows(rows: Iterable[object]) -> Iterator[object]:
    """Each row with what it does not state of the one before it of the same key; the end of that one
    is not its own.
    """
    before: dict[object, dict[str, object]] = {}
    for raw in rows:
        if not isinstance(raw, dict) or "key" not in raw:
            yield raw
            continue
        kept = {name: said for name, said in before.get(raw["key"], {}).items() if name != "until"}
        before[raw["key"]] = kept | raw
        yield before[raw["key"]]


def validate_row(path: Path, where: str, row: type[R], raw: object) -> R:
    """One validated row, or ConfigFault with file, place and field."""
    try:
        return row.model_validate(raw)
    except ValidationError as fault:
        first = fault.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "整行"
        raise ConfigFault(path.name, f"{where} 的 {field}", first["msg"]) from None
