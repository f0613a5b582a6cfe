"""常用查询: what an officer looks for again and again, under names of his own.

They lie sealed in a file of their own under the office's folder, one for each officer: what is looked
for may be a person's name. They say what is looked for, never what was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flows import office
from flows.keeping import sealed_file

FOLDER: Final = "searches"
PURPOSE: Final = "search:"
ENDING: Final = ".search"
MOST: Final = 30
"""How many an officer has: more would be no shorter way."""
LONGEST: Final = 40
"""Characters of a name."""


@dataclass(frozen=True)
class Saved:
    """What is looked for again: its name, and what stands in the fields of the page."""

    name: str
    fields: Mapping[str, str]

    @property
    def key(self) -> str:
        """What it is called in an address, where its name would be read by others."""
        return sealed_file.mark(self.name)[:16]


def of(officer: str) -> list[Saved]:
    """All that an officer saved, the last first; none where his file cannot be opened."""
    match sealed_file.read(_path(officer), PURPOSE):
        case [str(whose), list(found)] if whose == officer:
            return [Saved(name, fields) for name, fields in found]
    return []


def save(officer: str, name: str, fields: Mapping[str, str]) -> str:
    """Keep what is looked for under a name, in place of what has it; why not, "" if it was kept."""
    called = " ".join(name.split())
    wanted = {key: words for key, words in fields.items() if words}
    others = [one for one in of(officer) if one.name != called]
    if not called or len(called) > LONGEST:
        return f"常用查询的名称应为1至{LONGEST}个字"
    if not wanted:
        return "没有写查什么，不能存为常用查询"
    if len(others) >= MOST:
        return f"常用查询最多{MOST}个，请先删去不用的"
    _write(officer, [Saved(called, wanted), *others])
    return ""


def forget(officer: str, key: str) -> None:
    """It is not wanted any more."""
    _write(officer, [one for one in of(officer) if one.key != key])


def _write(officer: str, kept: list[Saved]) -> None:
    said = [officer, [[one.name, dict(one.fields)] for one in kept]]
    sealed_file.write(_path(officer), PURPOSE, said)


def _path(officer: str) -> Path:
    return office.home() / FOLDER / f"{sealed_file.mark(officer)}{ENDING}"
