"""What does a column of table 二 count? The measures of config/annual/measures.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from models.errors import ConfigFault
from models.law.config_rows import Row, read_rows


class Measure(Row):
    """A kind of figure of table 二; see measures.toml for `counts`.

    gains, losses = the measures by which a stock grows and shrinks; of = whose last year it states;
    signed = it may be below 0
    """

    key: str
    label: str
    counts: Literal["year", "end", "before"]
    gains: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    of: str = ""
    money: bool = False
    scale: int = 1
    signed: bool = False


def load_measures(folder: Path) -> dict[str, Measure]:
    """The measures of config/annual by key; ConfigFault where one refers to none."""
    path = folder / "measures.toml"
    found = {row.key: row for row in read_rows(path, "measure", Measure)}
    for row in found.values():
        for other in (*row.gains, *row.losses, *([row.of] if row.of else [])):
            if other not in found:
                raise ConfigFault(path.name, row.key, f"没有“{other}”这种数字")
        if (row.counts == "before") != bool(row.of):
            raise ConfigFault(path.name, row.key, "counts = before 的应写明 of，其他的没有 of")
    return found
