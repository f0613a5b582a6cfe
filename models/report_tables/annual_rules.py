"""What does config/annual say? The national forms, what table 二 counts, when a figure has leapt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.law.config_rows import Row, read_rows
from models.report_tables.form import Form, form_for, load_forms
from models.report_tables.measures import Measure, load_measures


class Jump(Row):
    """When a figure has leapt: `times` as many, or as few, and at least `least` more or fewer."""

    key: str
    label: str
    times: float
    least: float

    def is_one(self, before: float, now: float) -> bool:
        low, high = sorted((before, now))
        return high - low >= self.least and high >= self.times * low


def load_jumps(folder: Path) -> dict[str, Jump]:
    """The leaps of config/annual by key."""
    return {row.key: row for row in read_rows(folder / "jumps.toml", "jump", Jump)}


@dataclass(frozen=True)
class AnnualRules:
    """config/annual, read whole."""

    forms: tuple[Form, ...]
    measures: Mapping[str, Measure]
    jumps: Mapping[str, Jump]

    @classmethod
    def load(cls, folder: Path) -> AnnualRules:
        """Read the folder; ConfigFault names file and place."""
        return cls(load_forms(folder), load_measures(folder), load_jumps(folder))

    def form(self, year: int) -> Form:
        """The form of a report year; NoFormForYear if none covers it."""
        return form_for(self.forms, year)

    def covers(self, year: int) -> bool:
        """Whether a form holds for that year."""
        return any(form.covers(year) for form in self.forms)
