"""How is an article cited, and a row of table 三, in Chinese?"""

from __future__ import annotations

from functools import cache

NUMERALS = "〇一二三四五六七八九"
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
