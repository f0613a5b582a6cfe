"""How is a day written in a ledger? 2024-3-4, ２０２４．３．４, 20240304, 二〇二四年三月四日, 2024/3/4 0:00.

The year has four digits and stands first: “24.3.4” and “3/4/2024” are read by nobody for certain; where
the month is a word (4-Mar-2024), or one of the two can be no month (3/25/2024), it may stand last.
A moment of another time zone (2024-03-04T16:00:00Z) is the day that it was here.
Where it is missing (3.4, 3月4日), whoever reads must know it. Old ledgers know some days by their
month alone (2016年3月).
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache, wraps
from typing import Final, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

T = TypeVar("T")
_MOST_KEPT: Final = 4096
_LONGEST_KEPT: Final = 40
_DIGITS: Final = dict.fromkeys("〇○零oO0", 0) | {
    c: n for n, c in enumerate("一二三四五六七八九", 1)
}
_TENS: Final = {"十": 10, "廿": 20, "卅": 30}
_NUMERAL: Final = f"[{''.join(_DIGITS)}1-9]"
_APART: Final = r"\s*[-/\\.,、·。—–−‐_]{1,2}\s*"
_WEEKDAY: Final = r"(?:\s*\(?(?:星期|周|礼拜)[一二三四五六日天]\)?)?"
_SAID: Final = re.compile("(?:星期|周|礼拜)([一二三四五六日天])")
_DAYS_OF_WEEK: Final = "一二三四五六日"
_LUNAR: Final = re.compile(
    "农历|阴历|旧历|[正冬腊闰]月|初[一二三四五六七八九十]|[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]年"
)
_TIME: Final = (
    r"(?:[\sT]*(?:[上下]午|AM|PM)?\s*\d{1,2}\s*[:时](?:\s*\d{1,2}\s*(?:[:分](?:\s*\d{1,2}(?:\.\d+)?秒?)?)?)?"
    r"\s*(?:AM|PM)?(?:Z|[+-]\d\d:?\d\d)?)?"
)
_DONE: Final = (
    "收到?|收[悉件文]|签收|受理|登记|答复|回复|办结|寄出|发出|邮寄|当面|现场|窗口|领取|提交|快递|EMS|挂号信?|信函|网上|网络|网站"
    "|电子邮件|邮件|邮箱|传真|电话|短信|延期|逾期|超期"
)
_STEP: Final = rf"\s*(?:[(\[]?(?:{_DONE}){{1,2}}[)\]]?)?"
"""What was done on it, and how."""
_AFTER: Final = _WEEKDAY + _TIME + r"\s*(?:[上下中]午|早上|晚上)?" + _STEP
_IN_FIGURES: Final = re.compile(
    rf"(\d{{4}})(?:{_APART}(\d{{1,2}}){_APART}|\s+(\d{{1,2}})\s+)(\d{{1,2}})(?:[日号]|\.$)?{_AFTER}"
)
_ELSEWHERE: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)"
)
_HERE: Final = ZoneInfo("Asia/Shanghai")
_TOGETHER: Final = re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}}){_AFTER}")
_IN_WORDS: Final = re.compile(
    rf"({_NUMERAL}{{4}})\s*年\s*(\S{{1,3}}?)\s*月\s*(\S{{1,3}}?)\s*[日号]?{_AFTER}"
)


_HALF_IN_WORDS: Final = re.compile(
    rf"(\d{{4}})\s*年\s*(\d{{1,2}}){_APART}(\d{{1,2}})[日号]?{_AFTER}"
)
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_IN_LETTERS: Final = re.compile(
    r"(?:(?P<first>\d{1,2})[-/ ](?P<month>[A-Za-z]{3,9})\.?[-/, ]"
    r"|(?P<before>[A-Za-z]{3,9})\.?[- ](?P<last>\d{1,2}),? ?)"
    rf" ?(?P<year>\d{{4}}){_AFTER}"
)
_YEAR_LAST: Final = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_AFTER}")


_MONTH_IN_FIGURES: Final = re.compile(rf"(\d{{4}})(?:{_APART}(\d{{1,2}})|(\d{{2}}))")
_MONTH_IN_WORDS: Final = re.compile(rf"({_NUMERAL}{{4}})\s*年\s*(\S{{1,3}}?)\s*月\s*份?")
_MONTH_OF_YEAR: Final = re.compile(r"(\S{1,3}?)\s*月\s*份?")
_SHORT_YEAR: Final = re.compile(
    rf"(\d\d)(?:{_APART}|年)(\d{{1,2}})(?:{_APART}|月)(\d{{1,2}})(?:[日号]|\.$)?{_AFTER}"
)
_OF_YEAR: Final = re.compile(rf"(\d{{1,2}}){_APART}(\d{{1,2}}){_AFTER}")
_OF_YEAR_IN_WORDS: Final = re.compile(rf"(\S{{1,3}}?)\s*月\s*(\S{{1,3}}?)\s*[日号]{_AFTER}")


def _kept(read: Callable[[str], T]) -> Callable[[str], T]:
    """Reads each way to write a day once: those of a ledger come again. What is too long is none."""
    kept = lru_cache(maxsize=_MOST_KEPT)(read)

    @wraps(read)
    def reading(words: str) -> T:
        return kept(words) if len(words) <= _LONGEST_KEPT else read(words)

    return reading


@_kept
def month_and_day(words: str) -> tuple[int, int] | None:
    """The month and the day that the words name without a year (3.4, 3月4日); None if they do not."""
    text = unicodedata.normalize("NFKC", words).strip().lstrip("'")
    for pattern in (_OF_YEAR, _OF_YEAR_IN_WORDS):
        if found := pattern.fullmatch(text):
            month, day = map(_number, found.groups()[:2])
            return (month, day) if month and day and day_in(2000, month, day) else None
    return None


_PARTS: Final = re.compile(r"(?:(\d{4})[年./-])?(\d{1,2})[月./-](\d{1,2})[日号]?")


def no_such_day(words: str) -> bool:
    """Whether the words name a day that its month does not have: 2024年4月31日, 9月31日, 2021.2.29."""
    found = _PARTS.fullmatch(words.strip())
    if found is None:
        return False
    year, month, day = int(found[1] or 2024), int(found[2]), int(found[3])
    return 1 <= month <= 12 and monthrange(max(year, 1), month)[1] < day <= 31


_SEVERAL: Final = re.compile(
    rf"(?<!\d)(?:\d{{4}}(?:{_APART}|年))?\d{{1,2}}(?:{_APART}|月)\d{{1,2}}(?!\d)"
)


def days_named(words: str) -> int:
    """How many days the words name, with their year or without (2024-05-06至05-07: 2)."""
    return len(_SEVERAL.findall(unicodedata.normalize("NFKC", words)))


_COMPACT: Final = re.compile(r"(\d\d)(\d\d)(\d\d)")


@_kept
def compact_day(words: str) -> date | None:
    """The day that six figures name whose year has two: 240304. Of 2003 to 2012 they may be a month, too:
    201003 is 2020-10-03, or 2010年3月.
    """
    found = _COMPACT.fullmatch(words.strip().lstrip("'"))
    return day_in(2000 + int(found[1]), int(found[2]), int(found[3])) if found else None


@_kept
def short_year(words: str) -> tuple[int, int, int] | None:
    """The last two figures of the year, the month and the day (24.3.4, 24年3月4日); None if the words
    are none such.
    """
    text = unicodedata.normalize("NFKC", words).strip().lstrip("'")
    found = _SHORT_YEAR.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(one) for one in found.groups())
    return (year, month, day) if day_in(2000 + year, month, day) else None


class Month(NamedTuple):
    """A month, where the day is not known; year 0 = the year is not said."""

    year: int
    month: int

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    def has(self, day: date) -> bool:
        return (day.year, day.month) == self

    def __str__(self) -> str:
        return f"{self.year}年{self.month}月" if self.year else f"{self.month}月"


@_kept
def month_alone(words: str) -> Month | None:
    """The month that the words name without a day: 2016-3, 201603, 二〇一六年三月, 3月份; None if they
    do not.
    """
    text = unicodedata.normalize("NFKC", words).strip().lstrip("'")
    if found := _MONTH_IN_FIGURES.fullmatch(text):
        year, month = int(found[1]), int(found[2] or found[3])
    elif found := _MONTH_IN_WORDS.fullmatch(text):
        year, month = _year(found[1]), _number(found[2]) or 0
    elif found := _MONTH_OF_YEAR.fullmatch(text):
        year, month = 0, _number(found[1]) or 0
    else:
        return None
    return Month(year, month) if 1 <= month <= 12 and (1900 <= year < 2100 or not year) else None


def day_in(year: int, month: int, day: int) -> date | None:
    """That day of a year; None if the year has none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


