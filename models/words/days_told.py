"""How does an officer read a sentence that names days? 2026年3月2日, as in letters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Final

BETWEEN: Final = "；"  # two reasons told together
_ISO: Final = re.compile(r"(?<![0-9-])([0-9]{4})-([01][0-9])-([0-3][0-9])(?![0-9-])")


def told(sentences: Iterable[str]) -> str:
    """Reasons, one after the other, their days as 2026年3月2日."""
    return _ISO.sub(
        lambda day: f"{day[1]}年{int(day[2])}月{int(day[3])}日", BETWEEN.join(sentences)
    )


@lru_cache(maxsize=8_192)
def written(day: date) -> str:
    """A day as an officer reads it: 2026年3月2日."""
    return f"{day.year}年{day.month}月{day.day}日"
