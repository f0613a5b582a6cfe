"""What the post's list of deliveries calls things: its columns, and what became of a letter.

config/office/post.toml; an office completes it once, and the daily lists are read by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from models.agency.ledger_words import head, plain
from models.errors import ConfigFault
from models.law.config_rows import Row, read_toml, validate_row

FILE: Final = "post.toml"
COLUMNS: Final = frozenset({"mail", "on", "signer", "state", "returned"})
NEEDED: Final = ("mail", "on")
STATES: Final = frozenset({"received", "returned", "pending"})


class PostWords(Row):
    """columns: mail, on, signer, state, returned → heads; states: received, returned, pending → words."""

    columns: Mapping[str, tuple[str, ...]]
    states: Mapping[str, tuple[str, ...]]

    @cached_property
    def column_of(self) -> dict[str, str]:
        """The column that a head means, by the head as `head` leaves it."""
        return {head(word): name for name, words in self.columns.items() for word in words}

    @cached_property
    def state_of(self) -> dict[str, str]:
        """What a word says became of a letter."""
        return {plain(word): name for name, words in self.states.items() for word in words}


def load_post_words(folder: Path) -> PostWords:
    """config/office/post.toml; ConfigFault names the field."""
    path = folder / FILE
    words = validate_row(path, "全文", PostWords, read_toml(path))
    for table, names, known in (
        ("columns", words.columns, COLUMNS),
        ("states", words.states, STATES),
    ):
        if set(names) != known:
            raise ConfigFault(FILE, f"[{table}]", f"应恰有 {'、'.join(sorted(known))}")
    return words
