"""How is an article cited, and a row of table 三, in Chinese?"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

NUMERALS = "〇一二三四五六七八九"
ROW: Final = re.compile(r"([一二三四])(?:\(([一二三四五六七])\)\.?(\d?)\.?)?")
"""A row of table 三 as the form prints it, in half-width brackets."""
PARAGRAPHED = ("16", "39")  # articles of the 条例 that have 款 where the others cited have 项


@cache
def article_label(article: str) -> str:
    """An article as the statutes cite it: "36(5)" → 条例第三十六条第五项; other sources stand as is."""
    number, _, item = article.partition("(")
    if not number.isdigit():
        return article
    tens, ones = divmod(int(number), 10)
    words = ("" if tens == 0 else "十" if tens == 1 else f"{NUMERALS[tens]}十") + (
        NUMERALS[ones] if ones else ""
    )
    digit = item.removesuffix(")")
    below = "款" if number in PARAGRAPHED else "项"
    return f"条例第{words}条" + (f"第{NUMERALS[int(digit)]}{below}" if digit.isdigit() else "")


def row_label(code: str) -> str:
    """A row of table 三 as the form prints it: "3.6.1" → 三（六）1; "3.1" → 三（一）."""
    part, *below = code.split(".")
    group, *item = (*below, "")
    words = NUMERALS[int(part)] + (f"（{NUMERALS[int(group)]}）" if group else "")
    return words + "".join(item)


def row_code(said: str) -> str:
    """The code of a row, or of a group of them, that is said as `row_label` says it: 三（六）1 → "3.6.1".

    Full and half width, with blanks or without; what is no such thing stands as it is.
    """
    found = ROW.fullmatch("".join(unicodedata.normalize("NFKC", said).split()))
    if found is None:
        return said
    part, group, item = found.groups()
    numbers = (str(NUMERALS.index(one)) for one in (part, group) if one)
    return ".".join([*numbers, *([item] if item else [])])
