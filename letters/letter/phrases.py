"""How what a case holds is put into a letter's sentence: an officer's text, a period, a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from models.law.rules import Period, Unit

UNITS: Final[Mapping[Unit, str]] = {"workday": "个工作日", "day": "日", "month": "个月"}

LACK: Final[Mapping[str, tuple[str, str]]] = {
    "content": ("申请内容不明确", "第三十条"),
    "particulars": ("申请缺少应当包括的事项", "第二十九条第二款、第三十条"),
    "both": ("申请内容不明确，且缺少应当包括的事项", "第二十九条第二款、第三十条"),
}
"""Why a correction was asked for, and on which articles (models/acts/intake/receipt.py LACKING)."""

_FINAL: Final = "。；;，,"
_JOINING: Final = (*_FINAL, "：", ":", "、", "！", "？")


def length(period: Period) -> str:
    """A period as a letter writes it: 60日, 6个月, 20个工作日."""
    return f"{period.days}{UNITS[period.unit]}"


def lines_of(text: str) -> Iterator[str]:
    """The lines of an officer's text that say something."""
    return (line.strip() for line in text.splitlines() if line.strip())


def one_line(text: str) -> str:
    """An officer's text as one paragraph, without its final mark; lines are joined by “；”."""
    joined = ""
    for line in lines_of(text):
        joined += line if not joined or joined.endswith(_JOINING) else f"；{line}"
    return joined.rstrip(_FINAL)