@_kept
def written_day(words: str) -> date | None:
    """The day that the words name; None if they name none for certain."""
    text = unicodedata.normalize("NFKC", words).strip().lstrip("'")
    if _ELSEWHERE.fullmatch(text):
        return _here(text)
    for pattern in (_IN_FIGURES, _TOGETHER, _IN_WORDS, _HALF_IN_WORDS):
        if found := pattern.fullmatch(text):
            return _day(*filter(None, found.groups()))
    return _with_year_last(text)


def _with_year_last(text: str) -> date | None:
    """A day whose year stands last, where it is certain which of the others is the month."""
    if found := _IN_LETTERS.fullmatch(text):
        named = (found["month"] or found["before"]).lower().replace("sept", "sep", 1)
        for month, full in enumerate(_MONTHS, 1):
            if named in (full[:3], full.replace("sept", "sep", 1)):
                return day_in(int(found["year"]), month, int(found["first"] or found["last"]))
        return None
    if (found := _YEAR_LAST.fullmatch(text)) is None:
        return None
    one, other, year = map(int, found.groups())
    if one <= 12 and other <= 12 and one != other:
        return None
    month_of, day = (other, one) if one > 12 else (one, other)
    return day_in(year, month_of, day)


def year_last(words: str) -> bool:
    """Whether the words name a day by figures whose year stands last: 3/4/2024."""
    return _YEAR_LAST.fullmatch(unicodedata.normalize("NFKC", words).strip()) is not None


