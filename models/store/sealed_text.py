"""A column of the register that is kept sealed (models/store/sealing.py)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator
from typing_extensions import override

from models.store.sealing import sealing_of


class SealedText(TypeDecorator[str]):
    """A column of text that only its key makes readable. KeyMissing on an engine without one."""

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return sealing_of(dialect).seal(value) if value else value

    @override
    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        return sealing_of(dialect).open(value) if value else value
