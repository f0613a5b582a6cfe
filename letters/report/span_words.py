"""How is a label of table 三 said of a span that is no year? 本期新收 for 本年新收."""

from __future__ import annotations

from typing import Final

_PERIOD: Final = (("本年度", "本期"), ("本年", "本期"), ("上年", "上期"), ("下年度", "下期"))


def in_words_of_span(text: str) -> str:
    """A label of table 三 in the words of a span."""
    for year, span in _PERIOD:
        text = text.replace(year, span)
    return text