def is_lunar(words: str) -> bool:
    """Whether a day is named by the lunar calendar (农历二月初三, 甲辰年正月十五)."""
    return _LUNAR.search(words) is not None


def other_weekday(words: str, day: date) -> str:
    """Which day of the week that day is, 星期一, where the words say another; "" where they do not."""
    said = _SAID.search(words)
    if said is None or said[1].replace("天", "日") == _DAYS_OF_WEEK[day.weekday()]:
        return ""
    return f"星期{_DAYS_OF_WEEK[day.weekday()]}"


def _here(moment: str) -> date | None:
    try:
        return datetime.fromisoformat(moment).astimezone(_HERE).date()
    except (ValueError, OverflowError):
        return None


def _day(year: str, month: str, day: str) -> date | None:
    figures = _year(year), _number(month), _number(day)
    if None in figures:
        return None
    try:
        return date(*figures)  # type: ignore[arg-type]
    except ValueError:
        return None


def _year(words: str) -> int:
    return int("".join(str(_DIGITS.get(c, c)) for c in words))


def _number(words: str) -> int | None:
    """A month or a day: 3, 03, 三, 十二, 二十一, 廿一; 元(月) is the first."""
    if words.isascii() and words.isdecimal():
        return int(words)
    if words == "元":
        return 1
    tens, below = 0, 0
    for char in words:
        if char in _TENS:
            tens, below = (below or 1) * _TENS[char], 0
        elif char in _DIGITS:
            below = 10 * below + _DIGITS[char]
        else:
            return None
    return tens + below


_YEAR_NAMED: Final = re.compile(
    rf"(?<!\d)(20[0-4]\d)(?!\d)|(?<!{_NUMERAL})([二2][〇○零oO0]{_NUMERAL}{{2}})(?=年)|(?<!\d)([0-4]\d)(?=年(?:度|$|[^\d级]))"
)


def years_named(words: str) -> set[int]:
    """The years of this century that a title names: 2024, 二〇二四年, 24年度."""
    found = _YEAR_NAMED.findall(unicodedata.normalize("NFKC", words))
    return {
        _year(whole or written) if whole or written else 2000 + int(short)
        for whole, written, short in found
    }
