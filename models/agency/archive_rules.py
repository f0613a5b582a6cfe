"""How is a closed case bound, in which order, and by when is it with the archive? (Art. 45)

config/archive.toml. The Regulation asks for 归档 and says nothing of how: order, contents and page
numbers follow DA/T 22, as the office's archive has approved them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Final

from pydantic import Field

from models.errors import ConfigFault
from models.law.config_rows import Row, read_toml, validate_row

FILE: Final = "archive.toml"
REPLY, SUPPLY, DOSSIER = "reply", "supply_request", "dossier"
"""What is ordered among the letters, and is not in letters.toml: any reply, what a department was asked
for, the record of what was done.
"""


class ArchivePart(Row):
    """A part of the file: which letters, which kinds of materials; rest = whatever no other part has."""

    label: str = Field(min_length=1, max_length=20)
    letters: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    rest: bool = False


class ArchiveRules(Row):
    """All of config/archive.toml; due = month and day of the year after a case is closed."""

    due: str = Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")
    kept: str = Field(min_length=1, max_length=10)
    dots_per_inch: int = Field(ge=72, le=600)
    most_pages: int = Field(ge=1, le=5000)
    most_pages_in_all: int = Field(ge=1, le=20000)
    identifying: tuple[str, ...] = ()
    part: tuple[ArchivePart, ...] = Field(min_length=1)

    def place_of_letter(self, kind: str) -> int:
        """Which part a letter of a kind stands in, from 0."""
        return self._place(kind, [one.letters for one in self.part])

    def place_of_material(self, kind: str) -> int:
        """Which part a material of a kind stands in, from 0."""
        return self._place(kind, [one.materials for one in self.part])

    def due_on(self, closed_on: date) -> date:
        """The last day on which the file of a case closed then is to be handed over."""
        return date.fromisoformat(f"{closed_on.year + 1}-{self.due}")

    def _place(self, kind: str, listed: list[tuple[str, ...]]) -> int:
        rest = next(n for n, one in enumerate(self.part) if one.rest)
        return next((n for n, kinds in enumerate(listed) if kind in kinds), rest)


def load_archive_rules(folder: Path, letters: Collection[str]) -> ArchiveRules:
    """config/archive.toml; ConfigFault names what is listed twice, or is no letter. letters = the keys
    of letters.toml.
    """
    path = folder / FILE
    rules = validate_row(path, "全文", ArchiveRules, read_toml(path))
    if sum(one.rest for one in rules.part) != 1:
        raise ConfigFault(FILE, "[[part]]", "应恰有一部分写 rest = true，收入没有列出的")
    try:
        rules.due_on(date(2023, 12, 31))
    except ValueError:
        raise ConfigFault(FILE, "due", f"没有 {rules.due} 这一天") from None
    every = [("letters", one.letters) for one in rules.part]
    every += [("materials", one.materials) for one in rules.part]
    for what in ("letters", "materials"):
        kinds = [kind for name, listed in every if name == what for kind in listed]
        if twice := sorted({kind for kind in kinds if kinds.count(kind) > 1}):
            raise ConfigFault(FILE, f"[[part]] 的 {what}", f"{'、'.join(twice)} 列了两处")
        unknown = [kind for kind in kinds if kind not in {*letters, REPLY, SUPPLY, DOSSIER}]
        if what == "letters" and unknown:
            raise ConfigFault(FILE, "[[part]] 的 letters", f"没有 {'、'.join(unknown)} 这一种文书")
    return rules
